"""A carrier that pushes, and the address it pushes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo import booking
from cargo.models import Shipment, Source, SourceKey
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from clis.accounts.models import ApiKey, Organization
from tests.people import Person

MESSAGES = "/api/v1/messages/"


@pytest.fixture
def source(db: None) -> Source:
    """A carrier under the operator's contract."""
    return Source.objects.create(slug="hmm", name="HMM")


@pytest.fixture
def operator(db: None) -> Organization:
    """Who runs the system and has the contract with the carrier."""
    return Organization.objects.create(name="Operator", slug="operator", kind="operator")


@pytest.fixture
def push_key(source: Source, operator: Organization, key_for: Callable[..., ApiKey]) -> ApiKey:
    """The key that belongs to the carrier's source."""
    key = key_for(operator, "messages:write")
    SourceKey.objects.create(key=key, source=source)
    return key


HOUSE_BILL = "KOSHA2603001"
SAMPLE = Path(__file__).parent.parent / "samples" / "unipass" / "sea_consol_revoked_partial.xml"


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a problem; its form is checked on the way."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors"}
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


@pytest.fixture
def told(shipper: Person) -> Shipment:
    """Alice's shipment, of which customs has told: a release, its revocation, partial removals."""
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)], own_reference="PO-77")
    customs = Source.objects.create(slug="unipass", name="UNI-PASS", kind="customs", format="")
    receive(customs.pk, SAMPLE.read_bytes())
    process_everything()
    return shipment


@pytest.fixture
def reader(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    """Alice's program, which may read. Its key was used a moment ago, so no use is noted."""
    key = key_for(shipper.organization, "shipments:read", last_used_at=timezone.now())
    return api_client(key)
