"""A status of a consignment in the words of the house, and the times of its flight.

One status line can tell three things: that the consignment reached a status, and when its flight leaves and arrives.
The latter two become events of their own: ``S`` is planned, ``E`` estimated, ``A`` actual. Day and month get their
year from when the message was sent, else received, else from a dated line of its own security information.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from cargo.domain import iata_status
from cargo.domain.event import Event, Outcome, Parked, Place, Problem, Quantity, Reference, Transport
from cargo.domain.iata_status import Meaning
from cargo.formats.cargo_imp import additions, calendar, movement
from cargo.formats.cargo_imp.blocks import CUSTOMS, SERVICE, UNITS, Block
from cargo.formats.cargo_imp.movement import INBOUND, OUTBOUND, Clock, Consignment, Movement

_DEPARTED, _ARRIVED = "DEP", "ARR"
# These name the day of the flight, which is still to come.
_PLANNING = frozenset({"BKD", "MAN", "PRE"})
_WITH_FLIGHT_TIMES = ("carrier", "total_packages")
_NO_RECORD = re.compile(r"NO RECORD", re.IGNORECASE)
# The date and time of a security status, the only day of a message that has a year.
_SCREENED_AT = "SD"
_SCREENED = re.compile(rf"([0-9]{{2}})({'|'.join(calendar.MONTHS)})([0-9]{{2}})")
_CENTURY = 2000


class Sent(NamedTuple):
    """What an event takes from its message: the kind of event, when it was sent and when received."""

    name: str
    reported_at: datetime | None
    received_at: datetime | None
    warnings: tuple[str, ...]


class _Told(NamedTuple):
    """A block read: the consignment, its status and what belongs to both."""

    sent: Sent
    consignment: Consignment
    movement: Movement
    meaning: Meaning
    reference: date | None
    context: dict[str, Any]
    position: str


class _Unreadable(Exception):
    """A day or a time that does not exist."""


def outcomes(block: Block, sent: Sent) -> Iterator[Outcome]:
    """The events of one block, or why there are none. A day that does not exist costs this status alone."""
    told = _read(block, sent)
    if block.status is None:
        yield _without_status(block, told)
        return
    try:
        yield _status(told)
        yield from _flight_times(told)
    except _Unreadable as error:
        yield Problem(position=told.position, reason=str(error), format=sent.name)


def _read(block: Block, sent: Sent) -> _Told:
    consignment = movement.consignment(block.heading.text)
    assert consignment is not None, "a block begins with a consignment"
    if block.status is not None:
        move = movement.movement(block.status.text + "".join(block.told.get("", ())))
    else:
        move = Movement(next((kind for kind in (CUSTOMS, SERVICE, UNITS) if kind in block.told), ""))
    notes = additions.customs(block.told.get(CUSTOMS, []))
    return _Told(
        sent=sent,
        consignment=consignment,
        movement=move,
        meaning=iata_status.meaning(
            _code(move),
            airport=move.airports[0] if move.airports else None,
            origin=consignment.origin,
            destination=consignment.destination,
        ),
        reference=_reference(sent, notes),
        context=additions.context(block, consignment, move, notes),
        position=f"line {(block.status or block.heading).number}",
    )


def _status(told: _Told) -> Event:
    """The status itself."""
    move, meaning = told.movement, told.meaning
    occurred, warnings = _occurred(told)
    if meaning.warning:
        warnings.append(meaning.warning)
    if not move.airports:
        warnings.append("place_missing: the status names no airport")
    words = (meaning.name or move.code, *move.names, *told.context.get("remarks", ()))
    return _event(told, meaning, occurred, move.airports[:1], words, warnings=warnings)


def _without_status(block: Block, told: _Told) -> Outcome:
    """A consignment with additions only: customs or other information, or the answer that nothing is known."""
    waybill, name = told.consignment.waybill, told.sent.name
    remarks = additions.remarks_of(block)
    if not block.told:
        return Parked(position=told.position, reason=f"{waybill} has no status", format=name)
    if _NO_RECORD.search(" ".join(remarks)):
        return Parked(position=told.position, reason=f"the carrier knows nothing of {waybill}", format=name)
    notes = told.context.get("customs_information", [])
    texts = [f"{note.get('control', '')} {note.get('text', '')}".strip() for note in notes] or remarks
    event = _event(told, told.meaning, None, (), (told.meaning.name or told.movement.code, ", ".join(texts)))
    event.references += additions.named(notes)
    return event


def _flight_times(told: _Told) -> Iterator[Event]:
    """The flight's departure and arrival, where the line gives them and the status is not itself just that."""
    move, actual = told.movement, "A"
    if move.code in OUTBOUND:
        if move.departure is not None and not (move.code == _DEPARTED and move.departure.kind == actual):
            yield from _flight_time(told, _DEPARTED, move.departure, move.airports[:1])
        if move.arrival is not None:
            yield from _flight_time(told, _ARRIVED, move.arrival, move.airports[1:2])
        return
    clock = move.arrival if move.code in INBOUND and not _leaves_here(told) else None
    if clock is not None and not (move.code == _ARRIVED and clock.kind == actual):
        yield from _flight_time(told, _ARRIVED, clock, move.airports[:1])


def _leaves_here(told: _Told) -> bool:
    """Whether the airport is the waybill's origin: freight goes into a warehouse there, but from no flight."""
    ends = told.consignment.origin, told.consignment.destination
    return any(iata_status.role(code, *ends) == iata_status.ORIGIN for code in told.movement.airports[:1])


def _flight_time(told: _Told, code: str, clock: Clock, airports: tuple[str, ...]) -> Iterator[Event]:
    occurred = _moment(told, clock.time, clock.change) if airports else None
    if occurred is None:
        return
    what = "departure" if code == _DEPARTED else "arrival"
    classifier = calendar.CLASSIFIERS[clock.kind]
    words = (told.meaning.name or told.movement.code, f"{what} of the flight, {classifier}")
    meaning = iata_status.meaning(code)._replace(classifier=classifier)
    yield _event(told, meaning, occurred, airports, words, what=what)


def _event(
    told: _Told,
    meaning: Meaning,
    occurred: datetime | None,
    airports: tuple[str, ...],
    words: tuple[str, ...],
    *,
    warnings: list[str] | None = None,
    what: str = "",
) -> Event:
    """An event with what all events of a line share; ``what`` tells the flight's times from the status."""
    consignment, move = told.consignment, told.movement
    text = ": ".join(word for word in words if word)
    part = _part(consignment, move)
    context = {name: fact for name, fact in told.context.items() if not what or name in _WITH_FLIGHT_TIMES}
    if part is not None and consignment.total is None:
        context["partial"] = True
    here = iata_status.role(airports[0], consignment.origin, consignment.destination) if airports else None
    if here is not None:
        context["transport_phase"] = iata_status.PHASES[here]
    return Event(
        milestone=meaning.milestone,
        classifier=meaning.classifier,
        level=meaning.level,
        effect=meaning.effect,
        occurred_local=occurred,
        reported_at=told.sent.reported_at,
        references=(Reference("air_waybill", consignment.waybill),),
        place=_place(airports[0], consignment) if airports else None,
        transport=Transport(mode="air", voyage=move.flight),
        quantity=Quantity(packages=move.amount.pieces, weight_kg=move.amount.weight_kg) if move.amount else None,
        authority=meaning.authority,
        part=part,
        plan=_plan(consignment),
        format=told.sent.name,
        source_code=_code(move),
        source_text=text[: additions.TEXT_LENGTH],
        warnings=(*told.sent.warnings, *(warnings or ())),
        position=f"{told.position} {what}".rstrip(),
        meaning=_identity(told, occurred, airports, text, what),
        context=context or None,
    )


def _identity(told: _Told, occurred: datetime | None, airports: tuple[str, ...], text: str, what: str) -> str:
    """What makes an event itself: carriers give statuses no number. Without a time its words tell it apart."""
    move = told.movement
    said = f"{move.day or ''}{move.month or ''}{move.time or ''} {text}"
    parts = [told.consignment.waybill, _code(move), what, occurred.isoformat() if occurred else said, *airports]
    parts += [move.flight or move.carrier or "", move.other_carrier or ""]
    parts.append(f"{move.amount.described}{move.amount.pieces}" if move.amount else "")
    return "|".join(parts)


def _code(move: Movement) -> str:
    return f"{move.code}/{move.discrepancy}" if move.discrepancy else move.code


def _occurred(told: _Told) -> tuple[datetime | None, list[str]]:
    """When the status was reached. A booking or a manifest names its flight's day, not its own: no time."""
    move = told.movement
    time, change, warnings = move.time, move.change, []
    clock = {_DEPARTED: move.departure, _ARRIVED: move.arrival}.get(move.code) if time is None else None
    if clock is not None:
        time, change = clock.time, clock.change
        if clock.kind != "A":
            warnings.append(f"time_expected: {clock.kind}{clock.time} is the only time told of what has happened")
    elif time is None and move.code in _PLANNING and move.flight is not None:
        return None, []
    if move.day is None:
        return None, []
    occurred = _moment(told, time, change)
    if occurred is None:
        return None, [f"year_unknown: {move.day:02d}{move.month}{time or ''} and no time of receipt"]
    if time is None:
        warnings.append("date_only: the status has no time of day")
    return occurred, warnings


def _moment(told: _Told, time: str | None, change: str | None) -> datetime | None:
    """The wall time at the place; ``None`` while there is no day or its year cannot be told."""
    move = told.movement
    if move.day is None or move.month is None or told.reference is None:
        return None
    planned = move.code in _PLANNING and move.time is None
    day = calendar.day_of(move.day, move.month, told.reference, planned=planned)
    if day is None:
        raise _Unreadable(f"{move.day:02d}{move.month} is no day of the year around {told.reference.isoformat()}")
    moment = calendar.at(day, time, change)
    if moment is None:
        raise _Unreadable(f"{time} is not a time of day")
    return moment


def _reference(sent: Sent, notes: list[dict[str, str]]) -> date | None:
    """The day by which years are told: of the message, of its receipt, or of the screening that it reports."""
    moment = sent.reported_at or sent.received_at
    if moment is not None:
        return moment.date()
    for note in notes:
        found = _SCREENED.match(note.get("text", "")) if note.get("control") == _SCREENED_AT else None
        if found is not None:
            return calendar.day_of_year(int(found[1]), found[2], _CENTURY + int(found[3]))
    return None


def _place(airport: str, consignment: Consignment) -> Place:
    here = iata_status.role(airport, consignment.origin, consignment.destination)
    return Place(code=airport, scheme="iata", role=iata_status.PLACE_ROLES[here] if here else None)


def _plan(consignment: Consignment) -> dict[str, str] | None:
    ends = {"port_of_loading": consignment.origin, "port_of_discharge": consignment.destination}
    return {name: code for name, code in ends.items() if code and code != iata_status.UNKNOWN_PLACE} or None


def _part(consignment: Consignment, move: Movement) -> str | None:
    """``8/20``: eight pieces of twenty; ``8`` where the waybill's total is not told; ``None`` for all of it."""
    amount, total = move.amount, consignment.total
    if amount is None:
        return None
    if total is not None:
        return f"{amount.pieces}/{total}" if amount.pieces < total else None
    described = consignment.amount.described if consignment.amount is not None else amount.described
    partial = described != iata_status.WHOLE or amount.described != iata_status.WHOLE
    return str(amount.pieces) if partial else None
