"""What is asked right before something is told: still wanted, not suppressed, not in quiet hours, and amended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications import deliver as delivering
from notifications.deliver import deliver, validity
from notifications.deliver.claim import FRESH, claim, prepared, still_so
from notifications.deliver.validity import _Live
from notifications.models import Channel, Delivery, Subscription, Suppression
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person

REVOKED = {"milestone": "customs_release_cancelled"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    yield


@pytest.fixture
def mail(shipper: Person, mail_server: MailServer) -> Delivery:
    """One e-mail that is owed."""
    return a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper), notice="customs.released")


def state_of(delivery: Delivery) -> tuple[str, int, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.attempts, delivery.reason


def bodies(server: MailServer) -> list[str]:
    return [str(mail.get_body(("plain",)).get_content()) for mail in server.mails]  # type: ignore[union-attr]


def test_a_suppressed_address_gets_nothing(mail: Delivery, mail_server: MailServer) -> None:
    stop = Suppression.objects.create(kind="email", recipient=mail.recipient, address="a", reason="bounce")
    assert deliver(everything_stands) == 0
    assert state_of(mail) == ("skipped", 0, "suppressed")
    assert mail_server.mails == []
    stop.lifted_at = timezone.now()
    stop.save()
    Delivery.objects.update(state="pending", next_attempt_at=timezone.now())
    assert deliver(everything_stands) == 1


QUIET = [
    # notice, critical news in quiet hours too, sent
    ("customs.released", True, 0),
    ("customs.held", False, 0),
    ("customs.held", True, 1),
]


@pytest.mark.parametrize(("notice", "bypass", "sent"), QUIET)
def test_quiet_hours_that_were_set_since_are_kept(
    shipper: Person, mail_server: MailServer, notice: str, bypass: bool, sent: int
) -> None:
    with time_machine.travel("2026-03-24T14:30:00Z", tick=True):  # half past eleven in Seoul
        channel = a_channel(shipper, quiet_from=time(22), quiet_until=time(8), bypass_quiet=bypass)
        shipment = a_shipment(shipper.organization)
        delivery = a_delivery(
            an_update(shipment, notice, data={"milestone": "inspection_ordered"}), channel, notice=notice
        )
        assert deliver(everything_stands) == sent
        assert len(mail_server.mails) == sent
        if not sent:
            assert state_of(delivery) == ("pending", 0, "")
            assert delivery.next_attempt_at is not None
            held = delivery.next_attempt_at - timezone.now()
            assert timedelta(hours=8, minutes=29) < held <= timedelta(hours=8, minutes=30, seconds=1)


WANTED = [
    # the subscription that owed it, another one of the channel, wanted
    ({}, None, True),
    ({"ended_at": "now"}, None, False),
    ({"ended_at": "now"}, {}, True),
    ({"ended_at": "now"}, {"matrix": {"customs.released": "off"}}, False),
    ({"ended_at": "now"}, {"label": "Sea", "filter": {"mode": "sea"}}, False),
    ({"label": "Sea", "filter": {"mode": "sea"}}, None, True),
    ({"matrix": {"customs.released": "off"}}, None, False),
]


@pytest.mark.parametrize(("owing", "other", "wanted"), WANTED)
def test_who_still_wants_it(
    shipper: Person, mail_server: MailServer, owing: dict[str, Any], other: dict[str, Any] | None, wanted: bool
) -> None:
    channel = a_channel(shipper)
    if "ended_at" in owing:
        owing = {"ended_at": timezone.now()}
    subscription = a_subscription(channel, **owing)
    if other is not None:
        a_subscription(channel, **other)
    delivery = Delivery.objects.create(
        update=an_update(a_shipment(shipper.organization)),
        channel=channel,
        subscription=subscription,
        notice="customs.released",
        kind="email",
        recipient="r",
    )
    assert deliver(everything_stands) == (1 if wanted else 0)
    assert state_of(delivery)[0::2] == (("sent", "") if wanted else ("skipped", "unsubscribed"))
    assert len(mail_server.mails) == (1 if wanted else 0)


def test_a_revocation_says_so_to_who_was_told_of_the_release(
    shipper: Person, forwarder: Person, mail_server: MailServer
) -> None:
    shipment = a_shipment(shipper.organization, forwarder.organization)
    told, untold = a_channel(shipper), a_channel(forwarder)
    release = an_update(shipment)
    a_delivery(release, told, notice="customs.released")
    a_delivery(release, untold, notice="customs.released", state="skipped")
    assert deliver(everything_stands) == 1
    revoked = an_update(shipment, "customs.release_revoked", data=REVOKED)
    for channel in (told, untold):
        a_delivery(revoked, channel, notice="customs.release_revoked")
    assert deliver(everything_stands) == 2
    amended = ["that customs had released this cargo: that does not hold" in body for body in bodies(mail_server)]
    assert dict(zip((row[0] for row in mail_server.recipients[1:]), amended[1:], strict=True)) == {
        shipper.user.email: True,
        forwarder.user.email: False,
    }


def test_what_waited_since_it_was_prepared_is_asked_about_again(mail: Delivery, mail_server: MailServer) -> None:
    """The race of N11: taken back between the claim and the try."""
    jobs = prepared(claim("email"), everything_stands, switched_on=True)
    assert [job.delivery.pk for job in jobs] == [mail.pk]
    assert still_so(jobs, lambda updates: set()) == jobs  # just now
    jobs[0].prepared_at -= FRESH + timedelta(seconds=1)
    assert still_so(jobs, everything_stands) == jobs
    assert still_so(jobs, lambda updates: set()) == []
    assert state_of(mail) == ("skipped", 0, "superseded")


def test_a_thousand_races_tell_of_no_release_that_is_known_to_be_taken_back(
    shipper: Person, mail_server: MailServer
) -> None:
    """N11: owed while true, taken back before the senders come: only the revocation goes out."""
    channel = a_channel(shipper)
    a_subscription(channel)
    shipments = [a_shipment(shipper.organization) for _ in range(50)]
    now = timezone.now()
    updates = []
    for number, shipment in enumerate(shipments):
        updates.append(an_update(shipment, key=f"r{number}"))
        updates.append(an_update(shipment, "customs.release_revoked", key=f"v{number}", data=REVOKED))
    Delivery.objects.bulk_create(
        Delivery(update=update, channel=channel, notice=update.kind, kind="email", recipient="r", next_attempt_at=now)
        for update in updates
    )
    known = {update.pk for update in updates if update.kind == "customs.release_revoked"}
    assert deliver(lambda asked: set(asked) & known) == 50
    assert {str(mail["Subject"]).startswith("RELEASE TAKEN BACK") for mail in mail_server.mails} == {True}
    assert Delivery.objects.filter(state="skipped", reason="superseded").count() == 50


def test_what_is_asked_does_not_grow_with_the_claim(shipper: Person) -> None:
    channel = a_channel(shipper)
    counts = []
    for number in (1, 15):
        shipment = a_shipment(shipper.organization)
        for position in range(number):
            a_delivery(an_update(shipment, key=f"{number}-{position}"), channel)
        claimed = claim("email")
        assert len(claimed) == number
        with CaptureQueriesContext(connection) as captured:
            assert len(prepared(claimed, everything_stands, switched_on=True)) == number
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 6, counts
    assert Channel.objects.count() == Subscription.objects.values("channel").distinct().count()


def test_of_a_channels_subscriptions_those_of_other_shipments_are_not_read(
    shipper: Person, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = a_channel(shipper)
    a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    a_subscription(channel)
    for _ in range(5):
        a_subscription(channel, a_shipment(shipper.organization))
    read: list[int | None] = []

    def live(*row: Any) -> Any:
        read.append(row[1])
        return _Live(*row)

    monkeypatch.setattr(validity, "_Live", live)
    assert deliver(everything_stands) == 1
    assert read == [Delivery.objects.get().update.shipment_id, None]  # type: ignore[union-attr]
