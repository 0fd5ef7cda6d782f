"""Customs status: releases, holds, what ends them and what takes them back (decisions 15 to 17)."""

from __future__ import annotations

import itertools

import pytest

from cargo.domain.customs.clearance import clear
from cargo.domain.state import ESTIMATED, Entry, merge
from cargo.domain.view import Clearance
from tests.domain.histories import customs, entry, kst

ONE, TWO = {"declaration": "A1"}, {"declaration": "A2"}
DECLARED = customs("import_declared", "2026-03-15 09:00", **ONE)
ORDERED = customs("inspection_ordered", "2026-03-15 10:00", **ONE)
DONE = customs("inspection_completed", "2026-03-15 15:00", **ONE)
RELEASED = customs("customs_released", "2026-03-16 10:00", **ONE)
REVOKED = customs("customs_release_cancelled", "2026-03-17 11:00", **ONE)
AGAIN = customs("customs_released", "2026-03-18 10:00", **ONE)
QUARANTINE = entry("agency_hold", "2026-03-15 11:00", authority="KR-KCS", agency="KR-QIA")


def cleared(*entries: Entry) -> Clearance:
    """The clearance, the same in every order."""
    found = clear(merge((), entries))
    for order in itertools.islice(itertools.permutations(entries), 24):
        assert repr(clear(merge((), order))) == repr(found)
    return found


def releases(found: Clearance) -> list[tuple[int | None, int | None]]:
    return [(row.released_at, row.revoked_at) for row in found.releases]


def holds(found: Clearance) -> list[tuple[str, str | None]]:
    return [(row.kind, row.cleared_by) for row in found.holds]


def test_nothing_is_known() -> None:
    found = cleared()
    assert (found.state, found.known, found.holds, found.releases) == ("none", False, [], [])
    assert cleared(entry("arrived", "2026-03-14 09:00")).known is False


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([DECLARED], "declared"),
        ([DECLARED, customs("customs_review", "2026-03-15 09:30", **ONE)], "under_review"),
        ([DECLARED, ORDERED], "held"),
        ([DECLARED, ORDERED, DONE, RELEASED], "released"),
        ([RELEASED], "released"),
        ([DECLARED, customs("customs_released_provisional", "2026-03-16 10:00", **ONE)], "released_provisionally"),
        ([DECLARED, RELEASED, REVOKED], "revoked"),
        ([DECLARED, RELEASED, REVOKED, AGAIN], "released"),
        ([DECLARED, customs("declaration_rejected", "2026-03-16 09:00", **ONE)], "rejected"),
        ([DECLARED, customs("declaration_cancelled", "2026-03-16 09:00", **ONE)], "cancelled"),
    ],
)
def test_the_state(entries: list[Entry], state: str) -> None:
    assert cleared(*entries).state == state


def test_a_release_ends_earlier_holds_of_its_authority_and_of_no_other() -> None:
    found = cleared(DECLARED, ORDERED, QUARANTINE, RELEASED)
    assert holds(found) == [("inspection", "release"), ("agency", None)]
    assert found.state == "held"
    assert [hold.agency for hold in found.open_holds] == ["KR-QIA"]


def test_a_hold_after_the_release_blocks() -> None:
    late = customs("customs_hold", "2026-03-17 09:00", **ONE)
    found = cleared(DECLARED, RELEASED, late)
    assert (found.state, holds(found)) == ("held", [("customs", None)])
    assert found.standing_release is not None


def test_a_hold_is_ended_by_what_answers_it() -> None:
    found = cleared(DECLARED, ORDERED, DONE)
    assert holds(found) == [("inspection", "inspection_completed")]
    assert found.holds[0].cleared_at == kst("2026-03-15 15:00")


def test_a_release_of_another_declaration_ends_nothing() -> None:
    other = customs("customs_released", "2026-03-16 10:00", **TWO)
    found = cleared(DECLARED, ORDERED, other)
    assert (found.state, holds(found)) == ("held", [("inspection", None)])


def test_after_a_revocation_no_hold_reopens() -> None:
    found = cleared(DECLARED, ORDERED, RELEASED, REVOKED)
    assert found.state == "revoked"
    assert holds(found) == [("inspection", "release")]
    assert releases(found) == [(kst("2026-03-16 10:00"), kst("2026-03-17 11:00"))]
    assert found.standing_release is None


def test_release_revocation_and_renewal_are_two_releases() -> None:
    found = cleared(DECLARED, RELEASED, REVOKED, AGAIN)
    assert releases(found) == [(kst("2026-03-16 10:00"), kst("2026-03-17 11:00")), (kst("2026-03-18 10:00"), None)]
    assert found.standing_release is not None and found.standing_release.released_at == kst("2026-03-18 10:00")


def test_a_release_that_is_told_twice_is_one() -> None:
    repeated = customs("customs_released", "2026-03-16 10:05", **ONE)
    assert releases(cleared(DECLARED, RELEASED, repeated)) == [(kst("2026-03-16 10:00"), None)]


def test_what_is_expected_is_no_act_of_customs() -> None:
    assert cleared(customs("customs_released", "2026-03-16 10:00", classifier=ESTIMATED)).state == "none"


def test_a_declaration_of_two_that_is_under_way_holds_back_the_whole() -> None:
    second = customs("import_declared", "2026-03-15 12:00", **TWO)
    assert cleared(DECLARED, RELEASED, second).state == "declared"


def test_a_clearance_of_the_export_ends_its_inspection_also_once_the_import_is_under_way() -> None:
    ordered = entry("export_inspection_ordered", "2026-03-01 09:00", authority="DCSA")
    exported = entry("export_cleared", "2026-03-02 09:00", authority="DCSA")
    found = cleared(ordered, exported, DECLARED)
    assert (found.state, holds(found), found.releases) == ("declared", [("inspection", "release")], [])


@pytest.mark.parametrize("words", ["DCSA", "X12", "UN-EDIFACT", "IATA"])
def test_a_carrier_that_repeats_customs_gives_way_to_customs_own_word(words: str) -> None:
    repeated = entry("import_declared", "2026-03-14 09:00", authority=words)
    assert cleared(repeated, DECLARED, RELEASED).state == "released"
    assert cleared(repeated).state == "declared"
