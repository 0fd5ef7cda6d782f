"""The diagnosis for programs: what a stage costs, whose cargo it is of, and what stands behind a comparison."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cargo.api.diagnosis import DiagnosisSerializer, StageCostSerializer, WorstSerializer
from cargo.models import Party, StageTime, TargetTime
from cargo.selectors import diagnosis
from clis.accounts.models import ApiKey, Organization
from tests.api.conftest import problem
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
ENDED = datetime(2026, 2, 16, tzinfo=UTC)
HOUR = 3600
STORED, CLEARED, VOYAGE = (
    "bonded_storage_in__import_declared", "import_declared__customs_released", "departed__arrived",
)  # fmt: skip
ADDRESS = "/api/v1/lead-times/diagnosis/"


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read", "shipments:write"))


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read", "shipments:write"))


def took(owner: Organization | None, number: int, hours: int, stage: str = STORED, **words: Any) -> StageTime:
    """A stage of so many hours, half of them worked, that ended in the middle of February."""
    shipment = a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"))
    plain = {
        "mode": "sea",
        "port": "KRPUS",
        "month": "2026-02",
        "started_at": ENDED - timedelta(hours=hours),
        "ended_at": ENDED,
        "seconds": hours * HOUR,
        "working_seconds": hours * HOUR // 2,
        "organization_id": shipment.organization_id,
    }
    return StageTime.objects.create(shipment=shipment, stage=stage, **(plain | words))


def crowd(organizations: int, each: int, hours: int, **words: Any) -> None:
    for _ in range(organizations):
        owner = OrganizationFactory.create()
        for number in range(each):
            took(owner, number, hours, **words)


def asked(client: Client, query: str = "") -> dict[str, Any]:
    with time_machine.travel(NOW, tick=False):
        answer = client.get(f"{ADDRESS}{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_bottleneck_and_the_shipments_behind_it(program: Client, shipper: Person) -> None:
    slow = took(shipper.organization, 1, 55)
    took(shipper.organization, 2, 20)
    took(shipper.organization, 3, 3, CLEARED)
    TargetTime.objects.create(organization=shipper.organization, stage=STORED, seconds=24 * HOUR)
    crowd(5, 6, 10)
    found = asked(program)
    assert found["bottleneck"] == {
        "stage": STORED, "basis": "target", "lost": 31.0 * HOUR, "n": 2, "thin": True, "tied": None,
    }  # fmt: skip
    stored, cleared = found["stages"]
    assert stored == {
        "stage": STORED,
        "n": 2,
        "median": 37.5 * HOUR,
        "target": {"n": 2, "missed": 1, "lost": 31 * HOUR, "per_cargo": 15.5 * HOUR, "aim": 24 * HOUR},
        "comparable": {
            "n": 2, "lost": 55.0 * HOUR, "difference": 55.0 * HOUR, "per_cargo": 27.5 * HOUR, "port": "KRPUS",
            "ports": 1,
        },
        "whole": None,
    }  # fmt: skip
    assert (cleared["target"], cleared["comparable"], cleared["whole"]) == (None, None, None)
    worst = {"shipment": slow.shipment_id, "stage": STORED, "lost": 31.0 * HOUR, "seconds": 55 * HOUR, "port": "KRPUS"}
    assert found["worst"] == [worst]
    assert (found["hours"], found["cut"], found["outstanding"]) == ("elapsed", False, [])
    assert (found["ended_after"], found["ended_before"]) == ("2025-12-20T03:00:00Z", "2026-03-20T03:00:00Z")
    for shape, row in ((DiagnosisSerializer, found), (StageCostSerializer, stored), (WorstSerializer, worst)):
        assert set(row) == set(shape().fields)


def test_working_hours_for_the_comparison_and_the_targets_own_clock(program: Client, shipper: Person) -> None:
    took(shipper.organization, 1, 55)
    TargetTime.objects.create(organization=shipper.organization, stage=STORED, seconds=24 * HOUR)
    crowd(5, 6, 10)
    (stored,) = asked(program, "?hours=working")["stages"]
    assert (stored["median"], stored["target"]["lost"]) == (27.5 * HOUR, 31 * HOUR)
    assert stored["comparable"]["difference"] == 22.5 * HOUR


@pytest.mark.parametrize(("organizations", "each"), [(4, 10), (5, 5)])
def test_nothing_is_compared_while_few_stand_behind_it(
    program: Client, shipper: Person, organizations: int, each: int
) -> None:
    took(shipper.organization, 1, 55)
    crowd(organizations, each, 10)
    # Other ports and months, and one's own, do not help.
    crowd(1, 30, 10, port="KRINC")
    crowd(1, 30, 10, month="2026-03")
    for number in range(30):
        took(shipper.organization, 100 + number, 55)
    assert asked(program)["stages"][0]["comparable"] is None


def test_a_voyage_is_compared_with_none(program: Client, shipper: Person) -> None:
    took(shipper.organization, 1, 55, VOYAGE)
    crowd(5, 6, 10, stage=VOYAGE)
    found = asked(program)
    assert found["stages"][0]["comparable"] is None and found["bottleneck"] is None


def test_no_filter_changes_what_one_is_compared_with(program: Client, shipper: Person) -> None:
    took(shipper.organization, 1, 55)
    crowd(5, 6, 10)
    expected = asked(program)["stages"][0]["comparable"]
    assert shipper.organization
    for query in ("?mode=sea", "?port=KRPUS", f"?client={shipper.organization.slug}", "?ended_after=2026-02-15"):
        assert asked(program, query)["stages"][0]["comparable"] == expected


def test_filters_and_period(program: Client, shipper: Person) -> None:
    took(shipper.organization, 1, 55)
    for query in ("?mode=air", "?port=KRINC", "?client=nobody", "?ended_before=2026-02-16", "?ended_after=2026-02-17"):
        found = asked(program, query)
        assert (found["stages"], found["bottleneck"], found["worst"]) == ([], None, [])
    assert problem(program.get(f"{ADDRESS}?ended_after=2026-02-02&ended_before=2026-02-01")) == (400, "invalid")
    assert problem(program.get(f"{ADDRESS}?stage={STORED}")) == (400, "invalid")


def test_a_stranger_sees_none_of_it_and_a_party_does(
    program: Client, strange_program: Client, shipper: Person, stranger: Person
) -> None:
    row = took(stranger.organization, 1, 55, broker="Secret")
    TargetTime.objects.create(organization=stranger.organization, stage=STORED, seconds=HOUR)
    assert asked(strange_program)["stages"][0]["target"]["lost"] == 54 * HOUR
    hers = asked(program)
    assert (hers["stages"], hers["worst"]) == ([], [])
    Party.objects.create(shipment=row.shipment, organization=shipper.organization, role="consignee")
    # With her own targets, not the stranger's.
    (stage,) = asked(program)["stages"]
    assert (stage["n"], stage["target"]) == (1, None)


def test_the_operator_diagnoses_a_client(staff_client: Client, shipper: Person) -> None:
    took(shipper.organization, 1, 55)
    TargetTime.objects.create(organization=shipper.organization, stage=STORED, seconds=24 * HOUR)
    crowd(5, 6, 10)
    assert shipper.organization
    (stored,) = asked(staff_client, f"?client={shipper.organization.slug}")["stages"]
    assert (stored["target"]["lost"], stored["comparable"]["difference"]) == (31 * HOUR, 45.0 * HOUR)
    (everybody,) = asked(staff_client)["stages"]
    assert (everybody["n"], everybody["target"], everybody["comparable"]) == (31, None, None)


def test_it_costs_the_same_statements_whatever_there_is(shipper: Person) -> None:
    counts = []
    for more in (1, 15):
        for number in range(more):
            took(shipper.organization, 1000 * more + number, 55, port=f"KRP{'ABCDEFGHIJKLMNO'[number]}S")
        crowd(1, more, 10)
        with time_machine.travel(NOW, tick=False), CaptureQueriesContext(connection) as statements:
            diagnosis.diagnosis(shipper.viewer, {})
        counts.append(len(statements))
    assert counts == [5, 5]
