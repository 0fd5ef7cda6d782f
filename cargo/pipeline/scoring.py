"""Forecast and StageTime -> what forecasts lost, added to ForecastTally once for each forecast.

A forecast is scored when its stage has ended, by the month of that end at its port (``StageTime.month``). One that was
made although its stage had already ended (the report came late) told nothing ahead of anything, and one whose stage can
no longer end has no outcome: both are marked as scored and not tallied.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.forecast_scores import tally
from cargo.models import forecast_outcomes


@transaction.atomic
def score(limit: int = 10_000) -> int:
    """Scores forecasts that can be scored now; gives how many. Four statements at most, in one transaction.

    The rows are locked while they are read, so that of two workers each takes others.
    """
    now = timezone.now()
    rows = forecast_outcomes.ripe(now, limit)
    if rows:
        forecast_outcomes.mark(rows, identity.epoch(now) or 0)
        forecast_outcomes.add(tally(row.outcome for row in rows if row.outcome is not None))
    return len(rows)
