"""The stages of one shipment: their lengths by every clock, against the viewer's targets, and why they are so.

The document says from where to where, so that a page never contradicts itself; the stage times add what the reports'
clocks gave and the moves of single containers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain.derive import MODES as JOURNEY_OF
from cargo.domain.lead_times import EXPORT_STAGES, place_of
from cargo.domain.office_hours import working_seconds
from cargo.domain.stage_reasons import Happening, Why, explain
from cargo.models import StageTime, bulk
from cargo.selectors import lead_times, shipments
from cargo.selectors.conditions import SHIPMENTS, conditions
from cargo.selectors.lead_times import AT_RISK, ELAPSED, Target
from clis.accounts.scoping import Viewer

TIMES = StageTime._meta.db_table
MET, MISSED, AT_RISK_NOW, OVERDUE, IN_TIME = VERDICTS = ("met", "missed", "at_risk", "overdue", "in_time")
# container, stage, number, started, ended, working and reported seconds; instants in whole seconds since 1970 (UTC).
Kept = tuple[str, str, int, int, int | None, int | None, int | None]


class Row(NamedTuple):
    """A stage of the shipment, or with ``container`` of one container. Instants are aware (UTC).

    ``reported_seconds``: by the reports' clocks where these differ. ``target``: the viewer's own that is about it, and
    ``verdict`` how it stands against that (``VERDICTS``; empty without one).
    """

    stage: str
    container: str
    number: int
    started_at: datetime
    ended_at: datetime | None
    seconds: int | None
    working_seconds: int | None
    reported_seconds: int | None
    target: Target | None
    verdict: str
    why: Why


def of_shipment(viewer: Viewer, shipment_id: int, document: dict[str, Any] | None = None) -> list[Row]:
    """In the order of ``STAGES``, containers last; two statements beside the document's. ``NotFound`` for a stranger's.

    ``document``: the shipment's, if it was read for this viewer already.
    """
    if document is None:
        document = shipments.document(viewer, shipment_id)[1]
    return _rows(document, _kept(viewer, shipment_id), lead_times.targets_of(viewer))


def of_document(document: dict[str, Any]) -> list[Row]:
    """As a document of the past tells them: without the reports' clocks, containers and targets; no statement."""
    return _rows(document, [], [])


def _kept(viewer: Viewer, shipment_id: int) -> list[Kept]:
    where = conditions(viewer, {})
    where.add("st.shipment_id = %s", shipment_id)
    return bulk.execute(
        f"SELECT st.container, st.stage, st.number, {bulk.seconds_of('st.started_at')}, "
        f"{bulk.seconds_of('st.ended_at')}, st.working_seconds, st.reported_seconds FROM {TIMES} st "
        f"JOIN {SHIPMENTS} s ON s.id = st.shipment_id WHERE {' AND '.join(where.sql)} "
        "ORDER BY st.container, st.started_at, st.stage",
        where.parameters,
    )


def _rows(document: dict[str, Any], kept: Sequence[Kept], targets: Sequence[Target]) -> list[Row]:
    told = _happenings(document)
    now = int(timezone.now().timestamp())
    by_clock = {row[:5]: row[6] for row in kept}
    numbers: dict[str, int] = {}
    measured: list[Kept] = []
    for stage in document.get("stages") or ():
        name = stage["stage"]
        number = numbers.get(name, 0)
        numbers[name] = number + 1
        key = ("", name, number, _seconds(stage["started_at"]) or 0, _seconds(stage["ended_at"]))
        measured.append((*key, None, by_clock.get(key)))
    measured += [row for row in kept if row[0]]
    return [_row(document, row, targets, told, now) for row in measured]


def _row(document: dict[str, Any], kept: Kept, targets: Iterable[Target], told: Sequence[Happening], now: int) -> Row:
    container, stage, number, started, ended, working, reported = kept
    plan = document.get("plan") or {}
    port = str(plan.get("port_of_loading" if stage in EXPORT_STAGES else "port_of_discharge") or "")[:5]
    mode = str(document.get("mode") or "")
    mode = JOURNEY_OF.get(mode, mode)
    if ended is not None and working is None:
        working = working_seconds(started, ended, *place_of(port))
    target = next((row for row in targets if row.fits(stage, mode, port)), None)
    passed = (ended if ended is not None else now) - started
    if target is not None and target.clock != ELAPSED:
        passed = (
            working if ended is not None and working is not None else working_seconds(started, now, *place_of(port))
        )
    return Row(
        stage,
        container,
        number,
        datetime.fromtimestamp(started, UTC),
        datetime.fromtimestamp(ended, UTC) if ended is not None else None,
        ended - started if ended is not None else None,
        working,
        reported,
        target,
        _verdict(target, passed, over=ended is not None),
        explain(stage, started, ended, told, container),
    )


def _verdict(target: Target | None, passed: int, *, over: bool) -> str:
    if target is None:
        return ""
    if over:
        return MET if passed <= target.seconds else MISSED
    if passed > target.seconds:
        return OVERDUE
    return AT_RISK_NOW if passed > AT_RISK * target.seconds else IN_TIME


def _happenings(document: dict[str, Any]) -> list[Happening]:
    """What really happened, by the document's milestones, by time."""
    found = []
    for row in document.get("milestones") or ():
        at = _seconds(row.get("occurred_at"))
        if row.get("classifier") == "actual" and at is not None:
            reported = row.get("milestone_reported") or ""
            found.append(Happening(row["milestone"], at, row.get("subject") or "", reported))
    return found


def _seconds(text: str | None) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None
