"""A line for each endpoint: what is claimed of it, and who may begin while others are slow, paused or being called."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.deliver import by_endpoint, queues
from notifications.deliver.claim import claim, open_in
from notifications.deliver.outcome import Ended, Job
from notifications.deliver.queues import LineOfEach
from notifications.models import Channel, Delivery, Endpoint
from notifications.transports.base import Message, Receipt, TemporaryError, TransportError
from tests.notifications.conftest import a_shipment, an_update
from tests.notifications.receivers import a_call, an_endpoint
from tests.people import Person


@pytest.fixture
def two(shipper: Person) -> tuple[Endpoint, Endpoint]:
    """Two quick endpoints: the first is owed thirty deliveries, the second five, all later than the first's."""
    busy, _ = an_endpoint(shipper, "https://busy.example.com/")
    small, _ = an_endpoint(shipper, "https://small.example.com/")
    shipment, now = a_shipment(shipper.organization), timezone.now()
    for number in range(35):
        endpoint = busy if number < 30 else small
        at = now - timedelta(minutes=60 - number)
        a_call(an_update(shipment, key=str(number)), endpoint, next_attempt_at=at)
    Endpoint.objects.update(quick=True)
    return busy, small


def claimed(*busy: int) -> Counter[int]:
    return Counter(delivery.channel_id for delivery in claim("webhook", busy=busy))


def test_a_backlog_takes_no_more_than_its_share(two: tuple[Endpoint, Endpoint], settings: Any) -> None:
    """Ten a second to each: the first claim takes as many, and the next one comes a second later."""
    settings.WEBHOOK_RATE = 10.0
    busy, small = two
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert claimed() == {busy.pk: 10, small.pk: 5}
        assert claimed() == {}
        assert open_in("webhook") == pytest.approx(1.0)
        clock.shift(timedelta(seconds=1))
        assert claimed() == {busy.pk: 10}
        clock.shift(timedelta(seconds=1))
        assert claimed(busy.pk) == {}
        assert claimed() == {busy.pk: 10}
    assert open_in("webhook") is None
    assert not Delivery.objects.filter(state="pending").exists()


def test_the_longest_waiting_come_first(two: tuple[Endpoint, Endpoint], settings: Any) -> None:
    settings.WEBHOOK_RATE = 3.0
    busy, _small = two
    expected = list(busy.channel.deliveries.order_by("next_attempt_at").values_list("pk", flat=True)[:3])
    assert [row.pk for row in claim("webhook") if row.channel_id == busy.pk] == expected


def test_of_one_that_is_not_known_to_be_quick_a_few_are_claimed(two: tuple[Endpoint, Endpoint], settings: Any) -> None:
    """Two hundred that never answer would else fill the hands before whoever is well has its turn."""
    settings.WEBHOOK_RATE = 1000.0
    busy, small = two
    Endpoint.objects.filter(pk=busy.pk).update(quick=False)
    expected = list(busy.channel.deliveries.order_by("next_attempt_at").values_list("pk", flat=True)[:4])
    rows = claim("webhook")
    assert [row.pk for row in rows if row.channel_id == busy.pk] == expected
    assert Counter(row.channel_id for row in rows) == {busy.pk: 4, small.pk: 5}


@pytest.mark.parametrize(("quick_first", "expected"), [(1.0, "small"), (0.0, "busy")])
def test_the_quick_come_first_most_of_the_time(
    quick_first: float, expected: str, two: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_endpoint, "QUICK_FIRST", quick_first)
    monkeypatch.setattr(by_endpoint, "_OPEN", by_endpoint._OPEN.replace("LIMIT 20", "LIMIT 1"))
    busy, small = two
    Endpoint.objects.filter(pk=busy.pk).update(quick=False)
    assert list(claimed()) == [{"busy": busy.pk, "small": small.pk}[expected]]


@pytest.mark.parametrize(
    "fields", [{"held_at": timezone.now()}, {"paused_until": timezone.now() + timedelta(hours=1)}, {"open_at": 9e12}]
)
def test_who_may_not_be_called_is_not_claimed_for(two: tuple[Endpoint, Endpoint], fields: dict[str, Any]) -> None:
    busy, small = two
    Endpoint.objects.filter(pk=busy.pk).update(**fields)
    assert claimed() == {small.pk: 5}
    assert busy.channel.deliveries.filter(state="pending").count() == 30


def test_a_claim_is_so_many_statements(two: tuple[Endpoint, Endpoint]) -> None:
    """Four, however many endpoints and deliveries."""
    now = timezone.now()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(by_endpoint.claim("token", now, now, ())) == 15
    assert len([query for query in queries if "notifications_" in query["sql"]]) == 4


def _job(channel: int, number: int, quick: bool = False) -> Job:
    endpoint = Channel(pk=channel, kind="webhook")
    endpoint.endpoint = Endpoint(channel=endpoint, quick=quick)
    delivery = Delivery(pk=number, channel=endpoint, kind="webhook")
    return Job(delivery, Message("https://example.com/", "", f"d-{number}"))


def _taken(queue: LineOfEach, number: int = 1000) -> list[Job]:
    return list(islice(iter(queue.take, None), number))  # type: ignore[arg-type]


def told(queue: LineOfEach, job: Job, result: Receipt | TransportError) -> None:
    """A thread says what came of it, and it is written down."""
    queue.note(Ended(job, result))
    queue.settled([job.delivery.channel_id])


def test_one_at_a_time_to_who_is_not_known_and_two_to_who_is(settings: Any) -> None:
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add(_job(1, number) for number in range(10))
    (first,) = _taken(queue)
    assert _taken(queue) == [] and queue.is_low(1)
    first.seconds = 0.01
    told(queue, first, Receipt())
    assert [job.delivery.pk for job in _taken(queue)] == [1, 2]
    assert len(queue) == 7 and list(queue.busy()) == [1]


def test_the_slow_never_take_the_places_of_the_quick(settings: Any) -> None:
    """Three hundred endpoints that do not answer, and one that does: it is called all the same."""
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add([_job(1000, 1)])
    (good,) = _taken(queue)
    good.seconds = 0.01
    told(queue, good, Receipt())
    queue.add(_job(channel, 10 * channel) for channel in range(300))
    assert len(_taken(queue)) == queues.OTHERS_AT_ONCE
    queue.add(_job(1000, number) for number in (2, 3))
    assert [job.delivery.channel_id for job in _taken(queue)] == [1000, 1000]


def test_who_fails_or_takes_its_time_is_quick_no_more(settings: Any) -> None:
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add(_job(channel, 10 * channel + number) for channel in (1, 2, 3) for number in range(2))
    for job, result, seconds in zip(
        _taken(queue), (Receipt(), Receipt(), TemporaryError("")), (0.01, 5, 0.01), strict=True
    ):
        job.seconds = seconds
        told(queue, job, result)
    assert [channel for channel in (1, 2, 3) if queue.is_quick(channel)] == [1]


def test_who_is_known_from_before_is_quick_at_once(settings: Any) -> None:
    """One at first; then as many as the pace needs of requests that take so long: fifteen."""
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add(_job(channel, 10 * channel + number, quick=True) for channel in range(40) for number in range(2))
    (job,) = _taken(queue)
    assert queue.ready() == 0
    job.seconds = 0.05
    told(queue, job, Receipt())
    assert len(_taken(queue)) == 15


def test_a_quick_one_that_takes_its_time_keeps_no_place(settings: Any) -> None:
    settings.WEBHOOK_RATE = 1e18
    now = [100.0]
    queue = LineOfEach(lambda: now[0])
    queue.add(_job(channel, channel, quick=True) for channel in range(40))
    assert len(_taken(queue)) == queues.AT_LEAST and _taken(queue) == []
    now[0] += 0.2
    assert len(_taken(queue)) == queues.AT_LEAST


def test_few_are_under_way_where_answers_are_quick(settings: Any) -> None:
    """What is under way when a process is killed may go out once more."""
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add(_job(channel, channel, quick=True) for channel in range(40))
    for job in _taken(queue):
        job.seconds = 0.001
        told(queue, job, Receipt())
    assert len(_taken(queue)) == 1


def test_who_failed_rests_until_it_is_written_down(settings: Any) -> None:
    """Four failures in a row pause it: what waits behind must not go out before they are counted."""
    settings.WEBHOOK_RATE = 1e18
    queue = LineOfEach()
    queue.add(_job(1, number) for number in range(3))
    (first,) = _taken(queue)
    queue.note(Ended(first, TemporaryError("")))
    assert _taken(queue) == [] and queue.ready() == 0 and len(queue) == 2
    queue.settled([1])
    assert [job.delivery.pk for job in _taken(queue)] == [1]


def test_a_rate_spaces_the_calls(settings: Any) -> None:
    settings.WEBHOOK_RATE = 10.0
    now = [100.0]
    queue = LineOfEach(lambda: now[0])
    queue.add(_job(1, number) for number in range(3))
    for _ in range(3):
        (job,) = _taken(queue)
        told(queue, job, Receipt())
        assert _taken(queue) == []
        if len(queue):
            assert queue.next_in() == pytest.approx(0.1)
        now[0] += 0.1
    assert queue.next_in() is None


def test_what_is_dropped_is_begun_no_more() -> None:
    queue = LineOfEach()
    queue.add(_job(channel, 10 * channel) for channel in (1, 2))
    assert [job.delivery.channel_id for job in queue.drop({1})] == [1]
    assert [job.delivery.channel_id for job in queue.drop()] == [2]
    assert len(queue) == 0
