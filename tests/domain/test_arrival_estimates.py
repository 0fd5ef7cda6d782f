"""What was known of an arrival before it happened."""

from __future__ import annotations

from itertools import permutations

from cargo.domain.arrival_estimates import DAY, MOST, ArrivalRow, estimates
from cargo.domain.derive import derive
from cargo.domain.sea_distance import planned_arrival
from cargo.domain.state import ACTUAL, ESTIMATED, PLANNED, Entry, merge
from cargo.domain.view import Plan

PLAN = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS", mode="sea")


def entry(name: str, milestone: str, day: float, told: float, classifier: int, place: str, rank: int = 50) -> Entry:
    at, reported = int(day * DAY), int(told * DAY)
    return Entry(milestone, classifier, at, reported, rank, (name * 32)[:32], "conveyance", "", place, 1, "vessel")


def expected(name: str, day: float, told: float, classifier: int = ESTIMATED, place: str = "KRPUS") -> Entry:
    return entry(name, "arrived", day, told, classifier, place)


DEPARTED = entry("0", "departed", 100, 100, ACTUAL, "CNSHA")
ARRIVED = entry("1", "arrived", 103, 103, ACTUAL, "KRPUS")
SCHEDULE = expected("a", 101.5, 90, PLANNED)
FIRST = expected("b", 102, 99)
MIDDLE = expected("c", 104, 100.5)
LAST = expected("d", 102.75, 102.5)


def rows(*told: Entry, state: tuple[Entry, ...] = (DEPARTED, ARRIVED), plan: Plan = PLAN) -> list[ArrivalRow]:
    """The state keeps what it keeps; everything that was told comes beside it."""
    entries = merge((), [*state, *told])
    return estimates(derive(entries, plan), entries, told, plan)


def known(found: list[ArrivalRow]) -> list[tuple[float, float, float | None]]:
    """Asked at, planned for and estimated for, in days."""
    return [
        (row.asked_at / DAY, row.planned_at / DAY, None if row.estimated_at is None else row.estimated_at / DAY)
        for row in found
    ]


def test_at_every_report_and_landmark_what_stood_then() -> None:
    found = rows(SCHEDULE, FIRST, MIDDLE, LAST)
    assert known(found) == [
        (90, 101.5, None),
        (99, 101.5, 102),
        (100, 101.5, 102),
        (100.5, 101.5, 104),
        (101, 101.5, 104),
        (102, 101.5, 104),
        (102.5, 101.5, 102.75),
    ]
    assert {(row.arrived_at, row.mode, row.carrier, row.port) for row in found} == {(103 * DAY, "sea", "", "KRPUS")}


def test_without_a_schedule_the_first_estimate_is_the_plan() -> None:
    assert known(rows(FIRST, MIDDLE)) == [
        (99, 102, 102),
        (100, 102, 102),
        (100.5, 102, 104),
        (101, 102, 104),
        (102, 102, 104),
    ]


def test_of_what_nobody_estimated_the_distance_is_the_plan() -> None:
    found = rows()
    likely = planned_arrival("CNSHA", "KRPUS", 100 * DAY, "sea")
    assert likely is not None
    assert [(row.asked_at, row.planned_at, row.estimated_at) for row in found] == [
        (day * DAY, likely[0], None) for day in (100, 101, 102)
    ]
    # No plan at all teaches nothing.
    assert rows(state=(ARRIVED,)) == []


def test_what_has_not_arrived_teaches_nothing() -> None:
    assert rows(SCHEDULE, FIRST, state=(DEPARTED,)) == []


def test_neither_another_port_nor_what_was_told_too_late_counts() -> None:
    elsewhere, late = expected("e", 101, 100.25, place="JPUKB"), expected("f", 103, 103.5)
    assert rows(FIRST, elsewhere, late) == rows(FIRST)


def test_the_better_source_is_believed() -> None:
    """A lower rank is believed before a later report."""
    authority = entry("e", "arrived", 102.25, 100.25, ESTIMATED, "KRPUS", rank=10)
    assert known(rows(FIRST, authority, MIDDLE))[-1] == (102, 102, 102.25)


def test_the_order_of_the_entries_cannot_matter() -> None:
    wanted = rows(SCHEDULE, FIRST, MIDDLE, LAST)
    assert all(rows(*order) == wanted for order in permutations([SCHEDULE, FIRST, MIDDLE, LAST]))


def test_many_reports_are_thinned_out_evenly() -> None:
    names = "23456789abcdefghijklmnopqrstuvwxyz"
    many = [expected(name + other, 102, 95 + number / 400) for number, (name, other) in enumerate(
        (name, other) for name in names for other in "xyz"
    )]  # fmt: skip
    found = rows(*many)
    assert len(found) == MOST
    asked = [row.asked_at for row in found]
    assert asked == sorted(set(asked))
    assert (asked[0], asked[-3:]) == (95 * DAY, [100 * DAY, 101 * DAY, 102 * DAY])
    assert many[-1].reported in asked
