"""The forecasts that a good one has to beat: the mean of a port, a table of a port's quantiles, the carrier's word.

A port that too few stand behind is each organization's own here, too (``comparable``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from cargo.domain.forecast.arrivals import Estimate
from cargo.domain.forecast.backoff import Floats
from cargo.domain.forecast.comparable import Names
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.scoring import LEVELS

_LEAST = 5


class PortTable:
    """The stage's lengths at each port (all ports where too few ended there): their mean, and their quantiles."""

    def __init__(self, history: Iterable[Span], as_of: int) -> None:
        ended = [span for span in history if span.ended_at is not None and span.ended_at < as_of]
        told: dict[str, list[tuple[str, str]]] = {}
        for span in ended:
            told.setdefault(span.stage, []).append((span.port, span.organization))
        self._ports = {stage: Names(pairs) for stage, pairs in told.items()}
        lengths: dict[tuple[str, str], list[int]] = {}
        for span in ended:
            for port in (self._ports[span.stage].of(span.port, span.organization), ""):
                lengths.setdefault((span.stage, port), []).append((span.ended_at or 0) - span.started_at)
        self._lengths = _Sorted(lengths)

    def knows(self, stage: str) -> bool:
        """Whether any such stage ended."""
        return (stage, "") in self._lengths

    def means(self, questions: Sequence[Span], asked_at: Sequence[int]) -> Floats:
        """The start and the mean length, told for every level; not before it is asked."""
        started = np.array([span.started_at for span in questions], dtype=np.float64)
        told = np.maximum(started + self._lengths.means[self._rows(questions)], asked_at)
        return np.repeat(told[:, None], len(LEVELS), axis=1)

    def mean(self, stage: str, port: str, organization: str) -> float:
        """The mean length in seconds. A stage that is not known raises ``KeyError``."""
        return float(self._lengths.means[self._row(stage, port, organization)])

    def quantiles(self, questions: Sequence[Span], asked_at: Sequence[int]) -> Floats:
        """The quantiles of those lengths that outlast the time since the start (of all, where hardly any does)."""
        started = np.array([span.started_at for span in questions], dtype=np.float64)
        asked = np.array(asked_at, dtype=np.float64)
        told = started[:, None] + self._lengths.beyond(self._rows(questions), asked - started)
        return np.maximum(told, asked[:, None])

    def shares(self, questions: Sequence[Span], asked_at: Sequence[int]) -> Floats:
        """Which share of those lengths is not longer than the time since the start: 0 to 1."""
        started = np.array([span.started_at for span in questions], dtype=np.float64)
        rows = self._rows(questions)
        shorter = self._lengths.not_longer(rows, np.asarray(asked_at, dtype=np.float64) - started)
        return np.asarray(shorter / self._lengths.counts[rows])

    def _rows(self, questions: Sequence[Span]) -> NDArray[np.int64]:
        rows = [self._row(span.stage, span.port, span.organization) for span in questions]
        return np.array(rows, dtype=np.int64)

    def _row(self, stage: str, port: str, organization: str) -> int:
        row = self._lengths.index.get((stage, self._ports[stage].of(port, organization)))
        return self._lengths.index[stage, ""] if row is None or self._lengths.counts[row] < _LEAST else row


class _Sorted:
    """Sorted numbers of many keys behind each other, so that one search answers questions about different keys."""

    def __init__(self, numbers: dict[tuple[str, str], list[int]]) -> None:
        self.index = {key: row for row, key in enumerate(numbers)}
        parts = [np.sort(np.array(found, dtype=np.float64)) for found in numbers.values()]
        self.counts = np.array([len(part) for part in parts], dtype=np.int64)
        self.means = np.array([part.mean() for part in parts], dtype=np.float64)
        self._starts = np.array([0, *accumulate(len(part) for part in parts)], dtype=np.int64)
        self._all = np.concatenate(parts) if parts else np.empty(0)
        # Each key's numbers are lifted above those of the key before it.
        self._lift = (float(self._all.max()) + 2.0) if parts else 1.0
        self._lifted = self._all + np.repeat(np.arange(len(parts)) * self._lift, self.counts)

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self.index

    def not_longer(self, rows: NDArray[np.int64], numbers: Floats) -> NDArray[np.int64]:
        """How many of the key's numbers are not above each of these."""
        inside = np.clip(numbers, -1.0, self._lift - 1.0)
        return np.searchsorted(self._lifted, inside + rows * self._lift, side="right") - self._starts[rows]

    def beyond(self, rows: NDArray[np.int64], numbers: Floats) -> Floats:
        """The quantiles ``LEVELS`` of the key's numbers that are above these; of all, where hardly any is."""
        passed = self.not_longer(rows, numbers)
        passed = np.where(self.counts[rows] - passed >= _LEAST, passed, 0)
        last = (self.counts[rows] - passed - 1)[:, None]
        place = (self._starts[rows] + passed)[:, None] + last * np.array(LEVELS)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, self._starts[rows + 1][:, None] - 1)
        return np.asarray(self._all[below] + (place - below) * (self._all[above] - self._all[below]))


class ArrivalTable:
    """The carrier's own word; the schedule with a port's mean delay; a port's quantiles of the carriers' errors."""

    def __init__(self, history: Iterable[Estimate], as_of: int) -> None:
        known = [told for told in history if told.arrived_at is not None and told.arrived_at < as_of]
        self._ports = Names((told.port, told.organization) for told in known)
        delays: dict[str, list[int]] = {}
        errors: dict[tuple[str, str], list[int]] = {}
        for told in known:
            for port in (self._ports.of(told.port, told.organization), ""):
                delays.setdefault(port, []).append((told.arrived_at or 0) - told.planned_at)
                errors.setdefault(("", port), []).append((told.arrived_at or 0) - _word(told))
        self._delays = {port: float(np.mean(found)) for port, found in delays.items()}
        # Errors may lie before 0, lengths never do.
        self._least = min((found for part in errors.values() for found in part), default=0)
        self._errors = _Sorted({key: [found - self._least for found in part] for key, part in errors.items()})

    def carrier(self, questions: Sequence[Estimate]) -> Floats:
        """The carrier's estimate, told for every level; the schedule where it tells none."""
        return _for_every_level([max(_word(told), told.asked_at) for told in questions])

    def means(self, questions: Sequence[Estimate]) -> Floats:
        """The schedule and the port's mean delay (that of all ports, where none arrived there)."""
        delays = [self._delays.get(self._ports.of(one.port, one.organization), self._delays[""]) for one in questions]
        told = [max(one.planned_at + delay, one.asked_at) for one, delay in zip(questions, delays, strict=True)]
        return _for_every_level(told)

    def quantiles(self, questions: Sequence[Estimate]) -> Floats:
        """The estimate and the quantiles of the port's errors that leave the arrival ahead."""
        anywhere = self._errors.index["", ""]
        keys = [("", self._ports.of(one.port, one.organization)) for one in questions]
        rows = np.array([self._errors.index.get(key, anywhere) for key in keys], dtype=np.int64)
        words = np.array([_word(one) for one in questions], dtype=np.float64)
        asked = np.array([one.asked_at for one in questions], dtype=np.float64)
        # An error that is exactly the time that has passed leaves nothing ahead.
        told = words[:, None] + self._least + self._errors.beyond(rows, asked - words - self._least)
        return np.maximum(told, asked[:, None])


def _word(told: Estimate) -> int:
    return told.planned_at if told.estimated_at is None else told.estimated_at


def _for_every_level(told: Sequence[float]) -> Floats:
    return np.repeat(np.array(told, dtype=np.float64)[:, None], len(LEVELS), axis=1)
