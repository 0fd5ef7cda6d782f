"""What makes two reports the same report, and two events versions of one.

An event's id begins with the hour of the event, so that new rows land together in the index; the rest is a hash.
Equal reports from one source have equal ids, whoever brings them and however often (DECISIONS 8). What reaches a state
beside the meaning (a cargo's numbers and quantities, repeated with each of its events) is part of the id and not of
the lineage: told otherwise later, it is one more version, and the set of versions decides, not who came first.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from cargo.domain.contribution import facts_of
from cargo.domain.event import Event, Reference, Retraction

_encode = msgspec.json.Encoder(order="deterministic").encode
# For parts that are in one order anyway: a third of the time.
_plainly = msgspec.json.Encoder().encode
# The log's column.
_VERSION_LENGTH = 40
_SHORTEST_TIME = 16


class Identity(NamedTuple):
    """32 hexadecimal digits each; ``version`` orders as text."""

    id: str
    lineage: str
    version: str


def epoch(moment: datetime | None) -> int | None:
    """Whole seconds since 1970 (UTC), or ``None``."""
    return None if moment is None else math.floor(moment.timestamp())


def moment_of(seconds: int) -> datetime:
    """The aware instant (UTC) of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def meaning(event: Event) -> str:
    """What the event says, without created times, positions or envelopes."""
    if event.meaning:
        return event.meaning
    parts = (
        event.source_code or event.milestone,
        event.source_text if event.milestone == "unknown" else None,
        event.occurred_local or event.occurred_at,
        _sorted(event.references),
        event.place,
        event.transport,
        event.laden,
        event.quantity,
        event.deadline,
    )
    return _encode(parts).decode()


def _beside(event: Event) -> str:
    """What the state takes from an event beside its meaning."""
    plan = sorted(event.plan.items()) if event.plan else None
    parts: tuple[object, ...] = (plan, facts_of(event.context))
    if event.meaning:
        parts += (_sorted(event.references), event.transport, event.deadline)
    return _plainly(parts).decode()


def _sorted(references: tuple[Reference, ...]) -> list[tuple[str, str]]:
    return sorted((reference.type, reference.value) for reference in references)


def identify(source: int, event: Event, occurred: int | None, revision: int = 0) -> Identity:
    """The identity of an event of a source. Same id with other words: two versions, the later report stands.

    What was expected, and what a source tells under an id without a version, is told apart by when it was told: an
    arrival expected on the 10th, the 12th and the 10th again is three reports, and the last stands. What happened,
    told again without an id, is the same report whenever it was made.
    """
    hour = max(0, occurred // 3600 if occurred is not None else 0) & 0xFFFFFFFF
    version = _ordered(event.source_event_version) if event.source_event_version else ""
    said = f"{source}\x1f{event.milestone}\x1f{event.classifier}\x1f{event.level}\x1f{meaning(event)}"
    if event.source_event_id:
        lineage = _digest(f"{source}\x1f{event.source_event_id}", 16)
    else:
        lineage = f"{hour:08x}{_digest(said, 12)}"
    told = epoch(event.reported_at) if event.source_event_id or event.classifier != "actual" else None
    own = (said, event.source_event_id or "", _beside(event), version or str(told), str(revision))
    return Identity(f"{hour:08x}{_digest(chr(31).join(own), 12)}", lineage, version)


def identify_retraction(source: int, retraction: Retraction) -> Identity:
    """A retraction is one more version of what it takes back; it sorts after the version it names."""
    version = f"{_ordered(retraction.source_event_version or '')[: _VERSION_LENGTH - 1]}~"
    lineage = _digest(f"{source}\x1f{retraction.source_event_id}", 16)
    own = (lineage, "retracted", version, str(epoch(retraction.reported_at)), str(_sorted(retraction.references)))
    return Identity(f"{0:08x}{_digest(chr(31).join(own), 12)}", lineage, version)


def _ordered(version: str) -> str:
    """A source's version as text that orders: a time in UTC, however it was written; anything else as it is."""
    if len(version) >= _SHORTEST_TIME and version[4:5] == "-":
        try:
            moment = datetime.fromisoformat(version)
            return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
        except (ValueError, OverflowError):
            pass
    return version[:_VERSION_LENGTH]


def withdraw(event_id: str, lineage: str, revision: int) -> str:
    """The id of the row by which a replay takes an event back."""
    return f"{event_id[:8]}{_digest(f'{lineage}{chr(31)}{event_id}{chr(31)}withdrawn{chr(31)}{revision}', 12)}"


def said_anew(event_id: str, version: str, revision: int) -> str:
    """The id of the row by which what had changed or was taken back is said as one more version (``snapshots``)."""
    return f"{event_id[:8]}{_digest(f'{event_id}{chr(31)}said anew{chr(31)}{version}{chr(31)}{revision}', 12)}"


def not_said(lineage: str, version: str, revision: int) -> str:
    """The id of the row by which a snapshot that does not say it anymore takes a report back."""
    return f"{0:08x}{_digest(f'{lineage}{chr(31)}not said{chr(31)}{version}{chr(31)}{revision}', 12)}"


def reference_set(references: tuple[Reference, ...]) -> str:
    """The id of a set of references: equal sets, in any order, share it."""
    return _digest("\x1e".join(sorted(f"{item.type}\x1f{item.value}" for item in references)), 16)


def instant(seconds: int | None) -> datetime | None:
    """The same where there may be none."""
    return None if seconds is None else moment_of(seconds)


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
