"""The ports of a journey with their dates, and the vessel: R4, DTM, Q2 and V1 as 315, 322, 301 and 310 have them.

Source: ASC X12 releases 003020 to 006020. Boxes of one voyage share these segments to the letter, so that a 315's are
remembered as one text.
"""

from __future__ import annotations

import msgspec

from cargo.domain.event import Place, Transport
from cargo.formats.x12 import codes, parts, times
from cargo.formats.x12.statuses import Meaning, expected

TAGS = frozenset({"R4", "DTM", "Q2", "V1"})
VESSEL = Transport("vessel")
_DISCHARGE = frozenset({"D", "1"})


class Expected(msgspec.Struct, frozen=True):
    """A date at a place that is still to come.

    ``number`` is the DTM's, counted from where the journey began; ``said`` is what makes the report itself.
    """

    number: int
    meaning: Meaning
    when: times.Moment
    code: str
    said: str
    place: Place
    transport: Transport | None


class Journey(msgspec.Struct, frozen=True):
    """``places`` are found by code or name, each in its role in the journey; ``activity`` is where it happened.

    ``pure`` is whether the text held nothing else: then it may stand for the next box of the same voyage.
    """

    ports: list[parts.Port] = []
    places: dict[str, Place] = {}
    activity: Place | None = None
    vessel: Transport | None = None
    plan: dict[str, str] | None = None
    expected: list[Expected] = []
    pure: bool = True

    def role(self, role: str) -> Place | None:
        """The first place in that role."""
        return next((port.place for port in self.ports if port.place.role == role), None)


NOWHERE = Journey()


def journey(segments: list[str], element: str, planned: bool = False) -> Journey:
    """Read the segments of a journey; others are passed over. ``planned``: dates that happened are plans as well."""
    ports: list[parts.Port] = []
    dates: list[tuple[int, parts.Port, str, times.Moment]] = []
    vessel: Transport | None = None
    pure = True
    port: parts.Port | None = None
    for number, segment in enumerate(segments, 1):
        tag = segment.partition(element)[0]
        if tag == "R4":
            port = parts.port(segment, element)
            if port is not None:
                ports.append(port)
        elif tag == "DTM":
            given = parts.fields(segment, element, 4)
            when = times.moment(given[2], given[3], given[4])
            if port is not None and when is not None:
                dates.append((number, port, given[1].strip(), when))
        elif tag in TAGS:
            vessel = parts.vessel_of(segment, element) or vessel
        else:
            pure, port = False, None
    places: dict[str, Place] = {}
    for port in sorted(ports, key=lambda port: port.function == codes.ACTIVITY):
        for key in port.keys:
            places.setdefault(key, port.place)
    activity = next((port.place for port in ports if port.function == codes.ACTIVITY), None)
    dated = _all_expected(dates, any(port.function in _DISCHARGE for port in ports), vessel, planned)
    return Journey(ports, places, activity, vessel, _plan(ports), dated, pure)


def _all_expected(
    dates: list[tuple[int, parts.Port, str, times.Moment]], named: bool, vessel: Transport | None, planned: bool
) -> list[Expected]:
    found = []
    for number, port, qualifier, when in dates:
        meaning = _expectation(port.function, qualifier, named, planned)
        if meaning is not None:
            code = f"R4 {port.function} DTM {qualifier}"
            transport = (vessel or VESSEL) if meaning.mode else None
            said = saying(code, when, port.place)
            found.append(Expected(number, meaning, when, code, said, port.place, transport))
    return found


def saying(code: str, when: times.Moment, place: Place | None) -> str:
    """What makes a report itself, but for the numbers of the cargo: what, when, where."""
    return f"{code}|{when.text}|{(place.code or place.facility) if place is not None else ''}"


def _plan(ports: list[parts.Port]) -> dict[str, str] | None:
    """The ports of loading and discharge that the message names by code."""
    plan: dict[str, str] = {}
    for port in ports:
        place = port.place
        if place.scheme == "unlocode" and place.code and place.role in ("loading", "discharge"):
            plan.setdefault(f"port_of_{place.role}", place.code)
    return plan or None


def _expectation(function: str, qualifier: str, discharge_named: bool, planned: bool) -> Meaning | None:
    """What an estimated date (element 374) at a place (element 115) is about; ``None`` where it does not say.

    A date alone (139) is the departure from the port of loading and the arrival at the port of discharge or, inland, at
    the place of delivery. Where no port of discharge is named, the place of delivery stands for it.
    """
    kind = (codes.PLANNED_DATES if planned else codes.PLACE_DATES).get(qualifier)
    if kind is None:
        return None
    role = codes.PLACE_ROLES.get(function, "")
    if role == "delivery" and not discharge_named and kind != "delivery":
        role = "discharge"
    milestone = _MILESTONES.get((role, kind))
    if milestone is None:
        return None
    return _PLANNED[milestone] if planned else _ESTIMATED[milestone]


_MILESTONES = {
    ("loading", "any"): "departed",
    ("loading", "departure"): "departed",
    ("transshipment", "departure"): "departed",
    ("transshipment", "arrival"): "arrived",
    ("discharge", "any"): "arrived",
    ("discharge", "arrival"): "arrived",
    ("delivery", "any"): "inland_arrived",
    ("delivery", "arrival"): "inland_arrived",
    ("delivery", "delivery"): "delivered",
    ("receipt", "departure"): "inland_departed",
}
_ESTIMATED = {milestone: expected(milestone, "estimated") for milestone in set(_MILESTONES.values())}
_PLANNED = {milestone: expected(milestone, "planned") for milestone in set(_MILESTONES.values())}
