"""Dates, times and zones as X12 writes them.

Sources: ASC X12 data elements 373 (date, CCYYMMDD; YYMMDD before release 004010), 337 (time, HHMM with optional
seconds and decimal seconds) and 623 (time code). A time without a code, or with ``LT``, is local to its place. ``ET``,
``CT`` and the like name a zone and no offset; they count only where the place itself has no code by which its zone
could be known.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

_FIRST_YEAR, _AFTER_LAST = "1900", "2200"
_LONGEST = 40
_PIVOT = "70"
_CLOCK_LENGTHS = frozenset({4, 6, 7, 8})
_NO_TIME = timedelta(0)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

# Element 623. 01 to 12 are hours east of Greenwich, 13 to 24 hours west of it (13 is 12 hours west).
_OFFSETS: dict[str, timedelta] = {
    **{f"{hours:02d}": hours * _HOUR for hours in range(1, 13)},
    **{f"{25 - hours:02d}": -hours * _HOUR for hours in range(1, 13)},
    "UT": timedelta(0),
    "GM": timedelta(0),
    "NS": timedelta(hours=-3.5),
    "ND": timedelta(hours=-2.5),
    "TS": -4 * _HOUR,
    "TD": -3 * _HOUR,
    "ES": -5 * _HOUR,
    "ED": -4 * _HOUR,
    "CS": -6 * _HOUR,
    "CD": -5 * _HOUR,
    "MS": -7 * _HOUR,
    "MD": -6 * _HOUR,
    "PS": -8 * _HOUR,
    "PD": -7 * _HOUR,
    "AS": -9 * _HOUR,
    "AD": -8 * _HOUR,
    "HS": -10 * _HOUR,
    "HD": -9 * _HOUR,
}
_ZONES = {
    "NT": "America/St_Johns",
    "TT": "America/Halifax",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AT": "America/Anchorage",
    "HT": "Pacific/Honolulu",
}
_LOCAL = frozenset({"", "LT"})


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A date and time. ``at`` is the instant where the code gives an offset, ``zone`` the zone that a code names.

    ``text`` is all of it in one form, by which two reports of the same moment are equal.
    """

    local: datetime
    at: datetime | None
    zone: str | None
    text: str
    warning: str | None = None


class Placed(NamedTuple):
    """The instant, the zone and how it was found: the event's ``occurred_at``, ``time_zone`` and ``time_basis``."""

    at: datetime | None
    zone: str | None
    basis: str | None


def moment(date: str, time: str = "", code: str = "") -> Moment | None:
    """The moment, or ``None`` where the date is none. A time that is none is left out, with a warning."""
    if len(date) + len(time) + len(code) > _LONGEST:
        return None
    return _moment(date, time, code)


@lru_cache(maxsize=32768)
def _moment(date: str, time: str, code: str) -> Moment | None:
    digits = date + time
    if len(date) == 8 and len(time) == 4 and code in _LOCAL and digits.isdigit() and _FIRST_YEAR <= date < _AFTER_LAST:
        # What nearly all of them look like.
        try:
            return Moment(datetime.fromisoformat(f"{date}T{time}"), None, None, f"{digits}00")
        except ValueError:
            pass
    return _unusual(date.strip(), time.strip(), code.strip().upper())


def _unusual(date: str, time: str, code: str) -> Moment | None:
    local, warning = _local(date, time)
    if local is None:
        return None
    text, offset = f"{local:%Y%m%d%H%M%S}", _OFFSETS.get(code)
    if offset is None:
        if code not in _ZONES and code not in _LOCAL:
            warning = f"time_zone: {code[:10]!r} is not a time code"
        return Moment(local, None, _ZONES.get(code), text if code in _LOCAL else f"{text} {code}", warning)
    return Moment(local, local.replace(tzinfo=timezone(offset) if offset else UTC), None, f"{text} {code}", warning)


def placed(when: Moment, *, coded_place: bool) -> Placed:
    """The instant of a moment, so far as the message itself tells it.

    A named zone (``ET``) tells it only where the place has no code: a coded place knows its own zone better.
    """
    if when.at is not None:
        return Placed(when.at, None, "given")
    if when.zone is None or coded_place:
        return Placed(None, None, None)
    at = _in_zone(when.local, when.zone)
    return Placed(at, when.zone if at else None, "given" if at else None)


@lru_cache(maxsize=4096)
def _in_zone(local: datetime, zone: str) -> datetime | None:
    """The instant of a wall time, or ``None`` in an hour that comes twice or not at all."""
    first = local.replace(tzinfo=ZoneInfo(zone))
    offset = first.utcoffset()
    if offset is None or offset != first.replace(fold=1).utcoffset():
        return None
    return first.replace(tzinfo=timezone(offset))


def _local(date: str, time: str) -> tuple[datetime | None, str | None]:
    if len(date) == 6:
        date = f"{'19' if date[:2] >= _PIVOT else '20'}{date}"
    if len(date) != 8 or not (date.isascii() and date.isdigit()) or not _FIRST_YEAR <= date < _AFTER_LAST:
        return None, None
    clock, days = _clock(time)
    try:
        local = datetime.fromisoformat(f"{date}T{clock or '0000'}") + days
        warning = None if clock else _no_time(time)
    except ValueError:
        try:
            local, warning = datetime.fromisoformat(date), _no_time(time)
        except ValueError:
            return None, None
    return local, warning


def _clock(time: str) -> tuple[str, timedelta]:
    """HHMM or HHMMSS and a day to add for 2400; an empty text where it is no time. Decimal seconds are left out."""
    if len(time) == 3:
        time = f"0{time}"
    if len(time) not in _CLOCK_LENGTHS or not (time.isascii() and time.isdigit()):
        return "", _NO_TIME
    if time[:4] == "2400":
        return "0000", _DAY
    return (time[:6] if len(time) >= 6 else time), _NO_TIME


def _no_time(time: str) -> str:
    return f"date_only: {time[:20]!r} is not a time of day" if time else "date_only: there is no time of day"
