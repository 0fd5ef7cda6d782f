"""One small chart of a row of charts: median, the band around it and the target, month by month. Plain Python.

All charts have the same months at the same places; each has its own scale, from nothing to a round length. A month in
which nothing ended has no point, and the line is not drawn across it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 300, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 294.0, 8.0, 92.0
_BARS_TOP, _BARS_BOTTOM = 96.0, 112.0
_BAR_WIDTH = 12.0
_HOUR, _DAY = 3600, 86_400
# Round lengths that a scale may end at; above the last, whole hundreds of days.
_ENDS = (
    600, 1800, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 3 * _DAY, 4 * _DAY, 6 * _DAY,
    8 * _DAY, 10 * _DAY, 14 * _DAY, 20 * _DAY, 30 * _DAY, 40 * _DAY, 60 * _DAY, 80 * _DAY, 100 * _DAY,
)  # fmt: skip
# A target further up than this many times the longest p90 would flatten everything else: it is told, not drawn.
_FLATTENS = 3


class Point(NamedTuple):
    """What ended in one month: lengths in seconds."""

    month: int
    n: int
    p10: float
    median: float
    p90: float


class Chart(NamedTuple):
    """A drawing in units of ``WIDTH`` by ``HEIGHT``. Paths as SVG writes them; ``top`` is the scale's end, seconds."""

    bands: list[str]
    lines: list[str]
    dots: list[tuple[str, str]]
    bars: list[tuple[str, str, str, str]]
    target: str | None
    top: float
    grid: list[tuple[str, float]]
    months: list[tuple[str, int]]


def chart(points: Sequence[Point], months: int, target: float | None) -> Chart:
    """``points``: in the order of their months, which count from 0 up to ``months``; at least one."""
    longest = max(point.p90 for point in points)
    drawn = target if target is not None and target <= _FLATTENS * max(longest, 1) else None
    top = _round(max(longest, drawn or 0, 1))
    runs = _runs(points)
    most = max(point.n for point in points)
    return Chart(
        bands=[_band(run, months, top) for run in runs],
        lines=[_line(run, months, top) for run in runs if len(run) > 1],
        dots=[(f"{_x(point.month, months):.1f}", f"{_y(point.median, top):.1f}") for point in points],
        bars=[_bar(point, months, most) for point in points],
        target=None if drawn is None else f"{_y(drawn, top):.1f}",
        top=top,
        grid=[(f"{_y(part * top, top):.1f}", part * top) for part in (0, 0.5, 1)],
        months=[(f"{_x(index, months):.1f}", index) for index in sorted({0, (months - 1) // 2, months - 1})],
    )


def _round(longest: float) -> float:
    for end in _ENDS:
        if longest <= end:
            return float(end)
    return float(-(-longest // _ENDS[-1]) * _ENDS[-1])


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    """The points in months that follow each other."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and runs[-1][-1].month == point.month - 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _x(month: int, months: int) -> float:
    step = (_RIGHT - _LEFT) / months
    return _LEFT + step * (month + 0.5)


def _y(seconds: float, top: float) -> float:
    return _BOTTOM - min(seconds / top, 1) * (_BOTTOM - _TOP)


def _band(run: list[Point], months: int, top: float) -> str:
    """Around the run; a month alone is as wide as its bar."""
    aside = _BAR_WIDTH / 2 if len(run) == 1 else 0.0
    upper = [(_x(point.month, months), _y(point.p90, top)) for point in run]
    lower = [(_x(point.month, months), _y(point.p10, top)) for point in reversed(run)]
    if aside:
        upper = [(upper[0][0] - aside, upper[0][1]), (upper[0][0] + aside, upper[0][1])]
        lower = [(lower[0][0] + aside, lower[0][1]), (lower[0][0] - aside, lower[0][1])]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (*upper, *lower)) + "Z"


def _line(run: list[Point], months: int, top: float) -> str:
    return "M" + "L".join(f"{_x(point.month, months):.1f} {_y(point.median, top):.1f}" for point in run)


def _bar(point: Point, months: int, most: int) -> tuple[str, str, str, str]:
    """How many ended: where the bar begins, across and down, its width and its height."""
    height = max(1.0, point.n / most * (_BARS_BOTTOM - _BARS_TOP))
    x = _x(point.month, months) - _BAR_WIDTH / 2
    return f"{x:.1f}", f"{_BARS_BOTTOM - height:.1f}", f"{_BAR_WIDTH:.0f}", f"{height:.1f}"
