"""Reading the log back: the events that concern shipments, found by number, and the entries that they give."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from cargo.domain import identity
from cargo.domain.contribution import contribution
from cargo.domain.event import Event, Retraction
from cargo.domain.matching import MATCHED, Known
from cargo.domain.state import Entry, Report, standing
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.event import EventReference, ShipmentEvent
from cargo.models.inbound import Source
from cargo.models.journal import Line, Message, SourceFacts, hexadecimal
from cargo.models.linking import REFERENCES, Concerned, attach, aware, known_shipments
from cargo.models.shipment import Shipment

EVENTS = EventRow._meta.db_table
SETS = EventReference._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
SHIPMENTS = Shipment._meta.db_table
_event = msgspec.json.Decoder(Event).decode
_retraction = msgspec.json.Decoder(Retraction).decode
_EPOCH = datetime.fromtimestamp(0, UTC)


def read_content(content: str, retraction: bool) -> Event | Retraction:
    """The event or retraction that a stored content is."""
    return _retraction(content) if retraction else _event(content)


def look_up(shipments: Collection[int]) -> dict[int, Known]:
    """Finds by number the events of these shipments that are not linked yet, and links them.

    Gives the shipments' numbers. One that learns a new number from what was found is marked due again.
    """
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT DISTINCT e.id, e.lineage, e.version, e.revision, e.retraction, e.occurred_at, e.reported_at, "
        f"e.content, s.id, s.organization_id, s.rank, s.format, s.time_zone "
        f"FROM {REFERENCES} r JOIN {SETS} q ON q.value = r.value AND q.kind = r.kind "
        f"JOIN {EVENTS} e ON e.reference_set = q.reference_set JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE r.shipment_id {right} AND r.kind IN ({', '.join(repr(kind) for kind in sorted(MATCHED))}) "
        f"AND NOT EXISTS (SELECT 1 FROM {LINKS} l WHERE l.event_id = e.id AND l.shipment_id = r.shipment_id)",
        [value],
    )
    lines = [_line(row) for row in rows]
    chosen = f"SELECT id FROM {SHIPMENTS} WHERE id {right}"
    candidates = known_shipments(chosen, [value], private=any(row[9] is not None for row in rows))
    attach(sorted(lines, key=lambda line: line.id), candidates, Concerned())
    return {known.shipment: known for known, _ in candidates}


def _line(row: tuple[object, ...]) -> Line:
    pk, lineage, version, revision, retraction, occurred, reported, content, *source = row
    event = read_content(str(content), bool(retraction))
    message = Message(0, SourceFacts(*source), _EPOCH, True, 0, "", b"")  # type: ignore[arg-type]
    return Line(
        message=message,
        event=event,
        id=hexadecimal(pk),
        lineage=hexadecimal(lineage),
        version=str(version),
        occurred=identity.epoch(aware(occurred)) if occurred else None,  # type: ignore[arg-type]
        reported=identity.epoch(aware(reported)) if reported else None,  # type: ignore[arg-type]
        references=identity.reference_set(event.references),
        content=b"",
        revision=int(revision),  # type: ignore[call-overload]
        retraction=bool(retraction),
    )


def entries_from_log(shipments: Collection[int]) -> dict[int, list[Entry]]:
    """For each shipment the entries of the reports that stand among all versions of its events; two statements."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT l.shipment_id, l.weak, e.id, e.lineage, e.occurred_at, e.reported_at, e.content, e.source_id, s.rank "
        f"FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE l.shipment_id {right} AND NOT e.retraction",
        [value],
    )
    stands = standing_of({hexadecimal(row[3]) for row in rows})
    out: dict[int, list[Entry]] = {}
    for shipment, weak, pk, _, occurred, reported, content, source, rank in rows:
        name = hexadecimal(pk)
        if name not in stands:
            continue
        out.setdefault(shipment, []).append(
            contribution(
                _event(content),
                name,
                source,
                rank,
                identity.epoch(aware(occurred)) if occurred else None,
                identity.epoch(aware(reported)) if reported else None,
                bool(weak),
            )
        )
    return out


def standing_of(lineages: Collection[str]) -> set[str]:
    """The ids that stand among all versions of these lineages, whomever they concern."""
    if not lineages:
        return set()
    right, value = bulk.key_list(lineages)
    rows = bulk.execute(
        f"SELECT id, lineage, version, revision, reported_at, retraction FROM {EVENTS} WHERE lineage {right}", [value]
    )
    return standing(
        Report(
            hexadecimal(pk),
            hexadecimal(lineage),
            version,
            revision,
            identity.epoch(aware(reported)) if reported else None,
            bool(retraction),
        )
        for pk, lineage, version, revision, reported, retraction in rows
    )
