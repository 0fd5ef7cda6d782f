"""From the entries of a shipment to everything that people see of it: a pure function, without a clock."""

from __future__ import annotations

import msgspec

from cargo.domain.codes import MILESTONES
from cargo.domain.customs.clearance import CONCERNED, clear_concerned
from cargo.domain.journey import belonging
from cargo.domain.parts import in_parts, whole_at
from cargo.domain.readiness import lights, ready
from cargo.domain.removal import removal
from cargo.domain.roles import BY_PLACE, LADEN, MOVES, PLACED, by_phase, effective, route_of
from cargo.domain.state import ACTUAL, Entry, better, has_first, key
from cargo.domain.view import ContainerView, Occurrence, Plan, View

MODES = {"vessel": "sea", "barge": "sea", "air": "air", "rail": "rail", "truck": "road"}
MODE_OF_JOURNEY = frozenset({"vessel", "air"})
_NEVER = 1 << 62
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


# What the first pass does with a milestone: one look-up instead of several.
_MOVES, _CUSTOMS, _LADEN_MOVE, _PLACED, _BY_PLACE = 1, 2, 4, 8, 16
_KIND = {
    code: sum(
        bit
        for bit, codes in (
            (_MOVES, MOVES), (_CUSTOMS, CONCERNED), (_LADEN_MOVE, LADEN), (_PLACED, PLACED), (_BY_PLACE, BY_PLACE),
        )
        if code in codes
    )
    for code in MILESTONES
}  # fmt: skip


class _Sorted(msgspec.Struct):
    """What one pass over the entries finds. ``laden_from``: for each container the instant of its first laden move."""

    moves: list[Entry] = []
    customs: list[Entry] = []
    telling: list[Entry] = []
    laden_from: dict[str, int] = {}


def derive(entries: list[Entry], plan: Plan) -> View:
    """The view of a shipment. Equal entries and plan give an equal view. Called for every message: three passes."""
    entries = belonging(entries, plan)
    view = View(load=plan.load, organization=plan.organization)
    found = _sort_out(view, entries, plan)
    view.port_of_loading, view.port_of_discharge = route_of(found.moves, entries, plan)
    if found.customs:
        view.clearance = clear_concerned(found.customs)
    _place(view, entries, found.laden_from, planned=bool(plan.port_of_loading and plan.port_of_discharge))
    _facts(view, found.telling)
    removal(view)
    _second_pass(view)
    view.lights = lights(view)
    view.ready = ready(view.lights)
    return view


def _sort_out(view: View, entries: list[Entry], plan: Plan) -> _Sorted:
    """Mode, the latest news and the last free day; and the entries by what they are for."""
    found = _Sorted()
    laden_from = found.laden_from
    mode = plan.mode
    latest = free_day = None
    for entry in entries:
        kind, occurred = _KIND[entry.milestone], entry.occurred
        if entry.classifier == ACTUAL:
            if kind & _CUSTOMS:
                found.customs.append(entry)
            if occurred is not None:
                if (latest is None or occurred > latest) and not entry.implausible:
                    latest = occurred
                if kind & _LADEN_MOVE and entry.subject and occurred < laden_from.get(entry.subject, _NEVER):
                    laden_from[entry.subject] = occurred
        if kind & _MOVES and entry.place:
            found.moves.append(entry)
        if entry.facts is not None:
            found.telling.append(entry)
        if not mode and entry.mode in MODE_OF_JOURNEY:
            mode = MODES[entry.mode]
        rare = entry.rare
        if rare is not None and rare.deadline_kind == "last_free_day" and (not free_day or rare.deadline < free_day):
            free_day = rare.deadline
    view.mode = mode
    view.last_event_at = latest
    view.last_free_day = free_day
    return found


def _place(view: View, entries: list[Entry], laden_from: dict[str, int], *, planned: bool) -> None:
    """What each entry means on this journey. ``planned``: a person said where it begins and ends."""
    loading, discharge = view.port_of_loading, view.port_of_discharge
    add = view.occurrences.append
    expected: list[tuple[str, Entry]] = []
    meanings: dict[tuple[str, str], str] = {}
    for entry in entries:
        milestone = entry.milestone
        kind = _KIND[milestone]
        if kind & _PLACED:
            phase = None if planned or entry.facts is None else entry.facts.get("phase")
            if phase is not None:
                milestone = by_phase(entry, str(phase))
            elif kind & _BY_PLACE:
                # Calls repeat: what one milestone means at one place is worked out once.
                where = (milestone, entry.place)
                known = meanings.get(where)
                if known is None:
                    known = meanings[where] = effective(entry, loading, discharge, laden_from)
                milestone = known
            else:
                milestone = effective(entry, loading, discharge, laden_from)
            if not milestone:
                continue
            if has_first(entry):
                expected.append((milestone, entry))
                continue
        add(Occurrence(milestone, entry, entry.occurred, entry.subject))
    if expected:
        _expected_calls(view, expected)


def _expected_calls(view: View, expected: list[tuple[str, Entry]]) -> None:
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
    # From the end: entries lie in order of time, so that the last report comes early.
    for entry in reversed(telling):
        facts = entry.facts
        if not facts:
            continue
        reported = entry.reported or 0
        if reported >= carrier[0] and "carrier" in facts:
            carrier = max(carrier, (reported, entry.id, str(facts["carrier"])))
        if reported < manifested[0]:
            continue
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
        facts = entry.facts
        container = None
        if number:
            container = found.get(number)
            if container is None:
                container = found[number] = ContainerView(number)
            if facts is not None and not container.iso_code:
                container.iso_code = str(facts.get("iso", ""))
        elif facts is not None:
            box = facts.get("box")
            if box is not None and box not in found:
                found[str(box)] = ContainerView(str(box))
        if milestone == "arrived":
            arriving.append(occurrence)
        if entry.classifier != ACTUAL:
            continue
        at = occurrence.occurred or 0
        if container is not None:
            _moved(container, milestone, occurrence.occurred)
        if milestone in _ALL_BOXES:
            if container is not None:
                boxes.setdefault(milestone, set()).add(number)
            else:
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


def _moved(container: ContainerView, milestone: str, at: int | None) -> None:
    rank = _RANK[milestone]
    if rank > container.rank:
        container.rank, container.milestone = rank, milestone
    if at is not None and (container.last_at is None or at > container.last_at):
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
    """Takes out what is not true of the whole: releases that do not stand, what some of the boxes or pieces did."""
    if view.clearance.standing_release is None:
        reached.pop("customs_released", None)
        reached.pop("customs_released_provisional", None)
    if view.gated_out_at is None:
        reached.pop("gate_out", None)
    for milestone, numbers in boxes.items():
        if len(numbers) < len(view.containers):
            reached.pop(milestone, None)
    if "delivered" in reached:
        delivered = view.actual("delivered")
        if in_parts(delivered) and whole_at(delivered) is None:
            del reached["delivered"]


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
        order = belief(entry)
        if best is None or order > best[0]:
            best = (order, entry)
    view.eta = best[1] if best else None


def belief(entry: Entry) -> tuple[int, int, int, str]:
    """Of several expected arrivals the one with the greatest counts."""
    return entry.classifier, -entry.rank, entry.reported or 0, entry.id
