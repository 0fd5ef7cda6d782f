"""Open API 002, export fulfillment (수출이행내역): ``expDclrNoPrExpFfmnBrkdQry/retrieveExpDclrNoPrExpFfmnBrkd``.

Asked by declaration (``expDclrNo``) it gives one ``…QryRsltVo`` and, for each bill that goods of it were loaded
under, a ``…DtlQryRsltVo``; asked by bill (``blNo``) one ``…BlNoQryRsltVo`` for each declaration. Customs' own guide and
its answers disagree in spelling: ``shpmCmplYn`` (loaded completely) is ``shpmcmplYn`` in the detail, ``loadDtyTmlm``
(the last day to load) also ``loadDtyTmIm``. ``acptDt`` and ``acptDttm`` are day and time (hhmmss) of acceptance,
``tkofDt`` the day of sailing, ``cscl…`` quantities as cleared, ``shpm…`` as loaded, ``dvdeWdrw`` the number of part
loads, ``ldpInscTrgtYn`` whether the goods are inspected where they are loaded.

What was accepted is a release with the last day to load as its deadline (Customs Act (KR) art. 251: 30 days, else the
acceptance may be canceled). A sailing under which goods were loaded is a departure with the loaded quantity. Only a
declaration that is loaded completely is exported: a part load is not. A day without a time stands for its midnight.

Source: the service as observed in public client code and answers (to 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.event import Deadline, Event, Outcome, Parked, Place, Problem, Quantity, Transport
from cargo.formats.unipass import answer
from cargo.formats.unipass.answer import MEDIA_TYPES as MEDIA_TYPES
from cargo.formats.unipass.quantities import quantity

NAME = "unipass.api002"
TITLE = "UNI-PASS export fulfillment (Open API 002)"
SERVICE = answer.Service(NAME, ("expDclrNoPrExpFfmnBrkdQryRtnVo",), "export declarations")

_DECLARATION = "expDclrNoPrExpFfmnBrkdQryRsltVo"
_LOADING = "expDclrNoPrExpFfmnBrkdDtlQryRsltVo"
_OF_BILL = "expDclrNoPrExpFfmnBrkdBlNoQryRsltVo"
_COMPLETE = ("shpmCmplYn", "shpmcmplYn")
_LAST_DAY = ("loadDtyTmlm", "loadDtyTmIm")
_FLIGHT = re.compile(r"[A-Z0-9]{2}[0-9]{3,4}[A-Z]?\Z")
_CLOCK = re.compile(r"[0-9]{6}\Z")
_SAID = {"export_cleared": "수출신고수리", "exported": "선적완료", "departed": "출항"}

sniff = SERVICE.sniff
slice = answer.element_at


def decode(data: bytes, received_at: datetime | None = None, request: str = "") -> Iterator[Outcome]:
    """Acceptance, sailings and completion, Korean time (UTC+9).

    ``request`` names the bill that was asked for. A sailing after ``received_at`` is expected and has not happened.
    Raises ``FormatError`` if it is no such answer.
    """
    root = SERVICE.parse(data)
    declarations, loadings = list(answer.rows(root, _DECLARATION)), list(answer.rows(root, _LOADING))
    of_bill = list(answer.rows(root, _OF_BILL))
    refusal = SERVICE.refusal(root, answered=bool(declarations or loadings or of_bill))
    if refusal is not None:
        yield refusal
        return
    reading = _Reading(answer.asked(request), received_at)
    alone = declarations[0][1] if len(declarations) == 1 else {}
    for position, fields in declarations:
        own = [row for _, row in loadings if row.get("expDclrNo", alone.get("expDclrNo")) == fields.get("expDclrNo")]
        bills = list(dict.fromkeys(row["blNo"] for row in own if row.get("blNo")))
        sailing = max((row["tkofDt"] for row in own if row.get("tkofDt")), default=fields.get("tkofDt", ""))
        yield from reading.accepted(fields, position, bills)
        yield from reading.exported(fields, position, sailing, bills)
    for index, (position, fields) in enumerate(loadings, start=1):
        part = f"{index}/{len(loadings)}" if len(loadings) > 1 else None
        yield from reading.sailed({**_shared(alone), **fields}, position, part)
    for position, fields in of_bill:
        yield from reading.accepted(fields, position, ())
        yield from reading.exported(fields, position, fields.get("tkofDt", ""), ())
        yield from reading.sailed(fields, position, None)


def _shared(declaration: dict[str, str]) -> dict[str, str]:
    """What a detail does not repeat: the declaration's number, the ship, where it was loaded."""
    return {tag: declaration[tag] for tag in ("expDclrNo", "sanm", "shpmAirptPortNm", "mrn") if tag in declaration}


class _Reading:
    """Reads the rows of one answer."""

    def __init__(self, told: dict[str, str], received_at: datetime | None) -> None:
        self._told = told
        self._received_at = received_at

    def accepted(self, fields: dict[str, str], position: str, bills: Sequence[str]) -> Iterator[Outcome]:
        """The acceptance of the declaration, with what was cleared and the last day to load it.

        ``bills``: those that goods of it were loaded under, where other rows tell.
        """
        where, day = f"{position}/acptDt", fields.get("acptDt", "")
        if not day:
            yield Parked(position=where, reason="the declaration is not accepted yet", format=NAME)
            return
        clock, accepted = fields.get("acptDttm", ""), answer.moment(day)
        if accepted is not None and _CLOCK.match(clock):
            clock = f"{accepted.local:%Y%m%d}{clock}"
        timed = answer.moment(clock)
        at = timed or accepted
        if at is None:
            yield _not_a_day(day, where)
            return
        amount, warnings = _cleared(fields)
        limit, unread = _last_day(fields)
        dated = () if timed else ("date_only: acptDt has no time of day",)
        event = self._event("export_cleared", at, fields, where, (*dated, *warnings, *unread), bills)
        event.agency, event.quantity, event.deadline = kr.AUTHORITY, amount, limit
        yield event

    def exported(self, fields: dict[str, str], position: str, sailing: str, bills: Sequence[str]) -> Iterator[Outcome]:
        """That all of it was loaded, at the last sailing that tells of it."""
        if not _complete(fields):
            return
        at = answer.moment(sailing)
        amount, warnings = _loaded(fields)
        dated = ("date_only: tkofDt has no time of day",) if at else ()
        event = self._event("exported", at, fields, f"{position}/{_COMPLETE[0]}", (*dated, *warnings), bills)
        event.quantity = amount
        yield event

    def sailed(self, fields: dict[str, str], position: str, part: str | None) -> Iterator[Outcome]:
        """The sailing with which goods of the declaration left, or will."""
        day, where = fields.get("tkofDt", ""), f"{position}/tkofDt"
        if not day:
            return
        at = answer.moment(day)
        if at is None:
            yield _not_a_day(day, where)
            return
        amount, warnings = _loaded(fields)
        dated = ("date_only: tkofDt has no time of day",)
        event = self._event("departed", at, fields, where, (*dated, *warnings), ())
        event.quantity, event.part = amount, part
        if amount is None and not _complete(fields):
            event.classifier = "planned"
        elif self._received_at is not None and at.instant > self._received_at:
            event.classifier = "estimated"
        yield event

    def _event(
        self,
        milestone: str,
        at: answer.Moment | None,
        fields: dict[str, str],
        position: str,
        warnings: tuple[str, ...],
        bills: Sequence[str],
    ) -> Event:
        numbers, masked = answer.references({**self._told, **fields, "cargMtNo": ""})
        numbers += [reference for bill in bills for reference in answer.references({"blNo": bill})[0]]
        place = answer.port("", "loading", name=answer.line(fields.get("shpmAirptPortNm", "")))
        row = MILESTONES[milestone]
        return Event(
            milestone=row.code,
            level=row.level,
            effect=row.effect,
            occurred_local=at.local if at else None,
            occurred_at=at.instant if at else None,
            time_zone=kr.TIME_ZONE if at else None,
            time_basis="source_default" if at else None,
            references=(*dict.fromkeys(numbers), *answer.manifest(fields.get("mrn", ""))),
            place=place,
            transport=_transport(fields, place) if milestone == "departed" else None,
            authority=kr.AUTHORITY,
            plan={"port_of_loading": place.code} if place and place.code else None,
            format=NAME,
            source_code=position.rpartition("/")[2],
            source_text=_SAID[milestone],
            warnings=(*masked, *warnings),
            position=position,
            meaning="|".join([milestone, *dict.fromkeys(f"{number.type} {number.value}" for number in numbers)]),
            context=_context(fields),
        )


def _complete(fields: dict[str, str]) -> bool:
    return any(fields.get(tag, "").upper() == "Y" for tag in _COMPLETE)


def _cleared(fields: dict[str, str]) -> tuple[Quantity | None, tuple[str, ...]]:
    return quantity(fields.get("csclPckGcnt"), fields.get("csclPckUt"), fields.get("csclWght"), "KG")


def _loaded(fields: dict[str, str]) -> tuple[Quantity | None, tuple[str, ...]]:
    return quantity(fields.get("shpmPckGcnt"), fields.get("shpmPckUt"), fields.get("shpmWght"), "KG")


def _last_day(fields: dict[str, str]) -> tuple[Deadline | None, tuple[str, ...]]:
    given = next((fields[tag] for tag in _LAST_DAY if fields.get(tag)), "")
    day = answer.moment(given)
    if day is not None:
        return Deadline("loading", day.local.date()), ()
    return None, (f"deadline: {given[:30]!r} is not a date",) if given else ()


def _transport(fields: dict[str, str], place: Place | None) -> Transport | None:
    """``None`` if neither a ship nor a port tells how the goods left."""
    ship = answer.line(fields.get("sanm", ""))[: answer.NAME_LENGTH] or None
    port = place.scheme if place is not None else None
    if port == "iata" or (ship and _FLIGHT.match(ship)):
        return Transport(mode="air", voyage=ship)
    return Transport(mode="vessel", vessel_name=ship) if ship or port == "unlocode" else None


def _context(fields: dict[str, str]) -> dict[str, Any] | None:
    """How much was cleared and how much of it is loaded, and who exports."""
    facts: dict[str, Any] = {}
    for name, amount in (("cleared", _cleared(fields)[0]), ("loaded", _loaded(fields)[0])):
        if amount is not None:
            facts[name] = {"packages": amount.packages, "unit": amount.package_unit, "weight_kg": amount.weight_kg}
    if any(fields.get(tag) for tag in _COMPLETE):
        facts["loaded_completely"] = _complete(fields)
    for name, tag in (("exporter", "exppnConm"), ("manufacturer", "mnurConm"), ("part_loads", "dvdeWdrw")):
        if fields.get(tag):
            facts[name] = answer.line(fields[tag])[: answer.NAME_LENGTH]
    if fields.get("ldpInscTrgtYn", "").upper() == "Y":
        facts["inspected_where_loaded"] = True
    return facts or None


def _not_a_day(text: str, position: str) -> Problem:
    return Problem(position=position, reason=f"{text[:30]!r} is not a date", format=NAME)
