"""What is wrong, who must act, and when to look again."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cargo.domain.customs.deadlines import deadlines
from cargo.domain.deadline import DeadlineView
from cargo.domain.finding import DAY, HOUR, Finding, facts
from cargo.domain.rules import KINDS, inspect
from cargo.domain.state import ESTIMATED, PLANNED, Entry
from cargo.domain.view import View
from tests.domain.histories import customs, entry, kst, view_of

DECLARATION = "4291826000123M"
NOW = kst("2026-03-20 12:00")
DUTIES = {"import_declaration": ("broker", "declare_import"), "loading": ("exporter", "load_cargo")}
BY_NOTICE = facts(basis="by_notice")


def found(view: View, now: int = NOW, *due: DeadlineView) -> dict[str, Finding]:
    """The findings by kind; of these histories none has two of one kind."""
    findings, _ = inspect(view, due, now)
    by_kind = {finding.kind: finding for finding in findings}
    assert len(by_kind) == len(findings)
    return by_kind


def look(view: View, now: int = NOW, *due: DeadlineView) -> int | None:
    """When to look again."""
    return inspect(view, due, now)[1]


def a_deadline(kind: str, due: str, met: str | None = None) -> DeadlineView:
    who, what = DUTIES.get(kind, ("importer", "collect"))
    met_at = kst(met) if met else None
    return DeadlineView(kind, kst(due), "by_notice", met_at, "a source", responsible=who, next_action=what)


def expected(at: str, told: str, classifier: int = ESTIMATED) -> Entry:
    """When the carrier expected the arrival in Busan, as told then."""
    return entry("arrived", at, classifier=classifier, reported=kst(told), place="KRPUS", authority="")


def test_nothing_is_wrong_with_what_nothing_is_known_of() -> None:
    assert inspect(view_of(), (), NOW) == (set(), None)


def test_a_hold_says_who_must_act() -> None:
    view = view_of(
        customs("import_declared", "2026-03-15 09:00", declaration=DECLARATION),
        customs("documents_requested", "2026-03-16 10:00", declaration=DECLARATION),
    )
    assert inspect(view, (), NOW) == (
        {
            Finding(
                "held",
                f"documents_requested|KR-KCS|{DECLARATION}|",
                kst("2026-03-16 10:00"),
                "broker",
                "submit_documents",
                told=facts(milestone="documents_requested", agency="KR-KCS"),
            )
        },
        None,
    )


def test_a_hold_says_by_when_if_customs_does() -> None:
    asked = customs("documents_requested", "2026-03-16 10:00", declaration=DECLARATION, deadline="2026-03-28")
    assert found(view_of(asked))["held"].due == kst("2026-03-28 23:59:59")


def test_papers_handed_in_leave_the_move_to_customs() -> None:
    view = view_of(
        customs("documents_requested", "2026-03-16 10:00", declaration=DECLARATION),
        customs("documents_submitted", "2026-03-17 10:00", declaration=DECLARATION),
    )
    held = found(view)["held"]
    assert (held.responsible, held.next_action) == ("customs", "wait_for_customs")


def test_every_hold_is_a_finding_of_its_own() -> None:
    view = view_of(
        customs("inspection_ordered", "2026-03-16 10:00", declaration=DECLARATION),
        customs("agency_hold", "2026-03-16 11:00", declaration=DECLARATION, agency="KR-MFDS"),
    )
    findings, _ = inspect(view, (), NOW)
    assert {(row.kind, row.subject, row.responsible, row.next_action) for row in findings} == {
        ("held", f"inspection_ordered|KR-KCS|{DECLARATION}|", "broker", "present_for_inspection"),
        ("held", f"agency_hold|KR-MFDS|{DECLARATION}|", "agency", "wait_for_agency"),
    }


def test_a_release_ends_the_hold() -> None:
    view = view_of(
        customs("inspection_ordered", "2026-03-16 10:00", declaration=DECLARATION),
        customs("customs_released", "2026-03-17 10:00", declaration=DECLARATION),
    )
    assert found(view) == {}


def test_a_release_taken_back() -> None:
    view = view_of(
        customs("customs_released", "2026-03-16 10:00", declaration=DECLARATION),
        customs("customs_release_cancelled", "2026-03-17 15:00", declaration=DECLARATION),
    )
    assert found(view) == {
        "release_revoked": Finding(
            "release_revoked",
            f"KR-KCS|{DECLARATION}|",
            kst("2026-03-17 15:00"),
            "broker",
            "answer_customs",
            told=facts(released_at=kst("2026-03-16 10:00"), agency="KR-KCS"),
        )
    }


def test_released_again_is_right_again() -> None:
    view = view_of(
        customs("customs_released", "2026-03-16 10:00", declaration=DECLARATION),
        customs("customs_release_cancelled", "2026-03-17 15:00", declaration=DECLARATION),
        customs("customs_released", "2026-03-18 15:00", declaration=DECLARATION),
    )
    assert found(view) == {}


@pytest.mark.parametrize(
    ("later", "late"),
    [("2026-03-23 09:59", False), ("2026-03-23 10:00", True), ("2026-03-25 00:00", True), ("2026-03-20 14:00", False)],
)
def test_late_is_a_day_or_more_after_the_first_estimate(later: str, late: bool) -> None:
    view = view_of(expected("2026-03-22 10:00", "2026-03-01 08:00", PLANNED), expected(later, "2026-03-19 07:00"))
    kinds = found(view)
    assert ("late" in kinds) is late
    if late:
        assert kinds["late"] == Finding(
            "late",
            "",
            kst("2026-03-19 07:00"),
            "carrier",
            "wait_for_arrival",
            None,
            "later_than_first_told",
            facts(before_at=kst("2026-03-22 10:00"), now_at=kst(later), place="KRPUS"),
        )


def test_what_has_arrived_is_late_no_more() -> None:
    view = view_of(
        expected("2026-03-10 10:00", "2026-03-01 08:00", PLANNED),
        expected("2026-03-14 10:00", "2026-03-09 08:00"),
        entry("arrived", "2026-03-14 09:00", place="KRPUS"),
    )
    assert inspect(view, (), NOW) == (set(), None)


def test_overdue_begins_twelve_hours_after_the_estimate() -> None:
    view = view_of(expected("2026-03-20 10:00", "2026-03-19 08:00"))
    begins = kst("2026-03-20 22:00")
    assert inspect(view, (), begins - 1) == (set(), begins)
    told = facts(expected_at=kst("2026-03-20 10:00"), place="KRPUS")
    assert inspect(view, (), begins) == (
        {Finding("overdue", "", kst("2026-03-20 10:00"), "carrier", "wait_for_arrival", told=told)},
        None,
    )


def test_unloaded_cargo_is_not_overdue() -> None:
    view = view_of(
        expected("2026-03-10 10:00", "2026-03-09 08:00"), entry("discharged", "2026-03-10 12:00", place="KRPUS")
    )
    assert found(view, kst("2026-03-15 11:59")) == {}


def test_a_deadline_is_near_then_exceeded() -> None:
    view = view_of(customs("import_declared", "2026-03-01 09:00"))
    due = a_deadline("import_declaration", "2026-03-24 23:59:59")
    near, exceeded = kst("2026-03-21 23:59:59"), kst("2026-03-25 00:00")
    assert inspect(view, [due], near - 1) == (set(), near)
    assert inspect(view, [due], near) == (
        {
            Finding(
                "deadline_near",
                "import_declaration",
                near,
                "broker",
                "declare_import",
                kst("2026-03-24 23:59:59"),
                told=BY_NOTICE,
            )
        },
        exceeded,
    )
    assert found(view, exceeded - 1, due).keys() == {"deadline_near"}
    assert inspect(view, [due], exceeded) == (
        {
            Finding(
                "deadline_exceeded",
                "import_declaration",
                exceeded,
                "broker",
                "declare_import",
                kst("2026-03-24 23:59:59"),
                told=BY_NOTICE,
            )
        },
        None,
    )


def test_a_deadline_that_was_met_is_no_matter() -> None:
    view = view_of(customs("import_declared", "2026-03-01 09:00"))
    met = a_deadline("import_declaration", "2026-03-19 23:59:59", met="2026-03-18 10:00")
    assert inspect(view, [met], NOW) == (set(), None)


def test_of_several_deadlines_of_a_kind_the_first_unmet_counts() -> None:
    view = view_of(customs("import_declared", "2026-03-01 09:00"))
    several = [
        a_deadline("storage_limit", "2026-03-10 23:59:59", met="2026-03-09 10:00"),
        a_deadline("storage_limit", "2026-06-30 23:59:59"),
        a_deadline("storage_limit", "2026-05-31 23:59:59"),
    ]
    assert inspect(view, several, NOW) == (set(), kst("2026-05-28 23:59:59"))


def test_a_deadline_that_alerts_nobody_is_no_matter() -> None:
    view = view_of(customs("import_declared", "2026-03-10 15:00"))
    free = a_deadline("import_declaration", "2026-03-19 23:59:59")
    free.alerts = False
    assert inspect(view, [free], NOW) == (set(), None)


def test_what_was_cleared_for_export_must_be_loaded() -> None:
    view = view_of(customs("export_cleared", "2026-02-18 15:00", declaration=DECLARATION))
    due = a_deadline("loading", "2026-03-22 23:59:59")
    assert found(view, NOW, due)["deadline_near"] == Finding(
        "deadline_near",
        "loading",
        kst("2026-03-19 23:59:59"),
        "exporter",
        "load_cargo",
        kst("2026-03-22 23:59:59"),
        told=BY_NOTICE,
    )


def test_of_the_boxes_the_one_that_is_due_first_is_told() -> None:
    view = view_of(customs("import_declared", "2026-03-01 09:00"))
    boxes = [a_deadline("last_free_day", f"2026-03-{day} 23:59:59") for day in (24, 22, 23)]
    for number, deadline in zip(("A", "B", "C"), boxes, strict=True):
        deadline.container = number
    near = found(view, NOW, *boxes)["deadline_near"]
    assert (near.subject, near.due, dict(near.told)["container"]) == ("last_free_day", kst("2026-03-22 23:59:59"), "B")


def test_an_empty_box_is_still_to_come_back_when_the_goods_are_delivered() -> None:
    view = view_of(entry("delivered", "2026-03-10 10:00"))
    assert found(view, NOW, a_deadline("empty_return", "2026-03-12 23:59:59")).keys() == {"deadline_exceeded"}


def test_delivered_cargo_has_no_deadlines() -> None:
    view = view_of(entry("delivered", "2026-03-10 10:00"))
    assert inspect(view, [a_deadline("removal", "2026-03-12 23:59:59")], NOW) == (set(), None)


def test_not_collected_begins_five_days_after_the_release() -> None:
    released = customs("customs_released", "2026-03-12 09:00", declaration=DECLARATION)
    view = view_of(customs("bonded_storage_in", "2026-03-10 09:00"), released)
    begins = kst("2026-03-17 09:00")
    assert inspect(view, (), begins - 1) == (set(), begins)
    assert found(view, begins) == {
        "not_collected": Finding(
            "not_collected",
            "",
            kst("2026-03-12 09:00"),
            "importer",
            "collect",
            told=facts(released_at=kst("2026-03-12 09:00")),
        )
    }


def test_cleared_before_arrival_the_days_count_from_the_arrival() -> None:
    released = customs("customs_released", "2026-03-02 09:00", declaration=DECLARATION)
    sailing = entry("departed", "2026-03-01 09:00", place="CNSHA")
    assert inspect(view_of(sailing, released, port_of_loading="CNSHA"), (), NOW) == (set(), None)
    here = view_of(sailing, released, entry("arrived", "2026-03-14 09:00", place="KRPUS"), port_of_discharge="KRPUS")
    assert look(here, kst("2026-03-15 00:00")) == kst("2026-03-19 09:00")


def test_collected_cargo_is_right() -> None:
    view = view_of(
        customs("bonded_storage_in", "2026-03-10 09:00"),
        customs("customs_released", "2026-03-12 09:00", declaration=DECLARATION),
        customs("gate_out", "2026-03-13 09:00", declaration=DECLARATION),
    )
    assert inspect(view, (), NOW) == (set(), None)


def test_an_export_clearance_is_nothing_to_collect() -> None:
    view = view_of(customs("export_cleared", "2026-03-01 09:00", declaration=DECLARATION))
    assert inspect(view, (), NOW) == (set(), None)


def test_korean_deadlines_are_inspected_as_they_are_counted() -> None:
    """A release on Monday 2 March: fifteen days end on Tuesday the 17th."""
    entries = [
        customs("bonded_storage_in", "2026-02-27 09:00"),
        customs("import_declared", "2026-02-28 09:00", declaration=DECLARATION),
        customs("customs_released", "2026-03-02 09:00", declaration=DECLARATION),
    ]
    view = view_of(*entries)
    kinds = found(view, NOW, *deadlines(view, entries))
    assert kinds["deadline_exceeded"].subject == "removal"
    assert kinds["deadline_exceeded"].since == kst("2026-03-18 00:00")
    assert kinds.keys() == {"deadline_exceeded", "not_collected"}


def test_at_each_next_look_something_changes_and_before_it_nothing() -> None:
    """What makes a column with the next look enough: between two looks the findings cannot move."""
    view = view_of(
        customs("bonded_storage_in", "2026-02-27 09:00"),
        customs("customs_released", "2026-03-02 09:00", declaration=DECLARATION),
    )
    due = [a_deadline("removal", "2026-03-17 23:59:59"), a_deadline("storage_limit", "2026-03-30 23:59:59")]
    now, turns = kst("2026-03-02 09:00"), 0
    chance = random.Random(4)
    while True:
        findings, following = inspect(view, due, now)
        if following is None:
            break
        assert following > now
        for moment in {following - 1, chance.randrange(now, following)}:
            assert inspect(view, due, moment) == (findings, following)
        assert inspect(view, due, following)[0] != findings
        now, turns = following, turns + 1
    assert turns == 5
    assert inspect(view, due, now + 400 * DAY + HOUR)[0] == findings


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_fits_its_column(kind: str) -> None:
    assert 0 < len(kind) <= 24


def test_a_subject_fits_its_column() -> None:
    long: dict[str, Any] = {"declaration": "D" * 100, "cargo": "C" * 100, "subject": "HDMU6546583"}
    held = found(view_of(customs("customs_hold", "2026-03-16 10:00", **long)))["held"]
    assert len(held.subject) == 120
