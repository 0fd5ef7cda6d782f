"""Tables (CSV, RFC 4180, and XLSX, ECMA-376): each row says something of the cargo that it numbers.

There is no standard for what the columns mean: a person says it once in the browser, and a source's tables with the
same header are read so from then on (``meaning`` gives the shape). Without that, a table is read only if its
columns have well-known names that leave nothing open. A row is at the position ``row 17``, as a spreadsheet numbers
it; one of its date columns at ``row 17, column 5``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from cargo.domain.event import FormatError, Outcome, Parked
from cargo.formats.tabular.delimited import delimiter_of, encoding_of
from cargo.formats.tabular.meaning import Meaning, doubts, meanings
from cargo.formats.tabular.rows import NAME, RowReader
from cargo.formats.tabular.suggesting import Survey, distinct, guess, survey, unknown_places
from cargo.formats.tabular.table import Table

__all__ = [
    "MEDIA_TYPES",
    "NAME",
    "NOT_MAPPED",
    "TITLE",
    "Meaning",
    "Survey",
    "Table",
    "decode",
    "decode_with",
    "distinct",
    "opened",
    "slice",
    "slice_with",
    "sniff",
    "stream",
    "stream_with",
    "survey",
    "unknown_places",
]

TITLE = "Table (CSV or XLSX)"
MEDIA_TYPES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
# How the reason begins; the pages lead from it to where the columns can be told.
NOT_MAPPED = "nobody has said yet what its columns mean"

_SNIFFED = 65_536
_ARCHIVE = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_POSITION = re.compile(r"row ([1-9]\d{0,8})(?:, |\Z)")
# How messages of other standards begin.
_NO_TABLE = re.compile(r"\s*(?:[\[{<]|UNA|UNB\+|ISA\W|FSU/|FSA/|FWB/)")


def sniff(data: bytes) -> bool:
    """Whether this looks like a workbook, of whatever kind, or like lines that a delimiter divides into columns."""
    if data.startswith(_OLD_WORKBOOK):
        return True
    if data.startswith(_ARCHIVE):
        return b"[Content_Types].xml" in data[:_SNIFFED] or b"xl/" in data[:_SNIFFED]
    head = io.BytesIO(data[:_SNIFFED])
    text = head.getvalue().decode(encoding_of(head), "replace").removeprefix("\ufeff")
    lines = [line[:10_000] for line in text.splitlines(keepends=True)[:30]]
    return not _NO_TABLE.match(text[:200]) and delimiter_of(lines) is not None


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """What a table says whose columns have well-known names; raises ``FormatError`` where a person has to say them."""
    return decode_with(data, received_at, "")


def decode_with(data: bytes, received_at: datetime | None, reading: str) -> Iterator[Outcome]:
    """What a table says. ``reading``: what people said of this source's tables (JSON of ``Source.reading``).

    ``received_at`` (aware) is when the rows were reported, where no column tells. Raises ``FormatError``.
    """
    return stream_with(io.BytesIO(data), received_at, reading)


def stream(file: BinaryIO, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The same from a file that can be sought in, row by row."""
    return stream_with(file, received_at, "")


def stream_with(file: BinaryIO, received_at: datetime | None, reading: str) -> Iterator[Outcome]:
    """The same with what people said of this source's tables."""
    known = meanings(reading)
    table = Table(file, list(known))
    reader = RowReader(table.header, _meaning(table, known), received_at)
    for name in table.others:
        yield Parked(position=f"sheet {name}"[:200], reason="another sheet: one of a workbook is read", format=NAME)
    for number, cells in table.rows():
        yield from reader.read(number, cells)


def opened(data: bytes, reading: str = "") -> Table:
    """The table for looking at, its header found. Raises ``FormatError``."""
    return Table(io.BytesIO(data), list(meanings(reading)))


def slice(data: bytes, position: str) -> bytes:
    """What ``slice_with`` gives of a table whose columns have well-known names."""
    return slice_with(data, position, "")


def slice_with(data: bytes, position: str, reading: str) -> bytes:
    """The row behind an event, with its header: CSV in UTF-8.

    Of the columns that are read alone: what else a firm keeps in its table is no other party's business.
    Raises ``FormatError`` for no row of this table.
    """
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    known = meanings(reading)
    table = Table(io.BytesIO(data), list(known))
    read = [index for index, column in enumerate(_meaning(table, known).columns) if column.field]
    cells = table.row(int(found[1]))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.header[index] for index in read if index < len(table.header))
    writer.writerow(cells[index] if index < len(cells) else "" for index in read)
    return text.getvalue().encode("utf-8", "replace")


def _meaning(table: Table, known: dict[str, Meaning]) -> Meaning:
    meaning = known.get(table.fingerprint)
    if meaning is None:
        meaning = guess(table)
        if meaning is None:
            names = ", ".join(name for name in table.header if name)[:200]
            raise FormatError(f"{NOT_MAPPED} (Add data): {names}")
    wrong = doubts(meaning)
    if wrong:
        raise FormatError(f"what was said of its columns does not hold together: {', '.join(wrong)}"[:400])
    return meaning
