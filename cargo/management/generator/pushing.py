"""Files to push by hand: what customs says next of cargoes that wait for their release, with today's times.

Each is a snapshot with everything told so far and, at ``at``, the release. One cargo has two more files: the release
taken back, and given again.
"""

from __future__ import annotations

from dataclasses import replace

from cargo.management.generator import unipass_xml
from cargo.management.generator.story import Cargo, Fact
from cargo.management.generator.world import World

_STEP = 30
_SPARE = frozenset({"exit", "exit_listed", "exit_bonded", "exit_before_release"})


def waiting(world: World) -> list[Cargo]:
    """The cargoes kept for this: under review, known by a house bill."""
    return [cargo for cargo in world.cargoes if cargo.scene.push and cargo.house_bill]


def files(cargo: Cargo, now: int, at: int) -> dict[str, bytes]:
    """File name to bytes. ``now``: what had happened by then keeps its time; what follows happens from ``at`` on."""
    facts = sorted(cargo.told_by("customs"), key=lambda fact: fact.known)
    past = [fact for fact in facts if fact.known <= now]
    todo = [fact for fact in facts if fact.known > now and fact.phrase not in _SPARE]
    out: dict[str, bytes] = {}
    chapters = _chapters(todo)
    for number, (name, chapter) in enumerate(chapters):
        moment = at + number * _STEP
        # The last of a chapter happens at its moment, the rest in the seconds before.
        past += [_at(fact, moment - (len(chapter) - 1 - order)) for order, fact in enumerate(chapter)]
        tail = f"-{number + 1}-{name}" if number else ""
        out[f"{cargo.house_bill}{tail}.xml"] = unipass_xml.render(cargo, past)
    return out


def _chapters(todo: list[Fact]) -> list[tuple[str, list[Fact]]]:
    """Up to the release, up to its revocation, up to the next release."""
    chapters: list[tuple[str, list[Fact]]] = []
    current: list[Fact] = []
    for fact in todo:
        current.append(fact)
        if fact.phrase in ("released", "revoked"):
            name = "revoked" if fact.phrase == "revoked" else "released-again" if chapters else "released"
            chapters.append((name, current))
            current = []
    return chapters


def _at(fact: Fact, at: int) -> Fact:
    return replace(fact, at=at, known=at)
