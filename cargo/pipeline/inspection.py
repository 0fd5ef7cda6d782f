"""Status and clock -> ShipmentException opened or closed, and when to look again.

Deadlines, stage times and what was known of arrivals are rewritten on the way.

A shipment is due because its state changed or because the clock reached an instant that the last inspection named,
so nothing is found by looking through all shipments. Whoever inspects holds the lock of the status row, as ``project``
does: a change is inspected after it or marks the shipment again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from django.utils import timezone

from cargo.domain import identity, notices, rules
from cargo.domain.arrival_estimates import ArrivalRow, estimates
from cargo.domain.customs.deadlines import Grounds, deadlines
from cargo.domain.derive import derive
from cargo.domain.finding import CLOSED, OPENED, Finding, Heard, as_text, exception_key
from cargo.domain.lead_times import StageRow, lead_times
from cargo.domain.matching import Known
from cargo.domain.news import Change
from cargo.domain.notices import Kept
from cargo.domain.state import Entry, unpack
from cargo.domain.view import Plan
from cargo.models import Shipment, arrival_estimates, bulk, due_dates, findings, forecasts, projection, stage_times
from cargo.models.findings import Opened
from cargo.models.grounds import load_grounds
from cargo.models.linking import known_shipments
from cargo.pipeline.announce import announce

SHIPMENTS = Shipment._meta.db_table


def take_due(limit: int = 200) -> list[int]:
    """Takes shipments that are due, under a lease; one statement."""
    return findings.take(timezone.now(), limit)


def inspect_due(taken: Sequence[int]) -> None:
    """Opens and closes the exceptions of these shipments, and rewrites their deadlines, stage and arrival times.

    Twenty-four statements at most, in the caller's transaction.
    """
    moment = timezone.now()
    now = identity.epoch(moment) or 0
    projection.lock(taken)
    due = findings.still_due(taken, moment)
    if not due:
        return
    plans = projection.plans_of(due)
    states = {shipment: unpack(packed) for shipment, packed in projection.states_of(due).items()}
    grounds = load_grounds(chain.from_iterable(states.values()))
    heard, kept, times = findings.heard(due), due_dates.kept(due), stage_times.kept(due)
    told_arrivals, arrivals = arrival_estimates.told(due), arrival_estimates.kept(due)
    before: dict[int, list[Opened]] = {}
    for row in findings.opened(due):
        before.setdefault(row.shipment, []).append(row)
    result = _Result(now)
    for shipment in due:
        plan, told = plans.get(shipment, Plan()), heard.get(shipment, [])
        looked = _inspect(states.get(shipment, []), plan, grounds, told, told_arrivals.get(shipment, ()), now)
        result.add(shipment, looked, before.get(shipment, ()), kept.get(shipment, ()))
    findings.write(result.opening, result.closing, result.changing, now)
    due_dates.write(kept, result.owed)
    stage_times.write(times, result.times)
    forecasts.mark(stage_times.changed(times, result.times), result.expected)
    arrival_estimates.write(arrivals, result.arrivals)
    _tell(result, due)
    findings.schedule(result.looks)


class Looked(NamedTuple):
    """What an inspection of one shipment gives; ``again``: when to look again (seconds since 1970), or never."""

    found: set[Finding]
    again: int | None
    deadlines: list[Kept]
    times: list[StageRow]
    expected: int | None
    arrivals: list[ArrivalRow]


@dataclass(slots=True)
class _Result:
    """What the inspection of a batch leads to."""

    now: int
    opening: list[tuple[int, Finding]] = field(default_factory=list)
    closing: list[Opened] = field(default_factory=list)
    changing: list[tuple[Opened, Finding]] = field(default_factory=list)
    looks: list[tuple[int, int | None]] = field(default_factory=list)
    owed: dict[int, list[Kept]] = field(default_factory=dict)
    times: dict[int, list[StageRow]] = field(default_factory=dict)
    expected: dict[int, int | None] = field(default_factory=dict)
    arrivals: dict[int, list[ArrivalRow]] = field(default_factory=dict)
    news: list[tuple[int, Change]] = field(default_factory=list)

    def add(self, shipment: int, looked: Looked, before: Sequence[Opened], kept: Sequence[Kept]) -> None:
        """One more shipment, with the exceptions that were open and the deadlines as they stood."""
        stands = {row.finding[:2]: row for row in before}
        current = {finding[:2]: finding for finding in sorted(looked.found, key=_order)}
        self.opening += [(shipment, finding) for key, finding in current.items() if key not in stands]
        self.closing += [row for key, row in stands.items() if key not in current]
        self.changing += [
            (row, current[key]) for key, row in stands.items() if key in current and row.finding != current[key]
        ]
        self.looks.append((shipment, looked.again))
        self.times[shipment] = looked.times
        if looked.expected is not None:
            self.expected[shipment] = looked.expected
        self.arrivals[shipment] = looked.arrivals
        self.owed[shipment], changes = notices.compare(kept, looked.deadlines, self.now)
        self.news += [(shipment, change) for change in changes]


def _inspect(
    entries: list[Entry], plan: Plan, grounds: Grounds, heard: Sequence[Heard], expected: Sequence[Entry], now: int
) -> Looked:
    view = derive(entries, plan)
    due = deadlines(view, entries, grounds)
    slugs = {source.source: source.slug for source in heard}
    found, again = rules.inspect(view, due, now, entries, heard)
    turn = notices.next_turn(view, due, now)
    if turn is not None and (again is None or turn < again):
        again = turn
    arrivals = estimates(view, entries, expected, plan)
    awaited = view.eta.occurred if view.eta is not None and view.arrived_at is None else None
    return Looked(found, again, notices.kept(view, due, slugs, now), lead_times(view), awaited, arrivals)


def _order(finding: Finding) -> tuple[str, str]:
    return finding.kind, finding.subject


def _tell(result: _Result, silent: dict[int, bool]) -> None:
    """Updates for the feed. Exceptions are no mail: what customs does and what is due is told by its own news."""
    now, news = result.now, list(result.news)
    news += [(shipment, _change(OPENED, row, now, row.since)) for shipment, row in result.opening]
    news += [(row.shipment, _change(CLOSED, row.finding, row.opened_at, now)) for row in result.closing]
    if not news:
        return
    known = _known({shipment for shipment, _ in news})
    announce([(shipment, known[shipment], change, silent[shipment]) for shipment, change in news])


def _change(kind: str, finding: Finding, opened: int, occurred: int | None) -> Change:
    since, due = identity.instant(finding.since), identity.instant(finding.due)
    data = {
        "exception": finding.kind,
        "detail": finding.subject,
        "responsible": finding.responsible,
        "next_action": finding.next_action,
        "since": since.isoformat() if since else None,
        "due_at": due.isoformat() if due else None,
        "reason": finding.reason or None,
        "told": as_text(dict(finding.told)),
    }
    return Change(kind, exception_key(finding, opened), occurred, None, data)


def _known(shipments: Collection[int]) -> dict[int, Known]:
    right, value = bulk.id_list(shipments)
    found = known_shipments(f"SELECT id FROM {SHIPMENTS} WHERE id {right}", [value], private=False)
    known = {item.shipment: item for item, _ in found.found()}
    return {shipment: known.get(shipment) or Known(shipment, 0, 0, {}, {}) for shipment in shipments}
