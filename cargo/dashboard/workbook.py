"""A workbook of plain tables: the only place that knows XlsxWriter. Plain Python.

A sheet is written row by row and kept on disk until it is packed, so its length costs no memory. Texts are written as
texts, never as formulas or links; one that a program could take for a formula when the sheet is saved as CSV bears an
apostrophe (OWASP, CSV injection). Instants are in UTC: a spreadsheet knows no zones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

import xlsxwriter

Cell = str | int | float | datetime | None
# What a column holds, and how it is shown.
TEXT, WHOLE, SECONDS, HOURS, SHARE, INSTANT = "text", "whole", "seconds", "hours", "share", "instant"
_FORMATS = {
    WHOLE: "#,##0",
    SECONDS: "#,##0.0",
    HOURS: "#,##0.0",
    SHARE: "0.0%",
    INSTANT: "yyyy-mm-dd hh:mm:ss",
}
# What a spreadsheet would take for a formula, also in its full-width form.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udfff]")
# What a cell and a sheet's name hold at most (Excel's limits).
_CELL, _NAME = 32_000, 31
_WIDEST = 60


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, also one that drops the spaces before it."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


class Book:
    """Collects sheets, in order."""

    def __init__(self, title: str, made_at: datetime) -> None:
        self._out = BytesIO()
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(self._out, {"constant_memory": True, **plain})
        self._book.set_properties({"title": title, "author": "CLIS", "created": made_at.astimezone(UTC)})
        self._head = self._book.add_format(
            {"bold": True, "bg_color": "#EEF1F4", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._formats = {kind: self._book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
        self._formats[TEXT] = self._book.add_format({"num_format": "@"})
        self._title = self._book.add_format({"bold": True, "font_size": 14})

    def sheet(
        self, name: str, head: Sequence[tuple[str, str]], rows: Iterable[Sequence[Cell]], title: str = ""
    ) -> None:
        """A table: ``head`` is a name and a kind a column; with a ``title`` above it. The head stays in sight."""
        sheet = self._book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", name)[:_NAME])
        for column, (word, kind) in enumerate(head):
            sheet.set_column(column, column, _width(word, kind))
        at = 0
        if title:
            sheet.write_string(0, 0, _written(title), self._title)
            at = 1
        for column, (word, _kind) in enumerate(head):
            sheet.write_string(at, column, _written(word), self._head)
        sheet.freeze_panes(at + 1, 1)
        kinds = [kind for _word, kind in head]
        last = at
        for last, row in enumerate(rows, start=at + 1):
            for column, (kind, value) in enumerate(zip(kinds, row, strict=True)):
                self._write(sheet, last, column, kind, value)
        if last > at:
            sheet.autofilter(at, 0, last, len(head) - 1)

    def _write(self, sheet: Any, row: int, column: int, kind: str, value: Cell) -> None:
        if value is None or value == "":
            return
        if isinstance(value, str):
            sheet.write_string(row, column, _written(value), self._formats[TEXT])
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), self._formats[INSTANT])
        else:
            sheet.write_number(row, column, value, self._formats.get(kind))

    def written(self) -> bytes:
        """The file."""
        self._book.close()
        return self._out.getvalue()


@lru_cache(maxsize=8192)
def _written(text: str) -> str:
    return harmless(_CONTROL.sub(" ", text))[:_CELL]


def _width(word: str, kind: str) -> int:
    wide = sum(2 if ord(character) > 0x1100 else 1 for character in word)
    least = {TEXT: 14, INSTANT: 20}.get(kind, 11)
    return min(_WIDEST, max(least, wide // 2 + 2))
