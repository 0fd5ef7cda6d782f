"""Quiet hours and the hour of the digest in the recipient's own time; and when an expected time has moved.

Plain functions: the clock is an argument. Instants are aware; hours are wall time in an IANA zone. Where the clock is
put forward, an hour that does not exist is taken as long after midnight as it would have been; where it is put back, an
hour that comes twice is its first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EVERY_DAY = 0b1111111
# The rest of a storm is not news any more by tomorrow's digest.
STORM_DIGEST = timedelta(hours=1)
_DAY = timedelta(days=1)


@lru_cache(maxsize=512)
def zone_of(*names: str) -> ZoneInfo:
    """The first of these names that is a time zone; UTC if none is."""
    for name in names:
        if not name:
            continue
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def end_of_quiet(now: datetime, quiet_from: time | None, quiet_until: time | None, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that ``now`` lies in end, in UTC; None outside of them. Equal or missing hours: none.

    They may go over midnight. The night's begin and end are instants, so that a night in which the clock is changed
    is an hour shorter or longer and nothing is sent within it.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return None
    today = now.astimezone(zone).date()
    over_midnight = quiet_from > quiet_until
    # The hours of a night began yesterday.
    for begins_on in (today - _DAY, today):
        begin = instant(begins_on, quiet_from, zone)
        end = instant(begins_on + _DAY if over_midnight else begins_on, quiet_until, zone, last=True)
        if begin <= now < end:
            return end
    return None


def next_digest(now: datetime, at: time, days: int, zone: ZoneInfo) -> datetime:
    """The first digest after ``now``, in UTC. ``days``: bit 0 is Monday; none is as every day."""
    wanted = days & EVERY_DAY or EVERY_DAY
    day = now.astimezone(zone).date() - _DAY
    for _ in range(10):
        if wanted >> day.weekday() & 1:
            due = instant(day, at, zone)
            if due > now:
                return due
        day += _DAY
    raise AssertionError("a week has every weekday")


def instant(day: date, at: time, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """A wall time as an instant in UTC; one that comes twice is its first, or with ``last`` its second."""
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), zone)
    first = wall.astimezone(UTC)
    if not last:
        return first
    second = wall.replace(fold=1).astimezone(UTC)
    # In a gap the second reading lies before the first.
    return max(first, second)


def has_moved(was: datetime, now: datetime, hours: int) -> bool:
    """Whether an expected instant moved by at least so many hours, either way; by no time at all it never did."""
    return abs(now - was) >= timedelta(hours=max(hours, 1))
