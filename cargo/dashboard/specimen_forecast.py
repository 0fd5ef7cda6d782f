"""A forecast and stages of nobody's cargo, for the style page: every kind of row, so many hours from now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cargo.domain.stage_reasons import Why
from cargo.selectors.forecasts import GATE_OUT, RELEASE, Row
from cargo.selectors.lead_times import ELAPSED, WORKING, Target
from cargo.selectors.stage_times import Row as StageRow

_HOUR = timedelta(hours=1)
_HISTORY = {"code": "history", "own": 42, "comparable": 512, "level": "client"}
_INSPECTION = {"code": "inspection", "seconds": 50_400}


def forecast(now: datetime) -> list[Row]:
    """The release with its reasons, and the collection of which little is known; made three hours ago."""
    told: tuple[tuple[str, int, int, int, list[dict[str, Any]]], ...] = (
        (RELEASE, 30, 52, 110, [_HISTORY, _INSPECTION]),
        (GATE_OUT, 50, 80, 190, [{"code": "thin"}]),
    )
    return [
        Row(0, stage, now - 3 * _HOUR, None, now + low * _HOUR, now + middle * _HOUR, now + high * _HOUR, reasons)
        for stage, low, middle, high, reasons in told
    ]


def releases(now: datetime) -> list[Row]:
    """The release of the list's first row, by its number in ``specimen_rows``."""
    return [row._replace(shipment=4711) for row in forecast(now) if row.stage == RELEASE]


def stages(now: datetime) -> list[StageRow]:
    """Met, missed and at risk; one that lasted 0; one by the reports' clock."""
    return [
        _stage(now, "arrived__discharge_approved", 96, 95, "met", target=(2, ELAPSED)),
        _stage(now, "discharge_approved__bonded_storage_in", 95, 60, "missed", reported=35.5, target=(6, WORKING)),
        _stage(now, "bonded_storage_in__import_declared", 90, 90, "", rule="declared_ahead"),
        _stage(now, "import_declared__customs_released", 60, None, "at_risk", rule="goods_there", target=(72, ELAPSED)),
        _stage(now, "arrived__customs_released", 96, None, "overdue", target=(48, ELAPSED)),
    ]


def _stage(
    now: datetime,
    stage: str,
    first: int,
    last: int | None,
    verdict: str,
    *,
    rule: str = "",
    reported: float | None = None,
    target: tuple[int, str] | None = None,
) -> StageRow:
    """From so many hours ago to so many."""
    begun, ended = stage.split("__")
    start, end = now - first * _HOUR, now - last * _HOUR if last is not None else None
    seconds = int((end - start).total_seconds()) if end else None
    aim = Target(stage, "", "", target[0] * 3600, target[1]) if target else None
    rules = tuple(word for word in (rule, "" if end else "open") if word)
    why = Why(begun, int(start.timestamp()), ended if end else "", int(end.timestamp()) if end else None, rules)
    by_reports = int(reported * 3600) if reported is not None else None
    return StageRow(stage, "", 0, start, end, seconds, seconds and seconds // 3, by_reports, aim, verdict, why)
