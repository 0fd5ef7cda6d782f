"""One EPCIS event in the words of the house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from msgspec import structs

from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Outcome, Parked, Place, Problem, Reference, Retraction, Transport
from cargo.formats.epcis import vocabulary
from cargo.formats.epcis.fields import kind_of, moment, number, objects, offset, text, texts
from cargo.formats.epcis.keys import Key, key_of, last_part, position_of, unlocode_of

NAME = "epcis"
KINDS = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "AssociationEvent", "TransformationEvent")

_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_ACTIONS = frozenset({"ADD", "OBSERVE", "DELETE"})
_KEY_TYPES = {
    "bic": "container",
    "sscc": "own_reference",
    "grai": "own_reference",
    "gsin": "own_reference",
    # The consignment's number is given by the forwarder whose house bill covers it.
    "ginc": "house_bill",
}
_HOLDS_GOODS = frozenset({"bic", "grai"})
# Of an aggregation whose parent is a container the goods are loaded, and not the container.
_INTO_A_HOLDER = {"loading": "stuffed", "unloading": "stripped"}
_UNLOCODE_FIELDS = frozenset({"unlocode", "unlocationcode", "locode"})
_PLACES = ("readPoint", "bizLocation")
_ID_LENGTH, _CODE_LENGTH, _NAME_LENGTH, _CODES_KEPT, _REPORTS_KEPT = 500, 120, 120, 500, 6


class _Objects(NamedTuple):
    """What an event is about: its keys with the place of each in the event, and what holds the rest of them."""

    keys: dict[Key, str]
    parent: Key | None

    def containers(self) -> list[tuple[str, str]]:
        """Each container's number and place."""
        return [(key.value, place) for key, place in self.keys.items() if key.kind == "bic"]


def read(event: Any, position: str) -> Iterator[Outcome]:
    """The outcomes of one event: one, or one for each of several containers. ``position`` is a JSON pointer to it.

    Where there are several containers, each one's position is that of its own code in the event.
    """
    if not isinstance(event, dict):
        yield _problem(position, "an event was expected")
        return
    refused = _refused(event, position)
    if refused is not None:
        yield refused
        return
    about = _objects(event)
    references = _references(event, about)
    step = vocabulary.word(text(event.get("bizStep")))
    if not references:
        yield _parked(position, "names no cargo: no container, logistic unit, consignment, bill or order")
    elif step.value in vocabulary.NOT_OF_A_JOURNEY:
        yield _parked(position, f"{step.value}: no step of a cargo's journey")
    elif event.get("errorDeclaration") is not None:
        yield from _taken_back(event, about, references, position)
    else:
        yield from _each(_event(event, about, references, step.value, position), about)


def _refused(event: dict[str, Any], position: str) -> Outcome | None:
    """Why an event cannot be read at all, by what the standard requires."""
    kind = kind_of(event)
    if not kind:
        return _problem(position, "not an EPCIS event: type is missing")
    if kind not in KINDS:
        return _parked(position, f"an event of type {kind[:60]}, which is none of the standard's")
    if moment(event.get("eventTime")) is None:
        shown = text(event.get("eventTime"))[:40]
        return _problem(f"{position}/eventTime", f"{shown!r} is not a date and time" if shown else "is missing")
    action = text(event.get("action"))
    if kind != "TransformationEvent" and action not in _ACTIONS:
        reason = f"{action[:40]!r} is not ADD, OBSERVE or DELETE" if action else "is missing"
        return _problem(f"{position}/action", reason)
    step = vocabulary.word(text(event.get("bizStep")))
    if step.standard and step.value and step.value not in vocabulary.STEPS:
        return _problem(f"{position}/bizStep", f"{step.value[:60]!r} is not a business step of the standard")
    if len(str(event.get("eventID") or "")) > _ID_LENGTH:
        return _problem(f"{position}/eventID", f"has more than {_ID_LENGTH} characters")
    return None


def _objects(event: dict[str, Any]) -> _Objects:
    parent = key_of(text(event.get("parentID")))
    found = {parent: "parentID"} if parent is not None else {}
    for name in _LISTS:
        for index, uri in enumerate(texts(event.get(name))):
            key = key_of(uri)
            if key is not None and len(found) < _CODES_KEPT:
                found.setdefault(key, f"{name}/{index}")
    return _Objects(found, parent)


def _references(event: dict[str, Any], about: _Objects) -> tuple[Reference, ...]:
    found: dict[Reference, None] = {}
    for key in about.keys:
        if key.kind in _KEY_TYPES:
            found[Reference(_KEY_TYPES[key.kind], key.value)] = None
    for item in objects(event.get("bizTransactionList")):
        uri = text(item.get("bizTransaction"))
        own = key_of(uri)
        named = vocabulary.TRANSACTIONS.get(vocabulary.word(text(item.get("type"))).value)
        if own is not None and own.kind in _KEY_TYPES:
            found[Reference(_KEY_TYPES[own.kind], own.value)] = None
        elif named and last_part(uri):
            found[Reference(named, last_part(uri))] = None
    return tuple(found)


def _event(
    event: dict[str, Any], about: _Objects, references: tuple[Reference, ...], step: str, position: str
) -> Event:
    disposition = vocabulary.word(text(event.get("disposition"))).value
    milestone = _milestone(event, about, step, disposition)
    happened = _happened(event)
    ship = next((key.value for key in about.keys if key.kind == "imovn"), None)
    boxed = any(reference.type == "container" for reference in references)
    said = Event(
        milestone=milestone,
        level="container" if boxed else "house",
        effect=MILESTONES[milestone].effect,
        occurred_local=happened.replace(tzinfo=None) if happened is not None else None,
        occurred_at=happened if happened is not None and happened.tzinfo is not None else None,
        time_basis="given" if happened is not None and happened.tzinfo is not None else None,
        reported_at=_reported(event),
        references=references,
        place=_place(event),
        transport=Transport(mode="vessel", imo=ship) if ship else None,
        source_event_id=text(event.get("eventID")) or None,
        format=NAME,
        source_code=(step or f"{kind_of(event)}/{text(event.get('action'))}")[:_CODE_LENGTH],
        source_text=_words(step, disposition),
        position=position,
        context=_context(event, disposition),
    )
    if said.source_event_id is None:
        said.meaning = _identity(event, said)
    return said


def _happened(event: dict[str, Any]) -> datetime | None:
    """The time in the offset of the place, which the event states beside."""
    happened, zone = moment(event.get("eventTime")), offset(event.get("eventTimeZoneOffset"))
    if happened is None or zone is None:
        return happened
    return happened.astimezone(zone) if happened.tzinfo is not None else happened.replace(tzinfo=zone)


def _milestone(event: dict[str, Any], about: _Objects, step: str, disposition: str) -> str:
    """The step's milestone; what only other facts tell is told by what holds the goods, and by whose place it is."""
    holder = about.parent is not None and about.parent.kind in _HOLDS_GOODS
    action = text(event.get("action"))
    if holder and step in _INTO_A_HOLDER:
        return _INTO_A_HOLDER[step]
    if step in vocabulary.STEP_MILESTONES:
        return vocabulary.STEP_MILESTONES[step]
    if step == vocabulary.PACKING and holder and action != "DELETE":
        return "stuffed"
    if step == vocabulary.UNPACKING and holder and action != "ADD":
        return "stripped"
    if step == vocabulary.RECEIVING:
        return "delivered" if _is_at(event, "destination") else "cargo_received"
    if step == vocabulary.ACCEPTING:
        return "cargo_received" if _is_at(event, "source") else "delivered"
    if step == vocabulary.ENTERING and isinstance(event.get("bizLocation"), dict) and disposition != "in_transit":
        return "gate_in"
    return vocabulary.DISPOSITION_MILESTONES.get(disposition, "unknown")


def _is_at(event: dict[str, Any], end: str) -> bool:
    """Whether the event's place is the location, or a place of the party, that its source or destination list names."""
    here = {key.value for key in _place_keys(event)}
    there = (key_of(text(item.get(end))) for item in objects(event.get(f"{end}List")))
    return any(key is not None and key.value in here for key in there)


def _place_keys(event: dict[str, Any]) -> Iterator[Key]:
    for name in _PLACES:
        for item in objects(event.get(name)):
            key = key_of(text(item.get("id")))
            if key is not None and key.kind in ("sgln", "pgln"):
                yield key


def _place(event: dict[str, Any]) -> Place | None:
    """Where it was read, else where the objects are since: by UN/LOCODE, by GLN, or by name."""
    code = _unlocode(event)
    key = next(_place_keys(event), None)
    if code:
        return Place(code, "unlocode", key.value if key is not None else None)
    if key is not None:
        # No code of the house's: the journey is told from ports, and a GLN beside them would look like one more port.
        return Place(None, "facility", f"{key.value} {key.extension}".strip()[:_NAME_LENGTH])
    for name in _PLACES:
        for item in objects(event.get(name)):
            uri = text(item.get("id"))
            if uri and position_of(uri) is None:
                return Place(None, "text", last_part(uri)[:_NAME_LENGTH] or None)
    return None


def _unlocode(event: dict[str, Any]) -> str | None:
    """In an address of the code's vocabulary, or in an extension of the place or of the event."""
    holders = [item for name in _PLACES for item in objects(event.get(name))]
    for holder in (*holders, event):
        named = unlocode_of(text(holder.get("id"))) if holder is not event else None
        if named:
            return named
        for field, value in holder.items():
            if field.rpartition(":")[2].rpartition("/")[2].lower() in _UNLOCODE_FIELDS and text(value):
                return text(value).upper()[:12]
    return None


def _reported(event: dict[str, Any]) -> datetime | None:
    """When a repository recorded it. A document's creation is no event's: written anew, it says the same."""
    recorded = moment(event.get("recordTime"))
    if recorded is None:
        return None
    return recorded if recorded.tzinfo is not None else recorded.replace(tzinfo=UTC)


def _words(step: str, disposition: str) -> str | None:
    """The step and, in brackets, the state that it left the objects in."""
    said = step.replace("_", " ").capitalize() if ":" not in step else step
    return (f"{said} ({disposition.replace('_', ' ')})" if said and disposition else said or disposition)[:500] or None


def _context(event: dict[str, Any], disposition: str) -> dict[str, Any] | None:
    context: dict[str, Any] = {}
    if disposition:
        context["disposition"] = disposition[:_CODE_LENGTH]
    for name in _PLACES:
        for item in objects(event.get(name)):
            degrees = position_of(text(item.get("id")))
            if degrees is not None:
                context.setdefault("coordinates", [*degrees])
    reports = [
        {"type": text(report.get("type"))[:40], "value": value, "unit": text(report.get("uom"))[:10]}
        for element in objects(event.get("sensorElementList"))
        for report in objects(element.get("sensorReport"))
        if (value := number(report.get("value"))) is not None
    ]
    if reports:
        context["measurements"] = reports[-_REPORTS_KEPT:]
    return context or None


def _identity(event: dict[str, Any], said: Event) -> str:
    """What makes an event without an id itself: never the time of its recording."""
    instant = said.occurred_at.astimezone(UTC) if said.occurred_at else said.occurred_local
    place = said.place
    parts = [kind_of(event), text(event.get("action")), said.source_code or "", instant.isoformat() if instant else ""]
    parts += sorted(f"{item.type}={item.value}" for item in said.references)
    parts += [(place.code or place.facility or "") if place is not None else ""]
    return "|".join(parts)


def _each(said: Event, about: _Objects) -> Iterator[Event]:
    """One event for each container that an event names: a box's history is its own."""
    containers = about.containers()
    if len(containers) < 2:
        yield said
        return
    for box, place in containers:
        own = said.source_event_id
        yield structs.replace(
            said,
            references=_of_one(said.references, box),
            position=f"{said.position}/{place}",
            source_event_id=f"{own}#{box}" if own is not None else None,
            meaning=f"{said.meaning}|{box}" if own is None else "",
        )


def _of_one(references: tuple[Reference, ...], box: str) -> tuple[Reference, ...]:
    return (Reference("container", box), *(reference for reference in references if reference.type != "container"))


def _taken_back(
    event: dict[str, Any], about: _Objects, references: tuple[Reference, ...], position: str
) -> Iterator[Outcome]:
    """An error declaration takes the event back; what corrects it comes as events of its own."""
    own = text(event.get("eventID"))
    if not own:
        yield _problem(f"{position}/errorDeclaration", "declares an event without an eventID: it cannot be found")
        return
    declared = next((moment(item.get("declarationTime")) for item in objects(event.get("errorDeclaration"))), None)
    if declared is not None and declared.tzinfo is None:
        declared = declared.replace(tzinfo=UTC)
    gone = Retraction(source_event_id=own, reported_at=declared, references=references, format=NAME, position=position)
    containers = about.containers()
    if len(containers) < 2:
        yield gone
        return
    for box, place in containers:
        yield structs.replace(
            gone,
            source_event_id=f"{own}#{box}",
            references=_of_one(references, box),
            position=f"{position}/{place}",
        )


def _problem(position: str, reason: str) -> Problem:
    return Problem(position=position or "/", reason=reason, format=NAME)


def _parked(position: str, reason: str) -> Parked:
    return Parked(position=position or "/", reason=reason, format=NAME)
