"""How a status, a date at a port or a document becomes an event: the part that all transactions share."""

from __future__ import annotations

from typing import Any

import msgspec

from cargo.domain.event import Event, Place, Problem, Quantity, Reference, Transport
from cargo.formats.x12 import times
from cargo.formats.x12.envelope import NAME, Frame
from cargo.formats.x12.statuses import Meaning

_CODED = frozenset({"unlocode", "iata"})
_TEXT_LENGTH = 500


class Told(msgspec.Struct):
    """What a message says around its statuses.

    ``identity`` is what of its numbers, and of the box being full or empty, makes a report itself.
    """

    format: str
    references: tuple[Reference, ...] = ()
    identity: str = ""
    plan: dict[str, str] | None = None
    facts: dict[str, Any] = {}
    laden: bool | None = None
    warnings: tuple[str, ...] = ()
    quantity: Quantity | None = None


def tell(
    frame: Frame,
    told: Told,
    meaning: Meaning,
    when: times.Moment,
    code: str,
    position: str,
    place: Place | None,
    transport: Transport | None,
    said: str,
    text: str | None = None,
) -> Event:
    """One event. ``said`` is what, when and where (``saying``); ``text`` are the sender's words beside the code."""
    # The group's own time orders reports; its zone is not known, so that normalizing has to find one.
    context = {"reported_local": frame.told_text, **told.facts} if frame.told_text else dict(told.facts)
    warnings = told.warnings
    if when.warning is not None or meaning.warning is not None:
        warnings += tuple(filter(None, (meaning.warning, when.warning)))
    event = Event(
        milestone=meaning.milestone,
        classifier=meaning.classifier,
        level=meaning.level,
        effect=meaning.effect,
        occurred_local=when.local,
        references=told.references,
        place=place,
        transport=transport,
        laden=told.laden,
        quantity=told.quantity,
        authority=meaning.authority,
        agency=meaning.agency,
        plan=told.plan,
        format=told.format,
        source_code=code,
        source_text=text[:_TEXT_LENGTH] if text else meaning.name,
        warnings=warnings,
        position=position,
        meaning=f"{told.format}|{said}|{told.identity}",
        context=context or None,
    )
    if when.at is not None or when.zone is not None:
        coded = place is not None and place.scheme in _CODED
        event.occurred_at, event.time_zone, event.time_basis = times.placed(when, coded_place=coded)
    return event


def undated(position: str, element: str, given: str) -> Problem:
    """A status without a date that can be read."""
    shown = given.strip()[:20]
    reason = f"{element}: {shown!r} is not a date" if shown else f"{element}: the date is missing"
    return Problem(position=position, reason=reason, format=NAME)
