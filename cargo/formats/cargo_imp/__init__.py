"""IATA Cargo-IMP: status updates (FSU) and status answers (FSA), versions 12 to 16.

Source: IATA Cargo Interchange Message Procedures, 34th edition, chapters FSA and FSU (version 15; 12 is that of the
26th edition, 14 that of the 31st). Version 16 adds DPU, FIW, FOW and DOC, whose layout is not public: they are read
like their kin. A file holds any number of messages, each with or without the header of the network that carried it.

Times are local to the airport, without a zone; day and month have no year. It comes from when the message was sent
(its envelope), else from ``received_at``, else from the dated line of its own security information; else the event
has no time and says so. Other message types are parked and named.

Positions: ``line 4`` (counted from 1) for a status, ``line 4 departure`` and ``line 4 arrival`` for the times of its
flight. ``part`` is ``8/20``: eight pieces of the twenty of the waybill, whose total is in ``context``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from cargo.domain.event import FormatError, Outcome, Parked, Problem
from cargo.formats.cargo_imp import envelope
from cargo.formats.cargo_imp.blocks import Block, blocks
from cargo.formats.cargo_imp.envelope import STATUS_TYPES, Line, Message
from cargo.formats.cargo_imp.events import Sent, outcomes

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff"]

NAME = "cargo_imp"
TITLE = "IATA Cargo-IMP (FSU, FSA)"
MEDIA_TYPES = ("text/plain",)
VERSIONS = frozenset({"12", "13", "14", "15", "16"})
MAX_BYTES = 64 * 1024 * 1024

_SNIFFED = 65536
_LINES_SNIFFED = 60
_POSITION = re.compile(r"line ([1-9][0-9]{0,8})(?: departure| arrival)?\Z")
_IN_EDIFACT = re.compile(rb"\+CIM(?:" + "|".join((*STATUS_TYPES, *envelope.OTHER_TYPES)).encode() + rb")[:+']")
_REASON = re.compile(r"ACK/(.{1,200})")
_SHOWN = 60


def sniff(data: bytes) -> bool:
    """Whether a message of Cargo-IMP begins here, possibly behind the header of a network."""
    head = data[:_SNIFFED]
    if head.lstrip()[:1] in (b"<", b"{", b"["):
        return False
    if head.lstrip().startswith((b"UNB", b"UNA")):
        return (
            re.search(rb"\bCIM(?:%s)[:+']" % "|".join((*STATUS_TYPES, *envelope.OTHER_TYPES)).encode(), head)
            is not None
        )
    label = ""
    for line in envelope.lines_of(head):
        if line.number > _LINES_SNIFFED:
            return False
        name, _, version = line.text.partition("/")
        numbered = version.isascii() and version.isdigit() and len(version) <= 3
        if (name in STATUS_TYPES or name in envelope.OTHER_TYPES) and (
            numbered or (not version and (label == "=SMI" or name in envelope.ANSWERS))
        ):
            return True
        label = line.text
    return False


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of every status message, in their order; other messages are parked, what cannot be read is a problem.

    ``received_at`` (aware) tells the year where the message's envelope does not. Raises ``FormatError`` if there is no
    message at all.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"the message has {len(data)} bytes, more than {MAX_BYTES}")
    if not data.strip():
        raise FormatError("the message is empty")
    seen = False
    for message in envelope.messages(data):
        seen = True
        yield from _message(message, received_at)
    if not seen:
        raise FormatError("no Cargo-IMP message begins here", "line 1")


def slice(data: bytes, position: str) -> bytes:
    """The consignment's line and the status with what continues it; nothing of other consignments or statuses.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    number = int(found[1])
    for message in envelope.messages(data[:MAX_BYTES]):
        if message.type not in STATUS_TYPES:
            continue
        for block in blocks(message):
            if isinstance(block, Block) and (block.status or block.heading).number == number:
                return b"\n".join(line.raw for line in (block.heading, *block.lines))
    raise FormatError("not a position of this message", position)


def _message(message: Message, received_at: datetime | None) -> Iterator[Outcome]:
    position = f"line {message.begins.number}"
    if message.type not in STATUS_TYPES:
        yield Parked(position=position, reason=_other(message), format=NAME)
        return
    sent = _sent(message, received_at)
    strange: list[Line] = []
    seen = False
    for block in blocks(message):
        if isinstance(block, Line):
            strange.append(block)
            continue
        seen = True
        yield from outcomes(block, sent)
    if not seen:
        reason = f"{message.type} without a consignment: the line with the air waybill is missing or cannot be read"
        yield Problem(position=position, reason=reason, format=sent.name)
    elif strange:
        shown, more = strange[0], len(strange) - 1
        reason = f"not a line of a status message: {shown.text[:_SHOWN]!r}" + (f" and {more} more" if more else "")
        yield Parked(position=f"line {shown.number}", reason=reason, format=sent.name)


def _sent(message: Message, received_at: datetime | None) -> Sent:
    warnings = []
    if message.version not in VERSIONS:
        warnings.append(f"version_unknown: {message.type}/{message.version or '(none)'} is read like version 15")
    header = message.header
    if header.from_edifact and header.sent is None:
        warnings.append("reported_time: the envelope's time has no offset, taken as UTC")
    name = f"{NAME}.{message.type.lower()}"
    return Sent(name, header.reported_at(received_at), envelope.known(received_at), tuple(warnings))


def _other(message: Message) -> str:
    """What a message that is not read is about; of a rejection or acknowledgment also why, and of what."""
    kind = envelope.OTHER_TYPES.get(message.type, "a type that is not known")
    shown = f"{message.type}/{message.version}" if message.version else message.type
    if message.type not in envelope.ANSWERS:
        return f"Cargo-IMP {shown}, {kind}: not read"
    reasons = [found[1] for line in message.lines if (found := _REASON.match(line.text)) is not None]
    about = next((line.text for line in message.lines if re.fullmatch(r"[A-Z]{3}/[0-9]{1,3}", line.text)), "a message")
    return f"Cargo-IMP {shown}, {kind} of {about}" + (f": {'; '.join(reasons)[:300]}" if reasons else "")
