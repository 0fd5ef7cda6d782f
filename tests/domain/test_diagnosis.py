"""Which stage costs most: against targets, against comparable cargo, and of the whole way; exact figures."""

from __future__ import annotations

from typing import Any

import pytest

from cargo.domain.diagnosis import (
    COMPARABLE,
    SHARE,
    TARGET,
    Bottleneck,
    diagnose,
)
from cargo.domain.stage_costs import WHOLE, AgainstComparable, AgainstTarget, OfTheWhole, Took

HOUR = 3600
STORED, CLEARED, OUT = (
    "bonded_storage_in__import_declared",
    "import_declared__customs_released",
    "customs_released__gate_out",
)
# Monday, 2 March 2026, 00:00 UTC.
MONDAY = 1_772_409_600


def took(shipment: int, stage: str, hours: float, aim: float | None = None, **words: Any) -> Took:
    seconds = int(hours * HOUR)
    aims = {} if aim is None else {"aim": int(aim * HOUR), "aimed": seconds}
    plain = {"mode": "sea", "port": "KRPUS", "started_at": MONDAY, "ended_at": MONDAY + seconds, "seconds": seconds}
    return Took(shipment, stage, **(plain | {"aim": None, "aimed": None} | aims | words))


def test_the_stage_that_loses_most_against_its_target() -> None:
    rows = [took(1, STORED, 30, 24), took(2, STORED, 20, 24), took(1, CLEARED, 9, 1), took(2, OUT, 500)]
    found = diagnose(rows, {}, MONDAY)
    stored, cleared, out = found.stages
    assert stored.target == AgainstTarget(2, 1, 6 * HOUR, 24 * HOUR)
    assert (stored.target.per_cargo, stored.target.share_missed, stored.median) == (3 * HOUR, 0.5, 25 * HOUR)
    assert cleared.target == AgainstTarget(1, 1, 8 * HOUR, HOUR)
    assert out.target is None
    assert found.bottleneck == Bottleneck(CLEARED, TARGET, 8 * HOUR, 1, "")
    assert found.bottleneck.thin
    assert [(row.took.shipment, row.lost) for row in found.worst] == [(1, 8 * HOUR)]


def test_a_target_that_differs_from_port_to_port_is_not_named() -> None:
    rows = [took(1, STORED, 30, 24), took(2, STORED, 30, 12, port="KRINC")]
    assert diagnose(rows, {}, MONDAY).stages[0].target == AgainstTarget(2, 2, 24 * HOUR, None)


def test_by_the_targets_own_clock() -> None:
    rows = [took(1, STORED, 30, 5)._replace(aimed=6 * HOUR)]
    target = diagnose(rows, {}, MONDAY).stages[0].target
    assert target == AgainstTarget(1, 1, HOUR, 5 * HOUR)


def test_against_comparable_cargo_of_the_same_port() -> None:
    medians = {(STORED, "sea", "KRPUS"): 10.0 * HOUR, (STORED, "sea", "KRINC"): 4.0 * HOUR}
    rows = [
        took(1, STORED, 8),
        took(2, STORED, 16),
        took(3, STORED, 5, port="KRINC"),
        took(4, STORED, 99, port="KRKPO"),
    ]
    found = diagnose(rows, medians, MONDAY)
    # Lost: 6 h and 1 h; the difference: 2 x (12 - 10) h and 1 x (5 - 4) h. Nothing is known of the last one's port.
    assert found.stages[0].comparable == AgainstComparable(3, 7 * HOUR, 5 * HOUR, "KRPUS", 2)
    assert found.bottleneck == Bottleneck(STORED, COMPARABLE, 5 * HOUR, 3, "")
    assert [(row.took.shipment, row.lost) for row in found.worst] == [(2, 6 * HOUR), (3, HOUR)]


def test_quicker_than_comparable_is_no_bottleneck() -> None:
    found = diagnose([took(1, STORED, 8)], {(STORED, "sea", "KRPUS"): 10.0 * HOUR}, MONDAY)
    assert found.stages[0].comparable == AgainstComparable(1, 0, -2 * HOUR, "KRPUS", 1)
    assert found.bottleneck is None and found.worst == []


def test_parts_of_the_whole_and_of_its_spread() -> None:
    rows = [
        took(1, STORED, 2), took(1, CLEARED, 6), took(1, WHOLE, 10),
        took(2, STORED, 2), took(2, CLEARED, 16), took(2, WHOLE, 20),
        # It arrived before the period.
        took(3, STORED, 90), took(3, WHOLE, 100, started_at=MONDAY - 1),
    ]  # fmt: skip
    found = diagnose(rows, {}, MONDAY)
    stored, cleared = found.stages
    assert stored.whole == OfTheWhole(2, pytest.approx(4 / 30), 0)
    assert cleared.whole == OfTheWhole(2, pytest.approx(22 / 30), 1)
    assert found.bottleneck == Bottleneck(CLEARED, SHARE, pytest.approx(22 / 30), 2, "")


def test_what_a_terminal_told_beside_customs_is_not_named() -> None:
    beside = "discharged__gate_out"
    rows = [took(1, beside, 9), took(1, WHOLE, 10)]
    assert diagnose(rows, {}, MONDAY).bottleneck == Bottleneck(beside, SHARE, 0.9, 1, "")
    found = diagnose([*rows, took(1, STORED, 2)], {(beside, "sea", "KRPUS"): 1.0}, MONDAY)
    assert found.bottleneck == Bottleneck(STORED, SHARE, 0.2, 1, "")


def test_a_tie_is_told() -> None:
    rows = [took(1, STORED, 30, 20), took(1, CLEARED, 29, 20), took(1, OUT, 28, 20)]
    assert diagnose(rows, {}, MONDAY).bottleneck == Bottleneck(STORED, TARGET, 10 * HOUR, 1, CLEARED)


def test_a_value_that_stands_out() -> None:
    slow = [took(number, STORED, 34, 24, broker="Kim") for number in range(10)]
    quick = [took(number, STORED, 26, 24, broker="Lee", warehouse="03012345") for number in range(10, 30)]
    (found,) = diagnose(slow + quick, {}, MONDAY).outstanding
    assert (found.dimension, found.value, found.n, found.of) == ("broker", "Kim", 10, 30)
    assert (found.lost, found.share) == (100 * HOUR, pytest.approx(100 / 140))
    # Nine are too few, and what loses no more than its part of the cargoes does not stand out.
    assert diagnose(slow[1:] + quick, {}, MONDAY).outstanding == []
    assert diagnose(quick, {}, MONDAY).outstanding == []


def test_the_weekday_is_that_of_the_place() -> None:
    # Sunday 16:00 in London is Monday 01:00 in Busan.
    assert took(1, STORED, 1, started_at=MONDAY - 8 * HOUR).weekday == "monday"
    assert took(1, STORED, 1, started_at=MONDAY - 8 * HOUR, port="GBFXT").weekday == "sunday"


def test_nothing_of_nothing() -> None:
    found = diagnose([], {}, MONDAY)
    assert (found.stages, found.named, found.bottleneck, found.outstanding, found.worst) == ([], {}, None, [], [])


def test_only_the_worst_are_kept() -> None:
    rows = [took(number, STORED, 25 + number, 24) for number in range(30)]
    assert [row.took.shipment for row in diagnose(rows, {}, MONDAY).worst] == list(range(29, 9, -1))
