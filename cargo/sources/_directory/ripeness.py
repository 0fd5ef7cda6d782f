"""Which files are ripe: those whose size and time of change have been the same for long enough, by our own clock."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import timedelta

from django.core.cache import cache

from cargo.sources._directory.files import Directory, Found, is_wanted
from cargo.sources.base import Result, Run

logger = logging.getLogger(__name__)

# How long an observation is remembered, and of how many files: far more than a run takes.
_REMEMBERED = 24 * 3600
_MOST = 10_000

# Name → size, time of change, and since when both have been so.
Seen = dict[bytes, tuple[int, float, float]]
_seen_here: dict[int, Seen] = {}


def ripe(run: Run, directory: Directory, result: Result) -> list[Found]:
    """The files that have not changed for long enough, the oldest first; notes the others for the next run."""
    needed = run.setting("stable_seconds")
    pattern = run.setting("pattern").encode()
    wanted = [found for found in directory.files(b"") if is_wanted(found.name, pattern)][:_MOST]
    if needed == 0:
        return sorted(wanted, key=_age)
    before = _recalled(run.intake.pk)
    now = time.time()
    seen = {}
    for found in wanted:
        size, modified, since = before.get(found.name, (-1, 0.0, now))
        same = (size, modified) == (found.size, found.modified) and since <= now
        seen[found.name] = (found.size, found.modified, since if same else now)
    _remember(run.intake.pk, seen)
    ripe = [found for found in wanted if now - seen[found.name][2] >= needed]
    result.waiting = len(wanted) - len(ripe)
    if result.waiting:
        result.again_in = timedelta(seconds=needed)
    return sorted(ripe, key=_age)


def _recalled(intake_id: int) -> Seen:
    """What the last run saw, in whichever process it ran; without the cache, what this process saw."""
    try:
        return cache.get(f"intake-seen-{intake_id}") or {}
    except Exception as error:
        logger.warning("the cache does not answer: %s", error)
        return _seen_here.get(intake_id, {})


def _remember(intake_id: int, seen: Seen) -> None:
    _seen_here[intake_id] = seen
    with suppress(Exception):
        cache.set(f"intake-seen-{intake_id}", seen, _REMEMBERED)


def _age(found: Found) -> tuple[float, bytes]:
    return found.modified, found.name
