"""Forecasts and the stages of one shipment, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cargo.api.forecasts import ForecastRowSerializer, ForecastSerializer, ShipmentForecastSerializer
from cargo.api.stage_times import ShipmentStageSerializer, ShipmentStagesSerializer
from cargo.models import Forecast, ForecastTurn, Shipment, StageTime, TargetTime
from cargo.selectors import NotFound, forecasts, stage_times
from cargo.selectors.forecasts import ARRIVAL, GATE_OUT, RELEASE
from clis.accounts.models import ApiKey
from tests.api.conftest import problem
from tests.factories import a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 3, 24, 0, 20, tzinfo=UTC)
LIST = "/api/v1/forecasts/"
DAY = timedelta(days=1)
CLEAR = "import_declared__customs_released"


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read"))


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read"))


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603001"))


def predict(shipment: Shipment, *stages: str, made: datetime = MADE, **words: Any) -> None:
    plain = {"made_at": made, "p10": made + 3 * DAY, "p50": made + 4 * DAY, "p90": made + 6 * DAY}
    for stage in stages:
        Forecast.objects.create(shipment=shipment, stage=stage, **(plain | words))
    ForecastTurn.objects.update_or_create(shipment=shipment, defaults={"made_at": made})


def of(shipment: Shipment, tail: str) -> str:
    return f"/api/v1/shipments/{shipment.pk}/{tail}/"


def test_the_forecast_that_stands(program: Client, shipment: Shipment) -> None:
    predict(shipment, RELEASE, CLEAR, made=MADE - DAY)
    reasons = [{"code": "inspection", "seconds": 50400}]
    predict(shipment, GATE_OUT, RELEASE, ARRIVAL, reasons=reasons, started_at=MADE - 2 * DAY)
    body = program.get(of(shipment, "forecast")).json()
    assert (body["shipment"], body["made_at"]) == (shipment.pk, "2026-03-24T00:20:00Z")
    assert [row["stage"] for row in body["forecasts"]] == [ARRIVAL, RELEASE, GATE_OUT]
    assert body["forecasts"][1] == {
        "stage": RELEASE,
        "started_at": "2026-03-22T00:20:00Z",
        "p10": "2026-03-27T00:20:00Z",
        "p50": "2026-03-28T00:20:00Z",
        "p90": "2026-03-30T00:20:00Z",
        "reasons": reasons,
    }
    assert body.keys() == ShipmentForecastSerializer().fields.keys()
    assert body["forecasts"][0].keys() == ForecastSerializer().fields.keys()


def test_nothing_forecast_is_an_empty_answer(program: Client, shipment: Shipment) -> None:
    empty = {"shipment": shipment.pk, "made_at": None, "forecasts": []}
    assert program.get(of(shipment, "forecast")).json() == empty
    ForecastTurn.objects.update_or_create(shipment=shipment, defaults={"made_at": None})
    assert program.get(of(shipment, "forecast")).json() == empty


@pytest.mark.parametrize("tail", ["forecast", "stages"])
def test_an_unchanged_answer_is_not_sent_again(program: Client, shipment: Shipment, tail: str) -> None:
    predict(shipment, RELEASE)
    first = program.get(of(shipment, tail))
    known = {"if-none-match": first["ETag"]}
    again = program.get(of(shipment, tail), headers=known)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"
    if tail == "forecast":
        predict(shipment, RELEASE, made=MADE + DAY)
        assert program.get(of(shipment, tail), headers=known).status_code == 200


def test_the_list_has_the_three_ends_that_stand_the_newest_shipment_first(
    program: Client, shipment: Shipment, shipper: Person
) -> None:
    other = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603002"))
    predict(shipment, RELEASE, made=MADE - DAY)
    predict(shipment, GATE_OUT, ARRIVAL, CLEAR)
    predict(other, RELEASE, made=MADE - 2 * DAY)

    def seen(query: str = "") -> list[tuple[int, str]]:
        answer = program.get(f"{LIST}{query}")
        assert answer.status_code == 200, answer.content
        return [(row["shipment"], row["stage"]) for row in answer.json()["results"]]

    assert seen() == [(other.pk, RELEASE), (shipment.pk, GATE_OUT), (shipment.pk, ARRIVAL)]
    assert seen(f"?stage={ARRIVAL},{RELEASE}") == [(other.pk, RELEASE), (shipment.pk, ARRIVAL)]
    assert seen(f"?shipment={shipment.pk}") == [(shipment.pk, GATE_OUT), (shipment.pk, ARRIVAL)]
    assert seen("?made_after=2026-03-24T00:20:00Z") == [(shipment.pk, GATE_OUT), (shipment.pk, ARRIVAL)]
    assert seen("?made_after=2026-03-24T00:20:01Z") == []
    (row, *_rest) = program.get(LIST).json()["results"]
    assert row.keys() == ForecastRowSerializer().fields.keys()
    assert row["made_at"] == "2026-03-22T00:20:00Z"
    tag = program.get(LIST)["ETag"]
    assert program.get(LIST, headers={"if-none-match": tag}).status_code == 304
    for parameter in ("stage=late", "made_after=soon", "shipment=0", "cursor=x", "colour=red"):
        assert program.get(f"{LIST}?{parameter}").status_code == 400, parameter


def test_pages_of_forecasts_miss_none_that_are_made_anew_meanwhile(program: Client, shipper: Person) -> None:
    made = [a_registered_shipment(shipper.organization, ("house_bill", f"KOSHA{n:07d}")) for n in range(3)]
    for one in made:
        predict(one, ARRIVAL, RELEASE, GATE_OUT)
    seen: list[tuple[int, str]] = []
    following: str | None = f"{LIST}?limit=2"
    while following:
        body = program.get(following).json()
        seen += [(row["shipment"], row["stage"]) for row in body["results"]]
        predict(made[0], ARRIVAL, RELEASE, GATE_OUT, made=MADE + len(seen) * DAY)
        following = body["next"]
    assert seen == [(one.pk, stage) for one in reversed(made) for stage in (RELEASE, GATE_OUT, ARRIVAL)]


def test_a_stranger_is_told_nothing(
    strange_program: Client, client: Client, shipment: Shipment, stranger: Person
) -> None:
    predict(shipment, RELEASE)
    StageTime.objects.create(shipment=shipment, stage=CLEAR, started_at=MADE)
    for tail in ("forecast", "stages"):
        assert problem(strange_program.get(of(shipment, tail))) == (404, "not_found")
        assert client.get(of(shipment, tail)).status_code == 401
    assert strange_program.get(LIST).json()["results"] == []
    assert strange_program.get(f"{LIST}?shipment={shipment.pk}").json()["results"] == []
    for read in (forecasts.standing, stage_times.of_shipment):
        with pytest.raises(NotFound):
            read(stranger.viewer, shipment.pk)


def test_the_forecast_that_stood_at_a_time(shipment: Shipment, shipper: Person) -> None:
    predict(shipment, RELEASE, made=MADE - DAY)
    predict(shipment, RELEASE, GATE_OUT)

    def stood(at: datetime) -> list[tuple[str, datetime]]:
        return [(row.stage, row.made_at) for row in forecasts.standing(shipper.viewer, shipment.pk, at)]

    assert stood(MADE - DAY - timedelta(seconds=1)) == []
    assert stood(MADE - DAY) == [(RELEASE, MADE - DAY)]
    assert stood(MADE - timedelta(seconds=1)) == [(RELEASE, MADE - DAY)]
    assert stood(MADE) == [(RELEASE, MADE), (GATE_OUT, MADE)]


@time_machine.travel("2026-04-01T03:00:00Z", tick=False)
def test_the_stages_of_a_shipment(program: Client, told: Shipment, shipper: Person) -> None:
    discharge = "arrived__discharge_approved"
    TargetTime.objects.create(organization=shipper.organization, stage=discharge, seconds=1200, port="KRPUS")
    TargetTime.objects.create(organization=shipper.organization, stage=discharge, seconds=7200)
    body = program.get(of(told, "stages")).json()
    assert body.keys() == ShipmentStagesSerializer().fields.keys()
    rows = {row["stage"]: row for row in body["stages"]}
    assert rows[discharge].keys() == ShipmentStageSerializer().fields.keys()
    # A Saturday, so no hour of it is a working hour; the target of the port counts before the one of any.
    assert rows[discharge] == {
        "stage": discharge,
        "container": None,
        "started_at": "2026-03-13T22:30:00Z",
        "ended_at": "2026-03-13T23:00:00Z",
        "seconds": 1800,
        "working_seconds": 0,
        "reported_seconds": None,
        "target": {"seconds": 1200, "clock": "elapsed"},
        "verdict": "missed",
        "why": {
            "begun_by": "arrived",
            "begun_at": "2026-03-13T22:30:00Z",
            "ended_by": "discharge_approved",
            "ended_at": "2026-03-13T23:00:00Z",
            "rules": [],
        },
    }
    assert rows[CLEAR]["why"]["rules"] == ["standing_release"]
    assert rows["customs_released__gate_out"]["why"]["rules"] == ["standing_release", "all_gone"]


def test_the_stages_equal_the_stored_times(program: Client, told: Shipment) -> None:
    """The document says from where to where; the inspection's rows say the same and add the reports' clock."""
    stored = {
        (row.stage, row.container, row.started_at, row.ended_at, row.seconds, row.working_seconds, row.reported_seconds)
        for row in StageTime.objects.filter(shipment=told)
    }
    shown = program.get(of(told, "stages")).json()["stages"]
    names = ("stage", "container", "started_at", "ended_at", "seconds", "working_seconds", "reported_seconds")
    found = set()
    for row in shown:
        values = {name: row[name] for name in names} | {"container": row["container"] or ""}
        for name in ("started_at", "ended_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        found.add(tuple(values[name] for name in names))
    assert found == stored
    assert any(row["reported_seconds"] for row in shown)


def test_a_container_of_several_has_stages_of_its_own(program: Client, shipper: Person) -> None:
    shipment = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603009"))
    times = {"started_at": MADE, "ended_at": MADE + DAY, "seconds": 86400, "working_seconds": 0}
    StageTime.objects.create(shipment=shipment, stage="discharged__gate_out", container="HDMU6546583", **times)
    (row,) = program.get(of(shipment, "stages")).json()["stages"]
    assert (row["stage"], row["container"], row["seconds"], row["verdict"]) == (
        "discharged__gate_out", "HDMU6546583", 86400, None,
    )  # fmt: skip
    assert row["why"]["begun_by"] == "discharged"
