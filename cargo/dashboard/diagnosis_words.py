"""The diagnosis in sentences, English and Korean. Every figure in them comes from the diagnosis. Plain Python."""

from __future__ import annotations

from cargo.dashboard import lead_time_words, terms
from cargo.dashboard.terms import Pair, word
from cargo.domain import places
from cargo.domain.diagnosis import COMPARABLE, SHARE, TARGET, Bottleneck, Diagnosis, Outstanding
from cargo.domain.stage_costs import WEEKDAYS, StageCost

_HOUR = 3600
WEEKDAY_WORDS: dict[str, Pair] = dict(
    zip(
        WEEKDAYS,
        (
            ("Monday", "월요일"),
            ("Tuesday", "화요일"),
            ("Wednesday", "수요일"),
            ("Thursday", "목요일"),
            ("Friday", "금요일"),
            ("Saturday", "토요일"),
            ("Sunday", "일요일"),
        ),
        strict=True,
    )
)
DIMENSIONS: dict[str, Pair] = {
    "warehouse": ("warehouse", "보세창고"),
    "broker": ("customs broker", "관세사"),
    "customs_office": ("customs office", "세관"),
    "channel": ("inspection", "검사 여부"),
    "declared": ("time of declaration", "신고 시점"),
    "agency": ("other agency", "요건확인기관"),
    "weekday": ("weekday on which it began", "시작 요일"),
}
BASES: dict[str, Pair] = {
    TARGET: ("past the target", "목표 초과"),
    COMPARABLE: ("more than comparable cargo", "비교 대상 대비 초과"),
    SHARE: ("of the whole way", "전체 소요시간"),
}
_SENTENCES: dict[str, Pair] = {
    "target": (
        "{stage} costs {you} most: on average {past} per cargo past {your} target{aim}",
        "{stage} 단계의 손실이 가장 큽니다. 화물 1건당 평균 {past}, 목표{aim}를 넘겼습니다",
    ),
    "target_and_more": (
        ", and {more} more than comparable cargo{port}.",
        ". 비교 대상 화물{port}보다 {more} 더 걸렸습니다.",
    ),
    "target_and_less": (
        ", though {more} less than comparable cargo{port}.",
        ". 다만 비교 대상 화물{port}보다는 {more} 덜 걸렸습니다.",
    ),
    "aim": (" of {aim}", "({aim})"),
    "comparable": (
        "{stage} costs {you} most: {more} per cargo more than comparable cargo{port}.",
        "{stage} 단계의 손실이 가장 큽니다. 비교 대상 화물{port}보다 1건당 {more} 더 걸렸습니다.",
    ),
    "share": (
        "{stage} takes the longest: {share} of the time from arrival to removal.",
        "{stage} 단계가 가장 오래 걸립니다. 입항부터 반출까지 소요시간의 {share}입니다.",
    ),
    "at": (" at {port}", "({port})"),
    "nothing": (
        "No stage that ended in this period cost time: there is nothing to diagnose.",
        "이 기간에 끝난 단계 중 손실이 있는 단계가 없어 진단할 내용이 없습니다.",
    ),
    "no_target": (
        "No target was missed; without a target this cannot be held against one.",
        "목표를 넘긴 단계가 없습니다. 목표가 없는 단계는 목표와 비교하지 않았습니다.",
    ),
    "no_comparable": (
        "Comparable cargo takes no longer, or fewer than {organizations} organizations and {cargoes} cargoes stand "
        "behind it.",
        "비교 대상 화물보다 오래 걸리지 않았거나, 비교에 필요한 {organizations}개 기관·{cargoes}건에 미치지 못합니다.",
    ),
    "tied": ("{stage} costs almost as much.", "{stage} 단계의 손실도 거의 같습니다."),
    "thin": ("Only {n} cargoes stand behind this.", "근거가 되는 화물이 {n}건뿐입니다."),
    "thin_one": ("Only one cargo stands behind this.", "근거가 되는 화물이 1건뿐입니다."),
    "spread": (
        "{stage} makes the whole way vary most: {share} of the spread.",
        "전체 소요시간의 편차에는 {stage} 단계의 영향이 가장 큽니다({share}).",
    ),
    "outstanding": (
        "Of what was lost, {share} lies with {value} ({dimension}): {n} of {of} cargoes.",
        "손실의 {share}, 화물 {of}건 중 {n}건: {value}({dimension}).",
    ),
    "cut": (
        "More ended in this period than is read at once: this is of the {rows} stage times that ended last.",
        "이 기간에 끝난 단계가 한 번에 읽는 수보다 많아, 마지막에 끝난 {rows}건만 진단하였습니다.",
    ),
}


def hours(seconds: float, language: str) -> str:
    """``31 h`` or ``31시간``; under ten hours to a tenth."""
    value = abs(seconds) / _HOUR
    figure = f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
    return f"{figure}시간" if language == "ko" else f"{figure} h"


def percent(share: float) -> str:
    """A share of one, to a whole number."""
    return f"{round(share * 100)} %"


def stage(code: str, language: str) -> str:
    """A stage's name."""
    return word(lead_time_words.STAGES, code, language)


def headline(found: Diagnosis, language: str, *, yours: bool) -> str:
    """The bottleneck in one sentence; ``yours``: said to whom it belongs."""
    first = found.bottleneck
    if first is None:
        return _say("nothing", language)
    cost = next(row for row in found.stages if row.stage == first.stage)
    whose = {"you": "you", "your": "your"} if yours else {"you": "this cargo", "your": "the"}
    name = {"stage": stage(first.stage, language)} | whose
    if first.basis == TARGET:
        return _against_target(cost, name, language)
    if first.basis == COMPARABLE:
        assert cost.comparable
        more = hours(cost.comparable.per_cargo, language)
        return _say("comparable", language, **name, more=more, port=_port(cost, language))
    return _say("share", language, **name, share=percent(first.lost))


def _against_target(cost: StageCost, name: dict[str, str], language: str) -> str:
    assert cost.target
    aim = _say("aim", language, aim=hours(cost.target.aim, language)) if cost.target.aim is not None else ""
    past = hours(cost.target.per_cargo, language)
    said = _say("target", language, **name, past=past, aim=aim)
    theirs = cost.comparable
    if theirs is None or not theirs.difference:
        return f"{said}."
    which = "target_and_more" if theirs.difference > 0 else "target_and_less"
    return said + _say(which, language, more=hours(theirs.per_cargo, language), port=_port(cost, language))


def _port(cost: StageCost, language: str) -> str:
    """Where, if it was at one port."""
    if cost.comparable is None or cost.comparable.ports != 1:
        return ""
    return _say("at", language, port=places.name(cost.comparable.port, "unlocode", language) or cost.comparable.port)


def notes(found: Diagnosis, language: str, organizations: int, cargoes: int) -> list[str]:
    """What must be said beside it: what was not compared, ties, thin data, and what varies most."""
    first = found.bottleneck
    if first is None:
        return []
    said = []
    if first.basis != TARGET:
        said.append(_say("no_target", language))
    if first.basis == SHARE:
        said.append(_say("no_comparable", language, organizations=organizations, cargoes=cargoes))
    said += _doubts(first, language)
    varied = [(row.whole.spread, row.stage) for row in found.stages if row.whole and row.whole.spread is not None]
    if varied:
        spread, most = max(varied)
        if spread > 0:
            said.append(_say("spread", language, stage=stage(most, language), share=percent(spread)))
    return said


def _doubts(first: Bottleneck, language: str) -> list[str]:
    said = []
    if first.tied:
        said.append(_say("tied", language, stage=stage(first.tied, language)))
    if first.thin:
        said.append(_say("thin_one" if first.n == 1 else "thin", language, n=first.n))
    return said


def outstanding(row: Outstanding, language: str) -> str:
    """A value that stands out, in one sentence."""
    return _say(
        "outstanding",
        language,
        value=value(row.dimension, row.value, language),
        dimension=word(DIMENSIONS, row.dimension, language),
        share=percent(row.share),
        n=row.n,
        of=row.of,
    )


def value(dimension: str, code: str, language: str) -> str:
    """A value of a dimension as it is shown."""
    if dimension == "weekday":
        return word(WEEKDAY_WORDS, code, language)
    if dimension == "agency":
        return word(terms.AUTHORITIES, code, language) if code in terms.AUTHORITIES else code
    table = lead_time_words.VALUES.get(dimension, {})
    return word(table, code, language) if code in table else code


def cut(rows: int, language: str) -> str:
    """That there was more."""
    return _say("cut", language, rows=f"{rows:,}")


def _say(key: str, language: str, **figures: object) -> str:
    return word(_SENTENCES, key, language).format(**figures)
