"""What lengths of time are summed up as: percentiles as PostgreSQL's ``percentile_cont``, sums in whole numbers.

Whoever sums up the same lengths gets the same figures to the last digit, from rows or from packed columns: nothing is
added up in floating point. Outliers are told by Tukey's far fences on the logarithm of the seconds (quartiles minus and
plus three times the range between them): lead times are skewed to the right, so that on plain seconds every long tail
would be one. Stages of no length have no logarithm and are never outliers. Under ``FENCED_FROM`` lengths, or where the
middle half is one value, there are no fences. Outliers are counted and named; mean, median and the rest are of
everything, and mean and standard deviation are given without them as well.
Source: J. W. Tukey, Exploratory Data Analysis (1977), section 2D.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import mul
from typing import NamedTuple

FENCED_FROM = 8
FENCE = 3.0
# How many outliers are named.
NAMED = 10


class Summary(NamedTuple):
    """Lengths in seconds: mean and standard deviation (of a sample; ``None`` for one value) to a tenth."""

    n: int
    mean: float
    p10: float
    median: float
    p90: float
    deviation: float | None
    outliers: int
    outlying: list[int]
    mean_inside: float | None
    deviation_inside: float | None


class Sums(NamedTuple):
    """How many, their sum and the sum of their squares, as whole numbers of any size."""

    n: int
    total: int
    squares: int

    def without(self, other: Sums) -> Sums:
        """What is left when those are taken away."""
        return Sums(self.n - other.n, self.total - other.total, self.squares - other.squares)

    @property
    def mean(self) -> float | None:
        """To a tenth."""
        return tenth(self.total / self.n) if self.n else None

    @property
    def deviation(self) -> float | None:
        """Of a sample, to a tenth; the variance is one quotient of whole numbers."""
        if self.n < 2:
            return None
        return tenth(math.sqrt((self.n * self.squares - self.total * self.total) / (self.n * (self.n - 1))))


def sums_of(values: Sequence[int]) -> Sums:
    """Of any whole numbers."""
    return Sums(len(values), sum(values), sum(map(mul, values, values)))


def summarize(lengths: Sequence[tuple[int, int]]) -> Summary:
    """Of (shipment, seconds), at least one. ``outlying``: shipments of the longest outliers, longest first."""
    figures, longest = summarize_ordered(sorted(length for _, length in lengths))
    if not longest:
        return figures
    return named(figures, ((length, shipment) for shipment, length in lengths if length in longest))


def summarize_ordered(
    ordered: Sequence[int], sums: Callable[[Sequence[int]], Sums] = sums_of
) -> tuple[Summary, frozenset[int]]:
    """Of at least one length, ascending; the outliers are not named yet, but these are the lengths that ``named``
    wants the shipments of. ``sums`` adds up a part of them.
    """
    positive = bisect_right(ordered, 0)
    low, high = fences(ordered)
    first = bisect_left(ordered, low, lo=positive, key=math.log)
    last = bisect_right(ordered, high, lo=first, key=math.log)
    everything, short, long = sums(ordered), sums(ordered[positive:first]), sums(ordered[last:])
    inside = everything.without(short).without(long)
    mean = everything.mean
    assert mean is not None
    figures = Summary(
        n=everything.n,
        mean=mean,
        p10=tenth(percentile(ordered, 0.1)),
        median=tenth(percentile(ordered, 0.5)),
        p90=tenth(percentile(ordered, 0.9)),
        deviation=everything.deviation,
        outliers=short.n + long.n,
        outlying=[],
        mean_inside=inside.mean,
        deviation_inside=inside.deviation,
    )
    longest = [int(length) for length in ordered[max(last, len(ordered) - NAMED) :]]
    if len(longest) < NAMED:
        longest += [int(length) for length in ordered[max(positive, first - NAMED + len(longest)) : first]]
    return figures, frozenset(longest)


def named(figures: Summary, candidates: Iterable[tuple[int, int]]) -> Summary:
    """With the shipments of the longest outliers; ``candidates``: (seconds, shipment) of all with these lengths."""
    ordered = sorted(candidates, key=lambda row: (-row[0], row[1]))
    return figures._replace(outlying=[int(shipment) for _, shipment in ordered[:NAMED]])


def fences(ordered: Sequence[int]) -> tuple[float, float]:
    """Between which logarithms nothing is an outlier; infinite where there are no fences. Of ascending lengths."""
    positive = bisect_right(ordered, 0)
    count = len(ordered) - positive
    if count >= FENCED_FROM:
        first, third = (_log_percentile(ordered, positive, count, fraction) for fraction in (0.25, 0.75))
        if third > first:
            return first - FENCE * (third - first), third + FENCE * (third - first)
    return -math.inf, math.inf


def _log_percentile(ordered: Sequence[int], start: int, count: int, fraction: float) -> float:
    place = fraction * (count - 1)
    below, above = math.floor(place), math.ceil(place)
    low = math.log(ordered[start + below])
    return low + (math.log(ordered[start + above]) - low) * (place - below)


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Of ascending values, between its two neighbours in proportion, as ``percentile_cont`` of SQL:2003 does."""
    place = fraction * (len(ordered) - 1)
    below = math.floor(place)
    above = math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def tenth(value: float) -> float:
    """Rounded as it is given."""
    return round(float(value), 1)
