"""What was known of arrivals is kept with every estimate that was ever told, once the cargo has arrived."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from cargo.models import ArrivalEstimate, FeedHead, Shipment, Source, findings
from cargo.pipeline import inspection, receive
from cargo.tasks import process_everything
from tests.people import Person

KST = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=KST)
BILL = "HDMUPUSR1234567"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    FeedHead.objects.get_or_create(id=1)
    with time_machine.travel(NOW, tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


def shipment(person: Person, bill: str = BILL) -> Shipment:
    assert person.organization
    return booking.register(
        person.organization.pk, [("master_bill", bill)], port_of_loading="CNSHA", port_of_discharge="KRPUS"
    )


def day(number: float) -> datetime:
    """Days before noon of 20 March, below 0."""
    return NOW + timedelta(days=number)


def call(code: str, place: str, kind: str, at: datetime, told: datetime, bill: str = BILL) -> dict[str, Any]:
    """DCSA Track & Trace 2.2: a vessel's departure or arrival, planned, estimated or actual."""
    return {
        "eventID": str(uuid5(NAMESPACE_URL, f"{bill}{code}{place}{kind}{at}{told}")),
        "eventType": "TRANSPORT",
        "eventCreatedDateTime": told.isoformat(),
        "eventDateTime": at.isoformat(),
        "eventClassifierCode": kind,
        "transportEventTypeCode": code,
        "documentReferences": [{"documentReferenceType": "TRD", "documentReferenceValue": bill}],
        "transportCall": {
            "transportCallID": place,
            "modeOfTransport": "VESSEL",
            "UNLocationCode": place,
            "vessel": {"vesselIMONumber": "9863297", "vesselName": "HMM ALGECIRAS"},
            "carrierVoyageNumber": "014E",
        },
    }


def told(source: Source, *events: dict[str, Any]) -> None:
    receive.receive(source.pk, json.dumps(events).encode())
    process_everything()


def history(bill: str = BILL) -> list[dict[str, Any]]:
    """Left two and a half days ago; four estimates, of which a state keeps the first and the last; arrived now."""
    return [
        call("DEPA", "CNSHA", "ACT", day(-2.5), day(-2.5), bill),
        call("ARRI", "KRPUS", "PLN", day(-1), day(-9), bill),
        call("ARRI", "KRPUS", "EST", day(-0.5), day(-3), bill),
        call("ARRI", "KRPUS", "EST", day(1), day(-2), bill),
        call("ARRI", "KRPUS", "EST", day(2), day(-1.75), bill),
        call("ARRI", "KRPUS", "EST", day(0), day(-1), bill),
    ]


ARRIVED = call("ARRI", "KRPUS", "ACT", day(-0.125), day(-0.125))
# Asked at, planned for and estimated for, in days before noon.
KNOWN = [
    (-9, -1, None),
    (-3, -1, -0.5),
    (-2.5, -1, -0.5),
    (-2, -1, 1),
    (-1.75, -1, 2),
    (-1.5, -1, 2),
    (-1, -1, 0),
    (-0.5, -1, 0),
]


def known() -> list[tuple[float, float, float | None]]:
    rows = ArrivalEstimate.objects.order_by("asked_at").values_list("asked_at", "planned_at", "estimated_at")
    return [(_days(asked), _days(planned), _days(estimated)) for asked, planned, estimated in rows]  # type: ignore[misc]


def _days(at: datetime | None) -> float | None:
    return None if at is None else (at - NOW).total_seconds() / 86_400


def test_every_estimate_ever_told_is_known_once_the_cargo_arrives(shipper: Person, source: Source) -> None:
    cargo = shipment(shipper)
    told(source, *history())
    assert not ArrivalEstimate.objects.exists()
    told(source, ARRIVED)
    assert known() == KNOWN
    row = ArrivalEstimate.objects.first()
    assert row is not None
    assert (row.shipment_id, row.arrived_at, row.mode, row.port) == (cargo.pk, day(-0.125), "sea", "KRPUS")


def test_the_order_of_the_messages_cannot_matter(shipper: Person, source: Source) -> None:
    shipment(shipper)
    for event in (ARRIVED, *reversed(history())):
        told(source, event)
    assert known() == KNOWN


def test_what_did_not_change_is_not_written(shipper: Person, source: Source) -> None:
    cargo = shipment(shipper)
    told(source, *history(), ARRIVED)
    ids = list(ArrivalEstimate.objects.order_by("pk").values_list("pk", flat=True))
    findings.mark([cargo.pk], [cargo.pk])
    with CaptureQueriesContext(connection) as statements, transaction.atomic():
        inspection.inspect_due(inspection.take_due())
    table = ArrivalEstimate._meta.db_table
    assert [row["sql"][:6] for row in statements if table in row["sql"]] == ["SELECT"]
    assert list(ArrivalEstimate.objects.order_by("pk").values_list("pk", flat=True)) == ids


def test_rows_that_are_no_longer_true_go(shipper: Person, source: Source) -> None:
    cargo = shipment(shipper)
    told(source, *history(), ARRIVED)
    stale = {"asked_at": day(-30), "planned_at": day(-1), "arrived_at": day(0)}
    ArrivalEstimate.objects.create(shipment=cargo, **stale)
    ArrivalEstimate.objects.filter(asked_at=day(-3)).update(carrier="WRONG")
    findings.mark([cargo.pk], [cargo.pk])
    process_everything()
    assert known() == KNOWN
    assert set(ArrivalEstimate.objects.values_list("carrier", flat=True)) != {"WRONG"}
    assert not ArrivalEstimate.objects.filter(carrier="WRONG").exists()


def test_a_batch_costs_the_same_whatever_its_size(shipper: Person, source: Source) -> None:
    bills = [f"HDMUPUSR{number:07d}" for number in range(12)]
    cargoes = [shipment(shipper, bill) for bill in bills]
    for bill in bills:
        arrived = call("ARRI", "KRPUS", "ACT", day(-0.125), day(-0.125), bill)
        told(source, *history(bill), arrived)
    assert ArrivalEstimate.objects.count() == 12 * len(KNOWN)
    counts = []
    for some in (cargoes[:2], cargoes):
        ArrivalEstimate.objects.filter(asked_at=day(-3)).update(carrier="WRONG")
        stale = {"asked_at": day(-30), "planned_at": day(-1), "arrived_at": day(0)}
        ArrivalEstimate.objects.bulk_create(ArrivalEstimate(shipment=cargo, **stale) for cargo in some)
        findings.mark([cargo.pk for cargo in some], [cargo.pk for cargo in some])
        with CaptureQueriesContext(connection) as statements, transaction.atomic():
            inspection.inspect_due(inspection.take_due())
        table = ArrivalEstimate._meta.db_table
        counts.append(sorted(row["sql"][:6] for row in statements if table in row["sql"]))
    assert counts == [["DELETE", "INSERT", "SELECT"]] * 2
