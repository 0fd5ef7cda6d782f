"""Codes that no table knows, counted by source: one statement a batch, and none where all are known."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.event import Event
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.history import read_content
from cargo.models.journal import Line
from cargo.models.mapping import UnknownCode

CODES = UnknownCode._meta.db_table


def _encode(text: str) -> str:
    return msgspec.json.encode(text).decode()


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


def messages_with(code: str, *, source_id: int | None = None, form: str = "") -> list[int]:
    """The messages of which an event bears this code, whatever it was taken to mean. Looks through the log.

    ``form``: a format, or a kind of message in it; empty for any.
    """
    # The content is JSON: what is looked for is the code as JSON writes it.
    told = EventRow.objects.filter(retraction=False, content__contains=f'"source_code":{_encode(code)}')
    if source_id is not None:
        told = told.filter(source_id=source_id)
    found: set[int] = set()
    for message, content in told.values_list("message_id", "content").iterator():
        event = read_content(content, False)
        if isinstance(event, Event) and event.source_code == code and _of(event.format, form):
            found.add(message)
    return sorted(found)


def forget(source_id: int, form: str, code: str) -> None:
    """It was mapped, and what told of it was read again."""
    rows = UnknownCode.objects.filter(source_id=source_id, code=code)
    UnknownCode.objects.filter(pk__in=[row.pk for row in rows if _of(row.format, form)]).delete()


def _of(told: str, form: str) -> bool:
    """Whether a kind of message is this one, or one of this standard."""
    return form in ("", told, told.partition(".")[0])
