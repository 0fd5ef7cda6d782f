"""From the stage under way through the stages to come to a goal: release, or gate-out.

Each stage's length is drawn at evenly spread quantiles, shuffled by a fixed seed and added to the instants at which the
stage before it ends (a Latin hypercube; the same shuffle for every cargo, so that one cargo's forecast does not depend
on those forecast with it). The range is then widened as a stage's is, by goal and stage under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cargo.domain.forecast.arrivals import ArrivalForecaster, Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.scoring import LEVELS
from cargo.domain.forecast.stages import StageForecaster

_DRAWS = 48
_LEVELS = (np.arange(_DRAWS) + 0.5) / _DRAWS
_SEED = 20_260
_DAY = 86_400
_HELD_OUT, _RIPENING = 50 * _DAY, 20 * _DAY
_BLUR = 900.0
_LEAST = 50
_MOST = 12_000


@dataclass(frozen=True, slots=True)
class Journey:
    """A cargo's stages on its way to ``goal``, which it reached at ``ended_at``; ``stages``: all that lead there."""

    goal: str
    spans: tuple[Span, ...]
    ended_at: int
    stages: tuple[str, ...]

    def stages_after(self, at: int) -> tuple[str, ...]:
        """The stages that follow the span with that index."""
        return self.stages[self.stages.index(self.spans[at].stage) + 1 :]


class ChainForecaster:
    """Forecasts of goals, by a forecaster of stages."""

    def __init__(self, stages: StageForecaster) -> None:
        self._stages = stages
        self._widening: dict[tuple[str, str], tuple[float, float]] = {}

    def learn(self, journeys: Iterable[Journey], history: Iterable[Span], as_of: int) -> None:
        """Learn how far ranges have to be widened. The forecaster of stages must have learned as of then before."""
        self._widening = {}
        asked: dict[tuple[str, str], list[tuple[Journey, int]]] = {}
        for journey in journeys:
            for at, span in enumerate(journey.spans):
                if journey.ended_at < as_of and as_of - _HELD_OUT <= span.started_at < as_of - _RIPENING:
                    asked.setdefault((journey.goal, span.stage), []).append((journey, at))
        if not asked:
            return
        earlier = StageForecaster(self._stages.settings)
        earlier.learn(history, as_of - _HELD_OUT)
        for key, chosen in asked.items():
            chosen.sort(key=lambda one: (one[0].ended_at, one[0].spans[one[1]].started_at, repr(one[0].spans[one[1]])))
            chosen = chosen[:: -(-len(chosen) // _MOST)]
            if len(chosen) >= _LEAST:
                self._widening[key] = _missed(earlier, chosen)

    def forecast(
        self, goal: str, now: Sequence[Span], asked_at: Sequence[int], to_come: Sequence[tuple[str, ...]]
    ) -> Floats:
        """When the goal is reached: one row a span under way, one column a level of ``LEVELS``.

        ``to_come``: for each span the stages that follow until the goal. NaN where a stage has no history.
        """
        asked = np.array(asked_at, dtype=np.float64)
        told = _quantiles(_draws(self._stages, now, asked_at, to_come))
        return self._widened(told, asked, [(goal, span.stage) for span in now])

    def forecast_steps(
        self, now: Sequence[Span], asked_at: Sequence[int], to_come: Sequence[tuple[str, ...]]
    ) -> list[Floats]:
        """When the stage under way and each of those that follow it ends, from one pass; a stage is its own goal.

        One array a span: a row for its own stage and one for each of ``to_come``, a column a level of ``LEVELS``. A
        stage never ends before the one it follows. NaN from where a stage has no history.
        """
        asked = np.array(asked_at, dtype=np.float64)
        first = self._stages.forecast(now, asked)
        reached = _steps(self._stages, self._stages.quantiles(now, asked, _LEVELS), now, to_come)
        found = [first]
        for step, (rows, instants) in enumerate(reached):
            keys = [(to_come[row][step], now[row].stage) for row in rows]
            found.append(np.full_like(first, np.nan))
            found[-1][rows] = self._widened(_quantiles(instants), asked[rows], keys)
        return _by_span(found, to_come)

    def steps_from_arrival(
        self,
        arrivals: ArrivalForecaster,
        questions: Sequence[Estimate],
        cargoes: Sequence[Span],
        to_come: Sequence[tuple[str, ...]],
    ) -> list[Floats]:
        """As ``forecast_steps``, for cargo that has not arrived; the first row is the arrival. See
        ``forecast_from_arrival``.
        """
        found = [arrivals.forecast(questions)]
        for rows, instants in _steps(self._stages, arrivals.quantiles(questions, _LEVELS), cargoes, to_come):
            found.append(np.full_like(found[0], np.nan))
            found[-1][rows] = _quantiles(instants)
        return _by_span(found, to_come)

    def forecast_from_arrival(
        self,
        arrivals: ArrivalForecaster,
        questions: Sequence[Estimate],
        cargoes: Sequence[Span],
        to_come: Sequence[tuple[str, ...]],
    ) -> Floats:
        """As ``forecast``, for cargo that has not arrived: from the arrival's draws on. These ranges are not widened.

        ``cargoes``: for each question a span that says whose cargo it is and where; its stage and times do not count.
        """
        return _quantiles(_followed(self._stages, arrivals.quantiles(questions, _LEVELS), cargoes, to_come))

    def _widened(self, told: Floats, asked: Floats, keys: Sequence[tuple[str, str]]) -> Floats:
        """``keys``: of each row the goal, and the stage under way."""
        moves = np.array([self._widening.get(key, (0.0, 0.0)) for key in keys]).reshape(-1, 2)
        logs = np.log(told - asked[:, None] + _BLUR)
        logs[:, 0] -= moves[:, 0]
        logs[:, -1] += moves[:, 1]
        return np.asarray(asked[:, None] + np.maximum.accumulate(np.maximum(np.exp(logs) - _BLUR, 0.0), axis=1))


def _draws(
    stages: StageForecaster, now: Sequence[Span], asked_at: Sequence[int], to_come: Sequence[tuple[str, ...]]
) -> Floats:
    return _followed(stages, stages.quantiles(now, asked_at, _LEVELS), now, to_come)


def _followed(
    stages: StageForecaster, reached: Floats, now: Sequence[Span], to_come: Sequence[tuple[str, ...]]
) -> Floats:
    """When the goal is reached in each draw, from when the stage under way ends in it."""
    for rows, instants in _steps(stages, reached, now, to_come):
        reached[rows] = instants
    return reached


def _steps(
    stages: StageForecaster, reached: Floats, now: Sequence[Span], to_come: Sequence[tuple[str, ...]]
) -> Iterator[tuple[list[int], Floats]]:
    """One step after the other: the rows that take it, and when it ends in each draw. ``reached`` stays as it is."""
    shuffle = np.random.default_rng(_SEED)
    reached = reached.copy()
    for step in range(max((len(following) for following in to_come), default=0)):
        order = shuffle.permutation(_DRAWS)
        rows = [at for at, following in enumerate(to_come) if len(following) > step]
        starts = reached[rows]
        middle = np.nan_to_num(np.median(starts, axis=1)).astype(np.int64)
        spans = [_to_come(now[at], to_come[at][step], int(begun)) for at, begun in zip(rows, middle, strict=True)]
        ends = stages.after(spans, starts, _LEVELS[order])
        reached[rows] = ends
        yield rows, ends


def _by_span(steps: Sequence[Floats], to_come: Sequence[tuple[str, ...]]) -> list[Floats]:
    """The rows of each span, of which none is before the one above it."""
    stacked = np.maximum.accumulate(np.stack(steps, axis=1), axis=1)
    return [rows[: len(following) + 1] for rows, following in zip(stacked, to_come, strict=True)]


def _quantiles(reached: Floats) -> Floats:
    return np.asarray(np.quantile(reached, LEVELS, axis=1).T)


def _to_come(span: Span, stage: str, begun: int) -> Span:
    return replace(
        span, stage=stage, started_at=begun, ended_at=None, inspection_at=None, hold_from=None, hold_until=None
    )


def _missed(stages: StageForecaster, chosen: Sequence[tuple[Journey, int]]) -> tuple[float, float]:
    asked = np.array([journey.spans[at].started_at for journey, at in chosen])
    now = [replace(journey.spans[at], ended_at=None, inspection_at=None, hold_from=None) for journey, at in chosen]
    to_come = [journey.stages_after(at) for journey, at in chosen]
    told = _quantiles(_draws(stages, now, [int(at) for at in asked], to_come))
    # Of a stage that nobody told of until then nothing can be told.
    sound = np.isfinite(told).all(axis=1)
    if sound.sum() < _LEAST:
        return 0.0, 0.0
    ended = np.log(np.array([journey.ended_at for journey, _ in chosen]) - asked + _BLUR)[sound]
    logs = np.log(told - asked[:, None] + _BLUR)[sound]
    level = min(1.0, 0.9 * (1 + 1 / len(ended)))
    return float(np.quantile(logs[:, 0] - ended, level)), float(np.quantile(ended - logs[:, -1], level))
