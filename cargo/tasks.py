"""Celery: one short task a hand-over, and the sweeps. The only file that knows the order of the steps.

A task is a wake-up: it works off whatever the tables say is owed, so a lost or doubled task changes nothing.
"""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from cargo import sources
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Retraction
from cargo.models import MessagePart, bulk, grounds, unknown
from cargo.models.journal import Message
from cargo.pipeline import acknowledge, batch, inspection, project, rematch, replay, snapshots
from cargo.pipeline.batch import Decoded, Prepared
from cargo.pipeline.decode import decode, stream
from cargo.pipeline.normalize import normalize
from cargo.pipeline.project import Due
from cargo.pipeline.record import look_for, outcome, prepare, record, record_parts, record_warehouses
from cargo.pipeline.translate import translate

logger = logging.getLogger(__name__)
# How many kept messages are decoded again in one transaction.
_TOGETHER = 200
_STOPS_THE_WORKER = "given up after five tries alone: it stops the worker"


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
        following = batch.claim(limit, ahead=True)
        ahead = _Ahead(following)
        with _collector_off():
            _write(read, ahead.some)
            for message in read.long:
                _work_off_long(message)
            read = ahead.read()
        worked += len(messages)
        messages = following
        if not following:
            # What was tried before is taken only when it is its turn.
            messages = batch.claim(limit)
            read = _read(messages)
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
        self._done = Read([], [], [])

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


@shared_task(name="cargo.tasks.apply_rule_changes")
def apply_rule_changes() -> int:
    """Has the open shipments that a change of rules or tariffs concerns inspected, portion by portion; gives how many.

    Each portion is a transaction of its own and remembers where it ended, so that a lost worker costs nothing.
    """
    total = 0
    while (marked := grounds.apply_changes()) is not None:
        total += marked
    if total:
        drain_inspections()
    return total


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
    long: list[Message]


def process(messages: Sequence[Message]) -> list[batch.Finished]:
    """Works off a batch of claimed messages; gives what became of those that did not make it into the log."""
    read = _read(messages)
    with _collector_off():
        aside = _write(read)
    for message in read.long:
        _work_off_long(message)
    return aside


def _read(messages: Sequence[Message], read: Read | None = None) -> Read:
    """Decodes, normalizes and prepares, into ``read`` if it is given; no database."""
    read = read or Read([], [], [])
    for message in messages:
        if message.attempts > batch.MAX_ATTEMPTS:
            read.aside.append(_set_aside(message, "", _STOPS_THE_WORKER))
        elif message.stored:
            read.long.append(message)
        else:
            for item in decode([message]):
                _prepare(item, read)
    return read


def _prepare(item: Decoded, read: Read) -> None:
    try:
        translate(item.events, item.message.source.reading)
        told = normalize(item.events, item.message.received_at, item.message.source.time_zone)
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
            compared = snapshots.compare(items)
            asked = look_for(compared)
            finished = _finish([outcome(item) for item in items])
            meanwhile()
            ours = {row[0] for row in finished}
            items = [item for item in compared if item.decoded.message.id in ours]
            snapshots.keep(items)
            lines = sorted((line for item in items for line in item.lines), key=lambda line: line.id)
            project.project(record(items, asked, meanwhile), lines, meanwhile)

    def alone(item: Prepared, error: Exception) -> None:
        decoded = item.decoded
        aside.append(_set_aside(decoded.message, decoded.format, f"it could not be recorded: {error}"))

    batch.split(read.prepared, work, alone)
    if aside:
        with transaction.atomic():
            _finish(aside)
    return aside


def _finish(finished: Sequence[batch.Finished]) -> bulk.Later:
    """Marks messages as worked off; what a partner is sent back about them is owed from then on."""
    marked = batch.finish(finished)
    if acknowledge.owe(finished):
        wake("cargo.tasks.make_acknowledgments")
    return marked


# A long message is written in portions, and a portion that fails is split down to so many outcomes.
_PORTION, _PIECE = 500, 25


def _work_off_long(message: Message) -> None:
    """Works off a message that is too long to be held: portion by portion, a transaction each.

    Killed in the midst, it is begun again from the start: what the log knows is not written twice.
    """
    if not batch.renew(message):
        return
    MessagePart.objects.filter(message_id=message.id).delete()
    name, events, problems, reason = message.source.format, 0, 0, ""
    try:
        name, outcomes = stream(message)
        while portion := list(islice(outcomes, _PORTION)):
            written, failed = _write_portion(message, name, portion)
            events, problems = events + written, problems + failed
            if not batch.renew(message):
                return
            wake("notifications.tasks.drain_updates")
    except (FormatError, OSError) as error:
        said = (error.strerror or "the file cannot be read") if isinstance(error, OSError) else str(error)
        reason = f"{said}; read up to there: {events} events" if events else said
    if not reason and problems:
        reason = f"{problems} of its parts could not be read"
    state = "processed" if events else "quarantined" if reason else "ignored"
    with transaction.atomic():
        _finish([batch.Finished(message, state, name, events, " ".join(reason.split()))])


def _write_portion(message: Message, name: str, outcomes: list[Outcome]) -> tuple[int, int]:
    """Writes a portion of a long message; gives the number of events, and of what could not be read or recorded."""
    read = Read([], [], [])
    for start in range(0, len(outcomes), _PIECE):
        told = outcomes[start : start + _PIECE]
        events: list[Event | Retraction] = [item for item in told if isinstance(item, Event | Retraction)]
        parts: list[Parked | Problem] = [item for item in told if isinstance(item, Parked | Problem)]
        _prepare(Decoded(message, name, events, parts, ""), read)
    failed = sum(isinstance(item, Problem) for item in outcomes) + len(read.aside)

    def work(items: Sequence[Prepared]) -> None:
        with bulk.pipelined():
            lines = sorted((line for item in items for line in item.lines), key=lambda line: line.id)
            project.project(record(items, look_for(items)), lines)

    def alone(item: Prepared, error: Exception) -> None:
        nonlocal failed
        failed += 1
        place = item.lines[0].event.position if item.lines else ""
        told = Problem(position=place, reason=f"from here on {_PIECE} parts could not be recorded: {error}"[:500])
        with transaction.atomic():
            record_parts([Prepared(Decoded(message, name, [], [told], ""), [])])

    batch.split(read.prepared, work, alone)
    return sum(len(item.lines) for item in read.prepared), failed


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
    apply_rule_changes()
    drain_inspections()
    make_acknowledgments()
    return Worked(messages, shipments)


def replay_messages(ids: Sequence[int]) -> int:
    """Decodes kept messages again and brings the log in line; gives the rows added. Nobody is told."""
    added = 0
    read = Read([], [], [])
    for item in decode(replay.messages(ids)):
        _prepare(item, read)

    def work(items: Sequence[Prepared]) -> None:
        nonlocal added
        rows = replay.replay(items, snapshots.replayed(items))
        batch.refinish([outcome(item) for item in items])
        record_parts(items)
        record_warehouses(items)
        added += rows

    def alone(item: Prepared, error: Exception) -> None:
        logger.error("message %s could not be replayed: %s", item.decoded.message.id, error)

    batch.split(read.prepared, work, alone)
    return added


@shared_task(name="cargo.tasks.read_again")
def read_again(source_id: int, form: str, code: str) -> int:
    """Decodes the kept messages of a source again that told of this code, after it was mapped; nobody is told."""
    ids = unknown.messages_with(code, source_id=source_id, form=form)
    for start in range(0, len(ids), _TOGETHER):
        replay_messages(ids[start : start + _TOGETHER])
    drain_projections()
    unknown.forget(source_id, form, code)
    return len(ids)


@shared_task(name="cargo.tasks.make_acknowledgments")
def make_acknowledgments() -> None:
    """Makes what partners are owed about their interchanges."""
    while acknowledge.make(timezone.now()):
        pass


@shared_task(name="cargo.tasks.drain_intakes")
def drain_intakes() -> None:
    """Fetches what is owed to be fetched: folders, mailboxes, the APIs of carriers and customs."""
    if sources.work_off_owed():
        wake_inbox()


def wake(name: str, *arguments: object) -> None:
    """Wakes a worker after commit. A broker that is down only costs time: the sweeps find what is owed."""
    from clis.celery import app

    def send() -> None:
        try:
            app.send_task(name, args=arguments, ignore_result=True, retry=False)
        except Exception as error:
            logger.warning("the broker could not be reached, the sweep will do it: %s", error)

    if connection.in_atomic_block:
        transaction.on_commit(send)
    else:
        send()


def wake_inbox() -> None:
    """Says that messages came in."""
    wake("cargo.tasks.drain_inbox")
