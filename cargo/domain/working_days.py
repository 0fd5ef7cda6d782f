"""Counting days: on which of them offices work (weekends, public holidays by country), and months.

Holidays come from the ``holidays`` package (MIT), which knows Korea's substitute and temporary holidays. A country that
it does not know has weekends only, so that a deadline there is at most too early.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5
# Friday and Saturday: the weekend in those countries of the Gulf and North Africa that keep it.
_FRIDAY_WEEKENDS = frozenset({"BD", "BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE"})
_FRIDAY_AND_SATURDAY = (4, 5)
_ONE_DAY = timedelta(days=1)


def is_working(day: date, country: str) -> bool:
    """Whether offices work on that day. ``country``: ISO 3166-1 alpha-2; empty: weekends only."""
    weekday = day.weekday()
    resting = weekday in _FRIDAY_AND_SATURDAY if country in _FRIDAY_WEEKENDS else weekday >= _SATURDAY
    return not resting and day not in _holidays(country, day.year)


def moved_off(day: date, country: str) -> date:
    """The day itself, or the next one on which offices work."""
    while not is_working(day, country):
        day += _ONE_DAY
    return day


def working_days_after(day: date, count: int, country: str) -> date:
    """The last of ``count`` working days, the first day excluded; the day itself for none."""
    while count > 0:
        day += _ONE_DAY
        if is_working(day, country):
            count -= 1
    return day


def months_later(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the last day of a shorter month (Civil Act (KR) art. 160)."""
    years, index = divmod(day.month - 1 + months, 12)
    following = date(day.year + years + (index + 1) // 12, (index + 1) % 12 + 1, 1)
    last = following - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


@lru_cache(maxsize=2048)
def _holidays(country: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    # Imported when first needed: it takes a quarter of a second, and most commands never count a day.
    import holidays

    try:
        found = set(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
    if country == "KR":
        # Customs Act (KR) art. 8(3): workers' day is no working day either, before it became a public holiday in 2026.
        found.add(date(year, 5, 1))
    return frozenset(found)
