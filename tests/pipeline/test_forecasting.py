"""Forecasts are made in turns: marked by inspection, told from what was learned, told anew after a day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cargo import booking, tasks
from cargo.domain.forecast.cargo import CUSTOMS, GATE_OUT, RELEASE, StageTold
from cargo.models import (
    ArrivalEstimate,
    FeedHead,
    Forecast,
    ForecastModel,
    ForecastTurn,
    Shipment,
    Source,
    StageTime,
    TrackingUpdate,
    findings,
    forecast_history,
    forecasts,
)
from cargo.pipeline import forecasting, inspection, learning
from cargo.pipeline.receive import receive
from cargo.tasks import drain_forecasts, process_everything
from tests.domain.forecast import shipments as made_up
from tests.domain.forecast.shipments import BOTH, DAY, HOUR, a_cargo, history
from tests.messages import dcsa, equipment, transport
from tests.people import Person

NOW = datetime.fromtimestamp(made_up.NOW, UTC)
BILL = "HDMUPUSR1234567"
ARRIVAL = "departed__arrived"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Monday 2 March 2026, 09:00 in Korea; it stands still until a test moves it."""
    FeedHead.objects.get_or_create(id=1)
    learning.forget()
    with time_machine.travel(NOW, tick=False) as traveller, mock.patch.object(tasks, "wake"):
        yield traveller
    learning.forget()


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


def _times(shipment: int, rows: Sequence[StageTold]) -> list[StageTime]:
    """The rows as inspection writes them; whose shipment that was does not matter to those that learn."""
    found = []
    for row in rows:
        words = row._asdict()
        words["organization_id"] = words.pop("organization")
        for name in ("started_at", "ended_at", "inspection_at", "hold_from", "hold_until"):
            words[name] = None if words[name] is None else datetime.fromtimestamp(words[name], UTC)
        month = "" if words["ended_at"] is None else words["ended_at"].strftime("%Y-%m")
        found.append(StageTime(shipment_id=shipment, month=month, **words))
    return found


def _history(count: int = 40) -> None:
    rows = [row for number, told in enumerate(history(count)) for row in _times(900_000 + number, told)]
    StageTime.objects.bulk_create(rows)


def _shipment(person: Person, number: int = 0) -> Shipment:
    assert person.organization
    return booking.register(
        person.organization.pk, [("master_bill", f"{BILL}{number}")], port_of_discharge="KRPUS", mode="sea"
    )


def _ashore(person: Person, number: int = 0, hours: int = 12) -> Shipment:
    """Arrived that long ago, with the stages that are usual, and its turn due."""
    shipment = _shipment(person, number)
    arrived = made_up.NOW - hours * HOUR
    StageTime.objects.bulk_create(_times(shipment.pk, a_cargo(arrived, BOTH, organization=shipment.organization_id)))
    at = datetime.fromtimestamp(arrived, UTC)
    type(shipment.status_row).objects.filter(pk=shipment.pk).update(
        mode="vessel", port_of_discharge="KRPUS", arrived_at=at
    )
    ForecastTurn.objects.create(shipment=shipment, due_at=NOW)
    return shipment


def _rows(shipment: Shipment) -> dict[str, Forecast]:
    """The forecast that stands."""
    made = ForecastTurn.objects.get(pk=shipment.pk).made_at
    return {row.stage: row for row in Forecast.objects.filter(shipment=shipment, made_at=made)}


def _moved(source: Source, *events: dict[str, object]) -> None:
    receive(source.pk, dcsa(*events))
    process_everything()


def test_what_is_under_way_is_told_and_again_after_a_day(shipper: Person, clock: time_machine.Traveller) -> None:
    _history()
    shipment = _ashore(shipper)
    assert learning.learn() is not None
    assert drain_forecasts() == 1
    rows = _rows(shipment)
    assert set(rows) == {*CUSTOMS[2:], "discharged__gate_out", RELEASE, GATE_OUT}
    release = rows[RELEASE]
    assert release.p10 <= release.p50 <= release.p90
    assert abs(release.p50 - NOW - timedelta(hours=18)) < timedelta(hours=3)
    assert release.mean_at == release.table_p50 == NOW + timedelta(hours=18)
    assert release.started_at == NOW - timedelta(hours=12)
    assert (release.mode, release.port, release.organization_id) == ("sea", "KRPUS", shipment.organization_id)
    assert [reason["code"] for reason in release.reasons] == ["history", "elapsed", "rest_days"]
    assert (rows[CUSTOMS[3]].started_at, rows[CUSTOMS[3]].table_p50) == (None, None)
    turn = ForecastTurn.objects.get(pk=shipment.pk)
    assert (turn.made_at, turn.due_at, turn.leased_until, turn.attempts) == (NOW, NOW + timedelta(days=1), None, 0)

    assert drain_forecasts() == 0
    clock.move_to(NOW + timedelta(days=1))
    assert drain_forecasts() == 1
    assert Forecast.objects.filter(shipment=shipment, stage=RELEASE).count() == 2
    assert _rows(shipment)[RELEASE].p10 >= NOW + timedelta(days=1)
    # Nobody is told of forecasts.
    assert not TrackingUpdate.objects.exists()


def test_closed_cargo_is_silent_and_has_no_next_turn(shipper: Person) -> None:
    _history()
    shipment = _ashore(shipper, hours=60)
    learning.learn()
    assert drain_forecasts() == 1
    turn = ForecastTurn.objects.get(pk=shipment.pk)
    assert (turn.due_at, turn.made_at) == (None, NOW)
    assert not Forecast.objects.exists()
    assert drain_forecasts() == 0


def test_too_little_history_is_a_turn_without_rows(shipper: Person) -> None:
    shipment = _ashore(shipper)
    learning.learn()
    assert drain_forecasts() == 1
    turn = ForecastTurn.objects.get(pk=shipment.pk)
    assert (turn.due_at, turn.made_at) == (NOW + timedelta(days=1), NOW)
    assert not Forecast.objects.exists()


def test_without_a_model_turns_wait_and_the_first_one_makes_all_under_way_due(shipper: Person) -> None:
    shipment = _ashore(shipper)
    assert drain_forecasts() == 0
    assert ForecastTurn.objects.get(pk=shipment.pk).made_at is None
    # Cargo from before there were forecasts was never marked.
    ForecastTurn.objects.all().delete()
    _history()
    assert tasks.learn_forecasts()
    assert drain_forecasts() == 1
    assert RELEASE in _rows(shipment)


def test_a_batch_costs_the_same_statements_whatever_its_size(shipper: Person) -> None:
    _history()
    learning.learn()
    learned = learning.current()
    assert learned is not None
    counts = []
    for size, first in ((2, 0), (200, 2)):
        for number in range(size):
            _ashore(shipper, first + number)
            _at_sea(shipper, 1000 + first + number)
        taken = forecasting.take_due()
        assert len(taken.shipments) == 2 * size
        with transaction.atomic(), CaptureQueriesContext(connection) as statements:
            forecasting.forecast_due(taken, learned, taken.shipments)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 7
    with CaptureQueriesContext(connection) as statements:
        forecasting.take_due()
    assert len(statements) == 1


def _at_sea(person: Person, number: int) -> None:
    shipment = _shipment(person, number)
    rows = a_cargo(made_up.NOW + DAY, BOTH, organization=shipment.organization_id)
    StageTime.objects.bulk_create(_times(shipment.pk, rows))
    ForecastTurn.objects.create(shipment=shipment, due_at=NOW)


def test_what_was_taken_is_nobody_elses_until_the_lease_ends(shipper: Person, clock: time_machine.Traveller) -> None:
    _history()
    shipment = _ashore(shipper)
    learning.learn()
    first = forecasting.take_due()
    assert first.shipments == [shipment.pk]
    assert drain_forecasts() == 0
    clock.move_to(NOW + forecasts.LEASE + timedelta(seconds=1))
    second = forecasting.take_due()
    assert second.shipments == [shipment.pk]
    # The first worker lives after all: its lease is over, and it writes nothing.
    learned = learning.current()
    assert learned is not None
    forecasting.forecast_due(first, learned, first.shipments)
    assert not Forecast.objects.exists()
    forecasting.forecast_due(second, learned, second.shipments)
    assert RELEASE in _rows(shipment)


def test_what_is_marked_meanwhile_is_not_written_but_told_anew(shipper: Person) -> None:
    _history()
    shipment = _ashore(shipper)
    learning.learn()
    learned = learning.current()
    assert learned is not None
    taken = forecasting.take_due()
    forecasts.mark([shipment.pk], {})
    forecasting.forecast_due(taken, learned, taken.shipments)
    assert not Forecast.objects.exists()
    turn = ForecastTurn.objects.get(pk=shipment.pk)
    assert (turn.due_at, turn.leased_until, turn.made_at) == (NOW, None, None)
    assert drain_forecasts() == 1
    assert RELEASE in _rows(shipment)


def test_inspection_marks_what_changed_and_nothing_else(shipper: Person, source: Source) -> None:
    shipment = _shipment(shipper)
    process_everything()
    assert not ForecastTurn.objects.exists()
    bill = f"{BILL}0"
    _moved(source, equipment("DISC", "2026-03-01 17:00", box="HDMU0000001", bill=bill))
    assert ForecastTurn.objects.get(pk=shipment.pk).due_at == NOW
    ForecastTurn.objects.update(due_at=None)
    findings.mark([shipment.pk], [])
    with transaction.atomic():
        inspection.inspect_due(inspection.take_due())
    assert ForecastTurn.objects.get(pk=shipment.pk).due_at is None
    _moved(source, equipment("GTOT", "2026-03-02 08:00", box="HDMU0000001", bill=bill, id="out"))
    assert ForecastTurn.objects.get(pk=shipment.pk).due_at == NOW


def test_another_expected_arrival_makes_a_forecast_due(shipper: Person, source: Source) -> None:
    shipment = _shipment(shipper)
    bill = f"{BILL}0"
    _moved(source, transport("ARRI", "2026-03-20 08:00", classifier="EST", bill=bill, created="2026-02-20 00:00"))
    turn = ForecastTurn.objects.get(pk=shipment.pk)
    assert (turn.due_at, turn.estimated_at) == (NOW, datetime(2026, 3, 19, 23, 0, tzinfo=UTC))
    ForecastTurn.objects.update(due_at=None)
    findings.mark([shipment.pk], [])
    process_everything()
    assert ForecastTurn.objects.get(pk=shipment.pk).due_at is None
    _moved(source, transport("ARRI", "2026-03-21 08:00", classifier="EST", bill=bill, created="2026-02-21 00:00"))
    assert ForecastTurn.objects.get(pk=shipment.pk).due_at == NOW


def test_an_arrival_is_forecast_from_the_carriers_estimate(shipper: Person, source: Source) -> None:
    _history()
    _estimates(shipper)
    shipment = _shipment(shipper)
    told = transport("ARRI", "2026-03-04 09:00", classifier="EST", bill=f"{BILL}0", created="2026-02-20 00:00")
    _moved(source, told)
    rows = _rows(shipment)
    estimated = datetime(2026, 3, 4, tzinfo=UTC)
    arrival = rows[ARRIVAL]
    assert arrival.carrier_at == estimated
    # Such estimates were six hours too early.
    assert abs(arrival.p50 - estimated - timedelta(hours=6)) < timedelta(hours=2)
    assert {"history", "carrier"} <= {reason["code"] for reason in arrival.reasons}
    assert rows[GATE_OUT].p50 > rows[RELEASE].p50 > arrival.p50


def _estimates(person: Person) -> None:
    """Forty estimates that were six hours too early."""
    organization = person.organization
    shipments = Shipment.objects.bulk_create(Shipment(organization=organization) for _ in range(40))
    rows = []
    for shipment, one in zip(shipments, made_up.estimates(), strict=True):
        at = {
            name: datetime.fromtimestamp(getattr(one, name), UTC) for name in ("asked_at", "estimated_at", "arrived_at")
        }
        planned = at["estimated_at"]
        rows.append(
            ArrivalEstimate(shipment=shipment, planned_at=planned, mode="sea", carrier="HMM", port="KRPUS", **at)
        )
    ArrivalEstimate.objects.bulk_create(rows)


def test_a_model_is_kept_as_settings_and_learned_again_by_another_process(shipper: Person) -> None:
    _history()
    shipment = _ashore(shipper)
    model = learning.learn()
    assert model is not None
    assert (model.as_of, model.stages, model.arrivals) == (NOW, 404, 0)
    assert set(json.loads(json.dumps(model.settings))["stages"]) == {ARRIVAL, *BOTH}
    assert drain_forecasts() == 1
    told = {row.stage: (row.p10, row.p50, row.p90) for row in _rows(shipment).values()}
    held = learning.current()
    with CaptureQueriesContext(connection) as statements:
        assert learning.current() is held
    assert len(statements) == 1

    learning.forget()
    Forecast.objects.all().delete()
    ForecastTurn.objects.update(due_at=NOW)
    assert drain_forecasts() == 1
    assert {row.stage: (row.p10, row.p50, row.p90) for row in _rows(shipment).values()} == told
    assert learning.current() is not held


def test_of_a_long_history_a_part_is_drawn_from_all_months_and_ways_are_counted_whole() -> None:
    rows = [row for n, told in enumerate(history(300)) for row in _times(900_000 + n, told)]
    StageTime.objects.bulk_create(rows)
    assert len(forecast_history.ended_stages(NOW)) == 300
    found = forecast_history.ended_stages(NOW, most=60)
    released = [row for told in found.values() for row in told if row.stage == RELEASE]
    assert 45 <= len(released) <= 75
    months = {datetime.fromtimestamp(row.ended_at or 0, UTC).strftime("%Y-%m") for row in released}
    assert len(months) >= 9
    recent = sum((row.ended_at or 0) > made_up.NOW - 70 * DAY for row in released)
    assert 20 <= recent <= 40
    # The same are drawn whenever it is asked.
    assert forecast_history.ended_stages(NOW, most=60) == found
    whole = forecast_history.whole_ways(found, NOW, 10)
    assert [{row.stage for row in told} for told in whole] == [{ARRIVAL, *BOTH}] * 10


def test_a_newer_model_replaces_the_one_that_is_held(clock: time_machine.Traveller) -> None:
    _history()
    learning.learn()
    held = learning.current()
    clock.move_to(NOW + timedelta(days=1))
    ForecastModel.objects.create(as_of=NOW + timedelta(days=1), learned_at=NOW, settings={})
    assert learning.current() is not held


def test_learning_is_due_once_a_night_and_only_with_history(clock: time_machine.Traveller) -> None:
    assert not learning.is_due(NOW)
    assert not tasks.learn_forecasts()
    _history(10)
    assert learning.is_due(NOW)
    assert tasks.learn_forecasts()
    assert not tasks.learn_forecasts()
    clock.move_to(NOW + timedelta(hours=19))
    assert not tasks.learn_forecasts()
    clock.move_to(NOW + timedelta(hours=20))
    assert tasks.learn_forecasts()
    assert ForecastModel.objects.count() == 2


def test_a_shipment_that_cannot_be_forecast_leaves_the_others_alone(shipper: Person) -> None:
    _history()
    good, bad = _ashore(shipper, 1), _ashore(shipper, 2)
    learning.learn()
    told = forecasts.cargo_of

    def failing(shipments: Sequence[int]) -> dict[int, forecasts.Known]:
        if bad.pk in shipments:
            raise ValueError("unreadable")
        return told(shipments)

    with mock.patch.object(forecasts, "cargo_of", failing):
        assert drain_forecasts() == 2
    assert RELEASE in _rows(good)
    assert not Forecast.objects.filter(shipment=bad).exists()
    assert ForecastTurn.objects.get(pk=bad.pk).attempts == 1


def test_the_command_learns_and_refreshes(shipper: Person) -> None:
    shipment = _ashore(shipper)
    with pytest.raises(CommandError, match="nothing is learned yet"):
        call_command("forecast", "--refresh")
    with pytest.raises(CommandError, match="fewer than 100 stages"):
        call_command("forecast", "--learn")
    assert not ForecastModel.objects.exists()
    _history()
    out = StringIO()
    call_command("forecast", "--learn", stdout=out)
    assert "learned from 404 stages and 0 estimates of arrivals, 10 kinds of stages" in out.getvalue()
    call_command("forecast", "--refresh", stdout=out)
    assert "1 shipments forecast in" in out.getvalue()
    assert RELEASE in _rows(shipment)
    call_command("forecast", "--refresh", "--all", stdout=out)
    assert "1 shipments under way made due" in out.getvalue()
    with pytest.raises(CommandError, match="only with --refresh"):
        call_command("forecast", "--learn", "--all")
