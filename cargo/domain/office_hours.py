"""How much of a time lay within office hours: 09:00 to 18:00 local on days on which offices work.

The hours are those of Korea's customs houses (public service rules: 09:00 to 18:00) and are used everywhere, so that
working hours of different places can be compared. The noon break is not taken off.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from cargo.domain.places import zone_info
from cargo.domain.working_days import is_working

OPENS, CLOSES = time(9), time(18)
_ONE_DAY = timedelta(days=1)
# A stage that lasts longer than this is no stage of one cargo; it is counted no further.
_LONGEST = timedelta(days=3660)


def working_seconds(start: int, end: int, country: str, zone: str) -> int:
    """Seconds within office hours between two instants (whole seconds since 1970, UTC); 0 if they are not in order.

    ``country``: whose holidays count (ISO 3166-1 alpha-2; empty: weekends only). ``zone``: an IANA name.
    """
    if end <= start:
        return 0
    local = zone_info(zone)
    first = datetime.fromtimestamp(start, UTC).astimezone(local).date()
    last = min(datetime.fromtimestamp(end, UTC).astimezone(local).date(), first + _LONGEST)
    total, day = 0, first
    while day <= last:
        if is_working(day, country):
            opens = int(datetime.combine(day, OPENS, local).timestamp())
            closes = int(datetime.combine(day, CLOSES, local).timestamp())
            total += max(0, min(end, closes) - max(start, opens))
        day += _ONE_DAY
    return total
