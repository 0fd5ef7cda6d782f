"""Lead times and targets for programs: the figures, whose cargo they are of, and what stands behind a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cargo.api.lead_times import LeadTimesSerializer
from cargo.models import Party, Shipment, StageTime, TargetTime, stage_refresh
from cargo.tasks import refresh_lead_times
from clis.accounts.models import ApiKey, Organization
from tests.api.conftest import problem
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
HOUR = 3600
CLEAR = "import_declared__customs_released"
REMOVE = "customs_released__gate_out"
TIMES, TARGETS = "/api/v1/lead-times/", "/api/v1/targets/"
Make = Callable[..., Client]


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read", "shipments:write"))


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read", "shipments:write"))


def cargo(owner: Organization | None, number: int = 0) -> Shipment:
    return a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"))


def took(shipment: Shipment, seconds: int | None, stage: str = CLEAR, **words: Any) -> StageTime:
    """A stage of this length that ended in the middle of February, or is open and began so long before ``NOW``."""
    ended = datetime(2026, 2, 16, tzinfo=UTC) if seconds is not None else None
    plain = {
        "mode": "sea",
        "port": "KRPUS",
        "month": "2026-02" if ended else "",
        "started_at": ended - timedelta(seconds=seconds) if ended and seconds is not None else NOW,
        "ended_at": ended,
        "seconds": seconds,
        "working_seconds": None if seconds is None else seconds // 2,
        "organization_id": shipment.organization_id,
    }
    return StageTime.objects.create(shipment=shipment, stage=stage, **(plain | words))


def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{TIMES}{query}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def by_group(client: Client, query: str) -> dict[str, int]:
    return {row["group"]: row["n"] for row in rows(client, query)}


def test_the_figures_of_a_stage(program: Client, shipper: Person) -> None:
    for number, seconds in enumerate([10, 20, 30, 40]):
        took(cargo(shipper.organization, number), seconds)
    answer = program.get(TIMES).json()
    assert answer["hours"] == "elapsed" and answer["group_by"] is None
    assert answer["results"] == [
        {
            "stage": CLEAR,
            "group": None,
            "n": 4,
            "mean": 25.0,
            "p10": 13.0,
            "median": 25.0,
            "p90": 37.0,
            "deviation": 12.9,
            "outliers": {"count": 0, "shipments": [], "mean_without": 25.0, "deviation_without": 12.9},
            "target": None,
            "benchmark": None,
        }
    ]
    assert set(answer) == set(LeadTimesSerializer().fields)
    assert [row["median"] for row in rows(program, "?hours=working")] == [12.5]


def test_an_outlier_is_counted_and_named(program: Client, shipper: Person) -> None:
    plain = [3600, 4000, 4400, 5000, 5200, 6000, 7000, 7200, 0]
    for number, seconds in enumerate(plain):
        took(cargo(shipper.organization, number), seconds)
    far = cargo(shipper.organization, 99)
    took(far, 40_000_000)
    (row,) = rows(program)
    assert (row["n"], row["mean"], row["median"]) == (10, 4004240.0, 5100.0)
    assert row["outliers"] == {
        "count": 1,
        "shipments": [far.pk],
        "mean_without": 4711.1,
        "deviation_without": 2163.6,
    }


def test_groups_and_filters(program: Client, shipper: Person) -> None:
    one, two, three = (cargo(shipper.organization, number) for number in range(3))
    plain = {"customs_office": "030", "warehouse": "03012345", "broker": "Kim", "carrier": "HDMU"}
    took(one, 10, **plain, channel="inspected", declared="before_arrival", agency="MFDS")
    took(two, 20, **plain, channel="not_inspected", declared="after_entry", month="2026-01", agency="none")
    took(three, 30, port="KRINC", mode="air")
    assert shipper.organization
    expected = {
        "client": {shipper.organization.slug: 3},
        "port": {"KRINC": 1, "KRPUS": 2},
        "mode": {"air": 1, "sea": 2},
        "customs_office": {"": 1, "030": 2},
        "warehouse": {"": 1, "03012345": 2},
        "broker": {"": 1, "Kim": 2},
        "carrier": {"": 1, "HDMU": 2},
        "month": {"2026-01": 1, "2026-02": 2},
        "channel": {"": 1, "inspected": 1, "not_inspected": 1},
        "declared": {"": 1, "after_entry": 1, "before_arrival": 1},
        "pre_arrival": {"": 1, "false": 1, "true": 1},
        "agency": {"": 1, "MFDS": 1, "none": 1},
        "intervened": {"": 1, "false": 1, "true": 1},
    }
    assert {name: by_group(program, f"?group_by={name}") for name in expected} == expected
    wanted = {
        "port=KRPUS": [15.0],
        "mode=air,rail": [30.0],
        "channel=inspected": [10.0],
        "pre_arrival=false": [20.0],
        "agency=MFDS": [10.0],
        "intervened=true": [10.0],
        "intervened=false": [20.0],
        "customs_office=030": [15.0],
        "warehouse=03012345": [15.0],
        "broker=Kim": [15.0],
        "carrier=HDMU": [15.0],
        "declared=after_entry": [20.0],
        f"client={shipper.organization.slug}": [20.0],
        "client=nobody": [],
        f"stage={REMOVE}": [],
        "ended_after=2026-02-16": [20.0],
        "ended_before=2026-02-16": [],
        "containers=true": [],
    }
    assert {query: [row["median"] for row in rows(program, f"?{query}")] for query in wanted} == wanted


def test_only_ones_own_cargo_and_what_one_is_party_to(
    program: Client, strange_program: Client, shipper: Person, stranger: Person, staff_client: Client
) -> None:
    mine, shared = cargo(shipper.organization, 1), cargo(stranger.organization, 2)
    took(mine, 10)
    took(shared, 30)
    Party.objects.create(shipment=shared, organization=shipper.organization, role="consignee")
    assert [(row["n"], row["mean"]) for row in rows(program)] == [(2, 20.0)]
    assert [(row["n"], row["mean"]) for row in rows(strange_program)] == [(1, 30.0)]
    assert [(row["n"], row["mean"]) for row in rows(staff_client)] == [(2, 20.0)]
    # Whose it is besides is not named.
    assert shipper.organization and stranger.organization
    assert by_group(program, "?group_by=client") == {"": 1, shipper.organization.slug: 1}
    assert by_group(staff_client, "?group_by=client") == {stranger.organization.slug: 1, shipper.organization.slug: 1}


def test_as_of_when_everybodys_figures_are(
    program: Client, shipper: Person, staff_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_refresh, "FROM_ROWS", 1)
    row = took(cargo(shipper.organization), 10)
    assert staff_client.get(TIMES).json()["refreshed_at"] is None
    with time_machine.travel(NOW, tick=False):
        assert refresh_lead_times() == 1
    StageTime.objects.filter(pk=row.pk).update(seconds=30)
    everybodys, own = staff_client.get(TIMES).json(), program.get(TIMES).json()
    assert (everybodys["refreshed_at"], everybodys["results"][0]["mean"]) == ("2026-03-20T03:00:00Z", 10.0)
    assert (own["refreshed_at"], own["results"][0]["mean"]) == (None, 30.0)
    assert refresh_lead_times() == 1
    assert staff_client.get(TIMES).json()["results"] == own["results"]


def test_a_registrant_who_is_no_party_any_more_sees_nothing(program: Client, shipper: Person) -> None:
    shipment = cargo(shipper.organization)
    took(shipment, 10)
    Party.objects.filter(shipment=shipment).delete()
    assert rows(program) == []


def test_met_missed_at_risk_and_overdue(program: Client, shipper: Person) -> None:
    owner = {"organization": shipper.organization, "stage": CLEAR}
    TargetTime.objects.create(**owner, seconds=10 * HOUR)
    TargetTime.objects.create(**owner, mode="air", seconds=2 * HOUR)
    TargetTime.objects.create(**owner, port="KRINC", seconds=20 * HOUR)
    for number, (hours, mode, port) in enumerate(
        [
            (10, "sea", "KRPUS"),
            (11, "sea", "KRPUS"),
            (2, "air", "KRPUS"),
            (3, "air", "KRPUS"),
            (19, "air", "KRINC"),
        ]
    ):
        took(cargo(shipper.organization, number), hours * HOUR, mode=mode, port=port)
    for number, hours in enumerate([7, 8, 10, 11], 10):
        took(cargo(shipper.organization, number), None, started_at=NOW - timedelta(hours=hours))
    took(cargo(shipper.organization, 30), HOUR, stage=REMOVE)
    with time_machine.travel(NOW, tick=False):
        clear, remove = rows(program)
    assert clear["target"] == {"met": 3, "missed": 2, "share": 0.6, "at_risk": 2, "overdue": 1}
    assert remove["target"] is None


def test_a_target_in_working_hours(program: Client, shipper: Person) -> None:
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=5 * HOUR, clock="working")
    took(cargo(shipper.organization, 1), 12 * HOUR, working_seconds=5 * HOUR)
    # From Thursday 17:00 in Busan to Friday noon: four working hours of five.
    took(cargo(shipper.organization, 2), None, started_at=datetime(2026, 3, 19, 8, 0, tzinfo=UTC))
    with time_machine.travel(NOW, tick=False):
        (row,) = rows(program)
    assert row["target"] == {"met": 1, "missed": 0, "share": 1.0, "at_risk": 1, "overdue": 0}


def _crowd(organizations: int, each: int, **words: Any) -> None:
    for _ in range(organizations):
        owner = OrganizationFactory.create()
        for number in range(each):
            took(cargo(owner, number), 100 * (number + 1), **words)


BENCHMARK = "?benchmark=true&mode=sea&port=KRPUS"


@pytest.mark.parametrize(("organizations", "each"), [(4, 10), (5, 5)])
def test_no_benchmark_while_few_stand_behind_it(
    program: Client, shipper: Person, organizations: int, each: int
) -> None:
    took(cargo(shipper.organization), 10)
    _crowd(organizations, each)
    with time_machine.travel(NOW, tick=False):
        (row,) = rows(program, BENCHMARK)
    assert (row["n"], row["benchmark"]) == (1, None)


def test_a_benchmark_is_of_others_comparable_cargo(program: Client, shipper: Person) -> None:
    took(cargo(shipper.organization), 10)
    _crowd(5, 6)
    _crowd(1, 3, port="KRINC")
    _crowd(1, 3, month="2026-03")
    _crowd(1, 3, month="2025-02")
    with time_machine.travel(NOW, tick=False):
        (row,) = rows(program, BENCHMARK)
        (plain,) = rows(program)
    assert row["n"] == 1
    assert row["benchmark"] == {"organizations": 5, "cargoes": 30, "median": 350.0, "p90": 600.0}
    assert plain["benchmark"] is None


def test_a_benchmark_needs_one_mode_and_a_port(program: Client) -> None:
    for query in ("?benchmark=true", "?benchmark=true&mode=sea", "?benchmark=true&mode=sea,air&port=KRPUS"):
        assert problem(program.get(f"{TIMES}{query}")) == (400, "invalid")


@pytest.mark.parametrize("query", ["stage=lunch", "group_by=colour", "hours=long", "port=x", "ended_after=soon", "x=1"])
def test_what_is_not_a_parameter_is_named(program: Client, query: str) -> None:
    assert problem(program.get(f"{TIMES}?{query}")) == (400, "invalid")


def test_targets_are_set_changed_and_taken_back(program: Client, shipper: Person) -> None:
    said = {"stage": CLEAR, "mode": "sea", "port": "KRPUS", "hours": 24}
    made = program.post(TARGETS, said, content_type="application/json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert {name: row[name] for name in ("stage", "mode", "port", "hours", "clock")} == {**said, "clock": "elapsed"}
    again = program.post(TARGETS, {**said, "hours": 30}, content_type="application/json").json()
    assert (again["id"], again["hours"]) == (row["id"], 30)
    one = f"{TARGETS}{row['id']}/"
    assert program.put(one, {"hours": 1.5, "clock": "working"}, content_type="application/json").json()["hours"] == 1.5
    assert program.get(one).json()["clock"] == "working"
    assert [target["id"] for target in program.get(TARGETS).json()["results"]] == [row["id"]]
    assert TargetTime.objects.get().seconds == 5400
    assert program.delete(one).status_code == 204
    assert program.get(TARGETS).json() == {"results": []}


def test_anothers_target_does_not_exist(strange_program: Client, shipper: Person) -> None:
    target = TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=HOUR)
    one = f"{TARGETS}{target.pk}/"
    assert strange_program.get(TARGETS).json() == {"results": []}
    assert problem(strange_program.get(one)) == (404, "not_found")
    assert problem(strange_program.put(one, {"hours": 1}, content_type="application/json")) == (404, "not_found")
    assert problem(strange_program.delete(one)) == (404, "not_found")
    assert TargetTime.objects.get().seconds == HOUR


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"stage": CLEAR},
        {"stage": "lunch", "hours": 1},
        {"stage": CLEAR, "hours": 0},
        {"stage": CLEAR, "hours": 1, "x": 1},
    ],
)
def test_a_target_that_is_not_right_is_refused(program: Client, said: dict[str, Any]) -> None:
    assert problem(program.post(TARGETS, said, content_type="application/json")) == (400, "invalid")
    assert not TargetTime.objects.exists()


def test_a_key_that_only_reads_sets_nothing(
    shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]
) -> None:
    reader = api_client(key_for(shipper.organization, "shipments:read"))
    answer = reader.post(TARGETS, {"stage": CLEAR, "hours": 1}, content_type="application/json")
    assert answer.status_code == 403
    assert not TargetTime.objects.exists()
