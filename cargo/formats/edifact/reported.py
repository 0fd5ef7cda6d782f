"""A status of IFTSTA told: one event for each of its boxes, and one for each arrival or departure beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from cargo.domain.event import Event, Outcome, Place, Problem, Reference, Transport
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling
from cargo.formats.edifact.activity import place_of
from cargo.formats.edifact.envelope import NAME, Message
from cargo.formats.edifact.goods import Goods
from cargo.formats.edifact.journey import Call, Journey
from cargo.formats.edifact.statuses import Said
from cargo.formats.edifact.values import Equipment, Leg, Moment

FORMAT = f"{NAME}.iftsta"
Dated = tuple[Moment, int]
_TEXT_LENGTH = 500
_EMPTY_MOVES = frozenset({"empty_picked_up", "empty_returned"})
_NO_EQUIPMENT = Equipment(None, None, None, "")
# Of more boxes without a bill no call is told: it would be one event for each box and call.
_MOST_BOXES = 50
_RANKS = {qualifier: rank for rank, qualifier in enumerate(q.STATUS_TIMES)}
_LAST_RANK = len(_RANKS)
# The place of the activity; most statuses name it and no other.
_HERE = q.ACTIVITY[0]


class Box(msgspec.Struct):
    """An EQD group: the equipment, its own references, and its segments (``last`` is included, from 1)."""

    equipment: Equipment
    first: int
    last: int
    references: list[Reference] = []


class Status(msgspec.Struct):
    """An STS group as it is read; ``last`` is its last segment before the first box that follows it."""

    said: Said
    first: int
    last: int
    journey: Journey
    references: list[Reference] = []
    dated: list[Dated] = []
    boxes: list[Box] = []
    goods: Goods | None = None
    words: list[str] = []
    box_first: bool = False


class Around(Protocol):
    """What stands around a status: its message and its consignment."""

    message: Message
    header: list[Reference]
    dated: list[Dated]
    consigned: list[Reference] | None
    consigned_dated: list[Dated]
    consigned_goods: Goods | None
    legs: list[Leg]
    number: str
    parcel: Reference | None
    carrier: str | None
    reported: Moment | None


def told(around: Around, status: Status) -> list[Outcome]:
    """The events of a status; a problem in place of those whose time cannot be read."""
    calls = status.journey.calls() if status.journey.dates else []
    notes = [status.said.warning] if status.said.warning is not None else []
    moment = _moment(around, status, calls, notes)
    if isinstance(moment, Problem):
        return [moment]
    teller = _teller(around, status, moment, notes)
    out: list[Outcome] = []
    boxes = status.boxes or teller.named_boxes()
    for box in boxes or (None,):
        event = teller.event(box)
        out.append(event)
        if status.said.also is not None:
            out.append(teller.second(event, status.said.also, box))
    for call in calls:
        if not _same(call, out[0]):
            out += teller.call(call, boxes)
    if len(out) > 1:
        _tell_apart(out)
    return out


def _tell_apart(out: list[Outcome]) -> None:
    """Numbers the events that the same segments tell: several containers of a reference, two meanings of a code."""
    seen: dict[str, int] = {}
    for outcome in out:
        if isinstance(outcome, Event):
            count = seen[outcome.position] = seen.get(outcome.position, 0) + 1
            if count > 1:
                outcome.position = f"{outcome.position} #{count}"


def _moment(around: Around, status: Status, calls: list[Call], notes: list[str]) -> Moment | Problem:
    """When it happened: as the status says, else its consignment, the leg it is about, the message."""
    dated = status.dated or around.consigned_dated or around.dated
    wanted = status.said.classifier
    if len(dated) == 1:
        chosen: Dated | None = dated[0]
    else:
        chosen = min(dated, key=lambda item: _preference(item[0], wanted), default=None)
    if chosen is not None:
        moment, index = chosen
        if moment.local is None:
            return telling.problem(around.message, index, moment.fault or "names no time")
        if moment.note is not None:
            notes.append(moment.note)
        return moment
    for call in calls:
        if call.milestone == status.said.milestone:
            return call.moment
    if around.reported is None or around.reported.local is None:
        return telling.problem(around.message, status.first - 1, "the status names no time")
    notes.append("occurred_time: the status names no time, the message's is taken")
    return around.reported


def _preference(moment: Moment, wanted: str) -> tuple[bool, bool, int]:
    return moment.local is None, wanted != "" and q.TIMES[moment.qualifier][0] != wanted, _rank(moment)


def _rank(moment: Moment) -> int:
    return _RANKS.get(moment.qualifier, _LAST_RANK)


def _same(call: Call, outcome: Outcome) -> bool:
    """Whether the call is what the status itself tells."""
    if not isinstance(outcome, Event) or call.milestone != outcome.milestone or call.classifier != outcome.classifier:
        return False
    code = outcome.place.code if outcome.place is not None else None
    return call.stop.place.code == code and call.moment.local == outcome.occurred_local


class _Teller(msgspec.Struct):
    """What the events of one status share, and how they are put together."""

    around: Around
    status: Status
    moment: Moment
    classifier: str
    plan: dict[str, str] | None
    place: Place | None
    transport: Transport | None
    reported: datetime | None
    text: str | None
    warnings: tuple[str, ...]

    def named_boxes(self) -> list[Box]:
        """The containers that references name where no equipment is told of: the innermost scope's."""
        for scope in (self.status.references, self.around.consigned or (), self.around.header):
            found = [reference for reference in scope if reference.type == "container"]
            if found:
                status = self.status
                return [Box(Equipment(reference, None, None, ""), status.first, status.last) for reference in found]
        return []

    def references(self, box: Box | None) -> list[Reference]:
        around = self.around
        own = box is not None and box.equipment.container is not None
        if own and not around.header and not around.consigned and box is not None and not box.references:
            found = []
            for reference in self.status.references:
                if reference.type != "container":
                    found.append(reference)
        else:
            scopes = [self.status.references, around.consigned or [], around.header]
            if box is not None:
                scopes.insert(0, box.references)
            found = telling.gathered(scopes, own_container=own)
        if box is not None and box.equipment.container is not None:
            found.insert(0, box.equipment.container)
        air = self.transport is not None and self.transport.mode == "air"
        if around.number or around.parcel is not None:
            found = telling.with_consignment(found, around.number, around.parcel, air=air)
        return telling.by_air(found) if air else found

    def event(self, box: Box | None) -> Event:
        around, status, said, moment, place = self.around, self.status, self.status.said, self.moment, self.place
        equipment = box.equipment if box is not None else _NO_EQUIPMENT
        laden, milestone, transport = equipment.laden, said.milestone, self.transport
        if said.varies:
            inland = transport is not None and transport.mode in q.INLAND
            milestone = said.meant(laden=laden, inland=inland, role=place.role if place is not None else None)
        references = self.references(box)
        code = said.code
        event = Event(
            milestone=milestone,
            classifier=self.classifier,
            level=telling.LEVELS[milestone, equipment.container is not None, telling.names_house(references)],
            effect=telling.EFFECTS[milestone],
            occurred_local=moment.local,
            reported_at=self.reported,
            references=tuple(references),
            place=place,
            transport=transport,
            laden=False if laden is None and milestone in _EMPTY_MOVES else laden,
            format=FORMAT,
            source_code=code,
            source_text=self.text,
            warnings=self.warnings,
            position=self._position(box),
            meaning=telling.meaning(
                code if milestone != "unknown" else f"{code} {self.text}", moment, place, references
            ),
        )
        if equipment.iso is not None or around.carrier is not None:
            event.context = _context(around.carrier, equipment.iso)
        # What few statuses have is set afterwards: each argument more would cost all of them.
        if self.plan is not None:
            event.plan = self.plan.copy()
        if moment.at is not None:
            event.occurred_at, event.time_basis = moment.at, "given"
        if said.authority is not None or said.agency is not None:
            event.authority, event.agency = said.authority, said.agency
        if said.reason is not None and milestone == "delayed":
            event.delay_reason = said.reason
        goods = status.goods or around.consigned_goods
        if goods is not None and len(status.boxes) < 2:
            event.quantity = goods.quantity()
        return event

    def second(self, event: Event, milestone: str, box: Box | None) -> Event:
        """What the same code tells besides (a carrier's release with customs')."""
        told = msgspec.structs.replace(event)
        container = box is not None and box.equipment.container is not None
        told.milestone, told.effect = milestone, telling.EFFECTS[milestone]
        told.level = telling.LEVELS[milestone, container, event.level == "house"]
        told.authority = told.agency = None
        told.context = dict(event.context) if event.context is not None else None
        told.plan = dict(event.plan) if event.plan is not None else None
        told.meaning = f"{event.meaning}|{milestone}"
        return told

    def call(self, call: Call, boxes: list[Box]) -> list[Outcome]:
        """An arrival or a departure of the journey: of the only box, else of the bills, else of each box."""
        shared = self.references(boxes[0] if len(boxes) == 1 else None)
        if len(boxes) < 2 or len(boxes) > _MOST_BOXES or any(item.type in telling.MATCHED for item in shared):
            shared = [reference for reference in shared if len(boxes) < 2 or reference.type != "container"]
            return [telling.call_event(self.around, call, shared, self.plan, FORMAT, ())]
        return [
            telling.call_event(self.around, call, self.references(box), self.plan, FORMAT, ((box.first, box.last),))
            for box in boxes
        ]

    def _position(self, box: Box | None) -> str:
        status, message = self.status, self.around.message
        if box is None or not status.boxes:
            return telling.position(message, (status.first, status.last))
        if not status.box_first and box.first == status.last + 1:
            return f"message {message.number}, segments {status.first}-{box.last}"
        ranges = ((status.first, status.last), (box.first, box.last))
        return telling.position(message, *(reversed(ranges) if status.box_first else ranges))


def _context(carrier: str | None, iso: str | None) -> dict[str, Any]:
    if carrier is None:
        return {"iso": iso}
    return {"carrier": carrier} if iso is None else {"carrier": carrier, "iso": iso}


def _teller(around: Around, status: Status, moment: Moment, notes: list[str]) -> _Teller:
    said, journey = status.said, status.journey
    meant = q.TIMES.get(moment.qualifier)
    places, plan, place = journey.places, None, None
    if len(places) == 1 and _HERE in places:
        place = places[_HERE]
    elif places:
        plan = journey.plan()
        place = place_of(journey, said.milestone, plan)
    leg = journey.leg_at(place) if journey.legs else around.legs[0] if around.legs else None
    if leg is not None and around.carrier is None:
        around.carrier = leg.carrier
    reported = telling.reported(around.message, around.reported, place, notes)
    text = said.text
    if status.words:
        words = "; ".join(status.words)
        text = (f"{text}: {words}" if text else words)[:_TEXT_LENGTH]
    return _Teller(
        around,
        status,
        moment,
        said.classifier or (meant[0] if meant is not None else q.ACTUAL),
        plan,
        place,
        leg.transport if leg is not None else None,
        reported,
        text,
        (*notes, *around.message.warnings) if notes or around.message.warnings else (),
    )
