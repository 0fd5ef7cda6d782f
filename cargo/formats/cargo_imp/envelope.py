"""From bytes to messages: lines, the headers of the networks that carry them, and which message begins where.

Headers that are read: Type B (priority and addresses, ``.ORIGIN 200739``), its labeled form (``=HEADER``, ``=ORIGIN``
and so on), and the EDIFACT envelope of community systems (``UNB+IATA…'UNH+1+CIMFSU:14'``). Source: Cargo-IMP manual,
34th edition, chapter 1 sections 4.9 (split messages), 7 (PDM), 10 and 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

MAX_LINE = 2000
# No covering text is longer than this: what has no message by then is something else.
_LINES_BEFORE = 5000

# Message types of the manual that are not read here; what they are about.
OTHER_TYPES = {
    "FAD": "discrepancy advice",
    "FBL": "booking list",
    "FBR": "booking list request",
    "FCC": "charges correction request",
    "FDA": "discrepancy answer",
    "FDD": "dangerous goods declaration",
    "FFA": "space allocation answer",
    "FFC": "space allocation change",
    "FFM": "flight manifest",
    "FFR": "space allocation request",
    "FHL": "consolidation list (house waybills)",
    "FMA": "acknowledgment",
    "FMB": "embargo",
    "FNA": "rejection",
    "FPA": "product status answer",
    "FPR": "product status request",
    "FPU": "product status update",
    "FRH": "request to hold",
    "FRP": "irregularity report",
    "FSB": "substitute air waybill",
    "FSC": "customs status",
    "FSH": "shipment held",
    "FSI": "customs status information",
    "FSN": "customs status notification",
    "FSR": "status request",
    "FUM": "unit load device manifest",
    "FVA": "schedule answer",
    "FVR": "schedule request",
    "FWB": "air waybill",
    "FWC": "charges correction acknowledgment",
    "FWR": "air waybill request",
    "FXH": "cancellation of a hold",
    "FZB": "air waybill with charges",
}
STATUS_TYPES = ("FSU", "FSA")
# These two carry the message that they answer.
ANSWERS = ("FMA", "FNA")

_BREAK = re.compile(rb"\r\n|\n|\r")
_BREAK_IN_EDIFACT = re.compile(rb"'(?:\r\n|\n|\r)?|\r\n|\n|\r")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ufffd]")
_TYPE = re.compile(r"([A-Z]{3})(?:/([0-9]{1,3}))?\Z")
_PRIORITY = re.compile(r"Q[A-Z](?: |\Z)")
_ADDRESSES = re.compile(r"[A-Z]{3}[A-Z0-9]{4,5}(?: [A-Z]{3}[A-Z0-9]{4,5})*\Z")
_ORIGIN = re.compile(r"\.([A-Z]{3}[A-Z0-9]{4,5})(?: (.{1,200}))?\Z")
_SENT = re.compile(r"(?<![0-9])([0-9]{6})(?![0-9])")
_LABEL = re.compile(r"=(HEADER|PRIORITY|DESTINATION TYPE B|ORIGIN|DBLSIG|MSGID|SMI|TEXT)\Z")
_RECEIVED = re.compile(r"=?(?:RCV|SND),([0-9]{4})/([0-9]{1,2})/([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2})")
_SAME_INTERCHANGE = ("UNH+", "UNT+", "UNZ+")
_SEGMENT = re.compile(r"UN[ABGHETZ][+:]")
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
_CENTURY = 2000
_BOUNDS = ("ZCZC", "NNNN", "=END")
_BACK = timedelta(days=62)
_AHEAD = timedelta(days=1)


def known(received_at: datetime | None) -> datetime | None:
    """A time of receipt by which years can be told; ``None`` for one that no clock can have given."""
    plausible = received_at is not None and _FIRST_YEAR <= received_at.year <= _LAST_YEAR
    return received_at if plausible else None


class Line(NamedTuple):
    """A line with its number in the file (from 1), its bytes as they came and its text, cleaned."""

    number: int
    raw: bytes
    text: str


class Header(msgspec.Struct):
    """What an envelope tells. ``dated`` (UTC) has its year; ``sent`` is day, hour and minute (UTC) without a month.

    ``label`` is the last label read, ``type`` the message's type where it stands under a label of its own.
    """

    dated: datetime | None = None
    from_edifact: bool = False
    sent: tuple[int, int, int] | None = None
    label: str = ""
    type: tuple[str, str] | None = None

    def reported_at(self, received_at: datetime | None) -> datetime | None:
        """When the message was sent, as far as the envelope says; the month of ``sent`` by the time of receipt."""
        anchor = self.dated or known(received_at)
        if self.sent is None or anchor is None:
            return self.dated if self.from_edifact else None
        day, hour, minute = self.sent
        latest = anchor.astimezone(UTC) + _AHEAD
        moment = latest.replace(second=0, microsecond=0)
        while moment > latest - _BACK:
            if moment.day == day:
                found = moment.replace(hour=hour, minute=minute)
                if found <= latest:
                    return found
            moment -= timedelta(days=1)
        return None


class Message(msgspec.Struct):
    """One message: its type (``FSU``), its version as written, the line it begins on, and its lines after that one."""

    type: str
    version: str
    begins: Line
    header: Header
    lines: list[Line]


def lines_of(data: bytes) -> Iterator[Line]:
    """The lines; in an EDIFACT envelope the segment's end is a line's end too."""
    edifact = data[:400].lstrip(b" \t\r\n\x00\x01\x02").startswith((b"UNB", b"UNA"))
    for number, raw in enumerate((_BREAK_IN_EDIFACT if edifact else _BREAK).split(data), start=1):
        text = raw[:MAX_LINE].decode("utf-8", "replace")
        yield Line(number, raw, _UNPRINTABLE.sub(" ", text).strip())


def messages(data: bytes) -> Iterator[Message]:
    """The messages in their order. What stands outside of them (addresses, covering text) is passed over."""
    header, current, heading, embedded, begun = Header(), None, True, False, False
    for line in lines_of(data):
        text = line.text
        if not begun and line.number > _LINES_BEFORE:
            return
        if not text:
            continue
        if _begins_header(text):
            if current is not None:
                yield current
            # The messages of an interchange share its header.
            if not heading and not text.startswith(_SAME_INTERCHANGE):
                header = Header()
            current, heading = None, True
        if heading and _read_header(text, header):
            continue
        found = _type_of(text, heading)
        if found is None and current is None and header.type is not None and header.label == "TEXT":
            current, heading, header.type, begun = Message(*header.type, line, header, [line]), False, None, True
            continue
        if found is not None and current is not None and current.type in ANSWERS and not embedded:
            embedded, found = True, None
        if found is not None:
            if current is not None:
                yield current
            current = Message(found[0], found[1], line, header, [])
            heading, embedded, begun = False, False, True
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        yield current


def _type_of(text: str, heading: bool) -> tuple[str, str] | None:
    """Type and version of the message that begins here. An unknown type counts only where a message is due."""
    found = _TYPE.match(text)
    if found is None:
        return None
    name, version = found[1], found[2] or ""
    if name in STATUS_TYPES or name in OTHER_TYPES:
        return name, version
    return (name, version) if heading and version else None


def _begins_header(text: str) -> bool:
    return (
        text in _BOUNDS
        or text == "=HEADER"
        or text.startswith(("UNB+", "UNA:", "UNH+", "UNT+", "UNZ+"))
        or (_PRIORITY.match(text) is not None and _ADDRESSES.match(text[2:].strip() or "AAAAAAA") is not None)
        or (_ORIGIN.match(text) is not None)
    )


def _read_header(text: str, header: Header) -> bool:
    """Whether the line is one of a header; what it tells goes into ``header``."""
    labeled = _LABEL.match(text)
    if labeled is not None:
        header.label = labeled[1]
        return True
    received = _RECEIVED.match(text)
    if received is not None:
        header.dated = _moment(*map(int, received.groups()))
        return True
    if _SEGMENT.match(text):
        if text.startswith("UNB+"):
            _read_interchange(text, header)
        return True
    origin = _ORIGIN.match(text)
    if origin is not None:
        header.sent = _sent(origin[2] or "")
        return True
    if header.label == "MSGID":
        header.sent, header.label = _sent(text), ""
        return True
    if header.label == "SMI":
        header.type, header.label = _type_of(text, heading=False), ""
        return True
    return (
        text in _BOUNDS
        or text == "PDM"
        or _PRIORITY.match(text) is not None
        or _ADDRESSES.match(text) is not None
        or text.startswith("STX,")
    )


def _read_interchange(text: str, header: Header) -> None:
    """Date and time of preparation (``YYMMDD:HHMM``), the fifth element of UNB."""
    elements = text[:400].split("+")
    stamp = elements[4].replace(":", "") if len(elements) > 4 else ""
    if len(stamp) == 10 and stamp.isascii() and stamp.isdigit():
        year, month, day, hour, minute = (int(stamp[at : at + 2]) for at in range(0, 10, 2))
        header.dated = _moment(_CENTURY + year, month, day, hour, minute)
        header.from_edifact = header.dated is not None


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _sent(text: str) -> tuple[int, int, int] | None:
    """Day, hour and minute of a date and time group (``200739``)."""
    found = _SENT.search(text)
    if found is None:
        return None
    day, hour, minute = (int(found[1][at : at + 2]) for at in (0, 2, 4))
    return (day, hour, minute) if 1 <= day <= 31 and hour < 24 and minute < 60 else None
