"""What messages alone make CLIS believe: shipments found by their lowest bill, without a database or a clock.

The same rules as for registered shipments: each lowest bill is taken as if somebody had registered it, numbers are
learned from what names them beside it, and events attach by ``matching.concerns``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cargo.domain import document, identity
from cargo.domain.contribution import contribution
from cargo.domain.customs.deadlines import AUTHORITY, Shed, Sheds
from cargo.domain.derive import derive
from cargo.domain.document import SourceInfo
from cargo.domain.event import Event, Reference, Retraction, Warehouse
from cargo.domain.matching import NONE, WEAK, Known, concerns, learn
from cargo.domain.state import Report, merge, standing
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


@dataclass(slots=True)
class _Told:
    """An event with its identity and instants (whole seconds since 1970, UTC)."""

    event: Event
    source: int
    id: str
    occurred: int | None
    reported: int | None


def explain(
    events: Iterable[Event | Retraction],
    *,
    as_of: datetime | None = None,
    warehouses: Iterable[Warehouse] = (),
) -> list[dict[str, Any]]:
    """One document per shipment, sorted by its numbers. The order of the events cannot matter.

    ``as_of`` (aware): only what had been reported by then; an event without a report time counts from when it happened.
    ``warehouses``: what the same messages say of them; what they contradict each other about is not known.
    """
    sheds = _sheds(warehouses)
    events = list(events)
    # A source's number is part of an event's identity: it must not depend on which file came first.
    sources = {name: number for number, name in enumerate(sorted({event.format for event in events}), start=1)}
    told, stands = _identified(events, sources, identity.epoch(as_of))
    infos = {number: SourceInfo(slug=name) for name, number in sources.items()}
    documents = [_document(known, mine, infos, sheds) for known, mine in _grouped(told, stands)]
    return sorted(documents, key=lambda item: [(r["type"], r["value"]) for r in item["references"]])


def _identified(
    events: Iterable[Event | Retraction], sources: dict[str, int], until: int | None
) -> tuple[list[_Told], set[str]]:
    told: dict[str, _Told] = {}
    reports: dict[str, Report] = {}
    for event in events:
        source = sources[event.format]
        reported = identity.epoch(event.reported_at)
        if isinstance(event, Retraction):
            own = identity.identify_retraction(source, event)
            if until is None or reported is None or reported <= until:
                reports[own.id] = Report(own.id, own.lineage, own.version, 0, reported, True)
            continue
        occurred = identity.epoch(event.occurred_at)
        known_at = reported if reported is not None else occurred
        if until is not None and known_at is not None and known_at > until:
            continue
        own = identity.identify(source, event, occurred)
        reports[own.id] = Report(own.id, own.lineage, own.version, 0, reported, False)
        told[own.id] = _Told(event, source, own.id, occurred, reported)
    return sorted(told.values(), key=lambda item: item.id), standing(reports.values())


def _grouped(all_told: Sequence[_Told], stands: set[str]) -> list[tuple[Known, list[tuple[_Told, bool]]]]:
    told = [item for item in all_told if item.id in stands]
    groups: list[tuple[Known, list[tuple[_Told, bool]]]] = []
    taken: set[str] = set()
    for kinds in _LEVELS:
        fresh: list[tuple[Known, list[tuple[_Told, bool]]]] = []
        for seed in _seeds(told, kinds, taken):
            if any(known.has(seed) for known, _ in fresh):
                continue
            # What is taken back or corrected was said: the numbers that it named together stay known together.
            known = _closed(seed, all_told)
            mine = _concerned(known, told)
            if mine:
                fresh.append((known, mine))
        for _, mine in fresh:
            taken |= {item.id for item, _ in mine}
        groups += fresh
    return groups


def _seeds(told: Sequence[_Told], kinds: tuple[str, ...], taken: set[str]) -> list[Reference]:
    found = {
        (reference.type, reference.value)
        for item in told
        if item.id not in taken
        for reference in item.event.references
        if reference.type in kinds
    }
    return [Reference(kind, value) for kind, value in sorted(found)]


def _closed(seed: Reference, told: Sequence[_Told]) -> Known:
    """The numbers that a shipment of this seed learns, until nothing is added."""
    anchor = max((item.occurred or 0 for item in told), default=0)
    known = Known(0, 0, anchor, {seed.type: {seed.value}}, {})
    grown = True
    while grown:
        grown = False
        for item in told:
            if concerns(item.event, item.occurred, known) in (NONE, WEAK):
                continue
            for reference in learn(item.event, known):
                known.learned.setdefault(reference.type, set()).add(reference.value)
                grown = True
    return known


def _concerned(known: Known, told: Sequence[_Told]) -> list[tuple[_Told, bool]]:
    verdicts = [(item, concerns(item.event, item.occurred, known)) for item in told]
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
    known: Known, mine: Sequence[tuple[_Told, bool]], sources: dict[int, SourceInfo], sheds: Sheds
) -> dict[str, Any]:
    entries = merge(
        (),
        [
            contribution(item.event, item.id, item.source, _RANK, item.occurred, item.reported, weak)
            for item, weak in mine
        ],
    )
    view = derive(entries, Plan(registered_at=known.registered))
    numbers = [
        Reference(kind, value)
        for side in (known.own, known.learned)
        for kind, values in side.items()
        for value in sorted(values)
    ]
    return document.explain(view, entries, references=numbers, sources=sources, sheds=sheds)
