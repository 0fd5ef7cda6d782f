"""Deadlines become rows, and each is told of: set, changed, near, exceeded; once, and not when it was met."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo import tasks
from cargo.models import (
    FeedHead,
    InspectionDue,
    Shipment,
    ShipmentDeadline,
    ShipmentException,
    Source,
    TrackingUpdate,
    bulk,
    findings,
)
from cargo.pipeline import announce, inspection
from cargo.pipeline.receive import receive
from cargo.tasks import drain_inspections, process_everything
from notifications.fanout import fan_out
from notifications.models import Delivery
from tests.factories import a_registered_shipment
from tests.messages import HOUSE, declared, entered, released, removed, unipass
from tests.notifications.conftest import a_channel, a_subscription
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-11T12:00:00+09:00")
STORED = [entered("2026-03-10 15:00")]
CLEARED = [*STORED, declared("2026-03-11 09:00"), released("2026-03-11 10:00")]
# 15 days from 11 March, the first excluded: Thursday 26 March.
DUE = datetime.fromisoformat("2026-03-26T23:59:59+09:00")
NEAR, EXCEEDED = DUE - timedelta(days=3), DUE + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """The noon after the goods came in; it stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    made = a_registered_shipment(shipper.organization, ("house_bill", HOUSE))
    process_everything()
    return made


def tell(source: Source, *progress: str, silent: bool = False) -> None:
    receive(source.pk, unipass(list(progress)), silent=silent)
    process_everything()


def rows(shipment: Shipment) -> dict[str, ShipmentDeadline]:
    return {row.kind: row for row in ShipmentDeadline.objects.filter(shipment=shipment)}


def told(kind: str = "removal") -> list[tuple[str, bool]]:
    """(what was told, silent) of the removal's deadline, in the order of writing."""
    updates = TrackingUpdate.objects.filter(kind__startswith="deadline.").order_by("pk")
    return [(row.kind, row.silent) for row in updates if json.loads(row.data)["deadline"] == kind]


def test_a_deadline_is_a_row_for_lists(customs: Source, shipment: Shipment) -> None:
    tell(customs, *CLEARED)
    row = rows(shipment)["removal"]
    assert (row.due_at, row.due_on, row.time_zone) == (DUE, date(2026, 3, 26), "Asia/Seoul")
    assert (row.responsible, row.next_action, row.authority, row.rule) == (
        "importer", "collect", "KR-KCS", "kr_removal",
    )  # fmt: skip
    assert (row.met_at, row.is_open, row.sequence, row.stage) == (None, True, 0, "set")
    assert row.updated_at == NOW


def test_four_notices_a_deadline_and_each_once(
    customs: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    tell(customs, *CLEARED)
    assert told() == [("deadline.set", False)]
    for at in (NEAR - timedelta(seconds=1), NEAR, NEAR + timedelta(hours=1), EXCEEDED, EXCEEDED + timedelta(hours=1)):
        clock.move_to(at)
        drain_inspections()
        # Looked at again for whatever reason, nothing is told twice.
        findings.mark([shipment.pk], ())
        drain_inspections()
    assert told() == [("deadline.set", False), ("deadline.near", False), ("deadline.exceeded", False)]
    exceeded = TrackingUpdate.objects.get(kind="deadline.exceeded", key__startswith="removal")
    assert exceeded.occurred_at == EXCEEDED
    open_ones = ShipmentException.objects.filter(closed_at=None, subject="removal")
    assert list(open_ones.values_list("kind", "due_at")) == [("deadline_exceeded", DUE)]


def test_the_clock_finds_it_by_the_column_alone(
    customs: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    tell(customs, *CLEARED)
    looks = []
    while (look := InspectionDue.objects.get().inspect_at) is not None and look <= EXCEEDED:
        looks.append(look)
        clock.move_to(look)
        assert drain_inspections() == 1
    assert {NEAR, EXCEEDED} <= set(looks)


def test_a_new_time_is_told_with_the_old_one(customs: Source, shipment: Shipment) -> None:
    tell(customs, *CLEARED)
    tell(customs, *CLEARED, entered("2026-03-09 15:00"))
    before = told("storage_limit") + told("import_declaration")
    assert ("deadline.changed", False) not in told()
    # The release of a day before was not known: fifteen days from then.
    tell(customs, *STORED, declared("2026-03-11 09:00"), released("2026-03-10 10:00"), released("2026-03-11 10:00"))
    changed = [row for row in TrackingUpdate.objects.filter(kind="deadline.changed") if "removal" in row.key]
    assert [json.loads(row.data)["was_due_at"] for row in changed] == ["2026-03-26T23:59:59+09:00"]
    assert json.loads(changed[0].data)["earlier"] is True
    assert told("storage_limit") + told("import_declaration") == before


def test_history_tells_nobody_and_what_comes_later_is_told(
    customs: Source, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    tell(customs, *CLEARED, silent=True)
    assert told() == [("deadline.set", True)]
    clock.move_to(NEAR)
    drain_inspections()
    assert told() == [("deadline.set", True), ("deadline.near", False)]


def test_nothing_is_told_of_what_was_met(customs: Source, shipment: Shipment, clock: time_machine.Traveller) -> None:
    tell(customs, *CLEARED)
    clock.move_to(NEAR - timedelta(hours=1))
    tell(customs, *CLEARED, removed("2026-03-23 10:00"))
    for at in (NEAR, EXCEEDED):
        clock.move_to(at)
        drain_inspections()
    assert told() == [("deadline.set", False)]
    row = rows(shipment)["removal"]
    assert (row.met_at, row.is_open, row.sequence) == (datetime.fromisoformat("2026-03-23T10:00:00+09:00"), False, 1)


def test_a_deadline_that_is_no_more_is_no_row_and_no_news(customs: Source, shipment: Shipment) -> None:
    tell(customs, *CLEARED)
    assert "removal" in rows(shipment)
    update = TrackingUpdate.objects.get(kind="deadline.set", key__startswith="removal")
    assert announce.still_true([update.pk]) == {update.pk}
    with mock.patch.object(inspection, "deadlines", return_value=[]):
        findings.mark([shipment.pk], ())
        drain_inspections()
    assert rows(shipment) == {}
    with mock.patch.object(announce, "deadlines", return_value=[]):
        assert announce.still_true([update.pk]) == set()


def test_near_goes_by_mail_and_only_while_it_is_true(
    customs: Source, shipment: Shipment, shipper: Person, clock: time_machine.Traveller
) -> None:
    a_subscription(a_channel(shipper), created_at=NOW - timedelta(days=9))
    tell(customs, *CLEARED)
    clock.move_to(NEAR)
    drain_inspections()
    fan_out()
    owed = Delivery.objects.filter(update__kind="deadline.near")
    (update,) = set(owed.values_list("update_id", flat=True))
    assert announce.still_true([update]) == {update}
    clock.move_to(EXCEEDED)
    assert announce.still_true([update]) == set()
    clock.move_to(NEAR + timedelta(hours=2))
    tell(customs, *CLEARED, removed("2026-03-24 01:00"))
    assert announce.still_true([update]) == set()


def test_one_that_is_set_is_in_the_digest_and_one_that_moved_is_told_at_once(
    customs: Source, shipment: Shipment, shipper: Person
) -> None:
    a_subscription(a_channel(shipper), created_at=NOW - timedelta(days=9))
    tell(customs, *CLEARED)
    fan_out()
    assert TrackingUpdate.objects.filter(kind="deadline.set", feed_no__isnull=False).exists()
    told = Delivery.objects.filter(notice__in=("deadline.set", "deadline.changed")).order_by()
    assert set(told.values_list("notice", "state")) == {("deadline.set", "gathered")}
    tell(customs, *STORED, declared("2026-03-11 09:00"), released("2026-03-10 10:00"), released("2026-03-11 10:00"))
    fan_out()
    assert set(told.values_list("notice", "state")) == {("deadline.set", "gathered"), ("deadline.changed", "pending")}


def test_due_inspections_and_open_deadlines_are_found_by_an_index(customs: Source, shipment: Shipment) -> None:
    """With sequential scans made dear, the planner shows whether an index could do it at all."""
    tell(customs, *CLEARED)
    if not bulk.is_postgres():
        plan = bulk.execute(
            f"EXPLAIN QUERY PLAN SELECT shipment_id FROM {findings.DUE} WHERE inspect_at <= '2026' "
            "AND inspect_at IS NOT NULL ORDER BY inspect_at"
        )
        assert "inspection_due_at" in str(plan)
        return
    bulk.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as statements:
        inspection.take_due()
    taken = next(row["sql"] for row in statements if row["sql"].startswith("UPDATE"))
    assert "inspection_due_at" in _plan(taken)
    table = ShipmentDeadline._meta.db_table
    assert "deadline_open_due" in _plan(f"SELECT id FROM {table} WHERE is_open AND due_at < now() ORDER BY due_at, id")


def _plan(sql: str) -> str:
    rows: list[tuple[Any, ...]] = bulk.execute(f"EXPLAIN {sql.replace('%', '%%')}")
    return "\n".join(str(row[0]) for row in rows)
