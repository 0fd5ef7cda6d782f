"""History of a shipment that is owed a look of which people are told: what is found out beside it is told."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
import time_machine

from cargo.models import Shipment, Source, TrackingUpdate
from cargo.pipeline import project
from tests.factories import a_registered_shipment
from tests.messages import MASTER, dcsa, document, retraction, transport
from tests.pipeline.working import news_of, take_in, work_off

RELEASE = dcsa(document("RELS", "2026-03-20 10:00", id="R1"))
ARRIVAL = dcsa(transport("ARRI", "2026-03-20 08:00", id="A1", created="2026-03-20 08:05"))
CORRECTED = dcsa(transport("ARRI", "2026-03-20 08:30", id="A1", created="2026-03-20 08:40"))
TAKEN_BACK = dcsa(retraction("R1", "2026-03-20 12:00", bill=MASTER))


@pytest.fixture
def shipment(carrier: Source) -> Iterator[Shipment]:
    """Arrived and released, of which people were told."""
    with time_machine.travel("2026-03-20T02:00:00Z") as clock:
        found = a_registered_shipment(None, ("master_bill", MASTER))
        work_off()
        clock.shift(60)
        take_in(carrier, RELEASE, ARRIVAL)
        clock.shift(3600)
        yield found


def arrivals() -> list[tuple[str, bool]]:
    rows = TrackingUpdate.objects.filter(kind="milestone", key__startswith="arrived").order_by("pk")
    return [(f"{row.occurred_at:%H:%M}", row.silent) for row in rows]


@pytest.mark.parametrize("first", ["history", "retraction"])
def test_what_was_taken_back_beside_it_is_told(carrier: Source, shipment: Shipment, first: str) -> None:
    with mock.patch.object(project, "take_due", return_value=[]):
        for body in (CORRECTED, TAKEN_BACK) if first == "history" else (TAKEN_BACK, CORRECTED):
            take_in(carrier, body, silent=body is CORRECTED)
    work_off()
    assert news_of(shipment) == [("customs.released", False), ("customs.release_revoked", False)]
    assert arrivals() == [("23:00", False), ("23:30", True)]
    assert project.differences([shipment.pk]) == []


def test_what_history_itself_takes_back_is_told_to_nobody(carrier: Source, shipment: Shipment) -> None:
    take_in(carrier, TAKEN_BACK, silent=True)
    assert news_of(shipment) == [("customs.released", False), ("customs.release_revoked", True)]
