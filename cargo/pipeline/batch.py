"""A batch of messages under a lease: claiming, finishing, and splitting until the bad one is alone.

Claims are leases on both databases: a conditional UPDATE with a token. The try is counted and committed before the
risky work, so a message that kills its worker is met again at most ``MAX_ATTEMPTS`` times, the last five of them alone:
one that merely was in hand when its worker died again and again is not given up with it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from cargo.domain.event import Event, Parked, Problem, Retraction, Warehouse
from cargo.domain.identity import epoch, moment_of
from cargo.models import InboundBody, InboundMessage, Source, bulk
from cargo.models.journal import Line, Message, SourceFacts
from cargo.models.maintenance import restored_at

logger = logging.getLogger(__name__)
MESSAGES = InboundMessage._meta.db_table
BODIES = InboundBody._meta.db_table
SOURCES = Source._meta.db_table
LEASE = timedelta(seconds=60)
SIZE = 500
# How many are taken together by how often they were tried before: whoever stops its worker is soon alone with it.
SIZES = (SIZE, 60, 8, 1)
MAX_ATTEMPTS = len(SIZES) - 1 + 5
T = TypeVar("T")


class Decoded(NamedTuple):
    """One message, read. ``problem``: the whole of it could not be. ``warehouses``: what it says beside events."""

    message: Message
    format: str
    events: list[Event | Retraction]
    parts: list[Parked | Problem]
    problem: str
    warehouses: Sequence[Warehouse] = ()


class Prepared(NamedTuple):
    """One message with the lines that it will add to the log."""

    decoded: Decoded
    lines: list[Line]


class Finished(NamedTuple):
    """What became of a message."""

    message: Message
    state: str
    format: str
    events: int
    reason: str


def claim(limit: int = SIZE, only: Sequence[int] = (), *, ahead: bool = False) -> list[Message]:
    """Takes up to ``limit`` owed messages, oldest first, for ``LEASE``; two statements and one commit.

    Messages that were tried before are taken in ever smaller batches of their own (``SIZES``), so that one which stops
    its worker does not use up the tries of its neighbors. ``ahead``: nothing is taken while one that was tried before
    is the oldest, since what lies by while others are worked on must not count as tried.
    """
    token = secrets.token_hex(16)
    now = timezone.now()
    owed = "state = 'received' AND (leased_until IS NULL OR leased_until < %s)"
    which: list[object] = [bulk.moment(now)]
    if only:
        right, value = bulk.id_list(only)
        owed += f" AND id {right}"
        which.append(value)
    lock = " FOR UPDATE SKIP LOCKED" if bulk.is_postgres() else ""
    sizes = " ".join(
        f"WHEN {tries} THEN {0 if ahead and tries else min(size, limit)}" for tries, size in enumerate(SIZES[:-1])
    )
    last = 0 if ahead else SIZES[-1]
    with transaction.atomic():
        claimed = bulk.execute(
            f"WITH oldest AS (SELECT attempts FROM {MESSAGES} WHERE {owed} ORDER BY id LIMIT 1{lock}) "
            f"UPDATE {MESSAGES} SET lease_token = %s, leased_until = %s, attempts = attempts + 1 "
            f"WHERE id IN (SELECT id FROM {MESSAGES} WHERE {owed} AND attempts = (SELECT attempts FROM oldest) "
            f"ORDER BY id LIMIT coalesce((SELECT CASE attempts {sizes} ELSE {last} END FROM oldest), 0){lock}) "
            f"RETURNING id, attempts",
            [*which, token, bulk.moment(now + LEASE), *which],
        )
        if not claimed:
            return []
        attempts = dict(claimed)
        right, value = bulk.id_list(attempts)
        rows = bulk.execute(
            f"SELECT m.id, {bulk.seconds_of('m.received_at')}, m.silent, b.content, m.occasion, m.name, "
            f"CASE WHEN b.on_disk THEN m.digest ELSE '' END, {restored_at()}, m.source_id "
            f"FROM {MESSAGES} m JOIN {BODIES} b ON b.message_id = m.id WHERE m.id {right} ORDER BY m.id",
            [value],
        )
        sources = sources_of({row[-1] for row in rows})
    return [
        Message(pk, sources[source], moment_of(received_at), bool(silent), attempts[pk], token, bytes(body), *labels)
        for pk, received_at, silent, body, *labels, source in rows
    ]


def renew(message: Message) -> bool:
    """Makes the lease of a long message last anew; ``False`` if another worker has taken it over."""
    mine = InboundMessage.objects.filter(pk=message.id, lease_token=message.token, state="received")
    return bool(mine.update(leased_until=timezone.now() + LEASE))


def sources_of(ids: Collection[int]) -> dict[int, SourceFacts]:
    """What the way of a message needs of these sources."""
    right, value = bulk.id_list(ids)
    rows = bulk.execute(
        f"SELECT id, organization_id, rank, format, time_zone, CAST(reading AS text), acknowledges FROM {SOURCES} "
        f"WHERE id {right}",
        [value],
    )
    return {row[0]: SourceFacts(*row) for row in rows}


def finish(finished: Sequence[Finished]) -> bulk.Later:
    """Marks messages, only where the lease still is ours; gives the ids of those, a row each.

    The first statement of a batch's transaction: what another worker took over meanwhile is that worker's.
    """
    now = epoch(timezone.now())
    rows = [
        (item.message.id, item.message.token, item.state, item.format, item.events, item.reason[:500], now, None)
        for item in finished
    ]
    return bulk.update(
        MESSAGES,
        {"id": "int", "lease_token": "text"},
        {
            "state": "text",
            "format": "text",
            "events": "int",
            "reason": "text",
            "processed_at": "time",
            "leased_until": "time",
        },
        rows,
        returning="id",
    )


def refinish(finished: Sequence[Finished]) -> None:
    """Marks messages that were read again: a quarantined one may now be read, and the other way round."""
    rows = [(item.message.id, item.state, item.format, item.events, item.reason[:500]) for item in finished]
    bulk.update(MESSAGES, {"id": "int"}, {"state": "text", "format": "text", "events": "int", "reason": "text"}, rows)


def split(items: Sequence[T], work: Callable[[Sequence[T]], None], alone: Callable[[T, Exception], None]) -> None:
    """Does ``work`` on all in one transaction; if it fails, on halves, until ``alone`` gets the bad one and why."""
    if not items:
        return
    try:
        retrying(lambda: work(items))
    except Exception as error:
        if is_connection_lost(error):
            raise
        if len(items) == 1:
            logger.warning("one item failed alone: %s", error, exc_info=True)
            alone(items[0], error)
            return
        half = len(items) // 2
        split(items[:half], work, alone)
        split(items[half:], work, alone)


def retrying(work: Callable[[], None], tries: int = 6) -> None:
    """One transaction; deadlocks (40P01), serialization failures (40001) and a busy SQLite are tried again."""
    for attempt in range(tries):
        try:
            with transaction.atomic():
                work()
            return
        except OperationalError as error:
            if attempt == tries - 1 or not _passing(error):
                raise


def _passing(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in ("40P01", "40001") or "database is locked" in str(error)


def is_connection_lost(error: Exception) -> bool:
    """Whether the database, not the item, is to blame."""
    if not isinstance(error, OperationalError):
        return False
    if _passing(error):
        return True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()
        return True
    return False
