"""US dispositions: what each code does to a bill, and which hold it ends."""

from __future__ import annotations

from importlib.resources import files

import pytest

from cargo.domain.codes import MILESTONES
from cargo.domain.customs import us
from cargo.domain.places import place
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Release
from tests.domain.histories import entry

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


def test_the_rules_are_additive_and_go_by_bills_and_codes() -> None:
    (regime,) = us.REGIMES
    assert regime.authority == us.AUTHORITY
    assert (regime.release_ends_holds, regime.additive, regime.counts_quantity) == (False, True, True)
    assert regime.keeps_code and regime.keeps_bill


def posted(code: str, /, **words: str) -> Entry:
    row = us.DISPOSITIONS[code]
    return entry(row.milestone, "2026-03-02 09:00", authority=us.AUTHORITY, agency=row.agency or "", **words)


def a_hold(code: str, /, **words: str) -> Hold:
    placed = posted(code, **words)
    return Hold(placed.agency, "customs", placed.milestone, placed.occurred, placed)


@pytest.mark.parametrize("code", sorted(us.DISPOSITIONS))
def test_of_all_codes_only_those_that_name_a_hold_end_it(code: str) -> None:
    row = us.DISPOSITIONS[code]
    ended = {hold for hold in us.DISPOSITIONS if us.ends(posted(code, code=code), a_hold(hold, code=hold))}
    settled = {"1X", "A3"} if code in ("1B", "1C", "4C") else {"A3"} if code in ("1J", "1W") else set()
    assert ended == {*row.removes, *row.reverts} | settled


def test_without_a_code_milestone_and_agency_decide() -> None:
    assert us.ends(posted("1I"), a_hold("1H", code="1H"))
    assert us.ends(posted("1I", code="1I"), a_hold("1G"))
    assert not us.ends(posted("2I"), a_hold("3H"))
    assert not us.ends(posted("7I"), a_hold("1H"))
    assert us.takes_back(posted("4Z"), Release(0, posted("1C", code="1C")))
