"""Channels, subscriptions and deliveries over REST."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clis.accounts.models import ApiKey
from notifications.kinds import KINDS
from notifications.models import Channel, Delivery, Subscription, Verification
from notifications.subscribing import channels, subscriptions
from tests.notifications.conftest import Gateway, a_channel, a_delivery, a_shipment, a_subscription, an_update
from tests.notifications.receivers import an_endpoint
from tests.people import Person, a_person

Program = Callable[[ApiKey], Client]


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Program) -> Client:
    """A program of Alice's organization."""
    return api_client(key_for(shipper.organization, "subscriptions:write"))


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_a_number_is_added_verified_and_subscribed(program: Client, shipper: Person, gateway: Gateway) -> None:
    shipment = a_shipment(shipper.organization)
    made = post(program, "channels/", {"kind": "sms", "address": "010-1234-5678", "language": "ko"})
    assert made.status_code == 201
    body = made.json()
    assert (body["address"], body["verified_at"], body["shared"]) == ("+821012345678", None, True)
    number = body["id"]
    early = post(program, "subscriptions/", {"channel": number})
    assert (early.status_code, early.json()["errors"][0]["code"]) == (400, "not_verified")
    assert post(program, f"channels/{number}/code/", {}).status_code == 204
    code = re.search(r"\d{6}", gateway.texts()[0])
    assert code
    verified = post(program, f"channels/{number}/verify/", {"code": code[0]})
    assert verified.status_code == 200 and verified.json()["verified_at"]
    told = post(program, "subscriptions/", {"channel": number, "shipment": shipment.pk, "kinds": ["gate_out"]})
    assert told.status_code == 201
    row = told.json()
    assert (row["id"], row["channel"], row["shipment"]) == (Subscription.objects.get().pk, number, shipment.pk)
    assert (row["kinds"], row["label"], row["filter"], row["roles"], row["eta_hours"]) == (["gate_out"], "", {}, [], 24)
    assert row["effective"] == {kind: "now" if kind == "gate_out" else "off" for kind in KINDS}
    assert row["matrix"] == {**row["effective"], "*": "off"}
    assert program.delete(f"/api/v1/subscriptions/{told.json()['id']}/").status_code == 204
    assert program.get("/api/v1/subscriptions/").json() == {"results": [], "next": None, "cursor": None}
    assert program.delete(f"/api/v1/channels/{number}/").status_code == 204
    assert Channel.objects.count() == 0


def test_lists_page_by_cursor(program: Client, shipper: Person) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper, user=None)
    rows = [a_delivery(an_update(shipment, key=str(number)), channel) for number in range(5)]
    first = program.get("/api/v1/deliveries/?limit=3").json()
    assert [row["id"] for row in first["results"]] == [row.pk for row in rows[:1:-1]]
    second = program.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == [rows[1].pk, rows[0].pk]
    assert (second["next"], second["cursor"]) == (None, None)


def test_a_delivery_as_it_is_given(program: Client, shipper: Person) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    delivery = a_delivery(an_update(shipment), channel, state="failed", reason="550 no", next_attempt_at=None)
    (row,) = program.get(f"/api/v1/deliveries/?shipment={shipment.pk}&state=failed").json()["results"]
    assert (row["id"], row["kind"], row["state"], row["reason"]) == (
        delivery.pk, "customs.released", "failed", "550 no",
    )  # fmt: skip
    assert row["address"] == "a…@example.com"  # a person's own, seen by a key
    assert program.get("/api/v1/deliveries/?state=sent").json()["results"] == []


def test_redelivery(program: Client, shipper: Person) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper, user=None)
    delivery = a_delivery(an_update(shipment), channel, state="unknown", next_attempt_at=None)
    assert post(program, f"deliveries/{delivery.pk}/redeliver/", {}).status_code == 202
    delivery.refresh_from_db()
    assert (delivery.state, delivery.next_attempt_at is not None) == ("pending", True)
    again = post(program, f"deliveries/{delivery.pk}/redeliver/", {})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "not_ended")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("channels/", {}),
        ("channels/", {"kind": "pigeon", "address": "x"}),
        ("channels/", {"kind": "email", "address": "nobody"}),
        ("channels/", {"kind": "email", "address": "a@example.com", "verified_at": "2026-01-01"}),
        ("channels/", {"kind": "email", "address": "a@example.com", "language": "xx"}),
        ("channels/", []),
        ("subscriptions/", {"channel": "x"}),
        ("subscriptions/", {"channel": 10**30}),
        ("subscriptions/", {"channel": 1, "kinds": ["weather"]}),
        ("subscriptions/", {"channel": 1, "kinds": "gate_out"}),
    ],
)
def test_bad_bodies_are_400_and_store_nothing(program: Client, path: str, body: Any) -> None:
    answer = post(program, path, body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert (Channel.objects.count(), Subscription.objects.count()) == (0, 0)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "state=lost", "color=red", "shipment=-1"])
def test_bad_parameters_are_400(program: Client, query: str) -> None:
    assert program.get(f"/api/v1/deliveries/?{query}").status_code == 400


def test_a_stranger_gets_404_and_changes_nothing(
    shipper: Person, stranger: Person, key_for: Any, api_client: Program, gateway: Gateway
) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper, "sms", user=None)
    subscription = a_subscription(channel)
    delivery = a_delivery(an_update(shipment), channel, state="failed")
    theirs = api_client(key_for(stranger.organization, "subscriptions:write"))
    own = a_channel(stranger, user=None)
    for answer in (
        theirs.get(f"/api/v1/channels/{channel.pk}/"),
        theirs.delete(f"/api/v1/channels/{channel.pk}/"),
        post(theirs, f"channels/{channel.pk}/code/", {}),
        post(theirs, f"channels/{channel.pk}/verify/", {"code": "000000"}),
        post(theirs, "subscriptions/", {"channel": channel.pk}),
        post(theirs, "subscriptions/", {"channel": own.pk, "shipment": shipment.pk}),
        theirs.delete(f"/api/v1/subscriptions/{subscription.pk}/"),
        post(theirs, f"deliveries/{delivery.pk}/redeliver/", {}),
    ):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
    for path in ("subscriptions", "deliveries"):
        assert theirs.get(f"/api/v1/{path}/").json()["results"] == []
    assert [row["id"] for row in theirs.get("/api/v1/channels/").json()["results"]] == [own.pk]
    assert Channel.objects.filter(pk=channel.pk).exists()
    assert Subscription.objects.filter(ended_at__isnull=True, channel=channel).count() == 2
    assert Delivery.objects.get().state == "failed"
    assert gateway.requests == []


def test_a_key_without_the_scope_is_403(shipper: Person, key_for: Any, api_client: Program) -> None:
    other = api_client(key_for(shipper.organization, "shipments:read"))
    for path in ("channels", "subscriptions", "deliveries"):
        assert other.get(f"/api/v1/{path}/").status_code == 403
    assert post(other, "channels/", {"kind": "email", "address": "a@example.com"}).status_code == 403
    assert Channel.objects.count() == 0


def test_a_webhook_is_named_and_nothing_else_of_it_changes(program: Client, shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    path = f"/api/v1/endpoints/{endpoint.pk}/"
    before = program.get(path).json()
    named = program.patch(path, {"name": "TMS"}, content_type="application/json")
    assert (named.status_code, named.json()) == (200, {**before, "name": "TMS"})
    for body in ({}, {"url": "https://other.example.com/"}, {"name": "x" * 81}):
        assert program.patch(path, body, content_type="application/json").status_code == 400
    assert program.get(path).json() == {**before, "name": "TMS"}


def test_nobody_else_names_a_webhook_and_no_other_channel_is_named_there(
    shipper: Person, shipper_client: Client, stranger_client: Client
) -> None:
    assert shipper.organization
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    mail = a_channel(shipper)
    eve = a_person("Eve", shipper.organization).client()
    asked = [(stranger_client, endpoint.pk, 404), (eve, endpoint.pk, 403), (shipper_client, mail.pk, 404)]
    for client, number, status in asked:
        answer = client.patch(f"/api/v1/endpoints/{number}/", {"name": "x"}, content_type="application/json")
        assert answer.status_code == status
    assert set(Channel.objects.values_list("name", flat=True)) == {""}


def test_too_many_codes_are_429(program: Client, gateway: Gateway) -> None:
    number = post(program, "channels/", {"kind": "sms", "address": "010-1234-5678"}).json()["id"]
    codes = [post(program, f"channels/{number}/code/", {}).status_code for _ in range(4)]
    assert codes == [204, 204, 204, 429]
    assert len(gateway.requests) == 3


def test_a_webhook_is_sent_no_code(program: Client, shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    for path, body in (("code", {}), ("verify", {"code": "000000"})):
        answer = post(program, f"channels/{endpoint.pk}/{path}/", body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "no_code")
    assert Verification.objects.count() == 0


def test_a_limit_that_waiting_does_not_change_is_400(
    program: Client, shipper: Person, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    channel = a_channel(shipper, user=None)
    monkeypatch.setattr(channels, "CHANNELS_OF_ORGANIZATION", 1)
    monkeypatch.setattr(subscriptions, "FILTERS_OF_CHANNEL", 0)
    settings.WEBHOOK_ENDPOINTS = 0
    wanted = {"channel": channel.pk, "label": "Sea", "filter": {"mode": "sea"}}
    for path, body in (
        ("channels/", {"kind": "email", "address": "desk@example.com"}),
        ("endpoints/", {"url": "https://hooks.example.com/"}),
        ("subscriptions/", wanted),
    ):
        answer = post(program, path, body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many")
        assert "Retry-After" not in answer
    assert (Channel.objects.count(), Subscription.objects.count()) == (1, 0)
