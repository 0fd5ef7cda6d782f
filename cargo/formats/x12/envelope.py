"""From bytes to transactions: interchanges, groups and transactions, block by block, in linear time and flat memory.

Source: ASC X12.5 and X12.6, releases 004010 and 005010. Wrong counts and unequal control numbers are warnings, since
real messages are full of them; GE and IEA come last, so theirs stand on the last transaction before them. A position is
``ISA1/GS2/ST3/B4@2``: interchange, group in it, transaction in that, and the segment with its number in the transaction
(ST is 1, as AK302 of an acknowledgment counts).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from cargo.domain.event import FormatError, Parked, Problem
from cargo.formats.x12.header import Header, read_header
from cargo.formats.x12.regions import REPLACED, Regions
from cargo.formats.x12.times import moment

NAME = "x12"
MAX_SEGMENT = 1 << 16
MAX_SEGMENTS = 100_000
# A few segments can tell of many boxes at many ports: how much a transaction may tell, by its length, and what an event
# weighs in that beside its numbers.
_WEIGHT_OF_ANY = 50_000
_WEIGHT_OF_CHARACTER = 4
_WEIGHT_OF_EVENT = 20
_MOST_WARNINGS = 10
_NO_GROUP = [""] * 9
# Of what is remembered, in characters of its text; what is made of a text takes some thirty times its size.
_MEMORY_SIZE = 1_500_000


class Memory:
    """What was read before, by its text: emptied when it grows too large."""

    __slots__ = ("room", "texts")

    def __init__(self) -> None:
        self.texts: dict[str, Any] = {}
        self.room = _MEMORY_SIZE

    def keep(self, text: str, value: Any) -> None:
        """Remember a value by its text."""
        self.take(len(text))
        self.texts[text] = value

    def take(self, size: int) -> None:
        """Count what belongs to something that is remembered."""
        self.room -= size
        if self.room < 0:
            self.texts.clear()
            self.room = _MEMORY_SIZE


class Frame:
    """What stands around a transaction; one object that moves on through an interchange.

    ``prefix`` is the transaction's position and a slash, ``control`` is ST02, ``warnings`` say what is wrong with its
    envelope. ``told`` is the group's own time (GS04, GS05), ``told_text`` the same in ISO form; it has no zone.
    ``release`` is GS08, ``sender`` and ``receiver`` are GS02 and GS03. ``memory`` holds texts read before.
    ``vessel`` and ``ports`` are how a Q2 and an R4 segment begin.
    """

    __slots__ = (
        "component", "control", "element", "functional", "group_control", "groups", "header", "interchange", "kind",
        "memory", "number", "ports", "prefix", "receiver", "release", "segment", "sender", "start", "told", "told_text",
        "vessel", "warnings", "weight_left",
    )  # fmt: skip

    def __init__(self, header: Header, interchange: int, memory: Memory) -> None:
        self.header = header
        self.element = header.element
        self.component = header.component
        self.segment = header.segment
        self.vessel = f"{header.segment}Q2{header.element}"
        self.ports = f"{header.segment}R4{header.element}"
        self.interchange = interchange
        self.memory = memory
        self.groups = 0
        self.kind = self.control = ""
        self.warnings: tuple[str, ...] = ()
        self.weight_left = 0
        self._group(_NO_GROUP, 0)

    def open_group(self, elements: list[str]) -> None:
        """Begin a group with the elements of its GS segment."""
        self.groups += 1
        self._group([*elements, *_NO_GROUP], self.groups)

    def _group(self, given: list[str], number: int) -> None:
        self.functional, self.sender, self.receiver = given[1].strip(), given[2].strip(), given[3].strip()
        self.told = moment(given[4], given[5])
        self.told_text = self.told.local.isoformat() if self.told is not None else ""
        self.group_control, self.release = given[6].strip(), given[8].strip()
        self.number = 0
        self.start = f"ISA{self.interchange}/GS{number}/ST"
        self.prefix = f"{self.start}0/"

    def open_transaction(self, kind: str, control: str) -> None:
        """Begin the next transaction of the group."""
        self.number += 1
        self.prefix = f"{self.start}{self.number}/"
        self.kind, self.control = kind, control
        self.warnings = ()

    def allow(self, body: str) -> None:
        """Begin to count what this transaction tells."""
        self.weight_left = _WEIGHT_OF_ANY + _WEIGHT_OF_CHARACTER * len(body)

    def weigh(self, numbers: int, events: int = 1) -> None:
        """Count so many events, each with so many numbers. Raises ``FormatError`` when a transaction tells too much."""
        self.weight_left -= events * (_WEIGHT_OF_EVENT + numbers)
        if self.weight_left < 0:
            raise FormatError("the transaction tells of more than can be read at once", self.prefix[:-1])

    def at(self, number: int, tag: str) -> str:
        """The position of a segment, by its number in the transaction (ST is 1)."""
        return f"{self.prefix}{tag}@{number}"


Body = str | Parked | Problem


def bodies(file: BinaryIO) -> Iterator[tuple[Frame, Body]]:
    """Each transaction's text, from ``315*0001`` (ST without its tag) to the last segment before SE.

    Or a problem or parked part in its place. The frame is one object for a whole interchange: what is needed of it must
    be taken before the next item is asked for. Raises ``FormatError`` if the file does not begin with an interchange.
    """
    regions = Regions(file)
    memory = Memory()
    separators: tuple[str, str, str | None] = ("", "", None)
    interchange = 0
    while opening := regions.opening():
        interchange += 1
        try:
            header = read_header(opening)
        except FormatError as error:
            if interchange == 1:
                raise
            reason = f"not an interchange: {error.reason}"
            yield _NOWHERE, Problem(position=f"ISA{interchange}", reason=reason, format=NAME)
            return
        if (header.element, header.segment, header.component) != separators:
            memory, separators = Memory(), (header.element, header.segment, header.component)
        frame = Frame(header, interchange, memory)
        yield from _Interchange(frame).read(regions)
    if not interchange:
        raise FormatError("the message is empty")


_NOWHERE = Frame(Header("*", None, None, "~", 0, ("",) * 15), 0, Memory())


class _Interchange:
    """Takes the regions of one interchange apart."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.element, self.segment = frame.header.element, frame.header.segment
        self.closed = False
        self.seen = False

    def read(self, regions: Regions) -> Iterator[tuple[Frame, Body]]:
        """Transactions as they should be are cut off here; all others by ``_unusual``."""
        frame, element, segment, opening = self.frame, self.element, self.segment, f"{self.segment}ST{self.element}"
        closing = f"{segment}SE{element}"
        for text, last in regions.cut(frame.header):
            if text is None:
                self.seen = True
                yield frame, self._too_long()
                continue
            lead, *chunks = (segment + text).split(opening)
            if len(lead) > 1:
                yield from self._between(lead.split(segment))
            self.seen = self.seen or bool(chunks)
            ends = len(chunks) - 1 if last else -1
            plain = not regions.spoiled
            for index, chunk in enumerate(chunks):
                kind, _, control = chunk[: chunk.find(segment)].partition(element)
                end = chunk.rfind(closing)
                if (
                    plain
                    and index != ends
                    and end > 0
                    and len(chunk) <= MAX_SEGMENT
                    and chunk[end:] == f"{closing}{chunk.count(segment) + 1}{element}{control}"
                ):
                    frame.open_transaction(kind, control)
                    yield frame, chunk[:end]
                else:
                    yield from self._unusual(chunk, index == ends, regions.spoiled)
        if not self.seen:
            position = f"ISA{frame.interchange}"
            if self.closed:
                yield frame, Parked(position=position, reason="the interchange holds no transaction", format=NAME)
            else:
                yield frame, Problem(position=position, reason="the interchange is cut off", format=NAME)

    def _unusual(self, chunk: str, final: bool, spoiled: bool) -> Iterator[tuple[Frame, Body]]:
        """``chunk`` begins after ``ST*``; what follows SE in it belongs to the group and the interchange."""
        frame, element, segment = self.frame, self.element, self.segment
        if len(chunk) > MAX_SEGMENT and chunk.count(segment) > MAX_SEGMENTS:
            yield frame, self._too_long(f"more than {MAX_SEGMENTS} segments")
            return
        segments = chunk.split(segment)
        kind, _, rest = segments[0].partition(element)
        frame.open_transaction(kind.strip(), rest.partition(element)[0].strip())
        problem, after = self._ending(segments, final)
        if len(chunk) > MAX_SEGMENT and problem is None:
            longest = max(segments, key=len, default="")
            if len(longest) > MAX_SEGMENT:
                problem = self._segment_too_long(segments.index(longest), longest)
        if spoiled and REPLACED in chunk:
            frame.warnings += ("unsafe_characters: replaced",)
        yield frame, problem if problem is not None else segment.join(segments)
        if after:
            yield from self._between(after)

    def _ending(self, segments: list[str], final: bool) -> tuple[Problem | None, list[str]]:
        """Find SE, compare it, take it and what follows it off ``segments``, and warn. Returns what follows."""
        frame, element = self.frame, self.element
        frame.control = segments[0].split(element, 2)[1].strip() if element in segments[0] else ""
        frame.kind = frame.kind.strip()
        end = next(
            (i for i, segment in enumerate(segments) if segment[:2] == "SE" and _tag(segment, element) == "SE"), 0
        )
        outer = [i for i, segment in enumerate(segments) if _tag(segment, element) in _OUTER] if not end else []
        if not end and final and not outer:
            reason = f"transaction {frame.kind[:10]} is cut off: SE is missing"
            return Problem(position=frame.at(len(segments), "SE"), reason=reason, format=NAME), []
        cut = end or (outer[0] if outer else len(segments))
        after = segments[cut + 1 :] if end else segments[cut:]
        warnings = self._trailer(segments[cut], cut + 1) if end else ["not_closed: SE is missing"]
        del segments[cut:]
        while segments and not segments[-1].strip():
            segments.pop()
        frame.warnings = (*warnings, *self._closing(after, final)[:_MOST_WARNINGS])
        return None, after

    def _trailer(self, segment: str, count: int) -> list[str]:
        """SE against ST and the number of segments."""
        given = [*segment.split(self.element), "", ""]
        said, control = given[1].strip(), given[2].strip()
        warnings = []
        if said.lstrip("0") != str(count):
            warnings.append(f"segment_count: SE01 says {said[:12] or 'nothing'}, there are {count}")
        if control != self.frame.control:
            warnings.append(f"control_number: ST02 {self.frame.control[:12]}, SE02 {control[:12]}")
        return warnings

    def _closing(self, after: list[str], final: bool) -> list[str]:
        """GE and IEA against what they close; for the transaction that they follow."""
        warnings = []
        for segment in after:
            given = [*segment.split(self.element), "", ""]
            if given[0] == "GE":
                warnings += _compared("GE", given, "transactions", self.frame.number, "GS06", self.frame.group_control)
            elif given[0] == "IEA":
                self.closed = True
                warnings += _compared("IEA", given, "groups", self.frame.groups, "ISA13", self.frame.header.control)
        if final and not self.closed:
            warnings.append("not_closed: IEA is missing")
        return warnings

    def _between(self, segments: list[str]) -> Iterator[tuple[Frame, Body]]:
        """What stands between transactions: GS opens a group, the rest is named if it is no trailer."""
        frame = self.frame
        for segment in segments:
            tag = _tag(segment, self.element)
            if tag == "GS":
                frame.open_group(segment.split(self.element))
            elif tag == "TA1":
                position = f"ISA{frame.interchange}/TA1"
                yield frame, Parked(position=position, reason="TA1 interchange acknowledgment", format=NAME)
            elif tag == "IEA":
                self.closed = True
            elif tag not in _TRAILERS and segment.strip():
                position = frame.start.rpartition("/")[0]
                reason = f"a segment {_shown(tag)} stands outside of any transaction"
                yield frame, Problem(position=position, reason=reason, format=NAME)

    def _too_long(self, reason: str = "more than 16 MB without an end") -> Problem:
        self.frame.open_transaction("", "")
        return Problem(position=self.frame.prefix[:-1], reason=f"the transaction has {reason}", format=NAME)

    def _segment_too_long(self, index: int, segment: str) -> Problem:
        tag = _shown(_tag(segment, self.element))
        reason = f"the segment has {len(segment)} characters, more than {MAX_SEGMENT}"
        return Problem(position=self.frame.at(index + 1, tag), reason=reason, format=NAME)


_OUTER = frozenset({"GE", "GS", "IEA", "TA1"})
_TRAILERS = frozenset({"GE", "SE", ""})


def _tag(segment: str, element: str) -> str:
    return segment[:6].partition(element)[0].strip()


def _shown(tag: str) -> str:
    return repr(tag) if not (tag.isascii() and tag.isalnum()) else tag


def _compared(tag: str, given: list[str], what: str, count: int, header: str, control: str) -> list[str]:
    said, closing = given[1].strip(), given[2].strip()
    warnings = []
    if said.lstrip("0") != (str(count) if count else ""):
        warnings.append(f"{what[:-1]}_count: {tag}01 says {said[:12] or 'nothing'}, there are {count}")
    if closing.lstrip("0") != control.lstrip("0"):
        warnings.append(f"control_number: {header} {control[:14]}, {tag}02 {closing[:14]}")
    return warnings
