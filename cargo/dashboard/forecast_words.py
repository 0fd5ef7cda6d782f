"""What a forecast says and why, in words, English and Korean. Plain Python; the clock is an argument.

Reasons come as codes with figures, seconds for lengths and ISO 8601 for instants; one not known here is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cargo.dashboard import dates, terms

# What ends with each of these stages, as a row of the forecast names it.
ENDS: dict[str, terms.Pair] = {
    "departed__arrived": ("Arrival", "입항"),
    "arrived__customs_released": ("Release by customs", "수입신고수리"),
    "arrived__gate_out": ("Collection", "반출"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# To have taken longer than fewer than half do says nothing.
_TELLING = 0.5


def span(low: datetime, high: datetime, zone: str | None, language: str, now: datetime) -> str:
    """``29 Mar to 2 Apr``, within one day ``29 Mar, 09:00 to 17:00``; by the days of the zone."""
    first, last, today = (dates.local_day(at, zone) for at in (low, high, now))
    assert first is not None and last is not None
    start = dates.day(first, language, today)
    korean = language == "ko"
    if first == last:
        one, other = dates.clock(low, zone), dates.clock(high, zone)
        return f"{start} {one}~{other}" if korean else f"{start}, {one} to {other}"
    end = dates.day(last, language, today)
    return f"{start}~{end}" if korean else f"{start} to {end}"


def short_span(low: datetime, high: datetime, zone: str | None, language: str, now: datetime) -> str:
    """The same beside a day that stands there already: ``29 Mar to 2 Apr``, ``24 to 28 Mar``, ``09:00 to 17:00``."""
    first, last, today = (dates.local_day(at, zone) for at in (low, high, now))
    assert first is not None and last is not None
    between = "~" if language == "ko" else " to "
    if first == last:
        return f"{dates.clock(low, zone)}{between}{dates.clock(high, zone)}"
    if (first.year, first.month) != (last.year, last.month):
        return span(low, high, zone, language, now)
    if language == "ko":
        return f"{dates.day(first, language, today)}~{last.day}일"
    return f"{first.day} to {dates.day(last, language, today)}"


def reasons(rows: Iterable[dict[str, Any]], zone: str | None, language: str, now: datetime) -> list[str]:
    """One short sentence for each reason that is known."""
    speak = _KOREAN if language == "ko" else _ENGLISH
    told = _Teller(zone, language, now)
    return [speak[row["code"]](row, told) for row in rows if row.get("code") in speak]


class _Teller:
    """Figures in words."""

    def __init__(self, zone: str | None, language: str, now: datetime) -> None:
        self._zone, self._language, self._now = zone, language, now

    def about(self, row: dict[str, Any]) -> str:
        """A length to the nearest unit that people would say: ``14 hours``, ``3 days``."""
        seconds = abs(float(row.get("seconds") or 0))
        size, one, korean = (
            (_MINUTE, "minute", "분")
            if seconds < _HOUR
            else (_HOUR, "hour", "시간")
            if seconds < 2 * _DAY
            else (_DAY, "day", "일")
        )
        number = max(1, round(seconds / size))
        return f"{number}{korean}" if self._language == "ko" else f"{number} {one}{'' if number == 1 else 's'}"

    def moment(self, text: Any) -> str:
        """``24 Mar, 09:30 (Korean time)``; empty for what is no instant."""
        at = dates.instant(str(text or ""))
        return dates.moment(at, self._zone, self._language, self._now) if at else ""


def _english_history(row: dict[str, Any], _told: _Teller) -> str:
    own, comparable = int(row.get("own") or 0), int(row.get("comparable") or 0)
    where = " at this port" if row.get("level") == "port" else " by this mode" if row.get("level") == "mode" else ""
    others = f"{comparable:,} comparable {'cargo' if comparable == 1 else 'cargoes'}{where}"
    if row.get("level") == "client" and own:
        return f"Learned from {own:,} {'cargo' if own == 1 else 'cargoes'} of the same client and {others}."
    return f"Learned from {others}."


def _korean_history(row: dict[str, Any], _told: _Teller) -> str:
    own, comparable = int(row.get("own") or 0), int(row.get("comparable") or 0)
    where = "같은 항구의 " if row.get("level") == "port" else "같은 운송수단의 " if row.get("level") == "mode" else ""
    others = f"{where}유사 화물 {comparable:,}건"
    if row.get("level") == "client" and own:
        return f"같은 의뢰인의 화물 {own:,}건과 {others}을 바탕으로 예측했습니다."
    return f"{others}을 바탕으로 예측했습니다."


def _english_elapsed(row: dict[str, Any], told: _Teller) -> str:
    share = float(row.get("longer_than") or 0)
    than = f", longer than {share * 100:.0f} of 100 do" if share >= _TELLING else ""
    return f"It has taken {told.about(row)} so far{than}."


def _korean_elapsed(row: dict[str, Any], told: _Teller) -> str:
    share = float(row.get("longer_than") or 0)
    than = f", 100건 중 {share * 100:.0f}건보다 깁니다" if share >= _TELLING else ""
    return f"지금까지 {told.about(row)} {'걸렸으며' if than else '걸렸습니다'}{than}."


def _adds(what: str) -> Callable[[dict[str, Any], _Teller], str]:
    def speak(row: dict[str, Any], told: _Teller) -> str:
        if abs(float(row.get("seconds") or 0)) < _MINUTE:
            return f"{what}; that usually changes little."
        does = "adds" if row["seconds"] > 0 else "saves"
        return f"{what}; that usually {does} about {told.about(row)}."

    return speak


def _korean_adds(what: str) -> Callable[[dict[str, Any], _Teller], str]:
    def speak(row: dict[str, Any], told: _Teller) -> str:
        if abs(float(row.get("seconds") or 0)) < _MINUTE:
            return f"{what} 보통 소요 시간에 큰 차이는 없습니다."
        does = "더 걸립니다" if row["seconds"] > 0 else "단축됩니다"
        return f"{what} 보통 약 {told.about(row)} {does}."

    return speak


def _english_carrier(row: dict[str, Any], told: _Teller) -> str:
    said = f"The carrier estimates {told.moment(row.get('estimated_at'))}"
    if abs(float(row.get("seconds") or 0)) < _HOUR:
        return f"{said}; its estimates have been about right."
    return f"{said}; it has usually been about {told.about(row)} {'later' if row['seconds'] > 0 else 'earlier'}."


def _korean_carrier(row: dict[str, Any], told: _Teller) -> str:
    said = f"운송사 예정은 {told.moment(row.get('estimated_at'))}이며,"
    if abs(float(row.get("seconds") or 0)) < _HOUR:
        return f"{said} 지금까지 예정과 거의 같았습니다."
    return f"{said} 보통 예정보다 약 {told.about(row)} {'늦었습니다' if row['seconds'] > 0 else '빨랐습니다'}."


def _rest_days(row: dict[str, Any], _told: _Teller) -> str:
    days = int(row.get("days") or 0)
    return f"{days} rest {'day lies' if days == 1 else 'days lie'} in between."


_Speaker = dict[str, Callable[[dict[str, Any], _Teller], str]]
_ENGLISH: _Speaker = {
    "history": _english_history,
    "elapsed": _english_elapsed,
    "inspection": _adds("An inspection was ordered"),
    "hold": _adds("A hold is open"),
    "declared_ahead": _adds("It was declared before its entry into storage"),
    "rest_days": _rest_days,
    "carrier": _english_carrier,
    "schedule": lambda row, told: f"The schedule says {told.moment(row.get('planned_at'))}.",
    "sea_distance": lambda row, told: (
        f"{int(row['miles']):,} nautical miles are to be sailed, by the usual speed until "
        f"{told.moment(row.get('planned_at'))}."
    ),
    "thin": lambda _row, _told: "Little comparable cargo is known, so the range is wide.",
}
_KOREAN: _Speaker = {
    "history": _korean_history,
    "elapsed": _korean_elapsed,
    "inspection": _korean_adds("검사 대상으로 지정되었습니다."),
    "hold": _korean_adds("해제되지 않은 보류가 있습니다."),
    "declared_ahead": _korean_adds("보세구역 반입 전에 신고되었습니다."),
    "rest_days": lambda row, _told: f"그 사이에 휴무일이 {int(row.get('days') or 0)}일 있습니다.",
    "carrier": _korean_carrier,
    "schedule": lambda row, told: f"운항 일정은 {told.moment(row.get('planned_at'))}입니다.",
    "sea_distance": lambda row, told: (
        f"항해 거리는 {int(row['miles']):,}해리이며, 통상 속력이면 {told.moment(row.get('planned_at'))} 도착입니다."
    ),
    "thin": lambda _row, _told: "유사 화물이 적어 예측 범위가 넓습니다.",
}
CODES = tuple(_ENGLISH)
