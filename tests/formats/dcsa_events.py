"""Events in every version of Track & Trace, to be changed, and how they are read."""

from __future__ import annotations

import json
from typing import Any

from cargo import formats
from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Outcome

CARRIER = {"partyCode": "CLSL", "codeListProvider": "SMDG", "codeListName": "LCL", "partyFunction": "CA"}


def january(**changes: Any) -> dict[str, Any]:
    event = {
        "eventRouting": {"originatingParty": CARRIER},
        "eventID": "E1",
        "eventDateTime": "2026-03-09T03:30:00Z",
        "eventUpdatedDateTime": "2026-03-09T04:00:00Z",
        "eventLocation": {"UNLocationCode": "KRPUS", "facilityTypeCode": "POTE", "facility": {"facilityCode": "PNC"}},
        "eventClassification": {
            "eventTypeCode": "TRANSPORT",
            "eventClassifierCode": "ACT",
            "transportEventTypeCode": "DEPA",
        },
        "shipmentDetails": {"documentReference": {"typeCode": "TRD", "reference": "BILL1"}},
        "transportDetails": {
            "transportCall": {
                "transportCallReference": "call-1",
                "modeOfTransport": "VESSEL",
                "exportVoyageNumberOrReference": {"carrierVoyageNumber": "014W"},
                "importVoyageNumberOrReference": {"universalVoyageReference": "2613E"},
                "vesselTransport": {"vesselIMONumber": "9801421", "vesselName": "CLS HARMONY"},
            }
        },
    }
    return {**event, **changes}


def may(**changes: Any) -> dict[str, Any]:
    event = january()
    event["eventRouting"] = {"originatingParties": [CARRIER]}
    event["eventLocation"] = {
        "UNLocationCode": "KRPUS",
        "facilityType": "PORT_TERMINAL",
        "facility": {"facilityCode": "PNC"},
    }
    event["eventClassification"] = {
        "eventType": "TRANSPORT",
        "eventClassifier": "ACTUAL",
        "transportEventType": "DEPARTED",
    }
    event["shipmentDetails"] = {"documentReference": {"type": "TRANSPORT_DOCUMENT", "reference": "BILL1"}}
    return {**event, **changes}


def beta1(**payload: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "eventID": "B1",
            "eventCreatedDateTime": "2026-03-09T04:00:00Z",
            "eventType": "TRANSPORT",
            "publisher": {"carrierCode": "CLSL", "carrierCodeListProvider": "SMDG"},
            "publisherRole": "CA",
        },
        "payload": {
            "eventClassifierCode": "ACT",
            "eventDateTime": "2026-03-09T12:30:00+09:00",
            "transportEventTypeCode": "DEPA",
            "transportCall": {
                "transportCallReference": "call-1",
                "modeOfTransport": "VESSEL",
                "facilityTypeCode": "POTE",
                "location": {"locationType": "UNLO", "UNLocationCode": "KRPUS"},
                "carrierExportVoyageNumber": "014W",
                "vessel": {"vesselIMONumber": "9801421", "name": "CLS HARMONY"},
            },
            **payload,
        },
    }


FLAT = {
    "eventID": "F1",
    "eventCreatedDateTime": "2026-03-09T04:00:00Z",
    "eventType": "TRANSPORT",
    "eventClassifierCode": "ACT",
    "eventDateTime": "2026-03-09T12:30:00+09:00",
    "transportEventTypeCode": "DEPA",
    "transportCall": {"transportCallID": "call-1", "modeOfTransport": "VESSEL", "UNLocationCode": "KRPUS"},
}


def read(message: Any, format: str | None = None) -> list[Outcome]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return list(formats.decode(data, format=format)[1])


def only(message: Any) -> Event:
    (event,) = read(message)
    assert isinstance(event, Event), event
    return event


def flat(kind: str, code: str, **more: Any) -> Event:
    """An event of 2.2 with that code in letters."""
    event = {
        "eventID": "1",
        "eventCreatedDateTime": "2026-03-09T04:00:00Z",
        "eventType": kind,
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-09T12:30:00+09:00",
        f"{kind.lower()}EventTypeCode": code,
        **more,
    }
    return decoded([event], "dcsa.tnt2")


def newest(kind: str, word: str, **more: Any) -> Event:
    """An event of May 2026 with that code in words."""
    event = {
        "eventID": "1",
        "eventUpdatedDateTime": "2026-03-09T04:00:00Z",
        "eventDateTime": "2026-03-09T03:30:00Z",
        "eventClassification": {"eventType": kind, "eventClassifier": "ACTUAL", f"{kind.lower()}EventType": word},
        **more,
    }
    return decoded({"events": [event]}, "dcsa.tnt3")


def decoded(message: Any, format: str) -> Event:
    """The one event of a message, which is of that format."""
    (event,) = formats.decode(json.dumps(message).encode())[1]
    assert isinstance(event, Event), event
    assert event.format == format
    assert event.effect == MILESTONES[event.milestone].effect
    return event
