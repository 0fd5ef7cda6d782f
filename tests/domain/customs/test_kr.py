"""Korean customs' words: every row of the tables is a milestone, and notices give their limits."""

from __future__ import annotations

from datetime import date

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import kr
from cargo.domain.working_days import months_later


def test_every_word_means_a_milestone_and_every_agency_is_named() -> None:
    meanings = list(kr.PROCESSES.values())
    assert {meaning.milestone for meaning in meanings} <= set(MILESTONES)
    assert set(kr.ENTRIES.values()) | set(kr.REMOVALS.values()) <= set(MILESTONES)
    assert {meaning.agency for meaning in meanings if meaning.agency} <= set(kr.AGENCIES)
    assert set(kr.PROCESSES).issuperset(kr.ENTRY_REPORTS | kr.REMOVAL_REPORTS)


def test_whoever_holds_or_releases_is_named() -> None:
    acts = {"hold_open", "hold_close", "release", "revert"}
    unnamed = [
        text
        for text, meaning in kr.PROCESSES.items()
        if MILESTONES[meaning.milestone].effect in acts and meaning.agency is None
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("부산항", "KRPUS"),
        (" 부산 신항 ", "KRBNP"),
        ("부산신항 2부두", "KRBNP"),
        ("인천", "KRINC"),
        ("인천국제공항", "ICN"),
        ("인천공항 제2터미널", "ICN"),
        ("상하이항", None),
        ("", None),
    ],
)
def test_ports_are_told_by_how_their_korean_name_begins(text: str, code: str | None) -> None:
    assert kr.port_named(text) == code


def test_phrases_are_compared_without_spaces_and_in_their_present_wording() -> None:
    assert kr.phrase(" 입항 적하목록\t심사완료\u3000") == "입항적재화물목록심사완료"
    assert kr.phrase("수입신고수리전반출") != kr.phrase("수입신고 수리후 반출")


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("[부가사항] 창고의 장치기간은 최대 6 개월 입니다.", kr.Notice(6, None)),
        ("창고의 장치기간은 최대 12개월입니다", kr.Notice(12, None)),
        ("수입신고 수리일로부터 15일이내에 물품을 반출하여야하며", kr.Notice(None, 15)),
        ("장치기간 안내", kr.Notice(None, None)),
        ("", kr.Notice(None, None)),
    ],
)
def test_a_notice(text: str, notice: kr.Notice) -> None:
    assert kr.notice(text) == notice


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 14), 12, date(2027, 3, 14)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1234526030001M20260430", date(2026, 4, 30)),
        ("반출기한연장일 2026.04.30", date(2026, 4, 30)),
        ("1234526030001M20261340", None),
        ("1234526030001M", None),
        ("", None),
    ],
)
def test_the_limit_in_an_extension(text: str, found: date | None) -> None:
    assert kr.extension_date(text) == found
