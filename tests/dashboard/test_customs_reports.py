"""Reports in customs' own words: who may make them, what they do to the shipment, and what is refused."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.test import Client

from cargo import booking, tasks
from cargo.models import Event, InboundMessage, Shipment
from cargo.selectors import reports, shipments
from clis.accounts.models import Organization
from tests.dashboard.test_pages import text_of
from tests.people import Person, a_person
from tests.pipeline.working import work_off

pytestmark = pytest.mark.django_db
NOW = "2026-03-20T03:00:00Z"
BOX, MRN = "HDMU6546583", "26GB5XZ0M1C2V3B4N5"
NOTICE = {
    "milestone": "",
    "classifier": "actual",
    "day": "2026-03-12",
    "clock": "11:00",
    "other_place": "GBFXT",
    "authority": "GB-HMRC",
    "code": "DMSDOC",
    "declaration": MRN,
    "limit": "2026-03-24",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The moment at which the reports are made; nobody is woken."""
    with time_machine.travel(NOW, tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def broker() -> Person:
    return a_person("Bea", "Bea Brokers")


@pytest.fixture
def cargo(shipper: Person, broker: Person, forwarder: Person) -> Shipment:
    """Alice's box; Bea declares it, Bob forwards it."""
    assert shipper.organization and broker.organization and forwarder.organization
    shipment = booking.register(shipper.organization.pk, [("container", BOX)], port_of_discharge="GBFXT")
    booking.add_party(shipment, broker.organization.pk, "broker")
    booking.add_party(shipment, forwarder.organization.pk, "forwarder")
    work_off()
    return shipment


def report(client: Client, shipment: Shipment, **changes: Any) -> Any:
    return client.post(f"/shipments/{shipment.pk}/events/new/", {**NOTICE, **changes})


def customs_of(person: Person, shipment: Shipment) -> dict[str, Any]:
    work_off()
    document = shipments.document(person.viewer, shipment.pk)[1]
    customs: dict[str, Any] = document["customs"]
    return customs


def test_a_broker_reports_what_hmrc_asked_and_gave(cargo: Shipment, broker: Person, shipper: Person) -> None:
    client = broker.client()
    assert report(client, cargo).status_code == 302
    held = customs_of(shipper, cargo)
    assert held["state"] == "held"
    assert [(row["kind"], row["agency"], row["cleared_at"]) for row in held["holds"]] == [
        ("documents", "GB-HMRC", None)
    ]
    event = Event.objects.get()
    assert "2026-03-24" in json.dumps(event.content if isinstance(event.content, dict) else str(event.content))
    assert report(client, cargo, code="08", limit="", clock="16:00").status_code == 302
    released = customs_of(shipper, cargo)
    assert released["state"] == "released"
    assert [row["cleared_by"] for row in released["holds"]] == ["release"]


def test_a_code_that_is_not_known_stays_in_its_own_words(cargo: Shipment, broker: Person, shipper: Person) -> None:
    assert report(broker.client(), cargo, code="DMSXYZ", remark="ask them", limit="").status_code == 302
    assert customs_of(shipper, cargo)["state"] == "none"
    page = text_of(shipper.client().get(f"/shipments/{cargo.pk}/"))
    assert "DMSXYZ" in page and "ask them" in page


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"authority": ""}, "Choose whose code it is."),
        ({"authority": "GB-NOBODY"}, "No such customs authority is known here."),
        ({"code": ""}, "Choose what happened."),
        ({"code": "0" * 65}, "64"),
        ({"limit": "2036-03-24"}, "That is no day that customs would set."),
        ({"limit": "soon"}, "valid date"),
    ],
)
def test_what_is_refused(cargo: Shipment, broker: Person, changes: dict[str, str], named: str) -> None:
    answer = report(broker.client(), cargo, **changes)
    assert answer.status_code == 422 and named in html.unescape(answer.content.decode())
    assert not InboundMessage.objects.exists()


def test_only_the_broker_and_the_operator_speak_for_customs(
    cargo: Shipment, broker: Person, forwarder: Person, shipper: Person, staff: Person
) -> None:
    path = f"/shipments/{cargo.pk}/events/new/"
    for person, offered in ((broker, True), (staff, True), (forwarder, False), (shipper, False)):
        page = person.client().get(path).content.decode()
        assert ('name="authority"' in page) is offered, person
    answer = report(forwarder.client(), cargo)
    assert answer.status_code == 422
    assert "What customs said is reported by the broker or by the operator." in answer.content.decode()
    assert not InboundMessage.objects.exists()


def test_a_broker_that_registered_the_cargo_itself(broker: Person) -> None:
    assert broker.organization
    shipment = booking.register(broker.organization.pk, [("container", BOX)])
    assert not reports.right(broker.viewer, shipment.pk).customs
    broker.organization.kind = Organization.Kind.BROKER
    broker.organization.save()
    assert reports.right(broker.viewer, shipment.pk).customs


def test_a_report_is_corrected_with_its_code(cargo: Shipment, broker: Person, shipper: Person) -> None:
    client = broker.client()
    report(client, cargo)
    assert customs_of(shipper, cargo)["state"] == "held"
    path = f"/shipments/{cargo.pk}/events/{Event.objects.get().pk}/correct/"
    page = client.get(path).content.decode()
    for value in ('value="06"', f'value="{MRN}"', 'value="2026-03-24"', '<option value="GB-HMRC" selected>'):
        assert value in page, value
    answer = client.post(path, {**NOTICE, "milestone": "documents_requested", "code": "DMSROG", "limit": ""})
    assert answer.status_code == 302
    assert customs_of(shipper, cargo)["state"] == "released"


def test_the_fields_are_there_in_korean(cargo: Shipment, broker: Person) -> None:
    type(broker.user).objects.filter(pk=broker.user.pk).update(language="ko")
    text = text_of(broker.client().get(f"/shipments/{cargo.pk}/events/new/"))
    assert "영국 국세관세청 (GB-HMRC)" in text
    assert "세관 코드" in text


def test_a_program_of_the_broker_reports_the_same(cargo: Shipment, broker: Person, forwarder: Person) -> None:
    said = {"authority": "HMRC", "code": "05", "occurred_at": "2026-03-12T11:00:00Z", "declaration": MRN}
    path = f"/api/v1/shipments/{cargo.pk}/events/"
    refused = forwarder.client().post(path, json.dumps(said), content_type="application/json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["authority"]
    taken = broker.client().post(path, json.dumps(said), content_type="application/json")
    assert taken.status_code == 202, taken.content
    assert customs_of(broker, cargo)["state"] == "held"
