"""The packaged rules: words that the house knows, laws that are named; and how the columns are read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cargo.dashboard import terms
from cargo.domain.codes import MILESTONES
from cargo.domain.deadline_rules import (
    CERTAINTIES,
    LISTINGS,
    MONEY_KINDS,
    PACKAGED,
    STARTS_AT,
    Rate,
    Rule,
    read_rates,
)


@pytest.mark.parametrize("rule", PACKAGED.rules, ids=lambda rule: rule.code)
def test_a_packaged_rule_uses_the_words_of_the_house(rule: Rule) -> None:
    assert rule.starts and {*rule.starts, *rule.meets} <= set(MILESTONES)
    assert (rule.days is None) != (rule.months is None)
    assert rule.starts_at in STARTS_AT and rule.certainty in CERTAINTIES and rule.listing in ("", *LISTINGS)
    assert rule.law and rule.responsible in terms.RESPONSIBLE and rule.next_action in terms.NEXT_ACTIONS
    assert rule.kind in terms.DEADLINES and rule.basis in terms.DEADLINE_BASES
    assert (rule.money in MONEY_KINDS and rule.currency != "") if rule.money else not rule.rates
    # What is only told by others alerts nobody.
    assert rule.certainty == "law" or not rule.alerts


def test_the_same_day_ends_one_rule_and_begins_the_next() -> None:
    def chosen(day: date) -> str | None:
        rule = PACKAGED.choose("KR-KCS", "entry_limit", day, mode="sea", load="container")
        return rule.code if rule else None

    assert chosen(date(2020, 12, 31)) == "kr_entry_container_before"
    assert chosen(date(2021, 1, 1)) == "kr_entry_container"
    assert PACKAGED.choose("KR-KCS", "entry_limit", date(2026, 1, 1)) is None


def test_of_two_rules_the_one_that_asks_for_more_is_chosen() -> None:
    def months(office: str) -> int | None:
        rule = PACKAGED.choose("KR-KCS", "storage_limit", date(2026, 3, 10), office=office)
        return rule.months if rule else None

    assert (months("030"), months("016"), months("")) == (2, 6, 6)


def test_rates() -> None:
    assert read_rates("20:0.5 :2") == (Rate(20, Decimal("0.5")), Rate(None, Decimal(2)))
    assert read_rates("") == ()


@pytest.mark.parametrize("text", ["20", "x:1", "20:x", "50:1 20:2", ":2 20:1", "0:1", "20:-1", "20:nan", "20:1 20:2"])
def test_rates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):
        read_rates(text)


def test_months_end_with_a_shorter_month_and_move_off_a_holiday() -> None:
    rule = Rule("r", "KR-KCS", "k", "b", (), (), months=1)

    # 31 January -> 28 February, a Saturday; then Sunday 1 March, a holiday, and its substitute.
    assert rule.last_day(date(2026, 1, 31), "KR") == date(2026, 3, 3)
    assert rule._replace(moves_off=False).last_day(date(2026, 1, 31), "KR") == date(2026, 2, 28)
