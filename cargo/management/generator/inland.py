"""What happens on land in Korea beside customs and carrier: exports packed at a warehouse, full boxes driven away."""

from __future__ import annotations

from random import Random

from cargo.management.generator.firms import TRUCKERS
from cargo.management.generator.noise import HOUR, between
from cargo.management.generator.places import sheds_of
from cargo.management.generator.story import Box, Cargo, Fact


def pack(box: Box, rng: Random) -> None:
    """The exporter's goods come into a warehouse, are packed there, and leave in their boxes before the gate closes."""
    packed = [fact for fact in box.facts if fact.milestone == "stuffed"]
    if not packed:
        return
    box.packer = rng.choice(sheds_of(box.origin.code, "warehouse"))
    received = min(fact.at for fact in packed) - between(rng, 2, 20)
    box.facts.append(_fact("cargo_received", received, "warehouse", box.origin.code))
    for fact in packed:
        at = fact.at + between(rng, 0.4, 6)
        box.facts.append(_fact("picked_up", at, "warehouse", box.origin.code, fact.container))


def drive(cargo: Cargo, rng: Random) -> None:
    """Full boxes to the consignee's door: each leaves with its truck, and the last one's unloading ends the order.

    Goods that are collected in more parts than there are boxes are left out: their last truck is not the last box's.
    """
    box = cargo.box
    if box.warehouse is not None or cargo.scene.outcome == "partial":
        return
    box.trucker = TRUCKERS[box.number // 2 % len(TRUCKERS)]
    gates = [fact for fact in box.facts if fact.milestone == "gate_out"]
    back = max(fact.at for fact in box.facts if fact.milestone == "empty_returned")
    for fact in gates:
        at = fact.at + rng.randrange(300, 2400)
        box.facts.append(_fact("out_for_delivery", min(at, back), "trucker", fact.place, fact.container))
    last = max(fact.at for fact in gates)
    unloaded = last + min(between(rng, 1.5, 7), (back - last) // 2)
    box.facts.append(_fact("delivered", unloaded, "trucker"))


def _fact(milestone: str, at: int, by: str, place: str = "", container: str = "") -> Fact:
    return Fact(milestone, at, by, at + HOUR // 4, milestone, container=container, place=place)
