"""A Track & Trace 3.0 event as it stands on the wire.

Fields of January 2026 (codes) and of May 2026 (words) stand side by side; every one is optional, and what is not
read is skipped without being built.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cargo.formats.dcsa.measurements import ReeferDetails
from cargo.formats.dcsa.wire import Address, Text


class Party(msgspec.Struct, gc=False):
    """One of the parties of ``eventRouting``."""

    partyCode: Text = None
    codeListProvider: Text = None
    codeListName: Text = None
    partyFunction: Text = None


class Routing(msgspec.Struct, gc=False):
    """``eventRouting``: one originating party in January, several in May."""

    originatingParty: Party | None = None
    originatingParties: list[Party] | None = None
    forwardingParties: list[Party] | None = None


class Classification(msgspec.Struct, gc=False):
    """``eventClassification``."""

    eventType: str | None = None
    eventTypeCode: str | None = None
    eventClassifier: str | None = None
    eventClassifierCode: str | None = None
    shipmentEventType: str | None = None
    shipmentEventTypeCode: str | None = None
    transportEventType: str | None = None
    transportEventTypeCode: str | None = None
    equipmentEventType: str | None = None
    equipmentEventTypeCode: str | None = None
    iotEventType: str | None = None
    iotEventTypeCode: str | None = None
    reeferEventType: str | None = None
    reeferEventTypeCode: str | None = None


class Facility(msgspec.Struct, gc=False):
    """``facility``."""

    facilityName: Text = None
    facilityCode: Text = None


class Coordinate(msgspec.Struct, gc=False):
    """``geoCoordinate``: decimal degrees."""

    latitude: float | str | None = None
    longitude: float | str | None = None


class EventLocation(msgspec.Struct, gc=False):
    """``eventLocation``."""

    locationName: str | None = None
    facilityType: str | None = None
    facilityTypeCode: str | None = None
    address: Address | None = None
    UNLocationCode: str | None = None
    facility: Facility | None = None
    geoCoordinate: Coordinate | None = None


class Numbered(msgspec.Struct, gc=False):
    """A document or shipment reference."""

    type: str | None = None
    typeCode: str | None = None
    reference: Text = None


class Replacement(msgspec.Struct, gc=False):
    """Old references replaced by new ones: a booking split or combined, a bill reissued, a box exchanged."""

    oldReferences: list[Numbered] | None = None
    newReferences: list[Numbered] | None = None


class ShipmentDetails(msgspec.Struct, gc=False):
    """``shipmentDetails``."""

    documentReference: Numbered | None = None
    additionalDocumentReferences: list[Numbered] | None = None
    documentReferenceReplacements: list[Replacement] | None = None
    shipmentReferences: list[Numbered] | None = None
    shipmentReferenceReplacements: list[Replacement] | None = None
    shipmentLocationType: str | None = None
    reason: str | None = None


class Voyage(msgspec.Struct, gc=False):
    """``exportVoyageNumberOrReference`` and ``importVoyageNumberOrReference``."""

    carrierVoyageNumber: Text = None
    universalVoyageReference: Text = None


class Service(msgspec.Struct, gc=False):
    """``serviceCodeOrReference``."""

    carrierServiceCode: Text = None
    universalServiceReference: Text = None


class VesselTransport(msgspec.Struct, gc=False):
    """``vesselTransport``: a vessel or a barge."""

    vesselIMONumber: Text = None
    vesselName: str | None = None
    operatorCarrierCode: str | None = None


class Call(msgspec.Struct, gc=False):
    """``transportCall``."""

    transportCallReference: Text = None
    transportCallSequenceNumber: int | str | None = None
    modeOfTransport: str | None = None
    serviceCodeOrReference: Service | None = None
    exportVoyageNumberOrReference: Voyage | None = None
    importVoyageNumberOrReference: Voyage | None = None
    vesselTransport: VesselTransport | None = None
    railTransport: dict[str, Any] | None = None
    truckTransport: dict[str, Any] | None = None


class TransportDetails(msgspec.Struct, gc=False):
    """``transportDetails``."""

    delayReasonCodes: list[str] | None = None
    changeRemark: str | None = None
    transportCall: Call | None = None


class NumberedSeal(msgspec.Struct, gc=False):
    """One of ``seals``."""

    number: Text = None


class EquipmentDetails(msgspec.Struct, gc=False):
    """``equipmentDetails``."""

    equipmentReference: str | None = None
    ISOEquipmentCode: Text = None
    emptyIndicator: str | None = None
    emptyIndicatorCode: str | None = None
    transportPhase: str | None = None
    movementType: str | None = None
    seals: list[NumberedSeal] | None = None


class IotDetails(msgspec.Struct, gc=False):
    """``iotDetails``."""

    iotEventCode: str | None = None
    powerStatus: str | None = None


class WireEvent3(msgspec.Struct, gc=False):
    """One element of ``events``. ``eventType`` at its root marks another version."""

    eventType: Any = None
    eventRouting: Routing | None = None
    eventID: str | None = None
    isRetracted: bool | None = None
    eventDateTime: str | None = None
    eventUpdatedDateTime: str | None = None
    eventLocation: EventLocation | None = None
    reason: str | None = None
    eventClassification: Classification | None = None
    shipmentDetails: ShipmentDetails | None = None
    transportDetails: TransportDetails | None = None
    equipmentDetails: EquipmentDetails | None = None
    iotDetails: IotDetails | None = None
    reeferDetails: ReeferDetails | None = None
