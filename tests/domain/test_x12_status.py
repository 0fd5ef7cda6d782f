"""What the status codes of ASC X12 mean, for the formats that carry them."""

from __future__ import annotations

import pytest

from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.x12_status import APPOINTMENT, MOTOR_STATUS, SHIPMENT_STATUS, STATUSES, status


def test_every_row_says_words_of_the_house() -> None:
    for row in STATUSES.values():
        assert row.name and row.milestone in MILESTONES, row
        assert {row.inland or row.milestone, row.also or row.milestone} <= MILESTONES.keys(), row
        assert row.classifier in CLASSIFIERS, row


def test_a_code_that_means_nothing_here_says_why() -> None:
    unread = [key for key, row in STATUSES.items() if row.milestone == "unknown"]
    assert unread and [key for key in unread if not STATUSES[key].note] == []


@pytest.mark.parametrize(
    ("code", "milestone", "inland", "classifier"),
    [
        ("A", "arrived", "inland_arrived", "actual"),
        ("AE", "loaded", "", "actual"),
        ("AL", "inland_loaded", "", "actual"),
        ("AR", "inland_arrived", "", "actual"),
        ("C", "departed", "inland_departed", "estimated"),
        ("CR", "freight_released", "", "actual"),
        ("CT", "customs_released", "", "actual"),
        ("D", "delivered", "", "actual"),
        ("EE", "empty_picked_up", "", "actual"),
        ("HS", "inland_departed", "", "actual"),
        ("I", "gate_in", "", "actual"),
        ("OA", "gate_out", "", "actual"),
        ("RD", "empty_returned", "", "actual"),
        ("RL", "inland_departed", "", "actual"),
        ("UR", "inland_unloaded", "", "actual"),
        ("UV", "discharged", "", "actual"),
        ("VA", "arrived", "", "actual"),
        ("VD", "departed", "", "actual"),
    ],
)
def test_what_ocean_carriers_report(code: str, milestone: str, inland: str, classifier: str) -> None:
    row = status(SHIPMENT_STATUS, code)
    assert row is not None
    assert (row.code, row.milestone, row.inland, row.classifier) == (code, milestone, inland, classifier)


@pytest.mark.parametrize(
    ("code", "full", "empty"),
    [
        ("I", "gate_in", "empty_returned"),
        ("OA", "gate_out", "empty_picked_up"),
        ("AE", "loaded", "unknown"),
        ("UV", "discharged", "unknown"),
        ("VD", "departed", "departed"),
    ],
)
def test_an_empty_box_moves_for_another_reason(code: str, full: str, empty: str) -> None:
    told = [status(SHIPMENT_STATUS, code, laden) for laden in (None, True, False)]
    assert [row and row.milestone for row in told] == [full, full, empty]


def test_the_same_letters_mean_other_things_in_other_lists() -> None:
    told = [status(element, "AA") for element in (SHIPMENT_STATUS, MOTOR_STATUS, APPOINTMENT)]
    assert [row and row.milestone for row in told] == ["unknown", None, "picked_up"]
    told = [status(element, "PA") for element in (SHIPMENT_STATUS, MOTOR_STATUS, APPOINTMENT)]
    assert [row and row.milestone for row in told] == ["customs_hold", "unknown", None]


def test_a_release_by_carrier_and_customs_is_two_milestones() -> None:
    row = status(SHIPMENT_STATUS, "CU")
    assert row is not None and (row.milestone, row.also) == ("customs_released", "freight_released")


def test_whose_hold_it_is() -> None:
    told = [status(SHIPMENT_STATUS, code) for code in ("PA", "PL", "CT")]
    assert [row and row.agency for row in told] == ["US-CBP", "US-USDA", None]


@pytest.mark.parametrize("code", ["", "QQ", "vd", "VD ", "VDVD", "\x00"])
def test_what_is_not_in_the_list_is_not_known(code: str) -> None:
    assert status(SHIPMENT_STATUS, code) is None
