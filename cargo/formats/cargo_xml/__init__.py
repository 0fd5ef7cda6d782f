"""IATA Cargo-XML: the status message XFSU (``iata:statusmessage:1``).

What is confirmed. The elements read here, their nesting and their meaning are those of the table "XFSU Message, Version
6.00" that IATA publishes with ONE Record (repository IATA-Cargo/ONE-Record, MIT license: Documentation_website/docs/
Orchestration/assets/Orchestration-1.2.0-XFSU-6.0.0-mapping.xlsx): header and business header, ``MasterConsignment``
with waybill, origin, destination and pieces, ``ReportedStatus``, ``AssociatedStatusConsignment`` with its quantity,
movement, locations, times, parties, customs notes and units. Root, namespaces (``iata:statusmessage:1``, types in
``iata:datamodel:3``) and that ``ReportedStatus`` repeats are confirmed by classes that an airline generated from the
schema and published. Status, discrepancy and time codes are those of Cargo-IMP (lists 1.18, 1.8 and 1.51).

What is not. The schema itself is sold, and no real message is public. So prefixes and versions of namespaces decide
nothing but the kind of message, and elements are sought by name. Not confirmed: how often
``AssociatedStatusConsignment``, ``SpecifiedLogisticsTransportMovement`` and ``SpecifiedLocation`` repeat (all of the
first and the last are read, and the first movement), the words of ``FlightStatusTypeCode`` (known by their first
letter: departure, arrival, transit) and of ``PurposeCode`` (a deletion is known by how it begins).

Positions: ``ReportedStatus[1]/AssociatedStatusConsignment[2]``, counted from 1, and behind it `` departure``,
`` arrival`` or `` planned arrival`` for the times of the flight. Times without an offset are local to the place. Other
messages are parked and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from cargo.domain.event import FormatError, Outcome, Parked, Problem
from cargo.formats import _xml
from cargo.formats.cargo_xml.elements import child, children, count, moment_of, text_of
from cargo.formats.cargo_xml.status import XFSU, Master, outcomes

__all__ = ["MEDIA_TYPES", "NAME", "TITLE", "decode", "slice", "sniff"]

NAME = "cargo_xml"
TITLE = "IATA Cargo-XML (XFSU)"
MEDIA_TYPES = ("application/xml", "text/xml")

_NAMESPACE = re.compile(rb"""xmlns(?::[A-Za-z0-9_.-]{1,40})?\s{0,9}=\s{0,9}["']iata:[a-z]{1,40}:[0-9]""")
_STATUS_MESSAGE = "statusmessage"
_OTHERS = {
    "waybill": "XFWB, air waybill",
    "housewaybill": "XFZB, house waybill",
    "housemanifest": "XFHL, consolidation list",
    "flightmanifest": "XFFM, flight manifest",
    "freightbookedlist": "XFBL, booking list",
    "customsstatusnotification": "XCSN, customs status",
    "response": "XFNM, acknowledgment or rejection",
    "transportmovement": "XTMV, transport movement",
}
# UN/EDIFACT 1001: house waybill. Every other type is taken for the carrier's own.
_HOUSE_WAYBILL = "703"
_DELETION = ("DEL", "CANC", "WITHD")
_HEADER = "MessageHeaderDocument"
_POSITION = re.compile(
    r"ReportedStatus\[([1-9][0-9]{0,6})\](?:/AssociatedStatusConsignment\[([1-9][0-9]{0,6})\])?"
    r"(?: departure| arrival| planned arrival)?\Z"
)


def sniff(data: bytes) -> bool:
    """Whether this is XML in one of IATA's namespaces, in any encoding."""
    head = data[:8192]
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<"):
        return False
    return _NAMESPACE.search(head.replace(b"\x00", b"")) is not None


def decode(data: bytes, received_at: datetime | None = None) -> Iterator[Outcome]:
    """The events of a status message in its order, or why there are none.

    ``received_at`` is not needed: every time carries its year. Raises ``FormatError`` if it is no Cargo-XML message.
    """
    root = _xml.parse(data)
    namespace, _, name = root.tag.rpartition("}")
    kind = namespace.removeprefix("{iata:").partition(":")[0] if namespace.startswith("{iata:") else ""
    if not kind:
        raise FormatError(f"not a Cargo-XML message: the root element is {name[:80]}", "line 1")
    if kind != _STATUS_MESSAGE:
        shown = _OTHERS.get(kind, f"{name[:40]}, a type that is not known")
        yield Parked(position=name[:80], reason=f"Cargo-XML {shown}: not read", format=NAME)
        return
    master = _master(root)
    if text_of(root, _HEADER, "PurposeCode").upper().startswith(_DELETION):
        about = master.waybill or "a waybill"
        reason = f"the sender takes back a status of {about}, which has no number to know it by"
        yield Parked(position=f"{_HEADER}/PurposeCode", reason=reason, format=XFSU)
    elif not master.waybill:
        position = "MasterConsignment/TransportContractDocument/ID"
        yield Problem(position=position, reason="is missing: a status of no waybill", format=XFSU)
    else:
        yield from _statuses(root, master)


def slice(data: bytes, position: str) -> bytes:
    """The one status element behind ``position``, in UTF-8; nothing of the message's header or of other statuses.

    Raises ``FormatError`` if the position is not one of this message.
    """
    found = _POSITION.match(position)
    if found is None:
        raise FormatError("not a position of this format", position[:80])
    path = [("MasterConsignment", 1), ("ReportedStatus", int(found[1]))]
    if found[2]:
        path.append(("AssociatedStatusConsignment", int(found[2])))
    return _xml.nested_bytes(data, path)


def _statuses(root: Element, master: Master) -> Iterator[Outcome]:
    statuses = children(child(root, "MasterConsignment"), "ReportedStatus")
    if not statuses:
        yield Parked(position="MasterConsignment", reason=f"{master.waybill} has no status", format=XFSU)
    for number, status in enumerate(statuses, start=1):
        position = f"ReportedStatus[{number}]"
        code = text_of(status, "ReasonCode").upper()[:20]
        parts = children(status, "AssociatedStatusConsignment")
        if not code:
            yield Problem(position=f"{position}/ReasonCode", reason="is missing", format=XFSU)
            continue
        if not parts:
            yield from outcomes(master, code, status, position)
        for index, part in enumerate(parts, start=1):
            yield from outcomes(master, code, part, f"{position}/AssociatedStatusConsignment[{index}]")


def _master(root: Element) -> Master:
    """What all statuses of the message share."""
    body = child(root, "MasterConsignment")
    reported = moment_of(text_of(root, _HEADER, "IssueDateTime"))
    warnings: tuple[str, ...] = ()
    if reported is None:
        warnings = ("reported_time: IssueDateTime is missing or not a time",)
    elif reported.tzinfo is None:
        reported = reported.replace(tzinfo=UTC)
        warnings = ("reported_time: IssueDateTime has no offset, taken as UTC",)
    document = child(body, "TransportContractDocument")
    return Master(
        waybill=text_of(document, "ID")[:60],
        is_house=text_of(document, "TypeCode") == _HOUSE_WAYBILL,
        origin=text_of(body, "OriginLocation", "ID").upper()[:5] or None,
        destination=text_of(body, "FinalDestinationLocation", "ID").upper()[:5] or None,
        total=count(body, "TotalPieceQuantity"),
        reported_at=reported,
        warnings=warnings,
    )
