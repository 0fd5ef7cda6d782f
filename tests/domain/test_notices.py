"""What is told of deadlines: set, changed, near, exceeded; each once for each due time, and never when it was met."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cargo.domain.deadline import DeadlineView, Money, Other, Step
from cargo.domain.notices import CHANGED, EXCEEDED, NEAR, SET, Kept, compare, kept, next_turn, stands
from cargo.domain.rules import current
from cargo.domain.view import View
from tests.domain.histories import kst

VIEW = View(status="in_bond")
DUE = kst("2026-03-24 23:59:59")
EARLY = kst("2026-03-10 09:00")


def deadline(due: int = DUE, **words: object) -> DeadlineView:
    plain = DeadlineView(
        "removal", due, "removal_15_days", None, "Customs Act (KR) art. 157-2", responsible="importer",
        next_action="collect", authority="KR-KCS", rule="kr_removal", zone="Asia/Seoul",
    )  # fmt: skip
    return replace(plain, **words)


class Story:
    """Inspections one after the other; gives what each tells."""

    def __init__(self) -> None:
        self.rows: list[Kept] = []

    def look(self, now: int, *deadlines: DeadlineView, view: View = VIEW) -> list[tuple[str, str]]:
        self.rows, changes = compare(self.rows, kept(view, deadlines, {}, now), now)
        return [(change.kind, change.key) for change in changes]


def key(due: int, box: str = "") -> str:
    return f"removal|{due}|{box}"


def test_four_notices_of_one_deadline_each_once() -> None:
    story, later = Story(), kst("2026-03-31 23:59:59")
    assert story.look(EARLY, deadline()) == [(SET, key(DUE))]
    assert story.look(EARLY + 60, deadline()) == []
    assert story.look(EARLY + 120, deadline(later)) == [(CHANGED, key(later))]
    near = later - 3 * 86400
    assert story.look(near - 1, deadline(later)) == []
    assert story.look(near, deadline(later)) == [(NEAR, key(later))]
    assert story.look(near + 1, deadline(later)) == []
    assert story.look(later, deadline(later)) == []
    assert story.look(later + 1, deadline(later)) == [(EXCEEDED, key(later))]
    assert story.look(later + 2, deadline(later)) == []


def test_a_deadline_that_is_learned_late_is_set_and_what_it_is_by_then() -> None:
    assert Story().look(DUE - 3600, deadline()) == [(SET, key(DUE)), (NEAR, key(DUE))]
    assert Story().look(DUE + 3600, deadline()) == [(SET, key(DUE)), (EXCEEDED, key(DUE))]


def test_nothing_is_told_of_what_was_met() -> None:
    story = Story()
    story.look(EARLY, deadline())
    assert story.look(DUE + 3600, deadline(met_at=DUE - 3600)) == []
    assert [(row.is_open, row.stage) for row in story.rows] == [(False, "")]


@pytest.mark.parametrize("view", [View(status="delivered"), View(status="cancelled")])
def test_nor_of_what_is_over(view: View) -> None:
    assert Story().look(DUE + 3600, deadline(), view=view) == []


def test_nor_of_what_alerts_nobody() -> None:
    assert Story().look(DUE + 3600, deadline(alerts=False)) == []


def test_what_follows_a_deadline_that_was_met_is_a_new_one() -> None:
    story, following = Story(), kst("2026-04-30 23:59:59")
    story.look(EARLY, deadline(), deadline(following))
    assert story.look(EARLY + 60, deadline(met_at=EARLY), deadline(following)) == [(SET, key(following))]


def test_earlier_and_later_are_told_with_the_old_and_the_new() -> None:
    rows, _ = compare([], kept(VIEW, [deadline()], {}, EARLY), EARLY)
    sooner = kst("2026-03-20 23:59:59")
    _, changes = compare(rows, kept(VIEW, [deadline(sooner)], {}, EARLY), EARLY)
    (change,) = changes
    assert change.occurred == EARLY
    assert {name: change.data[name] for name in ("due_at", "was_due_at", "earlier", "deadline", "responsible")} == {
        "due_at": "2026-03-20T23:59:59+09:00",
        "was_due_at": "2026-03-24T23:59:59+09:00",
        "earlier": True,
        "deadline": "removal",
        "responsible": "importer",
    }


def test_boxes_with_one_due_time_are_told_together() -> None:
    boxes = [deadline(container=box) for box in ("B", "A", "C")]
    rows, changes = compare([], kept(VIEW, boxes, {}, EARLY), EARLY)
    assert [(change.kind, change.key, change.data["containers"]) for change in changes] == [
        (SET, key(DUE, "A"), ["A", "B", "C"])
    ]
    assert {row.stage for row in rows} == {"set"}


def test_the_sequence_goes_up_when_the_time_or_its_being_met_changes() -> None:
    story = Story()
    for now, given, sequence, updated in (
        (EARLY, deadline(), 0, EARLY),
        (EARLY + 60, deadline(), 0, EARLY),
        (EARLY + 120, deadline(DUE + 86400), 1, EARLY + 120),
        (EARLY + 180, deadline(DUE + 86400, met_at=EARLY), 2, EARLY + 180),
    ):
        story.look(now, given)
        assert [(row.sequence, row.updated_at) for row in story.rows] == [(sequence, updated)]


def test_a_row_says_what_it_costs_and_who_says_otherwise() -> None:
    money = Money("demurrage", "KRW", "container", (Step(DUE + 1, per_day=Decimal("41000")),))
    (row,) = kept(VIEW, [deadline(money=money, others=(Other(7, DUE + 86400),), stated_by=3)], {7: "hmm", 3: "pnit"}, 0)
    assert row.stated_by == "pnit"
    assert row.due_on == "2026-03-24"
    assert row.others == '[{"due_at":"2026-03-25T23:59:59+09:00","source":"hmm"}]'
    assert row.money == (
        '{"amount_per_day":"41000","basis":"container","currency":"KRW","kind":"demurrage","maximum":null,"steps":'
        '[{"amount_per_day":"41000","from":"2026-03-25T00:00:00+09:00","rate_percent":null}]}'
    )


def test_when_to_look_again() -> None:
    due = [deadline(), deadline(DUE + 3600, container="A")]
    assert next_turn(VIEW, due, EARLY) == DUE - 3 * 86400
    assert next_turn(VIEW, due, DUE - 3 * 86400) == DUE - 3 * 86400 + 3600
    assert next_turn(VIEW, due, DUE) == DUE + 1
    assert next_turn(VIEW, due, DUE + 3601) is None


def test_what_still_holds_when_it_is_sent() -> None:
    data = {"deadline": "removal", "due_at": "2026-03-24T23:59:59+09:00", "containers": []}
    now = current(VIEW, [deadline()])
    assert stands(NEAR, data, now, DUE)
    assert not stands(NEAR, data, now, DUE + 1)
    assert stands(EXCEEDED, data, now, DUE + 1)
    for gone in (deadline(DUE + 1), deadline(met_at=EARLY), deadline(container="A")):
        assert not stands(EXCEEDED, data, current(VIEW, [gone]), DUE + 1)
    assert stands(NEAR, data | {"containers": ["B", "A"]}, current(VIEW, [deadline(container="A")]), EARLY)
