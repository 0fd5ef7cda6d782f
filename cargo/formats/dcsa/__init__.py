"""DCSA Track & Trace 2.2 (JSON): shipment, transport and equipment events.

Source: DCSA Track & Trace 2.2.0 (28 October 2021). A message is an array of events or one event; an object
``{"events": [...]}`` is taken too. An event's position is a JSON pointer (``/3``, ``/events/3``; empty for a
single event). Events of 3.0 are parked and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from cargo.domain.event import FormatError, Outcome
from cargo.formats.dcsa import tolerant
from cargo.formats.dcsa.events import NAME, outcome
from cargo.formats.dcsa.wire import WireEvent

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff"]

TITLE = "DCSA Track & Trace 2.2"
MEDIA_TYPES = ("application/json",)

_SNIFFED = 65536
_MARKS = (b'"eventClassifierCode"', b'"eventClassification"', b'EventTypeCode"', b'"eventCreatedDateTime"')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_POSITION = re.compile(r"(?:/events)?/(0|[1-9][0-9]{0,6})\Z")
# An ASCII character written as an escape can hide a key or a control character from the quick reading.
_ESCAPED_ASCII = re.compile(rb"\\u00[0-7]")
# A key given twice shows as more keys than events; these decide what an event means.
_ONCE = (
    b'"eventDateTime"',
    b'"eventClassifierCode"',
    b'EventTypeCode"',
    b'"equipmentReference"',
    b'"emptyIndicatorCode"',
    b'"documentID"',
)

_EVENT = msgspec.json.Decoder(WireEvent)
_EVENTS = msgspec.json.Decoder(list[WireEvent])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])


def sniff(data: bytes) -> bool:
    """Whether this looks like Track & Trace events of any version."""
    head = data[:_SNIFFED].removeprefix(_BYTE_ORDER_MARK).lstrip()
    return head[:1] in (b"[", b"{") and any(mark in head for mark in _MARKS)


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of a message in its order; a bad one is a problem and costs the others nothing.

    ``received_at`` is not needed: every time is written in full. Raises ``FormatError`` if the bytes are not
    JSON in UTF-8, or hold no events at all.
    """
    body = data.removeprefix(_BYTE_ORDER_MARK)
    if not body.strip():
        raise FormatError("the message is empty")
    events = _quick(body)
    if events is None:
        yield from tolerant.read(_text(body))
        return
    single = body.lstrip()[:1] == b"{"
    for index, event in enumerate(events):
        yield outcome(event, "" if single else f"/{index}")


def slice(data: bytes, position: str) -> bytes:
    """The bytes of the one event at ``position``, as they came.

    Raises ``FormatError`` if the position is not one of this message.
    """
    body = data.removeprefix(_BYTE_ORDER_MARK).strip()
    if position == "":
        if body[:1] != b"{":
            raise FormatError("not a position of this message", position)
        return body
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    wrapped, index = position.startswith("/events/"), int(found[1])
    try:
        if not wrapped:
            return bytes(_ELEMENTS.decode(body)[index])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
        pass  # Only the tolerant reading can say where its elements are.
    try:
        return tolerant.element(_text(body), index, wrapped=wrapped).encode()
    except (ValueError, RecursionError):
        raise FormatError("not a position of this message", position) from None


def _quick(body: bytes) -> list[WireEvent] | None:
    """The events of an array, or the single one, that has nothing unusual about it, else ``None``."""
    first = body.lstrip()[:1]
    if first not in (b"[", b"{") or _ESCAPED_ASCII.search(body):
        return None
    try:
        if not body.isascii():
            body.decode("utf-8")
        events = _EVENTS.decode(body) if first == b"[" else [_EVENT.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if first == b"{" and events[0].eventType is None:
        return None  # Not a flat event: a wrapped list, or another version.
    count = len(events)
    if any(body.count(key) > count for key in _ONCE):
        return None
    return events


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8: {error.reason}", f"byte {error.start}") from None
