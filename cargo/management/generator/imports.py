"""An import from manifest to removal: under a declaration, or as a parcel on a list."""

from __future__ import annotations

from cargo.management.generator.clearance import Clearance
from cargo.management.generator.noise import between, chance, seconds
from cargo.management.generator.numbers import Numbers
from cargo.management.generator.story import Cargo


def declared_cargo(cargo: Cargo, numbers: Numbers, unloaded: int) -> Clearance:
    """A cargo with an import declaration, by sea or air."""
    story = Clearance(cargo, numbers)
    story.manifest()
    entered = story.storage(unloaded)
    outcome = cargo.scene.outcome
    if outcome == "overdue":
        notice = entered + between(cargo.rng, 31 * 24, 40 * 24)
        story.say("removal_notice", "removal_notice", notice)
        review = story.declare(notice + between(cargo.rng, 20, 90))
    else:
        review = story.declare(story.when_declared(entered))
    if outcome == "early_removal":
        review = max(review, story.remove_early(max(entered, review)))
    story.release(story.decide(review, entered))
    if outcome == "revoked":
        story.revoke()
    if outcome != "early_removal":
        story.remove(entered)
    return story


def listed_parcel(cargo: Cargo, numbers: Numbers, unloaded: int) -> Clearance:
    """An express parcel cleared on a list: examined and removed in the same second, or held back first."""
    story = Clearance(cargo, numbers)
    rng, box = cargo.rng, cargo.box
    story.manifest()
    assert box.terminal is not None
    number = f"AE0231{story.year:02d}{numbers.next('declaration'):08d}"
    cargo.declarations.append(number)
    listed = box.arrives + (between(rng, -3, -0.5) if chance(rng, 0.6) else between(rng, 0.4, 2))
    story.say("import_declared", "listed", listed, number=number)
    entered = unloaded + seconds(rng, "air_entry")
    story.enter("bonded_storage_in", "entry", entered, box.terminal)
    examined = max(entered, listed) + seconds(rng, "list_review")
    if cargo.scene.outcome == "hold":
        held = max(entered, listed) + between(rng, 0.5, 3)
        story.say("customs_hold", "list_held", held, number=number)
        examined = held + seconds(rng, "hold")
    story.say("customs_released", "list_examined", examined, number=number)
    story.released = examined
    story.leave("gate_out", "exit_listed", examined, cargo.packages, cargo.weight, number)
    story.gates.append(examined)
    cargo.facts[-1].known = examined
    return story
