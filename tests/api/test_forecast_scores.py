"""The forecasts' own scores for programs: figures, goals, filters, and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cargo.api.forecast_scores import ForecastScoresSerializer
from cargo.models import ForecastTally
from clis.accounts.models import ApiKey
from tests.api.conftest import problem
from tests.people import Person

pytestmark = pytest.mark.django_db
SCORES = "/api/v1/forecast-scores/"
ARRIVAL, CLEAR = "departed__arrived", "arrived__customs_released"


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read"))


def tally(person: Person, count: int, covered: int, rival: str = "", **words: Any) -> ForecastTally:
    """Each lost 1, 2 and 3 hours, the rival each time 2, 3 and 5."""
    losses = {"loss_p10": 1.0 * count, "loss_p50": 2.0 * count, "loss_p90": 3.0 * count}
    if rival:
        losses |= {"rival_p10": 2.0 * count, "rival_p50": 3.0 * count, "rival_p90": 5.0 * count}
    plain = {"organization": person.organization, "month": "2026-03", "stage": CLEAR, "mode": "sea", "ahead": "3d"}
    return ForecastTally.objects.create(rival=rival, count=count, covered=covered, **{**plain, **losses, **words})


def counts(client: Client, query: str) -> list[tuple[str, int]]:
    answer = client.get(f"{SCORES}?{query}")
    assert answer.status_code == 200, answer.content
    return [(row["group"], row["n"]) for row in answer.json()["results"]]


def test_the_figures_and_the_goals(reader: Client, shipper: Person) -> None:
    tally(shipper, 60, 48)
    tally(shipper, 50, 40, "port_mean")
    tally(shipper, 40, 30, "carrier")
    answer = reader.get(f"{SCORES}?group_by=stage").json()
    assert set(answer) == set(ForecastScoresSerializer().fields)
    total = {
        "group": None,
        "n": 60,
        "coverage": 0.8,
        "coverage_goal": "met",
        "loss": 6.0,
        "loss_p10": 1.0,
        "loss_p50": 2.0,
        "loss_p90": 3.0,
        "rivals": [
            {"rival": "port_mean", "n": 50, "loss": 6.0, "rival_loss": 10.0, "gain": 0.4, "goal": "met"},
            {"rival": "carrier", "n": 40, "loss": 6.0, "rival_loss": 10.0, "gain": 0.4, "goal": "too_few"},
        ],
    }
    assert answer == {"group_by": "stage", "total": total, "results": [{**total, "group": CLEAR}]}


def test_nothing_was_scored_yet(reader: Client) -> None:
    assert reader.get(SCORES).json() == {"group_by": None, "total": None, "results": []}


def test_groups_are_in_their_order_and_filters_hold(reader: Client, shipper: Person) -> None:
    tally(shipper, 1, 1, ahead="14d", month="2026-04")
    tally(shipper, 2, 1, ahead="more", stage=ARRIVAL)
    tally(shipper, 4, 1, ahead="1d", mode="air", month="2025-12")
    assert counts(reader, "group_by=ahead") == [("1d", 4), ("14d", 1), ("more", 2)]
    assert counts(reader, "group_by=stage") == [(ARRIVAL, 2), (CLEAR, 5)]
    assert counts(reader, "group_by=month") == [("2025-12", 4), ("2026-03", 2), ("2026-04", 1)]
    assert counts(reader, "") == []
    wanted = {
        f"stage={ARRIVAL}": 2,
        "mode=air,rail": 4,
        "ahead=1d,14d": 5,
        "month_from=2026-03": 3,
        "month_to=2026-03": 6,
        "month_from=2026-03&month_to=2026-03": 2,
    }
    assert {query: reader.get(f"{SCORES}?{query}").json()["total"]["n"] for query in wanted} == wanted
    assert reader.get(f"{SCORES}?mode=road").json()["total"] is None


def test_only_ones_own_and_staff_everybodys(
    reader: Client, strange_program: Client, staff_client: Client, shipper: Person, stranger: Person
) -> None:
    tally(shipper, 10, 5)
    assert strange_program.get(f"{SCORES}?group_by=stage").json() == {"group_by": "stage", "total": None, "results": []}
    tally(stranger, 20, 5)
    assert counts(reader, "group_by=stage") == [(CLEAR, 10)]
    assert counts(strange_program, "group_by=stage") == [(CLEAR, 20)]
    assert counts(staff_client, "group_by=stage") == [(CLEAR, 30)]


@pytest.mark.parametrize(
    "query", ["group_by=colour", "stage=lunch", "ahead=5d", "month_from=2026-13", "month_to=soon", "x=1", "mode=swim"]
)
def test_what_is_not_right_is_named(reader: Client, query: str) -> None:
    assert problem(reader.get(f"{SCORES}?{query}")) == (400, "invalid")


def test_nobody_reads_without_a_key(client: Client, shipper: Person) -> None:
    tally(shipper, 10, 5)
    assert client.get(SCORES).status_code == 401
