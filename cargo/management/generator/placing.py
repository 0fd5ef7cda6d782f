"""Puts a story in time: the world's *now* falls just after one of its milestones, or after its end.

A story is first told as if the cargo arrived now, then moved as a whole. Where the next thing would have happened
already, everything that comes later waits until it lies in the future, so that the order stays.
"""

from __future__ import annotations

from cargo.management.generator.noise import between
from cargo.management.generator.story import Cargo, Fact

_TOLD_BEFORE = 25 * 60


def place(cargo: Cargo, now: int) -> None:
    """Move the cargo's box and its own facts."""
    facts = [*cargo.box.facts, *cargo.facts]
    actual = sorted((fact for fact in facts if fact.classifier == "actual"), key=lambda fact: fact.at)
    pivot = next((fact for fact in actual if fact.milestone == cargo.scene.after), None)
    if pivot is None:
        _shift(cargo, facts, now - cargo.box.age - actual[-1].at)
        return
    _shift(cargo, facts, now - between(cargo.rng, 0.8, 3) - pivot.at)
    moment = pivot.at
    later = [fact.at for fact in actual if fact.at > moment]
    push = now + between(cargo.rng, 0.3, 5) - min(later) if later else 0
    if push > 0:
        _wait(cargo, facts, moment, push)
    for fact in facts:
        if fact.classifier == "actual" and fact.at <= moment:
            fact.known = min(fact.known, max(fact.at, now - _TOLD_BEFORE))


def _shift(cargo: Cargo, facts: list[Fact], by: int) -> None:
    for fact in facts:
        fact.at += by
        fact.known += by
        if fact.until:
            fact.until += by
    for leg in cargo.box.legs:
        leg.departs += by
        leg.arrives += by


def _wait(cargo: Cargo, facts: list[Fact], moment: int, by: int) -> None:
    for fact in facts:
        if fact.at > moment:
            fact.at += by
            if fact.classifier == "actual" or fact.known > moment:
                fact.known += by
            if fact.until:
                fact.until += by
    for leg in cargo.box.legs:
        leg.departs += by if leg.departs > moment else 0
        leg.arrives += by if leg.arrives > moment else 0
