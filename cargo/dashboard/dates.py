"""Days, moments and spans in words, English and Korean. Plain Python; nothing here asks a clock or a setting."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cargo.dashboard import terms

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}
_NEAR = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "ko": {-1: "어제", 0: "오늘", 1: "내일"},
}
_UNITS = ((86400, "d", "일"), (3600, "h", "시간"), (60, "min", "분"))


def instant(value: str | datetime | None) -> datetime | None:
    """An aware moment from ISO 8601 text; bare text is read as UTC, nothing or a bare day stays ``None``."""
    if not value:
        return None
    if isinstance(value, str):
        if len(value) <= 10:
            return None
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def zone_info(name: str | None) -> ZoneInfo:
    """The zone of that name; UTC when there is none or nobody knows it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local_day(value: str | date | datetime | None, zone: str | None) -> date | None:
    """The calendar day of a moment at that zone; a bare day is taken as it stands."""
    if not value:
        return None
    if isinstance(value, str) and len(value) <= 10:
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    moment_ = instant(value)
    return moment_.astimezone(zone_info(zone)).date() if moment_ else None


def zone_words(moment_: datetime, zone: str | None, language: str) -> str:
    """``Korean time``; a zone without an everyday name as ``UTC+07:00``."""
    offset = moment_.astimezone(zone_info(zone)).strftime("%z")
    return terms.zone(zone, f"UTC{offset[:3]}:{offset[3:5]}" if offset != "+0000" else "UTC", language)


def day(value: date, language: str, today: date | None = None) -> str:
    """``24 Mar`` or ``3월 24일``; with the year unless it is this one."""
    year = today is None or value.year != today.year
    if language == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일" if year else f"{value.month}월 {value.day}일"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if year else f"{value.day} {_MONTHS[value.month - 1]}"


def near_day(value: date, language: str, today: date) -> str:
    """``today``, ``Tuesday`` within the last six days, else the date."""
    distance = (value - today).days
    if distance in _NEAR[language]:
        return _NEAR[language][distance]
    if -6 <= distance < 0:
        return _WEEKDAYS[language][value.weekday()]
    return day(value, language, today)


def on_day(value: date, language: str, today: date) -> str:
    """As an adverb: ``today``, ``on Tuesday``, ``on 24 Mar``; Korean needs no ending for 오늘, 어제, 내일."""
    words = near_day(value, language, today)
    if (value - today).days in _NEAR[language]:
        return words
    return f"{words}에" if language == "ko" else f"on {words}"


def clock(moment_: datetime, zone: str | None) -> str:
    """``09:30`` at that zone."""
    return moment_.astimezone(zone_info(zone)).strftime("%H:%M")


def moment(value: str | datetime, zone: str | None, language: str, now: datetime) -> str:
    """``24 Mar, 09:30 (Korean time)``."""
    at = instant(value)
    if at is None:
        return day(date.fromisoformat(str(value)), language, local_day(now, zone))
    words = day(at.astimezone(zone_info(zone)).date(), language, local_day(now, zone))
    if language == "ko":
        return f"{words} {clock(at, zone)}({zone_words(at, zone, language)})"
    return f"{words}, {clock(at, zone)} ({zone_words(at, zone, language)})"


def span(seconds: float, language: str) -> str:
    """The largest unit, rounded down: ``3 d``, ``5 h``, ``12 min``; ``3일``, ``5시간``, ``12분``."""
    for size, english, korean in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number}{korean}" if language == "ko" else f"{number} {english}"
    return "1분 미만" if language == "ko" else "under 1 min"


def ago(value: datetime, now: datetime, language: str) -> str:
    """``3 h ago``, ``in 2 d``, ``just now``."""
    seconds = (now - value).total_seconds()
    if abs(seconds) < 60:
        return "방금" if language == "ko" else "just now"
    words = span(abs(seconds), language)
    if seconds > 0:
        return f"{words} 전" if language == "ko" else f"{words} ago"
    return f"{words} 후" if language == "ko" else f"in {words}"


def days_left(due: date, today: date, language: str) -> str:
    """``3 days left``, ``today``, ``2 days over``."""
    days = (due - today).days
    if days == 0:
        return "오늘까지" if language == "ko" else "today"
    if language == "ko":
        return f"{days}일 남음" if days > 0 else f"{-days}일 지남"
    noun = "day" if abs(days) == 1 else "days"
    return f"{days} {noun} left" if days > 0 else f"{-days} {noun} over"


_LONG = {"d": ("day", "days"), "h": ("hour", "hours"), "min": ("minute", "minutes")}


def long_span(seconds: float, language: str) -> str:
    """As in a sentence: ``3 days``, ``1 hour``; ``3일``."""
    words = span(seconds, language)
    if language == "ko" or not words[0].isdigit():
        return words
    number, unit = words.split()
    return f"{number} {_LONG[unit][number != '1']}"


def drift(first: datetime, latest: datetime, language: str) -> str:
    """How the estimate moved: ``2 d later``, ``15 h earlier``; empty under half a day, which tells a reader nothing."""
    change = latest - first
    if abs(change) < timedelta(hours=12):
        return ""
    words = span(abs(change.total_seconds()), language)
    if change > timedelta(0):
        return f"{words} 늦어짐" if language == "ko" else f"{words} later"
    return f"{words} 빨라짐" if language == "ko" else f"{words} earlier"
