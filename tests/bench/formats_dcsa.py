"""DCSA Track & Trace 2.2 to canonical events, against msgspec's typed decoding of the same bytes alone.

Each message is one event of about a kilobyte, as a callback brings it: transport and equipment events with call,
vessel, facility, documents and references, every number of its own, so nothing is found in a cache that a first event
would not find there. The baseline builds and checks every field that the standard defines and does nothing with them.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Literal

import msgspec

FORMAT = "dcsa.tnt2"
FLOOR = 0.1
EVENTS = 1

_MOVES = (
    ("EQUIPMENT", "GTOT", "EMPTY", "DEPO", "TRUCK"),
    ("EQUIPMENT", "GTIN", "LADEN", "POTE", "TRUCK"),
    ("EQUIPMENT", "LOAD", "LADEN", "POTE", "VESSEL"),
    ("TRANSPORT", "DEPA", "", "POTE", "VESSEL"),
    ("TRANSPORT", "ARRI", "", "POTE", "VESSEL"),
    ("EQUIPMENT", "DISC", "LADEN", "POTE", "VESSEL"),
    ("EQUIPMENT", "GTOT", "LADEN", "POTE", "TRUCK"),
    ("EQUIPMENT", "GTIN", "EMPTY", "DEPO", "TRUCK"),
)


class Vessel(msgspec.Struct, gc=False):
    """``vessel``."""

    vesselIMONumber: str
    vesselName: str | None = None
    vesselFlag: str | None = None
    vesselCallSignNumber: str | None = None
    vesselOperatorCarrierCode: str | None = None
    vesselOperatorCarrierCodeListProvider: Literal["SMDG", "NMFTA"] | None = None


class Location(msgspec.Struct, gc=False):
    """``location`` and ``eventLocation``."""

    locationName: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    UNLocationCode: str | None = None
    facilityCode: str | None = None
    facilityCodeListProvider: Literal["BIC", "SMDG"] | None = None
    address: dict[str, str] | None = None


class TransportCall(msgspec.Struct, gc=False):
    """``transportCall``."""

    transportCallID: str
    modeOfTransport: Literal["VESSEL", "RAIL", "TRUCK", "BARGE"]
    carrierServiceCode: str | None = None
    carrierVoyageNumber: str | None = None
    exportVoyageNumber: str | None = None
    importVoyageNumber: str | None = None
    transportCallSequenceNumber: int | None = None
    UNLocationCode: str | None = None
    facilityCode: str | None = None
    facilityCodeListProvider: Literal["BIC", "SMDG"] | None = None
    facilityTypeCode: str | None = None
    otherFacility: str | None = None
    location: Location | None = None
    vessel: Vessel | None = None


class DocumentReference(msgspec.Struct, gc=False):
    """One of ``documentReferences``."""

    documentReferenceType: str
    documentReferenceValue: str


class Reference(msgspec.Struct, gc=False):
    """One of ``references``."""

    referenceType: str
    referenceValue: str


class Seal(msgspec.Struct, gc=False):
    """One of ``seals``."""

    sealNumber: str
    sealSource: str | None = None
    sealType: str | None = None


class Typed(msgspec.Struct, gc=False):
    """An event of any of the three types."""

    eventCreatedDateTime: datetime
    eventType: Literal["SHIPMENT", "TRANSPORT", "EQUIPMENT"]
    eventClassifierCode: Literal["PLN", "EST", "ACT"]
    eventDateTime: datetime
    eventID: str | None = None
    transportEventTypeCode: str | None = None
    equipmentEventTypeCode: str | None = None
    shipmentEventTypeCode: str | None = None
    delayReasonCode: str | None = None
    changeRemark: str | None = None
    equipmentReference: str | None = None
    ISOEquipmentCode: str | None = None
    emptyIndicatorCode: Literal["EMPTY", "LADEN"] | None = None
    eventLocation: Location | None = None
    transportCall: TransportCall | None = None
    documentID: str | None = None
    documentTypeCode: str | None = None
    reason: str | None = None
    documentReferences: list[DocumentReference] = []
    references: list[Reference] = []
    seals: list[Seal] = []


_TYPED = msgspec.json.Decoder(list[Typed])


def messages(count: int) -> list[bytes]:
    """That many notifications of one event each."""
    return [json.dumps([_event(number)], separators=(",", ":")).encode() for number in range(count)]


def baseline(data: bytes) -> object:
    """Typed decoding, and nothing else."""
    return _TYPED.decode(data)


def _event(number: int) -> dict[str, object]:
    kind, code, load, facility, mode = _MOVES[number % len(_MOVES)]
    at = datetime(2026, 3, 9) + timedelta(seconds=number * 7919)
    bill, box = f"CLSPUS{number:08d}", f"CLSU{number % 10_000_000:07d}"
    own: dict[str, object] = {f"{kind.lower()}EventTypeCode": code}
    if load:
        own |= {
            "equipmentReference": box,
            "ISOEquipmentCode": "45G1",
            "emptyIndicatorCode": load,
            "seals": [{"sealNumber": f"SL{number:08d}", "sealSource": "SHI", "sealType": "BLT"}],
        }
    return {
        "eventID": f"3cecb101-7a1a-43a4-9d62-{number:012d}",
        "eventCreatedDateTime": f"{at + timedelta(minutes=9):%Y-%m-%dT%H:%M:%S}Z",
        "eventType": kind,
        "eventClassifierCode": "ACT",
        "eventDateTime": f"{at + timedelta(hours=9):%Y-%m-%dT%H:%M:%S}+09:00",
        **own,
        "transportCall": {
            "transportCallID": f"123e4567-e89b-12d3-a456-{number:012d}",
            "carrierServiceCode": "FE5",
            "exportVoyageNumber": f"{number % 1000:03d}W",
            "importVoyageNumber": f"{number % 1000:03d}E",
            "transportCallSequenceNumber": 1 + number % 9,
            "UNLocationCode": "KRPUS",
            "facilityCode": "PNC",
            "facilityCodeListProvider": "SMDG",
            "facilityTypeCode": facility,
            "modeOfTransport": mode,
            "vessel": {
                "vesselIMONumber": f"{9_000_000 + number % 900_000}",
                "vesselName": f"CLS HARMONY {number % 500}",
                "vesselFlag": "KR",
                "vesselCallSignNumber": "D7AB",
                "vesselOperatorCarrierCode": "CLSL",
                "vesselOperatorCarrierCodeListProvider": "SMDG",
            },
        },
        "documentReferences": [
            {"documentReferenceType": "BKG", "documentReferenceValue": f"CLSB{number:08d}"},
            {"documentReferenceType": "TRD", "documentReferenceValue": bill},
        ],
        "references": [{"referenceType": "FF", "referenceValue": f"KO-{number:06d}"}],
    }
