"""The lights: what each says of a history, who must do what, and when cargo counts as ready."""

from __future__ import annotations

import pytest

from cargo.domain.readiness import LIGHT_STATES, LIGHTS, blocking, ready
from cargo.domain.view import Light, View
from tests.domain.histories import customs, entry, kst, lights_of, view_of

ARRIVED = entry("arrived", "2026-03-10 06:00", level="conveyance", authority="KR-KCS")
STORED = customs("bonded_storage_in", "2026-03-10 15:00", place="02012018")
DECLARED = customs("import_declared", "2026-03-11 09:00", declaration="A1")
REVIEWED = customs("customs_review", "2026-03-11 09:05", declaration="A1")
DECIDED = customs("customs_review_completed", "2026-03-11 10:00", declaration="A1")
RELEASED = customs("customs_released", "2026-03-11 14:00", declaration="A1")
REVOKED = customs("customs_release_cancelled", "2026-03-11 16:00", declaration="A1")
GONE = customs("gate_out", "2026-03-12 08:00", declaration="A1")


def light(view: View, name: str) -> Light:
    return next(light for light in view.lights if light.light == name)


def move(view: View, name: str) -> tuple[str, str | None, str | None]:
    found = light(view, name)
    return (found.state, found.responsible, found.next_action)


def test_a_cleared_cargo_that_the_carrier_and_terminal_let_go_is_ready() -> None:
    view = view_of(
        ARRIVED,
        STORED,
        DECLARED,
        RELEASED,
        entry("freight_released", "2026-03-11 15:00"),
        entry("available_for_pickup", "2026-03-11 15:30"),
    )

    assert [found.light for found in view.lights] == list(LIGHTS)
    assert lights_of(view) == {
        "customs": "ok",
        "agencies": "not_applicable",
        "carrier": "ok",
        "terminal": "ok",
        "documents": "not_applicable",
        "payment": "ok",
    }
    assert view.ready is True
    assert blocking(view.lights) == []
    assert light(view, "customs").since == kst("2026-03-11 14:00")
    assert light(view, "customs").source == 1


def test_nothing_known_is_unknown_not_fine() -> None:
    view = view_of()

    assert lights_of(view) == {
        "customs": "unknown",
        "agencies": "not_applicable",
        "carrier": "unknown",
        "terminal": "unknown",
        "documents": "unknown",
        "payment": "unknown",
    }
    assert view.ready is None


def test_arrived_and_not_declared_waits_for_the_broker() -> None:
    assert move(view_of(ARRIVED, STORED), "customs") == ("pending", "broker", "declare_import")


def test_arrived_without_any_word_of_customs_is_unknown() -> None:
    view = view_of(entry("arrived", "2026-03-10 06:00"), entry("discharged", "2026-03-10 08:00", subject="HDMU6546583"))

    assert light(view, "customs").state == "unknown"


def test_manifested_and_under_way_waits_for_the_arrival() -> None:
    view = view_of(customs("manifest_accepted", "2026-03-09 06:00"))

    assert move(view, "customs") == ("pending", "carrier", "wait_for_arrival")
    assert move(view, "terminal") == ("pending", "carrier", "wait_for_arrival")


@pytest.mark.parametrize("history", [(DECLARED,), (DECLARED, REVIEWED)])
def test_declared_waits_for_customs(history: tuple) -> None:
    view = view_of(ARRIVED, STORED, *history)

    assert move(view, "customs") == ("pending", "customs", "wait_for_customs")
    assert light(view, "customs").since == kst("2026-03-11 09:00")
    assert view.ready is False


def test_decided_and_not_accepted_waits_for_the_duty() -> None:
    view = view_of(ARRIVED, STORED, DECLARED, DECIDED)

    assert move(view, "payment") == ("pending", "importer", "pay_duty")
    assert light(view_of(ARRIVED, STORED, DECLARED, DECIDED, RELEASED), "payment").state == "ok"


def test_paid_before_the_release_is_paid() -> None:
    view = view_of(ARRIVED, DECLARED, DECIDED, customs("duty_paid", "2026-03-11 11:00"))

    assert (light(view, "payment").state, light(view, "payment").since) == ("ok", kst("2026-03-11 11:00"))


def test_a_demand_to_pay_blocks() -> None:
    view = view_of(ARRIVED, DECLARED, customs("payment_required", "2026-03-11 11:00", declaration="A1"))

    assert move(view, "payment") == ("blocked", "importer", "pay_duty")


@pytest.mark.parametrize(
    ("milestone", "responsible", "action"),
    [
        ("inspection_ordered", "broker", "present_for_inspection"),
        ("documents_requested", "broker", "submit_documents"),
        ("payment_required", "importer", "pay_duty"),
        ("customs_hold", "broker", "answer_customs"),
        ("seized", "importer", "answer_customs"),
    ],
)
def test_an_own_hold_blocks_customs(milestone: str, responsible: str, action: str) -> None:
    view = view_of(ARRIVED, DECLARED, customs(milestone, "2026-03-11 12:00", declaration="A1", deadline="2026-03-20"))
    found = light(view, "customs")

    assert move(view, "customs") == ("blocked", responsible, action)
    assert (found.since, found.deadline) == (kst("2026-03-11 12:00"), "2026-03-20")
    assert view.ready is False


def test_a_release_ends_the_earlier_hold_and_a_later_one_blocks() -> None:
    before = customs("inspection_ordered", "2026-03-11 12:00", declaration="A1")
    after = customs("inspection_ordered", "2026-03-11 15:00", declaration="A1")

    assert light(view_of(DECLARED, before, RELEASED), "customs").state == "ok"
    assert move(view_of(DECLARED, RELEASED, after), "customs") == ("blocked", "broker", "present_for_inspection")


def test_a_revoked_release_blocks_and_a_second_one_frees() -> None:
    renewed = customs("customs_released", "2026-03-12 09:00", declaration="A1")
    revoked = view_of(ARRIVED, DECLARED, RELEASED, REVOKED)

    assert move(revoked, "customs") == ("blocked", "broker", "answer_customs")
    assert light(revoked, "customs").since == kst("2026-03-11 16:00")
    assert light(view_of(ARRIVED, DECLARED, RELEASED, REVOKED, renewed), "customs").state == "ok"


def test_a_rejected_declaration_must_be_lodged_again() -> None:
    rejected = customs("declaration_rejected", "2026-03-11 11:00", declaration="A1")
    withdrawn = customs("declaration_cancelled", "2026-03-11 11:00", declaration="A1")

    assert move(view_of(ARRIVED, DECLARED, rejected), "customs") == ("blocked", "broker", "declare_import")
    assert move(view_of(ARRIVED, DECLARED, withdrawn), "customs") == ("pending", "broker", "declare_import")


def test_one_of_two_declarations_is_not_a_release_of_the_cargo() -> None:
    other = customs("import_declared", "2026-03-11 10:00", declaration="B2")
    view = view_of(ARRIVED, STORED, DECLARED, other, RELEASED)

    assert move(view, "customs") == ("pending", "customs", "wait_for_customs")
    done = customs("customs_released", "2026-03-11 18:00", declaration="B2")
    assert light(view_of(ARRIVED, STORED, DECLARED, other, RELEASED, done), "customs").state == "ok"


def test_a_release_of_one_container_is_not_a_release_of_the_other() -> None:
    boxes = [
        entry("discharged", "2026-03-10 08:00", subject=number, level="container")
        for number in ("HDMU6546583", "TCNU4885210")
    ]
    released = [
        entry("customs_released", "2026-03-11 08:00", subject=box.subject, level="container", authority="DCSA")
        for box in boxes
    ]

    assert light(view_of(ARRIVED, *boxes, released[0]), "customs").state == "pending"
    assert light(view_of(ARRIVED, *boxes, *released), "customs").state == "ok"


def test_documents_handed_in_leave_the_move_to_customs() -> None:
    asked = customs("documents_requested", "2026-03-11 12:00", declaration="A1")
    given = customs("documents_submitted", "2026-03-11 13:00", declaration="A1")
    asked_again = customs("documents_requested", "2026-03-11 14:00", declaration="A1")

    assert move(view_of(DECLARED, asked), "documents") == ("blocked", "broker", "submit_documents")
    view = view_of(DECLARED, asked, given)
    assert move(view, "documents") == ("pending", "customs", "wait_for_customs")
    assert move(view, "customs") == ("blocked", "customs", "wait_for_customs")
    assert light(view_of(DECLARED, asked, given, RELEASED), "documents").state == "ok"
    late = view_of(DECLARED, given, asked_again)
    assert move(late, "documents") == ("blocked", "broker", "submit_documents")


def test_another_agency_is_not_ended_by_customs() -> None:
    hold = customs("agency_hold", "2026-03-11 12:00", agency="KR-QIA", declaration="A1")
    passed = customs("agency_hold_removed", "2026-03-12 12:00", agency="KR-QIA", declaration="A1")
    view = view_of(DECLARED, hold, RELEASED)

    assert move(view, "agencies") == ("blocked", "agency", "wait_for_agency")
    assert light(view, "customs").state == "ok"
    assert view.ready is False
    assert light(view_of(DECLARED, hold, RELEASED, passed), "agencies").state == "ok"
    refused = customs("agency_refused", "2026-03-11 12:00", agency="KR-MFDS", declaration="A1")
    assert move(view_of(DECLARED, refused), "agencies") == ("blocked", "broker", "answer_agency")


def test_an_inspection_applied_for_waits_for_the_agency() -> None:
    asked = customs("agency_inspection_requested", "2026-03-11 08:00", agency="KR-QIA")

    assert move(view_of(ARRIVED, asked), "agencies") == ("pending", "agency", "wait_for_agency")
    assert light(view_of(ARRIVED, asked, DECLARED, RELEASED), "agencies").state == "not_applicable"


def test_the_carrier_holds_until_its_last_word_lets_go() -> None:
    held = entry("freight_hold", "2026-03-11 08:00")
    freed = entry("freight_released", "2026-03-11 09:00")
    again = entry("freight_hold", "2026-03-11 10:00")
    at_once = entry("freight_hold", "2026-03-11 09:00")

    assert move(view_of(held), "carrier") == ("blocked", "importer", "settle_charges")
    assert light(view_of(held, freed), "carrier").state == "ok"
    assert light(view_of(held, freed, again), "carrier").state == "blocked"
    assert light(view_of(freed, at_once), "carrier").state == "blocked"


def test_the_carrier_lets_go_of_every_box() -> None:
    first, second = "HDMU6546583", "TCNU4885210"
    boxes = [entry("discharged", "2026-03-10 08:00", subject=number, level="container") for number in (first, second)]
    freed = [entry("freight_released", "2026-03-11 08:00", subject=box.subject, level="container") for box in boxes]
    held = entry("freight_hold", "2026-03-11 09:00", subject=second, level="container")
    bill = entry("freight_released", "2026-03-11 10:00")

    assert light(view_of(*boxes, freed[0]), "carrier").state == "unknown"
    assert light(view_of(*boxes, *freed), "carrier").state == "ok"
    assert light(view_of(*boxes, *freed, held), "carrier").state == "blocked"
    assert light(view_of(*boxes, *freed, held, bill), "carrier").state == "ok"


def test_the_terminal() -> None:
    held = entry("terminal_hold", "2026-03-11 08:00")
    freed = entry("terminal_hold_removed", "2026-03-11 09:00")
    available = entry("available_for_pickup", "2026-03-11 10:00")

    assert move(view_of(ARRIVED), "terminal") == ("pending", "terminal", "wait_for_discharge")
    assert light(view_of(ARRIVED, STORED), "terminal").state == "unknown"
    assert move(view_of(ARRIVED, STORED, available, held), "terminal") == ("blocked", "importer", "clear_terminal_hold")
    assert light(view_of(ARRIVED, STORED, held, freed, available), "terminal").state == "ok"


def test_customs_alone_never_makes_cargo_ready_before_it_left() -> None:
    history = [ARRIVED, STORED, DECLARED, DECIDED, RELEASED]

    assert view_of(*history).ready is None
    assert [view_of(*history[:count]).ready for count in range(1, 5)] == [False] * 4
    left = view_of(*history, GONE)
    assert left.ready is True
    assert {light.state for light in left.lights} <= {"ok", "not_applicable"}


def test_a_release_taken_back_after_removal_blocks_again() -> None:
    late = customs("customs_release_cancelled", "2026-03-13 16:00", declaration="A1")
    view = view_of(ARRIVED, DECLARED, RELEASED, GONE, late)

    assert light(view, "customs").state == "blocked"
    assert view.ready is False


def test_the_export_clearance_says_nothing_of_the_import() -> None:
    cleared = entry("export_cleared", "2026-03-01 06:00", authority="CN-GACC")
    landed = view_of(cleared, ARRIVED, entry("freight_released", "2026-03-11 09:00"))

    assert light(view_of(cleared), "customs").state == "ok"
    assert light(landed, "customs").state == "unknown"
    assert light(landed, "payment").state == "unknown"


def test_estimates_move_no_light() -> None:
    planned = entry("freight_released", "2026-03-11 09:00", classifier=1)

    assert light(view_of(planned), "carrier").state == "unknown"


@pytest.mark.parametrize(
    ("states", "answer"),
    [
        (["ok", "ok"], True),
        (["ok", "not_applicable"], True),
        (["ok", "blocked", "unknown"], False),
        (["unknown", "pending"], False),
        (["ok", "unknown"], None),
        (["not_applicable"], None),
        ([], None),
    ],
)
def test_ready(states: list[str], answer: bool | None) -> None:
    assert set(states) <= set(LIGHT_STATES)
    assert ready([Light("customs", state) for state in states]) is answer


def test_a_release_that_is_taken_back_before_anybody_told_of_it() -> None:
    view = view_of(customs("customs_release_cancelled", "2026-03-17 11:00", declaration="A1"))
    assert view.clearance.state == "revoked"
    assert lights_of(view)["customs"] == "blocked"
