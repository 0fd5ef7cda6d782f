"""What all comparable cargo of others took, to be told beside one's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.statistics import summarize, tenth
from cargo.models import StageTime, bulk, stage_benchmarks
from cargo.selectors.conditions import Conditions
from cargo.selectors.lead_time_columns import CLOCKS, ELAPSED
from clis.accounts.scoping import Viewer

TIMES = StageTime._meta.db_table
# A benchmark says nothing while fewer stand behind it.
MIN_ORGANIZATIONS, MIN_CARGOES = 5, 30


class Benchmark(NamedTuple):
    """All comparable cargo of others: same stage, mode and port, of the last twelve whole months."""

    organizations: int
    cargoes: int
    median: float
    p90: float


def benchmarks(viewer: Viewer, params: dict[str, Any]) -> tuple[datetime | None, dict[str, Benchmark]]:
    """By stage, of all others' cargo with this one mode and port; only where enough stand behind it. As of when, if
    they were worked out beforehand. Nothing where none was asked for.

    Over whole months and without the asker's own, so that no two answers can be subtracted from each other.
    """
    if not params.get("benchmark"):
        return None, {}
    hours, mode, port = params.get("hours") or ELAPSED, params["mode"][0], params["port"]
    kept = stage_benchmarks.kept(hours, [(mode, port)], viewer.organization_id or 0, timezone.now())
    if kept is None:
        known, as_of = _live_benchmarks(viewer, params), None
    else:
        known = {
            stage: Benchmark(*row)
            for (stage, _mode, _port), row in kept.by_cell.items()
            if stage in (params.get("stage") or (stage,))
        }
        as_of = kept.refreshed_at
    return as_of, {
        stage: row
        for stage, row in known.items()
        if row.organizations >= MIN_ORGANIZATIONS and row.cargoes >= MIN_CARGOES
    }


def _live_benchmarks(viewer: Viewer, params: dict[str, Any]) -> dict[str, Benchmark]:
    now = timezone.now()
    seconds = f"st.{CLOCKS[params.get('hours') or ELAPSED]}"
    where = Conditions(["st.container = ''", "st.ended_at IS NOT NULL"], [])
    where.add("st.mode = %s", params["mode"][0])
    where.add("st.port = %s", params["port"])
    first, running = (stage_benchmarks.month(now, later) for later in (-stage_benchmarks.WINDOW, 0))
    where.add("st.month >= %s AND st.month < %s", first, running)
    where.add("st.organization_id IS NOT NULL AND st.organization_id <> %s", viewer.organization_id or 0)
    if words := list(params.get("stage") or ()):
        where.add(f"st.stage IN ({', '.join(['%s'] * len(words))})", *words)
    sql = f"FROM {TIMES} st WHERE {' AND '.join(where.sql)}"
    if bulk.is_postgres():
        rows = bulk.execute(
            f"SELECT st.stage, count(DISTINCT st.organization_id), count(DISTINCT st.shipment_id), "
            f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {seconds}), "
            f"percentile_cont(0.9) WITHIN GROUP (ORDER BY {seconds}) {sql} GROUP BY st.stage",
            where.parameters,
        )
        return {row[0]: Benchmark(row[1], row[2], tenth(row[3]), tenth(row[4])) for row in rows}
    return _counted(
        bulk.execute(f"SELECT st.stage, st.organization_id, st.shipment_id, {seconds} {sql}", where.parameters)
    )


def _counted(rows: Iterable[tuple[Any, ...]]) -> dict[str, Benchmark]:
    by_stage: dict[str, list[tuple[Any, ...]]] = {}
    for stage, *values in rows:
        by_stage.setdefault(stage, []).append(tuple(values))
    found = {}
    for stage, values in by_stage.items():
        figures = summarize([(shipment, length) for _, shipment, length in values])
        owners, cargoes = {row[0] for row in values}, {row[1] for row in values}
        found[stage] = Benchmark(len(owners), len(cargoes), figures.median, figures.p90)
    return found
