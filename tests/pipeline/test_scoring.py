"""Forecasts are compared with what happened, once each, and added up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from cargo import tasks
from cargo.models import Forecast, ForecastTally, Shipment, ShipmentStatus, StageTime, forecast_outcomes
from cargo.pipeline import scoring
from tests.factories import a_registered_shipment
from tests.people import Person
from tests.pipeline.threads import Worker, stopped

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
CLEAR, OUT, EMPTY = "arrived__customs_released", "arrived__gate_out", "gate_out__empty_returned"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def cargo(person: Person, number: int = 0) -> Shipment:
    return a_registered_shipment(person.organization, ("house_bill", f"KOSHA{number:07d}"))


def told(shipment: Shipment, hours: int = 0, stage: str = CLEAR, **words: Any) -> Forecast:
    """Made so many hours before noon of 20 March: 40, 48 and 60 hours from then."""
    made = NOW - timedelta(hours=hours)
    quantiles = {name: made + timedelta(hours=ahead) for name, ahead in (("p10", 40), ("p50", 48), ("p90", 60))}
    plain = {"made_at": made, "organization_id": shipment.organization_id, "mode": "sea", "port": "KRPUS"}
    return Forecast.objects.create(shipment=shipment, stage=stage, **{**plain, **quantiles, **words})


def ended(shipment: Shipment, at: datetime | None, stage: str = CLEAR, **words: Any) -> StageTime:
    plain = {"started_at": NOW - timedelta(days=9), "ended_at": at, "month": "2026-03" if at else "", "mode": "sea"}
    return StageTime.objects.create(shipment=shipment, stage=stage, **{**plain, **words})


def tallies() -> dict[str, tuple[int, int, float, float]]:
    """By rival: count, covered, the three losses added, and the rival's."""
    return {
        row.rival: (
            row.count,
            row.covered,
            round(row.loss_p10 + row.loss_p50 + row.loss_p90, 6),
            round(row.rival_p10 + row.rival_p50 + row.rival_p90, 6),
        )
        for row in ForecastTally.objects.all()
    }


def test_a_forecast_is_scored_when_its_stage_has_ended(shipper: Person) -> None:
    shipment = cargo(shipper)
    made = NOW - timedelta(hours=60)
    forecast = told(shipment, 60, mean_at=made + timedelta(hours=46))
    ended(shipment, None)
    assert scoring.score() == 0
    StageTime.objects.update(ended_at=made + timedelta(hours=50), month="2026-03")
    assert tasks.score_forecasts() == 1
    forecast.refresh_from_db()
    assert (forecast.ended_at, forecast.scored_at) == (made + timedelta(hours=50), NOW)
    assert tallies() == {"": (1, 1, 3.0, 0.0), "port_mean": (1, 1, 3.0, 6.0)}
    row = ForecastTally.objects.get(rival="")
    assert (row.organization, row.month, row.stage, row.mode, row.ahead) == (
        shipper.organization, "2026-03", CLEAR, "sea", "3d",
    )  # fmt: skip
    # Once only, and what comes later is added.
    assert scoring.score() == 0
    other = cargo(shipper, 1)
    told(other, 60)
    ended(other, made + timedelta(hours=36))
    assert scoring.score() == 1
    assert tallies() == {"": (2, 1, 15.0, 0.0), "port_mean": (1, 1, 3.0, 6.0)}


def test_every_rival_over_what_it_told_of(shipper: Person) -> None:
    shipment = cargo(shipper)
    made = NOW - timedelta(hours=60)
    table = {f"table_{name}": made + timedelta(hours=h) for name, h in (("p10", 30), ("p50", 50), ("p90", 55))}
    told(shipment, 60, carrier_at=made + timedelta(hours=54), **table)
    # A table without one of its quantiles tells nothing.
    told(shipment, 59, table_p50=made)
    ended(shipment, made + timedelta(hours=50))
    scoring.score()
    assert tallies()["port_table"] == (1, 1, 3.0, 2.5)
    assert tallies()["carrier"] == (1, 1, 3.0, 6.0)
    assert set(tallies()) == {"", "port_table", "carrier"}


def test_what_was_told_too_late_or_is_nobodys_is_marked_and_not_tallied(shipper: Person) -> None:
    late, nobodys = cargo(shipper), cargo(shipper, 1)
    told(late, 10)
    told(nobodys, 60, organization_id=None)
    for shipment in (late, nobodys):
        ended(shipment, NOW - timedelta(hours=11))
    assert scoring.score() == 2
    assert tallies() == {}
    assert set(Forecast.objects.values_list("ended_at", "scored_at")) == {(NOW - timedelta(hours=11), NOW)}


def test_containers_and_later_movements_do_not_count(shipper: Person) -> None:
    shipment = cargo(shipper)
    told(shipment, 60)
    ended(shipment, NOW, container="HDMU0000001")
    ended(shipment, NOW, number=1)
    assert scoring.score() == 0


@pytest.mark.parametrize(
    ("status", "days", "scored"),
    [
        ("completed", 8, {CLEAR, EMPTY}),
        ("cancelled", 8, {CLEAR, EMPTY}),
        ("delivered", 8, {CLEAR}),
        ("delivered_out", 8, {CLEAR}),
        ("completed", 6, set()),
        ("arrived", 80, set()),
    ],
)
def test_a_stage_that_cannot_end_any_more_has_no_outcome(
    shipper: Person, status: str, days: int, scored: set[str]
) -> None:
    shipment = cargo(shipper)
    ShipmentStatus.objects.filter(pk=shipment.pk).update(status=status, changed_at=NOW - timedelta(days=days))
    for stage in (CLEAR, EMPTY):
        told(shipment, 60, stage)
    ended(shipment, None)
    scoring.score()
    found = Forecast.objects.filter(scored_at__isnull=False)
    assert set(found.values_list("stage", flat=True)) == scored
    assert not found.filter(ended_at__isnull=False).exists()
    assert tallies() == {}


def test_a_batch_costs_the_same_whatever_its_size(
    shipper: Person, django_assert_num_queries: Callable[..., AbstractContextManager[Any]]
) -> None:
    for number, size in enumerate((2, 60)):
        for each in range(size):
            shipment = cargo(shipper, 100 * number + each)
            told(shipment, 60, mean_at=NOW, carrier_at=NOW)
            ended(shipment, NOW - timedelta(hours=each % 50))
        with transaction.atomic(), django_assert_num_queries(6):
            # A savepoint, its release, and four statements.
            assert scoring.score() == size
    assert sum(row.count for row in ForecastTally.objects.filter(rival="")) == 62


def test_a_limit_is_kept_and_the_rest_comes_later(shipper: Person) -> None:
    for number in range(5):
        shipment = cargo(shipper, number)
        told(shipment, 60)
        ended(shipment, NOW - timedelta(hours=10))
    assert [scoring.score(2) for _ in range(4)] == [2, 2, 1, 0]
    assert tallies()[""][0] == 5


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_tally_each_forecast_once(shipper: Person) -> None:
    for number in range(60):
        shipment = cargo(shipper, number)
        told(shipment, 60)
        ended(shipment, NOW - timedelta(hours=10))

    def scored() -> int:
        total = 0
        while done := scoring.score(7):
            total += done
        return total

    assert sum(worker.end() for worker in [Worker(scored) for _ in range(4)]) == 60
    assert tallies() == {"": (60, 60, 180.0, 0.0)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_what_another_worker_is_at_is_left_to_it(shipper: Person) -> None:
    shipment = cargo(shipper)
    told(shipment, 60)
    ended(shipment, NOW - timedelta(hours=10))
    with stopped(forecast_outcomes, "mark") as marking:
        slow = Worker(scoring.score)
        assert marking.reached.wait(20)
        assert Worker(scoring.score).end() == 0
        marking.go()
        assert slow.end() == 1
    assert tallies() == {"": (1, 1, 3.0, 0.0)}
