"""Which subscription owes which channel what: by shipment, filter, role and matrix; and who is told of an end."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Party, Shipment, ShipmentStatus
from notifications import fanout
from notifications.fanout import owing
from notifications.models import Channel, Delivery, Subscription
from tests.notifications.conftest import a_channel, a_shipment, a_subscription, an_update
from tests.people import Person


def owed() -> list[tuple[str, str, int | None]]:
    return list(Delivery.objects.order_by("pk").values_list("notice", "state", "subscription_id"))


def a_status(shipment: Shipment, **fields: Any) -> ShipmentStatus:
    return ShipmentStatus.objects.update_or_create(shipment=shipment, defaults=fields)[0]


def test_at_once_in_the_digest_or_not(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    chosen = a_subscription(a_channel(shipper), matrix={"gate_out": "digest", "customs.held": "off"})
    an_update(shipment, "customs.released")
    an_update(shipment, "gate_out")
    an_update(shipment, "customs.held")
    an_update(shipment, "milestone", data={"milestone": "departed"})
    fanout.fan_out()
    assert owed() == [
        ("customs.released", "pending", chosen.pk),
        ("gate_out", "gathered", chosen.pk),
        ("departed", "gathered", chosen.pk),
    ]
    gathered = Delivery.objects.filter(state="gathered")
    assert all(row.next_attempt_at is None and row.digest_at is not None for row in gathered)


def test_the_quickest_of_several_subscriptions_wins_and_is_the_reason(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    channel = a_channel(shipper)
    a_subscription(channel, matrix={"departed": "off"})
    bell = a_subscription(channel, shipment, matrix={"departed": "now"})
    an_update(shipment, "milestone", data={"milestone": "departed"})
    fanout.fan_out()
    assert owed() == [("departed", "pending", bell.pk)]


def test_one_departure_of_three_sources_is_told_once(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper), matrix={"departed": "now"})
    now = timezone.now()
    for minutes in (0, 5, 9):
        an_update(
            shipment,
            "milestone",
            key=f"departed|{minutes}",
            occurred_at=now - timedelta(minutes=minutes),
            data={"milestone": "departed"},
        )
        fanout.fan_out()
    an_update(shipment, "milestone", data={"milestone": "departed", "place": {"code": "CNSHA"}})
    fanout.fan_out()
    assert [row[0] for row in owed()] == ["departed", "departed"]


def test_what_was_skipped_may_be_told_after_all(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper), matrix={"departed": "now"})
    an_update(shipment, "milestone", data={"milestone": "departed"})
    fanout.fan_out()
    Delivery.objects.update(state="skipped")
    an_update(shipment, "milestone", data={"milestone": "departed"})
    fanout.fan_out()
    assert [row[1] for row in owed()] == ["skipped", "pending"]


def test_a_filter_chooses_as_the_list_does(shipper: Person, stranger: Person) -> None:
    sea, air = a_shipment(shipper.organization), a_shipment(shipper.organization)
    theirs = a_shipment(stranger.organization)
    for shipment, mode in ((sea, "sea"), (air, "air"), (theirs, "sea")):
        a_status(shipment, mode=mode, port_of_discharge="KRPUS")
    first = a_subscription(a_channel(shipper), label="Sea", filter={"mode": "sea"})
    both = a_subscription(
        a_channel(shipper, address="desk@example.com"), label="Busan", filter={"port_of_discharge": "KRPUS"}
    )
    updates = [an_update(shipment) for shipment in (sea, air, theirs)]
    fanout.fan_out()
    assert set(Delivery.objects.values_list("update_id", "subscription_id")) == {
        (updates[0].pk, first.pk),
        (updates[0].pk, both.pk),
        (updates[1].pk, both.pk),
    }


def test_a_filter_that_the_list_no_longer_knows_chooses_nothing(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_status(shipment)
    a_subscription(a_channel(shipper), label="old", filter={"weather": "fine"})
    a_subscription(a_channel(shipper, address="b@example.com"), label="odd", filter={"eta_after": "whenever"})
    sound = a_subscription(a_channel(shipper, address="c@example.com"))
    an_update(shipment)
    fanout.fan_out()
    assert owed() == [("customs.released", "pending", sound.pk)]


def test_who_was_told_of_a_release_by_a_filter_is_told_that_it_was_taken_back(shipper: Person) -> None:
    """By then the filter does not choose the shipment any more."""
    shipment = a_shipment(shipper.organization)
    status = a_status(shipment, customs_state="released")
    released = {"label": "Released", "filter": {"customs_state": "released"}}
    told = a_subscription(a_channel(shipper), **released)
    an_update(shipment)
    fanout.fan_out()
    late = a_subscription(a_channel(shipper, address="late@example.com"), **released)
    status.customs_state = "revoked"
    status.save()
    an_update(shipment, "customs.release_revoked")
    fanout.fan_out()
    assert owed() == [
        ("customs.released", "pending", told.pk),
        ("customs.release_revoked", "pending", told.pk),
    ]
    assert late.pk not in {row[2] for row in owed()}


def test_a_role_chooses_and_sets_the_default(shipper: Person, forwarder: Person) -> None:
    ours, moved = a_shipment(shipper.organization), a_shipment(shipper.organization)
    for shipment, role in ((ours, "broker"), (moved, "warehouse")):
        Party.objects.create(shipment=shipment, organization=forwarder.organization, role=role)
    brokers = a_subscription(a_channel(forwarder), label="As broker", roles=["broker"])
    everything = a_subscription(a_channel(forwarder, address="all@example.com"))
    for shipment in (ours, moved):
        an_update(shipment, "customs.held", data={"milestone": "documents_requested"})
        an_update(shipment, "customs.released")
    fanout.fan_out()
    found = set(Delivery.objects.values_list("update__shipment_id", "notice", "subscription_id", "state"))
    assert found == {
        (ours.pk, "customs.held", brokers.pk, "pending"),
        (ours.pk, "customs.released", brokers.pk, "pending"),
        (ours.pk, "customs.held", everything.pk, "pending"),
        (ours.pk, "customs.released", everything.pk, "pending"),
        (moved.pk, "customs.released", everything.pk, "pending"),
    }


def test_a_follower_hears_of_what_he_follows_and_of_nothing_else(shipper: Person) -> None:
    followed, other = a_shipment(shipper.organization), a_shipment(shipper.organization)
    outside = a_channel(shipper, address="outside@example.net", user=None, follower=True)
    one = a_subscription(outside, followed)
    a_subscription(outside)  # which nobody can make
    for shipment in (followed, other):
        an_update(shipment)
    fanout.fan_out()
    assert owed() == [("customs.released", "pending", one.pk)]


def test_a_storm_is_folded_and_what_is_critical_still_goes(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper))
    program = a_channel(shipper, "webhook", "https://example.com/hook", user=None)
    a_subscription(program)
    with time_machine.travel("2026-03-24T02:00:00Z", tick=False) as clock:
        Subscription.objects.update(created_at=timezone.now() - timedelta(days=1))
        for number in range(30):
            an_update(shipment, key=f"r{number}", recorded_at=timezone.now())
        an_update(shipment, "customs.held", recorded_at=timezone.now())
        fanout.fan_out(25)
        fanout.fan_out(25)
        mails = Delivery.objects.filter(kind="email")
        assert mails.filter(state="pending", notice="customs.released").count() == owing.STORM == 20
        assert mails.filter(state="pending", notice="customs.held").count() == 1
        rest = mails.filter(state="gathered")
        assert set(rest.values_list("digest_at", flat=True)) == {timezone.now() + timedelta(hours=1)}
        assert rest.count() == 10
        assert Delivery.objects.filter(kind="webhook", state="pending").count() == 31
        clock.shift(timedelta(hours=1, seconds=1))
        an_update(shipment, key="later", recorded_at=timezone.now())
        fanout.fan_out()
        assert mails.filter(state="pending", notice="customs.released").count() == 21


def test_a_digest_of_a_storm_is_no_later_than_the_next_digest(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owing, "STORM", 0)
    shipment = a_shipment(shipper.organization)
    with time_machine.travel("2026-03-24T22:40:00Z", tick=False):  # twenty to eight in Seoul
        a_subscription(a_channel(shipper))
        an_update(shipment, recorded_at=timezone.now())
        fanout.fan_out()
    assert Delivery.objects.get().digest_at == datetime.fromisoformat("2026-03-24T23:00:00+00:00")


QUIET = [
    # kind, critical news in quiet hours too, held
    ("customs.released", False, True),
    ("customs.released", True, True),
    ("customs.held", False, True),
    ("customs.held", True, False),
]


@pytest.mark.parametrize(("kind", "bypass", "held"), QUIET)
def test_quiet_hours_are_the_recipients_own(shipper: Person, kind: str, bypass: bool, held: bool) -> None:
    shipment = a_shipment(shipper.organization)
    with time_machine.travel("2026-03-24T14:30:00Z", tick=False):  # half past eleven in Seoul
        a_subscription(a_channel(shipper, quiet_from=time(22), quiet_until=time(8), bypass_quiet=bypass))
        an_update(shipment, kind, recorded_at=timezone.now())
        fanout.fan_out()
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.digest_at) == ("pending", None)
        assert delivery.next_attempt_at == (
            datetime.fromisoformat("2026-03-25T08:00:00+09:00") if held else timezone.now()
        )


def test_the_channels_zone_comes_before_the_persons(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    with time_machine.travel("2026-03-24T14:30:00Z", tick=False):
        a_subscription(a_channel(shipper, zone="Europe/Berlin", quiet_from=time(22), quiet_until=time(8)))
        an_update(shipment, recorded_at=timezone.now())
        fanout.fan_out()
        assert Delivery.objects.get().next_attempt_at == timezone.now()


def test_statements_do_not_grow_with_subscriptions_filters_and_shipments(shipper: Person) -> None:
    counts = []
    for round_, (shipments, channels) in enumerate(((1, 1), (20, 30))):
        Subscription.objects.all().delete()
        made = [a_shipment(shipper.organization) for _ in range(shipments)]
        for shipment in made:
            a_status(shipment, mode="sea", eta=timezone.now() + timedelta(days=9))
        for number in range(channels):
            channel = a_channel(shipper, address=f"{round_}-{number}@example.com")
            a_subscription(channel, label="mine", filter={"mode": "sea", "eta_after": f"2026-01-{number % 28 + 1:02}"})
            a_subscription(channel, made[0])
        for shipment in made:
            an_update(shipment, "customs.release_revoked")
            an_update(shipment, "milestone", data={"milestone": "departed"})
            an_update(
                shipment,
                "estimate",
                key=f"arrived|{shipment.pk}",
                data={"milestone": "arrived"},
                occurred_at=shipment.status_row.eta,
            )
        with CaptureQueriesContext(connection) as captured:
            assert fanout.fan_out() == 3 * shipments
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 18, counts
    assert Channel.objects.count() == 31
