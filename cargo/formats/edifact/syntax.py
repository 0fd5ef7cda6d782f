"""From bytes to messages: interchanges (UNB … UNZ), groups (UNG … UNE) and messages (UNH … UNT), read in blocks.

Source: ISO 9735 versions 1 to 4 (UN/EDIFACT application level syntax rules, batch). What is wrong with an envelope
costs no message: counts and control references that do not agree become warnings of the message they end with. Memory
stays flat whatever the file's length: at most one message (8 MB) and one block are held. The time is linear.
"""

from __future__ import annotations

import re
from codecs import IncrementalDecoder
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO

from cargo.domain.event import FormatError, Parked, Problem
from cargo.formats.edifact import charset
from cargo.formats.edifact.envelope import NAME, Interchange, Message, check_end, disagreements, tag_of
from cargo.formats.edifact.separators import STANDARD, advised, standard_text

BLOCK = 1 << 18
SEGMENT_LIMIT = 1 << 16
MESSAGE_LIMIT = 1 << 23
SEGMENTS_LIMIT = 200_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\x00\x1a"
_SPACES = b" \t\r\n"
_BEGINNINGS = (b"UNA", b"UNB", b"UNG", b"UNH")
# A service string advice, or the header of an interchange that goes back to the standard characters.
_NEW_INTERCHANGE = re.compile(rb"UNA(.{6})[\r\n\t ]*(?=UN[BGH])|UNB(?=\+[A-Z]{4}:[0-9][:+])", re.DOTALL)
_ADVICE = 9
_HEADER = 512

Item = Message | Problem | Parked


def messages(file: BinaryIO) -> Iterator[Item]:
    """The messages of a file in its order, and what stands in place of one that cannot be read.

    Raises ``FormatError`` if the bytes do not begin as an interchange does.
    """
    head = file.read(BLOCK)
    read: Callable[[int], bytes] = file.read
    decoder = charset.transcoded(head)
    if decoder is not None:
        read = _as_utf8(file, head, decoder())
        head = read(BLOCK)
    head = head.removeprefix(_BYTE_ORDER_MARK)
    yield from _Reader(read).read(head)


def _as_utf8(file: BinaryIO, head: bytes, decoder: IncrementalDecoder) -> Callable[[int], bytes]:
    """Reads a file whose bytes cannot be split (UTF-16, ISO 2022) as UTF-8."""
    waiting = [head]

    def read(size: int) -> bytes:
        while True:
            block = waiting.pop() if waiting else file.read(size)
            text = decoder.decode(block, not block).lstrip("\ufeff")
            if text or not block:
                return text.encode("utf-8", "replace")

    return read


class _Reader:
    """The state between blocks: the interchange and group that are open, and how many messages there were."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._interchange = Interchange(1, STANDARD)
        self._number = 0
        self._skipping = False

    def read(self, head: bytes) -> Iterator[Item]:
        buffer = head.lstrip(_BLANK)
        while not buffer and head:
            head = self._read(BLOCK)
            buffer = head.lstrip(_BLANK)
        buffer = self._begin(buffer)
        at_end = False
        while not at_end:
            block = self._read(max(BLOCK, len(buffer) // 4))
            at_end = not block
            buffer = yield from self._take(buffer + block, at_end=at_end)
            if len(buffer) > MESSAGE_LIMIT:
                if not self._skipping:
                    self._number += 1
                    self._interchange.messages += 1
                    self._interchange.in_group += 1
                    fault = _too_long(self._number)
                    header = standard_text(buffer[:_HEADER], self._interchange.separators).split("'")[0]
                    yield Message(self._number, [header], self._interchange, fault)
                self._skipping = True
                buffer = buffer[-BLOCK:]
        if self._number == 0 and not self._interchange.closed:
            raise FormatError("there is no message in it", f"interchange {self._interchange.number}")

    def _begin(self, buffer: bytes) -> bytes:
        """Refuses what is no interchange at all; returns what follows the service string advice."""
        if not buffer:
            raise FormatError("the message is empty")
        if buffer[:3] not in _BEGINNINGS:
            shown = buffer[:12].decode("ascii", "replace")
            raise FormatError(f"not an EDIFACT interchange: it begins with {shown!r}", "byte 0")
        if buffer[:3] == b"UNA":
            if len(buffer) < _ADVICE:
                raise FormatError("the service string advice is cut off", "UNA")
            try:
                self._interchange.separators = advised(buffer[3:_ADVICE].decode("latin-1"))
            except ValueError as error:
                raise FormatError(str(error), "UNA") from None
            buffer = buffer[_ADVICE:]
        if self._interchange.separators.terminator.encode() not in buffer[:SEGMENT_LIMIT]:
            raise FormatError(f"no segment ends within the first {SEGMENT_LIMIT >> 10} kB", "segment 1")
        return buffer

    def _take(self, buffer: bytes, *, at_end: bool) -> Generator[Item, None, bytes]:
        """Reads the messages that are complete; returns the bytes that are left."""
        start = 0
        for found in _NEW_INTERCHANGE.finditer(buffer):
            advice = found[1]
            if advice is None and self._interchange.separators.element == "+":
                continue
            before = buffer[max(start, found.start() - 8) : found.start()].rstrip(_SPACES)
            separators, fault = self._interchange.separators, ""
            try:
                separators = STANDARD if advice is None else advised(advice.decode("latin-1"))
            except ValueError as error:
                if not before.endswith(separators.terminator.encode()):
                    continue  # Letters in the middle of a value.
                fault = str(error)
            yield from self._region(buffer[start : found.start()], at_end=True)
            if fault:
                yield _problem(f"interchange {self._interchange.number + 1}, UNA", fault)
            self._interchange.separators = separators
            start = found.end()
            if advice is None:
                start = found.start()
        end = len(buffer) if at_end else self._last_message(buffer, start)
        if end > start:
            yield from self._region(buffer[start:end], at_end=at_end)
        return buffer[end:]

    def _last_message(self, buffer: bytes, start: int) -> int:
        """Where the last message begins: what stands before it is complete. ``start`` if there is none."""
        separators = self._interchange.separators
        terminator, release = separators.terminator.encode(), separators.release.encode()
        header = b"UNH" + separators.element.encode()
        at = buffer.rfind(header, start + 1)
        while at > start:
            before = buffer[max(start, at - 8) : at].rstrip(_SPACES.replace(terminator, b""))
            if before.endswith(terminator) and (release == b" " or not before[:-1].endswith(release)):
                return at
            at = buffer.rfind(header, start + 1, at)
        return start

    def _region(self, raw: bytes, *, at_end: bool) -> Iterator[Item]:
        """The messages of bytes that begin and end between two of them."""
        text = standard_text(raw, self._interchange.separators).lstrip(" ")
        chunks = ("'" + text).split("'UNH+")
        before = chunks[0].split("'")
        if not self._skipping:
            yield from self._envelope(before, None)
        self._skipping = False
        last = len(chunks) - 1
        for index in range(1, len(chunks)):
            yield from self._message(chunks[index], cut_off=at_end and index == last)

    def _message(self, chunk: str, *, cut_off: bool) -> Iterator[Item]:
        """One message and what stands between it and the next. ``cut_off``: nothing follows it."""
        self._number += 1
        interchange = self._interchange
        warning, name = None, "ascii"
        if not chunk.isascii():
            chunk, name, warning = charset.readable(chunk, interchange.syntax)
        if len(chunk) > SEGMENT_LIMIT and (problem := self._oversized(chunk)) is not None:
            interchange.messages += 1
            interchange.in_group += 1
            yield Message(self._number, ["UNH+" + chunk[:_HEADER].split("'")[0]], interchange, problem)
            if "'UNZ+" in chunk:
                yield from self._envelope(chunk[chunk.rindex("'UNZ+") :].split("'"), None)
            return
        segments = ("UNH+" + chunk).split("'")
        if not segments[-1]:
            segments.pop()
        tail: list[str] = []
        if not segments[-1].startswith("UNT+"):
            segments, tail = _divided(segments)
        message = Message(self._number, segments, interchange)
        message.charset = name
        interchange.messages += 1
        interchange.in_group += 1
        if segments[-1] != f"UNT+{len(segments)}+{message.reference}":
            check_end(message)
        if warning is not None:
            message.warnings.append(warning)
        if not interchange.seen:
            message.warnings.append("interchange_header: UNB is missing")
        elif interchange.test:
            message.warnings.append("test_indicator: the interchange is marked as a test")
        around = list(self._envelope(tail, message)) if tail else []
        if cut_off and interchange.seen and not interchange.closed:
            message.warnings.append("interchange_end: UNZ is missing")
        yield message
        yield from around

    def _oversized(self, chunk: str) -> Problem | None:
        if len(chunk) > MESSAGE_LIMIT:
            return _too_long(self._number)
        if chunk.count("'") > SEGMENTS_LIMIT:
            return _problem(f"message {self._number}", f"more than {SEGMENTS_LIMIT} segments: not read")
        for index, segment in enumerate(chunk.split("'"), start=1):
            if len(segment) > SEGMENT_LIMIT:
                tag = tag_of(segment) if index > 1 else "UNH"
                place = f"message {self._number}, segment {index} {tag}".rstrip()
                return _problem(place, f"longer than {SEGMENT_LIMIT >> 10} kB: the message is not read")
        return None

    def _envelope(self, segments: list[str], message: Message | None) -> Iterator[Item]:
        """Reads what stands between messages; what is wrong with it is told with ``message``, the one before."""
        strangers = 0
        for segment in segments:
            tag = segment[:3]
            if tag == "UNB":
                number = self._interchange.number + (self._number > 0 or self._interchange.seen)
                self._interchange = Interchange(number, self._interchange.separators, segment.split("+"))
            elif tag == "UNG":
                self._interchange.group = segment.split("+")
                self._interchange.groups += 1
                self._interchange.in_group = 0
            elif tag in ("UNE", "UNZ"):
                yield from self._close(segment.split("+"), message)
            elif segment and tag != "UNT":
                strangers += 1
        if strangers:
            place = f"message {message.number}" if message else f"interchange {self._interchange.number}"
            what = "a segment stands" if strangers == 1 else f"{strangers} segments stand"
            yield _problem(place, f"{what} outside a message")

    def _close(self, trailer: list[str], message: Message | None) -> Iterator[Item]:
        """UNE and UNZ: counts and references against what there was."""
        interchange = self._interchange
        notes = disagreements(interchange, trailer)
        whole = not trailer[0].startswith("UNE")
        if whole:
            interchange.closed = True
        if message is not None:
            message.warnings += notes
            return
        if whole and not interchange.messages:
            notes.insert(0, "the interchange holds no message")
        for note in notes:
            yield Parked(position=f"interchange {interchange.number}", reason=note, format=NAME)


def _divided(segments: list[str]) -> tuple[list[str], list[str]]:
    """A message's segments up to its UNT, and what follows it; without a UNT, up to the envelope's next segment."""
    for index, segment in enumerate(segments):
        if segment.startswith("UNT+"):
            return segments[: index + 1], segments[index + 1 :]
    for index, segment in enumerate(segments):
        if segment[:4] in ("UNE+", "UNZ+", "UNB+", "UNG+"):
            return segments[:index], segments[index:]
    return segments, []


def _too_long(number: int) -> Problem:
    return _problem(f"message {number}", f"longer than {MESSAGE_LIMIT >> 20} MB: not read")


def _problem(position: str, reason: str) -> Problem:
    return Problem(position=position, reason=reason, format=NAME)
