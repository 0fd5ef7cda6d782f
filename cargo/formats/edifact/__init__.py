"""UN/EDIFACT: status and terminal reports, bookings, load lists, customs responses (ISO 9735, D.95B to D.21B).

Read: IFTSTA, COARRI, CODECO, CUSRES; IFTMBC and COPRAR as planned events. Every other kind of message is parked under
its name. An event's position is ``message 3, segments 5-9`` (messages counted through the file, segments as UNT counts
them), in parts where a status and its box stand apart (``segments 5-9, 14-16``); ``#2`` marks the second event
that the same segments tell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from cargo.domain.event import FormatError, Outcome
from cargo.formats.edifact import kinds, syntax
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.separators import written_again

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff", "stream"]

TITLE = "UN/EDIFACT IFTSTA, COARRI, CODECO, CUSRES, IFTMBC, COPRAR"
MEDIA_TYPES = ("application/edifact", "application/edi")

_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"
_SNIFFED = 1 << 16
_SNIFF = re.compile(rb"UNA.{6}\s*UN[BGH]|UN[BG]\+[A-Z0-9]|UNH\+[^+]{0,20}\+[A-Z]{6}:", re.DOTALL)
_POSITION = re.compile(r"message ([1-9][0-9]{0,7}), segments? ([0-9, -]{1,80}?)(?: #[0-9]{1,7})?\Z")
_RANGE = re.compile(r"([1-9][0-9]{0,7})(?:-([1-9][0-9]{0,7}))?\Z")


def sniff(data: bytes) -> bool:
    """Whether this looks like a UN/EDIFACT interchange or message."""
    head = data[:_SNIFFED].lstrip(_BLANK)
    if b"\x00" in head:
        head = head.replace(b"\x00", b"")
    return _SNIFF.match(head) is not None


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of every message in its order; a bad message is a problem and costs the others nothing.

    Times are local where the event took place, unless the message gives a zone. ``received_at`` is not needed.
    Raises ``FormatError`` if the bytes are no interchange at all.
    """
    return stream(io.BytesIO(data), received_at)


def stream(file: BinaryIO, received_at: datetime | None = None) -> Iterator[Outcome]:
    """What ``decode`` does, for a file of any size: one block and one message are held at a time."""
    for item in syntax.messages(file):
        if isinstance(item, Message):
            yield from kinds.outcomes(item)
        else:
            yield item


def slice(data: bytes, position: str) -> bytes:
    """The segments behind ``position`` with the sender's own separators, without the envelope and the message's head.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position)
    parts = [_RANGE.match(part) for part in found[2].split(", ")] if found is not None else [None]
    ranges = [(int(part[1]), int(part[2] or part[1])) for part in parts if part is not None]
    if found is None or len(ranges) != len(parts):
        raise FormatError("not a position of this format", position[:80])
    wanted = int(found[1])
    for item in syntax.messages(io.BytesIO(data)):
        if isinstance(item, Message) and item.number == wanted:
            if any(not first <= last <= len(item.segments) for first, last in ranges):
                break
            separators = item.interchange.separators
            segments = [segment for first, last in ranges for segment in item.segments[first - 1 : last]]
            return "".join(written_again(segment, separators) for segment in segments).encode(item.charset, "replace")
    raise FormatError("not a position of this message", position[:80])
