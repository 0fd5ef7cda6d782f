"""The airline's side: from the acceptance at the origin to the delivery at the airport of destination."""

from __future__ import annotations

from random import Random

from cargo.management.generator.noise import HOUR, between, chance
from cargo.management.generator.story import Box, Fact


def outward(box: Box, rng: Random) -> int:
    """Acceptance, flight, and the check against the manifest after landing. Returns when the freight was received."""
    leg, start, end = box.legs[0], box.origin.code, box.destination.code
    _say(box, rng, "cargo_received", leg.departs - between(rng, 4, 30), start)
    _say(box, rng, "departed", leg.departs, start)
    _say(box, rng, "arrived", leg.arrives, end)
    received = leg.arrives + between(rng, 0.6, 2)
    _say(box, rng, "discharged", received, end)
    if chance(rng, 0.8):
        _say(box, rng, "arrival_notice_sent", received + between(rng, 0.2, 3), end)
    return received


def handed_over(box: Box, rng: Random, left: int) -> None:
    """The consignee's carrier signs for the goods, some time after they left the shed at ``left``."""
    _say(box, rng, "delivered", left + between(rng, 0.1, 0.8), box.destination.code)


def _say(box: Box, rng: Random, milestone: str, at: int, place: str) -> Fact:
    fact = Fact(milestone, at, "carrier", at + rng.randrange(60, HOUR), milestone, place=place)
    box.facts.append(fact)
    return fact
