"""Dates as people write them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cargo.formats.tabular import dates
from cargo.formats.tabular.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST

DAY = datetime(2026, 3, 14)
MOMENT = datetime(2026, 3, 14, 8, 55)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2026-03-14", "", DAY),
        ("2026/3/14", "", DAY),
        ("2026.03.14", "", DAY),
        ("2026. 3. 14.", "", DAY),
        ("20260314", "", DAY),
        ("46095", "", DAY),
        ("14.03.2026", DAY_FIRST, DAY),
        ("14/3/26", DAY_FIRST, DAY),
        ("03/14/2026", MONTH_FIRST, DAY),
        ("26.03.14", YEAR_FIRST, DAY),
        ("3/3/2026", "", datetime(2026, 3, 3)),
        ("14-Mar-26", "", DAY),
        ("14MAR26", "", DAY),
        ("Sat, 14 March 2026", "", DAY),
        ("March 14th, 2026", "", DAY),
        ("2026년 3월 14일", "", DAY),
        ("2026년 3월 14일 (토)", "", DAY),
        ("2026-03-14T08:55:00", "", MOMENT),
        ("2026/03/14 08:55", "", MOMENT),
        ("2026-03-14(토) 08:55", "", MOMENT),
        ("202603140855", "", MOMENT),
        ("20260314 0855", "", MOMENT),
        ("14.03.2026 08.55", DAY_FIRST, MOMENT),
        ("03/14/2026 8:55 AM", MONTH_FIRST, MOMENT),
        ("Mar 14, 2026 08:55", "", MOMENT),
        ("2026년 3월 14일 오전 8시 55분", "", MOMENT),
        ("46095.371528", "", datetime(2026, 3, 14, 8, 55)),
    ],
)
def test_a_date_is_read(text: str, order: str, expected: datetime) -> None:
    found = dates.read(text, order)
    assert found is not None
    assert found.local == expected
    assert found.has_time is (expected != expected.replace(hour=0, minute=0))
    assert found.offset is None


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "32/01/2026", "2026-03-14 25:00", "14 March", "2026-03", "2026-03-14 at noon", "1",
     "19999", "80001", "9" * 5000, "2026-03-14T08:55+25:00", "2026-03-14 13:00 PM", "03/04/2026"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.read(text) is None


def test_half_days() -> None:
    read = [dates.read(f"2026-03-14 {clock}") for clock in ("12:05 AM", "12:05 PM", "오후 2:05", "2:05 p.m.")]
    assert [found.local.hour for found in read if found] == [0, 12, 14, 14]


@pytest.mark.parametrize(
    ("text", "offset"), [("Z", 0), ("+09:00", 540), ("+0900", 540), ("-05", -300), (" UTC", 0), ("-03:30", -210)]
)
def test_an_offset_is_kept(text: str, offset: int) -> None:
    found = dates.read(f"2026-03-14T08:55:00{text}")
    assert found is not None and found.offset == timedelta(minutes=offset)
    at = dates.instant(found)
    assert at is not None and at.utcoffset() == timedelta(minutes=offset)


def test_only_a_person_can_say_what_is_the_day() -> None:
    assert dates.is_ambiguous("03/04/2026")
    assert not dates.is_ambiguous("13/04/2026") and not dates.is_ambiguous("4/4/2026")
    assert not dates.is_ambiguous("2026/03/04")
    assert dates.order_of(["03/04/2026", "13/04/2026"]) == DAY_FIRST
    assert dates.order_of(["03/04/2026", "04/13/2026"]) == MONTH_FIRST
    assert dates.order_of(["03/04/2026"]) == ""
    assert dates.order_of(["13/04/2026", "04/13/2026"]) == ""
    days = [dates.read("03/04/2026", order) for order in (DAY_FIRST, MONTH_FIRST)]
    assert [(found.local.day, found.local.month) for found in days if found] == [(3, 4), (4, 3)]


@pytest.mark.parametrize("text", ["", " - ", "N/A", "tba", "TBD", "미정", "x", "...."])
def test_blanks(text: str) -> None:
    assert dates.is_blank(text)


def test_a_time_of_day_alone() -> None:
    assert dates.read_clock("08:55") == dates.read_clock("0855") == dates.read_clock("오전 8시 55분") == time(8, 55)
    assert dates.read_clock("0.5") == time(12)
    assert dates.read_clock("8:55+09:00") is None and dates.read_clock("2500") is None and dates.read_clock("") is None


def test_both_date_systems_of_workbooks() -> None:
    assert dates.from_serial(46095.5) == datetime(2026, 3, 14, 12)
    assert dates.from_serial(44633.5, since_1904=True) == datetime(2026, 3, 14, 12)
    assert dates.from_serial(float("nan")) is None and dates.from_serial(3e9) is None and dates.from_serial(-1) is None


@given(st.text(max_size=80), st.sampled_from(["", *dates.ORDERS]))
def test_any_text(text: str, order: str) -> None:
    dates.read(text, order)
    dates.read_clock(text)
    dates.is_ambiguous(text)
