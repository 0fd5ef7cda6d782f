"""The shipments' addresses: what the parties read, and that a stranger reads nothing."""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import httpx
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.models import Shipment, ShipmentDocument, ShipmentStatus, bulk
from cargo.selectors import NotFound, shipments
from clis.accounts.authentication import claim_from_header
from clis.accounts.models import ApiKey
from tests.api.conftest import HOUSE_BILL, problem
from tests.people import Person

LIST = "/api/v1/shipments/"
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def bearer(key: ApiKey) -> str:
    return f"Bearer {key.text}"  # type: ignore[attr-defined]


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
    # The key and the document with its scope.
    assert len(captured) == 1


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
    assert len(captured) == 1
    assert not ShipmentDocument.objects.exists()


@pytest.mark.parametrize("known", [[1], [1, 7], None])
@pytest.mark.parametrize("accept_gzip", [False, True])
def test_the_body_of_a_version_that_the_reader_has_is_not_fetched(
    shipper: Person, key_for: Callable[..., ApiKey], told: Shipment, known: list[int] | None, accept_gzip: bool
) -> None:
    key = key_for(shipper.organization, "shipments:read", last_used_at=timezone.now())
    claim = claim_from_header(bearer(key))
    assert claim is not None
    whole = shipments.document_bytes(shipper.viewer, told.pk, accept_gzip)
    ShipmentDocument.objects.filter(shipment=told).update(version=1)
    ShipmentStatus.objects.filter(shipment=told).update(version=1)
    with mock.patch.object(bulk, "execute", wraps=bulk.execute) as execute:
        theirs = shipments.document_for_key(claim, "shipments:read", told.pk, accept_gzip, known)
        assert shipments.document_bytes(shipper.viewer, told.pk, accept_gzip, known) == theirs
        assert shipments.document_for_key(claim, "shipments:read", told.pk, accept_gzip, [2]) == (
            (1, whole.body, accept_gzip, False)
        )
    assert theirs == (1, b"", False, True)
    sent = [bulk.execute(*call.args)[0] for call in execute.call_args_list]
    assert [row[-1] for row in sent[:2]] == [None, None]
    assert bytes(sent[2][-1]) == whole.body


@pytest.mark.parametrize("tag", ['"v999"', "v1", '"1"', "", '"v' + "9" * 400 + '"'])
def test_another_tag_gets_the_document(reader: Client, told: Shipment, tag: str) -> None:
    assert reader.get(address(told), headers={"if-none-match": tag}).status_code == 200


def test_a_change_is_a_new_version(reader: Client, told: Shipment) -> None:
    tag = reader.get(address(told))["ETag"]
    ShipmentStatus.objects.filter(shipment=told).update(version=ShipmentStatus.objects.get(shipment=told).version + 1)
    response = reader.get(address(told), headers={"if-none-match": tag})
    assert response.status_code == 200
    assert response["ETag"] != tag


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_stale_document_is_never_served_but_built_anew(reader: Client, told: Shipment, coding: str) -> None:
    fresh = reader.get(address(told), headers={"accept-encoding": coding})
    version = ShipmentStatus.objects.get(shipment=told).version
    ShipmentDocument.objects.filter(shipment=told).update(version=version - 1, body=b"stale", packed=b"stale")
    again = reader.get(address(told), headers={"accept-encoding": coding, "if-none-match": f'"v{version - 1}"'})
    assert (again.status_code, again.content, again["ETag"]) == (200, fresh.content, fresh["ETag"])
    kept = ShipmentDocument.objects.get(shipment=told)
    assert kept.version == version
    assert fresh.content in (bytes(kept.body), bytes(kept.packed))
    with CaptureQueriesContext(connection) as captured:
        assert reader.get(address(told)).status_code == 200
    assert len(captured) == 1


def test_the_door_and_the_view_answer_alike(reader: Client, shipper: Person, told: Shipment) -> None:
    """A session goes to the view, a key to the door."""
    person = shipper.client()
    version = ShipmentStatus.objects.get(shipment=told).version
    names = ("Content-Type", "Content-Encoding", "ETag", "Cache-Control")
    for headers in ({}, {"accept-encoding": "gzip"}, {"if-none-match": f'"v{version}"'}, {"if-none-match": '"v99"'}):
        door, view = reader.get(address(told), headers=headers), person.get(address(told), headers=headers)
        assert (door.status_code, door.content) == (view.status_code, view.content)
        assert [door.get(name) for name in names] == [view.get(name) for name in names]


@pytest.mark.parametrize("spoil", ["the secret", "the prefix", "nothing"])
def test_a_wrong_key_is_refused_and_reads_no_document(
    shipper: Person, key_for: Callable[..., ApiKey], told: Shipment, spoil: str
) -> None:
    key = key_for(shipper.organization, "shipments:read")
    shipments.document_bytes(shipper.viewer, told.pk, accept_gzip=False)
    text = bearer(key)
    header = {
        "the secret": text[:-1] + ("A" if text[-1] != "A" else "B"),
        "the prefix": text.replace(key.prefix, f"{int(key.prefix, 16) ^ 1:08x}"),
        "nothing": text,
    }[spoil]
    with mock.patch.object(bulk, "execute", wraps=bulk.execute) as execute:
        response = Client(headers={"authorization": header}).get(address(told))
    (row, *_more) = bulk.execute(*execute.call_args_list[0].args) or [(None,)]
    key.refresh_from_db()
    if spoil == "nothing":
        assert (response.status_code, row[-1] is None, key.last_used_at is None) == (200, False, False)
    else:
        assert problem(response)[0] == 401
        assert (row[-1], key.last_used_at) == (None, None)


def test_a_right_digest_alone_opens_nothing(shipper: Person, key_for: Callable[..., ApiKey], told: Shipment) -> None:
    """Whatever the statement joins, the comparison in constant time is what decides."""
    key = key_for(shipper.organization, "shipments:read")
    claim = claim_from_header(bearer(key))
    assert claim is not None
    with mock.patch.object(hmac, "compare_digest", return_value=False), pytest.raises(NotFound):
        shipments.document_for_key(claim, "shipments:read", told.pk, False)


@pytest.mark.parametrize("field", ["revoked_at", "expires_at"])
def test_a_key_is_refused_from_the_instant_it_ends(
    shipper: Person, key_for: Callable[..., ApiKey], told: Shipment, field: str
) -> None:
    key = key_for(shipper.organization, "shipments:read", **{field: NOON + timedelta(milliseconds=500)})
    client = Client(headers={"authorization": bearer(key)})
    with time_machine.travel(NOON + timedelta(milliseconds=500), tick=False):
        assert problem(client.get(address(told)))[0] == 401
    key.refresh_from_db()
    assert key.last_used_at is None
    if field == "expires_at":
        # Read as whole seconds it has ended already; then the rest of the stack decides.
        with time_machine.travel(NOON + timedelta(milliseconds=400), tick=False):
            assert client.get(address(told)).status_code == 200


def test_a_key_without_the_scope_is_refused_at_the_door(
    shipper: Person, key_for: Callable[..., ApiKey], told: Shipment
) -> None:
    client = Client(headers={"authorization": bearer(key_for(shipper.organization, "messages:write"))})
    assert problem(client.get(address(told)))[0] == 403
    assert not ShipmentDocument.objects.exists()


def test_the_use_of_a_key_is_noted_once_a_minute(
    shipper: Person, key_for: Callable[..., ApiKey], told: Shipment
) -> None:
    first = NOON + timedelta(milliseconds=700)
    key = key_for(shipper.organization, "shipments:read")
    client = Client(headers={"authorization": bearer(key)})
    # After 59.5 s the whole seconds say that it is due; the instant itself does not.
    for after, noted in ((0, 0), (30, 0), (59.5, 0), (60, 60), (61, 60)):
        with time_machine.travel(first + timedelta(seconds=after), tick=False):
            assert client.get(address(told)).status_code == 200
        key.refresh_from_db()
        assert key.last_used_at == first + timedelta(seconds=noted)


def test_a_strangers_key_gets_the_404_of_nothing(
    stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client], told: Shipment
) -> None:
    client = api_client(key_for(stranger.organization, "shipments:read"))
    theirs = client.get(address(told), headers={"if-none-match": "*"})
    nothing = client.get(f"{LIST}999999/")
    assert problem(theirs) == problem(nothing) == (404, "not_found")
    assert theirs.content == nothing.content
    assert "ETag" not in theirs


def test_a_party_in_two_roles_reads_one_row(reader: Client, shipper: Person, told: Shipment) -> None:
    assert shipper.organization
    booking.add_party(told, shipper.organization.pk, "consignee")
    reader.get(address(told))
    with mock.patch.object(bulk, "execute", wraps=bulk.execute) as execute:
        assert reader.get(address(told)).status_code == 200
    assert [len(bulk.execute(*call.args)) for call in execute.call_args_list] == [1]


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


@pytest.mark.parametrize(
    ("stored", "asked", "found"),
    [
        ("sea", "sea", True),
        ("sea", "vessel", True),
        ("sea", "air,vessel", True),
        ("road", "truck", True),
        ("truck", "road", True),
        ("sea", "barge", False),
        ("air", "vessel", False),
    ],
)
def test_a_journey_is_found_by_its_mode_and_by_its_means(
    reader: Client, told: Shipment, stored: str, asked: str, found: bool
) -> None:
    ShipmentStatus.objects.filter(shipment=told).update(mode=stored)
    assert [row["id"] for row in reader.get(LIST, {"mode": asked}).json()["results"]] == ([told.pk] if found else [])


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
