"""One sheet of a workbook: rows pulled out of its XML one after the other (ECMA-376 part 1, section 18.3.1).

Values are those last calculated. Every cell becomes the text that a person would type: ``2026-03-14 08:55`` for a
number that is shown as a date, ``42`` for 42.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cargo.domain.event import FormatError
from cargo.formats import _xml
from cargo.formats.tabular import dates

MAX_ROWS = 50_000
MAX_CELLS = 1_000_000
MAX_COLUMNS = 500
MAX_CELL = 32_767

_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}\Z")
_LETTER_A = ord("A") - 1


class Styles(NamedTuple):
    """``dates``: the styles that show a number as a date; ``since_1904``: in which of the two systems."""

    dates: frozenset[int]
    since_1904: bool


def read_sheet(chunks: Iterable[bytes], texts: list[str], styles: Styles) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something: (number from 1, cells from column A). Raises ``FormatError`` beyond the limits."""
    reader = _Reader(texts, styles)
    for _ in _xml.pull(chunks, reader.start, reader.end, reader.data):
        yield from reader.rows
        reader.rows.clear()


class _Reader:
    """Builds rows out of what the parser meets."""

    def __init__(self, texts: list[str], styles: Styles) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._texts, self._styles = texts, styles
        self._cells: list[str] = []
        self._number = self._column = self._count = self._length = self._seen = 0
        self._kind = self._style = ""
        self._taking = self._guide = False
        self._pieces: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """A row, a cell, or its value begins."""
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in ("v", "t"):
            self._taking = not self._guide
        elif tag == "row":
            given = attributes.get("r", "")
            self._number = int(given[:8]) if given.isdecimal() else self._number + 1
            self._cells, self._column = [], 0
        elif tag == "rPh":
            self._guide = True

    def data(self, text: str) -> None:
        """A piece of a value."""
        if self._taking:
            self._length += len(text)
            if self._length > MAX_CELL:
                raise FormatError(f"a cell of more than {MAX_CELL} characters", f"row {self._number}")
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        """A value, a cell or a row is complete."""
        self._taking = False
        if tag == "c":
            if self._pieces:
                self._put("".join(self._pieces))
        elif tag == "rPh":
            self._guide = False
        elif tag == "row" and self._cells:
            self._count += 1
            if self._count > MAX_ROWS:
                raise FormatError(f"more than {MAX_ROWS} rows: save the sheet as CSV", f"row {self._number}")
            self.rows.append((self._number, self._cells))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MAX_CELLS:
            raise FormatError(f"more than {MAX_CELLS} cells: save the sheet as CSV", f"row {self._number}")
        found = _CELL.match(attributes.get("r", ""))
        self._column = _column(found[1]) if found else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._pieces, self._length = [], 0

    def _put(self, raw: str) -> None:
        if self._column > MAX_COLUMNS:
            raise FormatError(f"a cell in column {self._column}, more than {MAX_COLUMNS}", f"row {self._number}")
        missing = self._column - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)
        self._cells[self._column - 1] = self._value(raw)

    def _value(self, raw: str) -> str:
        if self._kind == "s":
            index = int(raw) if raw.isdecimal() and len(raw) < 8 else -1
            return self._texts[index] if 0 <= index < len(self._texts) else ""
        if self._kind == "n":
            return self._number_text(raw)
        if self._kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        return raw

    def _number_text(self, raw: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return raw
        if self._style.isdecimal() and int(self._style[:8]) in self._styles.dates:
            moment = dates.from_serial(number, since_1904=self._styles.since_1904)
            if moment is not None:
                return moment.isoformat(" ", "seconds") if number % 1 else moment.date().isoformat()
            if 0 <= number < 1:
                return dates.clock_of(number).isoformat("minutes")
        if number.is_integer() and abs(number) < 1e15:
            return str(int(number))
        return raw


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - _LETTER_A
    return number
