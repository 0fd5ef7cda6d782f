"""Whether something that was reported was taken back, so that nothing was left of it, before it was reported anew."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from cargo.domain.contribution import contribution
from cargo.domain.derive import derive
from cargo.domain.event import Event
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Plan
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.event import ShipmentEvent
from cargo.models.history import read_content, standing_of
from cargo.models.inbound import Source
from cargo.models.projection import plans_of

EVENTS = EventRow._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table


class Twice(NamedTuple):
    """A milestone of a shipment that was told for one time, and is now reported for another or the same one.

    ``subject`` is its container. ``told`` and ``reported`` are when it happened by the two, in seconds since 1970.
    """

    shipment: int
    milestone: str
    subject: str
    place: str
    told: int
    reported: int


class _Span(NamedTuple):
    """From which message on a report stood, and the one that ended it: by their numbers, in the order of receipt."""

    begun: int
    ended: float
    occurred: int | None


def interrupted(asked: Collection[Twice]) -> set[Twice]:
    """Of these the ones of which no source's report stood at some time between the two; four statements.

    By the log, so that it matters neither how messages fell into batches nor whether what was in between was told.
    """
    if not asked:
        return set()
    entries, spans = _reports({item.shipment for item in asked})
    plans = plans_of(entries)
    found: dict[tuple[int, str, str, str], list[_Span]] = defaultdict(list)
    for shipment, reported in entries.items():
        # What a report means here is asked of all that were ever made, those that were taken back among them.
        for occurrence in derive(reported, plans.get(shipment, Plan())).occurrences:
            entry = occurrence.entry
            if entry.classifier == ACTUAL:
                found[shipment, occurrence.milestone, occurrence.subject, entry.place].append(spans[entry.id])
    return {item for item in asked if _is_interrupted(found[item[:4]], item.told, item.reported)}


def _is_interrupted(spans: Collection[_Span], told: int, reported: int) -> bool:
    last = max((span.begun for span in spans if span.occurred == reported), default=0)
    first = max((span.begun for span in spans if span.occurred == told and span.begun < last), default=None)
    if first is None:
        return False
    ends = {span.ended for span in spans if first <= span.ended <= last}
    return any(not any(span.begun <= end < span.ended for span in spans) for end in ends)


def _reports(shipments: Collection[int]) -> tuple[dict[int, list[Entry]], dict[str, _Span]]:
    """Every version of what happened to these shipments, by shipment, and how long each stood."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT l.shipment_id, l.weak, {bulk.digits_of('e.id')}, {bulk.digits_of('e.lineage')}, e.message_id, "
        f"{bulk.seconds_of('e.occurred_at')}, {bulk.seconds_of('e.reported_at')}, e.content, e.source_id, s.rank, "
        f"e.version FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE l.shipment_id {right} AND NOT e.retraction",
        [value],
    )
    lineages = {row[3] for row in rows}
    stands, versions = standing_of(lineages), _messages_of(lineages)
    entries: dict[int, list[Entry]] = defaultdict(list)
    spans: dict[str, _Span] = {}
    for shipment, weak, name, lineage, message, occurred, reported, content, source, rank, version in rows:
        event = read_content(content, retraction=False)
        if isinstance(event, Event):
            entry = contribution(event, name, source, rank, occurred, reported, bool(weak), version)
            entries[shipment].append(entry)
            others = (made for other, made in versions[lineage] if other != name)
            spans[name] = _Span(message, math.inf if name in stands else _end(message, others), occurred)
    return entries, spans


def _end(begun: int, others: Iterable[int]) -> int:
    """The message by which another version took its place; one that came too late to stand never did."""
    return min((message for message in others if message >= begun), default=begun)


def _messages_of(lineages: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    right, value = bulk.key_list(lineages)
    rows = bulk.execute(
        f"SELECT {bulk.digits_of('lineage')}, {bulk.digits_of('id')}, message_id FROM {EVENTS} WHERE lineage {right}",
        [value],
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for lineage, name, message in rows:
        found[lineage].append((name, message))
    return found
