"""One shipment from Shanghai to Busan, told start to end by a carrier and by customs, a message at a time."""

from __future__ import annotations

import pytest

from cargo.models import Event, Shipment, Source
from cargo.pipeline import announce, project
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import (
    BOX,
    DECLARATION,
    HOUSE,
    MASTER,
    dcsa,
    declared,
    document,
    entered,
    equipment,
    released,
    removed,
    revoked,
    step,
    transport,
    unipass,
)
from tests.pipeline.working import news_of, status_of, take_in, work_off

BOOKING = "BK26030001"
PORTS = {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS", "mode": "sea"}
ARRIVED = [
    step("입항적재화물목록 심사완료", "2026-03-13 10:00", shed="", packages=None),
    step("입항보고 수리", "2026-03-14 06:30", shed="", packages=None),
    step("하선신고 수리", "2026-03-14 07:00"),
    entered("2026-03-14 15:00"),
]
RENEWED = "4291826000999M"
TO_THE_END = [
    *ARRIVED,
    declared("2026-03-15 09:00"),
    step("검사대상", "2026-03-15 10:00", declaration=DECLARATION),
    step("검사완료", "2026-03-15 16:00", declaration=DECLARATION),
    released("2026-03-16 10:00"),
    revoked("2026-03-16 15:00"),
    declared("2026-03-17 09:00", declaration=RENEWED),
    released("2026-03-17 11:00", declaration=RENEWED),
    removed("2026-03-18 09:00", declaration=RENEWED),
]


@pytest.fixture
def carrier(db: None) -> Source:
    return SourceFactory.create(slug="hmm")


@pytest.fixture
def customs(db: None) -> Source:
    return SourceFactory.create(slug="unipass", kind=Source.Kind.CUSTOMS)


@pytest.fixture
def shipment(db: None) -> Shipment:
    found = a_registered_shipment(None, ("house_bill", HOUSE), ("master_bill", MASTER), ("booking", BOOKING), **PORTS)
    work_off()
    return found


def stands(shipment: Shipment) -> tuple[str, str, str]:
    row = status_of(shipment)
    return row.status, row.milestone, row.customs_state


def test_from_the_booking_to_the_empty_box(carrier: Source, customs: Source, shipment: Shipment) -> None:
    assert stands(shipment) == ("expected", "", "none")

    booked = document("CONF", "2026-02-20 10:00", kind="BKG", number=BOOKING, bill="", booking=BOOKING)
    take_in(carrier, dcsa(booked))
    assert stands(shipment) == ("booked", "booking_confirmed", "none")

    take_in(
        carrier,
        dcsa(transport("ARRI", "2026-03-12 06:00", classifier="EST", id="E1", created="2026-02-21 10:00")),
        dcsa(
            equipment("GTOT", "2026-03-01 09:00", "CNSHA", empty=True, bill="", booking=BOOKING),
            equipment("GTIN", "2026-03-03 09:00", "CNSHA", booking=BOOKING),
        ),
    )
    assert stands(shipment) == ("at_origin", "gate_in", "none")
    assert status_of(shipment).containers == BOX

    take_in(
        carrier,
        dcsa(
            equipment("LOAD", "2026-03-05 09:00", "CNSHA"),
            transport("DEPA", "2026-03-05 18:00", "CNSHA", box=BOX),
            transport("ARRI", "2026-03-14 06:00", classifier="EST", id="E2", created="2026-03-06 10:00"),
        ),
    )
    assert stands(shipment) == ("in_transit", "departed", "none")
    row = status_of(shipment)
    assert row.eta is not None and row.eta.isoformat() == "2026-03-13T21:00:00+00:00"
    assert row.eta_first is not None and row.eta_first.isoformat() == "2026-03-11T21:00:00+00:00"

    take_in(
        carrier, dcsa(equipment("DISC", "2026-03-07 09:00", "SGSIN"), equipment("LOAD", "2026-03-08 09:00", "SGSIN"))
    )
    assert stands(shipment) == ("at_transshipment", "transshipment_loaded", "none")

    take_in(carrier, dcsa(transport("ARRI", "2026-03-14 06:20", box=BOX)), dcsa(equipment("DISC", "2026-03-14 08:00")))
    take_in(customs, unipass(ARRIVED))
    assert stands(shipment) == ("in_bond", "bonded_storage_in", "none")

    seen = []
    for length in range(len(ARRIVED) + 1, len(TO_THE_END) + 1):
        take_in(customs, unipass(TO_THE_END[:length], old_words=length % 2 == 0))
        seen.append(stands(shipment)[2])
    assert seen == ["declared", "held", "declared", "released", "revoked", "declared", "released", "released"]
    assert stands(shipment) == ("delivered_out", "gate_out", "released")

    take_in(carrier, dcsa(equipment("GTIN", "2026-03-20 09:00", empty=True)))
    assert stands(shipment) == ("completed", "empty_returned", "released")

    assert news_of(shipment) == [
        ("customs.held", False),
        ("customs.hold_cleared", False),
        ("customs.released", False),
        ("customs.release_revoked", False),
        ("customs.released", False),
        ("gate_out", False),
    ]
    assert project.differences([shipment.pk]) == []
    assert Event.objects.values("lineage").distinct().count() == Event.objects.count() == 24
    updates = list(shipment.updates.filter(kind="customs.released").order_by("pk").values_list("pk", flat=True))
    assert announce.still_true(updates) == {updates[1]}
