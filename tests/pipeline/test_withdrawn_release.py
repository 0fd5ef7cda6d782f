"""A release that a later answer of customs no longer states, without a word of taking it back, is told as gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import msgspec
import pytest

from cargo import tasks
from cargo.models import Shipment, Source, TrackingUpdate
from cargo.pipeline import announce, project
from cargo.pipeline.receive import receive, receive_answer
from tests.factories import a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, unipass
from tests.pipeline.working import news_of, work_off

NOON = datetime(2026, 3, 20, 3, tzinfo=UTC)
WITH = [entered("2026-03-16 10:00"), declared("2026-03-17 09:00"), released("2026-03-18 14:00")]
WITHOUT = WITH[:2]


@pytest.fixture
def shipment(db: None) -> Shipment:
    found = a_registered_shipment(None, ("house_bill", HOUSE))
    work_off()
    return found


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Any:
    with mock.patch.object(tasks, "wake"):
        yield


def answered(source: Source, hour: int, *steps: Any) -> None:
    """An answer that was asked for so many hours after noon, worked off."""
    receive_answer(source.pk, unipass(list(steps)), subject="001 26HDMU0123", asked_at=NOON + timedelta(hours=hour))
    work_off()


def told(shipment: Shipment) -> list[int]:
    """The updates for people, in the order of writing."""
    rows = TrackingUpdate.objects.filter(shipment=shipment, kind__startswith="customs.").order_by("pk")
    return list(rows.values_list("pk", flat=True))


def test_gone_and_back_and_gone_are_each_told_once(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, *WITH)
    assert news_of(shipment) == [("customs.released", False)]
    answered(customs, 1, *WITHOUT)
    assert news_of(shipment) == [("customs.released", False), ("customs.release_revoked", False)]
    released_first, withdrawn = told(shipment)
    update = TrackingUpdate.objects.get(pk=withdrawn)
    assert (msgspec.json.decode(update.data)["withdrawn"], update.occurred_at) == (True, None)
    assert announce.still_true([released_first, withdrawn]) == {withdrawn}
    answered(customs, 2, *WITHOUT)
    assert len(told(shipment)) == 2
    answered(customs, 3, *WITH)
    assert [kind for kind, _ in news_of(shipment)] == [
        "customs.released", "customs.release_revoked", "customs.released",
    ]  # fmt: skip
    *_, released_again = told(shipment)
    assert announce.still_true(told(shipment)) == {released_again}
    answered(customs, 4, *WITHOUT)
    assert [kind for kind, _ in news_of(shipment)][3:] == ["customs.release_revoked"]
    assert announce.still_true(told(shipment)) == {withdrawn, told(shipment)[3]}
    assert project.differences([shipment.pk]) == []


def test_working_it_out_again_tells_nothing_anew(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, *WITH)
    answered(customs, 1, *WITHOUT)
    answered(customs, 2, *WITH)
    before = told(shipment)
    project.rebuild([shipment.pk])
    work_off()
    assert told(shipment) == before


def test_a_pushed_copy_without_the_release_withdraws_nothing(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, *WITH)
    receive(customs.pk, unipass(list(WITHOUT)))
    work_off()
    assert news_of(shipment) == [("customs.released", False)]
