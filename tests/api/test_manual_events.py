"""Events that programs report: the same rules as on the page, and every refusal names its field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.test import Client

from cargo import booking, tasks
from cargo.models import Event, InboundMessage, Shipment, Source
from clis.accounts.models import ApiKey, Membership
from tests.api.conftest import problem
from tests.people import Person, a_person
from tests.pipeline.working import work_off

pytestmark = pytest.mark.django_db
BOX = "HDMU6546583"
SAID: dict[str, Any] = {
    "milestone": "gate_out",
    "occurred_at": "2026-03-19T14:20",
    "place": "KRPUS",
    "containers": [BOX],
    "remark": "on our own truck",
}
Program = Callable[..., Client]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The moment at which the reports are made; nobody is woken."""
    with time_machine.travel("2026-03-20T03:00:00Z", tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def cargo(shipper: Person, forwarder: Person) -> Shipment:
    """Alice's box, of which Bob is the forwarder."""
    assert shipper.organization and forwarder.organization
    shipment = booking.register(shipper.organization.pk, [("container", BOX), ("house_bill", "KOSHA2603001")])
    booking.add_party(shipment, forwarder.organization.pk, "forwarder")
    return shipment


@pytest.fixture
def program(key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Program:
    """``program(person, "shipments:write")``."""
    return lambda person, *scopes: api_client(key_for(person.organization, *scopes))


def post(client: Client, shipment: Shipment, **changes: Any) -> Any:
    body = {name: value for name, value in {**SAID, **changes}.items() if value is not None}
    return client.post(f"/api/v1/shipments/{shipment.pk}/events/", body, content_type="application/json")


def test_a_forwarders_program_reports(cargo: Shipment, forwarder: Person, program: Program) -> None:
    client = program(forwarder, "shipments:write", "shipments:read")
    answer = post(client, cargo)
    assert answer.status_code == 202
    message = InboundMessage.objects.get()
    (said,) = answer.json()["events"]
    assert answer.json() == {"message": message.pk, "state": "received", "events": [{"id": said["id"], "version": 1}]}
    work_off()
    (event,) = client.get(f"/api/v1/shipments/{cargo.pk}/events/").json()["results"]
    assert (event["milestone"], event["occurred_at"]) == ("gate_out", "2026-03-19T14:20:00+09:00")
    assert (event["source"], event["format"], event["source_event_id"]) == ("bob-forwarding-data", "manual", said["id"])
    assert Source.objects.get(slug="bob-forwarding-data").organization == forwarder.organization


def test_the_same_id_corrects_and_takes_back(cargo: Shipment, forwarder: Person, program: Program) -> None:
    client = program(forwarder, "shipments:write", "shipments:read")
    post(client, cargo, id="truck-7")
    work_off()
    assert post(client, cargo, id="truck-7", occurred_at="2026-03-19T15:45+09:00").json()["events"] == [
        {"id": "truck-7", "version": 2}
    ]
    work_off()
    versions = Event.objects.order_by("version").values_list("version", "occurred_at__minute")
    assert list(versions) == [("000001", 20), ("000002", 45)]
    taken = {"id": "truck-7", "taken_back": True, **dict.fromkeys(SAID)}
    assert post(client, cargo, **taken).json()["events"] == [{"id": "truck-7", "version": 3}]
    work_off()
    assert client.get(f"/api/v1/shipments/{cargo.pk}/").json()["milestones"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"milestone": None}, "milestone"),
        ({"milestone": "unknown"}, "milestone"),
        ({"classifier": "perhaps"}, "classifier"),
        ({"occurred_at": None}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2026-02-30T10:00"}, "occurred_at"),
        ({"occurred_at": "2026-03-21T10:00"}, "occurred_at"),
        ({"occurred_at": "2026-03-19T14:20", "place": None}, "occurred_at"),
        ({"place": "XXXXX"}, "place"),
        ({"containers": ["TGHU1234567"]}, "containers"),
        ({"containers": "HDMU6546583"}, "containers"),
        ({"remark": "x" * 281}, "remark"),
        ({"speed": 9}, "speed"),
        ({"taken_back": True}, "id"),
        ({"taken_back": True, "id": "never-said"}, "id"),
    ],
)
def test_what_cannot_be_is_a_400_that_names_the_field_and_keeps_nothing(
    cargo: Shipment, forwarder: Person, program: Program, changes: dict[str, Any], field: str
) -> None:
    answer = post(program(forwarder, "shipments:write"), cargo, **changes)
    assert problem(answer) == (400, "invalid")
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert not InboundMessage.objects.exists()


def test_a_zone_may_be_named_where_no_place_is(cargo: Shipment, forwarder: Person, program: Program) -> None:
    client = program(forwarder, "shipments:write")
    assert post(client, cargo, place=None, time_zone="Europe/Berlin").status_code == 202
    assert problem(post(client, cargo, place=None, time_zone="Mars/Base")) == (400, "invalid")
    work_off()
    assert Event.objects.get().occurred_at.isoformat() == "2026-03-19T13:20:00+00:00"


def test_who_may_not(cargo: Shipment, shipper: Person, forwarder: Person, stranger: Person, program: Program) -> None:
    assert problem(post(program(stranger, "shipments:write"), cargo)) == (404, "not_found")
    assert problem(post(program(forwarder, "shipments:read"), cargo)) == (403, "not_allowed")
    assert problem(post(Client(), cargo)) == (401, "not_authenticated")
    assert stranger.organization
    booking.add_party(cargo, stranger.organization.pk, "consignee")
    assert problem(post(program(stranger, "shipments:write"), cargo)) == (403, "not_allowed")
    viewer = a_person("Vera", shipper.organization, Membership.Role.VIEWER)  # type: ignore[arg-type]
    assert problem(post(viewer.client(), cargo)) == (403, "not_allowed")
    assert not InboundMessage.objects.exists() and not Source.objects.exists()


def test_a_private_key_of_one_organization_never_corrects_anothers_report(
    cargo: Shipment, shipper: Person, forwarder: Person, program: Program
) -> None:
    post(program(forwarder, "shipments:write"), cargo, id="truck-7")
    work_off()
    answer = post(
        program(shipper, "shipments:write"), cargo, id="truck-7", **{**dict.fromkeys(SAID), "taken_back": True}
    )
    assert problem(answer) == (400, "invalid")
    assert post(program(shipper, "shipments:write"), cargo, id="truck-7").json()["events"][0]["version"] == 1
    work_off()
    assert Event.objects.values("lineage").distinct().count() == 2
