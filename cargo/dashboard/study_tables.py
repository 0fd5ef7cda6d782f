"""The tables of the Time Release Study as words and numbers, for paper and for the spreadsheet alike. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cargo.dashboard import diagnosis_words, lead_time_words, terms
from cargo.dashboard.study_words import COLUMNS, RULES, part, say
from cargo.dashboard.terms import word
from cargo.dashboard.workbook import HOURS, INSTANT, SECONDS, SHARE, TEXT, WHOLE, Cell
from cargo.domain.stage_costs import TOTALS
from cargo.domain.stages import STAGES
from cargo.formats import FORMATS
from cargo.selectors.lead_times import Row
from cargo.selectors.study import DIMENSIONS, WITHIN, Behind, Spread, Study

_HOUR = 3600
_FIGURES = ("n", "mean", "median", "deviation", "p10", "p90")
_IN_HOURS = ("mean", "median", "p90")
_UNKNOWN = ("mode", "port", "customs_office", "warehouse", "broker", "channel", "declared", "agency")


class Table(NamedTuple):
    """``head``: a name and a kind (``workbook``) a column. Lengths are seconds, shares 0 to 1."""

    key: str
    title: str
    head: list[tuple[str, str]]
    rows: list[list[Cell]]


def tables(study: Study, language: str) -> list[Table]:
    """All tables in the order of the report, empty ones too."""
    totals = [row for row in study.stages if row.stage in TOTALS]
    return [
        _of_stages("summary", study, totals, language),
        _of_stages("stages", study, study.stages, language),
        *(_grouped(study, name, language) for name in DIMENSIONS),
        _distribution(study, language),
        _targets(study, language),
        _diagnosis(study, language),
        _definitions(language),
        _gaps(study, language),
        _told(study, language),
    ]


def _head(names: Sequence[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """Columns by their keys; seconds and hours say so."""
    units = {SECONDS: {"en": ", s", "ko": "(초)"}, HOURS: {"en": ", h", "ko": "(시간)"}}
    return [(word(COLUMNS, key, language) + units.get(kind, {}).get(language, ""), kind) for key, kind in names]


def _figures(row: Row) -> list[Cell]:
    figures = row.summary
    plain: list[Cell] = [getattr(figures, name) for name in _FIGURES]
    return [*plain, figures.outliers, *(getattr(figures, name) / _HOUR for name in _IN_HOURS)]


_FIGURE_HEAD = [
    ("n", WHOLE), *((name, SECONDS) for name in _FIGURES[1:]), ("outliers", WHOLE),
    *((name, HOURS) for name in _IN_HOURS),
]  # fmt: skip


def _of_stages(key: str, study: Study, rows: Sequence[Row], language: str) -> Table:
    head = _head([("stage", TEXT), *_FIGURE_HEAD, ("shortest", SECONDS), ("longest", SECONDS)], language)
    lines: list[list[Cell]] = []
    for row in rows:
        spread = study.spreads.get(row.stage)
        ends: list[Cell] = [spread.shortest, spread.longest] if spread else [None, None]
        lines.append([_stage(row.stage, language), *_figures(row), *ends])
    return Table(key, part(key, language), head, lines)


def _grouped(study: Study, name: str, language: str) -> Table:
    """By one dimension: within a stage the largest groups first, months in their order."""
    heading = word(lead_time_words.GROUPS, name, language)
    head = [*_head([("stage", TEXT)], language), (heading, TEXT), *_head(_FIGURE_HEAD, language)]
    rows = study.groups[name]
    if name != "month":
        rows = sorted(rows, key=lambda row: (STAGES.index(row.stage), -row.summary.n, row.group or ""))
    lines = [[_stage(row.stage, language), value(name, row.group or "", language), *_figures(row)] for row in rows]
    return Table(name, part(name, language), head, lines)


def value(name: str, code: str, language: str) -> str:
    """A value of a dimension as it is shown."""
    if not code:
        return say("unknown", language)
    if name == "port":
        named = terms.place(code, None, language)
        return f"{named} ({code})" if named != code else code
    table = lead_time_words.VALUES.get(name, {})
    if name == "agency" and code not in table:
        table = terms.AUTHORITIES
    return word(table, code, language) if code in table else code


def length(seconds: int, language: str) -> str:
    """``4 h`` or ``3 d`` of a limit."""
    if seconds >= 86_400 and seconds % 86_400 == 0:
        return f"{seconds // 86_400}일" if language == "ko" else f"{seconds // 86_400} d"
    return f"{seconds // _HOUR}시간" if language == "ko" else f"{seconds // _HOUR} h"


def _distribution(study: Study, language: str) -> Table:
    """How many of each total ended within so long."""
    head = _head([("stage", TEXT), ("within", TEXT), ("count", WHOLE), ("share", SHARE)], language)
    rows: list[list[Cell]] = []
    for stage in TOTALS:
        spread = study.spreads.get(stage)
        if spread is None:
            continue
        for limit, count in zip(WITHIN, spread.within, strict=True):
            rows.append([_stage(stage, language), length(limit, language), count, count / spread.n])
    return Table("distribution", part("distribution", language), head, rows)


def steps(spread: Spread) -> list[int]:
    """How many lie between two limits, and in the end beyond the last."""
    bounds = (0, *spread.within, spread.n)
    return [later - earlier for earlier, later in zip(bounds, bounds[1:], strict=False)]


def _targets(study: Study, language: str) -> Table:
    head = _head([("stage", TEXT), ("met", WHOLE), ("missed", WHOLE), ("share_met", SHARE)], language)
    rows: list[list[Cell]] = [
        [_stage(row.stage, language), row.against.met, row.against.missed, row.against.share]
        for row in study.stages
        if row.against is not None and row.against.met + row.against.missed
    ]
    return Table("targets", part("targets", language), head, rows)


def _diagnosis(study: Study, language: str) -> Table:
    names = [("stage", TEXT), ("n", WHOLE), ("per_cargo", SECONDS), ("lost", SECONDS), ("difference", SECONDS)]
    head = _head([*names, ("of_whole", SHARE), ("of_spread", SHARE)], language)
    rows: list[list[Cell]] = []
    for row in study.diagnosis.diagnosis.stages:
        past: list[Cell] = [row.target.per_cargo, row.target.lost] if row.target else [None, None]
        more = row.comparable.per_cargo if row.comparable else None
        whole: list[Cell] = [row.whole.share, row.whole.spread] if row.whole else [None, None]
        rows.append([_stage(row.stage, language), row.n, *past, more, *whole])
    return Table("diagnosis", part("diagnosis", language), head, rows)


def _definitions(language: str) -> Table:
    head = _head([("stage", TEXT), ("begins", TEXT), ("ends", TEXT)], language)
    place = 1 if language == "ko" else 0
    rows: list[list[Cell]] = [[_stage(stage, language), *(rule[place] for rule in RULES[stage])] for stage in STAGES]
    return Table("definitions", part("definitions", language), head, rows)


def _gaps(study: Study, language: str) -> Table:
    head = _head([("stage", TEXT), ("ended", WHOLE), ("open", WHOLE)], language)
    mark = say("unknown", language)
    head += [(f"{word(COLUMNS, name, language)}: {mark}", WHOLE) for name in _UNKNOWN]
    rows: list[list[Cell]] = []
    for stage in STAGES:
        known = study.known.get(stage)
        counts: list[Cell] = (
            [known.ended, known.open, *(known.unknown[name] for name in _UNKNOWN)] if known else [0] * 10
        )
        rows.append([_stage(stage, language), *counts])
    return Table("gaps", part("gaps", language), head, rows)


def _told(study: Study, language: str) -> Table:
    head = _head([("format", TEXT), ("sources", WHOLE), ("messages", WHOLE), ("shipments", WHOLE)], language)
    rows: list[list[Cell]] = [
        [FORMATS[row.format].title if row.format in FORMATS else row.format, *row[1:]] for row in study.told
    ]
    return Table("told", part("told", language), head, rows)


def rows_behind(rows: Sequence[Behind], language: str) -> Table:
    """The rows behind the figures, codes as they stand beside the stage's words."""
    kinds = {"shipment": WHOLE, "started_at": INSTANT, "ended_at": INSTANT, "seconds": WHOLE, "working_seconds": WHOLE}
    head = _head([(name, kinds.get(name, TEXT)) for name in Behind._fields], language)
    return Table("rows", part("rows", language), head, [[_stage(row.stage, language), *row[1:]] for row in rows])


def _stage(code: str, language: str) -> str:
    return diagnosis_words.stage(code, language)
