"""315: the status of B4, the journey around it, and what stands beside both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import permutations

import pytest

from cargo.domain.event import Event, Outcome, Place, Transport
from cargo.formats import x12
from cargo.formats.x12 import envelope, usual
from tests.formats.x12_messages import events, interchange, numbers, of, only, read, refused

B4 = "B4***{code}*20260315*1142**CLSU*222436*{load}*45G1*{place}*{kind}*6"
VESSEL = "Q2*9863297*KR*******014E***L*HMM ALGECIRAS"
PORTS = ["R4*L*UN*KRPUS*BUSAN*KR", "R4*T*UN*TWKHH*KAOHSIUNG*TW", "R4*D*UN*USLAX*LOS ANGELES*US*FENIX MARINE"]


def b4(code: str = "VA", load: str = "L", place: str = "USLAX", kind: str = "UN") -> str:
    return B4.format(code=code, load=load, place=place, kind=kind)


def test_an_arrival_in_full() -> None:
    event = only(
        "315", b4(), "N9*BM*HDMUPUSR1234567", "N9*BN*PUSR1234567", "N9*EQ*CLSU2224366", "N9*SCA*HDMU", VESSEL, *PORTS
    )
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "arrived",
        "actual",
        "conveyance",
        "advance",
    )
    assert event.occurred_local == datetime(2026, 3, 15, 11, 42)
    assert (event.occurred_at, event.time_basis, event.reported_at) == (None, None, None)
    assert numbers(event) == ["container=CLSU2224366", "master_bill=HDMUPUSR1234567", "booking=PUSR1234567"]
    assert event.place == Place("USLAX", "unlocode", "FENIX MARINE", "discharge")
    assert event.transport == Transport("vessel", "HMM ALGECIRAS", "9863297", "014E")
    assert event.laden is True
    assert event.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "USLAX"}
    assert event.context == {"carrier": "HDMU", "iso": "45G1", "reported_local": "2026-03-12T09:15:00"}
    assert (event.format, event.source_code, event.source_text) == ("x12.315", "VA", "Vessel arrival")
    assert event.position == "ISA1/GS1/ST1/B4@2"
    assert event.warnings == ()


@pytest.mark.parametrize(
    ("code", "load", "place", "milestone", "level", "role", "mode"),
    [
        ("EE", "E", "KRPUS", "empty_picked_up", "container", "loading", "vessel"),
        ("I", "L", "KRPUS", "gate_in", "container", "loading", "vessel"),
        ("I", "E", "USLAX", "empty_returned", "container", "discharge", "vessel"),
        ("AE", "L", "KRPUS", "loaded", "container", "loading", "vessel"),
        ("AE", "E", "KRPUS", "unknown", "container", "loading", "vessel"),
        ("VD", "L", "KRPUS", "departed", "conveyance", "loading", "vessel"),
        ("VA", "L", "TWKHH", "arrived", "conveyance", "transshipment", "vessel"),
        ("UV", "L", "TWKHH", "discharged", "container", "transshipment", "vessel"),
        ("VD", "L", "TWKHH", "departed", "conveyance", "transshipment", "vessel"),
        ("UV", "L", "USLAX", "discharged", "container", "discharge", "vessel"),
        ("CR", "L", "USLAX", "freight_released", "container", "discharge", "vessel"),
        ("CT", "L", "USLAX", "customs_released", "container", "discharge", "vessel"),
        ("AV", "L", "USLAX", "available_for_pickup", "container", "discharge", "vessel"),
        ("OA", "L", "USLAX", "gate_out", "container", "discharge", "vessel"),
        ("OA", "E", "KRPUS", "empty_picked_up", "container", "loading", "vessel"),
        ("AL", "L", "USLAX", "inland_loaded", "container", "discharge", "rail"),
        ("AR", "L", "USLAX", "inland_arrived", "container", "discharge", "rail"),
        ("AM", "L", "USLAX", "inland_loaded", "container", "discharge", "truck"),
        ("CA", "L", "USLAX", "booking_cancelled", "master", "discharge", "vessel"),
        ("AG", "L", "USLAX", "eta_changed", "container", "discharge", "vessel"),
    ],
)
def test_codes_keep_the_reported_milestone_and_name_the_ports_part(
    code: str, load: str, place: str, milestone: str, level: str, role: str, mode: str
) -> None:
    event = only("315", b4(code, load, place), "N9*BM*B1", VESSEL, *PORTS)
    assert (event.milestone, event.level) == (milestone, level)
    assert event.place is not None and (event.place.code, event.place.role) == (place, role)
    assert event.transport is not None and event.transport.mode == mode
    assert event.plan == {"port_of_loading": "KRPUS", "port_of_discharge": "USLAX"}


def test_an_arrival_is_inland_where_the_place_is_one_of_delivery_or_there_is_no_vessel() -> None:
    delivery = "R4*E*UN*USCHI*CHICAGO*US"
    assert only("315", b4("A", place="USCHI"), VESSEL, *PORTS, delivery).milestone == "inland_arrived"
    assert only("315", b4("A", place="USLAX"), VESSEL, *PORTS, delivery).milestone == "arrived"
    assert only("315", b4("A", place="USLAX"), *PORTS, delivery).milestone == "inland_arrived"


def test_an_unknown_code_keeps_code_and_says_so() -> None:
    event = only("315", b4("QZ"), "N9*BM*B1")
    assert (event.milestone, event.source_code, event.source_text) == ("unknown", "QZ", None)
    assert event.warnings == ("unknown_code: QZ of element 157",)


def test_a_code_that_tells_two_things_is_two_events() -> None:
    released, freight = events("315", b4("CU"), "N9*BM*B1", VESSEL)
    assert (released.milestone, released.position, released.authority) == (
        "customs_released",
        "ISA1/GS1/ST1/B4@2",
        "X12",
    )
    assert (freight.milestone, freight.position, freight.authority) == ("freight_released", "ISA1/GS1/ST1/B4@2+", None)
    assert released.occurred_local == freight.occurred_local


def test_estimated_dates_of_loading_and_discharge_are_events() -> None:
    outcomes = events(
        "315", b4("I", place="KRPUS"), "N9*BM*B1", VESSEL, PORTS[0], "DTM*139*20260316*1800*LT",
        PORTS[1], "DTM*139*20260318*0100*LT", PORTS[2], "DTM*139*20260330*0600*PD",
    )  # fmt: skip
    told = [(event.milestone, event.classifier, event.position) for event in outcomes]
    assert told == [
        ("gate_in", "actual", "ISA1/GS1/ST1/B4@2"),
        ("departed", "estimated", "ISA1/GS1/ST1/DTM@6"),
        ("arrived", "estimated", "ISA1/GS1/ST1/DTM@10"),
    ]
    leaves, arrives = outcomes[1:]
    assert leaves.place == Place("KRPUS", "unlocode", None, "loading")
    assert (leaves.occurred_local, leaves.occurred_at) == (datetime(2026, 3, 16, 18), None)
    assert arrives.place == Place("USLAX", "unlocode", "FENIX MARINE", "discharge")
    assert arrives.occurred_at is not None and arrives.occurred_at.isoformat() == "2026-03-30T06:00:00-07:00"
    assert arrives.time_basis == "given"
    assert (arrives.source_code, arrives.source_text) == ("R4 D DTM 139", "Estimated arrival")
    assert arrives.transport == Transport("vessel", "HMM ALGECIRAS", "9863297", "014E")
    assert arrives.context is not None and arrives.context["reported_local"] == "2026-03-12T09:15:00"


@pytest.mark.parametrize(
    ("port", "qualifier", "milestone"),
    [
        ("R4*D*UN*USLAX", "139", "arrived"),
        ("R4*D*UN*USLAX", "371", "arrived"),
        ("R4*1*UN*USLAX", "139", "arrived"),
        ("R4*D*UN*USLAX", "140", None),
        ("R4*D*UN*USLAX", "372", None),
        ("R4*D*UN*USLAX", "369", None),
        ("R4*L*UN*KRPUS", "139", "departed"),
        ("R4*L*UN*KRPUS", "369", "departed"),
        ("R4*L*UN*KRPUS", "371", None),
        ("R4*T*UN*TWKHH", "139", None),
        ("R4*T*UN*TWKHH", "371", "arrived"),
        ("R4*T*UN*TWKHH", "369", "departed"),
        ("R4*E*UN*USCHI", "139", "arrived"),
        ("R4*E*UN*USCHI", "017", "delivered"),
        ("R4*R*UN*KRSEL", "139", None),
        ("R4*5*UN*USLAX", "139", None),
    ],
)
def test_which_dates_are_expected(port: str, qualifier: str, milestone: str | None) -> None:
    expected = [
        event.milestone for event in events("315", b4(), "N9*BM*B1", port, f"DTM*{qualifier}*20260330*0600")[1:]
    ]
    assert expected == ([milestone] if milestone else [])


def test_delivery_is_an_inland_arrival_where_a_port_of_discharge_is_named() -> None:
    _, inland = events("315", b4(), "N9*BM*B1", PORTS[2], "R4*E*UN*USCHI*CHICAGO*US", "DTM*139*20260330*0600")
    assert (inland.milestone, inland.level, inland.transport) == ("inland_arrived", "container", None)


@pytest.mark.parametrize(
    ("location", "ports", "place"),
    [
        ("USLAX*UN", [], Place("USLAX", "unlocode", None, None)),
        ("LOCKBOURNE*CI", [], Place(None, "text", "LOCKBOURNE", None)),
        ("LOCKBOURNE*CI", PORTS, Place(None, "text", "LOCKBOURNE", None)),
        ("BUSAN*CI", PORTS, Place("KRPUS", "unlocode", None, "loading")),
        ("2704*D", [], Place("USLAX", "unlocode", None, None)),
        ("9999*D", [], Place("9999", "facility", None, None)),
        ("*", ["R4*5*UN*USLGB*LONG BEACH*US*PIER T"], Place("USLGB", "unlocode", "PIER T", None)),
        ("*", PORTS, None),
        ("USLAX*UN", ["R4*5*UN*USLAX*LOS ANGELES*US", *PORTS], Place("USLAX", "unlocode", "FENIX MARINE", "discharge")),
    ],
)
def test_where_it_happened(location: str, ports: list[str], place: Place | None) -> None:
    code, qualifier = location.split("*")
    assert only("315", b4(place=code, kind=qualifier), "N9*BM*B1", *ports).place == place


def test_the_carriers_own_location_is_the_last_resort() -> None:
    assert only("315", "B4***VA*20260315*1142*LAX4*CLSU*222436*L", "N9*BM*B1").place == Place(
        None, "text", "LAX4", None
    )


@pytest.mark.parametrize(
    ("b4_fields", "container"),
    [
        ("CLSU*222436*L*45G1*USLAX*UN*6", "CLSU2224366"),
        ("CLSU*2224366*L*45G1*USLAX*UN*6", "CLSU2224366"),
        ("CLSU*2224366*L*45G1*USLAX*UN", "CLSU2224366"),
        ("CLSU*222436*L*45G1*USLAX*UN", "CLSU222436"),
        ("*CLSU2224366*L*45G1*USLAX*UN", "CLSU2224366"),
    ],
)
def test_a_container_however_it_is_divided(b4_fields: str, container: str) -> None:
    assert numbers(only("315", f"B4***VA*20260315*1142**{b4_fields}", "N9*BM*B1"))[0] == f"container={container}"


def test_references_by_their_qualifiers() -> None:
    event = only(
        "315", b4(), "N9*OB*OCEAN1", "N9*MB*MASTER1", "N9*HB*HOUSE1", "N9*PO*PO1", "N9*SN*SEAL1", "N9*4F*OWN1",
        "N9*IB*V123", "N9*6B*ENTRY1", "N9*XC*CCN1", "N9*CT*CONTRACT", "N9*BM*", "N9*BN",
        "N9*SI*S1*TEXT*20260101*1200*LT*PO>PO2>CT>C2",
    )  # fmt: skip
    assert numbers(event)[1:] == [
        "master_bill=OCEAN1", "master_bill=MASTER1", "house_bill=HOUSE1", "purchase_order=PO1", "seal=SEAL1",
        "own_reference=OWN1", "own_reference=V123", "declaration=ENTRY1", "cargo_control_number=CCN1",
        "own_reference=S1", "purchase_order=PO2",
    ]  # fmt: skip


def test_a_container_that_n9_names_differently_is_kept_with_a_warning() -> None:
    event = only("315", b4(), "N9*EQ*CLSU9999999", "N9*BM*B1")
    assert numbers(event) == ["container=CLSU2224366", "master_bill=B1", "container=CLSU9999999"]
    assert event.warnings == ("container_differs: B4 CLSU2224366, N9 EQ CLSU9999999",)


def test_one_status_of_several_boxes_is_an_event_of_each() -> None:
    outcomes = events(
        "315", "B4***VD*20260315*1142****L**KRPUS*UN", "N9*EQ*CLSU2224366", "N9*EQ*CLSU2224371", "N9*BM*B1"
    )
    assert [(event.position, numbers(event)) for event in outcomes] == [
        ("ISA1/GS1/ST1/B4@2/N9@3", ["container=CLSU2224366", "master_bill=B1"]),
        ("ISA1/GS1/ST1/B4@2/N9@4", ["container=CLSU2224371", "master_bill=B1"]),
    ]


@pytest.mark.parametrize(
    ("q2", "transport"),
    [
        ("Q2*9863297********014E***L*HMM ALGECIRAS", Transport("vessel", "HMM ALGECIRAS", "9863297", "014E")),
        ("Q2*9863297********014E****HMM ALGECIRAS", Transport("vessel", "HMM ALGECIRAS", "9863297", "014E")),
        ("Q2*D7AB********014E***C*HMM ALGECIRAS", Transport("vessel", "HMM ALGECIRAS", None, "014E")),
        ("Q2*9863297********014E***C", Transport("vessel", None, None, "014E")),
        ("V1*9863297*HMM ALGECIRAS*KR*014E****L*O", Transport("vessel", "HMM ALGECIRAS", "9863297", "014E")),
    ],
)
def test_the_vessel(q2: str, transport: Transport) -> None:
    assert only("315", b4(), "N9*BM*B1", q2).transport == transport


def test_further_statuses_have_their_own_dates_or_that_of_b4() -> None:
    outcomes = events(
        "315", b4("VA"), "N9*BM*B1", VESSEL, "SG*UV***20260315*2315*PD", "SG*CT", "SG***1C*20260316*1015*UT", *PORTS,
        "V9*FTE*LAST DAY IS OVER*20260320*1200*LOS ANGELES*CA*US", "V9*XYZ*SOMETHING ELSE",
    )  # fmt: skip
    told = [(event.milestone, event.source_code, event.occurred_local, event.authority) for event in outcomes]
    assert told == [
        ("arrived", "VA", datetime(2026, 3, 15, 11, 42), None),
        ("discharged", "UV", datetime(2026, 3, 15, 23, 15), None),
        ("customs_released", "CT", datetime(2026, 3, 15, 11, 42), "X12"),
        ("customs_released", "1C", datetime(2026, 3, 16, 10, 15), "US-CBP"),
        ("free_time_expiring", "FTE", datetime(2026, 3, 20, 12, 0), None),
        ("unknown", "XYZ", datetime(2026, 3, 15, 11, 42), None),
    ]
    assert [event.position.rpartition("/")[2] for event in outcomes] == [
        "B4@2",
        "SG@5",
        "SG@6",
        "SG@7",
        "V9@11",
        "V9@12",
    ]
    assert outcomes[4].place == Place(None, "text", "LOS ANGELES, CA, US", None)
    assert outcomes[4].source_text == "LAST DAY IS OVER"
    assert outcomes[5].place == Place("USLAX", "unlocode", "FENIX MARINE", "discharge")


def test_statuses_in_sg_alone() -> None:
    event = only("315", "B4*******CLSU*222436*L*45G1*USLAX*UN*6", "N9*BM*B1", "SG*OA***20260318*0930*PT", *PORTS)
    assert (event.milestone, event.position) == ("gate_out", "ISA1/GS1/ST1/SG@4")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("B4***VA*20260230*1142**CLSU*222436*L*45G1*USLAX*UN*6", "B404: '20260230' is not a date"),
        ("B4***VA**1142**CLSU*222436*L*45G1*USLAX*UN*6", "B404: the date is missing"),
        ("B4***VA", "B404: the date is missing"),
    ],
)
def test_a_status_without_a_date_is_a_problem_at_its_segment(head: str, reason: str) -> None:
    assert refused("315", head, "N9*BM*B1") == ("ISA1/GS1/ST1/B4@2", reason)


def test_a_315_without_b4_is_a_problem() -> None:
    assert refused("315", "N9*BM*B1") == ("ISA1/GS1/ST1/ST@1", "the transaction has no B4 segment")


def test_a_bad_date_costs_the_estimates_nothing() -> None:
    problem, arrival = of("315", b4().replace("20260315", "2026XX15"), "N9*BM*B1", PORTS[2], "DTM*139*20260330*0600")
    assert type(problem).__name__ == "Problem"
    assert isinstance(arrival, Event) and arrival.milestone == "arrived"


def test_a_missing_code_is_unknown_and_a_missing_time_midnight() -> None:
    event = only("315", "B4****20260315***CLSU*222436*L*45G1*USLAX*UN*6", "N9*BM*B1")
    assert (event.milestone, event.occurred_local) == ("unknown", datetime(2026, 3, 15))
    assert event.warnings == ("status_missing: no code", "date_only: there is no time of day")


def test_an_unknown_segment_is_named() -> None:
    assert only("315", b4(), "N9*BM*B1", "ZZZ*1").warnings == ("unknown_segment: 'ZZZ' at 4",)


def test_what_is_told_is_the_same_report_in_another_envelope() -> None:
    inner = [b4(), "N9*BM*B1", "N9*BN*K1", "N9*SCA*HDMU", VESSEL, *PORTS, "DTM*139*20260330*0600"]
    first = read(interchange(("315", inner)))
    other = [inner[0], inner[2], inner[1], "N9*PO*LATER", *inner[3:]]
    again = read(interchange(("315", ["N9*BM*X"]), ("315", other), told="2359"))[1:]
    assert [event.meaning for event in first if isinstance(event, Event)] == [
        event.meaning for event in again if isinstance(event, Event)
    ]


def test_an_estimate_is_the_same_report_beside_another_status() -> None:
    journey = [VESSEL, *PORTS, "DTM*139*20260330*0600"]
    loaded, gate = events("315", b4("AE"), *journey)[1], events("315", b4("EE", "E"), *journey)[1]
    assert loaded.meaning == gate.meaning


def test_other_codes_times_places_boxes_and_loads_are_other_reports() -> None:
    base = b4()
    others = [
        b4("VD"), b4(place="USLGB"), b4(load="E"), base.replace("1142", "1143"), base.replace("222436", "222437"),
    ]  # fmt: skip
    meanings = {only("315", head, "N9*BM*B1").meaning for head in [base, *others]}
    meanings.add(only("315", base, "N9*BM*B2").meaning)
    assert len(meanings) == 7


ODD_HEADS = [
    [b4(), "N9*bm*B1"],
    [b4(), "N9*BM*B1 "],
    [b4(), "N9*BM"],
    [b4(), "N9*BM*B1****PO>P1"],
    [b4(), "N9*EQ*CLSU2224371"],
    [b4(), "N9*PO*" + "9" * 200],
    [b4(), "N1*SH*A SHIPPER"],
    [b4("va")],
    [b4(" VA")],
    [b4("")],
    [b4(place="")],
    [b4(place="", kind="")],
    [b4().replace("*CLSU*222436*", "*CLSU*2224366*")],
    [b4().replace("*1142*", "**")],
    [b4().replace("*1142*", "*2400*")],
    [b4().replace("*1142*", "*2460*")],
    [b4().replace("*20260315*", "*20260230*")],
    [b4().replace("**CLSU", "*TERMINAL 4*CLSU")],
    [f"{b4()}*"],
    ["N9*BM*B1", b4()],
    [b4(), b4("VD")],
]


def test_the_quick_reading_comes_to_what_the_full_reading_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [
        b4(code, load, place) for code in ("VA", "I", "OA", "CU", "QZ") for load in "LE" for place in ("USLAX", "BUSAN")
    ]
    references = list(permutations(["N9*BM*B1", "N9*BN*K1", "N9*EQ*CLSU2224366", "N9*SCA*HDMU", "N9*CT*C1"]))[::20]
    usual_heads = [[head, *numbers] for head in heads for numbers in references]
    journey = [VESSEL, PORTS[0], "DTM*139*20260301*1800*LT", PORTS[1], PORTS[2], "DTM*139*20260330*0600*PT"]
    bodies = [[*head, *journey] for head in [*usual_heads, *ODD_HEADS]]
    data = interchange(*(("315", inner) for inner in bodies)).replace(b"SE*14*0009", b"SE*99*0009")
    taken = _Counted(usual._quick)
    monkeypatch.setattr(usual, "_quick", taken)
    quick = list(x12.decode(data))
    # A journey is remembered from the second time on.
    assert len(usual_heads) - 2 <= taken.told < len(bodies) - 10
    monkeypatch.setattr(usual, "_quick", lambda *_: None)
    assert quick == list(x12.decode(data))
    assert len(quick) > 3 * len(usual_heads)


class _Counted:
    """Calls a reading and counts how often it told something."""

    def __init__(self, reading: Callable[..., list[Outcome] | None]) -> None:
        self.reading = reading
        self.told = 0

    def __call__(self, *given: object) -> list[Outcome] | None:
        outcomes = self.reading(*given)
        self.told += outcomes is not None
        return outcomes


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "_MEMORY_SIZE", 2000)
    bodies = [[b4(), f"R4*D*UN*USLAX*TOWN {number % 40}"] for number in range(400)]
    data = interchange(*(("315", inner) for inner in bodies))
    sizes = []
    kept = envelope.Memory.keep

    def watched(memory: envelope.Memory, text: str, value: object) -> None:
        kept(memory, text, value)
        sizes.append(sum(map(len, memory.texts)))

    monkeypatch.setattr(envelope.Memory, "keep", watched)
    assert len(list(x12.decode(data))) == 400
    # Each text is kept twice, and once more when it was forgotten.
    assert len(sizes) > 80
    assert max(sizes) <= 2000


def test_separators_of_another_interchange_are_not_mixed_up() -> None:
    inner = [b4(), "N9*BM*B1", "R4*D*UN*USLAX*LOS|ANGELES"]
    one = interchange(*[("315", inner)] * 3)
    other = one.replace(b"|", b"/").replace(b"*", b"|")
    places = [event.place for event in x12.decode(one + other + one) if isinstance(event, Event)]
    assert len(places) == 9
    assert set(places) == {Place("USLAX", "unlocode", None, "discharge")}


def test_few_segments_that_tell_of_too_much_are_refused() -> None:
    boxes = [f"N9*EQ*CLSU{number:07d}" for number in range(700)]
    ports = ["R4*D*UN*USLAX", "DTM*139*20260315*0600*LT"] * 700
    head = "B4***VD*20260301*1920*****45G1*KRPUS*UN"
    position, reason = refused("315", head, *boxes, *ports)
    assert (position, reason) == ("ISA1/GS1/ST1", "the transaction tells of more than can be read at once")
    assert len(events("315", head, *boxes, *ports[:4])) == 2100
