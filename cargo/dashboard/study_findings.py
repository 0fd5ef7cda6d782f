"""What the figures of a Time Release Study say, in sentences that follow from them by rule. Plain Python.

Two groups are compared from ``THIN`` cargoes on either side; nothing is said of causes.
"""

from __future__ import annotations

from cargo.dashboard import diagnosis_words
from cargo.dashboard.study_words import FINDINGS
from cargo.dashboard.terms import word
from cargo.domain.diagnosis import THIN
from cargo.domain.lead_times import INSPECTED, NOT_INSPECTED
from cargo.selectors.diagnosis import ROWS
from cargo.selectors.lead_times import MIN_CARGOES, MIN_ORGANIZATIONS, Row
from cargo.selectors.study import WITHIN, Study

RELEASE, REMOVAL = "arrived__customs_released", "arrived__gate_out"
# Finding, dimension, and the two values that are held against each other.
_PAIRS = (
    ("inspected", "channel", INSPECTED, NOT_INSPECTED),
    ("intervened", "intervened", "true", "false"),
    ("pre_arrival", "pre_arrival", "true", "false"),
)
_DAY, _THREE_DAYS = WITHIN.index(86_400), WITHIN.index(3 * 86_400)


def findings(study: Study, language: str) -> list[str]:
    """The sentences, most important first."""
    said = []
    for key, stage in (("release", RELEASE), ("removal", REMOVAL)):
        for row in study.stages:
            if row.stage == stage:
                said.append(_total(key, row, language))
    spread = study.spreads.get(RELEASE)
    if spread:
        day, three = (diagnosis_words.percent(spread.within[at] / spread.n) for at in (_DAY, _THREE_DAYS))
        said.append(_say("within", language, day=day, three=three))
    told = study.diagnosis.diagnosis
    said.append(diagnosis_words.headline(told, language, yours=False))
    said += diagnosis_words.notes(told, language, MIN_ORGANIZATIONS, MIN_CARGOES)
    said += [diagnosis_words.outstanding(row, language) for row in told.outstanding]
    if study.diagnosis.cut:
        said.append(diagnosis_words.cut(ROWS, language))
    said += [sentence for pair in _PAIRS if (sentence := _pair(study, pair, language))]
    said += _worst_target(study, language)
    said.append(_say("few", language, few=THIN))
    return said


def _total(key: str, row: Row, language: str) -> str:
    figures = row.summary
    hours = {name: diagnosis_words.hours(getattr(figures, name), language) for name in ("median", "p90", "mean")}
    return _say(key, language, n=f"{figures.n:,}", **hours)


def _pair(study: Study, pair: tuple[str, str, str, str], language: str) -> str:
    key, dimension, one, other = pair
    rows = {row.group: row.summary for row in study.groups[dimension] if row.stage == RELEASE}
    if one not in rows or other not in rows or min(rows[one].n, rows[other].n) < THIN:
        return ""
    medians = [diagnosis_words.hours(rows[name].median, language) for name in (one, other)]
    return _say(
        key, language, n=f"{rows[one].n:,}", m=f"{rows[other].n:,}", one=medians[0], other=medians[1]
    )  # fmt: skip


def _worst_target(study: Study, language: str) -> list[str]:
    shares = [
        (row.against.share, row)
        for row in study.stages
        if row.against and row.against.share is not None and row.against.missed
    ]
    if not shares:
        return []
    share, row = min(shares, key=lambda pair: pair[0])
    assert row.against
    n = row.against.met + row.against.missed
    name = diagnosis_words.stage(row.stage, language)
    return [_say("target", language, stage=name, share=diagnosis_words.percent(share), n=f"{n:,}")]


def _say(key: str, language: str, **figures: object) -> str:
    return word(FINDINGS, key, language).format(**figures)
