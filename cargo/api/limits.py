"""How much one source may push: a bucket of ``PUSH_BURST`` tokens that fills by ``PUSH_RATE`` a second.

Kept in Redis where there is one, so that all web processes count together, and in the process's own memory otherwise or
while Redis does not answer: the limit is then each process's own, and never open. No database is asked. The arithmetic
is the virtual scheduling of GCRA (ITU-T I.371): one time stamp a source instead of a count and a time stamp.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

# The same as ``_from_memory``, by Redis' own clock; gives the microseconds to wait.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
local wait = full - tonumber(ARGV[2]) - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return 0
"""
_TIMEOUT = 0.25
# After a failure Redis is left alone for so long, so that not every push waits for it.
_PAUSE = 5.0

_lock = threading.Lock()
_full_at: dict[int, float] = {}
_redis_again_at = 0.0


def seconds_to_wait(source_id: int) -> float:
    """0, and a token is taken; or how long until there is one."""
    if settings.PUSH_RATE == 0:
        return 0.0
    interval = 1 / settings.PUSH_RATE
    if settings.REDIS_URL and time.monotonic() >= _redis_again_at:
        try:
            return _from_redis(source_id, interval, settings.PUSH_BURST)
        except redis.RedisError as error:
            _leave_redis(error)
    return _from_memory(source_id, interval, settings.PUSH_BURST, time.monotonic())


def _from_memory(source_id: int, interval: float, burst: int, now: float) -> float:
    """``_full_at``: when the bucket would be full again if nothing more came."""
    with _lock:
        full = max(_full_at.get(source_id, 0.0), now) + interval
        wait = full - burst * interval - now
        if wait > 1e-9:
            return wait
        _full_at[source_id] = full
        return 0.0


def _from_redis(source_id: int, interval: float, burst: int) -> float:
    step = interval * 1_000_000
    script = _client(settings.REDIS_URL)
    waited: int = script(keys=[f"clis:push:{source_id}"], args=[step, step * burst])
    return waited / 1_000_000


@cache
def _client(url: str) -> redis.commands.core.Script:
    client = redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
    return client.register_script(_SCRIPT)


def _leave_redis(error: redis.RedisError) -> None:
    global _redis_again_at
    _redis_again_at = time.monotonic() + _PAUSE
    logger.warning("Redis does not answer, each web process counts pushes for itself: %s", error)
