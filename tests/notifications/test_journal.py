"""What a killed sender leaves: its notes, and how the next one makes good on them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.utils import timezone

from notifications import deliver as delivering
from notifications.deliver import deliver, outcome
from notifications.deliver.claim import claim
from notifications.deliver.journal import Journal, left_behind
from notifications.deliver.outcome import Ended, Job
from notifications.deliver.recovery import recover
from notifications.models import Attempt, Delivery, TextBudget
from notifications.transports.base import (
    AddressRefusedError,
    Exchange,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.people import Person

Make = Callable[..., Delivery]


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.fixture
def owed(shipper: Person) -> Make:
    """Makes a delivery of a kind."""
    shipment = a_shipment(shipper.organization)
    address = {"email": "alice@example.com", "sms": "+821012345678"}
    channels: dict[str, Any] = {}

    def make(kind: str = "email") -> Delivery:
        channel = channels.get(kind) or channels.setdefault(kind, a_channel(shipper, kind, address[kind]))
        number = Delivery.objects.count()
        return a_delivery(an_update(shipment, key=str(number)), channel, recipient=f"r{number}")

    return make


def row(delivery: Delivery) -> tuple[str, int, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.attempts, delivery.reason


def outcomes(delivery: Delivery) -> list[str]:
    return list(delivery.tries.order_by("pk").values_list("outcome", flat=True))


def killed_in(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sends, and dies at a function of ``outcome``."""

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outcome, name, die)
        with pytest.raises(Killed):
            deliver(everything_stands)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["email", "sms"])
def test_what_was_accepted_is_written_down_and_not_sent_again(
    kind: str, owed: Make, mail_server: MailServer, gateway: Gateway, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = owed(kind)
    killed_in("settle", monkeypatch)
    assert row(delivery) == ("sending", 1, "")
    assert len(list(notes.iterdir())) == 1
    assert deliver(everything_stands) == 0
    assert row(delivery) == ("sent", 1, "") and outcomes(delivery) == ["sent"]
    assert delivery.lease_token == "" and delivery.next_attempt_at is None
    assert len(mail_server.mails) + len(gateway.requests) == 1
    assert list(notes.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_ends_leaves_nothing(owed: Make, mail_server: MailServer, notes: Path) -> None:
    for _ in range(3):
        owed()
    assert deliver(everything_stands) == 3
    assert list(notes.iterdir()) == []


def left(
    notes: Path, delivery: Delivery, began: bool = False, result: Receipt | TransportError | None = None
) -> Attempt:
    """A process claimed this one, wrote its try down, and died: before the try, within it, or after it."""
    (mine,) = claim(delivery.kind)
    job = Job(mine, Message(mine.channel.address, "", "d-1"))
    if delivery.kind == "sms":
        job = Job(mine, Message(mine.channel.address, "Released", "d-1"))
    assert outcome.begin([job]) == [job] and job.attempt is not None
    journal = Journal()
    journal.claimed(mine.lease_token, [mine.pk])
    if began:
        journal.began(job)
    if result is not None:
        journal.ended(Ended(job, result))
    journal.close()
    assert len(list(notes.iterdir())) == 1
    return job.attempt


def test_what_was_not_begun_is_given_back_and_costs_no_try(owed: Make, notes: Path, gateway: Gateway) -> None:
    for kind in ("email", "sms"):
        delivery = owed(kind)
        left(notes, delivery)
        assert row(delivery) == ("sending", 1, "")
        assert recover() == 1
        assert row(delivery) == ("pending", 0, "") and outcomes(delivery) == []
        assert delivery.next_attempt_at is not None and delivery.next_attempt_at <= timezone.now()
    assert set(TextBudget.objects.exclude(cap="alert").values_list("texts", flat=True)) == {0}


def test_a_mail_in_the_middle_of_which_it_died_is_tried_again(owed: Make, notes: Path) -> None:
    delivery = owed()
    left(notes, delivery, began=True)
    assert recover() == 1
    assert row(delivery) == ("pending", 1, "") and outcomes(delivery) == ["temporary"]
    assert delivery.tries.get().detail == "interrupted"
    assert delivery.next_attempt_at is not None and delivery.next_attempt_at <= timezone.now()


def test_a_text_in_the_middle_of_which_it_died_is_unknown(owed: Make, notes: Path, gateway: Gateway) -> None:
    delivery = owed("sms")
    left(notes, delivery, began=True)
    assert recover() == 1
    assert row(delivery) == ("unknown", 1, "interrupted") and outcomes(delivery) == ["unknown"]
    assert deliver(everything_stands) == 0
    assert gateway.requests == []


RESULTS = {
    "sent": (Receipt("p7", "250 taken", Exchange(200, "POST", "yes")), ("sent", 1, ""), "sent"),
    "address": (AddressRefusedError("550 5.1.1 nobody"), ("failed", 1, "550 5.1.1 nobody"), "permanent"),
    "permanent": (PermanentError("554 no"), ("failed", 1, "554 no"), "permanent"),
    "temporary": (TemporaryError("later", 900), ("pending", 1, "later"), "temporary"),
    "unreachable": (UnreachableError("refused"), ("pending", 1, "refused"), "temporary"),
    "unknown": (UnknownOutcomeError("no answer"), ("pending", 1, "no answer"), "temporary"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_was_said_is_written_down_as_it_was_said(name: str, owed: Make, notes: Path) -> None:
    result, expected, tried = RESULTS[name]
    delivery = owed()
    attempt = left(notes, delivery, began=True, result=result)
    assert recover() == 1
    assert row(delivery) == expected and outcomes(delivery) == [tried]
    attempt.refresh_from_db()
    if isinstance(result, Receipt):
        assert (attempt.provider_id, attempt.status, attempt.request, attempt.answer) == ("p7", 200, "POST", "yes")
    if name == "temporary":
        assert delivery.next_attempt_at is not None
        assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=890)


def test_what_somebody_else_holds_by_now_is_left_alone(owed: Make, notes: Path) -> None:
    delivery = owed()
    left(notes, delivery, began=True, result=Receipt())
    Delivery.objects.update(lease_token="somebody-else")
    assert recover() == 0
    assert row(delivery) == ("sending", 1, "")
    assert list(notes.iterdir()) == []


def test_the_notes_of_a_living_process_are_its_own(owed: Make, notes: Path) -> None:
    delivery = owed()
    left(notes, delivery, began=True, result=Receipt())
    (path,) = notes.iterdir()
    with path.open() as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        assert recover() == 0
        assert row(delivery) == ("sending", 1, "")
    assert recover() == 1
    assert row(delivery) == ("sent", 1, "")


def test_a_note_cut_short_is_passed_over(owed: Make, notes: Path) -> None:
    delivery = owed()
    left(notes, delivery, began=True)
    (path,) = notes.iterdir()
    path.write_bytes(path.read_bytes() + b'["ended",1,')
    assert recover() == 1
    assert row(delivery) == ("pending", 1, "")


def test_a_full_file_goes_when_all_that_it_names_has_ended(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.deliver.journal.FULL", 40)
    journal = Journal()
    journal.claimed("first", [1, 2])
    assert len(list(notes.iterdir())) == 1
    journal.claimed("second", list(range(3, 30)))
    journal.claimed("third", [30])
    assert len(list(notes.iterdir())) == 2
    journal.forget(range(3))
    journal.forget(range(3, 30))
    (path,) = notes.iterdir()
    assert b"third" in path.read_bytes()
    journal.forget([30])
    assert path.stat().st_size == 0
    journal.close()
    assert list(notes.iterdir()) == []


def test_what_cannot_be_noted_is_sent_all_the_same(
    owed: Make, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = owed()

    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert deliver(everything_stands) == 1
    assert row(delivery) == ("sent", 1, "")
    assert "cannot be noted" in caplog.text


def test_two_who_recover_wait_for_each_other(owed: Make, notes: Path) -> None:
    """Else the second would claim what the first is about to write down, once its lease has ended."""
    delivery = owed()
    left(notes, delivery, began=True, result=Receipt())
    theirs = os.open(notes, os.O_RDONLY)
    fcntl.flock(theirs, fcntl.LOCK_EX)
    begun, ended = Event(), Event()

    def second() -> None:
        begun.set()
        list(left_behind())
        ended.set()

    thread = Thread(target=second)
    thread.start()
    assert begun.wait(5) and not ended.wait(0.3)
    os.close(theirs)
    assert ended.wait(5)
    thread.join()


def test_a_process_that_is_told_to_end_gives_back_what_it_has(
    owed: Make, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = owed()
    monkeypatch.setattr(delivering, "_stopping", Event())
    delivering.stop()
    assert deliver(everything_stands) == 0
    assert row(delivery) == ("pending", 0, "") and mail_server.mails == []


def test_nothing_is_left_behind_where_nothing_was(notes: Path) -> None:
    assert list(left_behind()) == []
    assert recover() == 0
