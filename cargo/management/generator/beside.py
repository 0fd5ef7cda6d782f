"""What those tell who stand beside the carrier: terminals, truckers, warehouses, a forwarder, customs' other services.

Each has its own random stream, so that one more of them changes nothing of what the others tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from cargo.management.generator import (
    edifact_terminal,
    epcis_json,
    forwarder_xlsx,
    trucker_csv,
    unipass_arrivals_xml,
    unipass_exports_xml,
    unipass_voyages_xml,
    unipass_warehouses_xml,
)
from cargo.management.generator.firms import REPORTING_FORWARDER
from cargo.management.generator.message import EXPORTS_SOURCE, WAREHOUSES_SOURCE, Message, double, trucker_source
from cargo.management.generator.noise import HOUR, between
from cargo.management.generator.places import terminals_of
from cargo.management.generator.story import Box, Cargo, Fact
from cargo.management.generator.unipass_parts import office
from cargo.management.generator.world import World

_FORWARDER_SOURCE = f"forwarder-{REPORTING_FORWARDER.code.lower()}"


def messages(world: World) -> list[Message]:
    """All of theirs, box by box."""
    terminals = frozenset(port.code for port in terminals_of(world.seed))
    out: list[Message] = _warehouses(world)
    for box in world.boxes:
        out += _terminals(box, terminals, Random(f"{world.seed}/seen/{box.number}"))
        out += _trucker(box, Random(f"{world.seed}/driven/{box.number}"))
        out += _packing(box, Random(f"{world.seed}/packed/{box.number}"))
        out += _forwarder(box, Random(f"{world.seed}/forwarded/{box.number}"))
        out += _calls(box)
        for cargo in box.cargoes:
            out += _containers(cargo)
            out += _exports(cargo, Random(f"{world.seed}/exported/{cargo.number}"))
    return out


def _terminals(box: Box, terminals: frozenset[str], rng: Random) -> list[Message]:
    """What the gates and cranes of those ports saw, minutes after the last box of a group."""
    seen = [fact for fact in box.facts if not box.air and fact.place in terminals and edifact_terminal.says(fact)]
    out: list[Message] = []
    for facts in _together(seen):
        sent = facts[-1].at + rng.randrange(90, 900)
        source = f"terminal-{facts[0].place.lower()}"
        out.append(Message(len(out), sent, "terminal", source, box.master_bill, box, None, facts, facts))
        double(out, rng)
    return out


def _together(seen: Iterable[Fact]) -> list[list[Fact]]:
    """One move of several boxes, within two hours."""
    groups: list[list[Fact]] = []
    for fact in sorted(seen, key=lambda fact: fact.at):
        if groups and groups[-1][0].milestone == fact.milestone and fact.at - groups[-1][0].at < 2 * HOUR:
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return groups


def _trucker(box: Box, rng: Random) -> list[Message]:
    """The order's table after each step; it repeats the steps before."""
    if box.trucker is None:
        return []
    out: list[Message] = []
    told: list[Fact] = []
    for facts in _together(fact for fact in box.facts if trucker_csv.says(fact)):
        sent = facts[-1].at + rng.randrange(300, 2700)
        told = [*told, *facts]
        out.append(Message(len(out), sent, "trucker", trucker_source(box), box.master_bill, box, None, told, facts))
        double(out, rng)
    return out


def _packing(box: Box, rng: Random) -> list[Message]:
    """What a warehouse's readers saw, within the hour."""
    if box.packer is None and box.warehouse is None:
        return []
    place = (box.origin if box.packer is not None else box.destination).code
    out: list[Message] = []
    for facts in _together(fact for fact in box.facts if fact.place == place and epcis_json.says(fact)):
        sent = facts[-1].at + rng.randrange(120, HOUR)
        out.append(Message(len(out), sent, "epcis", WAREHOUSES_SOURCE, box.master_bill, box, None, facts, facts))
        double(out, rng)
    return out


def _forwarder(box: Box, rng: Random) -> list[Message]:
    """The status sheet, made anew some hours after something happened, with all that was known by then."""
    if box.air or box.cargoes[0].forwarder is not REPORTING_FORWARDER or not box.cargoes[0].house_bill:
        return []
    known = sorted(
        (fact for fact in box.facts if fact.by == "carrier" and not fact.missing and forwarder_xlsx.says(fact)),
        key=lambda fact: fact.known,
    )
    out: list[Message] = []
    done = 0
    while done < len(known):
        sent = known[done].known + between(rng, 1, 14)
        end = next((index for index in range(done, len(known)) if known[index].known > sent), len(known))
        shown, news = _shown(known[:end]), _shown(known[done:end])
        source = _FORWARDER_SOURCE
        out.append(Message(len(out), sent, "forwarder", source, box.master_bill, box, None, shown, news))
        double(out, rng)
        done = end
    return out


def _shown(facts: list[Fact]) -> list[Fact]:
    """The sheet has room for one estimate: the last."""
    last = next((fact for fact in reversed(facts) if fact.classifier == "estimated"), None)
    return [fact for fact in facts if fact.classifier == "actual" or fact is last]


def _calls(box: Box) -> list[Message]:
    """The accepted report of the ship or the aircraft, asked for with the bill that it carries."""
    abroad = box.destination.country != "KR"
    milestone, dialect = (
        ("departed", "unipass024") if abroad else ("arrived", "unipass024" if box.air else "unipass021")
    )
    asked = (unipass_arrivals_xml if dialect == "unipass021" else unipass_voyages_xml).asked(box)
    call = next(fact for fact in box.facts if fact.milestone == milestone and fact.classifier == "actual")
    sent = max(call.at, call.known) + HOUR // 3
    return [Message(0, sent, dialect, dialect, box.master_bill, box, None, [call], [call], asked=asked)]


def _containers(cargo: Cargo) -> list[Message]:
    """The list of a cargo's containers, asked for once customs let the ship unload. It tells no fact."""
    approved = next((fact.known for fact in cargo.facts if fact.milestone == "discharge_approved"), 0)
    if cargo.box.air or not approved:
        return []
    subject = cargo.cargo_number
    return [Message(0, approved + 600, "unipass020", "unipass020", subject, cargo.box, cargo, [], [])]


def _exports(cargo: Cargo, rng: Random) -> list[Message]:
    """The declaration after its acceptance, and again once customs knows that its goods have left."""
    facts = {fact.milestone: fact for fact in cargo.facts if fact.by == "export customs"}
    if not facts:
        return []
    accepted, exported = facts["export_cleared"], facts["exported"]
    sailed = next(fact for fact in cargo.box.facts if fact.milestone == "departed" and fact.classifier == "actual")
    out: list[Message] = []
    for news in ([accepted], [sailed, exported]):
        sent = news[-1].known + between(rng, 0.1, 1.5)
        told = news if news[0] is accepted else [accepted, *news]
        asked = unipass_exports_xml.asked(cargo)
        subject, box = cargo.declarations[0], cargo.box
        out.append(Message(len(out), sent, "unipass002", EXPORTS_SOURCE, subject, box, cargo, told, news, asked=asked))
        double(out, rng)
    return out


def _warehouses(world: World) -> list[Message]:
    """An office's warehouses, asked for when customs first names one of them as where goods entered."""
    first: dict[str, tuple[int, Box]] = {}
    for cargo in world.cargoes:
        entered = min((fact.known for fact in cargo.facts if fact.milestone == "bonded_storage_in"), default=0)
        if entered:
            own = office(cargo.box.destination.code)
            at, box = first.get(own, (entered, cargo.box))
            first[own] = (entered, cargo.box) if entered < at else (at, box)
    return [
        Message(
            0, at + 2 * HOUR, "unipass005", "unipass005", own, box, None, [], [],
            asked=unipass_warehouses_xml.asked(own),
        )
        for own, (at, box) in sorted(first.items())
    ]  # fmt: skip
