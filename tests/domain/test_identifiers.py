"""Numbers in their one form, with what is wrong about them named and nothing refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cargo.domain import identifiers
from cargo.domain.codes import REFERENCE_TYPES
from cargo.domain.identifiers import CargoNumber, Checked


@pytest.mark.parametrize("number", ["CSQU3054383", "CMAU5127498", "APZU4812090", "HASU4316170", "HDMU6546583"])
def test_real_container_numbers_pass_the_check_of_iso_6346(number: str) -> None:
    assert identifiers.container(number) == Checked(number)
    assert identifiers.container_check_digit(number) == int(number[10])


@pytest.mark.parametrize(
    ("typed", "value", "warning"),
    [
        ("hdmu 654658-3", "HDMU6546583", None),
        (" HDMU\u00a0654658.3 ", "HDMU6546583", None),
        ("HDMU6546580", "HDMU6546580", "container_check_digit: HDMU6546580 should end in 3"),
        ("HDMU654658", "HDMU654658", "container_check_digit: HDMU654658 lacks its last digit, 3"),
        ("HDMX6546583", "HDMX6546583", "container_shape: HDMX6546583 is not four letters and seven digits"),
        ("", "", "container_shape:  is not four letters and seven digits"),
    ],
)
def test_a_container_number_as_it_is_typed(typed: str, value: str, warning: str | None) -> None:
    assert identifiers.container(typed) == Checked(value, warning)


@pytest.mark.parametrize(
    ("typed", "value", "warning"),
    [
        ("9074729", "9074729", None),
        ("IMO 9321483", "9321483", None),
        ("9450612", "9450612", None),
        ("7654321", "7654321", "imo_check_digit: 7654321 should end in 9"),
        ("9330141", "9330141", "imo_check_digit: 9330141 should end in 7"),
        ("12345", "12345", "imo_shape: 12345 is not seven digits"),
    ],
)
def test_a_ships_number(typed: str, value: str, warning: str | None) -> None:
    assert identifiers.imo(typed) == Checked(value, warning)


@pytest.mark.parametrize(
    ("typed", "value", "warning"),
    [
        ("157-53806270", "15753806270", None),
        ("020 1234 5675", "02012345675", None),
        ("020-12345670", "02012345670", "air_waybill_check_digit: 02012345670 should end in 5"),
        ("020-1234", "0201234", "air_waybill_shape: 0201234 is not eleven digits"),
    ],
)
def test_an_air_waybill(typed: str, value: str, warning: str | None) -> None:
    assert identifiers.air_waybill(typed) == Checked(value, warning)


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("21WDFCA457I06370010", CargoNumber("21WDFCA457I", "0637", "0010")),
        ("175XZ03727I40031561", CargoNumber("175XZ03727I", "4003", "1561")),
        ("20KE06Y2III00150001", CargoNumber("20KE06Y2III", "0015", "0001")),
        ("26CLSL014EI0043", CargoNumber("26CLSL014EI", "0043", None)),
        ("26CLSL014EE0043", CargoNumber("26CLSL014EE", "0043", None)),
        ("00ANLU083N59007001", None),
        ("26MAEU054I11410001", None),
        ("18XJ****0002", None),
        ("21WDFCA457I", None),
    ],
)
def test_a_cargo_number_is_split_only_at_the_mark_of_import_or_export(number: str, parts: CargoNumber | None) -> None:
    assert identifiers.split_cargo_number(number) == parts


def test_a_cargo_number_warns_by_its_length_only() -> None:
    assert identifiers.cargo_number("00ANLU083N59007001").warning is None
    assert identifiers.cargo_number("00ANLU").warning == ("cargo_number_length: 00ANLU has 6 characters, not 15 to 19")


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("house_bill", "ko-sha 2603001", "KOSHA2603001"),
        ("master_bill", "CLSSHA2603001 ", "CLSSHA2603001"),
        ("declaration", "12345-26-030001M", "1234526030001M"),
        ("purchase_order", " PO  77-a ", "PO 77-a"),
        ("own_reference", "Mine 5", "Mine 5"),
        ("air_waybill", "157-53806270", "15753806270"),
        ("container", "hdmu6546583", "HDMU6546583"),
    ],
)
def test_each_type_has_one_form(kind: str, typed: str, value: str) -> None:
    assert identifiers.reference(kind, typed).value == value
    assert identifiers.reference(kind, value).value == value


@pytest.mark.parametrize(
    ("typed", "likeliest", "value"),
    [
        ("HDMU 654658-3", "container", "HDMU6546583"),
        ("hdmu6546580", "container", "HDMU6546580"),
        ("157-53806270", "air_waybill", "15753806270"),
        ("21wdfca457i06370010", "cargo_control_number", "21WDFCA457I06370010"),
        ("00ANLU083N59007001", "cargo_control_number", "00ANLU083N59007001"),
        ("21WDFCA457I", "manifest", "21WDFCA457I"),
        ("1309021100022M", "declaration", "1309021100022M"),
        ("13090-21-100022M", "declaration", "1309021100022M"),
        ("KO/SHA-26", "master_bill", "KO/SHA26"),
        ("주문 77", "purchase_order", "주문 77"),
    ],
)
def test_a_search_reads_the_likeliest_first(typed: str, likeliest: str, value: str) -> None:
    first = identifiers.read(typed)[0]
    assert (first.type, first.value) == (likeliest, value)


def test_a_search_for_a_bill_tries_every_kind_of_number() -> None:
    kinds = {candidate.type for candidate in identifiers.read("FESS2110007")}
    assert {"master_bill", "house_bill", "booking", "house_air_waybill", "purchase_order", "own_reference"} <= kinds


@pytest.mark.parametrize("typed", ["", "  ", "TBA", "n/a", "none"])
def test_a_placeholder_is_no_number(typed: str) -> None:
    assert identifiers.read(typed) == []
    assert identifiers.is_blank(typed)


def test_masked_and_endless_numbers_are_named_as_such() -> None:
    (masked,) = identifiers.read("18XJ****0002")
    assert masked.warning == "masked: the number hides characters behind asterisks"
    (endless,) = identifiers.read("A" * 10_000)
    assert endless.warning == "too_long: more than 64 characters"
    assert len(endless.value) == 64


@given(st.text(max_size=200))
def test_any_text_can_be_searched_for(text: str) -> None:
    for candidate in identifiers.read(text):
        assert candidate.type in REFERENCE_TYPES
        assert 0 < len(candidate.value) <= 64
