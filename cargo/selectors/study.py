"""What a Time Release Study reports: lead times by stage and by what it groups them, how they spread, and the rows.

Every mean, median and the like comes from ``cargo.selectors.lead_times.answer``, as the API's do: the same question has
one answer. Each part is one question with a fixed number of statements.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.stage_costs import TOTALS
from cargo.models import Event, InboundMessage, ShipmentEvent, bulk
from cargo.selectors import diagnosis, keyset, lead_times
from cargo.selectors.conditions import SHIPMENTS, Conditions
from cargo.selectors.lead_times import ELAPSED, Row
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

# Whose figures are also given by dimension: the totals and what customs itself takes.
GROUPED = (*TOTALS, "import_declared__customs_released")
DIMENSIONS = (
    "mode", "channel", "intervened", "agency", "pre_arrival", "declared", "customs_office", "port", "month",
)  # fmt: skip
# Released within: an hour to a week, in seconds.
WITHIN = (3600, 4 * 3600, 8 * 3600, 86_400, 2 * 86_400, 3 * 86_400, 5 * 86_400, 7 * 86_400)
# Rows behind the figures that a file holds, and shipments whose messages are counted, at most: those that ended last.
ROWS, SHIPMENTS_ASKED = 60_000, 20_000
_UNKNOWN = ("mode", "port", "customs_office", "warehouse", "broker", "channel", "declared", "agency")


class Scope(NamedTuple):
    """Of whose cargo and of when. ``organization``: for whom it is made; ``everybody``: of all clients' cargo.

    ``as_of``: when the figures over everybody's cargo were worked out, ``None`` where they are of now.
    """

    organization: str
    everybody: bool
    client: str
    mode: str
    port: str
    hours: str
    first: datetime
    until: datetime
    made_at: datetime
    as_of: datetime | None


class Spread(NamedTuple):
    """Of one stage: the shortest and the longest (seconds), and how many ended within each of ``WITHIN``."""

    n: int
    shortest: int
    longest: int
    within: tuple[int, ...]


class Known(NamedTuple):
    """Of one stage: how many ended in the period, are open now, and of which ended ones a dimension is not known."""

    ended: int
    open: int
    unknown: dict[str, int]


class Told(NamedTuple):
    """Messages of one format that told of the cargo."""

    format: str
    sources: int
    messages: int
    shipments: int


class Behind(NamedTuple):
    """One stage of one cargo that ended in the period. Instants are aware (UTC), lengths are seconds."""

    stage: str
    shipment: int
    own_reference: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    working_seconds: int
    mode: str
    port: str
    customs_office: str
    warehouse: str
    broker: str
    carrier: str
    channel: str
    declared: str
    agency: str
    month: str


class Study(NamedTuple):
    """The whole report, without words. ``groups``: by dimension; ``shipments``: how many cargoes stand behind it."""

    scope: Scope
    shipments: int
    stages: list[Row]
    spreads: dict[str, Spread]
    groups: dict[str, list[Row]]
    known: dict[str, Known]
    told: list[Told]
    diagnosis: diagnosis.Found


def study(viewer: Viewer, params: dict[str, Any]) -> Study:
    """Of what ended from ``ended_after`` until ``ended_before``, both needed. Other ``params``: ``hours``, ``mode``
    (list), ``port``, ``client`` (slug). A constant number of statements.
    """
    sees_all = lead_times.sees_everything(viewer)
    params = {name: value for name, value in params.items() if value}
    params.setdefault("hours", ELAPSED)
    modes = list(params.get("mode") or ())
    owner = Organization.objects.filter(pk=viewer.organization_id or 0).values_list("name", flat=True).first()
    answers = {
        name: lead_times.answer(viewer, params | {"group_by": name, "stage": list(GROUPED)}) for name in DIMENSIONS
    }
    stages = lead_times.answer(viewer, params)
    scope = Scope(
        owner or "",
        sees_all and "client" not in params,
        params.get("client", ""),
        modes[0] if len(modes) == 1 else "",
        params.get("port", ""),
        params["hours"],
        params["ended_after"],
        params["ended_before"],
        timezone.now(),
        min((row.refreshed_at for row in (stages, *answers.values()) if row.refreshed_at), default=None),
    )
    return Study(
        scope,
        _shipments(viewer, params),
        stages.rows,
        _spreads(viewer, params),
        {name: row.rows for name, row in answers.items()},
        _known(viewer, params),
        _told(viewer, params),
        diagnosis.diagnosis(viewer, params),
    )


def _ended(viewer: Viewer, params: dict[str, Any], columns: str) -> tuple[str, list[Any]]:
    """SELECT of these columns of what the viewer sees and what ended in the period."""
    where = lead_times.conditions_of({name: params.get(name) for name in ("mode", "port", "client")})
    return lead_times.select_visible(viewer, columns, [], where, _period(params))


def _period(params: dict[str, Any]) -> Conditions:
    period = Conditions(["st.ended_at >= %s", "st.ended_at < %s"], [])
    period.parameters.extend(keyset.instant(params[name]) for name in ("ended_after", "ended_before"))
    return period


def _shipments(viewer: Viewer, params: dict[str, Any]) -> int:
    sql, values = _ended(viewer, params, "st.shipment_id AS shipment")
    ((count,),) = bulk.execute(f"SELECT count(DISTINCT shipment) FROM ({sql}) p", values)
    return int(count)


def _spreads(viewer: Viewer, params: dict[str, Any]) -> dict[str, Spread]:
    seconds = lead_times.SECONDS[params["hours"]]
    sql, values = _ended(viewer, params, f"st.stage AS stage, {seconds} AS s")
    within = ", ".join(f"sum(CASE WHEN s <= {length} THEN 1 ELSE 0 END)" for length in WITHIN)
    rows = bulk.execute(f"SELECT stage, count(*), min(s), max(s), {within} FROM ({sql}) p GROUP BY stage", values)
    return {row[0]: Spread(row[1], row[2], row[3], tuple(map(int, row[4:]))) for row in rows}


def _known(viewer: Viewer, params: dict[str, Any]) -> dict[str, Known]:
    """How complete each stage is. What is open has no period: it is open now."""
    where = lead_times.conditions_of({name: params.get(name) for name in ("mode", "port", "client")})
    either = Conditions([f"(({' AND '.join(_period(params).sql)}) OR st.ended_at IS NULL)"], _period(params).parameters)
    columns = (
        "st.stage AS stage, CASE WHEN st.ended_at IS NULL THEN 1 ELSE 0 END AS open, "
        f"{', '.join(f'st.{name} AS {name}' for name in _UNKNOWN)}"
    )
    sql, values = lead_times.select_visible(viewer, columns, [], where, either)
    empty = ", ".join(f"sum(CASE WHEN open = 0 AND {name} = '' THEN 1 ELSE 0 END)" for name in _UNKNOWN)
    rows = bulk.execute(f"SELECT stage, count(*) - sum(open), sum(open), {empty} FROM ({sql}) p GROUP BY stage", values)
    return {
        stage: Known(int(ended), int(waiting), dict(zip(_UNKNOWN, map(int, unknown), strict=True)))
        for stage, ended, waiting, *unknown in rows
    }


def _told(viewer: Viewer, params: dict[str, Any]) -> list[Told]:
    """By which formats the cargo was told of, the one of most shipments first; of ``SHIPMENTS_ASKED`` at most."""
    sql, values = _ended(viewer, params, "st.shipment_id AS shipment, st.ended_at AS ended")
    asked = (
        f"SELECT shipment FROM ({sql}) p GROUP BY shipment ORDER BY max(ended) DESC, shipment LIMIT {SHIPMENTS_ASKED}"
    )
    rows = bulk.execute(
        f"SELECT m.format, count(DISTINCT e.source_id), count(DISTINCT e.message_id), count(DISTINCT l.shipment_id) "
        f"FROM {ShipmentEvent._meta.db_table} l JOIN {Event._meta.db_table} e ON e.id = l.event_id "
        f"JOIN {InboundMessage._meta.db_table} m ON m.id = e.message_id "
        f"WHERE l.shipment_id IN ({asked}) GROUP BY m.format ORDER BY 4 DESC, 1",
        values,
    )
    return [Told(*row) for row in rows]


def rows_behind(viewer: Viewer, params: dict[str, Any]) -> tuple[list[Behind], bool]:
    """What the figures are of, the last to end first; whether some were left out. One statement."""
    dimensions = Behind._fields[7:]
    columns = (
        f"st.stage AS stage, st.shipment_id AS shipment, {bulk.seconds_of('st.started_at')} AS begun, "
        f"{bulk.seconds_of('st.ended_at')} AS ended, st.seconds AS seconds, st.working_seconds AS working, "
        f"{', '.join(f'st.{name} AS {name}' for name in dimensions)}"
    )
    sql, values = _ended(viewer, params, columns)
    found = bulk.execute(
        f"SELECT p.stage, p.shipment, s.organization_id, s.own_reference, p.begun, p.ended, p.seconds, p.working, "
        f"{', '.join(f'p.{name}' for name in dimensions)} FROM ({sql}) p JOIN {SHIPMENTS} s ON s.id = p.shipment "
        f"ORDER BY p.ended DESC, p.shipment, p.stage LIMIT {ROWS + 1}",
        values,
    )
    sees_all = lead_times.sees_everything(viewer)
    rows = []
    for stage, shipment, owner, own, begun, ended, *rest in found[:ROWS]:
        reference = own if sees_all or owner == viewer.organization_id else ""
        instants = (datetime.fromtimestamp(begun, UTC), datetime.fromtimestamp(ended, UTC))
        rows.append(Behind(stage, shipment, reference, *instants, *rest))
    return rows, len(found) > ROWS
