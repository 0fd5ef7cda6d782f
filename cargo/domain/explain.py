"""What messages alone make CLIS believe: shipments found by their lowest bill, without a database or a clock.

The same rules as for registered shipments: each lowest bill is taken as if somebody had registered it, numbers are
learned from what names them beside it, and events attach by ``matching.concerns``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cargo.domain import document, identity, rules
from cargo.domain.customs.deadlines import AUTHORITY, Grounds, Shed, Sheds, deadlines
from cargo.domain.derive import derive
from cargo.domain.document import SourceInfo
from cargo.domain.event import Event, Reference, Retraction, Warehouse
from cargo.domain.finding import Finding, Heard, as_text
from cargo.domain.hindsight import Said, close, counting, entry_of, judge
from cargo.domain.matching import NONE, WEAK, Known
from cargo.domain.roles import MOVES
from cargo.domain.state import merge, standing
from cargo.domain.view import Plan

# From the lowest bill up: what a shipment is grouped by.
_LEVELS = (
    ("house_bill", "house_air_waybill"),
    ("cargo_control_number",),
    ("master_bill", "air_waybill"),
    ("booking",),
    ("container",),
    ("shipment_id",),
)
_RANK = 50


def explain(
    events: Iterable[Event | Retraction],
    *,
    as_of: datetime | None = None,
    now: datetime | None = None,
    warehouses: Iterable[Warehouse] = (),
) -> list[dict[str, Any]]:
    """One document per shipment, sorted by its numbers. The order of the events cannot matter.

    ``as_of`` (aware): only what had been reported by then, by the rule of ``hindsight``: what happened and bears no
    report time counts from when it happened, a plan or an estimate without one at once. Given the messages that had
    been received by then, this is what ``GET /api/v1/shipments/{id}/?as_of=`` gives.
    ``now`` (aware): each document also says what is wrong at that instant (``exceptions``).
    ``warehouses``: what the same messages say of them; what they contradict each other about is not known.
    """
    grounds = Grounds(_sheds(warehouses))
    events = list(events)
    # A source's number is part of an event's identity: it must not depend on which file came first.
    sources = {name: number for number, name in enumerate(sorted({event.format for event in events}), start=1)}
    told, stands = _identified(events, sources, identity.epoch(as_of))
    infos = {number: SourceInfo(slug=name) for name, number in sources.items()}
    clock = identity.epoch(now)
    documents = [_document(known, mine, infos, grounds, clock) for known, mine in _grouped(told, stands)]
    return sorted(documents, key=lambda item: [(r["type"], r["value"]) for r in item["references"]])


def _identified(
    events: Iterable[Event | Retraction], sources: dict[str, int], until: int | None
) -> tuple[list[Said], set[str]]:
    said: dict[str, Said] = {}
    for event in events:
        source = sources[event.format]
        reported, occurred = identity.epoch(event.reported_at), None
        if isinstance(event, Retraction):
            own = identity.identify_retraction(source, event)
        else:
            occurred = identity.epoch(event.occurred_at)
            own = identity.identify(source, event, occurred)
        said[own.id] = Said(
            id=own.id,
            lineage=own.lineage,
            version=own.version,
            event=event,
            source=source,
            rank=_RANK,
            occurred=occurred,
            reported=reported,
        )
    counted = counting(said.values(), until)
    told = sorted((row for row in counted if row.told is not None), key=lambda row: row.id)
    return told, standing(row.report() for row in counted)


def _grouped(all_told: Sequence[Said], stands: set[str]) -> list[tuple[Known, list[tuple[Said, bool]]]]:
    told = [item for item in all_told if item.id in stands]
    groups: list[tuple[Known, list[tuple[Said, bool]]]] = []
    taken: set[str] = set()
    for kinds in _LEVELS:
        fresh: list[tuple[Known, list[tuple[Said, bool]]]] = []
        for seed in _seeds(told, kinds, taken):
            if any(known.has(seed) for known, _ in fresh):
                continue
            known = _closed(seed, all_told)
            mine = _concerned(known, told)
            if mine:
                fresh.append((known, mine))
        for _, mine in fresh:
            taken |= {item.id for item, _ in mine}
        groups += fresh
    return groups


def _seeds(told: Sequence[Said], kinds: tuple[str, ...], taken: set[str]) -> list[Reference]:
    found = {
        (reference.type, reference.value)
        for item in told
        if item.id not in taken
        for reference in item.event.references
        if reference.type in kinds
    }
    return [Reference(kind, value) for kind, value in sorted(found)]


def _closed(seed: Reference, told: Sequence[Said]) -> Known:
    """The numbers that a shipment of this seed learns."""
    anchor = max((item.occurred or 0 for item in told), default=0)
    known = Known(0, 0, anchor, {seed.type: {seed.value}}, {})
    close(known, told)
    return known


def _concerned(known: Known, told: Sequence[Said]) -> list[tuple[Said, bool]]:
    verdicts = [(item, judge(item, known)) for item in told]
    return [(item, verdict == WEAK) for item, verdict in verdicts if verdict != NONE]


def _sheds(warehouses: Iterable[Warehouse]) -> Sheds:
    found: dict[str, list[Warehouse]] = {}
    for warehouse in warehouses:
        if warehouse.authority == AUTHORITY:
            found.setdefault(warehouse.code, []).append(warehouse)
    return {
        code: Shed(
            _agreed(warehouse.late_removal_fine for warehouse in told),
            _agreed(warehouse.late_declaration_surcharge for warehouse in told),
        )
        for code, told in found.items()
    }


def _agreed(flags: Iterable[bool | None]) -> bool | None:
    said = {flag for flag in flags if flag is not None}
    return said.pop() if len(said) == 1 else None


def _document(
    known: Known,
    mine: Sequence[tuple[Said, bool]],
    sources: dict[int, SourceInfo],
    grounds: Grounds,
    now: int | None,
) -> dict[str, Any]:
    entries = merge((), [entry_of(item, weak) for item, weak in mine])
    view = derive(entries, Plan(registered_at=known.registered))
    numbers = [
        Reference(kind, value)
        for side in (known.own, known.learned)
        for kind, values in side.items()
        for value in sorted(values)
    ]
    explained = document.explain(view, entries, references=numbers, sources=sources, grounds=grounds)
    if now is not None:
        heard = _heard(mine, sources)
        found, _ = rules.inspect(view, deadlines(view, entries, grounds), now, entries, heard)
        explained["exceptions"] = [_exception(finding) for finding in sorted(found, key=lambda row: row[:2])]
    return explained


def _heard(mine: Sequence[tuple[Said, bool]], sources: dict[int, SourceInfo]) -> list[Heard]:
    """Who has told of the cargo. What a source is shows in what it tells: moves that no authority speaks of."""
    last: dict[int, int] = {}
    carriers: set[int] = set()
    for item, _weak in mine:
        last[item.source] = max(last.get(item.source, 0), item.reported or item.occurred or 0)
        if isinstance(item.event, Event) and item.event.milestone in MOVES and not item.event.authority:
            carriers.add(item.source)
    return [
        Heard(source, sources[source].slug, "carrier" if source in carriers else "other", at, sources[source].slug)
        for source, at in sorted(last.items())
    ]


def _exception(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "since": _text(finding.since),
        "responsible": finding.responsible,
        "next_action": finding.next_action,
        "due_at": _text(finding.due),
        "reason": finding.reason or None,
        "told": as_text(dict(finding.told)),
    }


def _text(instant: int | None) -> str | None:
    moment = identity.instant(instant)
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
