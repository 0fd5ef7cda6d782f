"""A PDF on A4 from headings, facts and tables: the only place that knows ReportLab. Plain Python.

Korean is set in HYGothic, one of the Korean faces that every PDF reader brings or replaces (ISO 32000-1, 9.7.5.2, the
Adobe-Korea1 collection), so no font file is shipped. Equal content gives equal bytes: no clock, no random ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    LongTable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
    XPreformatted,
)

KOREAN = "HYGothic-Medium"
MARGIN = 16 * mm
# A frame keeps six points on each side to itself.
WIDTH = A4[0] - 2 * MARGIN - 12
# Columns of the typewriter face on a line; an East Asian character takes two.
COLUMNS = 104
_INK, _FAINT, _LINE, _HEAD = HexColor("#1b2430"), HexColor("#5b6675"), HexColor("#c9d0d8"), HexColor("#eef1f4")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@cache
def _style(name: str) -> ParagraphStyle:
    if KOREAN not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(KOREAN))
    sizes = {
        "title": ("Helvetica-Bold", 17, 21),
        "heading": ("Helvetica-Bold", 11.5, 15),
        "plain": ("Helvetica", 9, 12.5),
        "cell": ("Helvetica", 7.4, 9.4),
        "label": ("Helvetica-Bold", 7.4, 9.4),
        "raw": ("Courier", 6.8, 8.6),
    }
    font, size, leading = sizes[name]
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=leading,
        textColor=_INK,
        spaceBefore=12 if name == "heading" else 0,
        spaceAfter=4 if name in ("title", "heading") else 0,
        keepWithNext=name == "heading",
        splitLongWords=1,
    )


def _is_western(character: str) -> bool:
    """Whether the standard faces of a PDF have it (Windows code page 1252)."""
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def marked(text: str) -> str:
    """The text as ReportLab's markup: escaped, and what is not Western in the Korean face."""
    parts = []
    for western, run in groupby(_CONTROL.sub(" ", text), _is_western):
        piece = escape("".join(run))
        parts.append(piece if western else f'<font name="{KOREAN}">{piece}</font>')
    return "".join(parts)


class _Bar(Flowable):
    """A bar on its track with a mark, as lines and areas."""

    def __init__(self, start: float, end: float, mark: float | None) -> None:
        super().__init__()
        self._start, self._end, self._mark = start, end, mark

    def wrap(self, wide: float, _high: float) -> tuple[float, float]:
        self.width, self.height = wide, 9
        return self.width, self.height

    def draw(self) -> None:
        canvas, whole = self.canv, self.width - 4
        canvas.setFillColor(_HEAD)
        canvas.rect(0, 2, whole, 5, stroke=0, fill=1)
        canvas.setFillColor(_FAINT)
        canvas.rect(self._start * whole, 2, max((self._end - self._start) * whole, 0.4), 5, stroke=0, fill=1)
        if self._mark is not None:
            canvas.setFillColor(_INK)
            canvas.rect(self._mark * whole - 0.6, 0, 1.2, 9, stroke=0, fill=1)


class Sheet:
    """Collects the parts of a document, in order."""

    def __init__(self) -> None:
        self._parts: list[Flowable] = []

    def title(self, text: str) -> None:
        """The document's name."""
        self._parts.append(Paragraph(marked(text), _style("title")))

    def page(self) -> None:
        """What follows begins on a page of its own."""
        self._parts.append(PageBreak())

    def heading(self, text: str) -> None:
        """A part's name."""
        self._parts.append(Paragraph(marked(text), _style("heading")))

    def text(self, text: str) -> None:
        """A paragraph."""
        self._parts.append(Paragraph(marked(text), _style("plain")))

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names and values in two columns."""
        cells = [[_cell(name, "label"), _cell(value)] for name, value in rows]
        if cells:
            self._table(cells, (0.24, 0.76), head=False)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows under a head that is repeated on each page; widths are parts of the page's width."""
        cells = [[_cell(name, "label") for name in head], *([_cell(value) for value in row] for row in rows)]
        self._table(cells, widths, head=True)

    def space(self) -> None:
        """A little room, between a text and its table."""
        self._parts.append(Spacer(0, 4))

    def bars(self, rows: Iterable[tuple[str, float, float, float | None, str]]) -> None:
        """Drawn: a name, where the bar begins and ends and its mark stands (0 to 1), and a text."""
        cells = [[_cell(name), _Bar(start, end, mark), _cell(text)] for name, start, end, mark, text in rows]
        if cells:
            self._table(cells, (0.32, 0.44, 0.24), head=False)

    def raw(self, text: str) -> None:
        """A text as it came, in a typewriter face, with long lines broken."""
        lines = [piece for line in text.splitlines() for piece in broken(line.expandtabs(4))]
        self._parts += [XPreformatted("\n".join(map(marked, lines)), _style("raw")), Spacer(0, 6)]

    def written(self, footer: str) -> bytes:
        """The PDF; ``footer`` stands on each page, with its number."""
        out = BytesIO()
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN + 4 * mm,
            title=footer,
            author="CLIS",
            invariant=1,
        )

        def at_the_foot(canvas: Canvas, page: SimpleDocTemplate) -> None:
            line = Paragraph(marked(f"{footer} · {page.page}"), _style("cell"))
            line.wrapOn(canvas, WIDTH, 20)
            line.drawOn(canvas, MARGIN, 11 * mm)

        document.build(self._parts, onFirstPage=at_the_foot, onLaterPages=at_the_foot)
        return out.getvalue()

    def _table(self, cells: list[list[Flowable]], widths: Sequence[float], *, head: bool) -> None:
        table = LongTable(cells, colWidths=[WIDTH * part for part in widths], repeatRows=1 if head else 0, splitInRow=1)
        rules = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        if head:
            rules.append(("BACKGROUND", (0, 0), (-1, 0), _HEAD))
        table.setStyle(TableStyle(rules))
        self._parts += [table, Spacer(0, 4)]


def _cell(text: str, style: str = "cell") -> Paragraph:
    return Paragraph("<br/>".join(map(marked, text.split("\n"))), _style(style))


def broken(line: str) -> list[str]:
    """A line in pieces that fit; at least one."""
    pieces, start, taken = [], 0, 0
    for at, character in enumerate(line):
        width = 2 if east_asian_width(character) in "WF" else 1
        if taken + width > COLUMNS:
            pieces.append(line[start:at])
            start, taken = at, 0
        taken += width
    return [*pieces, line[start:]]
