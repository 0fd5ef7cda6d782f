"""Cargo-XML: the elements of a status message, by name and whatever their prefix; everything else is parked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Place, Problem, Quantity, Reference, Transport
from cargo.formats import cargo_xml
from tests.formats.outcomes import SAMPLES, kinds

HEAD = '<StatusMessage xmlns="iata:statusmessage:1" xmlns:r="iata:datamodel:3"><MessageHeaderDocument>'
MASTER = (
    "<r:IssueDateTime>2026-06-10T05:02:00Z</r:IssueDateTime></MessageHeaderDocument><MasterConsignment>"
    "<r:TotalPieceQuantity>20</r:TotalPieceQuantity>"
    "<r:TransportContractDocument><r:ID>988-50000016</r:ID><r:TypeCode>740</r:TypeCode></r:TransportContractDocument>"
    "<r:OriginLocation><r:ID>ICN</r:ID></r:OriginLocation>"
    "<r:FinalDestinationLocation><r:ID>LHR</r:ID></r:FinalDestinationLocation>"
)


def location(code: str, side: str = "") -> str:
    given = f"<r:FlightStatusTypeCode>{side}</r:FlightStatusTypeCode>" if side else ""
    return f"<r:SpecifiedLocation><r:ID>{code}</r:ID>{given}</r:SpecifiedLocation>"


def happened(at: str, kind: str = "A") -> str:
    return (
        f"<r:SpecifiedEvent><r:OccurrenceDateTime>{at}</r:OccurrenceDateTime>"
        f"<r:DateTimeTypeCode>{kind}</r:DateTimeTypeCode></r:SpecifiedEvent>"
    )


def flies(name: str, at: str, kind: str) -> str:
    return (
        f"<r:{name}Event><r:{name}OccurrenceDateTime>{at}</r:{name}OccurrenceDateTime>"
        f"<r:{name}DateTimeTypeCode>{kind}</r:{name}DateTimeTypeCode></r:{name}Event>"
    )


def message(code: str, movement: str, details: str = "<r:PieceQuantity>12</r:PieceQuantity>") -> bytes:
    return (
        f"{HEAD}{MASTER}<r:ReportedStatus><r:ReasonCode>{code}</r:ReasonCode><r:AssociatedStatusConsignment>{details}"
        f"<r:SpecifiedLogisticsTransportMovement>{movement}</r:SpecifiedLogisticsTransportMovement>"
        "</r:AssociatedStatusConsignment></r:ReportedStatus></MasterConsignment></StatusMessage>"
    ).encode()


def read(data: bytes) -> list[Outcome]:
    return list(formats.decode(data, format="cargo_xml")[1])


def told(data: bytes) -> list[tuple[str, str, str | None]]:
    found = read(data)
    assert all(isinstance(outcome, Event) for outcome in found), found
    return [
        (event.milestone, event.classifier, event.occurred_local.isoformat() if event.occurred_local else None)
        for event in found
        if isinstance(event, Event)
    ]


def test_a_delivery_in_full() -> None:
    details = (
        '<r:GrossWeightMeasure unitCode="KGM">630.4</r:GrossWeightMeasure><r:PieceQuantity>15</r:PieceQuantity>'
        "<r:DeliveryParty><r:Name>A CONSIGNEE</r:Name></r:DeliveryParty>"
    )
    (event,) = read(message("DLV", location("LHR") + happened("2026-06-12T11:05:00"), details))
    assert isinstance(event, Event)
    assert (event.milestone, event.classifier, event.level, event.format) == (
        "delivered",
        "actual",
        "master",
        "cargo_xml.xfsu",
    )
    assert (str(event.occurred_local), event.occurred_at) == ("2026-06-12 11:05:00", None)
    assert str(event.reported_at) == "2026-06-10 05:02:00+00:00"
    assert event.references == (Reference("air_waybill", "988-50000016"),)
    assert event.place == Place("LHR", "iata", None, "discharge")
    assert (event.quantity, event.part) == (Quantity(15, None, 630.4), "15/20")
    assert event.plan == {"port_of_loading": "ICN", "port_of_discharge": "LHR"}
    assert event.source_text == "Consignment handed over to the consignee or its agent: A CONSIGNEE"
    assert event.context == {"transport_phase": "import", "total_packages": 20, "handover": "airport"}
    assert event.position == "ReportedStatus[1]/AssociatedStatusConsignment[1]"
    assert event.warnings == ()


def test_a_time_with_an_offset_is_an_instant() -> None:
    (event,) = read(message("RCS", location("ICN") + happened("2026-06-09T05:50:00.123456789+00:00")))
    assert isinstance(event, Event)
    assert (str(event.occurred_at), event.time_basis) == ("2026-06-09 05:50:00+00:00", "given")


@pytest.mark.parametrize(
    ("code", "movement", "expected"),
    [
        (
            "DEP",
            flies("Departure", "2026-06-10T13:58:00", "A")
            + flies("Arrival", "2026-06-10T19:05:00", "E")
            + location("ICN", "Departure")
            + location("LHR", "Arrival"),
            [("departed", "actual", "2026-06-10T13:58:00"), ("arrived", "estimated", "2026-06-10T19:05:00")],
        ),
        # The status has its own time; the flight's schedule stands beside it.
        (
            "DEP",
            happened("2026-06-10T14:10:00") + flies("Departure", "2026-06-10T13:30:00", "S") + location("ICN", "D"),
            [("departed", "actual", "2026-06-10T14:10:00"), ("departed", "planned", "2026-06-10T13:30:00")],
        ),
        (
            "BKD",
            happened("2026-06-08T11:15:00")
            + flies("Departure", "2026-06-10T13:30:00", "S")
            + flies("Arrival", "2026-06-10T18:40:00", "S")
            + location("ICN")
            + location("LHR"),
            [
                ("booking_confirmed", "actual", "2026-06-08T11:15:00"),
                ("departed", "planned", "2026-06-10T13:30:00"),
                ("arrived", "planned", "2026-06-10T18:40:00"),
            ],
        ),
        (
            "RCF",
            happened("2026-06-10T23:31:00") + flies("Arrival", "2026-06-10T19:12:00", "A") + location("LHR"),
            [("discharged", "actual", "2026-06-10T23:31:00"), ("arrived", "actual", "2026-06-10T19:12:00")],
        ),
        (
            "ARR",
            flies("Arrival", "2026-06-10T19:12:00", "A") + location("LHR", "Arrival"),
            [("arrived", "actual", "2026-06-10T19:12:00")],
        ),
        # What is expected has not happened, whatever the code says.
        (
            "DLV",
            happened("2026-06-12T11:00:00", "E") + location("LHR"),
            [("delivered", "estimated", "2026-06-12T11:00:00")],
        ),
        (
            "RCS",
            happened("2026-06-09T11:00:00", "S") + location("ICN"),
            [("cargo_received", "planned", "2026-06-09T11:00:00")],
        ),
        (
            "TRM",
            happened("2026-06-09T11:00:00") + location("ICN"),
            [("transferred_to_carrier", "planned", "2026-06-09T11:00:00")],
        ),
        ("OSI", "", [("unknown", "actual", None)]),
    ],
)
def test_what_a_status_tells_and_when(code: str, movement: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert told(message(code, movement)) == expected


def test_the_side_of_a_location_decides_where_it_was() -> None:
    movement = happened("2026-06-10T23:31:00") + location("ICN", "Departure") + location("LHR", "Arrival")
    (event,) = read(message("RCF", movement))
    assert isinstance(event, Event) and event.place == Place("LHR", "iata", None, "discharge")
    (event,) = read(message("MAN", movement))
    assert isinstance(event, Event) and event.place == Place("ICN", "iata", None, "loading")


@pytest.mark.parametrize(
    ("number", "carrier", "flight"),
    [("OZ521", "", "OZ521"), ("521", "OZ", "OZ521"), ("OZ 0521", "OZ", "OZ0521"), ("", "OZ", None)],
)
def test_the_flight_with_its_carrier(number: str, carrier: str, flight: str | None) -> None:
    party = f"<r:CarrierParty><r:PrimaryID>{carrier}</r:PrimaryID></r:CarrierParty>" if carrier else ""
    movement = f"<r:ID>{number}</r:ID>{party}" + happened("2026-06-10T23:31:00") + location("LHR")
    (event,) = read(message("RCF", movement))
    assert isinstance(event, Event)
    assert event.transport == Transport(mode="air", voyage=flight)
    assert (event.context or {}).get("carrier") == (carrier or None)


def test_a_discrepancy_has_its_own_code() -> None:
    details = "<r:DiscrepancyDescriptionCode>SSPD</r:DiscrepancyDescriptionCode>"
    (event,) = read(message("DIS", location("ICN") + happened("2026-06-10T09:00:00"), details))
    assert isinstance(event, Event)
    assert (event.milestone, event.source_code, event.source_text) == (
        "rolled",
        "DIS/SSPD",
        "Discrepancy: Short shipped",
    )


def test_what_is_missing_is_named_and_not_invented() -> None:
    (event,) = read(message("NFD", ""))
    assert isinstance(event, Event)
    assert (event.occurred_local, event.place) == (None, None)
    assert event.warnings == ("place_missing: the status names no location", "time_missing: the status has no time")


def test_a_bad_time_costs_its_status_alone() -> None:
    found = read((SAMPLES / "cargo_xml" / "house_and_discrepancy.xml").read_bytes())
    assert kinds(found) == ["Event", "Event", "Event", "Problem", "Event", "Problem"]
    problem = found[3]
    assert isinstance(problem, Problem) and problem.reason == "'12JUN' is not a date and time"


def test_a_house_waybill_is_a_house() -> None:
    event = read((SAMPLES / "cargo_xml" / "house_and_discrepancy.xml").read_bytes())[0]
    assert isinstance(event, Event)
    assert (event.level, event.references) == ("house", (Reference("house_air_waybill", "CLISHWB0001"),))


def test_a_status_that_is_taken_back_makes_no_event() -> None:
    (parked,) = read((SAMPLES / "cargo_xml" / "taken_back.xml").read_bytes())
    assert isinstance(parked, Parked) and "takes back a status of 988-50000016" in parked.reason


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        ('<Waybill xmlns="iata:waybill:1"/>', "Cargo-XML XFWB, air waybill: not read"),
        ('<r:HouseManifest xmlns:r="iata:housemanifest:1"/>', "Cargo-XML XFHL, consolidation list: not read"),
        ('<Response xmlns="iata:response:3"/>', "Cargo-XML XFNM, acknowledgment or rejection: not read"),
        ('<Whatever xmlns="iata:whatever:1"/>', "Cargo-XML Whatever, a type that is not known: not read"),
    ],
)
def test_other_messages_are_parked_and_named(root: str, reason: str) -> None:
    assert cargo_xml.sniff(root.encode())
    (parked,) = read(root.encode())
    assert isinstance(parked, Parked) and parked.reason == reason


def test_a_message_without_a_waybill_or_a_status() -> None:
    (problem,) = read(b'<StatusMessage xmlns="iata:statusmessage:1"/>')
    assert isinstance(problem, Problem) and problem.position == "MasterConsignment/TransportContractDocument/ID"
    (parked,) = read(f"{HEAD}{MASTER}</MasterConsignment></StatusMessage>".encode())
    assert isinstance(parked, Parked) and parked.reason == "988-50000016 has no status"


def test_a_slice_is_its_own_status_alone() -> None:
    data = (SAMPLES / "cargo_xml" / "departed_in_parts.xml").read_bytes()
    second = cargo_xml.slice(data, "ReportedStatus[1]/AssociatedStatusConsignment[2]").decode()
    assert second.startswith("<ram:AssociatedStatusConsignment>") and second.endswith(
        "</ram:AssociatedStatusConsignment>"
    )
    assert "741.2" in second and "504.3" not in second and "988-50000016" not in second
    assert (
        cargo_xml.slice(data, "ReportedStatus[1]/AssociatedStatusConsignment[1] planned arrival").count(b"504.3") == 1
    )
    assert b"BKD" in cargo_xml.slice(data, "ReportedStatus[2]")
    for wrong in ("ReportedStatus[3]", "ReportedStatus[1]/AssociatedStatusConsignment[3]", "ReportedStatus[0]", "x"):
        with pytest.raises(FormatError):
            cargo_xml.slice(data, wrong)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the message is empty"),
        (b"<a/>", "line 1: not a Cargo-XML message: the root element is a"),
        (
            b'<!DOCTYPE a><a xmlns="iata:waybill:1"/>',
            "line 1, column 1: document type and entity declarations are not accepted",
        ),
        (b'<a xmlns="iata:waybill:1">', "line 1, column 27: not well-formed XML: no element found"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(FormatError) as refused:
        read(data)
    assert str(refused.value) == said


def test_it_is_told_from_other_xml_in_any_encoding() -> None:
    data = (SAMPLES / "cargo_xml" / "departed_in_parts.xml").read_text(encoding="utf-8")
    assert formats.detect(data.encode()) == "cargo_xml"
    assert cargo_xml.sniff(data.replace("UTF-8", "UTF-16").encode("utf-16"))
    assert not cargo_xml.sniff(b"<cargCsclPrgsInfoQryRtnVo><tCnt>0</tCnt></cargCsclPrgsInfoQryRtnVo>")
    assert not cargo_xml.sniff(b'{"xmlns": "iata:statusmessage:1"}')


SEEDS = [path.read_bytes() for path in sorted((SAMPLES / "cargo_xml").glob("*.xml"))]
INSERTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"<!DOCTYPE a>", b"&x;", b"</a>", b"<![CDATA[", b"9" * 4400, b"\x00", b"0001-01-01T00:00:00+14:00"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_spoiled_messages_raise_nothing_else(seed: bytes, choices: st.DataObject) -> None:
    spoiled = bytearray(seed)
    for _ in range(choices.draw(st.integers(1, 3))):
        start = choices.draw(st.integers(0, len(spoiled)))
        spoiled[start : start + choices.draw(st.integers(0, 12))] = choices.draw(INSERTS)
    try:
        for outcome in cargo_xml.decode(bytes(spoiled)):
            if isinstance(outcome, Event):
                assert cargo_xml.slice(bytes(spoiled), outcome.position)
    except FormatError as error:
        assert "\n" not in str(error)
