"""The log's own reading and writing, a batch at a time: lines in, what is new out, versions of one report found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.event import Event, Reference, Retraction
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.event import EventReference, ShipmentEvent
from cargo.models.maintenance import was_told

EVENTS = EventRow._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SETS = EventReference._meta.db_table
_EVENT_COLUMNS = {
    "id": "uuid",
    "lineage": "uuid",
    "version": "text",
    "revision": "int",
    "retraction": "bool",
    "source_id": "int",
    "message_id": "int",
    "position": "text",
    "reference_set": "uuid",
    "milestone": "text",
    "classifier": "text",
    "level": "text",
    "effect": "text",
    "occurred_at": "time",
    "reported_at": "time",
    "received_at": "time",
    "recorded_at": "time",
    "content": "content",
}
_encode = msgspec.json.Encoder().encode


class SourceFacts(NamedTuple):
    """What the way of a message needs of a source. ``reading``: what people taught of it, JSON (``Source.reading``);
    ``acknowledges``: what its partner is sent back, or empty.
    """

    id: int
    organization: int | None
    rank: int
    format: str
    time_zone: str
    reading: str = "{}"
    acknowledges: str = ""


class Message(NamedTuple):
    """A message under a lease. ``occasion``: not empty if it is an answer that CLIS asked for (a snapshot).

    ``name``: as the sender or the asking named it, which for some answers tells what they are about. ``stored``: the
    digest by which ``bodies`` keeps the bytes, if they are too many for ``body``. ``restored``: when the database came
    back from a backup, in seconds since 1970, if it did.
    """

    id: int
    source: SourceFacts
    received_at: datetime
    silent: bool
    attempts: int
    token: str
    body: bytes
    occasion: str = ""
    name: str = ""
    stored: str = ""
    restored: int | None = None


class Line(msgspec.Struct):
    """One event ready for the log."""

    message: Message
    event: Event | Retraction
    id: str
    lineage: str
    version: str
    occurred: int | None
    reported: int | None
    references: str
    content: bytes
    revision: int = 0
    retraction: bool = False

    @property
    def silent(self) -> bool:
        """Whether nobody is told: its message is history, or the system that a backup replaced has told it."""
        message = self.message
        if message.silent or message.restored is None:
            return message.silent
        received = identity.epoch(message.received_at)
        return was_told(message.restored, self.version, self.reported, self.occurred, received)


def line_of(message: Message, event: Event | Retraction, revision: int = 0) -> Line:
    reported = identity.epoch(event.reported_at)
    references = identity.reference_set(event.references)
    if isinstance(event, Retraction):
        own = identity.identify_retraction(message.source.id, event)
        return Line(
            message, event, own.id, own.lineage, own.version, None, reported, references, _encode(event),
            retraction=True,
        )  # fmt: skip
    occurred = identity.epoch(event.occurred_at)
    own = identity.identify(message.source.id, event, occurred, revision)
    meaning, event.meaning = event.meaning, ""
    content = _encode(event)
    event.meaning = meaning
    return Line(message, event, own.id, own.lineage, own.version, occurred, reported, references, content, revision)


def write(lines: Sequence[Line]) -> set[str]:
    """Inserts lines, sorted by id, and the reference sets of the new ones; gives the ids that were new."""
    fresh = {row[0] for row in write_events(lines)}
    write_references([line for line in lines if line.id in fresh])
    return fresh


def write_events(lines: Sequence[Line]) -> bulk.Later:
    """Inserts lines, sorted by id; gives the ids that were new, a row each."""
    now = identity.epoch(timezone.now())
    rows = []
    for line in lines:
        event = line.event
        told = isinstance(event, Event)
        rows.append(
            (
                line.id,
                line.lineage,
                line.version,
                line.revision,
                line.retraction,
                line.message.source.id,
                line.message.id,
                event.position[:200],
                line.references,
                event.milestone if told else "",  # type: ignore[union-attr]
                event.classifier if told else "actual",  # type: ignore[union-attr]
                event.level if told else "",  # type: ignore[union-attr]
                event.effect if told else "revert",  # type: ignore[union-attr]
                line.occurred,
                line.reported,
                identity.epoch(line.message.received_at),
                now,
                line.content,
            )
        )
    digits = bulk.digits_of("id")
    return bulk.insert(EVENTS, _EVENT_COLUMNS, rows, conflict="ON CONFLICT (id) DO NOTHING", returning=digits)


def write_references(lines: Sequence[Line]) -> None:
    """Inserts the reference sets of new lines that the log does not hold yet: most of a cargo's events share one."""
    sets: dict[str, tuple[Reference, ...]] = {line.references: line.event.references for line in lines}
    rows = [(name, _encode([(item.type, item.value[:64]) for item in sets[name]]).decode()) for name in sorted(sets)]
    if not rows:
        return
    source, parameters, (name, numbers) = bulk.rows_source({"reference_set": "uuid", "numbers": "text"}, rows)
    if bulk.is_postgres():
        each, kind, value = f"json_array_elements({numbers}::json) AS i(n)", "i.n->>0", "i.n->>1"
    else:
        each, kind, value = (
            f"json_each({numbers}) AS i",
            "json_extract(i.value, '$[0]')",
            "json_extract(i.value, '$[1]')",
        )
    bulk.send(
        f"INSERT INTO {SETS} (reference_set, kind, value) SELECT DISTINCT {name}, {kind}, {value} "
        f"FROM {source} CROSS JOIN {each} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {SETS} q WHERE q.reference_set = {name}) ON CONFLICT DO NOTHING",
        parameters,
        rows=False,
    )


def hexadecimal(value: object) -> str:
    """A UUID as raw SQL gives it (PostgreSQL an object, SQLite text), as 32 digits."""
    return value if isinstance(value, str) else value.hex  # type: ignore[attr-defined]


def conflicting(lines: Iterable[Line]) -> bulk.Later:
    """Lineages among the lines of which the log holds another version: their shipments must be worked out again."""
    mine = {line.lineage for line in lines}
    if not mine:
        return bulk.NOTHING
    right, value = bulk.key_list(mine)
    digits = bulk.digits_of("lineage")
    return bulk.send(
        f"SELECT {digits} FROM {EVENTS} WHERE lineage {right} GROUP BY lineage HAVING count(*) > 1", [value], rows=True
    )


def shipments_of_lineages(lineages: Collection[str]) -> set[int]:
    """The shipments that any version of these lineages concerns."""
    if not lineages:
        return set()
    right, value = bulk.key_list(lineages)
    rows = bulk.send(
        f"SELECT DISTINCT l.shipment_id FROM {EVENTS} e JOIN {ShipmentEvent._meta.db_table} l ON l.event_id = e.id "
        f"WHERE e.lineage {right}",
        [value],
        rows=True,
    )
    return {row[0] for row in rows}
