"""The Time Release Study on paper: cover, summary, then the parts of the model final report. Plain Python.

Lengths are printed to the second; they are the figures of the API. Charts are drawn as lines and areas, each beside
the table that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cargo.dashboard import diagnosis_words, lead_time_words, study_tables
from cargo.dashboard.paper import Sheet
from cargo.dashboard.study_findings import RELEASE, findings
from cargo.dashboard.study_tables import Table
from cargo.dashboard.study_words import METHOD, OBJECTIVES, part, say
from cargo.dashboard.terms import word
from cargo.dashboard.workbook import HOURS, SECONDS, SHARE, TEXT, WHOLE, Cell
from cargo.selectors.lead_times import Row
from cargo.selectors.study import DIMENSIONS, WITHIN, Study

# So many groups of a stage are printed; the workbook has all of them.
PRINTED = 20
_TIGHT = 0.72
# The distribution, the targets and the diagnosis come after the groups; the rest is annex.
_AFTER = ("distribution", "targets", "diagnosis")
_ANNEX = ("definitions", "gaps", "told")


def sheet(study: Study, language: str, version: str) -> bytes:
    """The PDF in ``en`` or ``ko``; equal content gives equal bytes."""
    paper = Sheet()
    tables = {table.key: table for table in study_tables.tables(study, language)}
    paper.title(part("title", language))
    paper.facts(scope_facts(study, language, version))
    if not study.stages:
        paper.text(say("nothing", language))
    _summary(paper, study, tables, language)
    _method(paper, study, language)
    _analysis(paper, study, tables, language)
    paper.heading(part("findings", language))
    for sentence in findings(study, language):
        paper.text(f"• {sentence}")
    paper.page()
    for key in _ANNEX:
        paper.heading(tables[key].title)
        if key == "gaps":
            paper.text(say("gaps_help", language))
            paper.space()
        _printed(paper, tables[key], language)
    return paper.written(f"CLIS · {part('title', language)} · {_period(study)}")


def scope_facts(study: Study, language: str, version: str) -> list[tuple[str, str]]:
    """Of what, for whom, of when, counted how."""
    scope = study.scope
    limits = [f"{say('client', language)}: {scope.client}"] if scope.client else []
    limits += [word(lead_time_words.MODES, scope.mode, language)] if scope.mode else []
    limits += [study_tables.value("port", scope.port, language)] if scope.port else []
    known = [(say("as_of", language), _instant(scope.as_of))] if scope.as_of else []
    return [
        (say("of", language), say("everybody" if scope.everybody else "own", language)),
        (say("made_for", language), scope.organization or "-"),
        (say("period", language), _period(study)),
        (say("limits", language), ", ".join(limits) or say("none", language)),
        (say("counted", language), word(lead_time_words.HOURS, scope.hours, language)),
        (say("cargoes", language), f"{study.shipments:,}"),
        (say("made_at", language), _instant(scope.made_at)),
        *known,
        (say("product", language), f"CLIS {version}"),
    ]


def _period(study: Study) -> str:
    return f"{_instant(study.scope.first)} – {_instant(study.scope.until)}"


def _instant(at: datetime) -> str:
    offset = at.strftime("%z")
    return f"{at:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def _summary(paper: Sheet, study: Study, tables: dict[str, Table], language: str) -> None:
    paper.heading(part("summary", language))
    for sentence in findings(study, language)[:4]:
        paper.text(sentence)
    paper.space()
    _printed(paper, tables["summary"], language)
    paper.text(say("unit", language))


def _method(paper: Sheet, study: Study, language: str) -> None:
    place = 1 if language == "ko" else 0
    paper.heading(part("objectives", language))
    paper.text(OBJECTIVES[place])
    paper.heading(part("scope", language))
    stages = [f"{diagnosis_words.stage(row.stage, language)} (n = {row.summary.n:,})" for row in study.stages]
    paper.text(" · ".join(stages) or say("nothing", language))
    paper.heading(part("method", language))
    for paragraph in METHOD:
        paper.text(paragraph[place])


def _analysis(paper: Sheet, study: Study, tables: dict[str, Table], language: str) -> None:
    paper.page()
    paper.heading(part("analysis", language))
    paper.heading(part("stages", language))
    paper.text(say("range", language))
    paper.space()
    paper.bars(_ranges((diagnosis_words.stage(row.stage, language), row) for row in study.stages))
    _printed(paper, tables["stages"], language)
    for name in DIMENSIONS:
        _table(paper, tables[name], language)
        if name == "month":
            months = [row for row in study.groups["month"] if row.stage == RELEASE]
            paper.text(f"{say('months', language)}. {say('range', language)}")
            paper.space()
            paper.bars(_ranges((row.group or say("unknown", language), row) for row in months))
    for name in _AFTER:
        if name == "distribution":
            _table(paper, tables[name], language)
            _histogram(paper, study, language)
        elif name == "targets" and not tables[name].rows:
            paper.heading(tables[name].title)
            paper.text(say("no_targets", language))
        else:
            _table(paper, tables[name], language)


def _ranges(rows: Iterable[tuple[str, Row]]) -> Iterable[tuple[str, float, float, float | None, str]]:
    """Each from p10 to p90 with its median, against the longest."""
    known = list(rows)
    longest = max((row.summary.p90 for _name, row in known), default=0) or 1
    for name, row in known:
        figures = row.summary
        low, middle, high = (value / longest for value in (figures.p10, figures.median, figures.p90))
        yield name, low, high, middle, f"{clock(figures.median)} ({clock(figures.p10)} – {clock(figures.p90)})"


def _histogram(paper: Sheet, study: Study, language: str) -> None:
    spread = study.spreads.get(RELEASE)
    if spread is None:
        return
    paper.text(say("histogram", language))
    paper.space()
    counts = study_tables.steps(spread)
    most = max(counts) or 1
    bounds = [study_tables.length(limit, language) for limit in WITHIN]
    names = [f"0 – {bounds[0]}", *(f"{low} – {high}" for low, high in zip(bounds, bounds[1:], strict=False))]
    names.append(f"> {bounds[-1]}")
    paper.bars(
        (name, 0.0, count / most, None, f"{count:,} ({count / spread.n * 100:.1f} %)")
        for name, count in zip(names, counts, strict=True)
    )


def _table(paper: Sheet, table: Table, language: str) -> None:
    paper.heading(table.title)
    _printed(paper, table, language)


def _printed(paper: Sheet, table: Table, language: str) -> None:
    """Without the columns in hours, and of each stage the groups that the page has room for."""
    shown = [column for column, (_name, kind) in enumerate(table.head) if kind != HOURS]
    kinds = [table.head[column][1] for column in shown]
    rows, left_out = _largest(table)
    if not rows:
        paper.text("-")
        return
    widths = _widths(table.key, kinds)
    head = [_heading(table.head[column][0]) for column in shown]
    cells = [[_text(row[column], kind) for column, kind in zip(shown, kinds, strict=True)] for row in rows]
    paper.table(head, cells, widths)
    if left_out:
        paper.text(say("left_out", language) % left_out)


def _heading(text: str) -> str:
    """Without the unit of the workbook, and without what the text above the table says already."""
    return text.removesuffix(", s").removesuffix("(초)").partition(": ")[0]


def _largest(table: Table) -> tuple[Sequence[list[Cell]], int]:
    """Of tables by a dimension the first rows of each stage (months: all), and how many are left out."""
    if table.key not in DIMENSIONS or table.key == "month":
        return table.rows, 0
    counts: dict[Cell, int] = {}
    kept = []
    for row in table.rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
        if counts[row[0]] <= PRINTED:
            kept.append(row)
    return kept, len(table.rows) - len(kept)


def _widths(key: str, kinds: Sequence[str]) -> list[float]:
    """Texts get more room than figures."""
    if key == "definitions":
        return [0.3, 0.35, 0.35]
    if key == "gaps":
        return [0.21, *[0.79 / (len(kinds) - 1)] * (len(kinds) - 1)]
    weights = [{TEXT: 1.9, WHOLE: _TIGHT, SHARE: 0.7}.get(kind, 1.0) for kind in kinds]
    return [weight / sum(weights) for weight in weights]


def _text(value: Cell, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return _instant(value)
    if kind == SECONDS:
        return clock(value)
    if kind == SHARE:
        # Never minus nothing.
        return f"{round(value * 100, 1) + 0:.1f} %"
    return f"{value:,}"


def clock(seconds: float) -> str:
    """``26:03:09``: hours, minutes and seconds, rounded to a second."""
    whole = round(abs(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{'-' if seconds < 0 and whole else ''}{hours}:{timedelta(seconds=rest).seconds // 60:02d}:{rest % 60:02d}"
