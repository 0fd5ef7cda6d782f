"""Shipments: the list, the detail document, the raw slice behind an event."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cargo import formats
from cargo.models import Event, InboundBody, Party, ShipmentDocument, ShipmentEvent, ShipmentStatus, bulk
from cargo.selectors import NotFound, documents, listing
from cargo.selectors.listing import Row
from clis.accounts.scoping import Viewer

STATUS = ShipmentStatus._meta.db_table
DOCUMENTS = ShipmentDocument._meta.db_table
PARTIES = Party._meta.db_table
_encode = msgspec.json.Encoder().encode


class Page(NamedTuple):
    """One page of the list; ``counts``: shipments by status under the same filters."""

    rows: list[Row]
    next_cursor: str | None
    counts: dict[str, int]


class Document(NamedTuple):
    """The detail document as ready bytes."""

    version: int
    body: bytes
    gzipped: bool


class Slice(NamedTuple):
    """The part of a message that made one event, and the hash of the whole message."""

    text: str
    media_type: str
    digest: str
    received_at: datetime
    source: str


def page(viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int) -> Page:
    """One page of the list, with the bar's counts; two statements."""
    rows, following = listing.read(viewer, params, cursor, limit)
    return Page([listing.row_of(viewer, row) for row in rows], following, listing.count_by_status(viewer, params))


def rows_json(viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int) -> tuple[bytes, str | None]:
    """One page as a JSON array, and the next cursor; one statement."""
    rows, following = listing.read(viewer, params, cursor, limit)
    return _encode([listing.row_of(viewer, row) for row in rows]), following


def _scope(viewer: Viewer) -> tuple[str, list[Any]]:
    """The condition on ``t`` (the status row) that keeps strangers out, checked in the statement that looks up."""
    if viewer.is_staff and viewer.user_id is not None:
        return "true", []
    sql = f"EXISTS (SELECT 1 FROM {PARTIES} p WHERE p.organization_id = %s AND p.shipment_id = t.shipment_id)"
    return sql, [viewer.organization_id]


def version(viewer: Viewer, shipment_id: int) -> int:
    """The version of the document; one statement. Raises ``NotFound`` for a stranger's."""
    scope, parameters = _scope(viewer)
    rows = bulk.execute(
        f"SELECT t.version FROM {STATUS} t WHERE t.shipment_id = %s AND {scope}", [shipment_id, *parameters]
    )
    if not rows:
        raise NotFound
    return int(rows[0][0])


def document_bytes(viewer: Viewer, shipment_id: int, accept_gzip: bool) -> Document:
    """The document as it lies; one statement while it is fresh, else it is built and kept."""
    scope, parameters = _scope(viewer)
    column = "packed" if accept_gzip else "body"
    rows = bulk.execute(
        f"SELECT t.version, d.version, d.{column} FROM {STATUS} t LEFT JOIN {DOCUMENTS} d "
        f"ON d.shipment_id = t.shipment_id WHERE t.shipment_id = %s AND {scope}",
        [shipment_id, *parameters],
    )
    if not rows:
        raise NotFound
    current, stored, body = rows[0]
    if stored == current:
        return Document(current, bytes(body), accept_gzip)
    built = documents.build(shipment_id)
    if built is None:
        raise NotFound
    current, content = built
    packed = gzip.compress(content, 6, mtime=0)
    _keep(shipment_id, current, content, packed)
    return Document(current, packed if accept_gzip else content, accept_gzip)


def _keep(shipment_id: int, current: int, content: bytes, packed: bytes) -> None:
    """Keeps the built document, unless a newer one lies there already."""
    bulk.insert(
        DOCUMENTS,
        {"shipment_id": "int", "version": "int", "body": "bytes", "packed": "bytes"},
        [(shipment_id, current, content, packed)],
        conflict=(
            "ON CONFLICT (shipment_id) DO UPDATE SET version = excluded.version, body = excluded.body, "
            f"packed = excluded.packed WHERE {DOCUMENTS}.version <= excluded.version"
        ),
    )


def document(viewer: Viewer, shipment_id: int) -> tuple[int, dict[str, Any]]:
    """The version and the document, for pages."""
    found = document_bytes(viewer, shipment_id, False)
    return found.version, msgspec.json.decode(found.body)


def event_slice(viewer: Viewer, shipment_id: int, event_id: UUID) -> Slice:
    """What a party may see of the message behind an event: its own element, never the rest of it."""
    version(viewer, shipment_id)
    link = ShipmentEvent.objects.filter(shipment_id=shipment_id, event_id=event_id).exists()
    event = Event.objects.select_related("message", "source").filter(pk=event_id).first() if link else None
    if event is None:
        raise NotFound
    body = bytes(InboundBody.objects.get(pk=event.message_id).content)
    name = event.message.format
    try:
        reading = json.dumps(event.source.reading)
        piece = formats.slice(name, body, event.position, reading) if name in formats.FORMATS else b""
    except formats.FormatError:
        # What its columns mean was said anew since: the event stands, its row is not found that way anymore.
        piece = b""
    media = formats.FORMATS[name].media_types[0] if name in formats.FORMATS else "text/plain"
    return Slice(
        piece.decode("utf-8", "replace"), media, event.message.digest, event.message.received_at, event.source.name
    )
