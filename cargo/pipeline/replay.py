"""Decoding kept bytes again, after a mapping was corrected.

What a message no longer says is taken back, what it now says is added, both as new rows one revision up: the log is
never edited, and what the old mapping made of a message can still be read. Nobody is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.event import Retraction
from cargo.domain.snapshots import is_version
from cargo.models import Event as EventRow
from cargo.models import InboundBody, InboundMessage, MessagePart, Source, bodies, bulk
from cargo.models.history import read_content
from cargo.models.journal import Line, Message, SourceFacts, hexadecimal, line_of, shipments_of_lineages, write
from cargo.models.linking import Concerned, attach, aware, candidates_of, mark_replayed
from cargo.pipeline.batch import Prepared

EVENTS = EventRow._meta.db_table
MESSAGES = InboundMessage._meta.db_table
BODIES = InboundBody._meta.db_table
SOURCES = Source._meta.db_table


class Stored(NamedTuple):
    """One row of the log."""

    id: str
    revision: int
    retraction: bool
    content: str
    message: int


# One version of one report: lineage, version, and when it was reported (0 if that is not known).
Version = tuple[str, str, int]


def messages(ids: Sequence[int]) -> list[Message]:
    """Kept messages with their bytes, by id; they tell nobody."""
    right, value = bulk.id_list(ids)
    rows = bulk.execute(
        f"SELECT m.id, m.received_at, b.content, m.occasion, m.name, CASE WHEN b.on_disk THEN m.digest ELSE '' END, "
        f"s.id, s.organization_id, s.rank, s.format, s.time_zone, CAST(s.reading AS text) "
        f"FROM {MESSAGES} m JOIN {BODIES} b ON b.message_id = m.id JOIN {SOURCES} s ON s.id = m.source_id "
        f"WHERE m.id {right} ORDER BY m.id",
        [value],
    )
    return [
        Message(
            pk, SourceFacts(*source), aware(received), True, 0, "", _whole(bytes(body), stored), occasion, name, stored
        )
        for pk, received, body, occasion, name, stored, *source in rows
    ]


def _whole(body: bytes, stored: str) -> bytes:
    """All bytes of a message. What it does not say anymore is known only when all of it was read, long or not."""
    if not stored:
        return body
    with bodies.opened(stored) as file:
        return file.read()


def replay(prepared: Sequence[Prepared], numbered: Sequence[Line] = ()) -> int:
    """Brings the log in line with what these messages say now; gives the number of rows added.

    ``numbered``: what the order of snapshots makes of them (``snapshots.replayed``); their versions are left alone.
    Runs inside the caller's transaction. The shipments concerned are marked to be worked out again, silently.
    """
    begun = identity.epoch(timezone.now()) or 0
    by_message = {item.decoded.message.id: item.decoded.message for item in prepared if not item.decoded.problem}
    said: dict[Version, list[Line]] = {}
    for item in prepared:
        for line in item.lines:
            said.setdefault((line.lineage, line.version, line.reported or 0), []).append(line)
    stored = _stored({lineage for lineage, _, _ in said}, list(by_message))
    fresh = {line.id: line for line in numbered}
    for version in said.keys() | stored.keys():
        rows = stored.get(version, [])
        mine = [row for row in rows if row.message in by_message]
        for line in _restated(said.get(version, []), rows, mine) or _withdrawn(version, rows, mine, by_message, said):
            fresh[line.id] = line
    MessagePart.objects.filter(message_id__in=[item.decoded.message.id for item in prepared]).delete()
    if not fresh:
        return 0
    lines = sorted(fresh.values(), key=lambda line: line.id)
    candidates = candidates_of(lines)
    new = write(lines)
    concerned = Concerned()
    attach([line for line in lines if line.id in new], candidates, concerned)
    again = concerned.entries.keys() | concerned.again | shipments_of_lineages({line.lineage for line in lines})
    mark_replayed(again, begun)
    return len(new)


def _restated(lines: list[Line], rows: list[Stored], mine: list[Stored]) -> list[Line]:
    """What of one version is not in the log yet, or stands there below what the messages do not say anymore.

    Then it is written one revision above the highest, so that it is how the version reads now.
    """
    out: list[Line] = []
    done_with = _outdated(lines, mine) + [row for row in rows if _gone(row)]
    past = max((row.revision for row in done_with), default=-1)
    for line in {line.id: line for line in lines}.values():
        if not any(row.revision > past and _says(line, row) for row in rows):
            above = 1 + max(row.revision for row in rows) if past >= 0 else 0
            out.append(line if isinstance(line.event, Retraction) else line_of(line.message, line.event, above))
    return out


def _withdrawn(
    version: Version,
    rows: list[Stored],
    mine: list[Stored],
    by_message: dict[int, Message],
    said: dict[Version, list[Line]],
) -> list[Line]:
    """The row that takes one version back if no message says it anymore."""
    outdated = [] if version in said else _outdated([], mine)
    if not outdated:
        return []
    row = max(outdated, key=lambda row: (row.revision, row.id))
    above = 1 + max(row.revision for row in rows)
    if any(_gone(other) and other.revision > row.revision for other in rows):
        return []
    event = read_content(row.content, row.retraction)
    lineage, number, _ = version
    gone = Retraction(
        source_event_id=event.source_event_id or lineage,
        source_event_version=number or None,
        reported_at=event.reported_at,
        references=event.references,
        format=event.format,
        position=event.position,
    )
    line = line_of(by_message[row.message], gone)
    line.id = identity.withdraw(row.id, lineage, above)
    line.lineage, line.version, line.revision = lineage, number, above
    return [line]


def _outdated(lines: list[Line], mine: list[Stored]) -> list[Stored]:
    """Rows of the replayed messages that none of their lines says."""
    return [row for row in mine if not row.retraction and not any(_says(line, row) for line in lines)]


def _says(line: Line, row: Stored) -> bool:
    if isinstance(line.event, Retraction) or row.retraction:
        return line.id == row.id
    return row.id == (line.id if row.revision == 0 else line_of(line.message, line.event, row.revision).id)


def _gone(row: Stored) -> bool:
    """Whether this row was written by a replay to take a version back."""
    return row.retraction and row.revision > 0


def _stored(lineages: set[str], message_ids: list[int]) -> dict[Version, list[Stored]]:
    """All rows of the lineages said now, and of all that these messages made, by version."""
    right, value = bulk.key_list(lineages)
    inside, ids = bulk.id_list(message_ids)
    rows = bulk.execute(
        f"SELECT e.lineage, e.id, e.version, e.revision, e.retraction, e.content, e.message_id, e.reported_at "
        f"FROM {EVENTS} e WHERE e.lineage IN "
        f"(SELECT m.lineage FROM {EVENTS} m WHERE m.lineage {right} OR m.message_id {inside})",
        [value, ids],
    )
    found: dict[Version, list[Stored]] = {}
    for lineage, pk, version, revision, retraction, content, message, reported in rows:
        if is_version(version):
            continue
        at = identity.epoch(aware(reported)) if reported else 0
        row = Stored(hexadecimal(pk), revision, bool(retraction), content, message)
        found.setdefault((hexadecimal(lineage), version, at or 0), []).append(row)
    return found
