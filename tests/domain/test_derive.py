"""From entries to what people see: status, milestone, boxes, arrival and the best estimate."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cargo.domain.codes import STATUSES
from cargo.domain.state import ESTIMATED, PLANNED, Entry
from tests.domain.histories import customs, entry, kst, view_of

ONE, TWO = "HDMU6546583", "TCLU1234568"
ROUTE = {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}


def move(milestone: str, day: int, place: str = "", **words: Any) -> Entry:
    return entry(milestone, f"2026-03-{day:02d} 09:00", place=place, **words)


@pytest.mark.parametrize(
    ("entries", "status", "milestone"),
    [
        ([], "expected", ""),
        ([move("booking_confirmed", 1)], "booked", "booking_confirmed"),
        ([move("booking_confirmed", 1), move("booking_cancelled", 2)], "cancelled", "booking_confirmed"),
        ([move("booking_cancelled", 1), move("booking_confirmed", 2)], "booked", "booking_confirmed"),
        ([move("gate_in", 2, "CNSHA")], "at_origin", "gate_in"),
        ([move("departed", 3, "CNSHA")], "in_transit", "departed"),
        ([move("departed", 3, "CNSHA"), move("arrived", 5, "SGSIN")], "at_transshipment", "transshipment_arrived"),
        (
            [move("arrived", 5, "SGSIN"), move("departed", 7, "SGSIN")],
            "in_transit",
            "transshipment_departed",
        ),
        ([move("arrived", 14, "KRPUS")], "arrived", "arrived"),
        ([move("arrived", 14, "KRPUS"), move("bonded_storage_in", 15)], "in_bond", "bonded_storage_in"),
        ([move("available_for_pickup", 16)], "available", "available_for_pickup"),
        ([move("gate_out", 17, "KRPUS")], "delivered_out", "gate_out"),
        ([move("gate_out", 17, "KRPUS"), move("delivered", 18)], "delivered", "delivered"),
        ([move("delivered", 18), move("empty_returned", 20)], "completed", "empty_returned"),
        ([move("arrived", 14, "KRPUS", classifier=ESTIMATED)], "expected", ""),
    ],
)
def test_status_and_milestone(entries: list[Entry], status: str, milestone: str) -> None:
    view = view_of(*entries, **ROUTE)
    assert (view.status, view.milestone) == (status, milestone)
    assert status in STATUSES


def test_actual_beats_expected_and_the_latest_word_is_the_estimate() -> None:
    planned = move("arrived", 12, "KRPUS", classifier=PLANNED, reported=kst("2026-03-01 00:00"))
    early = move("arrived", 14, "KRPUS", classifier=ESTIMATED, reported=kst("2026-03-05 00:00"))
    late = move("arrived", 13, "KRPUS", classifier=ESTIMATED, reported=kst("2026-03-08 00:00"))
    view = view_of(planned, early, late, **ROUTE)
    assert view.eta is not None and view.eta.occurred == late.occurred
    assert (view.eta_first, view.arrived_at) == (planned.occurred, None)
    view = view_of(planned, early, late, move("arrived", 15, "KRPUS"), **ROUTE)
    assert view.arrived_at == kst("2026-03-15 09:00")


def test_boxes_have_their_own_milestone() -> None:
    view = view_of(
        move("discharged", 14, "KRPUS", subject=ONE, level="container", facts={"iso": "45G1"}),
        move("gate_out", 17, "KRPUS", subject=ONE, level="container"),
        move("discharged", 15, "KRPUS", subject=TWO, level="container"),
        move("arrived", 14, "KRPUS", facts={"box": "MSKU0000001"}),
        **ROUTE,
    )
    found = [(box.number, box.milestone, box.gone, box.iso_code) for box in view.containers]
    assert found == [
        (ONE, "gate_out", True, "45G1"),
        ("MSKU0000001", "", False, ""),
        (TWO, "discharged", False, ""),
    ]
    assert view.status == "arrived"


def test_a_box_that_customs_lists_is_one_of_the_cargos_and_has_done_nothing_yet() -> None:
    told = customs("containers_listed", "2026-03-14 09:00", subject=ONE, level="container", facts={"iso": "45GP"})
    undated = msgspec.structs.replace(told, occurred=None)
    (box,) = view_of(undated, **ROUTE).containers
    assert (box.number, box.iso_code, box.milestone, box.last_at) == (ONE, "45GP", "", None)
    view = view_of(undated, move("discharged", 15, "KRPUS", subject=ONE, level="container"), **ROUTE)
    assert [(box.milestone, box.last_at) for box in view.containers] == [("discharged", kst("2026-03-15 09:00"))]
    assert (view.status, view.last_event_at) == ("arrived", kst("2026-03-15 09:00"))


def test_what_holds_for_every_box_holds_for_the_cargo() -> None:
    boxes = [move("discharged", 14, "KRPUS", subject=box, level="container") for box in (ONE, TWO)]
    back = [move("empty_returned", day, subject=box, level="container") for day, box in ((20, ONE), (21, TWO))]
    assert view_of(*boxes, back[0], **ROUTE).status != "completed"
    assert view_of(*boxes, *back, **ROUTE).status == "completed"


def test_a_release_of_one_box_releases_that_box() -> None:
    boxes = [move("discharged", 14, "KRPUS", subject=box, level="container") for box in (ONE, TWO)]
    release = entry("customs_released", "2026-03-16 09:00", subject=ONE, level="container", authority="DCSA")
    found = {box.number: box.released for box in view_of(*boxes, release, **ROUTE).containers}
    assert found == {ONE: True, TWO: False}
    whole = customs("customs_released", "2026-03-16 09:00")
    assert all(box.released for box in view_of(*boxes, whole, **ROUTE).containers)


def test_a_milestone_that_was_taken_back_is_not_the_cargos() -> None:
    revoked = customs("customs_release_cancelled", "2026-03-17 09:00")
    view = view_of(
        customs("import_declared", "2026-03-15 09:00"), customs("customs_released", "2026-03-16 09:00"), revoked
    )
    assert view.milestone == "import_declared"


def test_what_cannot_be_is_not_the_latest_news() -> None:
    view = view_of(move("arrived", 14, "KRPUS"), move("discharged", 30, "KRPUS", implausible=True), **ROUTE)
    assert view.last_event_at == kst("2026-03-14 09:00")


def test_mode_carrier_and_free_day() -> None:
    view = view_of(
        move("arrived", 14, "KRPUS", mode="vessel", facts={"carrier": "HDMU"}, reported=1),
        move("discharged", 14, "KRPUS", facts={"carrier": "MAEU"}, reported=2),
        move("available_for_pickup", 15, deadline_kind="last_free_day", deadline="2026-03-25"),
        move("arrival_notice_sent", 15, deadline_kind="last_free_day", deadline="2026-03-24"),
        **ROUTE,
    )
    assert (view.mode, view.carrier, view.last_free_day) == ("sea", "MAEU", "2026-03-24")
    assert view_of(mode="air").mode == "air"
