"""Building the detail document of a shipment: everything that its page and its API answer show, in one JSON text.

Neutral: codes and absolute times, nothing of the viewer's. Built on the first read after a change and kept.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction

from cargo.domain import identity
from cargo.domain.customs.deadlines import Grounds
from cargo.domain.derive import derive
from cargo.domain.document import SourceInfo
from cargo.domain.document import build as compose
from cargo.domain.event import Event, Reference, as_interface
from cargo.domain.places import place as known_place
from cargo.domain.state import Entry, unpack
from cargo.domain.view import View
from cargo.models import Event as EventRow
from cargo.models import ShipmentEvent, ShipmentReference, ShipmentStatus, Source, bulk
from cargo.models.grounds import load_grounds
from cargo.models.history import standing_of
from cargo.models.journal import hexadecimal
from cargo.models.linking import aware
from cargo.models.projection import plans_of, states_of

EVENTS = EventRow._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
# Id, lineage, content, when received, source, its slug and name, when it happened.
Row = tuple[Any, Any, str, Any, int, str, str, Any]
_encode = msgspec.json.Encoder().encode
_event = msgspec.json.Decoder(Event).decode


def build(shipment_id: int) -> tuple[int, bytes] | None:
    """The version and the bytes; seven statements whatever the number of events, one for the rules of
    deadlines (three if they changed), and one for goods in bonded storage. ``None``: no such shipment.

    The version is read first: if the state moves on meanwhile, the document is kept under the older version and is
    built again by the next reader.
    """
    with transaction.atomic():
        version = ShipmentStatus.objects.filter(pk=shipment_id).values_list("version", flat=True).first()
        plan = plans_of([shipment_id]).get(shipment_id)
        if version is None or plan is None:
            return None
        entries = unpack(states_of([shipment_id]).get(shipment_id, b""))
        rows: list[Row] = bulk.execute(
            f"SELECT e.id, e.lineage, e.content, e.received_at, e.source_id, s.slug, s.name, e.occurred_at "
            f"FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
            f"WHERE l.shipment_id = %s AND NOT e.retraction ORDER BY e.occurred_at NULLS FIRST, e.id",
            [shipment_id],
        )
        stands = standing_of({hexadecimal(row[1]) for row in rows})
        numbers = ShipmentReference.objects.filter(shipment_id=shipment_id).values_list("kind", "value")
        # By its own number people's reports find it; the document has that as its id.
        numbers = numbers.exclude(kind="shipment_id")
        references = [Reference(kind, value) for kind, value in numbers]
        grounds = load_grounds(entries)
    return version, _encode(written(shipment_id, derive(entries, plan), entries, rows, stands, references, grounds))


def written(
    shipment_id: int,
    view: View,
    entries: list[Entry],
    rows: list[Row],
    stands: set[str],
    references: list[Reference],
    grounds: Grounds,
) -> dict[str, Any]:
    """The document of a state, with the timeline of its rows (oldest first); ``stands``: the ids that were not
    replaced.
    """
    sources = _sources(rows)
    document = compose(
        view,
        entries,
        shipment_id=shipment_id,
        references=references,
        sources=sources,
        freshness=sources.values(),
        grounds=grounds,
    )
    document["timeline"] = _timeline(rows, view, stands)
    return document


def _sources(rows: list[Row]) -> dict[int, SourceInfo]:
    found: dict[int, SourceInfo] = {}
    for _, _, _, received, source, slug, name, occurred in rows:
        heard = identity.epoch(aware(received)) or 0
        happened = identity.epoch(aware(occurred)) if occurred else None
        known = found.get(source)
        if known is not None:
            heard = max(heard, known.last_received_at or 0)
            happened = max(happened or 0, known.last_occurred_at or 0) or None
        found[source] = SourceInfo(slug, name, heard, happened)
    return found


def _timeline(rows: list[Row], view: View, stands: set[str]) -> list[dict[str, Any]]:
    """Every report, oldest first, with the milestone that it means here; what a later report replaced is marked."""
    effective = {occurrence.entry.id: occurrence.milestone for occurrence in view.occurrences}
    out = []
    for pk, _, content, received, _, slug, _, _ in rows:
        name = hexadecimal(pk)
        event = _event(content)
        line = as_interface(event)
        line["id"] = name
        line["milestone_reported"] = line["milestone"]
        line["milestone"] = effective.get(name, event.milestone)
        line["superseded"] = name not in effective or name not in stands
        line["received_at"] = aware(received).isoformat()
        line["source"] = slug
        if event.place is not None and event.place.code:
            info = known_place(event.place.code, event.place.scheme or "unlocode")
            line["place"]["name"] = info.name if info else event.place.facility
        out.append(line)
    return out
