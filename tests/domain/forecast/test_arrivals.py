"""Arrivals: the carrier's estimate and its past error; and the way through several stages to a goal."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from cargo.domain.forecast.arrivals import ArrivalForecaster, ArrivalSettings, Estimate
from cargo.domain.forecast.chain import ChainForecaster, Journey
from cargo.domain.forecast.history import Span
from cargo.domain.forecast.stages import Settings, StageForecaster

HOUR, DAY = 3600, 86_400
NOW = 1_772_409_600
PLAIN = ArrivalSettings(trust=1.0, half_life=1e9, strength=0.01)


def late(hours: float, lead_days: int = 5, count: int = 40, **about: str) -> list[Estimate]:
    """Estimates that were told so long before and that much too early, one a day."""
    told = [NOW - (100 + number) * DAY for number in range(count)]
    return [
        Estimate(at, at + lead_days * DAY, at + lead_days * DAY, at + lead_days * DAY + int(hours * HOUR), **about)
        for at in told
    ]


def error(history: list[Estimate], lead_days: float = 5, **about: str) -> list[float]:
    """p10, p50 and p90, in hours after the estimate."""
    forecaster = ArrivalForecaster(PLAIN)
    forecaster.learn(history, NOW)
    estimated = NOW + int(lead_days * DAY)
    found = forecaster.forecast([Estimate(NOW, estimated, estimated, **about)])[0]
    return [float(instant - estimated) / HOUR for instant in found]


def test_a_carriers_past_error_corrects_its_estimate() -> None:
    history = late(10, carrier="MAEU") + late(-6, carrier="HLCU")
    assert error(history, carrier="MAEU")[1] == pytest.approx(10, rel=0.06)
    assert error(history, carrier="HLCU")[1] == pytest.approx(-6, rel=0.06)


def test_the_error_is_that_of_the_same_lead_time() -> None:
    history = late(40, lead_days=12) + late(4, lead_days=2)
    assert error(history, lead_days=12)[1] == pytest.approx(40, rel=0.06)
    assert error(history, lead_days=2)[1] == pytest.approx(4, rel=0.06)


def test_a_carrier_never_seen_has_the_error_of_all() -> None:
    assert error(late(10, carrier="MAEU"), carrier="ONEY")[1] == pytest.approx(10, rel=0.06)


def test_an_estimate_that_has_passed_leaves_only_what_is_ahead() -> None:
    forecaster = ArrivalForecaster(PLAIN)
    forecaster.learn(late(-6, lead_days=0) + late(30, lead_days=0), NOW)
    found = forecaster.forecast([Estimate(NOW, NOW - 8 * HOUR, NOW - 8 * HOUR)])[0]
    assert (found >= NOW).all()
    assert (found[1] - (NOW - 8 * HOUR)) / HOUR == pytest.approx(30, rel=0.06)


def test_where_no_estimate_is_told_the_schedule_is_corrected() -> None:
    silent = [replace(told, estimated_at=None) for told in late(20)]
    forecaster = ArrivalForecaster(PLAIN)
    forecaster.learn(late(2) + silent, NOW)
    found = forecaster.forecast([Estimate(NOW, NOW + 5 * DAY)])[0]
    assert (found[1] - NOW - 5 * DAY) / HOUR == pytest.approx(20, rel=0.06)


def test_without_a_history_nothing_is_told() -> None:
    forecaster = ArrivalForecaster()
    assert np.isnan(forecaster.forecast([Estimate(NOW, NOW + DAY)])).all()
    forecaster.learn([Estimate(NOW - DAY, NOW)], NOW)
    assert np.isnan(forecaster.forecast([Estimate(NOW, NOW + DAY)])).all()


def test_the_order_of_the_history_changes_nothing() -> None:
    chance = random.Random(4)
    history = []
    for _ in range(2000):
        at, lead = NOW - int(chance.uniform(1, 300) * DAY), int(chance.uniform(0, 20) * DAY)
        arrived = max(at + 60, at + lead + int(chance.gauss(5, 10) * HOUR))
        names = ("sea", f"carrier {chance.randrange(4)}", f"port {chance.randrange(4)}")
        history.append(Estimate(at, at + lead, at + lead + chance.randrange(DAY), arrived, *names))
    questions = [replace(told, asked_at=NOW, planned_at=NOW + DAY, arrived_at=None) for told in history[:50]]
    found = []
    for seed in (1, 2):
        random.Random(seed).shuffle(history)
        forecaster = ArrivalForecaster()
        forecaster.learn(history, NOW)
        found.append((forecaster.settings, forecaster.forecast(questions).tolist()))
    assert found[0] == found[1]
    assert (np.diff(np.array(found[0][1]), axis=1) >= 0).all()


def chained() -> ChainForecaster:
    """Unloading takes 10 hours, storing 20."""
    starts = [NOW - (100 + number) * DAY for number in range(40)]
    spans = [Span(stage, at, at + hours * HOUR) for at in starts for stage, hours in (("unload", 10), ("store", 20))]
    plain = Settings(half_life=1e9, strength=0.01)
    stages = StageForecaster({"unload": plain, "store": plain})
    stages.learn(spans, NOW)
    return ChainForecaster(stages)


def test_the_stages_to_come_follow_the_one_under_way() -> None:
    unloading = Span("unload", NOW, None)
    found = chained().forecast("stored", [unloading, unloading], [NOW, NOW + 4 * HOUR], [("store",), ("store",)])
    assert (found[:, 1] - NOW) / HOUR == pytest.approx([30, 30], rel=0.12)
    assert (np.diff(found, axis=1) >= 0).all()


def test_a_goal_at_the_end_of_the_stage_under_way_is_its_end() -> None:
    found = chained().forecast("unloaded", [Span("unload", NOW, None)], [NOW], [()])
    assert (found[0, 1] - NOW) / HOUR == pytest.approx(10, rel=0.16)


def test_before_the_arrival_the_stages_follow_its_forecast() -> None:
    arrivals = ArrivalForecaster(PLAIN)
    arrivals.learn(late(10), NOW)
    question = Estimate(NOW, NOW + 5 * DAY, NOW + 5 * DAY)
    found = chained().forecast_from_arrival(arrivals, [question], [Span("", NOW, None)], [("unload", "store")])
    assert (found[0, 1] - NOW - 5 * DAY) / HOUR == pytest.approx(40, rel=0.12)


def test_one_cargo_is_forecast_alike_alone_and_among_others() -> None:
    chain = chained()
    unloading, storing = Span("unload", NOW, None), Span("store", NOW, None)
    together = chain.forecast("stored", [storing, unloading], [NOW, NOW], [(), ("store",)])
    alone = chain.forecast("stored", [unloading], [NOW], [("store",)])
    assert together[1].tolist() == alone[0].tolist()


def test_a_way_through_a_stage_without_history_has_no_forecast() -> None:
    found = chained().forecast("free", [Span("unload", NOW, None)], [NOW], [("store", "inspect")])
    assert np.isnan(found).all()


def test_the_stages_that_follow_are_those_after_the_one_under_way() -> None:
    journey = Journey("free", (Span("store", NOW, NOW + 1),), NOW + 9, ("unload", "store", "clear", "collect"))
    assert journey.stages_after(0) == ("clear", "collect")
