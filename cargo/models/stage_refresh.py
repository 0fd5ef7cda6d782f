"""Changed stage times -> their months' columns and the benchmarks over them, worked out anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from cargo.models import bulk, stage_benchmarks, stage_columns
from cargo.models.leadtime import StageTimeChange, StageTimeColumn
from cargo.models.stage_columns import ENDED, TIMES

CHANGES = StageTimeChange._meta.db_table
# With fewer rows nothing is kept twice: worked out from the rows themselves the figures take less than half a second.
FROM_ROWS = 100_000
# One refresh at a time: this number is nobody else's advisory lock.
_LOCK = 5_012_001


def refresh(now: datetime) -> list[tuple[str, str]] | None:
    """Works out the months that changed (all of them once there are ``FROM_ROWS`` rows) and gives (stage, month);
    ``None`` while there are no columns. While another refresh is at it, nothing.

    In one transaction and from one snapshot, so that the columns are exact as of its beginning, whoever writes
    meanwhile: the note of a change is seen if and only if the change is. Nobody who writes stage times waits for it
    (on SQLite all writers do, as for each other).
    """
    with _snapshot():
        if bulk.is_postgres() and not bulk.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])[0][0]:
            return []
        noted = _take_notes()
        if stage_columns.refreshed_at() is None:
            if _fewer_rows():
                return None
            noted = bulk.execute(f"SELECT DISTINCT stage, month FROM {TIMES} WHERE {ENDED}")
        months = sorted({(stage, month) for stage, month in noted})
        for stage, month in months:
            stage_columns.work_out(stage, month, now)
        stage_benchmarks.renew(months, now)
        now = now.replace(microsecond=0)
        StageTimeColumn.objects.update_or_create(
            stage="", month="", name="", defaults={"count": 0, "refreshed_at": now, "body": b""}
        )
        return months


@contextmanager
def _snapshot() -> Iterator[None]:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and bulk.is_postgres():
            bulk.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _take_notes() -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in bulk.execute(f"DELETE FROM {CHANGES} WHERE true RETURNING stage, month")]


def _fewer_rows() -> bool:
    limited = f"SELECT 1 FROM {TIMES} WHERE {ENDED} LIMIT {FROM_ROWS}"
    return int(bulk.execute(f"SELECT count(*) FROM ({limited}) r")[0][0]) < FROM_ROWS
