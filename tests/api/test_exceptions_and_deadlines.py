"""Lists of what is wrong and of what is due, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from cargo.api.deadlines import DeadlineRowSerializer
from cargo.api.exceptions import RESPONSIBLE, ExceptionSerializer
from cargo.models import Shipment, ShipmentDeadline, ShipmentException
from clis.accounts.models import ApiKey
from tests.factories import a_registered_shipment
from tests.people import Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
EXCEPTIONS, DEADLINES = "/api/v1/exceptions/", "/api/v1/deadlines/"


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603001"))


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(shipper.organization, "shipments:read"))


@pytest.fixture
def strange_program(stranger: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    return api_client(key_for(stranger.organization, "shipments:read"))


def wrong(shipment: Shipment, kind: str, **words: Any) -> ShipmentException:
    plain = {"responsible": "carrier", "next_action": "wait_for_arrival", "opened_at": NOW, "since": NOW}
    return ShipmentException.objects.create(shipment=shipment, kind=kind, **(plain | words))


def due(shipment: Shipment, kind: str, day: date, **words: Any) -> ShipmentDeadline:
    at = datetime(day.year, day.month, day.day, 14, 59, 59, tzinfo=UTC)
    plain = {"due_at": at, "due_on": day, "time_zone": "Asia/Seoul", "responsible": "importer"}
    return ShipmentDeadline.objects.create(shipment=shipment, kind=kind, next_action="collect", **(plain | words))


def kinds(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return [row["kind"] for row in answer.json()["results"]]


def test_an_exception_says_who_must_do_what_by_when(program: Client, shipment: Shipment) -> None:
    told = {"before_at": 1774000000, "place": "KRPUS"}
    row = wrong(shipment, "late", reason="later_than_first_told", told=told, due_at=NOW + timedelta(days=1))
    assert program.get(EXCEPTIONS).json()["results"] == [
        {
            "id": row.pk,
            "shipment": shipment.pk,
            "kind": "late",
            "subject": "",
            "since": "2026-03-20T03:00:00Z",
            "opened_at": "2026-03-20T03:00:00Z",
            "closed_at": None,
            "responsible": "carrier",
            "next_action": "wait_for_arrival",
            "due_at": "2026-03-21T03:00:00Z",
            "reason": "later_than_first_told",
            "told": {"before_at": "2026-03-20T09:46:40Z", "place": "KRPUS"},
        }
    ]


def test_the_exceptions_filters(program: Client, shipment: Shipment, shipper: Person) -> None:
    wrong(shipment, "late", opened_at=NOW)
    wrong(shipment, "held", responsible="broker", opened_at=NOW + timedelta(hours=1), closed_at=NOW)
    other = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603002"))
    wrong(other, "rolled", responsible="forwarder", opened_at=NOW + timedelta(hours=2))
    assert kinds(program, EXCEPTIONS) == ["rolled", "held", "late"]
    assert kinds(program, f"{EXCEPTIONS}?open=true") == ["rolled", "late"]
    assert kinds(program, f"{EXCEPTIONS}?open=false") == ["held"]
    assert kinds(program, f"{EXCEPTIONS}?kind=late,held") == ["held", "late"]
    assert kinds(program, f"{EXCEPTIONS}?responsible=forwarder") == ["rolled"]
    assert kinds(program, f"{EXCEPTIONS}?shipment={shipment.pk}") == ["held", "late"]
    for parameter in ("kind=broken", "responsible=nobody", "open=maybe", "shipment=0", "cursor=x", "colour=red"):
        assert program.get(f"{EXCEPTIONS}?{parameter}").status_code == 400, parameter


@pytest.mark.parametrize("address", [EXCEPTIONS, DEADLINES])
def test_pages_follow_each_other_without_a_gap(program: Client, shipment: Shipment, address: str) -> None:
    made = []
    for number in range(5):
        # Two at one instant, so that the id decides.
        day = date(2026, 3, 20 + number // 2)
        if address == EXCEPTIONS:
            made.append(wrong(shipment, "held", subject=str(number), opened_at=NOW + timedelta(days=number // 2)).pk)
        else:
            made.append(due(shipment, "removal", day, number=number).pk)
    seen: list[int] = []
    following: str | None = f"{address}?limit=2"
    while following:
        body = program.get(following).json()
        seen += [row["id"] for row in body["results"]]
        following = body["next"]
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen)) == 5
    assert seen == (made if address == DEADLINES else sorted(made, key=lambda pk: (-(made.index(pk) // 2), -pk)))


def test_a_deadline_says_what_it_costs_and_who_says_otherwise(program: Client, shipment: Shipment) -> None:
    money = {"kind": "fine", "currency": "KRW", "maximum": "1000000"}
    others = [{"source": "hmm", "due_at": "2026-03-27T23:59:59+09:00"}]
    row = due(
        shipment, "removal", date(2026, 3, 26), rule="kr_removal", basis="removal_15_days", authority="KR-KCS",
        money=money, others=others,
    )  # fmt: skip
    (body,) = program.get(DEADLINES).json()["results"]
    assert body.pop("updated_at")
    assert body == {
        "id": row.pk,
        "shipment": shipment.pk,
        "kind": "removal",
        "container": None,
        "due_at": "2026-03-26T23:59:59+09:00",
        "due_on": "2026-03-26",
        "met_at": None,
        "open": True,
        "responsible": "importer",
        "next_action": "collect",
        "rule": "kr_removal",
        "basis": "removal_15_days",
        "authority": "KR-KCS",
        "source": "",
        "stated_by": None,
        "others": others,
        "money": money,
    }


def test_the_deadlines_filters(program: Client, shipment: Shipment, shipper: Person) -> None:
    due(shipment, "removal", date(2026, 3, 26))
    due(shipment, "storage_limit", date(2026, 3, 20), met_at=NOW)
    other = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603002"))
    due(other, "loading", date(2026, 3, 23))
    assert kinds(program, DEADLINES) == ["storage_limit", "loading", "removal"]
    assert kinds(program, f"{DEADLINES}?met=false") == ["loading", "removal"]
    assert kinds(program, f"{DEADLINES}?met=true") == ["storage_limit"]
    assert kinds(program, f"{DEADLINES}?kind=removal") == ["removal"]
    assert kinds(program, f"{DEADLINES}?due_before=2026-03-23T14:59:59Z") == ["storage_limit"]
    assert kinds(program, f"{DEADLINES}?due_after=2026-03-23T14:59:59Z") == ["loading", "removal"]
    assert kinds(program, f"{DEADLINES}?shipment={other.pk}") == ["loading"]
    for parameter in ("met=maybe", "due_before=soon", "shipment=x", "cursor=x", "colour=red"):
        assert program.get(f"{DEADLINES}?{parameter}").status_code == 400, parameter


@pytest.mark.parametrize("address", [EXCEPTIONS, DEADLINES])
def test_a_stranger_sees_none_of_it(
    strange_program: Client, program: Client, client: Client, shipment: Shipment, address: str
) -> None:
    wrong(shipment, "late")
    due(shipment, "removal", date(2026, 3, 26))
    assert len(kinds(program, address)) == 1
    assert kinds(strange_program, address) == []
    assert kinds(strange_program, f"{address}?shipment={shipment.pk}") == []
    assert client.get(address).status_code == 401


def test_answers_have_the_described_keys(program: Client, shipment: Shipment) -> None:
    wrong(shipment, "late")
    due(shipment, "removal", date(2026, 3, 26))
    shapes = ((EXCEPTIONS, ExceptionSerializer), (DEADLINES, DeadlineRowSerializer))
    for address, shape in shapes:
        (row,) = program.get(address).json()["results"]
        assert row.keys() == shape().fields.keys()
    assert "operator" in RESPONSIBLE
