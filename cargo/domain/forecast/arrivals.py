"""When a vessel or flight will arrive: the carrier's estimate, corrected by what such estimates missed before.

An error is ``arrived - anchor``; the anchor lies between the estimate and the planned schedule (how near to which is
chosen on the last part of the history), and is the schedule where no estimate was told. Errors are kept on an inverse
hyperbolic sine scale (fine near 0, logarithmic far off), by lead time, carrier, port and how far the estimate has
slipped from the schedule. Only errors count by which the arrival is still ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter

import numpy as np

from cargo.domain.forecast.backoff import Axis, Codes, Floats, Ladder, quantiles
from cargo.domain.forecast.comparable import Names
from cargo.domain.forecast.scoring import LEVELS, pinball

_DAY = 86_400
_UNIT = 2 * 3600.0
_AXIS = Axis(-7.0, 7.0, 280)
# Lead times and slips are told apart by these borders, in days.
_LEADS = np.array([-1, 0, 0.25, 0.5, 1, 2, 3, 5, 7, 10, 14, 21, 28]) * _DAY
_SLIPS = np.array([-2, -0.75, -0.25, 0.25, 0.75, 2, 4]) * _DAY
_LEAD, _SLIP, _MODE, _CARRIER, _PORT = range(5)
_LADDERS: Mapping[str, Sequence[Sequence[int]]] = {
    "carrier at port": ((_MODE, _LEAD), (_CARRIER,), (_PORT,)),
    "carrier's slip": ((_MODE, _LEAD), (_CARRIER,), (_SLIP,)),
    "port's slip": ((_MODE, _LEAD), (_SLIP,), (_PORT,)),
    "port": ((_MODE, _LEAD), (_PORT,), (_CARRIER,)),
}
_HELD_OUT, _RIPENING = 60 * _DAY, 20 * _DAY
_LEAST_HELD_OUT = 50
_MOST_JUDGED = 6_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was known of an arrival at ``asked_at``. Instants are seconds since 1970 UTC.

    ``estimated_at``: the carrier's latest estimate, ``None`` when there is none; ``planned_at``: the schedule.
    ``arrived_at``: when it did arrive; ``None`` while it is under way.
    """

    asked_at: int
    planned_at: int
    estimated_at: int | None = None
    arrived_at: int | None = None
    mode: str = ""
    carrier: str = ""
    port: str = ""
    organization: str = ""


_everything = attrgetter(*(field.name for field in fields(Estimate)))


@dataclass(frozen=True, slots=True)
class ArrivalSettings:
    """How errors are learned. ``trust``: 1 anchors on the estimate, 0 on the schedule. ``half_life`` in days."""

    trust: float = 1.0
    half_life: float = 120.0
    strength: float = 20.0
    ladders: tuple[str, ...] = ("carrier at port",)


_CHOICES: Mapping[str, tuple[object, ...]] = {
    "trust": (1.0, 0.8, 0.5, 0.0),
    "half_life": (20.0, 45.0, 120.0, 2000.0),
    "strength": (5.0, 20.0, 50.0),
}


class ArrivalForecaster:
    """Forecasts of arrivals. ``settings``: what was chosen, or is given."""

    def __init__(self, settings: ArrivalSettings | None = None) -> None:
        self.settings = settings
        self._model: _Errors | None = None

    def learn(self, history: Iterable[Estimate], as_of: int) -> None:
        """Learn from what arrived before ``as_of``, in whatever order it comes."""
        known = [told for told in history if told.arrived_at is not None and told.arrived_at < as_of]
        known.sort(key=lambda told: tuple(-1 if value is None else value for value in _everything(told)))
        if not known:
            self._model = None
            return
        before = [told for told in known if (told.arrived_at or 0) < as_of - _HELD_OUT]
        judged = [told for told in known if as_of - _HELD_OUT <= told.asked_at < as_of - _RIPENING]
        judged = judged[:: -(-len(judged) // _MOST_JUDGED) or 1]
        enough = min(len(before), len(judged)) >= _LEAST_HELD_OUT
        if self.settings is None:
            self.settings = _chosen(before, judged, as_of - _HELD_OUT) if enough else ArrivalSettings()
        self._model = _Errors(known, as_of, self.settings)
        if enough:
            earlier = _Errors(before, as_of - _HELD_OUT, self.settings)
            self._model.widening = earlier.missed(judged)

    def forecast(self, questions: Sequence[Estimate]) -> Floats:
        """When they arrive, seconds since 1970 UTC: one row a question, one column a level of ``LEVELS``."""
        return self.quantiles(questions, np.array(LEVELS))

    def quantiles(self, questions: Sequence[Estimate], levels: Floats) -> Floats:
        """As ``forecast``, for any rising levels. Without any history: NaN."""
        if self._model is None or not questions:
            return np.full((len(questions), len(levels)), np.nan)
        return self._model.arrivals(questions, levels)


class _Errors:
    """The distributions of errors. ``widening``: how far the range's ends are moved out, in the errors' scale."""

    def __init__(self, known: Sequence[Estimate], as_of: float, settings: ArrivalSettings) -> None:
        self.widening = (0.0, 0.0)
        self._settings = settings
        cargoes = {(told.carrier, told.port, told.organization, told.arrived_at) for told in known}
        self._carriers = Names((carrier, client) for carrier, _, client, _ in cargoes)
        self._ports = Names((port, client) for _, port, client, _ in cargoes)
        self._numbers = [{name: at for at, name in enumerate(sorted(set(names)), 1)} for names in self._names(known)]
        self._ladders = [Ladder(_AXIS, _LADDERS[name], settings.strength) for name in settings.ladders]
        arrived = np.array([told.arrived_at for told in known], dtype=np.float64)
        weights = 0.5 ** ((as_of - arrived) / (settings.half_life * _DAY))
        codes, anchor, _ = self._read(known)
        for ladder in self._ladders:
            ladder.learn(codes, _scaled(arrived - anchor), weights)

    def arrivals(self, questions: Sequence[Estimate], levels: Floats) -> Floats:
        found = np.empty((len(questions), len(levels)))
        for start in range(0, len(questions), 8_192):
            part = questions[start : start + 8_192]
            found[start : start + len(part)] = self._arrivals(part, levels)
        return found

    def missed(self, judged: Sequence[Estimate]) -> tuple[float, float]:
        """How far p10 and p90 have to move out so that a tenth of these lies beyond each."""
        _, anchor, _ = self._read(judged)
        told = _scaled(self.arrivals(judged, np.array(LEVELS)) - anchor[:, None])
        error = _scaled(np.array([one.arrived_at for one in judged], dtype=np.float64) - anchor)
        level = min(1.0, 0.9 * (1 + 1 / len(judged)))
        return float(np.quantile(told[:, 0] - error, level)), float(np.quantile(error - told[:, -1], level))

    def _arrivals(self, questions: Sequence[Estimate], levels: Floats) -> Floats:
        codes, anchor, asked = self._read(questions)
        shares = sum((ladder.shares(codes) for ladder in self._ladders), np.zeros((len(questions), _AXIS.bins)))
        errors = quantiles(_AXIS, shares, _scaled(asked - anchor), levels)
        lower, upper = self.widening
        moved = np.where(levels < 0.5, -lower * (0.5 - levels), upper * (levels - 0.5)) / 0.4
        errors = np.maximum.accumulate(errors + moved, axis=1)
        return np.maximum(anchor[:, None] + np.sinh(errors) * _UNIT, asked[:, None])

    def _read(self, told: Sequence[Estimate]) -> tuple[Codes, Floats, Floats]:
        """The ladders' columns, the anchors, and when it was asked."""
        asked = np.array([one.asked_at for one in told], dtype=np.float64)
        planned = np.array([one.planned_at for one in told], dtype=np.float64)
        estimated = np.array([np.nan if one.estimated_at is None else one.estimated_at for one in told])
        silent = np.isnan(estimated)
        anchor = np.where(silent, planned, planned + self._settings.trust * (estimated - planned))
        lead = np.searchsorted(_LEADS, np.where(silent, planned, estimated) - asked, side="right") + silent * 32
        slip = np.searchsorted(_SLIPS, np.where(silent, 0.0, estimated - planned), side="right")
        mode, carrier, port = (
            np.array([numbers.get(name, 0) for name in names], dtype=np.int64)
            for numbers, names in zip(self._numbers, self._names(told), strict=True)
        )
        return np.column_stack([lead, slip, mode, carrier, port]).astype(np.int64), anchor, asked

    def _names(self, told: Sequence[Estimate]) -> tuple[list[str], ...]:
        """Mode, carrier and port; those that too few stand behind are each organization's own (``comparable``)."""
        return (
            [one.mode for one in told],
            [self._carriers.of(one.carrier, one.organization) for one in told],
            [self._ports.of(one.port, one.organization) for one in told],
        )


def _scaled(error: Floats) -> Floats:
    return np.asarray(np.arcsinh(error / _UNIT))


def _chosen(before: Sequence[Estimate], judged: Sequence[Estimate], as_of: float) -> ArrivalSettings:
    """The settings that lose least on what was held out, one choice after the other."""
    arrived = np.array([one.arrived_at for one in judged], dtype=np.float64)
    asked = np.array([one.asked_at for one in judged], dtype=np.float64)

    def loss(settings: ArrivalSettings) -> float:
        told = _Errors(before, as_of, settings).arrivals(judged, np.array(LEVELS))
        return float(pinball(told - asked[:, None], arrived - asked).sum())

    best = ArrivalSettings()
    for choice, values in _CHOICES.items():
        best = min((replace(best, **{choice: value}) for value in values), key=loss)  # type: ignore[arg-type]
    found = [(loss(best), best)]
    for name in _LADDERS:
        alone, together = replace(best, ladders=(name,)), replace(best, ladders=(*best.ladders, name))
        found += [(loss(alone), alone), (loss(together), together)]
    return min(found, key=lambda pair: pair[0])[1]
