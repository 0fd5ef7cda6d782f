"""Status and clock -> ShipmentException opened or closed, and when to look again.

A shipment is due because its state changed or because the clock reached an instant that the last inspection named,
so nothing is found by looking through all shipments. Whoever inspects holds the lock of the status row, as ``project``
does: a change is inspected after it or marks the shipment again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils import timezone

from cargo.domain import identity, rules
from cargo.domain.customs.deadlines import Sheds, deadlines, sheds_of
from cargo.domain.derive import derive
from cargo.domain.matching import Known
from cargo.domain.news import Change
from cargo.domain.rules import Finding
from cargo.domain.state import Entry, unpack
from cargo.domain.view import Plan
from cargo.models import Shipment, bulk, findings, projection, sheds
from cargo.models.findings import Opened
from cargo.models.linking import known_shipments
from cargo.pipeline.announce import announce

SHIPMENTS = Shipment._meta.db_table


def take_due(limit: int = 200) -> list[int]:
    """Takes shipments that are due, under a lease; one statement."""
    return findings.take(timezone.now(), limit)


def inspect_due(taken: Sequence[int]) -> None:
    """Opens and closes the exceptions of these shipments; twelve statements at most, in the caller's transaction."""
    moment = timezone.now()
    now = identity.epoch(moment) or 0
    projection.lock(taken)
    due = findings.still_due(taken, moment)
    if not due:
        return
    plans = projection.plans_of(due)
    states = {shipment: unpack(packed) for shipment, packed in projection.states_of(due).items()}
    known = sheds.flags_of(set().union(*map(sheds_of, states.values())))
    before: dict[int, dict[tuple[str, str], Opened]] = {}
    for row in findings.opened(due):
        before.setdefault(row.shipment, {})[row.finding[:2]] = row
    opening: list[tuple[int, Finding]] = []
    closing: list[Opened] = []
    changing: list[tuple[Opened, Finding]] = []
    looks: list[tuple[int, int | None]] = []
    for shipment in due:
        found, look = _inspect(states.get(shipment, []), plans.get(shipment, Plan()), known, now)
        looks.append((shipment, look))
        stands = before.get(shipment, {})
        current = {finding[:2]: finding for finding in sorted(found, key=_order)}
        opening += [(shipment, finding) for key, finding in current.items() if key not in stands]
        closing += [row for key, row in stands.items() if key not in current]
        changing += [
            (row, current[key]) for key, row in stands.items() if key in current and row.finding != current[key]
        ]
    findings.write(opening, closing, changing, now)
    _tell(opening, closing, due, now)
    findings.schedule(looks)


def _inspect(entries: list[Entry], plan: Plan, known: Sheds, now: int) -> tuple[set[Finding], int | None]:
    view = derive(entries, plan)
    return rules.inspect(view, deadlines(view, entries, known), now)


def _order(finding: Finding) -> tuple[str, str]:
    return finding.kind, finding.subject


def _tell(opening: Sequence[tuple[int, Finding]], closing: Sequence[Opened], silent: dict[int, bool], now: int) -> None:
    """Updates for the feed. They are no mail: what customs does is told by its own news."""
    if not opening and not closing:
        return
    known = _known({shipment for shipment, _ in opening} | {row.shipment for row in closing})
    news = [(shipment, _change("exception.opened", finding, now, finding.since)) for shipment, finding in opening]
    news += [(row.shipment, _change("exception.closed", row.finding, row.opened_at, now)) for row in closing]
    announce([(shipment, known[shipment], change, silent[shipment]) for shipment, change in news])


def _change(kind: str, finding: Finding, opened: int, occurred: int | None) -> Change:
    """The key carries when it was opened: what comes back after it was closed is told again."""
    since = identity.instant(finding.since)
    data = {
        "exception": finding.kind,
        "detail": finding.subject,
        "responsible": finding.responsible,
        "next_action": finding.next_action,
        "since": since.isoformat() if since else None,
    }
    return Change(kind, f"{finding.kind}|{opened}|{finding.subject}"[:120], occurred, None, data)


def _known(shipments: Collection[int]) -> dict[int, Known]:
    right, value = bulk.id_list(shipments)
    found = known_shipments(f"SELECT id FROM {SHIPMENTS} WHERE id {right}", [value], private=False)
    known = {item.shipment: item for item, _ in found.found()}
    return {shipment: known.get(shipment) or Known(shipment, 0, 0, {}, {}) for shipment in shipments}
