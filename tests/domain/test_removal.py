"""What has left: under bond or for good, in part or all of it (decision 19)."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.state import Entry
from cargo.domain.view import View
from tests.domain.histories import customs, entry, kst, view_of

ONE, TWO = "HDMU6546583", "TCLU1234568"
RELEASED = customs("customs_released", "2026-03-16 10:00", declaration="A1")
MANIFEST = entry("manifest_accepted", "2026-03-13 09:00", facts={"manifested_packages": 420, "manifested_unit": "CT"})


def out(at: str, **words: Any) -> Entry:
    return entry("gate_out", at, **words)


def part(at: str, packages: int, **words: Any) -> Entry:
    return out(at, packages=packages, unit="CT", **words)


def meanings(view: View) -> list[str]:
    return sorted(o.milestone for o in view.occurrences if o.entry.milestone.startswith("gate_out"))


def test_a_gate_out_after_the_release_is_the_end() -> None:
    view = view_of(RELEASED, out("2026-03-17 09:00"))
    assert (view.gated_out_at, view.status) == (kst("2026-03-17 09:00"), "delivered_out")


def test_a_gate_out_while_no_release_stands_is_under_bond() -> None:
    declared = customs("import_declared", "2026-03-15 09:00", declaration="A1")
    view = view_of(declared, out("2026-03-17 09:00"))
    assert (view.gated_out_at, view.under_bond_at) == (None, kst("2026-03-17 09:00"))
    assert meanings(view) == ["bonded_transport_departed"]


@pytest.mark.parametrize(
    ("at", "gone"), [("2026-03-16 10:00", True), ("2026-03-16 09:30", True), ("2026-03-16 08:00", False)]
)
def test_clocks_differ_by_an_hour_at_most(at: str, gone: bool) -> None:
    assert (view_of(RELEASED, out(at)).gated_out_at is not None) is gone


def test_a_gate_out_after_the_release_was_taken_back_is_under_bond() -> None:
    revoked = customs("customs_release_cancelled", "2026-03-17 09:00", declaration="A1")
    assert view_of(RELEASED, revoked, out("2026-03-18 09:00")).gated_out_at is None
    assert view_of(RELEASED, revoked, out("2026-03-16 12:00")).gated_out_at == kst("2026-03-16 12:00")


def test_a_bonded_transport_that_has_not_arrived_keeps_it_under_bond() -> None:
    left = entry("bonded_transport_departed", "2026-03-15 09:00")
    view = view_of(RELEASED, left, out("2026-03-17 09:00"))
    assert view.gated_out_at is None
    arrived = entry("bonded_transport_arrived", "2026-03-15 15:00")
    assert view_of(RELEASED, left, arrived, out("2026-03-17 09:00")).gated_out_at == kst("2026-03-17 09:00")


def test_where_only_carriers_report_a_gate_out_is_what_it_says() -> None:
    assert view_of(out("2026-03-17 09:00", subject=ONE)).gated_out_at == kst("2026-03-17 09:00")


def test_a_removal_that_customs_permits_before_the_release_is_for_good() -> None:
    declared = customs("import_declared", "2026-03-15 09:00", declaration="A1")
    view = view_of(declared, entry("gate_out_before_release", "2026-03-17 09:00"))
    assert (view.gated_out_at, view.under_bond_at) == (kst("2026-03-17 09:00"), None)


def test_every_box_must_have_gone() -> None:
    discharged = [entry("discharged", "2026-03-14 09:00", subject=box, level="container") for box in (ONE, TWO)]
    first = out("2026-03-17 09:00", subject=ONE)
    assert view_of(RELEASED, *discharged, first).gated_out_at is None
    last = out("2026-03-18 09:00", subject=TWO)
    assert view_of(RELEASED, *discharged, first, last).gated_out_at == kst("2026-03-18 09:00")


def test_all_that_was_manifested_must_have_gone() -> None:
    first, last = part("2026-03-17 09:00", 200), part("2026-03-18 09:00", 220)
    view = view_of(RELEASED, MANIFEST, first)
    assert (view.gated_out_at, view.removed_packages) == (None, 200)
    view = view_of(RELEASED, MANIFEST, first, last)
    assert (view.gated_out_at, view.removed_packages) == (kst("2026-03-18 09:00"), 420)


def test_without_quantities_the_last_removal_is_the_end() -> None:
    assert view_of(RELEASED, MANIFEST, out("2026-03-17 09:00")).gated_out_at == kst("2026-03-17 09:00")
