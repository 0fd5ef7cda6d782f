"""A LogisticsEvent or StatusUpdateEvent in the words of the house.

Source: ONE Record cargo ontology, versions of December 2023 to July 2026 (LogisticsEvent; StatusUpdateEvent since
2026), and for the older names ``linkedObject``, ``dateTime``, ``location`` and ``eventTypeIndicator`` that of 2022.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cargo.domain import iata_status
from cargo.domain.event import Event, Place, Problem, Quantity, Reference, Transport
from cargo.formats.one_record.linked import Document, Node, last

NAME = "one_record"

_CLASSIFIERS = {
    "ACTUAL": "actual",
    "ESTIMATED": "estimated",
    "EXPECTED": "estimated",
    "PLANNED": "planned",
    "REQUESTED": "planned",
    # Not of the list, but what those write who come from Cargo-IMP.
    "SCHEDULED": "planned",
}
_ABOUT = ("eventFor", "linkedObject")
_STATUS_LIST = re.compile(r"(?:StatusCode#|^)([A-Z]{3})(?:_([A-Z]{4}))?\Z")
_KILOGRAMS = {"KGM": 1.0, "KG": 1.0, "LBR": 0.45359237, "TNE": 1000.0}
_HANDOVER = {"DLV": "airport", "DDL": "door"}
_PARTIES = {"from": "transferredFrom", "to": "transferredTo", "notified": "notifiedOrganization"}
_AIRPORT = re.compile(r"[A-Z]{3}\Z")
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}\Z")
_PREFIX = re.compile(r"[0-9]{3}\Z")
_NUMBERED = re.compile(r"[0-9]{3}[- ]?[0-9]{8}\Z")
_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
_ID_LENGTH = 200
_REFERENCE_LENGTH = 100
_TEXT_LENGTH = 500
_NAME_LENGTH = 120
_OBJECTS_KEPT = 20
_NODES_VISITED = 200


class _Waybill(NamedTuple):
    """The waybills of what an event is about, as references, and where the first of them goes."""

    references: tuple[Reference, ...]
    is_house: bool
    origin: str | None
    destination: str | None


def is_event(node: Node) -> bool:
    """Whether a node is an event that is told here, not one that is only referred to."""
    named = bool(node.types & {"LogisticsEvent", "StatusUpdateEvent", "Event"})
    return bool(node.properties.keys() & {"eventCode", "eventName", "eventDate"}) and (
        named or "eventCode" in node.properties
    )


def outcome(document: Document, node: Node, position: str) -> Event | Problem:
    """The event at ``position``, or the line that says why it is none: it has no code and no name, or a bad time."""
    code, warnings = _code(node)
    name = node.text("eventName")
    if not code and not name:
        return Problem(position=f"{position}/eventCode", reason="is missing, and so is a name", format=NAME)
    happened = node.text("eventDate", "dateTime")
    moment = _moment(happened)
    if happened and moment is None:
        return Problem(position=f"{position}/eventDate", reason=f"{happened[:40]!r} is not a time", format=NAME)
    if moment is None:
        warnings.append("time_missing: the event has no eventDate")
    waybill = _waybill(document, node)
    place = _place(document, node, waybill)
    meaning = _meaning(code, place, waybill)
    warnings += [meaning.warning] if meaning.warning and code else []
    event = Event(
        milestone=meaning.milestone,
        classifier=_classifier(node, meaning.classifier, warnings),
        level=meaning.level,
        effect=meaning.effect,
        occurred_local=moment.replace(tzinfo=None) if moment else None,
        occurred_at=moment if moment is not None and moment.tzinfo is not None else None,
        time_basis="given" if moment is not None and moment.tzinfo is not None else None,
        reported_at=_reported(node, warnings),
        references=waybill.references or _objects(document, node),
        place=place,
        transport=Transport(mode="air", voyage=_flight(document, node)),
        quantity=_quantity(document, node),
        authority=meaning.authority,
        part=_part(node),
        plan=_plan(waybill),
        format=NAME,
        source_event_id=node.id if _is_own_id(node.id) else None,
        source_code=code[:40] or None,
        source_text=(name or meaning.name or "")[:_TEXT_LENGTH] or None,
        warnings=tuple(warnings),
        position=position,
        context=_phase(place, waybill) | _context(document, node, code) or None,
    )
    if event.source_event_id is None:
        event.meaning = _identity(document, node, event)
    return event


def _meaning(code: str, place: Place | None, waybill: _Waybill) -> iata_status.Meaning:
    return iata_status.meaning(
        code,
        airport=place.code if place is not None and place.scheme in ("iata", "unlocode") else None,
        origin=waybill.origin,
        destination=waybill.destination,
        waybill_level="house" if waybill.is_house else "master",
    )


def objects_of(document: Document, node: Node) -> list[Node]:
    """What an event is about: what it names, else the object that it stands in."""
    named = document.follow(node, *_ABOUT)[:_OBJECTS_KEPT]
    if not named and node.parent is not None and node.under == "events":
        named = document.told_of(node.parent)
    return named


def _code(node: Node) -> tuple[str, list[str]]:
    """The status code, a discrepancy as ``DIS/OFLD``. It is an IRI, a bare code, or an element of a code list."""
    value = node.first("eventCode")
    given = (value.text("code") or value.id or "") if isinstance(value, Node) else node.text("eventCode")
    found = _STATUS_LIST.search(given)
    if found is not None:
        return (f"{found[1]}/{found[2]}" if found[2] else found[1]), []
    return last(given)[:40], ["code_missing: the event has a name only"] if not given else []


def _classifier(node: Node, usual: str, warnings: list[str]) -> str:
    """An event that does not say is what its code is."""
    given = last(node.text("eventTimeType", "eventTypeIndicator")).upper()
    if not given:
        return usual
    found = _CLASSIFIERS.get(given)
    if found is None:
        warnings.append(f"unknown_code: eventTimeType {given[:20]}")
    return usual if found in (None, "actual") else found or usual


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        return None
    return moment if "T" in text and _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _reported(node: Node, warnings: list[str]) -> datetime | None:
    created = _moment(node.text("creationDate"))
    if created is not None and created.tzinfo is None:
        warnings.append("reported_time: creationDate has no offset, taken as UTC")
        return created.replace(tzinfo=UTC)
    return created


def _waybill(document: Document, node: Node) -> _Waybill:
    """The waybills of the shipment, however the document links them: from it, from its pieces, or to it."""
    todo, seen, waybills = objects_of(document, node), set[int](), list[Node]()
    while todo and len(seen) < _NODES_VISITED:
        each = todo.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        if "waybillNumber" in each.properties:
            waybills.append(each)
        todo += document.follow(each, "waybill", "ofShipment", "masterWaybill")
        todo += document.referring(each, "shipment", "pieces")
    references: dict[Reference, None] = {}
    for waybill in waybills:
        references |= dict.fromkeys(_numbers(waybill))
    first = waybills[0] if waybills else None
    ends = [_airport(document, first, name) if first else None for name in ("departureLocation", "arrivalLocation")]
    kinds = [reference.type for reference in references]
    return _Waybill(tuple(references), bool(kinds) and kinds[0] == "house_air_waybill", ends[0], ends[1])


def _numbers(waybill: Node) -> list[Reference]:
    number, prefix = waybill.text("waybillNumber"), waybill.text("waybillPrefix")
    if last(waybill.text("waybillType")).upper() == "HOUSE":
        return [Reference("house_air_waybill", number[:_REFERENCE_LENGTH])]
    if _PREFIX.match(prefix) and not _NUMBERED.match(number):
        number = f"{prefix}-{number}"
    return [Reference("air_waybill", number[:_REFERENCE_LENGTH])] if number else []


def _objects(document: Document, node: Node) -> tuple[Reference, ...]:
    """Where no waybill is told: the IRIs of the objects, by which somebody who asks for them can find the event."""
    found = {each.id: None for each in objects_of(document, node) if each.id and len(each.id) <= _REFERENCE_LENGTH}
    return tuple(Reference("own_reference", iri) for iri in list(found)[:_OBJECTS_KEPT])


def _place(document: Document, node: Node, waybill: _Waybill) -> Place | None:
    located = document.follow(node, "eventLocation", "recordedAtLocation", "location")
    if not located:
        return None
    code = next((code for each in located if (code := _location_code(document, each))), None)
    name = next((name for each in located if (name := each.text("locationName"))), "")
    if code is None:
        facility = name or located[0].id or ""
        return Place(facility=facility[:_NAME_LENGTH], scheme="text") if facility else None
    here = iata_status.role(code, waybill.origin, waybill.destination)
    scheme = "iata" if _AIRPORT.match(code) else "unlocode" if _UNLOCODE.match(code) else "text"
    return Place(code=code, scheme=scheme, role=iata_status.PLACE_ROLES[here] if here else None)


def _airport(document: Document, node: Node, name: str) -> str | None:
    return next((code for each in document.follow(node, name) if (code := _location_code(document, each))), None)


def _location_code(document: Document, location: Node) -> str | None:
    """An airport's IATA code or a UN/LOCODE among the codes of a location; else the first of them."""
    codes = [each.text("code") or last(each.id or "") for each in document.follow(location, "locationCodes")]
    codes += [value for value in location.properties.get("locationCodes", ()) if isinstance(value, str)]
    codes += [location.text("locationCode", "code")]
    plain = [code.upper()[:12] for code in codes if code]
    return next((code for code in plain if _AIRPORT.match(code) or _UNLOCODE.match(code)), next(iter(plain), None))


def _flight(document: Document, node: Node) -> str | None:
    moves = document.follow(node, "transportMovementReference")
    return next((found[:40] for each in moves if (found := each.text("transportIdentifier"))), None)


def _quantity(document: Document, node: Node) -> Quantity | None:
    pieces = node.first("recordedPieceCount")
    count = (
        int(pieces) if isinstance(pieces, str) and pieces.isascii() and pieces.isdigit() and len(pieces) < 7 else pieces
    )
    weight = None
    for value in document.follow(node, "recordedWeight"):
        factor = _KILOGRAMS.get(last(value.text("unit")).upper() or "KGM")
        number = value.first("numericalValue")
        if isinstance(number, int | float) and factor is not None and 0 <= number < 1e9:
            weight = round(number * factor, 3)
    whole = count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**6 else None
    return Quantity(packages=whole, weight_kg=weight) if whole is not None or weight is not None else None


def _is_partial(node: Node) -> bool:
    value = node.first("partialEventIndicator")
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _part(node: Node) -> str | None:
    """The pieces of a partial event: the shipment's total is not told in it."""
    return (node.text("recordedPieceCount")[:10] or "partial") if _is_partial(node) else None


def _plan(waybill: _Waybill) -> dict[str, str] | None:
    ends = {"port_of_loading": waybill.origin, "port_of_discharge": waybill.destination}
    return {name: code for name, code in ends.items() if code and code != iata_status.UNKNOWN_PLACE} or None


def _phase(place: Place | None, waybill: _Waybill) -> dict[str, Any]:
    here = iata_status.role(place.code, waybill.origin, waybill.destination) if place is not None else None
    return {"transport_phase": iata_status.PHASES[here]} if here else {}


def _context(document: Document, node: Node, code: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    objects = list({each.id: None for each in objects_of(document, node) if each.id})
    if objects:
        found["objects"] = [iri[:_TEXT_LENGTH] for iri in objects[:_OBJECTS_KEPT]]
    if _is_partial(node):
        found["partial"] = True
    if code in _HANDOVER:
        found["handover"] = _HANDOVER[code]
    parties = {
        side: next(
            (name for each in document.follow(node, prop) if (name := each.text("name", "shortName") or each.id)), ""
        )
        for side, prop in _PARTIES.items()
    }
    told = {side: name[:_NAME_LENGTH] for side, name in parties.items() if name}
    if told:
        found["parties"] = told
    return found


def _identity(document: Document, node: Node, event: Event) -> str:
    """What makes an event without an IRI of its own itself: never when it was recorded."""
    instant = event.occurred_at.astimezone(UTC) if event.occurred_at else event.occurred_local
    parts = [event.source_code or event.source_text or "", event.classifier, instant.isoformat() if instant else ""]
    parts += [f"{item.type}={item.value}" for item in event.references]
    parts += sorted({each.id for each in objects_of(document, node) if each.id} if not event.references else ())
    parts += [event.place.code or event.place.facility or "" if event.place else "", event.part or ""]
    return "|".join(parts)


def _is_own_id(iri: str | None) -> bool:
    """A blank node's name (``_:b0``) and a server's inner one mean nothing outside of the document."""
    return iri is not None and iri.startswith(("http://", "https://", "urn:")) and len(iri) <= _ID_LENGTH
