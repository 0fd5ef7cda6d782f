"""What we read: bytes in, events out; one module or package per standard.

A format is a line in ``FORMATS``. To add one: the module, a line, samples. Formats do not know one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple

from cargo.domain.event import FormatError, Outcome
from cargo.formats import dcsa, unipass

__all__ = ["FORMATS", "Format", "FormatError", "decode", "detect", "slice"]


class Format(NamedTuple):
    """One standard that we read.

    ``decode(data, received_at)`` yields events, retractions, parked parts and problems with their position;
    ``slice(data, position)`` gives the raw element behind an event; ``sniff(data)`` tells whether bytes look
    like this format (it may be given the first 64 kB only). ``stream(file, received_at)`` does what ``decode`` does
    for a file too large for memory, where the standard allows it. All raise ``FormatError`` and nothing else.
    An event's own ``format`` is this name, or this name, a dot and the kind of message (``edifact.iftsta``).
    """

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    decode: Callable[[bytes, datetime | None], Iterator[Outcome]]
    media_types: tuple[str, ...]
    slice: Callable[[bytes, str], bytes]
    stream: Callable[[BinaryIO, datetime | None], Iterator[Outcome]] | None = None


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
    name = registered(format) if format is not None else detect(data)
    if name is None:
        reason = "the message is empty" if not data.strip() else "not a message of any known format"
        raise FormatError(reason)
    return name, FORMATS[name].decode(data, received_at)


def slice(name: str, data: bytes, position: str) -> bytes:
    """The raw element at ``position`` of a message in format ``name``; what a party may see of it."""
    return FORMATS[registered(name)].slice(data, position)


def registered(name: str) -> str:
    """The name in ``FORMATS`` of a format or of a kind of message in it. Raises ``FormatError`` for none."""
    for known in (name, name.partition(".")[0]):
        if known in FORMATS:
            return known
    raise FormatError(f"there is no format {name[:40]!r}; known are {', '.join(FORMATS)}")
