"""Which stage costs a client most: against its own target, against comparable cargo, and of the whole way.

- Against the target: the time past it by the target's clock, added up over all cargo that ended; cargo within it takes
  nothing off.
- Against comparable cargo: own cargo and the comparable median of the same stage, mode and port. ``lost`` adds up what
  lies above that median, ``difference`` is n times (own median less theirs), added up over ports and modes. The voyage
  is not compared.
- Of the whole: of cargo that arrived and was removed within the period, the stage's part of all time from arrival to
  removal, and of its spread (covariance with the total over the total's variance, so that the parts of stages that
  follow one another add up to what they explain). Told by customs where customs was heard, else by the terminal.

The bottleneck is the stage that loses most against targets; without a target that was missed, the one with the greatest
difference to comparable cargo; without that, the longest part of the whole. Where customs was heard, what the terminal
told beside it is not named by the latter two: it holds customs' stages in it. One value of a dimension stands out if it
loses at least a third of all that the stage lost, with at least ten cargoes, and a quarter more than its part of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from cargo.domain.lead_times import place_of
from cargo.domain.places import zone_info
from cargo.domain.stages import STAGES
from cargo.domain.statistics import percentile

TOTALS = ("arrived__customs_released", "arrived__gate_out")
WHOLE = "arrived__gate_out"
ON_THE_WAY = tuple(stage for stage in STAGES if stage not in TOTALS)
# From arrival to removal as customs tells it, one stage after the other, and as a terminal does.
CUSTOMS_WAY = (
    "arrived__discharge_approved",
    "discharge_approved__bonded_storage_in",
    "bonded_transport_departed__bonded_transport_arrived",
    "bonded_storage_in__import_declared",
    "import_declared__customs_released",
    "customs_released__gate_out",
)
TERMINAL_WAY = ("arrived__discharged", "discharged__gate_out")
# The voyage depends on where it began, which comparable cargo at the port of discharge does not share.
VOYAGE = ("loaded__departed", "departed__arrived")
COMPARED = tuple(stage for stage in ON_THE_WAY if stage not in VOYAGE)
TARGET, COMPARABLE, SHARE = "target", "comparable", "share"
DIMENSIONS = ("warehouse", "broker", "customs_office", "channel", "declared", "agency", "weekday")
# A value stands out with this part of what was lost, this many cargoes, and this much more than its part of them.
OUTSTANDING, OUTSTANDING_FROM, OUTSTANDING_MORE = 1 / 3, 10, 1.25
# Fewer cargoes are thin; a second within this part of the first is as good as equal.
THIN, TIE = 10, 0.9
WORST = 20
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Took(NamedTuple):
    """One stage of one cargo that ended. Instants and lengths in seconds; ``seconds`` by the clock that was asked for.

    ``aim``: the target's length, and ``aimed`` what it took by the target's clock; ``None`` without a target.
    """

    shipment: int
    stage: str
    mode: str
    port: str
    started_at: int
    ended_at: int
    seconds: int
    aim: int | None
    aimed: int | None
    warehouse: str = ""
    broker: str = ""
    customs_office: str = ""
    channel: str = ""
    declared: str = ""
    agency: str = ""

    @property
    def cell(self) -> tuple[str, str, str]:
        """With what it can be compared."""
        return self.stage, self.mode, self.port

    @property
    def past_target(self) -> int | None:
        """Seconds past the target, 0 within it."""
        return None if self.aim is None or self.aimed is None else max(0, self.aimed - self.aim)

    @property
    def weekday(self) -> str:
        """On which day it began, where it was."""
        return WEEKDAYS[datetime.fromtimestamp(self.started_at, UTC).astimezone(zone_info(_zone(self.port))).weekday()]


class AgainstTarget(NamedTuple):
    """``n`` had a target. Seconds in all; ``aim``: the target if it was one and the same for all."""

    n: int
    missed: int
    lost: int
    aim: int | None

    @property
    def per_cargo(self) -> float:
        """Seconds past the target, a cargo."""
        return self.lost / self.n

    @property
    def share_missed(self) -> float:
        """0 to 1."""
        return self.missed / self.n


class AgainstComparable(NamedTuple):
    """``n`` could be compared. ``port``: where most of them were; ``ports``: how many."""

    n: int
    lost: float
    difference: float
    port: str
    ports: int

    @property
    def per_cargo(self) -> float:
        """Seconds more than comparable cargo, a cargo; below 0: less."""
        return self.difference / self.n


class OfTheWhole(NamedTuple):
    """Parts of the time from arrival to removal and of its spread; ``spread`` is ``None`` where nothing varied."""

    n: int
    share: float
    spread: float | None


class StageCost(NamedTuple):
    """What one stage cost."""

    stage: str
    n: int
    median: float
    target: AgainstTarget | None
    comparable: AgainstComparable | None
    whole: OfTheWhole | None


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


Medians = Mapping[tuple[str, str, str], float]


def diagnose(rows: Iterable[Took], medians: Medians, since: int) -> Diagnosis:
    """Of what ended in a period, which began at ``since`` (seconds since 1970, UTC).

    ``medians``: comparable cargo by stage, mode and port, where it may be told.
    """
    by_stage: dict[str, list[Took]] = {}
    for row in rows:
        by_stage.setdefault(row.stage, []).append(row)
    parts = _parts(by_stage, since)
    stages = [
        StageCost(
            stage,
            len(took),
            percentile(sorted(row.seconds for row in took), 0.5),
            _against_target(took),
            _against_comparable(took, medians),
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


@lru_cache(maxsize=4096)
def _zone(port: str) -> str:
    return place_of(port)[1]


def _against_target(took: Sequence[Took]) -> AgainstTarget | None:
    past = [row.past_target for row in took if row.past_target is not None]
    if not past:
        return None
    aims = {row.aim for row in took if row.past_target is not None}
    missed = sum(1 for length in past if length)
    return AgainstTarget(len(past), missed, sum(past), aims.pop() if len(aims) == 1 else None)


def _against_comparable(took: Sequence[Took], medians: Medians) -> AgainstComparable | None:
    cells: dict[tuple[str, str, str], list[int]] = {}
    for row in took:
        if row.cell in medians:
            cells.setdefault(row.cell, []).append(row.seconds)
    if not cells:
        return None
    lost = difference = 0.0
    ports: dict[str, int] = {}
    for cell, lengths in cells.items():
        theirs = medians[cell]
        lost += sum(max(0.0, length - theirs) for length in lengths)
        difference += len(lengths) * (percentile(sorted(lengths), 0.5) - theirs)
        ports[cell[2]] = ports.get(cell[2], 0) + len(lengths)
    most = min(ports, key=lambda port: (-ports[port], port))
    return AgainstComparable(sum(map(len, cells.values())), lost, difference, most, len(ports))


def _customs_spoke(stages: Iterable[str]) -> bool:
    return not set(CUSTOMS_WAY).isdisjoint(stages)


def _parts(by_stage: Mapping[str, Sequence[Took]], since: int) -> dict[str, OfTheWhole]:
    """Of cargo whose whole way lies in the period: of others some stages ended before it."""
    totals = {row.shipment: row.seconds for row in by_stage.get(WHOLE, ()) if row.started_at >= since}
    whole = sum(totals.values())
    if not whole:
        return {}
    mean = whole / len(totals)
    variance = sum((length - mean) ** 2 for length in totals.values())
    found = {}
    for stage in CUSTOMS_WAY if _customs_spoke(by_stage) else TERMINAL_WAY:
        lengths: dict[int, int] = {}
        for row in by_stage.get(stage, ()):
            if row.shipment in totals:
                lengths[row.shipment] = lengths.get(row.shipment, 0) + row.seconds
        if not lengths:
            continue
        together = sum(length * (totals[shipment] - mean) for shipment, length in lengths.items())
        spread = together / variance if variance else None
        found[stage] = OfTheWhole(len(totals), sum(lengths.values()) / whole, spread)
    return found


_WEIGHTS: dict[str, Callable[[StageCost], tuple[float, int]]] = {
    TARGET: lambda row: (row.target.lost, row.target.n) if row.target else (0, 0),
    COMPARABLE: lambda row: (row.comparable.difference, row.comparable.n) if row.comparable else (0, 0),
    SHARE: lambda row: (row.whole.share, row.whole.n) if row.whole else (0, 0),
}


def _first(stages: Sequence[StageCost], basis: str) -> Bottleneck | None:
    """The stage with the greatest weight above nothing, the earlier one of equals."""
    weigh = _WEIGHTS[basis]
    beside = TERMINAL_WAY if basis != TARGET and _customs_spoke(row.stage for row in stages) else ()
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
