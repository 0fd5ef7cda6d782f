"""A deadline and what being late costs. Plain structures: rules, tariffs and sources fill them, documents write them.

Instants are whole seconds since 1970 (UTC). Amounts are decimal numbers of the currency's unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from cargo.domain.places import zone_info


class Step(NamedTuple):
    """What holds from an instant on: a rate in percent of the customs value, or an amount for each day begun."""

    begins: int
    rate: Decimal | None = None
    per_day: Decimal | None = None


class Money(NamedTuple):
    """What follows if a deadline is missed.

    ``kind``: ``surcharge``, ``fine``, ``storage``, ``demurrage``, ``detention``. ``steps`` in order of time.
    ``maximum``: it is never more. ``basis``: what it is worked out from (``customs_value``, ``container``, ``offence``,
    ``duty``).
    """

    kind: str
    currency: str
    basis: str
    steps: tuple[Step, ...] = ()
    maximum: Decimal | None = None

    @property
    def amount_per_day(self) -> Decimal | None:
        """What the first day too late costs, where days are charged."""
        return self.steps[0].per_day if self.steps else None


class Other(NamedTuple):
    """What somebody else says of the same deadline, and did not count. ``source``: a source's id or a tariff's code."""

    source: int | str
    due_at: int


@dataclass(slots=True)
class DeadlineView:
    """One deadline; ``due_at`` is the last second in time.

    ``basis`` is a code, ``source`` the legal source, ``text`` the source's own notice where there is one.
    ``met_at`` is when what was due happened, early or late, or ``None``. ``zone``: IANA, whose days are counted.
    ``responsible`` must do ``next_action``. ``rule``: the code of the rule or tariff; ``stated_by``: the id of the
    source that states the day itself. ``alerts``: whether anybody is told that it is near or exceeded; not where
    nothing follows, where nothing would tell that it was met, or where the rule is not certain.
    """

    kind: str
    due_at: int
    basis: str
    met_at: int | None
    source: str
    text: str | None = None
    authority: str = ""
    responsible: str = ""
    next_action: str = ""
    container: str = ""
    rule: str = ""
    stated_by: int | None = None
    others: tuple[Other, ...] = ()
    money: Money | None = None
    alerts: bool = True
    zone: str = "UTC"


def earliest(found: Iterable[DeadlineView]) -> DeadlineView:
    """Of what several sources say of one deadline the earliest, with the others kept beside it; at least one."""
    first, *rest = sorted(found, key=_precedence)
    first.others = tuple(Other(_name(deadline), deadline.due_at) for deadline in rest)
    return first


def _precedence(deadline: DeadlineView) -> tuple[int, bool, int, str]:
    """Of two that say the same day the one that states it, so that a source is named rather than a table."""
    return (deadline.due_at, deadline.stated_by is None, deadline.stated_by or 0, deadline.rule)


def _name(deadline: DeadlineView) -> int | str:
    return deadline.rule if deadline.stated_by is None else deadline.stated_by


class Owed(NamedTuple):
    """What being late has cost by an instant.

    ``days``: days begun after the last one in time. ``amount`` is ``None`` where it is not known (a rate without a
    value, a fine that is set case by case); ``rate``: percent of the customs value, where one applies.
    ``at_most``: it is never more, where there is a maximum.
    """

    kind: str
    currency: str
    days: int
    amount: Decimal | None
    rate: Decimal | None = None
    at_most: Decimal | None = None


def owed(deadline: DeadlineView, now: int, value: Decimal | None = None) -> Owed | None:
    """What being late has cost by ``now``; ``None`` while in time, or where nothing follows.

    A deadline that was met late stops costing when it was met. ``value``: the customs value, for rates.
    """
    if deadline.money is None:
        return None
    until = now if deadline.met_at is None else min(now, deadline.met_at)
    return _owed(deadline.money, deadline.due_at, until, zone_info(deadline.zone), value)


def owed_by_document(row: Mapping[str, Any], now: datetime, value: Decimal | None = None) -> Owed | None:
    """The same for a row of a document's ``deadlines``; ``now`` is aware. Days are those of the row's own offset."""
    written = row.get("money")
    if not written:
        return None
    due = datetime.fromisoformat(row["due_at"])
    steps = tuple(
        Step(_seconds(step["from"]), _decimal(step.get("rate_percent")), _decimal(step.get("amount_per_day")))
        for step in written.get("steps") or ()
    )
    money = Money(
        written["kind"], written["currency"], written.get("basis") or "", steps, _decimal(written.get("maximum"))
    )
    until = int(now.timestamp()) if not row.get("met_at") else min(int(now.timestamp()), _seconds(row["met_at"]))
    return _owed(money, int(due.timestamp()), until, due.tzinfo or UTC, value)


def _owed(money: Money, due: int, until: int, zone: tzinfo, value: Decimal | None) -> Owed | None:
    if until <= due:
        return None
    last = _day(due, zone)
    days = (_day(until, zone) - last).days
    begun = [step for step in money.steps if step.begins <= until]
    rate = begun[-1].rate if begun else None
    amount = None
    if rate is not None:
        amount = value * rate / 100 if value is not None else None
    elif begun and all(step.per_day is not None for step in begun):
        ends = [_day(step.begins, zone) for step in begun[1:]] + [_day(until, zone) + timedelta(days=1)]
        amount = sum(
            (
                (end - _day(step.begins, zone)).days * (step.per_day or Decimal())
                for step, end in zip(begun, ends, strict=True)
            ),
            Decimal(),
        )
    if amount is not None and money.maximum is not None:
        amount = min(amount, money.maximum)
    return Owed(money.kind, money.currency, days, amount, rate, money.maximum)


def _day(instant: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(instant, zone).date()


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
