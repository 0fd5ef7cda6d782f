"""An interchange's text in regions of whole transactions, whatever blocks its file comes in.

Boundaries are looked for in the bytes as they came: a terminator, perhaps white space, a tag and the element separator.
Only the text of a region is cleaned (line ends, control characters), since the next interchange of a file may use other
separators. Each byte is looked at a constant number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from cargo.formats.x12.header import LONGEST, Header, padding

BLOCK = 1 << 18
# ISA and the line after it.
OPENING = 2 * LONGEST + 100
MAX_TRANSACTION = 1 << 24
REPLACED = "\ufffd"
_WHITE_SPACE = b" \t\r\n"
_LINE_ENDS = (b"\n", b"\r")
_CONTROLS = frozenset(range(32)) - frozenset(b"\r\n") | {127}
# What a control character becomes before the bytes are text.
_STAND_IN = 0x1A
_TAIL = 64


class Regions:
    """Reads a file: ``opening`` gives what an interchange begins with, ``cut`` the regions after its header.

    ``spoiled`` tells whether the present region had control characters; they are replaced by U+FFFD.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.spoiled = False
        self._file = file
        self._data = b""
        self._at = 0

    def opening(self) -> bytes:
        """The next bytes that are no padding, as many as ISA may take; empty at the end of the file."""
        more = True
        while more:
            self._at += padding(self._data, self._at)
            if len(self._data) - self._at >= OPENING:
                break
            more = self._read(BLOCK)
        return self._data[self._at : self._at + OPENING]

    def cut(self, header: Header) -> Iterator[tuple[str | None, bool]]:
        """Regions of text, and whether the interchange ends with this one without IEA.

        Each begins with a tag and holds whole transactions with what follows them. ``None`` stands for a transaction
        too large to be read.
        """
        marks = _Marks(header)
        self._at += header.length
        ended = False
        while True:
            end, closed = marks.end(self._data, self._at, ended)
            if end is not None or ended:
                yield self._region(end if end is not None else len(self._data), marks), not closed
                return
            cut = marks.last_transaction(self._data, self._at)
            if cut > self._at:
                yield self._region(cut, marks), False
            elif len(self._data) - self._at > MAX_TRANSACTION:
                yield None, False
                self._skip(marks)
            # Twice as much each time that nothing is found, so that nothing is looked at often.
            ended = not self._read(max(BLOCK, len(self._data) - self._at))

    def _read(self, size: int) -> bool:
        """Add the next block to what has not been given yet; false at the end of the file."""
        block = self._file.read(size)
        if block:
            self._data = self._data[self._at :] + block
            self._at = 0
        return bool(block)

    def _skip(self, marks: _Marks) -> None:
        """Go on to the end of the transaction that begins here."""
        self._at += 1
        found = marks.any_tag.search(self._data, self._at)
        while found is None:
            self._at = max(self._at, len(self._data) - _TAIL)
            if not self._read(BLOCK):
                self._at = len(self._data)
                return
            found = marks.any_tag.search(self._data)
        self._at = found.start(1)

    def _region(self, end: int, marks: _Marks) -> str:
        raw = self._data[self._at : end]
        self._at = end
        return self._text(raw, marks)

    def _text(self, raw: bytes, marks: _Marks) -> str:
        """The text without line ends, which stand after terminators or fold lines, and without control characters."""
        clean = raw.translate(None, marks.dropped)
        self.spoiled = len(clean) + sum(raw.count(end) for end in marks.line_ends) != len(raw)
        if self.spoiled:
            clean = raw.translate(marks.blanked, marks.line_ends_dropped)
        if marks.padded in clean:
            clean = marks.untidy.sub(lambda _: marks.terminator, clean)
        if clean.endswith(marks.terminator):
            clean = clean[: -len(marks.terminator)]
        text = marks.decoded(clean)
        return text.replace(chr(_STAND_IN), REPLACED) if self.spoiled else text


class _Marks:
    """The separators of one interchange as bytes, and what is searched by them."""

    def __init__(self, header: Header) -> None:
        self.terminator = header.segment.encode("latin-1")
        element = header.element.encode("latin-1")
        self.ends = (b"IEA" + element, b"ISA" + element)
        self.transaction = b"ST" + element
        self.spaces = bytes(set(_WHITE_SPACE) - set(self.terminator))
        mark, space = re.escape(self.terminator), re.escape(self.spaces)
        self.any_tag = re.compile(mark + rb"[" + space + rb"]{0,8}((?:ST|SE|GE|IEA|ISA)" + re.escape(element) + rb")")
        self.padded = self.terminator + b" "
        self.untidy = re.compile(mark + rb" +")
        kept = "".join(filter(None, (header.segment, header.element, header.component, header.repetition)))
        self.utf8 = kept.isascii()
        controls = bytes(_CONTROLS - set(kept.encode("latin-1")))
        self.line_ends = [end for end in _LINE_ENDS if end not in kept.encode("latin-1")]
        self.line_ends_dropped = b"".join(self.line_ends)
        self.dropped = controls + self.line_ends_dropped
        self.blanked = bytes.maketrans(controls, bytes([_STAND_IN]) * len(controls))

    def end(self, data: bytes, start: int, ended: bool) -> tuple[int | None, bool]:
        """Where the interchange ends and whether by IEA; else an ISA follows without it."""
        following = self._tag(data, self.ends[1], start, len(data))
        closing = self._tag(data, self.ends[0], start, following if following >= 0 else len(data))
        if closing < 0:
            return (following if following >= 0 else None), False
        at = data.find(self.terminator, closing)
        if at >= 0:
            return at + len(self.terminator), True
        return (len(data) if ended else None), True

    def last_transaction(self, data: bytes, start: int) -> int:
        """Where the last ST begins, or -1."""
        at = data.rfind(self.transaction, start)
        while at >= 0 and not self._follows_terminator(data, start, at):
            at = data.rfind(self.transaction, start, at)
        return at

    def decoded(self, raw: bytes) -> str:
        """UTF-8, or Latin-1 for what is not; segment by segment where both occur."""
        if not self.utf8:
            return raw.decode("latin-1")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return self.terminator.decode("latin-1").join(map(_either, raw.split(self.terminator)))

    def _tag(self, data: bytes, tag: bytes, start: int, end: int) -> int:
        at = data.find(tag, start, end)
        while at >= 0 and not self._follows_terminator(data, start, at):
            at = data.find(tag, at + 1, end)
        return at

    def _follows_terminator(self, data: bytes, start: int, at: int) -> bool:
        before = data[max(start, at - _TAIL) : at].rstrip(self.spaces)
        return before.endswith(self.terminator) or (not before and at - start <= _TAIL)


def _either(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
