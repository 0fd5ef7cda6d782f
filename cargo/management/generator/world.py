"""The whole world of one seed and one *now*: cargoes with their true stories, placed in time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from cargo.management.generator import air, exports, imports, inland, ocean
from cargo.management.generator.casting import RECENT_DAYS, Casting, scene_of
from cargo.management.generator.clearance import Clearance
from cargo.management.generator.firms import Vessel
from cargo.management.generator.noise import DAY, between
from cargo.management.generator.numbers import Numbers
from cargo.management.generator.placing import place
from cargo.management.generator.story import Box, Cargo, Leg


@dataclass(slots=True)
class World:
    """``now`` in seconds since 1970, UTC."""

    seed: int
    now: int
    boxes: list[Box]
    cargoes: list[Cargo]


def build(shipments: int, seed: int, now: int, load: str = "mixed", days: int = RECENT_DAYS) -> World:
    """Cast every shipment and tell its story, the finished ones over that many days before ``now``.

    The same arguments give the same world.
    """
    casting = Casting(seed, now, days)
    cargoes = []
    for index in range(shipments):
        scene = scene_of(index, load, days)
        cargo = casting.cargo(index, scene)
        first = cargo.box.cargoes[0] is cargo
        if first:
            _tell(cargo, casting.numbers, seed, now)
            place(cargo, now)
        else:
            _join(cargo, casting.numbers)
        cargoes.append(cargo)
    return World(seed, now, casting.boxes, cargoes)


def _tell(cargo: Cargo, numbers: Numbers, seed: int, now: int) -> None:
    """The story of a box and of the cargo that it was opened for, as if it arrived now."""
    box = cargo.box
    if box.air:
        _fly(cargo, numbers, now)
        return
    assert box.carrier is not None
    ocean.plan_legs(box, box.carrier, now, cargo.scene.after.startswith("transshipment"))
    ocean.outward(box)
    land = Random(f"{seed}/land/{box.number}")
    if cargo.scene.kind == "export":
        ocean.abroad(box, cargo.scene.outcome)
        inland.pack(box, land)
        exports.declare(cargo, numbers, land)
        return
    story = imports.declared_cargo(cargo, numbers, _unloaded(box))
    left = _gates(cargo, story)
    stripped = 0
    if box.warehouse is not None:
        stripped = max(fact.at for fact in cargo.facts if fact.phrase == "entry_bonded") + between(box.rng, 1, 8)
    ocean.homeward(box, story.released, left, stripped)
    inland.drive(cargo, land)


def _gates(cargo: Cargo, story: Clearance) -> dict[str, int]:
    """When each container leaves: with a removal, or under bond with all that is in it."""
    box = cargo.box
    under_bond = [fact.at for fact in cargo.facts if fact.phrase == "exit_bonded"]
    times = under_bond or story.gates
    gates = {}
    for order, container in enumerate(box.containers):
        gates[container] = times[min(order, len(times) - 1)] + box.rng.randrange(60, 1500)
    return gates


def _fly(cargo: Cargo, numbers: Numbers, now: int) -> None:
    """Air cargo is told by its airline and by customs."""
    box = cargo.box
    assert box.airline is not None
    aircraft = Vessel(box.flight, "", box.airline.flag, box.airline.flag_korean)
    box.legs = [Leg(aircraft, "", box.origin, box.destination, now - int(box.origin.days * DAY), now)]
    unloaded = air.outward(box, box.rng)
    if cargo.scene.kind == "air_express":
        imports.listed_parcel(cargo, numbers, unloaded)
    else:
        story = imports.declared_cargo(cargo, numbers, unloaded)
        air.handed_over(box, box.rng, max(story.gates))


def _join(cargo: Cargo, numbers: Numbers) -> None:
    """A cargo in a box whose story is told already: it shares the voyage and has its own day at customs."""
    imports.declared_cargo(cargo, numbers, _unloaded(cargo.box))


def _unloaded(box: Box) -> int:
    return max(fact.at for fact in box.facts if fact.milestone == "discharged")
