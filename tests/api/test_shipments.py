"""The shipments' addresses: what the parties read, and that a stranger reads nothing."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cargo import booking
from cargo.models import Shipment, ShipmentDocument, ShipmentStatus
from clis.accounts.models import ApiKey
from tests.api.conftest import HOUSE_BILL, problem
from tests.people import Person

LIST = "/api/v1/shipments/"


def address(shipment: Shipment, tail: str = "") -> str:
    return f"{LIST}{shipment.pk}/{tail}"


def test_the_whole_state_of_a_shipment(reader: Client, told: Shipment) -> None:
    response = reader.get(address(told))
    document = response.json()
    assert response.status_code == 200
    assert document["id"] == told.pk
    assert {"type": "house_bill", "value": HOUSE_BILL} in document["references"]
    assert document["customs"]["state"] != "none"
    assert document["timeline"]
    version = ShipmentStatus.objects.get(shipment=told).version
    assert response["ETag"] == f'"v{version}"'
    assert response["Cache-Control"] == "private, no-cache"
    assert {"Accept-Encoding", "Authorization", "Cookie"} <= set(response["Vary"].split(", "))


def test_the_document_is_kept_and_the_next_reading_is_one_statement(reader: Client, told: Shipment) -> None:
    first = reader.get(address(told))
    assert bytes(ShipmentDocument.objects.get(shipment=told).body) == first.content
    with CaptureQueriesContext(connection) as captured:
        again = reader.get(address(told))
    assert again.content == first.content
    # The key, then the document with its scope.
    assert len(captured) == 2


def test_the_compressed_document_is_served_as_it_lies(reader: Client, told: Shipment) -> None:
    plain = reader.get(address(told))
    packed = reader.get(address(told), headers={"accept-encoding": "br, GZIP;q=0.5"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"][:-1] + '.gz"'
    for unwanted in ("gzip;q=0", "gzip; q=0.000", "br", "", "xgzip"):
        assert "Content-Encoding" not in reader.get(address(told), headers={"accept-encoding": unwanted})


@pytest.mark.parametrize("form", ['"v{0}"', 'W/"v{0}"', '"v{0}.gz"', '"other", "v{0}"', "*"])
def test_an_unchanged_document_is_304_and_builds_nothing(reader: Client, told: Shipment, form: str) -> None:
    version = ShipmentStatus.objects.get(shipment=told).version
    with CaptureQueriesContext(connection) as captured:
        response = reader.get(address(told), headers={"if-none-match": form.format(version)})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == f'"v{version}"'
    assert len(captured) == 2
    assert not ShipmentDocument.objects.exists()


@pytest.mark.parametrize("tag", ['"v999"', "v1", '"1"', "", '"v' + "9" * 400 + '"'])
def test_another_tag_gets_the_document(reader: Client, told: Shipment, tag: str) -> None:
    assert reader.get(address(told), headers={"if-none-match": tag}).status_code == 200


def test_a_change_is_a_new_version(reader: Client, told: Shipment) -> None:
    tag = reader.get(address(told))["ETag"]
    ShipmentStatus.objects.filter(shipment=told).update(version=ShipmentStatus.objects.get(shipment=told).version + 1)
    response = reader.get(address(told), headers={"if-none-match": tag})
    assert response.status_code == 200
    assert response["ETag"] != tag


@pytest.mark.parametrize("tail", ["", "events/", "mine/"])
def test_a_stranger_and_nothing_are_the_same_404(stranger: Person, told: Shipment, tail: str) -> None:
    client = stranger.client()
    version = ShipmentStatus.objects.get(shipment=told).version
    theirs = client.get(address(told, tail), headers={"if-none-match": f'"v{version}"'})
    nothing = client.get(f"{LIST}999999/{tail}")
    assert problem(theirs) == problem(nothing) == (404, "not_found")
    assert theirs.content == nothing.content
    assert "ETag" not in theirs
    assert not ShipmentDocument.objects.exists()


def test_a_party_sees_the_same_document(reader: Client, forwarder: Person, told: Shipment) -> None:
    assert forwarder.client().get(address(told)).status_code == 404
    assert forwarder.organization
    booking.add_party(told, forwarder.organization.pk, "forwarder")
    assert forwarder.client().get(address(told)).content == reader.get(address(told)).content


def test_what_is_ones_own_stays_ones_own(reader: Client, forwarder: Person, told: Shipment) -> None:
    assert forwarder.organization
    booking.add_party(told, forwarder.organization.pk, "forwarder")
    assert reader.get(address(told, "mine/")).json() == {
        "own_reference": "PO-77",
        "registered": True,
        "roles": ["registrant"],
        "tracking_requests": [],
    }
    theirs = forwarder.client()
    assert theirs.get(address(told, "mine/")).json() == {
        "own_reference": "",
        "registered": False,
        "roles": ["forwarder"],
        "tracking_requests": [],
    }
    assert b"PO-77" not in theirs.get(address(told)).content + theirs.get(LIST).content
    assert theirs.get(LIST, {"search": "PO-77"}).json()["results"] == []
    assert len(reader.get(LIST, {"search": "PO-77"}).json()["results"]) == 1


def test_events_have_the_sources_own_words(reader: Client, told: Shipment) -> None:
    body = reader.get(address(told, "events/")).json()
    assert body["next"] is None
    event = body["results"][0]
    assert event["source"] == "unipass"
    assert event["format"].startswith("unipass")
    assert event["received_at"]
    instants = [event["occurred_at"] for event in body["results"] if event["occurred_at"]]
    assert instants == sorted(instants, reverse=True)


@pytest.mark.parametrize("path", ["events/", ""])
def test_pages_join_without_a_gap(reader: Client, shipper: Person, told: Shipment, path: str) -> None:
    assert shipper.organization
    for n in range(6):
        booking.register(shipper.organization.pk, [("house_bill", f"KOSHA88{n:04}")])
    base = address(told, path) if path else LIST
    whole = [row["id"] for row in reader.get(base, {"limit": 200}).json()["results"]]
    read, following = [], f"{base}?limit=3"
    while following and len(read) <= len(whole):
        page = reader.get(following).json()
        read += [row["id"] for row in page["results"]]
        following = page["next"]
    assert read == whole
    assert len(whole) > 6


@pytest.mark.parametrize("ordering", ["id", "-id", "eta", "-eta", "updated", "-updated"])
def test_every_order_has_pages(reader: Client, shipper: Person, told: Shipment, ordering: str) -> None:
    assert shipper.organization
    for n in range(4):
        shipment = booking.register(shipper.organization.pk, [("house_bill", f"KOSHA88{n:04}")])
        # Equal instants, whole seconds: neither may lose a row or show it twice.
        at = datetime(2026, 3, 14, 9, n // 2, tzinfo=UTC)
        ShipmentStatus.objects.filter(shipment=shipment).update(changed_at=at, eta=at if n else None)
    read, following = [], f"{LIST}?limit=1&ordering={ordering}"
    while following and len(read) < 9:
        page = reader.get(following).json()
        read += [row["id"] for row in page["results"]]
        following = page["next"]
    assert sorted(read) == sorted(Shipment.objects.values_list("pk", flat=True))


def test_a_list_costs_the_same_for_2_rows_and_for_200(reader: Client, shipper: Person) -> None:
    assert shipper.organization

    def statements(rows: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(reader.get(LIST, {"limit": 200}).json()["results"]) == rows
        return len(captured)

    for n in range(2):
        booking.register(shipper.organization.pk, [("house_bill", f"KOSHA88{n:04}")])
    few = statements(2)
    for n in range(2, 200):
        booking.register(shipper.organization.pk, [("house_bill", f"KOSHA88{n:04}")])
    assert statements(200) == few == 2


def test_the_list_has_a_tag_of_its_own(reader: Client, told: Shipment) -> None:
    first = reader.get(LIST)
    again = reader.get(LIST, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "expected,in_bond,available,delivered_out,arrived,completed"}, True),
        ({"status": "cancelled"}, False),
        ({"reference": HOUSE_BILL.lower()}, True),
        ({"reference": HOUSE_BILL[:-1]}, False),
        ({"search": HOUSE_BILL[:6]}, True),
        ({"search": "no such"}, False),
        ({"party": "alice-imports"}, True),
        ({"party": "bob-forwarding"}, False),
        ({"updated_since": "2020-01-01"}, True),
        ({"updated_since": "2100-01-01T00:00:00Z"}, False),
        ({"eta_after": "2000-01-01", "eta_before": "2001-01-01"}, False),
        ({"carrier": "NOBODY"}, False),
        ({"hold": "US-FDA"}, False),
        ({"customs_state": "rejected"}, False),
        ({"port_of_loading": "USLAX"}, False),
        ({"milestone": "loaded"}, False),
        ({"mode": "rail"}, False),
    ],
)
def test_filters(reader: Client, told: Shipment, query: dict[str, str], found: bool) -> None:
    response = reader.get(LIST, query)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()["results"]] == ([told.pk] if found else [])


@pytest.mark.parametrize("truth", [True, False, None])
def test_ready_and_held(reader: Client, told: Shipment, truth: bool | None) -> None:
    ShipmentStatus.objects.filter(shipment=told).update(
        ready=truth, open_holds=int(truth is False), hold_agencies="KR-KCS KR-MFDS" if truth is False else ""
    )
    word = {True: "true", False: "false", None: "unknown"}[truth]
    counts = {w: len(reader.get(LIST, {"ready": w}).json()["results"]) for w in ("true", "false", "unknown")}
    assert counts == {"true": 0, "false": 0, "unknown": 0, word: 1}
    held = {w: len(reader.get(LIST, {"hold": w}).json()["results"]) for w in ("true", "false", "KR-MFDS", "KR-M")}
    assert held == {
        "true": int(truth is False),
        "false": int(truth is not False),
        "KR-MFDS": int(truth is False),
        "KR-M": 0,
    }


@pytest.mark.django_db(transaction=True)
def test_over_the_wire(live_server: Any, shipper: Person, key_for: Callable[..., ApiKey]) -> None:
    assert shipper.organization
    key = key_for(shipper.organization, "shipments:read")
    shipment = booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)])
    with httpx.Client(base_url=live_server.url) as client:
        client.headers["Authorization"] = f"Bearer {key.text}"  # type: ignore[attr-defined]
        plain = client.get(address(shipment), headers={"Accept-Encoding": "identity"})
        packed = client.get(address(shipment))
        same = client.get(address(shipment), headers={"If-None-Match": packed.headers["ETag"]})
        head = client.head(address(shipment))
        moved = client.get(address(shipment)[:-1])
        nobody = client.get(address(shipment), headers={"Authorization": ""})
    assert plain.status_code == packed.status_code == 200
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert (same.status_code, same.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", packed.headers["ETag"])
    assert (moved.status_code, moved.headers["Location"]) == (308, address(shipment))
    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (401, 'Bearer realm="CLIS"')
