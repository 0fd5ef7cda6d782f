"""One Track & Trace 2.2 event in the words of the house."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Outcome, Parked, Place, Problem, Reference, Retraction, Transport
from cargo.formats.dcsa import codes
from cargo.formats.dcsa.wire import Location, TransportCall, WireEvent

NAME = "dcsa.tnt2"
AUTHORITY = "DCSA"

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_TEXT_LENGTH = 500
_ID_LENGTH = 200
_VERSION_LENGTH = 64
_CODE_FIELDS = {
    "TRANSPORT": "transportEventTypeCode",
    "EQUIPMENT": "equipmentEventTypeCode",
    "SHIPMENT": "shipmentEventTypeCode",
}
# On arrival and discharge a call's import voyage is meant, otherwise its export voyage.
_INBOUND_CODES = frozenset({"ARRI", "DISC"})
_EMPTY_INDICATORS = {"LADEN": True, "EMPTY": False}
_NO_CALL = TransportCall()


class _Meaning(NamedTuple):
    milestone: str
    level: str
    source_code: str
    title: str | None
    document: str | None
    warning: str | None = None


def outcome(wire: WireEvent, position: str) -> Outcome:
    """The event, or why it is none. ``position`` is a JSON pointer to the element.

    An event of another version is parked; one without a type, a classifier, a time or a known code is a problem.
    """
    if wire.eventClassification is not None:
        return Parked(position=position, reason="a Track & Trace 3.0 event: not read yet", format=NAME)
    if wire.eventType is None and wire.payload is not None:
        reason = "a Track & Trace 3.0 Beta 1 event (metadata and payload): not read yet"
        return Parked(position=position, reason=reason, format=NAME)
    kind = (wire.eventType or "").upper()
    field = _CODE_FIELDS.get(kind)
    if field is None:
        if wire.eventType is None:
            return _problem(position, "not a Track & Trace event: eventType is missing")
        return _problem(f"{position}/eventType", f"{wire.eventType[:40]!r} is not TRANSPORT, EQUIPMENT or SHIPMENT")
    if wire.retractedEventID or (wire.isRetracted and wire.eventID):
        return _retraction(wire, position)
    given = getattr(wire, field) or wire.eventTypeCode
    if not given:
        return _problem(f"{position}/{field}", "is missing")
    happened = wire.eventDateTime
    if happened is None:
        return _problem(f"{position}/eventDateTime", "is missing")
    if not _FIRST_YEAR <= happened.year <= _LAST_YEAR:
        return _problem(f"{position}/eventDateTime", f"the year {happened.year} cannot be")
    classifier = codes.CLASSIFIERS.get((wire.eventClassifierCode or "").upper())
    if classifier is None:
        shown = wire.eventClassifierCode
        reason = f"{shown[:40]!r} is not PLN, EST or ACT" if shown else "is missing"
        return _problem(f"{position}/eventClassifierCode", reason)
    if wire.eventID is not None and len(wire.eventID) > _ID_LENGTH:
        return _problem(f"{position}/eventID", f"has {len(wire.eventID)} characters, more than {_ID_LENGTH}")
    code = given.upper()
    return _event(wire, kind, codes.CODE_ALIASES.get(code, code), classifier, happened, position)


def _event(wire: WireEvent, kind: str, code: str, classifier: str, happened: datetime, position: str) -> Event:
    call = wire.transportCall or _NO_CALL
    mode = _mode(call)
    laden = _EMPTY_INDICATORS.get((wire.emptyIndicatorCode or "").upper())
    facility_type = call.facilityTypeCode or (wire.eventLocation.facilityTypeCode if wire.eventLocation else None)
    if kind == "TRANSPORT":
        meaning = _transport_meaning(code, mode)
    elif kind == "EQUIPMENT":
        meaning = _equipment_meaning(code, laden, mode, facility_type)
    else:
        meaning = _shipment_meaning(wire, code)
    row = MILESTONES[meaning.milestone]
    warnings: list[str] = [meaning.warning] if meaning.warning else []
    event = Event(
        milestone=meaning.milestone,
        classifier=classifier,
        level=meaning.level,
        effect=row.effect,
        occurred_local=happened.replace(tzinfo=None),
        occurred_at=happened if happened.tzinfo is not None else None,
        time_basis="given" if happened.tzinfo is not None else None,
        reported_at=_reported(wire, warnings),
        references=_references(wire, kind, meaning.document),
        place=_place(wire, call, warnings),
        transport=_transport(call, mode, code),
        laden=laden,
        authority=AUTHORITY if meaning.document == codes.CUSTOMS_DOCUMENT or code in codes.CUSTOMS_CODES else None,
        delay_reason=_delay_reason(wire, warnings),
        source_event_id=wire.eventID or None,
        source_event_version=(wire.eventUpdatedDateTime or "")[:_VERSION_LENGTH] or None,
        format=NAME,
        source_code=meaning.source_code,
        source_text=_source_text(wire, meaning.title),
        position=position,
        context=_context(wire, call, facility_type, meaning.document),
    )
    if warnings:
        event.warnings = tuple(warnings)
    if event.source_event_id is None:
        event.meaning = _identity(wire, kind, code, classifier, event)
    return event


def _transport_meaning(code: str, mode: str | None) -> _Meaning:
    title = codes.TRANSPORT_TITLES.get(code)
    milestone = codes.transport_milestone(code, mode)
    warning = None
    if title is None:
        warning = f"unknown_code: transportEventTypeCode {code[:40]}"
    elif mode is None:
        warning = "mode_missing: modeOfTransport is needed to tell a vessel from a truck"
    return _Meaning(milestone, "conveyance", code[:40], title, None, warning)


def _equipment_meaning(code: str, laden: bool | None, mode: str | None, facility_type: str | None) -> _Meaning:
    title = codes.EQUIPMENT_TITLES.get(code)
    milestone = codes.equipment_milestone(code, laden, mode, facility_type)
    warning = None
    if title is None:
        warning = f"unknown_code: equipmentEventTypeCode {code[:40]}"
    elif laden is None:
        warning = "load_missing: emptyIndicatorCode is neither LADEN nor EMPTY"
    return _Meaning(milestone, "container", code[:40], title, None, warning)


def _shipment_meaning(wire: WireEvent, code: str) -> _Meaning:
    """A document's status. Customs documents keep the table's level; the carrier's own are master level."""
    given = (wire.documentTypeCode or wire.shipmentInformationTypeCode or "").upper()
    document = codes.DOCUMENT_ALIASES.get(given, given)
    milestone = codes.SHIPMENT_MILESTONES.get((document, code), "unknown")
    status, kind = codes.SHIPMENT_TITLES.get(code), codes.DOCUMENT_TITLES.get(document)
    warning = None
    if status is None:
        warning = f"unknown_code: shipmentEventTypeCode {code[:40]}"
    elif kind is None:
        warning = f"unknown_code: documentTypeCode {given[:40]}" if given else "document_missing: documentTypeCode"
    level = MILESTONES[milestone].level if document in (codes.CUSTOMS_DOCUMENT, "VGM") else "master"
    title = f"{kind}: {status}" if kind and status else status or kind
    return _Meaning(milestone, level, f"{document}/{code}"[:40], title, document or None, warning)


def _mode(call: TransportCall) -> str | None:
    """A call with a vessel and no stated mode is a vessel's."""
    given = (call.modeOfTransport or "").upper()
    if given in codes.MODES:
        return given
    return "VESSEL" if call.vessel is not None and not given else None


def _reported(wire: WireEvent, warnings: list[str]) -> datetime | None:
    created = wire.eventCreatedDateTime
    if created is None or not _FIRST_YEAR <= created.year <= _LAST_YEAR:
        warnings.append("reported_time: eventCreatedDateTime is missing or not a time")
        return None
    if created.tzinfo is None:
        warnings.append("reported_time: eventCreatedDateTime has no offset, taken as UTC")
        return created.replace(tzinfo=UTC)
    return created


def _references(wire: WireEvent, kind: str, document: str | None) -> tuple[Reference, ...]:
    """Every number that the event names, each once, as it stands; normalizing is a later step."""
    found: dict[tuple[str, str], None] = {}
    if wire.equipmentReference:
        found["container", wire.equipmentReference] = None
    if kind == "SHIPMENT" and wire.documentID and document in codes.DOCUMENT_REFERENCES:
        found[codes.DOCUMENT_REFERENCES[document], str(wire.documentID)] = None
    for item in wire.documentReferences or ():
        named = codes.DOCUMENT_REFERENCES.get((item.documentReferenceType or "").upper())
        if named and item.documentReferenceValue:
            found[named, str(item.documentReferenceValue)] = None
    booking = wire.carrierBookingReference or wire.bookingReference
    if booking:
        found["booking", str(booking)] = None
    bill = wire.transportDocumentReference or wire.transportDocumentID
    if bill:
        found["master_bill", str(bill)] = None
    for other in wire.references or ():
        if other.referenceType and other.referenceValue:
            named = codes.REFERENCE_TYPES.get(other.referenceType.upper(), "own_reference")
            found[named, str(other.referenceValue)] = None
    own = ("master_bill", str(wire.documentID))
    if document in codes.ABOUT_A_BILL and any(kind == "master_bill" and (kind, value) != own for kind, value in found):
        # The bill is named beside it: the document's number is its own.
        found.pop(own, None)
    for seal in wire.seals or ():
        if seal.sealNumber:
            found["seal", str(seal.sealNumber)] = None
    return tuple([Reference(kind, value) for kind, value in found])


def _place(wire: WireEvent, call: TransportCall, warnings: list[str]) -> Place | None:
    """Where the event happened: its own location first, then the call's, then the call's bare code."""
    own, called = wire.eventLocation, call.location
    code = (own and own.UNLocationCode) or (called and called.UNLocationCode) or call.UNLocationCode
    facility = _facility(own, called, call)
    if code:
        if (
            own is not None
            and own.UNLocationCode
            and call.UNLocationCode
            and own.UNLocationCode.upper() != call.UNLocationCode.upper()
        ):
            warnings.append(
                f"place_differs: eventLocation {own.UNLocationCode[:12]}, transportCall {call.UNLocationCode[:12]}"
            )
        return Place(code.strip().upper()[:12], "unlocode", facility)
    return Place(None, "text", facility) if facility else None


def _facility(own: Location | None, called: Location | None, call: TransportCall) -> str | None:
    name: Any = None
    if own is not None:
        name = own.facilityCode or (None if own.UNLocationCode else own.locationName)
    name = name or call.facilityCode or (called.facilityCode if called else None) or call.otherFacility
    if not name and called is not None and not called.UNLocationCode:
        name = called.locationName
    return str(name)[:120] if name else None


def _transport(call: TransportCall, mode: str | None, code: str) -> Transport | None:
    if call is _NO_CALL:
        return None
    inbound, outbound = call.importVoyageNumber, call.exportVoyageNumber or call.carrierVoyageNumber
    voyage = (inbound or outbound) if code in _INBOUND_CODES else (outbound or inbound)
    vessel = call.vessel
    imo = vessel.vesselIMONumber if vessel is not None else None
    return Transport(
        codes.MODES[mode] if mode else None,
        vessel.vesselName[:120] if vessel is not None and vessel.vesselName else None,
        str(imo)[:20] if imo else None,
        str(voyage)[:50] if voyage else None,
    )


def _delay_reason(wire: WireEvent, warnings: list[str]) -> str | None:
    if not wire.delayReasonCode:
        return None
    code = wire.delayReasonCode.upper()[:20]
    if code not in codes.DELAY_REASONS:
        warnings.append(f"unknown_code: delayReasonCode {code}")
    return code


def _source_text(wire: WireEvent, title: str | None) -> str | None:
    """The list's title and, after a colon, what the carrier wrote."""
    remark = wire.changeRemark or wire.vesselScheduleChangeRemark or wire.reason
    if remark:
        return (f"{title}: {remark}" if title else remark)[:_TEXT_LENGTH]
    return title


def _context(
    wire: WireEvent, call: TransportCall, facility_type: str | None, document: str | None
) -> dict[str, Any] | None:
    context: dict[str, Any] = {}
    if facility_type:
        context["facility_type"] = facility_type[:20]
    if document:
        context["document"] = {"type": document[:20], "id": str(wire.documentID or "")[:100]}
    call_id = call.transportCallID or wire.transportCallID
    if call_id:
        context["call"] = str(call_id)[:100]
    if call.transportCallSequenceNumber is not None:
        context["call_sequence"] = str(call.transportCallSequenceNumber)[:10]
    if call.carrierServiceCode:
        context["service"] = str(call.carrierServiceCode)[:20]
    if wire.ISOEquipmentCode:
        context["iso"] = str(wire.ISOEquipmentCode)[:10]
    if call.vessel is not None and call.vessel.vesselOperatorCarrierCode:
        context["carrier"] = call.vessel.vesselOperatorCarrierCode[:20]
    return context or None


def _identity(wire: WireEvent, kind: str, code: str, classifier: str, event: Event) -> str:
    """What makes an event without an id itself: never the time of creation."""
    instant = event.occurred_at.astimezone(UTC) if event.occurred_at else event.occurred_local
    place, transport, context = event.place, event.transport, event.context or {}
    parts = [kind, code, classifier, instant.isoformat() if instant else "", wire.emptyIndicatorCode or ""]
    parts += sorted(f"{item.type}={item.value}" for item in event.references if item.type != "seal")
    if place is not None:
        parts += [place.code or "", place.facility or ""]
    if transport is not None:
        parts += [transport.mode or "", transport.imo or transport.vessel_name or "", transport.voyage or ""]
    parts.append(context.get("call", ""))
    if "document" in context:
        parts += [context["document"]["type"], context["document"]["id"]]
    return "|".join(parts)


def _retraction(wire: WireEvent, position: str) -> Outcome:
    target = wire.retractedEventID or wire.eventID or ""
    if len(target) > _ID_LENGTH:
        return _problem(f"{position}/retractedEventID", f"has more than {_ID_LENGTH} characters")
    return Retraction(
        source_event_id=target,
        source_event_version=(wire.eventUpdatedDateTime or "")[:_VERSION_LENGTH] or None,
        reported_at=_reported(wire, []),
        references=_references(wire, (wire.eventType or "").upper(), (wire.documentTypeCode or "").upper()),
        format=NAME,
        position=position,
    )


def _problem(position: str, reason: str) -> Problem:
    return Problem(position=position, reason=reason, format=NAME)
