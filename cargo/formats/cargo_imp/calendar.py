"""Day and month without a year, times of day, and the indicators that move a time to another day.

Source: Cargo-IMP manual, 34th edition: general note 2 (local time of the place), code lists 1.11, 1.41 and 1.51.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# P: the day before, N: the next, S: the second, T: the third, then A to L for the fourth to the fifteenth.
DAY_CHANGES = {"P": -1, "N": 1, "S": 2, "T": 3} | {letter: days for days, letter in enumerate("ABCDEFGHIJKL", start=4)}
CLASSIFIERS = {"S": "planned", "E": "estimated", "A": "actual"}

# What happened lies mostly behind the message, what is planned as far ahead as behind. Each span is a leap year long,
# so that every day of the year is in it.
_BACK_WHEN_TOLD = timedelta(days=306)
_BACK_WHEN_PLANNED = timedelta(days=183)
_SPAN = timedelta(days=366)


def day_of(day: int, month: str, reference: date, *, planned: bool = False) -> date | None:
    """The day meant by ``day`` and ``month`` in a message of ``reference``.

    What happened is sought from ten months before the message to two months after it, what is planned half a year to
    both sides: 31 December told on 1 January is last year's. ``None`` for a day that is not there (29 February).
    """
    first = reference - (_BACK_WHEN_PLANNED if planned else _BACK_WHEN_TOLD)
    found = [
        candidate
        for year in (reference.year, reference.year - 1, reference.year + 1)
        if (candidate := day_of_year(day, month, year)) is not None and first <= candidate < first + _SPAN
    ]
    return min(found, key=lambda candidate: abs(candidate - reference), default=None)


def at(day: date, clock: str | None, change: str | None = None) -> datetime | None:
    """That day's wall time, ``clock`` being ``hhmm`` (``2400`` is the next midnight); ``None`` if it is none."""
    hour, minute = (int(clock[:2]), int(clock[2:])) if clock else (0, 0)
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    days = DAY_CHANGES[change] if change else 0
    return datetime(day.year, day.month, day.day) + timedelta(days=days, hours=hour, minutes=minute)


def day_of_year(day: int, month: str, year: int) -> date | None:
    """That day, or ``None`` if there is none (29 February)."""
    try:
        return date(year, MONTHS.index(month) + 1, day)
    except ValueError:
        return None
