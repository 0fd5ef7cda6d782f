"""Cargo under way: which stages are told of, when they end, and why; what is closed or unknown is passed over."""

from __future__ import annotations

import pytest

from cargo.domain.forecast.cargo import BOXES, CUSTOMS, GATE_OUT, RELEASE, Awaited, Cargo, StageTold, Told, is_under_way
from cargo.domain.forecast.learned import Chosen, Learned, learn
from cargo.domain.forecast.under_way import forecast
from cargo.domain.stages import STAGES
from tests.domain.forecast.shipments import (
    BOTH,
    DAY,
    HOUR,
    NOW,
    WITH_BOXES,
    WITH_CUSTOMS,
    a_cargo,
    estimates,
    history,
    learned,
)

ARRIVAL = "departed__arrived"


@pytest.fixture(scope="module")
def usual() -> Learned:
    """Forty cargoes in Busan, with customs and boxes, and what carriers said of them."""
    return learned(history(), estimates())


def cargo(stages: list[StageTold], **about: object) -> Cargo:
    words = {"organization": 1, "mode": "sea", "port": "KRPUS", "carrier": "HMM"} | about
    return Cargo(stages, **words)  # type: ignore[arg-type]


def told(subject: Cargo, by: Learned) -> dict[str, Told]:
    (rows,) = forecast([subject], by, NOW)
    assert len({row.stage for row in rows}) == len(rows)
    assert all(row.p10 <= row.p50 <= row.p90 for row in rows)
    return {row.stage: row for row in rows}


def hours(rows: dict[str, Told], since: int = NOW) -> dict[str, float]:
    """The median of each stage, in hours."""
    return {stage: (row.p50 - since) / HOUR for stage, row in rows.items()}


# A bin of the axis spans a seventh of the length.
def about(expected: float) -> object:
    return pytest.approx(expected, rel=0.2)


def code(row: Told, name: str) -> dict[str, object] | None:
    return next((dict(reason) for reason in row.reasons if reason["code"] == name), None)


def test_every_stage_under_way_and_to_come_and_both_goals_are_told(usual: Learned) -> None:
    # Arrived 12 hours ago: in storage for two hours, the boxes unloaded for four.
    rows = told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), usual)
    assert list(rows) == [*CUSTOMS[2:], BOXES[1], RELEASE, GATE_OUT]
    found = hours(rows)
    assert found[CUSTOMS[2]] == about(8)
    assert found[CUSTOMS[3]] == found[RELEASE] == about(18)
    assert found[CUSTOMS[4]] == found[BOXES[1]] == found[GATE_OUT] == about(38)
    assert {stage for stage, row in rows.items() if row.started_at is None} == {CUSTOMS[3], CUSTOMS[4]}
    assert rows[CUSTOMS[2]].started_at == NOW - 2 * HOUR
    assert rows[RELEASE].started_at == NOW - 12 * HOUR


def test_simpler_forecasts_are_put_beside_it(usual: Learned) -> None:
    rows = told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), usual)
    assert rows[RELEASE].mean_at == NOW + 18 * HOUR
    assert rows[RELEASE].table == (NOW + 18 * HOUR,) * 3
    # Of what is to come the means are added up, and a table says nothing.
    assert (rows[CUSTOMS[3]].mean_at, rows[CUSTOMS[3]].table) == (NOW + 18 * HOUR, None)
    assert all(row.carrier_at is None for row in rows.values())


def test_before_the_arrival_everything_follows_from_the_carriers_estimate_and_its_usual_error(usual: Learned) -> None:
    subject = cargo(a_cargo(NOW + 2 * DAY, BOTH), awaited=Awaited(NOW + DAY, NOW + 2 * DAY))
    rows = told(subject, usual)
    assert list(rows) == sorted({ARRIVAL, *BOTH}, key=STAGES.index)
    found = hours(rows, NOW + 2 * DAY)
    assert found[ARRIVAL] == about(6)
    assert found[RELEASE] == about(36)
    assert found[GATE_OUT] == about(56)
    assert rows[ARRIVAL].carrier_at == NOW + 2 * DAY
    assert rows[ARRIVAL].mean_at == NOW + DAY + 30 * HOUR
    reason = code(rows[ARRIVAL], "carrier")
    assert reason == {
        "code": "carrier",
        "seconds": rows[ARRIVAL].p50 - NOW - 2 * DAY,
        "estimated_at": "2026-03-04T00:00:00Z",
    }
    assert code(rows[RELEASE], "carrier") is None


def test_without_an_estimate_the_schedule_or_the_distance_counts(usual: Learned) -> None:
    at_sea = a_cargo(NOW + 2 * DAY, BOTH)
    rows = told(cargo(at_sea, awaited=Awaited(NOW + 2 * DAY)), usual)
    assert code(rows[ARRIVAL], "schedule") == {"code": "schedule", "planned_at": "2026-03-04T00:00:00Z"}
    rows = told(cargo(at_sea, awaited=Awaited(NOW + 2 * DAY, None, 4913)), usual)
    assert code(rows[ARRIVAL], "sea_distance") == {
        "code": "sea_distance", "miles": 4913, "planned_at": "2026-03-04T00:00:00Z",
    }  # fmt: skip


def test_with_nothing_known_of_the_arrival_the_voyage_itself_is_forecast(usual: Learned) -> None:
    # 300 hours at sea are usual; this one has been there for 252.
    found = hours(told(cargo(a_cargo(NOW + 2 * DAY, BOTH)), usual))
    assert found[ARRIVAL] == about(48)
    assert found[RELEASE] == about(78)


def test_cargo_that_has_not_left_is_forecast_from_its_schedule_and_its_export_stage_alone() -> None:
    loading = [
        StageTold("gate_in__loaded", NOW - (20 + n) * DAY, NOW - (20 + n) * DAY + 30 * HOUR, 1, "sea", "CNSHA", "HMM")
        for n in range(8)
    ]
    known = learned([*history(), *([row] for row in loading)], estimates())
    waiting = StageTold("gate_in__loaded", NOW - 10 * HOUR, None, 1, "sea", "CNSHA", "HMM")
    rows = told(cargo([waiting], awaited=Awaited(NOW + 20 * DAY, NOW + 20 * DAY)), known)
    assert hours(rows)["gate_in__loaded"] == about(20)
    assert hours(rows, NOW + 20 * DAY)[ARRIVAL] == about(6)
    assert {RELEASE, GATE_OUT} <= set(rows)
    # Without any schedule only the stage that is open.
    assert list(told(cargo([waiting]), known)) == ["gate_in__loaded"]


def test_declared_before_the_arrival_skips_the_declaration_and_says_what_that_saves(usual: Learned) -> None:
    arrived = NOW - HOUR
    rows = a_cargo(arrived, BOTH, declared="before_arrival")
    # Customs' clock runs from the arrival until the cargo is stored.
    rows.append(StageTold(CUSTOMS[3], arrived, None, 1, "sea", "KRPUS", "HMM", "before_arrival"))
    found = told(cargo(rows), usual)
    assert {*CUSTOMS} - found.keys() == {CUSTOMS[2]}
    # Ten hours of declaring are saved: release 20 instead of 30 hours after the arrival.
    assert hours(found, arrived)[RELEASE] == hours(found, arrived)[CUSTOMS[3]] == about(20)
    reason = code(found[RELEASE], "declared_ahead")
    assert reason is not None
    assert reason["seconds"] == about(-10 * HOUR)


def test_a_declaration_at_sea_starts_no_clock(usual: Learned) -> None:
    rows = a_cargo(NOW + 2 * DAY, BOTH)
    rows.append(StageTold(CUSTOMS[3], NOW - 5 * DAY, None, 1, "sea", "KRPUS", "HMM"))
    found = told(cargo(rows, awaited=Awaited(NOW + 2 * DAY, NOW + 2 * DAY)), usual)
    assert CUSTOMS[2] not in found
    assert hours(found, NOW + 2 * DAY)[RELEASE] == about(26)


def test_released_before_it_was_stored_waits_for_no_storage(usual: Learned) -> None:
    arrived = NOW - 5 * HOUR
    words = (1, "sea", "KRPUS", "HMM", "before_arrival")
    rows = [
        StageTold(CUSTOMS[0], arrived, arrived + 2 * HOUR, *words),
        StageTold(CUSTOMS[1], arrived + 2 * HOUR, None, *words),
        StageTold(CUSTOMS[3], arrived, NOW, *words),
        StageTold(CUSTOMS[4], NOW, None, *words),
        StageTold(RELEASE, arrived, NOW, *words),
        StageTold(GATE_OUT, arrived, None, *words),
    ]
    found = told(cargo(rows), usual)
    assert RELEASE not in found
    assert hours(found)[GATE_OUT] == about(20)
    # The entry that nobody told of is forecast for itself.
    assert hours(found)[CUSTOMS[1]] == about(5)


def test_boxes_alone_are_forecast_to_the_gate() -> None:
    known = learned(history(stages=WITH_BOXES))
    found = told(cargo(a_cargo(NOW - 4 * HOUR, WITH_BOXES)), known)
    assert list(found) == [BOXES[0], BOXES[1], GATE_OUT]
    assert hours(found)[BOXES[0]] == about(4)
    assert hours(found)[GATE_OUT] == about(46)


def test_customs_alone_are_forecast_to_release_and_gate() -> None:
    known = learned(history(stages=WITH_CUSTOMS))
    found = told(cargo(a_cargo(NOW - 25 * HOUR, WITH_CUSTOMS)), known)
    assert list(found) == [CUSTOMS[3], CUSTOMS[4], RELEASE, GATE_OUT]
    assert hours(found)[RELEASE] == about(5)


def test_where_no_stage_between_is_told_the_totals_are_forecast_themselves() -> None:
    known = learned(history(stages=(RELEASE, GATE_OUT)))
    found = told(cargo(a_cargo(NOW - 10 * HOUR, (RELEASE, GATE_OUT))), known)
    assert list(found) == [RELEASE, GATE_OUT]
    assert (hours(found)[RELEASE], hours(found)[GATE_OUT]) == (about(20), about(40))
    assert found[RELEASE].started_at == NOW - 10 * HOUR
    # Nobody told of customs yet, but usually somebody does.
    silent = told(cargo(a_cargo(NOW - 10 * HOUR, (GATE_OUT,))), known)
    assert hours(silent)[RELEASE] == about(20)


def test_once_out_only_the_empty_box_is_awaited(usual: Learned) -> None:
    returned = [
        StageTold("gate_out__empty_returned", NOW - (9 + n) * DAY, NOW - (5 + n) * DAY, 1, "sea", "KRPUS", "HMM")
        for n in range(6)
    ]
    known = learned([*history(), *([row] for row in returned)])
    out = [
        *a_cargo(NOW - 60 * HOUR, BOTH),
        StageTold("gate_out__empty_returned", NOW - DAY, None, 1, "sea", "KRPUS", "HMM"),
    ]
    assert list(told(cargo(out), known)) == ["gate_out__empty_returned"]
    # Too few boxes came back in the other history.
    assert told(cargo(out), usual) == {}


def test_closed_cargo_is_silent(usual: Learned) -> None:
    closed = cargo(a_cargo(NOW - 60 * HOUR, BOTH))
    assert told(closed, usual) == {}
    assert not is_under_way(closed, NOW)
    assert told(cargo([]), usual) == {}


def test_what_was_forgotten_is_not_told_of_for_ever(usual: Learned) -> None:
    forgotten = cargo([StageTold(GATE_OUT, NOW - 201 * DAY, None, 1, "sea", "KRPUS")])
    assert told(forgotten, usual) == {}
    assert not is_under_way(forgotten, NOW)
    overdue = cargo([], awaited=Awaited(NOW - 46 * DAY))
    assert told(overdue, usual) == {}
    assert not is_under_way(overdue, NOW)
    assert is_under_way(cargo([], awaited=Awaited(NOW - 44 * DAY)), NOW)


def test_too_little_history_tells_nothing_rather_than_something_made_up() -> None:
    four = learned(history(4), estimates(4))
    assert told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), four) == {}
    assert told(cargo(a_cargo(NOW + DAY, BOTH), awaited=Awaited(NOW + DAY)), four) == {}
    five = learned(history(5))
    assert RELEASE in told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), five)
    # By air nobody told of anything.
    assert told(cargo(a_cargo(NOW - 12 * HOUR, BOTH, mode="air"), mode="air"), five) == {}
    nothing = learn([], [], [], NOW, Chosen({}))
    assert told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), nothing) == {}


def test_a_stage_with_too_little_history_ends_the_chain_there_and_the_totals_go_on() -> None:
    short = [[row for row in rows if row.stage != CUSTOMS[3]] for rows in history()]
    known = learned(short)
    found = told(cargo(a_cargo(NOW - 12 * HOUR, WITH_CUSTOMS)), known)
    assert CUSTOMS[3] not in found
    assert hours(found)[RELEASE] == about(18)


def test_the_order_of_rows_and_other_cargo_change_nothing(usual: Learned) -> None:
    first, second = a_cargo(NOW - 12 * HOUR, BOTH), a_cargo(NOW - 25 * HOUR, BOTH, organization=2)
    one = forecast([cargo(first)], usual, NOW)[0]
    assert forecast([cargo(first[::-1])], usual, NOW)[0] == one
    assert forecast([cargo(second, organization=2), cargo(first)], usual, NOW)[1] == one
    again = learned(history()[::-1], estimates()[::-1])
    assert forecast([cargo(first)], again, NOW)[0] == one


def test_reasons_say_on_what_history_it_rests_and_what_has_passed(usual: Learned) -> None:
    rows = told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), usual)
    assert code(rows[RELEASE], "history") == {"code": "history", "own": 7, "comparable": 40, "level": "port"}
    assert code(rows[CUSTOMS[2]], "elapsed") == {"code": "elapsed", "seconds": 2 * HOUR, "longer_than": 0.0}
    assert code(rows[RELEASE], "thin") is None
    assert rows[CUSTOMS[3]].reasons == ()
    few = learned(history(12))
    assert [reason["code"] for reason in told(cargo(a_cargo(NOW - 12 * HOUR, BOTH)), few)[RELEASE].reasons] == [
        "history", "thin", "elapsed", "rest_days",
    ]  # fmt: skip


def test_an_inspection_and_a_hold_are_reasons_with_what_they_cost() -> None:
    inspected = history(20, inspection_at=1)
    for rows in inspected:
        rows[:] = [
            row._replace(ended_at=(row.ended_at or 0) + 40 * HOUR) if row.stage in (CUSTOMS[3], RELEASE) else row
            for row in rows
        ]
    known = learned([*history(40), *inspected])
    rows = a_cargo(NOW - 21 * HOUR, BOTH, inspection_at=NOW - HOUR)
    reason = code(told(cargo(rows), known)[RELEASE], "inspection")
    assert reason is not None
    assert reason["seconds"] == about(40 * HOUR)
    # One that is ordered later than now is not known.
    later = a_cargo(NOW - 21 * HOUR, BOTH, inspection_at=NOW + HOUR)
    assert code(told(cargo(later), known)[RELEASE], "inspection") is None


def test_rest_days_are_counted_where_the_port_lies() -> None:
    # Asked on Friday 2026-02-27 at 18:00 in Busan: 28 hours later it is Saturday, 48 hours later Sunday.
    asked = NOW - 2 * DAY - 15 * HOUR
    known = learned(history())
    subject = cargo(a_cargo(asked - 2 * HOUR, BOTH, until=asked))
    rows = {row.stage: row for row in forecast([subject], known, asked)[0]}
    assert code(rows[RELEASE], "rest_days") == {"code": "rest_days", "days": 1}
    assert code(rows[GATE_OUT], "rest_days") == {"code": "rest_days", "days": 2}
    # What ends on Friday has none before it.
    subject = cargo(a_cargo(asked - HOUR, BOTH, until=asked))
    rows = {row.stage: row for row in forecast([subject], known, asked)[0]}
    assert code(rows[CUSTOMS[0]], "rest_days") is None


def test_settings_survive_being_kept() -> None:
    chosen = learned(history(), estimates()).chosen
    assert Chosen.from_json(chosen.as_json()) == chosen
    assert Chosen.from_json({}) == Chosen({}, None)
