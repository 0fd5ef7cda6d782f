"""From an event to what it contributes to a state."""

from __future__ import annotations

from cargo.domain.event import Event
from cargo.domain.places import place as known_place
from cargo.domain.roles import PHASES
from cargo.domain.state import CLASSIFIER_CODES, Entry, Rare, rare_or_none

# Small facts of an event's context that the state needs.
_KEPT = ("carrier", "iso", "storage_months", "removal_days", "notice", "destination", "broker", "load_type")
# By air: the pieces of the whole waybill, and that an event is of some of them only.
_TOTAL, _PARTIAL = "total_packages", "partial"
# The leg of the journey, as the source itself tells it (DCSA 3.0 ``transportPhase``).
_PHASE = "transport_phase"


def place_code(event: Event) -> str:
    """One code for one place: UN/LOCODE where it is known (airports by their town), else the source's own."""
    place = event.place
    if place is None or not place.code:
        return ""
    return town_code(place.code) if place.scheme == "iata" else place.code


def town_code(code: str) -> str:
    """The UN/LOCODE of an airport given by its IATA code where it is known; any other code as it is."""
    known = known_place(code, "iata") if len(code) == 3 else None
    return (known.unlocode if known is not None else "") or code


def contribution(
    event: Event,
    event_id: str,
    source: int,
    rank: int,
    occurred: int | None,
    reported: int | None,
    weak: bool = False,
) -> Entry:
    """The entry of an event. ``occurred`` and ``reported`` are whole seconds since 1970 (UTC)."""
    subject = declaration = cargo = box = ""
    for reference in event.references:
        kind = reference.type
        if kind == "container":
            if event.level == "container":
                subject = subject or reference.value
            else:
                box = box or reference.value
        elif kind == "declaration":
            declaration = declaration or reference.value
        elif kind == "cargo_control_number":
            cargo = cargo or reference.value
    transport, context = event.transport, event.context
    return Entry(
        milestone=event.milestone,
        classifier=CLASSIFIER_CODES[event.classifier],
        occurred=occurred,
        reported=reported,
        rank=rank,
        id=event_id,
        level=event.level,
        subject=subject,
        place=place_code(event),
        source=source,
        mode=(transport.mode or "") if transport else "",
        weak=weak,
        implausible=bool(context and context.get("implausible_time")),
        facts=facts_of(context, box) if context or box else None,
        rare=_rare(event, declaration, cargo),
    )


def _rare(event: Event, declaration: str, cargo: str) -> Rare | None:
    plan, quantity, deadline = event.plan, event.quantity, event.deadline
    said = declaration or cargo or event.agency or event.authority
    if not (said or plan or quantity or deadline):
        return None
    return rare_or_none(
        Rare(
            declaration=declaration,
            cargo=cargo,
            agency=event.agency or "",
            authority=event.authority or "",
            port_of_loading=town_code(plan.get("port_of_loading", "")) if plan else "",
            port_of_discharge=town_code(plan.get("port_of_discharge", "")) if plan else "",
            packages=quantity.packages if quantity else None,
            unit=(quantity.package_unit or "") if quantity else "",
            weight=quantity.weight_kg if quantity else None,
            deadline_kind=deadline.kind if deadline else "",
            deadline=deadline.date.isoformat() if deadline else "",
        )
    )


def facts_of(context: dict[str, object] | None, box: str = "") -> dict[str, str | int | float] | None:
    """The small facts of a context that reach the state, and the box that an event names beside its level."""
    facts: dict[str, str | int | float] = {"box": box} if box else {}
    if not context:
        return facts or None
    for name in _KEPT:
        value = context.get(name)
        if isinstance(value, str | int | float):
            facts[name] = value
    phase = context.get(_PHASE)
    if isinstance(phase, str) and phase in PHASES:
        facts["phase"] = phase
    total = context.get(_TOTAL)
    if isinstance(total, int):
        facts[_TOTAL] = total
    if context.get(_PARTIAL) is True:
        facts[_PARTIAL] = 1
    manifested = context.get("manifested")
    if isinstance(manifested, dict):
        for name, value in (
            ("manifested_packages", manifested.get("packages")),
            ("manifested_unit", manifested.get("unit")),
            ("manifested_weight", manifested.get("weight_kg")),
        ):
            if isinstance(value, str | int | float):
                facts[name] = value
    return facts or None
