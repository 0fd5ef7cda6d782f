"""How an organization stands against each of its targets, and what its stages usually take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.lead_times import place_of
from cargo.domain.office_hours import working_seconds
from cargo.domain.statistics import percentile
from cargo.models import TargetTime, bulk
from cargo.selectors import keyset, lead_times
from cargo.selectors.conditions import Conditions
from cargo.selectors.lead_times import AT_RISK, ELAPSED, Against, Target
from clis.accounts.scoping import Viewer

# The share of its own cargo that kept to what is suggested.
SUGGESTED = 0.75


class Usual(NamedTuple):
    """What three of four of an organization's own cargoes took at most, in seconds by either clock."""

    n: int
    elapsed: int
    working: int


def own(viewer: Viewer) -> list[tuple[int, Target]]:
    """The ids and targets of the viewer's organization, the most specific first; one statement."""
    if viewer.organization_id is None:
        return []
    rows = TargetTime.objects.filter(organization_id=viewer.organization_id).order_by("pk")
    found = [(row[0], Target(*row[1:])) for row in rows.values_list("pk", "stage", "mode", "port", "seconds", "clock")]
    return sorted(found, key=lambda row: (not row[1].port, not row[1].mode))


def which(targets: Iterable[tuple[int, Target]]) -> tuple[str, list[Any]]:
    """SQL: the id of the target that is about a stage time, the most specific; null without one."""
    cases: list[str] = []
    parameters: list[Any] = []
    for pk, target in targets:
        tests = ["st.stage = %s"]
        parameters.append(target.stage)
        for name in ("port", "mode"):
            if wanted := getattr(target, name):
                tests.append(f"st.{name} = %s")
                parameters.append(wanted)
        cases.append(f"WHEN {' AND '.join(tests)} THEN {int(pk)}")
    return (f"CASE {' '.join(cases)} END", parameters) if cases else ("CAST(NULL AS BIGINT)", [])


def standings(viewer: Viewer, since: datetime) -> dict[int, Against]:
    """By the id of each own target: what ended since then, and what is open now; three statements."""
    targets = own(viewer)
    if not targets:
        return {}
    found = {pk: [0, 0, 0, 0] for pk, _target in targets}
    for pk, met, missed in _ended(viewer, targets, since):
        found[pk][:2] = [met, missed]
    for pk, at_risk, overdue in _open(viewer, targets):
        found[pk][2:] = [at_risk, overdue]
    return {pk: Against(*counts) for pk, counts in found.items()}


def _ended(viewer: Viewer, targets: list[tuple[int, Target]], since: datetime) -> Iterable[tuple[int, int, int]]:
    pk, about = which(targets)
    hit, aims = lead_times.hit_case([target for _pk, target in targets])
    where = _of_stages(targets)
    where.add("st.ended_at >= %s", keyset.instant(since))
    columns = f"{pk} AS target, CASE WHEN {hit} THEN 1 ELSE 0 END AS met"
    sql, values = lead_times.select_visible(viewer, columns, [*about, *aims], where, Conditions([], []))
    return bulk.execute(
        f"SELECT target, sum(met), count(*) - sum(met) FROM ({sql}) p WHERE target IS NOT NULL GROUP BY target", values
    )


def _open(viewer: Viewer, targets: list[tuple[int, Target]]) -> Iterable[tuple[int, int, int]]:
    where = _of_stages(targets)
    where.add("st.ended_at IS NULL")
    columns = f"st.stage, st.mode, st.port, {bulk.seconds_of('st.started_at')}"
    sql, values = lead_times.select_visible(viewer, columns, [], where, Conditions([], []))
    now = int(timezone.now().timestamp())
    counts: dict[int, list[int]] = {}
    for stage, mode, port, started in bulk.execute(sql, values):
        for pk, target in targets:
            if target.fits(stage, mode, port):
                passed = now - started if target.clock == ELAPSED else working_seconds(started, now, *place_of(port))
                both = counts.setdefault(pk, [0, 0])
                both[0] += AT_RISK * target.seconds < passed <= target.seconds
                both[1] += passed > target.seconds
                break
    return [(pk, *both) for pk, both in counts.items()]  # type: ignore[misc]


def _of_stages(targets: list[tuple[int, Target]]) -> Conditions:
    stages = sorted({target.stage for _pk, target in targets})
    where = Conditions(["st.container = ''"], [])
    where.add(f"st.stage IN ({', '.join(['%s'] * len(stages))})", *stages)
    return where


def usual(viewer: Viewer, since: datetime) -> dict[str, Usual]:
    """By stage, of what the viewer's organization registered itself and what ended since then; one statement."""
    if viewer.organization_id is None:
        return {}
    where = Conditions(["st.container = ''"], [])
    where.add("st.organization_id = %s AND st.ended_at >= %s", viewer.organization_id, keyset.instant(since))
    columns = "st.stage AS stage, st.seconds AS seconds, COALESCE(st.working_seconds, 0) AS working"
    sql, values = lead_times.select_visible(viewer, columns, [], where, Conditions([], []))
    if bulk.is_postgres():
        part = f"percentile_cont({SUGGESTED}) WITHIN GROUP (ORDER BY {{}})"
        rows = bulk.execute(
            f"SELECT stage, count(*), {part.format('seconds')}, {part.format('working')} FROM ({sql}) p GROUP BY stage",
            values,
        )
        return {row[0]: Usual(row[1], round(row[2]), round(row[3])) for row in rows}
    stages: dict[str, tuple[list[int], list[int]]] = {}
    for stage, seconds, working in bulk.execute(sql, values):
        both = stages.setdefault(stage, ([], []))
        both[0].append(seconds)
        both[1].append(working)
    return {
        stage: Usual(len(elapsed), *(round(percentile(sorted(kept), SUGGESTED)) for kept in (elapsed, working)))
        for stage, (elapsed, working) in stages.items()
    }
