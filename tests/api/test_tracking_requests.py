"""``/api/v1/tracking-requests/``: asking to track, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.api import views
from cargo.models import Shipment, ShipmentStatus, TrackingRequest
from clis.accounts.models import ApiKey, Membership
from tests.api.conftest import problem
from tests.people import Person, a_person

REQUESTS = "/api/v1/tracking-requests/"
HOUSE_BILL = {"reference": "KOSHA2603001", "type": "house_bill"}


@pytest.fixture
def writer(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    """Alice's program, which may register."""
    return api_client(key_for(shipper.organization, "shipments:read", "shipments:write", last_used_at=timezone.now()))


def post(client: Client, data: Any) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data)
    return client.post(REQUESTS, body, content_type="application/json")


def test_one_number(writer: Client) -> None:
    response = post(writer, HOUSE_BILL)
    request = TrackingRequest.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "accepted": [
            {
                "id": request.pk,
                "reference": "KOSHA2603001",
                "type": "house_bill",
                "carrier": None,
                "state": "waiting",
                "shipment": request.shipment_id,
                "created_at": request.created_at.isoformat().replace("+00:00", "Z"),
                "last_event_at": None,
                "error": None,
            }
        ],
        "rejected": [],
    }


@pytest.mark.parametrize("body", [[HOUSE_BILL], {"items": [HOUSE_BILL]}])
def test_many_numbers_in_either_form(writer: Client, body: Any) -> None:
    response = post(writer, body)
    assert response.status_code == 201
    assert [item["reference"] for item in response.json()["accepted"]] == ["KOSHA2603001"]


def test_asking_again_is_200_and_the_same(writer: Client) -> None:
    first, again = post(writer, HOUSE_BILL), post(writer, [HOUSE_BILL])
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Shipment.objects.count() == 1


def test_each_number_has_its_own_verdict(writer: Client) -> None:
    response = post(writer, {"items": [{"reference": "HDMU6546584", "type": "container"}, HOUSE_BILL]})
    assert response.status_code == 201
    assert len(response.json()["accepted"]) == 1
    rejected = response.json()["rejected"]
    assert [(item["reference"], item["type"], item["error"]["code"]) for item in rejected] == [
        ("HDMU6546584", "container", "bad_check_digit")
    ]
    assert rejected[0]["error"]["suggestion"] == "HDMU6546583"


def test_all_refused_registers_nothing(writer: Client) -> None:
    response = post(writer, {"reference": "HDMU6546584", "type": "container"})
    assert (response.status_code, response.json()["accepted"]) == (200, [])
    assert not Shipment.objects.exists()


def test_a_worker_is_woken_only_if_something_was_registered(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(views, "wake", woken.append)
    post(writer, HOUSE_BILL)
    post(writer, HOUSE_BILL)
    assert woken == ["cargo.tasks.drain_projections"]


def test_five_hundred_at_once_cost_what_two_cost(writer: Client) -> None:
    def statements(count: int, first: int) -> int:
        items = [{"reference": f"KOSHA{first + n:06}", "type": "house_bill"} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert len(post(writer, items).json()["accepted"]) == count
        return len([query for query in captured if "clis_cache" not in query["sql"]])

    few = statements(2, 0)
    # SQLite takes at most 999 parameters in a statement, so Django sends wide rows in parts.
    allowance = 0 if connection.vendor == "postgresql" else 25
    assert statements(500, 1000) <= few + allowance


BAD: list[tuple[Any, int, list[tuple[str | None, str]]]] = [
    (b"", 400, [("reference", "required")]),
    (b"{", 400, []),
    (b"[" * 100_000, 400, []),
    (b'{"reference": "\\u0000"}', 400, []),
    (b'{"reference": "\\ud800"}', 400, []),
    (b'{"reference": ' + b"9" * 400 + b"}", 400, [("reference", "invalid")]),
    (b"null", 400, [(None, "not_an_array")]),
    (b'"KOSHA2603001"', 400, [(None, "not_an_array")]),
    ([], 400, [(None, "empty")]),
    ({"items": []}, 400, [("items", "empty")]),
    ({"items": {}}, 400, [("items", "not_an_array")]),
    ({"items": [HOUSE_BILL], "more": 1}, 400, [("more", "unknown")]),
    ([HOUSE_BILL] * 501, 400, [(None, "too_many")]),
    ({}, 400, [("reference", "required")]),
    ({"reference": None}, 400, [("reference", "null")]),
    ({"reference": 7}, 400, [("reference", "invalid")]),
    ({"reference": True}, 400, [("reference", "invalid")]),
    ({"reference": ["KOSHA2603001"]}, 400, [("reference", "invalid")]),
    ({"reference": "X" * 201}, 400, [("reference", "max_length")]),
    ({**HOUSE_BILL, "organization": 1, "state": "tracking"}, 400, [("organization", "unknown"), ("state", "unknown")]),
    ({**HOUSE_BILL, "type": {"a": 1}}, 400, [("type", "invalid")]),
    ({**HOUSE_BILL, "carrier": 4}, 400, [("carrier", "invalid")]),
    (
        {"items": [HOUSE_BILL, {"reference": 7}, "KOSHA"]},
        400,
        [("items.1.reference", "invalid"), ("items.2", "invalid")],
    ),
    ([HOUSE_BILL, {"refrence": "KOSHA2603002"}], 400, [("1.refrence", "unknown")]),
    (b" " * (1024 * 1024 + 1), 413, []),
]


@pytest.mark.parametrize(("body", "status", "errors"), BAD)
def test_bad_bodies(writer: Client, body: Any, status: int, errors: list[tuple[str | None, str]]) -> None:
    response = post(writer, body)
    assert problem(response)[0] == status
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == errors
    assert not TrackingRequest.objects.exists()
    assert not Shipment.objects.exists()


def test_only_json(writer: Client) -> None:
    response = writer.post(REQUESTS, "reference=KOSHA2603001", content_type="application/x-www-form-urlencoded")
    assert problem(response) == (415, "unsupported_media_type")
    assert not TrackingRequest.objects.exists()


def test_who_may_not_register(reader: Client, shipper: Person, staff_client: Client, settings: Any) -> None:
    viewer = a_person("Vera", shipper.organization, Membership.Role.VIEWER)  # type: ignore[arg-type]
    for client in (reader, viewer.client(), staff_client):
        assert problem(post(client, HOUSE_BILL)) == (403, "not_allowed")
    assert problem(post(Client(), HOUSE_BILL)) == (401, "not_authenticated")
    assert not TrackingRequest.objects.exists()
    assert not Shipment.objects.exists()


def test_a_person_may_register_from_her_browser_with_a_token_only(shipper: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shipper.user)
    assert problem(post(client, HOUSE_BILL)) == (403, "not_allowed")
    assert not Shipment.objects.exists()
    assert post(shipper.client(), HOUSE_BILL).status_code == 201
    assert Shipment.objects.get().created_by == shipper.user


def test_registering_is_throttled_and_reading_is_not(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle = views.TrackingRequests.throttle_classes[0]
    monkeypatch.setattr(throttle, "THROTTLE_RATES", {"tracking": "2/min"})
    answers = [post(writer, HOUSE_BILL) for _ in range(3)]
    assert [response.status_code for response in answers] == [201, 200, 429]
    assert problem(answers[2]) == (429, "throttled")
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert writer.get(REQUESTS).status_code == 200


def test_the_lifecycle(writer: Client) -> None:
    pk = post(writer, HOUSE_BILL).json()["accepted"][0]["id"]
    assert writer.get(f"{REQUESTS}{pk}/").json()["state"] == "waiting"
    now = timezone.now()
    ShipmentStatus.objects.update(last_event_at=now)
    heard = writer.get(f"{REQUESTS}{pk}/").json()
    assert (heard["state"], heard["last_event_at"]) == ("tracking", now.isoformat().replace("+00:00", "Z"))
    post(writer, {"reference": "HDMU6546584", "type": "container"})
    refused = writer.get(REQUESTS, {"state": "rejected"}).json()["results"]
    assert [(row["reference"], row["shipment"], row["error"]["code"]) for row in refused] == [
        ("HDMU6546584", None, "bad_check_digit")
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [3, 2, 1, 0]),
        ({"state": "tracking"}, [0]),
        ({"state": "waiting"}, [2, 1]),
        ({"state": "rejected"}, [3]),
        ({"state": "tracking,rejected"}, [3, 0]),
        ({"type": "booking,container"}, [3, 2]),
        ({"reference": "kosha 1001"}, [1]),
        ({"reference": "KOSHA"}, []),
    ],
)
def test_the_list(writer: Client, query: dict[str, str], found: list[int]) -> None:
    items = [("KOSHA1000", "house_bill"), ("KOSHA1001", "house_bill"), ("KOSHA1002", "booking"), ("K", "container")]
    for reference, kind in items:
        post(writer, {"reference": reference, "type": kind})
    ShipmentStatus.objects.filter(shipment__references__value="KOSHA1000").update(last_event_at=timezone.now())
    rows = writer.get(REQUESTS, query).json()["results"]
    assert [row["reference"] for row in rows] == [items[n][0] for n in found]


def test_pages(writer: Client) -> None:
    post(writer, [{"reference": f"KOSHA10{n:02}", "type": "house_bill"} for n in range(5)])
    read, following = [], f"{REQUESTS}?limit=2"
    while following and len(read) < 9:
        page = writer.get(following).json()
        read.append(len(page["results"]))
        following = page["next"]
    assert read == [2, 2, 1]


def test_a_stranger_sees_none_of_it(writer: Client, stranger: Person) -> None:
    pk = post(writer, HOUSE_BILL).json()["accepted"][0]["id"]
    client = stranger.client()
    assert client.get(REQUESTS).json()["results"] == []
    theirs, nothing = client.get(f"{REQUESTS}{pk}/"), client.get(f"{REQUESTS}999999/")
    assert problem(theirs) == (404, "not_found")
    assert theirs.content == nothing.content
