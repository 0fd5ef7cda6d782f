"""Wake-ups: of many only the first is queued until a worker begins; each task goes to the worker that it is for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as configured
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings

from clis.celery import DELIVERIES, WORK, app
from clis.waking import begun, wake
from notifications.tasks import drain_updates

INBOX, UPDATES = "cargo.tasks.drain_inbox", "notifications.tasks.drain_updates"
SENDERS = (
    UPDATES,
    "notifications.tasks.drain_deliveries",
    "notifications.tasks.drain_letters",
    "notifications.tasks.ask_about_texts",
)
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put into the queue."""
    names: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **options: names.append(name))
    return names


@pytest.fixture
def flags(settings: Settings) -> None:
    """A cache that all processes share: Redis where the tests have one."""
    if not configured.REDIS_URL:
        settings.REDIS_URL = "redis://only-said-to-be-there"
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    for name in (INBOX, UPDATES):
        cache.delete(f"wake:{name}")


@pytest.mark.django_db(transaction=True)
def test_of_many_wake_ups_the_first_is_queued_until_a_worker_begins(sent: list[str], flags: None) -> None:
    for _ in range(500):
        wake(INBOX)
    wake(UPDATES)
    assert sent == [INBOX, UPDATES]
    begun(INBOX)
    wake(INBOX)
    wake(UPDATES)
    assert sent == [INBOX, UPDATES, INBOX]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_begins_a_task_says_so(sent: list[str], flags: None) -> None:
    wake(UPDATES)
    drain_updates.apply()
    wake(UPDATES)
    assert sent == [UPDATES, UPDATES]


@pytest.mark.django_db(transaction=True)
def test_wake_ups_that_say_what_to_do_are_all_queued(sent: list[str], flags: None) -> None:
    for code in ("A", "A", "B"):
        wake("cargo.tasks.read_again", 1, "dcsa", code)
    assert len(sent) == 3


@pytest.mark.django_db(transaction=True)
def test_without_redis_every_wake_up_is_queued(sent: list[str], settings: Settings) -> None:
    settings.REDIS_URL = ""
    wake(INBOX)
    wake(INBOX)
    assert sent == [INBOX, INBOX]


@pytest.mark.django_db
def test_nobody_is_woken_before_the_commit(
    sent: list[str], flags: None, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        wake(INBOX)
        assert sent == []
    assert sent == [INBOX]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_wakes_nobody_and_holds_up_nobody(sent: list[str], flags: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        wake(INBOX)
        raise RuntimeError
    assert sent == []
    wake(INBOX)
    assert sent == [INBOX]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_told_of_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, flags: None, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def refuse(name: str, **options: Any) -> None:
        tried.append(name)
        raise OperationalError("Connection refused")

    monkeypatch.setattr(app, "send_task", refuse)
    with caplog.at_level(logging.WARNING, "clis.waking"):
        wake(INBOX)
        wake(INBOX)
    assert tried == [INBOX, INBOX]
    assert caplog.messages == ["the broker could not be reached, the sweep will do it: Connection refused"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_cache_that_is_down_stops_no_wake_up(
    sent: list[str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}
    }
    with caplog.at_level(logging.WARNING, "clis.waking"):
        wake(INBOX)
        wake(INBOX)
        begun(INBOX)
    assert sent == [INBOX, INBOX]
    assert len(caplog.messages) == 3


def test_what_waits_for_others_has_a_queue_of_its_own() -> None:
    broker = Celery("test", broker="memory://", set_as_current=False)
    broker.conf.update({key: app.conf[key] for key in ("task_queues", "task_routes", "task_default_queue")})
    for name in (*SENDERS, INBOX):
        broker.send_task(name)
    with broker.connection_for_read() as connection:
        waiting = {name: [] for name in (WORK, DELIVERIES)}
        for name, found in waiting.items():
            queue = connection.SimpleQueue(broker.amqp.queues[name])
            while queue.qsize():
                found.append(queue.get_nowait().headers["task"])
    assert waiting == {WORK: [INBOX], DELIVERIES: list(SENDERS)}


def test_a_worker_that_is_not_told_which_queues_takes_all() -> None:
    assert set(app.amqp.queues.consume_from) == {WORK, DELIVERIES}


def test_no_sweep_waits_longer_than_its_next_but_one() -> None:
    """A worker that is busy for long finds two of them at most."""
    too_long = [
        name
        for name, row in app.conf.beat_schedule.items()
        if isinstance(row["schedule"], float) and not row["options"]["expires"] <= 2 * row["schedule"]
    ]
    assert too_long == []


def test_what_is_owed_is_swept_by_beat() -> None:
    assert set(SENDERS) <= {row["task"] for row in app.conf.beat_schedule.values()}
