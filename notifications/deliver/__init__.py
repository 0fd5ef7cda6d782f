"""Sends what is owed, until nothing is.

A delivery is claimed by a conditional UPDATE with a token and a lease (``claim``); each try is written down and
committed before it begins, and what came of it after (``outcome``). So a worker may die anywhere: its e-mails are sent
again with the same Message-ID (at most one is doubled a death), a text whose try has no end becomes ``unknown`` and
is not sent again.

Every kind of channel has a lane of its own, with its own threads and its own claims, so a slow provider holds up
nobody else. Threads only talk to providers; the database is touched by the calling thread alone.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack

from notifications.deliver import outcome
from notifications.deliver.claim import StillTrue, claim, give_up_on_the_dead, prepared
from notifications.deliver.outcome import Job
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


def deliver(still_true: StillTrue) -> int:
    """Sends until nothing is owed now; returns the number of tries. ``still_true`` says which updates still stand."""
    with ExitStack() as stack:
        lanes = [_Lane(kind, still_true, stack) for kind in TRANSPORTS]
        while True:
            for lane in lanes:
                lane.fill()
            running = {future: lane for lane in lanes for future in lane.running}
            if not running:
                return sum(lane.tries for lane in lanes)
            done, _ = wait(running, timeout=IDLE_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                running[future].settle(future)


class _Lane:
    """The deliveries of one kind of channel, a few at a time."""

    def __init__(self, kind: str, still_true: StillTrue, stack: ExitStack) -> None:
        self._kind = kind
        self._still_true = still_true
        self._transport: Transport | None = transport_for(kind)
        self._sender: Sender | None = None
        self._pool = ThreadPoolExecutor(self._transport.concurrency if self._transport else 1)
        self._stack = stack
        self._waiting: deque[Job] = deque()
        self._quiet_until = 0.0
        self.running: dict[Future[Receipt], Job] = {}
        self.tries = 0
        stack.callback(self._pool.shutdown)
        stack.callback(self._release)

    def fill(self) -> None:
        """Claims when nothing is in hand, and begins as many tries as there are free threads."""
        while not self._waiting and time.monotonic() >= self._quiet_until:
            self._claim()
        while self._waiting and self._transport and len(self.running) < self._transport.concurrency:
            job = self._waiting.popleft()
            if outcome.begin(job):
                self.tries += 1
                self.running[self._pool.submit(self._open().send, job.message)] = job

    def settle(self, future: Future[Receipt]) -> None:
        """Writes down what came of a try. A provider out of reach ends the lane for this time."""
        job = self.running.pop(future)
        error = future.exception()
        if error is None:
            outcome.accepted(job, future.result())
            return
        if not isinstance(error, TransportError):
            logger.error("delivery %s: the transport failed", job.delivery.pk, exc_info=error)
            error = UnknownOutcomeError(f"{type(error).__name__}: {error}")
        assert self._transport is not None
        outcome.refused(job, error, self._transport.may_repeat)
        if isinstance(error, UnreachableError):
            self._quiet_until = float("inf")
            self._release()

    def _open(self) -> Sender:
        if self._sender is None:
            assert self._transport is not None
            self._sender = self._stack.enter_context(self._transport.open())
        return self._sender

    def _claim(self) -> None:
        give_up_on_the_dead(self._kind)
        claimed = claim(self._kind)
        if not claimed:
            self._quiet_until = time.monotonic() + IDLE_SECONDS
            return
        self._waiting.extend(prepared(claimed, self._still_true, self._transport is not None))

    def _release(self) -> None:
        """Gives back what was claimed and not begun; it costs no try."""
        outcome.give_back([job.delivery for job in self._waiting])
        self._waiting.clear()
