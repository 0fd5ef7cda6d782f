"""What people put in themselves: into which sources, and what became of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cargo.models import InboundBody, InboundMessage, MessagePart, Source
from cargo.selectors import NotFound
from clis.accounts.scoping import Viewer

MOST_PARTS = 100


class Target(NamedTuple):
    """A source that data can be put into."""

    id: int
    slug: str
    name: str
    organization: int | None
    time_zone: str
    kind: str


class Upload(NamedTuple):
    """One message that came in, and what became of it; ``parts``: (position, reason) of what could not be read."""

    id: int
    name: str
    source: str
    source_id: int
    state: str
    reason: str
    format: str
    size: int
    events: int
    received_at: datetime
    parts: list[tuple[str, str]] = []


def targets(viewer: Viewer) -> list[Target]:
    """The sources that the viewer may put data into: their organization's own; for the operator's staff every one."""
    rows = _writable(viewer).order_by("name", "pk")
    return [Target(*row) for row in rows.values_list(*_TARGET)]


def target(viewer: Viewer, source_id: int) -> Target:
    """One of them. Raises ``NotFound``."""
    found = _writable(viewer).filter(pk=source_id).values_list(*_TARGET).first()
    if found is None:
        raise NotFound
    return Target(*found)


def reading(viewer: Viewer, source_id: int) -> str:
    """What people said of a source's data: JSON, as ``Source.reading`` has it. Raises ``NotFound``."""
    found = _writable(viewer).filter(pk=source_id).values_list("reading", flat=True).first()
    if found is None:
        raise NotFound
    return json.dumps(found)


def recent(viewer: Viewer, limit: int) -> list[Upload]:
    """What came into the sources of people, the latest first; one statement, without parts."""
    rows = _messages(viewer).filter(source__kind=Source.Kind.MANUAL).order_by("-pk")
    return [_upload(row) for row in rows.values(*_FIELDS)[:limit]]


def one(viewer: Viewer, message_id: int) -> Upload:
    """One message with the parts that could not be read. Raises ``NotFound`` for another's."""
    row = _messages(viewer).filter(pk=message_id).values(*_FIELDS).first()
    if row is None:
        raise NotFound
    problems = MessagePart.objects.filter(message_id=message_id, kind=MessagePart.Kind.PROBLEM).order_by("pk")
    return _upload(row)._replace(parts=list(problems.values_list("position", "reason")[:MOST_PARTS]))


def content(viewer: Viewer, message_id: int) -> bytes:
    """The bytes of a message in a source of the viewer's. Raises ``NotFound``, also for what lies in a file."""
    allowed = _messages(viewer).filter(pk=message_id)
    body = InboundBody.objects.filter(message__in=allowed, on_disk=False).values_list("content", flat=True).first()
    if body is None:
        raise NotFound
    return bytes(body)


def _writable(viewer: Viewer) -> QuerySet[Source]:
    rows = Source.objects.filter(active=True)
    if viewer.is_staff and viewer.user_id is not None:
        return rows
    if viewer.organization_id is None:
        return rows.none()
    return rows.filter(organization_id=viewer.organization_id)


def _messages(viewer: Viewer) -> QuerySet[InboundMessage]:
    rows = InboundMessage.objects.all()
    if viewer.is_staff and viewer.user_id is not None:
        return rows
    if viewer.organization_id is None:
        return rows.none()
    return rows.filter(source__organization_id=viewer.organization_id)


_TARGET = ("pk", "slug", "name", "organization_id", "time_zone", "kind")
_FIELDS = (
    "id",
    "name",
    "source__name",
    "source_id",
    "state",
    "reason",
    "format",
    "size",
    "events",
    "received_at",
)


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(*(row[name] for name in _FIELDS))
