"""A carrier's dialect: DCSA Track & Trace 3.0 JSON in the words of the snapshot of May 2026, with the transport phase.

Field names and code lists as in ``v3.0.0-20260525-beta``. A correction has the same ``eventID`` and a later
``eventUpdatedDateTime``. Events are always wrapped in ``events``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cargo.management.generator import dcsa_json
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = dcsa_json.MEDIA_TYPE
FORMAT = "dcsa.tnt3"
EXTENSION = dcsa_json.EXTENSION
PRECISION = 1

_CLASSIFIERS = {"actual": "ACTUAL", "estimated": "ESTIMATED", "planned": "PLANNED"}
_TRANSPORT = {"DEPA": "DEPARTED", "ARRI": "ARRIVED"}
_EQUIPMENT = {
    "GTOT": "GATED_OUT",
    "GTIN": "GATED_IN",
    "LOAD": "LOADED",
    "DISC": "DISCHARGED",
    "STUF": "STUFFED",
    "STRP": "STRIPPED",
}
_SHIPMENT = {
    "RECE": "RECEIVED",
    "CONF": "CONFIRMED",
    "SUBM": "SUBMITTED",
    "ISSU": "ISSUED",
    "REQS": "REQUESTED",
    "CMPL": "COMPLETED",
    "HOLD": "ON_HOLD",
    "RELS": "RELEASED",
}
_DOCUMENTS = {
    "BKG": "BOOKING",
    "TRD": "TRANSPORT_DOCUMENT",
    "SHI": "SHIPPING_INSTRUCTIONS",
    "SRM": "DELIVERY_ORDER",
    "ARN": "ARRIVAL_NOTICE",
    "VGM": "VERIFIED_GROSS_MASS",
    "CUS": "CUSTOMS_CLEARANCE",
}


def says(fact: Fact) -> bool:
    """It has words for all that a carrier knows."""
    return True


def render(box: Box, facts: list[Fact]) -> bytes:
    """The facts as one list of events."""
    return json.dumps({"events": [_event(box, fact) for fact in facts]}, ensure_ascii=False, indent=1).encode()


def _event(box: Box, fact: Fact) -> dict[str, Any]:
    assert box.carrier is not None
    code, _, qualifier = fact.phrase.partition("/")
    party = {"partyCode": box.carrier.scac, "codeListProvider": "NMFTA", "codeListName": "SCAC", "partyFunction": "CA"}
    said: dict[str, str] = {"eventClassifier": _CLASSIFIERS[fact.classifier]}
    event: dict[str, Any] = {
        "eventRouting": {"originatingParties": [party]},
        "eventID": dcsa_json.identity(box, fact),
        "eventDateTime": _utc(fact.at),
        "eventUpdatedDateTime": _utc(fact.known),
        "eventClassification": said,
    }
    if fact.phrase.startswith(tuple(_DOCUMENTS)):
        said["eventType"], said["shipmentEventType"] = "SHIPMENT", _SHIPMENT[qualifier]
        event["shipmentDetails"] = _document(box, fact, code)
        return event
    event["eventLocation"] = _location(box, fact)
    event["shipmentDetails"] = _bill(box, fact)
    event["transportDetails"] = _transport(box, fact)
    if code in _TRANSPORT:
        said["eventType"], said["transportEventType"] = "TRANSPORT", _TRANSPORT[code]
    else:
        said["eventType"], said["equipmentEventType"] = "EQUIPMENT", _EQUIPMENT[code]
        event["equipmentDetails"] = {
            "equipmentReference": fact.container,
            "ISOEquipmentCode": "45G1" if box.number % 2 else "22G1",
            "emptyIndicator": qualifier or "LADEN",
            "transportPhase": _phase(box, fact),
        }
    return event


def _document(box: Box, fact: Fact, code: str) -> dict[str, Any]:
    number = dcsa_json.document_number(box, fact, code)
    others = [] if code in ("BKG", "TRD") else _references(box, fact)
    details: dict[str, Any] = {
        "documentReference": {"type": _DOCUMENTS[code], "reference": number},
        "additionalDocumentReferences": others,
    }
    containers = [fact.container] if fact.container else box.containers if code != "BKG" else []
    if containers:
        details["shipmentReferences"] = [
            {"type": "EQUIPMENT_REFERENCE", "reference": container} for container in containers
        ]
    return details


def _bill(box: Box, fact: Fact) -> dict[str, Any]:
    first, *others = _references(box, fact)
    return {"documentReference": first, "additionalDocumentReferences": others}


def _references(box: Box, fact: Fact) -> list[dict[str, str]]:
    return [
        {"type": "BOOKING" if row["documentReferenceType"] == "BKG" else "TRANSPORT_DOCUMENT",
         "reference": row["documentReferenceValue"]}
        for row in reversed(dcsa_json.documents(box, fact))
    ]  # fmt: skip


def _location(box: Box, fact: Fact) -> dict[str, Any]:
    port = box.where(fact)
    if fact.phrase.endswith("/EMPTY"):
        return {"UNLocationCode": port.code, "facilityType": "DEPOT"}
    if fact.phrase in ("STUF", "STRP"):
        return {"UNLocationCode": port.code, "facilityType": "CONTAINER_FREIGHT_STATION"}
    facility = {"facilityCode": port.terminal, "facilityCodeListProvider": "SMDG"}
    return {"UNLocationCode": port.code, "facilityType": "PORT_TERMINAL", "facility": facility}


def _transport(box: Box, fact: Fact) -> dict[str, Any]:
    assert box.carrier is not None
    leg = box.legs[fact.leg]
    voyage = {"carrierVoyageNumber": leg.voyage}
    details: dict[str, Any] = {
        "transportCall": {
            "transportCallReference": f"{leg.vessel.imo}-{leg.voyage}-{fact.place}",
            "transportCallSequenceNumber": fact.leg + (1 if fact.place == leg.origin.code else 2),
            "modeOfTransport": "VESSEL",
            "serviceCodeOrReference": {"carrierServiceCode": box.carrier.service},
            "exportVoyageNumberOrReference": voyage,
            "importVoyageNumberOrReference": voyage,
            "vesselTransport": {
                "vesselIMONumber": leg.vessel.imo,
                "vesselName": leg.vessel.name,
                "operatorCarrierCode": box.carrier.scac,
                "operatorCarrierCodeListProvider": "NMFTA",
            },
        }
    }
    if fact.delay_reason:
        details["delayReasonCodes"] = [fact.delay_reason]
    return details


def _phase(box: Box, fact: Fact) -> str:
    if fact.milestone.startswith("transshipment"):
        return "TRANSSHIPMENT"
    return "EXPORT" if fact.place == box.origin.code else "IMPORT"


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
