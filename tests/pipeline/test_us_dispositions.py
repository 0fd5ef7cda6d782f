"""From X12 350 to the state: CBP's codes by bill, for whoever tracks a house bill and for whoever tracks the master."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import msgspec
import pytest
from django.apps import apps
from django.db import connection

from cargo.models import ProjectionDue, Shipment, ShipmentDocument, Source
from cargo.models.linking import mark_due
from cargo.pipeline import project
from cargo.selectors import documents
from tests.factories import SourceFactory, a_registered_shipment
from tests.formats.x12_messages import interchange
from tests.pipeline.working import news_of, state_of, status_of, take_in, work_off

MASTER, ONE, TWO = "CLSLPUSR7", "KOSHHSE1", "KOSHHSE2"
M10, P4 = "M10*CLSL*O*KR*9863297*CLS HARMONY*014E*004711**Z*L", "P4*2704*20260315*3*Y258*0600"


@pytest.fixture
def cbp(db: None) -> Source:
    return SourceFactory.create(slug="ams", kind=Source.Kind.CUSTOMS, rank=10)


@pytest.fixture
def shipments(db: None) -> dict[str, Shipment]:
    found = {
        MASTER: a_registered_shipment(None, ("master_bill", MASTER)),
        ONE: a_registered_shipment(None, ("house_bill", ONE)),
        TWO: a_registered_shipment(None, ("house_bill", TWO)),
    }
    work_off()
    return found


def posted(code: str, time: str, house: str = "", day: int = 16) -> bytes:
    """One code posted to a house bill or, without one, to the master."""
    at = f"202603{day}*{time}*{code}"
    bill = f"X4*{house}*10***{at}*PUSR7*KOSH*CLSL" if house else f"X4*PUSR7****{at}**CLSL"
    return interchange(("350", [M10, P4, bill]), functional="SO")


def read(shipment: Shipment) -> bytes:
    """The shipment's document."""
    found = documents.build(shipment.pk)
    assert found is not None
    return found[1]


def states(shipments: dict[str, Shipment]) -> list[str]:
    """Of the master and of both houses."""
    return [status_of(shipment).customs_state for shipment in shipments.values()]


def test_house_and_master(cbp: Source, shipments: dict[str, Shipment]) -> None:
    take_in(cbp, posted("1H", "1000", "HSE2"), posted("1C", "1015", "HSE1"))
    assert states(shipments) == ["held", "released", "held"]
    take_in(cbp, posted("1C", "1020", "HSE2"))
    assert states(shipments) == ["held", "released", "held"]
    assert news_of(shipments[TWO]) == [("customs.held", False)]
    take_in(cbp, posted("1I", "1100", "HSE2"), posted("1Z", "1101"))
    assert states(shipments) == ["released", "released", "released"]
    take_in(cbp, posted("4Z", "1200"))
    # What is said of the master reaches the houses no more than a release of it would.
    assert states(shipments) == ["revoked", "released", "released"]
    assert project.differences([shipment.pk for shipment in shipments.values()]) == []


def test_the_order_of_arrival_does_not_matter(cbp: Source, shipments: dict[str, Shipment]) -> None:
    told = [posted("1H", "1000", "HSE1"), posted("1C", "1015", "HSE1"), posted("4A", "1030", "HSE1"),
            posted("1I", "1045", "HSE1"), posted("1B", "1100", "HSE1")]  # fmt: skip
    take_in(cbp, *reversed(told))
    assert states(shipments) == ["released", "released", "none"]
    stored = state_of(shipments[ONE])
    take_in(cbp, *told)
    assert state_of(shipments[ONE]) == stored


def test_the_document_names_code_bill_level_and_source(cbp: Source, shipments: dict[str, Shipment]) -> None:
    take_in(cbp, posted("72", "1000", "HSE1"), posted("73", "1000", "HSE1"), posted("1C", "1015", "HSE1"))
    customs = msgspec.json.decode(read(shipments[ONE]))["customs"]
    assert customs["state"] == "held"
    assert [(hold["agency"], hold["code"], hold["level"], hold["source"]) for hold in customs["holds"]] == [
        ("US-USDA", "72", "house", "ams"),
        ("US-USDA", "73", "house", "ams"),
    ]
    assert [(release["code"], release["level"], release["revoked_at"]) for release in customs["releases"]] == [
        ("1C", "house", None)
    ]
    assert customs["rollup"] == {"by": "declaration", "released": 0, "of": 1, "unit": None}


def test_the_migration_owes_every_shipment_a_silent_look_and_leaves_what_is_owed(
    cbp: Source, shipments: dict[str, Shipment]
) -> None:
    take_in(cbp, posted("1C", "1015", "HSE1"))
    ShipmentDocument.objects.create(shipment=shipments[ONE], version=1, body=b"{}")
    mark_due([shipments[TWO].pk], "versions")
    before = {kind: news_of(shipment) for kind, shipment in shipments.items()}
    migration = import_module("cargo.migrations.0008_clearance")
    migration.owe_a_new_look(apps, SimpleNamespace(connection=connection))
    owed = ProjectionDue.objects.order_by("pk").values_list("shipment_id", "reason", "silent")
    assert list(owed) == [
        (shipments[MASTER].pk, "clearance", True),
        (shipments[ONE].pk, "clearance", True),
        (shipments[TWO].pk, "versions", False),
    ]
    assert not ShipmentDocument.objects.exists()
    work_off()
    assert not ProjectionDue.objects.exists()
    assert {kind: news_of(shipment) for kind, shipment in shipments.items()} == before
