"""A batch of messages from bytes to news: the one place that knows the order of the steps. No Celery.

Reading (decode, translate, normalize, prepare) touches no database, writing is one transaction. A long message is
written in portions, each like a batch of its own. ``wake`` is how whoever calls says that somebody else is owed work.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

from django.db import transaction

from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Retraction
from cargo.models import MessagePart, bulk
from cargo.models.journal import Message
from cargo.pipeline import acknowledge, batch, project, snapshots
from cargo.pipeline.batch import Decoded, Prepared
from cargo.pipeline.decode import decode, stream
from cargo.pipeline.normalize import normalize
from cargo.pipeline.record import look_for, outcome, prepare, record, record_parts
from cargo.pipeline.translate import translate

logger = logging.getLogger(__name__)
Wake = Callable[[str], object]
_STOPS_THE_WORKER = "given up after five tries alone: it stops the worker"


class Read(NamedTuple):
    """A batch that was read: what can be written, and what has to be set aside."""

    prepared: list[Prepared]
    aside: list[batch.Finished]
    long: list[Message]


class Ahead:
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
        read_messages([self._left.popleft() for _ in range(min(count, len(self._left)))], self._done)


def read_messages(messages: Sequence[Message], read: Read | None = None) -> Read:
    """Decodes, normalizes and prepares, into ``read`` if it is given; no database."""
    read = read or Read([], [], [])
    for message in messages:
        if message.attempts > batch.MAX_ATTEMPTS:
            read.aside.append(set_aside(message, "", _STOPS_THE_WORKER))
        elif message.stored:
            read.long.append(message)
        else:
            for item in decode([message]):
                prepare_item(item, read)
    return read


def prepare_item(item: Decoded, read: Read) -> None:
    """Translates, normalizes and prepares what a message says, into ``read``; what fails is set aside."""
    try:
        translate(item.events, item.message.source.reading)
        told = normalize(item.events, item.message.received_at, item.message.source.time_zone)
        events = [event for event in told if isinstance(event, Event | Retraction)]
        read.prepared.extend(prepare([item._replace(events=events)]))
    except Exception as error:
        logger.exception("message %s could not be prepared", item.message.id)
        reason = f"it could not be prepared: {type(error).__name__}: {error}"
        read.aside.append(set_aside(item.message, item.format, reason))


def write(read: Read, wake: Wake, meanwhile: Callable[[], object] = lambda: None) -> list[batch.Finished]:
    """Records, projects and announces in one transaction; a failing batch is split until the bad one is alone.

    ``meanwhile`` is called whenever the database works; it must not use it.
    """
    aside = list(read.aside)

    def work(items: Sequence[Prepared]) -> None:
        with bulk.pipelined():
            # The longer statement first: a server that is at work does not read what is sent to it.
            compared = snapshots.compare(items)
            asked = look_for(compared)
            finished = _finish([outcome(item) for item in items], wake)
            meanwhile()
            ours = {row[0] for row in finished}
            items = [item for item in compared if item.decoded.message.id in ours]
            snapshots.keep(items)
            lines = sorted((line for item in items for line in item.lines), key=lambda line: line.id)
            project.project(record(items, asked, meanwhile), lines, meanwhile)

    def alone(item: Prepared, error: Exception) -> None:
        decoded = item.decoded
        aside.append(set_aside(decoded.message, decoded.format, f"it could not be recorded: {error}"))

    batch.split(read.prepared, work, alone)
    if aside:
        with transaction.atomic():
            _finish(aside, wake)
    return aside


def _finish(finished: Sequence[batch.Finished], wake: Wake) -> bulk.Later:
    """Marks messages as worked off; what a partner is sent back about them is owed from then on."""
    marked = batch.finish(finished)
    if acknowledge.owe(finished):
        wake("cargo.tasks.make_acknowledgments")
    return marked


# A long message is written in portions, and a portion that fails is split down to so many outcomes.
_PORTION, _PIECE = 500, 25


def work_off_long(message: Message, wake: Wake) -> None:
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
            written, failed = write_portion(message, name, portion)
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
        _finish([batch.Finished(message, state, name, events, " ".join(reason.split()))], wake)


def write_portion(message: Message, name: str, outcomes: list[Outcome]) -> tuple[int, int]:
    """Writes a portion of a long message; gives the number of events, and of what could not be read or recorded."""
    read = Read([], [], [])
    for start in range(0, len(outcomes), _PIECE):
        told = outcomes[start : start + _PIECE]
        events: list[Event | Retraction] = [item for item in told if isinstance(item, Event | Retraction)]
        parts: list[Parked | Problem] = [item for item in told if isinstance(item, Parked | Problem)]
        prepare_item(Decoded(message, name, events, parts, ""), read)
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


def set_aside(message: Message, format_name: str, reason: str) -> batch.Finished:
    """A message that a person must look at, and why."""
    return batch.Finished(message, "quarantined", format_name, 0, " ".join(reason.split()))
