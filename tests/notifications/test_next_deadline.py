"""What a mail whose news names no time says of the deadline that ends next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo.models import InspectionDue, Shipment, ShipmentDeadline
from notifications import fanout, kinds, render
from notifications.deliver.claim import claim, prepared
from notifications.deliver.next_deadline import note_next_deadlines
from notifications.models import Delivery
from notifications.subscribing.specimens import specimen
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update, everything_stands
from tests.people import Person

NOW = datetime.fromisoformat("2026-03-24T01:00:00+00:00")
END = datetime.fromisoformat("2026-03-28T14:59:59+00:00")
ARRIVED: dict[str, Any] = {"milestone": "arrived"}


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Cargo that must leave the bonded area by the 28th, Korean time."""
    found = a_shipment(shipper.organization)
    a_deadline(found)
    return found


def a_deadline(shipment: Shipment, kind: str = "removal", **fields: Any) -> ShipmentDeadline:
    """An open one. Its day is left as it is whatever the time: nothing here reads it."""
    fields = {"due_at": END, "due_on": END.date(), "time_zone": "Asia/Seoul", "responsible": "consignee", **fields}
    return ShipmentDeadline.objects.create(shipment=shipment, kind=kind, next_action="collect", **fields)


def noted(person: Person, shipment: Shipment, kind: str = "arrived", language: str = "en", **fields: Any) -> Delivery:
    """A mail about that, as it is when its words are made."""
    data = fields.pop("data", ARRIVED)
    update = an_update(shipment, "milestone" if kind in kinds.MOVEMENTS.values() else kind, data=data)
    channel = fields.pop("channel", None) or a_channel(person, address=f"{update.pk}@example.com", language=language)
    delivery = a_delivery(update, channel, notice=kind, **fields)
    note_next_deadlines([delivery], fanout.open_deadlines, NOW)
    return delivery


def row_of(delivery: Delivery) -> str:
    """What stands there in the mail, or nothing."""
    label = {"en": "Next deadline: ", "ko": "다음 기한: "}[delivery.channel.language]
    mail = render.message(delivery, all_shipments=True)
    found = [line.removeprefix(label) for line in mail.text.splitlines() if line.startswith(label)]
    assert mail.html.count(label.removesuffix(": ")) == len(found)
    return found[0] if found else ""


def test_an_arrival_says_what_ends_next(shipper: Person, shipment: Shipment) -> None:
    a_deadline(shipment, "storage_limit", due_at=END + timedelta(days=30))
    english, korean = (noted(shipper, shipment, language=language) for language in ("en", "ko"))
    assert row_of(english) == "Removal from the bonded area: 28 Mar 2026, 23:59 KST. The consignee must act."
    assert row_of(korean) == "반출 기한: 2026년 3월 28일 23:59(KST), 담당: 수하인"


def test_of_a_container_its_own_come_first(shipper: Person, shipment: Shipment) -> None:
    a_deadline(shipment, "detention", container="HDMU6546583", due_at=END + timedelta(days=3))
    a_deadline(shipment, "last_free_day", container="TEMU0000001", due_at=END - timedelta(days=1))
    ours, others = ({**ARRIVED, "container": box} for box in ("HDMU6546583", "TEMU0000001"))
    assert row_of(noted(shipper, shipment, data=ours)).startswith("Removal from the bonded area: 28 Mar")
    assert row_of(noted(shipper, shipment, data=others)).startswith("Last free day (TEMU0000001): 27 Mar")
    assert row_of(noted(shipper, shipment)).startswith("Last free day (TEMU0000001): 27 Mar")
    ShipmentDeadline.objects.exclude(kind="last_free_day").delete()
    assert row_of(noted(shipper, shipment, data=ours)).startswith("Last free day (TEMU0000001): 27 Mar")


@pytest.mark.parametrize("change", [{"is_open": False}, {"due_at": NOW - timedelta(seconds=1)}])
def test_what_is_met_or_passed_is_none(shipper: Person, shipment: Shipment, change: dict[str, Any]) -> None:
    ShipmentDeadline.objects.update(**change)
    delivery = noted(shipper, shipment)
    assert (delivery.data, row_of(delivery)) == ({}, "")


def test_another_shipments_is_none(shipper: Person, shipment: Shipment) -> None:
    assert noted(shipper, a_shipment(shipper.organization)).data == {}


@pytest.mark.parametrize(("at", "says"), [(NOW, False), (NOW + timedelta(hours=1), True), (None, True)])
def test_while_the_inspection_is_owed_what_lies_there_does_not_count(
    shipper: Person, shipment: Shipment, at: datetime | None, says: bool
) -> None:
    """What left just now may have met the deadline that still lies there; of this cargo no report says anything."""
    InspectionDue.objects.create(shipment=shipment, inspect_at=at)
    assert bool(row_of(noted(shipper, shipment, "gate_out", data={"milestone": "gate_out"}))) == says


NO_NEED: list[tuple[str, dict[str, Any]]] = [
    ("customs.held", {"hold_kind": "documents", "until": "2026-03-26"}),
    ("deadline.near", {"deadline": "removal", "next_action": "collect"}),
    ("exception.opened", {"exception": "not_collected"}),
    ("estimate", {}),
]


@pytest.mark.parametrize(("kind", "data"), NO_NEED)
def test_what_has_a_time_of_its_own_needs_none(
    shipper: Person, shipment: Shipment, kind: str, data: dict[str, Any], django_assert_num_queries: Any
) -> None:
    delivery = noted(shipper, shipment, kind, data=data)
    with django_assert_num_queries(0):
        note_next_deadlines([delivery], fanout.open_deadlines, NOW)
    assert delivery.data == {}


@pytest.mark.parametrize("kind", ["sms", "chat", "push", "webhook"])
def test_only_mails_say_it(shipper: Person, shipment: Shipment, kind: str, django_assert_num_queries: Any) -> None:
    delivery = noted(shipper, shipment, channel=a_channel(shipper, kind, "x"))
    with django_assert_num_queries(0):
        note_next_deadlines([delivery], fanout.open_deadlines, NOW)
    assert delivery.data == {}


def test_a_preview_does_without(shipper: Person) -> None:
    assert shipper.organization
    update = specimen("arrived", shipper.organization)
    assert row_of(Delivery(update=update, channel=a_channel(shipper), kind="email", notice="arrived")) == ""


def test_a_claim_reads_them_in_one_statement(shipper: Person) -> None:
    """However many mails, shipments and deadlines; and what was found is in what is sent."""
    counts = []
    for number in (1, 9):
        for _ in range(number):
            made = a_shipment(shipper.organization)
            for place in range(number):
                a_deadline(made, "detention", container=f"HDMU{place:07}")
            a_delivery(an_update(made, "milestone", data=ARRIVED), a_channel(shipper, address=f"{made.pk}@example.com"))
        Delivery.objects.update(notice="arrived")
        with time_machine.travel(NOW, tick=False):
            Delivery.objects.filter(state="pending").update(next_attempt_at=NOW)
            claimed = claim("email")
            with CaptureQueriesContext(connection) as captured:
                jobs = prepared(claimed, everything_stands, True, fanout.open_deadlines)
        assert len(jobs) == number
        said = "Next deadline: Return of the empty (HDMU0000000): 28 Mar 2026, 23:59 KST. The consignee must act."
        assert all(said in job.message.text for job in jobs)
        counts.append(sum("cargo_shipmentdeadline" in query["sql"] for query in captured))
    assert counts == [1, 1]
