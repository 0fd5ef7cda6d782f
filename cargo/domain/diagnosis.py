"""Which stage costs a client most: against its own target, against comparable cargo, and of the whole way.

What a stage costs by each of these is told in ``stage_costs``.

The bottleneck is the stage that loses most against targets; without a target that was missed, the one with the greatest
difference to comparable cargo; without that, the longest part of the whole. Where customs was heard, what the terminal
told beside it is not named by the latter two: it holds customs' stages in it. One value of a dimension stands out if it
loses at least a third of all that the stage lost, with at least ten cargoes, and a quarter more than its part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from cargo.domain.stage_costs import (
    ON_THE_WAY,
    TERMINAL_WAY,
    Medians,
    StageCost,
    Took,
    against_comparable,
    against_target,
    customs_spoke,
    parts_of,
)
from cargo.domain.statistics import percentile

TARGET, COMPARABLE, SHARE = "target", "comparable", "share"
DIMENSIONS = ("warehouse", "broker", "customs_office", "channel", "declared", "agency", "weekday")
# A value stands out with this part of what was lost, this many cargoes, and this much more than its part of them.
OUTSTANDING, OUTSTANDING_FROM, OUTSTANDING_MORE = 1 / 3, 10, 1.25
# Fewer cargoes are thin; a second within this part of the first is as good as equal.
THIN, TIE = 10, 0.9
WORST = 20


class Bottleneck(NamedTuple):
    """The stage that costs most by ``basis``. ``lost``: seconds in all; ``tied``: another one is as good as equal."""

    stage: str
    basis: str
    lost: float
    n: int
    tied: str

    @property
    def thin(self) -> bool:
        """Whether few cargoes stand behind it."""
        return self.n < THIN


class Outstanding(NamedTuple):
    """One value of a dimension with ``share`` of all that was lost in ``n`` of ``of`` cargoes."""

    dimension: str
    value: str
    n: int
    of: int
    lost: float
    share: float


class Lost(NamedTuple):
    """A cargo and what it lost in the bottleneck, in seconds."""

    took: Took
    lost: float


class Diagnosis(NamedTuple):
    """Stages in their order. ``named``: the first by each basis that has one; ``bottleneck`` the one that counts."""

    stages: list[StageCost]
    named: dict[str, Bottleneck]
    bottleneck: Bottleneck | None
    outstanding: list[Outstanding]
    worst: list[Lost]


def diagnose(rows: Iterable[Took], medians: Medians, since: int) -> Diagnosis:
    """Of what ended in a period, which began at ``since`` (seconds since 1970, UTC).

    ``medians``: comparable cargo by stage, mode and port, where it may be told.
    """
    by_stage: dict[str, list[Took]] = {}
    for row in rows:
        by_stage.setdefault(row.stage, []).append(row)
    parts = parts_of(by_stage, since)
    stages = [
        StageCost(
            stage,
            len(took),
            percentile(sorted(row.seconds for row in took), 0.5),
            against_target(took),
            against_comparable(took, medians),
            parts.get(stage),
        )
        for stage in ON_THE_WAY
        if (took := by_stage.get(stage))
    ]
    named = {basis: found for basis in (TARGET, COMPARABLE, SHARE) if (found := _first(stages, basis)) is not None}
    bottleneck = next(iter(named.values()), None)
    if bottleneck is None:
        return Diagnosis(stages, named, None, [], [])
    lost = [
        Lost(row, length)
        for row in by_stage[bottleneck.stage]
        if (length := _lost(row, bottleneck.basis, medians)) is not None
    ]
    worst = sorted((row for row in lost if row.lost > 0), key=lambda row: (-row.lost, row.took.shipment))
    return Diagnosis(stages, named, bottleneck, outstanding(lost), worst[:WORST])


def outstanding(lost: Sequence[Lost]) -> list[Outstanding]:
    """The one value of each dimension that stands out, the greatest part first."""
    total = sum(row.lost for row in lost)
    found: list[Outstanding] = []
    if total <= 0:
        return found
    for dimension in DIMENSIONS:
        groups: dict[str, list[float]] = {}
        for row in lost:
            if name := getattr(row.took, dimension):
                groups.setdefault(name, []).append(row.lost)
        for name, lengths in groups.items():
            share = sum(lengths) / total
            more = share >= OUTSTANDING_MORE * len(lengths) / len(lost)
            if share >= OUTSTANDING and len(lengths) >= OUTSTANDING_FROM and more:
                found.append(Outstanding(dimension, name, len(lengths), len(lost), sum(lengths), share))
    best: dict[str, Outstanding] = {}
    for value in sorted(found, key=lambda one: (-one.share, one.value)):
        best.setdefault(value.dimension, value)
    return list(best.values())


_WEIGHTS: dict[str, Callable[[StageCost], tuple[float, int]]] = {
    TARGET: lambda row: (row.target.lost, row.target.n) if row.target else (0, 0),
    COMPARABLE: lambda row: (row.comparable.difference, row.comparable.n) if row.comparable else (0, 0),
    SHARE: lambda row: (row.whole.share, row.whole.n) if row.whole else (0, 0),
}


def _first(stages: Sequence[StageCost], basis: str) -> Bottleneck | None:
    """The stage with the greatest weight above nothing, the earlier one of equals."""
    weigh = _WEIGHTS[basis]
    beside = TERMINAL_WAY if basis != TARGET and customs_spoke(row.stage for row in stages) else ()
    ranked = [row for row in stages if weigh(row)[0] > 0 and row.stage not in beside]
    ranked.sort(key=lambda row: -weigh(row)[0])
    if not ranked:
        return None
    lost, n = weigh(ranked[0])
    tied = ranked[1].stage if len(ranked) > 1 and weigh(ranked[1])[0] >= TIE * lost else ""
    return Bottleneck(ranked[0].stage, basis, lost, n, tied)


def _lost(row: Took, basis: str, medians: Medians) -> float | None:
    """What one cargo lost, in seconds; ``None`` where there is nothing to hold it against."""
    if basis == TARGET:
        return row.past_target
    if basis == COMPARABLE:
        return max(0.0, row.seconds - medians[row.cell]) if row.cell in medians else None
    return row.seconds
