"""One Track & Trace event in the words of the house, whatever version it came in.

The newer versions are brought to the flat form of 2.2 first (``version3``, ``beta1``); what that form has no field
for stands in ``Beside``. This is the hot path: an event of 2.2 is read in a few microseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from cargo.domain.event import Event, Outcome, Problem, Retraction
from cargo.formats.dcsa import codes, documents
from cargo.formats.dcsa.meanings import Meaning, Said, meaning_of
from cargo.formats.dcsa.parts import place_of, places_differ, references, transport_of
from cargo.formats.dcsa.wire import TransportCall, WireEvent

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_TEXT_LENGTH = 500
_ID_LENGTH = 500
_VERSION_LENGTH = 64
_LONGEST_CODE = 40
_KNOWN_LIMIT = 4096
_NO_CALL = TransportCall()


class Dialect(NamedTuple):
    """A version of the standard: our name for it, and where it has what a problem may be in (JSON pointers).

    ``lenient``: the version requires no field, so what can only have happened is actual without a classifier.
    """

    name: str
    kind: str
    codes: dict[str, str]
    classifier: str
    happened: str
    identifier: str
    reported: str
    lenient: bool = False


class Beside(NamedTuple):
    """What a newer version says and the flat form has no field for."""

    phase: str = ""
    role: str | None = None
    plan: dict[str, str] | None = None
    context: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()


FLAT = Dialect(
    name="dcsa.tnt2",
    kind="/eventType",
    codes={
        "TRANSPORT": "/transportEventTypeCode",
        "EQUIPMENT": "/equipmentEventTypeCode",
        "SHIPMENT": "/shipmentEventTypeCode",
        "IOT": "/iotEventTypeCode",
        "REEFER": "/reeferEventTypeCode",
    },
    classifier="/eventClassifierCode",
    happened="/eventDateTime",
    identifier="/eventID",
    reported="eventCreatedDateTime",
)
NOTHING = Beside()
# Nobody plans or estimates these.
_ALWAYS_ACTUAL = frozenset({"SHIPMENT", "IOT", "REEFER"})

# The few combinations of codes that carriers send, as they stand in messages.
_Key = tuple[str, str, str | None, str | None, str | None, str | None, str]
_known: dict[_Key, Meaning] = {}


def outcome(wire: WireEvent, position: str, dialect: Dialect = FLAT, beside: Beside = NOTHING) -> Outcome:
    """The event, the retraction, or why it is neither. ``position`` is a JSON pointer to the element."""
    if wire.retractedEventID or (wire.isRetracted and wire.eventID):
        return _retraction(wire, position, dialect)
    kind = wire.eventType or ""
    if kind == "EQUIPMENT":
        given = wire.equipmentEventTypeCode
    elif kind == "TRANSPORT":
        given = wire.transportEventTypeCode
    elif kind == "SHIPMENT":
        given = wire.shipmentEventTypeCode
    else:
        kind = kind.upper()
        if kind not in dialect.codes:
            return _no_kind(wire, position, dialect)
        given = getattr(wire, FLAT.codes[kind][1:])
        if kind == "IOT":
            given = wire.iotEventCode or given
    given = given or wire.eventTypeCode
    if not given:
        return _problem(dialect, position + dialect.codes[kind], "is missing")
    happened = wire.eventDateTime
    if happened is None or not _FIRST_YEAR <= happened.year <= _LAST_YEAR:
        reason = "is missing" if happened is None else f"the year {happened.year} cannot be"
        return _problem(dialect, position + dialect.happened, reason)
    said = wire.eventClassifierCode or ""
    classifier = codes.CLASSIFIERS.get(said) or codes.CLASSIFIERS.get(said.upper())
    if classifier is None and not said and dialect.lenient and kind in _ALWAYS_ACTUAL:
        classifier = "actual"
    if classifier is None:
        reason = f"{said[:40]!r} is not PLN, EST or ACT" if said else "is missing"
        return _problem(dialect, position + dialect.classifier, reason)
    if wire.eventID is not None and len(wire.eventID) > _ID_LENGTH:
        reason = f"has {len(wire.eventID)} characters, more than {_ID_LENGTH}"
        return _problem(dialect, position + dialect.identifier, reason)
    return _event(wire, kind, given, classifier, happened, position, dialect, beside)


def _event(
    wire: WireEvent,
    kind: str,
    given: str,
    classifier: str,
    happened: datetime,
    position: str,
    dialect: Dialect,
    beside: Beside,
) -> Event:
    call = wire.transportCall or _NO_CALL
    own = wire.eventLocation
    facility = wire.facilityTypeCode or call.facilityTypeCode or (own.facilityTypeCode if own is not None else None)
    # A call with a vessel and no stated mode is a vessel's.
    mode = call.modeOfTransport or ("VESSEL" if call.vessel is not None else None)
    document = (wire.documentTypeCode or wire.shipmentInformationTypeCode) if kind == "SHIPMENT" else None
    key = (kind, given, wire.emptyIndicatorCode, mode, facility, document, beside.phase)
    meaning = _known.get(key) or _learn(key)
    zoned = happened.tzinfo is not None
    # With more than fifteen arguments the call takes four times as long: the others are set where they are said.
    event = Event(
        milestone=meaning.milestone,
        classifier=classifier,
        level=meaning.level,
        effect=meaning.effect,
        # A fifth of the time of ``replace(tzinfo=None)``.
        occurred_local=datetime.combine(happened, happened.time()),
        occurred_at=happened if zoned else None,
        time_basis="given" if zoned else None,
        references=references(wire, meaning.document),
        place=place_of(own, call, beside.role or meaning.role),
        source_event_id=wire.eventID or None,
        format=dialect.name,
        source_code=meaning.source_code,
        source_text=_source_text(wire, meaning.title),
        position=position,
        context=_context(wire, call, meaning, beside.context),
    )
    if call is not _NO_CALL:
        event.transport = transport_of(call, meaning)
    if meaning.laden is not None:
        event.laden = meaning.laden
    if meaning.authority is not None:
        event.authority = meaning.authority
    _add_told(event, wire, meaning.warnings, dialect, beside)
    if event.source_event_id is None:
        event.meaning = _identity(wire, kind, meaning, classifier, event)
    return event


def _add_told(event: Event, wire: WireEvent, warnings: tuple[str, ...], dialect: Dialect, beside: Beside) -> None:
    """When and in which version it was reported, why it is late, and all warnings."""
    created = wire.eventCreatedDateTime
    if created is None or created.tzinfo is None or not _FIRST_YEAR <= created.year <= _LAST_YEAR:
        created, warning = _doubtful(created, dialect)
        warnings += (warning,)
    event.reported_at = created
    own, call = wire.eventLocation, wire.transportCall
    if own is not None and call is not None and own.UNLocationCode != call.UNLocationCode:
        warnings += places_differ(own.UNLocationCode, call.UNLocationCode)
    if wire.delayReasonCode:
        event.delay_reason = wire.delayReasonCode.upper()[:20]
        if event.delay_reason not in codes.DELAY_REASONS:
            warnings += (f"unknown_code: delayReasonCode {event.delay_reason}",)
    if wire.eventUpdatedDateTime:
        event.source_event_version = wire.eventUpdatedDateTime[:_VERSION_LENGTH]
    if beside is not NOTHING:
        event.plan = beside.plan
        warnings += beside.warnings
    if warnings:
        event.warnings = warnings


def _learn(key: _Key) -> Meaning:
    meaning = meaning_of(Said(*(part or "" for part in key)))
    if len(_known) < _KNOWN_LIMIT and all(len(part or "") <= _LONGEST_CODE for part in key):
        _known[key] = meaning
    return meaning


def _doubtful(created: datetime | None, dialect: Dialect) -> tuple[datetime | None, str]:
    """The time of the report where it is missing, cannot be, or has no offset; and what is wrong with it."""
    if created is None or not _FIRST_YEAR <= created.year <= _LAST_YEAR:
        return None, f"reported_time: {dialect.reported} is missing or not a time"
    return created.replace(tzinfo=UTC), f"reported_time: {dialect.reported} has no offset, taken as UTC"


def _source_text(wire: WireEvent, title: str | None) -> str | None:
    """The list's title and, after a colon, what the carrier wrote."""
    remark = wire.changeRemark or wire.vesselScheduleChangeRemark or wire.reason
    if remark:
        return (f"{title}: {remark}" if title else remark)[:_TEXT_LENGTH]
    return title


def _context(
    wire: WireEvent, call: TransportCall, meaning: Meaning, more: dict[str, Any] | None
) -> dict[str, Any] | None:
    context: dict[str, Any] = {}
    if meaning.facility:
        context["facility_type"] = meaning.facility[:_LONGEST_CODE]
    if meaning.document:
        context["document"] = {"type": meaning.document[:20], "id": str(wire.documentID or "")[:100]}
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
    if more:
        context = {**more, **context}
    return context or None


def _identity(wire: WireEvent, kind: str, meaning: Meaning, classifier: str, event: Event) -> str:
    """What makes an event without an id itself: never the time of creation."""
    instant = event.occurred_at.astimezone(UTC) if event.occurred_at else event.occurred_local
    place, transport, context = event.place, event.transport, event.context or {}
    parts = [kind, meaning.source_code, classifier, instant.isoformat() if instant else ""]
    parts.append(wire.emptyIndicatorCode or "")
    parts += sorted(f"{item.type}={item.value}" for item in event.references if item.type != "seal")
    if place is not None:
        parts += [place.code or "", place.facility or ""]
    if transport is not None:
        parts += [transport.mode or "", transport.imo or transport.vessel_name or "", transport.voyage or ""]
    parts.append(context.get("call", ""))
    if "document" in context:
        parts += [context["document"]["type"], context["document"]["id"]]
    return "|".join(parts)


def _retraction(wire: WireEvent, position: str, dialect: Dialect) -> Outcome:
    target = wire.retractedEventID or wire.eventID or ""
    if len(target) > _ID_LENGTH:
        return _problem(dialect, f"{position}/retractedEventID", f"has more than {_ID_LENGTH} characters")
    created = wire.eventCreatedDateTime
    if created is None or created.tzinfo is None or not _FIRST_YEAR <= created.year <= _LAST_YEAR:
        created, _ = _doubtful(created, dialect)
    document = (wire.documentTypeCode or "").upper()
    return Retraction(
        source_event_id=target,
        source_event_version=(wire.eventUpdatedDateTime or "")[:_VERSION_LENGTH] or None,
        reported_at=created,
        references=references(wire, documents.ALIASES.get(document, document)),
        format=dialect.name,
        position=position,
    )


def _no_kind(wire: WireEvent, position: str, dialect: Dialect) -> Outcome:
    if wire.eventType is None:
        return _problem(dialect, position, f"not a Track & Trace event: {dialect.kind[1:]} is missing")
    shown = wire.eventType[:40]
    return _problem(dialect, position + dialect.kind, f"{shown!r} is not one of {', '.join(dialect.codes)}")


def _problem(dialect: Dialect, position: str, reason: str) -> Problem:
    return Problem(position=position, reason=reason, format=dialect.name)
