"""What is written is read: every fact of the truth, at its time, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from cargo import formats
from cargo.domain.event import Event
from cargo.management.generator import truth
from cargo.management.generator.telling import Message
from cargo.management.generator.world import World
from tests.generator.worlds import a_world

Report = tuple[str, str, str, str, float, str]


def decoded(messages: list[Message]) -> Iterator[tuple[Message, Event]]:
    for message in messages:
        name, outcomes = formats.decode(message.body())
        assert name == {"dcsa": "dcsa.tnt2", "unipass": "unipass.api001"}[message.dialect]
        for outcome in outcomes:
            assert isinstance(outcome, Event), f"{message.subject}: {outcome}"
            assert outcome.warnings == ()
            yield message, outcome


def reports_read(messages: list[Message]) -> set[Report]:
    found = set()
    for message, event in decoded(messages):
        assert event.occurred_at is not None
        container = event.reference("container") or "" if event.level == "container" else ""
        subject = message.box.master_bill if message.dialect == "dcsa" else message.subject
        at = event.occurred_at.timestamp()
        found.add((message.source, subject, event.milestone, event.classifier, at, container))
    return found


def reports_told(world: World, until: int) -> set[Report]:
    """From the truth file's own rows. The place's part in the journey is not in a carrier's message."""
    told = set()
    for cargo in world.cargoes:
        document = truth.of(cargo, world.now)
        for row in [*document["milestones"], *document["expected"]]:
            if row["told_at"] is None or datetime.fromisoformat(row["told_at"]).timestamp() > until:
                continue
            subject = cargo.cargo_number if row["source"] == "unipass" else cargo.box.master_bill
            milestone = row["milestone"].removeprefix("transshipment_")
            at = datetime.fromisoformat(row["occurred_at"]).timestamp()
            classifier = row.get("classifier", "actual")
            told.add((row["source"], subject, milestone, classifier, at, row.get("container", "")))
    return told


@pytest.mark.parametrize(("shipments", "seed"), [(200, 7), (50, 1)])
def test_everything_ever_told_reads_as_the_truth(shipments: int, seed: int) -> None:
    world, messages = a_world(shipments, seed)
    told = reports_told(world, messages[-1].sent_at)
    assert len(told) > 25 * shipments
    assert reports_read(messages) == told


def test_what_was_sent_until_now_reads_as_what_was_told_until_now() -> None:
    world, messages = a_world(50, 1)
    sent = [message for message in messages if message.sent_at <= world.now]
    assert 0 < len(sent) < len(messages)
    assert reports_read(sent) == reports_told(world, world.now)


def test_removals_add_up_to_what_the_manifest_says() -> None:
    world, messages = a_world()
    removed: dict[str, int] = {}
    last: dict[str, Message] = {}
    for message in messages:
        if message.dialect == "unipass":
            # The fullest, not the latest: an older answer may come after a newer one.
            last[message.subject] = max(message, last.get(message.subject, message), key=lambda one: len(one.facts))
    for message, event in decoded(list(last.values())):
        if event.milestone in ("gate_out", "gate_out_before_release"):
            assert event.quantity is not None and event.quantity.packages is not None
            removed[message.subject] = removed.get(message.subject, 0) + event.quantity.packages
    expected = {cargo.cargo_number: cargo.packages for cargo in world.cargoes if cargo.cargo_number in last}
    assert removed == {number: packages for number, packages in expected.items() if number in removed}
    assert len(removed) == len(expected)


def test_notices_carry_the_storage_limit_and_extensions_their_day() -> None:
    _, messages = a_world()
    kinds: dict[str, int] = {}
    for _, event in decoded([message for message in messages if message.dialect == "unipass"][-400:]):
        if event.deadline is not None:
            kinds[event.deadline.kind] = kinds.get(event.deadline.kind, 0) + 1
    assert kinds.get("storage_limit", 0) > 0
    assert kinds.get("entry_limit", 0) > 0
