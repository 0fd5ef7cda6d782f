"""Stage times are rewritten as states change, a batch at a time, and nobody is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cargo import booking, tasks
from cargo.models import FeedHead, InspectionDue, Shipment, Source, StageTime, TrackingUpdate, findings, stage_times
from cargo.pipeline import inspection
from cargo.pipeline.receive import receive
from cargo.tasks import process_everything
from tests.messages import dcsa, equipment
from tests.people import Person

SAMPLE = Path(__file__).parent.parent / "samples" / "unipass" / "sea_consol_revoked_partial.xml"
BILL = "HDMUPUSR1234567"
OUT = "discharged__gate_out"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    FeedHead.objects.get_or_create(id=1)
    with mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def source() -> Source:
    return Source.objects.create(slug="hmm", name="HMM")


def _moved(source: Source, kind: str, at: str, number: int = 0, **words: str) -> None:
    receive(source.pk, dcsa(equipment(kind, at, box=f"HDMU{number:07d}", bill=f"{BILL}{number}", **words)))
    process_everything()


def _shipment(person: Person, number: int = 0) -> Shipment:
    assert person.organization
    return booking.register(person.organization.pk, [("master_bill", f"{BILL}{number}")], port_of_discharge="KRPUS")


def _rows(shipment: Shipment) -> dict[str, tuple[int | None, int | None]]:
    found = StageTime.objects.filter(shipment=shipment, container="")
    return {row.stage: (row.seconds, row.working_seconds) for row in found}


def test_a_stage_opens_and_ends_and_is_measured_anew(shipper: Person, source: Source) -> None:
    shipment = _shipment(shipper)
    _moved(source, "DISC", "2026-03-13 17:00")
    assert _rows(shipment)[OUT] == (None, None)
    _moved(source, "GTOT", "2026-03-16 10:00", id="out")
    # Friday 17:00 to Monday 10:00 in Busan: two hours of 65 are working hours.
    assert _rows(shipment)[OUT] == (65 * 3600, 2 * 3600)
    row = StageTime.objects.get(shipment=shipment, stage=OUT)
    assert shipper.organization
    assert (row.organization_id, row.port, row.month) == (shipper.organization.pk, "KRPUS", "2026-03")
    known = StageTime.objects.count()
    assert known == len(_rows(shipment))
    # Times are no news.
    assert not [kind for kind in TrackingUpdate.objects.values_list("kind", flat=True) if "stage" in kind]


def test_rows_that_are_no_longer_true_go(shipper: Person, source: Source) -> None:
    shipment = _shipment(shipper)
    _moved(source, "DISC", "2026-03-13 17:00")
    stale = {"shipment": shipment, "stage": "gate_in__loaded", "started_at": "2026-03-01T00:00:00Z"}
    StageTime.objects.create(**stale)
    StageTime.objects.filter(stage=OUT).update(carrier="WRONG")
    findings.mark([shipment.pk], [shipment.pk])
    process_everything()
    assert "gate_in__loaded" not in _rows(shipment)
    assert StageTime.objects.get(shipment=shipment, stage=OUT).carrier != "WRONG"


def test_what_did_not_change_is_not_written(shipper: Person, source: Source) -> None:
    shipment = _shipment(shipper)
    _moved(source, "DISC", "2026-03-13 17:00")
    findings.mark([shipment.pk], [shipment.pk])
    with CaptureQueriesContext(connection) as statements, transaction.atomic():
        inspection.inspect_due(inspection.take_due())
    table = StageTime._meta.db_table
    assert [row["sql"][:6] for row in statements if table in row["sql"]] == ["SELECT"]
    assert stage_times.kept([shipment.pk])[shipment.pk]


def test_a_batch_costs_the_same_whatever_its_size(shipper: Person, source: Source) -> None:
    shipments = [_shipment(shipper, number) for number in range(12)]
    for number in range(12):
        _moved(source, "DISC", "2026-03-13 17:00", number)
    counts = []
    for some in (shipments[:2], shipments):
        StageTime.objects.update(carrier="WRONG")
        for shipment in some:
            StageTime.objects.create(shipment=shipment, stage="loaded__departed", started_at="2026-03-01T00:00:00Z")
        findings.mark([row.pk for row in some], [row.pk for row in some])
        with CaptureQueriesContext(connection) as statements, transaction.atomic():
            inspection.inspect_due(inspection.take_due())
        table = StageTime._meta.db_table
        counts.append(sorted(row["sql"][:6] for row in statements if table in row["sql"]))
    assert counts == [["DELETE", "INSERT", "SELECT"]] * 2
    assert not InspectionDue.objects.filter(leased_until__isnull=False).exists()


def test_customs_dimensions_reach_the_rows(shipper: Person) -> None:
    assert shipper.organization
    shipment = booking.register(shipper.organization.pk, [("house_bill", "KOSHA2603001")])
    customs = Source.objects.create(slug="unipass", name="UNI-PASS", kind="customs", format="")
    receive(customs.pk, SAMPLE.read_bytes())
    process_everything()
    row = StageTime.objects.filter(shipment=shipment, container="").exclude(customs_office="").first()
    assert row is not None
    assert (row.customs_office, row.warehouse[:3], row.mode) == (row.warehouse[:3], row.customs_office, "sea")
