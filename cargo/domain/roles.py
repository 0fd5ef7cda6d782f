"""Place decides meaning: what a reported move means on this journey.

``loaded`` at an intermediate port is a transshipment; a vessel's arrival at the port of loading is no arrival
of the cargo. The log keeps what was reported; this works out the effective milestone from, in this order
(DECISIONS 10): the plan, the carrier's planned and estimated calls, the context in the messages, the order of events.
Where a source names the leg itself (export, transshipment, import), that decides unless a person's plan does.
"""

from __future__ import annotations

from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Plan

OUTWARD = frozenset({"loaded", "departed"})
INWARD = frozenset({"arrived", "discharged"})
MOVES = OUTWARD | INWARD
TRANSSHIPMENT = {
    "loaded": "transshipment_loaded",
    "departed": "transshipment_departed",
    "arrived": "transshipment_arrived",
    "discharged": "transshipment_discharged",
}
PHASES = frozenset({"export", "transshipment", "import"})
_EMPTY = frozenset({"empty_picked_up", "empty_returned"})
# Only these mean different things at different places.
BY_PLACE = MOVES | {"gate_in", "gate_out"}
PLACED = BY_PLACE | _EMPTY
LADEN = frozenset({"gate_in", "loaded", "departed", "arrived", "discharged", "gate_out"})


def route(entries: list[Entry], plan: Plan) -> tuple[str, str]:
    """Port of loading and port of discharge, empty where nothing tells."""
    return route_of([entry for entry in entries if entry.milestone in MOVES and entry.place], entries, plan)


def route_of(moves: list[Entry], entries: list[Entry], plan: Plan) -> tuple[str, str]:
    """The same for those of the entries that are moves at a known place."""
    loading, discharge = plan.port_of_loading, plan.port_of_discharge
    if loading and discharge:
        return loading, discharge
    legs = _by_phase(moves)
    loading, discharge = loading or legs[0], discharge or legs[1]
    if loading and discharge:
        return loading, discharge
    ends = _by_order(moves)
    if ends[0] != ends[1] and any(entry.classifier != ACTUAL for entry in moves):
        # Estimates of one call do not make a plan of the journey: only an end that the calls reach is taken.
        loading = loading or ends[0]
        discharge = discharge or ends[1]
    if not (loading and discharge):
        said = _said(entries)
        loading = loading or said[0]
        discharge = discharge or said[1]
    if not (loading and discharge):
        first, last = ends
        loading = loading or (first if first != discharge else "")
        discharge = discharge or (last if last != loading else "")
    return loading, discharge


def _said(entries: list[Entry]) -> tuple[str, str]:
    """The ports named in the messages themselves; of each the last report, whatever came in first."""
    loading: tuple[int, str, str] = (-1, "", "")
    discharge = loading
    for entry in entries:
        rare = entry.rare
        if rare is None:
            continue
        if rare.port_of_loading:
            loading = max(loading, (entry.reported or 0, entry.id, rare.port_of_loading))
        if rare.port_of_discharge:
            discharge = max(discharge, (entry.reported or 0, entry.id, rare.port_of_discharge))
    return loading[2], discharge[2]


def _by_phase(moves: list[Entry]) -> tuple[str, str]:
    """The port left in the export leg and the one reached in the import leg; of each the last report."""
    loading: tuple[int, str, str] = (-1, "", "")
    discharge = loading
    for entry in moves:
        phase = entry.facts.get("phase") if entry.facts is not None else None
        if phase == "export" and entry.milestone in OUTWARD:
            loading = max(loading, (entry.reported or 0, entry.id, entry.place))
        elif phase == "import" and entry.milestone in INWARD:
            discharge = max(discharge, (entry.reported or 0, entry.id, entry.place))
    return loading[2], discharge[2]


def _by_order(moves: list[Entry]) -> tuple[str, str]:
    """The first place left and the last place reached that nothing leaves again."""
    left: tuple[int, str, str] | None = None
    reached: tuple[int, str, str] | None = None
    for entry in moves:
        if entry.facts is not None and entry.facts.get("phase") == "transshipment":
            continue
        move = (entry.occurred or 0, entry.id, entry.place)
        if entry.milestone in OUTWARD:
            if left is None or move < left:
                left = move
        elif reached is None or move > reached:
            reached = move
    first = left[2] if left else ""
    if reached is None:
        return first, ""
    at, _, place = reached
    for entry in moves:
        if entry.place == place and entry.milestone in OUTWARD and (entry.occurred or 0) >= at:
            return first, ""
    return first, place


def by_phase(entry: Entry, phase: str) -> str:
    """The same where the source itself names the leg of the journey."""
    milestone = entry.milestone
    if milestone not in MOVES:
        return milestone
    if phase == "transshipment":
        return TRANSSHIPMENT[milestone]
    return milestone if (phase == "export") == (milestone in OUTWARD) else ""


def effective(entry: Entry, loading: str, discharge: str, laden_from: dict[str, int]) -> str:
    """The milestone that an entry means on this journey, or an empty text where it means nothing to the cargo.

    ``laden_from``: for each container the instant of its first laden move, which tells an empty box's
    pick-up (before) from its return (after).
    """
    milestone = entry.milestone
    if milestone in MOVES:
        return _move(milestone, entry.place, loading, discharge)
    if milestone == "gate_out":
        return "" if entry.place and entry.place == loading != discharge else milestone
    if milestone == "gate_in":
        return "" if entry.place and entry.place == discharge != loading else milestone
    if milestone in _EMPTY and entry.occurred is not None:
        first = laden_from.get(entry.subject)
        if first is not None and (entry.occurred < first) != (milestone == "empty_picked_up"):
            return ""
    return milestone


def _move(milestone: str, place: str, loading: str, discharge: str) -> str:
    if not place or (not loading and not discharge):
        return milestone
    if milestone in OUTWARD:
        if place == loading or (not loading and place != discharge):
            return milestone
        return "" if place == discharge else TRANSSHIPMENT[milestone]
    if place == discharge or (not discharge and place != loading):
        return milestone
    return "" if place == loading else TRANSSHIPMENT[milestone]


def first_laden_moves(entries: list[Entry]) -> dict[str, int]:
    """For each container the instant of its first actual laden move."""
    first: dict[str, int] = {}
    for entry in entries:
        if entry.subject and entry.milestone in LADEN and entry.classifier == ACTUAL and entry.occurred is not None:
            held = first.get(entry.subject)
            if held is None or entry.occurred < held:
                first[entry.subject] = entry.occurred
    return first
