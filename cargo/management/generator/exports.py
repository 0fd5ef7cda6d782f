"""An export at Korean customs: a declaration accepted before the gate closes, and fulfilled once its ship has left."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from cargo.management.generator.noise import DAY, between
from cargo.management.generator.numbers import Numbers
from cargo.management.generator.story import Cargo, Fact

# Customs Act (KR) art. 251: what was accepted is loaded within 30 days.
_DAYS_TO_LOAD = 30


def declare(cargo: Cargo, numbers: Numbers, rng: Random) -> None:
    """The acceptance with its last day to load, and the fulfillment, which customs learns hours after the sailing."""
    box = cargo.box
    sails = box.legs[0].departs
    accepted = sails - between(rng, 49, 64)
    year = datetime.fromtimestamp(accepted, UTC).year % 100
    cargo.declarations.append(numbers.export_declaration(cargo.broker.code, year))
    number, place, by = cargo.declarations[-1], box.origin.code, "export customs"
    until = accepted + _DAYS_TO_LOAD * DAY
    cargo.facts.append(
        Fact("export_cleared", accepted, by, accepted, "accepted", number=number, place=place, until=until)
    )
    known = sails + between(rng, 6, 40)
    cargo.facts.append(Fact("exported", sails, by, known, "fulfilled", number=number, place=place))
