"""A carrier's dialect: UN/EDIFACT IFTSTA D.99B, statuses as numbers of UN/CEFACT Recommendation 24.

One message for each place, since the message's own date is written in the local time of what it speaks of. The
code list has no number for some things (a booking request, an empty return): this carrier never tells them.
"""

from __future__ import annotations

from cargo.management.generator import edifact_parts
from cargo.management.generator.edifact_parts import equipment, interchange, local, time, voyage
from cargo.management.generator.places import Port
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE, FORMAT, EXTENSION = edifact_parts.MEDIA_TYPE, edifact_parts.FORMAT, edifact_parts.EXTENSION
PRECISION = 1
# Recommendation 24, revision 6.
_CODES = {
    "booking_confirmed": "6",
    "empty_picked_up": "13",
    "stuffed": "93",
    "gate_in": "364",
    "loaded": "48",
    "departed": "24",
    "bill_of_lading_issued": "359",
    "transshipment_arrived": "1",
    "transshipment_discharged": "346",
    "transshipment_loaded": "79",
    "transshipment_departed": "24",
    "arrived": "1",
    "arrival_notice_sent": "45",
    "discharged": "346",
    "freight_released": "378",
    "gate_out": "365",
    "stripped": "28",
    "inspection_ordered": "228",
    "customs_hold": "17",
    "customs_released": "12",
}
# Qualifiers of the time: when a status was reached; estimated and planned arrival, planned departure.
_REACHED = "334"
_EXPECTED = {
    ("arrived", "estimated"): "132",
    ("arrived", "planned"): "232",
    ("departed", "planned"): "189",
}
_BEFORE_THE_BILL = frozenset({"booking_confirmed", "empty_picked_up", "stuffed"})


def says(fact: Fact) -> bool:
    """Whether this dialect has words for it."""
    return fact.milestone in _CODES and (fact.classifier == "actual" or (fact.milestone, fact.classifier) in _EXPECTED)


def render(box: Box, facts: list[Fact]) -> bytes:
    """The facts in one interchange."""
    assert box.carrier is not None
    by_place: dict[str, list[Fact]] = {}
    for fact in facts:
        by_place.setdefault(box.where(fact).code, []).append(fact)
    messages = [_message(box, box.where(group[0]), group) for group in by_place.values()]
    newest = max(facts, key=lambda fact: fact.known)
    prepared = local(newest.known, box.where(newest))
    return interchange(box.carrier.scac, f"{prepared:%y%m%d:%H%M}", "IFTSTA:D:99B:UN", messages)


def _message(box: Box, port: Port, facts: list[Fact]) -> list[str]:
    assert box.carrier is not None
    known = max(fact.known for fact in facts)
    segments = [
        f"BGM+23+{box.booking}-{known % 10**6:06d}+9",
        time("137", known, port),
        f"NAD+CA+{box.carrier.scac}:172:20",
        "CNI+1",
    ]
    for fact in facts:
        segments += _status(box, port, fact)
    return segments


def _status(box: Box, port: Port, fact: Fact) -> list[str]:
    assert box.carrier is not None
    leg = box.legs[fact.leg]
    segments = [f"STS+1+{_CODES[fact.milestone]}", f"RFF+BN:{box.booking}"]
    if fact.milestone not in _BEFORE_THE_BILL:
        segments.append(f"RFF+BM:{box.master_bill}")
    expected = _EXPECTED.get((fact.milestone, fact.classifier))
    if expected is None:
        segments.append(time(_REACHED, fact.at, port))
        segments.append(f"LOC+175+{port.code}:139:6:{port.name.upper()}")
    segments += [voyage(leg, box.carrier.scac), f"LOC+9+{leg.origin.code}:139:6"]
    if expected is not None and port is leg.origin:
        segments.append(time(expected, fact.at, port))
    segments.append(f"LOC+11+{leg.destination.code}:139:6")
    if expected is not None and port is leg.destination:
        segments.append(time(expected, fact.at, port))
    if fact.container:
        role = "6" if fact.milestone.startswith("transshipment") else "2" if port is box.origin else "3"
        segments.append(equipment(box, fact.container, role, fact.milestone != "empty_picked_up"))
    return segments
