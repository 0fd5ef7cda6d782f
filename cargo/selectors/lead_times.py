"""How long stages took: n, mean, median, p90 and spread by stage and one dimension, of the viewer's own cargo.

The lengths are read and ``cargo.domain.statistics`` sums them up, outliers told and named as it says; over everybody's
cargo they are read from columns (``lead_time_columns``).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.lead_times import NO_AGENCY, PRE_ARRIVAL, place_of
from cargo.domain.office_hours import working_seconds
from cargo.domain.stages import STAGES
from cargo.domain.statistics import Summary, named, summarize, summarize_ordered
from cargo.models import Party, StageTime, TargetTime, bulk
from cargo.selectors import keyset, lead_time_benchmarks, lead_time_columns
from cargo.selectors.conditions import Conditions
from cargo.selectors.lead_time_benchmarks import MIN_CARGOES as MIN_CARGOES
from cargo.selectors.lead_time_benchmarks import MIN_ORGANIZATIONS as MIN_ORGANIZATIONS
from cargo.selectors.lead_time_benchmarks import Benchmark
from cargo.selectors.lead_time_columns import CLOCKS, ELAPSED, Found
from cargo.selectors.lead_time_columns import WORKING as WORKING
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

TIMES = StageTime._meta.db_table
PARTIES = Party._meta.db_table
ORGANIZATIONS = Organization._meta.db_table
# An open stage is at risk once this share of its target has passed.
AT_RISK = 0.75
SECONDS = {hours: f"st.{column}" for hours, column in CLOCKS.items()}
_BEFORE = ", ".join(f"'{word}'" for word in PRE_ARRIVAL)
_PLAIN = ("port", "customs_office", "warehouse", "broker", "carrier", "mode", "month", "channel", "declared", "agency")
GROUPS = ("client", *_PLAIN, "pre_arrival", "intervened")
FILTERS = ("port_of_loading", "port_of_discharge", *(name for name in _PLAIN if name not in ("mode", "month")))


class Against(NamedTuple):
    """Against the viewer's targets: ended in time or not; open, near its end or past it."""

    met: int
    missed: int
    at_risk: int
    overdue: int

    @property
    def share(self) -> float | None:
        """Of what ended, how much was in time, 0 to 1."""
        ended = self.met + self.missed
        return round(self.met / ended, 4) if ended else None


class Row(NamedTuple):
    """One stage of one group. ``group`` is ``None`` without a dimension, empty where it is not known."""

    stage: str
    group: str | None
    summary: Summary
    against: Against | None
    benchmark: Benchmark | None


class Answer(NamedTuple):
    """The rows. ``refreshed_at``: as of when they are, read from the columns; ``None``: of now, from the rows.
    ``benchmark_refreshed_at``: the same of the benchmarks.
    """

    rows: list[Row]
    refreshed_at: datetime | None
    benchmark_refreshed_at: datetime | None = None


class Target(NamedTuple):
    """A target as ``TargetTime`` has it."""

    stage: str
    mode: str
    port: str
    seconds: int
    clock: str

    def fits(self, stage: str, mode: str, port: str) -> bool:
        """Whether it is about such a stage."""
        return self.stage == stage and self.mode in ("", mode) and self.port in ("", port)


def answer(viewer: Viewer, params: dict[str, Any]) -> Answer:
    """By stage in their order, then by group, and as of when. ``params``: ``group_by`` (``GROUPS``), ``hours``
    (elapsed, working), ``stage`` (list), ``mode`` (list), ``client`` (slug), ``pre_arrival``, ``intervened``,
    ``ended_after``, ``ended_before``, ``containers``, ``benchmark``, and ``FILTERS``. At most seven statements.
    """
    targets = targets_of(viewer)
    group = params.get("group_by")
    where = conditions_of(params)
    refreshed_at, found = _kept(viewer, params, targets) or (None, _ended(viewer, params, where, targets))
    waiting = _open(viewer, params, where, targets)
    benchmark_at, benchmarks = lead_time_benchmarks.benchmarks(viewer, params)
    names = _names(found) if group == "client" else {}
    rows = []
    for (stage, value), (figures, met, missed) in found.items():
        at_risk, overdue = waiting.get((stage, value), (0, 0))
        aimed = any(target.stage == stage for target in targets)
        shown = None if group is None else names.get(value or "", "") if group == "client" else value or ""
        against = Against(met, missed, at_risk, overdue) if aimed else None
        rows.append(Row(stage, shown, figures, against, benchmarks.get(stage)))
    rows.sort(key=lambda row: (STAGES.index(row.stage), row.group or ""))
    return Answer(rows, refreshed_at, benchmark_at)


def summary(viewer: Viewer, params: dict[str, Any]) -> list[Row]:
    """The rows of ``answer``."""
    return answer(viewer, params).rows


def _kept(viewer: Viewer, params: dict[str, Any], targets: Sequence[Target]) -> tuple[datetime, Found] | None:
    """The operator's figures over everybody's cargo, from the columns where there are any.

    One client's are quick to have from the rows.
    """
    if not sees_everything(viewer) or params.get("client"):
        return None
    return lead_time_columns.summary(params, FILTERS, targets)


def targets_of(viewer: Viewer) -> list[Target]:
    """The viewer's own targets, the most specific first: with a port, then with a mode."""
    if viewer.organization_id is None:
        return []
    rows = TargetTime.objects.filter(organization_id=viewer.organization_id).order_by("pk")
    found = [Target(*row) for row in rows.values_list("stage", "mode", "port", "seconds", "clock")]
    return sorted(found, key=lambda row: (not row.port, not row.mode))


def conditions_of(params: dict[str, Any]) -> Conditions:
    """The filters that hold for ended and open stages alike."""
    where = Conditions([], [])
    where.add("st.container <> ''" if params.get("containers") else "st.container = ''")
    for name in ("stage", "mode"):
        if words := list(params.get(name) or ()):
            where.add(f"st.{name} IN ({', '.join(['%s'] * len(words))})", *words)
    for name in FILTERS:
        if params.get(name):
            where.add(f"st.{name} = %s", params[name])
    if params.get("client"):
        where.add(f"st.organization_id IN (SELECT o.id FROM {ORGANIZATIONS} o WHERE o.slug = %s)", params["client"])
    if params.get("intervened") is not None:
        where.add(f"st.agency NOT IN ('', '{NO_AGENCY}')" if params["intervened"] else f"st.agency = '{NO_AGENCY}'")
    if params.get("pre_arrival") is not None:
        where.add(f"st.declared IN ({_BEFORE})" if params["pre_arrival"] else f"st.declared NOT IN ({_BEFORE}, '')")
    return where


def dimension(viewer: Viewer, name: str | None) -> tuple[str, list[Any]]:
    """SQL of a dimension. Whose cargo it is is named to the operator and to its owner."""
    if name is None:
        return "CAST(NULL AS TEXT)", []
    if name == "pre_arrival":
        return f"CASE WHEN st.declared IN ({_BEFORE}) THEN 'true' WHEN st.declared = '' THEN '' ELSE 'false' END", []
    if name == "intervened":
        return f"CASE st.agency WHEN '' THEN '' WHEN '{NO_AGENCY}' THEN 'false' ELSE 'true' END", []
    if name == "client":
        if sees_everything(viewer):
            return "CAST(st.organization_id AS TEXT)", []
        return "CASE WHEN st.organization_id = %s THEN CAST(st.organization_id AS TEXT) ELSE '' END", [
            viewer.organization_id
        ]
    return f"st.{name}", []


def sees_everything(viewer: Viewer) -> bool:
    return viewer.is_staff and viewer.user_id is not None


def select_visible(
    viewer: Viewer, columns: str, before: Sequence[Any], where: Conditions, more: Conditions
) -> tuple[str, list[Any]]:
    """SELECT of these columns from the stage times that the viewer may see.

    What the organization registered itself is found by its index, what it is a party to by those shipments.
    """
    conditions = " AND ".join([*where.sql, *more.sql])
    parameters = [*where.parameters, *more.parameters]
    select = f"SELECT {columns} FROM {TIMES} st WHERE {conditions}"
    if sees_everything(viewer):
        return select, [*before, *parameters]
    mine = viewer.organization_id
    party = f"SELECT p.shipment_id FROM {PARTIES} p WHERE p.organization_id = %s"
    own = f"{select} AND st.organization_id = %s AND st.shipment_id IN ({party})"
    others = (
        f"{select} AND (st.organization_id IS NULL OR st.organization_id <> %s) "
        f"AND st.shipment_id IN ({party} AND p.role <> 'registrant')"
    )
    return f"{own} UNION ALL {others}", [*before, *parameters, mine, mine, *before, *parameters, mine, mine]


def _ended(viewer: Viewer, params: dict[str, Any], where: Conditions, targets: Sequence[Target]) -> Found:
    period = Conditions(["st.ended_at IS NOT NULL"], [])
    for name, comparison in (("ended_after", ">="), ("ended_before", "<")):
        if params.get(name):
            period.add(f"st.ended_at {comparison} %s", keyset.instant(params[name]))
    group, parameters = dimension(viewer, params.get("group_by"))
    hit, aims = hit_case(targets)
    seconds = SECONDS[params.get("hours") or ELAPSED]
    columns = f"st.stage AS stage, {group} AS g, st.shipment_id AS shipment, {seconds} AS s, {hit} AS hit"
    sql, values = select_visible(viewer, columns, [*parameters, *aims], where, period)
    if bulk.is_postgres():
        return {(row[0], row[1]): _packed(*row[2:]) for row in bulk.execute(_PACK % {"picked": sql}, values)}
    lengths: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    hits: dict[tuple[str, str | None], list[int]] = {}
    for stage, value, shipment, length, met in bulk.execute(sql, values):
        lengths.setdefault((stage, value), []).append((shipment, length))
        counts = hits.setdefault((stage, value), [0, 0])
        if met is not None:
            counts[0 if met else 1] += 1
    return {key: (summarize(rows), hits[key][0], hits[key][1]) for key, rows in lengths.items()}


# The lengths of each group and whose they are as two blocks of eight bytes each. To have PostgreSQL work the figures
# out took five sorts of everything: 170 ms for 70,000 rows, where this takes 60.
_PACK = """
SELECT stage, g, string_agg(int8send(s), ''::bytea), string_agg(int8send(shipment), ''::bytea),
  count(*) FILTER (WHERE hit), count(*) FILTER (WHERE NOT hit)
FROM (%(picked)s) p GROUP BY stage, g"""


def _packed(lengths: Any, shipments: Any, met: int, missed: int) -> tuple[Summary, int, int]:
    seconds = whole_numbers(lengths)
    figures, longest = summarize_ordered(sorted(seconds))
    if longest:
        candidates = ((length, place) for place, length in enumerate(seconds) if length in longest)
        whose = whole_numbers(shipments)
        figures = named(figures, ((length, whose[place]) for length, place in candidates))
    return figures, met, missed


def whole_numbers(block: Any) -> array[int]:
    """Numbers of eight bytes as PostgreSQL sends them, the highest byte first."""
    numbers = array("q", bytes(block))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def hit_case(targets: Iterable[Target]) -> tuple[str, list[Any]]:
    """SQL: whether a stage that ended kept to the most specific target that is about it; null without one.

    The stage is looked at first: row by row through all targets took 60 ms for 70,000 rows and 18 targets.
    """
    by_stage: dict[str, list[Target]] = {}
    for target in targets:
        by_stage.setdefault(target.stage, []).append(target)
    cases: list[str] = []
    parameters: list[Any] = []
    for stage, about in by_stage.items():
        parameters.append(stage)
        inner = []
        for target in about:
            tests = []
            for name in ("port", "mode"):
                if wanted := getattr(target, name):
                    tests.append(f"st.{name} = %s")
                    parameters.append(wanted)
            inner.append(f"WHEN {' AND '.join(tests) or 'true'} THEN {SECONDS[target.clock]} <= %s")
            parameters.append(target.seconds)
        cases.append(f"WHEN %s THEN CASE {' '.join(inner)} END")
    return (f"CASE st.stage {' '.join(cases)} END", parameters) if cases else ("CAST(NULL AS BOOLEAN)", [])


def _open(
    viewer: Viewer, params: dict[str, Any], where: Conditions, targets: Sequence[Target]
) -> dict[tuple[str, str | None], tuple[int, int]]:
    """How many open stages are at risk, and how many past their target. Nothing where there are no targets."""
    if not targets:
        return {}
    stages = sorted({target.stage for target in targets})
    waiting = Conditions(["st.ended_at IS NULL"], [])
    waiting.add(f"st.stage IN ({', '.join(['%s'] * len(stages))})", *stages)
    group, parameters = dimension(viewer, params.get("group_by"))
    columns = f"st.stage, {group} AS g, st.mode, st.port, {bulk.seconds_of('st.started_at')}"
    sql, values = select_visible(viewer, columns, parameters, where, waiting)
    now = int(timezone.now().timestamp())
    found: dict[tuple[str, str | None], list[int]] = {}
    for stage, value, mode, port, started in bulk.execute(sql, values):
        target = next((row for row in targets if row.fits(stage, mode, port)), None)
        if target is None:
            continue
        passed = now - started if target.clock == ELAPSED else working_seconds(started, now, *place_of(port))
        counts = found.setdefault((stage, value), [0, 0])
        if passed > target.seconds:
            counts[1] += 1
        elif passed > AT_RISK * target.seconds:
            counts[0] += 1
    return {key: (counts[0], counts[1]) for key, counts in found.items()}


def _names(found: Found) -> dict[str, str]:
    """Short names of the organizations that are groups; one statement."""
    ids = [int(value) for _, value in found if value]
    return {str(pk): slug for pk, slug in Organization.objects.filter(pk__in=ids).values_list("pk", "slug")}
