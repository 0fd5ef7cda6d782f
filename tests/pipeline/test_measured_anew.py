"""What shipments are measured by has changed: whose inspection comes sooner, and what stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from cargo.models import InspectionDue, Shipment, findings
from tests.factories import a_registered_shipment

NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db


def a_look(inspect_at: datetime | None, **facts: object) -> Shipment:
    shipment = a_registered_shipment(None, ("master_bill", f"HDMUPUS{Shipment.objects.count():07d}"))
    InspectionDue.objects.update_or_create(shipment=shipment, defaults={"inspect_at": inspect_at, **facts})
    return shipment


def row_of(shipment: Shipment) -> tuple[datetime | None, int, bool]:
    return InspectionDue.objects.values_list("inspect_at", "attempts", "silent").get(shipment=shipment)


@time_machine.travel(NOW, tick=False)
def test_what_waits_for_later_or_for_nothing_is_due_now() -> None:
    later, never, given_up = a_look(LATER), a_look(None), a_look(EARLIER, attempts=findings.MAX_ATTEMPTS)
    other = a_look(LATER)
    findings.mark_again([later.pk, never.pk, given_up.pk])
    assert [row_of(shipment) for shipment in (later, never, given_up)] == [(NOW, 0, False)] * 3
    assert row_of(other) == (LATER, 0, False)


@time_machine.travel(NOW, tick=False)
def test_what_is_due_already_keeps_its_turn_and_its_silence() -> None:
    loud, silent, retried = a_look(EARLIER), a_look(EARLIER, silent=True), a_look(EARLIER, silent=True, attempts=3)
    findings.mark_again([loud.pk, silent.pk, retried.pk])
    assert [row_of(shipment) for shipment in (loud, silent)] == [(EARLIER, 0, False), (EARLIER, 0, True)]
    assert row_of(retried) == (NOW, 0, True)


@time_machine.travel(NOW, tick=False)
def test_without_a_row_there_is_nothing_to_measure_yet() -> None:
    shipment = a_look(None)
    InspectionDue.objects.all().delete()
    findings.mark_again([shipment.pk])
    assert not InspectionDue.objects.exists()
