"""Medians, ratios and how they are printed."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time


@dataclass
class Figure:
    """One measured ratio with its goal. Rates are per second; the ratio is of medians over rounds of one run."""

    name: str
    candidate: float
    baseline: float
    ratio: float
    floor: float
    unit: str
    ceiling: float = math.inf

    @property
    def met(self) -> bool:
        """Whether the floor is reached and the ceiling is not passed."""
        return self.floor <= self.ratio <= self.ceiling


def clock(work: Callable[[], int]) -> tuple[float, float]:
    """Items a second by the wall, and CPU microseconds an item of this process."""
    wall, cpu = perf_counter(), process_time()
    items = work()
    return items / (perf_counter() - wall), (process_time() - cpu) / items * 1e6


def compare(name: str, candidate: list[float], baseline: list[float], floor: float, unit: str = "msg/s") -> Figure:
    """The ratio of medians of rates."""
    one, other = statistics.median(candidate), statistics.median(baseline)
    return Figure(name, one, other, one / other, floor, unit)


def report(figures: list[Figure], path: Path) -> bool:
    """Prints the table, writes it as JSON, and says whether every floor is reached."""
    print(f"{'what':58} {'candidate':>12} {'baseline':>12} {'ratio':>7} {'floor':>6}")
    for figure in figures:
        mark = "" if figure.met else "  below the floor" if figure.ratio < figure.floor else "  above the ceiling"
        goal = f"{figure.floor:5.1f}x" if figure.ceiling == math.inf else f"<{figure.ceiling:.1f}"
        print(
            f"{figure.name:58} {figure.candidate:12,.0f} {figure.baseline:12,.0f} {figure.ratio:6.2f}x {goal:>6}{mark}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([_plain(figure) for figure in figures], indent=1), encoding="utf-8")
    return all(figure.met for figure in figures)


def _plain(figure: Figure) -> dict[str, object]:
    return {name: value for name, value in asdict(figure).items() if value != math.inf}
