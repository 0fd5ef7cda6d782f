"""Exceptions are opened and closed as states and the clock move on, and the feed hears of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cargo import booking, tasks
from cargo.models import (
    FeedHead,
    InspectionDue,
    Shipment,
    ShipmentException,
    ShipmentStatus,
    Source,
    TrackingUpdate,
    bulk,
    findings,
    projection,
)
from cargo.pipeline import inspection, project, receive
from cargo.tasks import drain_inspections, process_everything
from notifications.fanout import fan_out
from notifications.models import Delivery
from tests.notifications.conftest import a_channel, a_subscription
from tests.people import Person

KST = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=KST)
BILL = "HDMUPUSR1234567"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 20 March 2026 in Korea; it stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    assert shipper.organization
    made = booking.register(shipper.organization.pk, [("master_bill", BILL)], port_of_discharge="KRPUS")
    process_everything()
    return made


def arrival(bill: str, classifier: str, at: datetime, told: datetime = NOW - timedelta(days=2)) -> dict[str, Any]:
    """DCSA Track & Trace 2.2: a vessel's arrival in Busan, planned, estimated or actual."""
    return {
        "eventID": str(uuid5(NAMESPACE_URL, f"{bill}{classifier}{at}{told}")),
        "eventType": "TRANSPORT",
        "eventCreatedDateTime": told.isoformat(),
        "eventDateTime": at.isoformat(),
        "eventClassifierCode": classifier,
        "transportEventTypeCode": "ARRI",
        "documentReferences": [{"documentReferenceType": "TRD", "documentReferenceValue": bill}],
        "transportCall": {
            "transportCallID": "1",
            "modeOfTransport": "VESSEL",
            "UNLocationCode": "KRPUS",
            "vessel": {"vesselIMONumber": "9863297", "vesselName": "HMM ALGECIRAS"},
            "carrierVoyageNumber": "014E",
        },
    }


def told(source: Source, *events: dict[str, Any], silent: bool = False) -> None:
    """Received and worked off, inspections included."""
    receive.receive(source.pk, json.dumps(events).encode(), silent=silent)
    process_everything()


def exceptions(shipment: Shipment) -> list[tuple[str, bool]]:
    """(kind, open), in the order in which they were opened."""
    rows = ShipmentException.objects.filter(shipment=shipment).order_by("pk")
    return [(row.kind, row.closed_at is None) for row in rows]


def news() -> list[tuple[str, str, bool]]:
    """(kind of update, kind of exception, silent)."""
    rows = TrackingUpdate.objects.filter(kind__startswith="exception.").order_by("pk")
    return [(row.kind, json.loads(row.data)["exception"], row.silent) for row in rows]


def next_look(shipment: Shipment) -> datetime | None:
    return InspectionDue.objects.get(pk=shipment.pk).inspect_at


def test_an_arrival_that_is_overdue_is_noticed_by_the_clock_and_ends_with_the_arrival(
    clock: time_machine.Traveller, source: Source, shipment: Shipment
) -> None:
    told(source, arrival(BILL, "EST", NOW + timedelta(hours=4)))
    assert exceptions(shipment) == []
    assert next_look(shipment) == NOW + timedelta(hours=16)

    clock.move_to(NOW + timedelta(hours=15, minutes=59))
    assert drain_inspections() == 0
    clock.move_to(NOW + timedelta(hours=16))
    assert drain_inspections() == 1
    row = ShipmentException.objects.get()
    assert (row.kind, row.subject, row.since, row.opened_at, row.closed_at, row.responsible, row.next_action) == (
        "overdue",
        "",
        NOW + timedelta(hours=4),
        NOW + timedelta(hours=16),
        None,
        "carrier",
        "wait_for_arrival",
    )
    assert next_look(shipment) is None

    clock.move_to(NOW + timedelta(hours=20))
    told(source, arrival(BILL, "ACT", NOW + timedelta(hours=18), NOW + timedelta(hours=19)))
    row.refresh_from_db()
    assert row.closed_at == NOW + timedelta(hours=20)
    assert news() == [("exception.opened", "overdue", False), ("exception.closed", "overdue", False)]


def test_the_update_says_who_must_do_what(clock: time_machine.Traveller, source: Source, shipment: Shipment) -> None:
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    update = TrackingUpdate.objects.get(kind="exception.opened")
    assert update.occurred_at == NOW - timedelta(hours=13)
    assert json.loads(update.data) == {
        "exception": "overdue",
        "detail": "",
        "responsible": "carrier",
        "next_action": "wait_for_arrival",
        "since": "2026-03-19T14:00:00+00:00",
        "due_at": None,
        "reason": None,
        "told": {"expected_at": "2026-03-19T14:00:00Z", "place": "KRPUS"},
        "occurred_at": "2026-03-19T14:00:00+00:00",
        "references": [{"type": "master_bill", "value": BILL}],
    }


def test_an_exception_that_comes_back_is_a_new_row_and_new_news(
    clock: time_machine.Traveller, source: Source, shipment: Shipment
) -> None:
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    clock.shift(60)
    told(source, arrival(BILL, "EST", NOW + timedelta(hours=4), NOW - timedelta(days=1)))
    clock.move_to(NOW + timedelta(hours=17))
    drain_inspections()
    assert exceptions(shipment) == [("overdue", False), ("overdue", True)]
    assert [kind for kind, _, _ in news()] == ["exception.opened", "exception.closed", "exception.opened"]


def test_inspecting_again_changes_nothing(source: Source, shipment: Shipment) -> None:
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    before = list(ShipmentException.objects.values()), news()
    for _ in range(2):
        InspectionDue.objects.update(inspect_at=NOW - timedelta(seconds=1))
        assert drain_inspections() == 1
    assert (list(ShipmentException.objects.values()), news()) == before


def test_what_stays_open_is_brought_up_to_date(source: Source, shipment: Shipment) -> None:
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=20)))
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13), NOW - timedelta(hours=12)))
    row = ShipmentException.objects.get()
    assert (row.since, row.closed_at) == (NOW - timedelta(hours=13), None)
    assert len(news()) == 1


def test_what_was_opened_for_history_tells_nobody(source: Source, shipper: Person) -> None:
    """The message came before the registration: what it brings is a baseline."""
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    assert shipper.organization
    booking.register(shipper.organization.pk, [("master_bill", BILL)], port_of_discharge="KRPUS")
    process_everything()
    assert news() == [("exception.opened", "overdue", True)]


def test_silence_ends_with_the_inspection(clock: time_machine.Traveller, source: Source, shipment: Shipment) -> None:
    told(source, arrival(BILL, "EST", NOW + timedelta(hours=4)), silent=True)
    clock.move_to(NOW + timedelta(hours=17))
    drain_inspections()
    assert news() == [("exception.opened", "overdue", False)]


def test_news_beside_history_is_told(source: Source, shipment: Shipment) -> None:
    """A silent change and a loud one before one inspection."""
    findings.mark([shipment.pk], [shipment.pk])
    assert InspectionDue.objects.get().silent
    findings.mark([shipment.pk], [])
    assert not InspectionDue.objects.get().silent
    findings.mark([shipment.pk], [shipment.pk])
    assert not InspectionDue.objects.get().silent


def test_a_rebuild_tells_nobody(source: Source, shipment: Shipment) -> None:
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    ShipmentException.objects.all().delete()
    TrackingUpdate.objects.filter(kind__startswith="exception.").delete()
    with transaction.atomic():
        project.rebuild([shipment.pk])
    drain_inspections()
    assert exceptions(shipment) == [("overdue", True)]
    assert news() == [("exception.opened", "overdue", True)]


def test_exceptions_are_in_the_feed_and_in_the_digest(source: Source, shipment: Shipment, shipper: Person) -> None:
    a_subscription(a_channel(shipper), created_at=NOW - timedelta(days=9))
    told(source, arrival(BILL, "EST", NOW - timedelta(hours=13)))
    assert fan_out() > 0
    assert TrackingUpdate.objects.get(kind="exception.opened").feed_no is not None
    assert list(Delivery.objects.values_list("notice", "state")) == [("exception.opened", "gathered")]


def test_a_quiet_message_marks_nothing(source: Source, shipment: Shipment) -> None:
    """Told again by another message, the same report changes no state."""
    told(source, arrival(BILL, "EST", NOW + timedelta(days=4)))
    look = next_look(shipment)
    receive.receive(source.pk, json.dumps([arrival(BILL, "EST", NOW + timedelta(days=4))], indent=1).encode())
    process_everything()
    assert next_look(shipment) == look == NOW + timedelta(days=4, hours=12)
    assert InspectionDue.objects.get().attempts == 0


def test_a_change_during_an_inspection_is_inspected(source: Source, shipment: Shipment) -> None:
    """The state moves on between the taking and the inspection: what is inspected is the new state."""
    findings.mark([shipment.pk], [])
    taken = inspection.take_due()
    assert taken == [shipment.pk]
    receive.receive(source.pk, json.dumps([arrival(BILL, "EST", NOW - timedelta(hours=13))]).encode())
    for messages in iter(tasks.batch.claim, []):
        tasks.process(messages)
    with transaction.atomic():
        inspection.inspect_due(taken)
    assert exceptions(shipment) == [("overdue", True)]
    assert inspection.take_due() == []


def test_a_change_after_an_inspection_is_due_again(source: Source, shipment: Shipment) -> None:
    findings.mark([shipment.pk], [])
    with transaction.atomic():
        inspection.inspect_due(inspection.take_due())
    receive.receive(source.pk, json.dumps([arrival(BILL, "EST", NOW - timedelta(hours=13))]).encode())
    for messages in iter(tasks.batch.claim, []):
        tasks.process(messages)
    assert inspection.take_due() == [shipment.pk]


def test_what_another_worker_inspected_meanwhile_is_left(source: Source, shipment: Shipment) -> None:
    findings.mark([shipment.pk], [])
    taken = inspection.take_due()
    with transaction.atomic():
        inspection.inspect_due(taken)
    with CaptureQueriesContext(connection) as statements:
        inspection.inspect_due(taken)
    assert not [row["sql"] for row in statements if row["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_taken_shipments_are_taken_by_one_worker_until_the_lease_ends(
    clock: time_machine.Traveller, shipment: Shipment
) -> None:
    findings.mark([shipment.pk], [])
    assert inspection.take_due() == [shipment.pk]
    assert inspection.take_due() == []
    clock.shift(61)
    assert inspection.take_due() == [shipment.pk]


def test_one_that_cannot_be_inspected_does_not_stop_the_others(source: Source, shipper: Person) -> None:
    assert shipper.organization
    numbers = [f"HDMUPUSR000000{number}" for number in range(3)]
    shipments = [
        booking.register(shipper.organization.pk, [("master_bill", number)], port_of_discharge="KRPUS")
        for number in numbers
    ]
    process_everything()
    whole = inspection._inspect
    broken = shipments[1]
    receive.receive(source.pk, json.dumps([arrival(n, "EST", NOW - timedelta(hours=13)) for n in numbers]).encode())
    for messages in iter(tasks.batch.claim, []):
        tasks.process(messages)

    def fails(entries: Any, plan: Any, *others: Any) -> Any:
        if plan.port_of_discharge == "KRINC":
            raise ValueError("broken")
        return whole(entries, plan, *others)

    Shipment.objects.filter(pk=broken.pk).update(port_of_discharge="KRINC")
    with mock.patch.object(inspection, "_inspect", fails):
        drain_inspections()
    assert [exceptions(row) for row in shipments] == [[("overdue", True)], [], [("overdue", True)]]
    owed = InspectionDue.objects.get(pk=broken.pk)
    assert (owed.inspect_at, owed.attempts) == (NOW, 1)


def test_given_up_after_twenty_tries_until_its_state_changes(clock: time_machine.Traveller, shipment: Shipment) -> None:
    findings.mark([shipment.pk], [])
    InspectionDue.objects.update(attempts=findings.MAX_ATTEMPTS)
    assert inspection.take_due() == []
    clock.shift(1)
    findings.mark([shipment.pk], [])
    assert inspection.take_due() == [shipment.pk]


def test_a_batch_costs_the_same_statements_whatever_its_size(
    source: Source, shipper: Person, django_assert_num_queries: Callable[..., AbstractContextManager[Any]]
) -> None:
    assert shipper.organization
    counts = []
    for size in (2, 60):
        numbers = [f"HDMU{size:04d}{number:06d}" for number in range(size)]
        for number in numbers:
            booking.register(shipper.organization.pk, [("master_bill", number)], port_of_discharge="KRPUS")
        process_everything()
        told_at = NOW - timedelta(days=1)
        # Overdue by the old estimate, late by none; then half of them arrive.
        receive.receive(
            source.pk, json.dumps([arrival(n, "EST", NOW - timedelta(hours=13), told_at) for n in numbers]).encode()
        )
        process_everything()
        moves = [arrival(n, "ACT", NOW - timedelta(hours=1), NOW) for n in numbers[::2]]
        moves += [arrival(n, "EST", NOW - timedelta(hours=14), NOW) for n in numbers[1::2]]
        receive.receive(source.pk, json.dumps(moves).encode())
        for messages in iter(tasks.batch.claim, []):
            tasks.process(messages)
        taken = inspection.take_due()
        assert len(taken) == size
        with transaction.atomic(), CaptureQueriesContext(connection) as statements:
            inspection.inspect_due(taken)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 19
    assert ShipmentException.objects.filter(closed_at=None).count() == 31


def test_marking_costs_project_one_statement(source: Source, shipment: Shipment) -> None:
    receive.receive(source.pk, json.dumps([arrival(BILL, "EST", NOW + timedelta(days=3))]).encode())
    (messages,) = [tasks.batch.claim()]
    with CaptureQueriesContext(connection) as statements:
        tasks.process(messages)
    marks = [row["sql"] for row in statements if InspectionDue._meta.db_table in row["sql"]]
    assert len(marks) == 1
    assert ShipmentStatus.objects.get(pk=shipment.pk).eta == NOW + timedelta(days=3)


@pytest.mark.django_db(transaction=True)
def test_an_inspection_waits_for_the_projection_and_sees_what_it_wrote(source: Source, shipment: Shipment) -> None:
    """Forced: the inspection starts while a projection holds the shipment, and must judge the state it leaves."""
    findings.mark([shipment.pk], [])
    taken = inspection.take_due()
    receive.receive(source.pk, json.dumps([arrival(BILL, "EST", NOW - timedelta(hours=13))]).encode())
    messages = tasks.batch.claim()

    def inspect() -> None:
        with transaction.atomic():
            inspection.inspect_due(taken)
        connection.close()

    inspector = threading.Thread(target=inspect)
    with transaction.atomic():
        projection.lock([shipment.pk])
        inspector.start()
        while bulk.is_postgres() and not bulk.execute("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert inspector.is_alive()
        tasks.process(messages)
        assert inspector.is_alive()
    inspector.join(timeout=60)
    assert exceptions(shipment) == [("overdue", True)]
    assert inspection.take_due() == []
