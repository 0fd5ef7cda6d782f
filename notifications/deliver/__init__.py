"""Sends what is owed, until nothing is.

A delivery is claimed by a conditional UPDATE with a token and a lease (``claim``); each try is written down and
committed before it begins, and what came of it after (``outcome``). So a worker may die anywhere: its e-mails are sent
again with the same Message-ID (at most one is doubled a death) and its webhooks with the same webhook-id (at most as
many as were under way), a text whose try has no end becomes ``unknown`` and is not sent again.

Every kind of channel has a lane of its own, with its own threads and its own claims, and in the lane of the webhooks
every endpoint has a line of its own (``queues``): whoever is slow holds up nobody else. Threads only talk to providers;
the database is touched by the calling thread alone.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import Empty, SimpleQueue

from notifications.deliver import outcome
from notifications.deliver.claim import StillTrue, claim, give_up_on_the_dead, open_in, prepared, still_so
from notifications.deliver.outcome import Ended, Job
from notifications.deliver.queues import queue_for
from notifications.transports import TRANSPORTS, transport_for
from notifications.transports.base import (
    Receipt,
    Sender,
    Transport,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
# Tries that are written down together before the first is made, where one is made at a time; one that has waited
# for so many seconds is looked at anew.
AHEAD, AHEAD_SECONDS = 20, 2.0
# A drain waits so long for an endpoint that may be called again soon, and claims no more when for so many seconds it
# has but waited for slow ones: then the worker is free for others, and the sweep wakes the next drain.
SOON_SECONDS, CLAIMS_FOR = 2.0, 30.0

Done = SimpleQueue[tuple["_Lane", Ended]]


def deliver(still_true: StillTrue) -> int:
    """Sends until nothing is owed now; returns the number of tries. ``still_true`` says which updates still stand."""
    done: Done = SimpleQueue()
    with ExitStack() as stack:
        lanes = [_Lane(kind, still_true, stack, done) for kind in TRANSPORTS]
        while True:
            for lane in lanes:
                lane.fill()
            if not any(lane.running for lane in lanes):
                waits = [wait for lane in lanes if (wait := lane.next_in()) is not None]
                if not waits:
                    return sum(lane.tries for lane in lanes)
                time.sleep(min(waits))
                continue
            for lane, ended in _collected(done, lanes).items():
                lane.settle(ended)


def _collected(done: Done, lanes: list[_Lane]) -> dict[_Lane, list[Ended]]:
    """What has ended by now, at least one if any does within a second."""
    found: dict[_Lane, list[Ended]] = {}
    waits = [wait for lane in lanes if (wait := lane.wakes_in()) is not None]
    try:
        lane, ended = done.get(timeout=max(0.001, min([IDLE_SECONDS, *waits])))
        while True:
            found.setdefault(lane, []).append(ended)
            lane, ended = done.get_nowait()
    except Empty:
        return found


class _Lane:
    """The deliveries of one kind of channel, a few at a time."""

    def __init__(self, kind: str, still_true: StillTrue, stack: ExitStack, done: Done) -> None:
        self._kind = kind
        self._still_true = still_true
        self._transport: Transport | None = transport_for(kind)
        self._sender: Sender | None = None
        self._places = self._transport.concurrency if self._transport else 1
        self._pool = ThreadPoolExecutor(self._places)
        self._stack = stack
        self._done = done
        self._queue = queue_for(kind)
        self._begun: deque[tuple[float, Job]] = deque()
        self._quiet_until = 0.0
        self._claims_until = time.monotonic() + CLAIMS_FOR
        self.running = 0
        self.tries = 0
        stack.callback(self._pool.shutdown)
        stack.callback(self._release)

    def fill(self) -> None:
        """Claims when little is in hand, and begins as many tries as there are free threads."""
        while self._queue.is_low() and self._quiet_until <= time.monotonic() < self._claims_until:
            self._claim()
        if self._transport is None:
            return
        free = self._places - self.running
        if len(self._begun) < free:
            alone = self._places == 1 and self._transport.may_repeat
            self._begin((AHEAD if alone else free) - len(self._begun))
        while self._begun and self.running < self._places:
            since, job = self._begun.popleft()
            if time.monotonic() - since > AHEAD_SECONDS:
                outcome.retract([job])
                if not outcome.begin(still_so([job], self._still_true)):
                    continue
            self.running += 1
            self.tries += 1
            self._pool.submit(self._try, self._open(), job)

    def settle(self, ended: list[Ended]) -> None:
        """Writes down what came of tries. A provider out of reach ends the lane for this time."""
        self.running -= len(ended)
        stopped = outcome.settle(ended)
        if self._queue.note(ended):
            self._claims_until = time.monotonic() + CLAIMS_FOR
        if stopped:
            outcome.give_back([job.delivery for job in self._queue.drop(stopped)])
        if any(isinstance(one.result, UnreachableError) for one in ended):
            self._quiet_until = float("inf")
            self._release()

    def wakes_in(self) -> float | None:
        """Seconds until it may claim or begin something, while other tries run; None if not before one of them ends."""
        waits = [self._queue.next_in(), self._quiet_until - time.monotonic() if self._queue.is_low() else None]
        known = [wait for wait in waits if wait is not None and wait < IDLE_SECONDS]
        return min(known) if known else None

    def next_in(self) -> float | None:
        """Seconds until it may go on by itself, nothing being under way; None if there is nothing to wait for."""
        if self._transport is None:
            return None
        if len(self._queue) or self._begun:
            return self._queue.next_in() or 0.0
        now = time.monotonic()
        opening = open_in(self._kind) if now < self._claims_until else None
        if opening is None or opening > SOON_SECONDS:
            return None
        return max(opening, min(self._quiet_until - now, IDLE_SECONDS), 0.01)

    def _begin(self, number: int) -> None:
        jobs = self._queue.take(number)
        begun = outcome.begin(still_so(jobs, self._still_true))
        since = time.monotonic()
        self._begun.extend((since, job) for job in begun)
        for job in jobs:
            if job.attempt is None:
                self._queue.leave(job.delivery)

    def _try(self, sender: Sender, job: Job) -> None:
        """In a thread of the pool: whatever happens comes back as a result."""
        began = time.monotonic()
        result: Receipt | TransportError
        try:
            result = sender.send(job.message)
        except TransportError as error:
            result = error
        except BaseException as error:
            logger.error("delivery %s: the transport failed", job.delivery.pk, exc_info=error)
            result = UnknownOutcomeError(f"{type(error).__name__}: {error}")
        job.seconds = time.monotonic() - began
        self._done.put((self, Ended(job, result)))

    def _open(self) -> Sender:
        if self._sender is None:
            assert self._transport is not None
            self._sender = self._stack.enter_context(self._transport.open())
        return self._sender

    def _claim(self) -> None:
        give_up_on_the_dead(self._kind)
        busy = self._queue.busy()
        claimed = claim(self._kind, busy=busy)
        if not claimed:
            opening = open_in(self._kind, busy)
            wait = IDLE_SECONDS if opening is None else min(IDLE_SECONDS, max(opening, 0.01))
            self._quiet_until = time.monotonic() + wait
            return
        self._queue.add(prepared(claimed, self._still_true, self._transport is not None))

    def _release(self) -> None:
        """Gives back what was claimed and not tried; it costs no try."""
        begun = [job for _since, job in self._begun]
        self._begun.clear()
        outcome.retract(begun)
        for job in begun:
            self._queue.leave(job.delivery)
        outcome.give_back([job.delivery for job in [*begun, *self._queue.drop()]])
