"""``manage.py restored``: after a restore nothing of before is told again, and what happens from then on is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking
from cargo.models import (
    FeedHead,
    InspectionDue,
    ProjectionDue,
    Shipment,
    ShipmentState,
    Source,
    TrackingUpdate,
    maintenance,
)
from cargo.models.linking import mark_due
from cargo.pipeline import project
from cargo.pipeline.receive import receive, receive_answer
from notifications import fanout
from notifications.deliver import deliver, restoring
from notifications.deliver.letters import drain_letters
from notifications.digests import owe_digests
from notifications.models import Attempt, Channel, Delivery, Letter
from tests.messages import HOUSE, declared, entered, released, unipass
from tests.notifications import telling_world as world
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person
from tests.pipeline.working import work_off

BACKUP, RESTORE, AFTER = (f"2026-03-16T{hour}:00:00+09:00" for hour in ("02", "12", "13"))
# A batch of everything, the looks for a next batch, the numbers and the note.
STATEMENTS = 23
STEPS = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00"), released("2026-03-16 10:00")]


@pytest.fixture
def clock(db: None) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(RESTORE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


def restored(capsys: Any, since: str = BACKUP) -> list[str]:
    """Runs it; gives what it says."""
    call_command("restored", since=since)
    return str(capsys.readouterr().out).splitlines()


def states() -> list[tuple[str, str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("kind", "state", "reason"))


def test_numbers_that_the_lost_system_gave_are_not_given_again(shipper: Person, capsys: Any) -> None:
    FeedHead.objects.update_or_create(id=1, defaults={"last": 7})
    channel, shipment = a_channel(shipper), a_shipment(shipper.organization)
    before = a_delivery(an_update(shipment, key="before"), channel)
    said = restored(capsys, (timezone.now() - timedelta(hours=1)).isoformat())
    assert said[5].startswith("new numbers begin 1,000,000,000 further on")
    after = a_delivery(an_update(shipment, key="after"), channel)
    assert before.update_id and after.update_id
    assert 1_000_000_000 < after.pk - before.pk < 1_000_000_010
    assert 1_000_000_000 < after.update_id - before.update_id < 1_000_000_010
    assert FeedHead.objects.get().last == 1_000_000_007


# --- what was owed ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_was_owed_on_every_kind_of_channel_is_not_sent(
    shipper: Person, mail_server: MailServer, gateway: Gateway, receiver: Receiver, notes: Path, capsys: Any
) -> None:
    update = an_update(a_shipment(shipper.organization))
    until = timezone.now() + timedelta(minutes=5)
    held = {"lease_token": "t", "state": "sending", "attempts": 1, "next_attempt_at": until}
    endpoint, _ = an_endpoint(shipper, receiver.url)
    rows = []
    for fields in ({}, held):
        for kind in ("email", "sms", "chat", "push"):
            channel = a_channel(shipper, kind, f"{kind}{len(rows)}@example.com")
            rows.append(a_delivery(update, channel, **fields))
        rows.append(a_call(an_update(update.shipment, key=f"call {len(rows)}"), endpoint, **fields))
    for row in rows[5:]:
        Attempt.objects.create(delivery=row)
    (notes / "1-a.notes").write_bytes(b'["claimed", "t", [1]]\n')

    said = restored(capsys, (timezone.now() - timedelta(hours=1)).isoformat())

    assert said[:4] == [
        "8 deliveries and 0 letters that were owed are not sent",
        "2 texts have an unknown outcome: a person decides whether they are sent again",
        "0 deliveries that were owed again had arrived before and count as sent",
        "1 files of senders' notes discarded",
    ]
    assert set(states()) == {("sms", "unknown", "restored")} | {
        (kind, "skipped", "restored") for kind in ("email", "chat", "push", "webhook")
    }
    assert set(Delivery.objects.values_list("lease_token", "next_attempt_at")) == {("", None)}
    assert set(Attempt.objects.values_list("outcome", "detail")) == {("unknown", "restored")}
    assert not Attempt.objects.filter(finished_at__isnull=True).exists()
    assert list(notes.iterdir()) == []
    assert deliver(everything_stands) == 0
    assert mail_server.mails == gateway.requests == receiver.requests == []


def test_what_was_gathered_ends_and_so_do_digests_with_their_members(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller, capsys: Any
) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    now = timezone.now()
    digest = Delivery.objects.create(
        channel=channel, kind="email", recipient="r", notice="digest", digest_at=now - timedelta(hours=1)
    )
    gathered = {"state": "gathered", "next_attempt_at": None}
    for number, (at, of) in enumerate([(-60, digest), (-10, None), (59, None)]):
        a_delivery(
            an_update(shipment, key=str(number)),
            channel,
            digest_at=now + timedelta(minutes=at),
            gathered_in=of,
            recipient=f"g{number}",
            **gathered,
        )
    assert restored(capsys)[0] == "4 deliveries and 0 letters that were owed are not sent"
    assert states() == [("email", "skipped", "restored")] * 4
    clock.shift(timedelta(days=1))
    assert (owe_digests(), deliver(everything_stands), mail_server.mails) == (0, 0, [])


def test_what_falls_due_after_the_restore_has_not_been_sent_and_is(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller, capsys: Any
) -> None:
    """Quiet hours, the wait for the next try, tomorrow's digest: the lost system was gone by then."""
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    later = timezone.now() + timedelta(hours=2)
    a_delivery(an_update(shipment), channel, next_attempt_at=later)
    a_delivery(an_update(shipment), channel, state="gathered", digest_at=later, next_attempt_at=None, recipient="g")
    assert restored(capsys)[0] == "0 deliveries and 0 letters that were owed are not sent"
    assert deliver(everything_stands) == 0
    clock.shift(timedelta(hours=2))
    assert owe_digests() == 1
    assert deliver(everything_stands) == 2 == len(mail_server.mails)


def test_what_had_arrived_before_it_was_owed_again_stays_sent(
    shipper: Person, clock: time_machine.Traveller, capsys: Any
) -> None:
    before = timezone.now() - timedelta(days=1)
    row = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper), delivered_at=before)
    assert restored(capsys)[2] == "1 deliveries that were owed again had arrived before and count as sent"
    row.refresh_from_db()
    assert (row.state, row.reason, row.finished_at, row.next_attempt_at) == ("sent", "", before, None)


def test_letters_that_were_owed_end(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller, capsys: Any
) -> None:
    now = timezone.now()
    waits = {"due": (now, ""), "leased": (now + timedelta(minutes=9), "t"), "later": (now + timedelta(hours=1), "")}
    for name, (at, token) in waits.items():
        Letter.objects.create(
            reference=name, address="a@example.com", language="en", subject="s", text="t", next_attempt_at=at,
            lease_token=token,
        )  # fmt: skip
    assert restored(capsys)[0] == "0 deliveries and 2 letters that were owed are not sent"
    ended = Letter.objects.filter(next_attempt_at=None, lease_token="", sent_at=None, reason="restored")
    assert set(ended.values_list("reference", flat=True)) == {"due", "leased"}
    assert (drain_letters(timezone.now()), mail_server.mails) == (0, [])


def test_updates_that_were_not_given_out_are_silent_and_keep_their_turn_in_the_feed(
    shipper: Person, clock: time_machine.Traveller, capsys: Any
) -> None:
    a_subscription(a_channel(shipper))
    update = an_update(a_shipment(shipper.organization))
    assert restored(capsys)[4] == "1 updates and what 0 due looks at shipments find are told to nobody"
    assert fanout.fan_out() == 1
    update.refresh_from_db()
    assert (update.silent, update.feed_no) == (True, FeedHead.objects.get().last)
    assert not Delivery.objects.exists()


def test_looks_that_were_due_find_in_silence(shipper: Person, clock: time_machine.Traveller, capsys: Any) -> None:
    hour = timedelta(hours=1)
    past, ahead = (a_shipment(shipper.organization) for _ in range(2))
    InspectionDue.objects.create(shipment=past, inspect_at=timezone.now() - hour)
    InspectionDue.objects.create(shipment=ahead, inspect_at=timezone.now() + hour)
    mark_due([ahead.pk], "numbers")
    assert restored(capsys)[4] == "0 updates and what 2 due looks at shipments find are told to nobody"
    assert dict(InspectionDue.objects.values_list("shipment", "silent")) == {past.pk: True, ahead.pk: False}
    assert list(ProjectionDue.objects.values_list("silent", flat=True)) == [True]


@pytest.mark.parametrize("count", [2, 40])
def test_statements_do_not_grow_with_the_batch(
    shipper: Person, clock: time_machine.Traveller, capsys: Any, count: int
) -> None:
    shipment, mails, texts = a_shipment(shipper.organization), a_channel(shipper), a_channel(shipper, "sms")
    for number in range(count):
        row = a_delivery(an_update(shipment), texts if number % 2 else mails, recipient=str(number))
        Attempt.objects.create(delivery=row)
    with CaptureQueriesContext(connection) as found:
        restored(capsys)
    assert Delivery.objects.filter(reason="restored").count() == count
    assert len(found) == STATEMENTS


def test_several_batches_end(
    shipper: Person, clock: time_machine.Traveller, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "BATCH", 2)
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    for number in range(5):
        a_delivery(an_update(shipment), channel, recipient=str(number))
    assert restored(capsys)[0] == "5 deliveries and 0 letters that were owed are not sent"
    assert states() == [("email", "skipped", "restored")] * 5


# --- twice, and wrongly -----------------------------------------------------------------------------


def test_a_second_run_leaves_what_is_owed_since_alone(
    shipper: Person, clock: time_machine.Traveller, capsys: Any
) -> None:
    restored(capsys)
    clock.shift(timedelta(hours=1))
    row = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    assert restored(capsys) == ["this was done at 2026-03-16T03:00:00Z: nothing to do"]
    assert restored(capsys, "2026-03-15T17:00:00Z") == ["this was done at 2026-03-16T03:00:00Z: nothing to do"]
    row.refresh_from_db()
    assert (row.state, maintenance.restored()) == (
        "pending", (datetime.fromisoformat(BACKUP), datetime.fromisoformat(RESTORE)),
    )  # fmt: skip


def test_a_later_backup_may_be_restored_too(clock: time_machine.Traveller, capsys: Any) -> None:
    restored(capsys)
    clock.shift(timedelta(days=2))
    restored(capsys, "2026-03-17T02:00:00+09:00")
    found = maintenance.restored()
    assert found is not None
    assert [at.isoformat() for at in found] == ["2026-03-16T17:00:00+00:00", "2026-03-18T03:00:00+00:00"]


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ("yesterday", "--since: 'yesterday' is not an ISO 8601 time"),
        ("2026-03-16T02:00:00", "names no zone"),
        ("2026-03-16T12:00:01+09:00", "lies ahead"),
        ("2026-03-16T11:59:00+09:00", "its backup was made later"),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    shipper: Person, clock: time_machine.Traveller, capsys: Any, since: str, reason: str
) -> None:
    if reason == "its backup was made later":
        restored(capsys)
    row = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    with pytest.raises(CommandError, match=reason):
        restored(capsys, since)
    row.refresh_from_db()
    assert row.state == "pending"


# --- what comes in again ----------------------------------------------------------------------------


@pytest.fixture
def customs(db: None) -> Source:
    return Source.objects.create(slug="unipass", name="UNI-PASS", kind="customs", rank=10)


@pytest.fixture
def channel(shipper: Person, db: None) -> Channel:
    """Alice hears of everything."""
    assert shipper.organization
    with time_machine.travel("2026-03-10T00:00:00Z"):
        found = a_channel(shipper)
        a_subscription(found)
    return found


@pytest.fixture
def lost(channel: Channel, customs: Source, capsys: Any) -> list[Shipment]:
    """The backup holds the declaration; the release came after it, and was told by the system that is gone."""
    with time_machine.travel("2026-03-10T01:00:00Z"):
        shipments = world.register(channel.organization, range(1))
    with time_machine.travel("2026-03-15T12:00:00+09:00"):
        receive(customs.pk, world.body(0, 2))
        world.work()
    with time_machine.travel(RESTORE, tick=False):
        Delivery.objects.all().delete()
        restored(capsys)
    return shipments


def hear(at: str, source: Source, body: bytes) -> list[str]:
    """What is received at a time; gives the news that is owed by then."""
    with time_machine.travel(at):
        receive(source.pk, body)
        world.work()
    return list(Delivery.objects.order_by("pk").values_list("notice", flat=True))


def test_what_was_reported_before_comes_in_silently_and_what_happens_after_is_told(
    lost: list[Shipment], customs: Source
) -> None:
    assert hear(AFTER, customs, world.body(0, 3)) == []
    assert list(TrackingUpdate.objects.filter(kind="customs.released").values_list("silent", flat=True)) == [True]
    assert TrackingUpdate.objects.filter(kind="deadline.set", silent=True).exists()
    assert hear("2026-03-17T12:00:00+09:00", customs, world.body(0, 4)) == ["customs.release_revoked"]
    assert project.differences([shipment.pk for shipment in lost]) == []


def test_one_message_may_bring_both(lost: list[Shipment], customs: Source) -> None:
    assert hear("2026-03-17T12:00:00+09:00", customs, world.body(0, 4)) == ["customs.release_revoked"]
    assert project.differences([shipment.pk for shipment in lost]) == []


def test_what_the_backup_held_without_having_worked_it_out_is_silent(
    channel: Channel, customs: Source, capsys: Any
) -> None:
    """Received, and matched to a shipment that is to be worked out again."""
    with time_machine.travel("2026-03-15T12:00:00+09:00"):
        world.register(channel.organization, range(2))
    with time_machine.travel("2026-03-16T10:30:00+09:00"):
        receive(customs.pk, world.body(0, 3))
        world.work()
        receive(customs.pk, world.body(1, 3))
        shipments = list(Shipment.objects.order_by("pk"))
        ShipmentState.objects.update(packed=b"")
        TrackingUpdate.objects.all().delete()
        Delivery.objects.all().delete()
        mark_due([shipments[0].pk], "numbers")
    with time_machine.travel(RESTORE, tick=False):
        restored(capsys, "2026-03-16T10:40:00+09:00")
    with time_machine.travel(AFTER):
        world.work()
    assert TrackingUpdate.objects.filter(kind="customs.released").count() == 2
    assert not TrackingUpdate.objects.filter(silent=False).exists()
    assert not Delivery.objects.exists()
    assert project.differences([shipment.pk for shipment in shipments]) == []


def test_without_a_restore_the_same_is_told(channel: Channel, customs: Source) -> None:
    with time_machine.travel("2026-03-15T12:00:00+09:00"):
        world.register(channel.organization, range(1))
    assert "customs.released" in hear(AFTER, customs, world.body(0, 3))


def test_what_an_answer_does_not_say_any_more_is_old_if_the_last_one_was_asked_for_before(
    channel: Channel, customs: Source, capsys: Any
) -> None:
    """Gone since before the restore or after it: nobody knows. Back and gone after that is news."""
    answers = [
        ("2026-03-16T10:30:00+09:00", STEPS), (AFTER, STEPS[:2]), ("2026-03-16T14:00:00+09:00", STEPS),
        ("2026-03-16T15:00:00+09:00", STEPS[:2]),
    ]  # fmt: skip
    told = []
    for number, (at, steps) in enumerate(answers):
        with time_machine.travel(at, tick=False):
            if number == 0:
                found = booking.register(channel.organization_id, [("house_bill", HOUSE)])
            if number == 1:
                with time_machine.travel(RESTORE, tick=False):
                    restored(capsys, "2026-03-16T10:40:00+09:00")
            receive_answer(customs.pk, unipass(steps), subject="001", asked_at=datetime.fromisoformat(at))
            work_off()
        news = TrackingUpdate.objects.filter(shipment=found, kind__startswith="customs.").order_by("pk")
        told = list(news.values_list("kind", "silent"))
    assert told[1:] == [
        ("customs.release_revoked", True), ("customs.released", False), ("customs.release_revoked", False),
    ]  # fmt: skip
