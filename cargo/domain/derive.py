"""From the entries of a shipment to everything that people see of it: a pure function, without a clock."""

from __future__ import annotations

from cargo.domain.codes import MILESTONES
from cargo.domain.customs.clearance import clear
from cargo.domain.journey import belonging
from cargo.domain.readiness import lights, ready
from cargo.domain.removal import removal
from cargo.domain.roles import PLACED, effective, first_laden_moves, route
from cargo.domain.state import ACTUAL, Entry, better, has_first, key
from cargo.domain.view import ContainerView, Occurrence, Plan, View

MODES = {"vessel": "sea", "barge": "sea", "air": "air", "rail": "rail", "truck": "road"}
MODE_OF_JOURNEY = frozenset({"vessel", "air"})
_RANK = {code: row.rank for code, row in MILESTONES.items()}
_ALL_BOXES = frozenset({"available_for_pickup", "out_for_delivery", "delivered", "stripped", "empty_returned"})
_GONE = frozenset({"gate_out", "gate_out_before_release"})
_IN_BOND = frozenset(
    {"bonded_storage_in", "bonded_transport_departed", "bonded_transport_arrived", "bonded_transport_in_transit"}
)
_ARRIVED = frozenset({"arrived", "discharged", "discharge_approved", "vessel_berthed"})
_UNDER_WAY = frozenset({"departed", "transshipment_departed", "in_transit", "exported"})
_AT_TRANSSHIPMENT = frozenset({"transshipment_arrived", "transshipment_discharged", "transshipment_loaded"})
_AT_ORIGIN = frozenset(
    {
        "empty_picked_up",
        "picked_up",
        "cargo_received",
        "stuffed",
        "gate_in",
        "vgm_submitted",
        "manifested",
        "loaded",
        "export_declared",
        "export_cleared",
        "inland_loaded",
        "inland_departed",
    }
)
_BOOKED = frozenset({"booking_requested", "booking_confirmed", "booking_updated", "shipping_instructions_submitted"})


def derive(entries: list[Entry], plan: Plan) -> View:
    """The view of a shipment. Equal entries and plan give an equal view. Called for every message: two passes."""
    entries = belonging(entries, plan)
    view = View(load=plan.load)
    view.port_of_loading, view.port_of_discharge = route(entries, plan)
    view.clearance = clear(entries)
    _first_pass(view, entries, plan)
    removal(view)
    _second_pass(view)
    view.lights = lights(view)
    view.ready = ready(view.lights)
    return view


def _first_pass(view: View, entries: list[Entry], plan: Plan) -> None:
    """What each entry means here; mode, the latest news and the last free day; then the facts beside."""
    loading, discharge = view.port_of_loading, view.port_of_discharge
    laden_from = first_laden_moves(entries)
    add = view.occurrences.append
    mode = plan.mode
    latest = free_day = None
    telling = []
    expected: list[tuple[str, Entry]] = []
    for entry in entries:
        milestone, occurred, actual = entry.milestone, entry.occurred, entry.classifier == ACTUAL
        if entry.facts:
            telling.append(entry)
        if not mode and entry.mode in MODE_OF_JOURNEY:
            mode = MODES[entry.mode]
        if actual and occurred is not None and (latest is None or occurred > latest) and not entry.implausible:
            latest = occurred
        rare = entry.rare
        if rare and rare.deadline_kind == "last_free_day" and (free_day is None or rare.deadline < free_day):
            free_day = rare.deadline
        if milestone in PLACED:
            reported = milestone
            milestone = effective(entry, loading, discharge, laden_from)
            if not milestone:
                continue
            if not actual and reported == "arrived" and has_first(entry):
                expected.append((milestone, entry))
                continue
        add(Occurrence(milestone, entry, occurred, entry.subject))
    view.mode = mode
    view.last_event_at = latest
    view.last_free_day = free_day
    if expected:
        _expected_arrivals(view, expected)
    _facts(view, telling)


def _expected_arrivals(view: View, expected: list[tuple[str, Entry]]) -> None:
    """Of each place and classifier the estimate that stands; the first one told is what a delay is measured from."""
    best: dict[tuple[object, ...], tuple[str, Entry]] = {}
    first: tuple[int, int] | None = None
    for milestone, entry in expected:
        k = key(entry)
        held = best.get(k)
        if held is None or better(held[1], entry) is entry:
            best[k] = (milestone, entry)
        if milestone == "arrived" and entry.occurred is not None:
            told = (entry.reported or 0, entry.occurred)
            first = told if first is None or told < first else first
    view.occurrences += [Occurrence(code, entry, entry.occurred, entry.subject) for code, entry in best.values()]
    view.eta_first = first[1] if first else None


def _facts(view: View, telling: list[Entry]) -> None:
    """The carrier and what was manifested, by the last report of each."""
    carrier: tuple[int, str, str] = (-1, "", "")
    manifested: tuple[int, str, Entry | None] = (-1, "", None)
    for entry in telling:
        facts = entry.facts
        if not facts:
            continue
        reported = entry.reported or 0
        if reported >= carrier[0] and "carrier" in facts and (reported, entry.id) > carrier[:2]:
            carrier = (reported, entry.id, str(facts["carrier"]))
        if ("manifested_packages" in facts or "manifested_weight" in facts) and (reported, entry.id) > manifested[:2]:
            manifested = (reported, entry.id, entry)
    view.carrier = carrier[2]
    if manifested[2] is not None and manifested[2].facts:
        facts = manifested[2].facts
        packages, weight = facts.get("manifested_packages"), facts.get("manifested_weight")
        view.manifested = (
            int(packages) if packages is not None else None,
            str(facts.get("manifested_unit", "")),
            float(weight) if weight is not None else None,
        )


def _second_pass(view: View) -> None:
    """Containers, the furthest milestone, the status and the arrival, from what each entry means."""
    found: dict[str, ContainerView] = {}
    reached: dict[str, int] = {}
    boxes: dict[str, set[str]] = {}
    whole: set[str] = set()
    arriving: list[Occurrence] = []
    for occurrence in view.occurrences:
        entry, milestone, number = occurrence.entry, occurrence.milestone, occurrence.subject
        if milestone == "arrived":
            arriving.append(occurrence)
        if number:
            container = found.get(number)
            if container is None:
                container = found[number] = ContainerView(number)
            if entry.facts and not container.iso_code and "iso" in entry.facts:
                container.iso_code = str(entry.facts["iso"])
        else:
            container = None
            if entry.facts and "box" in entry.facts:
                found.setdefault(str(entry.facts["box"]), ContainerView(str(entry.facts["box"])))
        if entry.classifier != ACTUAL:
            continue
        at = occurrence.occurred or 0
        if container is not None:
            _moved(container, milestone, at)
            if milestone in _ALL_BOXES:
                boxes.setdefault(milestone, set()).add(number)
        elif milestone in _ALL_BOXES:
            whole.add(milestone)
        if at >= reached.get(milestone, -1):
            reached[milestone] = at
    view.containers = [found[number] for number in sorted(found)]
    _released(view)
    _unreach(view, reached, {code: numbers for code, numbers in boxes.items() if code not in whole})
    view.milestone = max(reached, key=_furthest, default="")
    view.status = _status(view, reached)
    _arrival(view, arriving)


def _furthest(milestone: str) -> tuple[int, str]:
    return _RANK[milestone], milestone


def _moved(container: ContainerView, milestone: str, at: int) -> None:
    rank = _RANK[milestone]
    if rank > container.rank:
        container.rank, container.milestone = rank, milestone
    if container.last_at is None or at > container.last_at:
        container.last_at = at
    if milestone in _GONE:
        container.gone = True


def _released(view: View) -> None:
    if not view.clearance.releases:
        return
    standing = {row.entry.subject for row in view.clearance.releases if row.revoked_at is None}
    for container in view.containers:
        container.released = "" in standing or container.number in standing


def _unreach(view: View, reached: dict[str, int], boxes: dict[str, set[str]]) -> None:
    """Takes out what is not true of the whole: releases that do not stand, and what only some of the boxes did."""
    if view.clearance.standing_release is None:
        reached.pop("customs_released", None)
        reached.pop("customs_released_provisional", None)
    if view.gated_out_at is None:
        reached.pop("gate_out", None)
    for milestone, numbers in boxes.items():
        if len(numbers) < len(view.containers):
            reached.pop(milestone, None)


def _status(view: View, reached: dict[str, int]) -> str:
    if "empty_returned" in reached:
        return "completed"
    if "delivered" in reached:
        return "delivered"
    if view.gated_out_at is not None:
        return "delivered_out"
    if "available_for_pickup" in reached:
        return "available"
    seen = reached.keys()
    if not _IN_BOND.isdisjoint(seen):
        return "in_bond"
    if not _ARRIVED.isdisjoint(seen):
        return "arrived"
    moving = max((reached[code] for code in seen & _UNDER_WAY), default=None)
    waiting = max((reached[code] for code in seen & _AT_TRANSSHIPMENT), default=None)
    if waiting is not None and (moving is None or waiting > moving):
        return "at_transshipment"
    if moving is not None:
        return "in_transit"
    if not _AT_ORIGIN.isdisjoint(seen):
        return "at_origin"
    booked = max((reached[code] for code in seen & _BOOKED), default=None)
    if "booking_cancelled" in reached and (booked is None or reached["booking_cancelled"] >= booked):
        return "cancelled"
    return "booked" if booked is not None else "expected"


def _arrival(view: View, arriving: list[Occurrence]) -> None:
    """When the main carriage reached the port of discharge, and the best estimate until then."""
    best: tuple[tuple[int, int, int, str], Entry] | None = None
    for occurrence in arriving:
        if occurrence.occurred is None:
            continue
        entry = occurrence.entry
        if entry.classifier == ACTUAL:
            if view.arrived_at is None or occurrence.occurred < view.arrived_at:
                view.arrived_at = occurrence.occurred
            continue
        order = (entry.classifier, -entry.rank, entry.reported or 0, entry.id)
        if best is None or order > best[0]:
            best = (order, entry)
    view.eta = best[1] if best else None
