"""How far ahead, against whom and how judged: words for the scores of forecasts."""

from __future__ import annotations

from cargo.dashboard.terms import Pair

AHEAD: dict[str, Pair] = {
    "1d": ("up to 1 day ahead", "1일 이내 전"),
    "3d": ("1 to 3 days ahead", "1~3일 전"),
    "7d": ("3 to 7 days ahead", "3~7일 전"),
    "14d": ("7 to 14 days ahead", "7~14일 전"),
    "more": ("more than 14 days ahead", "14일 초과 전"),
}
RIVALS: dict[str, Pair] = {
    "port_mean": ("Mean of the port", "항구별 평균"),
    "port_table": ("Table of the port", "항구별 분위수 표"),
    "carrier": ("Carrier's estimate", "운송사 예정일시"),
}
VERDICTS: dict[str, Pair] = {
    "met": ("goal met", "목표 달성"),
    "missed": ("goal missed", "목표 미달"),
    "too_few": ("too few to judge", "판정하기에 적음"),
}
GROUPS: dict[str, Pair] = {
    "stage": ("Stage", "단계"),
    "ahead": ("How far ahead", "예측 시점"),
    "month": ("Month", "월"),
}
