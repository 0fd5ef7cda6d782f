"""The table of Recommendation 24: all 345 codes, what each means here, and why the others mean nothing."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from cargo.domain.codes import CLASSIFIERS, MILESTONES, REFERENCE_TYPES
from cargo.formats.edifact import customs_codes, qualifiers
from cargo.formats.edifact.statuses import AUTHORITY, REC24

ROWS = list(csv.DictReader((files("cargo.formats.edifact") / "rec24.csv").read_text(encoding="utf-8").splitlines()))
CASES = ("empty", "inland", "origin", "destination", "also")
# Revision 6 runs from 1 to 379 with these numbers withdrawn.
WITHDRAWN = {
    42, 43, 52, 55, 56, 122, 160, 173, 217, 221, 223, 226, 230, 237, 244, 245, 246, 249, 252, 257, 259, 261, 262, 263,
    264, 268, 289, 290, 293, 294, 296, 303, 304, 305,
}  # fmt: skip


def test_every_code_of_the_recommendation_is_there_once() -> None:
    assert len(ROWS) == len(REC24) == 345
    assert [int(row["code"]) for row in ROWS] == [code for code in range(1, 380) if code not in WITHDRAWN]


def test_what_a_code_means_is_a_word_of_the_house() -> None:
    for row in ROWS:
        assert row["name"] and row["milestone"] in MILESTONES, row
        assert {row[case] for case in CASES} - {""} <= MILESTONES.keys(), row
        assert row["classifier"] in {"", *CLASSIFIERS}, row


def test_a_code_that_means_nothing_here_says_why() -> None:
    unread = [row for row in ROWS if row["milestone"] == "unknown"]
    assert len(unread) == 189
    assert [row["code"] for row in unread if not row["note"]] == []


@pytest.mark.parametrize(
    ("code", "milestone"),
    [
        ("1", "arrived"),
        ("6", "booking_confirmed"),
        ("7", "booking_cancelled"),
        ("13", "picked_up"),
        ("17", "customs_hold"),
        ("18", "damaged"),
        ("21", "delivered"),
        ("23", "delivery_failed"),
        ("24", "departed"),
        ("29", "discharged"),
        ("31", "in_transit"),
        ("40", "gate_in"),
        ("45", "arrival_notice_sent"),
        ("46", "bonded_storage_in"),
        ("48", "loaded"),
        ("57", "rolled"),
        ("74", "cargo_received"),
        ("78", "freight_released"),
        ("93", "stuffed"),
        ("100", "transshipment_loaded"),
        ("113", "out_for_delivery"),
        ("116", "export_hold"),
        ("123", "documents_delivered"),
        ("126", "customs_review"),
        ("315", "freight_hold"),
        ("346", "discharged"),
        ("359", "bill_of_lading_issued"),
        ("361", "eta_changed"),
        ("364", "gate_in"),
        ("365", "gate_out"),
        ("374", "terminal_hold"),
        ("378", "freight_released"),
    ],
)
def test_what_the_codes_of_a_journey_mean(code: str, milestone: str) -> None:
    assert REC24[code].milestone == milestone


def test_only_what_concerns_customs_has_an_authority() -> None:
    told = {code for code, said in REC24.items() if said.authority == AUTHORITY}
    assert {"8", "9", "10", "12", "17", "116", "126"} <= told
    assert {"1", "11", "21", "46", "78", "346", "374"}.isdisjoint(told)
    assert {said.authority for said in REC24.values()} == {None, AUTHORITY}


def test_the_other_tables_speak_the_words_of_the_house_too() -> None:
    milestones = {milestone for milestone, _ in [*customs_codes.INDICATORS.values(), *customs_codes.RESPONSES.values()]}
    milestones |= {*customs_codes.ON_EXPORT.values(), *customs_codes.ON_TRANSIT.values()}
    milestones |= {milestone for pair in qualifiers.CALLS.values() for milestone in pair if milestone}
    assert milestones <= MILESTONES.keys()
    assert {*qualifiers.REFERENCES.values(), *customs_codes.DOCUMENTS.values()} <= set(REFERENCE_TYPES)
    assert {classifier for classifier, _ in qualifiers.TIMES.values()} <= set(CLASSIFIERS)
