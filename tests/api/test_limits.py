"""The bucket of a source: how much at once, how it fills, and what happens without Redis."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
import redis

from cargo.api import limits
from tests.services import redis_url

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _fresh(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUSH_RATE, settings.PUSH_BURST, settings.REDIS_URL = 10.0, 3, ""
    monkeypatch.setattr(limits, "_full_at", {})
    monkeypatch.setattr(limits, "_redis_again_at", 0.0)


def asked(times: list[float], interval: float = 0.1, burst: int = 3) -> list[float]:
    """The answers at these seconds."""
    return [round(limits._from_memory(1, interval, burst, at), 3) for at in times]


def test_so_many_at_once_and_then_by_the_rate() -> None:
    assert asked([100.0] * 4) == [0, 0, 0, 0.1]
    assert asked([100.05, 100.1, 100.1]) == [0.05, 0, 0.1]


def test_it_is_full_again_after_a_while_and_never_more_than_full() -> None:
    assert asked([100.0] * 3) == [0, 0, 0]
    assert asked([500.0] * 4) == [0, 0, 0, 0.1]


def test_refusals_do_not_lengthen_the_wait() -> None:
    assert asked([100.0] * 10)[-1] == 0.1
    assert asked([100.1]) == [0]


def test_sources_are_counted_apart() -> None:
    assert [limits.seconds_to_wait(1) for _ in range(3)] == [0, 0, 0]
    assert limits.seconds_to_wait(1) > 0
    assert limits.seconds_to_wait(2) == 0


def test_no_limit(settings: Any) -> None:
    settings.PUSH_RATE = 0.0
    assert {limits.seconds_to_wait(1) for _ in range(100)} == {0.0}


def test_without_redis_each_process_counts_for_itself(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = NOBODY_LISTENS
    assert [limits.seconds_to_wait(1) for _ in range(3)] == [0, 0, 0]
    assert limits.seconds_to_wait(1) > 0
    assert caplog.text.count("Redis does not answer") == 1


@pytest.mark.redis
def test_in_redis_all_processes_count_together(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = redis_url()
    if url is None:
        pytest.skip("there is no Redis on this machine")
    settings.REDIS_URL, settings.PUSH_RATE = url, 0.1
    name = uuid4().int % 10**12
    try:
        assert [limits.seconds_to_wait(name) for _ in range(3)] == [0, 0, 0]
        limits._client.cache_clear()
        assert 9 < limits.seconds_to_wait(name) <= 10
        assert limits._full_at == {}
        left = redis.Redis.from_url(url).pttl(f"clis:push:{name}")
        assert 29_000 < left <= 31_000
    finally:
        redis.Redis.from_url(url).delete(f"clis:push:{name}")


@pytest.mark.redis
def test_in_redis_it_fills_by_the_rate(settings: Any) -> None:
    url = redis_url()
    if url is None:
        pytest.skip("there is no Redis on this machine")
    settings.REDIS_URL, settings.PUSH_RATE, settings.PUSH_BURST = url, 2.0, 1
    name = uuid4().int % 10**12
    assert limits.seconds_to_wait(name) == 0
    wait = limits.seconds_to_wait(name)
    assert 0 < wait <= 0.5
    time.sleep(wait + 0.01)
    assert limits.seconds_to_wait(name) == 0
