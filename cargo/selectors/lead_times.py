"""How long stages took: n, mean, median, p90 and spread by stage and one dimension, of the viewer's own cargo.

PostgreSQL works the numbers out; SQLite has no percentiles, so there the seconds are read and
``cargo.domain.statistics`` does the same. Outliers are told and named as it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.lead_times import PRE_ARRIVAL, place_of
from cargo.domain.office_hours import working_seconds
from cargo.domain.stages import STAGES
from cargo.domain.statistics import FENCE, FENCED_FROM, NAMED, Summary, summarize, tenth
from cargo.models import Party, StageTime, TargetTime, bulk
from cargo.selectors import keyset
from cargo.selectors.listing import Conditions
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

TIMES = StageTime._meta.db_table
PARTIES = Party._meta.db_table
ORGANIZATIONS = Organization._meta.db_table
# A benchmark says nothing while fewer stand behind it.
MIN_ORGANIZATIONS, MIN_CARGOES = 5, 30
# An open stage is at risk once this share of its target has passed.
AT_RISK = 0.75
ELAPSED, WORKING = "elapsed", "working"
_SECONDS = {ELAPSED: "st.seconds", WORKING: "st.working_seconds"}
_BEFORE = ", ".join(f"'{word}'" for word in PRE_ARRIVAL)
_PLAIN = ("port", "customs_office", "warehouse", "broker", "carrier", "mode", "month", "channel", "declared")
GROUPS = ("client", *_PLAIN, "pre_arrival")
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


class Benchmark(NamedTuple):
    """All comparable cargo of others: same stage, mode and port, of the last twelve whole months."""

    organizations: int
    cargoes: int
    median: float
    p90: float


class Row(NamedTuple):
    """One stage of one group. ``group`` is ``None`` without a dimension, empty where it is not known."""

    stage: str
    group: str | None
    summary: Summary
    against: Against | None
    benchmark: Benchmark | None


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


def summary(viewer: Viewer, params: dict[str, Any]) -> list[Row]:
    """By stage in their order, then by group. ``params``: ``group_by`` (``GROUPS``), ``hours`` (elapsed, working),
    ``stage`` (list), ``mode`` (list), ``client`` (slug), ``pre_arrival``, ``ended_after``, ``ended_before``,
    ``containers``, ``benchmark``, and ``FILTERS``. At most five statements.
    """
    targets = targets_of(viewer)
    group = params.get("group_by")
    where = _conditions(params)
    found = _ended(viewer, params, where, targets)
    waiting = _open(viewer, params, where, targets)
    benchmarks = _benchmarks(viewer, params) if params.get("benchmark") else {}
    names = _names(found) if group == "client" else {}
    rows = []
    for (stage, value), (figures, met, missed) in found.items():
        at_risk, overdue = waiting.get((stage, value), (0, 0))
        aimed = any(target.stage == stage for target in targets)
        shown = None if group is None else names.get(value or "", "") if group == "client" else value or ""
        against = Against(met, missed, at_risk, overdue) if aimed else None
        rows.append(Row(stage, shown, figures, against, benchmarks.get(stage)))
    return sorted(rows, key=lambda row: (STAGES.index(row.stage), row.group or ""))


def targets_of(viewer: Viewer) -> list[Target]:
    """The viewer's own targets, the most specific first: with a port, then with a mode."""
    if viewer.organization_id is None:
        return []
    rows = TargetTime.objects.filter(organization_id=viewer.organization_id).order_by("pk")
    found = [Target(*row) for row in rows.values_list("stage", "mode", "port", "seconds", "clock")]
    return sorted(found, key=lambda row: (not row.port, not row.mode))


def _conditions(params: dict[str, Any]) -> Conditions:
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
    if params.get("pre_arrival") is not None:
        where.add(f"st.declared IN ({_BEFORE})" if params["pre_arrival"] else f"st.declared NOT IN ({_BEFORE}, '')")
    return where


def _group(viewer: Viewer, name: str | None) -> tuple[str, list[Any]]:
    """SQL of a dimension. Whose cargo it is is named to the operator and to its owner."""
    if name is None:
        return "CAST(NULL AS TEXT)", []
    if name == "pre_arrival":
        return f"CASE WHEN st.declared IN ({_BEFORE}) THEN 'true' WHEN st.declared = '' THEN '' ELSE 'false' END", []
    if name == "client":
        if _sees_all(viewer):
            return "CAST(st.organization_id AS TEXT)", []
        return "CASE WHEN st.organization_id = %s THEN CAST(st.organization_id AS TEXT) ELSE '' END", [
            viewer.organization_id
        ]
    return f"st.{name}", []


def _sees_all(viewer: Viewer) -> bool:
    return viewer.is_staff and viewer.user_id is not None


def _picked(
    viewer: Viewer, columns: str, before: Sequence[Any], where: Conditions, more: Conditions
) -> tuple[str, list[Any]]:
    """SELECT of these columns from the stage times that the viewer may see.

    What the organization registered itself is found by its index, what it is a party to by those shipments.
    """
    conditions = " AND ".join([*where.sql, *more.sql])
    parameters = [*where.parameters, *more.parameters]
    select = f"SELECT {columns} FROM {TIMES} st WHERE {conditions}"
    if _sees_all(viewer):
        return select, [*before, *parameters]
    mine = viewer.organization_id
    party = f"SELECT p.shipment_id FROM {PARTIES} p WHERE p.organization_id = %s"
    own = f"{select} AND st.organization_id = %s AND st.shipment_id IN ({party})"
    others = (
        f"{select} AND (st.organization_id IS NULL OR st.organization_id <> %s) "
        f"AND st.shipment_id IN ({party} AND p.role <> 'registrant')"
    )
    return f"{own} UNION ALL {others}", [*before, *parameters, mine, mine, *before, *parameters, mine, mine]


Found = dict[tuple[str, str | None], tuple[Summary, int, int]]


def _ended(viewer: Viewer, params: dict[str, Any], where: Conditions, targets: Sequence[Target]) -> Found:
    period = Conditions(["st.ended_at IS NOT NULL"], [])
    for name, comparison in (("ended_after", ">="), ("ended_before", "<")):
        if params.get(name):
            period.add(f"st.ended_at {comparison} %s", keyset.instant(params[name]))
    group, parameters = _group(viewer, params.get("group_by"))
    hit, aims = _hit(targets)
    seconds = _SECONDS[params.get("hours") or ELAPSED]
    columns = f"st.stage AS stage, {group} AS g, st.shipment_id AS shipment, {seconds} AS s, {hit} AS hit"
    sql, values = _picked(viewer, columns, [*parameters, *aims], where, period)
    if bulk.is_postgres():
        return {(row[0], row[1]): _from_sql(row[2:]) for row in bulk.execute(_AGGREGATE % {"picked": sql}, values)}
    lengths: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    hits: dict[tuple[str, str | None], list[int]] = {}
    for stage, value, shipment, length, met in bulk.execute(sql, values):
        lengths.setdefault((stage, value), []).append((shipment, length))
        counts = hits.setdefault((stage, value), [0, 0])
        if met is not None:
            counts[0 if met else 1] += 1
    return {key: (summarize(rows), hits[key][0], hits[key][1]) for key, rows in lengths.items()}


# Two rounds over what was picked: the fences of each group, then the figures with what lies beyond them.
_AGGREGATE = f"""
WITH picked AS (%(picked)s),
fences AS (
  SELECT stage, g, percentile_cont(0.25) WITHIN GROUP (ORDER BY ln(s::float8)) AS q1,
    percentile_cont(0.75) WITHIN GROUP (ORDER BY ln(s::float8)) AS q3
  FROM picked WHERE s > 0 GROUP BY stage, g HAVING count(*) >= {FENCED_FROM}),
marked AS (
  SELECT p.*, p.s > 0 AND f.q3 > f.q1 AND NOT (ln(greatest(p.s, 1)::float8)
    BETWEEN f.q1 - {FENCE} * (f.q3 - f.q1) AND f.q3 + {FENCE} * (f.q3 - f.q1)) IS TRUE AS far
  FROM picked p LEFT JOIN fences f ON f.stage = p.stage AND f.g IS NOT DISTINCT FROM p.g)
SELECT stage, g, count(*), avg(s), percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY s),
  stddev_samp(s), count(*) FILTER (WHERE far),
  (array_agg(shipment ORDER BY s DESC, shipment) FILTER (WHERE far))[1:{NAMED}],
  avg(s) FILTER (WHERE far IS NOT TRUE), stddev_samp(s) FILTER (WHERE far IS NOT TRUE),
  count(*) FILTER (WHERE hit), count(*) FILTER (WHERE NOT hit)
FROM marked GROUP BY stage, g"""


def _from_sql(row: tuple[Any, ...]) -> tuple[Summary, int, int]:
    n, mean, quantiles, deviation, outliers, named, mean_inside, deviation_inside, met, missed = row
    p10, median, p90 = map(tenth, quantiles)
    figures = Summary(
        n, tenth(mean), p10, median, p90, _tenth(deviation), outliers, list(named or ()), _tenth(mean_inside),
        _tenth(deviation_inside),
    )  # fmt: skip
    return figures, met, missed


def _tenth(value: Any) -> float | None:
    return None if value is None else tenth(value)


def _hit(targets: Iterable[Target]) -> tuple[str, list[Any]]:
    """SQL: whether a stage that ended kept to the most specific target that is about it; null without one."""
    cases: list[str] = []
    parameters: list[Any] = []
    for target in targets:
        tests = ["st.stage = %s"]
        parameters.append(target.stage)
        for name in ("port", "mode"):
            if wanted := getattr(target, name):
                tests.append(f"st.{name} = %s")
                parameters.append(wanted)
        cases.append(f"WHEN {' AND '.join(tests)} THEN {_SECONDS[target.clock]} <= %s")
        parameters.append(target.seconds)
    return (f"CASE {' '.join(cases)} END", parameters) if cases else ("CAST(NULL AS BOOLEAN)", [])


def _open(
    viewer: Viewer, params: dict[str, Any], where: Conditions, targets: Sequence[Target]
) -> dict[tuple[str, str | None], tuple[int, int]]:
    """How many open stages are at risk, and how many past their target. Nothing where there are no targets."""
    if not targets:
        return {}
    stages = sorted({target.stage for target in targets})
    waiting = Conditions(["st.ended_at IS NULL"], [])
    waiting.add(f"st.stage IN ({', '.join(['%s'] * len(stages))})", *stages)
    group, parameters = _group(viewer, params.get("group_by"))
    columns = f"st.stage, {group} AS g, st.mode, st.port, {bulk.seconds_of('st.started_at')}"
    sql, values = _picked(viewer, columns, parameters, where, waiting)
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


def _benchmarks(viewer: Viewer, params: dict[str, Any]) -> dict[str, Benchmark]:
    """By stage, of all others' cargo with this one mode and port; only where enough stand behind it.

    Over whole months and without the asker's own, so that no two answers can be subtracted from each other.
    """
    now = timezone.now()
    seconds = _SECONDS[params.get("hours") or ELAPSED]
    where = Conditions(["st.container = ''", "st.ended_at IS NOT NULL"], [])
    where.add("st.mode = %s", params["mode"][0])
    where.add("st.port = %s", params["port"])
    where.add("st.month >= %s AND st.month < %s", _month(now, -12), _month(now, 0))
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
        known = {row[0]: Benchmark(row[1], row[2], tenth(row[3]), tenth(row[4])) for row in rows}
    else:
        known = _counted(
            bulk.execute(f"SELECT st.stage, st.organization_id, st.shipment_id, {seconds} {sql}", where.parameters)
        )
    return {
        stage: row
        for stage, row in known.items()
        if row.organizations >= MIN_ORGANIZATIONS and row.cargoes >= MIN_CARGOES
    }


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


def _month(now: datetime, later: int) -> str:
    years, index = divmod(now.month - 1 + later, 12)
    return f"{now.year + years}-{index + 1:02d}"


def _names(found: Found) -> dict[str, str]:
    """Short names of the organizations that are groups; one statement."""
    ids = [int(value) for _, value in found if value]
    return {str(pk): slug for pk, slug in Organization.objects.filter(pk__in=ids).values_list("pk", "slug")}
