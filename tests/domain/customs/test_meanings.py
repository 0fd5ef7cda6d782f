"""The one look-up: any authority by any of its names, its code, and what a spreadsheet does to it."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from cargo.domain import customs
from cargo.domain.customs import asycuda, eu, gb, generic, meanings
from cargo.domain.customs.lists import Meaning


@pytest.mark.parametrize(
    ("authority", "code", "milestone", "agency"),
    [
        ("GB-HMRC", "DMSROG", "customs_released", "GB-HMRC"),
        ("HMRC", "08", "customs_released", "GB-HMRC"),
        ("gb", "Route 1", "documents_requested", "GB-HMRC"),
        ("KR-KCS", "수입신고 수리", "customs_released", "KR-KCS"),
        ("관세청", "검역 불합격", "agency_refused", "KR-QIA"),
        ("UNI-PASS", "보세운송 반입", "bonded_transport_arrived", None),
        ("CBP", "1h", "customs_hold", "US-CBP"),
        ("US-CBP", "71", "agency_hold", "US-USDA"),
        ("EU-NCTS", "IE029", "transit_released", None),
        ("EU", "IE3Q01", "do_not_load", "EU-ICS2"),
        ("ASYCUDA", "red lane", "inspection_ordered", "UNCTAD-ASYCUDA"),
        ("CUSRES", "4", "customs_released", "UN-EDIFACT"),
        ("UN-REC24", "10", "agency_hold_removed", None),
        ("X12", "IX", "customs_hold", None),
        ("NACCS", "区分３", "inspection_ordered", "JP-NACCS"),
        ("CN-GACC", "放行", "customs_released", "CN-GACC"),
    ],
)
def test_what_a_code_says(authority: str, code: str, milestone: str, agency: str | None) -> None:
    found = customs.meaning(authority, code)
    assert found is not None and (found.milestone, found.agency) == (milestone, agency)


@pytest.mark.parametrize(
    ("authority", "code"),
    [("GB-HMRC", "99"), ("GB-HMRC", ""), ("XX-NOBODY", "1"), ("", "08"), ("KR-KCS", "수리"), ("US-CBP", "ZZ")],
)
def test_what_no_table_knows(authority: str, code: str) -> None:
    assert customs.meaning(authority, code) is None
    sign = meanings.read(authority, code)
    assert sign.meaning is None and sign.code == code
    assert sign.doubt == (f"unknown_code: {code} of {authority}" if code else "")


@pytest.mark.parametrize(
    ("code", "milestone", "doubt"),
    [
        ("8", "customs_released", ""),
        ("08", "customs_released", ""),
        ("0", "customs_review", ""),
        ("6", None, "ambiguous_code: 6 of GB-HMRC may be Route 6 or 06"),
        ("1", None, "ambiguous_code: 1 of GB-HMRC may be Route 1 or 01"),
        ("Route 6", "customs_released", ""),
        ("4", None, "unknown_code: 4 of GB-HMRC"),
    ],
)
def test_a_spreadsheet_may_have_lost_the_nought(code: str, milestone: str | None, doubt: str) -> None:
    sign = meanings.read("HMRC", code, zeros_lost=True)
    assert (sign.meaning.milestone if sign.meaning else None, sign.doubt) == (milestone, doubt)
    assert sign.authority == "GB-HMRC"


def test_what_a_person_types_is_taken_as_it_stands() -> None:
    sign = meanings.read("HMRC", "6")
    assert sign.meaning is not None and sign.meaning.name == "Route 6" and sign.doubt == ""


def test_one_nought_is_lost_where_nothing_else_has_the_digit() -> None:
    arrived = meanings.read("CBP", "2", zeros_lost=True)
    assert arrived.code == "02" and arrived.meaning is not None
    class_of_japan = meanings.read("NACCS", "1", zeros_lost=True)
    assert class_of_japan.meaning is not None and class_of_japan.meaning.milestone == "customs_released"


@pytest.mark.parametrize(
    ("authority", "code", "place", "milestone"),
    [
        ("IATA", "CCD", "CNPVG", "export_cleared"),
        ("IATA", "CCD", "KRICN", "customs_released"),
        ("IATA", "CCD", "", "unknown"),
        ("DCSA", "RELS", "CNSHA", "export_cleared"),
        ("DCSA", "RELS", "", "customs_released"),
        ("GB-HMRC", "08", "CNSHA", "customs_released"),
    ],
)
def test_a_clearance_where_the_goods_leave_is_of_the_export(
    authority: str, code: str, place: str, milestone: str
) -> None:
    found = customs.meaning(authority, code)
    assert found is not None
    assert meanings.milestone_at(found, place, "CNSHA", "KRPUS") == milestone


def test_within_one_country_nothing_is_an_export() -> None:
    found = customs.meaning("DCSA", "RELS")
    assert found is not None and meanings.milestone_at(found, "KRPUS", "KRINC", "KRPUS") == "customs_released"


@pytest.mark.parametrize(
    ("milestone", "box", "declaration", "level"),
    [
        ("customs_released", True, False, "container"),
        ("customs_released", True, True, "declaration"),
        ("customs_released", False, False, "declaration"),
        ("customs_review", True, False, "declaration"),
        ("gate_out", False, False, "container"),
    ],
)
def test_whose_word_it_is(milestone: str, box: bool, declaration: bool, level: str) -> None:
    assert meanings.level(milestone, box=box, declaration=declaration) == level


def test_every_code_of_every_table_is_found_by_its_authority() -> None:
    rows: list[Meaning] = [*gb.MEANINGS, *eu.MEANINGS, *asycuda.MEANINGS, *generic.MEANINGS]
    assert len(rows) == 23 + 34 + 15 + 82
    for row in rows:
        found = customs.meaning(row.authority, row.code)
        assert found is not None and (found.milestone, found.name) == (row.milestone, row.name)


def test_packaged_rows_name_their_source() -> None:
    for name in ("gb", "eu", "asycuda", "generic"):
        lines = (files("cargo.domain") / "data" / f"customs_{name}.csv").read_text(encoding="utf-8").splitlines()
        for row in csv.DictReader(lines):
            assert row["source"], row
            assert ("general" in row["source"]) is (row["background"] == "yes"), row
