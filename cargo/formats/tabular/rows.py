"""A row in the words of the house: one event for its status and one for each date column that says something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec

from cargo.domain import identifiers, places
from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Outcome, Parked, Place, Problem, Quantity, Reference, Transport
from cargo.formats.tabular import dates, words
from cargo.formats.tabular.meaning import Meaning, known_zone
from cargo.formats.tabular.said import FREE_DAY, Said, told

NAME = "tabular"
MAX_REFERENCE = 64
MAX_CONTAINERS = 50
_CODE = 100
_BROKEN = ("\ufffd", "\x00")
_BOXES = re.compile(r"[,;/+\s]+")
_BOX = re.compile(r"[A-Z]{3}[UJZ]\d{6,7}\Z")
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|-?\d+(?:\.\d+)?\Z")
_COUNTRY = re.compile(r"\s*[,(].*")
# Where a milestone happens, if the table names the ports and no place of its own.
_AT_LOADING = frozenset({"booking", "origin", "export customs"})
_AT_DISCHARGE = frozenset({"destination", "import customs", "bonded movement"})
_encode = msgspec.json.Encoder().encode


class _Unreadable(Exception):
    """A cell that makes its row a problem: which column, and why."""


class RowReader:
    """Reads the rows of one table. ``header``: its names; ``received_at``: when the table reached us (aware).

    A table says how things stand when it is sent: where no column tells when a row was reported, that is its time.
    """

    def __init__(self, header: Sequence[str], meaning: Meaning, received_at: datetime | None) -> None:
        self._header = [name.strip() or f"column {number}" for number, name in enumerate(header, start=1)]
        self._meaning = meaning
        self._received_at = received_at
        self._zone = known_zone(meaning.zone) if meaning.zone else None
        self._columns = [(index, column) for index, column in enumerate(meaning.columns) if column.field]
        self._places: dict[str, Place | None] = {}

    def read(self, number: int, cells: Sequence[str]) -> Iterator[Outcome]:
        """What the row ``number`` says: events, or the one problem of a row that cannot be read."""
        position = f"row {number}"
        try:
            values = self._values(cells)
            if values is not None:
                yield from self._events(position, values, cells)
        except _Unreadable as error:
            yield Problem(position=position, reason=str(error), format=NAME)

    def _values(self, cells: Sequence[str]) -> dict[str, str] | None:
        """The cell of each field that stands once; ``None`` for a row that says nothing in any column that is read."""
        values: dict[str, str] = {}
        anything = False
        for index, column in self._columns:
            cell = cells[index].strip() if index < len(cells) else ""
            if any(broken in cell for broken in _BROKEN):
                raise _Unreadable(f"{self._header[index]}: characters that the table's encoding does not have")
            anything = anything or bool(cell)
            if column.field not in words.SEVERAL:
                values[column.field] = cell
        return values if anything else None

    def _events(self, position: str, values: dict[str, str], cells: Sequence[str]) -> Iterator[Outcome]:
        references, boxes = self._references(cells)
        said = list(self._said(values, cells))
        if not references and not boxes:
            raise _Unreadable("no number by which cargo is known")
        if not said:
            yield Parked(position=position, reason="no date: it says nothing yet", format=NAME)
            return
        common = _Common(self, values, references)
        for item in said:
            place = position if item.column < 0 else f"{position}, column {item.column + 1}"
            level = item.level(boxed=bool(boxes), declared=common.declared)
            own = boxes if level == "container" else boxes[:1] if len(boxes) == 1 else []
            if not own:
                yield common.event(item, place, [Reference("container", box) for box in boxes], of_box=False)
            for index, box in enumerate(own, start=1):
                of = place if len(own) == 1 else f"{place}, container {index}"
                yield common.event(item, of, [Reference("container", box)], of_box=True)

    def _references(self, cells: Sequence[str]) -> tuple[list[Reference], list[str]]:
        found: list[Reference] = []
        boxes: list[str] = []
        for index, column in self._columns:
            if column.field not in words.REFERENCES or index >= len(cells):
                continue
            text = " ".join(cells[index].split())
            if identifiers.is_blank(text):
                continue
            several = _boxes(text) if column.field == "container" else []
            boxes += [box for box in several if box not in boxes]
            if several:
                continue
            if len(text) > MAX_REFERENCE:
                raise _Unreadable(f"{self._header[index]}: more than {MAX_REFERENCE} characters")
            if column.field == "container":
                boxes.append(text)
            else:
                found.append(Reference(column.field, text))
        if len(boxes) > MAX_CONTAINERS:
            raise _Unreadable(f"more than {MAX_CONTAINERS} containers")
        return found, boxes

    def _said(self, values: dict[str, str], cells: Sequence[str]) -> Iterator[Said]:
        remarks = told(values.get("remarks", ""))
        word = " ".join(values.get("status", "").split())
        code = " ".join(values.get("customs_code", "").split())[:_CODE]
        code = "" if dates.is_blank(code) else code
        occurred = values.get("occurred", "")
        if (word or code) and not dates.is_blank(occurred):
            moment = self._moment(self._meaning.column("occurred") or 0, occurred)
            clock = values.get("occurred_clock", "")
            if clock and not moment.has_time and not dates.is_blank(clock):
                moment = self._with_clock(moment, clock)
            milestone, classifier = self._status(word, values.get("classifier", ""))
            said = Said(milestone, classifier, moment, -1, word[:_CODE], told(word, remarks))
            yield self._signed(said, values, code)
        elif (word or code) and self._meaning.column("occurred") is not None:
            raise _Unreadable(f"{self._header[self._meaning.column('occurred') or 0]}: a status without a date")
        for index, column in self._columns:
            cell = cells[index].strip() if index < len(cells) else ""
            if column.field == "date" and not dates.is_blank(cell):
                classifier = "planned" if column.milestone == FREE_DAY else column.classifier
                code = self._header[index]
                moment = self._moment(index, cell)
                yield Said(column.milestone, classifier, moment, index, code[:_CODE], remarks or code)

    def _signed(self, said: Said, values: dict[str, str], code: str) -> Said:
        """The same with what the row's customs authority and its code say."""
        authority = values.get("customs_authority", "")[:_CODE]
        if not authority and not code:
            return said
        ends = [self.place(values.get(field, "")) for field in ("place", "port_of_loading", "port_of_discharge")]
        limit = values.get("customs_limit", "")
        index = self._meaning.column("customs_limit") or 0
        day = None if dates.is_blank(limit) else self._moment(index, limit).local.date()
        return said.signed(authority, code, ends, day)

    def _moment(self, index: int, cell: str) -> dates.Moment:
        moment = dates.read(cell, self._meaning.order)
        if moment is None:
            shown = cell[:40]
            why = "day and month could be either" if dates.is_ambiguous(cell) and not self._meaning.order else "no date"
            raise _Unreadable(f"{self._header[index]}: {shown!r}: {why}")
        return moment

    def _with_clock(self, moment: dates.Moment, cell: str) -> dates.Moment:
        clock = dates.read_clock(cell)
        if clock is None:
            index = self._meaning.column("occurred_clock") or 0
            raise _Unreadable(f"{self._header[index]}: {cell[:40]!r}: no time of day")
        return dates.Moment(datetime.combine(moment.local.date(), clock), moment.offset)

    def _status(self, word: str, classifier: str) -> tuple[str, str]:
        taught = self._meaning.statuses.get(words.plain(word))
        said = words.classifier(classifier) if classifier else None
        if taught is not None:
            return taught[0], said or taught[1]
        return words.status(word) or "unknown", said or "actual"

    def place(self, text: str) -> Place | None:
        """The place that a cell names: a code that is known, a well-known name, or the words as they stand."""
        if text not in self._places:
            if len(self._places) > 10_000:
                self._places.clear()
            self._places[text] = read_place(text, self._meaning.places)
        return self._places[text]

    def timed(self, moment: dates.Moment) -> tuple[datetime | None, str | None, str | None]:
        """The instant if the cell or the person says the zone, with its basis and the zone's name."""
        stated = dates.instant(moment)
        if stated is not None:
            return stated, "given", None
        if self._zone is not None:
            return _in_zone(moment.local, self._zone), self._meaning.zone_basis, self._meaning.zone
        return None, None, None

    def reported(self, cell: str, zone: str | None) -> datetime | None:
        """When the row was reported: as it says (in the table's zone, else the place's), else when the table came."""
        moment = None if dates.is_blank(cell) else dates.read(cell, self._meaning.order)
        if moment is None:
            return self._received_at
        at = self.timed(moment)[0]
        rules = known_zone(zone) if zone else None
        return at or (_in_zone(moment.local, rules) if rules else self._received_at)

    def number(self, field: str, cell: str) -> float | None:
        """A count or a weight; commas divide thousands."""
        text = cell.replace(" ", "")
        if not text or dates.is_blank(text):
            return None
        if len(text) > 20 or not _NUMBER.match(text):
            raise _Unreadable(f"{self._header[self._meaning.column(field) or 0]}: {cell[:40]!r}: no number")
        return float(text.replace(",", ""))


class _Common:
    """What all events of one row share."""

    def __init__(self, reader: RowReader, values: dict[str, str], references: list[Reference]) -> None:
        self._reader, self._references = reader, references
        self._place = reader.place(values.get("place", ""))
        self._loading = reader.place(values.get("port_of_loading", ""))
        self._discharge = reader.place(values.get("port_of_discharge", ""))
        self._facility = values.get("facility", "")[:_CODE]
        self._reported = values.get("reported", "")
        ends = (("port_of_loading", self._loading), ("port_of_discharge", self._discharge))
        self._plan = {name: place.code for name, place in ends if place and place.code and place.scheme == "unlocode"}
        vessel, imo, voyage = (values.get(name, "")[:_CODE] or None for name in ("vessel", "imo", "voyage"))
        air = any(item.type in ("air_waybill", "house_air_waybill") for item in references)
        mode = "air" if air else "vessel" if vessel or imo else None
        self._transport = Transport(mode, vessel, imo, voyage) if mode or voyage else None
        packages, weight = (reader.number(name, values.get(name, "")) for name in ("packages", "weight_kg"))
        count = int(packages) if packages is not None and packages == int(packages) else None
        unit = values.get("package_unit", "")[:20] or None
        self.declared = any(item.type == "declaration" for item in references)
        self._quantity = Quantity(count, unit, weight) if count is not None or weight is not None else None

    def event(self, said: Said, position: str, boxes: list[Reference], *, of_box: bool) -> Event:
        row = MILESTONES[said.milestone]
        level = said.level(boxed=of_box, declared=self.declared)
        place = self._where(row.group)
        instant, basis, zone = self._reader.timed(said.moment)
        known = places.zone_of(place.code, place.scheme) if place and place.code else None
        references = (*self._references, *boxes)
        local = said.moment.local
        meant: tuple[object, ...] = (said.code, local.isoformat(), [(one.type, one.value) for one in references], place)
        if said.sign is not None:
            meant = (*meant, said.authority, said.limit.isoformat() if said.limit else "")
        return Event(
            milestone=said.milestone,
            classifier=said.classifier,
            level="house" if level == "container" and not of_box else level,
            effect=row.effect,
            occurred_local=local,
            occurred_at=instant,
            time_zone=zone,
            time_basis=basis,
            reported_at=self._reader.reported(self._reported, zone or known),
            references=references,
            place=place,
            transport=self._transport,
            quantity=self._quantity,
            authority=said.authority,
            agency=said.agency,
            deadline=said.deadline,
            plan=dict(self._plan) or None,
            format=NAME,
            source_code=said.code,
            source_text=said.text,
            warnings=said.warnings,
            position=position,
            meaning=_encode(meant).decode(),
        )

    def _where(self, group: str) -> Place | None:
        place = self._place
        if place is None and group in _AT_LOADING:
            place = self._loading
        elif place is None and group in _AT_DISCHARGE:
            place = self._discharge
        if self._facility:
            return Place(place.code if place else None, place.scheme if place else "text", self._facility)
        return place


def read_place(text: str, taught: dict[str, str]) -> Place | None:
    """The place that words name; ``taught``: UN/LOCODEs by the words in plain form."""
    shown = " ".join(text.split())[:_CODE]
    if not shown or dates.is_blank(shown):
        return None
    code = taught.get(words.plain(shown)) or shown.replace(" ", "").upper()
    if identifiers.is_unlocode(code) and places.place(code):
        return Place(code, "unlocode")
    if identifiers.is_iata(code) and places.place(code, "iata"):
        return Place(code, "iata")
    named = places.named(shown) or places.named(_COUNTRY.sub("", shown))
    return Place(named, "unlocode") if named else Place(None, "text", shown)


def _boxes(text: str) -> list[str]:
    """The containers of a cell that holds several, or one."""
    parts = [part for part in _BOXES.split(text.upper()) if part]
    return parts if all(_BOX.match(part) for part in parts) else []


def _in_zone(local: datetime, rules: ZoneInfo) -> datetime | None:
    try:
        offset = local.replace(tzinfo=rules).utcoffset() or timedelta(0)
        return local.replace(tzinfo=timezone(offset) if offset else UTC)
    except (ValueError, OverflowError):
        return None
