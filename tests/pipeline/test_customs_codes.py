"""Rows that name a customs authority and its code, from the file to the shipment's state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cargo import booking
from cargo.models import Shipment, Source
from cargo.selectors import shipments
from tests.factories import SourceFactory
from tests.people import Person
from tests.pipeline.working import take_in

pytestmark = pytest.mark.django_db
HEADER = "House bill,Declaration No,Authority,Customs code,Date,Location,Limit date\n"
BILL, MRN = "KOSHA2603001", "26GB5XZ0M1C2V3B4N5"


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    assert shipper.organization
    return booking.register(shipper.organization.pk, [("house_bill", BILL)], port_of_discharge="GBFXT")


@pytest.fixture
def broker(shipper: Person) -> Source:
    """What the shipper's broker sends as a table every evening."""
    return SourceFactory.create(slug="broker", organization=shipper.organization)


def rows(*said: str) -> bytes:
    return (HEADER + "".join(f"{BILL},{MRN},{row}\n" for row in said)).encode()


def customs_of(shipper: Person, shipment: Shipment) -> dict[str, Any]:
    found: dict[str, Any] = shipments.document(shipper.viewer, shipment.pk)[1]
    return found


def test_notifications_in_a_table(shipper: Person, broker: Source, shipment: Shipment) -> None:
    take_in(broker, rows("HMRC,DMSACC,2026-03-10 09:00,GBFXT,", "HMRC,DMSDOC,2026-03-10 12:00,GBFXT,2026-03-20"))
    document = customs_of(shipper, shipment)
    assert document["customs"]["state"] == "held"
    (hold,) = document["customs"]["holds"]
    assert (hold["kind"], hold["agency"], hold["code"]) == ("documents", "GB-HMRC", "06")
    (light,) = [light for light in document["release"]["blocking"] if light["light"] == "documents"]
    assert (light["state"], light["next_action"], light["deadline"][:10]) == (
        "blocked",
        "submit_documents",
        "2026-03-20",
    )
    (due,) = document["deadlines"]
    assert (due["kind"], due["authority"], due["due_at"]) == ("documents", "GB-HMRC", "2026-03-20T23:59:59+00:00")
    take_in(broker, rows("HMRC,08,2026-03-11 09:00,GBFXT,", "HMRC,09,2026-03-12 09:00,GBFXT,"))
    customs = customs_of(shipper, shipment)["customs"]
    assert customs["state"] == "released"
    assert [row["cleared_by"] for row in customs["holds"]] == ["release"]
    (release,) = customs["releases"]
    released = datetime.fromisoformat(str(release["released_at"]))
    assert (release["code"], released.hour, released.day) == ("08", 9, 11)


def test_a_lane_that_is_assigned_anew(shipper: Person, broker: Source, shipment: Shipment) -> None:
    take_in(broker, rows("ASYCUDA,GREEN,2026-03-10 12:00,GBFXT,"))
    take_in(broker, rows("ASYCUDA,RED,2026-03-10 10:00,GBFXT,", "ASYCUDA,REGISTERED,2026-03-10 09:00,GBFXT,"))
    customs = customs_of(shipper, shipment)["customs"]
    assert customs["state"] == "declared"
    assert [(row["code"], row["cleared_by"]) for row in customs["holds"]] == [("RED", "inspection_waived")]


def test_a_code_that_no_table_knows_changes_nothing(shipper: Person, broker: Source, shipment: Shipment) -> None:
    take_in(broker, rows("HMRC,DMSXYZ,2026-03-10 12:00,GBFXT,", "HMRC,6,2026-03-10 13:00,GBFXT,"))
    document = customs_of(shipper, shipment)
    assert document["customs"]["state"] == "none" and document["customs"]["releases"] == []
    told = {row["source_code"] for row in document["timeline"]}
    assert {"DMSXYZ", "6"} <= told
