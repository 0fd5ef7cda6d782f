"""315 as nearly all of them are: one status of one box, with numbers before its journey and nothing else.

Boxes of a voyage share the journey to the letter, and what happens to them at a port has the same code and place; so
both are read once and remembered, and an event is a copy with its own box, numbers, time and position. All else is left
to ``cargo.formats.x12.ocean``, which comes to the same events.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from cargo.domain.event import Event, Outcome, Reference
from cargo.formats.x12 import codes, ocean, parts, times
from cargo.formats.x12.envelope import Frame
from cargo.formats.x12.journey import Journey, journey

# The longest journey that is remembered, and what a form takes of the memory beside it.
_MEMORABLE = 2000
_FORM_SIZE = 30
_NUMBER_TYPES = parts.NUMBER_TYPES
_IDENTIFYING = parts.IDENTIFYING
_DATE_LENGTH, _TIME_LENGTH, _BOX_LENGTH = 8, 4, 11
# Stands for the time and the numbers in an event's meaning; the text of an interchange has no such character.
_MARK = "\0"
_UNSEEN = object()
_ANY_TIME = times.Moment(datetime.min, None, None, _MARK)
_ANY_BOX = (Reference("container", _MARK),)


class Form(msgspec.Struct):
    """An event without what is each message's own.

    Its meaning is ``before``, the time, ``after`` and the numbers. ``number`` is the segment of an estimated date,
    counted in the journey, and 0 for a status; ``suffix`` ends a status's position.
    """

    event: Event
    number: int
    before: str
    after: str
    suffix: str


class Route(msgspec.Struct):
    """A journey and the forms of what has been told on it, by what B4 says of status and place."""

    trip: Journey
    forms: dict[tuple[str, ...], list[Form]]


def read(body: str, frame: Frame) -> list[Outcome]:
    """The events of a 315; ``body`` begins with ST and ends before SE."""
    start = body.find(frame.vessel)
    if start < 0:
        start = body.find(frame.ports)
    if start > 0:
        tail = body[start:]
        route = frame.memory.texts.get(tail, _UNSEEN)
        trip = route.trip if isinstance(route, Route) else _looked_at(tail, route is None, frame)
        if trip.pure:
            head = body[:start].split(frame.segment)
            outcomes = _quick(head, route, frame) if isinstance(route, Route) else None
            return outcomes or ocean.read(head, trip, len(head), frame)
    segments = body.split(frame.segment)
    return ocean.read(segments, journey(segments, frame.element), 0, frame)


def _looked_at(tail: str, again: bool, frame: Frame) -> Journey:
    """Read a journey; only its text is remembered the first time, for most that are seen once are not seen again."""
    # The tail begins with a separator, which makes its first segment the number 1.
    trip = journey(tail[1:].split(frame.segment), frame.element)
    if trip.pure and len(tail) <= _MEMORABLE:
        frame.memory.keep(tail, Route(trip, {}) if again else None)
    return trip


def _quick(head: list[str], route: Route, frame: Frame) -> list[Outcome] | None:
    """The events, or ``None`` where anything is unusual. ``head`` are the segments before the journey."""
    element = frame.element
    given = head[1].split(element) if len(head) > 1 else [""]
    if given[0] != "B4" or len(given) != ocean.ELEMENTS:
        return None
    _, _, _, code, date, time, local, owner, serial, load, size, place, kind, digit = given
    box = f"{owner}{serial}{digit}"
    if len(date) != _DATE_LENGTH or len(time) != _TIME_LENGTH or len(box) != _BOX_LENGTH or not box.isalnum():
        return None
    when = times.moment(date, time)
    if when is None or when.warning is not None or not code.isalnum():
        return None
    references = [Reference("container", box)]
    identity: list[str] = []
    facts: dict[str, Any] = {"reported_local": frame.told_text} if frame.told_text else {}
    for segment in head[2:]:
        line = segment.split(element)
        if line[0] != "N9" or len(line) < 3:
            return None
        qualifier, value = line[1], line[2]
        if not value or len(value) > parts.NUMBER_LENGTH or value[0] == " " or value[-1] == " " or len(line) > 7:
            return None
        number_type = _NUMBER_TYPES.get(qualifier)
        if number_type == "container":
            if value != box:
                return None
        elif qualifier == codes.CARRIER:
            facts["carrier"] = value[: parts.CODE_LENGTH]
        elif number_type is not None:
            references.append(Reference(number_type, value))
            if number_type in _IDENTIFYING:
                identity.append(f"{number_type}={value}")
        elif qualifier != qualifier.strip().upper():
            return None
    if size:
        facts["iso"] = size.strip()[: parts.CODE_LENGTH]
    if len(identity) > 1:
        identity = sorted(set(identity))
    known = (code, load, place, kind, local)
    forms = route.forms.get(known) or _forms(known, given, route, frame)
    own = f"{box}|{'|'.join(identity)}"
    return _filled(forms, frame, when, tuple(references), facts, own, len(head))


def _filled(
    forms: list[Form],
    frame: Frame,
    when: times.Moment,
    references: tuple[Reference, ...],
    facts: dict[str, Any],
    own: str,
    before: int,
) -> list[Outcome]:
    """The events: copies of the forms with this message's time, numbers (``own`` in the meaning) and positions."""
    if len(forms) > 1:
        frame.weigh(len(references), len(forms))
    outcomes: list[Outcome] = []
    for form in forms:
        event = replace(
            form.event,
            references=references,
            position=f"{frame.prefix}DTM@{before + form.number}" if form.number else f"{frame.prefix}B4@2{form.suffix}",
            meaning=f"{form.before}{own}" if form.number else f"{form.before}{when.text}{form.after}{own}",
            context=facts.copy() or None,
        )
        if not form.number:
            event.occurred_local = when.local
        if frame.warnings:
            event.warnings = frame.warnings + event.warnings
        outcomes.append(event)
    return outcomes


def _forms(known: tuple[str, ...], given: list[str], route: Route, frame: Frame) -> list[Form]:
    """The full reading's events for any box at any time."""
    trip = route.trip
    told = ocean.told_of(given, "", [], [], "", trip.plan, ())
    told.references, told.identity = _ANY_BOX, _MARK
    place = ocean.place_of(given, trip)
    statuses = ocean.status_of(frame, told, trip, ocean.LIST, known[0].upper(), _ANY_TIME, "", place)
    dates: list[Outcome] = []
    ocean.expected_of(frame, told, trip, 0, "", dates)
    forms = [_form(event, 0) for event in statuses if isinstance(event, Event)]
    forms += [
        _form(event, item.number) for event, item in zip(dates, trip.expected, strict=True) if isinstance(event, Event)
    ]
    route.forms[known] = forms
    frame.memory.take(len(forms) * _FORM_SIZE)
    return forms


def _form(event: Event, number: int) -> Form:
    texts = event.meaning.split(_MARK)
    suffix = event.position if not number else ""
    return Form(event, number, texts[0], "" if number else texts[1], suffix)
