"""Which entries belong to a journey: boxes are used again, and shared boxes are shared in part (decision 9)."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.journey import belonging
from cargo.domain.state import Entry
from cargo.domain.view import Plan
from tests.domain.histories import entry, kst

BOX = "HDMU6546583"


def move(milestone: str, day: str, **words: Any) -> Entry:
    return entry(milestone, f"2026-{day} 09:00", subject=BOX, level="container", **words)


def counted(*entries: Entry, **plan: Any) -> list[tuple[str, int]]:
    found = belonging(list(entries), Plan(**({"registered_at": kst("2026-03-10 00:00")} | plan)))
    return [(item.milestone, item.occurred or 0) for item in found]


def said(*pairs: tuple[str, str]) -> list[tuple[str, int]]:
    return [(milestone, kst(f"2026-{day} 09:00")) for milestone, day in pairs]


PICKED_UP = move("empty_picked_up", "03-02")
RETURNED = move("empty_returned", "03-20", weak=True)


def test_what_a_bill_names_always_counts() -> None:
    assert len(counted(move("discharged", "03-14"), move("discharged", "09-14"))) == 2


@pytest.mark.parametrize(
    ("day", "counts"), [("02-22", False), ("02-24", True), ("03-14", True), ("03-23", True), ("03-24", False)]
)
def test_the_window_is_seven_days_before_the_pick_up_to_three_after_the_return(day: str, counts: bool) -> None:
    weak = move("gate_in", day, weak=True)
    assert (("gate_in", kst(f"2026-{day} 09:00")) in counted(PICKED_UP, RETURNED, weak)) is counts


def test_a_booking_begins_the_window_too() -> None:
    booked = entry("booking_confirmed", "2026-02-15 09:00")
    weak = move("gate_in", "02-10", weak=True)
    assert len(counted(booked, weak)) == 2
    assert len(counted(booked, move("gate_in", "02-01", weak=True))) == 1


def test_without_a_pick_up_it_begins_after_the_return_of_the_journey_before() -> None:
    before = [move("gate_out", "02-01", weak=True), move("empty_returned", "02-05", weak=True)]
    ours = [move("loaded", "03-05"), move("discharged", "03-14", weak=True)]
    assert counted(*before, *ours) == said(("loaded", "03-05"), ("discharged", "03-14"))


def test_the_next_journey_of_the_box_is_another_cargos() -> None:
    following = [move("empty_picked_up", "05-02", weak=True), move("loaded", "05-10", weak=True)]
    assert counted(PICKED_UP, RETURNED, *following) == said(("empty_picked_up", "03-02"), ("empty_returned", "03-20"))


def test_registered_after_the_box_came_back_the_journey_that_ended_is_meant() -> None:
    ended = [move("discharged", "03-14", weak=True), move("empty_returned", "03-20", weak=True)]
    assert len(counted(*ended, registered_at=kst("2026-04-10 00:00"))) == 2


def test_a_time_that_is_not_known_counts() -> None:
    weak = Entry("discharged", 2, None, None, 1, "a", subject=BOX, weak=True)
    assert len(counted(PICKED_UP, RETURNED, weak)) == 3


def test_a_shared_box_counts_between_stuffing_and_stripping() -> None:
    entries = [
        move("empty_picked_up", "03-01"),
        move("gate_in", "03-02"),
        move("stuffed", "03-03"),
        move("loaded", "03-05"),
        move("stripped", "03-15"),
        move("gate_in", "03-16"),
        move("empty_returned", "03-17"),
    ]
    assert counted(*entries, load="lcl") == said(("stuffed", "03-03"), ("loaded", "03-05"), ("stripped", "03-15"))
    assert len(counted(*entries, load="fcl")) == 7


def test_the_cargo_of_a_shared_box_is_not_bound_to_it() -> None:
    released = entry("customs_released", "2026-03-20 09:00")
    assert ("customs_released", released.occurred) in counted(released, move("stripped", "03-15"), load="lcl")
