"""Place decides meaning: what a reported move means on this journey (decision 10)."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.derive import derive
from cargo.domain.roles import effective, first_laden_moves, route
from cargo.domain.state import ESTIMATED, PLANNED, Entry
from cargo.domain.view import Plan
from tests.domain.histories import entry, kst

BOX = "HDMU6546583"


def move(milestone: str, day: int, place: str, **words: Any) -> Entry:
    return entry(milestone, f"2026-03-{day:02d} 09:00", place=place, **words)


THROUGH = [
    move("loaded", 1, "CNSHA"),
    move("departed", 2, "CNSHA"),
    move("arrived", 5, "SGSIN"),
    move("discharged", 6, "SGSIN"),
    move("loaded", 8, "SGSIN"),
    move("departed", 9, "SGSIN"),
    move("arrived", 20, "KRPUS"),
    move("discharged", 21, "KRPUS"),
]


def test_what_people_said_goes_first() -> None:
    assert route(THROUGH, Plan(port_of_loading="CNNGB", port_of_discharge="KRINC")) == ("CNNGB", "KRINC")


def test_the_planned_and_expected_calls_go_before_what_messages_say() -> None:
    planned = [move("departed", 1, "CNSHA", classifier=PLANNED), move("arrived", 20, "KRPUS", classifier=ESTIMATED)]
    other = move("gate_in", 1, "CNSHA", port_of_loading="XXAAA", port_of_discharge="XXBBB")
    assert route([*planned, other], Plan()) == ("CNSHA", "KRPUS")


def test_then_the_ports_named_in_the_messages() -> None:
    named = move("manifested", 1, "CNSHA", port_of_loading="CNSHA", port_of_discharge="KRPUS")
    assert route([named], Plan()) == ("CNSHA", "KRPUS")
    later = move("manifested", 2, "CNSHA", port_of_loading="CNSHA", port_of_discharge="KRINC")
    assert route([named, later], Plan()) == route([later, named], Plan()) == ("CNSHA", "KRINC")


def test_then_the_order_of_events() -> None:
    assert route(THROUGH, Plan()) == route(THROUGH[::-1], Plan()) == ("CNSHA", "KRPUS")
    assert route([], Plan()) == ("", "")


def test_a_port_that_was_left_again_is_not_the_last() -> None:
    assert route(THROUGH[:6], Plan())[1] != "SGSIN"


@pytest.mark.parametrize(
    ("milestone", "place", "means"),
    [
        ("loaded", "CNSHA", "loaded"),
        ("departed", "CNSHA", "departed"),
        ("loaded", "SGSIN", "transshipment_loaded"),
        ("departed", "SGSIN", "transshipment_departed"),
        ("arrived", "SGSIN", "transshipment_arrived"),
        ("discharged", "SGSIN", "transshipment_discharged"),
        ("arrived", "KRPUS", "arrived"),
        ("discharged", "KRPUS", "discharged"),
        ("departed", "KRPUS", ""),
        ("arrived", "CNSHA", ""),
        ("loaded", "", "loaded"),
        ("gate_in", "CNSHA", "gate_in"),
        ("gate_in", "KRPUS", ""),
        ("gate_out", "KRPUS", "gate_out"),
        ("gate_out", "CNSHA", ""),
        ("customs_released", "CNSHA", "customs_released"),
    ],
)
def test_what_a_move_means(milestone: str, place: str, means: str) -> None:
    assert effective(move(milestone, 1, place), "CNSHA", "KRPUS", {}) == means


def test_without_a_route_a_move_is_what_it_says() -> None:
    assert effective(move("loaded", 1, "SGSIN"), "", "", {}) == "loaded"


@pytest.mark.parametrize(
    ("milestone", "day", "means"),
    [
        ("empty_picked_up", 1, "empty_picked_up"),
        ("empty_returned", 1, ""),
        ("empty_picked_up", 9, ""),
        ("empty_returned", 9, "empty_returned"),
    ],
)
def test_an_empty_box_is_picked_up_before_its_first_laden_move_and_returned_after(
    milestone: str, day: int, means: str
) -> None:
    laden = {BOX: kst("2026-03-05 09:00")}
    assert effective(move(milestone, day, "CNSHA", subject=BOX), "CNSHA", "KRPUS", laden) == means


def test_the_first_laden_move_of_each_box() -> None:
    moves = [
        move("gate_in", 3, "CNSHA", subject=BOX),
        move("loaded", 2, "CNSHA", subject=BOX),
        move("loaded", 1, "CNSHA", subject=BOX, classifier=PLANNED),
        move("empty_picked_up", 1, "CNSHA", subject=BOX),
    ]
    assert first_laden_moves(moves) == {BOX: kst("2026-03-02 09:00")}


# --- Where the source names the leg -----------------------------------------------------------------


def leg(milestone: str, day: int, place: str, phase: str) -> Entry:
    return move(milestone, day, place, facts={"phase": phase})


LEGS = [
    leg("departed", 2, "CNSHA", "export"),
    leg("arrived", 5, "SGSIN", "transshipment"),
    leg("departed", 9, "SGSIN", "transshipment"),
    leg("arrived", 20, "KRPUS", "import"),
]


def meanings(entries: list[Entry], plan: Plan) -> list[tuple[str, str]]:
    view = derive(entries, plan)
    return sorted((occurrence.entry.place, occurrence.milestone) for occurrence in view.occurrences)


def test_the_leg_that_a_source_names_decides() -> None:
    told = [("CNSHA", "departed"), ("KRPUS", "arrived")]
    assert route(LEGS, Plan()) == ("CNSHA", "KRPUS")
    changed = [("SGSIN", "transshipment_arrived"), ("SGSIN", "transshipment_departed")]
    assert meanings(LEGS, Plan()) == sorted(told + changed)


def test_a_first_report_from_the_middle_of_the_journey_is_no_arrival_of_the_cargo() -> None:
    """By order alone the only port there is would be the last one."""
    assert meanings(LEGS[1:2], Plan()) == [("SGSIN", "transshipment_arrived")]
    assert meanings([move("arrived", 5, "SGSIN")], Plan()) == [("SGSIN", "arrived")]


def test_a_vessels_call_on_the_other_leg_says_nothing_of_the_cargo() -> None:
    assert meanings([leg("arrived", 1, "CNSHA", "export"), leg("departed", 21, "KRPUS", "import")], Plan()) == []


def test_a_plan_that_a_person_made_goes_before_the_leg() -> None:
    plan = Plan(port_of_loading="CNSHA", port_of_discharge="SGSIN")
    assert ("SGSIN", "arrived") in meanings(LEGS, plan)


def test_what_was_reported_is_read_otherwise_once_the_plan_is_known() -> None:
    reported = [move("departed", 2, "CNSHA"), move("arrived", 5, "SGSIN")]
    assert meanings(reported, Plan()) == [("CNSHA", "departed"), ("SGSIN", "arrived")]
    plan = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS")
    assert meanings(reported, plan) == [("CNSHA", "departed"), ("SGSIN", "transshipment_arrived")]
