"""Korean notices are sentences: particles fit the words before them, money is said as Koreans say it."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.dashboard import terms
from cargo.dashboard.korean import with_particle
from clis.accounts.models import Organization
from notifications import render
from notifications.models import Channel, Delivery
from notifications.render.codes import ACTIONS, DEADLINES, RESPONSIBLE
from notifications.render.words import actor, cost
from notifications.subscribing.specimens import specimen

FINE = {"kind": "fine", "currency": "KRW", "maximum": "5000000"}
NEXT = "다음에 할 일"


def lines_of(kind: str, **data: Any) -> list[str]:
    """The lines of the Korean mail of an example, which nobody is owed."""
    update = specimen(kind, Organization(pk=1, name="Alice Imports"))
    channel = Channel(pk=1, organization=Organization(pk=1, name="Alice Imports"), kind="email", language="ko")
    owed = Delivery(pk=1, update=update, channel=channel, kind="email", notice=kind, data=data)
    return render.message(owed, all_shipments=True).text.splitlines()


ANSWERS = [
    ("deadline.near", "반출 기한이 임박했습니다. 2026년 4월 8일까지입니다."),
    ("deadline.set", "반출 기한이 정해졌습니다. 2026년 4월 8일까지입니다."),
    ("deadline.changed", "반출 기한이 2026년 4월 5일에서 2026년 4월 8일로 변경되었습니다(3일 늦어짐)."),
    ("deadline.exceeded", "반출 기한이 2026년 4월 8일에 지났습니다."),
    ("exception.opened", "2026년 3월 24일 09:30(KST)부터 미반출 상태입니다. 확인이 필요합니다."),
    ("exception.closed", "미반출 상태가 2026년 3월 24일 09:30(KST)에 해소되었습니다."),
    ("available", "2026년 3월 24일 09:30(KST)에 부산(KRPUS)에서 화물을 반출할 수 있다고 터미널에서 알려 왔습니다."),
    ("departed", "화물이 2026년 3월 24일 09:30(KST)에 상하이(CNSHA)에서 출항하였습니다."),
]


@pytest.mark.parametrize(("kind", "answer"), ANSWERS)
def test_the_answer_is_a_sentence(kind: str, answer: str) -> None:
    assert lines_of(kind)[0] == answer


NEXTS = [
    (
        "deadline.near",
        "화물을 반출하십시오. 수입자가 2026년 4월 8일까지 조치해야 합니다. "
        "기한이 지나면 최대 5,000,000원의 과태료가 부과될 수 있습니다.",
    ),
    (
        "deadline.exceeded",
        "화물을 반출하십시오. 수입자가 즉시 조치해야 합니다. "
        "기한이 지났으므로 최대 5,000,000원의 과태료가 부과될 수 있습니다.",
    ),
    ("exception.opened", "수입자가 화물을 반출해야 합니다. 자세한 내용은 화물 페이지에서 확인하십시오."),
]


@pytest.mark.parametrize(("kind", "says"), NEXTS)
def test_what_next_is_sentences_too(kind: str, says: str) -> None:
    lines = lines_of(kind)
    assert lines[lines.index(NEXT) + 1] == says


def test_an_exception_says_by_when() -> None:
    lines = lines_of("exception.opened", due_at="2026-04-08", responsible="broker", next_action="submit_documents")
    assert lines[lines.index(NEXT) + 1].startswith(
        "관세사가 2026년 4월 8일까지 세관이 요구한 보완서류를 제출해야 합니다. "
    )


def test_what_is_settled_asks_nobody() -> None:
    lines = lines_of("exception.closed")
    assert "담당: 수입자" not in lines and lines[lines.index(NEXT) + 1].startswith("하실 일은 없습니다.")
    assert "담당: 수입자" in lines_of("exception.opened")


def test_the_new_arrival_is_called_one() -> None:
    lines = lines_of("eta.changed")
    assert "도착 예정: 2026년 3월 24일 09:30 KST (UTC+09:00)" in lines
    assert not any(line.startswith("일시: ") for line in lines)


@pytest.mark.parametrize(
    ("kind", "says"), [("deadline.set", True), ("deadline.changed", True), ("deadline.near", False)]
)
def test_a_deadline_that_is_new_says_since_when(kind: str, says: bool) -> None:
    assert ("일시: 2026년 3월 24일 09:30 KST (UTC+09:00)" in lines_of(kind)) == says


COSTS = [
    (FINE, "최대 5,000,000원의 과태료가 부과될 수 있습니다", "a fine of up to KRW 5,000,000 may follow"),
    ({"kind": "surcharge", "currency": "KRW"}, "가산세가 부과될 수 있습니다", "a surcharge may follow"),
    (
        {"kind": "demurrage", "currency": "KRW", "amount_per_day": "41000.00", "maximum": "900000"},
        "하루 41,000원의 체화료(디머리지)가 발생합니다",
        "demurrage of KRW 41,000 a day accrues",
    ),
    (
        {"kind": "storage", "currency": "USD", "amount_per_day": "150.50"},
        "하루 USD 150.50의 보관료가 발생합니다",
        "storage charges of USD 150.50 a day accrue",
    ),
    ({"kind": ["?"], "currency": None, "maximum": "much"}, "비용이 발생합니다", "charges accrue"),
    ({}, "", ""),
    (None, "", ""),
]


@pytest.mark.parametrize(("money", "korean", "english"), COSTS)
def test_what_being_late_costs(money: Any, korean: str, english: str) -> None:
    assert (cost(money, "ko"), cost(money, "en")) == (korean, english)


@pytest.mark.parametrize("kind", list(DEADLINES))
def test_the_particle_of_the_templates_fits_every_deadline(kind: str) -> None:
    """They say ``이``, which stands after a closing consonant."""
    word = DEADLINES[kind]["ko"]
    assert with_particle(word, "이") == f"{word}이"


def test_who_must_act_begins_a_sentence() -> None:
    assert [actor(code, "ko") for code in ("importer", "consignee", "customs", "warehouse", None, "new")] == [
        "수입자가", "수하인이", "세관이", "보세창고가", "", "",
    ]  # fmt: skip
    assert all(actor(code, "en") == RESPONSIBLE[code]["en"] for code in RESPONSIBLE)


def test_every_action_ends_a_sentence() -> None:
    assert set(ACTIONS) == {*terms.NEXT_ACTIONS, ""}
    assert all(words["ko"].endswith("야 합니다") for action, words in ACTIONS.items() if action)
