"""IFTSTA: the four dialects of STS, boxes, and whose references are whose."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain import identity
from cargo.domain.event import Parked, Place, Quantity, Transport
from tests.formats.edifact_messages import (
    AT,
    BILL,
    VESSEL,
    box,
    events,
    iftsta,
    interchange,
    message,
    numbers,
    only,
    read,
    status,
)


def test_a_discharge_in_full() -> None:
    event = only(
        iftsta(
            "STS+1+346",
            BILL,
            "RFF+BN:BK1",
            AT,
            "LOC+175+KRPUS:139:6:BUSAN+PNC:TER:ZZZ",
            VESSEL,
            "LOC+9+CNSHA:139:6",
            "LOC+11+KRPUS:139:6",
            f"EQD+CN+{box(1)}+45G1:102:5++3+5",
            "SEL+S1+CA",
        )
    )
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "discharged",
        "actual",
        "container",
        "advance",
    )
    assert event.occurred_local == datetime(2026, 3, 14, 8, 55)
    assert (event.occurred_at, event.time_basis) == (None, None)
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-14T09:12:00+09:00"
    assert numbers(event) == [f"container={box(1)}", "seal=S1", "master_bill=CLSLPUSR1", "booking=BK1"]
    assert event.place == Place("KRPUS", "unlocode", "PNC", "discharge")
    assert event.transport == Transport("vessel", "CLIS ALPHA", "9863297", "014E")
    assert event.laden is True
    assert event.plan == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    assert (event.source_code, event.source_text) == ("346", "Unloading, completed from a means of transport")
    assert event.context == {"carrier": "CLSL", "iso": "45G1"}
    assert (event.position, event.warnings) == ("message 1, segments 5-14", ())
    assert event.meaning == f"346|202603140855|KRPUS|PNC|booking=BK1|container={box(1)}|master_bill=CLSLPUSR1"


@pytest.mark.parametrize(
    ("sts", "code", "milestone", "text", "warning"),
    [
        ("STS+1+21", "21", "delivered", "Delivery, completed", None),
        ("STS+1+021", "21", "delivered", "Delivery, completed", None),
        ("STS+1+21::6", "21", "delivered", "Delivery, completed", None),
        ("STS++21", "21", "delivered", "Delivery, completed", None),
        ("STS+1+21+:::Signed by KIM", "21", "delivered", "Delivery, completed: Signed by KIM", None),
        ("STS+1+21+15", "21", "delivered", "Delivery, completed: reason 15", None),
        ("STS+1+VD::22", "VD", "departed", "Vessel departure", None),
        ("STS+1+VD", "VD", "departed", "Vessel departure", None),
        (
            "STS+1+P::HS:Rail Departed",
            "HS",
            "inland_departed",
            "Rail departed from in-transit location: Rail Departed",
            None,
        ),
        ("STS+1:D2:21", "21", "delivered", "Delivery, completed", None),
        ("STS+1:E1:101", "101", "delayed", "Delayed in transit", None),
        ("STS+1+1E::9", "1", "arrived", "Arrival, completed", None),
        ("STS+1+999", "999", "unknown", None, "unknown_code: STS 999"),
        ("STS+1+999:::Odd thing", "999", "unknown", "Odd thing", "unknown_code: STS 999"),
        ("STS+1+21::87", "21", "unknown", None, "unknown_code: STS 21 of list :87"),
        ("STS+1+A1::21", "A1", "unknown", None, "unknown_code: STS A1 of list :21"),
        ("STS+1+QQ::22:Special", "QQ", "unknown", "Special", "unknown_code: STS QQ of list :22"),
        (
            "STS+1+AE::ZZZ",
            "AE",
            "loaded",
            "Loaded on vessel",
            "code_list: AE is of the sender's own list (ZZZ), read as X12 157",
        ),
        ("STS+1", None, "unknown", None, "status_missing: STS names no status"),
        ("STS+1+:::Handed over", None, "unknown", "Handed over", "status_uncoded: STS tells its status in words only"),
    ],
)
def test_the_dialects(sts: str, code: str | None, milestone: str, text: str | None, warning: str | None) -> None:
    event = status(sts, "LOC+175+KRPUS:139:6")
    assert (event.source_code, event.milestone, event.source_text) == (code, milestone, text)
    assert event.warnings == ((warning,) if warning else ())


@pytest.mark.parametrize(
    ("sts", "eqd", "tdt", "milestone"),
    [
        ("48", "5", VESSEL, "loaded"),
        ("48", "4", VESSEL, "unknown"),
        ("48", "5", "TDT+20++2", "inland_loaded"),
        ("48", "5", "TDT+20++8", "inland_loaded"),
        ("346", "5", "TDT+20++3", "inland_unloaded"),
        ("24", "5", "TDT+20+KE081+4", "departed"),
        ("1", "5", "TDT+30++2", "inland_arrived"),
        ("13", "5", VESSEL, "picked_up"),
        ("13", "4", VESSEL, "empty_picked_up"),
        ("82", "4", VESSEL, "empty_returned"),
        ("82", "5", VESSEL, "unknown"),
        ("I::22", "5", VESSEL, "gate_in"),
        ("I::22", "4", VESSEL, "empty_returned"),
        ("OA::22", "4", VESSEL, "empty_picked_up"),
        ("UV::22", "4", VESSEL, "unknown"),
        ("A::22", "5", "TDT+30++2", "inland_arrived"),
    ],
)
def test_full_or_empty_and_the_means_of_transport_decide(sts: str, eqd: str, tdt: str, milestone: str) -> None:
    event = status(f"STS+1+{sts}", tdt, f"EQD+CN+{box(1)}+45G1:102:5+++{eqd}")
    assert event.milestone == milestone
    assert event.laden is (eqd == "5")


def test_an_empty_move_says_that_the_box_is_empty() -> None:
    assert status("STS+1+RD::22", f"EQD+CN+{box(1)}").laden is False
    assert status("STS+1+AE::22", f"EQD+CN+{box(1)}").laden is None


@pytest.mark.parametrize(
    ("place", "milestone"), [("CNSHA", "export_cleared"), ("KRPUS", "customs_released"), ("SGSIN", "customs_released")]
)
def test_the_part_of_the_place_in_the_journey_decides(place: str, milestone: str) -> None:
    event = status("STS+1+12", f"LOC+175+{place}:139:6", VESSEL, "LOC+9+CNSHA:139:6", "LOC+11+KRPUS:139:6")
    assert event.milestone == milestone
    assert (event.level, event.authority) == ("declaration", "UN-EDIFACT")


def test_what_two_things_a_code_tells() -> None:
    customs, carrier = events(iftsta("STS+1+CU::22", BILL, AT, "LOC+175+USLGB:139:6", f"EQD+CN+{box(1)}+++++5"))
    assert (customs.milestone, customs.effect, customs.authority) == ("customs_released", "release", "X12")
    assert (carrier.milestone, carrier.effect, carrier.authority) == ("freight_released", "hold_close", None)
    assert customs.level == carrier.level == "container"
    assert [customs.position, carrier.position] == ["message 1, segments 5-9", "message 1, segments 5-9 #2"]
    assert customs.meaning != carrier.meaning


def test_whose_hold_it_is() -> None:
    assert status("STS+1+PL::22").agency == "US-USDA"
    assert status("STS+1+PA::22").agency == "US-CBP"
    assert status("STS+1+17").agency is None


def test_a_delay_and_its_reason() -> None:
    event = status("STS+1+20+WEA::306:Typhoon", "FTX+AAI+++PORT CLOSED:FOR A DAY")
    assert (event.milestone, event.delay_reason) == ("delayed", "WEA")
    assert event.source_text == "Delayed, in the course of transportation: Typhoon: PORT CLOSED FOR A DAY"
    assert status("STS+1+21+15").delay_reason is None


def test_references_are_the_boxes_own_and_the_consignments() -> None:
    data = interchange(
        message(
            "IFTSTA:D:99B:UN",
            "BGM+23+1+9",
            "DTM+137:202603140912:203",
            "RFF+BM:HEADBILL",
            "RFF+FF:FWD7",
            f"RFF+EQ:{box(9)}",
            "CNI+1+BILL1",
            "STS+1+346",
            "RFF+BM:BILL1",
            AT,
            f"EQD+CN+{box(1)}+45G1",
            "SEL+S1",
            "RFF+ACD:OWN1",
            f"EQD+CN+{box(2)}+45G1",
            "SEL+S2",
            "GID+1+420:CT",
            "CNI+2",
            "STS+1+346",
            AT,
            f"EQD+CN+{box(3)}+45G1",
            "CNI+3",
            "STS+1+21",
            "RFF+HWB:HOUSE3",
            AT,
            "STS+1+31",
            AT,
        )
    )
    found = events(data)
    assert [numbers(event) for event in found] == [
        [f"container={box(1)}", "seal=S1", "own_reference=OWN1", "master_bill=BILL1", "own_reference=FWD7"],
        [f"container={box(2)}", "seal=S2", "master_bill=BILL1", "own_reference=FWD7"],
        [f"container={box(3)}", "master_bill=HEADBILL", "own_reference=FWD7"],
        [f"container={box(9)}", "house_bill=HOUSE3", "master_bill=HEADBILL", "own_reference=FWD7"],
        [f"container={box(9)}", "master_bill=HEADBILL", "own_reference=FWD7"],
    ]
    assert [event.position.removeprefix("message 1, segments ") for event in found] == [
        "8-13",
        "8-10, 14-15",
        "18-20",
        "22-24",
        "25-26",
    ]


def test_the_container_of_the_inner_scope_counts() -> None:
    event = only(iftsta("STS+1+346", f"RFF+EQ:{box(2)}", AT, f"EQD+CN+{box(1)}"))
    assert numbers(event) == [f"container={box(1)}"]
    first, second = events(iftsta("STS+1+346", f"RFF+EQ:{box(2)}", f"RFF+EQ:{box(3)}", AT))
    assert [numbers(first), numbers(second)] == [[f"container={box(2)}"], [f"container={box(3)}"]]
    assert [first.position, second.position] == ["message 1, segments 5-8", "message 1, segments 5-8 #2"]


def test_equipment_first() -> None:
    data = interchange(
        message(
            "IFTSTA:D:21A:UN",
            "BGM+23+1+9",
            "DTM+137:202603140912:203",
            "RFF+BN:BK1",
            f"EQD+CN+{box(1)}+45G1+++5",
            "RFF+BM:BILL1",
            "STS+1+364",
            "LOC+175+KRPUS:139:6",
            "DTM+334:202603140801:203",
            "STS+1+48",
            "DTM+334:202603140802:203",
            f"EQD+CN+{box(2)}+45G1+++5",
            "STS+1+48",
            "DTM+334:202603140803:203",
        )
    )
    found = events(data)
    assert [(event.milestone, event.occurred_local and event.occurred_local.minute) for event in found] == [
        ("gate_in", 1),
        ("loaded", 2),
        ("loaded", 3),
    ]
    assert [numbers(event) for event in found] == [
        [f"container={box(1)}", "master_bill=BILL1", "booking=BK1"],
        [f"container={box(1)}", "master_bill=BILL1", "booking=BK1"],
        [f"container={box(2)}", "booking=BK1"],
    ]
    assert [event.position.removeprefix("message 1, segments ") for event in found] == ["5-9", "5-6, 10-11", "12-14"]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (["CNI+1+BILL1", "STS+1+21", AT], ["master_bill=BILL1"]),
        (["CNI+1+BILL1", "STS+1+21", "RFF+BM:BILL1", AT], ["master_bill=BILL1"]),
        (["CNI+1+OTHER", "STS+1+21", "RFF+BM:BILL1", AT], ["master_bill=BILL1", "own_reference=OTHER"]),
        (["CNI+1+MASTER", "STS+1+21", "RFF+HWB:HOUSE", AT], ["house_bill=HOUSE", "master_bill=MASTER"]),
        (["CNI+1+18012345675", "STS+1+21", AT, "TDT+20+KE081+4"], ["air_waybill=18012345675"]),
        (["CNI+1", "STS+1+21", "RFF+HWB:H1", "RFF+MWB:18012345675", AT, "TDT+20+KE081+4"],
         ["house_air_waybill=H1", "air_waybill=18012345675"]),
        (["RFF+CW:1Z999", "CNI+1", "STS+1:D2:21", AT], ["master_bill=1Z999"]),
        (["CNI+1", "STS+1+21", "RFF+CW:PKG1", "RFF+BM:BILL1", AT], ["own_reference=PKG1", "master_bill=BILL1"]),
        (["CNI+1", "STS+1+21", "RFF+SQ:4", "RFF+XX:5", "RFF+ABT:DEC1", "RFF+ON:PO1", "RFF+XC:26CLSU0001I0001", AT],
         ["declaration=DEC1", "purchase_order=PO1", "cargo_control_number=26CLSU0001I0001"]),
        (["CNI+1", "STS+1+21", "RFF+BM", "RFF+BM:", "RFF", AT], []),
    ],
)  # fmt: skip
def test_kinds_of_references(segments: list[str], expected: list[str]) -> None:
    event = only(interchange(message("IFTSTA:D:99B:UN", "BGM+23+1+9", "DTM+137:202603140912:203", *segments)))
    assert numbers(event) == expected


@pytest.mark.parametrize(
    ("segments", "quantity"),
    [
        (["GID+1+420:CT", "MEA+AAE+AAB+KGM:18250"], Quantity(420, "CT", 18250)),
        (["GID+1+20:CT", "MEA+WT+AAB+KGM:100,5", "GID+2+30:PK", "MEA+WT+AAB+TNE:1.5"], Quantity(50, "CT", 1600.5)),
        (["CNT+11:12:PK", "CNT+7:9,5:KGM"], Quantity(12, "PK", 9.5)),
        ([f"EQD+CN+{box(1)}", "MEA+AAE+EGW+KGM:27000"], None),
        (["MEA+AAE+T+KGM:3900", "GID+1", "CNT+16:1"], None),
        (["GID+1+X:CT", "CNT+7:NaN:KGM", "MEA+AAE+AAB+KGM:1e400"], None),
    ],
)
def test_quantities(segments: list[str], quantity: Quantity | None) -> None:
    assert status("STS+1+21", *segments).quantity == quantity


def test_the_level_is_what_is_named() -> None:
    assert status("STS+1+21").level == "master"
    assert only(iftsta("STS+1+21", "RFF+HWB:HOUSE", AT)).level == "house"
    assert status("STS+1+21", f"EQD+CN+{box(1)}").level == "container"
    assert status("STS+1+24", VESSEL, f"EQD+CN+{box(1)}").level == "conveyance"
    assert status("STS+1+6", f"EQD+CN+{box(1)}").level == "master"
    assert status("STS+1+12", f"EQD+CN+{box(1)}").level == "container"


def test_a_taken_back_message_is_named_and_not_applied() -> None:
    (parked,) = read(iftsta("STS+1+21", AT).replace(b"BGM+23+ST1+9", b"BGM+23+ST1+1"))
    assert isinstance(parked, Parked)
    assert (parked.position, parked.reason) == ("message 1", "the cancellation of a status report: not applied")


def test_the_same_report_in_another_envelope_is_the_same_event() -> None:
    first = status("STS+1+346", "LOC+175+KRPUS:139:6", f"EQD+CN+{box(1)}")
    again = only(
        interchange(
            message("IFTSTA:D:99B:UN", "BGM+23+ZZ9+5", "DTM+137:202603160000:203", "CNI+7", "STS+1+346", AT, BILL,
                    "RFF+FF:NEW", "LOC+175+KRPUS:139:6", f"EQD+CN+{box(1)}", reference="77"),
            head="UNB+UNOC:3+OTHER+FWD:ZZZ+260316:0000",
        )
    )  # fmt: skip
    assert first.meaning == again.meaning
    assert identity.identify(1, first, 0).lineage == identity.identify(1, again, 0).lineage
    other = status("STS+1+346", "LOC+175+KRPUS:139:6", f"EQD+CN+{box(2)}")
    assert first.meaning != other.meaning


def test_what_was_expected_is_told_apart_by_when_it_was_told() -> None:
    def expected(document: str) -> identity.Identity:
        data = iftsta("STS+1+1", BILL, "DTM+132:202604120600:203", "LOC+175+NLRTM:139:6")
        return identity.identify(1, only(data.replace(b"202603140912", document.encode())), 0)

    assert expected("202603140912").id != expected("202603150912").id
    assert expected("202603140912").lineage == expected("202603150912").lineage
