"""One shipment left out of what is told of many: in fan-out, when it is sent, on the pages and through the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Party, Shipment, ShipmentStatus
from notifications import deliver as delivering
from notifications import fanout, kinds, render, selectors, subscribing
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.models import Channel, Delivery, EstimateTold, Subscription
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person

DEPARTED = {"milestone": "departed"}
REVOKED = {"milestone": "customs_release_cancelled"}
CHOOSE = "/notices/choose/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)


@pytest.fixture
def channel(shipper: Person) -> Channel:
    """Alice's mails: told of all."""
    found = a_channel(shipper)
    a_subscription(found)
    return found


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


def muted(channel: Channel, shipment: Shipment) -> Subscription:
    return a_subscription(channel, shipment, matrix=kinds.mute(channel.kind))


def owed() -> list[tuple[str, str, int | None]]:
    return list(Delivery.objects.order_by("pk").values_list("notice", "state", "subscription_id"))


def live(channel: Channel) -> dict[int | None, dict[str, str]]:
    rows = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    return dict(rows.values_list("shipment_id", "matrix"))


@pytest.mark.parametrize("kind", ["email", "sms", "webhook", "push"])
def test_of_all_but_one(shipper: Person, shipment: Shipment, kind: str) -> None:
    channel = a_channel(shipper, kind, "https://x.example/" if kind == "webhook" else "")
    to_all, other = a_subscription(channel), a_shipment(shipper.organization)
    muted(channel, shipment)
    for one in (shipment, other):
        an_update(one)
        an_update(one, "customs.held")
    fanout.fan_out()
    about = set(Delivery.objects.values_list("update__shipment_id", "subscription_id"))
    assert about == {(other.pk, to_all.pk)} and Delivery.objects.count() == 2


def test_a_mute_is_nothing_to_another_address(shipper: Person, channel: Channel, shipment: Shipment) -> None:
    desk = a_channel(shipper, address="desk@example.com", user=None)
    told = a_subscription(desk)
    muted(channel, shipment)
    an_update(shipment)
    fanout.fan_out()
    assert owed() == [("customs.released", "pending", told.pk)]


def test_each_kind_that_it_names_and_no_other(channel: Channel, shipment: Shipment) -> None:
    Subscription.objects.update(matrix={"departed": "now", "arrived": "now", "gate_out": "digest"})
    to_all = Subscription.objects.get()
    own = a_subscription(channel, shipment, matrix={"departed": "digest", "arrived": "off"})
    an_update(shipment, "milestone", data=DEPARTED)
    an_update(shipment, "milestone", data={"milestone": "arrived"})
    an_update(shipment, "gate_out")
    Subscription.objects.filter(pk=own.pk).update(matrix={**own.matrix, "gate_out": "off", "customs.held": "now"})
    fanout.fan_out()
    assert owed() == [("departed", "gathered", own.pk)]
    an_update(shipment, "customs.hold_cleared")
    Subscription.objects.filter(pk=to_all.pk).update(matrix={"customs.hold_cleared": "digest"})
    fanout.fan_out()
    assert owed()[1:] == [("customs.hold_cleared", "pending", own.pk)]  # as usual, which is quicker


def test_what_happened_before_it_began_is_the_wider_ones(channel: Channel, shipment: Shipment) -> None:
    to_all = Subscription.objects.get()
    a_subscription(channel, shipment, matrix={"gate_out": "digest"}, created_at=timezone.now())
    an_update(shipment, "gate_out", occurred_at=timezone.now() - timedelta(minutes=5))
    fanout.fan_out()
    assert owed() == [("gate_out", "pending", to_all.pk)]


def test_what_happened_before_a_mute_is_not_told_either(channel: Channel, shipment: Shipment) -> None:
    Subscription.objects.update(created_at=timezone.now() - timedelta(days=1))
    muted(channel, shipment)
    an_update(shipment, occurred_at=timezone.now() - timedelta(hours=2))
    fanout.fan_out()
    assert owed() == []


def test_a_release_taken_back_is_told_to_who_was_told_of_the_release(
    shipper: Person, channel: Channel, mail_server: MailServer
) -> None:
    told, untold = a_shipment(shipper.organization), a_shipment(shipper.organization)
    to_all = Subscription.objects.get()
    an_update(told)
    fanout.fan_out()
    assert deliver(everything_stands) == 1
    for one in (told, untold):
        assert subscribing.stop_many(shipper.viewer, channel.pk, [one.pk]) == 1
        an_update(one, "customs.release_revoked", data=REVOKED)
    fanout.fan_out()
    assert owed()[1:] == [("customs.release_revoked", "pending", to_all.pk)]
    assert deliver(everything_stands) == 1
    assert str(mail_server.mails[1]["Subject"]).startswith("RELEASE TAKEN BACK")
    assert Delivery.objects.get(notice="customs.release_revoked").update.shipment_id == told.pk  # type: ignore[union-attr]


def test_a_release_that_was_not_sent_after_all_needs_no_taking_back(
    shipper: Person, channel: Channel, shipment: Shipment, mail_server: MailServer
) -> None:
    """Muted while it waits: neither is told, though the second is owed as long as the first might go out."""
    an_update(shipment)
    fanout.fan_out()
    subscribing.stop_many(shipper.viewer, channel.pk, [shipment.pk])
    an_update(shipment, "customs.release_revoked", data=REVOKED)
    fanout.fan_out()
    assert deliver(everything_stands) == 0
    assert set(Delivery.objects.values_list("state", "reason")) == {("skipped", "unsubscribed")}
    an_update(shipment, "customs.release_revoked", data=REVOKED)
    fanout.fan_out()
    assert (Delivery.objects.count(), mail_server.mails) == (2, [])


def test_who_wants_the_release_hears_of_its_end(channel: Channel, shipment: Shipment) -> None:
    """Off for the revocation alone decides nothing, since the release is told by the wider one."""
    a_subscription(channel, shipment, matrix={"customs.release_revoked": "off"})
    an_update(shipment, "customs.release_revoked", data=REVOKED)
    fanout.fan_out()
    assert [row[0] for row in owed()] == ["customs.release_revoked"]


def test_what_waits_is_not_sent_once_it_is_muted(
    shipper: Person, channel: Channel, shipment: Shipment, mail_server: MailServer
) -> None:
    other = a_shipment(shipper.organization)
    for one in (shipment, other):
        an_update(one)
    fanout.fan_out()
    subscribing.stop_many(shipper.viewer, channel.pk, [shipment.pk])
    assert deliver(everything_stands) == 1
    states = Delivery.objects.order_by("pk").values_list("update__shipment_id", "state", "reason")
    assert list(states) == [(shipment.pk, "skipped", "unsubscribed"), (other.pk, "sent", "")]
    assert len(mail_server.mails) == 1


def test_what_waits_for_a_digest_is_not_in_it_once_it_is_muted(
    shipper: Person, channel: Channel, shipment: Shipment, mail_server: MailServer
) -> None:
    other = a_shipment(shipper.organization)
    for one in (shipment, other):
        an_update(one, "milestone", data=DEPARTED)
    fanout.fan_out()
    Delivery.objects.update(digest_at=timezone.now())
    subscribing.stop_many(shipper.viewer, channel.pk, [shipment.pk])
    assert owe_digests() == 1
    assert deliver(everything_stands) == 1
    told = dict(Delivery.objects.filter(update__isnull=False).values_list("update__shipment_id", "state"))
    assert told == {shipment.pk: "skipped", other.pk: "sent"}
    assert len(mail_server.mails) == 1


def test_an_arrival_goes_by_the_hours_of_its_own(channel: Channel, shipment: Shipment) -> None:
    first = timezone.now() + timedelta(days=9)
    status = ShipmentStatus.objects.create(shipment=shipment)
    own = a_subscription(channel, shipment, matrix={"eta.changed": "now"}, eta_hours=72)
    for hours in (0, 30, 80):
        status.eta = first + timedelta(hours=hours)
        status.save()
        an_update(shipment, "estimate", key=f"arrived|{hours}", data={"milestone": "arrived"}, occurred_at=status.eta)
        fanout.fan_out()
    assert owed() == [("eta.changed", "pending", own.pk)]
    assert Delivery.objects.get().update.occurred_at == first + timedelta(hours=80)  # type: ignore[union-attr]


def test_the_arrival_of_what_is_muted_is_not_noted(channel: Channel, shipment: Shipment) -> None:
    """What the address knows of it is what it was told before."""
    muted(channel, shipment)
    at = timezone.now() + timedelta(days=9)
    ShipmentStatus.objects.create(shipment=shipment, eta=at)
    an_update(shipment, "estimate", key="arrived|1", data={"milestone": "arrived"}, occurred_at=at)
    fanout.fan_out()
    assert (owed(), EstimateTold.objects.count()) == ([], 0)


def test_not_this_one_and_back(shipper: Person, shipper_client: Client, channel: Channel, shipment: Shipment) -> None:
    path = f"/notices/shipments/{shipment.pk}/"
    page = shipper_client.get(path).content.decode()
    assert "told of all shipments" in page and "Not this one" in page and "No longer" not in page
    assert shipper_client.post(path, {"channel": channel.pk, "on": "0"}).status_code == 302
    assert live(channel) == {None: {}, shipment.pk: kinds.mute("email")}
    page = shipper_client.get(path).content.decode()
    assert "not told" in page and "Tell me again" in page and "told of all shipments" not in page
    shipper_client.post(path, {"channel": channel.pk, "on": "0"})  # twice is once
    assert Subscription.objects.count() == 2
    shipper_client.post(path, {"channel": channel.pk, "on": "1"})
    assert live(channel) == {None: {}}


def test_a_bell_beside_all_becomes_a_mute(
    shipper: Person, shipper_client: Client, channel: Channel, shipment: Shipment
) -> None:
    bell = a_subscription(channel, shipment, matrix={"departed": "now"})
    path = f"/notices/shipments/{shipment.pk}/"
    assert "Not this one" in shipper_client.get(path).content.decode()
    shipper_client.post(path, {"channel": channel.pk, "on": "0"})
    bell.refresh_from_db()
    assert bell.ended_at is not None and live(channel) == {None: {}, shipment.pk: kinds.mute("email")}


def test_a_mute_without_anything_wider_is_told_again_as_usual(
    shipper: Person, shipper_client: Client, shipment: Shipment
) -> None:
    channel = a_channel(shipper)
    muted(channel, shipment)
    path = f"/notices/shipments/{shipment.pk}/"
    before = timezone.now()
    shipper_client.post(path, {"channel": channel.pk, "on": "1"})
    assert live(channel) == {shipment.pk: {}}
    assert Subscription.objects.get().created_at >= before


def test_a_saved_filter_and_a_role_are_named(shipper: Person, shipper_client: Client, shipment: Shipment) -> None:
    ShipmentStatus.objects.create(shipment=shipment, mode="sea")
    elsewhere = a_shipment(shipper.organization)
    ShipmentStatus.objects.create(shipment=elsewhere, mode="air")
    by_filter, by_role = a_channel(shipper), a_channel(shipper, address="desk@example.com")
    a_subscription(by_filter, label="At sea", filter={"mode": "sea"})
    a_subscription(by_filter, label="Old", filter={"weather": "fine"})
    a_subscription(by_role, label="As broker", roles=["broker"])
    Party.objects.create(shipment=elsewhere, organization=shipper.organization, role="broker")
    page = shipper_client.get(f"/notices/shipments/{shipment.pk}/").content.decode()
    assert "told of “At sea”" in page and "As broker" not in page and page.count("Not this one") == 1
    page = shipper_client.get(f"/notices/shipments/{elsewhere.pk}/").content.decode()
    assert "told of “As broker”" in page and "At sea" not in page and page.count("Not this one") == 1
    shipper_client.post(f"/notices/shipments/{shipment.pk}/", {"channel": by_filter.pk, "on": "0"})
    assert live(by_filter)[shipment.pk] == kinds.mute("email")


def test_a_stranger_mutes_nothing(
    channel: Channel, shipment: Shipment, stranger: Person, stranger_client: Client
) -> None:
    given = {"channel": channel.pk, "on": "0"}
    assert stranger_client.post(f"/notices/shipments/{shipment.pk}/", given).status_code == 404
    theirs = a_shipment(stranger.organization)
    assert stranger_client.post(f"/notices/shipments/{theirs.pk}/", given).status_code == 404
    assert subscribing.wider(stranger.viewer, [channel.pk], [shipment.pk]) == {}
    assert live(channel) == {None: {}}


def test_the_list_stops_what_is_told_and_counts_it(
    shipper: Person, shipper_client: Client, channel: Channel, stranger: Person
) -> None:
    first, second, third = (a_shipment(shipper.organization) for _ in range(3))
    for one in (first, second, third):
        ShipmentStatus.objects.create(shipment=one)
    bell = a_subscription(channel, second)
    muted(channel, third)
    stop = {"shipment": [first.pk, second.pk, third.pk], "which": "ticked", "channel": channel.pk, "do": "stop"}
    assert "No longer told of 2 shipments." in shipper_client.post(CHOOSE, stop, follow=True).content.decode()
    silence = kinds.mute("email")
    assert live(channel) == {None: {}, first.pk: silence, second.pk: silence, third.pk: silence}
    bell.refresh_from_db()
    assert bell.ended_at is not None
    assert "No longer told of 0 shipments." in shipper_client.post(CHOOSE, stop, follow=True).content.decode()
    tell = {**stop, "shipment": [first.pk, second.pk], "do": "tell"}
    assert "Told from now on of 2 shipments." in shipper_client.post(CHOOSE, tell, follow=True).content.decode()
    assert live(channel) == {None: {}, first.pk: {}, second.pk: {}, third.pk: silence}
    theirs = a_shipment(stranger.organization)
    assert subscribing.stop_many(shipper.viewer, channel.pk, [theirs.pk]) == 0


def test_the_list_mutes_what_a_filter_chooses_and_nothing_else(shipper: Person) -> None:
    channel = a_channel(shipper)
    a_subscription(channel, label="At sea", filter={"mode": "sea"})
    sea, air = a_shipment(shipper.organization), a_shipment(shipper.organization)
    for one, mode in ((sea, "sea"), (air, "air")):
        ShipmentStatus.objects.create(shipment=one, mode=mode)
    assert subscribing.stop_many(shipper.viewer, channel.pk, [sea.pk, air.pk]) == 1
    assert live(channel) == {None: {}, sea.pk: kinds.mute("email")}


def test_thirty_cost_as_much_as_two(shipper: Person, channel: Channel) -> None:
    a_subscription(channel, label="At sea", filter={"mode": "sea"})
    rows = [a_shipment(shipper.organization).pk for _ in range(64)]
    costs = []
    for some in (rows[:2], rows[2:32]):
        with CaptureQueriesContext(connection) as statements:
            assert subscribing.stop_many(shipper.viewer, channel.pk, some) == len(some)
        stopped = len(statements)
        with CaptureQueriesContext(connection) as statements:
            subscribing.subscribe_many(shipper.viewer, channel.pk, some)
        costs.append((stopped, len(statements)))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("only", ["shipment", "subscription"])
def test_a_link_that_would_end_a_mute_ends_nothing(
    shipper: Person, channel: Channel, shipment: Shipment, only: str
) -> None:
    """A mail of before: to end the mute would mean to be told more."""
    delivery = a_delivery(an_update(shipment), channel)
    own = Subscription.objects.get(shipment=shipment)
    Delivery.objects.update(subscription=own)
    delivery.refresh_from_db()
    token = render.unsubscribe_token(delivery)
    Subscription.objects.filter(pk=own.pk).update(matrix=kinds.mute("email"))
    named = subscribing.channel_of_token(token)
    assert named is not None and (named.shipment, named.subscription) == (None, None)
    subscribing.unsubscribe_by_token(token, only=only)
    assert live(channel) == {None: {}, shipment.pk: kinds.mute("email")}
    assert subscribing.unsubscribe_by_token(token) == channel
    assert live(channel) == {}


def test_a_mute_in_the_list_of_what_an_address_is_told_of(
    shipper_client: Client, channel: Channel, shipment: Shipment
) -> None:
    own = muted(channel, shipment)
    page = shipper_client.get(f"/notices/channels/{channel.pk}/").content.decode()
    assert page.count("not told") == 1 and "Remove the shipment" in page
    page = shipper_client.get(f"/notices/subscriptions/{own.pk}/").content.decode()
    assert "No longer tell me of it" not in page and "Remove" in page


def test_the_same_through_the_api(
    shipper: Person, channel: Channel, shipment: Shipment, key_for: Any, api_client: Callable[..., Client]
) -> None:
    program = api_client(key_for(shipper.organization, "subscriptions:write"))
    own = a_channel(shipper, address="desk@example.com", user=None)
    a_subscription(own)
    other, silence = a_shipment(shipper.organization), kinds.mute("email")
    one = {"channel": own.pk, "shipment": shipment.pk, "matrix": silence}
    answer = program.post("/api/v1/subscriptions/", one, content_type="application/json")
    assert answer.status_code == 201 and set(answer.json()["effective"].values()) == {"off"}
    bulk = {"channel": own.pk, "shipments": [other.pk], "matrix": silence}
    assert program.post("/api/v1/subscriptions/bulk/", bulk, content_type="application/json").status_code == 200
    assert live(own) == {None: {}, shipment.pk: silence, other.pk: silence}
    del one["matrix"]
    assert program.post("/api/v1/subscriptions/", one, content_type="application/json").json()["matrix"] == {}
    assert live(own) == {None: {}, shipment.pk: {}, other.pk: silence}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of news that a later version tells everybody at once, unless they say otherwise."""
    kind = "cargo.weighed"
    monkeypatch.setitem(kinds.NEWS, kind, kinds.Kind("Weighed", kinds.TROUBLE))
    for table in (kinds.KINDS, kinds.FEED):
        monkeypatch.setitem(table, kind, "Weighed")
    for told in kinds.ROLE_DEFAULTS.values():
        monkeypatch.setitem(told, kind, kinds.NOW)
    return kind


def mute_by_page(shipper: Person, channel: Channel, shipment: Shipment) -> None:
    answer = shipper.client().post(f"/notices/shipments/{shipment.pk}/", {"channel": channel.pk, "on": "0"})
    assert answer.status_code == 302


def mute_by_api(shipper: Person, channel: Channel, shipment: Shipment) -> None:
    """As somebody says it who knows the kinds of today by name."""
    given = {"channel": channel.pk, "shipment": shipment.pk, "matrix": dict.fromkeys(kinds.of_channel("email"), "off")}
    answer = shipper.client().post("/api/v1/subscriptions/", given, content_type="application/json")
    assert (answer.status_code, answer.json()["matrix"]) == (201, kinds.mute("email"))


@pytest.mark.parametrize("mute", [mute_by_page, mute_by_api])
def test_what_only_a_later_version_tells_is_muted_as_well(
    shipper: Person, channel: Channel, shipment: Shipment, request: pytest.FixtureRequest, mute: Callable[..., None]
) -> None:
    to_all, other = Subscription.objects.get(), a_shipment(shipper.organization)
    mute(shipper, channel, shipment)
    later = request.getfixturevalue("later")
    for one in (shipment, other):
        an_update(one, later)
    fanout.fan_out()
    assert owed() == [(later, "pending", to_all.pk)]
    assert Delivery.objects.filter(update__shipment=other).count() == 1
    row = next(row for row in selectors.subscriptions(shipper.viewer) if row.shipment_id == shipment.pk)
    assert row.muted and selectors.effective(row)[later] == "off"
    shown = [one for group in selectors.matrix_of("email", row.matrix, row.standing) for one in group.rows]
    assert {(one.chosen, one.effective) for one in shown} == {("off", "off")}
    page = f"/notices/shipments/{shipment.pk}/"
    assert shipper.client().post(page, {"channel": channel.pk, "on": "1"}).status_code == 302
    assert live(channel) == {None: {}}


@pytest.mark.parametrize("kind", ["sms", "webhook", "push"])
def test_on_every_kind_of_channel(shipper: Person, shipment: Shipment, later: str, kind: str) -> None:
    channel = a_channel(shipper, kind, "https://x.example/" if kind == "webhook" else "")
    a_subscription(channel, matrix={later: "now"})
    a_subscription(channel, shipment, matrix={**dict.fromkeys(("departed", "gate_out"), "off"), kinds.ELSE: "off"})
    an_update(shipment, later)
    fanout.fan_out()
    assert owed() == []


def test_what_a_later_version_owes_is_not_sent_once_it_is_muted(
    shipper: Person, channel: Channel, shipment: Shipment, later: str, mail_server: MailServer
) -> None:
    delivery = a_delivery(an_update(shipment, later), channel, notice=later)
    Subscription.objects.filter(shipment=shipment).update(matrix={kinds.ELSE: "off"})
    deliver(everything_stands)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, mail_server.mails) == ("skipped", "unsubscribed", [])


def test_what_is_named_stands_beside_off_to_all_else(
    shipper: Person, channel: Channel, shipment: Shipment, key_for: Any, api_client: Any
) -> None:
    shared = a_channel(shipper, address="desk@example.com", user=None)
    program = api_client(key_for(shipper.organization, "subscriptions:write"))
    given = {"channel": shared.pk, "shipment": shipment.pk, "matrix": {"gate_out": "now", "*": "off"}}
    made = program.post("/api/v1/subscriptions/", given, content_type="application/json").json()
    assert made["matrix"] == given["matrix"]
    assert {kind for kind, mode in made["effective"].items() if mode != "off"} == {"gate_out"}
    path = f"/api/v1/subscriptions/{made['id']}/"
    for wrong in ({"*": "now"}, {"*": "digest"}, {"**": "off"}):
        assert program.patch(path, {"matrix": wrong}, content_type="application/json").status_code == 400
    assert program.get(path).json()["matrix"] == given["matrix"]
    silent = program.patch(path, {"matrix": {"*": "off"}}, content_type="application/json").json()
    assert silent["matrix"] == kinds.mute("email")
