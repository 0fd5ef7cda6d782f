"""ANSI ASC X12: status messages of ocean carriers, truckers, railroads and terminals, and of US customs.

Source: ASC X12 releases 003020 to 006050; 004010 is the one that nearly all send. Read are 315 (ocean status), 322
(terminal and ramp activity), 214 (motor carrier status), 350 and 355 (customs status, acceptance and rejection), 309
(manifest), 310 (ocean bill) and 301 (booking confirmation); the rest is parked and named. An event's position is
``ISA1/GS2/ST3/B4@2``: interchange, group, transaction, segment and its number in the transaction; ``/N7@3`` after it
names one box of several, and ``+`` a second thing that the same segment tells.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from cargo.domain.event import Outcome
from cargo.formats.x12.envelope import NAME
from cargo.formats.x12.header import is_interchange
from cargo.formats.x12.reading import read
from cargo.formats.x12.slicing import slice

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff", "stream"]

TITLE = "ANSI ASC X12 (315, 214, 322, 350 and kin)"
MEDIA_TYPES = ("application/edi-x12", "application/EDI-X12")


def sniff(data: bytes) -> bool:
    """Whether this looks like an X12 interchange."""
    return is_interchange(data)


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of all transactions; one that cannot be read is one problem and costs the others nothing.

    Times are naive local times, with an instant where the message gives an offset. ``received_at`` is not needed.
    Raises ``FormatError`` if the bytes do not begin with an interchange.
    """
    return read(io.BytesIO(data))


def stream(file: BinaryIO, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The same for a file that is read block by block; memory does not grow with it."""
    return read(file)
