"""The carrier's side at sea: from the booking to the discharge, and from the gate-out to the empty's return."""

from __future__ import annotations

from random import Random

from cargo.management.generator.firms import VESSELS, Carrier, Vessel
from cargo.management.generator.noise import DAY, HOUR, between, chance, seconds, voyage_delay
from cargo.management.generator.places import HUBS, PORTS, Port
from cargo.management.generator.story import Box, Fact, Leg

_DELAY_REASONS = ("WEA", "CGS", "PBC", "YRD", "STR", "PTF", "ENG", "LAB", "CRN", "QUA")


def plan_legs(box: Box, carrier: Carrier, arrival: int, via_hub: bool = False) -> None:
    """Fill in the ships that bring the box to arrive at that instant, and how late that is."""
    rng = box.rng
    days = max(box.origin.days, box.destination.days) * rng.uniform(0.92, 1.1)
    box.delay = voyage_delay(rng)
    box.delay_reason = rng.choice(_DELAY_REASONS) if box.delay > DAY else ""
    fleet = rng.sample(VESSELS[carrier.scac], 2)
    hubs = [code for code in HUBS if code not in (box.origin.code, box.destination.code)]
    if not via_hub and (days < 6 or not chance(rng, 0.4)):
        box.legs = [_leg(rng, fleet[0], box.origin, box.destination, arrival - int(days * DAY), arrival)]
        return
    hub = PORTS[rng.choice(hubs)]
    second = max(1.5 * DAY, days * DAY * 0.5)
    at_hub = arrival - int(second) - between(rng, 30, 120)
    first = at_hub - int(max(1.5 * DAY, days * DAY * 0.45))
    box.legs = [
        _leg(rng, fleet[0], box.origin, hub, first, at_hub),
        _leg(rng, fleet[1], hub, box.destination, arrival - int(second), arrival),
    ]


def _leg(rng: Random, vessel: Vessel, origin: Port, destination: Port, departs: int, arrives: int) -> Leg:
    voyage = f"{rng.randrange(1, 90):03d}{rng.choice('EWNS')}"
    return Leg(vessel, voyage, origin, destination, departs, arrives)


class _Teller:
    """Collects the carrier's facts of one box, with the delay until its own system knew."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.rng = box.rng

    def say(self, milestone: str, phrase: str, at: int, place: str = "", **fields: object) -> Fact:
        fact = Fact(milestone, at, "carrier", at + self.rng.randrange(60, 5400), phrase, place=place, **fields)  # type: ignore[arg-type]
        self.box.facts.append(fact)
        return fact

    def each(self, milestone: str, phrase: str, around: int, spread: int, place: str = "", leg: int = 0) -> int:
        """The same for every container, some time after ``around``. Returns the last of the times."""
        last = around
        for container in self.box.containers:
            at = around + self.rng.randrange(60, max(120, spread))
            self.say(milestone, phrase, at, place, container=container, leg=leg)
            last = max(last, at)
        return last


def outward(box: Box) -> None:
    """Booking, origin, voyage and discharge; the estimates on the way."""
    told, rng = _Teller(box), box.rng
    leg = box.legs[0]
    booked = leg.departs - between(rng, 240, 600)
    told.say("booking_requested", "BKG/RECE", booked)
    confirmed = booked + seconds(rng, "booking_answer")
    told.say("booking_confirmed", "BKG/CONF", confirmed)
    _plans(told, confirmed)
    port = leg.origin.code
    told.each("empty_picked_up", "GTOT/EMPTY", leg.departs - between(rng, 96, 200), 6 * HOUR, port)
    if chance(rng, 0.7):
        told.each("stuffed", "STUF", leg.departs - between(rng, 70, 90), 4 * HOUR, port)
    told.say("shipping_instructions_submitted", "SHI/SUBM", leg.departs - between(rng, 50, 68))
    told.each("gate_in", "GTIN/LADEN", leg.departs - between(rng, 24, 48), 8 * HOUR, port)
    told.each("vgm_submitted", "VGM/SUBM", leg.departs - between(rng, 22, 24), HOUR, port)
    told.each("loaded", "LOAD", leg.departs - between(rng, 6, 14), 5 * HOUR, port)
    told.say("departed", "DEPA", leg.departs, port)
    told.say("bill_of_lading_issued", "TRD/ISSU", leg.departs + between(rng, 3, 30))
    for number, later in enumerate(box.legs[1:], 1):
        _change_ships(told, number, box.legs[number - 1], later)
    _estimates(told)
    arrival = told.say("arrived", "ARRI", box.arrives, box.destination.code, leg=len(box.legs) - 1)
    arrival.delay_reason = box.delay_reason
    told.say("arrival_notice_sent", "ARN/ISSU", box.arrives - between(rng, 8, 36))
    berthed = box.arrives + seconds(rng, "berthing", 1.8 if box.congested else 1.0)
    told.each("discharged", "DISC", berthed, 6 * HOUR, box.destination.code, len(box.legs) - 1)


def _plans(told: _Teller, confirmed: int) -> None:
    """The planned voyage, told with the booking's confirmation."""
    box = told.box
    known = confirmed + told.rng.randrange(60, 1800)
    departure = told.say(
        "departed", "DEPA", box.legs[0].departs - box.delay // 3, box.origin.code, classifier="planned"
    )
    arrival = told.say("arrived", "ARRI", box.arrives - box.delay, box.destination.code, classifier="planned")
    arrival.leg = len(box.legs) - 1
    departure.known = arrival.known = known


def _change_ships(told: _Teller, number: int, before: Leg, after: Leg) -> None:
    port, rng = before.destination.code, told.rng
    told.say("transshipment_arrived", "ARRI", before.arrives, port, leg=number - 1)
    told.each("transshipment_discharged", "DISC", before.arrives + between(rng, 4, 9), 4 * HOUR, port, number - 1)
    told.each("transshipment_loaded", "LOAD", after.departs - between(rng, 6, 11), 4 * HOUR, port, number)
    told.say("transshipment_departed", "DEPA", after.departs, port, leg=number)


def _estimates(told: _Teller) -> None:
    """New estimates of the arrival, each nearer to the truth; a reason where the ship is late."""
    box, rng = told.box, told.rng
    start, end = box.legs[0].departs, box.arrives
    times = [start + int((end - start) * share) for share in (0.1, 0.45, 0.8)]
    if abs(box.delay) < 6 * HOUR:
        times = times[1:2]
    for order, at in enumerate(times):
        left = box.delay * (1 - (order + 1) / len(times)) * rng.uniform(0.4, 1.1)
        estimate = end - int(left) + int(rng.gauss(0, 1.2) * HOUR)
        fact = told.say("arrived", "ARRI", max(estimate, at + 2 * HOUR), box.destination.code, classifier="estimated")
        fact.known, fact.leg, fact.delay_reason = at, len(box.legs) - 1, box.delay_reason


def homeward(box: Box, released: int, gates: dict[str, int], stripped: int = 0) -> None:
    """The delivery order, each container's gate-out, and the empty's return.

    ``gates`` says when each container leaves the terminal; ``stripped`` when a shared box was emptied at the warehouse.
    """
    told, rng, port = _Teller(box), box.rng, box.destination.code
    leg = len(box.legs) - 1
    first = min(gates.values())
    order = max(box.arrives + HOUR, min(released, first) - between(rng, 1, 20))
    told.say("freight_released", "SRM/ISSU", min(order, first - 600))
    for container, at in gates.items():
        told.say("gate_out", "GTOT/LADEN", at, port, container=container, leg=leg)
        after = max(at, stripped)
        if stripped:
            told.say("stripped", "STRP", stripped, port, container=container, leg=leg)
        back = after + seconds(rng, "empty_return")
        told.say("empty_returned", "GTIN/EMPTY", back, port, container=container, leg=leg)


def abroad(box: Box, outcome: str) -> None:
    """Arrival outside Korea: the carrier passes on what customs there says (document type CUS), then delivery."""
    told, rng, at = _Teller(box), box.rng, box.arrives
    declared = at - between(rng, 4, 30)
    told.say("import_declared", "CUS/SUBM", declared)
    if outcome == "inspection":
        ordered = at + between(rng, 2, 12)
        told.say("inspection_ordered", "CUS/REQS", ordered)
        at = ordered + seconds(rng, "inspection")
        told.say("inspection_completed", "CUS/CMPL", at)
    if outcome == "hold":
        held = at + between(rng, 2, 12)
        told.say("customs_hold", "CUS/HOLD", held)
        at = held + seconds(rng, "hold")
    released = max(at, box.arrives) + seconds(rng, "review")
    told.say("customs_released", "CUS/RELS", released)
    unloaded = max(fact.at for fact in box.facts if fact.milestone == "discharged")
    start = max(released, unloaded) + seconds(rng, "collect")
    homeward(box, released, {name: start + between(rng, 0.1, 20) for name in box.containers})
