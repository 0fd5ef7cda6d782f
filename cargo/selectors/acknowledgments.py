"""Acknowledgments of one source, for the partner that its push key was given to and for staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cargo.models import Acknowledgment, Source, SourceKey
from cargo.selectors import NotFound
from clis.accounts.scoping import Viewer

# RFC 1767.
MEDIA_TYPES = {"997": "application/EDI-X12", "999": "application/EDI-X12", "contrl": "application/EDIFACT"}


class Page(NamedTuple):
    """Rows as the API gives them, and the number that the next page begins after."""

    rows: list[dict[str, Any]]
    next: int | None


class Made(NamedTuple):
    """One acknowledgment whole."""

    id: int
    name: str
    media_type: str
    content: bytes


def page(viewer: Viewer, slug: str, handed_over: bool | None, after: int | None, limit: int) -> Page:
    """The oldest first. Raises ``NotFound`` for whoever has no business with that source."""
    rows = Acknowledgment.objects.filter(source_id=_source(viewer, slug)).exclude(content=b"")
    if handed_over is not None:
        rows = rows.filter(taken_at__isnull=not handed_over)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk").values("id", "message_id", "kind", "created_at", "taken_at")[: limit + 1])
    following = found[limit - 1]["id"] if len(found) > limit else None
    return Page([_row(row) for row in found[:limit]], following)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "message": row["message_id"],
        "kind": row["kind"],
        "made_at": row["created_at"].isoformat(),
        "taken_at": row["taken_at"].isoformat() if row["taken_at"] else None,
    }


def one(viewer: Viewer, slug: str, acknowledgment_id: int) -> Made:
    """One of the source's. Raises ``NotFound``."""
    rows = Acknowledgment.objects.filter(source_id=_source(viewer, slug), pk=acknowledgment_id).exclude(content=b"")
    row = rows.first()
    if row is None:
        raise NotFound
    return Made(row.pk, f"{row.kind}-{row.message_id}.edi", MEDIA_TYPES[row.kind], bytes(row.content))


def _source(viewer: Viewer, slug: str) -> int:
    if viewer.key_id is not None:
        rows: Any = SourceKey.objects.filter(key_id=viewer.key_id, source__slug=slug, source__active=True)
        found: int | None = rows.values_list("source_id", flat=True).first()
    elif viewer.is_staff:
        found = Source.objects.filter(slug=slug).values_list("pk", flat=True).first()
    else:
        found = None
    if found is None:
        raise NotFound
    return found
