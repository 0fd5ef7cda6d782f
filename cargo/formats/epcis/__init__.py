"""GS1 EPCIS 2.0 (JSON-LD): events of objects that speak of cargo.

Source: GS1 EPCIS and CBV 2.0 (ratified June 2022). A message is a document with an event list, the results of a query,
one bare event, or an array of these. Events that name a container (BIC code), a logistic unit (SSCC), a returnable
asset (GRAI), a shipment or consignment (GSIN, GINC), a bill, an order, an invoice or an advice are read; the others are
parked. An event's position is a JSON pointer (``/epcisBody/eventList/3``, ``/3``; empty for a bare event), of one
container among several the pointer to its code. XML of EPCIS 1.x is parked and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from cargo.domain.event import FormatError, Outcome, Parked, Problem
from cargo.formats.epcis.events import KINDS, NAME, read

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff"]

TITLE = "GS1 EPCIS 2.0"
MEDIA_TYPES = ("application/ld+json", "application/json")

_SNIFFED = 65536
_MARKS = (b'"EPCISDocument"', b'"EPCISQueryDocument"', b'"epcisBody"', b'"eventTimeZoneOffset"')
_TYPES = tuple(f'"{kind}"'.encode() for kind in KINDS)
_XML_MARKS = (b"EPCISDocument", b"EPCISQueryDocument")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Where events stand: in a document, in one of a single event, in a query's results.
_LISTS = (("eventList",), ("queryResults", "resultsBody", "eventList"))
_LONGEST_POSITION = 200
# The steps to an event, and those from there to one container's code.
_POSITION = re.compile(
    r"((?:/(?:[0-9]{1,7}|epcisBody|eventList|queryResults|resultsBody))*)"
    r"(?:/(?:epcList|childEPCs|inputEPCList|outputEPCList)/[0-9]{1,7}|/parentID)?\Z"
)

_ANY = msgspec.json.Decoder()
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def sniff(data: bytes) -> bool:
    """Whether this looks like EPCIS events, in JSON or in the XML that is only parked."""
    head = data[:_SNIFFED].removeprefix(_BYTE_ORDER_MARK).lstrip()
    if head[:1] == b"<":
        return any(mark in head for mark in _XML_MARKS)
    if head[:1] not in (b"{", b"["):
        return False
    return any(mark in head for mark in _MARKS) or (b'"eventTime"' in head and any(kind in head for kind in _TYPES))


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of a message in its order; a bad one is a problem and costs the others nothing.

    ``received_at`` is not needed: every time is written in full. Raises ``FormatError`` if the bytes are not JSON in
    UTF-8, or hold neither a document nor events.
    """
    body = data.removeprefix(_BYTE_ORDER_MARK).strip()
    if not body:
        raise FormatError("the message is empty")
    if body[:1] == b"<" and sniff(body):
        yield Parked(position="/", reason="EPCIS 1.x in XML: only JSON of EPCIS 2.0 is read", format=NAME)
        return
    try:
        body.decode("utf-8")
        if body[:1] == b"[":
            roots = [(f"/{index}", root) for index, root in enumerate(_ARRAY.decode(body))]
        else:
            roots = [("", msgspec.Raw(body))]
            _OBJECT.decode(body)
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8: {error.reason}", f"byte {error.start}") from None
    except msgspec.ValidationError:
        raise FormatError("the message is neither an EPCIS document nor events") from None
    except msgspec.DecodeError as error:
        raise FormatError(f"not well-formed JSON: {error}") from None
    except RecursionError:
        raise FormatError("the message is nested too deeply") from None
    for position, root in roots:
        yield from _root(root, position)


def _root(root: msgspec.Raw, position: str) -> Iterator[Outcome]:
    """A document's events, or the one bare event."""
    try:
        fields = _OBJECT.decode(root)
    except _UNREADABLE:
        yield Problem(position=position or "/", reason="neither an EPCIS document nor an event", format=NAME)
        return
    if "epcisBody" not in fields:
        yield from _event(root, position)
        return
    found = _events(fields["epcisBody"])
    if found is None:
        yield Parked(position=f"{position}/epcisBody", reason="an EPCIS document without events", format=NAME)
        return
    path, events = found
    for index, event in enumerate(events):
        yield from _event(event, f"{position}/epcisBody/{path}/{index}")


def _events(body: msgspec.Raw) -> tuple[str, list[msgspec.Raw]] | None:
    """The list of events in a document's body and its path there."""
    for path in _LISTS:
        raw = body
        try:
            for step in path:
                raw = _OBJECT.decode(raw)[step]
            return "/".join(path), _ARRAY.decode(raw)
        except (*_UNREADABLE, KeyError):
            continue
    return None


def _event(raw: msgspec.Raw, position: str) -> Iterator[Outcome]:
    try:
        event: Any = _ANY.decode(raw)
    except _UNREADABLE as error:
        yield Problem(position=position or "/", reason=f"not well-formed JSON: {error}"[:200], format=NAME)
        return
    yield from read(event, position)


def slice(data: bytes, position: str) -> bytes:
    """The bytes of the one event at ``position``, as they came; of one container's among several, the whole event.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position[:_LONGEST_POSITION])
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    raw = msgspec.Raw(data.removeprefix(_BYTE_ORDER_MARK).strip())
    try:
        for step in found[1].split("/")[1:]:
            raw = _ARRAY.decode(raw)[int(step)] if step.isdigit() else _OBJECT.decode(raw)[step]
        _OBJECT.decode(raw)
        return bytes(raw)
    except (*_UNREADABLE, KeyError, IndexError):
        raise FormatError("not a position of this message", position) from None
