"""A lane: the deliveries of one kind of channel, sent by threads of its own."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from notifications.deliver import outcome
from notifications.deliver.claim import StillTrue, claim, give_up_on_the_dead, open_in, prepared, still_so
from notifications.deliver.journal import Journal
from notifications.deliver.next_deadline import OpenDeadlines
from notifications.deliver.outcome import Ended, Job
from notifications.deliver.queues import queue_for
from notifications.models import Channel
from notifications.render.place_names import PlaceNames
from notifications.transports import TRANSPORTS, transport_for
from notifications.transports.base import (
    Receipt,
    Sender,
    TemporaryError,
    Transport,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

# Who has waited so many seconds since its try was written down is looked at anew.
AHEAD_SECONDS = 2.0
# A drain waits so long for an endpoint that may be called again soon, and a lane claims no more when for so many
# seconds it has but waited for slow ones: then the worker is free for others, and the sweep wakes the next drain. If
# other lanes keep the drain alive, it goes on when it has nothing in hand.
SOON_SECONDS, CLAIMS_FOR = 2.0, 30.0
# While others send, a provider out of reach is tried again after so many seconds.
OUT_OF_REACH_SECONDS = 60.0
# Claims before others have their turn.
CLAIMS_AT_ONCE = 4


class Came(NamedTuple):
    """What a thread hands back: a try that ended, or jobs that have waited too long to be tried unasked; ``failed`` is
    a fault of ours."""

    kind: str
    ended: Ended | None = None
    stale: Sequence[Job] = ()
    failed: BaseException | None = None


class Lane:
    """``fill`` and ``settle`` are its owner's, who alone touches the database; between them its threads send."""

    def __init__(
        self,
        kind: str,
        still_true: StillTrue,
        open_deadlines: OpenDeadlines,
        place_names: PlaceNames,
        stack: ExitStack,
        notes: Journal,
        came: SimpleQueue[Came],
        idle_seconds: float,
    ) -> None:
        self._kind = kind
        self._still_true, self._open_deadlines, self._place_names = still_true, open_deadlines, place_names
        self._transport: Transport | None = transport_for(kind)
        self._sender: Sender | None = None
        self._places = self._transport.concurrency if self._transport else 1
        self._pool = ThreadPoolExecutor(self._places)
        self._stack = stack
        self._notes = notes
        self._came = came
        self._idle_seconds = idle_seconds
        self._lock = Lock()
        self._queue = queue_for(kind)
        self._waiting: deque[Job] = deque()
        self._threads = 0
        self._halted = self._stopped = False
        self._quiet_until = 0.0
        self._more = False
        self._claims_until = time.monotonic() + CLAIMS_FOR
        self.under_way = 0
        self.tries = 0
        stack.callback(self._release)

    def halt(self) -> None:
        """Begins nothing more; what is under way ends."""
        with self._lock:
            self._halted = self._stopped = True

    def rest(self) -> None:
        """Others keep the drain alive: one with nothing in hand may claim anew, and try anew who was out of reach."""
        now = time.monotonic()
        with self._lock:
            if self.under_way or self._waiting or len(self._queue):
                return
            self._claims_until = now + CLAIMS_FOR
            if not self._stopped and now >= self._quiet_until:
                self._halted = False

    def fill(self) -> None:
        """Claims when little is in hand, writes down the tries that are next, and has threads make them."""
        for _ in range(CLAIMS_AT_ONCE):
            if self._halted or not self._is_low() or not self._quiet_until <= time.monotonic() < self._claims_until:
                break
            self._claim()
            self._begin()
        self._begin()
        with self._lock:
            wanted = min(self._places, self.under_way + self._queue.ready()) - self._threads
            if self._halted or wanted <= 0:
                return
            self._threads += wanted
        sender = self._open()
        for _ in range(wanted):
            self._pool.submit(self._send, sender)

    def settle(self, came: Sequence[Came]) -> None:
        """Writes down what came of tries. A provider out of reach ends the lane for this time."""
        for one in came:
            if one.failed is not None:
                raise one.failed
        ended = [one.ended for one in came if one.ended is not None]
        stopped = outcome.settle(ended)
        self._notes.forget(one.job.delivery.pk for one in ended)
        with self._lock:
            self.under_way -= sum(max(1, len(one.stale)) for one in came)
            dropped = self._queue.drop(stopped) if stopped else []
            self._queue.settled([one.job.delivery.channel_id for one in ended])
        self._give_back(dropped)
        self._look_anew([job for one in came for job in one.stale])
        if any(self._gets_on(one) for one in ended):
            self._claims_until = time.monotonic() + CLAIMS_FOR
        if self._halted:
            self._quiet_until = time.monotonic() + OUT_OF_REACH_SECONDS
            self._release()

    def may_bring(self, more_than: int) -> bool:
        """Whether something will come back beyond so much that did."""
        with self._lock:
            return self.under_way > more_than or (not self._halted and self._threads > 0 and self._queue.ready() > 0)

    def wakes_in(self) -> float | None:
        """Seconds until it may claim or send something, while other tries run; None if not before one of them ends."""
        with self._lock:
            waits = [self._queue.next_in()]
        if self._is_low():
            waits.append(self._quiet_until - time.monotonic())
        known = [max(0.001, wait) for wait in waits if wait is not None and wait < self._idle_seconds]
        return min(known) if known else None

    def next_in(self) -> float | None:
        """Seconds until it may go on by itself, nothing being under way; None if there is nothing to wait for."""
        if self._transport is None or self._halted:
            return None
        with self._lock:
            if len(self._queue) or self._waiting:
                return self._queue.next_in() or 0.001
        now = time.monotonic()
        if self._more and now < self._claims_until:
            return 0.0
        opening = open_in(self._kind) if now < self._claims_until else None
        if opening is None or opening > SOON_SECONDS:
            return None
        return max(opening, min(self._quiet_until - now, self._idle_seconds), 0.01)

    # --- of its threads ------------------------------------------------------------------------------

    def _send(self, sender: Sender) -> None:
        """One try after the other, until none may be made now."""
        try:
            while (came := self._next(sender)) is not None:
                self._came.put(came)
        except BaseException as error:
            self._came.put(Came(self._kind, failed=error))

    def _next(self, sender: Sender) -> Came | None:
        with self._lock:
            job = None if self._halted else self._queue.take()
            if job is None:
                self._threads -= 1
                return None
            if stale := self._stale(job):
                self.under_way += len(stale)
                return Came(self._kind, stale=stale)
            self.under_way += 1
        ended = Ended(job, self._try(sender, job) if self._noted(job) else TemporaryError("cannot be noted"))
        self._notes.ended(ended)
        with self._lock:
            self.tries += 1
            self._halted = self._halted or isinstance(ended.result, UnreachableError)
            self._queue.note(ended)
        return Came(self._kind, ended)

    def _stale(self, job: Job) -> list[Job]:
        """It and the others of its channel, if they have waited too long."""
        if time.monotonic() - job.begun < AHEAD_SECONDS:
            return []
        self._queue.leave(job.delivery)
        return [job, *self._queue.drop({job.delivery.channel_id})]

    def _noted(self, job: Job) -> bool:
        """Whether the try may be made: if it is noted that it is, or may be made twice."""
        return self._notes.began(job) or TRANSPORTS[self._kind].may_repeat

    @staticmethod
    def _try(sender: Sender, job: Job) -> Receipt | TransportError:
        """Whatever happens comes back as a result."""
        began = time.monotonic()
        try:
            return sender.send(job.message)
        except TransportError as error:
            return error
        except BaseException as error:
            logger.error("delivery %s: the transport failed", job.delivery.pk, exc_info=error)
            return UnknownOutcomeError(f"{type(error).__name__}: {error}")
        finally:
            job.seconds = time.monotonic() - began

    # --- of its owner --------------------------------------------------------------------------------

    def _gets_on(self, ended: Ended) -> bool:
        """Whether it is worth going on: who takes its time is one of many endpoints, or the one provider of a lane."""
        return ended.quick or (self._kind != Channel.Kind.WEBHOOK and isinstance(ended.result, Receipt))

    def _is_low(self) -> bool:
        with self._lock:
            return not self._waiting and self._queue.is_low(self.under_way)

    def _claim(self) -> None:
        give_up_on_the_dead(self._kind)
        with self._lock:
            busy = self._queue.busy()
        claimed = claim(self._kind, busy)
        self._more = bool(claimed)
        if not claimed:
            opening = open_in(self._kind, busy)
            wait = self._idle_seconds if opening is None else min(self._idle_seconds, max(opening, 0.01))
            self._quiet_until = time.monotonic() + wait
            return
        self._notes.claimed(claimed[0].lease_token, [delivery.pk for delivery in claimed])
        switched_on = self._transport is not None
        jobs = prepared(claimed, self._still_true, switched_on, self._open_deadlines, self._place_names)
        kept = {job.delivery.pk for job in jobs}
        self._notes.forget(delivery.pk for delivery in claimed if delivery.pk not in kept)
        self._waiting.extend(jobs)

    def _begin(self) -> None:
        """All of them where a try may be repeated; where it may not, only those that threads are about to take."""
        if self._transport is None:
            return
        number = len(self._waiting)
        if not self._transport.may_repeat:
            with self._lock:
                number = max(0, min(number, 5 * self._places - self.under_way - len(self._queue)))
        jobs = [self._waiting.popleft() for _ in range(number)]
        begun = outcome.begin(still_so(jobs, self._still_true, self._place_names))
        self._notes.forget(job.delivery.pk for job in jobs if job.attempt is None)
        now = time.monotonic()
        for job in begun:
            job.begun = now
        with self._lock:
            self._queue.add(begun)

    def _look_anew(self, jobs: Sequence[Job]) -> None:
        outcome.retract(jobs)
        self._waiting.extend(jobs)

    def _give_back(self, jobs: Sequence[Job]) -> None:
        """What was claimed and not tried; it costs no try."""
        outcome.retract([job for job in jobs if job.attempt is not None])
        outcome.give_back([job.delivery for job in jobs])
        self._notes.forget(job.delivery.pk for job in jobs)

    def _open(self) -> Sender:
        if self._sender is None:
            assert self._transport is not None
            self._sender = self._stack.enter_context(self._transport.open())
            # Before it is closed, and the other way round: no thread begins anything, and all have ended.
            self._stack.callback(self._pool.shutdown)
            self._stack.callback(self.halt)
        return self._sender

    def _release(self) -> None:
        with self._lock:
            jobs = [*self._waiting, *self._queue.drop()]
            self._waiting.clear()
        self._give_back(jobs)
