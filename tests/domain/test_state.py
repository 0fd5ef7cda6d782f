"""A state is a join: what is believed of each happening, whatever came first; and what still stands of the log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain import identity
from cargo.domain.contribution import contribution
from cargo.domain.derive import derive
from cargo.domain.event import Event, Retraction
from cargo.domain.state import ACTUAL, ESTIMATED, PLANNED, Entry, Report, merge, merge_into, pack, standing, unpack
from cargo.domain.view import Plan
from cargo.pipeline.normalize import normalize
from tests.domain.histories import customs, entry
from tests.messages import dcsa
from tests.voyages import Voyage, voyages


def believed(*entries: Entry) -> list[str]:
    """The ids that are left, whichever comes first."""
    forwards, backwards = merge(entries, ()), merge((), reversed(entries))
    assert pack(forwards) == pack(backwards)
    return [item.id for item in forwards]


def test_a_happening_that_is_told_twice_is_kept_once() -> None:
    one = entry("discharged", "2026-03-14 09:00", id="a")
    assert believed(one, one) == ["a"]


def test_other_boxes_and_places_are_other_happenings() -> None:
    assert believed(
        entry("discharged", "2026-03-14 09:00", id="a", subject="HDMU6546583", place="KRPUS"),
        entry("discharged", "2026-03-14 09:00", id="b", subject="TCLU1234568", place="KRPUS"),
        entry("discharged", "2026-03-14 09:00", id="c", subject="HDMU6546583", place="SGSIN"),
    ) == ["a", "b", "c"]


def test_what_is_told_of_a_call_for_one_box_is_not_dropped_beside_anothers() -> None:
    words: dict[str, Any] = {"classifier": PLANNED, "level": "conveyance", "place": "CNSHA"}
    one = entry("departed", "2026-03-02 07:00", id="a", facts={"box": "HDMU6546583"}, **words)
    two = entry("departed", "2026-03-02 07:00", id="b", facts={"box": "TCLU1234568"}, **words)
    assert believed(one, two) == ["a", "b"]
    assert [box.number for box in derive(merge((), [one, two]), Plan()).containers] == ["HDMU6546583", "TCLU1234568"]


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        ({"rank": 0}, "b"),
        ({"rank": 2}, "a"),
        ({"reported": 10}, "b"),
        ({"reported": 1}, "a"),
        ({"reported": None}, "a"),
        ({"rank": 2, "reported": 10}, "a"),
        ({}, "b"),
    ],
)
def test_rank_then_report_then_id_decide(other: dict[str, Any], kept: str) -> None:
    """Two estimates of one loading; the lower rank is believed."""
    words: dict[str, Any] = {"classifier": ESTIMATED, "rank": 1, "reported": 5}
    one = entry("loaded", "2026-03-14 09:00", id="a", **words)
    two = entry("loaded", "2026-03-15 09:00", id="b", **(words | other))
    assert believed(one, two) == [kept]


def test_of_an_expected_arrival_the_first_word_is_kept_beside_the_best() -> None:
    days = [
        entry("arrived", f"2026-03-{day} 09:00", id=f"{day}", classifier=ESTIMATED, reported=day)
        for day in (11, 12, 13)
    ]
    assert believed(*days) == ["11", "13"]


def test_of_an_expected_call_the_best_word_of_each_source_is_kept_since_they_may_disagree() -> None:
    words: dict[str, Any] = {"classifier": ESTIMATED, "place": "CNSHA"}
    told = [
        entry("departed", f"2026-03-{day} 09:00", id=f"{day}{source}", source=source, reported=day, **words)
        for day in (11, 12, 13)
        for source in (1, 2)
    ]
    assert believed(*told) == ["111", "131", "132"]
    view = derive(merge((), told), Plan(port_of_loading="CNSHA"))
    assert [occurrence.entry.id for occurrence in view.occurrences] == ["132"]


def test_a_plan_an_estimate_and_the_fact_stand_side_by_side() -> None:
    found = [
        entry("arrived", "2026-03-14 09:00", id=name, classifier=kind)
        for name, kind in zip("abc", range(3), strict=True)
    ]
    assert believed(*found) == ["a", "b", "c"]
    assert (PLANNED, ESTIMATED, ACTUAL) == (0, 1, 2)


def test_of_a_set_every_occurrence_is_kept() -> None:
    assert believed(
        customs("customs_released", "2026-03-14 09:00", id="a", declaration="A1"),
        customs("customs_released", "2026-03-15 09:00", id="b", declaration="A1"),
        customs("customs_released", "2026-03-14 09:00", id="c", declaration="A2"),
    ) == ["a", "b", "c"]


def test_what_was_matched_by_a_box_alone_is_never_joined_away() -> None:
    """Whether it counts is decided by the journey's window, when all is known."""
    assert believed(
        entry("empty_returned", "2026-03-14 09:00", id="a", weak=True),
        entry("empty_returned", "2026-09-14 09:00", id="b", weak=True),
        entry("empty_returned", "2026-03-14 09:00", id="c"),
    ) == ["a", "b", "c"]


def test_packed_and_unpacked() -> None:
    entries = merge((), [customs("customs_released", "2026-03-14 09:00", declaration="A1", facts={"carrier": "HDMU"})])
    assert unpack(pack(entries)) == entries
    assert unpack(b"") == []


# --- What stands ------------------------------------------------------------------------------------


def report(id: str, version: str = "", reported: int | None = 0, revision: int = 0, gone: bool = False) -> Report:
    return Report(id, "lineage", version, revision, reported, gone)


@pytest.mark.parametrize(
    ("reports", "stands"),
    [
        ([report("a")], {"a"}),
        ([report("a", reported=1), report("b", reported=2)], {"b"}),
        ([report("a", "v2", 1), report("b", "v1", 2)], {"a"}),
        ([report("a", reported=None), report("b", reported=1)], {"b"}),
        ([report("a"), report("b")], {"b"}),
        ([report("a", reported=1), report("r", "~", 0, gone=True)], set()),
        ([report("r", "~", 5, gone=True)], set()),
        ([report("a", "v1"), report("r", "v1", 9, gone=True), report("b", "v2")], {"b"}),
        # A replay reads one version anew, and never lifts it above a later one.
        ([report("a", reported=1), report("b", reported=1, revision=1)], {"b"}),
        ([report("a", reported=1, revision=3), report("b", reported=2)], {"b"}),
        # A replay finds that a version is no longer said: the one before it stands again.
        ([report("a", reported=1), report("b", reported=2), report("w", reported=2, revision=1, gone=True)], {"a"}),
        ([report("a", reported=1), report("w", reported=1, revision=1, gone=True)], set()),
        ([report("a"), report("w", revision=1, gone=True), report("b", revision=2)], {"b"}),
    ],
)
def test_what_stands_of_one_report(reports: list[Report], stands: set[str]) -> None:
    assert standing(reports) == standing(reports[::-1]) == stands


def test_reports_do_not_touch_each_other() -> None:
    other = Report("x", "another lineage", "", 0, 0, False)
    assert standing([report("a"), report("r", "~", gone=True), other]) == {"x"}


# --- Properties -------------------------------------------------------------------------------------


def entries_of(voyage: Voyage) -> list[Entry]:
    """The entries of all that stands, as from the log."""
    found: dict[str, Entry] = {}
    reports: dict[str, Report] = {}
    for source, body in [(1, dcsa(event)) for event in voyage.carrier] + [(2, body) for body in voyage.customs]:
        for event in normalize(formats.decode(body)[1]):
            if isinstance(event, Retraction):
                own = identity.identify_retraction(source, event)
            elif isinstance(event, Event):
                occurred = identity.epoch(event.occurred_at)
                own = identity.identify(source, event, occurred)
                reported = identity.epoch(event.reported_at)
                found[own.id] = contribution(event, own.id, source, source, occurred, reported)
            else:
                continue
            gone = isinstance(event, Retraction)
            reports[own.id] = Report(own.id, own.lineage, own.version, 0, identity.epoch(event.reported_at), gone)
    stands = standing(reports.values())
    return [item for name, item in found.items() if name in stands]


@settings(max_examples=1000, deadline=None)
@given(voyage=voyages(), random=st.randoms(use_true_random=False))
def test_joining_in_any_order_and_any_parts_gives_the_same(voyage: Voyage, random: Any) -> None:
    entries = entries_of(voyage)
    whole = merge((), entries)
    random.shuffle(entries)
    joined: list[Entry] = []
    step_by_step: list[Entry] = []
    rest = list(entries)
    while rest:
        size = random.randint(1, 5)
        joined = merge(joined, rest[:size] + rest[: size // 2])
        step_by_step = merge_into(step_by_step, rest[:size] + rest[: size // 2])
        rest = rest[size:]
    assert pack(joined) == pack(step_by_step) == pack(whole)
    assert pack(merge(joined, whole)) == pack(whole)
    half = len(entries) // 2
    assert pack(merge(merge((), entries[half:]), merge((), entries[:half]))) == pack(whole)
    plan = Plan(registered_at=1_772_323_200)
    assert repr(derive(whole, plan)) == repr(derive(unpack(pack(joined)), plan))
