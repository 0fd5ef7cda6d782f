"""Containers, and the feed of updates."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.models import Shipment, TrackingUpdate
from tests.api.conftest import problem
from tests.people import Person

CONTAINERS = "/api/v1/containers/"
FEED = "/api/v1/events/"


def boxes(person: Person, count: int, first: int = 0) -> None:
    assert person.organization
    for n in range(first, first + count):
        booking.register(person.organization.pk, [("container", f"HDMU{n:07}")])


def test_a_container_and_its_shipment(reader: Client, told: Shipment) -> None:
    booking.add_references(told, [("container", "HDMU6546583")])
    one = reader.get(f"{CONTAINERS}hdmu6546583/").json()
    assert one["number"] == "HDMU6546583"
    assert [state["shipment"] for state in one["shipments"]] == [told.pk]
    assert one["shipments"][0]["customs_state"] != "none"
    rows = reader.get(CONTAINERS, {"number": "HDMU6546583", "shipment": told.pk}).json()["results"]
    assert rows == [{"number": "HDMU6546583", **one["shipments"][0]}]


def test_pages_of_containers(reader: Client, shipper: Person) -> None:
    boxes(shipper, 5)
    # The same box in another shipment is another row.
    boxes(shipper, 1)
    read, following = [], f"{CONTAINERS}?limit=2"
    while following and len(read) < 9:
        page = reader.get(following).json()
        read += [row["number"] for row in page["results"]]
        following = page["next"]
    assert read == [f"HDMU{n:07}" for n in (0, 0, 1, 2, 3, 4)]


def test_containers_cost_the_same_for_2_rows_and_for_20(reader: Client, shipper: Person) -> None:
    def statements(rows: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(reader.get(CONTAINERS).json()["results"]) == rows
        return len(captured)

    boxes(shipper, 2)
    few = statements(2)
    boxes(shipper, 18, 2)
    assert statements(20) == few == 3


def test_a_strangers_container_is_not_there(stranger: Person, shipper: Person) -> None:
    boxes(shipper, 1)
    client = stranger.client()
    theirs, nothing = client.get(f"{CONTAINERS}HDMU0000000/"), client.get(f"{CONTAINERS}HDMU9999999/")
    assert problem(theirs) == (404, "not_found")
    assert theirs.content == nothing.content
    assert client.get(CONTAINERS).json()["results"] == []


def update(shipment: Shipment, number: int | None, kind: str = "gate_out") -> TrackingUpdate:
    return TrackingUpdate.objects.create(
        shipment=shipment, kind=kind, key=f"k{number}", feed_no=number, data='{"changes": {"status": ["a", "b"]}}'
    )


def test_the_feed_goes_on_where_it_stopped(reader: Client, shipper: Person) -> None:
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("house_bill", "KOSHA2603001")])
    first, second = update(shipment, 11), update(shipment, 12)
    body = reader.get(FEED, {"limit": 1}).json()
    assert [item["id"] for item in body["updates"]] == [str(first.pk)]
    assert body["updates"][0]["changes"] == {"status": ["a", "b"]}
    assert (body["updates"][0]["type"], body["updates"][0]["shipment"]) == ("gate_out", shipment.pk)
    body = reader.get(FEED, {"after": body["cursor"]}).json()
    assert [item["id"] for item in body["updates"]] == [str(second.pk)]
    end = reader.get(FEED, {"after": body["cursor"]}).json()
    assert (end["updates"], end["cursor"]) == ([], body["cursor"])
    # One that is committed late has a later number, whatever its id.
    late = update(shipment, None)
    assert reader.get(FEED, {"after": body["cursor"]}).json()["updates"] == []
    TrackingUpdate.objects.filter(pk=late.pk).update(feed_no=13, fanned_out_at=timezone.now())
    assert [item["id"] for item in reader.get(FEED, {"after": end["cursor"]}).json()["updates"]] == [str(late.pk)]


def test_the_feed_of_a_stranger_is_empty(stranger: Person, shipper: Person) -> None:
    assert shipper.organization
    update(booking.register(shipper.organization.pk, [("house_bill", "KOSHA2603001")]), 11)
    assert stranger.client().get(FEED).json()["updates"] == []


@pytest.mark.parametrize("path", ["/api/v1/shipments/", "/api/v1/shipments/{pk}/events/", CONTAINERS, FEED])
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%",
        "AAAA",
        "통관",
        "bjE",
        "LWlkfDF8MQ" + "A" * 200,
        # -id|1|99999999999999999999, HDMU|99999999999999999999, f99999999999999999999, 2026-03-14|nobody
        "LWlkfDF8OTk5OTk5OTk5OTk5OTk5OTk5OTk",
        "SERNVXw5OTk5OTk5OTk5OTk5OTk5OTk5OQ",
        "Zjk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "MjAyNi0wMy0xNHxub2JvZHk",
        # A\x00|1
        "QQB8MQ",
    ],
)
def test_a_cursor_that_was_changed(reader: Client, told: Shipment, path: str, cursor: str) -> None:
    parameter = "after" if path == FEED else "cursor"
    response = reader.get(path.format(pk=told.pk), {parameter: cursor})
    assert problem(response) == (400, "invalid")
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [(parameter, "bad_cursor")]


def test_a_cursor_of_another_order(reader: Client, shipper: Person) -> None:
    boxes(shipper, 3)
    cursor = reader.get("/api/v1/shipments/", {"limit": 1}).json()["cursor"]
    response = reader.get("/api/v1/shipments/", {"limit": 1, "ordering": "eta", "cursor": cursor})
    assert problem(response) == (400, "invalid")
