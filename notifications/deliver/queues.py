"""What a lane has in hand: claimed, checked and begun, not yet sent. A queue says which job may go out next.

A lane's threads take from it and tell it what came of each; its lock is the lane's.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from math import ceil
from typing import Protocol

from django.conf import settings

from notifications.deliver.outcome import QUICK_SECONDS, Ended, Job
from notifications.models import Channel, Delivery
from notifications.transports.base import Receipt

# At the same time: requests to endpoints that are not quick, which mostly wait; to one endpoint, and to one that has
# not answered yet.
OTHERS_AT_ONCE, AT_ONE, AT_UNKNOWN = 240, 2, 1
# To quick ones together as many as keep this pace, by how long they take: what is under way when a process is killed
# may go out once more, and more threads than that only cost processor time. One, until the first has answered.
PACE, AT_LEAST, AT_MOST = 300, 1, 32
# How much the last one says of how long they take.
WEIGHT = 0.1
IN_HAND = 2_000
# With fewer than these in hand, mails or webhooks that could go out now, the next ones are claimed while these go out.
FEW, LOW = 75, 128


class Queue(Protocol):
    """How a lane keeps its jobs."""

    def __len__(self) -> int: ...

    def add(self, jobs: Iterable[Job]) -> None: ...

    def is_low(self, under_way: int) -> bool:
        """Whether more should be claimed, so many being under way."""

    def busy(self) -> Collection[int]:
        """Channels of which no more should be claimed."""

    def ready(self) -> int:
        """How many may go out now, at least one if any may."""

    def take(self) -> Job | None:
        """The next that may go out now."""

    def leave(self, delivery: Delivery) -> None:
        """Frees the place of a job that was taken and is not tried."""

    def note(self, ended: Ended) -> None:
        """What came of a try that was taken."""

    def settled(self, channels: Iterable[int]) -> None:
        """What came of their tries is written down, and who is to rest is known."""

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        """Takes out the jobs of these channels, or all."""

    def next_in(self) -> float | None:
        """Seconds until one may go out that may not yet; None if time alone changes nothing."""


class OneLine:
    """First come, first served."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, jobs: Iterable[Job]) -> None:
        self._jobs.extend(jobs)

    def is_low(self, under_way: int) -> bool:
        return len(self._jobs) + under_way < FEW

    def busy(self) -> Collection[int]:
        return ()

    def ready(self) -> int:
        return len(self._jobs)

    def take(self) -> Job | None:
        return self._jobs.popleft() if self._jobs else None

    def leave(self, delivery: Delivery) -> None:
        """One line has no places to free."""

    def note(self, ended: Ended) -> None:
        """Nor does it learn anything."""

    def settled(self, channels: Iterable[int]) -> None:
        """Nobody rests in it."""

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        jobs, self._jobs = list(self._jobs), deque()
        gone = [job for job in jobs if channels is None or job.delivery.channel_id in channels]
        self._jobs.extend(job for job in jobs if channels is not None and job.delivery.channel_id not in channels)
        return gone

    def next_in(self) -> float | None:
        return None


class LineOfEach:
    """A line of each endpoint: one that is slow or dead holds up nobody but itself, and none is called too often.

    Whoever is not known to be quick (``Endpoint.quick``) waits among its like: there are threads for all of them at
    once. Who has failed rests until that is written down, since four failures in a row pause it. A line that may go on
    stands in one of two rows (the quick and the others), or among those that may later; one that may not stands
    nowhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[int, deque[Job]] = {}
        self._rows: dict[bool, dict[int, None]] = {True: {}, False: {}}
        self._later: list[tuple[float, int]] = []
        self._waiting: set[int] = set()
        self._running: Counter[int] = Counter()
        self._began: dict[bool, dict[int, float]] = {True: {}, False: {}}  # by delivery, as its line stood then
        self._well: set[int] = set()
        self._quick: set[int] = set()
        self._seconds: float | None = None
        self._resting: set[int] = set()
        self._not_before: dict[int, float] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, jobs: Iterable[Job]) -> None:
        channels = set()
        for job in jobs:
            channel = job.delivery.channel_id
            if job.delivery.channel.endpoint.quick:
                self._quick.add(channel)
            self._lines.setdefault(channel, deque()).append(job)
            channels.add(channel)
        for channel in sorted(channels):
            self._place(channel)

    def is_low(self, under_way: int) -> bool:
        """Little that could go out now: what waits for an endpoint that is being called does not count."""
        if len(self) + under_way >= IN_HAND:
            return False
        standing = (len(self._lines[channel]) for row in self._rows.values() for channel in row)
        return sum(standing) < LOW

    def busy(self) -> Collection[int]:
        return list(self._lines)

    def ready(self) -> int:
        self._wake()
        return sum(max(0, min(self._room(quick), AT_ONE * len(row))) for quick, row in self._rows.items())

    def take(self) -> Job | None:
        self._wake()
        for quick, row in self._rows.items():
            if row and self._room(quick) > 0:
                return self._begin(next(iter(row)), quick)
        return None

    def note(self, ended: Ended) -> None:
        channel = ended.job.delivery.channel_id
        well = isinstance(ended.result, Receipt)
        (self._well.add if well else self._well.discard)(channel)
        (self._quick.add if ended.quick else self._quick.discard)(channel)
        if ended.quick:
            before = ended.job.seconds if self._seconds is None else self._seconds
            self._seconds = before + WEIGHT * (ended.job.seconds - before)
        if not well:
            self._resting.add(channel)
        self.leave(ended.job.delivery)

    def leave(self, delivery: Delivery) -> None:
        channel = delivery.channel_id
        self._running[channel] -= 1
        if self._running[channel] <= 0:
            del self._running[channel]
        for began in self._began.values():
            began.pop(delivery.pk, None)
        self._place(channel)

    def settled(self, channels: Iterable[int]) -> None:
        for channel in self._resting.intersection(channels):
            self._resting.discard(channel)
            self._place(channel)

    def drop(self, channels: Collection[int] | None = None) -> list[Job]:
        gone: list[Job] = []
        for channel in list(self._lines) if channels is None else channels:
            gone += self._lines.pop(channel, ())
            self._place(channel)
        return gone

    def next_in(self) -> float | None:
        self._wake()
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def is_quick(self, channel: int) -> bool:
        """As far as this drain knows."""
        return channel in self._quick

    def _room(self, quick: bool) -> int:
        """A quick one that takes its time this once is among the others as long as it does."""
        since = self._clock() - QUICK_SECONDS
        late = sum(began < since for began in self._began[True].values())
        if quick:
            return self._quick_at_once() - len(self._began[True]) + late
        return OTHERS_AT_ONCE - len(self._began[False]) - late

    def _quick_at_once(self) -> int:
        return max(AT_LEAST, min(ceil(PACE * (self._seconds or 0.0)), AT_MOST))

    def _wake(self) -> None:
        """Who may go on by now does."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            self._waiting.discard(channel := heapq.heappop(self._later)[1])
            self._place(channel)

    def _place(self, channel: int) -> None:
        """Where a line stands after something has changed for it."""
        for row in self._rows.values():
            row.pop(channel, None)
        if channel not in self._lines or channel in self._resting:
            return
        known = self.is_quick(channel) or channel in self._well
        if self._running[channel] >= (AT_ONE if known else AT_UNKNOWN):
            return
        if self._not_before.get(channel, 0.0) <= self._clock():
            self._rows[self.is_quick(channel)][channel] = None
        elif channel not in self._waiting:
            self._waiting.add(channel)
            heapq.heappush(self._later, (self._not_before[channel], channel))

    def _begin(self, channel: int, quick: bool) -> Job:
        line = self._lines[channel]
        job = line.popleft()
        if not line:
            del self._lines[channel]
        self._running[channel] += 1
        self._not_before[channel] = max(self._clock(), self._not_before.get(channel, 0)) + 1 / settings.WEBHOOK_RATE
        self._began[quick][job.delivery.pk] = self._clock()
        self._place(channel)
        return job


def queue_for(kind: str) -> Queue:
    """A line for each endpoint, one line for everything else."""
    return LineOfEach() if kind == Channel.Kind.WEBHOOK else OneLine()
