"""The shipments behind a number of the lead times: which cargo was counted, how long each took, and against what.

Every number of ``cargo.selectors.lead_times.summary`` is found again here with the same filters, the group it stands
for, and ``only``; so the conditions are that module's own.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain.lead_times import place_of
from cargo.domain.matching import HOUSE, MASTER
from cargo.domain.office_hours import working_seconds
from cargo.domain.statistics import fences
from cargo.models import bulk
from cargo.selectors import NotFound, keyset, lead_times, target_standing
from cargo.selectors.conditions import SHIPMENTS, STATUS, Conditions
from cargo.selectors.lead_times import AT_RISK, ELAPSED, ORGANIZATIONS, TIMES, Target
from cargo.selectors.listing import lowest
from clis.accounts.scoping import Viewer

MET, MISSED, OUTLIERS, SLOWEST = "met", "missed", "outliers", "slowest"
OPEN, RISKY, OVERDUE = "open", "at_risk", "overdue"
# Without one of them: what ended, the newest first.
ONLY = (MET, MISSED, OUTLIERS, SLOWEST, OPEN, RISKY, OVERDUE)
_OPEN = (OPEN, RISKY, OVERDUE)
# What a file holds at most.
FILE_ROWS = 10_000


class Row(msgspec.Struct):
    """A stage of a shipment (with ``container``: of one). Instants are aware (UTC), lengths are in seconds.

    ``passed``: so far, of an open one, by its target's clock. ``met``: whether it kept to ``target``; of an open one
    ``None`` until it is overdue. ``own_reference`` only for the organization that gave it.
    """

    id: int
    shipment: int
    container: str
    stage: str
    started_at: datetime
    ended_at: datetime | None
    seconds: int | None
    working_seconds: int | None
    reported_seconds: int | None
    mode: str
    port: str
    customs_office: str
    warehouse: str
    broker: str
    carrier: str
    channel: str
    declared: str
    agency: str
    own_reference: str
    house_bill: str | None
    master_bill: str | None
    containers: list[str]
    target: Target | None = None
    passed: int | None = None
    met: bool | None = None


class Page(NamedTuple):
    """One page, where the next begins, and how many there are in all (``None``: not counted)."""

    rows: list[Row]
    next_cursor: str | None
    total: int | None


class _Question(NamedTuple):
    """What is asked, and the order: its name, the expression that it goes by, and whether that descends."""

    where: Conditions
    more: Conditions
    order: str
    place: str
    descends: bool


# What comes of the stage time itself, in the order of the columns below.
_PLAIN = (
    "id", "shipment", "container", "stage", "started_at", "ended_at", "seconds", "working_seconds",
    "reported_seconds", "mode", "port", "customs_office", "warehouse", "broker", "carrier", "channel", "declared",
    "agency",
)  # fmt: skip
_SHOWN = (
    "st.id, st.shipment_id, st.container, st.stage, {started}, {ended}, st.seconds, "
    "st.working_seconds, st.reported_seconds, st.mode, st.port, "
    "st.customs_office, st.warehouse, st.broker, st.carrier, st.channel, st.declared, st.agency, p.place, "
    f"s.organization_id, s.own_reference, {lowest(HOUSE, 'house_bill')}, {lowest(MASTER, 'master_bill')}, t.containers"
)


def page(viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int, *, count: bool = False) -> Page:
    """One page. ``params``: those of ``lead_times.summary``, with one ``stage`` in its list; ``group`` (a value of
    ``group_by``; empty: not known), ``only`` (``ONLY``), and ``target`` (the id of an own target: only what it is
    about). Six statements at most.

    What ended comes newest first, ``slowest`` and ``outliers`` longest first, what is open oldest first. Raises
    ``BadCursor``, and ``NotFound`` for a target that is not the viewer's own.
    """
    targets = target_standing.own(viewer)
    about = params.get("target")
    if about is not None and all(pk != about for pk, _target in targets):
        raise NotFound
    question = _question(viewer, params, targets)
    begin = keyset.open_whole(cursor, question.order) if cursor else None
    rows = _read(viewer, question, begin, limit + 1)
    following = keyset.close(question.order, rows[limit - 1][1], rows[limit - 1][0].id) if len(rows) > limit else None
    now = int(timezone.now().timestamp())
    clock = params.get("hours") or ELAPSED
    judged = [_judged(row, [target for _pk, target in targets], clock, now) for row, _place in rows[:limit]]
    return Page(judged, following, _count(viewer, question) if count else None)


def _question(viewer: Viewer, params: dict[str, Any], targets: list[tuple[int, Target]]) -> _Question:
    only = params.get("only")
    where = lead_times.conditions_of(params)
    more = _opened_or_ended(params, only)
    if params.get("group_by") and params.get("group") is not None:
        _of_group(viewer, more, params["group_by"], str(params["group"]))
    if params.get("target") is not None:
        which, aims = target_standing.which(targets)
        more.add(f"{which} = %s", *aims, params["target"])
    if only in (MET, MISSED):
        hit, aims = lead_times.hit_case([target for _pk, target in targets])
        more.add(f"({hit}) IS {'TRUE' if only == MET else 'FALSE'}", *aims)
    elif only == OUTLIERS:
        _outliers(viewer, params, where, more)
    elif only in (RISKY, OVERDUE):
        right, value = bulk.id_list(_waiting(viewer, where, more, [target for _pk, target in targets], str(only)))
        more.add(f"st.id {right}", value)
    if only in _OPEN:
        return _Question(where, more, "stage open", bulk.seconds_of("st.started_at"), descends=False)
    if only in (SLOWEST, OUTLIERS):
        seconds = lead_times.SECONDS[params.get("hours") or ELAPSED]
        return _Question(where, more, "stage length", f"COALESCE({seconds}, 0)", descends=True)
    return _Question(where, more, "stage end", bulk.seconds_of("st.ended_at"), descends=True)


def _opened_or_ended(params: dict[str, Any], only: str | None) -> Conditions:
    """What is open has no period: it is open now."""
    if only in _OPEN:
        return Conditions(["st.ended_at IS NULL"], [])
    more = Conditions(["st.ended_at IS NOT NULL"], [])
    for name, comparison in (("ended_after", ">="), ("ended_before", "<")):
        if params.get(name):
            more.add(f"st.ended_at {comparison} %s", keyset.instant(params[name]))
    return more


def _of_group(viewer: Viewer, more: Conditions, name: str, value: str) -> None:
    """Only what was counted for this value of a dimension."""
    expression, parameters = lead_times.dimension(viewer, name)
    if name != "client" or not value:
        more.add(f"COALESCE({expression}, '') = %s", *parameters, value)
        return
    slug = f"(SELECT CAST(o.id AS TEXT) FROM {ORGANIZATIONS} o WHERE o.slug = %s)"
    more.add(f"{expression} = {slug}", *parameters, value)


def _outliers(viewer: Viewer, params: dict[str, Any], where: Conditions, more: Conditions) -> None:
    """Only what lies beyond the fences of all that is asked for; one statement finds these."""
    seconds = lead_times.SECONDS[params.get("hours") or ELAPSED]
    sql, values = lead_times.select_visible(viewer, f"{seconds} AS s", [], where, more)
    if bulk.is_postgres():
        ((block,),) = bulk.execute(f"SELECT string_agg(int8send(s), ''::bytea) FROM ({sql}) p", values)
        lengths = sorted(lead_times.whole_numbers(block or b""))
    else:
        lengths = sorted(row[0] for row in bulk.execute(sql, values))
    low, high = fences(lengths)
    more.add(f"{seconds} > 0 AND NOT {seconds} BETWEEN %s AND %s", *_seconds_between(low, high))


def _seconds_between(low: float, high: float) -> tuple[int, int]:
    """The shortest and the longest whole seconds between two logarithms."""
    shortest, longest = 1, 2**62
    if low > 0:
        shortest = next(s for s in range(max(1, int(math.exp(low)) - 2), 2**62) if math.log(s) >= low)
    if high < math.log(2**60):
        longest = next(s for s in range(int(math.exp(high)) + 2, 0, -1) if math.log(s) <= high)
    return shortest, longest


def _waiting(viewer: Viewer, where: Conditions, more: Conditions, targets: list[Target], only: str) -> list[int]:
    """The ids of open stages that are at risk, or past their target; one statement."""
    columns = f"st.id, st.stage, st.mode, st.port, {bulk.seconds_of('st.started_at')}"
    sql, values = lead_times.select_visible(viewer, columns, [], where, more)
    now = int(timezone.now().timestamp())
    found = []
    for pk, stage, mode, port, started in bulk.execute(sql, values):
        target = next((row for row in targets if row.fits(stage, mode, port)), None)
        if target is None:
            continue
        passed = _passed(target.clock, started, now, port)
        overdue = passed > target.seconds
        if overdue if only == OVERDUE else not overdue and passed > AT_RISK * target.seconds:
            found.append(pk)
    return found


def _passed(clock: str, started: int, now: int, port: str) -> int:
    return now - started if clock == ELAPSED else working_seconds(started, now, *place_of(port))


def _read(viewer: Viewer, question: _Question, begin: tuple[int, int] | None, limit: int) -> list[tuple[Row, int]]:
    """Rows with their places in the order; one statement."""
    shown = _SHOWN.format(started=bulk.seconds_of("st.started_at"), ended=bulk.seconds_of("st.ended_at"))
    columns = f"st.id AS id, {question.place} AS place"
    sql, values = lead_times.select_visible(viewer, columns, [], question.where, question.more)
    direction, sign = ("DESC", "<") if question.descends else ("ASC", ">")
    after = f"WHERE (place, id) {sign} (%s, %s) " if begin else ""
    found = bulk.execute(
        f"WITH picked AS ({sql}), "
        f"p AS (SELECT * FROM picked {after}ORDER BY place {direction}, id {direction} LIMIT %s) "
        f"SELECT {shown} FROM p JOIN {TIMES} st ON st.id = p.id JOIN {SHIPMENTS} s ON s.id = st.shipment_id "
        f"LEFT JOIN {STATUS} t ON t.shipment_id = s.id ORDER BY p.place {direction}, p.id {direction}",
        [*values, *(begin or ()), limit],
    )
    return [(_row(viewer, row), row[len(_PLAIN)]) for row in found]


def _count(viewer: Viewer, question: _Question) -> int:
    sql, values = lead_times.select_visible(viewer, "st.shipment_id", [], question.where, question.more)
    ((total,),) = bulk.execute(f"SELECT count(*) FROM ({sql}) p", values)
    return int(total)


def _row(viewer: Viewer, values: tuple[Any, ...]) -> Row:
    *plain, _place, owner, own, house, master, boxes = values
    named = dict(zip(_PLAIN, plain, strict=True))
    for name in ("started_at", "ended_at"):
        named[name] = None if named[name] is None else datetime.fromtimestamp(named[name], UTC)
    return Row(
        **named,
        own_reference=own if viewer.is_staff or owner == viewer.organization_id else "",
        house_bill=house,
        master_bill=master,
        containers=(boxes or "").split(),
    )


def _judged(row: Row, targets: list[Target], clock: str, now: int) -> Row:
    """With the target that is about it and whether it was kept."""
    row.target = next((target for target in targets if target.fits(row.stage, row.mode, row.port)), None)
    if row.ended_at is None:
        counted = row.target.clock if row.target else clock
        row.passed = max(0, _passed(counted, int(row.started_at.timestamp()), now, row.port))
        row.met = False if row.target and row.passed > row.target.seconds else None
    elif row.target is not None:
        took = row.seconds if row.target.clock == ELAPSED else row.working_seconds
        row.met = None if took is None else took <= row.target.seconds
    return row
