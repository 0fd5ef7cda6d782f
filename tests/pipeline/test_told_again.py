"""What is told again: an arrival that is expected as it was before; what was taken back and really happened later."""

from __future__ import annotations

from itertools import permutations
from typing import Any
from unittest import mock

import pytest
from django.db import transaction

from cargo import tasks
from cargo.models import InboundMessage, Shipment, Source, TrackingUpdate
from cargo.pipeline import announce, project
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import BOX, MASTER, SECOND_BOX, dcsa, equipment, retraction, transport
from tests.pipeline.working import take_batch, take_in, work_off


@pytest.fixture
def found(db: None) -> Shipment:
    shipment = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    return shipment


def estimate(day: int, created: str, **words: Any) -> bytes:
    """The carrier expects the arrival on that day."""
    return dcsa(transport("ARRI", f"2026-03-{day} 12:00", classifier="EST", created=created, **words))


def expected_days(shipment: Shipment) -> list[tuple[int, bool]]:
    """(day, silent) of the arrivals that were announced, in the order of writing."""
    rows = TrackingUpdate.objects.filter(shipment=shipment, kind="estimate").order_by("pk")
    return [(int(f"{row.occurred_at:%d}"), row.silent) for row in rows]


@pytest.mark.parametrize("ids", [("a", "b", "c", "d"), (None, None, None, None)])
def test_each_turn_of_the_expected_arrival_is_told_once(
    carrier: Source, found: Shipment, ids: tuple[str | None, ...]
) -> None:
    turns = [
        estimate(day, f"2026-03-0{created} 08:00", id=id)
        for day, created, id in zip((20, 25, 20, 25), (1, 2, 3, 4), ids, strict=True)
    ]
    for body in turns:
        take_in(carrier, body)
        take_in(carrier, b"[" + body + b"]")
    assert expected_days(found) == [(20, False), (25, False), (20, False), (25, False)]
    project.rebuild([found.pk])
    with mock.patch.object(tasks, "wake"):
        tasks.replay_messages(list(InboundMessage.objects.values_list("pk", flat=True)))
    take_in(carrier, *reversed(turns))
    assert len(expected_days(found)) == 4
    # Who is told of it later hears of none, and what is found late was never believed.
    late = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    assert {silent for _, silent in expected_days(late)} == {True}
    take_in(carrier, estimate(22, "2026-03-02 09:00", id="late"))
    assert len(expected_days(found)) == 4


def test_the_order_of_the_reports_leaves_what_counts(carrier: Source, found: Shipment) -> None:
    for day, created in ((20, 1), (20, 3), (25, 2)):
        take_in(carrier, estimate(day, f"2026-03-0{created} 08:00", id=f"e{created}"))
    assert expected_days(found) == [(20, False)]


def test_the_arrival_expected_after_a_better_one_was_retracted_is_told(carrier: Source, found: Shipment) -> None:
    better = SourceFactory.create(slug="terminal", rank=carrier.rank - 1)
    take_in(carrier, estimate(25, "2026-03-01 08:00", id="a"))
    take_in(better, estimate(20, "2026-03-02 08:00", id="b"))
    take_in(better, dcsa(retraction("b", "2026-03-03 08:00", bill=MASTER)))
    assert expected_days(found) == [(25, False), (20, False), (25, False)]
    pks = list(TrackingUpdate.objects.filter(kind="estimate").order_by("pk").values_list("pk", flat=True))
    assert announce.still_true(pks) == {pks[0], pks[2]}
    project.rebuild([found.pk])
    take_in(carrier, estimate(25, "2026-03-04 08:00", id="c"))
    assert len(expected_days(found)) == 3


def test_two_sources_that_contradict_each_other_are_heard_once_each(carrier: Source, found: Shipment) -> None:
    other = SourceFactory.create(slug="agent", rank=carrier.rank)
    for created in (1, 3, 5):
        take_in(carrier, estimate(20, f"2026-03-0{created} 08:00", id=f"c{created}"))
        take_in(other, estimate(25, f"2026-03-0{created + 1} 08:00", id=f"o{created}"))
    assert expected_days(found) == [(20, False), (25, False)]
    take_in(carrier, estimate(22, "2026-03-07 08:00", id="c7"))
    take_in(carrier, estimate(20, "2026-03-08 08:00", id="c8"))
    assert expected_days(found)[2:] == [(22, False), (20, False)]


# --- What happened: taken back, and then it really did ----------------------------------------------


def left(at: str, id: str, box: str = BOX) -> bytes:
    """A box goes out of the terminal's gate."""
    return dcsa(equipment("GTOT", at, id=id, created=at, box=box))


def back(id: str, at: str) -> bytes:
    """The carrier takes it back."""
    return dcsa(retraction(id, at, bill=MASTER))


def told(shipment: Shipment, kind: str) -> list[tuple[str, bool]]:
    """(time in UTC, silent) of its updates of this kind, in the order of writing."""
    rows = TrackingUpdate.objects.filter(shipment=shipment, kind=kind).order_by("pk")
    return [(f"{row.occurred_at:%d %H:%M}", row.silent) for row in rows]


def one_by_one(source: Source, *bodies: bytes) -> None:
    """Each is worked off before the next one is received."""
    for body in bodies:
        take_in(source, body)


@pytest.fixture
def discharged(carrier: Source, found: Shipment) -> Shipment:
    take_in(carrier, dcsa(equipment("DISC", "2026-03-14 09:00")))
    return found


def replay_everything() -> None:
    with mock.patch.object(tasks, "wake"):
        tasks.replay_messages(list(InboundMessage.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize("hour", [10, 15])
def test_a_gate_out_that_was_taken_back_is_told_again_when_it_happens(
    carrier: Source, discharged: Shipment, hour: int
) -> None:
    turns = [left("2026-03-18 10:00", "a"), back("a", "2026-03-18 12:00"), left(f"2026-03-18 {hour}:00", "b")]
    one_by_one(carrier, *turns[:2])
    assert told(discharged, "gate_out") == [("18 01:00", False)]
    take_in(carrier, turns[2])
    expected = [("18 01:00", False), (f"18 {hour - 9:02d}:00", False)]
    assert told(discharged, "gate_out") == expected
    first, second = TrackingUpdate.objects.filter(kind="gate_out").order_by("pk")
    assert (first.key, second.key[:9], len(second.key)) == ("complete", "complete|", 41)
    assert announce.still_true([first.pk, second.pk]) == {second.pk}
    # Nothing is told once more by what was said before.
    one_by_one(carrier, b"[" + turns[2] + b"]", *turns)
    project.rebuild([discharged.pk])
    replay_everything()
    assert told(discharged, "gate_out") == expected
    take_in(carrier, back("b", "2026-03-18 20:00"))
    assert announce.still_true([first.pk, second.pk]) == set()
    take_in(carrier, left("2026-03-19 08:00", "c"))
    assert told(discharged, "gate_out") == [*expected, ("18 23:00", False)]


def test_a_better_report_of_a_later_gate_out_leaves_it_standing(carrier: Source, discharged: Shipment) -> None:
    better = SourceFactory.create(slug="terminal", rank=carrier.rank - 1)
    one_by_one(carrier, left("2026-03-18 10:00", "a"), back("a", "2026-03-18 12:00"), left("2026-03-18 15:00", "b"))
    take_in(better, left("2026-03-18 15:00", "t"))
    assert len(told(discharged, "gate_out")) == 2
    second = TrackingUpdate.objects.filter(kind="gate_out").latest("pk").pk
    assert announce.still_true([second]) == {second}


def test_a_gate_out_in_silence_is_told_when_it_happens_again(carrier: Source, discharged: Shipment) -> None:
    take_in(carrier, left("2026-03-18 10:00", "a"), silent=True)
    take_in(carrier, back("a", "2026-03-18 12:00"))
    take_in(carrier, left("2026-03-18 15:00", "b"), silent=True)
    one_by_one(carrier, back("b", "2026-03-18 16:00"), left("2026-03-18 17:00", "c"))
    assert told(discharged, "gate_out") == [("18 01:00", True), ("18 08:00", False)]


def test_a_gate_out_is_told_once_in_any_order_of_the_boxes(carrier: Source, found: Shipment) -> None:
    """A box that became known after all others had left is no gate-out taken back."""
    messages = [
        dcsa(equipment("DISC", "2026-03-14 09:00")),
        dcsa(equipment("DISC", "2026-03-14 09:00", box=SECOND_BOX)),
        left("2026-03-18 10:00", "a"),
        left("2026-03-18 11:00", "b", SECOND_BOX),
    ]
    for order in permutations(messages):
        with transaction.atomic():
            one_by_one(carrier, *order)
            assert [row[1] for row in told(found, "gate_out")] == [False]
            assert len(told(found, "milestone")) == 4
            transaction.set_rollback(True)


def test_taken_back_before_it_was_known_or_in_one_batch_it_is_told_once(carrier: Source, discharged: Shipment) -> None:
    turns = [left("2026-03-18 10:00", "a"), back("a", "2026-03-18 12:00"), left("2026-03-18 15:00", "b")]
    for order in permutations(turns):
        with transaction.atomic():
            take_batch(carrier, order)
            assert told(discharged, "gate_out") == [("18 06:00", False)]
            transaction.set_rollback(True)
    one_by_one(carrier, turns[1], turns[0], turns[2])
    assert told(discharged, "gate_out") == [("18 06:00", False)]


def test_a_departure_that_was_taken_back_is_told_again_for_the_same_time(carrier: Source, found: Shipment) -> None:
    turns = [
        dcsa(transport("DEPA", "2026-03-10 10:00", "CNSHA", id="a")),
        back("a", "2026-03-10 12:00"),
        dcsa(transport("DEPA", "2026-03-10 10:00", "CNSHA", id="b", created="2026-03-10 13:00")),
    ]
    one_by_one(carrier, *turns)
    assert told(found, "milestone") == [("10 01:00", False)] * 2
    first, second = TrackingUpdate.objects.filter(kind="milestone").order_by("pk")
    assert second.key == f"{first.key}|{second.key[-32:]}"
    take_in(carrier, *reversed(turns))
    project.rebuild([found.pk])
    replay_everything()
    assert len(told(found, "milestone")) == 2


def test_what_another_source_says_as_well_or_corrects_back_is_not_told_again(carrier: Source, found: Shipment) -> None:
    other = SourceFactory.create(slug="agent", rank=carrier.rank)
    take_in(carrier, dcsa(transport("DEPA", "2026-03-10 10:00", "CNSHA", id="a", created="2026-03-10 11:00")))
    take_in(other, dcsa(transport("DEPA", "2026-03-10 10:20", "CNSHA", id="o", created="2026-03-10 12:00")))
    take_in(carrier, dcsa(transport("DEPA", "2026-03-10 10:00", "CNSHA", id="b", created="2026-03-10 13:00")))
    take_in(carrier, back("a", "2026-03-10 14:00"))
    assert told(found, "milestone") == [("10 01:00", False), ("10 01:20", False)]
