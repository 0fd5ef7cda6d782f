"""``booking.track``: verdicts, and what is left in the tables."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo.booking import register, track
from cargo.models import ProjectionDue, Shipment, ShipmentReference, ShipmentStatus, TrackingRequest
from tests.people import Person

HOUSE_BILL = {"reference": "KOSHA2603001", "type": "house_bill"}


def test_a_number_is_registered(shipper: Person) -> None:
    verdicts = track(shipper.viewer, [HOUSE_BILL])
    request = TrackingRequest.objects.get()
    assert (verdicts.accepted, verdicts.rejected, verdicts.registered) == ([request.pk], [], 1)
    assert (request.reference, request.kind, request.state) == ("KOSHA2603001", "house_bill", "waiting")
    assert request.organization == shipper.organization
    shipment = request.shipment
    assert shipment is not None
    assert list(shipment.references.values_list("kind", "value")) == [("house_bill", "KOSHA2603001")]
    assert list(shipment.parties.values_list("organization_id", "role")) == [(shipper.organization.pk, "registrant")]
    assert ShipmentStatus.objects.filter(shipment=shipment).exists()
    assert ProjectionDue.objects.filter(shipment=shipment, silent=True).exists()


def test_asking_again_changes_nothing(shipper: Person) -> None:
    first = track(shipper.viewer, [HOUSE_BILL])
    again = track(shipper.viewer, [{"reference": " kosha 2603001", "type": "house_bill", "carrier": None}])
    assert (again.accepted, again.registered) == (first.accepted, 0)
    assert (TrackingRequest.objects.count(), Shipment.objects.count()) == (1, 1)


def test_each_organization_has_its_own_shipment(shipper: Person, stranger: Person) -> None:
    track(shipper.viewer, [HOUSE_BILL])
    track(stranger.viewer, [HOUSE_BILL])
    owners = TrackingRequest.objects.order_by("pk").values_list("organization_id", "shipment__organization_id")
    assert list(owners) == [(person.organization.pk,) * 2 for person in (shipper, stranger)]


def test_a_number_that_was_registered_by_hand_is_that_shipment(shipper: Person) -> None:
    shipment = register(shipper.organization.pk, [("house_bill", "KOSHA2603001")])
    verdicts = track(shipper.viewer, [HOUSE_BILL, {**HOUSE_BILL, "carrier": "hdmu"}])
    assert verdicts.registered == 2
    assert set(TrackingRequest.objects.values_list("shipment_id", flat=True)) == {shipment.pk}
    assert Shipment.objects.count() == 1


def test_a_box_that_one_shipment_learned_is_that_shipment_and_of_two_is_neither(shipper: Person) -> None:
    box = {"reference": "HDMU6546583", "type": "container"}
    one, two = (register(shipper.organization.pk, [("house_bill", f"KOSHA260300{n}")]) for n in (1, 2))
    ShipmentReference.objects.create(shipment=one, kind="container", value="HDMU6546583", learned=True)
    track(shipper.viewer, [box])
    assert TrackingRequest.objects.get().shipment == one
    TrackingRequest.objects.all().delete()
    ShipmentReference.objects.create(shipment=two, kind="container", value="HDMU6546583", learned=True)
    track(shipper.viewer, [box])
    assert TrackingRequest.objects.get().shipment_id not in (one.pk, two.pk)


def test_what_is_wrong_is_said_and_kept_and_the_rest_goes_on(shipper: Person) -> None:
    items = [
        {"reference": "HDMU6546584"},
        HOUSE_BILL,
        {"reference": "KOSHA2603002"},
        {"reference": "", "type": "booking"},
        HOUSE_BILL,
        {"reference": "X" * 65, "type": "booking", "carrier": "HDMU"},
        {"reference": "KOSHA2603003", "type": "bill_of_fare_and_other_long_words"},
    ]
    verdicts = track(shipper.viewer, items)
    assert len(verdicts.accepted) == 1
    assert [(item["reference"], item["error"]["code"]) for item in verdicts.rejected] == [
        ("HDMU6546584", "bad_check_digit"),
        ("KOSHA2603002", "ambiguous"),
        ("", "empty"),
        ("KOSHA2603001", "duplicate_in_request"),
        ("X" * 65, "too_long"),
        ("KOSHA2603003", "unknown_type"),
    ]
    assert verdicts.rejected[0]["error"]["suggestion"] == "HDMU6546583"
    assert "house_bill" in verdicts.rejected[1]["error"]["candidates"]
    kept = TrackingRequest.objects.filter(state="rejected").order_by("pk").values_list("reference", "code")
    assert list(kept) == [
        ("HDMU6546584", "bad_check_digit"),
        ("KOSHA2603002", "ambiguous"),
        ("X" * 64, "too_long"),
        ("KOSHA2603003", "unknown_type"),
    ]
    assert Shipment.objects.count() == 1
    assert track(shipper.viewer, items).rejected == verdicts.rejected
    assert TrackingRequest.objects.count() == 5


@pytest.mark.parametrize("kind", ["house_bill", "seal"])
def test_many_cost_as_many_statements_as_few(shipper: Person, kind: str) -> None:
    def statements(count: int, first: int) -> int:
        items = [{"reference": f"KOSHA26{first + n:05}", "type": kind} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            track(shipper.viewer, items)
        return len(captured)

    assert statements(40, 100) == statements(2, 0)
