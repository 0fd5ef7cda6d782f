"""Our own relay or provider is out of reach, or refuses our account: what is owed waits, at no cost of a try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import deliver as delivering
from notifications.deliver import deliver, outcome
from notifications.deliver.claim import claim, prepared
from notifications.deliver.letters import drain_letters
from notifications.deliver.outcome import Ended
from notifications.deliver.waiting import wait_for_ours
from notifications.models import Attempt, Delivery, Letter
from notifications.transports.base import TemporaryError, UnreachableError
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
    free_port,
)
from tests.people import Person

NOW = datetime.fromisoformat("2026-03-24T00:00:00+00:00")
FIVE_DAYS = timedelta(days=5)
WAITS = [
    # age, wait
    (timedelta(), timedelta(minutes=1)),
    (timedelta(minutes=-3), timedelta(minutes=1)),  # another machine's clock
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(minutes=30), timedelta(minutes=3)),
    (timedelta(hours=10), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=1)),
    (FIVE_DAYS - timedelta(seconds=1), timedelta(hours=1)),
    (FIVE_DAYS, None),
    (timedelta(days=60), None),
]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel(NOW, tick=False):
        yield


def one_owed(person: Person, kind: str, age: timedelta, attempts: int) -> Delivery:
    channel = a_channel(person, kind, "" if kind == "email" else "+821012345678")
    update = an_update(a_shipment(person.organization))
    return a_delivery(update, channel, created_at=NOW - age, attempts=attempts)


def one_letter(person: Person, age: timedelta, attempts: int) -> Letter:
    words = {"language": "en", "subject": "Webhook switched off", "text": "CLIS no longer calls it."}
    return Letter.objects.create(
        reference="e-1", address=person.user.email, created_at=NOW - age, attempts=attempts, **words
    )


def stands(row: Delivery | Letter) -> tuple[int, timedelta | None]:
    """How many tries it has cost, and how long it waits."""
    row.refresh_from_db()
    return row.attempts, row.next_attempt_at and row.next_attempt_at - NOW


@pytest.mark.parametrize(("age", "wait"), WAITS)
def test_the_wait_grows_with_the_age_for_five_days(age: timedelta, wait: timedelta | None) -> None:
    assert wait_for_ours(NOW - age, NOW) == wait


def test_a_mail_waits_for_the_relay_and_then_goes_out(shipper: Person, mail_server: MailServer, settings: Any) -> None:
    """Over a weekend, with one try left."""
    mail = one_owed(shipper, "email", timedelta(days=3), attempts=6)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    assert deliver(everything_stands) == 1
    assert stands(mail) == (6, timedelta(hours=1))
    assert (mail.state, mail.finished_at, mail.lease_token) == ("pending", None, "")
    assert "refused" in mail.reason
    assert [attempt.outcome for attempt in Attempt.objects.all()] == ["temporary"]
    settings.EMAIL_PORT = there
    with time_machine.travel(NOW + timedelta(hours=1)):
        assert deliver(everything_stands) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, len(mail_server.mails)) == ("sent", 7, 1)


def test_a_text_waits_while_the_account_is_empty(shipper: Person, gateway: Gateway) -> None:
    gateway.answer = lambda request: (402, {}, b"no money left")
    text = one_owed(shipper, "sms", timedelta(minutes=30), attempts=6)
    assert deliver(everything_stands) == 1
    assert stands(text) == (6, timedelta(minutes=3))
    assert (text.state, text.reason) == ("pending", "HTTP 402 no money left")
    assert len(gateway.requests) == Attempt.objects.count() == 1


@pytest.mark.parametrize(("before", "after"), [(0, (1, timedelta(minutes=1))), (6, (7, None))])
def test_after_five_days_its_tries_count(
    before: int, after: tuple[int, timedelta | None], shipper: Person, gateway: Gateway
) -> None:
    gateway.answer = lambda request: (401, {}, b"who are you?")
    text = one_owed(shipper, "sms", FIVE_DAYS, before)
    assert deliver(everything_stands) == 1
    assert stands(text) == after
    assert text.state == ("failed" if after[1] is None else "pending")


def test_what_the_provider_says_of_the_message_counts_as_before(shipper: Person, gateway: Gateway) -> None:
    gateway.answer = lambda request: (503, {}, b"later")
    text = one_owed(shipper, "sms", timedelta(minutes=30), attempts=6)
    assert deliver(everything_stands) == 1
    assert stands(text) == (7, None) and text.state == "failed"


@pytest.mark.parametrize(
    ("age", "before", "after"),
    [
        (timedelta(), 0, (0, timedelta(minutes=1))),
        (timedelta(days=3), 6, (6, timedelta(hours=1))),
        (FIVE_DAYS, 0, (1, timedelta(minutes=1))),
        (FIVE_DAYS, 6, (7, None)),
    ],
)
def test_a_letter_waits_alike(
    age: timedelta, before: int, after: tuple[int, timedelta | None], shipper: Person, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    letter = one_letter(shipper, age, before)
    assert drain_letters(NOW) == 1
    assert stands(letter) == after
    assert (letter.lease_token, letter.sent_at) == ("", None) and "refused" in letter.reason


def test_it_costs_no_statement(shipper: Person) -> None:
    counts = []
    for number, error in ((1, TemporaryError("later")), (1, UnreachableError("gone")), (20, UnreachableError("gone"))):
        shipment, channel = a_shipment(shipper.organization), a_channel(shipper, address=f"a{len(counts)}@example.com")
        for position in range(number):
            a_delivery(an_update(shipment, key=f"{position}"), channel)
        begun = outcome.begin(prepared(claim("email"), everything_stands, switched_on=True))
        assert len(begun) == number
        with CaptureQueriesContext(connection) as captured:
            outcome.settle([Ended(job, error) for job in begun])
        counts.append(len(captured))
        assert set(channel.deliveries.values_list("state", "attempts")) == {("pending", len(counts) == 1)}
    assert counts[0] == counts[1] == counts[2]
