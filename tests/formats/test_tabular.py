"""Tables: what a row says with and without a mapping, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Place, Problem
from cargo.domain.identity import epoch, identify
from cargo.formats import tabular
from cargo.formats.tabular import words
from cargo.formats.tabular.meaning import fingerprint, meanings
from cargo.pipeline.normalize import normalize
from tests.formats.outcomes import kinds
from tests.formats.workbooks import Dated, workbook

RECEIVED = datetime(2026, 3, 20, 6, tzinfo=UTC)
LIST = """Container No.,MBL,POL,POD,Vessel,Voyage,ETA,Discharged,LFD,Remarks
HDMU6546583,HDMUPUSR1234567,CNSHA,"Busan, KR",HMM ALGECIRAS,014E,2026-03-14,2026-03-14 21:10,2026-03-20,fragile
MSKU9070323,HDMUPUSR1234568,CNSHA,부산,HMM ALGECIRAS,014E,2026-03-15,,,
"""
STATUSES = """Kiste;Was;Wann;Wo
HDMU6546583;Gelöscht;14.03.2026 21:10;Hafen Busan
HDMU6546583;Unterwegs;01.03.2026 08:00;Hafen Busan
"""
MEANING = {
    "columns": [{"field": "container"}, {"field": "status"}, {"field": "occurred"}, {"field": "place"}],
    "order": "day",
    "statuses": {"gelöscht": ["discharged", "actual"]},
    "places": {"hafenbusan": "KRPUS"},
}


def reading(header: str, meaning: dict[str, Any]) -> str:
    """``Source.reading`` of a source whose tables with this header were explained."""
    return json.dumps({"codes": {}, "columns": {fingerprint(header.split(";")): meaning}})


def read(data: bytes | str, told: str = "") -> list[Outcome]:
    body = data if isinstance(data, bytes) else data.encode()
    return list(formats.decode(body, received_at=RECEIVED, reading=told)[1])


def events(data: bytes | str, told: str = "") -> list[Event]:
    return [outcome for outcome in read(data, told) if isinstance(outcome, Event)]


def test_a_list_with_well_known_columns_needs_nobody() -> None:
    found = events(LIST)
    assert [(event.position, event.milestone, event.classifier, event.level) for event in found] == [
        ("row 2, column 7", "arrived", "estimated", "conveyance"),
        ("row 2, column 8", "discharged", "actual", "container"),
        ("row 2, column 9", "last_free_day_reported", "planned", "container"),
        ("row 3, column 7", "arrived", "estimated", "conveyance"),
    ]
    discharged = found[1]
    assert discharged.occurred_local == datetime(2026, 3, 14, 21, 10)
    assert discharged.occurred_at is None and discharged.reported_at == RECEIVED
    assert [(item.type, item.value) for item in discharged.references] == [
        ("master_bill", "HDMUPUSR1234567"),
        ("container", "HDMU6546583"),
    ]
    assert discharged.place == Place("KRPUS", "unlocode")
    assert discharged.plan == {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"}
    assert discharged.transport is not None
    assert (discharged.transport.vessel_name, discharged.transport.voyage) == ("HMM ALGECIRAS", "014E")
    assert (discharged.source_code, discharged.source_text, discharged.format) == ("Discharged", "fragile", "tabular")
    assert found[2].deadline is not None and found[2].deadline.date.isoformat() == "2026-03-20"
    assert found[3].place == Place("KRPUS", "unlocode")


def test_local_times_are_placed_by_the_port() -> None:
    discharged = next(
        event for event in normalize(read(LIST), RECEIVED) if getattr(event, "milestone", "") == "discharged"
    )
    assert isinstance(discharged, Event) and discharged.occurred_at is not None
    assert discharged.occurred_at.isoformat() == "2026-03-14T21:10:00+09:00"
    assert discharged.time_basis == "place"


def test_a_mapping_says_what_no_word_does() -> None:
    discharged, unknown = events(STATUSES, reading("Kiste;Was;Wann;Wo", MEANING))
    assert (discharged.milestone, discharged.position) == ("discharged", "row 2")
    assert discharged.occurred_local == datetime(2026, 3, 14, 21, 10)
    assert discharged.place == Place("KRPUS", "unlocode")
    assert (unknown.milestone, unknown.source_code, unknown.source_text) == ("unknown", "Unterwegs", "Unterwegs")


def test_without_a_mapping_strange_columns_are_refused_and_named() -> None:
    with pytest.raises(FormatError) as refused:
        read(STATUSES)
    assert str(refused.value) == "nobody has said yet what its columns mean (Add data): Kiste, Was, Wann, Wo"


def test_a_mapping_is_found_again_by_the_header_whatever_its_spelling() -> None:
    told = reading("Kiste;Was;Wann;Wo", MEANING)
    assert len(events(STATUSES.replace("Kiste;Was", " KISTE ; Was."), told)) == 2
    with pytest.raises(FormatError):
        read(STATUSES.replace("Kiste;Was", "Was;Kiste"), told)


@pytest.mark.parametrize(
    ("zone", "basis", "instant", "said"),
    [
        ("Asia/Seoul", "source_default", "2026-03-14T21:10:00+09:00", "source_default"),
        ("Europe/Berlin", "given", "2026-03-14T21:10:00+01:00", "given"),
    ],
)
def test_the_zone_that_a_person_named(zone: str, basis: str, instant: str, said: str) -> None:
    event = events(STATUSES, reading("Kiste;Was;Wann;Wo", {**MEANING, "zone": zone, "zone_basis": basis}))[0]
    assert event.occurred_at is not None
    assert (event.occurred_at.isoformat(), event.time_basis, event.time_zone) == (instant, said, zone)


def test_a_cell_that_states_its_offset_is_believed() -> None:
    table = "Container,ETA,POD\nHDMU6546583,2026-03-14T08:55:00+08:00,KRPUS\n"
    (event,) = events(table)
    assert event.occurred_at is not None and event.occurred_at.utcoffset() == timedelta(hours=8)
    assert event.time_basis == "given"


def test_a_bad_row_is_one_problem_and_costs_the_others_nothing() -> None:
    table = (
        "Container,ETA,Discharged,Packages,POD\n"
        "HDMU6546583,tomorrow,2026-03-14,4\n"
        "HDMU6546583,2026-03-14,,4\n"
        ",2026-03-14,,\n"
        "HDMU6546583,2026-03-14,,four\n"
        ",,,\n"
        "HDMU6546583,,,\n"
        "HDMU6546583,2026-03-14,,4,KRPUS,and a cell too many\n"
    )
    found = read(table)
    assert [(type(outcome).__name__, outcome.position) for outcome in found] == [
        ("Problem", "row 2"),
        ("Event", "row 3, column 2"),
        ("Problem", "row 4"),
        ("Problem", "row 5"),
        ("Parked", "row 7"),
        ("Event", "row 8, column 2"),
    ]
    reasons = [outcome.reason for outcome in found if isinstance(outcome, Problem | Parked)]
    assert reasons == [
        "ETA: 'tomorrow': no date",
        "no number by which cargo is known",
        "Packages: 'four': no number",
        "no date: it says nothing yet",
    ]


def test_dates_that_could_be_either_are_never_guessed() -> None:
    table = "Container,ETA,POD\nHDMU6546583,03/04/2026,KRPUS\n"
    with pytest.raises(FormatError) as refused:
        read(table)
    assert str(refused.value).startswith(tabular.NOT_MAPPED)
    proved = events(table + "MSKU9070323,14/04/2026,KRPUS\n")
    assert [event.occurred_local for event in proved] == [datetime(2026, 4, 3), datetime(2026, 4, 14)]
    columns = [{"field": "container"}, {"field": "date", "milestone": "arrived", "classifier": "estimated"}]
    columns.append({"field": "port_of_discharge"})
    told = reading("Container;ETA;POD", {"columns": columns, "order": "month"})
    assert [event.occurred_local for event in events(table, told)] == [datetime(2026, 3, 4)]
    (open_question,) = read(table, reading("Container;ETA;POD", {"columns": columns}))
    assert isinstance(open_question, Problem)
    assert open_question.reason == "ETA: '03/04/2026': day and month could be either"


def test_several_containers_in_one_cell_are_several_events() -> None:
    table = 'MBL,Container,Discharged,POD\nHDMUPUSR1234567,"HDMU6546583, MSKU9070323",2026-03-14,KRPUS\n'
    found = events(table)
    assert [event.position for event in found] == ["row 2, column 3, container 1", "row 2, column 3, container 2"]
    assert [event.reference("container") for event in found] == ["HDMU6546583", "MSKU9070323"]
    assert {event.level for event in found} == {"container"}


def test_a_container_move_without_a_container_is_told_of_the_house() -> None:
    (event,) = events("HBL,Discharged,POD\nKOSHA2603001,2026-03-14,KRPUS\n")
    assert (event.level, event.reference("house_bill")) == ("house", "KOSHA2603001")


def test_korean_headers_statuses_and_dates() -> None:
    table = (
        "컨테이너번호;하우스 BL;처리단계;처리일시;장소;터미널\n"
        "HDMU6546583;KOSHA2603001;양하;2026년 3월 14일 오후 2시 5분;부산;HJNC\n"
    )
    (event,) = events(table.encode("cp949"))
    assert (event.milestone, event.occurred_local) == ("discharged", datetime(2026, 3, 14, 14, 5))
    assert event.place == Place("KRPUS", "unlocode", "HJNC")


def test_a_status_with_its_classifier_and_a_time_of_its_own() -> None:
    table = "Container,Event,Date,Time,Act/Est,Location\nHDMU6546583,Vessel arrival,14 Mar 2026,0855,E,KRPUS\n"
    (event,) = events(table)
    assert (event.milestone, event.classifier) == ("arrived", "estimated")
    assert event.occurred_local == datetime(2026, 3, 14, 8, 55)


def test_an_air_waybill_makes_it_air_and_an_airport_is_one() -> None:
    (event,) = events("AWB,Event,Date,Location\n180-12345675,Departed origin,2026-03-14 08:00,ICN\n")
    assert event.place == Place("ICN", "iata")
    assert event.transport is not None and event.transport.mode == "air"


def test_told_again_an_actual_event_is_the_same_and_an_estimate_a_new_report() -> None:
    later = list(formats.decode(LIST.encode(), received_at=RECEIVED + timedelta(days=1))[1])
    pairs = [(first, second) for first, second in zip(read(LIST), later, strict=True) if isinstance(first, Event)]
    same = {
        (first.classifier, identify(1, first, epoch(first.occurred_at)).id == identify(1, second, epoch(None)).id)
        for first, second in pairs
        if isinstance(second, Event)
    }
    assert same == {("actual", True), ("estimated", False), ("planned", False)}


def test_when_the_row_was_reported_is_believed() -> None:
    (event,) = events("Container,ETA,POD,Updated\nHDMU6546583,2026-03-14,KRPUS,2026-03-10 09:00\n")
    assert event.reported_at is not None and event.reported_at.isoformat() == "2026-03-10T09:00:00+09:00"


def test_titles_above_the_header_and_the_numbers_of_rows() -> None:
    found = events("Shipments of March\n\n" + LIST)
    assert found[0].position == "row 4, column 7"


def test_a_workbook_says_the_same_as_its_csv() -> None:
    rows: list[list[str | float | None]] = [
        ["Container", "ETA", "Discharged", "POD", "Packages"],
        ["HDMU6546583", Dated(46095), Dated(46095.882), "KRPUS", 42.0],
        ["MSKU9070323", "2026-03-15", None, "KRPUS", None],
    ]
    found = events(workbook(rows))
    told = [(event.position, event.milestone, event.occurred_local) for event in found]
    assert told == [
        ("row 2, column 2", "arrived", datetime(2026, 3, 14)),
        ("row 2, column 3", "discharged", datetime(2026, 3, 14, 21, 10, 5)),
        ("row 3, column 2", "arrived", datetime(2026, 3, 15)),
    ]
    assert found[0].quantity is not None and found[0].quantity.packages == 42


def test_of_a_workbook_the_sheet_that_is_known_is_read_and_the_others_are_named() -> None:
    notes = [["a note", "of no use"], ["x", "y"]]
    table = [["Container", "ETA"], ["HDMU6546583", "2026-03-14"]]
    columns = [{"field": "container"}, {"field": "date", "milestone": "arrived", "classifier": "estimated"}]
    found = read(workbook(notes, table), reading("Container;ETA", {"columns": columns, "zone": "Asia/Seoul"}))
    assert kinds(found) == ["Parked", "Event"]
    assert found[0].position == "sheet Sheet1"


def test_the_slice_is_the_row_with_the_columns_that_are_read_and_no_other() -> None:
    table = "Container,ETA,Our price,POD\nHDMU6546583,2026-03-14,9999,KRPUS\nMSKU9070323,2026-03-15,1111,KRPUS\n"
    (first, second) = events(table)
    piece = formats.slice("tabular", table.encode(), second.position)
    assert piece == b"Container,ETA,POD\r\nMSKU9070323,2026-03-15,KRPUS\r\n"
    assert b"9999" not in formats.slice("tabular", table.encode(), first.position)
    told = reading("Kiste;Was;Wann;Wo", {**MEANING, "columns": [*MEANING["columns"][:3], {}], "zone": "Asia/Seoul"})  # type: ignore[misc]
    piece = formats.slice("tabular", STATUSES.encode(), "row 3", told).decode()
    assert piece == "Kiste,Was,Wann\r\nHDMU6546583,Unterwegs,01.03.2026 08:00\r\n"


@pytest.mark.parametrize("position", ["", "row 0", "row 1", "row 4", "row 99999999", "row x", "/0", "row 2x"])
def test_a_position_of_no_row_is_refused(position: str) -> None:
    with pytest.raises(FormatError):
        formats.slice(
            "tabular", b"POD,Container,ETA\nKRPUS,HDMU6546583,2026-03-14\nKRPUS,MSKU9070323,2026-03-15\n", position
        )


def test_a_mapping_that_does_not_hold_together_is_said_so() -> None:
    with pytest.raises(FormatError) as refused:
        read(STATUSES, reading("Kiste;Was;Wann;Wo", {"columns": [{"field": "status"}]}))
    assert str(refused.value).endswith("does not hold together: no_reference, status_without_date, no_zone")
    with pytest.raises(FormatError):
        meanings('{"columns": {"x": {"columns": "no"}}}')


def test_bare_times_without_a_place_need_a_zone_that_a_person_names() -> None:
    table = "Container,ETA\nHDMU6546583,2026-03-14\n"
    with pytest.raises(FormatError) as refused:
        read(table)
    assert str(refused.value).startswith(tabular.NOT_MAPPED)
    columns = [{"field": "container"}, {"field": "date", "milestone": "arrived", "classifier": "estimated"}]
    (event,) = events(table, reading("Container;ETA", {"columns": columns, "zone": "Asia/Seoul"}))
    assert event.occurred_at is not None and event.occurred_at.isoformat() == "2026-03-14T00:00:00+09:00"


def test_it_is_looked_at_last() -> None:
    assert list(formats.FORMATS)[-1] == "tabular"


@pytest.mark.parametrize(
    "text",
    ["", "one word", "Dear Sir, we hope\nthat this finds you well", "UNB+UNOA:2+A+B'UNH+1+IFTSTA'",
     '[{"a": 1, "b": 2}]', "FSU/14\n180-12345675ICNFRA/T1K1\n", "<a>1,2</a>\n<b>1,2</b>"],
)  # fmt: skip
def test_what_is_no_table_is_left_to_others(text: str) -> None:
    assert not tabular.sniff(text.encode())


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["HDMU6546583", "KRPUS", "2026-03-14", "03/04/26", "9999-12-31 23:59", "0001-01-01", "46095.5", "E"]
    ),
)
FIELDS = st.sampled_from(["", *words.FIELDS])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=4), st.lists(FIELDS, min_size=4, max_size=4)
)
def test_whatever_stands_in_a_table_and_whatever_was_said_of_it(rows: list[list[str]], fields: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["Kiste", "Was", "Wann", "Wo"], *rows])
    columns = [{"field": field, "milestone": "arrived", "classifier": "actual"} for field in fields]
    told = reading("Kiste;Was;Wann;Wo", {"columns": columns, "order": "day", "zone": "Asia/Seoul"})
    data = text.getvalue().encode("utf-8", "surrogatepass")
    try:
        outcomes = list(
            normalize(formats.decode(data, format="tabular", received_at=RECEIVED, reading=told)[1], RECEIVED)
        )
    except FormatError as error:
        assert "\n" not in str(error)
        return
    for outcome in outcomes:
        if isinstance(outcome, Event):
            formats.slice("tabular", data, outcome.position, told)
        elif isinstance(outcome, Problem | Parked):
            assert "\n" not in outcome.reason
