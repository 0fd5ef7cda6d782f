"""What is written is read: every fact of the truth, at its time and place, and nothing else; dialect by dialect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cargo import formats
from cargo.domain.event import Event
from cargo.management.generator import truth, unipass_containers_xml
from cargo.management.generator.places import PORTS
from cargo.management.generator.story import Cargo
from cargo.management.generator.telling import CUSTOMS_SOURCE, DIALECTS, Message, file_name
from cargo.management.generator.world import World
from cargo.pipeline.normalize import normalize
from tests.generator.worlds import a_world

# Source, subject, milestone, classifier, time, container, place.
Report = tuple[str, str, str, str, float, str, str]
# Both tell what happened to a cargo; the list of its containers has no time, and is tested apart.
TELLING = tuple(name for name in DIALECTS if name != "unipass020")
# An event of a document, which names no place.
OF_DOCUMENTS = frozenset({"vgm_submitted"})


def decoded(messages: list[Message]) -> Iterator[tuple[Message, Event]]:
    """The events as the pipeline places them. No message may hold anything else, or anything to warn of."""
    for number, message in enumerate(messages):
        received = datetime.fromtimestamp(message.sent_at, UTC)
        body, request = message.body(), file_name(message, number)
        name, outcomes = formats.decode(body, received_at=received, request=request)
        assert name == DIALECTS[message.dialect].FORMAT
        for outcome in normalize(outcomes, received):
            assert isinstance(outcome, Event), f"{message.subject}: {outcome}"
            assert outcome.warnings == (), f"{message.source}: {outcome.source_code}"
            yield message, outcome


def reports_read(messages: list[Message]) -> set[Report]:
    """A place counts where the truth names one. What befell a whole bill may be said of each of its boxes."""
    found = set()
    for message, event in decoded(messages):
        assert event.occurred_at is not None
        milestone = event.milestone.removeprefix("transshipment_")
        at = event.occurred_at.timestamp()
        if message.dialect in ("unipass", "unipass020"):
            found.add((message.source, message.subject, milestone, event.classifier, at, "", ""))
            continue
        about = [fact for fact in message.box.facts if fact.milestone.removeprefix("transshipment_") == milestone]
        container = event.reference("container") or "" if any(fact.container for fact in about) else ""
        place = event.place.code or "" if event.place and any(fact.place for fact in about) else ""
        subject = message.box.master_bill
        found.add((message.source, subject, milestone, event.classifier, at, container, place))
    return found


def reports_told(world: World, until: int, dialect: str = "") -> set[Report]:
    """From the truth file's own rows, times as exact as each dialect writes them.

    The place's part in the journey (transshipment) is not in every message.
    """
    told: set[Report] = set()
    for cargo in world.cargoes:
        document = truth.of(cargo, world.now)
        for row in [*document["milestones"], *document["expected"]]:
            for source, when in row["told_by"].items():
                spoken = source.partition("-")[0]
                if datetime.fromisoformat(when).timestamp() <= until and dialect in ("", spoken):
                    told.add(_report(cargo, row, source, DIALECTS[spoken].PRECISION))
    return told


def _report(cargo: Cargo, row: dict[str, Any], source: str, precision: int) -> Report:
    subject = cargo.cargo_number if source == CUSTOMS_SOURCE else cargo.box.master_bill
    at = datetime.fromisoformat(row["occurred_at"]).timestamp()
    milestone = row["milestone"].removeprefix("transshipment_")
    container = row.get("container", "")
    place = "" if milestone in OF_DOCUMENTS else row.get("place", "")
    return source, subject, milestone, row.get("classifier", "actual"), at - at % precision, container, place


def timed(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.dialect in TELLING]


@pytest.mark.parametrize(("shipments", "seed"), [(200, 7), (50, 1)])
def test_everything_ever_told_reads_as_the_truth(shipments: int, seed: int) -> None:
    world, messages = a_world(shipments, seed)
    told = reports_told(world, messages[-1].sent_at)
    assert len(told) > 25 * shipments
    assert reports_read(timed(messages)) == told


def test_what_was_sent_until_now_reads_as_what_was_told_until_now() -> None:
    world, messages = a_world(50, 1)
    sent = [message for message in timed(messages) if message.sent_at <= world.now]
    assert 0 < len(sent) < len(messages)
    assert reports_read(sent) == reports_told(world, world.now)


@pytest.mark.parametrize("dialect", TELLING)
def test_each_dialect_tells_the_truth(dialect: str) -> None:
    world, messages = a_world(40)
    own = [message for message in messages if message.dialect == dialect]
    told = reports_told(world, messages[-1].sent_at, dialect)
    assert len({report[2] for report in told}) >= 4
    assert reports_read(own) == told


def test_a_terminal_and_a_carrier_tell_of_the_same_move() -> None:
    world, _ = a_world()
    twice = [fact for box in world.boxes for fact in box.facts if len(fact.told_by) > 1]
    assert {fact.milestone for fact in twice} == {"gate_in", "loaded", "discharged", "gate_out"}
    for fact in twice:
        assert sorted(source.startswith("terminal-") for source in fact.told_by) == [False, True]


def test_places_of_what_befell_documents_are_ends_of_the_journey() -> None:
    _, messages = a_world(40)
    seen = 0
    for message, event in decoded([message for message in messages if message.dialect in ("iftsta", "x12", "fsu")]):
        assert event.place is not None and event.place.code in PORTS
        stops = {code for leg in message.box.legs for code in (leg.origin.code, leg.destination.code)}
        assert event.place.code in stops
        assert event.time_basis == "place"
        seen += 1
    assert seen > 200


def test_the_list_of_containers_names_all_of_a_cargo_with_their_seals() -> None:
    _, messages = a_world(40)
    lists = [message for message in messages if message.dialect == "unipass020"]
    assert len(lists) > 10
    for message in lists:
        events = [event for _, event in decoded([message])]
        assert [event.reference("container") for event in events] == message.box.containers
        for event in events:
            assert event.milestone == "containers_listed"
            assert event.reference("cargo_control_number") == message.subject
            assert event.reference("seal") == unipass_containers_xml.seal(event.reference("container") or "")


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
