"""Decoding kept bytes again, after a mapping was corrected.

What a message no longer says is taken back, what it now says is added, both as new rows one revision up: the log is
never edited, and what the old mapping made of a message can still be read. Nobody is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cargo.domain import identity
from cargo.domain.event import Retraction
from cargo.models import Event as EventRow
from cargo.models import InboundBody, InboundMessage, MessagePart, Source, bulk
from cargo.models.history import read_content
from cargo.models.journal import Line, Message, SourceFacts, hexadecimal, line_of, write
from cargo.models.linking import Concerned, attach, aware, candidates_of, mark_due
from cargo.pipeline.batch import Prepared

EVENTS = EventRow._meta.db_table
MESSAGES = InboundMessage._meta.db_table
BODIES = InboundBody._meta.db_table
SOURCES = Source._meta.db_table


class Stored(NamedTuple):
    """The version of a report that is highest in the log."""

    id: str
    version: str
    revision: int
    retraction: bool
    content: str
    message: int


def messages(ids: Sequence[int]) -> list[Message]:
    """Kept messages with their bytes, by id; they tell nobody."""
    right, value = bulk.id_list(ids)
    rows = bulk.execute(
        f"SELECT m.id, m.received_at, b.content, s.id, s.organization_id, s.rank, s.format, s.time_zone "
        f"FROM {MESSAGES} m JOIN {BODIES} b ON b.message_id = m.id JOIN {SOURCES} s ON s.id = m.source_id "
        f"WHERE m.id {right} ORDER BY m.id",
        [value],
    )
    return [
        Message(pk, SourceFacts(*source), aware(received), True, 0, "", bytes(body))
        for pk, received, body, *source in rows
    ]


def replay(prepared: Sequence[Prepared]) -> int:
    """Brings the log in line with what these messages say now; gives the number of rows added.

    Runs inside the caller's transaction. The shipments concerned are marked to be worked out again, silently.
    """
    said = {line.lineage: line for item in prepared for line in item.lines}
    by_message = {item.decoded.message.id: item.decoded.message for item in prepared if not item.decoded.problem}
    stored = _stored(set(said), list(by_message))
    fresh: list[Line] = []
    for lineage, line in said.items():
        fresh += _restated(line, stored.get(lineage))
    for lineage, row in stored.items():
        if lineage not in said and not row.retraction and row.message in by_message:
            fresh.append(_withdrawal(by_message[row.message], lineage, row))
    if not fresh:
        return 0
    fresh.sort(key=lambda line: line.id)
    candidates = candidates_of(fresh)
    new = write(fresh)
    concerned = Concerned()
    attach([line for line in fresh if line.id in new], candidates, concerned)
    mark_due(set(concerned.entries) | concerned.again, "replayed", silent=True)
    MessagePart.objects.filter(message_id__in=by_message).delete()
    return len(new)


def _restated(line: Line, row: Stored | None) -> list[Line]:
    """The line as it must be written, one revision above what stands; nothing if the log says it already."""
    if row is None:
        return [line]
    if isinstance(line.event, Retraction):
        return [] if row.retraction else [line]
    if not row.retraction and row.id == line.id:
        return []
    if not row.retraction and row.revision:
        same = line_of(line.message, line.event, row.revision)
        if same.id == row.id:
            return []
    if row.version > line.version:
        return []
    if row.revision == 0 and not row.retraction and row.version < line.version:
        return [line]
    return [line_of(line.message, line.event, row.revision + 1)]


def _withdrawal(message: Message, lineage: str, row: Stored) -> Line:
    event = read_content(row.content, row.retraction)
    gone = Retraction(
        source_event_id=event.source_event_id or lineage,
        source_event_version=row.version or None,
        references=event.references,
        format=event.format,
        position=event.position,
    )
    line = line_of(message, gone)
    line.id = identity.withdraw(row.id, lineage, row.revision + 1)
    line.lineage, line.version, line.revision = lineage, row.version, row.revision + 1
    return line


def _stored(lineages: set[str], message_ids: list[int]) -> dict[str, Stored]:
    """Of the lineages said now, and of all that these messages made, the highest version in the log."""
    right, value = bulk.key_list(lineages)
    inside, ids = bulk.id_list(message_ids)
    rows = bulk.execute(
        f"SELECT e.lineage, e.id, e.version, e.revision, e.retraction, e.content, e.message_id, e.reported_at "
        f"FROM {EVENTS} e WHERE e.lineage {right} OR e.lineage IN "
        f"(SELECT m.lineage FROM {EVENTS} m WHERE m.message_id {inside})",
        [value, ids],
    )
    top: dict[str, tuple[tuple[object, ...], Stored]] = {}
    for lineage, pk, version, revision, retraction, content, message, reported in rows:
        name = hexadecimal(lineage)
        at = identity.epoch(aware(reported)) if reported else 0
        order = (version, revision, at or 0, hexadecimal(pk))
        if name not in top or order > top[name][0]:
            top[name] = (order, Stored(hexadecimal(pk), version, revision, bool(retraction), content, message))
    return {name: row for name, (_, row) in top.items()}
