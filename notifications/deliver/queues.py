"""What a lane has in hand: claimed and checked, not begun. A queue says which jobs may begin now."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from django.conf import settings

from notifications.deliver.outcome import Ended, Job
from notifications.models import Channel, Delivery
from notifications.transports.base import Receipt

# An endpoint that answered its last request within this many seconds is quick.
QUICK_SECONDS = 1.0
# At the same time: requests to quick endpoints, where more threads only cost processor time; to all others together,
# which mostly wait; to one endpoint, and to one that has not answered yet.
QUICK_AT_ONCE, OTHERS_AT_ONCE, AT_ONE, AT_UNKNOWN = 16, 240, 2, 1
IN_HAND = 2_000
# Known of endpoints in this process, over its drains: who was quick when called last.
_quick: set[int] = set()


class Queue(Protocol):
    """How a lane keeps its jobs."""

    def __len__(self) -> int: ...

    def add(self, jobs: Iterable[Job]) -> None: ...

    def is_low(self) -> bool:
        """Whether more should be claimed."""

    def busy(self) -> Collection[int]:
        """Channels of which no more should be claimed."""

    def take(self, number: int) -> list[Job]:
        """At most so many, of those that may begin now."""

    def leave(self, delivery: Delivery) -> None:
        """Frees the place of a job that was taken."""

    def note(self, ended: Sequence[Ended]) -> bool:
        """What came of tries that were taken; whether anybody was quick about it."""

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        """Takes out the jobs of these channels, or all."""

    def next_in(self) -> float | None:
        """Seconds until one may begin that may not yet; None if time alone changes nothing."""


class OneLine:
    """First come, first served."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, jobs: Iterable[Job]) -> None:
        self._jobs.extend(jobs)

    def is_low(self) -> bool:
        return not self._jobs

    def busy(self) -> Collection[int]:
        return ()

    def take(self, number: int) -> list[Job]:
        return [self._jobs.popleft() for _ in range(min(number, len(self._jobs)))]

    def leave(self, delivery: Delivery) -> None:
        """One line has no places to free."""

    def note(self, ended: Sequence[Ended]) -> bool:
        return True

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        jobs, self._jobs = list(self._jobs), deque()
        gone = [job for job in jobs if channels is None or job.delivery.channel_id in channels]
        self._jobs.extend(job for job in jobs if channels is not None and job.delivery.channel_id not in channels)
        return gone

    def next_in(self) -> float | None:
        return None


class LineOfEach:
    """A line of each endpoint: one that is slow or dead holds up nobody but itself, and none is called too often.

    Whoever is not known to be quick waits among its like: there are threads for all of them at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[int, deque[Job]] = {}
        self._running: Counter[int] = Counter()
        self._as_quick: dict[int, bool] = {}  # by delivery: where it was counted when it began
        self._quick_running = 0
        self._others_running = 0
        self._well: set[int] = set()
        self._not_before: dict[int, float] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._lines.setdefault(job.delivery.channel_id, deque()).append(job)

    def is_low(self) -> bool:
        """Little that could begin now: what waits for an endpoint that is being called does not count."""
        if len(self) >= IN_HAND:
            return False
        ready = (len(line) for channel, line in self._lines.items() if self._running[channel] < self._at_once(channel))
        return sum(ready) < 2 * QUICK_AT_ONCE

    def busy(self) -> Collection[int]:
        return list(self._lines)

    def take(self, number: int) -> list[Job]:
        taken: list[Job] = []
        now = self._clock()
        for channel in list(self._lines):
            while len(taken) < number and self._may_begin(channel, now):
                taken.append(self._begin(channel, now))
            if channel in self._lines:
                self._lines[channel] = self._lines.pop(channel)  # to the end: the others come first next time
            if len(taken) >= number:
                break
        return taken

    def note(self, ended: Sequence[Ended]) -> bool:
        for one in ended:
            channel = one.job.delivery.channel_id
            self.leave(one.job.delivery)
            well = isinstance(one.result, Receipt)
            (self._well.add if well else self._well.discard)(channel)
            (_quick.add if well and one.job.seconds < QUICK_SECONDS else _quick.discard)(channel)
        return any(one.job.delivery.channel_id in _quick for one in ended)

    def leave(self, delivery: Delivery) -> None:
        self._running[delivery.channel_id] -= 1
        if self._running[delivery.channel_id] <= 0:
            del self._running[delivery.channel_id]
        if self._as_quick.pop(delivery.pk):
            self._quick_running -= 1
        else:
            self._others_running -= 1

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        gone: list[Job] = []
        for channel in list(self._lines) if channels is None else channels:
            gone += self._lines.pop(channel, ())
        return gone

    def next_in(self) -> float | None:
        now = self._clock()
        waits = [wait for channel in self._lines if (wait := self._not_before.get(channel, 0.0) - now) > 0]
        return min(waits) if waits else None

    def _may_begin(self, channel: int, now: float) -> bool:
        if channel not in self._lines or self._not_before.get(channel, 0) > now:
            return False
        if self._running[channel] >= self._at_once(channel):
            return False
        return self._quick_running < QUICK_AT_ONCE if channel in _quick else self._others_running < OTHERS_AT_ONCE

    def _at_once(self, channel: int) -> int:
        return AT_ONE if channel in _quick or channel in self._well else AT_UNKNOWN

    def _begin(self, channel: int, now: float) -> Job:
        line = self._lines[channel]
        job = line.popleft()
        if not line:
            del self._lines[channel]
        self._running[channel] += 1
        self._not_before[channel] = max(now, self._not_before.get(channel, 0)) + 1 / settings.WEBHOOK_RATE
        quick = self._as_quick[job.delivery.pk] = channel in _quick
        if quick:
            self._quick_running += 1
        else:
            self._others_running += 1
        return job


def queue_for(kind: str) -> Queue:
    """A line for each endpoint, one line for everything else."""
    return LineOfEach() if kind == Channel.Kind.WEBHOOK else OneLine()
