"""A shipment as its forecast needs it, what is told of it, and the names of stages that end at the same instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cargo.domain.lead_times import EXPORT_STAGES, PRE_ARRIVAL

ARRIVAL, RELEASE, GATE_OUT = "departed__arrived", "arrived__customs_released", "arrived__gate_out"
GOALS = (ARRIVAL, RELEASE, GATE_OUT)
DECLARING, CLEARING = "bonded_storage_in__import_declared", "import_declared__customs_released"
# The way through customs, and that of the boxes; both begin at the arrival and end at the gate.
CUSTOMS = (
    "arrived__discharge_approved",
    "discharge_approved__bonded_storage_in",
    DECLARING,
    CLEARING,
    "customs_released__gate_out",
)
BOXES = ("arrived__discharged", "discharged__gate_out")
_DAY = 86_400
_LONGEST_OPEN, _LONGEST_OVERDUE = 200 * _DAY, 45 * _DAY
# Until the arrival nothing is known of customs' course.
_AT_SEA = EXPORT_STAGES | {"loaded__departed", ARRIVAL}


class StageTold(NamedTuple):
    """A stage of a shipment as a whole; the columns of ``cargo.domain.lead_times.StageRow`` that count here."""

    stage: str
    started_at: int
    ended_at: int | None
    organization: int | None = None
    mode: str = ""
    port: str = ""
    carrier: str = ""
    declared: str = ""
    inspection_at: int | None = None
    hold_from: int | None = None
    hold_until: int | None = None

    @property
    def declared_ahead(self) -> bool:
        """Whether a declaration was lodged before the cargo arrived, as far as this stage could know it."""
        return self.stage not in _AT_SEA and self.declared in PRE_ARRIVAL


class Awaited(NamedTuple):
    """What is known of an arrival to come; instants are seconds since 1970 UTC.

    ``planned_at``: the schedule, or with ``miles`` (nautical miles) what the sea's distance makes likely.
    ``estimated_at``: the carrier's latest estimate.
    """

    planned_at: int
    estimated_at: int | None = None
    miles: int | None = None


class Cargo(NamedTuple):
    """One shipment: its stages, ended and open, in any order; ``port`` is that of discharge.

    ``mode`` is a journey's (sea, air, …); ``organization`` registered it. ``awaited``: ``None`` once it has arrived.
    """

    stages: Sequence[StageTold]
    organization: int | None = None
    mode: str = ""
    port: str = ""
    carrier: str = ""
    awaited: Awaited | None = None


class Told(NamedTuple):
    """When one stage of a shipment will end; the columns of ``cargo.models.Forecast``, instants in seconds since 1970.

    ``started_at``: ``None`` while the stage is to come. ``mean_at``, ``table`` and ``carrier_at``: what simpler
    forecasts say; ``None`` where they say nothing. ``reasons``: objects with a ``code`` and figures, see ``reasons``.
    """

    stage: str
    started_at: int | None
    p10: int
    p50: int
    p90: int
    mean_at: int | None = None
    table: tuple[int, int, int] | None = None
    carrier_at: int | None = None
    reasons: Sequence[Mapping[str, Any]] = ()


def is_under_way(cargo: Cargo, asked_at: int) -> bool:
    """Whether an end of a stage of it is to come; what has been open for far too long was forgotten."""
    if cargo.awaited is not None and not is_overdue(cargo.awaited, asked_at):
        return True
    return any(row.ended_at is None and not is_forgotten(row, asked_at) for row in cargo.stages)


def is_forgotten(row: StageTold, asked_at: int) -> bool:
    """Whether it has been open for longer than the forecasters' scales reach."""
    return row.ended_at is None and asked_at - row.started_at > _LONGEST_OPEN


def is_overdue(awaited: Awaited, asked_at: int) -> bool:
    """Whether the arrival is overdue by more than the forecasters' scales reach."""
    return asked_at - (awaited.estimated_at or awaited.planned_at) > _LONGEST_OVERDUE


def end_of(stage: str) -> str:
    """The milestone that ends a stage: stages with the same end are told the same instants."""
    return stage.split("__")[1]
