"""IFTMBC: what the carrier answers to a booking, and the journey that it plans."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.event import Place, Transport
from tests.formats.edifact_messages import VESSEL, box, events, interchange, message, numbers, refused


def booking(*segments: str, beginning: str = "BGM+770+BK1+9") -> bytes:
    return interchange(message("IFTMBC:D:99B:UN", beginning, "DTM+137:202603140912:203", *segments))


def test_a_confirmation_in_full() -> None:
    confirmed, departure, arrival = events(
        booking(
            "RFF+BN:BK1",
            "RFF+ON:PO7",
            VESSEL,
            "LOC+9+KRPUS:139:6",
            "DTM+133:202603200800:203",
            "LOC+11+NLRTM:139:6",
            "DTM+132:202604120600:203",
            "NAD+CA+CLSL:172:20",
            "GID+1+420:CT",
            f"EQD+CN+{box(1)}+45G1",
        )
    )
    assert (confirmed.milestone, confirmed.classifier, confirmed.level) == ("booking_confirmed", "actual", "master")
    assert confirmed.occurred_local == datetime(2026, 3, 14, 9, 12)
    assert confirmed.reported_at is not None and confirmed.reported_at.isoformat() == "2026-03-14T09:12:00+09:00"
    assert numbers(confirmed) == ["booking=BK1", "purchase_order=PO7"]
    assert confirmed.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "NLRTM"}
    assert confirmed.transport == Transport("vessel", "CLIS ALPHA", "9863297", "014E")
    assert confirmed.place is None
    assert (confirmed.source_code, confirmed.source_text) == ("770", "Booking confirmed")
    assert confirmed.context == {"carrier": "CLSL"}
    assert (confirmed.format, confirmed.position) == ("edifact.iftmbc", "message 1, segments 2-13")
    assert [
        (event.milestone, event.classifier, event.place, event.occurred_local) for event in (departure, arrival)
    ] == [
        ("departed", "planned", Place("KRPUS", "unlocode", None, "loading"), datetime(2026, 3, 20, 8)),
        ("arrived", "planned", Place("NLRTM", "unlocode", None, "discharge"), datetime(2026, 4, 12, 6)),
    ]
    assert departure.references == arrival.references == confirmed.references
    assert [departure.position, arrival.position] == ["message 1, segments 7-8", "message 1, segments 9-10"]


@pytest.mark.parametrize(
    ("beginning", "milestone", "text"),
    [
        ("BGM+770+BK1+9", "booking_confirmed", "Booking confirmed"),
        ("BGM+770+BK1", "booking_confirmed", "Booking confirmed"),
        ("BGM+770+BK1+6", "booking_confirmed", "Booking confirmed"),
        ("BGM+770+BK1+9+AP", "booking_confirmed", "Booking confirmed"),
        ("BGM+770+BK1+9+RE", "booking_cancelled", "Booking rejected"),
        ("BGM+770+BK1+9+AJ", "booking_requested", "Booking pending"),
        ("BGM+770+BK1+12", "booking_requested", "Booking received, not yet processed"),
        ("BGM+770+BK1+4", "booking_updated", "Booking changed"),
        ("BGM+770+BK1+5", "booking_updated", "Booking replaced"),
        ("BGM+770+BK1+33", "booking_updated", "Booking changed"),
        ("BGM+770+BK1+36", "booking_updated", "Booking changed"),
        ("BGM+770+BK1+1", "booking_cancelled", "Booking cancelled"),
        ("BGM+770+BK1+3", "booking_cancelled", "Booking cancelled"),
        ("BGM+770+BK1+17", "booking_cancelled", "Booking cancelled, to be issued again"),
        ("BGM+770+BK1+27", "booking_cancelled", "Booking not accepted"),
        ("BGM+770+BK1+50", "booking_cancelled", "Booking withdrawn"),
    ],
)
def test_what_the_carrier_answers(beginning: str, milestone: str, text: str) -> None:
    told = events(booking("RFF+BN:BK1", VESSEL, "LOC+9+KRPUS:139:6", "DTM+133:202603200800:203", beginning=beginning))
    assert (told[0].milestone, told[0].source_text) == (milestone, text)
    assert [event.milestone for event in told[1:]] == ([] if milestone == "booking_cancelled" else ["departed"])


def test_a_journey_in_legs() -> None:
    told = events(
        booking(
            "RFF+BN:BK1",
            "TDT+10++3",
            "LOC+88+KRSEL:139:6",
            "DTM+189:202603180800:203",
            VESSEL,
            "LOC+9+KRPUS:139:6",
            "DTM+133:202603200800:203",
            "LOC+13+SGSIN:139:6",
            "DTM+132:202603280600:203",
            "DTM+133:202603290600:203",
            "LOC+11+NLRTM:139:6",
            "DTM+132:202604120600:203",
            "TDT+30++2",
            "LOC+7+NLVEN:139:6",
            "DTM+132:202604150600:203",
        )
    )
    assert [(event.milestone, event.classifier, event.place and event.place.code) for event in told[1:]] == [
        ("inland_departed", "planned", "KRSEL"),
        ("departed", "planned", "KRPUS"),
        ("transshipment_arrived", "planned", "SGSIN"),
        ("transshipment_departed", "planned", "SGSIN"),
        ("arrived", "planned", "NLRTM"),
        ("inland_arrived", "planned", "NLVEN"),
    ]
    assert [event.transport and event.transport.mode for event in told] == [
        "vessel", "truck", "vessel", "vessel", "vessel", "vessel", "rail",
    ]  # fmt: skip


def test_what_belongs_to_parties_goods_and_boxes_is_not_the_bookings() -> None:
    (event,) = events(
        booking("RFF+BN:BK1", "NAD+CZ+SHIPPER", "RFF+FF:SHIP1", "GID+1+1:PK", "RFF+ON:PO9", "LOC+9+CNSHA:139:6")
    )
    assert (numbers(event), event.plan) == (["booking=BK1"], None)


def test_when_it_was_confirmed() -> None:
    (event,) = events(booking("DTM+118:202603131700?+0900:205", "RFF+BN:BK1"))
    assert event.occurred_at is not None and event.occurred_at.isoformat() == "2026-03-13T17:00:00+09:00"
    assert event.time_basis == "given"


def test_a_booking_without_a_time_is_a_problem() -> None:
    problem = refused(interchange(message("IFTMBC:D:99B:UN", "BGM+770+BK1+9", "RFF+BN:BK1")))
    assert (problem.position, problem.reason) == (
        "message 1, segment 1 UNH",
        "the booking names no time (DTM 137)",
    )
    problem = refused(booking().replace(b"202603140912", b"202613140912"))
    assert problem.reason == "'202613140912' is not a date and time"


def test_another_answer_is_another_event() -> None:
    (first,) = events(booking("RFF+BN:BK1"))
    (again,) = events(booking("RFF+BN:BK1").replace(b"+I1", b"+I2"))
    (changed,) = events(booking("RFF+BN:BK1", beginning="BGM+770+BK1+5"))
    assert first.meaning == again.meaning
    assert first.meaning != changed.meaning
