"""Letters of the system itself: owed in a table, sent with their tries, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notifications.deliver import letters
from notifications.deliver.letters import BACK_OFF, LEASE, drain_letters
from notifications.models import Branding, Letter, Suppression, recipient_of
from notifications.render import branding
from notifications.transports.email import EmailSender
from tests.notifications.conftest import MailServer, free_port
from tests.people import Person


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False) as traveller:
        yield traveller


def a_letter(person: Person, number: int = 1, **fields: Any) -> Letter:
    known = {"reference": f"e-{number}-{person.user.pk}", "user": person.user, "address": person.user.email}
    return Letter.objects.create(
        **{**known, "language": "en", "subject": "Webhook switched off", "text": "CLIS no longer calls it.", **fields}
    )


def test_a_letter_is_sent_once(shipper: Person, mail_server: MailServer) -> None:
    letter = a_letter(shipper)
    assert drain_letters(timezone.now()) == 1
    assert drain_letters(timezone.now()) == 0
    (mail,) = mail_server.mails
    assert (mail["To"], mail["Subject"]) == ("alice@example.com", "Webhook switched off")
    assert mail["Message-ID"] == f"<{letter.reference}@clis.example>"
    assert mail.get_content().strip() == "CLIS no longer calls it."
    letter.refresh_from_db()
    assert (letter.attempts, letter.sent_at, letter.next_attempt_at) == (1, timezone.now(), None)
    assert (letter.lease_token, letter.reason) == ("", "")


def test_it_comes_from_the_operators_sender(shipper: Person, mail_server: MailServer) -> None:
    a_letter(shipper)
    drain_letters(timezone.now())
    Branding.objects.create(sender="Busan Logistics <notices@busan.example>", reply_to="help@busan.example")
    branding.forget()
    a_letter(shipper, 2)
    drain_letters(timezone.now())
    plain, branded = mail_server.mails
    assert (plain["From"], plain["Reply-To"]) == ("CLIS <notices@clis.example>", None)
    assert (branded["From"], branded["Reply-To"]) == ("Busan Logistics <notices@busan.example>", "help@busan.example")


def test_what_is_refused_for_now_is_tried_again_later_each_time(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    letter = a_letter(shipper)
    mail_server.data_answer = "451 4.3.0 later"
    waits = []
    for _ in range(20):
        drain_letters(timezone.now())
        letter.refresh_from_db()
        if letter.next_attempt_at is None:
            break
        waits.append(letter.next_attempt_at - timezone.now())
        clock.move_to(letter.next_attempt_at - timedelta(seconds=1))
        assert drain_letters(timezone.now()) == 0
        clock.shift(timedelta(seconds=1))
    assert tuple(waits) == BACK_OFF
    assert (letter.attempts, letter.sent_at, letter.reason) == (7, None, "451 4.3.0 later")
    mail_server.data_answer = "250 2.0.0 taken"
    clock.shift(timedelta(days=9))
    assert drain_letters(timezone.now()) == 0 and mail_server.mails == []


def test_what_is_refused_for_good_ends_and_holds_up_nobody(
    shipper: Person, forwarder: Person, mail_server: MailServer
) -> None:
    mail_server.refused["alice@example.com"] = "550 5.1.1 no such person"
    refused, other = a_letter(shipper), a_letter(forwarder)
    assert drain_letters(timezone.now()) == 2
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.next_attempt_at, refused.sent_at, refused.reason) == (None, None, "550 5.1.1 no such person")
    assert other.sent_at is not None and [mail["To"] for mail in mail_server.mails] == ["bob@example.com"]


def test_a_server_out_of_reach_costs_no_try_and_all_wait_a_minute(shipper: Person, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    rows = [a_letter(shipper, number) for number in range(3)]
    assert drain_letters(timezone.now()) == 1
    minute = timezone.now() + timedelta(minutes=1)
    found = Letter.objects.order_by("pk").values_list("attempts", "next_attempt_at", "lease_token")
    assert list(found) == [(0, minute, "")] * len(rows) == [(0, minute, "")] * 3


def test_a_worker_that_dies_in_a_try_loses_nothing(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = a_letter(shipper)

    def dies(self: EmailSender, message: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(EmailSender, "send", dies)
        drain_letters(timezone.now())
    letter.refresh_from_db()
    assert (letter.attempts, letter.next_attempt_at) == (1, timezone.now() + LEASE)
    clock.shift(LEASE - timedelta(seconds=1))
    assert drain_letters(timezone.now()) == 0
    clock.shift(timedelta(seconds=1))
    assert drain_letters(timezone.now()) == 1 and len(mail_server.mails) == 1


def test_a_letter_that_kills_its_worker_every_time_ends(shipper: Person, mail_server: MailServer) -> None:
    letter = a_letter(shipper, attempts=7)
    assert drain_letters(timezone.now()) == 0
    letter.refresh_from_db()
    assert (letter.next_attempt_at, letter.reason, mail_server.mails) == (None, "interrupted", [])


def test_whose_lease_has_passed_to_another_writes_nothing(
    shipper: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = a_letter(shipper)
    send = EmailSender.send

    def slow(self: EmailSender, message: Any) -> Any:
        Letter.objects.update(lease_token="another")
        return send(self, message)

    monkeypatch.setattr(EmailSender, "send", slow)
    assert drain_letters(timezone.now()) == 1
    letter.refresh_from_db()
    assert (letter.lease_token, letter.sent_at) == ("another", None)


def test_two_workers_send_it_once(shipper: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    a_letter(shipper)
    send = EmailSender.send
    others: list[int] = []

    def while_another_looks(self: EmailSender, message: Any) -> Any:
        others.append(drain_letters(timezone.now()))
        return send(self, message)

    monkeypatch.setattr(EmailSender, "send", while_another_looks)
    assert drain_letters(timezone.now()) == 1
    assert others == [0] and len(mail_server.mails) == 1


def test_whom_nothing_may_be_sent_to_gets_nothing(
    shipper: Person, forwarder: Person, stranger: Person, mail_server: MailServer
) -> None:
    Suppression.objects.create(
        kind="email",
        recipient=recipient_of("email", "alice@example.com", 0),
        address="alice@example.com",
        reason="bounce",
    )
    forwarder.user.is_active = False
    forwarder.user.save()
    rows = [a_letter(shipper), a_letter(forwarder), a_letter(stranger), a_letter(stranger, 2, user=None)]
    assert drain_letters(timezone.now()) == 2
    reasons = [Letter.objects.get(pk=row.pk).reason for row in rows]
    assert reasons == ["suppressed", "no_access", "", ""]
    assert [mail["To"] for mail in mail_server.mails] == ["charlie@example.com"] * 2


def test_none_is_begun_in_the_second_half_of_the_lease(
    shipper: Person, mail_server: MailServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow server: what comes too late is claimed anew at no cost of a try, so that no other worker sends it too."""
    for number in range(4):
        a_letter(shipper, number)
    send, began = EmailSender.send, timezone.now()
    left: list[timedelta] = []

    def slow(self: EmailSender, message: Any) -> Any:
        lease = Letter.objects.get(reference=message.reference).next_attempt_at
        assert lease is not None
        left.append(lease - timezone.now())
        clock.shift(LEASE / 3)
        return send(self, message)

    monkeypatch.setattr(EmailSender, "send", slow)
    assert drain_letters(began) == len(mail_server.mails) == 4
    assert left == [LEASE, LEASE - LEASE / 3] * 2
    assert set(Letter.objects.values_list("attempts", "lease_token")) == {(1, "")}


def test_staff_looks_at_letters_and_changes_none(shipper: Person, staff: Person) -> None:
    letter = a_letter(shipper, reason="451 later", lease_token="a-lease-token")
    client = staff.client()
    page = client.get("/admin/notifications/letter/", {"q": "alice@"}).content.decode()
    assert letter.reference in page and "451 later" in page
    assert letter.reference not in client.get("/admin/notifications/letter/", {"q": "bob@"}).content.decode()
    one = f"/admin/notifications/letter/{letter.pk}/"
    answer = client.get(f"{one}change/")
    assert answer.status_code == 200 and "CLIS no longer calls it." in answer.content.decode()
    assert "a-lease-token" not in page + answer.content.decode()
    before = list(Letter.objects.values())
    assert client.post(f"{one}change/", {"address": "x@example.com"}).status_code == 403
    assert client.post(f"{one}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/notifications/letter/add/").status_code == 403
    assert list(Letter.objects.values()) == before
    assert shipper.client().get(one + "change/").status_code == 302


def test_more_than_a_claim_are_sent_oldest_first(shipper: Person, mail_server: MailServer) -> None:
    now = timezone.now()
    for number in range(letters.CLAIM + 2):
        a_letter(shipper, number, subject=f"{number}", next_attempt_at=now - timedelta(minutes=number))
    later = a_letter(shipper, 99, next_attempt_at=now + timedelta(seconds=1))
    assert drain_letters(now) == letters.CLAIM + 2
    subjects = [int(mail["Subject"]) for mail in mail_server.mails]
    assert sorted(subjects[: letters.CLAIM]) == list(range(2, letters.CLAIM + 2))
    later.refresh_from_db()
    assert later.attempts == 0


def test_nothing_owed_is_one_statement(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert drain_letters(datetime.fromisoformat("2026-03-24T00:00:00+00:00")) == 0
