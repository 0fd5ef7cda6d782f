"""From the entries of a shipment to everything that people see of it: a pure function, without a clock."""

from __future__ import annotations

from cargo.domain.codes import MILESTONES
from cargo.domain.customs.clearance import clear
from cargo.domain.journey import belonging
from cargo.domain.readiness import lights, ready
from cargo.domain.removal import removal
from cargo.domain.roles import PLACED, effective, first_laden_moves, route
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import ContainerView, Occurrence, Plan, View

MODES = {"vessel": "sea", "barge": "sea", "air": "air", "rail": "rail", "truck": "road"}
_RANK = {code: row.rank for code, row in MILESTONES.items()}
_ALL_BOXES = frozenset({"available_for_pickup", "out_for_delivery", "delivered", "stripped", "empty_returned"})
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
    """The view of a shipment. Equal entries and plan give an equal view."""
    entries = belonging(entries, plan)
    view = View(load=plan.load)
    view.port_of_loading, view.port_of_discharge = route(entries, plan)
    view.clearance = clear(entries)
    laden_from = first_laden_moves(entries)
    occurrences = view.occurrences
    loading, discharge = view.port_of_loading, view.port_of_discharge
    for entry in entries:
        milestone = entry.milestone
        if milestone in PLACED:
            milestone = effective(entry, loading, discharge, laden_from)
            if not milestone:
                continue
        occurrences.append(Occurrence(milestone, entry, entry.occurred, entry.subject))
    _facts(view, entries, plan)
    removal(view)
    _containers(view)
    _milestone_and_status(view)
    _arrival(view)
    view.lights = lights(view)
    view.ready = ready(view.lights)
    return view


def _facts(view: View, entries: list[Entry], plan: Plan) -> None:
    """Mode, carrier, what was manifested, the latest news and the last free day, in one pass."""
    mode = plan.mode
    carrier: tuple[int, str, str] = (-1, "", "")
    manifested: tuple[int, str, Entry | None] = (-1, "", None)
    latest = None
    free_day = None
    for entry in entries:
        if not mode and entry.mode in ("vessel", "air"):
            mode = MODES[entry.mode]
        facts = entry.facts
        if facts:
            reported = entry.reported or 0
            if "carrier" in facts:
                carrier = max(carrier, (reported, entry.id, str(facts["carrier"])))
            if ("manifested_packages" in facts or "manifested_weight" in facts) and (
                reported,
                entry.id,
            ) > manifested[:2]:
                manifested = (reported, entry.id, entry)
        if entry.classifier == ACTUAL and entry.occurred is not None and not entry.implausible:
            latest = entry.occurred if latest is None or entry.occurred > latest else latest
        if entry.deadline_kind == "last_free_day" and (free_day is None or entry.deadline < free_day):
            free_day = entry.deadline
    view.mode = mode
    view.carrier = carrier[2]
    view.last_event_at = latest
    view.last_free_day = free_day
    if manifested[2] is not None and manifested[2].facts:
        facts = manifested[2].facts
        packages, weight = facts.get("manifested_packages"), facts.get("manifested_weight")
        view.manifested = (
            int(packages) if packages is not None else None,
            str(facts.get("manifested_unit", "")),
            float(weight) if weight is not None else None,
        )


def _containers(view: View) -> None:
    found: dict[str, ContainerView] = {}
    for occurrence in view.occurrences:
        number = occurrence.subject
        if not number:
            box = occurrence.entry.facts.get("box") if occurrence.entry.facts else None
            if box and str(box) not in found:
                found[str(box)] = ContainerView(str(box))
            continue
        container = found.get(number)
        if container is None:
            container = found[number] = ContainerView(number)
        entry = occurrence.entry
        if entry.facts and "iso" in entry.facts:
            container.iso_code = str(entry.facts["iso"])
        if entry.classifier != ACTUAL:
            continue
        rank = _RANK[occurrence.milestone]
        if rank > container.rank:
            container.rank, container.milestone = rank, occurrence.milestone
        if entry.occurred is not None and (container.last_at is None or entry.occurred > container.last_at):
            container.last_at = entry.occurred
        if occurrence.milestone in ("gate_out", "gate_out_before_release"):
            container.gone = True
    if view.clearance.releases:
        whole = any(not row.entry.subject and row.revoked_at is None for row in view.clearance.releases)
        boxes = {row.entry.subject for row in view.clearance.releases if row.revoked_at is None}
        for container in found.values():
            container.released = whole or container.number in boxes
    view.containers = [found[number] for number in sorted(found)]


def _milestone_and_status(view: View) -> None:
    standing = view.clearance.standing_release is not None
    seen: set[str] = set()
    reached: dict[str, int] = {}
    boxes: dict[str, set[str]] = {}
    best, best_rank = "", 0
    for occurrence in view.occurrences:
        entry = occurrence.entry
        if entry.classifier != ACTUAL:
            continue
        milestone = occurrence.milestone
        rank = _RANK[milestone]
        if rank >= 360:
            if milestone in ("customs_released", "customs_released_provisional") and not standing:
                continue
            if milestone == "gate_out" and view.gated_out_at is None:
                continue
            if milestone in _ALL_BOXES and occurrence.subject and len(view.containers) > 1:
                boxes.setdefault(milestone, set()).add(occurrence.subject)
                if len(boxes[milestone]) < len(view.containers):
                    continue
        seen.add(milestone)
        at = occurrence.occurred or 0
        if at >= reached.get(milestone, 0):
            reached[milestone] = at
        if rank > best_rank or (rank == best_rank and milestone > best):
            best, best_rank = milestone, rank
    view.milestone = best
    view.status = _status(view, seen, reached)


def _status(view: View, seen: set[str], reached: dict[str, int]) -> str:
    if "empty_returned" in seen:
        return "completed"
    if "delivered" in seen:
        return "delivered"
    if view.gated_out_at is not None:
        return "delivered_out"
    if "available_for_pickup" in seen:
        return "available"
    if seen & _IN_BOND:
        return "in_bond"
    if seen & _ARRIVED:
        return "arrived"
    moving = max((reached[code] for code in seen & _UNDER_WAY), default=None)
    waiting = max((reached[code] for code in seen & _AT_TRANSSHIPMENT), default=None)
    if waiting is not None and (moving is None or waiting > moving):
        return "at_transshipment"
    if moving is not None:
        return "in_transit"
    if seen & _AT_ORIGIN:
        return "at_origin"
    booked = max((reached[code] for code in seen & _BOOKED), default=None)
    if "booking_cancelled" in seen and (booked is None or reached["booking_cancelled"] >= booked):
        return "cancelled"
    return "booked" if booked is not None else "expected"


def _arrival(view: View) -> None:
    """When the main carriage reached the port of discharge, and the best estimate until then."""
    best: tuple[tuple[int, int, int, str], Entry] | None = None
    first: tuple[int, int] | None = None
    for occurrence in view.occurrences:
        if occurrence.milestone != "arrived" or occurrence.occurred is None:
            continue
        entry = occurrence.entry
        if entry.classifier == ACTUAL:
            if view.arrived_at is None or occurrence.occurred < view.arrived_at:
                view.arrived_at = occurrence.occurred
            continue
        order = (entry.classifier, -entry.rank, entry.reported or 0, entry.id)
        if best is None or order > best[0]:
            best = (order, entry)
        told = (entry.reported or 0, occurrence.occurred)
        if first is None or told < first:
            first = told
    view.eta = best[1] if best else None
    view.eta_first = first[1] if first else None
