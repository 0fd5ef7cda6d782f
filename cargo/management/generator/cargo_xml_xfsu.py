"""An airline's dialect: IATA Cargo-XML XFSU (``iata:statusmessage:1``), local times of the airport, no offset."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape
from zlib import crc32

from cargo.management.generator import cargo_imp_fsu
from cargo.management.generator.edifact_parts import local
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "application/xml"
FORMAT = "cargo_xml"
EXTENSION = "xml"
PRECISION = 1
# The flight's own time tells a departure and an arrival; the other statuses have theirs.
_OF_THE_FLIGHT = {"DEP": "Departure", "ARR": "Arrival"}


def says(fact: Fact) -> bool:
    """Whether this dialect has words for it: the same codes as those of Cargo-IMP."""
    return cargo_imp_fsu.says(fact)


def render(box: Box, facts: list[Fact]) -> bytes:
    """One message with a reported status for each fact."""
    assert box.airline is not None
    number = f"{box.master_bill[:3]}-{box.master_bill[3:]}"
    issued = datetime.fromtimestamp(max(fact.known for fact in facts), UTC)
    statuses = "".join(_status(box, fact) for fact in facts)
    pieces, weight = sum(cargo.packages for cargo in box.cargoes), sum(cargo.weight for cargo in box.cargoes)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rsm:StatusMessage xmlns:rsm="iata:statusmessage:1" xmlns:ram="iata:datamodel:3">\n'
        "<rsm:MessageHeaderDocument>\n"
        f"<ram:ID>{box.airline.code}-{crc32(statuses.encode()):08X}</ram:ID>\n<ram:Name>Status Message</ram:Name>\n"
        f"<ram:TypeCode>340</ram:TypeCode>\n<ram:IssueDateTime>{issued:%Y-%m-%dT%H:%M:%SZ}</ram:IssueDateTime>\n"
        "<ram:PurposeCode>Creation</ram:PurposeCode>\n<ram:VersionID>6.00</ram:VersionID>\n"
        f"{_party('SenderParty', box.airline.code)}{_party('RecipientParty', 'CLIS')}</rsm:MessageHeaderDocument>\n"
        f"<rsm:BusinessHeaderDocument><ram:ID>{number}</ram:ID></rsm:BusinessHeaderDocument>\n"
        "<rsm:MasterConsignment>\n"
        f'<ram:TotalGrossWeightMeasure unitCode="KGM">{weight:.1f}</ram:TotalGrossWeightMeasure>\n'
        f"<ram:TotalPieceQuantity>{pieces}</ram:TotalPieceQuantity>\n"
        f"<ram:TransportContractDocument><ram:ID>{number}</ram:ID><ram:TypeCode>741</ram:TypeCode>"
        "</ram:TransportContractDocument>\n"
        f"<ram:OriginLocation><ram:ID>{box.origin.code}</ram:ID></ram:OriginLocation>\n"
        f"<ram:FinalDestinationLocation><ram:ID>{box.destination.code}</ram:ID></ram:FinalDestinationLocation>\n"
        f"{statuses}</rsm:MasterConsignment>\n</rsm:StatusMessage>\n"
    ).encode()


def _party(name: str, code: str) -> str:
    return f'<ram:{name}><ram:PrimaryID schemeID="C">{escape(code)}</ram:PrimaryID></ram:{name}>\n'


def _status(box: Box, fact: Fact) -> str:
    """The status of the whole consignment, with its flight where a flight brought it about."""
    assert box.airline is not None
    port, code = box.where(fact), cargo_imp_fsu.CODES[fact.milestone]
    moment, flight = f"{local(fact.at, port):%Y-%m-%dT%H:%M:%S}", _OF_THE_FLIGHT.get(code, "")
    side = f"<ram:FlightStatusTypeCode>{flight}</ram:FlightStatusTypeCode>" if flight else ""
    place = f"<ram:SpecifiedLocation><ram:ID>{port.code}</ram:ID><ram:TypeCode>Airport</ram:TypeCode>{side}"
    time = f"<ram:SpecifiedEvent><ram:OccurrenceDateTime>{moment}</ram:OccurrenceDateTime>"
    time += "<ram:DateTimeTypeCode>A</ram:DateTimeTypeCode></ram:SpecifiedEvent>\n"
    carrier = ""
    if flight:
        time = f"<ram:{flight}Event><ram:{flight}OccurrenceDateTime>{moment}</ram:{flight}OccurrenceDateTime>"
        time += f"<ram:{flight}DateTimeTypeCode>A</ram:{flight}DateTimeTypeCode></ram:{flight}Event>\n"
    if flight or code == "RCF":
        carrier = f'<ram:CarrierParty><ram:PrimaryID schemeAgencyID="3">{box.airline.code}</ram:PrimaryID>'
        carrier = f"<ram:ID>{box.flight}</ram:ID>\n{carrier}</ram:CarrierParty>\n"
    pieces = sum(cargo.packages for cargo in box.cargoes)
    return (
        f"<ram:ReportedStatus>\n<ram:ReasonCode>{code}</ram:ReasonCode>\n<ram:AssociatedStatusConsignment>\n"
        f"<ram:PieceQuantity>{pieces}</ram:PieceQuantity>\n"
        "<ram:TransportSplitDescription>T</ram:TransportSplitDescription>\n"
        f"<ram:SpecifiedLogisticsTransportMovement>\n{carrier}{time}{place}</ram:SpecifiedLocation>\n"
        "</ram:SpecifiedLogisticsTransportMovement>\n</ram:AssociatedStatusConsignment>\n</ram:ReportedStatus>\n"
    )
