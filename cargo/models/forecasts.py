"""What forecasting reads and writes, a batch at a time: whose turn it is, cargo under way, and the forecasts made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.derive import MODES as JOURNEY_OF
from cargo.domain.forecast.cargo import Cargo, StageTold, Told
from cargo.models import bulk
from cargo.models.forecast import Forecast, ForecastTurn
from cargo.models.leadtime import StageTime
from cargo.models.projection import SHIPMENTS, STATUS

TURNS = ForecastTurn._meta.db_table
FORECASTS = Forecast._meta.db_table
TIMES = StageTime._meta.db_table
LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 20
# In the order of ``StageTold``.
_STAGE = {
    "stage": "text",
    "started_at": "time",
    "ended_at": "time",
    "organization_id": "int",
    "mode": "text",
    "port": "text",
    "carrier": "text",
    "declared": "text",
    "inspection_at": "time",
    "hold_from": "time",
    "hold_until": "time",
}
_WRITTEN = {
    "shipment_id": "int",
    "stage": "text",
    "made_at": "time",
    "started_at": "time",
    "p10": "time",
    "p50": "time",
    "p90": "time",
    "organization_id": "int",
    "mode": "text",
    "port": "text",
    "mean_at": "time",
    "table_p10": "time",
    "table_p50": "time",
    "table_p90": "time",
    "carrier_at": "time",
    "reasons": "json",
}
_encode = msgspec.json.Encoder().encode


class Taken(NamedTuple):
    """Shipments whose turn it is, held until ``until`` (whole seconds since 1970 UTC), which tells one lease apart."""

    until: int
    shipments: list[int]


class Known(NamedTuple):
    """A shipment, and where its arrival stands: the port of loading, and whether it has arrived."""

    cargo: Cargo
    origin: str
    has_arrived: bool


def stage_columns() -> str:
    """SQL: the columns of ``StageTold``."""
    return ", ".join(bulk.seconds_of(name) if kind == "time" else name for name, kind in _STAGE.items())


def mark(changed: Collection[int], expected: Mapping[int, int | None]) -> None:
    """Says that the stages of these shipments changed, or when they are expected; one statement.

    ``expected``: seconds since 1970, for those of ``changed`` and any others. One that did not change is due only if
    another arrival is expected than when it was last marked. Whoever is at its forecast right now loses the lease.
    """
    wanted = sorted(set(changed) | expected.keys())
    if not wanted:
        return
    now = identity.epoch(timezone.now())
    columns = {"shipment_id": "int", "due_at": "time", "attempts": "int", "estimated_at": "time"}
    rows = [(shipment, now, 0, expected.get(shipment)) for shipment in wanted]
    source, parameters, expressions = bulk.rows_source(columns, rows)
    right, value = bulk.id_list(changed)
    bulk.execute(
        f"INSERT INTO {TURNS} ({', '.join(columns)}) SELECT {', '.join(expressions)} FROM {source} WHERE true "
        "ON CONFLICT (shipment_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, leased_until = NULL, "
        f"estimated_at = excluded.estimated_at WHERE {TURNS}.estimated_at IS DISTINCT FROM excluded.estimated_at "
        f"OR ({TURNS}.shipment_id {right} AND ({TURNS}.due_at IS NULL OR {TURNS}.due_at > excluded.due_at "
        f"OR {TURNS}.attempts > 0))",
        [*parameters, value],
    )


def make_all_due(now: datetime) -> int:
    """Says that the forecasts of all cargo under way are to be made anew, whether or not it was ever marked.

    One statement over every open stage and every arrival that is awaited. Gives how many.
    """
    rows = bulk.execute(
        f"INSERT INTO {TURNS} (shipment_id, due_at, attempts) SELECT shipment_id, {_instant()}, 0 FROM ("
        f"SELECT shipment_id FROM {TIMES} WHERE ended_at IS NULL AND container = '' "
        f"UNION SELECT shipment_id FROM {STATUS} WHERE arrived_at IS NULL AND eta IS NOT NULL "
        f"UNION SELECT shipment_id FROM {TURNS} WHERE due_at IS NOT NULL) AS under_way WHERE true ORDER BY shipment_id "
        "ON CONFLICT (shipment_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, leased_until = NULL "
        "RETURNING shipment_id",
        [identity.epoch(now)],
    )
    return len(rows)


def take(now: datetime, limit: int) -> Taken:
    """Takes the shipments that have been due longest, for ``LEASE``; one statement."""
    until = identity.epoch(now + LEASE) or 0
    lock = " FOR UPDATE SKIP LOCKED" if bulk.is_postgres() else ""
    rows = bulk.execute(
        f"UPDATE {TURNS} SET leased_until = {_instant()}, attempts = attempts + 1 WHERE shipment_id IN "
        f"(SELECT shipment_id FROM {TURNS} WHERE due_at <= %s AND (leased_until IS NULL OR leased_until < %s) "
        f"AND attempts < %s ORDER BY due_at, shipment_id LIMIT %s{lock}) RETURNING shipment_id",
        [until, bulk.moment(now), bulk.moment(now), MAX_ATTEMPTS, limit],
    )
    return Taken(until, sorted(row[0] for row in rows))


def _instant() -> str:
    return "to_timestamp(%s)" if bulk.is_postgres() else "strftime('%%Y-%%m-%%d %%H:%%M:%%S', %s, 'unixepoch')"


def cargo_of(shipments: Collection[int]) -> dict[int, Known]:
    """These shipments with their stages, without their containers' and without what is awaited; two statements."""
    right, value = bulk.id_list(shipments)
    stages: dict[int, list[StageTold]] = {}
    for shipment, *told in bulk.execute(
        f"SELECT shipment_id, {stage_columns()} FROM {TIMES} WHERE shipment_id {right} AND container = ''", [value]
    ):
        stages.setdefault(shipment, []).append(StageTold(*told))
    rows = bulk.execute(
        f"SELECT s.id, s.organization_id, t.mode, t.port_of_discharge, t.carrier, t.port_of_loading, "
        f"CASE WHEN t.arrived_at IS NULL THEN 0 ELSE 1 END "
        f"FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id WHERE s.id {right}",
        [value],
    )
    return {
        pk: Known(
            Cargo(stages.get(pk, ()), organization, JOURNEY_OF.get(mode, mode)[:8], port, carrier),
            origin,
            bool(arrived),
        )
        for pk, organization, mode, port, carrier, origin, arrived in rows
    }


class Made(NamedTuple):
    """What was told of one shipment; ``again``: when to tell anew (seconds since 1970), or never."""

    cargo: Cargo
    told: Sequence[Told]
    again: int | None


def write(taken: Taken, made: Mapping[int, Made], now: int) -> None:
    """Writes what was told and gives the turns back, of the shipments whose lease still holds; three statements.

    In the caller's transaction. What was marked meanwhile is left: it was worked out from what stood before, and it is
    due again.
    """
    shipments = sorted(made)
    _lock(shipments)
    held = bulk.update(
        TURNS,
        {"shipment_id": "int", "leased_until": "time"},
        {"due_at": "time", "made_at": "time"},
        [(shipment, taken.until, made[shipment].again, now) for shipment in shipments],
        also="leased_until = NULL, attempts = 0",
        returning=f"{TURNS}.shipment_id",
    )
    rows = [
        _row(shipment, now, made[shipment].cargo, told) for (shipment,) in sorted(held) for told in made[shipment].told
    ]
    bulk.insert(FORECASTS, _WRITTEN, rows, conflict="ON CONFLICT DO NOTHING")


def _lock(shipments: Collection[int]) -> None:
    """In order of id, as ``mark`` takes them."""
    if bulk.is_postgres() and shipments:
        right, value = bulk.id_list(shipments)
        bulk.execute(
            f"SELECT count(*) FROM (SELECT shipment_id FROM {TURNS} WHERE shipment_id {right} "
            "ORDER BY shipment_id FOR UPDATE) AS locked",
            [value],
        )


def _row(shipment: int, now: int, cargo: Cargo, told: Told) -> tuple[object, ...]:
    return (
        shipment,
        told.stage,
        now,
        told.started_at,
        told.p10,
        told.p50,
        told.p90,
        cargo.organization,
        cargo.mode,
        cargo.port,
        told.mean_at,
        *(told.table or (None, None, None)),
        told.carrier_at,
        _encode(told.reasons).decode(),
    )
