"""Where it happened: places, legs, and the arrivals and departures told beside a status."""

from __future__ import annotations

import pytest

from cargo.domain.event import Place, Transport
from tests.formats.edifact_messages import (
    AT,
    BILL,
    VESSEL,
    box,
    events,
    iftsta,
    numbers,
    status,
)


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        ("175+KRPUS:139:6", Place("KRPUS", "unlocode", None, None)),
        ("175+KRPUS", Place("KRPUS", "unlocode", None, None)),
        ("175+krpus:139:6:BUSAN+PNC:TER:ZZZ", Place("KRPUS", "unlocode", "PNC", None)),
        ("175+USSYR:227::SYRACUSE+US:162", Place("USSYR", "unlocode", None, None)),
        ("175+ICN::3", Place("ICN", "iata", None, None)),
        ("175+KRPUS:72:306:PUSAN NEW PORT", Place("KRPUS", "unlocode", None, None)),
        ("175+PNITL:72:306:PUSAN NEWPORT", Place("PNITL", "facility", "PUSAN NEWPORT", None)),
        ("175+02006116::380:HALL 3", Place("02006116", "facility", "HALL 3", None)),
        ("14+:::WENDLINGEN+:::DE", Place(None, "text", "WENDLINGEN, DE", None)),
        ("7+KRSEL:139:6", Place("KRSEL", "unlocode", None, "delivery")),
        ("11+KRPUS:139:6", Place("KRPUS", "unlocode", None, "discharge")),
        ("9+KRPUS:139:6", Place("KRPUS", "unlocode", None, "loading")),
        ("175", None),
    ],
)
def test_places(loc: str, place: Place | None) -> None:
    assert status("STS+1+21", f"LOC+{loc}").place == place


@pytest.mark.parametrize(
    ("sts", "place", "role"),
    [
        ("48", "CNSHA", "loading"),
        ("346", "KRPUS", "discharge"),
        ("74", "CNNKG", "receipt"),
        ("21", "KRSEL", "delivery"),
    ],
)
def test_where_a_status_took_place_that_names_only_the_journey(sts: str, place: str, role: str) -> None:
    journey = ["LOC+88+CNNKG:139:6", "LOC+9+CNSHA:139:6", "LOC+11+KRPUS:139:6", "LOC+7+KRSEL:139:6"]
    event = status(f"STS+1+{sts}", VESSEL, *journey)
    assert event.place == Place(place, "unlocode", None, role)
    assert event.plan == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}


def test_arrivals_and_departures_of_the_journey_are_events_of_their_own() -> None:
    found = events(
        iftsta(
            "STS+1+VD::22",
            BILL,
            AT,
            "LOC+175+CNSHA:139:6",
            VESSEL,
            "LOC+9+CNSHA:139:6",
            "DTM+186:202603140855:203",
            "LOC+13+SGSIN:139:6",
            "DTM+132:202603200400:203",
            "DTM+133:202603210900:203",
            "LOC+11+NLRTM:139:6",
            "DTM+232:202604120600:203",
            f"EQD+CN+{box(1)}+45G1:102:5+++5",
        )
    )
    assert [(event.milestone, event.classifier, event.place and event.place.code) for event in found] == [
        ("departed", "actual", "CNSHA"),
        ("transshipment_arrived", "estimated", "SGSIN"),
        ("transshipment_departed", "estimated", "SGSIN"),
        ("arrived", "planned", "NLRTM"),
    ]
    assert [event.position.removeprefix("message 1, ") for event in found] == [
        "segments 5-17",
        "segments 12-13",
        "segments 12, 14",
        "segments 15-16",
    ]
    assert all(numbers(event) == [f"container={box(1)}", "master_bill=CLSLPUSR1"] for event in found)
    assert (found[3].source_code, found[3].source_text) == ("232", "Arrival, scheduled")
    assert (found[3].level, found[3].laden) == ("conveyance", None)


def test_a_leg_that_is_dated_itself() -> None:
    found = events(
        iftsta("STS+1+31", BILL, AT, VESSEL, "DTM+132:202604120600:203", "LOC+9+CNSHA:139:6", "LOC+11+NLRTM:139:6")
    )
    assert [(event.milestone, event.place and event.place.code) for event in found] == [
        ("in_transit", "NLRTM"),
        ("arrived", "NLRTM"),
    ]


def test_legs_before_and_after_the_voyage() -> None:
    found = events(
        iftsta(
            "STS+1+HS::22",
            BILL,
            AT,
            "LOC+175+USLGB:139:6",
            VESSEL,
            "LOC+9+KRPUS:139:6",
            "LOC+11+USLGB:139:6",
            "TDT+30+R77+2+25+BNSF",
            "LOC+9+USLGB:139:6",
            "LOC+11+USCHI:139:6",
            "DTM+132:202604120600:203",
        )
    )
    assert [(event.milestone, event.place and event.place.code) for event in found] == [
        ("inland_departed", "USLGB"),
        ("inland_arrived", "USCHI"),
    ]
    assert all(event.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "USLGB"} for event in found)
    assert found[1].transport == Transport("rail", None, None, "R77")


@pytest.mark.parametrize(
    ("tdt", "transport"),
    [
        (VESSEL, Transport("vessel", "CLIS ALPHA", "9863297", "014E")),
        ("TDT+20+031W+1+13++++3ERX3:103::CLIS GAMMA", Transport("vessel", "CLIS GAMMA", None, "031W")),
        ("TDT+20+1++13++++9863297::11", Transport("vessel", None, "9863297", "1")),
        ("TDT+20+KE081+4+6", Transport("air", None, None, "KE081")),
        ("TDT+1++3++:172:ZZZ+++12GA3456:146", Transport("truck", None, None, None)),
        ("TDT+1++9+31", Transport("truck", None, None, None)),
        ("TDT+1+++2500", Transport("rail", None, None, None)),
    ],
)
def test_means_of_transport(tdt: str, transport: Transport) -> None:
    assert status("STS+1+31", tdt).transport == transport
