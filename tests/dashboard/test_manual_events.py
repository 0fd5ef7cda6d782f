"""Reports of people on a shipment's page: who may make them, what is refused, correcting and taking back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cargo import booking, tasks
from cargo.models import Event, InboundMessage, Shipment, ShipmentEvent, Source
from clis.accounts.models import Membership
from tests.dashboard.test_pages import text_of
from tests.people import Person, a_person
from tests.pipeline.working import work_off

pytestmark = pytest.mark.django_db
NOW = "2026-03-20T03:00:00Z"
BOX = "HDMU6546583"
SAID = {
    "milestone": "gate_out",
    "classifier": "actual",
    "day": "2026-03-19",
    "clock": "14:20",
    "other_place": "krpus",
    "facility": "HJNC",
    "container": BOX,
    "remark": "on our own truck",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The moment at which the reports are made; nobody is woken."""
    with time_machine.travel(NOW, tick=False), mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def cargo(shipper: Person, forwarder: Person) -> Shipment:
    """Alice's box, of which Bob is the forwarder."""
    assert shipper.organization and forwarder.organization
    numbers = [("container", BOX), ("house_bill", "KOSHA2603001")]
    shipment = booking.register(shipper.organization.pk, numbers, port_of_discharge="KRPUS")
    booking.add_party(shipment, forwarder.organization.pk, "forwarder")
    work_off()
    return shipment


def report(client: Client, shipment: Shipment, **changes: Any) -> Any:
    return client.post(f"/shipments/{shipment.pk}/events/new/", {**SAID, **changes})


def links(client: Client, shipment: Shipment, what: str) -> list[str]:
    page = client.get(f"/shipments/{shipment.pk}/").content.decode()
    return re.findall(rf'href="(/shipments/\d+/events/[0-9a-f-]+/{what}/)"', page)


def standing(shipment: Shipment, client: Client) -> str:
    work_off()
    return text_of(client.get(f"/shipments/{shipment.pk}/"))


def test_a_forwarder_reports_and_every_party_sees_it(
    cargo: Shipment, forwarder: Person, forwarder_client: Client, shipper_client: Client
) -> None:
    page = forwarder_client.get(f"/shipments/{cargo.pk}/").content.decode()
    assert f'href="/shipments/{cargo.pk}/events/new/"' in page
    form = text_of(forwarder_client.get(f"/shipments/{cargo.pk}/events/new/"))
    assert "Busan (KRPUS), Korean time" in form
    answer = report(forwarder_client, cargo)
    assert (answer.status_code, answer["Location"]) == (302, f"/shipments/{cargo.pk}/")
    work_off()
    event = Event.objects.get()
    assert (event.milestone, event.occurred_at.isoformat()) == ("gate_out", "2026-03-19T05:20:00+00:00")
    assert event.source.organization == forwarder.organization
    assert ShipmentEvent.objects.filter(event=event).values_list("shipment", "weak").get() == (cargo.pk, False)
    for client in (forwarder_client, shipper_client):
        page = text_of(client.get(f"/shipments/{cargo.pk}/"))
        assert "Gated out Busan, HJNC" in page
        assert "Bob Forwarding · gate_out on our own truck" in page
    said = text_of(shipper_client.get(f"/shipments/{cargo.pk}/events/{event.pk}/source/"))
    assert '"said_by":{"organization":"Bob Forwarding","person":"Bob"}' in said


def test_it_concerns_this_shipment_and_no_other_with_the_same_numbers(
    cargo: Shipment, shipper: Person, stranger: Person, forwarder_client: Client
) -> None:
    numbers = [("container", BOX), ("house_bill", "KOSHA2603001")]
    others = [
        booking.register(person.organization.pk, numbers) for person in (shipper, stranger) if person.organization
    ]
    for other in others:
        booking.add_party(other, cargo.parties.get(role="forwarder").organization_id, "forwarder")
    report(forwarder_client, cargo)
    work_off()
    assert set(ShipmentEvent.objects.values_list("shipment", flat=True)) == {cargo.pk}
    # Nor does it when everything is looked up again.
    booking.add_references(cargo, [("booking", "HDMUBK1")])
    booking.add_references(others[0], [("booking", "HDMUBK1")])
    work_off()
    assert set(ShipmentEvent.objects.values_list("shipment", flat=True)) == {cargo.pk}


def test_the_shipments_own_number_is_nowhere_shown_among_its_numbers(cargo: Shipment, forwarder_client: Client) -> None:
    report(forwarder_client, cargo)
    work_off()
    assert cargo.references.filter(kind="shipment_id", value=str(cargo.pk)).exists()
    body = forwarder_client.get(f"/api/v1/shipments/{cargo.pk}/").json()
    assert {row["type"] for row in body["references"]} == {"container", "house_bill"}


def test_several_containers_are_several_events(cargo: Shipment, forwarder_client: Client) -> None:
    booking.add_references(cargo, [("container", "MSKU9070323")])
    report(forwarder_client, cargo, container=[BOX, "MSKU9070323"])
    work_off()
    assert Event.objects.count() == 2
    assert InboundMessage.objects.count() == 1


def test_one_corrects_ones_own_report(cargo: Shipment, forwarder_client: Client) -> None:
    report(forwarder_client, cargo)
    work_off()
    (link,) = links(forwarder_client, cargo, "correct")
    form = forwarder_client.get(link).content.decode()
    assert 'value="14:20"' in form and 'value="2026-03-19"' in form and 'value="on our own truck"' in form
    forwarder_client.post(link, {**SAID, "clock": "15:45"})
    page = standing(cargo, forwarder_client)
    assert "15:45 Korean time" in page and "1 replaced report" in page
    versions = Event.objects.order_by("version").values_list("version", "occurred_at__minute", "lineage")
    assert [row[:2] for row in versions] == [("000001", 20), ("000002", 45)]
    assert len({row[2] for row in versions}) == 1
    (again,) = links(forwarder_client, cargo, "correct")
    assert again != link
    assert forwarder_client.get(link).status_code == 404


def test_one_takes_ones_own_report_back(cargo: Shipment, forwarder_client: Client) -> None:
    report(forwarder_client, cargo)
    assert "Collected" in standing(cargo, forwarder_client)
    (link,) = links(forwarder_client, cargo, "take-back")
    asked = text_of(forwarder_client.get(link))
    assert "Take back the report" in asked and Event.objects.count() == 1
    forwarder_client.post(link)
    page = standing(cargo, forwarder_client)
    assert "Collected" not in page and "1 replaced report" in page
    assert Event.objects.filter(retraction=True).count() == 1
    assert links(forwarder_client, cargo, "take-back") == []


def test_anothers_report_is_not_ones_own(cargo: Shipment, forwarder_client: Client, shipper_client: Client) -> None:
    report(forwarder_client, cargo)
    work_off()
    event = Event.objects.get()
    assert links(shipper_client, cargo, "correct") == []
    for what in ("correct", "take-back"):
        assert shipper_client.post(f"/shipments/{cargo.pk}/events/{event.pk}/{what}/", SAID).status_code == 404
    assert InboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("forwarder", True), ("broker", True), ("carrier", True), ("warehouse", True),
     ("consignee", False), ("shipper", False), ("notify", False)],
)  # fmt: skip
def test_parties_that_handle_the_cargo_may_report_and_others_may_not(
    cargo: Shipment, stranger: Person, stranger_client: Client, role: str, allowed: bool
) -> None:
    assert stranger.organization
    booking.add_party(cargo, stranger.organization.pk, role)
    assert ("Add an event" in text_of(stranger_client.get(f"/shipments/{cargo.pk}/"))) is allowed
    assert report(stranger_client, cargo).status_code == (302 if allowed else 403)
    assert InboundMessage.objects.exists() is allowed


def test_whoever_registered_it_may_report(cargo: Shipment, shipper_client: Client) -> None:
    assert report(shipper_client, cargo).status_code == 302


def test_a_stranger_finds_nothing_and_a_viewer_may_not(
    cargo: Shipment, stranger_client: Client, shipper: Person
) -> None:
    viewer = a_person("Vera", shipper.organization, Membership.Role.VIEWER).client()  # type: ignore[arg-type]
    address = f"/shipments/{cargo.pk}/events/new/"
    assert [stranger_client.get(address).status_code, report(stranger_client, cargo).status_code] == [404, 404]
    assert [viewer.get(address).status_code, report(viewer, cargo).status_code] == [403, 403]
    assert "Add an event" not in text_of(viewer.get(f"/shipments/{cargo.pk}/"))
    assert not InboundMessage.objects.exists() and not Source.objects.exists()


def test_staff_report_for_the_operator(cargo: Shipment, staff_client: Client, shipper_client: Client) -> None:
    assert report(staff_client, cargo).status_code == 302
    page = standing(cargo, shipper_client)
    assert "Operator · gate_out on our own truck" in page
    source = Source.objects.get()
    assert (source.slug, source.organization, source.kind) == ("operator-data", None, "manual")
    assert len(links(staff_client, cargo, "correct")) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"milestone": ""}, "Choose what happened."),
        ({"milestone": "unknown"}, "Choose what happened."),
        ({"classifier": "perhaps"}, "Choose whether it happened, is estimated or is planned."),
        ({"day": ""}, "Give the date and the time."),
        ({"clock": "25:00"}, "Give the date and the time."),
        ({"day": "2026-03-21"}, "That lies in the future. If it is expected, choose estimated or planned."),
        ({"day": "2028-12-31", "classifier": "estimated"}, "That is more than two years ahead."),
        ({"day": "2019-01-01"}, "That is more than five years ago."),
        ({"day": "0001-01-01"}, "That is more than five years ago."),
        ({"day": "9999-12-31", "classifier": "planned"}, "That is more than two years ahead."),
        ({"other_place": "XXXXX"}, "No such place. Give a UN/LOCODE such as KRPUS"),
        ({"container": "TGHU1234567"}, "A container that is not one of this shipment's."),
        ({"remark": "x" * 281}, "Ensure this value has at most 280 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_kept(
    cargo: Shipment, forwarder_client: Client, changes: dict[str, str], words: str
) -> None:
    answer = report(forwarder_client, cargo, **changes)
    assert answer.status_code == 422
    answer.status_code = 200
    page = text_of(answer)
    assert "Not sent" in page and words in page
    assert not InboundMessage.objects.exists()


def test_what_is_expected_may_lie_ahead(cargo: Shipment, forwarder_client: Client) -> None:
    ahead = (timezone.now() + timedelta(days=9)).date().isoformat()
    assert report(forwarder_client, cargo, day=ahead, classifier="estimated", container="").status_code == 302
    work_off()
    event = Event.objects.get()
    assert (event.classifier, event.level) == ("estimated", "house")


def test_a_time_is_that_of_the_place(cargo: Shipment, forwarder_client: Client) -> None:
    report(forwarder_client, cargo, milestone="departed", other_place="NLRTM", container="", day="2026-03-01")
    work_off()
    assert Event.objects.get().occurred_at.isoformat() == "2026-03-01T13:20:00+00:00"
