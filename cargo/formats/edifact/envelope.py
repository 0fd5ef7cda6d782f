"""Interchanges and messages as they are read, and where a trailer does not agree with what there was.

Source: ISO 9735 versions 1 to 4 (UN/EDIFACT application level syntax rules): UNB, UNG, UNH, UNT, UNE, UNZ.
"""

from __future__ import annotations

import re
from datetime import datetime

from cargo.domain.event import Problem
from cargo.formats.edifact.separators import Separators, plain

NAME = "edifact"
_SHOWN = 40
_NOT_SHOWN = re.compile("[^ -~]")


class Interchange:
    """The envelope that messages stand in; ``number`` counts from 1. ``seen``: there was a UNB."""

    __slots__ = (
        "closed",
        "group",
        "groups",
        "header",
        "in_group",
        "messages",
        "number",
        "prepared",
        "seen",
        "separators",
        "syntax",
        "test",
    )

    def __init__(self, number: int, separators: Separators, header: list[str] | None = None) -> None:
        self.number = number
        self.separators = separators
        self.header = header or []
        self.seen = header is not None
        self.syntax = self.element(1)
        self.test = self.element(11) == "1"
        self.prepared = _prepared(self.element(4), self.element(4, 1))
        self.group: list[str] = []
        self.groups = self.messages = self.in_group = 0
        self.closed = False

    def element(self, index: int, component: int = 0) -> str:
        """A component of UNB, empty where nothing is said."""
        parts = self.header[index].split(":") if len(self.header) > index else []
        return parts[component] if len(parts) > component else ""


class Message:
    """One message: its segments with the standard separators, UNH first; ``number`` counts from 1 in the file.

    ``fault`` is why it cannot be read at all (it is too large): then it has its header only.
    """

    __slots__ = ("charset", "fault", "group", "interchange", "kind", "number", "reference", "segments", "warnings")

    def __init__(
        self, number: int, segments: list[str], interchange: Interchange, fault: Problem | None = None
    ) -> None:
        self.number = number
        self.segments = segments
        self.interchange = interchange
        self.warnings: list[str] = []
        self.charset = "ascii"
        self.fault = fault
        self.group = interchange.group
        header = segments[0].split("+")
        self.reference = header[1] if len(header) > 1 else ""
        self.kind = header[2].partition(":")[0] if len(header) > 2 else ""


def tag_of(segment: str) -> str:
    """The tag of a segment; empty where it begins with something else."""
    tag = segment[:3]
    return tag if tag.isascii() and tag.isalnum() else ""


def check_end(message: Message) -> None:
    """UNT: warns where its count and reference are not those of the message, or where there is none."""
    trailer = message.segments[-1].split("+")
    if trailer[0] != "UNT":
        message.warnings.append("message_end: UNT is missing, the message may be cut off")
        return
    said, named = ([*trailer, "", ""])[1:3]
    if _number(said) != len(message.segments):
        message.warnings.append(f"segment_count: UNT says {_shown(said)}, there are {len(message.segments)}")
    if named != message.reference:
        told = f"UNT says {_shown(named)}, UNH {_shown(message.reference)}"
        message.warnings.append(f"message_reference: {told}")


def disagreements(interchange: Interchange, trailer: list[str]) -> list[str]:
    """What UNE or UNZ counts and names otherwise than what there was, as warnings."""
    if trailer[0].startswith("UNE"):
        kind, header, opening = "group", interchange.group, "UNG"
        count, reference = interchange.in_group, header[5] if len(header) > 5 else ""
    else:
        kind, header, opening = "interchange", interchange.header, "UNB"
        count, reference = interchange.groups or interchange.messages, interchange.element(5)
    said, named = (trailer + ["", ""])[1:3]
    notes = []
    if _number(said) != count:
        notes.append(f"{kind}_count: {trailer[0][:3]} says {_shown(said)}, there are {count}")
    if header and named != reference:
        told = f"{trailer[0][:3]} says {_shown(named)}, {opening} {_shown(reference)}"
        notes.append(f"{kind}_reference: {told}")
    return notes


def _shown(text: str) -> str:
    return _NOT_SHOWN.sub("\ufffd", plain(text)[:_SHOWN]) or "nothing"


def _prepared(date: str, clock: str) -> datetime | None:
    """When the interchange was made, by its sender's clock; UNB names no zone."""
    whole = date if len(date) == 8 else f"20{date}"
    try:
        return datetime.fromisoformat(f"{whole}T{clock or '0000'}") if whole.isdigit() else None
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
