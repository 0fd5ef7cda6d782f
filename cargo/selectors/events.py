"""The events of one shipment, as they were understood."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from cargo.domain.event import Event, as_interface
from cargo.models import Event as EventRow
from cargo.models import ShipmentEvent, Source, bulk
from cargo.models.history import read_content
from cargo.models.journal import hexadecimal
from cargo.models.linking import aware
from cargo.selectors import BadCursor
from cargo.selectors.shipments import version
from clis.accounts.scoping import Viewer

EVENTS = EventRow._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
_NEVER = "'0001-01-01'"


def page(viewer: Viewer, shipment_id: int, cursor: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Events latest first, each with ``id``, ``received_at`` and ``source``; two statements. Raises ``NotFound``."""
    version(viewer, shipment_id)
    where, parameters = "", []
    if cursor:
        instant, pk = _open(cursor)
        where = f"AND (COALESCE(e.occurred_at, {_NEVER}), e.id) < (%s, %s)"
        parameters = [instant, pk]
    rows = bulk.execute(
        f"SELECT e.id, e.content, e.retraction, e.received_at, s.slug, COALESCE(e.occurred_at, {_NEVER}) "
        f"FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE l.shipment_id = %s {where} ORDER BY 6 DESC, e.id DESC LIMIT %s",
        [shipment_id, *parameters, limit + 1],
    )
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = _close(rows[-1][5], hexadecimal(rows[-1][0]))
    return [_line(row) for row in rows], following


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    pk, content, retraction, received, slug, _ = row
    event = read_content(content, bool(retraction))
    if isinstance(event, Event):
        line = as_interface(event)
    else:
        line = as_interface(
            Event(
                milestone="unknown",
                effect="revert",
                reported_at=event.reported_at,
                references=event.references,
                retracts=event.source_event_id,
                format=event.format,
            )
        )
    return {"id": str(UUID(hexadecimal(pk))), "source": slug, "received_at": aware(received).isoformat(), **line}


def _close(instant: Any, pk: str) -> str:
    text = instant.isoformat() if isinstance(instant, datetime) else str(instant)
    return urlsafe_b64encode(f"{text}|{pk}".encode()).decode().rstrip("=")


def _open(cursor: str) -> tuple[Any, Any]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        instant, pk = text.split("|")
        moment, key = datetime.fromisoformat(instant), UUID(pk)
    except (ValueError, UnicodeError) as error:
        raise BadCursor from error
    return (moment, key) if bulk.is_postgres() else (instant, key.hex)
