"""350, 355 and 309: what customs tells of bills, and what carriers declare to it."""

from __future__ import annotations

from datetime import datetime

import pytest

from cargo.domain.customs import us
from cargo.domain.event import Event, Place, Problem, Quantity, Transport
from tests.formats.x12_messages import events, interchange, numbers, of, only, read, refused

M10 = "M10*CLSL*O*KR*9863297*CLS HARMONY*014E*004711**Z*L"
P4 = "P4*2704*20260315*3*Y258*0600"
VESSEL = Transport("vessel", "CLS HARMONY", "9863297", "014E")
LOS_ANGELES = Place("USLAX", "unlocode", "Y258", "discharge")


def x4(code: str, bill: str = "PUSR1", date: str = "20260316", more: str = "") -> str:
    return f"X4*{bill}****{date}*1015*{code}**CLSL{more}"


def test_a_release_in_full() -> None:
    event = only(
        "350", M10, P4, "X4*PUSR1*420*01*ABC12345678*20260316*1015*1C**CLSL",
        "N7*CLSU*222436*******U**CN*******6", "N9*IB*V12345678", "K1*ENTERED AND RELEASED",
    )  # fmt: skip
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "customs_released",
        "actual",
        "declaration",
        "release",
    )
    assert (event.authority, event.agency) == ("US-CBP", "US-CBP")
    assert (event.occurred_local, event.occurred_at) == (datetime(2026, 3, 16, 10, 15), None)
    assert (event.place, event.transport) == (LOS_ANGELES, VESSEL)
    assert event.plan == {"port_of_discharge": "USLAX"}
    assert event.quantity == Quantity(420, None, None)
    assert numbers(event) == [
        "master_bill=CLSLPUSR1",
        "master_bill=PUSR1",
        "container=CLSU2224366",
        "own_reference=V12345678",
        "declaration=ABC12345678",
        "manifest=004711",
    ]
    assert event.context == {
        "reported_local": "2026-03-12T09:15:00",
        "disposition": "1C",
        "entry_type": "01",
        "carrier": "CLSL",
    }
    assert event.source_text == "Entered and released: general examination: ENTERED AND RELEASED"
    assert (event.format, event.source_code, event.position) == ("x12.350", "1C", "ISA1/GS1/ST1/X4@4")


@pytest.mark.parametrize("code", sorted(us.DISPOSITIONS))
def test_every_disposition_is_read(code: str) -> None:
    row = us.DISPOSITIONS[code]
    event, *more = events("350", M10, P4, x4(code))
    assert (event.milestone, event.effect, event.agency, event.source_code) == (
        row.milestone,
        row.effect,
        row.agency,
        code,
    )
    assert event.authority == us.AUTHORITY
    assert [other.milestone for other in more] == ([row.also] if row.also else [])
    assert event.warnings == ()


def test_a_hold_that_takes_a_release_back_is_two_events() -> None:
    hold, cancelled = events("350", M10, P4, x4("5H"))
    assert (hold.milestone, hold.position) == ("customs_hold", "ISA1/GS1/ST1/X4@4")
    assert (cancelled.milestone, cancelled.position) == ("customs_release_cancelled", "ISA1/GS1/ST1/X4@4+")
    assert (cancelled.authority, cancelled.agency) == ("US-CBP", "US-CBP")
    assert hold.meaning == cancelled.meaning


def test_a_house_bill_names_its_master() -> None:
    event = only("350", M10, P4, "X4*HSE1*10***20260316*1016*11*PUSR7*KOSH*CLSL*CLSU*2224371")
    assert numbers(event) == [
        "house_bill=KOSHHSE1",
        "house_bill=HSE1",
        "master_bill=CLSLPUSR7",
        "master_bill=PUSR7",
        "container=CLSU2224371",
        "manifest=004711",
    ]
    assert event.level == "house"
    assert only("350", M10, P4, x4("11")).level == "master"


def test_each_port_has_its_own_bills() -> None:
    first, second, third = events(
        "350", M10, P4, x4("1C"), "P4*2709*20260316*1", x4("1C", "PUSR2"), x4("11", more="****3901*H572*BN*BK1*CT")
    )
    assert (first.place, second.place) == (LOS_ANGELES, Place("USLGB", "unlocode", None, "discharge"))
    assert (first.reference("master_bill"), second.reference("master_bill")) == ("CLSLPUSR1", "CLSLPUSR2")
    assert third.place == Place("USCHI", "unlocode", "H572", None)
    assert third.plan == {"port_of_discharge": "USLGB"}
    assert third.reference("booking") == "BK1"


def test_an_unknown_port_is_kept_as_a_code_of_customs() -> None:
    assert only("350", M10, "P4*9999*20260315*1", x4("1C")).place == Place("9999", "facility", None, "discharge")


def test_an_unknown_disposition_keeps_its_code() -> None:
    event = only("350", M10, P4, x4("Z9"))
    assert (event.milestone, event.source_code, event.warnings) == ("unknown", "Z9", ("unknown_code: disposition Z9",))


@pytest.mark.parametrize(
    ("code", "milestone"),
    [
        ("IC", "customs_released"),
        ("IR", "customs_released_provisional"),
        ("IX", "customs_hold"),
        ("EC", "export_cleared"),
        ("EX", "export_hold"),
    ],
)
def test_clearance_codes_of_the_older_list(code: str, milestone: str) -> None:
    event = only("350", M10, P4, x4(code))
    assert (event.milestone, event.level, event.authority) == (milestone, "declaration", "X12")


def test_the_conveyance_itself() -> None:
    event = only("350", M10, P4, "V9*CUS*19*20260315*1142")
    assert (event.milestone, event.level, event.source_code) == ("arrived", "conveyance", "19")
    assert numbers(event) == ["manifest=004711"]
    other = only("350", M10, P4, "V9*SLD*SAILED LATE*20260315*1142")
    assert (other.milestone, other.source_code, other.source_text) == ("departed", "SLD", "SAILED LATE")


def test_a_disposition_that_cannot_be_read_costs_the_others_nothing() -> None:
    undated, bare, event = of("350", M10, P4, x4("1H", date="2026"), x4(""), x4("1C"))
    assert isinstance(undated, Problem) and isinstance(bare, Problem) and isinstance(event, Event)
    assert (undated.position, undated.reason) == ("ISA1/GS1/ST1/X4@4", "X405: '2026' is not a date")
    assert (bare.position, bare.reason) == ("ISA1/GS1/ST1/X4@5", "X407: the disposition is missing")
    assert event.milestone == "customs_released"


def test_a_conveyance_without_a_date() -> None:
    assert refused("350", M10, P4, "V9*CUS*19") == ("ISA1/GS1/ST1/V9@4", "V903: the date is missing")
    assert refused("350", M10, P4)[1] == "the transaction has no X4 and no V9 segment"


def m11(bill: str = "PUSR1", more: str = "") -> str:
    return f"M11*{bill}*58023*420*CTN*18250*K***00*BUSAN*{more}*CLSL"


def test_a_manifest_that_was_accepted() -> None:
    event = only("355", M10, P4, "K3*00002 ACCEPTED")
    assert (event.milestone, event.level, event.authority) == ("manifest_accepted", "master", "US-CBP")
    assert event.occurred_local == datetime(2026, 3, 12, 9, 15)
    assert numbers(event) == ["manifest=004711"]
    assert event.source_text == "Manifest accepted: 00002 ACCEPTED"
    assert (event.source_code, event.position) == ("accepted", "ISA1/GS1/ST1/ST@1")
    one, other = events("355", M10, P4, "LX*1", m11(), "LX*2", m11("PUSR2"))
    assert [one.reference("master_bill"), other.reference("master_bill")] == ["CLSLPUSR1", "CLSLPUSR2"]


def test_a_bill_that_was_refused_and_not_the_others() -> None:
    event = only("355", M10, P4, "LX*1", m11(), "K1*017 BILL NOT ON FILE", "K1*SEE APPENDIX", "LX*2", m11("PUSR2"))
    assert (event.milestone, event.source_code, event.position) == ("discrepancy", "rejected", "ISA1/GS1/ST1/K1@6")
    assert event.source_text == "Manifest rejected: 017 BILL NOT ON FILE SEE APPENDIX"
    assert event.reference("master_bill") == "CLSLPUSR1"
    assert "master_bill=PUSR2" not in numbers(event)


def test_a_manifest_that_was_refused() -> None:
    event = only("355", M10, "K1*009 INVALID CARRIER CODE", P4)
    assert (event.milestone, event.level, numbers(event)) == ("discrepancy", "master", ["manifest=004711"])


def test_a_bill_on_a_manifest_in_full() -> None:
    manifest = M10.replace("**Z*", "**W*")
    event, arrives = events(
        "309", manifest, P4, "LX*1", m11(), "N9*BN*BK1", "N1*SH*A SHIPPER", "N3*1 STREET",
        "VID*4B*CLSU*2224366*SEAL1*****45G1*L", "N10*420*CARTONS OF TOYS", "VID*4B*CLSU*2224371",
    )  # fmt: skip
    assert (event.milestone, event.level, event.authority) == ("manifest_submitted", "master", "X12")
    assert event.quantity == Quantity(420, "CTN", 18250.0)
    assert numbers(event) == [
        "master_bill=CLSLPUSR1",
        "master_bill=PUSR1",
        "booking=BK1",
        "container=CLSU2224366",
        "seal=SEAL1",
        "container=CLSU2224371",
        "manifest=004711",
    ]
    assert (event.place, event.transport, event.source_code) == (LOS_ANGELES, VESSEL, "W")
    assert event.position == "ISA1/GS1/ST1/M11@5"
    assert (arrives.milestone, arrives.classifier, arrives.level, arrives.position) == (
        "arrived",
        "estimated",
        "conveyance",
        "ISA1/GS1/ST1/M11@5+",
    )
    assert arrives.occurred_local == datetime(2026, 3, 15, 6)
    assert "A SHIPPER" not in str(event) and "TOYS" not in str(event)


@pytest.mark.parametrize(
    ("kind", "milestone", "arrives"),
    [
        ("A", "manifest_submitted", True),
        ("C", "manifest_amended", True),
        ("E", "manifested", False),
        ("I", "bonded_transport_filed", False),
        ("Q", "unknown", False),
    ],
)
def test_kinds_of_manifests(kind: str, milestone: str, arrives: bool) -> None:
    event, *more = events("309", M10.replace("**Z*", f"**{kind}*"), P4, "LX*1", m11())
    assert (event.milestone, event.source_code) == (milestone, kind)
    assert [other.milestone for other in more] == (["arrived"] if arrives else [])
    assert event.warnings == (() if milestone != "unknown" else ("unknown_code: manifest type 'Q'",))


def test_an_amendment_and_the_bill_as_it_is_to_be_are_one_event() -> None:
    manifest = M10.replace("**Z*", "**W*")
    amended, _, other, _ = events(
        "309", manifest, P4, "LX*1", "M13*CLSL*2704*A*PUSR1*5*01*A**CLSL", m11(), "LX*2", m11("HSE1", "PUSR7*KOSH")
    )
    assert (amended.milestone, amended.position) == ("manifest_amended", "ISA1/GS1/ST1/M13@5")
    assert amended.quantity == Quantity(420, "CTN", 18250.0)
    assert (other.milestone, other.level) == ("manifest_submitted", "house")
    assert numbers(other)[:4] == [
        "house_bill=KOSHHSE1",
        "house_bill=HSE1",
        "master_bill=CLSLPUSR7",
        "master_bill=PUSR7",
    ]


@pytest.mark.parametrize("kind", ["309", "355"])
def test_without_a_manifest_or_a_time_of_the_group_nothing_can_be_told(kind: str) -> None:
    assert refused(kind, P4, "LX*1", m11()) == ("ISA1/GS1/ST1/ST@1", "the transaction has no M10 segment")
    (problem,) = read(interchange((kind, [M10, P4, "LX*1", m11()])).replace(b"*20260312*0915*7", b"***7"))
    assert isinstance(problem, Problem)
    assert (problem.position, problem.reason) == ("ISA1/GS1/ST1/ST@1", "GS04: the date is missing")
