"""Where the viewer's cargo loses its time: ``cargo.domain.diagnosis`` fed with the stage times of a period.

Comparable cargo is that of others alone, of the last twelve whole months, by stage, mode and port, and only where at
least ``MIN_ORGANIZATIONS`` and ``MIN_CARGOES`` stand behind it. Neither the period nor any other filter touches it, so
no two answers can be subtracted from each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.diagnosis import Diagnosis, diagnose
from cargo.domain.lead_times import NO_AGENCY
from cargo.domain.matching import HOUSE, MASTER
from cargo.domain.others import Others
from cargo.domain.stage_costs import COMPARED, ON_THE_WAY, WHOLE, Medians, Took
from cargo.domain.statistics import percentile, tenth
from cargo.models import bulk, stage_benchmarks
from cargo.selectors import keyset, lead_times
from cargo.selectors.conditions import SHIPMENTS, Conditions
from cargo.selectors.lead_times import ELAPSED, MIN_CARGOES, MIN_ORGANIZATIONS, TIMES, Target
from cargo.selectors.listing import lowest
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

PERIOD = timedelta(days=90)
# What one diagnosis reads at most: the stage times that ended last.
ROWS = 200_000
_DIMENSIONS = ("warehouse", "broker", "customs_office", "channel", "declared", "agency")


class Label(NamedTuple):
    """How a shipment is named. ``own_reference``: only for the organization that gave it, and for staff."""

    own_reference: str
    bill: str


class Found(NamedTuple):
    """``labels`` of the worst shipments, by id. ``cut``: more ended in the period than was read."""

    diagnosis: Diagnosis
    labels: dict[int, Label]
    hours: str
    first: datetime
    until: datetime
    cut: bool


def diagnosis(viewer: Viewer, params: dict[str, Any]) -> Found:
    """Of what ended in the period (``ended_after``, ``ended_before``; the last 90 days if absent). Other ``params``:
    ``hours`` (elapsed, working), ``mode`` (list), ``port``, ``client`` (slug). At most five statements.

    Targets are the viewer's organization's; the operator's people, who name a client, see that client's.
    """
    now = timezone.now()
    until = params.get("ended_before") or now
    first = params.get("ended_after") or until - PERIOD
    hours = params.get("hours") or ELAPSED
    owner = _owner(viewer, params)
    targets = lead_times.targets_of(owner)
    rows = _rows(viewer, params | {"ended_after": first, "ended_before": until}, hours, targets)
    took = rows[:ROWS]
    medians = comparable(owner, {row.cell for row in took}, hours) if owner.organization_id is not None else {}
    found = diagnose(took, medians, int(first.timestamp()))
    labels = _labels(viewer, [row.took.shipment for row in found.worst])
    return Found(found, labels, hours, first, until, len(rows) > ROWS)


def _owner(viewer: Viewer, params: dict[str, Any]) -> Viewer:
    """Whose targets count, and whose cargo is not held against itself."""
    if not lead_times.sees_everything(viewer) or not params.get("client"):
        return viewer
    return Viewer(
        organization_id=Organization.objects.filter(slug=params["client"]).values_list("pk", flat=True).first()
    )


def _rows(viewer: Viewer, params: dict[str, Any], hours: str, targets: list[Target]) -> list[Took]:
    """What ended in the period, the last first; one more than ``ROWS`` where there are more."""
    where = lead_times.conditions_of({name: params.get(name) for name in ("mode", "port", "client")})
    period = Conditions(["st.ended_at >= %s", "st.ended_at < %s"], [])
    period.parameters.extend(keyset.instant(params[name]) for name in ("ended_after", "ended_before"))
    stages = (*ON_THE_WAY, WHOLE)
    period.add(f"st.stage IN ({', '.join(['%s'] * len(stages))})", *stages)
    dimensions = ", ".join(f"st.{name} AS {name}" for name in _DIMENSIONS)
    columns = (
        f"st.shipment_id AS shipment, st.stage AS stage, st.mode AS mode, st.port AS port, "
        f"{bulk.seconds_of('st.started_at')} AS begun, {bulk.seconds_of('st.ended_at')} AS ended, "
        f"st.seconds AS elapsed, st.working_seconds AS working, {dimensions}"
    )
    sql, values = lead_times.select_visible(viewer, columns, [], where, period)
    picked = f"SELECT * FROM ({sql}) p ORDER BY ended DESC, shipment, stage, begun LIMIT {ROWS + 1}"
    aims: dict[tuple[str, str, str], Target | None] = {}
    return [_took(row, hours, targets, aims) for row in bulk.execute(picked, values)]


def _took(
    row: tuple[Any, ...], hours: str, targets: list[Target], aims: dict[tuple[str, str, str], Target | None]
) -> Took:
    shipment, stage, mode, port, begun, ended, elapsed, working, *dimensions, agency = row
    cell = (stage, mode, port)
    if cell not in aims:
        aims[cell] = next((target for target in targets if target.fits(*cell)), None)
    target = aims[cell]
    aim = aimed = None
    if target is not None:
        aim, aimed = target.seconds, elapsed if target.clock == ELAPSED else working
    seconds = elapsed if hours == ELAPSED else working
    withheld = "" if agency == NO_AGENCY else agency
    return Took._make((shipment, *cell, begun, ended, seconds, aim, aimed, *dimensions, withheld))


def comparable(owner: Viewer, cells: Iterable[tuple[str, str, str]], hours: str) -> Medians:
    """The medians of others' cargo (seconds) for each stage, mode and port where enough stand behind it.

    Worked out beforehand on large installations (``stage_benchmarks``), else read now.
    """
    asked = sorted(cell for cell in cells if all(cell) and cell[0] in COMPARED)
    if not asked:
        return {}
    now, seconds = timezone.now(), lead_times.SECONDS[hours]
    places = {(mode, port) for _stage, mode, port in asked}
    if (kept := stage_benchmarks.kept(hours, places, owner.organization_id or 0, now)) is not None:
        return {
            cell: kept.by_cell[cell].median for cell in asked if cell in kept.by_cell and _enough(kept.by_cell[cell])
        }
    source, parameters, names = bulk.rows_source({"stage": "text", "mode": "text", "port": "text"}, asked, 3)
    picked = ", ".join(f"{expression} AS v{index}" for index, expression in enumerate(names))
    where = Conditions(["st.container = ''", "st.ended_at IS NOT NULL"], [])
    where.add("st.month >= %s AND st.month < %s", stage_benchmarks.month(now, -12), stage_benchmarks.month(now, 0))
    where.add("st.organization_id IS NOT NULL AND st.organization_id <> %s", owner.organization_id)
    tail = (
        f"FROM (SELECT {picked} FROM {source}) c JOIN {TIMES} st ON st.stage = c.v0 AND st.mode = c.v1 "
        f"AND st.port = c.v2 WHERE {' AND '.join(where.sql)}"
    )
    values = [*parameters, *where.parameters]
    if not bulk.is_postgres():
        rows = bulk.execute(
            f"SELECT st.stage, st.mode, st.port, st.organization_id, st.shipment_id, {seconds} {tail}", values
        )
        return _medians(rows)
    found = bulk.execute(
        f"SELECT st.stage, st.mode, st.port, percentile_cont(0.5) WITHIN GROUP (ORDER BY {seconds}) {tail} "
        f"GROUP BY st.stage, st.mode, st.port HAVING count(DISTINCT st.organization_id) >= {MIN_ORGANIZATIONS} "
        f"AND count(DISTINCT st.shipment_id) >= {MIN_CARGOES}",
        values,
    )
    return {(stage, mode, port): tenth(median) for stage, mode, port, median in found}


def _enough(behind: Others) -> bool:
    return behind.organizations >= MIN_ORGANIZATIONS and behind.cargoes >= MIN_CARGOES


def _medians(rows: Iterable[tuple[Any, ...]]) -> Medians:
    cells: dict[tuple[str, str, str], tuple[list[int], set[int], set[int]]] = {}
    for stage, mode, port, owner, shipment, length in rows:
        lengths, owners, cargoes = cells.setdefault((stage, mode, port), ([], set(), set()))
        lengths.append(length)
        owners.add(owner)
        cargoes.add(shipment)
    return {
        cell: tenth(percentile(sorted(lengths), 0.5))
        for cell, (lengths, owners, cargoes) in cells.items()
        if len(owners) >= MIN_ORGANIZATIONS and len(cargoes) >= MIN_CARGOES
    }


def _labels(viewer: Viewer, shipments: list[int]) -> dict[int, Label]:
    """How these are named to the viewer, who sees them; one statement."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT s.id, s.organization_id, s.own_reference, {lowest(HOUSE, 'house')}, {lowest(MASTER, 'master')} "
        f"FROM {SHIPMENTS} s WHERE s.id {right}",
        [value],
    )
    sees_all = lead_times.sees_everything(viewer)
    return {
        pk: Label(own if sees_all or owner == viewer.organization_id else "", house or master or "")
        for pk, owner, own, house, master in rows
    }
