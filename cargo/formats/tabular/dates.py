"""Dates and times as people and their programs write them into tables.

Read are ISO 8601 (with or without an offset), year first with any separator, day or month first (the caller says
which; nothing is guessed cell by cell), eight, twelve or fourteen digits, names of months in English, Korean
(2026년 3월 14일 오후 2시 5분), and the serial numbers of spreadsheets (days since 30 December 1899, the 1900 date
system of ECMA-376 part 1, section 18.17.4.1). A year of two digits is one of 2000 to 2099.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, timezone
from typing import NamedTuple

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day", "month", "year"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
LONGEST = 64

_NO_DATE = re.compile(r"(?:[-.x]*|n/?a|tb[adn]|none|null|nil|미정|없음)\Z")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), start=1
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = re.compile(
    r"\A(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+|[월화수목금토일]요일\s+)"
    r"|\s*\((?:[월화수목금토일]|mon|tue|wed|thu|fri|sat|sun)\)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*(?:[-/.]|년)\s*(\d{1,2})\s*(?:[-/.]|월)\s*(\d{1,2})\s*[.일]?(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})(?![\d])\.?")
_DAY_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-/.\s]*({_MONTH})[-/.,\s]*(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
_NAME_DAY = re.compile(rf"({_MONTH})[-/.\s]*(\d{{1,2}})(?:st|nd|rd|th)?[-/,\s]+(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})[T ]?(?:(\d{2}):?(\d{2})(?::?(\d{2}))?)?\Z")
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,12})?\Z")
_FIRST_SERIAL, _LAST_SERIAL = 20000, 80000
_SERIAL_ZERO = datetime(1899, 12, 30)
_HALF = r"(?P<half>[ap]\.?m\.?|오전|오후)"
_CLOCK = re.compile(
    rf"(?:{_HALF}\s*)?(?P<hour>\d{{1,2}})\s*(?::|시|h|\.)\s*(?:(?P<minute>\d{{1,2}})\s*분?)?"
    rf"(?:\s*:?\s*(?P<second>\d{{1,2}})(?:[.,]\d{{1,9}})?\s*초?)?\s*(?P<after>[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?\Z",
    re.IGNORECASE,
)
_BARE_CLOCK = re.compile(r"(\d{2})(\d{2})(\d{2})?\Z")


class Moment(NamedTuple):
    """What a cell says. ``local`` is naive; ``offset`` is given only where the cell states one."""

    local: datetime
    offset: timedelta | None = None
    has_time: bool = True


def is_blank(text: str) -> bool:
    """Whether the cell says that there is no date."""
    return _NO_DATE.match(text.strip().lower()) is not None


def read(text: str, order: str = "") -> Moment | None:
    """The date, and the time where one stands with it; ``None`` for what is no date.

    ``order``: whether ``03/04/26`` is 3 April (``DAY_FIRST``), March 4 (``MONTH_FIRST``) or 26 April 2003
    (``YEAR_FIRST``); empty: it is not read.
    """
    shown = " ".join(text[: LONGEST + 1].split())
    if len(shown) > LONGEST:
        return None
    if _SERIAL.match(shown):
        return _serial(float(shown))
    digits = _DIGITS.match(shown)
    if digits is not None:
        return _whole(tuple(map(int, digits.groups("0"))), has_time=digits[4] is not None)
    shown = _WEEKDAY.sub("", shown, count=2).strip()
    for pattern in (_YEAR_FIRST, _NUMBERS, _DAY_NAME, _NAME_DAY):
        found = pattern.match(shown)
        if found is not None:
            day = _day(pattern, found, order)
            return _with_clock(day, shown[found.end() :]) if day else None
    return None


def read_clock(text: str) -> time | None:
    """A time of day alone: ``08:55``, ``0855``, ``오전 8시 55분``, or a fraction of a day from a spreadsheet."""
    shown = " ".join(text[: LONGEST + 1].split())
    if re.fullmatch(r"0?\.\d{1,18}", shown):
        return clock_of(float(shown))
    bare = _BARE_CLOCK.match(shown)
    try:
        if bare is not None:
            return time(int(bare[1]), int(bare[2]), int(bare[3] or 0))
        found = _CLOCK.match(shown)
        return _time_of(found) if found and found["zone"] is None else None
    except ValueError:
        return None


def is_ambiguous(text: str) -> bool:
    """Whether only a person can say which of two numbers is the month."""
    found = _numbers(text)
    return found is not None and found[0] <= 12 and found[1] <= 12 and found[0] != found[1]


def order_of(samples: Iterable[str]) -> str:
    """``DAY_FIRST`` or ``MONTH_FIRST`` where one sample proves it and none the other; else empty."""
    proved = set()
    for text in samples:
        found = _numbers(text)
        if found is not None and found[0] > 12 >= found[1]:
            proved.add(DAY_FIRST)
        elif found is not None and found[1] > 12 >= found[0]:
            proved.add(MONTH_FIRST)
    return proved.pop() if len(proved) == 1 else ""


def _numbers(text: str) -> tuple[int, int] | None:
    shown = _WEEKDAY.sub("", " ".join(text[:LONGEST].split()), count=2).strip()
    found = None if _YEAR_FIRST.match(shown) else _NUMBERS.match(shown)
    return (int(found[1]), int(found[2])) if found else None


def _day(pattern: re.Pattern[str], found: re.Match[str], order: str) -> tuple[int, int, int] | None:
    if pattern is _YEAR_FIRST:
        return int(found[1]), int(found[2]), int(found[3])
    if pattern is _DAY_NAME:
        return _year(found[3]), _MONTHS[found[2].lower()], int(found[1])
    if pattern is _NAME_DAY:
        return _year(found[3]), _MONTHS[found[1].lower()], int(found[2])
    if order == YEAR_FIRST and len(found[3]) == 2:
        return _year(found[1].zfill(2)), int(found[2]), int(found[3])
    first, second, year = int(found[1]), int(found[2]), _year(found[3])
    if first == second or order == DAY_FIRST:
        return year, second, first
    return (year, first, second) if order == MONTH_FIRST else None


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _with_clock(day: tuple[int, int, int], rest: str) -> Moment | None:
    rest = rest.strip().lstrip(",T").strip()
    if not rest:
        return _whole((*day, 0, 0, 0), has_time=False)
    found = _CLOCK.match(rest)
    bare = _BARE_CLOCK.match(rest)
    try:
        if found is not None:
            clock = _time_of(found)
            return Moment(datetime.combine(datetime(*day), clock), _offset(found["zone"]))
        if bare is not None:
            return _whole((*day, int(bare[1]), int(bare[2]), int(bare[3] or 0)), has_time=True)
    except ValueError:
        return None
    return None


def _time_of(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    half = (found["half"] or found["after"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if half in ("pm", "오후") else 0)
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone.upper() in ("Z", "UTC", "GMT"):
        return timedelta(0)
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if minutes > 14 * 60:
        raise ValueError("no offset of a zone")
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


def _whole(parts: tuple[int, ...], *, has_time: bool) -> Moment | None:
    try:
        year, month, day, hour, minute, second = parts
        return Moment(datetime(year, month, day, hour, minute, second), None, has_time)
    except ValueError:
        return None


def _serial(number: float) -> Moment | None:
    if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return None
    moment = _SERIAL_ZERO + timedelta(seconds=round(number * 86_400))
    return Moment(moment, None, number != int(number))


def from_serial(number: float, *, since_1904: bool = False) -> datetime | None:
    """The instant (naive) of a spreadsheet's serial number; ``None`` outside the years 1900 to 9999."""
    number += 1462 if since_1904 else 0
    # A number below 1 is a time of day; NaN compares with nothing.
    if not 1 <= number < 2_958_466:
        return None
    return _SERIAL_ZERO + timedelta(seconds=round(number * 86_400))


def clock_of(part: float) -> time:
    """The time of day of a fraction of a day."""
    return (_SERIAL_ZERO + timedelta(seconds=round(part * 86_400))).time()


def instant(moment: Moment) -> datetime | None:
    """The aware time of a cell that states its offset."""
    if moment.offset is None:
        return None
    zone = UTC if moment.offset == timedelta(0) else timezone(moment.offset)
    return moment.local.replace(tzinfo=zone)
