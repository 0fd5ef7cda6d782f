"""Dates, times and time codes of X12."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cargo.formats.x12.times import moment, placed


@pytest.mark.parametrize(
    ("date", "time", "local", "warning"),
    [
        ("20260315", "1142", datetime(2026, 3, 15, 11, 42), None),
        ("20260315", "114207", datetime(2026, 3, 15, 11, 42, 7), None),
        ("20260315", "1142075", datetime(2026, 3, 15, 11, 42, 7), None),
        ("20260315", "11420759", datetime(2026, 3, 15, 11, 42, 7), None),
        ("20260315", "942", datetime(2026, 3, 15, 9, 42), None),
        ("20260315", "0000", datetime(2026, 3, 15), None),
        ("20260315", "2400", datetime(2026, 3, 16), None),
        ("20261231", "2400", datetime(2027, 1, 1), None),
        ("20240229", "1200", datetime(2024, 2, 29, 12), None),
        ("260315", "1142", datetime(2026, 3, 15, 11, 42), None),
        ("990315", "1142", datetime(1999, 3, 15, 11, 42), None),
        (" 20260315 ", " 1142 ", datetime(2026, 3, 15, 11, 42), None),
        ("20260315", "", datetime(2026, 3, 15), "date_only: there is no time of day"),
        ("20260315", "2460", datetime(2026, 3, 15), "date_only: '2460' is not a time of day"),
        ("20260315", "2500", datetime(2026, 3, 15), "date_only: '2500' is not a time of day"),
        ("20260315", "11:42", datetime(2026, 3, 15), "date_only: '11:42' is not a time of day"),
        ("20260315", "NOON", datetime(2026, 3, 15), "date_only: 'NOON' is not a time of day"),
    ],
)
def test_dates_and_times(date: str, time: str, local: datetime, warning: str | None) -> None:
    when = moment(date, time)
    assert when is not None
    assert (when.local, when.at, when.zone, when.warning) == (local, None, None, warning)


@pytest.mark.parametrize(
    "date", ["", "20260230", "20250229", "2026", "20261315", "00000000", "18990101", "22000101", "ABCDEFGH", "2026٠٣15",
             "2026-03-15", "99999999", "20260315" * 9]
)  # fmt: skip
def test_what_is_no_date(date: str) -> None:
    assert moment(date, "1142") is None


@pytest.mark.parametrize(
    ("code", "hours"),
    [
        ("UT", 0), ("GM", 0), ("01", 1), ("09", 9), ("12", 12), ("13", -12), ("16", -9), ("24", -1), ("ES", -5),
        ("ED", -4), ("CS", -6), ("CD", -5), ("MS", -7), ("MD", -6), ("PS", -8), ("PD", -7), ("AS", -9), ("AD", -8),
        ("HS", -10), ("HD", -9), ("TS", -4), ("TD", -3), ("NS", -3.5), ("ND", -2.5), ("pd", -7),
    ],
)  # fmt: skip
def test_codes_that_give_an_offset(code: str, hours: float) -> None:
    when = moment("20260315", "1142", code)
    assert when is not None and when.at is not None
    assert when.at == datetime(2026, 3, 15, 11, 42, tzinfo=timezone(timedelta(hours=hours)))
    assert when.at.utcoffset() == timedelta(hours=hours)
    assert placed(when, coded_place=True).basis == "given"


@pytest.mark.parametrize("code", ["", "LT", "lt ", "00", "25", "XX", "99"])
def test_local_and_unknown_codes_give_no_instant(code: str) -> None:
    when = moment("20260315", "1142", code)
    assert when is not None
    assert placed(when, coded_place=False) == (None, None, None)
    unknown = code.strip().upper() not in ("", "LT")
    assert when.warning == (f"time_zone: {code!r} is not a time code" if unknown else None)


@pytest.mark.parametrize(
    ("code", "zone", "at"),
    [
        ("ET", "America/New_York", datetime(2026, 3, 15, 15, 42, tzinfo=UTC)),
        ("CT", "America/Chicago", datetime(2026, 3, 15, 16, 42, tzinfo=UTC)),
        ("MT", "America/Denver", datetime(2026, 3, 15, 17, 42, tzinfo=UTC)),
        ("PT", "America/Los_Angeles", datetime(2026, 3, 15, 18, 42, tzinfo=UTC)),
        ("HT", "Pacific/Honolulu", datetime(2026, 3, 15, 21, 42, tzinfo=UTC)),
    ],
)
def test_a_named_zone_counts_only_where_the_place_has_no_code(code: str, zone: str, at: datetime) -> None:
    when = moment("20260315", "1142", code)
    assert when is not None and when.at is None
    assert placed(when, coded_place=False) == (at, zone, "given")
    assert placed(when, coded_place=True) == (None, None, None)


@pytest.mark.parametrize("time", ["0130", "0230"])
def test_an_hour_that_comes_twice_or_not_at_all_names_no_instant(time: str) -> None:
    date = "20261101" if time == "0130" else "20260308"
    when = moment(date, time, "ET")
    assert when is not None
    assert placed(when, coded_place=False) == (None, None, None)


def test_two_ways_to_write_a_moment_are_one_text() -> None:
    texts = {when.text for when in (moment("20260315", "1142"), moment("260315", "114200", "LT")) if when is not None}
    assert texts == {"20260315114200"}
