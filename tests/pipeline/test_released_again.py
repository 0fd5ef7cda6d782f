"""A release that was taken back and is stated again for the same second is told again, and so is what ends it."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import transaction

from cargo import tasks
from cargo.models import InboundMessage, Shipment, Source, TrackingUpdate
from cargo.pipeline import announce, project
from tests.factories import a_registered_shipment
from tests.messages import MASTER, dcsa, document, retraction
from tests.pipeline.working import news_of, take_batch, take_in, work_off

RELEASED, REVOKED = ("customs.released", False), ("customs.release_revoked", False)


@pytest.fixture
def found(db: None) -> Shipment:
    shipment = a_registered_shipment(None, ("master_bill", MASTER))
    work_off()
    return shipment


def released(id: str, created: str) -> bytes:
    """Always for the same second."""
    return dcsa(document("RELS", "2026-03-20 10:00", id=id, created=f"2026-03-20 {created}"))


def back(id: str, at: str) -> bytes:
    """The carrier takes a report back."""
    return dcsa(retraction(id, f"2026-03-20 {at}", bill=MASTER))


TURNS = [released("a", "10:05"), back("a", "11:00"), released("b", "12:00")]


def told() -> list[TrackingUpdate]:
    return list(TrackingUpdate.objects.filter(kind__startswith="customs.").order_by("pk"))


def standing() -> list[int]:
    """Which of what was told stands now, by its place."""
    updates = told()
    stands = announce.still_true([update.pk for update in updates])
    return [place for place, update in enumerate(updates) if update.pk in stands]


def test_a_release_that_was_taken_back_is_told_again_for_the_same_second(carrier: Source, found: Shipment) -> None:
    for body in TURNS:
        take_in(carrier, body)
    assert news_of(found) == [RELEASED, REVOKED, RELEASED]
    first, withdrawn, second = told()
    assert (first.occurred_at, second.key) == (second.occurred_at, f"{first.key}|{second.key[-32:]}")
    assert standing() == [2]
    take_in(carrier, back("b", "13:00"))
    assert news_of(found)[3:] == [REVOKED]
    assert standing() == [3]
    assert told()[3].key == f"{withdrawn.key}|{second.key[-32:]}"
    take_in(carrier, released("c", "14:00"))
    assert news_of(found)[4:] == [RELEASED]
    assert standing() == [4]


def test_nothing_is_told_once_more_by_what_was_said_before(carrier: Source, found: Shipment) -> None:
    for body in TURNS:
        take_in(carrier, body)
    before = [(update.pk, update.silent) for update in told()]
    take_in(carrier, *(b"[" + body + b"]" for body in reversed(TURNS)))
    project.rebuild([found.pk])
    tasks.replay_messages(list(InboundMessage.objects.values_list("pk", flat=True)))
    work_off()
    assert [(update.pk, update.silent) for update in told()] == before
    assert project.differences([found.pk]) == []


@pytest.mark.parametrize("together", [False, True])
def test_in_whatever_order_it_comes_in_the_reader_hears_of_what_stands(
    carrier: Source, found: Shipment, together: bool
) -> None:
    """A second word for it that comes before the first is taken back leaves it standing: nothing is told anew."""
    for order in permutations(TURNS):
        with transaction.atomic():
            if together:
                take_batch(carrier, order)
            else:
                for body in order:
                    take_in(carrier, body)
            in_turn = not together and order == tuple(TURNS)
            assert news_of(found) == ([RELEASED, REVOKED, RELEASED] if in_turn else [RELEASED])
            assert standing() == ([2] if in_turn else [0])
            transaction.set_rollback(True)


def test_a_second_report_of_a_release_that_stands_is_not_told(carrier: Source, found: Shipment) -> None:
    for body in (TURNS[0], TURNS[2]):
        take_in(carrier, body)
    assert news_of(found) == [RELEASED]
    take_in(carrier, TURNS[1])
    assert news_of(found) == [RELEASED]
    assert standing() == [0]


def test_what_was_taken_back_in_silence_is_told_when_it_is_stated_again(carrier: Source, found: Shipment) -> None:
    take_in(carrier, TURNS[0], silent=True)
    take_in(carrier, TURNS[1], silent=True)
    assert news_of(found) == [("customs.released", True), ("customs.release_revoked", True)]
    take_in(carrier, TURNS[2])
    assert news_of(found)[2:] == [RELEASED]
