"""What does not fit: rolled, dwelling, silent, off the route, conflicting (``conflicts``), an impossible order.

Each rule gives findings with the instants from which and up to which the clock makes them true, and states what it
tolerates: sources round and delay, and cargo may lie for a while. Instants are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cargo.domain.codes import MILESTONES
from cargo.domain.conflicts import conflicts
from cargo.domain.finding import DAY, FINISHED, HOUR, UNDER_WAY, Finding, Heard, Rule, facts, happened, subject_of
from cargo.domain.readiness import blocking, whole_release
from cargo.domain.roles import MOVES, TRANSSHIPMENT
from cargo.domain.state import ACTUAL, Entry, better, has_first
from cargo.domain.view import View

# A planned departure that moved by more than this is another sailing.
ROLLED_FROM = 2 * DAY
# How long cargo may lie, by the kind of place and whether it goes by air.
DWELL = {
    "transshipment": (10 * DAY, 2 * DAY),
    "origin": (10 * DAY, 3 * DAY),
    "terminal": (5 * DAY, 2 * DAY),
    "warehouse": (14 * DAY, 7 * DAY),
}
# A carrier is silent after so long on the way, or so long after the arrival was expected.
SILENT_UNDER_WAY = 5 * DAY
SILENT_AFTER_ETA = 3 * DAY
# A source that sends every few minutes does not speak of every cargo each time.
SILENT_AT_LEAST = DAY
# What cannot be is told for so long: once the journey is over nobody can mend it.
ORDER_TOLD_FOR = 30 * DAY

_LIES_AT = {
    "gate_in": "origin",
    "cargo_received": "origin",
    "transshipment_discharged": "transshipment",
    "discharged": "terminal",
    "bonded_storage_in": "warehouse",
    "bonded_transport_arrived": "warehouse",
}
_GOES_ON = frozenset(
    {
        "loaded", "departed", "transshipment_loaded", "transshipment_departed", "arrived", "bonded_transport_departed",
        "inland_departed", "gate_out", "gate_out_before_release", "out_for_delivery", "delivered", "exported",
        "stripped", "empty_returned",
    }
)  # fmt: skip
_OFF = frozenset(TRANSSHIPMENT.values())
# (what comes first, what comes after it, at the same place, tolerance): the second cannot be earlier by more.
_ORDER = (
    ("departed", "arrived", False, DAY),
    ("loaded", "departed", True, 6 * HOUR),
    ("arrived", "discharged", True, 6 * HOUR),
    ("discharged", "gate_out", False, 2 * HOUR),
    ("transshipment_arrived", "transshipment_discharged", True, 6 * HOUR),
    ("transshipment_loaded", "transshipment_departed", True, 6 * HOUR),
)

# Of several, the last one counts: a box that was rolled sails with the next vessel.
_LATEST = frozenset({"departed", "transshipment_departed"})


def anomalies(view: View, entries: Sequence[Entry], heard: Sequence[Heard]) -> Iterator[Rule]:
    """Everything that does not fit. ``entries``: those of the view; ``heard``: who has told of the cargo."""
    yield from _rolled(view, entries)
    yield from _dwelling(view)
    yield from _silent(view, heard)
    yield from _off_route(view, entries)
    yield from conflicts(view, entries, heard)
    yield from _impossible(view)


def _rolled(view: View, entries: Iterable[Entry]) -> Iterator[Rule]:
    """The carrier says so, or the planned departure is another sailing than the one first told."""
    sailed = max((at for at, o in happened(view) if o.milestone in ("departed", "transshipment_departed")), default=0)
    told = [(at, o) for at, o in happened(view) if o.milestone == "rolled" and at > sailed]
    if told and view.arrived_at is None and view.status not in FINISHED:
        at, occurrence = max(told, key=lambda row: (row[0], row[1].entry.id))
        known = facts(place=occurrence.entry.place, container=occurrence.subject)
        yield Rule(Finding("rolled", "", at, "forwarder", "confirm_sailing", None, "rolled_by_carrier", known))
        return
    if sailed or view.status not in UNDER_WAY | {"expected"}:
        return
    planned = [entry for entry in entries if _is_sailing(entry, view)]
    if len(planned) < 2:
        return
    first = min(planned, key=lambda entry: (entry.reported or 0, entry.id))
    best = planned[0]
    for entry in planned:
        best = entry if (entry.classifier, better(entry, best) is entry) > (best.classifier, False) else best
    reason = _moved(first, best)
    if reason:
        known = facts(
            before_at=first.occurred,
            now_at=best.occurred,
            before=_sailing(first),
            now=_sailing(best),
            place=best.place,
        )
        yield Rule(Finding("rolled", "", best.reported, "forwarder", "confirm_sailing", None, reason, known))


def _is_sailing(entry: Entry, view: View) -> bool:
    """A departure that lies ahead, from the port of loading."""
    if not has_first(entry) or entry.milestone != "departed" or entry.occurred is None:
        return False
    return not view.port_of_loading or entry.place == view.port_of_loading


def _moved(first: Entry, best: Entry) -> str:
    before, now = first.facts or {}, best.facts or {}
    for name in ("voyage", "imo"):
        one, other = (str(side.get(name, "")).lstrip("0").upper() for side in (before, now))
        if one and other:
            if one != other:
                return "another_sailing"
            break
    return "later_departure" if (best.occurred or 0) - (first.occurred or 0) > ROLLED_FROM else ""


def _sailing(entry: Entry) -> str:
    known = entry.facts or {}
    return " ".join(str(known[name]) for name in ("vessel", "voyage") if name in known)


def _dwelling(view: View) -> Iterator[Rule]:
    """Cargo lies at one place longer than usual. Told of the whole, a move is one of every box.

    Once all of it is released somebody has only to come for it, which ``not_collected`` says.
    """
    if view.status in FINISHED or view.gated_out_at is not None or whole_release(view) is not None:
        return
    last: dict[str, tuple[int, int, str, str]] = {}
    for at, occurrence in happened(view):
        milestone = occurrence.milestone
        if milestone not in _LIES_AT and milestone not in _GOES_ON:
            continue
        step = (at, MILESTONES[milestone].rank, milestone, occurrence.entry.place)
        last[occurrence.subject] = max(step, last.get(occurrence.subject, step))
    whole = last.pop("", None)
    lying: dict[tuple[str, str], int] = {}
    for step in last.values() or ([whole] if whole else []):
        at, _rank, milestone, place = step if whole is None else max(step, whole)
        if milestone in _LIES_AT:
            key = (_LIES_AT[milestone], place)
            lying[key] = min(at, lying.get(key, at))
    for (kind, place), since in sorted(lying.items()):
        known = facts(place=place, where=kind)
        finding = Finding("dwelling", subject_of(kind, place), since, *_mover(view, kind), None, "", known)
        yield Rule(finding, begins=since + DWELL[kind][view.mode == "air"])


def _mover(view: View, kind: str) -> tuple[str, str]:
    if kind == "transshipment":
        return "carrier", "move_on"
    if kind == "origin":
        return "carrier", "load_cargo"
    for light in blocking(view.lights):
        if light.responsible and light.next_action:
            return light.responsible, light.next_action
    return "importer", "collect"


def _silent(view: View, heard: Sequence[Heard]) -> Iterator[Rule]:
    """A source that should be heard is not: at its own pace where that is known, else the carrier while under way."""
    if view.status in FINISHED or not heard:
        return
    expected = view.eta.occurred if view.eta is not None else None
    carriers = [source for source in heard if source.kind == "carrier"]
    leading = max(carriers, key=lambda source: (source.at, source.source), default=None)
    for source in heard:
        if source.every is not None:
            begins = source.at + max(source.every, SILENT_AT_LEAST)
        elif source is leading and view.status in ("in_transit", "at_transshipment") and view.arrived_at is None:
            begins = source.at + SILENT_UNDER_WAY
            if expected is not None:
                begins = min(begins, max(source.at, expected) + SILENT_AFTER_ETA)
        else:
            continue
        known = facts(source=source.name, heard_at=source.at)
        subject = subject_of(str(source.source))
        yield Rule(
            Finding("silent", subject, source.at, "operator", "ask_source", None, "not_heard", known), begins=begins
        )


def _off_route(view: View, entries: Iterable[Entry]) -> Iterator[Rule]:
    """A move at a port that nobody announced. Only where the calls were announced: else every transshipment is one."""
    if view.arrived_at is not None or view.status in FINISHED:
        return
    announced = {entry.place for entry in entries if entry.milestone in MOVES and entry.classifier != ACTUAL}
    announced.discard("")
    if len(announced) < 2:
        return
    known = announced | {view.port_of_loading, view.port_of_discharge}
    first: dict[str, int] = {}
    for at, occurrence in happened(view):
        entry = occurrence.entry
        phase = entry.facts.get("phase") if entry.facts else None
        if occurrence.milestone in _OFF and entry.place and entry.place not in known and phase is None:
            first[entry.place] = min(at, first.get(entry.place, at))
    for place, at in sorted(first.items()):
        told = facts(place=place)
        yield Rule(Finding("off_route", place, at, "carrier", "explain_route", None, "not_on_the_plan", told))


def _impossible(view: View) -> Iterator[Rule]:
    """What cannot come before what it follows: unloaded before the arrival, gone before unloaded, loaded after sailing.

    Told once for each pair and place, by the first box.
    """
    if view.status in ("delivered", "completed", "cancelled"):
        return
    found: dict[str, dict[tuple[str, str], tuple[int, Entry]]] = {}
    for at, occurrence in happened(view):
        steps = found.setdefault(occurrence.milestone, {})
        key = (occurrence.subject, occurrence.entry.place)
        held = steps.get(key)
        is_last = occurrence.milestone in _LATEST
        steps[key] = (at, occurrence.entry) if held is None or (at > held[0] if is_last else at < held[0]) else held
    for earlier, later, same_place, tolerance in _ORDER:
        yield from _pair(found, earlier, later, same_place, tolerance)


def _pair(
    found: dict[str, dict[tuple[str, str], tuple[int, Entry]]],
    earlier: str,
    later: str,
    same_place: bool,
    tolerance: int,
) -> Iterator[Rule]:
    for (box, place), (at, entry) in sorted(found.get(later, {}).items()):
        before = [
            step
            for (other, where), step in found.get(earlier, {}).items()
            if (not box or not other or box == other) and (not same_place or where == place)
        ]
        if not before:
            continue
        # A vessel sails when the last box is on board; anything else begins with the first.
        choose = max if later in _LATEST else min
        first_at, first = choose(before, key=lambda step: (step[0], step[1].id))
        if at >= first_at - tolerance:
            continue
        since = max(entry.reported or at, first.reported or first_at)
        known = facts(
            earlier=earlier, earlier_at=first_at, later=later, later_at=at, place=place, container=box or first.subject
        )
        subject = subject_of(later, earlier, place)
        finding = Finding(
            "impossible_order", subject, since, "operator", "check_sources", None, "impossible_order", known
        )
        yield Rule(finding, ends=since + ORDER_TOLD_FOR)
        return
