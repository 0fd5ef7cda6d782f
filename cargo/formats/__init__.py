"""What we read: bytes in, events out; one module or package per standard.

A format is a line in ``FORMATS``. To add one: the module, a line, samples. Formats do not know one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import BinaryIO, NamedTuple

from cargo.domain.event import FormatError, Outcome
from cargo.formats import cargo_imp, cargo_xml, dcsa, edifact, epcis, manual, one_record, tabular, unipass, x12

__all__ = ["FORMATS", "SNIFFED", "Format", "FormatError", "decode", "detect", "slice", "stream"]


# How much of a message tells what it is.
SNIFFED = 64 * 1024


class Format(NamedTuple):
    """One standard that we read.

    ``decode(data, received_at)`` yields events, retractions, parked parts and problems with their position;
    ``slice(data, position)`` gives the raw element behind an event; ``sniff(data)`` tells whether bytes look
    like this format (it may be given the first 64 kB only). ``stream(file, received_at)`` does what ``decode`` does
    for a file too large for memory, where the standard allows it. ``asked(data, received_at, request)`` does what
    ``decode`` does for answers that leave out what they were asked about: ``request`` is the message's name, with the
    request's parameters or a file's name in it. ``decode_with`` and ``slice_with`` do what ``decode`` and ``slice`` do
    for a format of which people say what it means, source by source: their last argument is the JSON of
    ``Source.reading``; ``stream_with`` likewise. All raise ``FormatError`` and nothing else.
    An event's own ``format`` is this name, or this name, a dot and the kind of message (``edifact.iftsta``).
    """

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    decode: Callable[[bytes, datetime | None], Iterator[Outcome]]
    media_types: tuple[str, ...]
    slice: Callable[[bytes, str], bytes]
    stream: Callable[[BinaryIO, datetime | None], Iterator[Outcome]] | None = None
    asked: Callable[[bytes, datetime | None, str], Iterator[Outcome]] | None = None
    decode_with: Callable[[bytes, datetime | None, str], Iterator[Outcome]] | None = None
    stream_with: Callable[[BinaryIO, datetime | None, str], Iterator[Outcome]] | None = None
    slice_with: Callable[[bytes, str, str], bytes] | None = None


FORMATS: dict[str, Format] = {
    # Each version has a name; any of them reads all, since a source may begin to send another.
    **{
        version.name: Format(
            version.name, version.title, partial(dcsa.sniff_version, version), dcsa.decode, dcsa.MEDIA_TYPES, dcsa.slice
        )
        for version in dcsa.VERSIONS
    },
    **{
        service.NAME: Format(
            service.NAME,
            service.TITLE,
            service.sniff,
            service.decode,
            service.MEDIA_TYPES,
            service.slice,
            asked=service.decode,
        )
        for service in unipass.SERVICES
    },
    # Before EDIFACT: community systems wrap Cargo-IMP in its envelope.
    cargo_imp.NAME: Format(
        cargo_imp.NAME, cargo_imp.TITLE, cargo_imp.sniff, cargo_imp.decode, cargo_imp.MEDIA_TYPES, cargo_imp.slice
    ),
    edifact.NAME: Format(
        edifact.NAME,
        edifact.TITLE,
        edifact.sniff,
        edifact.decode,
        edifact.MEDIA_TYPES,
        edifact.slice,
        stream=edifact.stream,
    ),
    cargo_xml.NAME: Format(
        cargo_xml.NAME, cargo_xml.TITLE, cargo_xml.sniff, cargo_xml.decode, cargo_xml.MEDIA_TYPES, cargo_xml.slice
    ),
    one_record.NAME: Format(
        one_record.NAME, one_record.TITLE, one_record.sniff, one_record.decode, one_record.MEDIA_TYPES, one_record.slice
    ),
    epcis.NAME: Format(epcis.NAME, epcis.TITLE, epcis.sniff, epcis.decode, epcis.MEDIA_TYPES, epcis.slice),
    manual.NAME: Format(manual.NAME, manual.TITLE, manual.sniff, manual.decode, manual.MEDIA_TYPES, manual.slice),
    x12.NAME: Format(x12.NAME, x12.TITLE, x12.sniff, x12.decode, x12.MEDIA_TYPES, x12.slice, stream=x12.stream),
    # Last: much that has lines and commas looks like a table.
    tabular.NAME: Format(
        tabular.NAME,
        tabular.TITLE,
        tabular.sniff,
        tabular.decode,
        tabular.MEDIA_TYPES,
        tabular.slice,
        stream=tabular.stream,
        decode_with=tabular.decode_with,
        stream_with=tabular.stream_with,
        slice_with=tabular.slice_with,
    ),
}


def detect(data: bytes) -> str | None:
    """The name of the format that these bytes look like, or ``None``."""
    return next((name for name, form in FORMATS.items() if form.sniff(data)), None)


def decode(
    data: bytes,
    *,
    format: str | None = None,
    received_at: datetime | None = None,
    request: str = "",
    reading: str = "",
) -> tuple[str, Iterator[Outcome]]:
    """The format's name and the outcomes, read as they are asked for. ``request``: the message's name, if it has one;
    ``reading``: what people said of its source (JSON of ``Source.reading``).

    Raises ``FormatError`` if the bytes are of no known format, or (while iterating) cannot be read as one.
    """
    name = registered(format) if format is not None else detect(data)
    if name is None:
        reason = "the message is empty" if not data.strip() else "not a message of any known format"
        raise FormatError(reason)
    form = FORMATS[name]
    if form.decode_with is not None:
        return name, form.decode_with(data, received_at, reading)
    return name, form.asked(data, received_at, request) if form.asked else form.decode(data, received_at)


def stream(
    file: BinaryIO, start: bytes, *, format: str | None = None, received_at: datetime | None = None, reading: str = ""
) -> tuple[str, Iterator[Outcome]]:
    """The same for a file that is too long to be held in memory; ``start``: its first ``SNIFFED`` bytes.

    Raises ``FormatError``, also for a format that is only read whole.
    """
    name = registered(format) if format is not None else detect(start)
    if name is None:
        raise FormatError("not a message of any known format")
    form = FORMATS[name]
    if form.stream_with is not None:
        return name, form.stream_with(file, received_at, reading)
    if form.stream is None:
        raise FormatError(f"{form.title} is read whole, and this file is too long for that: split it")
    return name, form.stream(file, received_at)


def slice(name: str, data: bytes, position: str, reading: str = "") -> bytes:
    """The raw element at ``position`` of a message in format ``name``; what a party may see of it."""
    form = FORMATS[registered(name)]
    return form.slice_with(data, position, reading) if form.slice_with else form.slice(data, position)


def registered(name: str) -> str:
    """The name in ``FORMATS`` of a format or of a kind of message in it. Raises ``FormatError`` for none."""
    for known in (name, name.partition(".")[0]):
        if known in FORMATS:
            return known
    raise FormatError(f"there is no format {name[:40]!r}; known are {', '.join(FORMATS)}")
