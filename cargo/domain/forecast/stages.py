"""How long a stage under way, or to come, will still take: p10, p50 and p90, or any quantile.

Learned from ended stages at *landmarks*: for each span and each landmark of its clock that it outlived, what was known
then and how long it still took (van Houwelingen, Dynamic Prediction by Landmarking in Event History Analysis, 2007).
So an inspection that is not ordered yet is a risk, not a certainty of none. A question reads the last landmark before
it and counts only what outlasted the time since. Distributions back off (``backoff``) along several ladders, whose
shares are averaged. Which clock, how fast the past is forgotten, how strong the shrinkage is and which ladders
count is chosen for each stage on the last part of the history. Ranges are then widened or narrowed by what a forecast
from before that part would have missed (conformalized quantile regression; Romano, Patterson and Candès, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from cargo.domain.forecast.backoff import Axis, Codes, Floats, Ladder, quantiles
from cargo.domain.forecast.history import Columns, Span, Vocabulary, in_order
from cargo.domain.forecast.scoring import LEVELS, pinball

_DAY = 86_400
# Seconds of the stage's clock: an hour, three, a working day, two, a week, two weeks and on.
_LANDMARKS = np.array([0, 1, 3, 8, 18, 45, 90, 180, 360, 720]) * 3600.0
# From a minute to 200 days; what is told to last hardly longer than a minute is told as nothing at all.
_SHORTEST = 60.0
_AXIS = Axis(float(np.log(_SHORTEST)), float(np.log(200 * _DAY)), 110)
# Columns: landmark, situation, mode, port, organization, carrier, weekday and hour, rest days, month.
_MARK, _KNOWN, _MODE, _PORT, _CLIENT, _CARRIER, _HOUR, _REST, _MONTH = range(9)
LADDERS: Mapping[str, Sequence[Sequence[int]]] = {
    "client at port": ((_MARK,), (_KNOWN, _MODE), (_PORT,), (_CLIENT,)),
    "carrier at port": ((_MARK,), (_KNOWN, _MODE), (_PORT,), (_CARRIER,)),
    "hour at port": ((_MARK,), (_KNOWN, _MODE), (_HOUR,), (_PORT,)),
    "port by hour": ((_MARK,), (_KNOWN, _MODE), (_PORT,), (_HOUR,), (_CLIENT,)),
    "client": ((_MARK,), (_KNOWN, _MODE), (_CLIENT,), (_PORT,)),
    "season": ((_MARK,), (_KNOWN, _MODE), (_REST,), (_MONTH,)),
}
# Errors are compared on a logarithmic scale; what is shorter than this is all the same.
_BLUR = 900.0
_HELD_OUT = 50 * _DAY
_RIPENING = 12 * _DAY
_LEAST_HELD_OUT = 50
_MOST_JUDGED = 6_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How one stage is learned. ``quiet``: speed of the clock outside office hours. ``half_life`` in days."""

    quiet: float = 1.0
    half_life: float = 120.0
    strength: float = 20.0
    ladders: tuple[str, ...] = ("client at port",)


_CHOICES: Mapping[str, tuple[object, ...]] = {
    "quiet": (1.0, 0.1, 0.02),
    "half_life": (20.0, 45.0, 120.0, 2000.0),
    "strength": (8.0, 20.0, 50.0),
}


class StageForecaster:
    """Forecasts of every stage in a history. ``settings``: what was chosen, by stage."""

    def __init__(self, settings: Mapping[str, Settings] | None = None) -> None:
        self.settings = dict(settings or {})
        self._models: dict[str, _Model] = {}

    def learn(self, history: Iterable[Span], as_of: int) -> None:
        """Learn from the spans that ended before ``as_of``, in whatever order they come."""
        by_stage: dict[str, list[Span]] = {}
        for span in history:
            if span.ended_at is not None and span.ended_at < as_of:
                by_stage.setdefault(span.stage, []).append(span)
        self._models = {}
        for stage in sorted(by_stage):
            spans = in_order(by_stage[stage])
            before = [span for span in spans if span.ended_at is not None and span.ended_at < as_of - _HELD_OUT]
            # The last days are left out: of what began then only the short has ended.
            judged = [span for span in spans if as_of - _HELD_OUT <= span.started_at < as_of - _RIPENING]
            enough = len(before) >= _LEAST_HELD_OUT and len(judged) >= _LEAST_HELD_OUT
            if stage not in self.settings:
                self.settings[stage] = _chosen(before, judged, as_of - _HELD_OUT) if enough else Settings()
            model = _Model(spans, as_of, self.settings[stage])
            if enough:
                model.widening = _widening(_Model(before, as_of - _HELD_OUT, self.settings[stage]), judged)
            self._models[stage] = model

    def forecast(self, spans: Sequence[Span], asked_at: Sequence[int] | Floats) -> Floats:
        """When the spans end, seconds since 1970 UTC: one row a span, one column a level of ``LEVELS``.

        ``asked_at``: as known at that instant, not before the span's start. A stage that no history holds gives NaN.
        """
        return self.quantiles(spans, asked_at, np.array(LEVELS))

    def quantiles(self, spans: Sequence[Span], asked_at: Sequence[int] | Floats, levels: Floats) -> Floats:
        """As ``forecast``, for any rising levels between 0 and 1."""
        asked = np.asarray(asked_at, dtype=np.float64)
        found = np.full((len(spans), len(levels)), np.nan)
        rows: dict[str, list[int]] = {}
        for index, span in enumerate(spans):
            rows.setdefault(span.stage, []).append(index)
        for stage, indexes in rows.items():
            if stage in self._models:
                columns = Columns([spans[index] for index in indexes], self._models[stage].vocabulary)
                found[indexes] = self._models[stage].ends(columns, asked[indexes], levels)
        return found

    def after(self, spans: Sequence[Span], starts: Floats, levels: Floats) -> Floats:
        """When stages to come end that begin at ``starts``, one column a draw; ``levels``: the quantile of each draw.

        The spans' own starts say only which time of the week and year their lengths are read for.
        """
        found = np.full(starts.shape, np.nan)
        rows: dict[str, list[int]] = {}
        for index, span in enumerate(spans):
            rows.setdefault(span.stage, []).append(index)
        for stage, indexes in rows.items():
            if stage in self._models:
                columns = Columns([spans[index] for index in indexes], self._models[stage].vocabulary)
                found[indexes] = self._models[stage].after(columns, starts[indexes], levels)
        return found


class _Model:
    """One stage's ladders. ``widening``: how far the range's lower and upper end are moved out, in log time."""

    def __init__(self, spans: Sequence[Span], as_of: float, settings: Settings) -> None:
        self.vocabulary = Vocabulary(spans)
        self.widening = (0.0, 0.0)
        self._settings = settings
        columns = Columns(spans, self.vocabulary)
        rows, marks, _, remaining = _outlived(columns, settings.quiet)
        weights = 0.5 ** ((as_of - columns.ended[rows]) / (settings.half_life * _DAY))
        codes = _dimensions(columns, rows, marks, settings.quiet)
        self._ladders = [Ladder(_AXIS, LADDERS[name], settings.strength) for name in settings.ladders]
        for ladder in self._ladders:
            ladder.learn(codes, _position(remaining), weights)

    def ends(self, columns: Columns, asked: Floats, levels: Floats, chunk: int = 8_192) -> Floats:
        """When the rows end, one column a level."""
        found = np.empty((len(columns), len(levels)))
        for start in range(0, len(columns), chunk):
            rows = np.arange(start, min(start + chunk, len(columns)))
            found[rows] = self._ends(columns, rows, np.maximum(asked[rows], columns.started[rows]), levels)
        return found

    def after(self, columns: Columns, starts: Floats, levels: Floats) -> Floats:
        """When the rows end that begin at ``starts``, one column a draw."""
        found = np.empty_like(starts)
        quiet = self._settings.quiet
        order = np.argsort(levels)
        for start in range(0, len(columns), 8_192):
            rows = np.arange(start, min(start + 8_192, len(columns)))
            codes = _dimensions(columns, rows, np.zeros(len(rows), dtype=np.int64), quiet)
            lasting = np.empty((len(rows), len(levels)))
            lasting[:, order] = _lasting(
                quantiles(_AXIS, self._shares(codes), np.full(len(rows), -np.inf), levels[order])
            )
            begun = columns.readings(rows, starts[rows], quiet)
            found[rows] = np.maximum(columns.instants(rows, begun + lasting, quiet), starts[rows])
        return found

    def _shares(self, codes: Codes) -> Floats:
        return sum((ladder.shares(codes) for ladder in self._ladders), np.zeros((len(codes), _AXIS.bins)))

    def _ends(self, columns: Columns, rows: Codes, asked: Floats, levels: Floats) -> Floats:
        quiet = self._settings.quiet
        begun = columns.readings(rows, columns.started[rows], quiet)
        elapsed = np.maximum(columns.readings(rows, asked, quiet) - begun, 0.0)
        marks = np.searchsorted(_LANDMARKS, elapsed, side="right") - 1
        codes = _dimensions(columns, rows, marks, quiet, asked)
        shares = self._shares(codes)
        since = elapsed - _LANDMARKS[marks]
        beyond = np.where(since > _SHORTEST, _position(since), -np.inf)
        remaining = _lasting(quantiles(_AXIS, shares, beyond, levels))
        ends = columns.instants(rows, (begun + _LANDMARKS[marks])[:, None] + remaining, quiet)
        return self._widened(np.maximum(ends, asked[:, None]), asked, levels)

    def _widened(self, ends: Floats, asked: Floats, levels: Floats) -> Floats:
        lower, upper = self.widening
        # In full at p10 and p90, nothing at the median, evenly between and on.
        moved = np.where(levels < 0.5, -lower * (0.5 - levels), upper * (levels - 0.5)) / 0.4
        blurred = np.log(ends - asked[:, None] + _BLUR) + moved
        return asked[:, None] + np.maximum.accumulate(np.maximum(np.exp(blurred) - _BLUR, 0.0), axis=1)


def _outlived(columns: Columns, quiet: float) -> tuple[Codes, Codes, Floats, Floats]:
    """For each span and landmark it outlived: the row, the landmark, its instant, the clock's time that remained."""
    everyone = np.arange(len(columns))
    begun = columns.readings(everyone, columns.started, quiet)
    lasted = columns.readings(everyone, columns.ended, quiet) - begun
    marks, rows = np.nonzero((lasted > _LANDMARKS[:, None]) | (_LANDMARKS[:, None] == 0))
    instants = columns.instants(rows, begun[rows] + _LANDMARKS[marks], quiet)
    return rows, marks, instants, np.maximum(lasted[rows] - _LANDMARKS[marks], 0.0)


def _dimensions(columns: Columns, rows: Codes, marks: Codes, quiet: float, known_at: Floats | None = None) -> Codes:
    """The ladders' columns: the calendar as at the landmark, the situation as at ``known_at`` (or the landmark)."""
    begun = columns.readings(rows, columns.started[rows], quiet)
    marked = columns.instants(rows, begun + _LANDMARKS[marks], quiet)
    known = columns.situation(rows, marked if known_at is None else known_at)
    return np.column_stack([marks, known, columns.names[rows], columns.calendar(rows, marked)])


def _position(seconds: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(seconds, _SHORTEST)))


def _lasting(positions: Floats) -> Floats:
    """The inverse, but for the lowest bin: what ended at once lies there, and is 0."""
    return np.where(positions < _AXIS.lowest + _AXIS.width, 0.0, np.exp(positions))


def _chosen(before: Sequence[Span], judged: Sequence[Span], as_of: float) -> Settings:
    """The settings that lose least on the spans held out, one choice after the other."""
    losses: dict[tuple[object, ...], float] = {}

    def loss(settings: Settings) -> float:
        key = astuple(replace(settings, ladders=tuple(sorted(settings.ladders))))
        if key not in losses:
            told, happened, asked = _tried(_Model(before, as_of, settings), judged)
            losses[key] = float(pinball(told - asked[:, None], happened - asked).sum())
        return losses[key]

    best = Settings()
    for choice, values in _CHOICES.items():
        best = min((replace(best, **{choice: value}) for value in values), key=loss)  # type: ignore[arg-type]
    best = min((replace(best, ladders=(name,)) for name in LADDERS), key=loss)
    for _ in range(3):
        more = min((replace(best, ladders=(*best.ladders, name)) for name in LADDERS), key=loss)
        if loss(more) >= loss(best):
            break
        best = more
    return best


def _tried(model: _Model, judged: Sequence[Span]) -> tuple[Floats, Floats, Floats]:
    """What the model tells of spans it has not seen, at each landmark they outlived; when they ended; when asked."""
    columns = Columns(judged, model.vocabulary)
    rows, _, instants, _ = _outlived(columns, 1.0)
    step = -(-len(rows) // _MOST_JUDGED)
    rows, instants = rows[::step], instants[::step]
    told = model.ends(Columns([judged[row] for row in rows], model.vocabulary), instants, np.array(LEVELS))
    return told, columns.ended[rows], instants


def _widening(model: _Model, judged: Sequence[Span]) -> tuple[float, float]:
    """How far p10 and p90 have to move out (or in, below 0) so that a tenth lies beyond each."""
    told, happened, asked = _tried(model, judged)
    logs = np.log(told - asked[:, None] + _BLUR)
    ended = np.log(happened - asked + _BLUR)
    lower, upper = logs[:, 0] - ended, ended - logs[:, -1]
    # The conformal rank is that of one more than there are.
    level = min(1.0, 0.9 * (1 + 1 / len(ended)))
    return float(np.quantile(lower, level)), float(np.quantile(upper, level))
