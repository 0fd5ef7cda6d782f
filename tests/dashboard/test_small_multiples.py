"""Where the points of a small chart lie."""

from __future__ import annotations

import pytest

from cargo.dashboard.small_multiples import Point, chart

HOUR, DAY = 3600, 86_400


def test_points_lie_in_their_months_on_a_round_scale() -> None:
    drawn = chart([Point(0, 4, 0, 6 * HOUR, 12 * HOUR), Point(1, 8, HOUR, 12 * HOUR, 23 * HOUR)], 12, 12 * HOUR)
    assert drawn.top == DAY
    # Twelve months between 44 and 294; nothing lies at 92 and a day at 8.
    assert drawn.dots == [("54.4", "71.0"), ("75.2", "50.0")]
    assert drawn.lines == ["M54.4 71.0L75.2 50.0"]
    assert drawn.bands == ["M54.4 50.0L75.2 11.5L75.2 88.5L54.4 92.0Z"]
    assert drawn.target == "50.0"
    assert drawn.bars == [("48.4", "104.0", "12", "8.0"), ("69.2", "96.0", "12", "16.0")]
    assert drawn.grid == [("92.0", 0), ("50.0", 12 * HOUR), ("8.0", DAY)]
    assert [index for _x, index in drawn.months] == [0, 5, 11]


def test_the_line_is_not_drawn_across_a_month_without_an_end() -> None:
    drawn = chart([Point(0, 1, 1, 2, 3), Point(2, 1, 1, 2, 3), Point(3, 1, 1, 2, 3)], 12, None)
    assert (len(drawn.dots), len(drawn.lines), len(drawn.bands), drawn.target) == (3, 1, 2, None)


@pytest.mark.parametrize(
    ("longest", "target", "top", "drawn"),
    [
        (0, None, 600, False),
        (600, None, 600, False),
        (601, None, 1800, False),
        (HOUR, 3 * HOUR, 3 * HOUR, True),
        (HOUR, 3 * HOUR + 1, HOUR, False),
        (101 * DAY, None, 200 * DAY, False),
    ],
)
def test_the_scale_ends_at_a_round_length(longest: float, target: float | None, top: float, drawn: bool) -> None:
    found = chart([Point(0, 1, 0, 0, longest)], 12, target)
    assert (found.top, found.target is not None) == (top, drawn)
