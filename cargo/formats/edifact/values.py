"""Segments that every message shares, read once each: DTM, LOC, TDT, EQD, RFF, SEL and the quantities.

The same segments come again and again in an interchange, so each kind has a memory of what it has read; a memory is
emptied when it is full. Times are local without a zone unless the format of the date names one (205 to 208, 301 to
304).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Generic, NamedTuple, TypeVar

import msgspec

from cargo.domain import identifiers, places
from cargo.domain.event import Place, Reference, Transport
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact.separators import plain

T = TypeVar("T")
_MEMORY = 4096
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_CENTURY_TURNS = 80
_VALUE_LENGTH = 120
_FACILITY_LENGTH = 120
_CODE_LENGTH = 35
_VOYAGE_LENGTH = 50


class Memory(dict[str, T], Generic[T]):
    """What a function made of a text, kept for the next time."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        if len(self) >= _MEMORY:
            self.clear()
        found = self[text] = self._read(text)
        return found


def components(segment: str, index: int) -> list[str]:
    """The components of an element as they are meant; one empty component where it is missing."""
    elements = segment.split("+", index + 1)
    return [plain(part).strip() for part in elements[index].split(":")] if len(elements) > index else [""]


def _component(parts: list[str], index: int) -> str:
    return parts[index] if len(parts) > index else ""


# ---- DTM


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A DTM: its qualifier, the local time, the instant where a zone is given; ``fault`` if it cannot be read.

    ``digits`` is the local time as ``CCYYMMDDHHMM``, with the seconds where there are any.
    """

    qualifier: str
    local: datetime | None
    digits: str = ""
    at: datetime | None = None
    note: str | None = None
    fault: str | None = None


_ZONED = re.compile(r"([0-9]+)(?:([+-])([0-9]{2})([0-9]{2})?|([A-Z]{1,4}))\Z")
_NOT_DIGITS = str.maketrans("", "", " -:./T")
# 2379 -> how the digits are put together where their number alone does not tell.
_DAY_FIRST = {"2": "DMY2", "4": "DMY4", "5": "DMY4", "3": "MDY2"}
_DIGITS = "%Y%m%d%H%M%S"
_PERIODS = frozenset({"713", "717", "718", "719", "711", "308"})


def moment(segment: str) -> Moment:
    """Reads a DTM. Minutes of this century, by far the most, are read at once and not remembered."""
    head, _, end = segment.partition(":")
    if end[12:] == ":203" and end[:2] == "20":
        digits = end[:12]
        if digits.isdigit():
            try:
                return Moment(head[4:], datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}"), digits)
            except ValueError:
                pass
    return _moments[segment]


def _moment(segment: str) -> Moment:
    parts = components(segment, 1)
    qualifier, text, form = parts[0], _component(parts, 1), _component(parts, 2)
    if not text:
        return Moment(qualifier, None)
    try:
        return _other_moment(qualifier, text, form)
    except (ValueError, OverflowError):
        return Moment(qualifier, None, fault=f"{text[:30]!r} is not a date and time")


def _other_moment(qualifier: str, text: str, form: str) -> Moment:
    value, zone, note = text, None, None
    if "T" in (text[8:9], text[10:11]):
        whole = datetime.fromisoformat(text)
        at = whole if whole.tzinfo is not None else None
        local = _within(whole.replace(tzinfo=None, microsecond=0))
        return Moment(qualifier, local, local.strftime(_DIGITS if local.second else _DIGITS[:-2]), at)
    if form in _PERIODS:
        value, note = text.partition("-")[0], f"period: DTM {qualifier[:3]} is a period, its beginning is taken"
    elif not value.isdigit() and (found := _ZONED.match(value)) is not None:
        value = found[1]
        if found[2]:
            offset = timedelta(hours=int(found[3]), minutes=int(found[4] or 0))
            zone = timezone(-offset if found[2] == "-" else offset)
        elif found[5] != "Z" or form.startswith("3"):
            zone = q.ZONES.get("UTC" if found[5] == "Z" else found[5])
            note = None if zone else f"zone_unknown: DTM {qualifier[:3]} names {found[5]}"
    local, dated = _local(value.translate(_NOT_DIGITS), form)
    if dated and note is None:
        note = f"date_only: DTM {qualifier[:3]} has no time of day"
    shown = local.strftime(_DIGITS if local.second else _DIGITS[:-2])
    return Moment(qualifier, local, shown, local.replace(tzinfo=zone) if zone is not None else None, note)


def _local(digits: str, form: str) -> tuple[datetime, bool]:
    """The wall time, and whether only its date is given. Raises ``ValueError``."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(digits)
    order = _DAY_FIRST.get(form)
    if order == "DMY4":
        digits = digits[4:8] + digits[2:4] + digits[:2] + digits[8:]
    elif order is not None:
        day, month = (digits[:2], digits[2:4]) if order == "DMY2" else (digits[2:4], digits[:2])
        digits = digits[4:6] + month + day + digits[6:]
    # Six, ten and (format 202) twelve digits have a year of two.
    if len(digits) in (6, 10) or (len(digits) == 12 and form in ("202", "207", "302")):
        digits = ("20" if int(digits[:2]) < _CENTURY_TURNS else "19") + digits
    if len(digits) not in (8, 12, 14, 17):
        raise ValueError(digits)
    clock = digits[8:14].ljust(6, "0")
    extra = timedelta()
    if clock[:2] == "24":
        clock, extra = "00" + clock[2:], timedelta(days=1)
    if clock[4:] == "60":
        clock, extra = clock[:4] + "59", extra + timedelta(seconds=1)
    return _within(datetime.fromisoformat(f"{digits[:8]}T{clock}") + extra), len(digits) == 8


def _within(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(moment.year)
    return moment


# ---- LOC


class Location(NamedTuple):
    """A LOC: its function and the place, without a part in the journey."""

    function: str
    place: Place | None


def _location(segment: str) -> Location:
    elements = segment.split("+")
    function = elements[1].partition(":")[0] if len(elements) > 1 else ""
    code, listed, agency, name = (components(segment, 2) + [""] * 4)[:4]
    related = components(segment, 3)
    # C519 has the code first and the name fourth, like C517; often it is only the country.
    area = _component(related, 1) in q.COUNTRY_LISTS or len(_component(related, 0)) == 2
    facility = None if area else (_component(related, 0) or _component(related, 3))[:_FACILITY_LENGTH] or None
    code = code.upper()[:_CODE_LENGTH]
    if not code:
        if not name:
            return Location(function, Place(None, "text", facility) if facility else None)
        country = _component(related, 3) or _component(related, 0)
        words = f"{name}, {country}" if country else name
        return Location(function, Place(None, "text", words[:_FACILITY_LENGTH]))
    return Location(
        function, Place(code, _scheme(code, listed, agency), facility or _terminal(code, listed, agency, name))
    )


def _scheme(code: str, listed: str, agency: str) -> str:
    if identifiers.is_unlocode(code):
        theirs = agency in q.OWN_AGENCIES or agency in q.CUSTOMS
        if listed in q.UN_LISTS or not theirs or places.place(code) is not None:
            return "unlocode"
    elif identifiers.is_iata(code) and (agency == q.IATA_AGENCY or (not agency and places.place(code, "iata"))):
        return "iata"
    return "facility"


def _terminal(code: str, listed: str, agency: str, name: str) -> str | None:
    """A facility has its name beside its code; a town's name says nothing more than its code."""
    return name[:_FACILITY_LENGTH] or None if _scheme(code, listed, agency) == "facility" else None


# ---- TDT


class Leg(NamedTuple):
    """A TDT: the stage of the journey, the means of transport and the carrier's code."""

    stage: str
    transport: Transport
    carrier: str | None


def _leg(segment: str) -> Leg:
    stage, voyage = components(segment, 1)[0], components(segment, 2)[0]
    mode = q.MODES.get(components(segment, 3)[0][:1])
    means, carrier = components(segment, 4)[0], components(segment, 5)
    vessel, listed, agency, name = (components(segment, 8) + [""] * 4)[:4]
    if mode is None and means:
        mode = q.MODES.get(means[0]) if len(means) == 4 else q.MEANS.get(means)
    lloyds = listed in q.IMO_LISTS or agency == q.LLOYDS or (not listed and not agency)
    imo = vessel if lloyds and mode in (None, "vessel") and vessel.isdigit() and len(vessel) <= 10 else None
    transport = Transport(mode, name[:_VALUE_LENGTH] or None, imo, voyage[:_VOYAGE_LENGTH] or None)
    return Leg(stage, transport, carrier[0][:20] or None)


# ---- EQD


class Equipment(msgspec.Struct, frozen=True, gc=False):
    """An EQD: the container (``None`` for other equipment), its type, whether it is full, its status (8249)."""

    container: Reference | None
    iso: str | None
    laden: bool | None
    status: str


def equipment(segment: str) -> Equipment:
    """Reads an EQD."""
    elements = segment.split("+", 3)
    number = elements[2] if len(elements) > 2 else ""
    iso, status, laden = _kinds_of_equipment[elements[3] if len(elements) > 3 else ""]
    if not number.isalnum():
        number = plain(number.partition(":")[0]).strip()
    if number and elements[1][:2] in q.CONTAINERS and (len(number) == 11 or not identifiers.is_blank(number)):
        return Equipment(Reference("container", number[:_CODE_LENGTH]), iso, laden, status)
    return Equipment(None, iso, laden, status)


def _kind_of_equipment(elements: str) -> tuple[str | None, str, bool | None]:
    """Size and type, status (8249), full or empty (8169): what follows the number."""
    whole = f"+{elements}"
    iso, status = components(whole, 1)[0], components(whole, 3)[0]
    laden = q.LADEN.get(components(whole, 4)[0])
    if laden is None and status in ("31", "32"):
        laden = q.LADEN[status]
    return iso[:10] or None, status, laden


# ---- RFF, SEL


class Named(msgspec.Struct, frozen=True, gc=False):
    """An RFF: its qualifier and value, and the reference where the qualifier is one that CLIS knows."""

    qualifier: str
    value: str
    reference: Reference | None


def named(segment: str) -> Named:
    """Reads an RFF. Its numbers hardly come again, so nothing is remembered."""
    qualifier, _, value = segment[4:].partition(":")
    if not value.isalnum():
        value = plain(value.partition(":")[0].partition("+")[0]).strip()
    kind = q.REFERENCES.get(qualifier)
    if kind is None or not value or len(value) > _VALUE_LENGTH:
        return Named(qualifier, value[:_VALUE_LENGTH], None)
    return Named(qualifier, value, Reference(kind, value))


def _seal(segment: str) -> Reference | None:
    number = components(segment, 1)[0]
    return Reference("seal", number[:_VALUE_LENGTH]) if number else None


def _party(segment: str) -> tuple[str, str | None]:
    """The role (3035) and the code of a NAD."""
    return components(segment, 1)[0], components(segment, 2)[0][:20] or None


_moments: Memory[Moment] = Memory(_moment)
locations: Memory[Location] = Memory(_location)
legs: Memory[Leg] = Memory(_leg)
_kinds_of_equipment: Memory[tuple[str | None, str, bool | None]] = Memory(_kind_of_equipment)
seals: Memory[Reference | None] = Memory(_seal)
parties: Memory[tuple[str, str | None]] = Memory(_party)


# ---- quantities


def number(text: str) -> float | None:
    """A number with a point or a comma; ``None`` where it is none, or has more than 15 digits."""
    value = text.strip().replace(",", ".", 1)
    if not 0 < len(value) <= 18 or not value.isascii() or not value.replace(".", "", 1).isdigit():
        return None
    return float(value)


_WEIGHTS = {"KGM": 1.0, "KG": 1.0, "TNE": 1000.0, "LBR": 0.45359237, "GRM": 0.001}


def kilograms(segment: str, index: int) -> float | None:
    """The weight in a value-and-unit composite (MEA C174: unit, value)."""
    parts = components(segment, index)
    factor = _WEIGHTS.get(parts[0].upper())
    value = number(_component(parts, 1))
    return round(value * factor, 3) if value is not None and factor is not None else None
