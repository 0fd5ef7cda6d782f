"""A mail server says that there is no such address: nothing more is sent there until it is proved anew."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import selectors, subscribing
from notifications.deliver import deliver
from notifications.deliver.settling import suppress_refused
from notifications.models import Attempt, Channel, Delivery, Suppression
from tests.notifications.conftest import MailServer, a_channel, a_delivery, a_shipment, an_update, everything_stands
from tests.people import Person

NO_SUCH = "550 5.1.1 <alice@example.com>: Recipient address rejected: User unknown"


@pytest.fixture
def mail(shipper: Person) -> Delivery:
    channel = a_channel(shipper)
    return a_delivery(an_update(a_shipment(shipper.organization)), channel, recipient=channel.recipient)


def told(delivery: Delivery, said: str) -> None:
    suppress_refused([(delivery, said)], timezone.now())


def test_an_address_that_does_not_exist_is_suppressed(mail: Delivery, shipper: Person) -> None:
    told(mail, NO_SUCH)
    found = Suppression.objects.values_list("kind", "address", "recipient", "reason", "detail", "lifted_at").get()
    assert found == ("email", "alice@example.com", mail.channel.recipient, "bounce", NO_SUCH, None)
    row = selectors.channel(shipper.viewer, mail.channel_id)
    assert row is not None and row.suppressed is not None
    assert (row.state, row.disabled_reason, row.suppressed.reason) == ("suppressed", "bounce", "bounce")
    told(mail, NO_SUCH)
    assert Suppression.objects.count() == 1


def test_every_channel_of_the_address_is_switched_off_and_no_other(
    mail: Delivery, shipper: Person, forwarder: Person
) -> None:
    theirs = a_channel(forwarder, "email", "ALICE@example.com")
    others = [a_channel(forwarder, "email", "alice@example.org"), a_channel(forwarder, "sms")]
    told(mail, NO_SUCH)
    theirs.refresh_from_db()
    assert (theirs.usable, theirs.disabled_reason) == (False, "bounce")
    assert [Channel.objects.get(pk=other.pk).usable for other in others] == [True, True]


OF_THE_ADDRESS = [
    "550 5.1.1 no such user",
    "550-5.1.1 The email account that you tried to reach does not exist.\n5.1.1 Please try",
    "550 5.1.2 Host unknown",
    "553 5.1.3 bad syntax",
    "551 5.1.6 moved",
    "556 5.1.10 Recipient address has null MX",
]
OF_SOMETHING_ELSE = [
    "550 no such user",
    "550 5.1.0 <notices@clis.example>: Sender address rejected: User unknown",
    "553 5.1.7 <notices@clis>: Sender address rejected",
    "550 5.1.8 <notices@clis.example>: Sender address rejected: Domain not found",
    "550 5.7.1 relaying denied, see 5.1.1",
    "552 5.2.2 mailbox full",
    "450 4.1.1 greylisted",
    "550 5.1.1.7 is no status",
    "not one e-mail address",
]


@pytest.mark.parametrize("said", OF_THE_ADDRESS)
def test_words_that_are_of_the_recipients_address(mail: Delivery, said: str) -> None:
    told(mail, said)
    assert Suppression.objects.values_list("reason", flat=True).get() == "bounce"


@pytest.mark.parametrize("said", OF_SOMETHING_ELSE)
def test_a_mistake_of_the_senders_side_suppresses_nobody(mail: Delivery, said: str) -> None:
    told(mail, said)
    assert not Suppression.objects.exists()
    assert Channel.objects.get(pk=mail.channel_id).usable


def test_only_mail_is_suppressed(shipper: Person) -> None:
    channel = a_channel(shipper, "sms")
    told(a_delivery(an_update(a_shipment(shipper.organization)), channel), NO_SUCH)
    assert not Suppression.objects.exists() and Channel.objects.get(pk=channel.pk).usable


def test_a_code_lifts_it_and_only_a_code(mail: Delivery, shipper: Person, mail_server: MailServer) -> None:
    told(mail, NO_SUCH)
    Channel.objects.update(disabled_at=None)  # the suppression alone keeps it back
    assert deliver(everything_stands) == 0
    mail.refresh_from_db()
    assert (mail.state, mail.reason, mail_server.mails) == ("skipped", "suppressed", [])
    subscribing.send_code(shipper.viewer, mail.channel_id)
    code = re.search(r"\d{6}", mail_server.mails[-1].get_content())
    assert code is not None
    subscribing.verify(shipper.viewer, mail.channel_id, code[0])
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    Delivery.objects.update(state="pending", next_attempt_at=timezone.now(), finished_at=None, reason="")
    assert deliver(everything_stands) == 1 and len(mail_server.mails) == 2
    told(mail, NO_SUCH)
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 1


def test_what_the_server_says_comes_as_it_is_matched(mail: Delivery, mail_server: MailServer) -> None:
    """The words of a real dialogue, as a try keeps them."""
    mail_server.refused["alice@example.com"] = "550 5.1.1 no such person here"
    assert deliver(everything_stands) == 1
    told(mail, Attempt.objects.get(delivery=mail).detail)
    assert Suppression.objects.get().detail == "550 5.1.1 no such person here"


def test_many_cost_as_many_statements_as_one(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    counts = []
    for number in (1, 30):
        rows: list[tuple[Any, str]] = []
        for n in range(number):
            channel = a_channel(shipper, "email", f"{number}-{n}@example.com")
            rows.append((Delivery(update=an_update(shipment), channel=channel, kind="email"), NO_SUCH))
        with CaptureQueriesContext(connection) as captured:
            suppress_refused(rows, timezone.now())
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] == 3
    assert Suppression.objects.count() == 31
    with CaptureQueriesContext(connection) as captured:
        suppress_refused([], timezone.now())
    assert len(captured) == 0
