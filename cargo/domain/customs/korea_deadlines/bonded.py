"""Under bond in Korea: into the unloading place, from one warehouse to another, and out before the storage limit."""

from __future__ import annotations

from itertools import zip_longest

from cargo.domain.customs.counting import by_rule, first_from, happened, last_second
from cargo.domain.customs.korea_deadlines.case import ENTRIES, Case, in_order, same_declaration
from cargo.domain.customs.kr import TIME_ZONE
from cargo.domain.deadline import DeadlineView
from cargo.domain.state import Entry

_ENTERED = ENTRIES | {"bonded_transport_departed", "gate_out"}
_LEAVING = frozenset({"bonded_transport_departed", "bonded_storage_out"})


def entry_limit(case: Case) -> list[DeadlineView]:
    """The limit for entering the unloading place: the latest extension, else by how the cargo came.

    Answers of customs name containers; sea cargo without any is taken for bulk. Goods that leave without having been
    stored (under bond, or released before they came) need no place any more.
    """
    arrived = in_order(case.korean, "arrived")
    load = "container" if case.view.containers else "bulk"
    met = next(iter(happened(case.view, _ENTERED)), None)
    extensions = [entry for entry in case.korean if entry.deadline_kind == "entry_limit" and entry.deadline]
    if extensions:
        latest = max(extensions, key=lambda entry: (entry.occurred or 0, entry.deadline, entry.id))
        begins = (arrived[0] if arrived else latest).occurred or 0
        rule, due = case.for_stated("entry_limit", begins, load=load), last_second(latest.deadline, TIME_ZONE)
        return [by_rule(rule, begins, met, zone=TIME_ZONE, basis="entry_extended", due_at=due, entry=latest)]
    if not arrived:
        return []
    begins = arrived[0].occurred or 0
    known = case.rule("entry_limit", begins, load=load)
    return [by_rule(known, begins, met, zone=TIME_ZONE)] if known is not None else []


def bonded_transport(case: Case) -> list[DeadlineView]:
    """One for each movement under bond that was approved; ended by the arrival, void once it is cancelled.

    Of several the first arrival belongs to the first approval. Customs may add days that it tells nobody of.
    """
    approved = in_order(case.korean, "bonded_transport_approved")
    void = in_order(case.korean, "bonded_transport_cancelled")
    arrivals = in_order(case.korean, "bonded_transport_arrived")
    found = []
    for entry in approved:
        begins = entry.occurred or 0
        if any(same_declaration(entry, other) and (other.occurred or 0) >= begins for other in void):
            continue
        arrival = next((other for other in arrivals if same_declaration(entry, other)), None)
        if arrival is not None:
            arrivals.remove(arrival)
        rule = case.rule("bonded_transport", begins, place=entry.place)
        if rule is not None:
            met = arrival.occurred if arrival is not None else case.view.gated_out_at
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return found


def storage(case: Case) -> list[DeadlineView]:
    """One limit for each warehouse that gave notice, from the first entry there; else one by the rule, for the last.

    An extension moves the limit of the warehouse entered last. Without a notice the months count from the first entry
    into any warehouse, since periods in several may add up.
    """
    firsts: dict[str, Entry] = {}
    for entry in case.stored:
        firsts.setdefault(entry.place, entry)
    granted = max(
        (entry for entry in case.korean if entry.milestone == "storage_extension_approved" and entry.deadline),
        key=lambda entry: (entry.deadline, entry.id),
        default=None,
    )
    left = happened(case.view, _LEAVING)
    found = []
    ordered = list(firsts.values())
    for entry, following in zip_longest(ordered, ordered[1:]):
        entered = entry.occurred or 0
        out = following.occurred if following is not None else case.view.gated_out_at
        met = first_from(left, entered)
        met = out if met is None else met
        stated = entry.deadline if entry.deadline_kind == "storage_limit" else ""
        if following is None and granted is not None and granted.deadline > stated:
            found.append(_stated_storage(case, granted, met, "storage_extended", beside=entry))
        elif stated:
            found.append(_stated_storage(case, entry, met, "storage_months_by_notice"))
        elif following is None:
            begins = case.stored[0].occurred or 0
            rule = case.rule("storage_limit", begins, place=entry.place)
            if rule is not None:
                found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return found


def _stated_storage(case: Case, entry: Entry, met: int | None, basis: str, beside: Entry | None = None) -> DeadlineView:
    """As a notice or an extension says; an extension without words of its own has the warehouse's ``beside`` it."""
    rule = case.for_stated("storage_limit", entry.occurred or 0, place=entry.place)
    due = last_second(entry.deadline, TIME_ZONE)
    found = by_rule(rule, entry.occurred or 0, met, zone=TIME_ZONE, basis=basis, due_at=due, entry=entry)
    if found.text is None and beside is not None and beside.facts:
        found.text = str(beside.facts["notice"]) if beside.facts.get("notice") else None
    return found
