"""The segments behind an event: its own, and those of its transaction's head that make them readable.

A transaction that tells of several consignments (loops of LX, P4, X4, N7) is cut so that nothing of the others stays.
"""

from __future__ import annotations

import io
import re
from typing import NamedTuple

from cargo.domain.event import FormatError
from cargo.formats.x12.envelope import bodies
from cargo.formats.x12.equipment import named
from cargo.formats.x12.parts import fields

_POSITION = re.compile(
    r"(ISA[0-9]{1,9}/GS[0-9]{1,9}/ST[0-9]{1,9}/)([A-Z0-9]{2,3})@([0-9]{1,9})(?:/([A-Z0-9]{2,3})@([0-9]{1,9}))?\+?\Z"
)
# Where the head of a transaction ends and its loops begin.
_LOOPS = frozenset({"P4", "LX", "X4", "V9", "BA1"})
_STATUSES = {"214": "AT7", "350": "X4 V9"}
_OF_STATUS = frozenset({"MS1", "MS2", "M7", "K1", "N7", "N9"})
_BOX_NUMBERS = ("EQ", "OC")
_OF_BOX = frozenset({"DTM", "M7", "W2", "VC", "N5", "NA", "GR5", "L3", "IC"})


class Segment(NamedTuple):
    """A segment and its tag."""

    tag: str
    text: str


def slice(data: bytes, position: str) -> bytes:
    """The segments of the event at ``position`` in UTF-8, one a line, each with its terminator.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    for frame, body in bodies(io.BytesIO(data)):
        if frame.prefix == found[1] and isinstance(body, str):
            element, end = frame.element, frame.header.segment
            segments = [Segment(part.partition(element)[0], part) for part in f"ST{element}{body}".split(end)]
            kept = _kept(segments, _index(segments, found[2], found[3]), frame.kind, found, element)
            line_end = "" if end == "\n" else "\n"
            return line_end.join(segments[index].text + end for index in kept).encode()
    raise FormatError("not a position of this message", position[:80])


def _index(segments: list[Segment], tag: str, number: str) -> int:
    """Where the segment stands that a position names, from 0. Raises ``FormatError`` if it is not there."""
    index = int(number) - 1
    if not 0 <= index < len(segments) or segments[index].tag != tag:
        raise FormatError("not a position of this message", f"{tag}@{number}")
    return index


def _kept(segments: list[Segment], index: int, kind: str, found: re.Match[str], element: str) -> list[int]:
    """Which segments stay, counted from 0."""
    everything = range(len(segments))
    if found[4]:
        return _of_box(segments, _index(segments, found[4], found[5]), element)
    if kind not in ("214", "309", "350", "355"):
        return list(everything)
    tags = [segment.tag for segment in segments]
    first = next((each for each in everything if tags[each] in _LOOPS), len(segments))
    if index < first:
        return [each for each in everything if each < first or tags[each] == "K3"]
    kept = set(range(first))
    port = max((each for each in range(first, index + 1) if tags[each] == "P4"), default=-1)
    if port >= 0:
        kept |= set(range(port, _next(tags, port + 1, _LOOPS | {"K3"})))
    statuses = _STATUSES.get(kind, "").split()
    loop = max((each for each in range(first, index + 1) if tags[each] == "LX"), default=-1)
    if loop > port:
        kept |= set(range(loop, _next(tags, loop + 1, frozenset({"LX", "P4", "K3"}))))
        for each in range(loop, len(segments)):
            if tags[each] in statuses and each != index:
                kept -= set(range(each, _after(tags, each + 1)))
    if statuses:
        kept |= set(range(index, _after(tags, index + 1)))
    return sorted(kept | {each for each in everything if tags[each] == "K3"})


def _next(tags: list[str], start: int, ends: frozenset[str]) -> int:
    return next((each for each in range(start, len(tags)) if tags[each] in ends), len(tags))


def _after(tags: list[str], start: int) -> int:
    """Where the segments end that belong to a status."""
    return next((each for each in range(start, len(tags)) if tags[each] not in _OF_STATUS), len(tags))


def _of_box(segments: list[Segment], box: int, element: str) -> list[int]:
    """Without what names another box than the one whose segment is ``box``, or belongs to such a one."""
    number = _number(segments[box], element)
    kept: list[int] = []
    other = False
    for index, segment in enumerate(segments):
        tag = segment.tag
        if tag in ("N7", "W2"):
            named_other = index != box and _number(segment, element)[:10] != number[:10]
            other = named_other if tag == "N7" else other
            if not named_other:
                kept.append(index)
            continue
        elif tag == "N9" and segments[box].tag == "N9":
            if index != box and fields(segment.text, element, 2)[1] in _BOX_NUMBERS:
                continue
        elif tag not in _OF_BOX:
            other = False
        if not (other and tag in _OF_BOX):
            kept.append(index)
    return kept


def _number(segment: Segment, element: str) -> str:
    given = fields(segment.text, element, 18)
    digit = given[18] if segment.tag == "N7" else given[13]
    return named(given[1], given[2], digit, "", "").number
