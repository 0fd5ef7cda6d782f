"""News of one declaration does not stand because another one of the same cargo does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from cargo import tasks
from cargo.models import Shipment, Source, TrackingUpdate
from cargo.pipeline import announce
from cargo.pipeline.receive import receive_answer
from tests.factories import a_registered_shipment
from tests.messages import DECLARATION, HOUSE, declared, entered, unipass
from tests.pipeline.working import work_off

NOON = datetime(2026, 3, 20, 3, tzinfo=UTC)
OTHER = "4291826000999M"
ENTRY, FIRST = entered("2026-03-16 10:00"), declared("2026-03-17 09:00")
SECOND = declared("2026-03-18 09:00", declaration=OTHER)


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Any:
    with mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def shipment(db: None) -> Shipment:
    found = a_registered_shipment(None, ("house_bill", HOUSE))
    work_off()
    return found


def answered(source: Source, hour: int, *steps: Any) -> None:
    """An answer that was asked for so many hours after noon, worked off."""
    receive_answer(source.pk, unipass(list(steps)), subject="001 26HDMU0123", asked_at=NOON + timedelta(hours=hour))
    work_off()


def lodged() -> dict[str, int]:
    """The update of each declaration."""
    rows = [(row.pk, json.loads(row.data)) for row in TrackingUpdate.objects.filter(kind="milestone").order_by("pk")]
    return {data["declaration"]: pk for pk, data in rows if data["milestone"] == "import_declared"}


def test_both_stand_and_the_one_that_is_no_longer_stated_does_not(customs: Source, shipment: Shipment) -> None:
    answered(customs, 0, ENTRY, FIRST, SECOND)
    told = lodged()
    assert told.keys() == {DECLARATION, OTHER}
    assert announce.still_true(told.values()) == set(told.values())
    answered(customs, 1, ENTRY, SECOND)
    assert announce.still_true(told.values()) == {told[OTHER]}
