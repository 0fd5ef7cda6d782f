"""Quiet hours and digests in the recipient's own time, over midnight and the nights in which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import schedule

SEOUL, BERLIN, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [SEOUL, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("UTC")]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


QUIET = [
    # zone, now, from, until, end
    (SEOUL, "2026-03-24T23:00+09:00", time(22), time(8), "2026-03-25T08:00+09:00"),
    (SEOUL, "2026-03-25T07:59+09:00", time(22), time(8), "2026-03-25T08:00+09:00"),
    (SEOUL, "2026-03-25T08:00+09:00", time(22), time(8), None),
    (SEOUL, "2026-03-24T21:59+09:00", time(22), time(8), None),
    (SEOUL, "2026-03-24T22:00+09:00", time(22), time(8), "2026-03-25T08:00+09:00"),
    (SEOUL, "2026-03-24T13:00+09:00", time(12), time(14), "2026-03-24T14:00+09:00"),
    (SEOUL, "2026-03-24T13:00+09:00", time(12), time(12), None),
    (SEOUL, "2026-03-24T13:00+09:00", None, None, None),
    # The clock is put forward from 2 to 3: the night is an hour shorter.
    (BERLIN, "2026-03-28T23:00+01:00", time(22), time(8), "2026-03-29T08:00+02:00"),
    # An end that does not exist: as long after midnight as it would have been.
    (BERLIN, "2026-03-29T01:00+01:00", time(22), time(2, 30), "2026-03-29T03:30+02:00"),
    # And back from 3 to 2: an end that comes twice is its second.
    (BERLIN, "2026-10-25T01:00+02:00", time(22), time(2, 30), "2026-10-25T02:30+01:00"),
    (NEW_YORK, "2026-11-01T23:30-05:00", time(22), time(8), "2026-11-02T08:00-05:00"),
]


@pytest.mark.parametrize(("zone", "now", "begin", "until", "end"), QUIET)
def test_when_quiet_hours_end(zone: ZoneInfo, now: str, begin: time, until: time, end: str | None) -> None:
    assert schedule.end_of_quiet(at(now), begin, until, zone) == (at(end) if end else None)


DIGESTS = [
    # zone, now, at, days, next
    (SEOUL, "2026-03-24T07:59+09:00", time(8), 0b0011111, "2026-03-24T08:00+09:00"),
    (SEOUL, "2026-03-24T08:00+09:00", time(8), 0b0011111, "2026-03-25T08:00+09:00"),
    (SEOUL, "2026-03-27T09:00+09:00", time(8), 0b0011111, "2026-03-30T08:00+09:00"),
    (SEOUL, "2026-03-24T09:00+09:00", time(8), 0b1000000, "2026-03-29T08:00+09:00"),
    (SEOUL, "2026-03-24T09:00+09:00", time(8), 0, "2026-03-25T08:00+09:00"),
    (BERLIN, "2026-03-28T09:00+01:00", time(2, 30), 0b1111111, "2026-03-29T03:30+02:00"),
    (BERLIN, "2026-10-24T09:00+02:00", time(2, 30), 0b1111111, "2026-10-25T02:30+02:00"),
    (BERLIN, "2026-10-25T02:30+01:00", time(2, 30), 0b1111111, "2026-10-26T02:30+01:00"),
]


@pytest.mark.parametrize(("zone", "now", "hour", "days", "due"), DIGESTS)
def test_when_the_next_digest_is_due(zone: ZoneInfo, now: str, hour: time, days: int, due: str) -> None:
    assert schedule.next_digest(at(now), hour, days, zone) == at(due)


instants = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
hours = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(minutes // 60, minutes % 60))


def _in(wall: time, begin: time, until: time) -> bool:
    return begin <= wall < until if begin < until else wall >= begin or wall < until


@given(now=instants, begin=hours, until=hours, zone=st.sampled_from(ZONES))
def test_nothing_is_sent_in_quiet_hours_and_nothing_waits_for_ever(
    now: datetime, begin: time, until: time, zone: ZoneInfo
) -> None:
    if begin == until:
        return
    end = schedule.end_of_quiet(now, begin, until, zone)
    if end is None:
        assert not _in(now.astimezone(zone).time(), begin, until)
        return
    assert now < end <= now + timedelta(hours=26)
    # What was held goes out then, and is not held again for the same night.
    again = schedule.end_of_quiet(end, begin, until, zone)
    assert again is None or again > end


@given(now=instants, hour=hours, days=st.integers(1, 127), zone=st.sampled_from(ZONES))
def test_a_digest_is_once_a_chosen_day(now: datetime, hour: time, days: int, zone: ZoneInfo) -> None:
    due = schedule.next_digest(now, hour, days, zone)
    following = schedule.next_digest(due, hour, days, zone)
    assert now < due < following
    assert due.astimezone(zone).date() < following.astimezone(zone).date()
    # Asked at any time between, it is the same one: nothing is told in two.
    assert schedule.next_digest(now + (due - now) / 2, hour, days, zone) == due


def test_an_unknown_zone_is_the_next_one_or_utc() -> None:
    assert schedule.zone_of("", "Asia/Seoul") == SEOUL
    assert schedule.zone_of("Mars/Base", "") == ZoneInfo("UTC")


@pytest.mark.parametrize(("moved", "hours_", "told"), [(24, 24, True), (23, 24, False), (-24, 24, True), (0, 0, False)])
def test_when_an_arrival_has_moved(moved: int, hours_: int, told: bool) -> None:
    was = at("2026-03-24T00:00+00:00")
    assert schedule.has_moved(was, was + timedelta(hours=moved), hours_) is told
