"""Cargo of Alice's, told of by Korean customs: inspected, released, revoked, released again, collected in two parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.cache import cache

from cargo import booking
from cargo.models import Shipment, Source
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from tests.people import Person

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "unipass" / "sea_consol_revoked_partial.xml"
HOUSE_BILL = "KOSHA2603001"
# In the sample the newest step comes first; the inspection is the eighth.
STEPS_AFTER_INSPECTION = 7


def answer(newest_left_out: int = 0) -> bytes:
    """The sample, as UNI-PASS would have answered before its newest steps."""
    text = SAMPLE.read_text(encoding="utf-8")
    step = re.compile(r"<cargCsclPrgsInfoDtlQryVo>.*?</cargCsclPrgsInfoDtlQryVo>\s*", re.DOTALL)
    return step.sub("", text, count=newest_left_out).encode() if newest_left_out else text.encode()


def told(body: bytes) -> None:
    """Received from customs and worked off."""
    source, _ = Source.objects.get_or_create(
        slug="unipass", defaults={"name": "Korea Customs UNI-PASS", "kind": "customs"}
    )
    receive(source.pk, body)
    process_everything()


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Registered by Alice under her own reference; nothing is known of it yet."""
    cache.clear()
    assert shipper.organization
    return booking.register(shipper.organization.pk, [("house_bill", HOUSE_BILL)], own_reference="PO-8841")


@pytest.fixture
def held(shipment: Shipment) -> Shipment:
    """Selected for inspection on 16 March 2026."""
    told(answer(STEPS_AFTER_INSPECTION))
    return shipment


@pytest.fixture
def collected(shipment: Shipment) -> Shipment:
    """All of the sample."""
    told(answer())
    return shipment
