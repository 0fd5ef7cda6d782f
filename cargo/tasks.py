"""Celery: one short task a hand-over, and the sweeps. The only file that knows the order of the steps.

A task is a wake-up: it works off whatever the tables say is owed, so a lost or doubled task changes nothing.
"""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from celery import shared_task
from django.db import connection, transaction

from cargo.domain.event import Event, Retraction
from cargo.models import bulk
from cargo.models.journal import Message
from cargo.pipeline import batch, inspection, project, rematch, replay
from cargo.pipeline.batch import Decoded, Prepared
from cargo.pipeline.decode import decode
from cargo.pipeline.normalize import normalize
from cargo.pipeline.project import Due
from cargo.pipeline.record import look_for, outcome, prepare, record, record_parts

logger = logging.getLogger(__name__)


class Worked(NamedTuple):
    """What a drain did."""

    messages: int
    shipments: int


@shared_task(name="cargo.tasks.drain_inbox")
def drain_inbox() -> None:
    """Works off the inbox."""
    work_off_inbox()


def work_off_inbox(limit: int = batch.SIZE) -> int:
    """Works off the inbox, batch by batch, and gives the number of messages.

    The next batch is claimed before this one is written, and read while the database is at this one's last statements.
    """
    worked = 0
    messages = batch.claim(limit)
    read = _read(messages)
    while messages:
        following = batch.claim(limit)
        ahead = _Ahead(following)
        with _collector_off():
            _write(read, ahead.some)
            read = ahead.read()
        worked += len(messages)
        messages = following
        wake("notifications.tasks.drain_updates")
        # What learned a number or was corrected waits no longer than one batch.
        drain_projections()
    drain_projections()
    return worked


class _Ahead:
    """The next batch, read in portions, at the moments that there is time for it."""

    _PORTIONS = 4

    def __init__(self, messages: Sequence[Message]) -> None:
        self._left = deque(messages)
        self._portion = len(messages) // self._PORTIONS + 1
        self._done = Read([], [])

    def some(self) -> None:
        """Reads a portion of what is left."""
        self._read(self._portion)

    def read(self) -> Read:
        """Reads the rest; gives all."""
        self._read(len(self._left))
        return self._done

    def _read(self, count: int) -> None:
        _read([self._left.popleft() for _ in range(min(count, len(self._left)))], self._done)


@shared_task(name="cargo.tasks.drain_projections")
def drain_projections() -> int:
    """Works off the shipments whose state must be worked out from the log again."""
    worked = 0
    while due := project.take_due():
        batch.split(due, project.work_out_again, _leave)
        worked += len(due)
    if worked:
        wake("notifications.tasks.drain_updates")
    return worked


@shared_task(name="cargo.tasks.drain_inspections")
def drain_inspections() -> int:
    """Works off the shipments that must be inspected now; gives how many."""
    worked = 0
    while taken := inspection.take_due():
        batch.split(taken, inspection.inspect_due, _skip)
        worked += len(taken)
    if worked:
        wake("notifications.tasks.drain_updates")
    return worked


@shared_task(name="cargo.tasks.match_again")
def match_again() -> None:
    """Finds events that a registration at the same instant missed."""
    if rematch.match_again():
        drain_projections()


@contextmanager
def _collector_off() -> Iterator[None]:
    """No garbage collection inside a batch: it makes some 10,000 objects and no cycles, and a full collection of a
    Django process in its midst cost 80 us a message (measured at 500 messages a batch).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Read(NamedTuple):
    """A batch that was read: what can be written, and what has to be set aside."""

    prepared: list[Prepared]
    aside: list[batch.Finished]


def process(messages: Sequence[Message]) -> list[batch.Finished]:
    """Works off a batch of claimed messages; gives what became of those that did not make it into the log."""
    with _collector_off():
        return _write(_read(messages))


def _read(messages: Sequence[Message], read: Read | None = None) -> Read:
    """Decodes, normalizes and prepares, into ``read`` if it is given; no database."""
    read = read or Read([], [])
    for message in messages:
        if message.attempts > batch.MAX_ATTEMPTS:
            read.aside.append(_set_aside(message, "", "given up after five tries: it stops the worker"))
            continue
        for item in decode([message]):
            _prepare(item, read)
    return read


def _prepare(item: Decoded, read: Read) -> None:
    try:
        told = normalize(item.events, item.message.received_at)
        events = [event for event in told if isinstance(event, Event | Retraction)]
        read.prepared.extend(prepare([item._replace(events=events)]))
    except Exception as error:
        logger.exception("message %s could not be prepared", item.message.id)
        reason = f"it could not be prepared: {type(error).__name__}: {error}"
        read.aside.append(_set_aside(item.message, item.format, reason))


def _write(read: Read, meanwhile: Callable[[], object] = lambda: None) -> list[batch.Finished]:
    """Records, projects and announces in one transaction; a failing batch is split until the bad one is alone.

    ``meanwhile`` is called whenever the database works; it must not use it.
    """
    aside = list(read.aside)

    def work(items: Sequence[Prepared]) -> None:
        with bulk.pipelined():
            # The longer statement first: a server that is at work does not read what is sent to it.
            asked = look_for(items)
            finished = batch.finish([outcome(item) for item in items])
            meanwhile()
            ours = {row[0] for row in finished}
            items = [item for item in items if item.decoded.message.id in ours]
            lines = sorted((line for item in items for line in item.lines), key=lambda line: line.id)
            project.project(record(items, asked, meanwhile), lines, meanwhile)

    def alone(item: Prepared, error: Exception) -> None:
        decoded = item.decoded
        aside.append(_set_aside(decoded.message, decoded.format, f"it could not be recorded: {error}"))

    batch.split(read.prepared, work, alone)
    if aside:
        with transaction.atomic():
            batch.finish(aside)
    return aside


def _set_aside(message: Message, format_name: str, reason: str) -> batch.Finished:
    return batch.Finished(message, "quarantined", format_name, 0, " ".join(reason.split()))


def _leave(item: Due, error: Exception) -> None:
    logger.error("shipment %s could not be worked out: %s", item.shipment, error)


def _skip(shipment: int, error: Exception) -> None:
    logger.error("shipment %s could not be inspected: %s", shipment, error)


def process_everything() -> Worked:
    """Works off everything that is owed, in this process; for commands and tests."""
    messages = work_off_inbox()
    rematch.match_again()
    shipments = drain_projections()
    drain_inspections()
    return Worked(messages, shipments)


def replay_messages(ids: Sequence[int]) -> int:
    """Decodes kept messages again and brings the log in line; gives the rows added. Nobody is told."""
    added = 0
    read = Read([], [])
    for item in decode(replay.messages(ids)):
        _prepare(item, read)

    def work(items: Sequence[Prepared]) -> None:
        nonlocal added
        rows = replay.replay(items)
        batch.refinish([outcome(item) for item in items])
        record_parts(items)
        added += rows

    def alone(item: Prepared, error: Exception) -> None:
        logger.error("message %s could not be replayed: %s", item.decoded.message.id, error)

    batch.split(read.prepared, work, alone)
    return added


def wake(name: str) -> None:
    """Wakes a worker after commit. A broker that is down only costs time: the sweeps find what is owed."""
    from clis.celery import app

    def send() -> None:
        try:
            app.send_task(name, ignore_result=True, retry=False)
        except Exception as error:
            logger.warning("the broker could not be reached, the sweep will do it: %s", error)

    if connection.in_atomic_block:
        transaction.on_commit(send)
    else:
        send()


def wake_inbox() -> None:
    """Says that messages came in."""
    wake("cargo.tasks.drain_inbox")
