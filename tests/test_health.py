"""Is it up, and how old is what is owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cargo.models import InboundMessage, InspectionDue, Intake, ProjectionDue, Source, TrackingUpdate
from clis import health
from notifications.models import Channel, Delivery
from tests.factories import a_registered_shipment
from tests.people import Person

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_live_touches_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_gives_the_age_of_the_oldest_unfinished_item(monkeypatch: pytest.MonkeyPatch) -> None:
    stages: dict[str, Callable[[], datetime | None]] = {
        "receive": lambda: NOON - timedelta(seconds=90),
        "deliver": lambda: None,
        "announce": lambda: NOON + timedelta(seconds=5),
    }
    monkeypatch.setattr(health, "STAGES", stages)
    with time_machine.travel(NOON, tick=False):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": "ok",
        "stages": {
            "receive": {"oldest_seconds": 90.0},
            "deliver": {"oldest_seconds": None},
            "announce": {"oldest_seconds": 0.0},
        },
    }


@pytest.mark.django_db
def test_every_stage_is_told_with_nothing_owed(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1 + len(health.STAGES)):
        answer = Client().get("/health/ready")
    nothing = {"oldest_seconds": None}
    assert answer.json() == {
        "database": "ok",
        "stages": dict.fromkeys(("intakes", "inbox", "projections", "inspections", "updates", "deliveries"), nothing),
    }


@pytest.mark.django_db
def test_every_stage_tells_its_oldest_item_and_nothing_that_is_done(shipper: Person) -> None:
    def ago(minutes: float) -> datetime:
        return NOON - timedelta(minutes=minutes)

    source = Source.objects.create(slug="hmm", name="HMM")
    for number, (state, minutes) in enumerate([("processed", 90), ("received", 3), ("received", 2)]):
        InboundMessage.objects.create(source=source, digest=str(number), state=state, received_at=ago(minutes))
    off = Source.objects.create(slug="off", name="Off", active=False)
    for told, fields in (
        (source, {"next_at": ago(2)}),
        (source, {"next_at": ago(90), "active": False}),
        (source, {"next_at": ago(80), "leased_until": NOON + timedelta(seconds=30)}),
        (source, {"next_at": NOON + timedelta(hours=1)}),
        (off, {"next_at": ago(70)}),
    ):
        Intake.objects.create(source=told, way="folder", **fields)
    first, second, third = (a_registered_shipment(shipper.organization, ("house_bill", f"HB{n}000")) for n in range(3))
    ProjectionDue.objects.filter(shipment=first).update(since=ago(5))
    ProjectionDue.objects.exclude(shipment=first).update(since=ago(4))
    for shipment, due in ((first, ago(7)), (second, NOON + timedelta(hours=1)), (third, None)):
        InspectionDue.objects.create(shipment=shipment, inspect_at=due)
    TrackingUpdate.objects.create(shipment=first, kind="gate_out", key="1", recorded_at=ago(80), fanned_out_at=ago(79))
    update = TrackingUpdate.objects.create(shipment=first, kind="gate_out", key="2", recorded_at=ago(9))
    channel = Channel.objects.create(organization=shipper.organization, kind="email", address="alice@example.com")
    for number, (state, minutes) in enumerate([("sent", 70), ("sending", 11), ("failed", 60)]):
        other = Channel.objects.create(organization=shipper.organization, kind="email", address=f"{number}@example.com")
        Delivery.objects.create(
            update=update, channel=other, kind="email", recipient=str(number), state=state, created_at=ago(minutes)
        )
    # Waits for its next try, and is unfinished all the same.
    Delivery.objects.create(
        update=update,
        channel=channel,
        kind="email",
        recipient="x",
        state="pending",
        created_at=ago(10),
        next_attempt_at=NOON + timedelta(hours=1),
    )
    with time_machine.travel(NOON, tick=False):
        answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert {stage: row["oldest_seconds"] for stage, row in answer.json()["stages"].items()} == {
        "intakes": 120.0,
        "inbox": 180.0,
        "projections": 300.0,
        "inspections": 420.0,
        "updates": 540.0,
        "deliveries": 660.0,
    }


@pytest.mark.django_db
def test_not_ready_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("could not connect to server: secret-host")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"database": "unreachable", "stages": {}}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405
