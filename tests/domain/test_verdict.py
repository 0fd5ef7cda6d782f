"""Which numbers can be tracked, and what is said of the others."""

from __future__ import annotations

import pytest

from cargo.domain.codes import REFERENCE_TYPES
from cargo.domain.verdict import TRACKABLE, Verdict, judge

ACCEPTED = [
    ("KOSHA2603001", "house_bill", "", ("house_bill", "KOSHA2603001")),
    ("hdmu 654658-3", "container", "hdmu", ("container", "HDMU6546583")),
    ("HDMU6546583", "", "", ("container", "HDMU6546583")),
    # A bill may look like a container; its sender knows.
    ("HDMU6546584", "master_bill", "", ("master_bill", "HDMU6546584")),
    ("180-1234 5675", "", "", ("air_waybill", "18012345675")),
    ("12345-26-123456M", "", "", ("declaration", "1234526123456M")),
    ("26HDMUPUS1I00010001", "", "", ("cargo_control_number", "26HDMUPUS1I00010001")),
]

REJECTED = [
    ("", "", "", "empty"),
    ("TBA", "house_bill", "", "empty"),
    ("X" * 65, "booking", "", "too_long"),
    ("KOSHA26*****", "house_bill", "", "masked"),
    ("KOSHA2603001", "bill_of_fare", "", "unknown_type"),
    ("KOSHA2603001", "seal", "", "not_trackable"),
    ("KOSHA2603001", "container", "", "wrong_shape"),
    ("12345", "air_waybill", "", "wrong_shape"),
    ("화물1234", "house_bill", "", "wrong_shape"),
    ("A\x00B12", "house_bill", "", "wrong_shape"),
    ("ß" * 40, "booking", "", "wrong_shape"),
    ("?!", "", "", "wrong_shape"),
    ("KOSHA2603001", "house_bill", "TOO-LONG-A-CARRIER", "bad_carrier"),
]


@pytest.mark.parametrize(("reference", "kind", "carrier", "expected"), ACCEPTED)
def test_accepted(reference: str, kind: str, carrier: str, expected: tuple[str, str]) -> None:
    verdict = judge(reference, kind, carrier)
    assert (verdict.code, verdict.type, verdict.value, verdict.carrier) == ("", *expected, carrier.upper())


@pytest.mark.parametrize(("reference", "kind", "carrier", "code"), REJECTED)
def test_rejected(reference: str, kind: str, carrier: str, code: str) -> None:
    assert judge(reference, kind, carrier).code == code


def test_a_wrong_check_digit_comes_with_the_right_one() -> None:
    assert judge("HDMU6546584", "", "") == Verdict(
        "container", "HDMU6546584", "", "bad_check_digit", suggestion="HDMU6546583"
    )
    assert judge("HDMU654658", "container", "").suggestion == "HDMU6546583"
    assert judge("18012345676", "", "").suggestion == "18012345675"


def test_a_number_that_could_be_several_things_names_them() -> None:
    verdict = judge("KOSHA2603001", "", "")
    assert verdict.code == "ambiguous"
    assert verdict.candidates == ("master_bill", "house_bill", "booking", "house_air_waybill", "declaration")


def test_what_can_be_tracked_is_a_reference_type() -> None:
    assert set(TRACKABLE) < set(REFERENCE_TYPES)
