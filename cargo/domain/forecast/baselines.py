"""The forecasts that a good one has to beat: the mean of a port, a table of a port's quantiles, the carrier's word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.scoring import LEVELS

_LEAST = 5


class PortTable:
    """The stage's lengths at each port (all ports where too few ended there): their mean, and their quantiles."""

    def __init__(self, history: Iterable[Span], as_of: int) -> None:
        lengths: dict[tuple[str, str], list[int]] = {}
        for span in history:
            if span.ended_at is not None and span.ended_at < as_of:
                for port in (span.port, ""):
                    lengths.setdefault((span.stage, port), []).append(span.ended_at - span.started_at)
        self._lengths = {key: np.sort(np.array(found, dtype=np.float64)) for key, found in lengths.items()}

    def means(self, questions: Sequence[Span], asked_at: Sequence[int]) -> Floats:
        """The start and the mean length, told for every level; not before it is asked."""
        told = [
            max(asked, span.started_at + self._of(span).mean()) for span, asked in zip(questions, asked_at, strict=True)
        ]
        return np.repeat(np.array(told)[:, None], len(LEVELS), axis=1)

    def quantiles(self, questions: Sequence[Span], asked_at: Sequence[int]) -> Floats:
        """The quantiles of those lengths that outlast the time since the start (of all, where hardly any does)."""
        told = []
        for span, asked in zip(questions, asked_at, strict=True):
            lengths = self._of(span)
            longer = lengths[np.searchsorted(lengths, asked - span.started_at, side="right") :]
            told.append(span.started_at + np.quantile(longer if len(longer) >= _LEAST else lengths, LEVELS))
        return np.maximum(np.array(told), np.array(asked_at)[:, None])

    def _of(self, span: Span) -> Floats:
        found = self._lengths.get((span.stage, span.port))
        return self._lengths[span.stage, ""] if found is None or len(found) < _LEAST else found


class ArrivalTable:
    """The carrier's own word; the schedule with a port's mean delay; a port's quantiles of the carriers' errors."""

    def __init__(self, history: Iterable[Estimate], as_of: int) -> None:
        delays: dict[str, list[int]] = {}
        errors: dict[str, list[int]] = {}
        for told in history:
            if told.arrived_at is not None and told.arrived_at < as_of:
                delays.setdefault(told.port, []).append(told.arrived_at - told.planned_at)
                errors.setdefault(told.port, []).append(told.arrived_at - _word(told))
        self._delays = {port: float(np.mean(found)) for port, found in delays.items()}
        self._errors = {port: np.sort(np.array(found, dtype=np.float64)) for port, found in errors.items()}

    def carrier(self, questions: Sequence[Estimate]) -> Floats:
        """The carrier's estimate, told for every level; the schedule where it tells none."""
        return _for_every_level([max(_word(told), told.asked_at) for told in questions])

    def means(self, questions: Sequence[Estimate]) -> Floats:
        """The schedule and the port's mean delay."""
        return _for_every_level([max(one.planned_at + self._delays[one.port], one.asked_at) for one in questions])

    def quantiles(self, questions: Sequence[Estimate]) -> Floats:
        """The estimate and the quantiles of the port's errors that leave the arrival ahead."""
        told = []
        for one in questions:
            errors = self._errors[one.port]
            ahead = errors[np.searchsorted(errors, one.asked_at - _word(one), side="right") :]
            told.append(_word(one) + np.quantile(ahead if len(ahead) >= _LEAST else errors, LEVELS))
        return np.maximum(np.array(told), np.array([one.asked_at for one in questions])[:, None])


def _word(told: Estimate) -> int:
    return told.planned_at if told.estimated_at is None else told.estimated_at


def _for_every_level(told: Sequence[float]) -> Floats:
    return np.repeat(np.array(told, dtype=np.float64)[:, None], len(LEVELS), axis=1)
