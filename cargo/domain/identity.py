"""What makes two reports the same report, and two events versions of one.

An event's id begins with the hour of the event, so that new rows land together in the index; the rest is a hash.
Equal reports from one source have equal ids, whoever brings them and however often (DECISIONS 8).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from cargo.domain.event import Event, Reference, Retraction

_encode = msgspec.json.Encoder(order="deterministic").encode


class Identity(NamedTuple):
    """32 hexadecimal digits each; ``version`` orders as text."""

    id: str
    lineage: str
    version: str


def epoch(moment: datetime | None) -> int | None:
    """Whole seconds since 1970 (UTC), or ``None``."""
    return None if moment is None else math.floor(moment.timestamp())


def meaning(event: Event) -> str:
    """What the event says, without created times, positions or envelopes."""
    if event.meaning:
        return event.meaning
    parts = (
        event.source_code or event.milestone,
        event.source_text if event.milestone == "unknown" else None,
        event.occurred_local or event.occurred_at,
        sorted((reference.type, reference.value) for reference in event.references),
        event.place,
        event.transport,
        event.laden,
        event.quantity,
        event.deadline,
    )
    return _encode(parts).decode()


def identify(source: int, event: Event, occurred: int | None, revision: int = 0) -> Identity:
    """The identity of an event of a source. Same id with other words: two versions, the later report stands."""
    hour = max(0, occurred // 3600 if occurred is not None else 0) & 0xFFFFFFFF
    version = event.source_event_version or ""
    said = f"{source}\x1f{event.milestone}\x1f{event.classifier}\x1f{event.level}\x1f{meaning(event)}"
    if event.source_event_id:
        lineage = _digest(f"{source}\x1f{event.source_event_id}", 16)
        said = f"{said}\x1f{event.source_event_id}"
    else:
        lineage = f"{hour:08x}{_digest(said, 12)}"
    own = f"{hour:08x}{_digest(f'{said}{chr(31)}{version}{chr(31)}{revision}', 12)}"
    return Identity(own, lineage, version)


def identify_retraction(source: int, retraction: Retraction) -> Identity:
    """A retraction is one more version of what it takes back; it sorts after the version it names."""
    version = retraction.source_event_version or "~"
    lineage = _digest(f"{source}\x1f{retraction.source_event_id}", 16)
    return Identity(f"{0:08x}{_digest(f'{lineage}{chr(31)}retracted{chr(31)}{version}', 12)}", lineage, version)


def withdraw(event_id: str, lineage: str, revision: int) -> str:
    """The id of the row by which a replay takes an event back."""
    return f"{event_id[:8]}{_digest(f'{lineage}{chr(31)}withdrawn{chr(31)}{revision}', 12)}"


def reference_set(references: tuple[Reference, ...]) -> str:
    """The id of a set of references: equal sets, in any order, share it."""
    return _digest("\x1e".join(sorted(f"{item.type}\x1f{item.value}" for item in references)), 16)


def instant(seconds: int | None) -> datetime | None:
    """The aware instant (UTC) of whole seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
