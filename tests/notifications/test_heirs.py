"""One address, a channel of two organizations: told once, and by the other where the one may not tell it any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cargo.models import Party, Shipment, TrackingUpdate
from clis.accounts.models import Membership
from notifications import digests, fanout, kinds, subscribing
from notifications.deliver import deliver
from notifications.models import Channel, Delivery, Subscription, Suppression
from notifications.subscribing.access import SubscribingError
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person


@pytest.fixture
def shipment(shipper: Person, forwarder: Person) -> Shipment:
    return a_shipment(shipper.organization, forwarder.organization)


@pytest.fixture
def first(shipper: Person) -> Channel:
    found = a_channel(shipper, address="desk@example.com")
    a_subscription(found)
    return found


@pytest.fixture
def second(forwarder: Person, first: Channel) -> Channel:
    found = a_channel(forwarder, address="Desk@example.com")
    a_subscription(found)
    return found


def owed() -> list[tuple[int, str, str]]:
    """(channel, state, reason) in the order in which it was owed."""
    return list(Delivery.objects.exclude(update=None).order_by("pk").values_list("channel_id", "state", "reason"))


def send() -> None:
    deliver(everything_stands)


def switched_off(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(disabled_at=timezone.now())


def left(channel: Channel) -> None:
    Membership.objects.filter(user=channel.user).delete()


def not_a_party(channel: Channel) -> None:
    Party.objects.filter(organization=channel.organization).delete()


def muted(channel: Channel) -> None:
    shipment = Shipment.objects.get()
    a_subscription(channel, shipment, matrix=kinds.mute("email"))


def ended(channel: Channel) -> None:
    Subscription.objects.filter(channel=channel).update(ended_at=timezone.now())


REASONS: list[tuple[Callable[[Channel], None], str]] = [
    (switched_off, "channel_off"),
    (left, "no_access"),
    (not_a_party, "no_access"),
    (muted, "unsubscribed"),
    (ended, "unsubscribed"),
]


def test_while_the_first_may_tell_it_the_other_is_owed_nothing(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    an_update(shipment)
    fanout.fan_out()
    send()
    assert owed() == [(first.pk, "sent", "")]
    assert mail_server.recipients == [["desk@example.com"]]


@pytest.mark.parametrize(("happens", "reason"), REASONS)
def test_who_may_not_be_told_by_the_first_is_told_by_the_other(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer, happens: Any, reason: str
) -> None:
    an_update(shipment)
    fanout.fan_out()
    happens(first)
    send()
    assert owed() == [(first.pk, "skipped", reason), (second.pk, "sent", "")]
    assert mail_server.recipients == [["Desk@example.com"]]
    heir = Delivery.objects.get(channel=second)
    assert (heir.organization_id, heir.recipient) == (second.organization_id, second.recipient)


@pytest.mark.parametrize(
    "kept",
    [
        lambda second: Channel.objects.filter(pk=second.pk).update(disabled_at=timezone.now()),
        lambda second: Channel.objects.filter(pk=second.pk).update(verified_at=None),
        lambda second: Subscription.objects.filter(channel=second).update(matrix=kinds.mute("email")),
        lambda second: Subscription.objects.filter(channel=second).update(created_at=timezone.now()),
        lambda second: Party.objects.filter(organization=second.organization).delete(),
        lambda second: Membership.objects.filter(user=second.user).delete(),
        lambda second: Channel.objects.filter(pk=second.pk).update(address="another@example.com"),
        lambda second: TrackingUpdate.objects.update(silent=True),
    ],
)
def test_who_has_no_right_to_it_or_wants_it_not_inherits_nothing(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer, kept: Callable[[Channel], object]
) -> None:
    an_update(shipment)
    fanout.fan_out()
    assert owed() == [(first.pk, "pending", "")]
    switched_off(first)
    kept(second)
    send()
    assert owed() == [(first.pk, "skipped", "channel_off")]
    assert mail_server.mails == []


def test_what_is_of_the_address_or_of_the_news_is_not_handed_on(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    an_update(shipment)
    fanout.fan_out()
    deliver(lambda updates: set())
    an_update(shipment)
    fanout.fan_out()
    Suppression.objects.create(kind="email", recipient=first.recipient, address=first.address, reason="bounce")
    send()
    assert owed() == [(first.pk, "skipped", "superseded"), (first.pk, "skipped", "suppressed")]
    assert mail_server.mails == []


def test_members_of_a_digest_are_told_by_the_other(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    Subscription.objects.filter(channel=first).update(matrix={"customs.released": "digest"})
    Subscription.objects.filter(channel=second).update(matrix={"customs.released": "digest"})
    for number in range(2):
        an_update(shipment, key=f"d{number}")
    fanout.fan_out()
    assert owed() == [(first.pk, "gathered", "")] * 2
    Delivery.objects.update(digest_at=timezone.now())
    assert digests.owe_digests() == 1
    switched_off(first)
    send()
    assert owed() == [(first.pk, "skipped", "channel_off")] * 2 + [(second.pk, "gathered", "")] * 2
    Delivery.objects.filter(channel=second).update(digest_at=timezone.now())
    assert digests.owe_digests() == 1
    send()
    assert [row[1] for row in owed()] == ["skipped", "skipped", "sent", "sent"]
    assert mail_server.recipients == [["Desk@example.com"]]


def test_a_member_that_is_not_wanted_any_more_is_told_by_the_other(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    Subscription.objects.filter(channel=first).update(matrix={"customs.released": "digest"})
    Subscription.objects.filter(channel=second).update(matrix={"customs.released": "digest"})
    an_update(shipment)
    fanout.fan_out()
    Delivery.objects.update(digest_at=timezone.now())
    digests.owe_digests()
    ended(first)
    send()
    assert owed() == [(first.pk, "skipped", "unsubscribed"), (second.pk, "gathered", "")]
    assert mail_server.mails == []


def test_sent_again_by_a_person_it_is_told_by_one_alone(
    shipper: Person, shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    an_update(shipment)
    fanout.fan_out()
    switched_off(first)
    send()
    Channel.objects.filter(pk=first.pk).update(disabled_at=None)
    row = Delivery.objects.get(channel=first)
    with pytest.raises(SubscribingError):
        subscribing.redeliver(shipper.viewer, row.pk)
    send()
    assert owed() == [(first.pk, "skipped", "channel_off"), (second.pk, "sent", "")]
    assert len(mail_server.mails) == 1
    Delivery.objects.filter(channel=second).delete()
    subscribing.redeliver(shipper.viewer, row.pk)
    send()
    assert owed() == [(first.pk, "sent", "")]
    assert len(mail_server.mails) == 2


@pytest.mark.parametrize("together", [False, True])
def test_one_departure_by_two_sources_is_told_to_the_address_once(
    shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer, together: bool
) -> None:
    Subscription.objects.update(matrix={"departed": "now"})
    moved = {"milestone": "departed", "container": "HDMU6546583", "place": {"code": "CNSHA"}}
    for minutes in (20, 10):
        at = timezone.now() - timedelta(minutes=minutes)
        an_update(shipment, "milestone", occurred_at=at, data=moved)
        if not together:
            fanout.fan_out()
    fanout.fan_out()
    send()
    assert owed() == [(first.pk, "sent", "")]
    assert len(mail_server.mails) == 1


def test_what_a_channel_that_is_removed_was_not_told_is_told_by_the_other(
    shipper: Person, shipment: Shipment, first: Channel, second: Channel, mail_server: MailServer
) -> None:
    an_update(shipment)
    fanout.fan_out()
    subscribing.remove_channel(shipper.viewer, first.pk)
    assert owed() == [(second.pk, "pending", "")]
    send()
    assert mail_server.recipients == [["Desk@example.com"]]
