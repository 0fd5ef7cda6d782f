"""310 and 301: bills of lading and bookings, and the journeys that they plan."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.event import Place, Transport
from tests.formats.x12_messages import events, numbers, of, only, parked, refused

B3, MADE_OUT = "B3*B*INV1*CLSLPUSR1*CC**20260301*0****CLSL*20260301*PP", "B2A*00*BL"
VESSEL = "V1*9863297*CLS HARMONY*KR*014E****L"
LOADING, DISCHARGE = "R4*L*UN*KRPUS*BUSAN*KR", "R4*D*UN*USLAX*LOS ANGELES*US"
B1 = "B1*CLSL*PUSR1*20260210*{action}"


def test_a_bill_and_its_journey_in_full() -> None:
    bill, leaves, arrives, inland = events(
        "310", B3, MADE_OUT, "N9*BN*PUSR1", "N9*BM*CLSLPUSR1", VESSEL, "N1*SH*A SHIPPER",
        LOADING, "DTM*140*20260301*1920*LT", DISCHARGE, "DTM*139*20260315*1100*LT", "R4*E*UN*USCHI*CHICAGO*US",
        "DTM*371*20260320*1100*LT", "LX*1", "N7*CLSU*222436*18250*G*******CN*******6****45G1", "M7*SEAL1",
    )  # fmt: skip
    assert (bill.milestone, bill.classifier, bill.level) == ("bill_of_lading_issued", "actual", "master")
    assert bill.occurred_local == datetime(2026, 3, 1)
    assert bill.place == Place("KRPUS", "unlocode", None, "loading")
    assert bill.transport == Transport("vessel", "CLS HARMONY", "9863297", "014E")
    assert numbers(bill) == ["booking=PUSR1", "master_bill=CLSLPUSR1", "container=CLSU2224366", "seal=SEAL1"]
    assert bill.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "USLAX"}
    assert bill.context == {"reported_local": "2026-03-12T09:15:00", "carrier": "CLSL"}
    assert (bill.format, bill.source_code, bill.position) == ("x12.310", "BL", "ISA1/GS1/ST1/B3@2")
    assert [(event.milestone, event.classifier, event.position) for event in (leaves, arrives, inland)] == [
        ("departed", "planned", "ISA1/GS1/ST1/DTM@9"),
        ("arrived", "planned", "ISA1/GS1/ST1/DTM@11"),
        ("inland_arrived", "planned", "ISA1/GS1/ST1/DTM@13"),
    ]
    assert "A SHIPPER" not in str(bill)


def test_a_bill_that_names_its_number_in_b3_alone() -> None:
    assert numbers(only("310", B3, MADE_OUT)) == ["master_bill=CLSLPUSR1"]
    assert numbers(only("310", B3.replace("CLSLPUSR1", ""), MADE_OUT)) == ["master_bill=INV1"]


def test_an_invoice_tells_the_journey_and_no_bill() -> None:
    event = only("310", B3, "B2A*00*IN", LOADING, "DTM*369*20260301*1920*LT")
    assert (event.milestone, event.classifier) == ("departed", "planned")
    assert parked("310", B3, "B2A*00*IN") == "X12 310 without a bill or dates"


def test_a_bill_that_is_taken_back_is_kept_and_tells_nothing() -> None:
    assert parked("310", B3, "B2A*01*BL", LOADING, "DTM*369*20260301") == "X12 310 takes an earlier one back (B2A 01)"


def test_a_bill_that_cannot_be_read() -> None:
    assert refused("310", MADE_OUT) == ("ISA1/GS1/ST1/ST@1", "the transaction has no B3 segment")
    assert refused("310", "B3*B*INV1*B1*CC**2026", MADE_OUT) == ("ISA1/GS1/ST1/B3@2", "B306: '2026' is not a date")


def test_a_booking_and_its_journey_in_full() -> None:
    booking, leaves, arrives = events(
        "301", B1.format(action="A"), "N9*SI*SHIPPERS", VESSEL, LOADING, "DTM*369*20260301*1800*LT", DISCHARGE,
        "DTM*371*20260314*0600*LT",
    )  # fmt: skip
    assert (booking.milestone, booking.level, booking.classifier) == ("booking_confirmed", "master", "actual")
    assert numbers(booking) == ["booking=PUSR1", "own_reference=SHIPPERS"]
    assert (booking.format, booking.source_code, booking.position) == ("x12.301", "A", "ISA1/GS1/ST1/B1@2")
    assert (leaves.milestone, leaves.classifier, leaves.occurred_local) == (
        "departed",
        "planned",
        datetime(2026, 3, 1, 18),
    )
    assert (arrives.milestone, arrives.level, arrives.occurred_local) == (
        "arrived",
        "conveyance",
        datetime(2026, 3, 14, 6),
    )


@pytest.mark.parametrize(
    ("action", "milestone", "journey"),
    [
        ("A", "booking_confirmed", 1),
        ("B", "unknown", 1),
        ("D", "booking_cancelled", 0),
        ("E", "booking_cancelled", 0),
        ("R", "booking_cancelled", 0),
        ("U", "booking_updated", 1),
        ("V", "booking_updated", 1),
        ("Z", "unknown", 1),
    ],
)
def test_what_became_of_a_booking(action: str, milestone: str, journey: int) -> None:
    event, *more = events("301", B1.format(action=action), LOADING, "DTM*369*20260301*1800*LT")
    assert (event.milestone, event.source_code, len(more)) == (milestone, action, journey)
    unknown = ("unknown_code: reservation action 'Z'",) if action == "Z" else ()
    assert event.warnings == (*unknown, "date_only: there is no time of day")


def test_a_booking_without_a_date_has_that_of_its_group() -> None:
    event = only("301", "B1*CLSL*PUSR1**A")
    assert event.occurred_local == datetime(2026, 3, 12, 9, 15)


def test_a_booking_that_cannot_be_read() -> None:
    assert refused("301", LOADING) == ("ISA1/GS1/ST1/ST@1", "the transaction has no B1 segment")
    assert refused("301", "B1*CLSL*PUSR1*2026*A") == ("ISA1/GS1/ST1/B1@2", "B103: '2026' is not a date")
    assert len(of("301", "B1*CLSL*PUSR1*20260210*A")) == 1
