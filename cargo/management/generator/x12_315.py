"""A carrier's dialect in the American manner: ASC X12 315 (Status Details, Ocean), release 004010.

One transaction for each container, also of what befell the ship; codes of data element 157. Plans have no code there,
and this carrier tells nothing of documents and customs.
"""

from __future__ import annotations

from zlib import crc32

from cargo.management.generator.edifact_parts import local
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "application/edi-x12"
FORMAT = "x12"
EXTENSION = "x12"
PRECISION = 1
_CODES = {
    "booking_confirmed": "BF",
    "empty_picked_up": "EE",
    "gate_in": "I",
    "loaded": "AE",
    "departed": "VD",
    "transshipment_arrived": "VA",
    "transshipment_discharged": "UV",
    "transshipment_loaded": "AE",
    "transshipment_departed": "VD",
    "arrived": "VA",
    "arrival_notice_sent": "NT",
    "discharged": "UV",
    "freight_released": "CR",
    "gate_out": "OA",
    "empty_returned": "RD",
}
_ESTIMATED_ARRIVAL = "E"
_EMPTY = frozenset({"empty_picked_up", "empty_returned"})
_BEFORE_THE_BILL = frozenset({"booking_confirmed", "empty_picked_up"})


def says(fact: Fact) -> bool:
    """Whether this dialect has words for it."""
    if fact.classifier == "actual":
        return fact.milestone in _CODES
    return (fact.milestone, fact.classifier) == ("arrived", "estimated")


def render(box: Box, facts: list[Fact]) -> bytes:
    """The facts in one interchange and one functional group."""
    assert box.carrier is not None
    newest = max(facts, key=lambda fact: fact.known)
    made = local(newest.known, box.where(newest))
    sets = [_status(box, fact, container) for fact in facts for container in _boxes(box, fact)]
    number = crc32(repr(sets).encode()) % 10**9
    sender = box.carrier.scac
    lines = [
        f"ISA*00*{'':10}*00*{'':10}*02*{sender:15}*ZZ*{'CLIS':15}*{made:%y%m%d*%H%M}*U*00401*{number:09d}*0*P*>",
        f"GS*QO*{sender}*CLIS*{made:%Y%m%d*%H%M}*{number}*X*004010",
    ]
    for order, segments in enumerate(sets, 1):
        lines += [f"ST*315*{order:04d}", *segments, f"SE*{len(segments) + 2}*{order:04d}"]
    lines += [f"GE*{len(sets)}*{number}", f"IEA*1*{number:09d}"]
    return "".join(f"{line}~\n" for line in lines).encode("ascii")


def _boxes(box: Box, fact: Fact) -> list[str]:
    """The container that moved; every container of the bill where the ship did; none before there are any."""
    if fact.container:
        return [fact.container]
    return [""] if fact.milestone in _BEFORE_THE_BILL else box.containers


def _status(box: Box, fact: Fact, container: str) -> list[str]:
    assert box.carrier is not None
    port, leg = box.where(fact), box.legs[fact.leg]
    code = _CODES[fact.milestone] if fact.classifier == "actual" else _ESTIMATED_ARRIVAL
    laden = ("E" if fact.milestone in _EMPTY else "L") if container else ""
    size = ("45G1" if box.number % 2 else "22G1") if container else ""
    owner, serial, digit = container[:4], container[4:10], container[10:]
    moment = f"{local(fact.at, port):%Y%m%d*%H%M%S}"
    segments = [f"B4***{code}*{moment}**{owner}*{serial}*{laden}*{size}*{port.code}*UN*{digit}"]
    if fact.milestone not in _BEFORE_THE_BILL:
        segments.append(f"N9*BM*{box.master_bill}")
    segments.append(f"N9*BN*{box.booking}")
    if container:
        segments.append(f"N9*EQ*{container}")
    segments += [
        f"N9*SCA*{box.carrier.scac}",
        f"Q2*{leg.vessel.imo}*{leg.vessel.flag}*******{leg.voyage}***L*{leg.vessel.name}",
        f"R4*L*UN*{box.origin.code}*{box.origin.name.upper()}*{box.origin.country}",
    ]
    segments += [
        f"R4*T*UN*{stop.origin.code}*{stop.origin.name.upper()}*{stop.origin.country}" for stop in box.legs[1:]
    ]
    segments.append(f"R4*D*UN*{box.destination.code}*{box.destination.name.upper()}*{box.destination.country}")
    return segments
