"""An event's numbers, place and means of transport, out of the flat form."""

from __future__ import annotations

from typing import Any

from cargo.domain.event import Place, Reference, Transport
from cargo.formats.dcsa import documents
from cargo.formats.dcsa.meanings import Meaning
from cargo.formats.dcsa.wire import Location, TransportCall, WireEvent


def references(wire: WireEvent, document: str) -> tuple[Reference, ...]:
    """Every number that the event names, each once, as it stands; normalizing is a later step."""
    found: dict[tuple[str, str], None] = {}
    if wire.equipmentReference:
        found["container", wire.equipmentReference] = None
    own = str(wire.documentID) if document and wire.documentID else ""
    own_type = documents.NUMBERS.get(document, "")
    if own and own_type and document not in documents.STANDS_FOR:
        found[own_type, own] = None
    for item in wire.documentReferences or ():
        number = item.documentReferenceValue
        if number:
            named = documents.REFERENCED.get(item.documentReferenceType or "")
            if named is None:
                named = _named(item.documentReferenceType or "")
            if named:
                found[named, str(number)] = None
    booking = wire.carrierBookingReference or wire.bookingReference
    if booking:
        found["booking", str(booking)] = None
    bill = wire.transportDocumentReference or wire.transportDocumentID
    if bill:
        found["master_bill", str(bill)] = None
    for other in wire.references or ():
        if other.referenceType and other.referenceValue:
            named = documents.REFERENCES.get(other.referenceType.upper(), "own_reference")
            if named:
                found[named, str(other.referenceValue)] = None
    if own and document in documents.STANDS_FOR and not any(kind == own_type for kind, _ in found):
        found[own_type, own] = None
    for seal in wire.seals or ():
        if seal.sealNumber:
            found["seal", str(seal.sealNumber)] = None
    return tuple([Reference(kind, value) for kind, value in found])


def _named(kind: str) -> str:
    """What the number of a document that an event refers to is to us; empty for none of ours."""
    kind = kind.upper()
    return documents.REFERENCED.get(documents.ALIASES.get(kind, kind), "")


def place_of(own: Location | None, call: TransportCall, role: str | None) -> Place | None:
    """Where the event happened: its own location first, then the call's, then the call's bare code."""
    called = call.location
    code = (own and own.UNLocationCode) or (called and called.UNLocationCode) or call.UNLocationCode
    facility = _facility(own, called, call)
    if code:
        return Place(code.strip().upper()[:12], "unlocode", facility, role)
    return Place(None, "text", facility, role) if facility else None


def _facility(own: Location | None, called: Location | None, call: TransportCall) -> str | None:
    name: Any = None
    if own is not None:
        name = own.facilityCode or (None if own.UNLocationCode else own.locationName)
    name = name or call.facilityCode or (called.facilityCode if called else None) or call.otherFacility
    if not name and called is not None and not called.UNLocationCode:
        name = called.locationName
    if not name:
        name = _town(own) or _town(called)
    return str(name)[:120] if name else None


def _town(location: Location | None) -> str | None:
    """The town of a place that has no code."""
    if location is None or location.UNLocationCode or location.address is None:
        return None
    address = location.address
    return ", ".join(part for part in (address.city, address.country or address.countryCode) if part) or None


def places_differ(own: str | None, called: str | None) -> tuple[str, ...]:
    """A warning where the event's own place and its call's are two."""
    if not own or not called or own.upper() == called.upper():
        return ()
    return (f"place_differs: eventLocation {own[:12]}, transportCall {called[:12]}",)


def transport_of(call: TransportCall, meaning: Meaning) -> Transport:
    """The means of transport, with the voyage of the event's direction where the call has two."""
    inbound, outbound = call.importVoyageNumber, call.exportVoyageNumber or call.carrierVoyageNumber
    voyage = (inbound or outbound) if meaning.inbound else (outbound or inbound)
    vessel = call.vessel
    if vessel is None:
        return Transport(meaning.mode, None, None, str(voyage)[:50] if voyage else None)
    imo = vessel.vesselIMONumber
    return Transport(
        meaning.mode,
        vessel.vesselName[:120] if vessel.vesselName else None,
        str(imo)[:20] if imo else None,
        str(voyage)[:50] if voyage else None,
    )
