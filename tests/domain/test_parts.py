"""Shipments told part by part: by air a status is true of all of it when its pieces make up the waybill's."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.state import Entry
from tests.domain.histories import entry, kst, view_of

TWENTY = {"total_packages": 20}


def delivered(at: str, packages: int | None, facts: dict[str, Any] | None = TWENTY, **words: Any) -> Entry:
    return entry("delivered", at, level="master", place="GBLHR", packages=packages, facts=facts, **words)


def test_a_part_is_not_the_whole_and_the_last_one_is() -> None:
    first, last = delivered("2026-06-12 11:00", 15), delivered("2026-06-13 10:00", 5)
    arrived = entry("arrived", "2026-06-11 11:00", place="GBLHR")
    view = view_of(arrived, first)
    assert (view.status, view.milestone) == ("arrived", "arrived")
    view = view_of(arrived, last, first)
    assert (view.status, view.milestone) == ("delivered", "delivered")


@pytest.mark.parametrize(
    ("packages", "facts", "status"),
    [
        (20, TWENTY, "delivered"),
        (21, TWENTY, "delivered"),
        (19, TWENTY, "expected"),
        # Of a part of a whole that nobody told: some are missing, however many it is.
        (20, {"partial": 1}, "expected"),
        (None, {"partial": 1}, "expected"),
        # What says nothing of parts speaks of all of it.
        (3, None, "delivered"),
        (None, TWENTY, "delivered"),
    ],
)
def test_how_much_one_report_says(packages: int | None, facts: dict[str, Any] | None, status: str) -> None:
    assert view_of(delivered("2026-06-12 11:00", packages, facts)).status == status


def test_a_part_that_two_sources_tell_counts_once() -> None:
    told = [delivered("2026-06-12 11:00", 12), delivered("2026-06-12 11:02", 12, source=2)]
    assert view_of(*told).status == "expected"
    assert view_of(*told, delivered("2026-06-13 09:00", 8, source=2)).status == "delivered"


def test_what_is_only_expected_delivers_nothing() -> None:
    view = view_of(delivered("2026-06-12 11:00", 15), delivered("2026-06-13 10:00", 5, classifier=1))
    assert view.status == "expected"


def test_freight_has_left_the_warehouse_when_all_parts_have() -> None:
    def out(at: str, packages: int) -> Entry:
        return entry("gate_out", at, place="GBLHR", packages=packages, facts=TWENTY)

    view = view_of(out("2026-06-12 11:00", 15))
    assert (view.gated_out_at, view.removed_packages, view.status) == (None, 15, "expected")
    view = view_of(out("2026-06-12 11:00", 15), out("2026-06-13 10:00", 5))
    assert (view.gated_out_at, view.removed_packages) == (kst("2026-06-13 10:00"), 20)
    assert view.status == "delivered_out"
