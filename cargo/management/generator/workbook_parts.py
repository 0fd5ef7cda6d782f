"""A workbook of one sheet with just the parts that a spreadsheet needs (ECMA-376 part 1), the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

Cell = str | int | float | datetime
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# The 1900 date system: days since this one (section 18.17.4.1).
_DAY_ZERO = datetime(1899, 12, 30)
# The oldest time that an archive can hold: when it was packed is no part of what it says.
_PACKED = (1980, 1, 1, 0, 0, 0)
# Style 1 shows a number as a date and a time (built-in format 22).
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def workbook(name: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    """A sheet of that name. A ``datetime`` (naive) is a date cell, an empty text no cell at all."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": _sheet(rows),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path, _PACKED), text)
    return out.getvalue()


def _content_types() -> str:
    overrides = "".join(
        f'<Override PartName="/xl/{path}.xml" ContentType="{_OFFICE}.{kind}+xml"/>'
        for path, kind in (("workbook", "sheet.main"), ("styles", "styles"), ("worksheets/sheet1", "worksheet"))
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return f'{_HEAD}<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{relations}"/>{overrides}</Types>'


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    body = "".join(
        f'<row r="{number}">{"".join(_cell(number, column, cell) for column, cell in enumerate(cells) if cell != "")}'
        "</row>"
        for number, cells in enumerate(rows, start=1)
        if cells
    )
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def _cell(row: int, column: int, value: Cell) -> str:
    where = f"{chr(ord('A') + column)}{row}"
    if isinstance(value, datetime):
        return f'<c r="{where}" s="1"><v>{(value - _DAY_ZERO).total_seconds() / 86_400!r}</v></c>'
    if isinstance(value, str):
        return f'<c r="{where}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{where}"><v>{value!r}</v></c>'
