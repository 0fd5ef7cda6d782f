"""Digests: owed once when their time has come, sent with what still stands, and their members end with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import Party, Shipment
from notifications import deliver as delivering
from notifications import fanout, subscribing
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.models import Channel, Delivery, Subscription
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_shipment,
    a_subscription,
    an_update,
    due,
    everything_stands,
)
from tests.people import Person

EVENING = "2026-03-24T09:00:00Z"  # six o'clock in Seoul, a Tuesday
EIGHT = datetime.fromisoformat("2026-03-25T08:00:00+09:00")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel(EVENING) as traveller:
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Alice's; everything in the digest."""
    found = a_shipment(shipper.organization)
    a_subscription(a_channel(shipper), matrix={"customs.released": "digest", "gate_out": "digest"})
    return found


def gather(shipment: Shipment, *kinds: str, **fields: Any) -> list[Delivery]:
    """Updates that happened just now, gathered."""
    now = timezone.now()
    made = [
        an_update(shipment, kind, recorded_at=now, data={"milestone": kind.replace("customs.", "customs_")}, **fields)
        for kind in kinds
    ]
    fanout.fan_out()
    return list(Delivery.objects.filter(update__in=made).order_by("pk"))


def sweep() -> None:
    """What the task of the senders does, in a world in which nothing is taken back."""
    while owe_digests():
        pass
    deliver(everything_stands)


def states() -> list[tuple[str, str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("notice", "state", "reason"))


def test_what_was_gathered_goes_out_in_one_mail_at_its_hour(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    members = gather(shipment, "customs.released", "gate_out")
    assert [row.digest_at for row in members] == [EIGHT, EIGHT]
    assert owe_digests() == 0
    sweep()
    assert mail_server.mails == []

    clock.move_to(EIGHT + timedelta(seconds=3))
    sweep()
    sweep()

    assert len(mail_server.mails) == 1
    text = mail_server.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.count("KOSHA2603001") == 1 and "The cargo left" in text
    assert states() == [("customs.released", "sent", ""), ("gate_out", "sent", ""), ("digest", "sent", "")]
    digest = Delivery.objects.get(notice="digest")
    assert set(digest.gathered.values_list("pk", flat=True)) == {row.pk for row in members}
    assert all(row.finished_at for row in Delivery.objects.all())


def test_the_digest_speaks_the_readers_language(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    Channel.objects.update(language="ko")
    gather(shipment, "customs.released")
    clock.move_to(EIGHT)
    sweep()
    assert ["화물 1건" in str(mail["Subject"]) for mail in mail_server.mails] == [True]


def test_what_is_no_longer_true_is_left_out_and_an_empty_digest_is_not_sent(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    released, left = gather(shipment, "customs.released", "gate_out")
    clock.move_to(EIGHT)
    assert owe_digests() == 1
    deliver(lambda updates: set(updates) - {released.update_id})
    assert len(mail_server.mails) == 1 and "released" not in str(mail_server.mails[0]).lower()
    assert states() == [
        ("customs.released", "skipped", "superseded"),
        ("gate_out", "sent", ""),
        ("digest", "sent", ""),
    ]
    gather(shipment, "customs.released")
    clock.shift(timedelta(days=1))
    assert owe_digests() == 1
    assert deliver(lambda updates: set()) == 0
    assert states()[3:] == [("customs.released", "skipped", "superseded"), ("digest", "skipped", "empty")]
    assert len(mail_server.mails) == 1


ENDS = [
    (lambda: Subscription.objects.update(ended_at=timezone.now()), "unsubscribed"),
    (lambda: Party.objects.all().delete(), "no_access"),
    (lambda: Subscription.objects.update(matrix={"customs.released": "off"}), "unsubscribed"),
]


@pytest.mark.parametrize(("change", "reason"), ENDS)
def test_members_that_may_not_be_told_are_left_out(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller, change: Any, reason: str
) -> None:
    gather(shipment, "customs.released")
    change()
    clock.move_to(EIGHT)
    sweep()
    assert states() == [("customs.released", "skipped", reason), ("digest", "skipped", "empty")]
    assert mail_server.mails == []


def test_a_failed_digest_fails_its_members_and_may_be_sent_again(
    shipper: Person, shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    gather(shipment, "customs.released")
    mail_server.data_answer = "554 5.7.0 not this one"
    clock.move_to(EIGHT)
    sweep()
    assert [row[1] for row in states()] == ["failed", "failed"]
    mail_server.data_answer = "250 2.0.0 taken"
    subscribing.redeliver(shipper.viewer, Delivery.objects.get(notice="digest").pk)
    assert [row[1] for row in states()] == ["gathered", "pending"]
    sweep()
    assert [row[1] for row in states()] == ["sent", "sent"]
    assert len(mail_server.mails) == 1


def test_a_digest_that_could_not_be_sent_waits_with_its_members(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    gather(shipment, "customs.released")
    mail_server.data_answer = "451 4.3.0 later"
    clock.move_to(EIGHT)
    sweep()
    assert [row[1] for row in states()] == ["gathered", "pending"]
    assert owe_digests() == 0
    mail_server.data_answer = "250 2.0.0 taken"
    due(Delivery.objects.get(notice="digest"))
    sweep()
    assert [row[1] for row in states()] == ["sent", "sent"]


def test_what_comes_too_late_for_its_digest_has_one_of_its_own(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    gather(shipment, "customs.released")
    clock.move_to(EIGHT)
    assert owe_digests() == 1
    late = gather(shipment, "gate_out")[0]
    Delivery.objects.filter(pk=late.pk).update(digest_at=EIGHT)
    clock.shift(timedelta(seconds=5))
    assert owe_digests() == 1
    assert deliver(everything_stands) == 2
    assert len(mail_server.mails) == 2


def test_what_is_due_within_the_hour_goes_along_and_tomorrows_does_not(
    shipment: Shipment, clock: time_machine.Traveller
) -> None:
    rows = gather(shipment, "customs.released", "gate_out", "customs.released")
    for row, at in zip(rows, (0, 59, 61), strict=True):
        Delivery.objects.filter(pk=row.pk).update(digest_at=EIGHT + timedelta(minutes=at))
    clock.move_to(EIGHT)
    assert owe_digests() == 1
    assert [row.gathered_in_id is not None for row in Delivery.objects.filter(state="gathered").order_by("pk")] == [
        True, True, False,
    ]  # fmt: skip


def test_a_digest_waits_for_the_end_of_quiet_hours(
    shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    Channel.objects.update(quiet_from=time(22), quiet_until=time(9))
    gather(shipment, "customs.released")
    clock.move_to(EIGHT)
    sweep()
    assert mail_server.mails == []
    clock.move_to(EIGHT + timedelta(hours=1))
    sweep()
    assert len(mail_server.mails) == 1


def test_over_the_nights_in_which_the_clock_is_changed_nothing_is_sent_early_lost_or_doubled(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    """A week in Berlin around the last Sunday of March and of October, a piece of news each hour and a sweep each
    half: at once outside of quiet hours (22 to 8), the rest in the digest at seven, within them."""
    shipment = a_shipment(shipper.organization)
    a_subscription(
        a_channel(
            shipper,
            zone="Europe/Berlin",
            quiet_from=time(22),
            quiet_until=time(8),
            digest_at=time(7),
            digest_days=127,
        ),
        matrix={"gate_out": "now", "deadline.set": "digest"},
        created_at=datetime.fromisoformat("2026-03-01T00:00:00+00:00"),
    )
    zone = ZoneInfo("Europe/Berlin")
    sent: list[time] = []
    for start in ("2026-03-28T12:00:00+00:00", "2026-10-24T12:00:00+00:00"):
        for half in range(2 * 48):
            clock.move_to(datetime.fromisoformat(start) + timedelta(minutes=30 * half))
            if half % 2 == 0 and half < 2 * 20:
                deadline = {"deadline": "removal", "due_at": "2026-12-01T00:00:00+09:00", "until": "2026-12-01"}
                an_update(shipment, "gate_out", recorded_at=timezone.now(), data={"milestone": "gate_out"})
                an_update(shipment, "deadline.set", recorded_at=timezone.now(), data=deadline)
                fanout.fan_out()
            before = len(mail_server.mails)
            sweep()
            sent += [timezone.now().astimezone(zone).time()] * (len(mail_server.mails) - before)
    assert all(time(8) <= at < time(22) for at in sent)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert Delivery.objects.filter(notice="gate_out").count() == 40
    assert Delivery.objects.filter(notice="deadline.set").count() == 40
    digests = Delivery.objects.filter(notice="digest").count()
    assert len(mail_server.mails) == len({mail["Message-ID"] for mail in mail_server.mails}) == 40 + digests


def test_statements_do_not_grow_with_channels_and_members(shipper: Person, clock: time_machine.Traveller) -> None:
    shipment = a_shipment(shipper.organization)
    counts = []
    for round_, (channels, members) in enumerate(((1, 1), (20, 9))):
        for number in range(channels):
            address = f"{round_}-{number}@example.com"
            a_subscription(a_channel(shipper, address=address), shipment, matrix={"gate_out": "digest"})
        gather(shipment, *["gate_out"] * members)
        clock.shift(timedelta(days=1))
        with CaptureQueriesContext(connection) as captured:
            assert owe_digests() == Channel.objects.count()
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 6, counts


def test_two_sweeps_owe_one_digest(shipment: Shipment, clock: time_machine.Traveller) -> None:
    gather(shipment, "customs.released")
    clock.move_to(EIGHT)
    assert [owe_digests(), owe_digests()] == [1, 0]
