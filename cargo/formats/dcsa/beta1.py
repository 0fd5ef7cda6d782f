"""Track & Trace 3.0.0-Beta-1: events of metadata and payload.

Source: DCSA Track & Trace 3.0.0-Beta-1 with the Event Domain 3.1.0 (31 March 2023), and its Reefer and IoT events.
The design was given up; a carrier is reported to run it still. The payload is near to 2.2, with other names for
some fields. A message that names a ``retractedEventID`` has no payload.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from cargo.domain.event import Outcome, Problem
from cargo.formats.dcsa.events import Beside, Dialect, outcome
from cargo.formats.dcsa.measurements import number, said, word
from cargo.formats.dcsa.wire import (
    DocumentReference,
    Location,
    OtherReference,
    Seal,
    Text,
    TransportCall,
    Vessel,
    WireEvent,
)
from cargo.formats.dcsa.wire3 import NumberedSeal

NAME = "dcsa.tnt3beta1"
DIALECT = Dialect(
    name=NAME,
    kind="/metadata/eventType",
    codes={
        kind.upper(): f"/payload/{kind}EventTypeCode"
        for kind in ("transport", "equipment", "shipment", "iot", "reefer")
    },
    classifier="/payload/eventClassifierCode",
    happened="/payload/eventDateTime",
    identifier="/metadata/eventID",
    reported="eventCreatedDateTime",
    lenient=True,
)
# Beside these words of a reefer's measurements only its units are text.
_UNITS = ("temperatureUnit", "airExchangeUnit")
_MEASURED = ("ambientTemperature", "temperature", "o2", "co2", "humidity", "airExchange")


class Publisher(msgspec.Struct, gc=False):
    """``publisher``."""

    carrierCode: Text = None
    carrierCodeListProvider: Text = None


class Metadata(msgspec.Struct, gc=False):
    """``metadata``."""

    eventID: str | None = None
    eventCreatedDateTime: datetime | None = None
    eventType: str | None = None
    retractedEventID: str | None = None
    publisher: Publisher | None = None
    publisherRole: str | None = None


class Typed(msgspec.Struct, gc=False):
    """A number with its type, in ``relatedDocumentReferences`` and ``references``."""

    type: str | None = None
    value: Text = None


class Ship(msgspec.Struct, gc=False):
    """``vessel`` and ``barge``."""

    vesselIMONumber: Text = None
    name: str | None = None
    operatorCarrierCode: str | None = None


class Call(msgspec.Struct, gc=False):
    """``transportCall`` of any of the four modes."""

    transportCallReference: Text = None
    transportCallSequenceNumber: int | str | None = None
    modeOfTransport: str | None = None
    facilityTypeCode: str | None = None
    location: Location | None = None
    carrierServiceCode: Text = None
    universalServiceReference: Text = None
    carrierExportVoyageNumber: Text = None
    universalExportVoyageReference: Text = None
    carrierImportVoyageNumber: Text = None
    universalImportVoyageReference: Text = None
    vessel: Ship | None = None
    barge: Ship | None = None


class Position(msgspec.Struct, gc=False):
    """``geoLocation``: decimal degrees."""

    latitude: float | str | None = None
    longitude: float | str | None = None


class Payload(msgspec.Struct, gc=False):
    """``payload`` of any kind of event."""

    eventType: str | None = None
    eventClassifierCode: str | None = None
    eventDateTime: datetime | None = None
    shipmentEventTypeCode: str | None = None
    transportEventTypeCode: str | None = None
    equipmentEventTypeCode: str | None = None
    iotEventTypeCode: str | None = None
    iotEventCode: str | None = None
    reeferEventTypeCode: str | None = None
    documentTypeCode: str | None = None
    documentReference: Text = None
    reason: str | None = None
    delayReasonCode: str | None = None
    changeRemark: str | None = None
    equipmentReference: str | None = None
    ISOEquipmentCode: Text = None
    emptyIndicatorCode: str | None = None
    isTransshipmentMove: bool | None = None
    facilityTypeCode: str | None = None
    eventLocation: Location | None = None
    transportCall: Call | None = None
    relatedDocumentReferences: list[Typed] | None = None
    references: list[Typed] | None = None
    seals: list[NumberedSeal] | None = None
    geoLocation: Position | None = None
    measurements: dict[str, Any] | None = None
    setpoints: dict[str, Any] | None = None


class WireEventBeta1(msgspec.Struct, gc=False):
    """One element of the array. ``eventType`` at its root marks another version."""

    eventType: Any = None
    metadata: Metadata | None = None
    payload: Payload | None = None


def read(wire: WireEventBeta1, position: str) -> Outcome:
    """The event, the retraction, or why it is neither."""
    metadata, payload = wire.metadata or Metadata(), wire.payload
    if payload is None:
        if not metadata.retractedEventID:
            return Problem(position=f"{position}/payload", reason="is missing", format=NAME)
        payload = Payload()
    return outcome(_flat(metadata, payload), position, DIALECT, _beside(metadata, payload))


def _flat(metadata: Metadata, payload: Payload) -> WireEvent:
    """The event in the form of 2.2."""
    return WireEvent(
        eventType=metadata.eventType or payload.eventType,
        eventClassifierCode=payload.eventClassifierCode,
        eventDateTime=payload.eventDateTime,
        eventCreatedDateTime=metadata.eventCreatedDateTime,
        eventID=metadata.eventID,
        retractedEventID=metadata.retractedEventID,
        transportEventTypeCode=payload.transportEventTypeCode,
        equipmentEventTypeCode=payload.equipmentEventTypeCode,
        shipmentEventTypeCode=payload.shipmentEventTypeCode,
        iotEventTypeCode=payload.iotEventTypeCode,
        iotEventCode=payload.iotEventCode,
        reeferEventTypeCode=payload.reeferEventTypeCode,
        transportCall=_call(payload.transportCall) if payload.transportCall is not None else None,
        delayReasonCode=payload.delayReasonCode,
        changeRemark=payload.changeRemark,
        reason=payload.reason,
        equipmentReference=payload.equipmentReference,
        ISOEquipmentCode=payload.ISOEquipmentCode,
        emptyIndicatorCode=payload.emptyIndicatorCode,
        facilityTypeCode=payload.facilityTypeCode,
        eventLocation=payload.eventLocation,
        documentID=payload.documentReference,
        documentTypeCode=payload.documentTypeCode,
        documentReferences=[
            DocumentReference(item.type, item.value) for item in payload.relatedDocumentReferences or ()
        ],
        references=[OtherReference(item.type, item.value) for item in payload.references or ()],
        seals=[Seal(seal.number) for seal in payload.seals or ()],
    )


def _call(call: Call) -> TransportCall:
    ship = call.vessel or call.barge
    mode = call.modeOfTransport or ("BARGE" if call.barge is not None else None)
    return TransportCall(
        transportCallID=call.transportCallReference,
        carrierServiceCode=call.carrierServiceCode or call.universalServiceReference,
        exportVoyageNumber=call.carrierExportVoyageNumber or call.universalExportVoyageReference,
        importVoyageNumber=call.carrierImportVoyageNumber or call.universalImportVoyageReference,
        transportCallSequenceNumber=call.transportCallSequenceNumber,
        facilityTypeCode=call.facilityTypeCode,
        modeOfTransport=mode,
        location=call.location,
        vessel=Vessel(ship.vesselIMONumber, ship.name, ship.operatorCarrierCode) if ship is not None else None,
    )


def _beside(metadata: Metadata, payload: Payload) -> Beside:
    phase = "TRANSSHIPMENT" if payload.isTransshipmentMove else ""
    context: dict[str, Any] = {"transport_phase": "transshipment"} if phase else {}
    publisher = metadata.publisher
    if publisher is not None and publisher.carrierCode:
        parts = (publisher.carrierCodeListProvider, publisher.carrierCode)
        context["originator"] = ":".join(str(part)[:40] for part in parts if part)
        if metadata.publisherRole == "CA":
            context["carrier"] = str(publisher.carrierCode)[:20]
    if payload.geoLocation is not None:
        context["coordinates"] = [str(payload.geoLocation.latitude)[:20], str(payload.geoLocation.longitude)[:20]]
    measured = {"measured": _values(payload.measurements), "set": _values(payload.setpoints)}
    if any(measured.values()):
        context["measurements"] = {name: values for name, values in measured.items() if values}
    return Beside(phase=phase, context=context or None)


def _values(given: dict[str, Any] | None) -> dict[str, Any]:
    values = given or {}
    return said(
        {name: number(values.get(name)) for name in _MEASURED} | {name: word(values.get(name)) for name in _UNITS}
    )
