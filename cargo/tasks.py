"""Celery: one short task a hand-over, and the sweeps.

A task is a wake-up: it works off whatever the tables say is owed, so a lost or doubled task changes nothing.
"""

from __future__ import annotations

import gc
import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from celery import shared_task
from django.utils import timezone

from cargo import sources
from cargo.models import grounds, stage_refresh, unknown
from cargo.models.journal import Message
from cargo.pipeline import (
    acknowledge,
    batch,
    forecasting,
    inspection,
    learning,
    project,
    rematch,
    replay,
    scoring,
    snapshots,
)
from cargo.pipeline.batch import Prepared
from cargo.pipeline.decode import decode
from cargo.pipeline.project import Due
from cargo.pipeline.record import outcome, record_parts, record_warehouses
from cargo.working import Ahead, Read, prepare_item, read_messages, work_off_long, write
from clis.waking import wake as wake

logger = logging.getLogger(__name__)
# How many kept messages are decoded again in one transaction.
_TOGETHER = 200
# Seconds after which a worker leaves an inbox that never becomes empty, so that what else is owed has its turn.
_TURN = 0.5


class Worked(NamedTuple):
    """What a drain did."""

    messages: int
    shipments: int


@shared_task(name="cargo.tasks.drain_inbox")
def drain_inbox() -> None:
    """Works off the inbox, for one turn; then another task goes on."""
    until = time.monotonic() + _TURN
    work_off_inbox(until=until)
    if time.monotonic() >= until:
        wake_inbox()


def work_off_inbox(limit: int = batch.SIZE, until: float = math.inf) -> int:
    """Works off the inbox, batch by batch, and gives the number of messages.

    The next batch is claimed before this one is written, and read while the database is at this one's last statements.
    From ``until`` on (of the monotonic clock) none is claimed any more.
    """
    worked = 0
    messages = batch.claim(limit)
    read = read_messages(messages)
    while messages:
        following = batch.claim(limit, ahead=True) if time.monotonic() < until else []
        ahead = Ahead(following)
        with _collector_off():
            write(read, wake, ahead.some)
            for message in read.long:
                work_off_long(message, wake)
            read = ahead.read()
        worked += len(messages)
        messages = following
        if not following and time.monotonic() < until:
            # What was tried before is taken only when it is its turn.
            messages = batch.claim(limit)
            read = read_messages(messages)
        wake("notifications.tasks.drain_updates")
        # What learned a number or was corrected waits no longer than one batch.
        drain_projections()
    drain_projections()
    return worked


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


@shared_task(name="cargo.tasks.learn_forecasts")
def learn_forecasts() -> bool:
    """Learns what forecasts are made with, if there is no model or last night's; says whether it did."""
    return learning.is_due(timezone.now()) and learning.learn() is not None


@shared_task(name="cargo.tasks.drain_forecasts")
def drain_forecasts() -> int:
    """Works off the shipments whose forecast is due; gives how many. Without a model they wait for the first one."""
    learned = learning.current()
    if learned is None:
        if learning.is_due(timezone.now()):
            wake("cargo.tasks.learn_forecasts")
        return 0
    worked = 0
    while (taken := forecasting.take_due()).shipments:
        batch.split(taken.shipments, partial(forecasting.forecast_due, taken, learned), _not_told)
        worked += len(taken.shipments)
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


def process(messages: Sequence[Message]) -> list[batch.Finished]:
    """Works off a batch of claimed messages; gives what became of those that did not make it into the log."""
    read = read_messages(messages)
    with _collector_off():
        aside = write(read, wake)
    for message in read.long:
        work_off_long(message, wake)
    return aside


def _leave(item: Due, error: Exception) -> None:
    logger.error("shipment %s could not be worked out: %s", item.shipment, error)


def _skip(shipment: int, error: Exception) -> None:
    logger.error("shipment %s could not be inspected: %s", shipment, error)


@shared_task(name="cargo.tasks.score_forecasts")
def score_forecasts() -> int:
    """Compares forecasts with what happened, where it has happened; gives how many."""
    total = 0
    while scored := scoring.score():
        total += scored
    return total


def _not_told(shipment: int, error: Exception) -> None:
    logger.error("shipment %s could not be forecast: %s", shipment, error)


def process_everything() -> Worked:
    """Works off everything that is owed, in this process; for commands and tests."""
    messages = work_off_inbox()
    rematch.match_again()
    shipments = drain_projections()
    apply_rule_changes()
    drain_inspections()
    learn_forecasts()
    drain_forecasts()
    score_forecasts()
    make_acknowledgments()
    return Worked(messages, shipments)


def replay_messages(ids: Sequence[int]) -> int:
    """Decodes kept messages again and brings the log in line; gives the rows added. Nobody is told."""
    added = 0
    read = Read([], [], [])
    for item in decode(replay.messages(ids)):
        prepare_item(item, read)

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


@shared_task(name="cargo.tasks.refresh_lead_times")
def refresh_lead_times() -> int:
    """Works out the operator's columns of the months that changed; gives how many."""
    return len(stage_refresh.refresh(timezone.now()) or ())


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


def wake_inbox() -> None:
    """Says that messages came in."""
    wake("cargo.tasks.drain_inbox")
