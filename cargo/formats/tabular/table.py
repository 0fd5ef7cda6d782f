"""A table out of bytes: delimited text or a workbook, its header row found, its rows numbered as people see them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import BinaryIO

from cargo.domain.event import FormatError
from cargo.formats.tabular import words
from cargo.formats.tabular.delimited import Delimited
from cargo.formats.tabular.meaning import fingerprint
from cargo.formats.tabular.workbook import Workbook

MAX_BYTES = 256 * 1024 * 1024
MAX_ROWS = 50_000
# A title, a logo's empty lines and a date of print may stand above the header.
HEADER_WITHIN = 20
LOOKED_AT = 2_000
MAX_HEADER = 200

_ARCHIVE = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Row = tuple[int, list[str]]


class Table:
    """One table. ``header``: the columns' names; ``header_row``: where they stand; ``others``: sheets not read."""

    def __init__(self, file: BinaryIO, known: Sequence[str] = ()) -> None:
        """``file`` is seekable; ``known``: fingerprints of headers whose meaning is known. Raises ``FormatError``."""
        start = file.read(8)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if size > MAX_BYTES:
            raise FormatError(f"the message has {size} bytes, more than {MAX_BYTES}")
        if start.startswith(_OLD_WORKBOOK):
            raise FormatError("a workbook of the old kind (.xls), or one with a password: save it as .xlsx or CSV")
        self.others: list[str] = []
        self._sheet = ""
        self._book = Workbook(file) if start.startswith(_ARCHIVE) else None
        self._text = None if self._book else Delimited(file)
        if self._book is not None:
            self._choose(self._book, known)
        self.header_row, self.header = self._find_header(list(islice(self._all(), HEADER_WITHIN)), known)
        self.fingerprint = fingerprint(self.header)

    def rows(self) -> Iterator[Row]:
        """The rows under the header: (number as a spreadsheet shows it, cells)."""
        count = 0
        for number, cells in self._all():
            if number > self.header_row:
                count += 1
                if count > MAX_ROWS:
                    raise FormatError(f"more than {MAX_ROWS} rows: divide the table", f"row {number}")
                yield number, cells

    @cached_property
    def head(self) -> list[Row]:
        """The first rows under the header, for looking at what stands in the columns."""
        return list(islice(self.rows(), LOOKED_AT))

    def row(self, wanted: int) -> list[str]:
        """The cells of one row. Raises ``FormatError`` if there is none."""
        for number, cells in self.rows():
            if number == wanted:
                return cells
            if number > wanted:
                break
        raise FormatError("there is no such row", f"row {wanted}")

    def _all(self) -> Iterator[Row]:
        if self._book is not None:
            return self._book.rows(self._sheet)
        assert self._text is not None
        return self._text.rows()

    def _choose(self, book: Workbook, known: Sequence[str]) -> None:
        """The sheet to read: one whose header is known, else the first that holds something."""
        filled = []
        for name in book.names:
            head = list(islice(book.rows(name), HEADER_WITHIN))
            if head:
                filled.append(name)
                if any(fingerprint(cells[:MAX_HEADER]) in known for _number, cells in head):
                    self._sheet = name
                    break
        if not filled:
            raise FormatError("the workbook is empty")
        self._sheet = self._sheet or filled[0]
        self.others = [name for name in book.names if name != self._sheet]

    @staticmethod
    def _find_header(head: Sequence[Row], known: Sequence[str]) -> Row:
        """The row with the columns' names: one that is known, else the one with most well-known names, else the first
        with several words and more words than numbers."""
        best: tuple[int, int, Row] | None = None
        for number, cells in head:
            names = [" ".join(cell.split())[:MAX_HEADER] for cell in cells]
            while names and not names[-1]:
                names.pop()
            if fingerprint(names) in known:
                return number, names
            filled = [name for name in names if name]
            wordy = sum(not name[:1].isdigit() for name in filled)
            if len(filled) < 2 or wordy * 2 <= len(filled):
                continue
            score = sum(words.header(name) is not None for name in filled)
            if best is None or score > best[0]:
                best = (score, -number, (number, names))
        if best is None:
            raise FormatError("no row with the names of columns stands in its first lines")
        return best[2]
