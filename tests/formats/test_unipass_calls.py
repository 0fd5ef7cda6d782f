"""UNI-PASS arrivals and departures of ships and aircraft (Open API 021 and 024)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cargo import formats
from cargo.domain.customs import kr
from cargo.domain.event import Event, Outcome, Place, Problem, Reference, Transport
from cargo.domain.places import place as known_place
from tests.formats.outcomes import RECEIVED_AT

REPORTS, CALLS = "etprRprtQryBrkdQryRtnVo", "ioprRprtBrkdQryRtnVo"
ROW = "etprRprtQryBrkdQryVo"
SHIP = {
    "cstmSgn": "030",
    "mrn": "26CLSL014EI",
    "shipFlgtNm": "CLS HARMONY",
    "shipCallImoNo": "9863297",
    "shipAirCntyCd": "KR",
    "etprDttm": "20260312053000",
    "acptDttm": "20260312071500",
}


def answer(root: str, *rows: dict[str, str], tag: str = ROW) -> bytes:
    told = "".join(
        f"<{tag}>" + "".join(f"<{name}>{text}</{name}>" for name, text in fields.items()) + f"</{tag}>"
        for fields in rows
    )
    return f"<{root}><ntceInfo/><tCnt>{len(rows)}</tCnt>{told}</{root}>".encode()


def read(data: bytes, request: str = "", received_at: datetime | None = RECEIVED_AT) -> list[Outcome]:
    return list(formats.decode(data, received_at=received_at, request=request)[1])


def only(root: str, fields: dict[str, str], request: str = "", received_at: datetime | None = RECEIVED_AT) -> Event:
    (outcome,) = read(answer(root, fields), request, received_at)
    assert isinstance(outcome, Event), outcome
    return outcome


def test_an_arrival_report_in_full() -> None:
    event = only(REPORTS, SHIP)
    assert (event.milestone, event.classifier, event.level, event.effect) == (
        "arrived",
        "actual",
        "conveyance",
        "advance",
    )
    assert str(event.occurred_at) == "2026-03-12 05:30:00+09:00"
    assert str(event.reported_at) == "2026-03-12 07:15:00+09:00"
    assert event.references == (Reference("manifest", "26CLSL014EI"),)
    assert event.place == Place("KRPUS", "unlocode", None, "discharge")
    assert event.transport == Transport("vessel", "CLS HARMONY", "9863297", None)
    assert (event.authority, event.format, event.position) == ("KR-KCS", "unipass.api021", f"{ROW}[1]/etprDttm")
    assert (event.source_code, event.source_text) == ("etprDttm", "입항보고")
    assert event.context == {"flag": "KR", "customs_office": "030"}
    assert event.warnings == ()


def test_a_departure_in_full() -> None:
    fields = {
        "ioprSbmtNo": "26CLSL0155E",
        "cstmSgn": "020",
        "cstmNm": "인천세관",
        "shipFlgtNm": "CLS STAR",
        "tkofDttm": "202603142145",
        "arvlCntyPortAirptCd": "CNSHA",
        "arvlCntyPortAirptNm": "SHANGHAI",
        "shipLamrPlcCd": "ICN05",
        "shipLamrPlcNm": "인천 신항",
    }
    event = only(CALLS, fields, "shipCallImoNo=3FBO6&seaFlghIoprTpcd=11&cstmSgn=020")
    assert (event.milestone, event.classifier, event.level) == ("departed", "actual", "conveyance")
    assert str(event.occurred_at) == "2026-03-14 21:45:00+09:00"
    assert event.reported_at is None
    assert event.references == (Reference("manifest", "26CLSL0155E"),)
    assert event.place == Place("KRINC", "unlocode", "인천 신항", "loading")
    assert event.transport == Transport("vessel", "CLS STAR", None, None)
    assert (event.format, event.position, event.source_code) == ("unipass.api024", f"{ROW}[1]/tkofDttm", "tkofDttm")
    assert event.context == {
        "call_sign": "3FBO6",
        "report_number": "26CLSL0155E",
        "customs_office": "020",
        "berth": "ICN05",
        "to": "CNSHA",
    }


def test_a_row_with_both_times_is_an_arrival_and_a_departure() -> None:
    fields = {**SHIP, "tkofDttm": "20260313200000"}
    arrived, departed = read(answer(CALLS, fields))
    assert isinstance(arrived, Event) and isinstance(departed, Event)
    assert (arrived.milestone, departed.milestone) == ("arrived", "departed")
    assert (arrived.position, departed.position) == (f"{ROW}[1]/etprDttm", f"{ROW}[1]/tkofDttm")
    assert arrived.meaning != departed.meaning


@pytest.mark.parametrize("tag", ["tkofRprtQryBrkdQryVo", "etprRprtQryBrkdQryRsltVo", "ioprRprtBrkdQryVo"])
def test_rows_of_another_name_are_read(tag: str) -> None:
    (event,) = read(answer(CALLS, {"tkofDttm": "20260313200000"}, tag=tag))
    assert isinstance(event, Event) and event.position == f"{tag}[1]/tkofDttm"


def test_what_is_reported_before_it_happens_is_estimated() -> None:
    ahead = {**SHIP, "acptDttm": "20260311180000"}
    assert only(REPORTS, ahead).classifier == "estimated"
    before = datetime(2026, 3, 11, 20, 29, tzinfo=UTC)
    assert only(REPORTS, {**SHIP, "acptDttm": ""}, received_at=before).classifier == "estimated"
    assert only(REPORTS, {**SHIP, "acptDttm": ""}, received_at=before.replace(minute=30)).classifier == "actual"
    assert only(REPORTS, {**SHIP, "acptDttm": ""}, received_at=None).classifier == "actual"


@pytest.mark.parametrize(
    ("given", "imo", "sign"),
    [("9863297", "9863297", None), ("IMO 9863297", "9863297", None), ("3fbo6", None, "3FBO6"), ("", None, None)],
)
def test_a_ship_is_named_by_its_imo_number_or_its_call_sign(given: str, imo: str | None, sign: str | None) -> None:
    for tag in ("shipCallImoNo", "shipCallimoNo"):
        fields = {name: text for name, text in SHIP.items() if name != "shipCallImoNo"} | {tag: given}
        event = only(REPORTS, fields)
        assert event.transport is not None and event.transport.imo == imo
        assert (event.context or {}).get("call_sign") == sign


def test_an_aircraft_is_a_flight() -> None:
    event = only(
        CALLS, {"cstmSgn": "040", "shipFlgtNm": "KE038", "etprDttm": "20260315043000", "dptrPortAirptNm": "LA"}
    )
    assert event.place == Place("ICN", "iata", None, "discharge")
    assert event.transport == Transport("air", None, None, "KE038")
    assert event.context == {"customs_office": "040", "from": "LA"}


def test_the_berth_tells_busans_new_port_from_the_old_one() -> None:
    assert only(REPORTS, {**SHIP, "shipLamrPlcNm": "부산신항 1부두"}).place == Place(
        "KRBNP", "unlocode", "부산신항 1부두", "discharge"
    )
    assert only(REPORTS, {**SHIP, "shipLamrPlcNm": "감만부두"}).place == Place(
        "KRPUS", "unlocode", "감만부두", "discharge"
    )


def test_an_office_without_a_port_gives_no_code() -> None:
    """A code that is no port's would make a transshipment of the arrival."""
    assert only(CALLS, {**SHIP, "cstmSgn": "010", "cstmNm": "서울세관"}).place == Place(
        None, "text", "서울세관", "discharge"
    )
    assert only(REPORTS, {**SHIP, "cstmSgn": "999"}).place is None


def test_every_customs_port_is_a_known_place_in_korea() -> None:
    for code in [*kr.CUSTOMS_PORTS.values(), *kr.PORT_NAMES.values()]:
        found = known_place(code, "iata" if len(code) == 3 else "unlocode")
        assert found is not None and found.zone == "Asia/Seoul", code


def test_cargo_that_the_request_names_goes_along() -> None:
    event = only(REPORTS, SHIP, "ioprSbmtNo=26CLSL014EI&cargMtNo=26CLSL014EI00420007")
    assert event.references == (
        Reference("cargo_control_number", "26CLSL014EI00420007"),
        Reference("manifest", "26CLSL014EI"),
    )


def test_a_report_number_that_is_no_manifest_is_none() -> None:
    event = only(CALLS, {"ioprSbmtNo": "26SRDJA0023", "etprDttm": "20260315043000"})
    assert event.references == ()
    assert event.context == {"report_number": "26SRDJA0023"}


def test_a_row_without_a_time_and_one_with_none_are_problems_and_cost_the_others_nothing() -> None:
    none, wrong, right = read(answer(CALLS, {"shipFlgtNm": "X"}, {"etprDttm": "어제"}, SHIP))
    assert none == Problem(
        position=f"{ROW}[1]", reason="neither a time of arrival nor one of departure", format="unipass.api024"
    )
    assert wrong == Problem(
        position=f"{ROW}[2]/etprDttm", reason="'어제' is not a date and time", format="unipass.api024"
    )
    assert isinstance(right, Event)
