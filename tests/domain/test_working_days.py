"""Working days against calendars: Korea with substitute holidays, other countries, weekends on other days."""

from __future__ import annotations

from datetime import date

import pytest

from cargo.domain.working_days import is_working, moved_off, working_days_after


@pytest.mark.parametrize(
    ("day", "country", "working"),
    [
        (date(2026, 3, 10), "KR", True),
        (date(2026, 3, 14), "KR", False),  # Saturday
        (date(2026, 3, 15), "KR", False),
        (date(2026, 3, 2), "KR", False),  # for 1 March, a Sunday
        (date(2026, 5, 25), "KR", False),  # for Buddha's birthday, a Sunday
        (date(2025, 1, 27), "KR", False),  # a day that the government added
        (date(2025, 5, 1), "KR", False),  # workers' day, before it became a public holiday
        (date(2026, 7, 3), "US", False),  # Independence Day is a Saturday
        (date(2026, 7, 3), "KR", True),
        (date(2026, 3, 13), "AE", True),  # Friday; the weekend has been Saturday and Sunday since 2022
        (date(2026, 3, 13), "SA", False),
        (date(2026, 3, 15), "SA", True),
        (date(2026, 3, 2), "", True),
        (date(2026, 3, 14), "", False),
        (date(2026, 3, 10), "ZZ", True),
    ],
)
def test_working_days(day: date, country: str, working: bool) -> None:
    assert is_working(day, country) is working


def test_a_day_moves_off_all_of_a_holiday() -> None:
    # The lunar new year rests from Monday 16 to Wednesday 18 February; the 16th is Washington's birthday as well.
    assert moved_off(date(2026, 2, 14), "KR") == date(2026, 2, 19)
    assert moved_off(date(2026, 2, 14), "US") == date(2026, 2, 17)
    assert moved_off(date(2026, 3, 10), "KR") == date(2026, 3, 10)


def test_working_days_are_counted_from_the_day_after() -> None:
    assert working_days_after(date(2026, 3, 13), 1, "KR") == date(2026, 3, 16)
    assert working_days_after(date(2026, 3, 13), 6, "KR") == date(2026, 3, 23)
    assert working_days_after(date(2026, 3, 14), 0, "KR") == date(2026, 3, 14)
