"""EPCIS events to be changed, and how they are read."""

from __future__ import annotations

import json
from typing import Any

from cargo import formats
from cargo.domain.event import Event, Outcome

BOX, OTHER = "urn:epc:id:bic:CLSU4000215", "urn:epc:id:bic:CLSU4000220"
UNIT = "urn:epc:id:sscc:0614141.1234567890"
SHIP = "urn:epc:id:imovn:9801421"
HERE, PARTY = "urn:epc:id:sgln:8712345.00002.7", "urn:epc:id:pgln:8712345.00002"


def observed(**changes: Any) -> dict[str, Any]:
    event = {
        "eventID": "urn:uuid:1",
        "type": "ObjectEvent",
        "eventTime": "2026-03-09T03:30:00Z",
        "eventTimeZoneOffset": "+09:00",
        "action": "OBSERVE",
        "bizStep": "departing",
        "epcList": [BOX],
    }
    return {**event, **changes}


def packed(step: str, action: str, parent: str = BOX, *children: str) -> dict[str, Any]:
    return observed(
        type="AggregationEvent", bizStep=step, action=action, epcList=None, parentID=parent, childEPCs=[*children]
    )


def document(*events: Any) -> dict[str, Any]:
    return {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(events)}}


def read(message: Any) -> list[Outcome]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return list(formats.decode(data, format="epcis")[1])


def only(event: Any) -> Event:
    (found,) = read(event)
    assert isinstance(found, Event), found
    return found
