"""214 and 322: what truckers, terminals and railroads tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cargo.domain.event import Deadline, Event, Place, Problem, Quantity, Transport
from tests.formats.x12_messages import events, numbers, of, only, parked, refused

B10 = "B10*PRO12345*SHP98765*ABCD"
DELIVERED = "AT7*D1*NS***20260321*0930*CT"
N7 = "N7*CLSU*222436*20400*G*******CN*RRRR*****K*6****45G1"
HERE, DESTINATION = "R4*5*UN*USLGB*LONG BEACH*US***CA", "R4*7*UN*USCHI*CHICAGO*US***IL"


def test_a_delivery_in_full() -> None:
    event = only(
        "214", B10, "L11*HDMUPUSR1*BM", "LX*1", DELIVERED, "MS1*CHICAGO*IL*US", "MS2*CLSU*222436*CN*6",
        "M7*SEAL1", "L11*PO4711*PO", "AT8*G*L*2000*10*2",
    )  # fmt: skip
    assert (event.milestone, event.classifier, event.level) == ("delivered", "actual", "container")
    assert event.occurred_local == datetime(2026, 3, 21, 9, 30)
    assert event.occurred_at == datetime(2026, 3, 21, 14, 30, tzinfo=UTC)
    assert (event.time_basis, event.time_zone) == ("given", "America/Chicago")
    assert event.place == Place(None, "text", "CHICAGO, IL, US", None)
    assert event.transport == Transport("truck")
    assert event.quantity == Quantity(12, None, 907.185)
    assert numbers(event) == [
        "container=CLSU2224366",
        "purchase_order=PO4711",
        "own_reference=PRO12345",
        "own_reference=SHP98765",
        "master_bill=HDMUPUSR1",
        "seal=SEAL1",
    ]
    assert event.context == {"reported_local": "2026-03-12T09:15:00", "carrier": "ABCD"}
    assert (event.format, event.source_code, event.source_text) == (
        "x12.214",
        "D1",
        "Completed unloading at delivery location",
    )
    assert event.position == "ISA1/GS1/ST1/AT7@5"


def test_each_loop_has_its_own_numbers_and_quantity() -> None:
    first, second = events(
        "214", B10, "LX*1", "AT7*AF*NS***20260318*0940*LT", "L11*PO1*PO", "AT8*G*K*100*1",
        "LX*2", DELIVERED, "L11*PO2*PO",
    )  # fmt: skip
    assert (first.reference("purchase_order"), second.reference("purchase_order")) == ("PO1", "PO2")
    assert (first.quantity, second.quantity) == (Quantity(1, None, 100.0), None)
    assert first.level == second.level == "house"
    assert first.meaning != second.meaning


def test_several_statuses_of_a_loop_share_its_numbers_and_not_their_places() -> None:
    first, second = events(
        "214", B10, "LX*1", "AT7*X3*NS***20260318*0815*LT", "MS1*LOS ANGELES*CA*US",
        "AT7*AF*NS***20260318*0940*LT", "L11*PO1*PO",
    )  # fmt: skip
    assert first.place == Place(None, "text", "LOS ANGELES, CA, US", None)
    assert second.place is None
    assert first.reference("purchase_order") == second.reference("purchase_order") == "PO1"


@pytest.mark.parametrize(
    ("code", "milestone", "classifier"), [("AA", "picked_up", "planned"), ("AB", "eta_changed", "planned")]
)
def test_an_appointment_is_planned(code: str, milestone: str, classifier: str) -> None:
    event = only("214", B10, "LX*1", f"AT7***{code}*NA*20260318*0800*PD")
    assert (event.milestone, event.classifier, event.source_code) == (milestone, classifier, code)
    assert event.occurred_at == datetime(2026, 3, 18, 15, tzinfo=UTC)


def test_a_reason_is_told_where_it_is_not_the_normal_one() -> None:
    late = only("214", B10, "LX*1", "AT7*SD*AO***20260319*1100*LT", "K1*SNOW IN THE PASS")
    assert late.milestone == "delayed"
    assert late.source_text == "Shipment delayed: Weather or natural disaster: SNOW IN THE PASS"
    assert late.context is not None and late.context["reason"] == "AO"
    other = only("214", B10, "LX*1", "AT7*SD*Q9***20260319*1100*LT")
    assert other.source_text == "Shipment delayed: reason Q9"
    plain = only("214", B10, "LX*1", DELIVERED)
    assert plain.context is not None and "reason" not in plain.context


def test_coordinates_are_kept_beside_the_place() -> None:
    event = only("214", B10, "LX*1", "AT7*X6*NS***20260319*1100*LT", "MS1****1181620*0334410*W*N")
    assert event.milestone == "in_transit"
    assert event.context is not None
    assert event.context["coordinates"] == {"latitude": 33.73611, "longitude": -118.27222}
    for wrong in ("MS1****1181620*0934410*W*N", "MS1****118162*0334410*W*N", "MS1****1181620*N*W*N"):
        event = only("214", B10, "LX*1", "AT7*X6*NS***20260319*1100*LT", wrong)
        assert event.context is not None and "coordinates" not in event.context


def test_a_trailer_is_no_container() -> None:
    event = only("214", B10, "LX*1", DELIVERED, "MS2*ABCD*5312*TL")
    assert "own_reference=ABCD5312" in numbers(event)
    assert event.reference("container") is None
    assert event.level == "house"


def test_the_last_free_day_is_a_deadline() -> None:
    event = only("214", B10, "LX*1", "AT7*DE*NS***20260325**LT")
    assert event.milestone == "last_free_day_reported"
    assert event.deadline == Deadline("last_free_day", date(2026, 3, 25))


def test_a_status_without_a_date_costs_the_others_nothing() -> None:
    problem, event = of("214", B10, "LX*1", "AT7*X6*NS****1000*LT", DELIVERED)
    assert isinstance(problem, Problem) and isinstance(event, Event)
    assert (problem.position, problem.reason) == ("ISA1/GS1/ST1/AT7@4", "AT705: the date is missing")
    assert refused("214", B10, "LX*1") == ("ISA1/GS1/ST1/ST@1", "the transaction has no AT7 segment")


def test_an_unknown_status_keeps_its_code() -> None:
    event = only("214", B10, "LX*1", "AT7*ZQ*NS***20260325*1000*LT")
    assert (event.milestone, event.source_code) == ("unknown", "ZQ")
    assert event.warnings == ("unknown_code: ZQ of element 1650",)


def test_the_shape_of_a_214_does_not_change_what_it_means() -> None:
    loop = ["LX*1", "AT7*D1*NS***20260321*0930*CT", "MS2*CLSU*222436*CN*6"]
    one = only("214", B10, "L11*A1*BM", "L11*A2*PO", *loop)
    other = only("214", B10, "L11*A2*PO", "L11*A1*BM", *loop)
    later = only("214", B10, "L11*A1*BM", "L11*A2*PO", *(part.replace("0930", "0931") for part in loop))
    assert one.meaning == other.meaning != later.meaning


def test_a_gate_move_in_full() -> None:
    event, *later = events(
        "322", "Q5*I*20260319*0712*PD**LONG BEACH*CA*US", N7, "DTM*371*20260322*1400*CT", "M7*SEAL1",
        "W2*CLSU*222436**CN*L", HERE, DESTINATION, "N9*BN*BK1", "N9*BM*B1",
    )  # fmt: skip
    assert (event.milestone, event.level, event.laden) == ("gate_in", "container", True)
    assert event.occurred_at == datetime(2026, 3, 19, 14, 12, tzinfo=UTC)
    assert event.place == Place("USLGB", "unlocode", None, None)
    assert event.transport is None
    assert numbers(event) == ["container=CLSU2224366", "seal=SEAL1", "booking=BK1", "master_bill=B1"]
    assert event.context == {"reported_local": "2026-03-12T09:15:00", "iso": "45G1"}
    assert (event.format, event.source_code, event.position) == ("x12.322", "I", "ISA1/GS1/ST1/Q5@2")
    (arrives,) = later
    assert (arrives.milestone, arrives.classifier, arrives.position) == (
        "inland_arrived",
        "estimated",
        "ISA1/GS1/ST1/DTM@4",
    )
    assert arrives.place == Place("USCHI", "unlocode", None, "delivery")
    # CT names a zone and no offset, and a coded place knows its own.
    assert (arrives.occurred_local, arrives.occurred_at) == (datetime(2026, 3, 22, 14), None)


@pytest.mark.parametrize(
    ("code", "load", "milestone", "mode"),
    [
        ("I", "L", "gate_in", None),
        ("OA", "L", "gate_out", None),
        ("OA", "E", "empty_picked_up", None),
        ("AL", "L", "inland_loaded", "rail"),
        ("UR", "L", "inland_unloaded", "rail"),
        ("RL", "L", "inland_departed", "rail"),
        ("AR", "L", "inland_arrived", "rail"),
        ("AM", "L", "inland_loaded", "truck"),
    ],
)
def test_moves_on_land_have_no_vessel(code: str, load: str, milestone: str, mode: str | None) -> None:
    event = only("322", f"Q5*{code}*20260319*0712*LT", N7, f"W2*CLSU*222436**CN*{load}", HERE)
    assert event.milestone == milestone
    assert (event.transport.mode if event.transport is not None else None) == mode


def test_a_vessel_is_told_with_moves_on_it() -> None:
    vessel = "V1*9863297*CLS HARMONY*KR*014E****L"
    event = only("322", "Q5*UV*20260315*2315*LT", N7, vessel, HERE)
    assert event.milestone == "discharged"
    assert event.transport == Transport("vessel", "CLS HARMONY", "9863297", "014E")


def test_several_boxes_are_several_events() -> None:
    first, second = events(
        "322", "Q5*OA*20260323*0915*CT", "N7*CLSU*222436*******U**CN*******6", "M7*SEAL1",
        "N7*CLSU*222437*******U**CN*******1", "M7*SEAL2", "N7*CLSZ*123456*******U**CH",
        "W2*CLSU*222436**CN*L", "W2*CLSU*222437**CN*E", HERE,
    )  # fmt: skip
    assert (first.position, first.milestone, numbers(first)) == (
        "ISA1/GS1/ST1/Q5@2/N7@3",
        "gate_out",
        ["container=CLSU2224366", "seal=SEAL1"],
    )
    assert (second.position, second.milestone, numbers(second)) == (
        "ISA1/GS1/ST1/Q5@2/N7@5",
        "empty_picked_up",
        ["container=CLSU2224371", "seal=SEAL2"],
    )


def test_the_place_is_the_city_of_q5_where_no_code_is_given() -> None:
    event = only("322", "Q5*I*20260319*0712*ET**NEWARK*NJ*US", N7)
    assert event.place == Place(None, "text", "NEWARK, NJ, US", None)
    assert event.occurred_at == datetime(2026, 3, 19, 7, 12, tzinfo=UTC) + timedelta(hours=4)


def test_a_box_that_only_q5_names() -> None:
    assert numbers(only("322", "Q5*I*20260319*0712*LT**NEWARK*NJ*US*CLSU*2224366")) == ["container=CLSU2224366"]


def test_a_322_that_takes_another_back_is_kept_and_moves_nothing() -> None:
    reason = parked("322", "ZC1**CLSU*222436*0001*20260319*CA*RRRR*R", "Q5*I*20260319*0712*LT", N7)
    assert reason == "X12 322 takes an earlier one back (ZC1 CA), which its sender gave no number"
    corrected = only("322", "ZC1**CLSU*222436*0001*20260319*CO*RRRR*R", "Q5*I*20260319*0712*LT", N7)
    assert corrected.warnings == ("correction: ZC106 CO",)


@pytest.mark.parametrize(
    ("inner", "position", "reason"),
    [
        ([N7], "ST@1", "the transaction has no Q5 segment"),
        (["Q5*I**0712*LT", N7], "Q5@2", "Q502: the date is missing"),
        (["Q5*I*20261319*0712*LT", N7], "Q5@2", "Q502: '20261319' is not a date"),
    ],
)
def test_what_cannot_be_read_names_its_place(inner: list[str], position: str, reason: str) -> None:
    assert refused("322", *inner) == (f"ISA1/GS1/ST1/{position}", reason)


def test_few_segments_that_tell_of_too_much_are_refused() -> None:
    boxes = [f"N7*CLSU*{number:06d}*******U**CN" for number in range(700)]
    ports = ["R4*D*UN*USLAX", "DTM*139*20260315*0600*LT"] * 700
    position, reason = refused("322", "Q5*I*20260319*0712*LT", *boxes, *ports)
    assert (position, reason) == ("ISA1/GS1/ST1", "the transaction tells of more than can be read at once")
    assert len(events("322", "Q5*I*20260319*0712*LT", *boxes, *ports[:4])) == 2100
