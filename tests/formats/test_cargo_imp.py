"""Cargo-IMP: which part of a status line is which, whose year a day is in, and what stands around messages."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Place, Problem, Quantity, Reference, Transport
from cargo.formats import cargo_imp
from cargo.formats.cargo_imp import calendar, envelope, movement
from cargo.formats.cargo_imp.movement import Clock
from cargo.pipeline.normalize import normalize
from tests.formats.outcomes import SAMPLES, kinds

JULY = datetime(2026, 7, 1, tzinfo=UTC)
WAYBILL = "988-50000016ICNLHR/T20K840.5"


def read(text: str | bytes, received_at: datetime | None = JULY) -> list[Outcome]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(formats.decode(data, format="cargo_imp", received_at=received_at)[1])


def status(line: str, waybill: str = WAYBILL, received_at: datetime | None = JULY) -> list[Event]:
    found = read(f"FSU/15\n{waybill}\n{line}\n", received_at)
    assert all(isinstance(outcome, Event) for outcome in found), found
    return [outcome for outcome in found if isinstance(outcome, Event)]


def local(event: Event) -> str | None:
    return event.occurred_local.isoformat() if event.occurred_local else None


def test_a_departure_in_full() -> None:
    departed, arrival = status("DEP/OZ521/10JUN/ICNLHR/P12K504.3/A1358/E1905\nULD/PMC72001OZ-M/AKE40002OZ")
    assert (departed.milestone, departed.classifier, departed.level, departed.effect) == (
        "departed",
        "actual",
        "conveyance",
        "advance",
    )
    assert (local(departed), departed.occurred_at, departed.reported_at) == ("2026-06-10T13:58:00", None, None)
    assert departed.references == (Reference("air_waybill", "988-50000016"),)
    assert departed.place == Place("ICN", "iata", None, "loading")
    assert departed.transport == Transport(mode="air", voyage="OZ521")
    assert (departed.quantity, departed.part) == (Quantity(12, None, 504.3), "12/20")
    assert departed.plan == {"port_of_loading": "ICN", "port_of_discharge": "LHR"}
    assert (departed.format, departed.source_code, departed.position) == ("cargo_imp.fsu", "DEP", "line 3")
    assert departed.source_text == "Consignment departed on a flight"
    assert departed.context == {
        "carrier": "OZ",
        "total_packages": 20,
        "units": ["PMC72001OZ-M", "AKE40002OZ"],
        "transport_phase": "export",
    }
    assert departed.warnings == ()
    assert (arrival.milestone, arrival.classifier, local(arrival)) == ("arrived", "estimated", "2026-06-10T19:05:00")
    assert (arrival.place, arrival.position) == (Place("LHR", "iata", None, "discharge"), "line 3 arrival")
    assert arrival.context == {"carrier": "OZ", "total_packages": 20, "transport_phase": "import"}


def test_local_times_become_instants_by_the_airports_zone() -> None:
    departed, arrival = normalize(iter(status("DEP/OZ521/10JUN/ICNLHR/T20/A1358/E1905")), JULY)
    assert isinstance(departed, Event) and isinstance(arrival, Event)
    assert (str(departed.occurred_at), departed.time_basis) == ("2026-06-10 13:58:00+09:00", "place")
    assert (str(arrival.occurred_at), arrival.time_zone) == ("2026-06-10 19:05:00+01:00", "Europe/London")
    assert departed.references == (Reference("air_waybill", "98850000016"),)


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("DEP/OZ521/10JUN/ICNLHR/T20/A1358", [("departed", "actual", "2026-06-10T13:58:00")]),
        # The flight has left; when it was to leave is all that is told.
        (
            "DEP/OZ521/10JUN/ICNLHR/T20/S1330",
            [("departed", "actual", "2026-06-10T13:30:00"), ("departed", "planned", "2026-06-10T13:30:00")],
        ),
        (
            "DEP/OZ521/10JUN/ICNLHR/T20//E0530-N",
            [("departed", "actual", "2026-06-10T00:00:00"), ("arrived", "estimated", "2026-06-11T05:30:00")],
        ),
        (
            "BKD/OZ521/10JUN/ICNLHR/T20/S1330/S0140-N/MC4.2",
            [
                ("booking_confirmed", "actual", None),
                ("departed", "planned", "2026-06-10T13:30:00"),
                ("arrived", "planned", "2026-06-11T01:40:00"),
            ],
        ),
        ("BKD/09JUN1317/ICN/SOMEBODY", [("booking_confirmed", "actual", "2026-06-09T13:17:00")]),
        (
            "MAN/OZ521/10JUN/ICNLHR/P12/E1350/E1905",
            [
                ("manifested", "actual", None),
                ("departed", "estimated", "2026-06-10T13:50:00"),
                ("arrived", "estimated", "2026-06-10T19:05:00"),
            ],
        ),
        ("PRE///ICNLHR/T20/S2000/S0500-N", [("manifested", "actual", None)]),
        ("RCF/OZ521/10JUN2331/LHR/T20", [("discharged", "actual", "2026-06-10T23:31:00")]),
        (
            "RCF/OZ521/10JUN0131-N/LHR/T20//A1912",
            [("discharged", "actual", "2026-06-11T01:31:00"), ("arrived", "actual", "2026-06-10T19:12:00")],
        ),
        (
            "RCF/OZ521/10JUN1300/LHR/T20//A1117-P",
            [("discharged", "actual", "2026-06-10T13:00:00"), ("arrived", "actual", "2026-06-09T11:17:00")],
        ),
        # One time alone behind a flight that came in is its arrival.
        (
            "ARR/OZ521/10JUN1912/LHR/T20/S1840",
            [("arrived", "actual", "2026-06-10T19:12:00"), ("arrived", "planned", "2026-06-10T18:40:00")],
        ),
        ("ARR/OZ521/10JUN/LHR/T20//A1912", [("arrived", "actual", "2026-06-10T19:12:00")]),
        (
            "FIW/OZ521/10JUN2340/LHR/T20/S1330/A1912",
            [("bonded_storage_in", "actual", "2026-06-10T23:40:00")] + [("arrived", "actual", "2026-06-10T19:12:00")],
        ),
        # Freight goes into the warehouse at the origin from no flight.
        ("FIW/OZ521/10JUN0900/ICN/T20/S1330/E1905", [("gate_in", "actual", "2026-06-10T09:00:00")]),
        ("TRM/KE/ICN/T20", [("transferred_to_carrier", "planned", None)]),
        ("NFD/11JUN2400/LHR/T20", [("arrival_notice_sent", "actual", "2026-06-12T00:00:00")]),
    ],
)
def test_what_a_line_tells_and_when(line: str, times: list[tuple[str, str, str | None]]) -> None:
    assert [(event.milestone, event.classifier, local(event)) for event in status(line)] == times


def test_a_time_that_is_not_the_events_own_is_marked() -> None:
    assert status("DEP/OZ521/10JUN/ICNLHR/T20/S1330")[0].warnings == (
        "time_expected: S1330 is the only time told of what has happened",
    )
    assert status("ARR/OZ521/10JUN/LHR/T20//E1912")[0].warnings == (
        "time_expected: E1912 is the only time told of what has happened",
    )
    assert status("RCS/10JUN/ICN/T20")[0].warnings == ("date_only: the status has no time of day",)


@pytest.mark.parametrize(
    ("letter", "days"), [("P", -1), ("N", 1), ("S", 2), ("T", 3), ("A", 4), ("B", 5), ("K", 14), ("L", 15)]
)
def test_day_changes_count_from_the_scheduled_day(letter: str, days: int) -> None:
    (event,) = status(f"RCF/OZ521/10JUN1200-{letter}/LHR/T20")
    assert event.occurred_local == datetime(2026, 6, 10 + days, 12)


@pytest.mark.parametrize(
    ("told", "reference", "planned", "meant"),
    [
        ((31, "DEC"), date(2026, 1, 1), False, date(2025, 12, 31)),
        ((1, "JAN"), date(2025, 12, 31), False, date(2026, 1, 1)),
        ((31, "DEC"), date(2026, 1, 1), True, date(2025, 12, 31)),
        ((10, "JUN"), date(2026, 7, 1), False, date(2026, 6, 10)),
        ((29, "AUG"), date(2026, 7, 1), False, date(2026, 8, 29)),
        ((30, "SEP"), date(2026, 7, 1), False, date(2025, 9, 30)),
        ((30, "SEP"), date(2026, 7, 1), True, date(2026, 9, 30)),
        ((29, "FEB"), date(2024, 3, 1), False, date(2024, 2, 29)),
        ((29, "FEB"), date(2025, 3, 1), False, None),
        ((28, "FEB"), date(2024, 2, 29), False, date(2024, 2, 28)),
        ((31, "JUN"), date(2026, 7, 1), False, None),
        ((0, "JUN"), date(2026, 7, 1), False, None),
    ],
)
def test_whose_year_a_day_is_in(told: tuple[int, str], reference: date, planned: bool, meant: date | None) -> None:
    assert calendar.day_of(*told, reference, planned=planned) == meant


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("year", [2024, 2026])
def test_every_day_of_a_year_is_found_once(year: int, planned: bool) -> None:
    first = date(year, 1, 1).toordinal()
    for ordinal in range(first, first + 366):
        reference = date.fromordinal(ordinal)
        found = calendar.day_of(reference.day, calendar.MONTHS[reference.month - 1], reference, planned=planned)
        assert found == reference


def test_when_the_message_was_sent_tells_the_year_before_when_it_came() -> None:
    header = "QD SINXXXH\n.HDQFMQR 010010\n"
    (event,) = read(f"{header}FSU/14\n{WAYBILL}\nRCS/31DEC2355/ICN/T20\n", datetime(2026, 1, 20, tzinfo=UTC))
    assert isinstance(event, Event)
    assert (local(event), str(event.reported_at)) == ("2025-12-31T23:55:00", "2026-01-01 00:10:00+00:00")
    # The day of the month that the header gives has not come yet this month: it was last month's.
    late = read(f"QD SINXXXH\n.HDQFMQR 281200\nFSU/14\n{WAYBILL}\nRCS/28JUN1700/ICN/T20\n", JULY)
    assert isinstance(late[0], Event) and str(late[0].reported_at) == "2026-06-28 12:00:00+00:00"


def test_without_any_time_of_receipt_the_year_is_not_guessed() -> None:
    (event,) = status("RCS/10JUN1200/ICN/T20", received_at=None)
    assert (event.occurred_local, event.warnings) == (None, ("year_unknown: 10JUN1200 and no time of receipt",))
    assert "10JUN1200" in event.meaning
    assert [event.milestone for event in status("DEP/OZ521/10JUN/ICNLHR/T20/A1358/E1905", received_at=None)] == [
        "departed"
    ]


def test_the_dated_line_of_its_security_information_tells_a_year() -> None:
    (event,) = status("RCS/02JAN1200/ICN/T20\nOCI/KR//SS/SPX\n/KR//SD/31DEC251100", received_at=None)
    assert local(event) == "2026-01-02T12:00:00"


@pytest.mark.parametrize(
    ("waybill", "amount", "part", "total", "partial"),
    [
        ("988-50000016ICNLHR/T20K840.5", "T20K840.5", None, 20, False),
        ("988-50000016ICNLHR/T20K840.5", "P12K504.3", "12/20", 20, False),
        ("988-50000016ICNLHR/P8T20", "T8", "8/20", 20, False),
        ("988-50000016ICNLHR/P8K336.2T20", "P3", "3/20", 20, False),
        ("988-50000016ICNLHR/T20", "S20", None, 20, False),
        ("988-50000016ICNLHR/T20", "D4", "4/20", 20, False),
        ("988-50000016ICNLHR/P8", "T8", "8", None, True),
        ("988-50000016ICNLHR", "P8", "8", None, True),
        ("988-50000016ICNLHR", "T8", None, None, False),
    ],
)
def test_parts_of_a_waybill(waybill: str, amount: str, part: str | None, total: int | None, partial: bool) -> None:
    (event,) = status(f"RCS/10JUN1200/ICN/{amount}", waybill)
    context = event.context or {}
    assert (event.part, context.get("total_packages"), "partial" in context) == (part, total, partial)
    assert event.quantity is not None and event.quantity.packages == int(amount[1:].partition("K")[0])


def test_weights_and_volumes_come_in_kilograms_and_cubic_meters() -> None:
    (event,) = status("RCS/10JUN1200/ICN/T20L100\n/CF35.3DG8")
    assert event.quantity == Quantity(20, None, 45.359)
    assert (event.context or {})["volume_m3"] == 0.999585
    assert (event.context or {})["density_group"] == 8


def test_customs_information_is_kept_without_the_screeners_name() -> None:
    (event,) = status("RCS/10JUN1200/ICN/T20\nOCI/KR/ISS/RA/00001\n//HWB/I/CLISHWB1\n/KR//SN/A PERSON\n///ED/0213")
    assert (event.context or {})["customs_information"] == [
        {"country": "KR", "about": "ISS", "control": "RA", "text": "00001"},
        {"about": "HWB", "control": "I", "text": "CLISHWB1"},
        {"country": "KR", "control": "SN"},
        {"control": "ED", "text": "0213"},
    ]
    assert event.references == (Reference("air_waybill", "988-50000016"),)


def test_a_message_of_customs_information_alone_names_its_numbers() -> None:
    (event,) = status("OCI/GB/IMP/M/26GB000000000001R1\n//HWB/I/CLISHWB1", "988-50000016ICNLHR/T20")
    assert (event.milestone, event.source_code, event.position) == ("unknown", "OCI", "line 2")
    assert event.references[1:] == (
        Reference("declaration", "26GB000000000001R1"),
        Reference("house_air_waybill", "CLISHWB1"),
    )


def test_transfers_name_both_carriers() -> None:
    (event,) = status("RCT/TW/12JUN1900/CDG/T20\n/KE/A HANDLING AGENT")
    assert (event.context or {})["transfer"] == {"from": "TW", "to": "KE"}
    assert event.source_text == "Consignment received from another carrier: A HANDLING AGENT"
    (event,) = status("TFD/CK/10JUN1800/HKG/T20/123456/KE")
    assert (event.context or {})["transfer"] == {"to": "CK", "from": "KE"}
    assert (event.context or {})["transfer_manifest"] == "123456"


def test_shapes_that_carriers_really_send() -> None:
    (event,) = status("RCF/QR/0843/20JUN0900/LHR/T20")
    assert event.transport == Transport(mode="air", voyage="QR0843")
    booked = status("BKD/DNT212/16JUN/LAXNEW/T25K47500/S1000", "901-00001875LAXNEW/T25")
    assert [event.transport and event.transport.voyage for event in booked] == ["DNT212", "DNT212"]
    (event,) = status("RCF//10JUN0700/LHR/T20")
    assert event.transport == Transport(mode="air", voyage=None)
    assert status("RCS/10JUN1200/ICN/T20", "98850000016ICNLHR/T20")[0].reference("air_waybill") == "988-50000016"


def test_an_unknown_end_of_the_journey_is_no_plan() -> None:
    (event,) = status("RCS/10JUN1200/ICN/T20", "988-50000016XXXLHR/T20")
    assert event.plan == {"port_of_discharge": "LHR"}
    assert event.place == Place("ICN", "iata", None, None)
    (event,) = status("RCS/10JUN1200/ICN/T20", "988-50000016/T20")
    assert event.plan is None


@pytest.mark.parametrize("version", ["12", "13", "14", "15", "16"])
@pytest.mark.parametrize("kind", ["FSU", "FSA"])
def test_all_versions_are_read(kind: str, version: str) -> None:
    (event,) = read(f"{kind}/{version}\r\n{WAYBILL}\r\nDLV/12JUN1105/LHR/T20K840.5/SOMEBODY\r\n")
    assert isinstance(event, Event)
    assert (event.milestone, event.warnings, event.format) == ("delivered", (), f"cargo_imp.{kind.lower()}")
    assert (event.context or {})["handover"] == "airport"


def test_a_version_that_is_not_known_is_read_with_a_warning() -> None:
    (event,) = read(f"FSU/99\n{WAYBILL}\nDDL/12JUN1105/LHR/T20\n")
    assert isinstance(event, Event)
    assert event.warnings == ("version_unknown: FSU/99 is read like version 15",)
    assert (event.context or {})["handover"] == "door"


def test_several_messages_and_waybills_in_one_file() -> None:
    text = (
        f"QU AAAAAAA BBBBBBB\n.CCCCCCC 300100 DD\nPDM\nFSU/15\n{WAYBILL}\nRCS/10JUN1200/ICN/T20\n"
        "FSA/14\n020-60000216FRAPVG/T6\nNFD/28MAY0900/PVG/T6\n125-81000345LHRICN/T2\nAWD/29MAY0900/ICN/T2\nLAST\n"
    )
    found = [outcome for outcome in read(text) if isinstance(outcome, Event)]
    assert [(event.reference("air_waybill"), event.position) for event in found] == [
        ("988-50000016", "line 6"),
        ("020-60000216", "line 9"),
        ("125-81000345", "line 11"),
    ]
    assert [str(event.reported_at) for event in found] == ["2026-06-30 01:00:00+00:00"] * 3


def test_a_slice_is_the_status_with_its_waybill_and_nothing_of_others() -> None:
    data = (SAMPLES / "cargo_imp" / "answer_about_three.txt").read_bytes()
    assert cargo_imp.slice(data, "line 3 arrival") == (
        b"180-42000070ICNJFK/P8T20\nDEP/KE081/24MAY/ICNJFK/T8/A1001/E1105"
    )
    assert cargo_imp.slice(data, "line 7").splitlines()[1:] == [
        b"RCT/OZ/25MAY0700/ICN/T12",
        b"/KE/CLIS SAMPLE HANDLING",
    ]
    for wrong in ("line 1", "line 999", "line 0", "3", "line 3 departure x"):
        with pytest.raises(FormatError, match="not a position"):
            cargo_imp.slice(data, wrong)


def test_what_a_rejection_carries_did_not_happen() -> None:
    found = read((SAMPLES / "cargo_imp" / "other_messages.txt").read_bytes())
    assert kinds(found) == ["Parked"] * 6


def test_a_message_after_a_rejection_is_read_again() -> None:
    text = f"FNA/1\nACK/WRONG\nFSU/14\n{WAYBILL}\nRCS/10JUN1200/ICN/T20\nFSU/15\n{WAYBILL}\nRCS/11JUN1200/ICN/T20\n"
    parked, event = read(text)
    assert isinstance(parked, Parked) and isinstance(event, Event)
    assert local(event) == "2026-06-11T12:00:00"


def test_a_carrier_that_knows_nothing_tells_no_event() -> None:
    (parked,) = read("FSA/15\n057-12345675\nOSI/NO RECORD FOUND\n")
    assert isinstance(parked, Parked)
    assert (parked.reason, parked.position) == ("the carrier knows nothing of 057-12345675", "line 2")
    (parked,) = read(f"FSU/15\n{WAYBILL}\n")
    assert isinstance(parked, Parked) and parked.reason == "988-50000016 has no status"


def test_a_day_that_is_none_costs_its_status_alone() -> None:
    problem, event = read(f"FSA/15\n{WAYBILL}\nRCS/31JUN1200/ICN/T20\nNFD/12JUN1200/LHR/T20\n")
    assert isinstance(problem, Problem) and isinstance(event, Event)
    assert (problem.position, problem.reason) == ("line 3", "31JUN is no day of the year around 2026-07-01")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the message is empty"),
        (b" \r\n", "the message is empty"),
        (b"hello", "line 1: no Cargo-IMP message begins here"),
        (b"\xff\xfeF\x00S\x00U\x00", "line 1: no Cargo-IMP message begins here"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(data)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"FSU/14\n157-53806270HKGNLU/T1\n", True),
        (b"\r\n\r\nQD SINXXXH\r\n.HDQFMQR 200739\r\nFSU/14\r\n", True),
        (b"=HEADER\nRCV,2026/06/20 07:41\n=SMI\nFSU\n=TEXT\n", True),
        (b"UNB+IATA:1+A:PIMA+B:PIMA+260620:0739+1+0'UNH+1+CIMFSU:14'FSU/14\r\n", True),
        (b"FNA\nACK/WRONG\n", True),
        (b"UNB+UNOA:2+A+B+260620:0739+1'UNH+1+IFTSTA:D:99B:UN'", False),
        (b"ISA*00*          *00*\nFSU\n", False),
        (b'{"FSU/14": 1}\nFSU/14\n', False),
        (b"<a>\nFSU/14\n</a>", False),
        (b"container,date\nABCU1234560,2026-06-10\n", False),
        (b"", False),
    ],
)
def test_what_looks_like_it(data: bytes, looks: bool) -> None:
    assert cargo_imp.sniff(data) is looks


def test_a_status_line_in_parts() -> None:
    told = movement.movement("DIS/AF321/12JUN0930-N/LHR/MSAW/P1K2.5T9//A1912-N/A NAME/DG3")
    assert (told.flight, told.day, told.month, told.time, told.change) == ("AF321", 12, "JUN", "0930", "N")
    assert (told.airports, told.discrepancy, told.amount) == (("LHR",), "MSAW", movement.Amount("P", 1, 2.5, 9))
    assert (told.departure, told.arrival) == (None, Clock("A", "1912", "N"))
    assert (told.names, told.density_group) == (("A NAME",), 3)


def test_an_interchanges_messages_share_its_time() -> None:
    data = (SAMPLES / "cargo_imp" / "new_year_in_edifact.txt").read_bytes()
    found = [message.header.dated for message in envelope.messages(data)]
    assert found == [datetime(2026, 1, 1, 0, 10, tzinfo=UTC)] * 2


CORPUS = os.environ.get("CLIS_SAMPLE_CORPUS", "")


@pytest.mark.skipif(not CORPUS and not os.environ.get("CI"), reason="CLIS_SAMPLE_CORPUS names no folder of samples")
def test_real_messages() -> None:
    folder = Path(CORPUS) / "iata"
    (delivered,) = read((folder / "fsa14_DLV.txt").read_bytes())
    assert isinstance(delivered, Event)
    assert (delivered.milestone, local(delivered)) == ("delivered", "2026-05-24T12:23:00")
    into, arrived = read((folder / "fsu14_FIW_with_typeB_envelope.txt").read_bytes())
    assert isinstance(into, Event) and isinstance(arrived, Event)
    assert (into.source_code, into.part, local(into)) == ("FIW", "2/10", "2026-06-20T10:39:00")
    assert (arrived.milestone, local(arrived), str(arrived.reported_at)) == (
        "arrived",
        "2026-06-20T10:08:00",
        "2026-06-20 07:39:00+00:00",
    )
    (parked,) = read((folder / "fwb_example1.txt").read_bytes())
    assert isinstance(parked, Parked) and parked.reason == "Cargo-IMP FWB/17, air waybill: not read"


SEEDS = [path.read_bytes() for path in sorted((SAMPLES / "cargo_imp").glob("*.txt"))]
INSERTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"/", b"\n", b"'", b"-P", b"29FEB", b"31DEC2400", b"FSU/14\n", b"=SMI\n", b"=TEXT\n", b"UNB+"])
    | st.sampled_from([b".ABCDEFG 312359\n", b"QN ABCDEFG\n", b"9" * 5000, b"\x00", b"RCV,9999/12/31 23:59\n"]),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data(), st.sampled_from([None, JULY, datetime(2024, 3, 1, tzinfo=UTC)]))
def test_spoiled_messages_raise_nothing_else(seed: bytes, choices: st.DataObject, received_at: datetime | None) -> None:
    spoiled = bytearray(seed)
    for _ in range(choices.draw(st.integers(1, 4))):
        start = choices.draw(st.integers(0, len(spoiled)))
        spoiled[start : start + choices.draw(st.integers(0, 12))] = choices.draw(INSERTS)
    data = bytes(spoiled)
    try:
        found = list(normalize(cargo_imp.decode(data, received_at), received_at))
    except FormatError as error:
        assert "\n" not in str(error)
        return
    for outcome in found:
        if isinstance(outcome, Event):
            assert cargo_imp.slice(data, outcome.position)
        elif isinstance(outcome, Parked | Problem):
            assert "\n" not in outcome.reason
