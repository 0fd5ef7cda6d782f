"""Days, moments and spans in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cargo.dashboard import dates
from cargo.dashboard.korean import with_particle

NOW = datetime(2026, 3, 26, 3, 0, tzinfo=UTC)
TODAY = date(2026, 3, 26)


@pytest.mark.parametrize(
    ("value", "english", "korean"),
    [
        (TODAY, "today", "오늘"),
        (date(2026, 3, 25), "yesterday", "어제"),
        (date(2026, 3, 27), "tomorrow", "내일"),
        (date(2026, 3, 24), "Tuesday", "화요일"),
        (date(2026, 3, 20), "Friday", "금요일"),
        (date(2026, 3, 19), "19 Mar", "3월 19일"),
        (date(2026, 3, 29), "29 Mar", "3월 29일"),
        (date(2025, 12, 31), "31 Dec 2025", "2025년 12월 31일"),
    ],
)
def test_a_day_near_now_has_its_name(value: date, english: str, korean: str) -> None:
    assert dates.near_day(value, "en", TODAY) == english
    assert dates.near_day(value, "ko", TODAY) == korean


def test_a_moment_is_local_to_its_place_with_the_zones_name() -> None:
    at = datetime(2026, 3, 24, 0, 30, tzinfo=UTC)
    assert dates.moment(at, "Asia/Seoul", "en", NOW) == "24 Mar, 09:30 (Korean time)"
    assert dates.moment(at, "Asia/Seoul", "ko", NOW) == "3월 24일 09:30(한국 시각)"
    assert dates.moment(at, "Asia/Yangon", "en", NOW) == "24 Mar, 07:00 (UTC+06:30)"
    assert dates.moment(at, None, "en", NOW) == "24 Mar, 00:30 (UTC)"
    assert dates.moment(at, "Nowhere/At all", "en", NOW) == "24 Mar, 00:30 (UTC)"


@pytest.mark.parametrize(
    ("change", "english", "korean"),
    [
        (timedelta(seconds=30), "just now", "방금"),
        (timedelta(minutes=12, seconds=40), "12 min ago", "12분 전"),
        (timedelta(hours=25), "1 d ago", "1일 전"),
        (-timedelta(hours=5), "in 5 h", "5시간 후"),
    ],
)
def test_ago(change: timedelta, english: str, korean: str) -> None:
    assert dates.ago(NOW - change, NOW, "en") == english
    assert dates.ago(NOW - change, NOW, "ko") == korean


@pytest.mark.parametrize(
    ("due", "english", "korean"),
    [
        (date(2026, 3, 26), "today", "오늘까지"),
        (date(2026, 3, 27), "1 day left", "1일 남음"),
        (date(2026, 4, 5), "10 days left", "10일 남음"),
        (date(2026, 3, 24), "2 days over", "2일 지남"),
    ],
)
def test_days_left(due: date, english: str, korean: str) -> None:
    assert dates.days_left(due, TODAY, "en") == english
    assert dates.days_left(due, TODAY, "ko") == korean


def test_a_drift_under_half_a_day_is_not_worth_a_word() -> None:
    assert dates.drift(NOW, NOW + timedelta(hours=11), "en") == ""
    assert dates.drift(NOW, NOW + timedelta(hours=50), "en") == "2 d later"
    assert dates.drift(NOW, NOW - timedelta(hours=50), "ko") == "2일 빨라짐"


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("부산", "으로", "부산으로"),
        ("서울", "으로", "서울로"),
        ("인천공항", "으로", "인천공항으로"),
        ("제벨알리", "으로", "제벨알리로"),
        ("관세사", "이", "관세사가"),
        ("터미널", "이", "터미널이"),
        ("기한", "은", "기한은"),
        ("서류", "을", "서류를"),
        ("KRPUS", "을", "KRPUS를"),
        ("HMM", "이", "HMM이"),
        ("TERMINAL", "으로", "TERMINAL로"),
        ("3", "을", "3을"),
        ("D/O", "과", "D/O와"),
        ("관세청(세관)", "이", "관세청(세관)이"),
    ],
)
def test_particles_fit_the_last_sound(word: str, particle: str, expected: str) -> None:
    assert with_particle(word, particle) == expected
