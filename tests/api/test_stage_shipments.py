"""The shipments behind the lead times for programs: as many as were counted, in their order, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from cargo.api.stage_shipments import StageShipmentSerializer
from cargo.models import Party, Shipment, StageTime, TargetTime
from clis.accounts.models import ApiKey, Organization
from tests.api.conftest import problem
from tests.factories import a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
ENDED = datetime(2026, 2, 16, tzinfo=UTC)
HOUR = 3600
CLEAR = "import_declared__customs_released"
TIMES, BEHIND = "/api/v1/lead-times/", "/api/v1/lead-times/shipments/"


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read"))


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read"))


def cargo(owner: Organization | None, number: int) -> Shipment:
    return a_registered_shipment(owner, ("house_bill", f"KOSHA{number:07d}"), own_reference=f"PO-{number}")


def took(shipment: Shipment, seconds: int, **words: Any) -> StageTime:
    """A stage of this length that ended in February, every one some minutes after the one before it."""
    ended = ENDED + timedelta(minutes=shipment.pk % 1000)
    plain = {"mode": "sea", "port": "KRPUS", "month": "2026-02", "organization_id": shipment.organization_id}
    times = {"started_at": ended - timedelta(seconds=seconds), "ended_at": ended, "seconds": seconds}
    return StageTime.objects.create(
        shipment=shipment, stage=CLEAR, **(plain | times | {"working_seconds": seconds // 3} | words)
    )


def under_way(shipment: Shipment, hours: int, **words: Any) -> StageTime:
    plain = {"mode": "sea", "port": "KRPUS", "organization_id": shipment.organization_id}
    began = NOW - timedelta(hours=hours)
    return StageTime.objects.create(shipment=shipment, stage=CLEAR, started_at=began, **(plain | words))


def asked(client: Client, **query: str) -> dict[str, Any]:
    answer = client.get(f"{BEHIND}?{urlencode({'stage': CLEAR, **query})}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def behind(client: Client, **query: str) -> list[int]:
    """The shipments, all pages of them."""
    found: list[int] = []
    while True:
        body = asked(client, **query)
        found += [row["shipment"] for row in body["results"]]
        if body["cursor"] is None:
            return found
        query["cursor"] = body["cursor"]


def counted(client: Client, **query: str) -> dict[str, Any]:
    (row,) = client.get(f"{TIMES}?{urlencode({'stage': CLEAR, **query})}").json()["results"]
    found: dict[str, Any] = row
    return found


def test_what_is_told_of_one(program: Client, shipper: Person) -> None:
    shipment = cargo(shipper.organization, 1)
    TargetTime.objects.create(organization=shipper.organization, stage=CLEAR, seconds=2 * HOUR)
    words = {
        "customs_office": "030", "warehouse": "03012345", "broker": "Kim", "carrier": "HDMU",
        "channel": "inspected", "declared": "after_entry", "agency": "KR-QIA",
    }  # fmt: skip
    took(shipment, 3 * HOUR, started_at=ENDED, ended_at=ENDED + timedelta(hours=3), reported_seconds=4000, **words)
    (row,) = asked(program)["results"]
    assert set(row) == set(StageShipmentSerializer().fields)
    assert row == {
        "shipment": shipment.pk,
        "own_reference": "PO-1",
        "container": "",
        "stage": CLEAR,
        "started_at": "2026-02-16T00:00:00Z",
        "ended_at": "2026-02-16T03:00:00Z",
        "seconds": 10800,
        "working_seconds": 3600,
        "reported_seconds": 4000,
        "target": {"hours": 2.0, "clock": "elapsed", "met": False},
        "mode": "sea",
        "port": "KRPUS",
        **words,
    }


def test_pages_follow_each_other_newest_first_or_longest_first(program: Client, shipper: Person) -> None:
    lengths = [30, 10, 20, 20, 50, 40, 0]
    rows = [took(cargo(shipper.organization, number), seconds) for number, seconds in enumerate(lengths)]
    newest = sorted(rows, key=lambda row: (row.ended_at, row.pk), reverse=True)
    longest = sorted(rows, key=lambda row: (row.seconds, row.pk), reverse=True)
    assert behind(program, limit="2") == [row.shipment_id for row in newest]
    assert behind(program, limit="2", only="slowest") == [row.shipment_id for row in longest]
    assert problem(program.get(f"{BEHIND}?stage={CLEAR}&cursor=x")) == (400, "invalid")
    cursor = asked(program, limit="2")["cursor"]
    assert problem(program.get(f"{BEHIND}?stage={CLEAR}&only=slowest&cursor={cursor}")) == (400, "invalid")


def test_every_number_has_as_many_shipments_behind_it(program: Client, shipper: Person) -> None:
    owner = {"organization": shipper.organization, "stage": CLEAR}
    TargetTime.objects.create(**owner, seconds=10 * HOUR)
    TargetTime.objects.create(**owner, mode="air", seconds=2 * HOUR)
    TargetTime.objects.create(**owner, port="KRINC", seconds=20 * HOUR, clock="working")
    for number in range(40):
        mode, port = ("air", "sea", "sea")[number % 3], ("KRPUS", "KRINC")[number % 2]
        hours = (number * 7) % 25 + 1
        took(cargo(shipper.organization, number), hours * HOUR, mode=mode, port=port, broker=("Kim", "")[number % 2])
        under_way(cargo(shipper.organization, 100 + number), hours, mode=mode, port=port)
    took(cargo(shipper.organization, 99), 9_000_000 * HOUR)
    with time_machine.travel(NOW, tick=False):
        for query in ({}, {"mode": "air"}, {"port": "KRINC"}, {"hours": "working"}, {"ended_after": "2026-02-17"}):
            if (rows := program.get(f"{TIMES}?{urlencode({'stage': CLEAR, **query})}").json()["results"]) == []:
                assert behind(program, **query) == []
                continue
            (row,) = rows
            assert len(behind(program, **query)) == row["n"]
            for only in ("met", "missed", "at_risk", "overdue"):
                assert len(behind(program, only=only, **query)) == row["target"][only], (query, only)
            outlying = behind(program, only="outliers", **query)
            assert (len(outlying), outlying[:10]) == (row["outliers"]["count"], row["outliers"]["shipments"])
        assert len(behind(program, only="open")) == 40
        assert counted(program)["outliers"]["count"] == 1


@pytest.mark.parametrize("name", ["port", "mode", "month", "broker", "client", "declared", "pre_arrival", "agency"])
def test_every_group_has_as_many_shipments_behind_it(
    program: Client, shipper: Person, stranger: Person, name: str
) -> None:
    for number in range(6):
        words = {"declared": "before_arrival", "agency": "none", "broker": "Kim"} if number % 2 else {}
        took(cargo(shipper.organization, number), HOUR, port=("KRPUS", "KRINC", "")[number % 3], **words)
    shared = cargo(stranger.organization, 50)
    took(shared, HOUR, month="2026-01")
    Party.objects.create(shipment=shared, organization=shipper.organization, role="consignee")
    rows = program.get(f"{TIMES}?stage={CLEAR}&group_by={name}").json()["results"]
    assert sum(row["n"] for row in rows) == 7
    for row in rows:
        assert len(behind(program, group_by=name, group=row["group"] or "-")) == row["n"], row["group"]


def test_of_one_target_only_what_it_is_about(program: Client, strange_program: Client, shipper: Person) -> None:
    owner = {"organization": shipper.organization, "stage": CLEAR}
    plain = TargetTime.objects.create(**owner, seconds=HOUR)
    special = TargetTime.objects.create(**owner, port="KRINC", seconds=HOUR)
    one = took(cargo(shipper.organization, 1), HOUR)
    two = took(cargo(shipper.organization, 2), 2 * HOUR, port="KRINC")
    assert behind(program, target=str(plain.pk)) == [one.shipment_id]
    assert behind(program, target=str(special.pk)) == [two.shipment_id]
    assert behind(program, target=str(special.pk), only="met") == []
    assert problem(strange_program.get(f"{BEHIND}?stage={CLEAR}&target={plain.pk}")) == (404, "not_found")


def test_a_stranger_sees_none_and_a_party_no_reference(
    program: Client, strange_program: Client, staff_client: Client, shipper: Person, stranger: Person
) -> None:
    mine, shared = cargo(shipper.organization, 1), cargo(shipper.organization, 2)
    took(mine, HOUR)
    took(shared, HOUR)
    assert behind(strange_program) == []
    for only in ("open", "outliers", "slowest", "met", "at_risk"):
        assert behind(strange_program, only=only) == []
    Party.objects.create(shipment=shared, organization=stranger.organization, role="consignee")
    (row,) = asked(strange_program)["results"]
    assert (row["shipment"], row["own_reference"]) == (shared.pk, "")
    assert shipper.organization
    assert behind(strange_program, group_by="client", group=shipper.organization.slug) == []
    assert len(behind(staff_client)) == 2
    assert len(behind(program)) == 2


@pytest.mark.parametrize(
    "query", ["", "stage=lunch", f"stage={CLEAR}&only=some", f"stage={CLEAR}&group=x", f"stage={CLEAR}&benchmark=true"]
)
def test_what_is_not_right_is_named(program: Client, query: str) -> None:
    assert problem(program.get(f"{BEHIND}?{query}")) == (400, "invalid")
