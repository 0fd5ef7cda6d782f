"""What holds for the whole database for a while: the append-only log is open, or it came back from a backup."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.utils import timezone

from cargo.domain.snapshots import asked_before
from cargo.models import bulk
from clis.accounts.scoping import STAFF

_RESTORED = "restored"


class Maintenance(models.Model):
    """While a row named ``erase`` stands, the log's trigger lets deletions pass. One command sets and clears it.

    A row named ``restored`` says that the database came back from a backup: when (``started_at``), and as of when
    (``reason``, ISO 8601 in UTC). ``manage.py restored`` writes it, and it stays.
    """

    scope = STAFF
    name = models.CharField(max_length=20, primary_key=True)
    reason = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


def restored() -> tuple[datetime, datetime] | None:
    """As of when the database last came back from a backup, and when that was; None: never."""
    row = Maintenance.objects.filter(name=_RESTORED).first()
    return (datetime.fromisoformat(row.reason), row.started_at) if row else None


def note_restored(since: datetime, at: datetime) -> None:
    """Writes down that the database is as of ``since`` and came back at ``at`` (aware); it replaces an earlier one."""
    values = {"reason": since.astimezone(UTC).isoformat(), "started_at": at}
    Maintenance.objects.update_or_create(name=_RESTORED, defaults=values)


def restored_at() -> str:
    """SQL: when the database came back from a backup, in whole seconds since 1970, or NULL."""
    name, started_at = Maintenance._meta.db_table, bulk.seconds_of("started_at")
    return f"(SELECT {started_at} FROM {name} WHERE name = '{_RESTORED}')"


def was_told(
    restored: int | None, version: str, reported: int | None, occurred: int | None, received: int | None
) -> bool:
    """Whether the system that was lost has told what an event says: it had been reported before the restore.

    Where nobody says when, it was reported when it happened, or by the time it was received if that lies before. What
    the order of snapshots tells (``version``) may have been so since the one before. Instants are whole seconds since
    1970; ``restored`` as of ``restored_at``, or none.
    """
    if restored is None:
        return False
    if (asked := asked_before(version)) is not None:
        return asked < restored
    known = [reported] if reported is not None else [at for at in (occurred, received) if at is not None]
    return bool(known) and min(known) < restored
