"""The Time Release Study as a workbook: a sheet for each table, and one with the rows behind. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence

from cargo.dashboard import study_tables
from cargo.dashboard.study_findings import findings
from cargo.dashboard.study_sheet import scope_facts
from cargo.dashboard.study_words import COLUMNS, METHOD, OBJECTIVES, SHEETS, part, say
from cargo.dashboard.terms import word
from cargo.dashboard.workbook import TEXT, Book, Cell
from cargo.selectors.study import ROWS, Behind, Study


def workbook(study: Study, behind: Sequence[Behind], cut: bool, language: str, version: str) -> bytes:
    """The XLSX in ``en`` or ``ko``. ``cut``: there are more rows than these."""
    book = Book(part("title", language), study.scope.made_at)
    heads = [(word(COLUMNS, "what", language), TEXT), (word(COLUMNS, "value", language), TEXT)]
    book.sheet(word(SHEETS, "cover", language), heads, _cover(study, cut, language, version), part("title", language))
    for table in study_tables.tables(study, language):
        book.sheet(word(SHEETS, table.key, language), table.head, table.rows, table.title)
    rows = study_tables.rows_behind(behind, language)
    book.sheet(word(SHEETS, "rows", language), rows.head, rows.rows)
    return book.written()


def _cover(study: Study, cut: bool, language: str, version: str) -> list[list[Cell]]:
    place = 1 if language == "ko" else 0
    rows: list[list[Cell]] = [[name, value] for name, value in scope_facts(study, language, version)]
    rows.append([part("objectives", language), OBJECTIVES[place]])
    rows += [[part("method", language), paragraph[place]] for paragraph in METHOD]
    rows += [[part("findings", language), sentence] for sentence in findings(study, language)]
    if cut:
        rows.append([part("rows", language), say("rows_left_out", language) % f"{ROWS:,}"])
    return rows
