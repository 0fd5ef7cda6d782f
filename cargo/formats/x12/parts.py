"""Segments that the transactions share, in the words of the house: numbers, places, vessels, boxes, weights.

Source: ASC X12 releases 004010 and 005010, segments N9, L11, R4, Q2, V1, N7, M10.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cargo.domain.customs import us
from cargo.domain.event import Place, Quantity, Reference, Transport
from cargo.formats.x12 import codes

NAME_LENGTH = 120
CODE_LENGTH = 20
NUMBER_LENGTH = 120
# Numbers that make a report itself; an order number or a seal may come and go.
IDENTIFYING = frozenset({"container", "master_bill", "house_bill", "booking", "air_waybill", "cargo_control_number"})
NUMBER_TYPES = {**dict.fromkeys(codes.OWN_REFERENCES, "own_reference"), **codes.REFERENCE_TYPES}
_IMO = 7
# The longest segment that is remembered: ports and vessels come again and again.
_MEMORABLE = 200
# Element 188: kilograms, pounds, metric, short and long tons, grams, ounces.
_KILOGRAMS = {"K": 1.0, "L": 0.45359237, "E": 1000.0, "S": 907.18474, "T": 1016.0469088, "G": 0.001, "O": 0.028349523}
_LIMIT = 1e12


class Port(NamedTuple):
    """An R4: its function, the place in the role that the function gives, and what it is found by: code and name."""

    function: str
    place: Place
    keys: tuple[str, ...]


def fields(segment: str, element: str, count: int) -> list[str]:
    """The elements of a segment from the tag (0) on, at least up to ``count``."""
    given = segment.split(element)
    return given if len(given) > count else given + [""] * (count + 1 - len(given))


def reference(qualifier: str, value: str) -> Reference | None:
    """The number under an element 128 qualifier, or ``None`` for one that identifies no cargo."""
    value = value.strip()
    if not value or len(value) > NUMBER_LENGTH:
        return None
    kind = NUMBER_TYPES.get(qualifier.strip().upper())
    return Reference(kind, value) if kind is not None else None


def references(given: list[str], component: str | None) -> list[Reference]:
    """The numbers of an N9: its own (02 under 01) and those of the composite in 07, by turns qualifier and number."""
    pairs = [(given[1], given[2])] if len(given) > 2 else []
    if len(given) > 7 and component and component in given[7]:
        more = given[7].split(component)[:6]
        pairs += zip(more[::2], more[1::2], strict=False)
    return [item for item in (reference(one, other) for one, other in pairs) if item is not None]


def key_of(references: list[Reference]) -> str:
    """What of the numbers makes a report itself, in one form whatever their order."""
    return "|".join(sorted({f"{item.type}={item.value}" for item in references if item.type in IDENTIFYING}))


def container(initial: str, number: str, check_digit: str = "") -> str:
    """A container's number from owner, serial number and check digit, however they were divided. May be empty."""
    number = number.strip()
    text = f"{initial.strip()}{number}" if not number[:1].isalpha() else number
    return (text + check_digit.strip() if len(text) == 10 else text)[:NUMBER_LENGTH]


@lru_cache(maxsize=8192)
def located(qualifier: str, code: str, name: str, terminal: str, role: str | None) -> Place | None:
    """A place from a location identifier with its qualifier, or else by name. ``None`` where nothing is said."""
    code, name, terminal = code.strip().upper(), name.strip(), terminal.strip()
    if qualifier == codes.US_PORT:
        known = us.port(code)
        if known is not None:
            return Place(known, "unlocode", terminal[:NAME_LENGTH] or None, role)
        return Place(code[:CODE_LENGTH] or None, "facility", (terminal or name)[:NAME_LENGTH] or None, role)
    if qualifier == codes.UNLOCODE and code:
        return Place(code[:CODE_LENGTH], "unlocode", terminal[:NAME_LENGTH] or None, role)
    shown = terminal or name or code
    return Place(None, "text", shown[:NAME_LENGTH], role) if shown else None


def port(segment: str, element: str) -> Port | None:
    """An R4 segment."""
    return _known_port(segment, element) if len(segment) <= _MEMORABLE else _port(segment, element)


def _port(segment: str, element: str) -> Port | None:
    given = fields(segment, element, 8)
    function = given[1].strip().upper()
    state, country = given[8].strip(), given[5].strip()
    name = ", ".join(filter(None, (given[4].strip(), state, country)))
    place = located(given[2].strip().upper(), given[3][:80], name[:200], given[6][:80], codes.PLACE_ROLES.get(function))
    if place is None:
        return None
    keys = dict.fromkeys(key for key in (given[3].strip().upper(), given[4].strip().upper()) if key)
    return Port(function, place, tuple(keys))


_known_port = lru_cache(maxsize=4096)(_port)


def vessel(code: str, qualifier: str, name: str, voyage: str, mode: str | None = "vessel") -> Transport | None:
    """A vessel by its code (an IMO number where the qualifier is ``L`` or there is none), name and voyage."""
    code, name, voyage = code.strip(), name.strip(), voyage.strip()
    digits = len(code) == _IMO and code.isascii() and code.isdigit()
    imo = code if digits and qualifier.strip().upper() in ("L", "") else None
    if not (imo or name or voyage):
        return None
    return Transport(mode, name[:NAME_LENGTH] or None, imo, voyage[:50] or None)


def vessel_of(segment: str, element: str) -> Transport | None:
    """The vessel of a Q2 or a V1 segment."""
    return _known_vessel(segment, element) if len(segment) <= _MEMORABLE else _vessel(segment, element)


def _vessel(segment: str, element: str) -> Transport | None:
    given = fields(segment, element, 13)
    if given[0] == "Q2":
        return vessel(given[1], given[12], given[13], given[9])
    mode = codes.MODES.get(given[9].strip().upper(), "vessel")
    return vessel(given[1], given[8], given[2], given[4], mode)


_known_vessel = lru_cache(maxsize=4096)(_vessel)


def number(text: str) -> float | None:
    """A count, weight or measure, or ``None`` where it is none."""
    text = text.strip()
    if not text or len(text) > 20 or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    value = float(text)
    return value if value < _LIMIT else None


def quantity(packages: str, unit: str, weight: str, weight_unit: str) -> Quantity | None:
    """Packages and weight; nothing, or zero packages without a weight, is no quantity."""
    count, mass = number(packages), number(weight)
    factor = _KILOGRAMS.get(weight_unit.strip().upper())
    kilograms = round(mass * factor, 3) if mass and factor else None
    if not count and kilograms is None:
        return None
    return Quantity(int(count) if count is not None else None, unit.strip()[:10] or None, kilograms)
