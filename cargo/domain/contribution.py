"""From an event to what it contributes to a state."""

from __future__ import annotations

from cargo.domain.codes import MILESTONES
from cargo.domain.customs.clearance import CONCERNED
from cargo.domain.customs.regimes import regime_of
from cargo.domain.event import Event
from cargo.domain.matching import HOUSE, MASTER
from cargo.domain.places import place as known_place
from cargo.domain.roles import PHASES
from cargo.domain.snapshots import is_version
from cargo.domain.state import CLASSIFIER_CODES, Entry, Rare, rare_or_none

# Small facts of an event's context that the state needs.
_KEPT = ("carrier", "iso", "storage_months", "removal_days", "notice", "destination", "broker", "load_type")
# By air: the pieces of the whole waybill, and that an event is of some of them only.
_TOTAL, _PARTIAL = "total_packages", "partial"
# What is told once for each cycle: a hold or release that a snapshot says anew is news again.
_CYCLES = frozenset({"hold_open", "release"})
# A bill is one of these two, whatever the table's level for the milestone: it is a house bill where one is named.
_BILL_LEVELS = frozenset({"declaration", "house", "master"})
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
    version: str = "",
) -> Entry:
    """The entry of an event. ``occurred`` and ``reported`` are whole seconds since 1970 (UTC).

    ``version``: the report's, which tells whether a snapshot says it anew after another one did not.
    """
    subject = declaration = cargo = box = house = master = ""
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
        elif kind in HOUSE:
            house = house or reference.value
        elif kind in MASTER:
            master = master or reference.value
    transport, context = event.transport, event.context
    facts, level = _facts(event, box), event.level
    if event.authority and event.milestone in CONCERNED:
        own = _customs_own(event, house or master, version)
        if own:
            facts = {**facts, **own} if facts else own
            if "bill" in own and level in _BILL_LEVELS:
                level = "house" if house else "master"
    return Entry(
        milestone=event.milestone,
        classifier=CLASSIFIER_CODES[event.classifier],
        occurred=occurred,
        reported=reported,
        rank=rank,
        id=event_id,
        level=level,
        subject=subject,
        place=place_code(event),
        source=source,
        mode=(transport.mode or "") if transport else "",
        weak=weak,
        implausible=bool(context and context.get("implausible_time")),
        facts=facts,
        rare=_rare(event, declaration, cargo),
    )


def _facts(event: Event, box: str) -> dict[str, str | int | float] | None:
    """The small facts; of a departure that lies ahead also with what, so that cargo moved to another sailing shows."""
    context, transport = event.context, event.transport
    facts = facts_of(context, box) if context or box else None
    if transport is None or event.milestone != "departed" or event.classifier == "actual":
        return facts
    named = {"imo": transport.imo, "vessel": transport.vessel_name, "voyage": transport.voyage}
    sailing = {name: value for name, value in named.items() if value}
    return {**(facts or {}), **sailing} or None


def _customs_own(event: Event, bill: str, version: str) -> dict[str, str | int | float]:
    """What customs' words add: the authority's code and the bill where its rules go by them, and the cycle."""
    regime = regime_of(event.authority or "")
    own: dict[str, str | int | float] = {}
    if regime.keeps_code and event.source_code:
        own["code"] = event.source_code
    if regime.keeps_bill and bill:
        own["bill"] = bill
    if version and MILESTONES[event.milestone].effect in _CYCLES and is_version(version):
        own["anew"] = version
    return own


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
