"""The stage engine: hand-computed seconds for the plain journey and for every history that keeps no order."""

from __future__ import annotations

import random

from cargo.domain.stages import STAGES, Stage, measure
from cargo.domain.state import Entry
from cargo.domain.view import Occurrence, View
from tests.domain.histories import customs, entry, kst, view_of

HOUR = 3600
MANIFESTED = customs(
    "manifest_accepted", "2026-03-09 20:00", facts={"manifested_packages": 100, "manifested_unit": "CT"}
)
ARRIVED = entry("arrived", "2026-03-10 06:00", level="conveyance", authority="KR-KCS")
APPROVED = customs("discharge_approved", "2026-03-10 08:00", level="conveyance")
STORED = customs("bonded_storage_in", "2026-03-10 15:00", place="02012018")
DECLARED = customs("import_declared", "2026-03-11 09:00", declaration="A1")
RELEASED = customs("customs_released", "2026-03-11 14:00", declaration="A1")
GONE = customs("gate_out", "2026-03-12 08:00", declaration="A1", packages=100, unit="CT")
PLAIN = (MANIFESTED, ARRIVED, APPROVED, STORED, DECLARED, RELEASED, GONE)


def hours(*entries: Entry, **plan: str) -> dict[str, float | None]:
    """Each stage's hours; ``None`` while it is open."""
    found = measure(view_of(*entries, **plan))
    return {stage.stage: None if stage.seconds is None else stage.seconds / HOUR for stage in found}


def test_the_plain_import() -> None:
    stages = measure(view_of(*PLAIN))

    assert [(stage.stage, stage.seconds) for stage in stages] == [
        ("arrived__discharge_approved", 2 * HOUR),
        ("discharge_approved__bonded_storage_in", 7 * HOUR),
        ("bonded_storage_in__import_declared", 18 * HOUR),
        ("import_declared__customs_released", 5 * HOUR),
        ("customs_released__gate_out", 18 * HOUR),
        ("arrived__customs_released", 32 * HOUR),
        ("arrived__gate_out", 50 * HOUR),
    ]
    assert stages[0] == Stage("arrived__discharge_approved", kst("2026-03-10 06:00"), kst("2026-03-10 08:00"), 7200)
    assert {stage.stage for stage in stages} <= set(STAGES)


def test_what_is_under_way_is_open() -> None:
    assert hours(MANIFESTED, ARRIVED) == {
        "arrived__discharge_approved": None,
        "arrived__customs_released": None,
        "arrived__gate_out": None,
    }
    assert measure(view_of(MANIFESTED, ARRIVED, APPROVED, STORED, DECLARED))[3:] == [
        Stage("import_declared__customs_released", kst("2026-03-11 09:00"), None, None),
        Stage("arrived__customs_released", kst("2026-03-10 06:00"), None, None),
        Stage("arrived__gate_out", kst("2026-03-10 06:00"), None, None),
    ]


def test_declared_before_arrival_and_before_entry() -> None:
    early = customs("import_declared", "2026-03-09 22:00", declaration="A1")
    found = hours(ARRIVED, APPROVED, STORED, early, RELEASED)

    assert found["bonded_storage_in__import_declared"] == 0
    # Customs' time runs from the entry at 15:00 to the next day's 14:00.
    assert found["import_declared__customs_released"] == 23
    without_entry = hours(ARRIVED, APPROVED, early, RELEASED)
    assert without_entry["import_declared__customs_released"] == 32


def test_released_before_arrival_lasts_nothing() -> None:
    early = customs("customs_released", "2026-03-10 05:00", declaration="A1")
    found = {stage.stage: stage for stage in measure(view_of(ARRIVED, APPROVED, STORED, early, GONE))}

    assert found["arrived__customs_released"] == Stage("arrived__customs_released", *[kst("2026-03-10 05:00")] * 2, 0)
    # The removal could start with the entry at 15:00.
    assert found["customs_released__gate_out"].seconds == 41 * HOUR


def test_unloading_approved_before_the_arrival() -> None:
    early = customs("discharge_approved", "2026-03-10 05:46", level="conveyance")
    found = hours(ARRIVED, early, STORED)

    assert found["arrived__discharge_approved"] == 0
    assert found["discharge_approved__bonded_storage_in"] == 9


def test_the_last_entry_counts_and_each_bonded_transport_is_measured() -> None:
    found = measure(
        view_of(
            ARRIVED,
            APPROVED,
            STORED,
            customs("bonded_transport_departed", "2026-03-10 18:00", place="02012018"),
            customs("bonded_transport_arrived", "2026-03-10 21:00", place="02006116"),
            customs("bonded_transport_departed", "2026-03-11 01:00", place="02006116"),
            customs("bonded_transport_arrived", "2026-03-11 03:00", place="03911095"),
            DECLARED,
        )
    )

    transport = "bonded_transport_departed__bonded_transport_arrived"
    assert [stage.seconds for stage in found if stage.stage == transport] == [3 * HOUR, 2 * HOUR]
    assert [stage.seconds for stage in found if stage.stage.startswith("bonded_storage_in")] == [6 * HOUR]
    assert [stage.seconds for stage in found if stage.stage.startswith("discharge_approved")] == [7 * HOUR]


def test_two_lots_of_one_bonded_transport_are_one_movement() -> None:
    transport = [
        customs("bonded_transport_departed", "2026-03-10 18:00", packages=40),
        customs("bonded_transport_departed", "2026-03-10 19:00", packages=60),
        customs("bonded_transport_arrived", "2026-03-10 21:00", packages=40),
        customs("bonded_transport_arrived", "2026-03-10 22:00", packages=60),
    ]
    name = "bonded_transport_departed__bonded_transport_arrived"

    assert hours(ARRIVED, STORED, *transport)[name] == 4
    assert hours(ARRIVED, STORED, *transport[:2])[name] is None


def test_of_two_lots_the_last_to_enter_counts() -> None:
    second = customs("bonded_storage_in", "2026-03-10 17:00", place="02012018", packages=40)
    left = customs("bonded_transport_departed", "2026-03-10 18:00")
    found = hours(ARRIVED, APPROVED, STORED, second, left, DECLARED)

    assert found["discharge_approved__bonded_storage_in"] == 9
    assert found["bonded_storage_in__import_declared"] == 16


def test_goods_that_went_straight_on_under_bond_entered_where_that_ended() -> None:
    found = hours(
        ARRIVED,
        APPROVED,
        customs("bonded_transport_departed", "2026-03-10 10:00"),
        customs("bonded_transport_arrived", "2026-03-10 13:00"),
    )

    assert found["discharge_approved__bonded_storage_in"] == 5
    assert found["bonded_transport_departed__bonded_transport_arrived"] == 3


def test_a_revoked_release_ends_nothing_and_its_renewal_does() -> None:
    revoked = customs("customs_release_cancelled", "2026-03-11 16:00", declaration="A1")
    renewed = customs("customs_released", "2026-03-13 09:00", declaration="A1")

    taken_back = hours(ARRIVED, STORED, DECLARED, RELEASED, revoked)
    assert taken_back["import_declared__customs_released"] is None
    assert taken_back["arrived__customs_released"] is None
    assert "customs_released__gate_out" not in taken_back
    assert hours(ARRIVED, STORED, DECLARED, RELEASED, revoked, renewed)["import_declared__customs_released"] == 48


def test_a_hold_after_the_release_takes_no_release_back() -> None:
    hold = customs("customs_hold", "2026-03-11 15:00", declaration="A1")

    assert hours(ARRIVED, STORED, DECLARED, RELEASED, hold)["import_declared__customs_released"] == 5


def test_of_two_declarations_the_last_release_counts() -> None:
    second = customs("import_declared", "2026-03-11 11:00", declaration="B2")
    released = customs("customs_released", "2026-03-12 09:00", declaration="B2")

    partly = hours(ARRIVED, STORED, DECLARED, second, RELEASED)
    assert partly["import_declared__customs_released"] is None
    whole = hours(ARRIVED, STORED, DECLARED, second, RELEASED, released)
    assert whole["bonded_storage_in__import_declared"] == 18
    assert whole["import_declared__customs_released"] == 24


def test_a_rejected_declaration_does_not_count() -> None:
    rejected = customs("declaration_rejected", "2026-03-11 10:00", declaration="A1")
    again = customs("import_declared", "2026-03-12 09:00", declaration="B2")

    assert hours(ARRIVED, STORED, DECLARED, rejected)["bonded_storage_in__import_declared"] is None
    assert hours(ARRIVED, STORED, DECLARED, rejected, again)["bonded_storage_in__import_declared"] == 42


def test_gate_out_is_complete_when_all_of_it_has_gone() -> None:
    first = customs("gate_out", "2026-03-12 08:00", declaration="A1", packages=60, unit="CT")
    rest = customs("gate_out", "2026-03-13 08:00", declaration="A1", packages=40, unit="CT")
    before = (MANIFESTED, ARRIVED, STORED, DECLARED, RELEASED)

    assert hours(*before, first)["customs_released__gate_out"] is None
    assert hours(*before, first, rest)["customs_released__gate_out"] == 42
    assert hours(*before, first, rest)["arrived__gate_out"] == 74


def test_a_gate_out_without_release_is_left_under_bond() -> None:
    found = hours(MANIFESTED, ARRIVED, STORED, DECLARED, GONE)

    assert found["arrived__gate_out"] is None
    assert found["bonded_transport_departed__bonded_transport_arrived"] is None


def test_list_clearance_in_one_second() -> None:
    at = "2026-03-10 15:00"
    found = hours(
        ARRIVED,
        APPROVED,
        customs("import_declared", "2026-03-10 07:00", declaration="L1"),
        STORED,
        customs("customs_released", at, declaration="L1"),
        customs("gate_out", at, declaration="L1"),
    )

    assert found == {
        "arrived__discharge_approved": 2,
        "discharge_approved__bonded_storage_in": 7,
        "bonded_storage_in__import_declared": 0,
        "import_declared__customs_released": 0,
        "customs_released__gate_out": 0,
        "arrived__customs_released": 9,
        "arrived__gate_out": 9,
    }


def test_a_stage_whose_end_no_source_told_is_left_out() -> None:
    assert hours(ARRIVED, STORED, RELEASED, GONE) == {
        "customs_released__gate_out": 18,
        "arrived__customs_released": 32,
        "arrived__gate_out": 50,
    }


def test_export_and_ocean_with_two_boxes() -> None:
    first, second = "HDMU6546583", "TCNU4885210"

    def box(milestone: str, at: str, number: str) -> Entry:
        place = "CNSHA" if at < "2026-03-08" else "KRPUS"
        return entry(milestone, at, subject=number, level="container", place=place)

    outward = [
        entry("export_declared", "2026-03-01 00:00", declaration="E1", authority="CN-GACC"),
        entry("export_cleared", "2026-03-01 06:00", declaration="E1", authority="CN-GACC"),
        box("gate_in", "2026-03-01 10:00", first),
        box("gate_in", "2026-03-01 12:00", second),
        box("loaded", "2026-03-02 12:00", first),
        box("loaded", "2026-03-02 13:00", second),
        entry("departed", "2026-03-02 20:00", level="conveyance", place="CNSHA"),
    ]
    inward = [
        entry("arrived", "2026-03-10 20:00", level="conveyance", place="KRPUS"),
        box("discharged", "2026-03-10 23:00", first),
        box("discharged", "2026-03-11 02:00", second),
        box("gate_out", "2026-03-12 02:00", first),
        box("gate_out", "2026-03-12 08:00", second),
        box("empty_returned", "2026-03-13 08:00", first),
        box("empty_returned", "2026-03-14 08:00", second),
    ]
    plan = {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    ocean = {
        "gate_in__loaded": 25,
        "loaded__departed": 7,
        "departed__arrived": 192,
        "arrived__discharged": 6,
        "discharged__gate_out": 30,
        "gate_out__empty_returned": 48,
        "arrived__gate_out": 36,
    }

    assert hours(*outward[2:], *inward, **plan) == ocean
    exported = hours(*outward, **plan)
    assert exported == {
        "export_declared__export_cleared": 6,
        "export_cleared__gate_in": 6,
        "gate_in__loaded": 25,
        "loaded__departed": 7,
        "departed__arrived": None,
    }
    half = hours(*outward[2:], *inward[:2], **plan)
    assert half["arrived__discharged"] is None
    assert "discharged__gate_out" not in half


def test_a_box_that_only_a_bill_names_opens_no_stage_of_its_own() -> None:
    named = customs("manifest_accepted", "2026-03-09 20:00", facts={"box": "HDMU6546583"})
    view = view_of(named, ARRIVED, STORED, DECLARED, RELEASED, GONE)

    assert [container.number for container in view.containers] == ["HDMU6546583"]
    assert "gate_out__empty_returned" not in {stage.stage for stage in measure(view)}


def test_estimates_and_times_that_cannot_be_do_not_count() -> None:
    estimate = customs("bonded_storage_in", "2026-03-10 12:00", classifier=1)
    impossible = customs("bonded_storage_in", "2036-03-10 12:00", implausible=True)

    assert hours(ARRIVED, APPROVED, estimate, impossible)["discharge_approved__bonded_storage_in"] is None


def test_any_order_gives_equal_stages() -> None:
    history = [
        *PLAIN[:5],
        customs("bonded_transport_departed", "2026-03-10 18:00"),
        customs("bonded_transport_arrived", "2026-03-10 21:00"),
        customs("inspection_ordered", "2026-03-11 10:00", declaration="A1"),
        *PLAIN[5:],
    ]
    view = view_of(*history)
    expected = measure(view)
    dice = random.Random(11)
    for _ in range(20):
        dice.shuffle(history)
        assert measure(view_of(*history, *history[:4])) == expected
        shuffled = list(view.occurrences)
        dice.shuffle(shuffled)
        view.occurrences = shuffled
        assert measure(view) == expected


def test_a_view_without_anything_has_no_stages() -> None:
    assert measure(View()) == []
    undated = Occurrence("arrived", entry("arrived", "2026-03-10 06:00"), None, "")
    assert measure(View(occurrences=[undated])) == []
