"""Place decides meaning: what a reported move means on this journey.

``loaded`` at an intermediate port is a transshipment; a vessel's arrival at the port of loading is no arrival
of the cargo. The log keeps what was reported; this works out the effective milestone from, in this order
(DECISIONS 10): the plan, the carrier's planned and estimated calls, the context in the messages, the order of events.
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
_EMPTY = frozenset({"empty_picked_up", "empty_returned"})
# Only these mean different things at different places.
PLACED = MOVES | _EMPTY | {"gate_in", "gate_out"}
_LADEN = frozenset({"gate_in", "loaded", "departed", "arrived", "discharged", "gate_out"})


def route(entries: list[Entry], plan: Plan) -> tuple[str, str]:
    """Port of loading and port of discharge, empty where nothing tells."""
    loading, discharge = plan.port_of_loading, plan.port_of_discharge
    if loading and discharge:
        return loading, discharge
    moves = [entry for entry in entries if entry.milestone in MOVES and entry.place]
    if any(entry.classifier != ACTUAL for entry in moves):
        first, last = _by_order(moves)
        # Estimates of one call do not make a plan of the journey: only an end that the calls reach is taken.
        if first != last:
            loading = loading or first
            discharge = discharge or last
    if not (loading and discharge):
        said = _said(entries)
        loading = loading or said[0]
        discharge = discharge or said[1]
    if not (loading and discharge):
        first, last = _by_order(moves)
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


def _by_order(moves: list[Entry]) -> tuple[str, str]:
    """The first place left and the last place reached that nothing leaves again."""
    outward = sorted((entry.occurred or 0, entry.id, entry.place) for entry in moves if entry.milestone in OUTWARD)
    inward = sorted((entry.occurred or 0, entry.id, entry.place) for entry in moves if entry.milestone in INWARD)
    first = outward[0][2] if outward else ""
    last = ""
    if inward:
        at, _, place = inward[-1]
        left_again = any(there == place and when >= at for when, _, there in outward)
        last = "" if left_again else place
    return first, last


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
        if entry.subject and entry.milestone in _LADEN and entry.classifier == ACTUAL and entry.occurred is not None:
            held = first.get(entry.subject)
            if held is None or entry.occurred < held:
                first[entry.subject] = entry.occurred
    return first
