"""What came up while an endpoint was off: owed, not sent, and delivered once and in order when it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cargo.models import TrackingUpdate
from notifications import deliver as delivering
from notifications import endpoints, fanout, selectors
from notifications.deliver import deliver, health
from notifications.endpoints import Span
from notifications.models import Attempt, Channel, Delivery
from notifications.render import reference_of
from tests.notifications.conftest import a_shipment, a_subscription, an_update, everything_stands
from tests.notifications.receivers import Receiver, an_endpoint
from tests.people import Person


@pytest.fixture(autouse=True)
def inside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receivers are the operator's own hosts, and take one at a time."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_RATE = 1000.0
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr("notifications.deliver.queues.AT_ONE", 1)


@pytest.fixture
def there() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def switched_off(person: Person, url: str) -> tuple[int, datetime]:
    """An endpoint that is told of all and was switched off; and when."""
    endpoint, _secret = an_endpoint(person, url)
    a_subscription(endpoint.channel)
    now = timezone.now()
    health.switch_off({endpoint.pk: "HTTP 410: the endpoint wants no more"}, now)
    return endpoint.pk, now


def test_all_that_it_missed_arrives_once_and_in_order(shipper: Person, there: Receiver) -> None:
    shipment = a_shipment(shipper.organization)
    number, since = switched_off(shipper, there.url)
    for _ in range(3):
        for _ in range(15):
            an_update(shipment)
        assert fanout.fan_out() == 15
        assert deliver(everything_stands) == 0
    missed = [reference_of(row) for row in Delivery.objects.order_by("pk")]
    assert len(missed) == 45 and there.requests == [] and not Attempt.objects.exists()

    endpoints.resume(shipper.viewer, number)
    assert deliver(everything_stands) == 0 and there.requests == []
    assert endpoints.redeliver(shipper.viewer, number, Span(since=since)) == 45
    due = list(Delivery.objects.order_by("pk").values_list("next_attempt_at", flat=True))
    assert due == sorted(set(due)) and due[-1] <= timezone.now()
    later = an_update(shipment)
    fanout.fan_out()
    assert deliver(everything_stands) == 46
    assert there.ids() == [*missed, reference_of(Delivery.objects.get(update=later))]
    assert endpoints.redeliver(shipper.viewer, number, Span(since=since)) == 0
    assert deliver(everything_stands) == 0 and len(there.requests) == 46


def test_one_or_a_range_of_it_is_delivered(shipper: Person, there: Receiver) -> None:
    shipment = a_shipment(shipper.organization)
    number, _since = switched_off(shipper, there.url)
    for _ in range(5):
        an_update(shipment)
    fanout.fan_out()
    rows = list(Delivery.objects.order_by("pk"))
    endpoints.resume(shipper.viewer, number)
    assert endpoints.redeliver(shipper.viewer, number, Span(first=rows[1].pk, last=rows[1].pk)) == 1
    assert endpoints.redeliver(shipper.viewer, number, Span(first=rows[3].pk)) == 2
    assert deliver(everything_stands) == 3
    assert there.ids() == [reference_of(rows[place]) for place in (1, 3, 4)]
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == [
        "failed", "sent", "failed", "sent", "sent",
    ]  # fmt: skip


def test_the_log_says_why_it_was_not_sent(shipper: Person) -> None:
    number, _since = switched_off(shipper, "https://hooks.example.com/")
    an_update(a_shipment(shipper.organization))
    fanout.fan_out()
    (row,) = selectors.deliveries(shipper.viewer, selectors.Wanted(channel=number, failed=True))
    assert (row.state, row.reason, row.attempts, row.again) == ("failed", "endpoint_off", 0, True)
    assert row.reason_text == "The webhook was switched off before it was sent."
    page = shipper.client().get(f"/notices/webhooks/{number}/").content.decode()
    assert "The webhook was switched off before it was sent." in page


@pytest.mark.django_db(transaction=True)
def test_what_is_being_owed_while_it_is_resumed_is_not_missed(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fan-out that found it off and has not committed yet: who resumes it waits for that."""
    number, since = switched_off(shipper, "https://hooks.example.com/")
    an_update(a_shipment(shipper.organization))
    begun, go_on = threading.Event(), threading.Event()
    owe = fanout.owe
    failed: list[Exception] = []

    def slowly(*args: Any) -> None:
        begun.set()
        go_on.wait(10)
        owe(*args)

    def aside(act: Any, *args: Any) -> threading.Thread:
        def run() -> None:
            try:
                act(*args)
            except Exception as error:
                failed.append(error)
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    monkeypatch.setattr(fanout, "owe", slowly)
    telling = aside(fanout.fan_out)
    assert begun.wait(10)
    resuming = aside(endpoints.resume, shipper.viewer, number)
    resuming.join(0.5)
    assert resuming.is_alive()
    go_on.set()
    telling.join()
    resuming.join()
    assert failed == [] and Channel.objects.get(pk=number).disabled_at is None
    assert endpoints.redeliver(shipper.viewer, number, Span(since=since)) == TrackingUpdate.objects.count() == 1
