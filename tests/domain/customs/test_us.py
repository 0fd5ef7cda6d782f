"""US dispositions: what each code does to a bill, and which hold it ends."""

from __future__ import annotations

from importlib.resources import files

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import us
from cargo.domain.places import place

HOLDS = {
    code for code, row in us.DISPOSITIONS.items() if row.effect == "hold" and row.milestone != "inspection_ordered"
}


def test_the_table_is_whole_and_says_words_of_the_house() -> None:
    assert len(us.DISPOSITIONS) == 103
    for row in us.DISPOSITIONS.values():
        assert row.name and row.milestone in MILESTONES, row
        assert row.also is None or row.also in MILESTONES, row
        assert row.effect == MILESTONES[row.milestone].effect
        assert row.agency is None or row.agency in us.AGENCIES, row
        assert {*row.removes, *row.reverts} <= us.DISPOSITIONS.keys(), row


def test_a_code_that_means_nothing_here_says_why() -> None:
    silent = [row.code for row in us.DISPOSITIONS.values() if row.milestone == "unknown" and not row.note]
    assert silent == []


@pytest.mark.parametrize(
    ("hold", "removal", "agency", "milestone"),
    [
        ("1H", "1I", "US-CBP", "customs_hold"),
        ("1G", "1F", "US-CBP", "customs_hold"),
        ("2H", "2I", "US-USDA", "agency_hold"),
        ("2G", "2F", "US-USDA", "agency_hold"),
        ("3H", "3I", "US-PGA", "agency_hold"),
        ("3G", "3F", "US-PGA", "agency_hold"),
        ("5H", "5I", "US-CBP", "customs_hold"),
        ("6H", "6I", "US-CBP", "do_not_load"),
        ("71", "74", "US-USDA", "agency_hold"),
        ("72", "75", "US-USDA", "agency_hold"),
        ("73", "76", "US-USDA", "agency_hold"),
        ("77", "80", "US-USDA", "agency_hold"),
        ("78", "81", "US-USDA", "agency_hold"),
        ("79", "82", "US-USDA", "agency_hold"),
        ("2O", "4O", "US-CBP", "security_filing_hold"),
        ("2P", "4P", "US-CBP", "security_filing_hold"),
        ("2Q", "4Q", "US-CBP", "do_not_load"),
        ("2R", "4R", "US-CBP", "do_not_load"),
        ("97", "98", "US-CBP", "customs_hold"),
    ],
)
def test_each_hold_is_ended_by_its_own_code(hold: str, removal: str, agency: str, milestone: str) -> None:
    placed, ended = us.DISPOSITIONS[hold], us.DISPOSITIONS[removal]
    assert (placed.milestone, placed.agency) == (milestone, agency)
    assert (ended.milestone, ended.agency) == (f"{milestone}_removed", agency)
    assert ended.removes == (hold,)
    assert placed.removes == ()


def test_a_release_ends_no_hold() -> None:
    for code in ("1B", "1C"):
        assert us.DISPOSITIONS[code].milestone == "customs_released"
        assert not HOLDS & set(us.DISPOSITIONS[code].removes)


@pytest.mark.parametrize(
    ("code", "reverts"),
    [("4A", {"1B", "1C", "4C"}), ("4E", {"1A", "1B", "1C", "4C"}), ("5H", {"1B", "1C", "4C"}), ("4Z", {"1Z"})],
)
def test_codes_that_take_others_back(code: str, reverts: set[str]) -> None:
    assert set(us.DISPOSITIONS[code].reverts) == reverts


def test_looking_up() -> None:
    found = us.disposition(" 1c ")
    assert found is not None and found.code == "1C"
    assert us.disposition("ZZ") is None
    assert us.disposition("") is None


def test_every_port_is_one_that_is_known() -> None:
    rows = (files("cargo.domain") / "data" / "us_ports.csv").read_text(encoding="utf-8").splitlines()[1:]
    codes = [row.split(",")[0] for row in rows]
    assert len(set(codes)) == len(codes) == 41
    found = [us.port(code) for code in codes]
    assert [code for code, port in zip(codes, found, strict=True) if place(port) is None] == []


def test_ports() -> None:
    assert (us.port("2704"), us.port(" 3901 "), us.port("9999"), us.port("")) == ("USLAX", "USCHI", None, None)
