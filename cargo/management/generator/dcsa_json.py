"""The carrier's dialect: DCSA Track & Trace 2.2.0 JSON, single events and arrays.

Field names, required fields and code lists as in ``TNT_v2.2.0`` (28 October 2021). One carrier sends no ``eventID``
(2.2 does not require it), some write local time with its offset and some UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from cargo.management.generator.places import PORTS
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = "application/json"
FORMAT = "dcsa.tnt2"
EXTENSION = "json"
PRECISION = 1

_CLASSIFIERS = {"actual": "ACT", "estimated": "EST", "planned": "PLN"}
_NAMESPACE = UUID("6f2c1e0a-7d0b-4a5e-9a53-0d7f6a1f2b11")
_BEFORE_THE_BILL = frozenset({"booking_requested", "booking_confirmed", "empty_picked_up", "stuffed"})
_REMARKS = {
    "WEA": "Bad weather on the route",
    "CGS": "Berth congestion",
    "PBC": "Berth congestion, arrived in window",
    "YRD": "Yard congestion",
    "STR": "Strike at the previous port",
    "PTF": "Port traffic restrictions",
    "ENG": "Engine repairs",
    "LAB": "Labor shortage",
    "CRN": "Crane shortage",
    "QUA": "Quarantine inspection by authorities",
}
_NUMBERS_OF_DOCUMENTS = {"ARN": "AN", "SRM": "DO", "CUS": "CE", "SHI": "SI", "VGM": "VG"}


def says(fact: Fact) -> bool:
    """It has words for all that a carrier knows."""
    return True


def render(box: Box, facts: list[Fact]) -> bytes:
    """The facts as one event object if the carrier likes that and there is one, else as an array."""
    events = [_event(box, fact) for fact in facts]
    alone = len(events) == 1 and box.number % 3 == 0
    return json.dumps(events[0] if alone else events, ensure_ascii=False, indent=1).encode()


def identity(box: Box, fact: Fact) -> str:
    """An event id that stays the same when the event is corrected."""
    parts = (box.master_bill, fact.phrase, fact.classifier, fact.container, str(fact.leg), fact.identity)
    return str(uuid5(_NAMESPACE, "/".join(parts)))


def _event(box: Box, fact: Fact) -> dict[str, Any]:
    assert box.carrier is not None
    code, _, qualifier = fact.phrase.partition("/")
    event: dict[str, Any] = {}
    if box.carrier.gives_ids:
        event["eventID"] = identity(box, fact)
    event["eventCreatedDateTime"] = _utc(fact.known)
    event["eventType"] = kind_of(fact)
    event["eventClassifierCode"] = _CLASSIFIERS[fact.classifier]
    event["eventDateTime"] = _written(box, fact)
    if event["eventType"] == "SHIPMENT":
        _document(box, fact, code, qualifier, event)
    elif event["eventType"] == "TRANSPORT":
        event["transportEventTypeCode"] = code
        event["transportCall"] = _call(box, fact)
    else:
        event["equipmentEventTypeCode"] = code
        event["equipmentReference"] = fact.container
        event["ISOEquipmentCode"] = "45GP" if box.number % 2 else "22GP"
        event["emptyIndicatorCode"] = qualifier or "LADEN"
        event["transportCall"] = _call(box, fact)
    if fact.delay_reason:
        event["delayReasonCode"] = fact.delay_reason
        event["changeRemark"] = _REMARKS[fact.delay_reason]
    event["documentReferences"] = documents(box, fact)
    numbers = containers(box, fact)
    if numbers:
        event["references"] = [{"referenceType": "EQ", "referenceValue": number} for number in numbers]
    return event


def containers(box: Box, fact: Fact) -> list[str]:
    """The containers that an event names: its own, else those of the bill once they are known."""
    if fact.milestone in ("booking_requested", "booking_confirmed") or fact.classifier == "planned":
        return []
    return [fact.container] if fact.container else box.containers


def kind_of(fact: Fact) -> str:
    """``TRANSPORT``, ``EQUIPMENT`` or ``SHIPMENT`` (an event of a document)."""
    code, _, qualifier = fact.phrase.partition("/")
    if code in ("DEPA", "ARRI"):
        return "TRANSPORT"
    return "SHIPMENT" if qualifier and qualifier not in ("LADEN", "EMPTY") else "EQUIPMENT"


def _document(box: Box, fact: Fact, kind: str, status: str, event: dict[str, Any]) -> None:
    event["shipmentEventTypeCode"] = status
    event["documentID"] = document_number(box, fact, kind)
    event["documentTypeCode"] = kind


def document_number(box: Box, fact: Fact, kind: str) -> str:
    """The number of the document that a SHIPMENT event is about; ``kind`` is its type (``BKG``)."""
    if kind == "BKG":
        return box.booking
    if kind == "TRD":
        return box.master_bill
    number = f"{_NUMBERS_OF_DOCUMENTS[kind]}{box.booking[3:]}"
    return number + fact.container[-7:] if kind == "VGM" else number


def documents(box: Box, fact: Fact) -> list[dict[str, str]]:
    """The booking and, from the loading on, the bill."""
    documents = [{"documentReferenceType": "BKG", "documentReferenceValue": box.booking}]
    if fact.milestone not in _BEFORE_THE_BILL:
        documents.append({"documentReferenceType": "TRD", "documentReferenceValue": box.master_bill})
    return documents


def _call(box: Box, fact: Fact) -> dict[str, Any]:
    """The call of the leg's ship at the place of the event."""
    assert box.carrier is not None
    leg, port = box.legs[fact.leg], PORTS[fact.place]
    depot = fact.phrase.endswith("/EMPTY")
    inland = fact.phrase == "STUF" or (fact.phrase == "STRP")
    call: dict[str, Any] = {
        "transportCallID": str(uuid5(_NAMESPACE, f"{leg.vessel.imo}/{leg.voyage}/{fact.place}")),
        "carrierServiceCode": box.carrier.service,
        "exportVoyageNumber": leg.voyage,
        "importVoyageNumber": leg.voyage,
        "transportCallSequenceNumber": fact.leg + (1 if fact.place == leg.origin.code else 2),
        "UNLocationCode": fact.place,
        "facilityTypeCode": "DEPO" if depot else "COFS" if inland else "POTE",
        "modeOfTransport": "VESSEL",
    }
    if not depot and not inland:
        call["facilityCode"] = port.terminal
        call["facilityCodeListProvider"] = "SMDG"
    call["vessel"] = {
        "vesselIMONumber": leg.vessel.imo,
        "vesselName": leg.vessel.name,
        "vesselFlag": leg.vessel.flag,
        "vesselOperatorCarrierCode": box.carrier.scac,
        "vesselOperatorCarrierCodeListProvider": "NMFTA",
    }
    return call


def _written(box: Box, fact: Fact) -> str:
    """Local time with its offset at the place of the event, or UTC, as the carrier likes."""
    assert box.carrier is not None
    if not box.carrier.local_time:
        return _utc(fact.at)
    return datetime.fromtimestamp(fact.at, ZoneInfo(box.where(fact).zone)).isoformat()


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
