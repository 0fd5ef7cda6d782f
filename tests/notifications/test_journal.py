"""What a killed sender leaves: its notes, and how the next one makes good on them."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import msgspec
import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from notifications import deliver as delivering
from notifications.deliver import deliver, journal, outcome
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
from tests.notifications.receivers import a_call, an_endpoint
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
    notes: Path,
    delivery: Delivery,
    began: bool = False,
    result: Receipt | TransportError | None = None,
    seconds: float = 0.0,
    files: int = 1,
) -> Attempt:
    """A process claimed this one, wrote its try down, and died: before the try, within it, or after it."""
    (mine,) = claim(delivery.kind)
    job = Job(mine, Message(mine.channel.address, "", "d-1"))
    if delivery.kind == "sms":
        job = Job(mine, Message(mine.channel.address, "Released", "d-1"))
    assert outcome.begin([job]) == [job] and job.attempt is not None
    noted = Journal()
    noted.claimed(mine.lease_token, [mine.pk])
    if began:
        noted.began(job)
    job.seconds = seconds
    if result is not None:
        noted.ended(Ended(job, result))
    noted.close()
    assert len(list(notes.iterdir())) == files
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


def test_of_a_machine_that_died_a_text_without_a_note_is_unknown(
    owed: Make, notes: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written last may be missing: that it began, though the text went out."""
    text, mail = owed("sms"), owed()
    left(notes, text)
    left(notes, mail, files=2)
    monkeypatch.setattr("notifications.deliver.journal._boot", lambda: "another start")
    assert recover() == 2
    assert row(text) == ("unknown", 1, "interrupted") and outcomes(text) == ["unknown"]
    assert row(mail) == ("pending", 0, "")
    assert gateway.requests == []


@pytest.mark.parametrize("kind", ["email", "sms"])
def test_a_text_whose_try_cannot_be_noted_waits(
    kind: str,
    owed: Make,
    notes: Path,
    mail_server: MailServer,
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The disk fills up after the claim was noted: a mail may go out twice, a text may not."""
    delivery = owed(kind)
    write = os.pwrite

    def filling(number: int, room: bytes, offset: int) -> int:
        if offset:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(number, room, offset)

    before = [("on", journal._boot()), ("claimed", "f" * 32, [delivery.pk])]
    room = sum(len(msgspec.json.encode(note)) + 1 for note in before) + 1
    monkeypatch.setattr(journal, "ROOM", room)
    monkeypatch.setattr(os, "pwrite", filling)
    assert deliver(everything_stands) == 1
    assert row(delivery) == (("sent", 1, "") if kind == "email" else ("pending", 1, "cannot be noted"))
    assert (len(mail_server.mails), len(gateway.requests)) == ((1, 0) if kind == "email" else (0, 0))
    assert "cannot be noted: [Errno 28] No space left on device" in caplog.text


def test_notes_that_cannot_be_made_good_hold_up_nobody(
    owed: Make, notes: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = owed()
    left(notes, delivery, began=True, result=Receipt())

    def refuse(*args: object) -> None:
        raise DataError("NUL")

    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", refuse)
        assert recover() == 0
    assert "cannot be made good" in caplog.text and list(notes.iterdir()) == []
    other = owed()
    assert deliver(everything_stands) == 1
    assert row(other) == ("sent", 1, "") and row(delivery) == ("sending", 1, "")


def test_the_notes_stay_while_the_database_is_out_of_reach(
    owed: Make, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = owed()
    left(notes, delivery, began=True, result=Receipt())

    def refuse(*args: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", refuse)
        with pytest.raises(OperationalError):
            recover()
    assert recover() == 1
    assert row(delivery) == ("sent", 1, "")


def test_whatever_the_other_side_says_is_written_down(owed: Make, notes: Path) -> None:
    delivery = owed()
    said = Receipt("p\x007", "250 \x00taken", Exchange(200, "PO\x00ST", "y\x00es"))
    attempt = left(notes, delivery, began=True, result=said)
    assert recover() == 1
    attempt.refresh_from_db()
    told = (attempt.provider_id, attempt.detail, attempt.request, attempt.answer)
    assert told == ("p7", "250 taken", "POST", "yes")


def test_how_long_it_took_is_known_too(shipper: Person, notes: Path) -> None:
    quick = []
    for seconds in (3.0, 0.01):
        endpoint, _secret = an_endpoint(shipper, f"https://hooks.example.com/{seconds}")
        call = a_call(an_update(a_shipment(shipper.organization)), endpoint)
        left(notes, call, began=True, result=Receipt(), seconds=seconds)
        assert recover() == 1
        endpoint.refresh_from_db()
        quick.append(endpoint.quick)
    assert quick == [False, True]


def test_a_file_takes_what_is_longer_than_it(owed: Make, notes: Path) -> None:
    delivery = owed()
    answer = "y" * (3 * journal.ROOM)
    attempt = left(notes, delivery, began=True, result=Receipt("p7", "250 taken", Exchange(200, "POST", answer)))
    assert recover() == 1
    attempt.refresh_from_db()
    assert attempt.answer == answer


RESULTS = {
    "sent": (Receipt("p7", "250 taken", Exchange(200, "POST", "yes")), ("sent", 1, ""), "sent"),
    "address": (AddressRefusedError("550 5.1.1 nobody"), ("failed", 1, "550 5.1.1 nobody"), "permanent"),
    "permanent": (PermanentError("554 no"), ("failed", 1, "554 no"), "permanent"),
    "temporary": (TemporaryError("later", 900), ("pending", 1, "later"), "temporary"),
    "unreachable": (UnreachableError("refused"), ("pending", 0, "refused"), "temporary"),
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


@pytest.mark.parametrize("line", ["", "7", "[]", '["ended",1,', '["ended",1,{attempt},"sent","","",[200,"",""]]'])
def test_a_note_cut_short_or_of_another_version_is_passed_over(line: str, owed: Make, notes: Path) -> None:
    delivery = owed()
    attempt = left(notes, delivery, began=True)
    (path,) = notes.iterdir()
    written = path.read_bytes()
    noted = written.rstrip(b"\0") + line.replace("{attempt}", str(attempt.pk)).encode()
    path.write_bytes(noted.ljust(len(written), b"\0"))
    assert recover() == 1
    assert row(delivery) == ("pending", 1, "")


def test_a_full_file_goes_when_all_that_it_names_has_ended(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.deliver.journal.FULL", 100)
    noted = Journal()
    noted.claimed("first", [1, 2])
    assert len(list(notes.iterdir())) == 1
    noted.claimed("second", list(range(3, 30)))
    noted.claimed("third", [30])
    assert len(list(notes.iterdir())) == 2
    noted.forget(range(3))
    noted.forget(range(3, 30))
    (path,) = notes.iterdir()
    assert b"third" in path.read_bytes()
    noted.forget([30])
    assert path.read_bytes().count(b"\n") == 1  # on which start of the machine, and no more
    noted.close()
    assert list(notes.iterdir()) == []


def test_what_cannot_be_noted_is_sent_all_the_same(
    owed: Make, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    delivery = owed()

    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
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
