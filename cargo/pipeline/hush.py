"""After the database came back from a backup: what the system that was lost has told is told to nobody again.

What was owed when the backup was made is silenced here, before any program runs. What was lost with that system comes
in anew, by the sources that are asked and those that push again; it is silent as long as it was reported before the
restore (``Line.silent``). The state is the log's, as ever: only who is told depends on this.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cargo.models import InspectionDue, ProjectionDue, TrackingUpdate

BATCH = 1_000


class Hushed(NamedTuple):
    """How many updates were not given out yet, and how many shipments were owed a look."""

    updates: int
    shipments: int


def hush(at: datetime) -> Hushed:
    """Silences every update that is not given out, and what the looks will find that were due by then.

    One statement for each batch. Updates keep their turn in the feed, which gives them their numbers.
    """
    updates = _silence(TrackingUpdate.objects.filter(fanned_out_at__isnull=True))
    looks = _silence(InspectionDue.objects.filter(inspect_at__lte=at))
    return Hushed(updates, looks + _silence(ProjectionDue.objects.all()))


def _silence(rows: QuerySet[Any]) -> int:
    silenced = 0
    loud = rows.filter(silent=False).order_by("pk")
    while number := rows.filter(pk__in=loud.values("pk")[:BATCH]).update(silent=True):
        silenced += number
    return silenced
