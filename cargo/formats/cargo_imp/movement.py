"""One status line in parts: flight, day, airports, quantity, and what follows.

The manual gives each status its own fixed sequence, but carriers leave out, double and swap parts. So each part is
known by its shape, and only the order of what looks alike counts (two times: departure, arrival). Source: Cargo-IMP
manual, 34th edition, FSA message specification (version 15) with its notes; FIW, FOW, DPU and DOC of version 16, whose
specification is not public, are read in the same way.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from cargo.domain import iata_status
from cargo.formats.cargo_imp.calendar import DAY_CHANGES, MONTHS

POUND = 0.45359237
# Cubic meters in one unit (code list 1.22).
CUBIC_METERS = {"MC": 1.0, "CC": 1e-6, "CF": 0.028316846592, "CI": 1.6387064e-5}
# These speak of a flight from the first airport to the second; their day is the flight's scheduled departure.
OUTBOUND = frozenset({"BKD", "DEP", "MAN", "PRE"})
# These speak of a flight that came in; their day is its scheduled arrival.
INBOUND = frozenset({"ARR", "AWR", "FIW", "RCF"})
_MAX_FIELDS = 40
_NAME_LENGTH = 120

_MONTH = "|".join(MONTHS)
_CHANGE = "".join(DAY_CHANGES)
_WAYBILL = re.compile(
    r"([0-9]{3})-?([0-9]{8})(?:([A-Z]{3})([A-Z]{3}))?(?:/([DMPST])([0-9]{1,4})(?:([KL])([0-9]{1,7}(?:\.[0-9]{1,3})?))?"
    r"(?:T([0-9]{1,4}))?)?(?:/.{0,200})?\Z"
)
_STATUS = re.compile(r"([A-Z]{3})/(.{0,1900})\Z")
_FLIGHT = re.compile(r"([A-Z]{2,3}|[A-Z][0-9]|[0-9][A-Z])([0-9]{1,5}[A-Z]?)\Z")
_CARRIER = re.compile(r"(?:[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])\Z")
_NUMBER = re.compile(r"[0-9]{3,5}[A-Z]?\Z")
_DAY = re.compile(rf"([0-9]{{2}})({_MONTH})([0-9]{{4}})?(?:-([{_CHANGE}]))?\Z")
_AIRPORTS = re.compile(r"([A-Z]{3})([A-Z]{3})?\Z")
_DISCREPANCY = re.compile(r"[A-Z]{4}\Z")
_QUANTITY = re.compile(r"([DMPST])([0-9]{1,4})(?:([KL])([0-9]{1,7}(?:\.[0-9]{1,3})?))?(?:T([0-9]{1,4}))?\Z")
_CLOCK = re.compile(rf"([AES])([0-9]{{4}})(?:-([{_CHANGE}]))?\Z")
_VOLUME = re.compile(r"(MC|CC|CF|CI)([0-9]{1,9}(?:\.[0-9]{1,3})?)(?:DG([0-9]{1,2}))?\Z")
_DENSITY = re.compile(r"DG([0-9]{1,2})\Z")
_MANIFEST = re.compile(r"[0-9]{6}\Z")


class Amount(NamedTuple):
    """Pieces by their description code (list 1.15), weight in kilograms, and the waybill's total where it is told."""

    described: str
    pieces: int
    weight_kg: float | None
    total: int | None


class Consignment(NamedTuple):
    """The consignment detail line: the waybill, where it goes and how much of it the message is about."""

    waybill: str
    origin: str | None
    destination: str | None
    amount: Amount | None

    @property
    def total(self) -> int | None:
        """The pieces of the whole waybill, or ``None`` where only a part is told."""
        if self.amount is None:
            return None
        if self.amount.total is not None:
            return self.amount.total
        return self.amount.pieces if self.amount.described == iata_status.WHOLE else None


class Clock(NamedTuple):
    """A time of departure or arrival: ``S``, ``E`` or ``A``, ``hhmm``, and the day change against the scheduled day."""

    kind: str
    time: str
    change: str | None


class Movement(msgspec.Struct):
    """What a status line says. ``airports`` has two on a line about an outbound flight."""

    code: str
    carrier: str | None = None
    flight: str | None = None
    day: int | None = None
    month: str | None = None
    time: str | None = None
    change: str | None = None
    airports: tuple[str, ...] = ()
    discrepancy: str | None = None
    amount: Amount | None = None
    departure: Clock | None = None
    arrival: Clock | None = None
    volume_m3: float | None = None
    density_group: int | None = None
    transfer_manifest: str | None = None
    other_carrier: str | None = None
    names: tuple[str, ...] = ()


def consignment(text: str) -> Consignment | None:
    """The consignment detail line, or ``None`` if this is none."""
    found = _WAYBILL.match(text)
    if found is None:
        return None
    prefix, serial, origin, destination, described, pieces, unit, weight, total = found.groups()
    amount = _amount(described, pieces, unit, weight, total) if described else None
    return Consignment(f"{prefix}-{serial}", origin, destination, amount)


def status_code(text: str) -> str | None:
    """The three letters that a status line begins with."""
    found = _STATUS.match(text)
    return found[1] if found is not None else None


def movement(text: str) -> Movement:
    """The parts of a status line (with the lines that continue it, joined). What has no known shape is a name."""
    code, _, rest = text.partition("/")
    fields = [field.strip() for field in rest.split("/", _MAX_FIELDS)]
    told = Movement(code)
    at = _flight(told, fields)
    at = _day(told, fields, at)
    at = _airports(told, fields, at)
    if code == iata_status.DISCREPANCY and at < len(fields) and _DISCREPANCY.match(fields[at]):
        told.discrepancy = fields[at]
        at += 1
    found = _QUANTITY.match(fields[at]) if at < len(fields) else None
    if found is not None:
        told.amount = _amount(*found.groups())
        at += 1
    _rest(told, fields[at:])
    return told


def _amount(described: str, pieces: str, unit: str | None, weight: str | None, total: str | None) -> Amount:
    kilograms = None
    if weight:
        kilograms = float(weight) if unit == "K" else round(float(weight) * POUND, 3)
    return Amount(described, int(pieces), kilograms, int(total) if total else None)


def _flight(told: Movement, fields: list[str]) -> int:
    """Carrier and flight number, or the carrier alone; the number may stand in a part of its own, or nothing at all."""
    first = fields[0]
    found = _FLIGHT.match(first)
    if found is not None:
        told.carrier, told.flight = found[1], first
        return 1
    if _CARRIER.match(first):
        told.carrier = first
        if len(fields) > 1 and _NUMBER.match(fields[1]):
            told.flight = first + fields[1]
            return 2
        return 1
    return 1 if not first else 0


def _day(told: Movement, fields: list[str], at: int) -> int:
    found = _DAY.match(fields[at]) if at < len(fields) else None
    if found is not None:
        told.day, told.month, told.time, told.change = int(found[1]), found[2], found[3], found[4]
        return at + 1
    # Day and month may be missing where a flight is not known yet: PRE///CDGHKG.
    return at + 1 if at < len(fields) and not fields[at] else at


def _airports(told: Movement, fields: list[str], at: int) -> int:
    found = _AIRPORTS.match(fields[at]) if at < len(fields) else None
    if found is None:
        return at
    told.airports = tuple(code for code in found.groups() if code)
    at += 1
    if len(told.airports) == 1 and told.code in OUTBOUND and at < len(fields) and re.fullmatch("[A-Z]{3}", fields[at]):
        told.airports += (fields[at],)
        at += 1
    return at


def _rest(told: Movement, fields: list[str]) -> None:
    """Times, volume and density, transfer manifest, other carrier, names."""
    clocks: list[Clock | None] = []
    for field in fields:
        clock = _CLOCK.match(field)
        if clock is not None or (not field and not clocks):
            clocks.append(Clock(clock[1], clock[2], clock[3]) if clock else None)
            continue
        volume, density = _VOLUME.match(field), _DENSITY.match(field)
        if volume is not None:
            told.volume_m3 = round(float(volume[2]) * CUBIC_METERS[volume[1]], 6)
            told.density_group = int(volume[3]) if volume[3] else told.density_group
        elif density is not None:
            told.density_group = int(density[1])
        elif told.code == "TFD" and _MANIFEST.match(field):
            told.transfer_manifest = field
        elif told.code in ("RCT", "TFD") and _CARRIER.match(field):
            told.other_carrier = field
        elif field and not (told.code == "CRC" and _of_a_flight(field)):
            told.names += (field[:_NAME_LENGTH],)
    _place_clocks(told, clocks)


def _place_clocks(told: Movement, clocks: list[Clock | None]) -> None:
    """The first time is the departure's, the second the arrival's; of an inbound flight one alone is the arrival's."""
    if len(clocks) == 1 and told.code in INBOUND:
        told.arrival = clocks[0]
        return
    told.departure, told.arrival = (*clocks, None, None)[:2]


def _of_a_flight(field: str) -> bool:
    """Whether this is part of the flight that a report to customs names behind its quantity."""
    return any(shape.match(field) is not None for shape in (_FLIGHT, _DAY, _AIRPORTS))
