"""Forecasts as they stand, or as they stood: of one shipment, and over all of the viewer's shipments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cargo.domain.stages import STAGES
from cargo.models import Forecast, ForecastTurn, bulk
from cargo.models.linking import aware
from cargo.selectors import NotFound, keyset
from cargo.selectors.conditions import SHIPMENTS, conditions
from clis.accounts.scoping import Viewer

FORECASTS = Forecast._meta.db_table
TURNS = ForecastTurn._meta.db_table
# By these names the arrival, the release and the gate-out are forecast.
ARRIVAL, RELEASE, GATE_OUT = "departed__arrived", "arrived__customs_released", "arrived__gate_out"
ENDS = (RELEASE, GATE_OUT, ARRIVAL)
_PICKED = "f.shipment_id, f.stage, f.made_at, f.started_at, f.p10, f.p50, f.p90, f.reasons"


class Row(NamedTuple):
    """When a stage will end, as told at ``made_at``: one in ten, half, nine in ten end before. Aware instants (UTC).

    ``started_at``: null while the stage is to come. ``reasons``: codes and figures (``{"code": "elapsed", …}``).
    """

    shipment: int
    stage: str
    made_at: datetime
    started_at: datetime | None
    p10: datetime
    p50: datetime
    p90: datetime
    reasons: list[dict[str, Any]]


class Page(NamedTuple):
    """One page; ``next``: the number at which the following one begins."""

    rows: list[Row]
    next: int | None


def standing(viewer: Viewer, shipment_id: int, at: datetime | None = None) -> list[Row]:
    """The forecast that stands, or stood at ``at``, in the order of ``STAGES``; one statement, empty without one.

    Raises ``NotFound`` for a stranger's.
    """
    where = conditions(viewer, {})
    where.add("s.id = %s", shipment_id)
    made, parameters = f"(SELECT u.made_at FROM {TURNS} u WHERE u.shipment_id = s.id)", []
    if at is not None:
        made = f"(SELECT MAX(g.made_at) FROM {FORECASTS} g WHERE g.shipment_id = s.id AND g.made_at <= %s)"
        parameters = [keyset.instant(at)]
    found = bulk.execute(
        f"SELECT {_PICKED} FROM {SHIPMENTS} s LEFT JOIN {FORECASTS} f ON f.shipment_id = s.id AND f.made_at = {made} "
        f"WHERE {' AND '.join(where.sql)}",
        [*parameters, *where.parameters],
    )
    if not found:
        raise NotFound
    rows = [_row(values) for values in found if values[1] is not None]
    return sorted(rows, key=lambda row: STAGES.index(row.stage))


def page(viewer: Viewer, params: dict[str, Any], before: int | None, limit: int) -> Page:
    """The forecasts of arrival, release and gate-out that stand, the newest shipment first; one statement.

    Ordered by what a new forecast does not change, so that none is missed while pages are read. ``params``:
    ``made_after``, ``stage`` (list of ``ENDS``), ``shipment``, ``shipments`` (any number of ids).
    """
    where = conditions(viewer, {})
    stages = params.get("stage") or ENDS
    where.add(f"f.stage IN ({', '.join(['%s'] * len(stages))})", *stages)
    if params.get("shipment"):
        where.add("u.shipment_id = %s", int(params["shipment"]))
    if "shipments" in params:
        right, value = bulk.id_list(params["shipments"])
        where.add(f"u.shipment_id {right}", value)
    if params.get("made_after"):
        where.add("u.made_at >= %s", keyset.instant(params["made_after"]))
    if before is not None:
        shipment, turn = divmod(before, len(ENDS))
        where.add("(u.shipment_id < %s OR (u.shipment_id = %s AND f.stage > %s))", shipment, shipment, ENDS[turn])
    found = bulk.execute(
        f"SELECT {_PICKED} FROM {TURNS} u JOIN {SHIPMENTS} s ON s.id = u.shipment_id "
        f"JOIN {FORECASTS} f ON f.shipment_id = u.shipment_id AND f.made_at = u.made_at "
        f"WHERE {' AND '.join(where.sql)} ORDER BY u.shipment_id DESC, f.stage LIMIT %s",
        [*where.parameters, limit + 1],
    )
    rows = [_row(values) for values in found[:limit]]
    following = rows[-1].shipment * len(ENDS) + ENDS.index(rows[-1].stage) if len(found) > limit else None
    return Page(rows, following)


def _row(values: tuple[Any, ...]) -> Row:
    shipment, stage, made, started, p10, p50, p90, reasons = values
    known = msgspec.json.decode(reasons) if isinstance(reasons, str) else reasons
    begun = aware(started) if started else None
    return Row(shipment, stage, aware(made), begun, aware(p10), aware(p50), aware(p90), known)
