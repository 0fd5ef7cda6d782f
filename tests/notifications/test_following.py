"""Followers: asked by mail, told after their own yes, and free to go without an account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cargo.models import Party, Shipment, ShipmentReference
from clis.accounts.models import Membership
from notifications import fanout, render, subscribing
from notifications.deliver import deliver
from notifications.models import Channel, Delivery, Subscription, Suppression, Verification, recipient_of
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.people import Person, a_person

ADDRESS = "bob@outside.example"


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    found = a_shipment(shipper.organization, own_reference="PO-SECRET")
    ShipmentReference.objects.create(shipment=found, kind="house_bill", value="KOSHA2603001")
    return found


def link_in(server: MailServer) -> str:
    text = str(server.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    found = re.search(r"http://localhost:8000(/notices/follow/\S+/)", text)
    assert found, text
    return found[1]


def token_in(server: MailServer) -> str:
    return link_in(server).rstrip("/").rpartition("/")[2]


def follow(shipper: Person, shipment: Shipment, server: MailServer) -> Channel:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    channel = subscribing.confirm_following(token_in(server))
    assert channel is not None
    return channel


def test_an_invitation_makes_nothing_before_the_yes(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, "Bob@Outside.example", "en")
    assert mail_server.recipients == [["Bob@outside.example"]]
    assert mail_server.mails[0]["Subject"] == "Alice Imports asks: follow this cargo?"
    client = Client()
    assert client.get(link_in(mail_server)).status_code == 200
    assert (Channel.objects.count(), Subscription.objects.count()) == (0, 0)


def test_the_yes_makes_a_follower_who_is_told_and_sees_no_more_than_he_should(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    answer = Client().post(link_in(mail_server))
    channel = Channel.objects.get()
    assert (channel.address, channel.follower, channel.user, channel.usable) == (ADDRESS, True, None, True)
    assert answer.headers["Location"] == f"/notices/following/{render.following_token(channel.pk)}/"
    Subscription.objects.update(created_at=timezone.now() - timedelta(hours=1))
    an_update(shipment)
    an_update(a_shipment(shipper.organization))
    fanout.fan_out()
    assert deliver(everything_stands) == 1
    text = str(mail_server.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "PO-SECRET" not in text and f"/shipments/{shipment.pk}/" not in text
    linked = re.search(r"/notices/following/([^/\s]+)/", text)
    assert linked and render.read_following_token(linked[1]) == channel.pk


def test_a_link_is_good_once_and_for_seven_days(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    follow(shipper, shipment, mail_server)
    assert subscribing.confirm_following(token_in(mail_server)) is None
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert subscribing.invitation(token_in(mail_server)) is None
        assert subscribing.confirm_following(token_in(mail_server)) is None
    assert subscribing.invitation("nonsense") is None
    assert Subscription.objects.count() == 1


def test_an_invitation_ends_with_the_organizations_part_in_the_shipment(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    Party.objects.all().delete()
    assert subscribing.confirm_following(token_in(mail_server)) is None
    assert Channel.objects.count() == 0


def test_who_may_not_see_or_write_invites_nobody(
    shipper: Person, stranger: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    reader = a_person("Reader", shipper.organization, Membership.Role.VIEWER)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        subscribing.invite_follower(stranger.viewer, shipment.pk, ADDRESS, "en")
    with pytest.raises(ForbiddenError):
        subscribing.invite_follower(reader.viewer, shipment.pk, ADDRESS, "en")
    assert (mail_server.mails, Verification.objects.count()) == ([], 0)


def test_an_address_that_wants_nothing_is_not_asked(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    Suppression.objects.create(
        kind="email", recipient=recipient_of("email", ADDRESS, 0), address=ADDRESS, reason="complaint"
    )
    with pytest.raises(SubscribingError, match="wants no mails"):
        subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    assert mail_server.mails == []


def test_the_follower_stops_without_an_account(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    token = render.following_token(channel.pk)
    found = subscribing.following(token)
    assert found is not None
    assert [(row.shipment, row.number) for row in found.shipments] == [(shipment.pk, "KOSHA2603001")]
    page = f"/notices/following/{token}/"
    client = Client()
    assert "KOSHA2603001" in client.get(page).content.decode()
    assert client.post(page, {"stop": "nonsense"}).status_code == 404
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 1
    assert client.post(page, {"stop": str(found.shipments[0].subscription)}).status_code == 302
    assert Subscription.objects.filter(ended_at__isnull=True).count() == 0
    assert client.get("/notices/following/nonsense/").status_code == 404


def test_the_follower_sets_hours_and_kinds(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    token = render.following_token(channel.pk)
    assert subscribing.set_following(token, matrix={"gate_out": "off"}, zone="Asia/Seoul", language="ko")
    channel.refresh_from_db()
    assert (channel.zone, channel.language) == ("Asia/Seoul", "ko")
    assert Subscription.objects.get().matrix == {"gate_out": "off"}
    with pytest.raises(SubscribingError):
        subscribing.set_following(token, zone="Mars/Base")


def test_a_token_of_somebody_with_an_account_manages_nothing(shipper: Person) -> None:
    token = render.following_token(a_channel(shipper).pk)
    assert subscribing.following(token) is None
    assert not subscribing.stop_following(token)


def test_the_organization_may_end_it(
    shipper: Person, stranger: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    follow(shipper, shipment, mail_server)
    number = Subscription.objects.get().pk
    with pytest.raises(NotFoundError):
        subscribing.end_follower(stranger.viewer, number)
    subscribing.end_follower(shipper.viewer, number)
    assert Subscription.objects.get().ended_at is not None


def test_an_address_of_the_organizations_own_is_subscribed_as_it_is(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    desk = a_channel(shipper, address=ADDRESS, user=None)
    assert follow(shipper, shipment, mail_server).pk == desk.pk
    assert (Channel.objects.get().follower, Subscription.objects.get().shipment_id) == (False, shipment.pk)


def test_nothing_is_owed_to_who_never_answered(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    an_update(shipment)
    fanout.fan_out()
    assert Delivery.objects.count() == 0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Any:
    from notifications import deliver as delivering

    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)


def test_invited_listed_and_removed_on_the_shipments_page(
    shipper: Person, shipper_client: Client, shipment: Shipment, mail_server: MailServer
) -> None:
    path = f"/notices/shipments/{shipment.pk}/"
    page = shipper_client.post(path, {"invite": ADDRESS, "language": "en"}, follow=True).content.decode()
    assert "A mail asks this address whether it wants to follow the shipment." in page
    Client().post(link_in(mail_server))
    page = shipper_client.get(path).content.decode()
    assert ADDRESS in page and "Followers outside" in page
    subscription = Subscription.objects.get()
    part = shipper_client.post(path, {"end": subscription.pk}, headers={"HX-Request": "true"}).content.decode()
    assert ADDRESS not in part and "Ended." in part
    subscription.refresh_from_db()
    assert subscription.ended_at is not None
    assert shipper_client.post(path, {"end": subscription.pk}).status_code == 404


def test_a_wrong_address_is_said_and_nothing_sent(
    shipper_client: Client, shipment: Shipment, mail_server: MailServer
) -> None:
    answer = shipper_client.post(f"/notices/shipments/{shipment.pk}/", {"invite": "nobody"})
    assert answer.status_code == 400 and "This is not an e-mail address." in answer.content.decode()
    assert mail_server.mails == []


def test_a_viewer_sees_followers_masked_and_invites_nobody(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    assert shipper.organization
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    Client().post(link_in(mail_server))
    vera = a_person("Vera", shipper.organization, "viewer").client()
    path = f"/notices/shipments/{shipment.pk}/"
    page = vera.get(path).content.decode()
    assert "Followers outside" in page and ADDRESS not in page and 'name="invite"' not in page
    for given in ({"invite": "eve@example.org"}, {"end": Subscription.objects.get().pk}):
        assert vera.post(path, given).status_code == 403
    assert len(mail_server.mails) == 1 and Subscription.objects.get().ended_at is None


def test_the_language_of_the_mails(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    page = Client().post(link_in(mail_server)).headers["Location"]
    given = {"language": "ko", "digest_at": "08:00", "digest_days": ["0", "1", "2", "3", "4"]}
    assert Client().post(page, given).status_code == 302
    assert Channel.objects.get().language == "ko"
    assert Client().post(page, given | {"language": "xx"}).status_code == 400
    assert Channel.objects.get().language == "ko"


def test_nobody_subscribes_a_follower_to_what_he_did_not_agree_to(
    shipper: Person, shipment: Shipment, mail_server: MailServer, key_for: Any, api_client: Any
) -> None:
    channel = follow(shipper, shipment, mail_server)
    another = a_shipment(shipper.organization)
    program = api_client(key_for(shipper.organization, "subscriptions:write"))
    for act in (
        lambda: subscribing.subscribe(shipper.viewer, channel.pk, another.pk),
        lambda: subscribing.subscribe(shipper.viewer, channel.pk),
        lambda: subscribing.subscribe_many(shipper.viewer, channel.pk, [another.pk]),
    ):
        with pytest.raises(SubscribingError, match="only of what he agreed to"):
            act()
    for path, about in (("", {"shipment": another.pk}), ("bulk/", {"shipments": [another.pk]})):
        given = {"channel": channel.pk, **about}
        answer = program.post(f"/api/v1/subscriptions/{path}", given, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "follower")
    assert Subscription.objects.get().shipment == shipment
    assert len(mail_server.mails) == 1


def test_who_only_reads_sees_a_followers_address_nowhere(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    assert shipper.organization
    channel = follow(shipper, shipment, mail_server)
    Channel.objects.update(disabled_reason=f"550 {ADDRESS} unknown")
    delivery = a_delivery(
        an_update(shipment), channel, state="failed", reason=f"550 {ADDRESS} unknown", next_attempt_at=None
    )
    delivery.tries.create(outcome="permanent", detail=f"550 {ADDRESS} unknown", request=ADDRESS)
    vera = a_person("Vera", shipper.organization, "viewer").client()
    addresses = [
        "/notices/", f"/notices/channels/{channel.pk}/", f"/notices/subscriptions/{Subscription.objects.get().pk}/",
        "/notices/log/", "/notices/log.csv", f"/notices/log/{delivery.pk}/", f"/notices/shipments/{shipment.pk}/",
        "/api/v1/channels/", f"/api/v1/channels/{channel.pk}/", "/api/v1/deliveries/",
        f"/api/v1/deliveries/{delivery.pk}/", f"/api/v1/deliveries/{delivery.pk}/attempts/",
    ]  # fmt: skip
    for address in addresses:
        answer = vera.get(address)
        assert answer.status_code == 200, address
        assert ADDRESS not in answer.content.decode(), address
    assert "b…@outside.example" in vera.get("/notices/").content.decode()
    assert vera.get("/api/v1/deliveries/", {"address": ADDRESS}).json()["results"] == []
    for address in (*addresses[:6], *addresses[7:]):
        assert ADDRESS in shipper.client().get(address).content.decode(), address
