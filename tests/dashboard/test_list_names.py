"""What a row of the list is called: its number, or what CLIS calls it where it has no bill and no container."""

from __future__ import annotations

import pytest
from django.test import Client

from cargo import booking
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_a_bill(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("house_bill", "KOSHA2603001")])
    (row,) = shipper_client.get("/shipments/").context["rows"]
    assert (row.id, row.label, row.label_kind) == (shipment.pk, "KOSHA2603001", "house_bill")


def test_a_booking_alone_has_a_name_to_click_and_to_tick(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("booking", "BK12345")])
    name = f'<data class="ident-text" value="#{shipment.pk}"><span>#{shipment.pk}</span></data>'
    page = shipper_client.get("/shipments/").content.decode()
    assert f'href="/shipments/{shipment.pk}/">{name}</a>' in page
    assert f"Tick #{shipment.pk}<" in page


def test_its_own_reference_needs_no_other(shipper: Person, shipper_client: Client) -> None:
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("booking", "BK12345")], own_reference="PO-8841")
    page = shipper_client.get("/shipments/").content.decode()
    assert f'href="/shipments/{shipment.pk}/">PO-8841</a></td>' in page
    assert "Tick PO-8841<" in page and f"#{shipment.pk}<" not in page
