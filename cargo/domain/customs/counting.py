"""From a rule and the instant at which its period begins to a deadline; and when what was due happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from cargo.domain.deadline import DeadlineView, Money, Step
from cargo.domain.deadline_rules import Rule
from cargo.domain.places import zone_info, zone_of
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Occurrence, View

_DAY_END = time(23, 59, 59)
# Whose days an authority counts, where one zone holds for all of its country.
_ZONES = {"KR-KCS": "Asia/Seoul", "GB-HMRC": "Europe/London", "JP-CUSTOMS": "Asia/Tokyo", "CN-GACC": "Asia/Shanghai"}
# What has all gone only if the whole has: worked out by ``removal`` over quantities and boxes.
_WHOLE = "gate_out"


def day_of(instant: int, zone: str) -> date:
    """The local date of an instant."""
    return datetime.fromtimestamp(instant, zone_info(zone)).date()


def end_of(day: date, zone: str) -> int:
    """The last second of a local day."""
    return int(datetime.combine(day, _DAY_END, zone_info(zone)).timestamp())


def last_second(text: str, zone: str) -> int:
    """The last second of a day that a source states (ISO)."""
    return end_of(date.fromisoformat(text), zone)


def by_rule(
    rule: Rule,
    begins: int,
    met: int | None,
    *,
    zone: str,
    basis: str = "",
    due_at: int | None = None,
    entry: Entry | None = None,
    container: str = "",
) -> DeadlineView:
    """The deadline of a rule whose period begins at an instant.

    ``due_at``: where customs states or grants another day than the rule would give. ``entry``: what states it, or
    begins the period, for its notice. ``basis``: in the place of the rule's.
    """
    if due_at is None:
        due_at = end_of(rule.last_day(day_of(begins, zone), rule.authority[:2]), zone)
        stated_by = None
    else:
        stated_by = entry.source if entry is not None else None
    return DeadlineView(
        kind=rule.kind,
        due_at=due_at,
        basis=basis or rule.basis,
        met_at=met,
        source=rule.law,
        text=notice(entry) if entry is not None else None,
        authority=rule.authority,
        responsible=rule.responsible,
        next_action=rule.next_action,
        container=container,
        rule=rule.code,
        stated_by=stated_by,
        money=money_of(rule, due_at, zone),
        alerts=rule.alerts,
        zone=zone,
    )


def money_of(rule: Rule, due_at: int, zone: str) -> Money | None:
    """What follows when the deadline is missed, its steps as instants; ``None`` where nothing does."""
    if not rule.money:
        return None
    due = day_of(due_at, zone)
    steps, late = [], 0
    for rate in rule.rates:
        steps.append(Step(end_of(due + timedelta(days=late), zone) + 1, rate=rate.percent))
        late = rate.until or late
    return Money(rule.money, rule.currency, rule.money_basis, tuple(steps), rule.maximum)


def notice(entry: Entry) -> str | None:
    """The source's own words that a limit stands in."""
    text = entry.facts.get("notice") if entry.facts else None
    return str(text) if text else None


def happened(view: View, milestones: Collection[str]) -> list[int]:
    """When any of these happened, in order of time. A ``gate_out`` is that of the whole."""
    found = [
        occurrence.occurred
        for occurrence in view.occurrences
        if occurrence.milestone in milestones
        and occurrence.milestone != _WHOLE
        and occurrence.entry.classifier == ACTUAL
        and occurrence.occurred is not None
    ]
    if _WHOLE in milestones and view.gated_out_at is not None:
        found.append(view.gated_out_at)
    return sorted(found)


def first_from(instants: Iterable[int], begins: int) -> int | None:
    """The first of the instants, in order of time, that is not before ``begins``."""
    return next((at for at in instants if at >= begins), None)


def zone_for(authority: str, place: str, view: View) -> str:
    """Whose days are counted: the authority's, else the place's, else those of the port of discharge, else UTC."""
    known = _ZONES.get(authority)
    return known or _zone_of(place) or _zone_of(view.port_of_discharge) or "UTC"


def _zone_of(code: str) -> str | None:
    if not code:
        return None
    return zone_of(code, "iata" if len(code) == 3 else "unlocode")


def by_time(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Those with a time, in order of it."""
    timed = [occurrence for occurrence in occurrences if occurrence.occurred is not None]
    return sorted(timed, key=lambda occurrence: (occurrence.occurred or 0, occurrence.entry.id))
