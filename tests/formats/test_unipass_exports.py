"""UNI-PASS export fulfillment (Open API 002): accepted, loaded in part or whole, sailed, and loaded by when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cargo import formats
from cargo.domain.event import Deadline, Event, Outcome, Parked, Place, Problem, Quantity, Reference
from tests.formats.outcomes import RECEIVED_AT

NAME = "unipass.api002"
ROOT = "expDclrNoPrExpFfmnBrkdQryRtnVo"
DECLARATION = "expDclrNoPrExpFfmnBrkdQryRsltVo"
LOADING = "expDclrNoPrExpFfmnBrkdDtlQryRsltVo"
OF_BILL = "expDclrNoPrExpFfmnBrkdBlNoQryRsltVo"

DECLARED = {
    "expDclrNo": "42918-26-000777X",
    "exppnConm": "(주)가상수출",
    "acptDt": "20260302",
    "acptDttm": "140512",
    "loadDtyTmlm": "20260401",
    "shpmCmplYn": "N",
    "sanm": "CLS HARMONY",
    "csclPckGcnt": "300",
    "csclPckUt": "CT",
    "csclWght": "9,000.5",
}
FIRST = {"blNo": "KOROT2603001", "tkofDt": "20260310", "shpmPckGcnt": "120", "shpmPckUt": "CT", "shpmWght": "3600"}
SECOND = {"blNo": "KOROT2603002", "tkofDt": "20260317", "shpmPckGcnt": "180", "shpmPckUt": "CT", "shpmWght": "5400.5"}


def answer(*rows: tuple[str, dict[str, str]]) -> bytes:
    told = "".join(
        f"<{name}>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in fields.items()) + f"</{name}>"
        for name, fields in rows
    )
    return f"<{ROOT}><ntceInfo/><tCnt>{len(rows)}</tCnt>{told}</{ROOT}>".encode()


def read(data: bytes, request: str = "", received_at: datetime = RECEIVED_AT) -> list[Outcome]:
    return list(formats.decode(data, received_at=received_at, request=request)[1])


def events(data: bytes, request: str = "", received_at: datetime = RECEIVED_AT) -> dict[str, Event]:
    """By position."""
    found = {}
    for outcome in read(data, request, received_at):
        assert isinstance(outcome, Event), outcome
        found[outcome.position] = outcome
    return found


def test_an_acceptance_in_full() -> None:
    event = events(answer((DECLARATION, DECLARED)))[f"{DECLARATION}[1]/acptDt"]
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "export_cleared",
        "actual",
        "declaration",
        "release",
    )
    assert str(event.occurred_at) == "2026-03-02 14:05:12+09:00"
    assert (event.time_zone, event.time_basis) == ("Asia/Seoul", "source_default")
    assert event.references == (Reference("declaration", "4291826000777X"),)
    assert event.quantity == Quantity(300, "CT", 9000.5)
    assert event.deadline == Deadline("loading", date(2026, 4, 1))
    assert (event.authority, event.agency, event.place, event.plan) == ("KR-KCS", "KR-KCS", None, None)
    assert (event.source_code, event.source_text, event.format) == ("acptDt", "수출신고수리", NAME)
    assert event.warnings == ()
    assert event.context == {
        "cleared": {"packages": 300, "unit": "CT", "weight_kg": 9000.5},
        "loaded_completely": False,
        "exporter": "(주)가상수출",
    }


def test_part_loads_are_departures_with_their_quantities_and_nothing_is_exported_yet() -> None:
    found = events(answer((DECLARATION, DECLARED), (LOADING, FIRST), (LOADING, SECOND)))
    assert [event.milestone for event in found.values()] == ["export_cleared", "departed", "departed"]
    first, second = (found[f"{LOADING}[{n}]/tkofDt"] for n in (1, 2))
    assert (first.quantity, second.quantity) == (Quantity(120, "CT", 3600.0), Quantity(180, "CT", 5400.5))
    assert (first.part, second.part) == ("1/2", "2/2")
    assert first.references == (Reference("house_bill", "KOROT2603001"), Reference("declaration", "4291826000777X"))
    assert first.transport is not None and first.transport.vessel_name == "CLS HARMONY"
    assert (str(first.occurred_at), first.level) == ("2026-03-10 00:00:00+09:00", "conveyance")
    assert first.warnings == ("date_only: tkofDt has no time of day",)
    # The acceptance names both bills, so that cargo that is known by one of them hears of it.
    accepted = found[f"{DECLARATION}[1]/acptDt"]
    assert [r.value for r in accepted.references] == ["4291826000777X", "KOROT2603001", "KOROT2603002"]


@pytest.mark.parametrize("flag", ["shpmCmplYn", "shpmcmplYn"])
def test_a_declaration_that_is_loaded_completely_is_exported_at_its_last_sailing(flag: str) -> None:
    declared = {**DECLARED, "shpmCmplYn": "", flag: "Y", "shpmPckGcnt": "300", "shpmPckUt": "CT", "shpmWght": "9000.5"}
    found = events(answer((DECLARATION, declared), (LOADING, SECOND), (LOADING, FIRST)))
    event = found[f"{DECLARATION}[1]/shpmCmplYn"]
    assert (event.milestone, event.level, event.effect) == ("exported", "declaration", "advance")
    assert str(event.occurred_local) == "2026-03-17 00:00:00"
    assert event.quantity == Quantity(300, "CT", 9000.5)
    assert event.deadline is None


def test_loaded_completely_without_a_day_has_no_time() -> None:
    event = events(answer((DECLARATION, {**DECLARED, "shpmCmplYn": "Y"})))[f"{DECLARATION}[1]/shpmCmplYn"]
    assert (event.occurred_local, event.occurred_at, event.time_basis, event.warnings) == (None, None, None, ())


BY_BILL = {
    **DECLARED,
    "mrn": "26CLSL0155E",
    "shpmAirptPortNm": "부산신항",
    "tkofDt": "20260312",
    "dvdeWdrw": "1",
    "shpmPckGcnt": "300",
    "shpmPckUt": "CT",
    "shpmWght": "9000.5",
    "shpmCmplYn": "Y",
    "ldpInscTrgtYn": "Y",
}


def test_by_bill_the_bill_comes_with_the_request() -> None:
    found = events(answer((OF_BILL, BY_BILL)), "blNo=KOROT2603009")
    assert [event.milestone for event in found.values()] == ["export_cleared", "exported", "departed"]
    for event in found.values():
        assert event.references == (
            Reference("house_bill", "KOROT2603009"),
            Reference("declaration", "4291826000777X"),
            Reference("manifest", "26CLSL0155E"),
        )
        assert event.place == Place("KRBNP", "unlocode", None, "loading")
        assert event.plan == {"port_of_loading": "KRBNP"}
        assert event.context is not None
        assert (event.context["part_loads"], event.context["inspected_where_loaded"]) == ("1", True)
    master = events(answer((OF_BILL, BY_BILL)), "blNo=HDMUPUS1&master_bill=HDMUPUS1")
    assert {(event.reference("master_bill"), event.reference("house_bill")) for event in master.values()} == {
        ("HDMUPUS1", None)
    }


def test_the_bill_in_the_row_goes_before_the_one_asked_for() -> None:
    found = events(answer((OF_BILL, {**BY_BILL, "blNo": "KOROT2603010"})), "blNo=KOROT2603009")
    assert {event.reference("house_bill") for event in found.values()} == {"KOROT2603010"}


def test_two_declarations_of_one_bill_stay_apart() -> None:
    other = {**BY_BILL, "expDclrNo": "4291826000778X"}
    found = events(answer((OF_BILL, BY_BILL), (OF_BILL, other)), "blNo=KOROT2603009")
    assert len({event.meaning for event in found.values()}) == len(found) == 6


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("부산항", Place("KRPUS", "unlocode", None, "loading")),
        ("인천국제공항", Place("ICN", "iata", None, "loading")),
        ("인천", Place("KRINC", "unlocode", None, "loading")),
        ("KRKAN", Place("KRKAN", "unlocode", None, "loading")),
        ("어딘가", Place(None, "text", "어딘가", "loading")),
        ("", None),
    ],
)
def test_where_it_was_loaded(place: str, expected: Place | None) -> None:
    event = events(answer((OF_BILL, {**BY_BILL, "shpmAirptPortNm": place})))[f"{OF_BILL}[1]/tkofDt"]
    assert event.place == expected


@pytest.mark.parametrize(("ship", "place"), [("KE038", ""), ("KE038", "인천공항"), ("5X196", "부산항")])
def test_by_air_the_ship_is_a_flight(ship: str, place: str) -> None:
    event = events(answer((OF_BILL, {**BY_BILL, "sanm": ship, "shpmAirptPortNm": place})))[f"{OF_BILL}[1]/tkofDt"]
    assert event.transport is not None
    assert (event.transport.mode, event.transport.voyage, event.transport.vessel_name) == ("air", ship, None)


@pytest.mark.parametrize("place", ["", "어딘가"])
def test_how_it_left_is_not_guessed(place: str) -> None:
    event = events(answer((OF_BILL, {**BY_BILL, "sanm": "", "shpmAirptPortNm": place})))[f"{OF_BILL}[1]/tkofDt"]
    assert event.transport is None


def test_a_sailing_to_come_is_estimated_and_one_without_goods_planned() -> None:
    before = datetime(2026, 3, 9, 14, 59, tzinfo=UTC)
    found = events(answer((LOADING, FIRST)), received_at=before)
    assert found[f"{LOADING}[1]/tkofDt"].classifier == "estimated"
    found = events(answer((LOADING, FIRST)), received_at=datetime(2026, 3, 9, 15, 0, tzinfo=UTC))
    assert found[f"{LOADING}[1]/tkofDt"].classifier == "actual"
    found = events(answer((LOADING, {"blNo": "KOROT2603001", "tkofDt": "20260310"})))
    assert found[f"{LOADING}[1]/tkofDt"].classifier == "planned"


@pytest.mark.parametrize(
    ("fields", "deadline", "warnings"),
    [
        ({"loadDtyTmlm": "", "loadDtyTmIm": "2026-04-01"}, Deadline("loading", date(2026, 4, 1)), ()),
        ({"loadDtyTmlm": ""}, None, ()),
        ({"loadDtyTmlm": "곧"}, None, ("deadline: '곧' is not a date",)),
    ],
)
def test_the_last_day_to_load(fields: dict[str, str], deadline: Deadline | None, warnings: tuple[str, ...]) -> None:
    event = events(answer((DECLARATION, {**DECLARED, **fields})))[f"{DECLARATION}[1]/acptDt"]
    assert (event.deadline, event.warnings) == (deadline, warnings)


@pytest.mark.parametrize(
    ("clock", "local"),
    [("", "2026-03-02 00:00:00"), ("20260302140512", "2026-03-02 14:05:12"), ("낮", "2026-03-02 00:00:00")],
)
def test_the_time_of_acceptance(clock: str, local: str) -> None:
    event = events(answer((DECLARATION, {**DECLARED, "acptDttm": clock})))[f"{DECLARATION}[1]/acptDt"]
    assert str(event.occurred_local) == local
    assert event.warnings == (() if local.endswith("12") else ("date_only: acptDt has no time of day",))


def test_a_dashed_day_and_its_time_belong_together() -> None:
    event = events(answer((DECLARATION, {**DECLARED, "acptDt": "2026-03-02"})))[f"{DECLARATION}[1]/acptDt"]
    assert (str(event.occurred_local), event.warnings) == ("2026-03-02 14:05:12", ())


def test_what_is_not_accepted_is_parked_and_what_is_no_day_a_problem() -> None:
    parked, problem, sailing = read(
        answer(
            (DECLARATION, {**DECLARED, "acptDt": ""}), (DECLARATION, {"acptDt": "어제"}), (LOADING, {"tkofDt": "내일"})
        )
    )
    assert parked == Parked(
        position=f"{DECLARATION}[1]/acptDt", reason="the declaration is not accepted yet", format=NAME
    )
    assert problem == Problem(position=f"{DECLARATION}[2]/acptDt", reason="'어제' is not a date", format=NAME)
    assert sailing == Problem(position=f"{LOADING}[1]/tkofDt", reason="'내일' is not a date", format=NAME)
