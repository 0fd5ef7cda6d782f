"""Lanes side by side: whoever is slow or gone holds up nobody else, and many that end cost as much as one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.deliver import claim as claiming
from notifications.deliver import deliver, lanes, outcome
from notifications.deliver.claim import claim, loaded, prepared, still_so
from notifications.models import Channel, Delivery, Suppression
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person


def state_of(delivery: Delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.reason


class Later:
    """Everything stands; when so many posts have arrived, a mail is owed."""

    def __init__(self, receiver: Receiver, posts: int, owe: Any) -> None:
        self.receiver, self.posts, self.owe = receiver, posts, owe
        self.made: list[Delivery] = []

    def __call__(self, updates: Iterable[int]) -> set[int]:
        if len(self.receiver.requests) >= self.posts and not self.made:
            self.made.append(self.owe())
        return set(updates)


@pytest.fixture
def busy(shipper: Person, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An endpoint that keeps a drain alive long after its lanes' time to claim has ended for want of success."""
    settings.WEBHOOK_OWN_HOSTS, settings.WEBHOOK_RATE = ["127.0.0.1"], 40.0
    monkeypatch.setattr(lanes, "CLAIMS_FOR", 0.5)
    receiver = Receiver()
    endpoint, _secret = an_endpoint(shipper, receiver.url)
    shipment = a_shipment(shipper.organization)
    for number in range(120):
        a_call(an_update(shipment, key=f"w{number}"), endpoint)
    yield receiver
    receiver.close()


@pytest.mark.django_db(transaction=True)
def test_mails_go_out_while_webhooks_are_busy(shipper: Person, busy: Receiver, mail_server: MailServer) -> None:
    """A drain that webhooks keep alive for hours takes the mails that come meanwhile."""
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    later = Later(busy, 60, lambda: a_delivery(an_update(shipment, key="m"), channel))
    assert deliver(later) == 121
    assert [state_of(mail) for mail in later.made] == [("sent", "")]
    assert len(mail_server.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_a_server_that_was_gone_is_tried_again_while_others_send(
    shipper: Person, busy: Receiver, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "OUT_OF_REACH_SECONDS", 0.2)
    gone = [True]
    dial = EmailBackend.open

    def dialled(backend: EmailBackend) -> bool | None:
        if gone:
            raise ConnectionRefusedError("nobody there")
        return dial(backend)

    monkeypatch.setattr(EmailBackend, "open", dialled)
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    first = a_delivery(an_update(shipment, key="first"), channel)

    def back() -> Delivery:
        gone.clear()
        return a_delivery(an_update(shipment, key="second"), channel)

    later = Later(busy, 60, back)
    deliver(later)
    assert state_of(first)[0] == "pending" and first.attempts == 0
    assert [state_of(mail) for mail in later.made] == [("sent", "")]
    assert len(mail_server.mails) == 1


def test_many_that_end_cost_as_much_as_one(shipper: Person) -> None:
    """Three hundred mails that are no longer true are no three hundred transactions."""
    shipment, channel = a_shipment(shipper.organization), a_channel(shipper)
    counts = []
    for number in (2, 90):
        for key in range(number):
            a_delivery(an_update(shipment, key=f"{number}-{key}"), channel)
        claimed = claim("email")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert prepared(claimed, lambda updates: set(), True) == []
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert set(Delivery.objects.values_list("state", "reason")) == {("skipped", "superseded")}


@pytest.mark.parametrize("what", ["stop", "quiet", "off"])
def test_what_waits_for_its_try_is_asked_about_again(
    what: str, shipper: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reader may have said stop since it was prepared, or gone to sleep, or the channel may be off."""
    monkeypatch.setattr(claiming, "FRESH", timedelta(0))
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    (job,) = prepared(claim("email"), everything_stands, True)
    if what == "stop":
        recipient, address = delivery.recipient, delivery.channel.address
        Suppression.objects.create(kind="email", recipient=recipient, address=address, reason="bounce")
    elif what == "off":
        Channel.objects.update(disabled_at=timezone.now())
    else:
        Channel.objects.update(quiet_from=time(0), quiet_until=time(23, 59), zone="UTC")
    assert outcome.begin(still_so([job], everything_stands)) == []
    expected = {"stop": ("skipped", "suppressed"), "off": ("skipped", "channel_off"), "quiet": ("pending", "")}
    assert state_of(delivery) == expected[what]
    assert delivery.attempts == 0 and mail_server.mails == []


def test_what_lost_its_channel_meanwhile_is_left_out(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    shipment = a_shipment(shipper.organization)
    rows = [
        a_delivery(an_update(shipment, key=address), a_channel(shipper, address=address))
        for address in ("a@example.com", "b@example.com")
    ]
    gone = rows[0].channel_id
    monkeypatch.setattr(claiming.Channel, "objects", Channel.objects.exclude(pk=gone))
    assert [row.pk for row in loaded([row.pk for row in rows])] == [rows[1].pk]
