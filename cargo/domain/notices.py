"""Deadlines as they are kept, and what is told of them: set, changed, near, exceeded; each once for each due time.

Pure: rows before and after an inspection go in, news and rows come out. Instants are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from cargo.domain import identity
from cargo.domain.deadline import DeadlineView, Money
from cargo.domain.news import Change
from cargo.domain.places import zone_info
from cargo.domain.rules import DEADLINE_NEAR, current, exceeded_from, is_over
from cargo.domain.view import View

SET, CHANGED, NEAR, EXCEEDED = "deadline.set", "deadline.changed", "deadline.near", "deadline.exceeded"
NOTICES = (SET, CHANGED, NEAR, EXCEEDED)
_encode = msgspec.json.Encoder(order="sorted").encode


class Kept(NamedTuple):
    """A deadline in the columns of its row; ``money`` and ``others`` are JSON text with sorted keys."""

    kind: str
    container: str
    number: int
    rule: str
    basis: str
    authority: str
    source: str
    stated_by: str
    text: str
    due_at: int
    due_on: str
    time_zone: str
    met_at: int | None
    is_open: bool
    responsible: str
    next_action: str
    money: str | None
    others: str
    stage: str
    sequence: int
    updated_at: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What names the row among those of its shipment."""
        return self.kind, self.container, self.number


def kept(view: View, deadlines: Iterable[DeadlineView], slugs: Mapping[int, str], now: int) -> list[Kept]:
    """The rows of these deadlines, by kind, container and due time; nothing has been told of them yet.

    ``slugs``: the short names of the sources that state deadlines, by id.
    """
    numbers: dict[tuple[str, str], int] = {}
    rows = []
    for deadline in sorted(deadlines, key=lambda row: (row.due_at, row.basis)):
        named = (deadline.kind, deadline.container)
        number = numbers.get(named, 0)
        numbers[named] = number + 1
        rows.append(_kept(view, deadline, number, slugs, now))
    return rows


def _kept(view: View, deadline: DeadlineView, number: int, slugs: Mapping[int, str], now: int) -> Kept:
    others = [
        {"source": _slug(slugs, other.source), "due_at": _text(other.due_at, deadline.zone)}
        for other in deadline.others
    ]
    return Kept(
        kind=deadline.kind,
        container=deadline.container,
        number=number,
        rule=deadline.rule[:48],
        basis=deadline.basis[:48],
        authority=deadline.authority[:12],
        source=deadline.source[:200],
        stated_by=(_slug(slugs, deadline.stated_by) or "")[:50],
        text=deadline.text or "",
        due_at=deadline.due_at,
        due_on=datetime.fromtimestamp(deadline.due_at, zone_info(deadline.zone)).date().isoformat(),
        time_zone=deadline.zone[:40],
        met_at=deadline.met_at,
        is_open=deadline.met_at is None and deadline.alerts and not is_over(view, deadline.kind),
        responsible=deadline.responsible,
        next_action=deadline.next_action,
        money=canonical(summary(deadline.money, deadline.zone)) if deadline.money else None,
        others=canonical(others),
        stage="",
        sequence=0,
        updated_at=now,
    )


def canonical(value: Any) -> str:
    """The one JSON text of a value, however a database spelled it."""
    return _encode(msgspec.to_builtins(value)).decode()


def summary(money: Money, zone: str) -> dict[str, Any]:
    """What being late costs, as a shipment's document says it: amounts as text, instants with the zone's offset."""
    return {
        "kind": money.kind,
        "currency": money.currency,
        "amount_per_day": _amount(money.amount_per_day),
        "steps": [
            {
                "from": _text(step.begins, zone),
                "rate_percent": _amount(step.rate),
                "amount_per_day": _amount(step.per_day),
            }
            for step in money.steps
        ]
        or None,
        "maximum": _amount(money.maximum),
        "basis": money.basis,
    }


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _slug(slugs: Mapping[int, str], source: int | str | None) -> str | None:
    return slugs.get(source) if isinstance(source, int) else source


def next_turn(view: View, deadlines: Iterable[DeadlineView], now: int) -> int | None:
    """The next instant at which one of them becomes near or is exceeded; ``rules`` knows the first of a kind only."""
    due = [deadline.due_at for deadline in current(view, deadlines).values()]
    turns = [turn for at in due for turn in (at - DEADLINE_NEAR, exceeded_from(at)) if turn > now]
    return min(turns, default=None)


def compare(before: Sequence[Kept], after: Sequence[Kept], now: int) -> tuple[list[Kept], list[Change]]:
    """The rows as they are kept from now on, and the news of the difference and of the clock.

    Of each kind and container the open deadline that is due first is told of. Boxes that share a due time share news.
    """
    known = {row.key: row for row in before}
    old, new = _first(before), _first(after)
    met = {(row.kind, row.container, row.due_at) for row in after if row.met_at is not None}
    told: dict[tuple[str, str, int, int | None], list[Kept]] = {}
    stages: dict[tuple[str, str, int], str] = {}
    for named, row in sorted(new.items()):
        previous = old.get(named)
        stage, fresh = "", True
        if previous is not None and previous.due_at == row.due_at:
            stage, fresh = previous.stage, False
        elif previous is not None and (*named, previous.due_at) not in met:
            told.setdefault((CHANGED, row.kind, row.due_at, previous.due_at), []).append(row)
        if not stage:
            stage = "set"
            if previous is None or (*named, previous.due_at) in met:
                told.setdefault((SET, row.kind, row.due_at, None), []).append(row)
        if now >= exceeded_from(row.due_at):
            if stage != "exceeded":
                told.setdefault((EXCEEDED, row.kind, row.due_at, now if fresh else None), []).append(row)
            stage = "exceeded"
        elif now >= row.due_at - DEADLINE_NEAR:
            if stage == "set":
                told.setdefault((NEAR, row.kind, row.due_at, now if fresh else None), []).append(row)
            stage = "near"
        stages[row.key] = stage
    rows = [_carried(known.get(row.key), row._replace(stage=stages.get(row.key, ""))) for row in after]
    return rows, [_change(notice, at, group, now) for (notice, _kind, _due, at), group in sorted(told.items(), key=_by)]


def _by(item: tuple[tuple[str, str, int, int | None], list[Kept]]) -> tuple[int, str, int]:
    (notice, kind, due, _at), _group = item
    return NOTICES.index(notice), kind, due


def _first(rows: Iterable[Kept]) -> dict[tuple[str, str], Kept]:
    first: dict[tuple[str, str], Kept] = {}
    for row in sorted(rows, key=lambda row: (row.due_at, row.number)):
        if row.is_open:
            first.setdefault((row.kind, row.container), row)
    return first


def _carried(old: Kept | None, row: Kept) -> Kept:
    """The sequence goes up, and the row is as of now, when its time or its being met changed."""
    if old is None:
        return row
    same = (old.due_at, old.met_at, old.is_open) == (row.due_at, row.met_at, row.is_open)
    if same:
        return row._replace(sequence=old.sequence, updated_at=old.updated_at)
    return row._replace(sequence=old.sequence + 1)


def _change(notice: str, at: int | None, group: Sequence[Kept], now: int) -> Change:
    row = group[0]
    boxes = sorted(item.container for item in group if item.container)
    data: dict[str, Any] = {
        "deadline": row.kind,
        "containers": boxes,
        "due_at": _text(row.due_at, row.time_zone),
        "until": _text(row.due_at, row.time_zone),
        "basis": row.basis,
        "rule": row.rule or None,
        "responsible": row.responsible,
        "next_action": row.next_action,
        "money": msgspec.json.decode(row.money) if row.money else None,
        "time_zone": row.time_zone,
    }
    if row.authority:
        data["authority"] = row.authority
    if notice == CHANGED and at is not None:
        data |= {"was_due_at": _text(at, row.time_zone), "earlier": row.due_at < at}
    occurred = now
    if notice in (NEAR, EXCEEDED) and at is None:
        occurred = row.due_at - DEADLINE_NEAR if notice == NEAR else exceeded_from(row.due_at)
    key = f"{row.kind}|{row.due_at}|{boxes[0] if boxes else ''}"
    return Change(notice, key, occurred, None, data)


def _text(instant: int, zone: str) -> str:
    moment = identity.instant(instant)
    assert moment is not None
    return moment.astimezone(zone_info(zone)).isoformat()


def stands(notice: str, data: Mapping[str, Any], current: Mapping[tuple[str, str], DeadlineView], now: int) -> bool:
    """Whether what a notice says still holds: one of its boxes has that deadline, not met, at that due time.

    ``current``: ``rules.current`` of the shipment. A deadline that has passed is not near any more.
    """
    due = int(datetime.fromisoformat(data["due_at"]).timestamp())
    if notice == NEAR and now >= exceeded_from(due):
        return False
    found = (current.get((data["deadline"], box)) for box in data["containers"] or [""])
    return any(deadline is not None and deadline.due_at == due for deadline in found)
