"""ONE Record (IATA): LogisticsEvent, StatusUpdateEvent and Notification in JSON-LD.

Source: the ONE Record API (2.2 to 2.3) and data model, ontologies of December 2023 to July 2026 (repository
IATA-Cargo/ONE-Record, MIT license); the codes of events are those of the list ``StatusCode``. Nothing is fetched: what
a message only names by its address is not known. So a notification that an object changed, or that an event was
received, without the event in it, is parked with the address to ask at.

An event's position is a JSON pointer (``/api:hasItem/1``; empty for a single event), or ``event[3]``, counted from 1,
where that would be too long. It is identified by its IRI, which servers never use again. Its waybill is found where the
document links it; else the event names the objects that it is about by their IRIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from cargo.domain.event import FormatError, Outcome, Parked
from cargo.formats.one_record import linked
from cargo.formats.one_record.events import NAME, is_event, outcome
from cargo.formats.one_record.linked import Document, Node

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff"]

TITLE = "ONE Record (events and notifications)"
MEDIA_TYPES = ("application/ld+json", "application/json")

_SNIFFED = 65536
# A context may stand elsewhere; then the names that everybody uses tell.
_MARKS = (b"onerecord.iata.org/", b"onerecord.iata.org\\/", b'"cargo:LogisticsEvent"', b'"cargo:StatusUpdateEvent"')
_NUMBERED = re.compile(r"event\[([1-9][0-9]{0,6})\]\Z")
_LONGEST_POINTER = 180
_SHOWN = 300


def sniff(data: bytes) -> bool:
    """Whether this is JSON that names a vocabulary of ONE Record."""
    head = data[:_SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in (b"{", b"[") and any(mark in head for mark in _MARKS)


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of a document in its order; a notification without one is parked, and so is everything else.

    ``received_at`` is not needed: every time is written in full. Raises ``FormatError`` if the bytes are not JSON in
    UTF-8 or hold no object.
    """
    document = Document(data)
    told = set[str]()
    events = [node for node in document.nodes if is_event(node)]
    for number, node in enumerate(events, start=1):
        yield outcome(document, node, _position(node, number))
        told.add(node.id or "")
    for node in document.nodes:
        if "Notification" in node.types:
            yield from _notification(document, node, told)
    if not events and not any("Notification" in node.types for node in document.nodes):
        yield _other(document)


def slice(data: bytes, position: str) -> bytes:
    """The bytes of the one event at ``position``, as they came.

    Raises ``FormatError`` if the position is not one of this message.
    """
    numbered = _NUMBERED.match(position)
    if numbered is not None:
        events = [node for node in Document(data).nodes if is_event(node)]
        if int(numbered[1]) > len(events):
            raise FormatError("not a position of this message", position)
        position = events[int(numbered[1]) - 1].pointer
    elif position and not position.startswith("/"):
        raise FormatError("not a position of this format", position[:80])
    return linked.element(data, position)


def _position(node: Node, number: int) -> str:
    return node.pointer if len(node.pointer) <= _LONGEST_POINTER else f"event[{number}]"


def _notification(document: Document, node: Node, told: set[str]) -> Iterator[Parked]:
    """A notification whose event is not in the document: what happened to which object, and where to ask for it."""
    inside = document.follow(node, "hasLogisticsEvent") + document.follow(node, "hasLogisticsObject")
    if any(is_event(each) for each in inside):
        return
    kind = linked.last(node.text("hasEventType"))[:80] or "a change"
    about = node.text("hasLogisticsObject") or "an object that it does not name"
    received = node.text("hasLogisticsEvent")
    if received and received in told:
        return
    reason = f"notification {kind} of {about[:_SHOWN]}" + (f"; the event is at {received[:_SHOWN]}" if received else "")
    yield Parked(position=node.pointer, reason=f"{reason}; not in the message", format=NAME)


def _other(document: Document) -> Parked:
    """A document without events: a collection that is empty, or another object."""
    first = document.nodes[0] if document.nodes else None
    kinds = ", ".join(sorted(first.types))[:_SHOWN] if first is not None else ""
    if first is not None and "Collection" in first.types:
        return Parked(position=first.pointer, reason="a collection without events", format=NAME)
    named = f" {first.id[:_SHOWN]}" if first is not None and first.id else ""
    return Parked(position="", reason=f"ONE Record {kinds or 'document'}{named}: no event in it", format=NAME)
