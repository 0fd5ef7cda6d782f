"""Codes that no table knows, counted by source: one statement a batch, and none where all are known."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.event import Event
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.history import read_content
from cargo.models.journal import Line
from cargo.models.mapping import UnknownCode

CODES = UnknownCode._meta.db_table


def count(lines: Iterable[Line]) -> None:
    """Counts the codes of new lines whose milestone is unknown, in the order of their keys."""
    found: dict[tuple[int, str, str], list[Line]] = {}
    for line in lines:
        event = line.event
        if isinstance(event, Event) and event.milestone == "unknown":
            key = (line.message.source.id, event.format[:40], (event.source_code or "")[:100])
            found.setdefault(key, []).append(line)
    if not found:
        return
    now = identity.epoch(timezone.now())
    rows = [
        (*key, (told[-1].event.source_text or "")[:200], len(told), now, now, told[-1].message.id)  # type: ignore[union-attr]
        for key, told in sorted(found.items())
    ]
    bulk.insert(
        CODES,
        {
            "source_id": "int",
            "format": "text",
            "code": "text",
            "text": "text",
            "count": "int",
            "first_at": "time",
            "last_at": "time",
            "message_id": "int",
        },
        rows,
        conflict=(
            f"ON CONFLICT (source_id, format, code) DO UPDATE SET count = {CODES}.count + excluded.count, "
            "text = excluded.text, last_at = excluded.last_at, message_id = excluded.message_id"
        ),
    )


def messages_with(source_id: int, form: str, code: str) -> list[int]:
    """The messages of a source of which an event bears this code and is of an unknown kind. Looks through the log."""
    told = EventRow.objects.filter(source_id=source_id, milestone="unknown")
    found: set[int] = set()
    for message, content in told.values_list("message_id", "content").iterator():
        event = read_content(content, False)
        if isinstance(event, Event) and (event.format, event.source_code or "") == (form, code):
            found.add(message)
    return sorted(found)


def forget(source_id: int, form: str, code: str) -> None:
    """It was mapped, and what told of it was read again."""
    UnknownCode.objects.filter(source_id=source_id, format=form, code=code).delete()
