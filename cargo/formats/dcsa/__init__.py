"""DCSA Track & Trace (JSON): shipment, transport, equipment, IoT and reefer events of 2.2, 2.3 and 3.0.

Sources: DCSA Track & Trace 2.2.0 (28 October 2021), 2.3.0, 3.0.0-Beta-1 (31 March 2023), and 3.0.0 as of January
2026 and of snapshot 20260525. A message is one event, an array of events, an object ``{"events": [...]}``, or an
array that mixes these; versions may mix as well, so each element's is told by its content. An event's position is a
JSON pointer (``/3``, ``/events/3``, ``/1/events/0``; empty for a single event). Each version has a name in the
registry, all are read by the same ``decode``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from cargo.domain.event import FormatError, Outcome, Problem
from cargo.formats.dcsa import tolerant
from cargo.formats.dcsa.events import outcome
from cargo.formats.dcsa.versions import BETA1, THREE, TWO, VERSIONS, Version, likely
from cargo.formats.dcsa.wire import WireEvent

__all__ = ["BETA1", "MEDIA_TYPES", "NAME", "THREE", "TWO", "VERSIONS", "decode", "slice", "sniff", "sniff_version"]

NAME = TWO.name
MEDIA_TYPES = ("application/json",)

_SNIFFED = 65536
_MARKS = (
    b'"eventClassifierCode"',
    b'"eventClassification"',
    b'EventTypeCode"',
    b'"eventCreatedDateTime"',
    b'"isRetracted"',
    b'"retractedEventID"',
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_POSITION = re.compile(
    r"(?:/events)?(?:/(?:0|[1-9][0-9]{0,6})){1,2}\Z|/(?:0|[1-9][0-9]{0,6})/events/(?:0|[1-9][0-9]{0,6})\Z"
)
# An ASCII character written as an escape can hide a key or a control character from the quick reading.
_ESCAPED_ASCII = re.compile(rb"\\u00[0-7]")
_OBJECT, _ARRAY = b"{", b"["


class _Wrapped(msgspec.Struct, gc=False):
    """``{"events": [...]}``; with one of the other keys it is an event itself."""

    events: list[msgspec.Raw] | None = None
    eventType: Any = None
    eventClassification: Any = None
    metadata: Any = None
    isRetracted: Any = None


_EVENT = msgspec.json.Decoder(WireEvent)
_EVENTS = msgspec.json.Decoder(list[WireEvent])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_WRAPPED = msgspec.json.Decoder(_Wrapped)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def sniff(data: bytes) -> bool:
    """Whether this looks like Track & Trace events of any version."""
    head = data[:_SNIFFED].removeprefix(_BYTE_ORDER_MARK).lstrip()
    return head[:1] in (_ARRAY, _OBJECT) and any(mark in head for mark in _MARKS)


def sniff_version(version: Version, data: bytes) -> bool:
    """Whether this looks like Track & Trace events, the first of which may be of this version."""
    return sniff(data) and likely(data[:_SNIFFED]) is version


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of a message in its order; a bad one is a problem and costs the others nothing.

    ``received_at`` is not needed: every time is written in full. Raises ``FormatError`` if the bytes are not
    JSON in UTF-8, or hold no events at all.
    """
    body = data.removeprefix(_BYTE_ORDER_MARK)
    first = body[:1]
    if first != _ARRAY and first != _OBJECT:
        first = body.lstrip()[:1]
        if not first:
            raise FormatError("the message is empty")
    if not body.isascii():
        _text(body)
    events = _quick(body, first)
    if events is not None:
        for index, event in enumerate(events):
            yield outcome(event, f"/{index}" if first == _ARRAY else "")
        return
    found = _elements_of(body, first)
    if found is None:
        yield from tolerant.read(_text(body))
        return
    base, elements = found
    for index, element in enumerate(elements):
        yield from _element(bytes(element), f"{base}/{index}")


def _quick(body: bytes, first: bytes) -> list[WireEvent] | None:
    """The events of an array, or the single one, if all are of 2.2 and have nothing unusual about them."""
    if b"\\" in body and _ESCAPED_ASCII.search(body):
        return None
    try:
        events = _EVENTS.decode(body) if first == _ARRAY else [_EVENT.decode(body)]
    except _UNREADABLE:
        return None
    for event in events:
        if event.eventType is None:
            return None
    count = len(events)
    for key in TWO.once:
        if body.count(key) > count:
            return None
    return events


def _elements_of(body: bytes, first: bytes) -> tuple[str, list[msgspec.Raw]] | None:
    """Where the elements stand and each one's bytes; nothing for a single event and for what only care can read."""
    try:
        if first == _ARRAY:
            return "", _ELEMENTS.decode(body)
        if first == _OBJECT and body.count(b'"events"') == 1 and not _ESCAPED_ASCII.search(body):
            root = _WRAPPED.decode(body)
            marked = (root.eventType, root.eventClassification, root.metadata, root.isRetracted)
            if root.events is not None and all(mark is None for mark in marked):
                return "/events", root.events
    except _UNREADABLE:
        pass
    return None


def _element(element: bytes, position: str) -> Iterator[Outcome]:
    version = likely(element)
    if not any(element.count(key) > 1 for key in version.once) and not _ESCAPED_ASCII.search(element):
        try:
            wire = version.decoder.decode(element)
        except _UNREADABLE:
            wire = None
        if wire is not None and version.sure(wire):
            yield version.read(wire, position)
            return
    try:
        yield from tolerant.read_element(_text(element), position)
    except FormatError as error:
        yield Problem(position=position, reason=str(error), format=version.name)


def slice(data: bytes, position: str) -> bytes:
    """The bytes of the one event at ``position``, as they came.

    Raises ``FormatError`` if the position is not one of this message.
    """
    body = data.removeprefix(_BYTE_ORDER_MARK).strip()
    if position == "":
        if body[:1] != _OBJECT:
            raise FormatError("not a position of this message", position)
        return body
    if _POSITION.match(position) is None:
        raise FormatError("not a position of this format", position[:80])
    steps = position[1:].split("/")
    try:
        if len(steps) == 1:
            return bytes(_ELEMENTS.decode(body)[int(steps[0])])
    except (*_UNREADABLE, IndexError):
        pass  # Only the tolerant reading can say where its elements are.
    try:
        return tolerant.element(_text(body), steps).encode()
    except (ValueError, RecursionError):
        raise FormatError("not a position of this message", position) from None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8: {error.reason}", f"byte {error.start}") from None
