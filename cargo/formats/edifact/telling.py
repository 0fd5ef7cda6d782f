"""What the kinds of message share when an event is put together: references, level, place, times, identity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from cargo.domain import places
from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Place, Problem, Reference
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact.envelope import NAME, Message, tag_of
from cargo.formats.edifact.journey import Call
from cargo.formats.edifact.values import Memory, Moment

HOUSES = frozenset({"house_bill", "house_air_waybill"})
BILLS = HOUSES | {"master_bill", "air_waybill"}
_MASTERS = BILLS - HOUSES
MATCHED = BILLS | {"booking", "cargo_control_number", "declaration"}
# A box has one of each; of these a message may well name several that all apply.
_SEVERAL = frozenset({"own_reference", "purchase_order", "seal"})
# Told otherwise later they make another version of the event, not another event.
_BESIDE = frozenset({"seal", "own_reference", "purchase_order"})
_ON_THE_BILL = frozenset(
    code for code, row in MILESTONES.items() if row.group == "booking" and code != "vgm_submitted"
) | {"arrival_notice_sent", "documents_delivered"}
_AIR_WAYBILL_LENGTH = 11
# Of one scope no more references, places or dates are kept: each of its events carries them.
MOST = 200


def _level(milestone: str, *, container: bool, house: bool) -> str:
    row = MILESTONES[milestone]
    if row.level == "conveyance":
        return "conveyance"
    if container and milestone not in _ON_THE_BILL:
        return "container"
    if row.level == "declaration":
        return "declaration"
    return "house" if house else "master"


EFFECTS = {code: row.effect for code, row in MILESTONES.items()}
# By milestone, whether a container is named, whether a house bill is: a means of transport's, a box's, a declaration's
# level, else the bill's.
LEVELS = {
    (code, container, house): _level(code, container=container, house=house)
    for code in MILESTONES
    for container in (False, True)
    for house in (False, True)
}


def names_house(references: Iterable[Reference]) -> bool:
    """Whether a house bill is among them."""
    # A loop, and no generator: it is asked for each event, and this is half the price.
    for reference in references:  # noqa: SIM110
        if reference.type in HOUSES:
            return True
    return False


def gathered(scopes: Iterable[list[Reference]], *, own_container: bool) -> list[Reference]:
    """The references of an event from its scopes, the innermost first.

    A type that an inner scope names is not taken from an outer one: the bill of a consignment stands before those of
    the whole message. With ``own_container`` no container is taken from them, since the event has its own.
    """
    found: list[Reference] = []
    closed = {"container"} if own_container else set()
    for scope in scopes:
        for reference in scope:
            if reference.type not in closed:
                found.append(reference)
        if scope:
            closed |= {reference.type for reference in scope} - _SEVERAL
    return found


def with_consignment(found: list[Reference], number: str, parcel: Reference | None, *, air: bool) -> list[Reference]:
    """The same with the consignment's own number (CNI): its bill where no other is named, else a reference.

    ``parcel`` is a parcel's number, which stands for the bill where there is neither bill nor container.
    """
    kinds = {reference.type for reference in found}
    billed = not kinds.isdisjoint(BILLS)
    if number and not any(reference.value == number for reference in found):
        named = not kinds.isdisjoint(_MASTERS)
        found = [*found, Reference("own_reference" if named else _bill_type(number, air=air), number)]
        billed = True
    if parcel is not None and not billed and not any(reference.type == "container" for reference in found):
        found = [*(reference for reference in found if reference.value != parcel.value), parcel]
    return found


def _bill_type(number: str, *, air: bool) -> str:
    digits = number.replace("-", "").replace(" ", "")
    return "air_waybill" if air and len(digits) == _AIR_WAYBILL_LENGTH and digits.isdigit() else "master_bill"


_BY_AIR = {"house_bill": "house_air_waybill", "master_bill": "air_waybill"}


def by_air(found: list[Reference]) -> list[Reference]:
    """The same where the cargo flies: its bills are air waybills."""
    return [Reference(_BY_AIR.get(item.type, item.type), item.value) for item in found]


def placed(place: Place | None, role: str | None) -> Place | None:
    """The place with its part in the journey."""
    if place is None or role is None:
        return place
    return Place(place.code, place.scheme, place.facility, role)


def _zone(code: str, scheme: str | None = "unlocode") -> ZoneInfo | None:
    name = places.zone_of(code, scheme)
    return places.zone_info(name) if name is not None else None


_zones: Memory[ZoneInfo | None] = Memory(_zone)


def reported(message: Message, moment: Moment | None, place: Place | None, notes: list[str]) -> datetime | None:
    """When the message was made, as an instant: DTM 137, else the date of its interchange.

    Neither names a zone as a rule. It is taken as local where the event took place, as terminals and agents write it,
    so that what one sender says of one place stays in the order in which he said it; without a place as UTC.
    """
    local = moment.local if moment is not None else None
    if moment is not None and moment.at is not None:
        return moment.at
    if local is None:
        local = message.interchange.prepared
        if local is None:
            return None
    if place is not None and place.code:
        zone = _zones[place.code] if place.scheme == "unlocode" else _zone(place.code, place.scheme)
        if zone is not None:
            # Four times as fast as ``replace``, and every event comes by here.
            return datetime.combine(local, local.time(), zone)
    notes.append("reported_time: the message's date names no zone, taken as UTC")
    return local.replace(tzinfo=UTC)


def meaning(code: str | None, moment: Moment, place: Place | None, references: Iterable[Reference], *more: str) -> str:
    """What makes an event itself: what happened, when, where, to which cargo; nothing of the envelope."""
    named = []
    for item in references:
        if item.type not in _BESIDE:
            named.append(f"{item.type}={item.value}")
    if len(named) > 1:
        named.sort()
    where = f"{place.code or ''}|{place.facility or ''}" if place is not None else ""
    return "|".join([code or "", moment.digits, where, *named, *more])


def position(message: Message, *ranges: tuple[int, int]) -> str:
    """The place of segments in the message, counted from 1 as UNT counts them, the last of each range included.

    ``message 3, segments 5-9`` or ``message 3, segments 5-9, 14-16``: ranges that touch are one.
    """
    if len(ranges) == 1 and ranges[0][0] < ranges[0][1]:
        return f"message {message.number}, segments {ranges[0][0]}-{ranges[0][1]}"
    joined = [ranges[0]]
    for first, last in ranges[1:]:
        if first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in joined)
    return f"message {message.number}, segment{'' if shown.isdigit() else 's'} {shown}"


def problem(message: Message, index: int, reason: str) -> Problem:
    """A segment that cannot be read; ``index`` counts from 0."""
    tag = tag_of(message.segments[index]) if index < len(message.segments) else ""
    kind = message.kind
    return Problem(
        position=f"message {message.number}, segment {index + 1} {tag}".rstrip(),
        reason=reason,
        format=f"{NAME}.{kind.lower()}" if kind.isascii() and kind.isalnum() else NAME,
    )


class Sender(Protocol):
    """What a call's event takes from its message."""

    message: Message
    carrier: str | None
    reported: Moment | None


def call_event(
    sender: Sender,
    call: Call,
    references: list[Reference],
    plan: dict[str, str] | None,
    name: str,
    more: tuple[tuple[int, int], ...],
    *,
    planned: bool = False,
) -> Event:
    """An arrival or a departure at a place of the journey. ``more``: segments of the box that it is told of."""
    moment, stop = call.moment, call.stop
    place = placed(stop.place, q.ROLES.get(stop.function))
    notes = [moment.note] if moment.note is not None else []
    when = reported(sender.message, sender.reported, place, notes)
    container = any(reference.type == "container" for reference in references)
    segments = ((stop.segment + 1, stop.segment + 1), (call.segment + 1, call.segment + 1))
    classifier = q.PLANNED if planned else call.classifier
    return Event(
        milestone=call.milestone,
        classifier=classifier,
        level=LEVELS[call.milestone, container, names_house(references)],
        effect=EFFECTS[call.milestone],
        occurred_local=moment.local,
        occurred_at=moment.at,
        time_basis="given" if moment.at is not None else None,
        reported_at=when,
        references=tuple(references),
        place=place,
        transport=call.transport,
        plan=dict(plan) if plan is not None else None,
        format=name,
        source_code=moment.qualifier,
        source_text=q.TIME_NAMES[moment.qualifier],
        warnings=(*notes, *sender.message.warnings),
        position=position(sender.message, *sorted((*segments, *more))),
        meaning=meaning(moment.qualifier, moment, place, references, stop.function, classifier),
        context={"carrier": sender.carrier} if sender.carrier is not None else None,
    )
