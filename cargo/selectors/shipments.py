"""Shipments: the list, the detail document, the raw slice behind an event."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from cargo import formats
from cargo.models import Event, InboundBody, Party, ShipmentDocument, ShipmentEvent, ShipmentStatus, bulk
from cargo.selectors import NotFound, documents, listing
from cargo.selectors.listing import Row
from clis.accounts.authentication import Claim, KeyFacts, viewer_from_facts
from clis.accounts.models import ApiKey
from clis.accounts.scoping import Viewer

STATUS = ShipmentStatus._meta.db_table
DOCUMENTS = ShipmentDocument._meta.db_table
PARTIES = Party._meta.db_table
KEYS = ApiKey._meta.db_table
_encode = msgspec.json.Encoder().encode


class Page(NamedTuple):
    """One page of the list; ``counts``: shipments by status under the same filters."""

    rows: list[Row]
    next_cursor: str | None
    counts: dict[str, int]


class Document(NamedTuple):
    """The detail document as ready bytes; ``unchanged``: the reader has that version, so no body was fetched."""

    version: int
    body: bytes
    gzipped: bool
    unchanged: bool = False


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


def document_bytes(viewer: Viewer, shipment_id: int, accept_gzip: bool, known: Collection[int] | None = ()) -> Document:
    """The document as it lies; one statement while it is fresh, else it is built and kept.

    ``known``: the versions that the reader has (``None``: whichever there is), of which no body is fetched. Raises
    ``NotFound`` for a stranger's.
    """
    scope, parameters = _scope(viewer)
    join, versions = _stored_unless(known)
    rows = bulk.execute(
        f"SELECT t.version, d.{_body(accept_gzip)} FROM {STATUS} t {join} WHERE t.shipment_id = %s AND {scope}",
        [*versions, shipment_id, *parameters],
    )
    if not rows:
        raise NotFound
    current, body = rows[0]
    return _read_or_built(shipment_id, current, body, accept_gzip, known)


def document_for_key(
    claim: Claim, needed: str, shipment_id: int, accept_gzip: bool, known: Collection[int] | None = ()
) -> Document:
    """The same for a program: its key and the document in one statement, since each costs a way to the server and back.

    Raises ``NotFound`` as well if the key is not live or lacks the scope ``needed``. Nothing of what was read leaves
    this function before the key is proven.
    """
    join, versions = _stored_unless(known)
    # Parties are asked for by EXISTS: one with two roles would give two rows, each with the body. So that the time
    # taken does not tell whose a shipment is, a wrong secret joins nothing; ``viewer_from_facts`` is what refuses it.
    rows = bulk.execute(
        f"SELECT {_key_facts()}, t.version, d.{_body(accept_gzip)} FROM {KEYS} k "
        f"LEFT JOIN {STATUS} t ON t.shipment_id = %s AND k.digest = %s AND EXISTS (SELECT 1 FROM {PARTIES} p "
        f"WHERE p.organization_id = k.organization_id AND p.shipment_id = t.shipment_id) {join} WHERE k.prefix = %s",
        [shipment_id, claim.digest, *versions, claim.prefix],
    )
    if not rows:
        raise NotFound
    *facts, current, body = rows[0]
    viewer = viewer_from_facts(claim, KeyFacts(*facts))
    if viewer is None or not viewer.may(needed, writes=False) or current is None:
        raise NotFound
    return _read_or_built(shipment_id, current, body, accept_gzip, known)


def _key_facts() -> str:
    """The columns of ``KeyFacts``, of ``k``. What JSON is, the drivers give differently; as text it is the same."""
    instants = (bulk.seconds_of(f"k.{name}") for name in ("expires_at", "revoked_at", "last_used_at"))
    return f"k.id, k.organization_id, k.digest, CAST(k.scopes AS text), {', '.join(instants)}"


def _body(accept_gzip: bool) -> str:
    return "packed" if accept_gzip else "body"


def _stored_unless(known: Collection[int] | None) -> tuple[str, list[Any]]:
    """The join of ``d``, the stored document, to ``t``: no row if it is stale, or if the reader has that version."""
    join = f"LEFT JOIN {DOCUMENTS} d ON d.shipment_id = t.shipment_id AND d.version = t.version"
    if known is None:
        return f"{join} AND false", []
    if not known:
        return join, []
    right, versions = bulk.id_list(known)
    return f"{join} AND NOT t.version {right}", [versions]


def _read_or_built(
    shipment_id: int, current: int, body: Any, accept_gzip: bool, known: Collection[int] | None
) -> Document:
    if known is None or current in known:
        return Document(current, b"", gzipped=False, unchanged=True)
    if body is not None:
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
