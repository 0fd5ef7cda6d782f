"""Forecasts of one stage: back-off, what has passed, what is known, and that nothing depends on the order."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from cargo.domain.forecast.history import Span
from cargo.domain.forecast.stages import Settings, StageForecaster

HOUR, DAY = 3600, 86_400
# Monday 2026-03-02 00:00 UTC.
NOW = 1_772_409_600
STAGE = "import_declared__customs_released"
# Plain time, nothing forgotten, one value is enough to be believed.
PLAIN = {STAGE: Settings(quiet=1.0, half_life=1e9, strength=0.01)}


def lasted(hours: float, count: int = 20, **about: object) -> list[Span]:
    """That many ended stages of that length, one a day."""
    starts = [NOW - (100 + number) * DAY for number in range(count)]
    return [Span(STAGE, start, start + int(hours * HOUR), **about) for start in starts]  # type: ignore[arg-type]


def under_way(**about: object) -> Span:
    return Span(STAGE, NOW, None, **about)  # type: ignore[arg-type]


def hours(history: list[Span], question: Span, asked_after: float = 0.0) -> list[float]:
    """p10, p50 and p90 of the end, in hours since the start."""
    forecaster = StageForecaster(PLAIN)
    forecaster.learn(history, NOW)
    found = forecaster.forecast([question], [NOW + int(asked_after * HOUR)])[0]
    return [float(instant - NOW) / HOUR for instant in found]


# A bin of the axis spans a seventh of the length.
def about(expected: float) -> object:
    return pytest.approx(expected, rel=0.16)


def test_the_same_client_at_the_same_port_counts_first() -> None:
    history = lasted(2, port="KRPUS", organization="a") + lasted(50, port="KRPUS", organization="b")
    assert hours(history, under_way(port="KRPUS", organization="a"))[1] == about(2)
    assert hours(history, under_way(port="KRPUS", organization="b"))[1] == about(50)


def at_port(length: float, port: str, clients: str = "abcde") -> list[Span]:
    """Eight cargoes of each of these clients, all of that length."""
    return [span for client in clients for span in lasted(length, 8, port=port, organization=client)]


def test_a_client_new_at_a_port_is_forecast_by_the_port() -> None:
    history = at_port(2, "KRPUS") + at_port(50, "KRINC")
    assert hours(history, under_way(port="KRPUS", organization="z"))[1] == about(2)
    assert hours(history, under_way(port="KRINC", organization="never seen"))[1] == about(50)


def test_a_port_behind_which_too_few_stand_tells_nothing_to_others() -> None:
    # Forty cargoes, of four clients: each sees its own, nobody else sees any of them but in the mode as a whole.
    history = [
        span
        for number, client in enumerate("abcd")
        for span in lasted(2 + number, 10, port="DEHAM", organization=client)
    ] + at_port(300, "KRPUS")
    assert hours(history, under_way(port="DEHAM", organization="a"))[1] == about(2)
    assert hours(history, under_way(port="DEHAM", organization="d"))[1] == about(5)
    stranger = hours(history, under_way(port="DEHAM", organization="z"))
    assert stranger == hours(history, under_way(port="never seen", organization="z"))


def test_what_ends_at_once_is_told_to_end_at_once() -> None:
    assert hours(lasted(0), under_way()) == [0.0, 0.0, 0.0]
    # One in four lasts: the median is nothing at all, the upper end is not.
    told = hours(lasted(0, 30) + lasted(10, 10), under_way())
    assert told[:2] == [0.0, 0.0]
    assert told[2] == about(10)


def test_a_port_never_seen_is_forecast_by_the_mode() -> None:
    history = lasted(2, mode="air", port="KRICN") + lasted(50, mode="sea", port="KRPUS")
    assert hours(history, under_way(mode="air", port="DEFRA"))[1] == about(2)
    assert hours(history, under_way(mode="sea", port="DEHAM"))[1] == about(50)


def test_only_what_outlasts_the_time_since_the_start_counts() -> None:
    history = lasted(2, count=80) + lasted(100, count=20)
    assert hours(history, under_way())[1] == about(2)
    p10, p50, _ = hours(history, under_way(), asked_after=5)
    assert (p10, p50) == (about(100), about(100))


def test_longer_than_anything_before_still_ends_after_it_is_asked() -> None:
    found = hours(lasted(2), under_way(), asked_after=400)
    assert found == sorted(found)
    assert found[0] >= 400


def test_an_inspection_counts_when_it_is_ordered_and_not_before() -> None:
    plain = lasted(2, count=80)
    inspected = [replace(span, inspection_at=span.started_at + HOUR) for span in lasted(60, count=20)]
    ordered = replace(under_way(), inspection_at=NOW + HOUR)
    assert hours(plain + inspected, ordered, asked_after=0.5)[1] == about(2)
    assert hours(plain + inspected, ordered, asked_after=1.5)[1] == about(60)


def test_a_risk_of_inspection_is_in_the_range_before_it_is_ordered() -> None:
    plain = lasted(2, count=80)
    inspected = [replace(span, inspection_at=span.started_at + HOUR) for span in lasted(60, count=20)]
    p10, p50, p90 = hours(plain + inspected, under_way())
    assert (p10, p50, p90) == (about(2), about(2), about(60))


def test_a_hold_counts_while_it_is_open() -> None:
    held = [replace(span, hold_from=span.started_at, hold_until=span.ended_at) for span in lasted(90)]
    history = lasted(3) + held
    assert hours(history, replace(under_way(), hold_from=NOW))[1] == about(90)
    assert hours(history, replace(under_way(), hold_from=NOW, hold_until=NOW + HOUR), asked_after=2)[1] == about(3)


def test_declared_before_arrival_is_a_group_of_its_own() -> None:
    history = lasted(1, declared_ahead=True) + lasted(30)
    assert hours(history, under_way(declared_ahead=True))[1] == about(1)


def test_what_ended_later_is_not_learned() -> None:
    later = [replace(span, started_at=NOW, ended_at=NOW + 90 * HOUR) for span in lasted(1, count=500)]
    assert hours(lasted(2) + later, under_way()) == hours(lasted(2), under_way())


def test_what_is_long_past_is_forgotten() -> None:
    old = [
        replace(span, started_at=span.started_at - 900 * DAY, ended_at=span.started_at - 898 * DAY)
        for span in lasted(1)
    ]
    forecaster = StageForecaster({STAGE: Settings(half_life=30, strength=0.01)})
    forecaster.learn(old * 3 + lasted(2), NOW)
    assert (forecaster.forecast([under_way()], [NOW])[0, 1] - NOW) / HOUR == about(2)


def test_by_a_working_clock_a_weekend_lies_between() -> None:
    # Mondays at 01:00 UTC, 10:00 in Seoul; 16 office hours end on the next day at 17:00.
    mondays = [NOW - week * 7 * DAY + HOUR for week in range(12, 30)]
    history = [Span(STAGE, start, start + 31 * HOUR, country="KR", zone="Asia/Seoul") for start in mondays]
    forecaster = StageForecaster({STAGE: Settings(quiet=0.001, half_life=1e9, strength=0.01)})
    forecaster.learn(history, NOW)
    friday = NOW + 11 * DAY + HOUR
    question = Span(STAGE, friday, None, country="KR", zone="Asia/Seoul")
    p50 = forecaster.forecast([question], [friday])[0, 1]
    # Monday 09:00 to 18:00 in Seoul, not Saturday.
    assert NOW + 14 * DAY <= p50 <= NOW + 14 * DAY + 9 * HOUR


def test_a_stage_without_history_has_no_forecast() -> None:
    forecaster = StageForecaster()
    forecaster.learn(lasted(2), NOW)
    assert np.isnan(forecaster.forecast([replace(under_way(), stage="another")], [NOW])).all()
    assert forecaster.forecast([], []).shape == (0, 3)


def mixed(count: int = 1500) -> list[Span]:
    chance = random.Random(3)
    found = []
    for _ in range(count):
        start = NOW - int(chance.uniform(1, 200) * DAY)
        length = int(chance.choice((1, 8, 60)) * HOUR * chance.lognormvariate(0, 0.5))
        inspection = start + chance.randrange(20 * HOUR) if chance.random() < 0.2 else None
        names = (
            f"client {chance.randrange(5)}",
            "sea",
            f"port {chance.randrange(4)}",
            f"carrier {chance.randrange(3)}",
        )
        ahead = chance.random() < 0.3
        found.append(Span(STAGE, start, start + length, *names, "KR", "Asia/Seoul", ahead, inspection))
    return found


def test_the_order_of_the_history_changes_nothing() -> None:
    history = mixed()
    shuffled = history[:]
    random.Random(8).shuffle(shuffled)
    questions = [replace(span, started_at=NOW, ended_at=None) for span in history[:200]]
    found = []
    for spans in (history, shuffled):
        forecaster = StageForecaster()
        forecaster.learn(spans, NOW)
        found.append((forecaster.settings, forecaster.forecast(questions, [NOW + 5 * HOUR] * 200).tolist()))
    assert found[0] == found[1]


def test_ranges_rise_and_do_not_depend_on_what_else_is_asked() -> None:
    forecaster = StageForecaster()
    forecaster.learn(mixed(), NOW)
    questions = [replace(span, started_at=NOW, ended_at=None, inspection_at=None) for span in mixed(300)]
    asked = [NOW + number * 1800 for number in range(300)]
    found = forecaster.forecast(questions, asked)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found >= np.array(asked)[:, None]).all()
    assert forecaster.forecast(questions[7:8], asked[7:8])[0].tolist() == found[7].tolist()
