"""Small workbooks of our own making, with exactly the parts that a test needs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

Cell = str | float | None
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# Style 1 is a date and a time (built-in 22), style 2 a date in a format of the book's own.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;년&quot; m"/></numFmts>'
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


class Dated(float):
    """A number that is shown as a date and a time."""


def workbook(
    *sheets: Sequence[Sequence[Cell]], states: Sequence[str] = (), since_1904: bool = False, shared: bool = True
) -> bytes:
    """A workbook with these sheets, named ``Sheet1`` and so on; texts are shared or written inline."""
    texts: dict[str, int] = {}
    parts = {
        f"xl/worksheets/sheet{number}.xml": sheet_xml(rows, texts if shared else None)
        for number, rows in enumerate(sheets, start=1)
    }
    parts["xl/styles.xml"] = STYLES
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{escape(text)}</t></si>" for text in texts) + "</sst>"
    )
    return book(parts, len(sheets), states, since_1904)


def book(parts: dict[str, str], sheets: int = 1, states: Sequence[str] = (), since_1904: bool = False) -> bytes:
    """The archive around sheets and other parts that are given as they are."""
    names = range(1, sheets + 1)
    told = dict(enumerate(states, start=1))
    listed = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" state="{told.get(n, "visible")}" r:id="rId{n}"/>' for n in names
    )
    relations = "".join(_relation(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in names)
    relations += _relation("rIdS", "styles", "styles.xml") + _relation("rIdT", "sharedStrings", "/xl/sharedStrings.xml")
    system = '<workbookPr date1904="1"/>' if since_1904 else ""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _relations(_relation("rId1", "officeDocument", "xl/workbook.xml")))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{system}<sheets>{listed}</sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def sheet_xml(rows: Sequence[Sequence[Cell]], texts: dict[str, int] | None = None) -> str:
    """The XML of one sheet; ``texts`` collects the shared ones."""
    body = "".join(
        f'<row r="{number}">{"".join(_cell(number, column, cell, texts) for column, cell in enumerate(cells))}</row>'
        for number, cells in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def _cell(row: int, column: int, value: Cell, texts: dict[str, int] | None) -> str:
    where = f"{chr(ord('A') + column)}{row}"
    if value is None:
        return ""
    if isinstance(value, Dated):
        return f'<c r="{where}" s="1"><v>{float(value)!r}</v></c>'
    if isinstance(value, float | int):
        return f'<c r="{where}"><v>{value!r}</v></c>'
    if texts is None:
        return f'<c r="{where}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{where}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'


def _relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'


def _relations(relations: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
