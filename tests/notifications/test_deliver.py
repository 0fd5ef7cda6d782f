"""Sending: claimed, checked, tried, written down; and what a death or a hostile provider leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cargo.models import Party
from clis.accounts.models import Membership
from notifications import deliver as delivering
from notifications.deliver import deliver, outcome
from notifications.deliver.claim import CLAIM, claim
from notifications.models import Attempt, Channel, Delivery, Subscription
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    due,
    everything_stands,
    free_port,
)
from tests.people import Person


class Killed(BaseException):
    """As if the process had ended here."""


def state_of(delivery: Delivery) -> tuple[str, int, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.attempts, delivery.reason


def outcomes(delivery: Delivery) -> list[str]:
    return list(delivery.tries.values_list("outcome", flat=True))


@pytest.fixture
def mail(shipper: Person, mail_server: MailServer) -> Delivery:
    """One e-mail that is owed."""
    return a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))


@pytest.fixture
def text(shipper: Person, gateway: Gateway) -> Delivery:
    """One SMS that is owed."""
    return a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper, "sms", "+821012345678"))


def test_a_mail_is_sent_and_written_down(mail: Delivery, mail_server: MailServer) -> None:
    assert deliver(everything_stands) == 1
    assert state_of(mail) == ("sent", 1, "")
    assert mail.finished_at is not None and mail.next_attempt_at is None and mail.lease_token == ""
    attempt = mail.tries.get()
    assert (attempt.outcome, attempt.finished_at is not None) == ("sent", True)
    assert attempt.provider_id == mail_server.mails[0]["Message-ID"]
    assert mail_server.recipients == [["alice@example.com"]]
    assert deliver(everything_stands) == 0
    assert len(mail_server.mails) == 1


def test_a_text_is_sent_and_written_down(text: Delivery, gateway: Gateway) -> None:
    assert deliver(everything_stands) == 1
    assert state_of(text) == ("sent", 1, "")
    assert text.tries.get().provider_id == "p1"
    assert len(gateway.requests) == 1


def test_many_mails_share_one_connection(shipper: Person, mail_server: MailServer) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    for number in range(25):
        a_delivery(an_update(shipment, key=str(number)), channel)
    assert deliver(everything_stands) == 25
    assert (len(mail_server.mails), mail_server.connections) == (25, 1)
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 25


def test_what_is_no_longer_true_is_not_sent(mail: Delivery, mail_server: MailServer) -> None:
    assert deliver(lambda updates: set()) == 0
    assert state_of(mail) == ("skipped", 0, "superseded")
    assert (mail_server.mails, Attempt.objects.count()) == ([], 0)


def test_who_may_no_longer_see_the_shipment_is_not_told(mail: Delivery, mail_server: MailServer) -> None:
    Party.objects.all().delete()
    assert deliver(everything_stands) == 0
    assert state_of(mail) == ("skipped", 0, "no_access")
    assert mail_server.mails == []


def test_who_left_the_organization_is_not_told(mail: Delivery, mail_server: MailServer) -> None:
    Membership.objects.all().delete()
    assert deliver(everything_stands) == 0
    assert state_of(mail) == ("skipped", 0, "no_access")
    assert mail_server.mails == []


def test_who_unsubscribed_meanwhile_is_not_told(mail: Delivery, mail_server: MailServer) -> None:
    Subscription.objects.update(ended_at=timezone.now())
    assert deliver(everything_stands) == 0
    assert state_of(mail) == ("skipped", 0, "unsubscribed")
    assert mail_server.mails == []


def test_a_channel_that_was_switched_off_is_not_used(mail: Delivery, mail_server: MailServer) -> None:
    Channel.objects.update(disabled_at=timezone.now())
    assert deliver(everything_stands) == 0
    assert state_of(mail) == ("skipped", 0, "channel_off")
    assert mail_server.mails == []


def test_without_a_provider_texts_are_skipped(text: Delivery, gateway: Gateway, settings: Any) -> None:
    settings.SMS_PROVIDER = ""
    assert deliver(everything_stands) == 0
    assert state_of(text) == ("skipped", 0, "transport_off")
    assert gateway.requests == []


def test_the_back_off_is_kept_and_then_it_has_failed(mail: Delivery, mail_server: MailServer) -> None:
    mail_server.data_answer = "451 4.3.0 later"
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False) as clock:
        due(mail)
        waits = []
        for _ in range(7):
            assert deliver(everything_stands) == 1
            assert deliver(everything_stands) == 0
            mail.refresh_from_db()
            if mail.next_attempt_at is None:
                break
            waits.append((mail.next_attempt_at - timezone.now()) // timedelta(minutes=1))
            clock.move_to(mail.next_attempt_at)
    assert waits == [1, 5, 30, 120, 300, 600]
    assert state_of(mail) == ("failed", 7, "451 4.3.0 later")
    assert outcomes(mail) == ["temporary"] * 7
    assert mail_server.mails == []


def test_retries_keep_the_message_id(
    mail: Delivery, mail_server: MailServer, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N2: killed between the server's yes and our note, and the machine lost with it: the mail goes out once more,
    recognizably the same."""
    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", _die)
        with pytest.raises(Killed):
            deliver(everything_stands)
    assert state_of(mail) == ("sending", 1, "")
    lose(notes)
    assert deliver(everything_stands) == 0  # the lease still runs
    with time_machine.travel(timezone.now() + outcome.LEASE + timedelta(seconds=1)):
        assert deliver(everything_stands) == 1
    assert state_of(mail) == ("sent", 2, "")
    assert len(mail_server.mails) == 2
    assert len({sent["Message-ID"] for sent in mail_server.mails}) == 1


def test_a_text_of_unknown_outcome_is_never_sent_again(
    text: Delivery, gateway: Gateway, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N2: killed between the gateway's yes and our note, and the machine lost: the text is unknown, not sent twice."""
    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", _die)
        with pytest.raises(Killed):
            deliver(everything_stands)
    lose(notes)
    with time_machine.travel(timezone.now() + outcome.LEASE + timedelta(seconds=1)):
        assert deliver(everything_stands) == 0
        assert deliver(everything_stands) == 0
    assert state_of(text) == ("unknown", 1, "interrupted")
    assert outcomes(text) == ["unknown"]
    assert len(gateway.requests) == 1


def test_a_text_claimed_and_not_begun_is_sent_after_a_death(
    text: Delivery, gateway: Gateway, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(outcome, "begin", _die)
        with pytest.raises(Killed):
            deliver(everything_stands)
    lose(notes)
    assert gateway.requests == []
    with time_machine.travel(timezone.now() + outcome.LEASE + timedelta(seconds=1)):
        assert deliver(everything_stands) == 1
    assert state_of(text) == ("sent", 1, "")
    assert len(gateway.requests) == 1


def test_a_gateway_that_never_answers_leaves_the_outcome_open(text: Delivery, gateway: Gateway) -> None:
    gateway.hang = True
    assert deliver(everything_stands) == 1
    assert state_of(text)[:2] == ("unknown", 1)
    due(text)
    assert deliver(everything_stands) == 0
    assert len(gateway.requests) == 1


def test_a_gateway_that_cannot_be_reached_is_tried_again(text: Delivery, settings: Any) -> None:
    settings.SMS_URL = f"http://127.0.0.1:{free_port()}/sms"
    assert deliver(everything_stands) == 1
    assert state_of(text)[:2] == ("pending", 0)
    assert outcomes(text) == ["temporary"]


def test_an_outage_costs_no_try(shipper: Person, mail_server: MailServer, settings: Any) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    rows = [a_delivery(an_update(shipment, key=str(number)), channel) for number in range(5)]
    settings.EMAIL_PORT = free_port()
    assert deliver(everything_stands) == 1
    assert [state_of(row)[:2] for row in rows] == [("pending", 0)] * 5
    assert Attempt.objects.count() == 1
    assert all(row.next_attempt_at and row.next_attempt_at > timezone.now() for row in rows)


def test_a_refused_address_is_switched_off(mail: Delivery, mail_server: MailServer) -> None:
    mail_server.refused["alice@example.com"] = "550 5.1.1 no such person here"
    assert deliver(everything_stands) == 1
    assert state_of(mail) == ("failed", 1, "550 5.1.1 no such person here")
    channel = Channel.objects.get()
    assert channel.disabled_at is not None
    assert channel.disabled_reason == "550 5.1.1 no such person here"


def test_one_refused_mail_does_not_hold_the_others(shipper: Person, forwarder: Person, mail_server: MailServer) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    bad = a_delivery(an_update(shipment), a_channel(shipper))
    good = a_delivery(an_update(shipment), a_channel(forwarder))
    mail_server.refused["alice@example.com"] = "452 4.2.2 mailbox full"
    assert deliver(everything_stands) == 2
    assert state_of(bad)[:2] == ("pending", 1)
    assert state_of(good)[:2] == ("sent", 1)


def test_a_slow_gateway_does_not_hold_the_mails(
    text: Delivery, mail: Delivery, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is written down as sent while the gateway is still thinking."""
    gateway.hang = True
    ended: list[str] = []
    settle = outcome.settle

    def watched(tries: Any) -> set[int]:
        ended.extend(one.job.delivery.kind for one in tries)
        return settle(tries)

    monkeypatch.setattr(outcome, "settle", watched)
    assert deliver(everything_stands) == 2
    assert ended == ["email", "sms"]
    assert state_of(mail)[0] == "sent"


def test_a_retry_after_is_kept(text: Delivery, gateway: Gateway) -> None:
    gateway.answer = lambda request: (429, {"Retry-After": "900"}, b"slow down")
    with time_machine.travel(timezone.now(), tick=False):
        deliver(everything_stands)
        text.refresh_from_db()
        assert text.next_attempt_at == timezone.now() + timedelta(seconds=900)


def test_a_stale_owner_is_refused(mail: Delivery, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease passed to somebody else before the try began: nothing is sent."""
    begin = outcome.begin

    def robbed(jobs: Any) -> Any:
        Delivery.objects.filter(pk__in=[job.delivery.pk for job in jobs]).update(lease_token="somebody-else")
        return begin(jobs)

    monkeypatch.setattr(outcome, "begin", robbed)
    assert deliver(everything_stands) == 0
    assert (mail_server.mails, Attempt.objects.count()) == ([], 0)
    assert state_of(mail)[0] == "sending"


def test_a_claim_is_for_one_worker(mail: Delivery, mail_server: MailServer) -> None:
    assert [delivery.pk for delivery in claim("email")] == [mail.pk]
    assert claim("email") == []


def test_a_claim_has_a_limit(shipper: Person) -> None:
    """Also where the planner has old figures of the table: it once took all that was owed."""
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    for number in range(CLAIM + 30):
        a_delivery(an_update(shipment, key=str(number)), channel)
    assert len(claim("email")) == CLAIM
    assert len(claim("email")) == 30
    assert claim("email") == []


def test_an_update_without_words_fails_alone(shipper: Person, mail_server: MailServer) -> None:
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    broken = an_update(shipment)
    type(broken).objects.filter(pk=broken.pk).update(data="not json")
    bad, good = a_delivery(broken, channel), a_delivery(an_update(shipment), channel)
    assert deliver(everything_stands) == 1
    assert state_of(bad) == ("failed", 0, "unreadable")
    assert state_of(good)[0] == "sent"


def test_a_days_limit_of_texts(shipper: Person, gateway: Gateway, settings: Any) -> None:
    settings.SMS_DAILY_LIMIT = 3
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper, "sms", "+821012345678")
    rows = [a_delivery(an_update(shipment, key=str(number)), channel) for number in range(5)]
    assert deliver(everything_stands) == 3
    assert [state_of(row)[0::2] for row in rows] == [("sent", "")] * 3 + [("skipped", "daily_limit")] * 2
    assert len(gateway.requests) == 3


def test_release_then_revocation_then_release_are_three_notices(shipper: Person, mail_server: MailServer) -> None:
    """N11 and the cycle: each is told while it is true, and only then."""
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    a_subscription(channel, shipment)
    first = an_update(shipment, key="1")
    revoked = an_update(shipment, "customs.release_revoked", key="1", data={"milestone": "customs_release_cancelled"})
    second = an_update(shipment, key="2")
    rows = [a_delivery(update, channel) for update in (first, revoked, second)]
    deliver(lambda updates: set(updates) - {first.pk, revoked.pk})
    assert [state_of(row)[0::2] for row in rows] == [("skipped", "superseded")] * 2 + [("sent", "")]
    assert [mail["Subject"] for mail in mail_server.mails] == ["Released by customs — HBL KOSHA2603001"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An idle lane looks again at once."""
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    yield


def lose(notes: Path) -> None:
    """The machine is gone, and with it what its senders noted."""
    for path in notes.glob("*.notes"):
        path.unlink()


def _die(*args: object, **kwargs: object) -> None:
    raise Killed
