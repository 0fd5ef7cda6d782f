"""What still stands when it is about to be told: milestones, expected arrivals, exceptions."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from cargo.models import Shipment, ShipmentException, Source, TrackingUpdate
from cargo.pipeline import announce
from tests.factories import a_registered_shipment
from tests.messages import MASTER, dcsa, retraction, transport
from tests.pipeline.working import take_in, work_off


@pytest.fixture
def shipment(db: None) -> Shipment:
    found = a_registered_shipment(None, ("master_bill", MASTER), port_of_discharge="KRPUS")
    work_off()
    return found


def updates(kind: str, milestone: str) -> list[int]:
    rows = TrackingUpdate.objects.filter(kind=kind).order_by("pk")
    return [row.pk for row in rows if json.loads(row.data)["milestone"] == milestone]


def test_a_milestone_stands_until_it_is_taken_back(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:00", id="a1")))
    (arrived,) = updates("milestone", "arrived")
    assert announce.still_true([arrived]) == {arrived}
    take_in(carrier, dcsa(retraction("a1", "2026-03-14 09:00", bill=MASTER)))
    assert announce.still_true([arrived]) == set()


def test_a_milestone_stands_though_its_time_was_corrected(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:00", id="a1", created="2026-03-14 06:05")))
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:20", id="a1", created="2026-03-14 08:00")))
    both = updates("milestone", "arrived")
    assert len(both) == 2
    assert announce.still_true(both) == set(both)


def test_of_expected_arrivals_the_one_that_counts_stands_until_the_arrival(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:00", classifier="EST", created="2026-03-01 06:00")))
    take_in(carrier, dcsa(transport("ARRI", "2026-03-16 06:00", classifier="EST", created="2026-03-02 06:00")))
    first, second = updates("estimate", "arrived")
    assert announce.still_true([first, second]) == {second}
    take_in(carrier, dcsa(transport("ARRI", "2026-03-15 22:00", created="2026-03-15 22:05")))
    assert announce.still_true([first, second]) == set()


def test_an_exception_is_open_or_closed(shipment: Shipment) -> None:
    opened_at = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    data = json.dumps({"exception": "rolled", "detail": ""})
    key = f"rolled|{int(opened_at.timestamp())}|"
    opened, closed = (
        TrackingUpdate.objects.create(shipment=shipment, kind=kind, key=key, data=data).pk
        for kind in ("exception.opened", "exception.closed")
    )
    row = ShipmentException.objects.create(shipment=shipment, kind="rolled", opened_at=opened_at)
    assert announce.still_true([opened, closed]) == {opened}
    row.closed_at = timezone.now()
    row.save()
    assert announce.still_true([opened, closed]) == {closed}
    # What came back is another one: neither the old opening nor the old end is told any more.
    ShipmentException.objects.create(shipment=shipment, kind="rolled", opened_at=timezone.now())
    assert announce.still_true([opened, closed]) == set()
