"""A Track & Trace event as it stands on the wire in the flat design of 2.2 and 2.3.

Every field is optional here: what is missing is judged event by event, so that one bad event never costs the
others. Fields that are not read are skipped without being built.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

# Carriers write numbers where the standard has strings.
Text = str | int | None


class Address(msgspec.Struct, gc=False):
    """The part of an ``address`` that says where a place without a code is."""

    city: str | None = None
    country: str | None = None
    countryCode: str | None = None


class Location(msgspec.Struct, gc=False):
    """``location`` and ``eventLocation``; the facility type stands here in some carriers' messages."""

    UNLocationCode: str | None = None
    locationName: str | None = None
    facilityCode: Text = None
    facilityTypeCode: str | None = None
    address: Address | None = None


class Vessel(msgspec.Struct, gc=False):
    """``vessel``."""

    vesselIMONumber: Text = None
    vesselName: str | None = None
    vesselOperatorCarrierCode: str | None = None


class TransportCall(msgspec.Struct, gc=False):
    """``transportCall``."""

    transportCallID: Text = None
    carrierServiceCode: Text = None
    carrierVoyageNumber: Text = None
    exportVoyageNumber: Text = None
    importVoyageNumber: Text = None
    transportCallSequenceNumber: int | str | None = None
    UNLocationCode: str | None = None
    facilityCode: Text = None
    facilityTypeCode: str | None = None
    otherFacility: str | None = None
    modeOfTransport: str | None = None
    location: Location | None = None
    vessel: Vessel | None = None


class DocumentReference(msgspec.Struct, gc=False):
    """One of ``documentReferences``."""

    documentReferenceType: str | None = None
    documentReferenceValue: Text = None


class OtherReference(msgspec.Struct, gc=False):
    """One of ``references``."""

    referenceType: str | None = None
    referenceValue: Text = None


class Seal(msgspec.Struct, gc=False):
    """One of ``seals``."""

    sealNumber: Text = None


class WireEvent(msgspec.Struct, gc=False):
    """One element of the array."""

    eventType: str | None = None
    eventClassifierCode: str | None = None
    eventDateTime: datetime | None = None
    eventCreatedDateTime: datetime | None = None
    eventUpdatedDateTime: str | None = None
    eventID: str | None = None
    isRetracted: bool | None = None
    retractedEventID: str | None = None
    eventTypeCode: str | None = None
    transportEventTypeCode: str | None = None
    equipmentEventTypeCode: str | None = None
    shipmentEventTypeCode: str | None = None
    iotEventTypeCode: str | None = None
    iotEventCode: str | None = None
    reeferEventTypeCode: str | None = None
    transportCall: TransportCall | None = None
    transportCallID: Text = None
    delayReasonCode: str | None = None
    changeRemark: str | None = None
    vesselScheduleChangeRemark: str | None = None
    reason: str | None = None
    equipmentReference: str | None = None
    ISOEquipmentCode: Text = None
    emptyIndicatorCode: str | None = None
    facilityTypeCode: str | None = None
    eventLocation: Location | None = None
    documentID: Text = None
    documentTypeCode: str | None = None
    shipmentInformationTypeCode: str | None = None
    carrierBookingReference: Text = None
    bookingReference: Text = None
    transportDocumentReference: Text = None
    transportDocumentID: Text = None
    documentReferences: list[DocumentReference] | None = None
    references: list[OtherReference] | None = None
    seals: list[Seal] | None = None
