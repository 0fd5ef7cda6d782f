"""Ended stages and estimates of arrivals -> what forecasts are made with: chosen nightly, learned by each process.

Which settings do best is found out once a night and kept as a row (``ForecastModel``); what is learned with them is a
function of the rows as of that instant, which each process works out again and holds until a newer row appears. NumPy
is imported only when something is learned.

Whose history may stand behind whose forecast: ``cargo.domain.forecast.comparable``. A port or carrier behind which
fewer than 5 organizations or 30 cargoes stand is private to each organization; the mode pools everybody.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from django.utils import timezone

from cargo.domain import identity
from cargo.models import forecast_history, forecasts
from cargo.models.forecast import ForecastModel

if TYPE_CHECKING:
    from cargo.domain.forecast.learned import Chosen, Learned

logger = logging.getLogger(__name__)
# With fewer ended stages in all, nothing is learned: hardly any forecast would follow.
LEAST_HISTORY = 100
# A model is renewed once a night, whatever hour the last one was made.
RENEWED_AFTER = timedelta(hours=20)


class _Held:
    """What this process has learned, and from which row of which database state."""

    key: tuple[object, ...] = ()
    learned: Learned | None = None


def is_due(now: datetime) -> bool:
    """Whether there is no model yet, or an old one, and enough history for one; two statements."""
    model = forecast_history.latest()
    if model is not None and now - model.as_of < RENEWED_AFTER:
        return False
    return forecast_history.is_enough(LEAST_HISTORY)


def learn() -> ForecastModel | None:
    """Chooses the settings on the history as it stands, keeps them and learns; ``None`` if another process is at it.

    Takes minutes for a long history. The first model makes the forecasts of all cargo under way due.
    """
    if not forecast_history.try_lock():
        return None
    try:
        as_of = timezone.now().replace(microsecond=0)
        is_first = forecast_history.latest() is None
        learned, stages, arrivals = _learned(as_of, None)
        settings = learned.chosen.as_json()
        model = forecast_history.keep(as_of, timezone.now(), settings, stages, arrivals)
        if is_first:
            forecasts.make_all_due(as_of)
    finally:
        forecast_history.unlock()
    _Held.key, _Held.learned = _key(model), learned
    return model


def current() -> Learned | None:
    """What the latest model's row has learned; ``None`` where there is none. One statement if it is held already."""
    model = forecast_history.latest()
    if model is None:
        return None
    from cargo.domain.forecast.learned import Chosen

    if _Held.key != _key(model) or _Held.learned is None:
        learned, _, _ = _learned(model.as_of, Chosen.from_json(model.settings))
        _Held.key, _Held.learned = _key(model), learned
    return _Held.learned


def forget() -> None:
    """Holds nothing any more, so that it is learned again."""
    _Held.key, _Held.learned = (), None


def _key(model: ForecastModel) -> tuple[object, ...]:
    return model.pk, model.as_of, model.learned_at, model.stages, model.arrivals


def _learned(as_of: datetime, chosen: Chosen | None) -> tuple[Learned, int, int]:
    """What was learned, and from how many ended stages and estimates of arrivals."""
    from cargo.domain.forecast.arrivals import Estimate
    from cargo.domain.forecast.learned import client, learn

    begun = perf_counter()
    cargoes = forecast_history.ended_stages(as_of)
    whole = forecast_history.whole_ways(cargoes, as_of)
    estimates = [
        Estimate(
            row.asked_at,
            planned,
            row.estimated_at,
            row.arrived_at,
            row.mode,
            row.carrier,
            row.port,
            client(row.organization),
        )
        for row in forecast_history.estimates(as_of)
        if (planned := row.planned_at if row.planned_at is not None else row.estimated_at) is not None
    ]
    learned = learn(cargoes.values(), whole, estimates, identity.epoch(as_of) or 0, chosen)
    stages = sum(map(len, cargoes.values()))
    logger.info("learned from %d stages and %d estimates in %.1f s", stages, len(estimates), perf_counter() - begun)
    return learned, stages, len(estimates)
