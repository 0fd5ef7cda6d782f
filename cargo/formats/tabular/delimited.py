"""Delimited text (RFC 4180 and its relatives) as rows: encoding and delimiter found out, one row at a time.

Encodings: UTF-8, with or without a byte order mark; UTF-16 with one; CP949 (EUC-KR and its extension, as Korean
spreadsheets write); CP1252 for whatever is none of them. Delimiters: comma, semicolon, tab, vertical bar.
A row is a record: a quoted cell may hold line breaks, and an empty line counts, so the number of a row is the one that
a spreadsheet shows. Characters that do not fit the encoding become U+FFFD, for the caller to refuse their row alone.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from cargo.domain.event import FormatError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 1_000_000
MAX_COLUMNS = 500
# A quoted cell may hold delimiters, so a line may have more of them than columns.
MAX_DELIMITERS = 20_000
SNIFFED_ROWS = 30
_CHUNK = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Delimited:
    """One text with delimiters. ``rows`` gives (number from 1, cells); each call starts anew."""

    def __init__(self, file: BinaryIO) -> None:
        """``file`` is seekable. Raises ``FormatError`` for an empty text or one without columns."""
        self._file = file
        self.encoding = encoding_of(file)
        self.delimiter = self._sniffed()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every record, blank ones too. Raises ``FormatError`` for one that is too large to be a row."""
        number = 0
        try:
            for cells in csv.reader(_lines(self._file, self.encoding), delimiter=self.delimiter):
                number += 1
                if len(cells) > MAX_COLUMNS:
                    raise FormatError(f"{len(cells)} columns, more than {MAX_COLUMNS}", f"row {number}")
                yield number, cells
        except csv.Error as error:
            raise FormatError(f"not a row: {error}", f"row {number + 1}") from None

    def _sniffed(self) -> str:
        head = list(islice(_lines(self._file, self.encoding), SNIFFED_ROWS))
        if not any(line.strip() for line in head):
            raise FormatError("the message is empty")
        found = delimiter_of(head)
        if found is None:
            raise FormatError("not a table: no comma, semicolon, tab or vertical bar divides its lines into columns")
        return found


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The physical lines from the start, with the limits kept before a line is taken apart."""
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Kept(file), _CHUNK), encoding, errors="replace", newline="")
    number = 0
    while line := text.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise FormatError(f"a line of more than {MAX_LINE} characters", f"line {number}")
        if max(map(line.count, DELIMITERS)) > MAX_DELIMITERS:
            raise FormatError(f"a line of more than {MAX_DELIMITERS} cells", f"line {number}")
        yield line


class _Kept(io.RawIOBase):
    """A file that stays open when the text around it is let go."""

    def __init__(self, file: BinaryIO) -> None:
        self._kept = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer)
        piece = self._kept.read(len(room))
        room[: len(piece)] = piece
        return len(piece)


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a whole text, by its mark or by what fits; one pass for each that is tried."""
    file.seek(0)
    start = file.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    wrong, beyond_ascii = _misfits(file, "utf-8")
    if not wrong:
        return "utf-8"
    wrong_korean, korean = _misfits(file, "cp949")
    if not wrong_korean and korean:
        # Two accented letters in a row also read as a syllable, but as one that nobody writes.
        return "cp949" if _misfits(file, "euc_kr")[0] * 2 <= korean else "cp1252"
    # A text of mixed origin: what most of it is, so that only the odd rows are refused.
    if beyond_ascii > wrong * 2:
        return "utf-8"
    return "cp949" if korean > wrong_korean * 2 else "cp1252"


def _misfits(file: BinaryIO, encoding: str) -> tuple[int, int]:
    """How many characters do not fit the encoding, and how many beyond ASCII do."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    file.seek(0)
    wrong = beyond = 0
    while True:
        chunk = file.read(_CHUNK)
        if not chunk or not chunk.isascii() or decoder.getstate()[0]:
            text = decoder.decode(chunk, final=not chunk)
            bad = text.count("\ufffd")
            wrong += bad
            beyond += len(text) - bad - len(text.encode("ascii", "ignore"))
        if not chunk:
            return wrong, beyond


def delimiter_of(lines: list[str]) -> str | None:
    """The delimiter that divides most of these lines into the same number of columns, at least two; else ``None``."""
    best: tuple[int, int] = (0, 0)
    chosen = None
    for delimiter in DELIMITERS:
        widths = Counter(_widths(lines, delimiter))
        # The header and one row must agree, or a line of prose with a comma would be a table.
        common = [(count, width) for width, count in widths.items() if width > 1 and count > 1]
        if common and max(common) > best:
            best, chosen = max(common), delimiter
    return chosen


def _widths(lines: list[str], delimiter: str) -> Iterator[int]:
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                yield len(cells)
    except csv.Error:
        return
