"""Track & Trace 3.0: the flat design of January 2026 (letters) and of the snapshot of May 2026 (words).

Source: DCSA Track & Trace 3.0.0 as of January 2026, and snapshot v3.0.0-20260525-beta with its changelog. The two
differ in the names of fields and codes only, so one reading takes both, mixed as they come. No field is required.
An event overrides one of the same id with an earlier ``eventUpdatedDateTime``; ``isRetracted`` takes it back.
"""

from __future__ import annotations

from typing import Any

from cargo.domain.event import Outcome, Problem
from cargo.formats.dcsa import codes, documents
from cargo.formats.dcsa.events import Beside, Dialect, outcome
from cargo.formats.dcsa.measurements import measured
from cargo.formats.dcsa.times import moment
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
from cargo.formats.dcsa.wire3 import (
    Call,
    Classification,
    EquipmentDetails,
    EventLocation,
    Numbered,
    Party,
    Routing,
    ShipmentDetails,
    TransportDetails,
    Voyage,
    WireEvent3,
)

_KEPT = 10
_DATE_LENGTH = 10


def _dialect(ending: str) -> Dialect:
    at = "/eventClassification"
    kinds = ("transport", "equipment", "shipment", "iot", "reefer")
    return Dialect(
        name="dcsa.tnt3",
        kind=f"{at}/eventType{ending}",
        codes={kind.upper(): f"{at}/{kind}EventType{ending}" for kind in kinds},
        classifier=f"{at}/eventClassifier{ending}",
        happened="/eventDateTime",
        identifier="/eventID",
        reported="eventUpdatedDateTime",
        lenient=True,
    )


LETTERS, WORDS = _dialect("Code"), _dialect("")
NAME = WORDS.name


_NO_CLASS, _NO_SHIPMENT, _NO_TRANSPORT, _NO_BOX = (
    Classification(),
    ShipmentDetails(),
    TransportDetails(),
    EquipmentDetails(),
)


def read(wire: WireEvent3, position: str) -> Outcome:
    """The event, the retraction, or why it is neither."""
    said = wire.eventClassification or _NO_CLASS
    dialect = LETTERS if said.eventTypeCode or said.eventClassifierCode else WORDS
    if wire.eventClassification is None and not (wire.isRetracted and wire.eventID):
        reason = "not a Track & Trace event: eventClassification is missing"
        return Problem(position=position, reason=reason, format=NAME)
    happened = moment(wire.eventDateTime) if wire.eventDateTime else None
    if wire.eventDateTime and happened is None and not wire.isRetracted:
        reason = f"{wire.eventDateTime[:40]!r} is not a date and time"
        return Problem(position=f"{position}/eventDateTime", reason=reason, format=NAME)
    flat = _flat(wire, said)
    flat.eventDateTime = happened
    beside = _beside(wire)
    if len((wire.eventDateTime or "").strip()) == _DATE_LENGTH:
        beside = beside._replace(warnings=(*beside.warnings, "date_only: eventDateTime has no time of day"))
    return outcome(flat, position, dialect, beside)


def _flat(wire: WireEvent3, said: Classification) -> WireEvent:
    """The event in the form of 2.2, without its time."""
    shipment = wire.shipmentDetails or _NO_SHIPMENT
    transport = wire.transportDetails or _NO_TRANSPORT
    box = wire.equipmentDetails or _NO_BOX
    kind = said.eventType or said.eventTypeCode
    numbers = list(shipment.additionalDocumentReferences or ())
    primary = shipment.documentReference
    document = primary if primary is not None and kind is not None and kind.upper() == "SHIPMENT" else None
    if primary is not None and document is None:
        numbers.insert(0, primary)
    return WireEvent(
        eventType=kind,
        eventClassifierCode=said.eventClassifier or said.eventClassifierCode,
        eventCreatedDateTime=moment(wire.eventUpdatedDateTime) if wire.eventUpdatedDateTime else None,
        eventUpdatedDateTime=wire.eventUpdatedDateTime,
        eventID=_identifier(wire),
        isRetracted=wire.isRetracted,
        transportEventTypeCode=said.transportEventType or said.transportEventTypeCode,
        equipmentEventTypeCode=said.equipmentEventType or said.equipmentEventTypeCode,
        shipmentEventTypeCode=said.shipmentEventType or said.shipmentEventTypeCode,
        iotEventTypeCode=said.iotEventType or said.iotEventTypeCode,
        iotEventCode=wire.iotDetails.iotEventCode if wire.iotDetails is not None else None,
        reeferEventTypeCode=said.reeferEventType or said.reeferEventTypeCode,
        transportCall=_call(transport.transportCall) if transport.transportCall is not None else None,
        delayReasonCode=transport.delayReasonCodes[0] if transport.delayReasonCodes else None,
        reason=wire.reason or shipment.reason or transport.changeRemark,
        equipmentReference=box.equipmentReference,
        ISOEquipmentCode=box.ISOEquipmentCode,
        emptyIndicatorCode=box.emptyIndicator or box.emptyIndicatorCode,
        eventLocation=_location(wire.eventLocation) if wire.eventLocation is not None else None,
        documentID=document.reference if document is not None else None,
        documentTypeCode=(document.type or document.typeCode) if document is not None else None,
        documentReferences=[DocumentReference(item.type or item.typeCode, item.reference) for item in numbers],
        references=[
            OtherReference(item.type or item.typeCode, item.reference) for item in shipment.shipmentReferences or ()
        ],
        seals=[Seal(seal.number) for seal in box.seals or ()],
    )


def _identifier(wire: WireEvent3) -> str | None:
    """The event's id; one that others have forwarded is unique only together with those whom it comes from."""
    routing = wire.eventRouting
    if not wire.eventID or routing is None or not routing.forwardingParties:
        return wire.eventID
    origin = _originators(routing)
    return f"{origin}/{wire.eventID}" if origin else wire.eventID


def _parties(routing: Routing) -> list[Party]:
    return routing.originatingParties or ([routing.originatingParty] if routing.originatingParty else [])


def _originators(routing: Routing) -> str:
    named = [
        ":".join(str(part)[:40] for part in (party.codeListProvider, party.codeListName, party.partyCode) if part)
        for party in _parties(routing)[:_KEPT]
    ]
    return "+".join(sorted(name for name in named if name))


def _carrier(routing: Routing) -> str | None:
    """The carrier among them (UN/EDIFACT 3035 ``CA``)."""
    return next((str(party.partyCode)[:20] for party in _parties(routing) if party.partyFunction == "CA"), None)


def _call(call: Call) -> TransportCall:
    vessel, service = call.vesselTransport, call.serviceCodeOrReference
    mode = call.modeOfTransport
    if not mode and vessel is None:
        mode = "RAIL" if call.railTransport is not None else "TRUCK" if call.truckTransport is not None else None
    return TransportCall(
        transportCallID=call.transportCallReference,
        carrierServiceCode=(service.carrierServiceCode or service.universalServiceReference) if service else None,
        exportVoyageNumber=_voyage(call.exportVoyageNumberOrReference),
        importVoyageNumber=_voyage(call.importVoyageNumberOrReference),
        transportCallSequenceNumber=call.transportCallSequenceNumber,
        modeOfTransport=mode,
        vessel=Vessel(vessel.vesselIMONumber, vessel.vesselName, vessel.operatorCarrierCode) if vessel else None,
    )


def _voyage(voyage: Voyage | None) -> Text:
    return (voyage.carrierVoyageNumber or voyage.universalVoyageReference) if voyage is not None else None


def _location(given: EventLocation) -> Location:
    facility = given.facility
    return Location(
        UNLocationCode=given.UNLocationCode,
        locationName=given.locationName,
        facilityCode=(facility.facilityCode or facility.facilityName) if facility is not None else None,
        facilityTypeCode=given.facilityType or given.facilityTypeCode,
        address=given.address,
    )


def _beside(wire: WireEvent3) -> Beside:
    """The phase, the place's part in the journey, and small facts that only 3.0 has."""
    shipment, box, where = wire.shipmentDetails, wire.equipmentDetails, wire.eventLocation
    phase = ((box.transportPhase or box.movementType) if box is not None else None) or ""
    context: dict[str, Any] = {}
    if phase.upper() in codes.PHASES:
        context["transport_phase"] = codes.PHASES[phase.upper()]
    if wire.eventRouting is not None:
        origin, carrier = _originators(wire.eventRouting), _carrier(wire.eventRouting)
        if origin:
            context["originator"] = origin
        if carrier:
            context["carrier"] = carrier
    if where is not None and where.geoCoordinate is not None:
        north, east = where.geoCoordinate.latitude, where.geoCoordinate.longitude
        context["coordinates"] = [str(north)[:20], str(east)[:20]]
    if wire.transportDetails is not None and len(wire.transportDetails.delayReasonCodes or ()) > 1:
        context["delay_reasons"] = [code[:20] for code in (wire.transportDetails.delayReasonCodes or ())[:_KEPT]]
    if wire.iotDetails is not None and wire.iotDetails.powerStatus:
        context["power"] = wire.iotDetails.powerStatus[:20]
    if wire.reeferDetails is not None:
        context["measurements"] = measured(wire.reeferDetails)
    if shipment is None:
        return Beside(phase, None, None, context or None, _phase_warning(phase))
    context |= _replaced(shipment)
    document = shipment.documentReference
    filing = ((document.type or document.typeCode or "") if document is not None else "").upper()
    if filing in documents.FILINGS:
        context["filing"] = {"type": filing, "countries": list(documents.FILINGS[filing])}
    role = codes.LOCATION_ROLES.get((shipment.shipmentLocationType or "").upper())
    port = where.UNLocationCode.strip().upper()[:12] if where is not None and where.UNLocationCode else None
    plan = {f"port_of_{role}": port} if port and role in ("loading", "discharge") else None
    return Beside(phase, role, plan, context or None, _phase_warning(phase))


def _phase_warning(phase: str) -> tuple[str, ...]:
    if not phase or phase.upper() in codes.PHASES:
        return ()
    return (f"unknown_code: transportPhase {phase[:40]}",)


def _replaced(shipment: ShipmentDetails) -> dict[str, Any]:
    """Which numbers stand in the place of which, as type and number."""
    replacements = [*(shipment.documentReferenceReplacements or ()), *(shipment.shipmentReferenceReplacements or ())]
    if not replacements:
        return {}
    return {
        "replaced": [
            {"old": _named(item.oldReferences), "new": _named(item.newReferences)} for item in replacements[:_KEPT]
        ]
    }


def _named(numbers: list[Numbered] | None) -> list[str]:
    return [
        f"{item.type or item.typeCode or ''} {item.reference or ''}".strip()[:100] for item in (numbers or ())[:_KEPT]
    ]
