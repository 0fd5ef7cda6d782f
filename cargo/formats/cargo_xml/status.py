"""One status of a consignment (``AssociatedStatusConsignment``) in the words of the house, and its flight's times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from cargo.domain import iata_status
from cargo.domain.event import Event, Outcome, Place, Problem, Quantity, Reference, Transport
from cargo.domain.iata_status import Meaning
from cargo.formats.cargo_xml.elements import (
    CUBIC_METERS,
    KILOGRAMS,
    child,
    children,
    count,
    measure,
    moment_of,
    text_of,
)

XFSU = "cargo_xml.xfsu"

_CLASSIFIERS = {"S": "planned", "E": "estimated", "A": "actual"}
_DEPARTED, _ARRIVED = "DEP", "ARR"
_OUTBOUND = frozenset({"BKD", _DEPARTED, "MAN", "PRE"})
_INBOUND = frozenset({_ARRIVED, "AWR", "RCF"})
_WITHOUT_TIME = frozenset({"OCI", "OSI"})
_HANDOVER = {"DLV": "airport", "DDL": "door"}
_LEAVING, _COMING = "D", "A"
_OWN_EVENT = ("SpecifiedEvent", "OccurrenceDateTime", "DateTimeTypeCode")
# The flight's times: as which status they read, what they are called, where the flight is then, and their elements.
_FLIGHT_EVENTS = (
    (_DEPARTED, "departure", _LEAVING, "DepartureEvent", "DepartureOccurrenceDateTime", "DepartureDateTimeTypeCode"),
    (_ARRIVED, "arrival", _COMING, "ArrivalEvent", "ArrivalOccurrenceDateTime", "ArrivalDateTimeTypeCode"),
)
_PLANNED_ARRIVAL = ("ScheduledArrivalEvent", "ScheduledOccurrenceDateTime")
_AIRPORT = re.compile(r"[A-Z]{3}\Z")
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}\Z")
_DIGITS = re.compile(r"[0-9]{1,5}[A-Z]?\Z")
_TEXT_LENGTH = 500
_KEPT = 50
# Who screened is a person's name: it is not kept.
_SCREENER = "SN"


class Master(NamedTuple):
    """What all statuses of a message share: the waybill, where it goes, its pieces, and when the message was made."""

    waybill: str
    is_house: bool
    origin: str | None
    destination: str | None
    total: int | None
    reported_at: datetime | None
    warnings: tuple[str, ...]


class _Told(NamedTuple):
    """One status; ``code`` has its discrepancy behind a slash. ``locations``: code and side (``D``, ``A``, ``T``)."""

    master: Master
    code: str
    element: Element
    movement: Element
    locations: tuple[tuple[str, str], ...]
    position: str


def outcomes(master: Master, code: str, element: Element, position: str) -> Iterator[Outcome]:
    """The status, then its flight's times. A time that is none costs this status alone."""
    discrepancy = text_of(element, "DiscrepancyDescriptionCode").upper()[:10]
    movement = child(element, "SpecifiedLogisticsTransportMovement")
    told = _Told(
        master=master,
        code=f"{code}/{discrepancy}" if discrepancy and code == iata_status.DISCREPANCY else code,
        element=element,
        movement=movement,
        locations=tuple(
            (name, text_of(location, "FlightStatusTypeCode").upper()[:1])
            for location in children(movement, "SpecifiedLocation")
            if (name := text_of(location, "ID").upper()[:12])
        ),
        position=position,
    )
    moment, kind, bad = _own_time(told)
    if bad:
        shown = text_of(movement, *bad.split("/"))[:40]
        yield Problem(position=f"{position}/{bad}", reason=f"{shown!r} is not a date and time", format=XFSU)
        return
    yield _status(told, moment, kind)
    yield from _flight_times(told, moment)


def _status(told: _Told, moment: datetime | None, kind: str) -> Event:
    place = _place_of(told, _LEAVING if told.code in _OUTBOUND else _COMING) or next(
        (code for code, _ in told.locations), None
    )
    meaning = iata_status.meaning(
        told.code,
        airport=place,
        origin=told.master.origin,
        destination=told.master.destination,
        waybill_level="house" if told.master.is_house else "master",
    )
    warnings = [meaning.warning] if meaning.warning else []
    if told.code not in _WITHOUT_TIME:
        warnings += ["place_missing: the status names no location"] if place is None else []
        warnings += ["time_missing: the status has no time"] if moment is None else []
    if kind in ("S", "E"):
        meaning = meaning._replace(classifier=_CLASSIFIERS[kind])
    names = [text_of(told.element, party, "Name") for party in ("NotifiedParty", "DeliveryParty")]
    words = (meaning.name or told.code, *names, *_remarks(told.element))
    return _event(told, meaning, moment, place, words, warnings=tuple(warnings))


def _own_time(told: _Told) -> tuple[datetime | None, str, str]:
    """When the status was reached, the kind of that time, and the element that cannot be read.

    Of a departure or an arrival that has no time of its own it is the flight's.
    """
    sources = [_OWN_EVENT, *(row[3:] for row in _FLIGHT_EVENTS if row[0] == told.code)]
    for name, time, kind in sources:
        text = text_of(told.movement, name, time)
        if text:
            moment = moment_of(text)
            return moment, text_of(told.movement, name, kind).upper()[:1], "" if moment else f"{name}/{time}"
    return None, "", ""


def _flight_times(told: _Told, own: datetime | None) -> Iterator[Event]:
    """Departure and arrival of the flight as events of their own, where the status is not itself just that."""
    for code, what, side, name, time, kind in _FLIGHT_EVENTS:
        moment, place = moment_of(text_of(told.movement, name, time)), _place_of(told, side)
        classifier = _CLASSIFIERS.get(text_of(told.movement, name, kind).upper()[:1])
        itself = told.code == code and (classifier == "actual" or moment == own)
        if moment is not None and classifier is not None and place is not None and not itself:
            yield _flight_time(told, code, what, classifier, moment, place)
    moment, place = moment_of(text_of(told.movement, *_PLANNED_ARRIVAL)), _place_of(told, _COMING)
    has_planned = text_of(told.movement, "ArrivalEvent", "ArrivalDateTimeTypeCode").upper().startswith("S")
    if moment is not None and place is not None and not has_planned:
        yield _flight_time(told, _ARRIVED, "planned arrival", "planned", moment, place)


def _flight_time(told: _Told, code: str, what: str, classifier: str, moment: datetime, place: str) -> Event:
    meaning = iata_status.meaning(code)._replace(classifier=classifier)
    words = (iata_status.meaning(told.code).name or told.code, f"{what.split()[-1]} of the flight, {classifier}")
    return _event(told, meaning, moment, place, words, what=what)


def _place_of(told: _Told, side: str) -> str | None:
    """Where the flight leaves (``D``) or comes in (``A``): by the location's side, else by status and order."""
    for code, given in told.locations:
        if given == side:
            return code
    bare = [code for code, given in told.locations if given not in (_LEAVING, _COMING)]
    if told.code in (_OUTBOUND if side == _LEAVING else _INBOUND):
        return bare[0] if bare else None
    return bare[1] if side == _COMING and told.code in _OUTBOUND and len(bare) > 1 else None


def _event(
    told: _Told,
    meaning: Meaning,
    moment: datetime | None,
    place: str | None,
    words: tuple[str, ...],
    *,
    warnings: tuple[str, ...] = (),
    what: str = "",
) -> Event:
    """An event with what all events of a status share; ``what`` tells the flight's times from the status."""
    master, flight = told.master, _flight(told.movement)
    pieces = count(told.element, "PieceQuantity")
    weight = measure(told.element, "GrossWeightMeasure", KILOGRAMS, "KGM", 3)
    aware = moment is not None and moment.tzinfo is not None
    text = ": ".join(word for word in words if word)
    identity = (master.waybill, told.code, what, moment.isoformat() if moment else text, place or "", flight or "")
    return Event(
        milestone=meaning.milestone,
        classifier=meaning.classifier,
        level=meaning.level,
        effect=meaning.effect,
        occurred_local=moment.replace(tzinfo=None) if moment else None,
        occurred_at=moment if aware else None,
        time_basis="given" if aware else None,
        reported_at=master.reported_at,
        references=(Reference("house_air_waybill" if master.is_house else "air_waybill", master.waybill),),
        place=_place(place, master) if place else None,
        transport=Transport(mode="air", voyage=flight),
        quantity=Quantity(packages=pieces, weight_kg=weight) if pieces is not None or weight is not None else None,
        authority=meaning.authority,
        part=f"{pieces}/{master.total}" if pieces is not None and master.total and pieces < master.total else None,
        plan=_plan(master),
        format=XFSU,
        source_code=told.code,
        source_text=text[:_TEXT_LENGTH],
        warnings=(*master.warnings, *warnings),
        position=f"{told.position} {what}".rstrip(),
        meaning="|".join((*identity, str(pieces or ""))),
        context=_phase(place, master) | _context(told, what) or None,
    )


def _place(code: str, master: Master) -> Place:
    here = iata_status.role(code, master.origin, master.destination)
    scheme = "iata" if _AIRPORT.match(code) else "unlocode" if _UNLOCODE.match(code) else "text"
    return Place(code=code, scheme=scheme, role=iata_status.PLACE_ROLES[here] if here else None)


def _phase(place: str | None, master: Master) -> dict[str, Any]:
    here = iata_status.role(place, master.origin, master.destination)
    return {"transport_phase": iata_status.PHASES[here]} if here else {}


def _plan(master: Master) -> dict[str, str] | None:
    ends = {"port_of_loading": master.origin, "port_of_discharge": master.destination}
    return {name: code for name, code in ends.items() if code and code != iata_status.UNKNOWN_PLACE} or None


def _carrier(movement: Element) -> str:
    return text_of(movement, "CarrierParty", "PrimaryID").upper()[:3]


def _flight(movement: Element) -> str | None:
    """The flight with its carrier, which may stand in an element of its own."""
    number = text_of(movement, "ID").upper().replace(" ", "")[:10]
    return f"{_carrier(movement)}{number}" if _DIGITS.match(number) else number or None


def _remarks(element: Element) -> list[str]:
    """Other service information (``OSI``); special handling codes are no words."""
    return [
        text_of(row, "Description")[:_TEXT_LENGTH]
        for row in children(element, "HandlingOSIInstructions")[:_KEPT]
        if text_of(row, "DescriptionCode").upper() != "SPH" and text_of(row, "Description")
    ]


def _context(told: _Told, what: str) -> dict[str, Any]:
    """The small facts of a status; only what is told."""
    element, found = told.element, dict[str, Any]()
    if _carrier(told.movement):
        found["carrier"] = _carrier(told.movement)
    if told.master.total is not None:
        found["total_packages"] = told.master.total
    if what:
        return found
    if told.code in _HANDOVER:
        found["handover"] = _HANDOVER[told.code]
    volume = measure(element, "GrossVolumeMeasure", CUBIC_METERS, "MTQ", 6)
    if volume is not None:
        found["volume_m3"] = volume
    transfer = {
        side: text_of(element, name, "PrimaryID") or text_of(element, name, "Name")
        for side, name in (("from", "AssociatedTransferredFromParty"), ("to", "AssociatedReceivedFromParty"))
    }
    lists = {
        "transfer": {side: party for side, party in transfer.items() if party},
        "transfer_manifest": text_of(element, "AssociatedManifestDocument", "ID"),
        "units": [_unit(row) for row in children(element, "UtilizedUnitLoadTransportEquipment")[:_KEPT]],
        "customs_information": [_note(row) for row in children(element, "IncludedCustomsNote")[:_KEPT]],
        "remarks": _remarks(element),
        "houses": [
            text_of(row, "TransportContractDocument", "ID")
            for row in children(element, "IncludedHouseConsignment")[:_KEPT]
        ],
    }
    return found | {name: value for name, value in lists.items() if value}


def _unit(row: Element) -> str:
    """A unit load device as it is painted: type, serial number, owner."""
    owner = text_of(child(row, "OperatingParty"), "PrimaryID")
    return f"{text_of(row, 'CharacteristicCode')}{text_of(row, 'ID')}{owner}"[:20]


def _note(row: Element) -> dict[str, str]:
    names = (("country", "CountryID"), ("about", "SubjectCode"), ("control", "ContentCode"), ("text", "Content"))
    note = {key: text_of(row, name)[:_TEXT_LENGTH] for key, name in names}
    if note["control"] == _SCREENER:
        note["text"] = ""
    return {key: value for key, value in note.items() if value}
