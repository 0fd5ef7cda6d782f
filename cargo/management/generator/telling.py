"""Who tells what, when: facts become messages, with the faults that ``noise`` describes.

A carrier speaks one dialect, decided by the seed; what others tell of the same moves is in ``beside``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from cargo.management.generator import beside
from cargo.management.generator.message import CUSTOMS_SOURCE, DIALECTS, Message, carrier_source, double
from cargo.management.generator.noise import DAY, HOUR, between, chance
from cargo.management.generator.story import Box, Cargo, Fact
from cargo.management.generator.world import World

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


def messages(world: World) -> list[Message]:
    """Every message that the world will ever send, in the order of sending.

    Marks each fact with when it was first told.
    """
    out: list[Message] = []
    for box in world.boxes:
        rng = Random(f"{world.seed}/told/{box.number}")
        _disturb(box, rng)
        out += _by_carrier(world, box, rng)
        for cargo in box.cargoes:
            if cargo.cargo_number:
                out += _by_customs(cargo, Random(f"{world.seed}/told/{box.number}/{cargo.number}"))
    out += beside.messages(world)
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
        if fact.classifier != "actual" or fact.by != "carrier":
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
    own = (fact for fact in box.facts if fact.by == "carrier" and not fact.missing and says(fact))
    told = sorted(own, key=lambda fact: fact.known)
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
        double(out, rng)
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
        double(out, rng)
        done = end
    return out
