"""From updates to deliveries: who is owed what, once each, and in how many statements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Party, TrackingUpdate
from clis.accounts.models import Membership
from notifications import fanout, kinds
from notifications.deliver.claim import claim
from notifications.models import Attempt, Channel, Delivery
from tests.notifications.conftest import a_channel, a_shipment, a_subscription, an_update
from tests.people import Person, a_person


def owed() -> set[tuple[int, int]]:
    return set(Delivery.objects.values_list("update_id", "channel_id"))


def test_a_subscribed_channel_is_owed_the_update(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper)
    a_subscription(channel, shipment)
    update = an_update(shipment)

    assert fanout.fan_out() == 1

    delivery = Delivery.objects.get()
    assert (delivery.update_id, delivery.channel_id, delivery.kind) == (update.pk, channel.pk, "email")
    assert (delivery.state, delivery.attempts, delivery.reason) == ("pending", 0, "")
    assert delivery.next_attempt_at is not None and delivery.next_attempt_at <= timezone.now()
    update.refresh_from_db()
    assert update.fanned_out_at is not None and update.feed_no is not None
    assert fanout.fan_out() == 0


def test_a_subscription_to_all_covers_every_shipment_of_the_organization(shipper: Person, stranger: Person) -> None:
    channel = a_channel(shipper)
    a_subscription(channel)
    ours, theirs = a_shipment(shipper.organization), a_shipment(stranger.organization)
    update = an_update(ours)
    an_update(theirs)
    fanout.fan_out()
    assert owed() == {(update.pk, channel.pk)}


def test_overlapping_subscriptions_owe_one_delivery(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper)
    a_subscription(channel)
    a_subscription(channel, shipment)
    update = an_update(shipment)
    fanout.fan_out()
    assert owed() == {(update.pk, channel.pk)}


def test_one_address_with_two_channels_is_told_once(shipper: Person, forwarder: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    first = a_channel(shipper, address="desk@example.com")
    second = a_channel(forwarder, address="Desk@example.com")
    a_subscription(first)
    a_subscription(second)
    update = an_update(shipment)
    fanout.fan_out()
    assert owed() == {(update.pk, first.pk)}


def test_a_party_is_told_and_a_stranger_is_not(shipper: Person, forwarder: Person, stranger: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    told, untold = a_channel(forwarder), a_channel(stranger)
    a_subscription(told)
    a_subscription(untold)
    a_subscription(untold, shipment)  # left over from a time when it was a party
    update = an_update(shipment)
    fanout.fan_out()
    assert owed() == {(update.pk, told.pk)}


@pytest.mark.parametrize(
    "change",
    [
        {"verified_at": None},
        {"disabled_at": timezone.now()},
    ],
)
def test_a_channel_that_is_not_usable_is_owed_nothing(shipper: Person, change: dict[str, Any]) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper, **change))
    an_update(shipment)
    assert fanout.fan_out() == 1
    assert owed() == set()


def test_an_endpoint_that_is_off_is_owed_and_nothing_goes_out(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    off = a_channel(
        shipper, "webhook", "https://example.com/hook", user=None, disabled_at=timezone.now() - timedelta(days=29)
    )
    a_subscription(off)
    update = an_update(shipment)
    fanout.fan_out()
    row = Delivery.objects.get()
    assert (row.update_id, row.channel_id, row.state, row.reason) == (update.pk, off.pk, "failed", "endpoint_off")
    assert (row.attempts, row.next_attempt_at, row.finished_at) == (0, None, row.created_at)
    assert not Attempt.objects.exists() and claim("webhook") == []


@pytest.mark.parametrize(
    ("kind", "days", "fields"),
    [
        ("webhook", 30, {}),  # nobody looks after it any more
        ("webhook", 1, {"verified_at": None}),
        ("chat", 1, {}),
    ],
)
def test_who_else_is_off_is_owed_nothing(shipper: Person, kind: str, days: int, fields: dict[str, Any]) -> None:
    since = timezone.now() - timedelta(days=days, seconds=1)
    a_subscription(a_channel(shipper, kind, "https://example.com/hook", user=None, disabled_at=since, **fields))
    an_update(a_shipment(shipper.organization))
    assert fanout.fan_out() == 1
    assert owed() == set()


def test_who_left_the_organization_or_was_switched_off_is_owed_nothing(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    left = a_person("Left", shipper.organization)  # type: ignore[arg-type]
    off = a_person("Off", shipper.organization)  # type: ignore[arg-type]
    for person in (left, off):
        a_subscription(a_channel(person))
    Membership.objects.filter(user=left.user).delete()
    type(off.user).objects.filter(pk=off.user.pk).update(is_active=False)
    an_update(shipment)
    fanout.fan_out()
    assert owed() == set()


def test_an_ended_subscription_and_an_unwanted_kind_owe_nothing(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    ended, other = a_channel(shipper), a_channel(shipper, "sms")
    a_subscription(ended, ended_at=timezone.now())
    a_subscription(other, matrix=kinds.only(["gate_out"]))
    an_update(shipment)
    leaves = an_update(shipment, "gate_out", data={"milestone": "gate_out"})
    fanout.fan_out()
    assert owed() == {(leaves.pk, other.pk)}


def test_history_and_replays_are_silent(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper))
    for number in range(40):
        an_update(shipment, key=f"old-{number}", silent=True)
    assert fanout.fan_out() == 40
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)
    assert not TrackingUpdate.objects.filter(fanned_out_at__isnull=True).exists()


def test_what_only_feeds_show_is_told_to_programs_alone(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper))
    program = a_channel(shipper, "webhook", "https://example.com/hook", user=None)
    a_subscription(program)
    updates = [
        an_update(shipment, "milestone", data={"milestone": "loaded"}),
        an_update(shipment, "estimate", data={"milestone": "departed"}),
    ]
    assert fanout.fan_out() == 2
    assert owed() == {(update.pk, program.pk) for update in updates}
    assert set(Delivery.objects.values_list("notice", "state")) == {("milestone", "pending"), ("estimate", "pending")}


NEWS = [
    # kind, hours since it happened, hours since it was reported, hours since the subscription began, news?
    ("customs.released", 1, 1, 2, True),
    # Nobody here knew of it when the subscription began, and it had happened within the day before.
    ("customs.released", 3, 0, 2, True),
    ("customs.release_revoked", 25, 0, 2, True),
    ("customs.released", 27, 0, 2, False),
    ("customs.released", 200, 0, 240, True),
    ("customs.held", 200, 0, 240, True),
    ("customs.hold_cleared", 200, 0, 240, True),
    ("customs.release_revoked", 200, 0, 240, True),
    ("gate_out", 71, 71, 240, True),
    ("gate_out", 73, 71, 240, True),
    ("gate_out", 73, 73, 240, False),
    ("gate_out", 3, 0, 2, False),
]


@pytest.mark.parametrize(("kind", "happened", "reported", "began", "news"), NEWS)
def test_what_is_news(shipper: Person, kind: str, happened: int, reported: int, began: int, news: bool) -> None:
    now = timezone.now()
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper), created_at=now - timedelta(hours=began))
    an_update(shipment, kind, occurred_at=now - timedelta(hours=happened), reported_at=now - timedelta(hours=reported))
    fanout.fan_out()
    assert Delivery.objects.count() == (1 if news else 0)


def test_what_was_known_when_it_began_is_no_news(shipper: Person) -> None:
    """Fan-out was late: the page showed the release when somebody subscribed."""
    now = timezone.now()
    shipment = a_shipment(shipper.organization)
    program = a_channel(shipper, "webhook", "https://example.com/hook", user=None)
    for channel in (a_channel(shipper), program):
        a_subscription(channel, created_at=now - timedelta(minutes=1))
    known = an_update(shipment, occurred_at=now - timedelta(hours=1))
    TrackingUpdate.objects.filter(pk=known.pk).update(recorded_at=now - timedelta(minutes=2))
    fanout.fan_out()
    assert owed() == set()


def test_a_program_is_told_all_that_is_found_out_since_it_began(shipper: Person) -> None:
    now = timezone.now()
    shipment = a_shipment(shipper.organization)
    program = a_channel(shipper, "webhook", "https://example.com/hook", user=None)
    a_subscription(program, created_at=now - timedelta(hours=1))
    updates = [
        an_update(shipment, occurred_at=now - timedelta(days=9)),
        an_update(shipment, "gate_out", occurred_at=now - timedelta(days=2), reported_at=now - timedelta(days=1)),
    ]
    assert fanout.fan_out() == 2
    assert owed() == {(update.pk, program.pk) for update in updates}


def test_an_update_without_a_time_of_its_own_happened_when_it_was_reported(shipper: Person) -> None:
    now = timezone.now()
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper), created_at=now - timedelta(hours=1))
    an_update(shipment, "gate_out", occurred_at=None, reported_at=now - timedelta(hours=2))
    told = an_update(shipment, "gate_out", occurred_at=None, reported_at=now)
    fanout.fan_out()
    assert list(Delivery.objects.values_list("update_id", flat=True)) == [told.pk]


@pytest.mark.parametrize("channels", [1, 3])
def test_the_number_of_statements_does_not_grow(shipper: Person, channels: int) -> None:
    """2 updates and 200 cost the same statements, whatever the channels."""
    shipment = a_shipment(shipper.organization)
    for number in range(channels):
        a_subscription(a_channel(shipper, address=f"desk{number}@example.com"))
        hook = f"https://example.com/hook{number}"
        a_subscription(a_channel(shipper, "webhook", hook, user=None, disabled_at=timezone.now()))
    counts = []
    for number in (2, 200):
        for position in range(number):
            an_update(shipment, key=f"{number}-{position}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert fanout.fan_out() == number
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert Delivery.objects.count() == 202 * channels * 2
    assert counts[0] == counts[1] <= 9, counts


def test_a_batch_is_limited(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper))
    for number in range(5):
        an_update(shipment, key=str(number))
    assert [fanout.fan_out(2), fanout.fan_out(2), fanout.fan_out(2), fanout.fan_out(2)] == [2, 2, 1, 0]
    assert Delivery.objects.count() == 5


def test_a_failure_after_the_taking_gives_the_updates_back(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper))
    an_update(shipment)

    def fails(rows: object, now: object) -> None:
        raise RuntimeError("stopped here")

    with monkeypatch.context() as patch:
        patch.setattr(fanout, "owe", fails)
        with pytest.raises(RuntimeError, match="stopped here"):
            fanout.fan_out()
    assert TrackingUpdate.objects.filter(fanned_out_at__isnull=True).count() == 1
    assert fanout.fan_out() == 1
    assert Delivery.objects.count() == 1


def test_a_party_that_was_taken_off_is_no_longer_told(shipper: Person, forwarder: Person) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    a_subscription(a_channel(forwarder), shipment)
    Party.objects.filter(organization=forwarder.organization).delete()
    an_update(shipment)
    fanout.fan_out()
    assert owed() == set()


def test_a_shared_mailbox_has_no_person_and_is_told(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper, address="desk@example.com", user=None)
    a_subscription(channel)
    update = an_update(shipment)
    fanout.fan_out()
    assert owed() == {(update.pk, channel.pk)}
    assert Channel.objects.get().user is None
