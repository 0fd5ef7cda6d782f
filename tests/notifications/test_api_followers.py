"""Followers over REST: asked, listed, let go of, by the rules of the shipment's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo.models import Shipment, ShipmentReference
from notifications import fanout
from notifications.models import Channel, Delivery, Subscription, Suppression, Verification, recipient_of
from tests.notifications.conftest import MailServer, a_channel, a_shipment, a_subscription, an_update
from tests.people import Person, a_person

ADDRESS = "bob@outside.example"
PATH = "/api/v1/followers/"


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Callable[..., Client]) -> Client:
    return api_client(key_for(shipper.organization, "subscriptions:write"))


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    found = a_shipment(shipper.organization)
    ShipmentReference.objects.create(shipment=found, kind="house_bill", value="KOSHA2603001")
    return found


def invite(client: Client, shipment: Shipment | int, address: str = ADDRESS, **given: Any) -> Any:
    number = shipment if isinstance(shipment, int) else shipment.pk
    body = {"shipment": number, "address": address, **given}
    return client.post(PATH, body, content_type="application/json")


def say_yes(server: MailServer) -> None:
    text = str(server.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    link = re.search(r"http://localhost:8000(/notices/follow/\S+/)", text)
    assert link, text
    assert Client().post(link[1]).status_code == 302


def a_follower(person: Person, shipment: Shipment, address: str = ADDRESS, **fields: Any) -> Subscription:
    channel, _ = Channel.objects.get_or_create(
        organization=person.organization,
        kind="email",
        address=address,
        defaults={"follower": True, "verified_at": timezone.now(), **fields},
    )
    return a_subscription(channel, shipment)


def listed(client: Client, **params: Any) -> list[int]:
    answer = client.get(PATH, params)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_asked_by_mail_listed_after_the_yes_and_let_go_of(
    program: Client, shipment: Shipment, mail_server: MailServer
) -> None:
    asked = invite(program, shipment, "Bob@Outside.example", language="ko")
    assert asked.status_code == 202
    assert asked.json() == {"state": "invited", "shipment": shipment.pk, "follower": None}
    assert mail_server.recipients == [["Bob@outside.example"]]
    assert (Channel.objects.count(), listed(program)) == (0, [])
    say_yes(mail_server)
    made = Subscription.objects.get()
    (row,) = program.get(PATH, {"shipment": shipment.pk}).json()["results"]
    assert row.pop("created_at") == made.created_at.isoformat().replace("+00:00", "Z")
    assert row == {
        "id": made.pk,
        "shipment": shipment.pk,
        "channel": made.channel_id,
        "address": "Bob@outside.example",
        "language": "ko",
    }
    assert program.get(f"{PATH}{made.pk}/").json()["address"] == "Bob@outside.example"
    assert program.delete(f"{PATH}{made.pk}/").status_code == 204
    assert listed(program) == []
    for method in ("get", "delete"):
        assert getattr(program, method)(f"{PATH}{made.pk}/").status_code == 404
    an_update(shipment)
    fanout.fan_out()
    assert Delivery.objects.count() == 0


def test_who_follows_already_is_not_asked_again(
    program: Client, shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    follower = a_follower(shipper, shipment)
    for address in (ADDRESS, "BOB@Outside.Example"):
        again = invite(program, shipment, address)
        assert again.status_code == 200
        assert again.json() == {"state": "follows", "shipment": shipment.pk, "follower": follower.pk}
    page = shipper.client().post(f"/notices/shipments/{shipment.pk}/", {"invite": ADDRESS}, follow=True)
    assert "This address follows the shipment already." in page.content.decode()
    assert (mail_server.mails, Verification.objects.count(), Subscription.objects.count()) == ([], 0, 1)


@pytest.mark.parametrize("off", ["ended", "switched off", "of another shipment", "a mailbox of ours"])
def test_who_is_not_told_of_it_is_asked(
    program: Client, shipper: Person, shipment: Shipment, mail_server: MailServer, off: str
) -> None:
    another = a_shipment(shipper.organization)
    follower = a_follower(shipper, another if off == "of another shipment" else shipment)
    if off == "ended":
        Subscription.objects.update(ended_at=timezone.now())
    if off == "switched off":
        Channel.objects.update(disabled_at=timezone.now(), disabled_reason="550 no such user")
    if off == "a mailbox of ours":
        Channel.objects.update(follower=False)
    assert invite(program, shipment).status_code == 202
    assert mail_server.recipients == [[ADDRESS]]
    if off == "switched off":
        say_yes(mail_server)
        assert Channel.objects.get().usable and Subscription.objects.get() == follower


def test_a_strangers_shipment_and_follower_are_not_there(
    forwarder: Person, shipper: Person, shipment: Shipment, key_for: Any, api_client: Any, mail_server: MailServer
) -> None:
    follower = a_follower(shipper, shipment)
    theirs = api_client(key_for(forwarder.organization, "subscriptions:write"))
    for client in (theirs, forwarder.client()):
        for number in (shipment.pk, 10**17):
            assert invite(client, number).status_code == 404
            assert client.get(PATH, {"shipment": number}).status_code == 404
        assert listed(client) == []
        assert client.get(f"{PATH}{follower.pk}/").status_code == 404
        assert client.delete(f"{PATH}{follower.pk}/").status_code == 404
    follower.refresh_from_db()
    assert follower.ended_at is None
    assert (mail_server.mails, Verification.objects.count()) == ([], 0)


def test_a_shipment_of_two_organizations_has_the_followers_of_each_apart(
    program: Client, shipper: Person, forwarder: Person
) -> None:
    both = a_shipment(shipper.organization, forwarder.organization)
    ours, theirs = a_follower(shipper, both), a_follower(forwarder, both, "carl@outside.example")
    assert listed(program, shipment=both.pk) == [ours.pk]
    assert program.delete(f"{PATH}{theirs.pk}/").status_code == 404
    assert listed(forwarder.client(), shipment=both.pk) == [theirs.pk]


def test_who_only_reads_sees_them_masked_and_writes_nothing(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    follower = a_follower(shipper, shipment)
    vera = a_person("Vera", shipper.organization, "viewer").client()  # type: ignore[arg-type]
    assert [row["address"] for row in vera.get(PATH).json()["results"]] == ["b…@outside.example"]
    assert vera.get(f"{PATH}{follower.pk}/").json()["address"] == "b…@outside.example"
    assert invite(vera, shipment, "eve@outside.example").status_code == 403
    assert vera.delete(f"{PATH}{follower.pk}/").status_code == 403
    assert mail_server.mails == [] and Subscription.objects.get().ended_at is None


def test_a_key_without_the_scope_does_nothing(
    shipper: Person, shipment: Shipment, key_for: Any, api_client: Any, mail_server: MailServer
) -> None:
    follower = a_follower(shipper, shipment)
    reader = api_client(key_for(shipper.organization, "shipments:read"))
    answers = [
        reader.get(PATH), invite(reader, shipment, "eve@outside.example"), reader.delete(f"{PATH}{follower.pk}/"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert mail_server.mails == [] and Subscription.objects.get().ended_at is None


def test_three_mails_an_hour_to_an_address(
    program: Client, shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    others = [a_shipment(shipper.organization) for _ in range(3)]
    assert [invite(program, one).status_code for one in (shipment, *others)] == [202, 202, 202, 429]
    refused = invite(program, others[2], "BOB@outside.example")
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert refused["Content-Type"] == "application/problem+json"
    assert len(mail_server.mails) == 3


def test_an_address_that_wants_nothing_is_not_asked(
    program: Client, shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    a_follower(shipper, shipment)
    Suppression.objects.create(
        kind="email", recipient=recipient_of("email", ADDRESS, 0), address=ADDRESS, reason="complaint"
    )
    answer = invite(program, shipment)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "suppressed")
    assert (mail_server.mails, Verification.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"address": "nobody"}, "address"),
        ({"address": ""}, "address"),
        ({"address": "x" * 255}, "address"),
        ({"language": "de"}, "language"),
        ({"shipment": 0}, "shipment"),
        ({"shipment": 10**18}, "shipment"),
        ({"kinds": ["gate_out"]}, "kinds"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_asked(
    program: Client, shipment: Shipment, mail_server: MailServer, given: dict[str, Any], field: str | None
) -> None:
    body = {"shipment": shipment.pk, "address": ADDRESS, **given}
    answer = program.post(PATH, body, content_type="application/json")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (mail_server.mails, Verification.objects.count()) == ([], 0)


def test_pages_of_the_list_newest_first(program: Client, shipper: Person, shipment: Shipment) -> None:
    another = a_shipment(shipper.organization)
    rows = [a_follower(shipper, shipment, f"p{number}@outside.example").pk for number in range(3)]
    other = a_follower(shipper, another, "p0@outside.example").pk
    a_subscription(a_channel(shipper), shipment)
    assert listed(program) == [other, *reversed(rows)]
    first = program.get(PATH, {"shipment": shipment.pk, "limit": 2}).json()
    assert [row["id"] for row in first["results"]] == [rows[2], rows[1]]
    assert first["cursor"] == str(rows[1])
    rest = program.get(first["next"]).json()
    assert ([row["id"] for row in rest["results"]], rest["next"], rest["cursor"]) == ([rows[0]], None, None)
    for params in ({"limit": 201}, {"cursor": "x"}, {"shipment": "x"}, {"shipments": 1}):
        assert program.get(PATH, params).status_code == 400


def test_only_a_followers_subscription_is_let_go_of_here(program: Client, shipper: Person, shipment: Shipment) -> None:
    desk = a_channel(shipper, address="desk@example.com", user=None)
    own = a_subscription(desk, shipment)
    assert program.delete(f"{PATH}{own.pk}/").status_code == 404
    own.refresh_from_db()
    assert own.ended_at is None
