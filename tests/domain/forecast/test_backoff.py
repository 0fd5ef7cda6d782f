"""Back-off to the parent group, quantiles beyond what has passed, the working clock, and the scores: exact values."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cargo.domain.forecast.backoff import Axis, Ladder, quantiles
from cargo.domain.forecast.clock import WorkingClock
from cargo.domain.forecast.scoring import coverage, pinball

AXIS = Axis(0.0, 4.0, 4)
PORT, CLIENT = 0, 1
NOTHING = np.array([-np.inf])


def learned(strength: float = 2.0) -> Ladder:
    """Port 1: client 1 has three values in bin 0; port 2: client 2 has one in bin 3."""
    ladder = Ladder(AXIS, ((PORT,), (CLIENT,)), strength)
    codes = np.array([[1, 1], [1, 1], [1, 1], [2, 2]])
    ladder.learn(codes, np.array([0.5, 0.5, 0.5, 3.5]), np.ones(4))
    return ladder


def shares(ladder: Ladder, port: int, client: int) -> list[float]:
    return [float(share) for share in ladder.shares(np.array([[port, client]]))[0]]


# The root: one value spread over the four bins and the four values themselves.
ROOT = np.array([3.25, 0.25, 0.25, 1.25]) / 5
PORT_1 = (np.array([3, 0, 0, 0]) + 2 * ROOT) / 5


def test_a_port_never_seen_is_everything_together() -> None:
    assert shares(learned(), 9, 1) == pytest.approx(ROOT)


def test_a_client_never_seen_at_a_port_is_the_port() -> None:
    assert shares(learned(), 1, 2) == pytest.approx(PORT_1)


def test_a_client_seen_at_a_port_is_drawn_towards_the_port_by_the_strength() -> None:
    assert shares(learned(), 1, 1) == pytest.approx((np.array([3, 0, 0, 0]) + 2 * PORT_1) / 5)
    assert shares(learned(1e9), 1, 1) == pytest.approx(ROOT, abs=1e-6)


def test_weights_count_as_often_as_they_say() -> None:
    ladder = Ladder(AXIS, (), 1.0)
    ladder.learn(np.zeros((2, 1), dtype=np.int64), np.array([0.5, 2.5]), np.array([1.0, 3.0]))
    assert shares(ladder, 0, 0) == pytest.approx([1.25 / 5, 0.25 / 5, 3.25 / 5, 0.25 / 5])


def test_quantiles_are_read_evenly_inside_a_bin() -> None:
    flat = np.full((1, 4), 0.25)
    assert quantiles(AXIS, flat, NOTHING, np.array([0.1, 0.5, 0.9]))[0] == pytest.approx([0.4, 2.0, 3.6])


def test_only_what_lies_beyond_counts() -> None:
    flat = np.full((1, 4), 0.25)
    assert quantiles(AXIS, flat, np.array([2.0]), np.array([0.0, 0.5, 1.0]))[0] == pytest.approx([2.0, 3.0, 4.0])


def test_beyond_everything_is_where_it_stands() -> None:
    assert quantiles(AXIS, np.full((1, 4), 0.25), np.array([7.0]), np.array([0.5]))[0] == pytest.approx([4.0])


def test_rows_do_not_mix() -> None:
    rows = np.array([[1.0, 0, 0, 0], [0, 0, 0, 1.0], [0, 1.0, 0, 0]])
    found = quantiles(AXIS, rows, np.full(3, -np.inf), np.array([0.5]))
    assert found[:, 0] == pytest.approx([0.5, 3.5, 1.5])


def test_quantiles_never_fall() -> None:
    chance = np.random.default_rng(5)
    rows = chance.dirichlet(np.full(4, 0.3), size=500)
    found = quantiles(AXIS, rows, chance.uniform(-1, 5, 500), np.linspace(0.01, 0.99, 33))
    assert (np.diff(found, axis=1) >= 0).all()


def seoul(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Seoul")).timestamp()


def test_the_clock_is_slow_over_night_weekend_and_holiday() -> None:
    clock = WorkingClock("KR", "Asia/Seoul", 0.1)
    # Friday 17:00 to Tuesday 10:00; Monday 2 March 2026 is a holiday.
    friday, tuesday = np.array([seoul("2026-02-27 17:00")]), np.array([seoul("2026-03-03 10:00")])
    passed = clock.reading(tuesday) - clock.reading(friday)
    assert passed[0] == pytest.approx((1 + 1 + 0.1 * 87) * 3600)
    assert clock.instant(clock.reading(friday) + passed)[0] == pytest.approx(tuesday[0])


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="quiet speed 0"):
        WorkingClock("KR", "Asia/Seoul", 0)


def test_pinball_loss_is_that_of_its_definition() -> None:
    told, happened = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), np.array([2.0, 5.0])
    assert pinball(told, happened) == pytest.approx([(0.1 + 0.4) / 2, (0 + 1.5) / 2, (0.1 + 1.8) / 2])
    assert coverage(told, happened) == 0.5
