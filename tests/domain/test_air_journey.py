"""A journey by air, from the messages to what people see: origin, transit and destination of the waybill decide."""

from __future__ import annotations

from datetime import UTC, datetime

from cargo.domain import explain
from cargo.domain.event import Event
from cargo.formats import cargo_imp
from cargo.pipeline.normalize import normalize

RECEIVED_AT = datetime(2026, 7, 1, tzinfo=UTC)
WAYBILL = "988-50000016ICNLON/T20K840.5"
HEADER = "QK SELFFXH\n.SELFMOZ {}\nFSU/15\n" + WAYBILL + "\n"


def told(*statuses: tuple[str, str]) -> list[Event]:
    """The events of status lines, each with the day, hour and minute (UTC) that it was sent."""
    data = "\n".join(HEADER.format(sent) + line for sent, line in statuses).encode()
    outcomes = normalize(cargo_imp.decode(data, RECEIVED_AT), RECEIVED_AT)
    return [outcome for outcome in outcomes if isinstance(outcome, Event)]


BOOKED = ("080215", "BKD/QR859/10JUN/ICNDOH/T20K840.5/S0120/S0520")
DEPARTED = ("100300", "DEP/QR859/10JUN/ICNDOH/T20K840.5/A0131/E0525")
AT_DOHA = ("100400", "ARR/QR859/10JUN0528/DOH/T20K840.5")
TAKEN_OFF = ("100700", "RCF/QR859/10JUN0820/DOH/T20K840.5")
LEFT_DOHA = ("110600", "DEP/QR003/11JUN/DOHLHR/T20K840.5/A0815/E1310")
AT_LONDON = ("111300", "ARR/QR003/11JUN1302/LHR/T20K840.5")


def shipment(*statuses: tuple[str, str]) -> dict[str, object]:
    (document,) = explain.explain(told(*statuses))
    assert document["references"] == [{"type": "air_waybill", "value": "98850000016"}]
    return document


def meanings(document: dict[str, object]) -> list[tuple[str, str]]:
    rows = document["milestones"]
    assert isinstance(rows, list)
    return [(row["milestone"], row["place"]["code"]) for row in rows if row["classifier"] == "actual" and row["place"]]


def test_an_intermediate_airport_is_a_transshipment_from_the_first_message_on() -> None:
    document = shipment(BOOKED, DEPARTED, AT_DOHA)
    assert ("departed", "KRICN") in meanings(document)
    assert ("transshipment_arrived", "QADOH") in meanings(document)
    assert document["status"] == "at_transshipment"


def test_the_way_on_and_the_arrival_at_an_airport_of_the_city_on_the_waybill() -> None:
    document = shipment(BOOKED, DEPARTED, AT_DOHA, TAKEN_OFF, LEFT_DOHA)
    assert document["status"] == "in_transit"
    assert ("transshipment_discharged", "QADOH") in meanings(document)
    assert ("transshipment_departed", "QADOH") in meanings(document)
    arrived = shipment(BOOKED, DEPARTED, AT_DOHA, TAKEN_OFF, LEFT_DOHA, AT_LONDON)
    assert (arrived["status"], arrived["milestone"]) == ("arrived", "arrived")
    assert ("arrived", "GBLHR") in meanings(arrived)


def test_the_order_of_messages_cannot_matter() -> None:
    statuses = (BOOKED, DEPARTED, AT_DOHA, TAKEN_OFF, LEFT_DOHA, AT_LONDON)
    assert shipment(*statuses) == shipment(*statuses[::-1])


def test_parts_are_delivered_when_the_last_one_is() -> None:
    first = ("121010", "DLV/12JUN1105/LHR/P15K630.4")
    assert shipment(DEPARTED, AT_LONDON, first)["status"] == "arrived"
    assert shipment(DEPARTED, AT_LONDON, first, ("130905", "DLV/13JUN1000/LHR/P5K210.1"))["status"] == "delivered"


def test_an_estimate_for_an_airport_on_the_way_is_no_arrival() -> None:
    document = shipment(BOOKED, DEPARTED)
    rows = document["milestones"]
    assert isinstance(rows, list)
    expected = [row["milestone"] for row in rows if row["classifier"] == "estimated"]
    assert expected == ["transshipment_arrived"]
    assert document["status"] == "in_transit"
