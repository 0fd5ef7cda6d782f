"""What a provider says of one try, while or after a later one of the same delivery is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications import mail_callbacks, render, subscribing, text_callbacks
from notifications.deliver import deliver
from notifications.deliver.claim import claim, prepared
from notifications.deliver.look_up import look_up
from notifications.deliver.outcome import Ended, Job, begin, settle
from notifications.models import Attempt, Channel, Delivery
from notifications.transports.base import Receipt, UnknownOutcomeError
from notifications.transports.email import message_id
from notifications.transports.sms.reports import Report
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    due,
    everything_stands,
)
from tests.people import Person


def begun(kind: str) -> list[Job]:
    """The next try, under way."""
    jobs = begin(prepared(claim(kind), everything_stands, True))
    assert len(jobs) == 1
    return jobs


def ended(row: Delivery) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.reason


def tries(row: Delivery) -> list[tuple[str, str]]:
    return list(row.tries.order_by("pk").values_list("outcome", "provider_id"))


@pytest.fixture
def text(shipper: Person, gateway: Gateway) -> Delivery:
    """A text whose first try had no answer, and which a person has owed again."""
    channel = a_channel(shipper, "sms", "+821012345678")
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    settle([Ended(job, UnknownOutcomeError("no answer")) for job in begun("sms")])
    subscribing.redeliver(shipper.viewer, row.pk)
    return row


def said(state: str, row: Delivery, number: str = "", name: str = "") -> None:
    """The provider reports, by our reference and its number."""
    report = Report(name or f"{state} {number}", state, number, render.reference_of(row), "30003")
    text_callbacks.take("twilio", [report], timezone.now())


def test_a_text_whose_only_try_failed_has_failed(shipper: Person, gateway: Gateway) -> None:
    channel = a_channel(shipper, "sms", "+821012345678")
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    settle([Ended(job, Receipt("SM1")) for job in begun("sms")])
    said("failed", row, "SM1")
    assert ended(row) == ("failed", "30003")
    assert tries(row) == [("permanent", "SM1")]


def test_the_failure_of_an_earlier_text_does_not_end_a_later_one(text: Delivery) -> None:
    jobs = begun("sms")
    said("failed", text, "SM1")
    assert ended(text) == ("sending", "")
    assert tries(text) == [("permanent", "SM1"), ("", "")]
    settle([Ended(job, Receipt("SM2")) for job in jobs])
    said("failed", text, "SM1", "once more")
    assert ended(text) == ("sent", "")
    assert tries(text) == [("permanent", "SM1"), ("sent", "SM2")]
    said("failed", text, "SM2")
    assert ended(text) == ("failed", "30003")


def test_while_a_text_waits_to_be_sent_again_its_earlier_failure_is_no_end(text: Delivery) -> None:
    said("failed", text, "SM1")
    assert ended(text) == ("pending", "")
    claimed = claim("sms")
    said("failed", text, "SM1", "once more")
    assert ([row.pk for row in claimed], ended(text)) == ([text.pk], ("sending", ""))
    assert len(begin(prepared(claimed, everything_stands, True))) == 1


def test_a_claim_that_has_not_begun_is_not_ended_by_what_failed_before(text: Delivery) -> None:
    claimed = claim("sms")
    said("failed", text, "SM1")
    assert ended(text) == ("sending", "")
    assert len(begin(prepared(claimed, everything_stands, True))) == 1


def test_that_an_earlier_text_was_accepted_says_nothing_of_a_later_one(text: Delivery) -> None:
    jobs = begun("sms")
    said("accepted", text, "SM1")
    assert ended(text) == ("sending", "")
    settle([Ended(job, UnknownOutcomeError("no answer")) for job in jobs])
    said("accepted", text, "SM1", "once more")
    assert ended(text)[0] == "unknown"
    said("accepted", text, "SM2")
    assert ended(text) == ("sent", "")
    assert tries(text) == [("sent", "SM1"), ("sent", "SM2")]


@pytest.mark.parametrize("answered", [False, True])
def test_that_an_earlier_text_arrived_is_the_end(text: Delivery, answered: bool) -> None:
    jobs = begun("sms")
    if answered:
        settle([Ended(job, UnknownOutcomeError("no answer")) for job in jobs])
    said("delivered", text, "SM1")
    assert ended(text) == ("sent", "")
    assert text.delivered_at is not None and text.lease_token == ""
    said("failed", text, "SM2")
    assert ended(text) == ("sent", "")


def test_a_text_that_was_surely_not_accepted_has_no_reports(shipper: Person, gateway: Gateway, settings: Any) -> None:
    """It is the second try that a report by our reference is of."""
    settings.SMS_LOOK_UP = True
    channel = a_channel(shipper, "sms", "+821012345678")
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    settle([Ended(job, UnknownOutcomeError("no answer")) for job in begun("sms")])
    Delivery.objects.filter(pk=row.pk).update(finished_at=timezone.now() - timedelta(minutes=2))
    gateway.answer = lambda request: (404, {}, b"")
    assert look_up(timezone.now()) == 1
    due(row)
    settle([Ended(job, Receipt("p2")) for job in begun("sms")])
    said("failed", row)
    assert ended(row) == ("failed", "30003")
    assert [outcome for outcome, _ in tries(row)] == ["temporary", "permanent"]


# --- Mails -----------------------------------------------------------------------------------------


@pytest.fixture
def channel(shipper: Person) -> Channel:
    return a_channel(shipper)


@pytest.fixture
def mail(shipper: Person, channel: Channel, mail_server: MailServer) -> Delivery:
    """A mail that was accepted, bounced, and that a person has owed again."""
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel)
    assert deliver(everything_stands) == 1
    bounced(row, "first")
    assert ended(row) == ("failed", "bounced")
    subscribing.redeliver(shipper.viewer, row.pk)
    return row


def bounced(row: Delivery, name: str, number: str = "") -> None:
    report = mail_callbacks.Report(name, "soft_bounce", number or message_id(render.reference_of(row)))
    mail_callbacks.take("gateway", [report], timezone.now())


def test_a_late_bounce_of_an_earlier_mail_does_not_end_the_one_under_way(mail: Delivery) -> None:
    """By SMTP both have one Message-ID."""
    jobs = begun("email")
    bounced(mail, "late")
    assert ended(mail) == ("sending", "")
    settle([Ended(job, Receipt(message_id(render.reference_of(mail)))) for job in jobs])
    assert ended(mail) == ("sent", "")
    bounced(mail, "of the second")
    assert ended(mail) == ("failed", "bounced")
    assert [outcome for outcome, _ in tries(mail)] == ["permanent", "permanent"]


def test_of_two_mails_with_one_name_the_first_bounces_first(
    shipper: Person, channel: Channel, mail_server: MailServer
) -> None:
    """The worker of the first died before the answer: it may have gone out."""
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel)
    begun("email")
    due(row)
    assert deliver(everything_stands) == 1
    bounced(row, "one")
    assert ended(row) == ("sent", "")
    bounced(row, "two")
    assert ended(row) == ("failed", "bounced")


def test_a_providers_number_names_the_try(shipper: Person, channel: Channel, mail_server: MailServer) -> None:
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel)
    settle([Ended(job, Receipt("n1")) for job in begun("email")])
    bounced(row, "one", "n1")
    assert ended(row) == ("failed", "bounced")
    subscribing.redeliver(shipper.viewer, row.pk)
    settle([Ended(job, Receipt("n2")) for job in begun("email")])
    bounced(row, "two", "n1")
    assert ended(row) == ("sent", "")
    bounced(row, "three", "n2")
    assert ended(row) == ("failed", "bounced")
    assert Attempt.objects.filter(outcome="permanent").count() == 2
