"""A carrier's dialect: DCSA Track & Trace 3.0.0-Beta-1 JSON, metadata and payload, always an array.

Field names as in the Event Domain 3.1.0 (31 March 2023); the payload is near to 2.2. A correction has the same
``eventID`` and a later ``eventCreatedDateTime``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cargo.management.generator import dcsa_json
from cargo.management.generator.story import Box, Fact

MEDIA_TYPE = dcsa_json.MEDIA_TYPE
FORMAT = "dcsa.tnt3beta1"
EXTENSION = dcsa_json.EXTENSION
PRECISION = 1
_CLASSIFIERS = {"actual": "ACT", "estimated": "EST", "planned": "PLN"}


def says(fact: Fact) -> bool:
    """It has words for all that a carrier knows."""
    return True


def render(box: Box, facts: list[Fact]) -> bytes:
    """The facts as an array of events."""
    return json.dumps([_event(box, fact) for fact in facts], ensure_ascii=False, indent=1).encode()


def _event(box: Box, fact: Fact) -> dict[str, Any]:
    assert box.carrier is not None
    kind = dcsa_json.kind_of(fact)
    metadata = {
        "eventID": dcsa_json.identity(box, fact),
        "eventCreatedDateTime": _utc(fact.known),
        "eventType": kind,
        "publisher": {"carrierCode": box.carrier.scac, "carrierCodeListProvider": "NMFTA"},
        "publisherRole": "CA",
    }
    code, _, qualifier = fact.phrase.partition("/")
    payload: dict[str, Any] = {
        "eventClassifierCode": _CLASSIFIERS[fact.classifier],
        "eventDateTime": _utc(fact.at),
        f"{kind.lower()}EventTypeCode": qualifier if kind == "SHIPMENT" else code,
    }
    if kind == "SHIPMENT":
        payload["documentTypeCode"] = code
        payload["documentReference"] = dcsa_json.document_number(box, fact, code)
    else:
        payload["transportCall"] = _call(box, fact)
    if kind == "EQUIPMENT":
        payload["equipmentReference"] = fact.container
        payload["ISOEquipmentCode"] = "45G1" if box.number % 2 else "22G1"
        payload["emptyIndicatorCode"] = qualifier or "LADEN"
        payload["isTransshipmentMove"] = fact.milestone.startswith("transshipment")
    if fact.delay_reason:
        payload["delayReasonCode"] = fact.delay_reason
    payload["relatedDocumentReferences"] = [
        {"type": row["documentReferenceType"], "value": row["documentReferenceValue"]}
        for row in dcsa_json.documents(box, fact)
    ]
    payload["references"] = [{"type": "EQ", "value": number} for number in dcsa_json.containers(box, fact)]
    return {"metadata": metadata, "payload": payload}


def _call(box: Box, fact: Fact) -> dict[str, Any]:
    """The call of the leg's ship at the place of the event."""
    assert box.carrier is not None
    leg = box.legs[fact.leg]
    depot, station = fact.phrase.endswith("/EMPTY"), fact.phrase in ("STUF", "STRP")
    return {
        "transportCallReference": f"{leg.vessel.imo}-{leg.voyage}-{fact.place}",
        "transportCallSequenceNumber": fact.leg + (1 if fact.place == leg.origin.code else 2),
        "modeOfTransport": "VESSEL",
        "facilityTypeCode": "DEPO" if depot else "COFS" if station else "POTE",
        "location": {"UNLocationCode": fact.place},
        "carrierServiceCode": box.carrier.service,
        "carrierExportVoyageNumber": leg.voyage,
        "carrierImportVoyageNumber": leg.voyage,
        "vessel": {
            "vesselIMONumber": leg.vessel.imo,
            "name": leg.vessel.name,
            "operatorCarrierCode": box.carrier.scac,
        },
    }


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
