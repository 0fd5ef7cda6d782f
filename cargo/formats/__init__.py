"""What we read: bytes in, events out; one module or package per standard.

A format is a line in ``FORMATS``. To add one: the module, a line, samples. Formats do not know one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from cargo.domain.event import FormatError, Outcome
from cargo.formats import dcsa, unipass

__all__ = ["FORMATS", "Format", "FormatError", "decode", "detect", "slice"]


class Format(NamedTuple):
    """One standard that we read.

    ``decode(data, received_at)`` yields events, retractions, parked parts and problems with their position;
    ``slice(data, position)`` gives the raw element behind an event; ``sniff(data)`` tells whether bytes look
    like this format. ``decode`` and ``slice`` raise ``FormatError`` and nothing else.
    """

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    decode: Callable[[bytes, datetime | None], Iterator[Outcome]]
    media_types: tuple[str, ...]
    slice: Callable[[bytes, str], bytes]


FORMATS: dict[str, Format] = {
    dcsa.NAME: Format(dcsa.NAME, dcsa.TITLE, dcsa.sniff, dcsa.decode, dcsa.MEDIA_TYPES, dcsa.slice),
    unipass.NAME: Format(
        unipass.NAME, unipass.TITLE, unipass.sniff, unipass.decode, unipass.MEDIA_TYPES, unipass.slice
    ),
}


def detect(data: bytes) -> str | None:
    """The name of the format that these bytes look like, or ``None``."""
    return next((name for name, form in FORMATS.items() if form.sniff(data)), None)


def decode(
    data: bytes, *, format: str | None = None, received_at: datetime | None = None
) -> tuple[str, Iterator[Outcome]]:
    """The format's name and the outcomes, read as they are asked for.

    Raises ``FormatError`` if the bytes are of no known format, or (while iterating) cannot be read as one.
    """
    if format is not None and format not in FORMATS:
        raise FormatError(f"there is no format {format[:40]!r}; known are {', '.join(FORMATS)}")
    name = format or detect(data)
    if name is None:
        reason = "the message is empty" if not data.strip() else "not a message of any known format"
        raise FormatError(reason)
    return name, FORMATS[name].decode(data, received_at)


def slice(name: str, data: bytes, position: str) -> bytes:
    """The raw element at ``position`` of a message in format ``name``; what a party may see of it."""
    if name not in FORMATS:
        raise FormatError(f"there is no format {name[:40]!r}")
    return FORMATS[name].slice(data, position)
