"""Who tells what, when: facts become messages, with the faults that ``noise`` describes.

``DIALECTS`` is the table of what is spoken; another one is a module with ``render``, ``FORMAT``, ``MEDIA_TYPE``,
``EXTENSION`` and ``PRECISION`` (seconds to which its times are written), and a row here; a carrier's has ``says``, too.
A carrier speaks one dialect, decided by the seed; a terminal and a carrier may both tell of the same move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from types import ModuleType

from cargo.management.generator import (
    cargo_imp_fsu,
    dcsa3_json,
    dcsa_json,
    edifact_iftsta,
    edifact_terminal,
    unipass_containers_xml,
    unipass_xml,
    x12_315,
)
from cargo.management.generator.noise import DAY, HOUR, between, chance
from cargo.management.generator.places import terminals_of
from cargo.management.generator.story import Box, Cargo, Fact
from cargo.management.generator.world import World

DIALECTS: dict[str, ModuleType] = {
    "dcsa": dcsa_json,
    "dcsa3": dcsa3_json,
    "iftsta": edifact_iftsta,
    "x12": x12_315,
    "terminal": edifact_terminal,
    "fsu": cargo_imp_fsu,
    "unipass": unipass_xml,
    "unipass020": unipass_containers_xml,
}
CUSTOMS_SOURCE = "unipass"
CONTAINERS_SOURCE = "unipass020"
AIR_DIALECT = "fsu"
_MAY_BE_MISSING = frozenset(
    {
        "empty_picked_up",
        "stuffed",
        "gate_in",
        "vgm_submitted",
        "loaded",
        "stripped",
        "empty_returned",
        "arrival_notice_sent",
    }
)
_MAY_BE_WRONG = frozenset({"gate_in", "loaded", "discharged", "empty_returned"})


@dataclass(slots=True)
class Message:
    """One message. ``facts`` is all that it says, ``news`` what nobody said before; ``copy_of`` is the order number
    of the message that it repeats byte for byte, -1 for none. ``fault``: ``late``, ``overtaken``, ``doubled``,
    ``repeats``, ``corrects`` or ``""``.
    """

    order: int
    sent_at: int
    dialect: str
    source: str
    subject: str
    box: Box
    cargo: Cargo | None
    facts: list[Fact]
    news: list[Fact]
    fault: str = ""
    copy_of: int = -1

    def body(self) -> bytes:
        """The bytes, as of now: facts whose time is changed later are written with the new one."""
        whole: Callable[..., bytes] = DIALECTS[self.dialect].render
        return whole(self.cargo if self.cargo is not None else self.box, self.facts)

    @property
    def shipments(self) -> list[str]:
        """The cargoes that it concerns."""
        return [self.cargo.key] if self.cargo is not None else [cargo.key for cargo in self.box.cargoes]


def file_name(message: Message, number: int) -> str:
    """Sorted by name is sorted by sending."""
    sent = datetime.fromtimestamp(message.sent_at, UTC).strftime("%Y%m%dT%H%M%SZ")
    tail = message.subject if message.cargo is not None else message.source.partition("-")[2]
    return f"{sent}-{number:06d}-{message.dialect}-{tail}.{DIALECTS[message.dialect].EXTENSION}"


def carrier_source(box: Box) -> str:
    """The slug of the carrier's or the airline's feed: its dialect and its code."""
    if box.airline is not None:
        return f"{AIR_DIALECT}-{box.airline.code.lower()}"
    assert box.carrier is not None
    return f"{box.carrier.dialect}-{box.carrier.scac.lower()}"


def messages(world: World) -> list[Message]:
    """Every message that the world will ever send, in the order of sending.

    Marks each fact with when it was first told.
    """
    out: list[Message] = []
    terminals = frozenset(port.code for port in terminals_of(world.seed))
    for box in world.boxes:
        rng = Random(f"{world.seed}/told/{box.number}")
        _disturb(box, rng)
        out += _by_carrier(world, box, rng)
        out += _by_terminals(box, terminals, Random(f"{world.seed}/seen/{box.number}"))
        for cargo in box.cargoes:
            if cargo.cargo_number:
                out += _by_customs(cargo, Random(f"{world.seed}/told/{box.number}/{cargo.number}"))
                out += _containers(cargo)
    out.sort(key=lambda message: (message.sent_at, message.source, message.subject, message.order))
    for message in out:
        for fact in message.facts:
            fact.told = min(fact.told or message.sent_at, message.sent_at)
            fact.told_by[message.source] = min(fact.told_by.get(message.source, message.sent_at), message.sent_at)
    return out


def _disturb(box: Box, rng: Random) -> None:
    """Reports that never come, and wrong ones that are corrected."""
    wrong = []
    for fact in box.facts:
        if fact.classifier == "estimated":
            fact.identity = str(fact.known)
        if fact.classifier != "actual":
            continue
        if fact.milestone in _MAY_BE_MISSING and chance(rng, 0.03):
            fact.missing = True
        elif fact.milestone in _MAY_BE_WRONG and chance(rng, 0.04):
            off = between(rng, 0.2, 9) * rng.choice((-1, 1))
            wrong.append(replace(fact, at=fact.at + off, superseded=True, told_by={}))
            fact.known += between(rng, 2, 46)
            fact.corrects = True
    box.facts += wrong


def _by_carrier(world: World, box: Box, rng: Random) -> list[Message]:
    source = carrier_source(box)
    dialect = source.partition("-")[0]
    says: Callable[[Fact], bool] = DIALECTS[dialect].says
    told = sorted((fact for fact in box.facts if not fact.missing and says(fact)), key=lambda fact: fact.known)
    out: list[Message] = []
    before: list[Fact] = []
    for news in _groups(told, rng):
        known = max(fact.known for fact in news)
        fault, lag = "corrects" if any(fact.corrects for fact in news) else "", rng.randrange(20, 1200)
        pick = rng.random()
        if not world.now - DAY < known < world.now and pick < 0.15:
            # What just happened is told at once, or the world would know nothing of its own present.
            lag += between(rng, 24, 96) if pick < 0.03 else between(rng, 2, 20)
            fault = "late"
        facts = news
        if before and chance(rng, 0.12):
            facts, fault = [*before[-2:], *news], fault or "repeats"
        out.append(Message(len(out), known + lag, dialect, source, box.master_bill, box, None, facts, news, fault))
        _double(out, rng)
        before += news
    return out


def _groups(told: list[Fact], rng: Random) -> list[list[Fact]]:
    """Facts that travel together: the boxes of one move, and the plan with the booking's confirmation."""
    groups: list[list[Fact]] = []
    for fact in told:
        last = groups[-1] if groups else None
        if last and fact.known - last[0].known < 2 * HOUR and not fact.corrects and not last[0].corrects:
            together = fact.phrase == last[0].phrase or fact.classifier == "planned"
            if together and (fact.classifier == "planned" or chance(rng, 0.7)):
                last.append(fact)
                continue
        groups.append([fact])
    return groups


def _by_terminals(box: Box, terminals: frozenset[str], rng: Random) -> list[Message]:
    """What the gates and cranes of those ports saw, minutes after the last box of a group."""
    seen = sorted(
        (fact for fact in box.facts if not box.air and fact.place in terminals and edifact_terminal.says(fact)),
        key=lambda fact: fact.at,
    )
    groups: list[list[Fact]] = []
    for fact in seen:
        if groups and groups[-1][0].milestone == fact.milestone and fact.at - groups[-1][0].at < 2 * HOUR:
            groups[-1].append(fact)
        else:
            groups.append([fact])
    out: list[Message] = []
    for facts in groups:
        sent = facts[-1].at + rng.randrange(90, 900)
        source = f"terminal-{facts[0].place.lower()}"
        out.append(Message(len(out), sent, "terminal", source, box.master_bill, box, None, facts, facts))
        _double(out, rng)
    return out


def _containers(cargo: Cargo) -> list[Message]:
    """The list of a cargo's containers, asked for once customs let the ship unload. It tells no fact."""
    approved = next((fact.known for fact in cargo.facts if fact.milestone == "discharge_approved"), 0)
    if cargo.box.air or not approved:
        return []
    subject = cargo.cargo_number
    return [Message(0, approved + 600, "unipass020", CONTAINERS_SOURCE, subject, cargo.box, cargo, [], [])]


def _by_customs(cargo: Cargo, rng: Random) -> list[Message]:
    """A snapshot soon after something happened; it holds all that happened until then."""
    told = sorted(cargo.told_by("customs"), key=lambda fact: fact.known)
    out: list[Message] = []
    done = 0
    while done < len(told):
        as_of = told[done].known + between(rng, 0.03, 0.4)
        end = next((index for index in range(done, len(told)) if told[index].known > as_of), len(told))
        overtaken = end < len(told) and chance(rng, 0.04)
        sent = told[end].known + between(rng, 0.5, 3) if overtaken else as_of
        fault = "overtaken" if overtaken else ""
        facts, news = told[:end], told[done:end]
        subject = cargo.cargo_number
        out.append(Message(len(out), sent, "unipass", CUSTOMS_SOURCE, subject, cargo.box, cargo, facts, news, fault))
        _double(out, rng)
        done = end
    return out


def _double(out: list[Message], rng: Random) -> None:
    if chance(rng, 0.03):
        last = out[-1]
        sent = last.sent_at + between(rng, 0.05, 12)
        out.append(replace(last, order=len(out), sent_at=sent, news=[], fault="doubled", copy_of=last.order))
