"""Expected arrivals: the best one stands, and the first one told is kept beside it."""

from __future__ import annotations

from itertools import permutations

from cargo.domain.derive import derive
from cargo.domain.state import ACTUAL, ESTIMATED, PLANNED, Entry, merge, merge_into, pack
from cargo.domain.view import Plan

PLAN = Plan(port_of_loading="CNSHA", port_of_discharge="KRPUS")
DAY = 86_400


def expected(name: str, arrival: int, told: int, classifier: int = ESTIMATED, place: str = "KRPUS") -> Entry:
    """An arrival expected on one day, told on another."""
    return Entry("arrived", classifier, arrival * DAY, told * DAY, 50, name * 32, "conveyance", "", place, 1, "vessel")


FIRST = expected("a", 10, 1, PLANNED)
SECOND = expected("b", 12, 3)
THIRD = expected("c", 14, 5)
FOURTH = expected("d", 13, 7)


def test_a_delay_is_told_against_the_first_estimate() -> None:
    view = derive(merge((), [FIRST, SECOND, THIRD, FOURTH]), PLAN)

    assert view.eta is not None
    assert (view.eta.occurred, view.eta_first) == (13 * DAY, 10 * DAY)


def test_only_the_estimate_that_stands_is_shown() -> None:
    view = derive(merge((), [SECOND, THIRD, FOURTH]), PLAN)

    assert [(o.milestone, o.occurred) for o in view.occurrences] == [("arrived", 13 * DAY)]
    assert view.eta_first == 12 * DAY


def test_an_estimate_in_the_middle_leaves_no_trace() -> None:
    assert [entry.id[0] for entry in merge((), [SECOND, THIRD, FOURTH])] == ["b", "d"]


def test_the_order_of_the_reports_cannot_matter() -> None:
    states = set()
    for order in permutations([FIRST, SECOND, THIRD, FOURTH]):
        state: list[Entry] = []
        for entry in order:
            state = merge_into(state, [entry])
        states.add(pack(state))

    assert states == {pack(merge((), [FOURTH, THIRD, SECOND, FIRST]))}


def test_the_first_estimate_is_still_known_after_arrival() -> None:
    arrived = Entry("arrived", ACTUAL, 15 * DAY, 15 * DAY, 50, "e" * 32, "conveyance", "", "KRPUS", 1, "vessel")
    view = derive(merge((), [FIRST, SECOND, arrived]), PLAN)

    assert (view.arrived_at, view.eta_first) == (15 * DAY, 10 * DAY)


def test_an_estimate_for_a_transshipment_port_is_no_arrival() -> None:
    view = derive(merge((), [expected("f", 6, 1, place="SGSIN"), expected("g", 7, 2, place="SGSIN")]), PLAN)

    assert (view.eta, view.eta_first) == (None, None)
    assert [(o.milestone, o.occurred) for o in view.occurrences] == [("transshipment_arrived", 7 * DAY)]
