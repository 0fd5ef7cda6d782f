"""Stages, dimensions, lengths and findings of lead times in words, English and Korean. Plain Python."""

from __future__ import annotations

from cargo.dashboard import terms
from cargo.dashboard.terms import Pair

STAGES: dict[str, Pair] = {
    "export_declared__export_cleared": ("Export declared to cleared", "수출신고 → 수출신고수리"),
    "export_cleared__gate_in": ("Export cleared to gate-in", "수출신고수리 → 터미널 반입"),
    "gate_in__loaded": ("Gate-in to loaded", "터미널 반입 → 선적"),
    "loaded__departed": ("Loaded to departed", "선적 → 출항"),
    "departed__arrived": ("Departed to arrived", "출항 → 입항"),
    "arrived__discharge_approved": ("Arrived to discharge approved", "입항 → 하선(하기)신고 수리"),
    "arrived__discharged": ("Arrived to discharged", "입항 → 양하"),
    "discharge_approved__bonded_storage_in": (
        "Discharge approved to bonded storage",
        "하선(하기)신고 수리 → 보세구역 반입",
    ),
    "bonded_transport_departed__bonded_transport_arrived": ("Transport under bond", "보세운송 발송 → 도착"),
    "bonded_storage_in__import_declared": ("Bonded storage to import declared", "보세구역 반입 → 수입신고"),
    "import_declared__customs_released": ("Import declared to released", "수입신고 → 수입신고수리"),
    "customs_released__gate_out": ("Released to removed", "수입신고수리 → 반출"),
    "discharged__gate_out": ("Discharged to removed", "양하 → 반출"),
    "gate_out__empty_returned": ("Removed to empty returned", "반출 → 공컨테이너 반납"),
    "arrived__customs_released": ("Arrived to released, in all", "입항 → 수입신고수리 (전체)"),
    "arrived__gate_out": ("Arrived to removed, in all", "입항 → 반출 (전체)"),
}
GROUPS: dict[str, Pair] = {
    "client": ("Client", "의뢰인"),
    "port": ("Port or airport", "항구·공항"),
    "customs_office": ("Customs office", "세관"),
    "warehouse": ("Warehouse", "보세창고"),
    "broker": ("Customs broker", "관세사"),
    "carrier": ("Carrier", "운송사"),
    "mode": ("Mode", "운송수단"),
    "month": ("Month", "월"),
    "channel": ("Inspected or not", "검사 여부"),
    "declared": ("When declared", "신고 시점"),
    "pre_arrival": ("Declared before arrival", "입항 전 신고"),
    "agency": ("Agency that withheld it", "보류 기관"),
    "intervened": ("Withheld by an agency", "타 기관 보류 여부"),
}
MODES: dict[str, Pair] = {
    "sea": ("Sea", "해상"),
    "air": ("Air", "항공"),
    "rail": ("Rail", "철도"),
    "road": ("Road", "도로"),
}
VALUES: dict[str, dict[str, Pair]] = {
    "mode": MODES,
    "channel": {"inspected": ("inspected", "검사"), "not_inspected": ("not inspected", "검사 없음")},
    "agency": {"none": ("no other agency", "타 기관 없음"), **terms.AUTHORITIES},
    "intervened": {"true": ("withheld by an agency", "타 기관 보류"), "false": ("by customs alone", "세관만")},
    "pre_arrival": {"true": ("before arrival", "입항 전"), "false": ("after arrival", "입항 후")},
    "declared": {
        "before_departure": ("before departure", "출항 전"),
        "before_arrival": ("before arrival", "입항 전"),
        "before_entry": ("before storage", "보세구역 도착 전"),
        "after_entry": ("after storage", "보세구역 장치 후"),
    },
}
HOURS: dict[str, Pair] = {"elapsed": ("Elapsed hours", "경과 시간"), "working": ("Working hours", "근무 시간")}
COUNTED: dict[str, Pair] = {"false": ("Shipments", "화물"), "true": ("Containers", "컨테이너")}
UNKNOWN: Pair = ("not known", "알 수 없음")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((86_400, "d", "일"), (3600, "h", "시간"), (60, "min", "분"))
_TOTALS: dict[str, Pair] = {
    "arrived__customs_released": ("From arrival to release", "입항부터 수입신고수리까지"),
    "arrived__gate_out": ("From arrival to removal", "입항부터 반출까지"),
}
# The first of these that something ended in opens the page.
ANSWERS = tuple(_TOTALS)


def stage(code: str, words: str) -> str:
    """What a stage is called."""
    return terms.word(STAGES, code, words)


def value(group: str, code: str, words: str) -> str:
    """A value of a dimension; names and numbers stand as they are."""
    if not code:
        return UNKNOWN[words == "ko"]
    if group == "month" and len(code) == 7 and code.replace("-", "", 1).isdigit():
        return month(code, words)
    table = VALUES.get(group)
    return terms.word(table, code, words) if table else code


def month(code: str, words: str, *, short: bool = False) -> str:
    """``2026-03`` as ``Mar 2026`` or ``2026년 3월``; short: ``Mar``, ``3월``."""
    year, number = code[:4], code[-2:]
    if words == "ko":
        return f"{int(number)}월" if short else f"{year}년 {int(number)}월"
    name = _MONTHS[(int(number) - 1) % 12]
    return name if short else f"{name} {year}"


def length(seconds: float, words: str, *, days: bool = True) -> str:
    """To the minute, in the two largest units: ``2 d 4 h``, ``5 h 30 min``; ``2일 4시간``. No days: ``52 h``."""
    units = _UNITS if days else _UNITS[1:]
    left = round(seconds / 60) * 60
    if left >= 86_400 and days:
        left = round(seconds / 3600) * 3600
    parts: list[str] = []
    for size, english, korean in units:
        number, left = divmod(left, size)
        if number and len(parts) < 2:
            parts.append(f"{number:,}{korean}" if words == "ko" else f"{number:,} {english}")
    return " ".join(parts) or ("0분" if words == "ko" else "0 min")


def answer(code: str, median: float, p90: float, share: float | None, words: str, *, working: bool) -> str:
    """How long a stage took, as the page says it first: lengths in seconds, the share of one that met its target."""
    middle, nine = (length(seconds, words, days=not working) for seconds in (median, p90))
    if words == "ko":
        subject = f"{_TOTALS[code][1]}" if code in _TOTALS else f"{stage(code, words)}:"
        unit = "근무 시간 기준 " if working else ""
        met = f" 목표를 지킨 비율은 {share * 100:.0f} %입니다." if share is not None else ""
        return f"{subject} {unit}중앙값은 {middle}, 10건 중 9건은 {nine} 이내입니다.{met}"
    unit = " of working time" if working else ""
    subject = f"{_TOTALS[code][0]} your cargo" if code in _TOTALS else f"{stage(code, words)}: your cargo"
    met = f"; {share * 100:.0f} % met your target" if share is not None else ""
    return f"{subject} took {middle}{unit} in the middle, 9 of 10 within {nine}{met}."


def trend(name: str, first: tuple[str, str], last: tuple[str, str], words: str) -> str:
    """A chart in a sentence: the (month, median) that it begins with, and those that it ends with."""
    if first == last:
        return (
            f"{name}: {first[0]} 중앙값 {first[1]}." if words == "ko" else f"{name}: median {first[1]} in {first[0]}."
        )
    if words == "ko":
        return f"{name}: 중앙값은 {first[0]} {first[1]}, {last[0]} {last[1]}입니다. 달마다의 값은 표에 있습니다."
    return (
        f"{name}: the median went from {first[1]} in {first[0]} to {last[1]} in {last[0]}. The table has every month."
    )
