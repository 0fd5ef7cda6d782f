"""What a stage cost: past its target, beyond comparable cargo, and of the whole way.

- Against the target: the time past it by the target's clock, added up over all cargo that ended; cargo within it takes
  nothing off.
- Against comparable cargo: own cargo and the comparable median of the same stage, mode and port. ``lost`` adds up what
  lies above that median, ``difference`` is n times (own median less theirs), added up over ports and modes. The voyage
  is not compared.
- Of the whole: of cargo that arrived and was removed within the period, the stage's part of all time from arrival to
  removal, and of its spread (covariance with the total over the total's variance, so that the parts of stages that
  follow one another add up to what they explain). Told by customs where customs was heard, else by the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Comparable cargo's median in seconds, by stage, mode and port.
Medians = Mapping[tuple[str, str, str], float]


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


@lru_cache(maxsize=4096)
def _zone(port: str) -> str:
    return place_of(port)[1]


def against_target(took: Sequence[Took]) -> AgainstTarget | None:
    past = [row.past_target for row in took if row.past_target is not None]
    if not past:
        return None
    aims = {row.aim for row in took if row.past_target is not None}
    missed = sum(1 for length in past if length)
    return AgainstTarget(len(past), missed, sum(past), aims.pop() if len(aims) == 1 else None)


def against_comparable(took: Sequence[Took], medians: Medians) -> AgainstComparable | None:
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


def customs_spoke(stages: Iterable[str]) -> bool:
    return not set(CUSTOMS_WAY).isdisjoint(stages)


def parts_of(by_stage: Mapping[str, Sequence[Took]], since: int) -> dict[str, OfTheWhole]:
    """Of cargo whose whole way lies in the period: of others some stages ended before it."""
    totals = {row.shipment: row.seconds for row in by_stage.get(WHOLE, ()) if row.started_at >= since}
    whole = sum(totals.values())
    if not whole:
        return {}
    mean = whole / len(totals)
    variance = sum((length - mean) ** 2 for length in totals.values())
    found = {}
    for stage in CUSTOMS_WAY if customs_spoke(by_stage) else TERMINAL_WAY:
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
