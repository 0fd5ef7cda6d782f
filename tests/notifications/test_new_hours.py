"""What waits already goes by the hours that were set since: the digest's, the zone's, the quiet ones'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Shipment
from notifications import deliver as delivering
from notifications import fanout, subscribing
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.fanout.owing import STORM
from notifications.models import Channel, Delivery
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person, a_person

EVENING = "2026-03-24T23:00:00+09:00"  # a Tuesday
MONDAYS, EVERY_DAY = 0b1, 0b1111111


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+09:00")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel(EVENING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


def told(shipment: Shipment, mode: str, person: Person, address: str = "", **fields: Any) -> Channel:
    """A channel that is told so of it, and one piece of news that waits for it."""
    channel = a_channel(person, address=address, **fields)
    a_subscription(channel, shipment, matrix={"gate_out": mode})
    news(shipment)
    return channel


def news(shipment: Shipment) -> None:
    an_update(shipment, "gate_out", recorded_at=timezone.now(), data={"milestone": "gate_out"})
    fanout.fan_out()


def waits(channel: Channel) -> list[tuple[str, datetime | None, datetime | None]]:
    rows = Delivery.objects.filter(channel=channel).order_by("pk")
    return list(rows.values_list("state", "digest_at", "next_attempt_at"))


def test_what_waited_for_monday_is_in_tomorrows_digest(shipper: Person, shipment: Shipment) -> None:
    channel = told(shipment, "digest", shipper, digest_days=MONDAYS)
    assert waits(channel) == [("gathered", seoul("03-30T08:00:00"), None)]
    subscribing.set_channel(shipper.viewer, channel.pk, digest_days=EVERY_DAY)
    assert waits(channel) == [("gathered", seoul("03-25T08:00:00"), None)]


DIGESTS: list[tuple[dict[str, Any], str]] = [
    ({"digest_at": time(18, 30)}, "03-25T18:30:00"),
    ({"digest_days": 0b1000}, "03-26T08:00:00"),
    ({"zone": "Europe/Berlin"}, "03-25T16:00:00"),
    ({"zone": "Europe/Berlin", "digest_at": time(16)}, "03-25T00:00:00"),
    ({"quiet_from": time(22), "quiet_until": time(9)}, "03-25T08:00:00"),
    ({"name": "Night desk", "digest_at": time(8)}, "03-25T08:00:00"),
]


@pytest.mark.parametrize(("settings", "due"), DIGESTS)
def test_the_digest_of_the_new_hours(shipper: Person, shipment: Shipment, settings: dict[str, Any], due: str) -> None:
    channel = told(shipment, "digest", shipper)
    subscribing.set_channel(shipper.viewer, channel.pk, **settings)
    assert waits(channel) == [("gathered", seoul(due), None)]


def test_quiet_hours_that_end_at_eleven_let_out_what_waited(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    channel = told(shipment, "now", shipper, quiet_from=time(22), quiet_until=time(7))
    assert deliver(everything_stands) == 0
    assert waits(channel) == [("pending", None, seoul("03-25T07:00:00"))]
    subscribing.set_channel(shipper.viewer, channel.pk, quiet_from=None, quiet_until=None)
    assert deliver(everything_stands) == 1
    assert (len(mail_server.mails), waits(channel)) == (1, [("sent", None, None)])


def test_quiet_hours_that_are_others_let_wait_until_their_own_end(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    channel = told(shipment, "now", shipper, quiet_from=time(22), quiet_until=time(7))
    subscribing.set_channel(shipper.viewer, channel.pk, quiet_until=time(6))
    assert deliver(everything_stands) == 0
    assert (mail_server.mails, waits(channel)) == ([], [("pending", None, seoul("03-25T06:00:00"))])
    subscribing.set_channel(shipper.viewer, channel.pk, zone="Europe/Berlin")
    assert deliver(everything_stands) == 1
    assert len(mail_server.mails) == 1


def test_somebody_elses_channel_is_untouched(shipper: Person, forwarder: Person, shipment: Shipment) -> None:
    theirs = a_shipment(forwarder.organization)
    hours: dict[str, Any] = {"quiet_from": time(22), "quiet_until": time(7), "digest_days": MONDAYS}
    bea = a_person("Bea", shipper.organization)  # type: ignore[arg-type]
    own = told(shipment, "digest", shipper, **hours)
    others = [told(shipment, "digest", bea, **hours), told(theirs, "now", forwarder, **hours)]
    before = [waits(other) for other in others]
    assert before == [
        [("gathered", seoul("03-30T08:00:00"), None)],
        [("pending", None, seoul("03-25T07:00:00"))],
    ]
    subscribing.set_channel(shipper.viewer, own.pk, digest_days=EVERY_DAY, zone="Asia/Tokyo", quiet_until=time(6))
    assert [waits(other) for other in others] == before


def test_who_may_not_set_it_moves_nothing(shipper: Person, forwarder: Person, shipment: Shipment) -> None:
    channel = told(shipment, "digest", shipper, digest_days=MONDAYS)
    colleague = a_person("Bea", shipper.organization)  # type: ignore[arg-type]
    for person, refusal in ((colleague, ForbiddenError), (forwarder, NotFoundError)):
        with pytest.raises(refusal):
            subscribing.set_channel(person.viewer, channel.pk, digest_days=EVERY_DAY)
    with pytest.raises(SubscribingError):
        subscribing.set_channel(shipper.viewer, channel.pk, digest_days=EVERY_DAY, quiet_from=time(22))
    assert waits(channel) == [("gathered", seoul("03-30T08:00:00"), None)]


KEPT: list[dict[str, Any]] = [
    {"state": "sending", "lease_token": "t", "next_attempt_at": seoul("03-25T07:00:00")},
    {"state": "pending", "attempts": 1, "next_attempt_at": seoul("03-25T07:00:00")},
    {"state": "sent", "next_attempt_at": None},
    {"state": "failed", "attempts": 5, "next_attempt_at": None},
]


@pytest.mark.parametrize("fields", KEPT)
def test_what_is_being_sent_was_tried_or_is_over_stays(
    shipper: Person, shipment: Shipment, fields: dict[str, Any]
) -> None:
    channel = told(shipment, "now", shipper, quiet_from=time(22), quiet_until=time(7))
    Delivery.objects.update(**fields)
    before = list(Delivery.objects.values())
    subscribing.set_channel(shipper.viewer, channel.pk, quiet_from=None, quiet_until=None, digest_at=time(5))
    assert list(Delivery.objects.values()) == before


def test_what_a_digest_has_gathered_stays_in_it(
    shipper: Person, shipment: Shipment, clock: time_machine.Traveller
) -> None:
    channel = told(shipment, "digest", shipper)
    clock.move_to(seoul("03-25T08:00:00"))
    assert owe_digests() == 1
    before = list(Delivery.objects.order_by("pk").values())
    subscribing.set_channel(shipper.viewer, channel.pk, digest_at=time(18))
    assert list(Delivery.objects.order_by("pk").values()) == before


def test_the_rest_of_a_storm_keeps_its_hour(shipper: Person, shipment: Shipment) -> None:
    channel = told(shipment, "now", shipper)
    for _ in range(STORM):
        news(shipment)
    assert waits(channel)[STORM:] == [("gathered", seoul("03-25T00:00:00"), None)]
    subscribing.set_channel(shipper.viewer, channel.pk, digest_days=MONDAYS)
    assert waits(channel)[STORM:] == [("gathered", seoul("03-25T00:00:00"), None)]


def test_statements_do_not_grow_with_what_waits(shipper: Person) -> None:
    counts: list[int] = []
    for number in (1, 30):
        shipment = a_shipment(shipper.organization)
        channel = told(shipment, "digest", shipper, f"{number}@example.com", digest_days=MONDAYS)
        for _ in range(number):
            news(shipment)
        with CaptureQueriesContext(connection) as captured:
            subscribing.set_channel(
                shipper.viewer, channel.pk, digest_days=EVERY_DAY, quiet_from=time(22), quiet_until=time(7)
            )
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
        assert {row[1] for row in waits(channel)} == {seoul("03-25T08:00:00")}
    assert counts[0] == counts[1] <= 6, counts
    with CaptureQueriesContext(connection) as captured:
        subscribing.set_channel(shipper.viewer, channel.pk, name="Day desk")
    assert len([query for query in captured if "notifications_delivery" in query["sql"]]) == 0


def test_hours_that_stay_leave_what_waits(shipper: Person, shipment: Shipment, clock: time_machine.Traveller) -> None:
    channel = told(shipment, "digest", shipper)
    clock.shift(timedelta(days=2))
    subscribing.set_channel(shipper.viewer, channel.pk, digest_at=time(8), language="ko")
    assert waits(channel) == [("gathered", seoul("03-25T08:00:00"), None)]
