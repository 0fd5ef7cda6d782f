"""A box of a terminal's report or order as it is read, and the event that it becomes."""

from __future__ import annotations

from typing import Any

import msgspec

from cargo.domain.event import Event, Outcome, Place, Problem, Reference
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling
from cargo.formats.edifact.envelope import Message
from cargo.formats.edifact.moves import DISCHARGE, IN, LOAD, OUT, TRANSSHIPMENT, Move, milestone_of
from cargo.formats.edifact.values import Equipment, Leg, Moment

_TIMES = {
    qualifier: rank
    for rank, qualifier in enumerate(("203", "7", "334", "78", "404", "403", "420", "178", "186", "136", "405", "145"))
}
_ORDER_TIMES = {LOAD: ("189", "133", "186", "136"), DISCHARGE: ("232", "132", "178")}
_QUAY_ROLES = {LOAD: "loading", DISCHARGE: "discharge"}
_PLACES = {
    IN: ("165", "175", "99", "14"),
    OUT: ("165", "175", "98", "14"),
    DISCHARGE: ("11", "175", "94", "165"),
    LOAD: ("9", "175", "94", "165"),
}


class Box:
    """An EQD group as it is read; ``first`` and ``last`` are its segments, counted from 1."""

    __slots__ = ("carrier", "damaged", "dated", "equipment", "first", "last", "leg", "places", "references")

    def __init__(self, equipment: Equipment, first: int) -> None:
        self.equipment = equipment
        self.first = self.last = first
        self.references: list[Reference] = []
        self.places: dict[str, Place] = {}
        self.dated: list[tuple[Moment, int]] = []
        self.leg: Leg | None = None
        self.carrier: str | None = None
        self.damaged = False


class Report:
    """The state while a message is read: its head, and its boxes."""

    __slots__ = (
        "box",
        "boxes",
        "carrier",
        "code",
        "dated",
        "function",
        "leg",
        "message",
        "name",
        "operator",
        "places",
        "references",
        "reported",
    )

    def __init__(self, message: Message) -> None:
        self.message = message
        self.code = self.name = self.function = ""
        self.references: list[Reference] = []
        self.places: dict[str, Place] = {}
        self.dated: list[tuple[Moment, int]] = []
        self.leg: Leg | None = None
        self.carrier: str | None = None
        self.operator: str | None = None
        self.reported: Moment | None = None
        self.boxes: list[Box] = []
        self.box: Box | None = None


def _time(report: Report, box: Box, move: Move | None, notes: list[str]) -> Moment | Problem:
    if move is not None and move.planned:
        wanted = _ORDER_TIMES[move.direction]
        ranks = {qualifier: rank for rank, qualifier in enumerate(("203", "7", *wanted))}
    else:
        ranks = _TIMES
    for dated in (box.dated, report.dated):
        known = [item for item in dated if item[0].qualifier in ranks]
        if known:
            moment, index = min(known, key=lambda item: (item[0].local is None, ranks[item[0].qualifier]))
            if moment.local is None:
                return telling.problem(report.message, index, moment.fault or "names no time")
            if moment.note is not None:
                notes.append(moment.note)
            return moment
    if report.reported is None or report.reported.local is None:
        return telling.problem(report.message, box.first - 1, "no time is given for this box")
    notes.append("occurred_time: no time is given for this box, the message's is taken")
    return report.reported


def _place(report: Report, box: Box, move: Move | None, plan: dict[str, str]) -> Place | None:
    direction = move.direction if move is not None else ""
    quay = direction in (LOAD, DISCHARGE)
    # At the quay the port stands in the head; each box names where it comes from or goes to.
    scopes = (report.places, box.places) if quay else (box.places, report.places)
    for function in _PLACES.get(direction, q.ACTIVITY):
        for scope in scopes:
            place = scope.get(function)
            if place is not None:
                if quay and box.equipment.status in TRANSSHIPMENT:
                    return telling.placed(place, "transshipment")
                role = _QUAY_ROLES.get(direction)
                return telling.placed(place, role or _role(place, plan))
    return None


def _role(place: Place, plan: dict[str, str]) -> str | None:
    if place.code is None:
        return None
    if place.code == plan.get("port_of_loading"):
        return "loading"
    return "discharge" if place.code == plan.get("port_of_discharge") else None


def _plan(report: Report, box: Box, move: Move | None) -> dict[str, str]:
    """The ports of the voyage. Where a box is transshipped, this port is neither of them."""
    found = {}
    for key, function, direction in (("port_of_loading", "9", LOAD), ("port_of_discharge", "11", DISCHARGE)):
        if move is not None and move.direction == direction and box.equipment.status in TRANSSHIPMENT:
            continue
        place = box.places.get(function) or report.places.get(function)
        if place is not None and place.code is not None and place.scheme == "unlocode":
            found[key] = place.code
    return found


def _context(report: Report, box: Box, leg: Leg | None) -> dict[str, Any] | None:
    context: dict[str, Any] = {}
    carrier = box.carrier or report.carrier or (leg.carrier if leg is not None else None) or report.operator
    if carrier is not None:
        context["carrier"] = carrier
    if box.equipment.iso is not None:
        context["iso"] = box.equipment.iso
    return context or None


def told(report: Report, box: Box, move: Move | None, warning: str | None, name: str) -> Outcome:
    """The event of a box, or why it is none. ``warning`` goes with it; ``name`` is the event's format."""
    notes = [warning] if warning is not None else []
    moment = _time(report, box, move, notes)
    if isinstance(moment, Problem):
        return moment
    equipment = box.equipment
    milestone, lacking = milestone_of(move, equipment)
    if lacking is not None:
        notes.append(lacking)
    plan = _plan(report, box, move)
    place = _place(report, box, move, plan)
    references = telling.gathered((box.references, report.references), own_container=equipment.container is not None)
    if equipment.container is not None:
        references.insert(0, equipment.container)
    gate = move is not None and move.direction in (IN, OUT)
    leg = (box.leg or report.leg) if gate else (report.leg or box.leg)
    planned = move is not None and move.planned
    house = telling.names_house(references)
    return Event(
        milestone=milestone,
        classifier=q.PLANNED if planned else q.ACTUAL,
        level=telling.LEVELS[milestone, equipment.container is not None, house],
        effect=telling.EFFECTS[milestone],
        occurred_local=moment.local,
        occurred_at=moment.at,
        time_basis="given" if moment.at is not None else None,
        reported_at=telling.reported(report.message, report.reported, place, notes),
        references=tuple(references),
        place=place,
        transport=leg.transport if leg is not None else None,
        laden=equipment.laden,
        plan=plan or None,
        format=name,
        source_code=report.code[:20] or None,
        source_text=move.title if move is not None else report.name[:100] or None,
        warnings=(*notes, *report.message.warnings),
        position=telling.position(report.message, (box.first, box.last)),
        meaning=telling.meaning(report.code, moment, place, references, equipment.status, str(equipment.laden)),
        context=_context(report, box, leg),
    )


def damage(event: Event) -> Event:
    """The damage (DAM) that is told beside the move of a box."""
    told = msgspec.structs.replace(event)
    told.milestone, told.effect = "damaged", telling.EFFECTS["damaged"]
    told.context = dict(event.context) if event.context is not None else None
    told.plan = dict(event.plan) if event.plan is not None else None
    told.position = f"{event.position} #2"
    told.meaning = f"{event.meaning}|damaged"
    return told
