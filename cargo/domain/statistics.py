"""What lengths of time are summed up as: the same numbers as PostgreSQL's aggregates give.

Outliers are told by Tukey's far fences on the logarithm of the seconds (quartiles minus and plus three times the range
between them): lead times are skewed to the right, so that on plain seconds every long tail would be one. Stages of no
length have no logarithm and are never outliers. Under ``FENCED_FROM`` lengths, or where the middle half is one value,
there are no fences. Outliers are counted and named; mean, median and the rest are of everything, and mean and standard
deviation are given without them as well. Source: J. W. Tukey, Exploratory Data Analysis (1977), section 2D.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
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


def summarize(lengths: Sequence[tuple[int, int]]) -> Summary:
    """Of (shipment, seconds), at least one. ``outlying``: shipments of the longest outliers, longest first."""
    seconds = sorted(length for _, length in lengths)
    low, high = fences(seconds)
    outlying = [
        (length, shipment) for shipment, length in lengths if length > 0 and not low <= math.log(length) <= high
    ]
    inside = [length for length in seconds if length <= 0 or low <= math.log(length) <= high]
    return Summary(
        n=len(seconds),
        mean=tenth(statistics.fmean(seconds)),
        p10=tenth(percentile(seconds, 0.1)),
        median=tenth(percentile(seconds, 0.5)),
        p90=tenth(percentile(seconds, 0.9)),
        deviation=_deviation(seconds),
        outliers=len(outlying),
        outlying=[shipment for _, shipment in sorted(outlying, key=lambda row: (-row[0], row[1]))[:NAMED]],
        mean_inside=tenth(statistics.fmean(inside)) if inside else None,
        deviation_inside=_deviation(inside),
    )


def fences(ordered: Sequence[int]) -> tuple[float, float]:
    """Between which logarithms nothing is an outlier; infinite where there are no fences."""
    logarithms = [math.log(length) for length in ordered if length > 0]
    if len(logarithms) >= FENCED_FROM:
        first, third = percentile(logarithms, 0.25), percentile(logarithms, 0.75)
        if third > first:
            return first - FENCE * (third - first), third + FENCE * (third - first)
    return -math.inf, math.inf


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Of ascending values, between its two neighbours in proportion, as ``percentile_cont`` of SQL:2003 does."""
    place = fraction * (len(ordered) - 1)
    below = math.floor(place)
    above = math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def tenth(value: float) -> float:
    """Rounded as it is given."""
    return round(float(value), 1)


def _deviation(values: Sequence[int]) -> float | None:
    return tenth(statistics.stdev(values)) if len(values) > 1 else None
