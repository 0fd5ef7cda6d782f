"""Expected arrivals: told when they moved far enough from what the reader knows, the newest one, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cargo.models import Shipment, ShipmentReference, ShipmentStatus, TrackingUpdate
from notifications import deliver as delivering
from notifications import fanout, subscribing
from notifications.deliver import deliver
from notifications.deliver.look_up import look_up
from notifications.digests import owe_digests
from notifications.models import Delivery, EstimateTold, Subscription
from tests.notifications.conftest import (
    Gateway,
    MailServer,
    a_channel,
    a_shipment,
    a_subscription,
    an_update,
    due,
    everything_stands,
)
from tests.people import Person

FIRST = datetime.fromisoformat("2026-04-10T06:00:00+09:00")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel("2026-03-24T02:00:00Z") as traveller:
        yield traveller


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Alice's, told by mail of what moved by a day."""
    found = a_shipment(shipper.organization)
    ShipmentReference.objects.create(shipment=found, kind="house_bill", value="KOSHA2603001")
    ShipmentStatus.objects.create(shipment=found)
    a_subscription(a_channel(shipper))
    return found


def expected(shipment: Shipment, hours: float, source: int = 1, best: bool = True, **fields: Any) -> TrackingUpdate:
    """A source expects the arrival so many hours after the first estimate; the status follows unless told otherwise."""
    at = FIRST + timedelta(hours=hours)
    if best:
        ShipmentStatus.objects.filter(shipment=shipment).update(eta=at)
    data = {"milestone": "arrived", "source": source, "place": {"code": "KRPUS"}, "references": None}
    key = f"arrived||KRPUS|1|{hours}|{TrackingUpdate.objects.count()}"
    now = timezone.now()
    fields = {"key": key, "data": data, "occurred_at": at, "reported_at": now, "recorded_at": now, **fields}
    update = an_update(shipment, "estimate", **fields)
    fanout.fan_out()
    return update


def owed() -> list[tuple[str, float]]:
    rows = Delivery.objects.order_by("pk").values_list("state", "update__occurred_at")
    return [(state, (at - FIRST) / timedelta(hours=1)) for state, at in rows]


def known() -> float:
    return (EstimateTold.objects.get().arrival_at - FIRST) / timedelta(hours=1)


def subjects(server: MailServer) -> list[str]:
    return [str(mail["Subject"]) for mail in server.mails]


def moves_in(server: MailServer) -> list[str]:
    """The instants of the first line: when it is expected, and when it was."""
    text = str(server.mails[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    return re.findall(r"\d+ Apr 2026, \d\d:\d\d", text.splitlines()[0])


def test_the_first_estimate_is_no_change(shipment: Shipment) -> None:
    expected(shipment, 0)
    assert owed() == []
    assert known() == 0


MOVES = [
    # by hours, threshold, told
    (23, 24, False),
    (24, 24, True),
    (-24, 24, True),
    (6, 6, True),
    (5, 6, False),
]


@pytest.mark.parametrize(("hours", "threshold", "told"), MOVES)
def test_a_change_is_told_from_the_threshold_on(shipment: Shipment, hours: int, threshold: int, told: bool) -> None:
    Subscription.objects.update(eta_hours=threshold)
    expected(shipment, 0)
    expected(shipment, hours)
    assert owed() == ([("pending", hours)] if told else [])
    assert known() == 0  # until it is sent


def test_small_steps_add_up(shipment: Shipment) -> None:
    for hours in (0, 10, 20, 30, 40):
        expected(shipment, hours)
    assert [hours for _, hours in owed()] == [30, 40]


def test_the_mail_says_from_when_to_when(shipment: Shipment, mail_server: MailServer) -> None:
    expected(shipment, 0)
    expected(shipment, 48)
    assert deliver(everything_stands) == 1
    assert subjects(mail_server) == ["Expected arrival changed — HBL KOSHA2603001"]
    assert moves_in(mail_server) == ["12 Apr 2026, 06:00", "10 Apr 2026, 06:00"]
    assert known() == 48
    expected(shipment, 60)
    assert len(owed()) == 1


def test_of_several_changes_that_wait_the_last_is_told_from_what_the_reader_knows(
    shipment: Shipment, mail_server: MailServer
) -> None:
    expected(shipment, 0)
    first, second = expected(shipment, 30), expected(shipment, 60)
    assert deliver(lambda updates: set(updates) - {first.pk}) == 1
    assert [row[0] for row in owed()] == ["skipped", "sent"]
    assert moves_in(mail_server) == ["12 Apr 2026, 18:00", "10 Apr 2026, 06:00"]
    assert known() == 60
    assert second.pk == Delivery.objects.get(state="sent").update_id


def test_one_that_went_back_meanwhile_is_not_told_at_all(shipment: Shipment, mail_server: MailServer) -> None:
    expected(shipment, 0)
    moved = expected(shipment, 30)
    expected(shipment, 2)
    assert deliver(lambda updates: set(updates) - {moved.pk}) == 0
    assert [row[0] for row in owed()] == ["skipped"]
    assert (mail_server.mails, known()) == ([], 0)


def test_what_was_told_while_another_waited_is_taken_into_account(shipment: Shipment, mail_server: MailServer) -> None:
    """The second is owed from what was known before the first went out; by then it is no news any more."""
    expected(shipment, 0)
    expected(shipment, 30)
    expected(shipment, 31)
    second = Delivery.objects.order_by("pk").last()
    assert second is not None
    due(second, timezone.now() + timedelta(hours=1))
    assert deliver(everything_stands) == 1
    due(second)
    assert deliver(everything_stands) == 0
    assert [row[0] for row in owed()] == ["sent", "skipped"]
    assert (len(mail_server.mails), known()) == (1, 30)


def test_a_second_source_that_says_the_same_owes_nothing(shipment: Shipment) -> None:
    expected(shipment, 0)
    expected(shipment, 30)
    expected(shipment, 30, source=2)
    assert owed() == [("pending", 30)]


def test_a_source_that_is_not_believed_changes_nothing(shipment: Shipment) -> None:
    expected(shipment, 0)
    expected(shipment, 100, source=2, best=False)
    assert (owed(), known()) == ([], 0)


def test_who_subscribes_later_knows_what_was_expected_then(shipper: Person, shipment: Shipment) -> None:
    Subscription.objects.update(ended_at=timezone.now())
    expected(shipment, 0)
    expected(shipment, 500, source=2, best=False)
    channel = a_channel(shipper, address="late@example.com")
    Subscription.objects.create(channel=channel)
    expected(shipment, 10)
    assert (owed(), known()) == ([], 0)
    expected(shipment, 25)
    assert owed() == [("pending", 25)]


def test_after_the_arrival_no_estimate_is_news(shipment: Shipment) -> None:
    expected(shipment, 0)
    ShipmentStatus.objects.update(arrived_at=timezone.now())
    expected(shipment, 99)
    assert owed() == []


def test_history_tells_nobody_and_is_what_is_known(shipment: Shipment) -> None:
    expected(shipment, 0, silent=True)
    expected(shipment, 48, silent=True)
    assert (owed(), EstimateTold.objects.count()) == ([], 0)
    expected(shipment, 50)
    assert (owed(), known()) == ([], 48)


def test_a_program_is_told_each(shipper: Person, shipment: Shipment) -> None:
    a_subscription(a_channel(shipper, "webhook", "https://example.com/hook", user=None))
    for hours in (0, 1, 2):
        expected(shipment, hours)
    assert list(Delivery.objects.values_list("kind", "notice")) == [("webhook", "estimate")] * 3


def test_the_digest_tells_the_last_one(shipment: Shipment) -> None:
    Subscription.objects.update(matrix={"eta.changed": "digest"})
    expected(shipment, 0)
    expected(shipment, 30)
    assert [(row[0], row[1]) for row in owed()] == [("gathered", 30)]


def a_text_of_which_nobody_knows(shipper: Person, gateway: Gateway, settings: Any) -> Shipment:
    """Alice's telephone knows the first estimate; whether it was told of one 30 hours later, nobody knows."""
    settings.SMS_LOOK_UP = True
    shipment = a_shipment(shipper.organization)
    ShipmentStatus.objects.create(shipment=shipment)
    a_subscription(a_channel(shipper, "sms", "+821012345678"), matrix={"eta.changed": "now"})
    expected(shipment, 0)
    expected(shipment, 30)
    gateway.answer = lambda request: (500, {}, b"")
    assert deliver(everything_stands) == 1
    assert (owed(), known()) == ([("unknown", 30)], 0)
    return shipment


def test_a_text_that_was_surely_not_accepted_is_news_yet(shipper: Person, gateway: Gateway, settings: Any) -> None:
    a_text_of_which_nobody_knows(shipper, gateway, settings)
    gateway.answer = lambda request: (404, {}, b"")
    assert look_up(timezone.now() + timedelta(minutes=2)) == 1
    due(Delivery.objects.get())
    gateway.answer = lambda request: (200, {}, b"")
    assert deliver(everything_stands) == 1
    assert (owed(), known()) == ([("sent", 30)], 30)


def test_a_text_that_was_accepted_after_all_is_known(shipper: Person, gateway: Gateway, settings: Any) -> None:
    shipment = a_text_of_which_nobody_knows(shipper, gateway, settings)
    gateway.answer = lambda request: (200, {}, b'{"id": "p5"}')
    assert look_up(timezone.now() + timedelta(minutes=2)) == 1
    assert (owed(), known()) == ([("sent", 30)], 30)
    expected(shipment, 40)
    assert len(owed()) == 1


def test_an_older_text_that_was_accepted_after_all_is_not_the_last_one(
    shipper: Person, gateway: Gateway, settings: Any
) -> None:
    shipment = a_text_of_which_nobody_knows(shipper, gateway, settings)
    gateway.answer = lambda request: (200, {}, b'{"id": "p5"}')
    expected(shipment, 60)
    assert deliver(everything_stands) == 1
    assert look_up(timezone.now() + timedelta(minutes=2)) == 1
    assert (owed(), known()) == ([("sent", 30), ("sent", 60)], 60)


def test_a_person_sends_a_text_again_of_which_nobody_knows(shipper: Person, gateway: Gateway, settings: Any) -> None:
    a_text_of_which_nobody_knows(shipper, gateway, settings)
    gateway.answer = lambda request: (200, {}, b"")
    subscribing.redeliver(shipper.viewer, Delivery.objects.get().pk)
    assert deliver(everything_stands) == 1
    assert (owed(), known()) == ([("sent", 30)], 30)


def test_a_mail_that_came_back_tells_it_again(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    """From what was told before it; and what was told since stays known."""
    for hours in (0, 30, 60):
        expected(shipment, hours)
        deliver(everything_stands)
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.update(state="failed", reason="bounced")
    Delivery.objects.filter(pk=first.pk).update(state="sent")
    subscribing.redeliver(shipper.viewer, second.pk)
    assert known() == 30
    mail_server.mails.clear()
    assert deliver(everything_stands) == 1
    assert moves_in(mail_server) == ["12 Apr 2026, 18:00", "11 Apr 2026, 12:00"]
    Delivery.objects.filter(pk=first.pk).update(state="failed")
    subscribing.redeliver(shipper.viewer, first.pk)
    assert known() == 60


def test_a_digest_that_came_back_tells_it_again(
    shipper: Person, shipment: Shipment, mail_server: MailServer, clock: time_machine.Traveller
) -> None:
    Subscription.objects.update(matrix={"eta.changed": "digest"})
    expected(shipment, 0)
    expected(shipment, 30)
    clock.shift(timedelta(days=1))
    assert (owe_digests(), deliver(everything_stands), known()) == (1, 1, 30)
    Delivery.objects.update(state="failed", reason="bounced")
    subscribing.redeliver(shipper.viewer, Delivery.objects.get(notice="digest").pk)
    assert (known(), deliver(everything_stands)) == (0, 1)
    assert (set(Delivery.objects.values_list("state", flat=True)), known()) == ({"sent"}, 30)
