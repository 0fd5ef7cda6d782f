"""What must happen by when, of every authority, carrier and terminal: one list a shipment.

Rules are data with their legal source (``cargo.domain.deadline_rules``). Korean ones, which extensions, notices and
the lists of warehouses move, are in ``korea_deadlines``; any other rule is counted here from its milestone. A day that
a source states itself stands as it is. Free time, demurrage and detention come from ``cargo.domain.tariffs``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from cargo.domain import deadline_rules
from cargo.domain.customs import us
from cargo.domain.customs.counting import (
    by_rule,
    by_time,
    day_of,
    end_of,
    first_from,
    happened,
    last_second,
    notice,
    zone_for,
)
from cargo.domain.customs.korea_deadlines import ENTRIES, KINDS, NO_SHEDS, Shed, Sheds, korean_deadlines, sheds_of
from cargo.domain.customs.kr import AUTHORITY
from cargo.domain.deadline import DeadlineView, earliest
from cargo.domain.deadline_rules import Rule, RuleBook
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.tariffs import FREE_TIME, NO_TARIFFS, Tariffs, free_time
from cargo.domain.view import Hold, Occurrence, View

__all__ = [
    "AUTHORITY",
    "ENTRIES",
    "NO_SHEDS",
    "PACKAGED",
    "DeadlineView",
    "Grounds",
    "Shed",
    "Sheds",
    "deadlines",
    "sheds_of",
]

# A stated deadline's kind -> who must do what, and what meets it.
_STATED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "documents": ("broker", "submit_documents", ("documents_submitted",)),
    "payment": ("importer", "pay_duty", ("duty_paid",)),
    "removal": ("importer", "collect", ("gate_out",)),
    "storage_limit": ("importer", "collect", ("gate_out", "bonded_storage_out", "bonded_transport_departed")),
    "import_declaration": ("broker", "declare_import", ("import_declared",)),
    "entry_limit": ("carrier", "enter_storage", ("bonded_storage_in",)),
    "transit": ("carrier", "move_under_bond", ("transit_ended", "transit_discharged")),
    "bonded_transport": ("carrier", "move_under_bond", ("bonded_transport_arrived",)),
    "general_order": ("broker", "declare_import", ("import_declared", "customs_released", "gate_out")),
    "loading": ("exporter", "load_cargo", ("exported", "loaded", "departed")),
}
# What US customs tells of a last day by a code: how many days are left (CAMIR appendix D).
_LEFT = {"1K": ("bonded_transport", 5), "1R": ("general_order", 2)}
_OTHERWISE = ("importer", "answer_customs", ())


@dataclass(frozen=True, slots=True)
class Grounds:
    """What deadlines rest on beside the shipment: the rules, what is known of warehouses, and tariffs.

    Of the ``tariffs`` the operator's apply, and those of the organization that registered the shipment.
    """

    sheds: Sheds = field(default_factory=dict)
    rules: RuleBook = deadline_rules.PACKAGED
    tariffs: Tariffs = NO_TARIFFS


# The packaged rules, no warehouse known, no tariff: what ``explain`` has.
PACKAGED = Grounds()


def deadlines(view: View, entries: Iterable[Entry], grounds: Grounds = PACKAGED) -> list[DeadlineView]:
    """The deadlines of a shipment, by due time. Pure; the order of the entries does not matter."""
    entries = list(entries)
    found = korean_deadlines(view, entries, grounds.rules, grounds.sheds)
    authorities = {entry.authority for entry in entries if entry.authority and entry.classifier == ACTUAL}
    for authority in authorities:
        for rule in grounds.rules.of_authority(authority):
            if authority != AUTHORITY or rule.kind not in KINDS:
                found += _by_rule(view, rule)
    found += _told_by_code(view)
    found += _stated(view)
    found += free_time(view, grounds.tariffs)
    return sorted(found, key=_order)


def _order(deadline: DeadlineView) -> tuple[int, str, str, str]:
    return (deadline.due_at, deadline.kind, deadline.container, deadline.basis)


def _by_rule(view: View, rule: Rule) -> list[DeadlineView]:
    """The deadlines of a rule without words of its own: counted from its milestones in the authority's country."""
    country = rule.authority[:2]
    starts = by_time(
        occurrence
        for milestone in rule.starts
        for occurrence in view.actual(milestone)
        if _in_country(occurrence.entry.place or view.port_of_discharge, country)
    )
    if rule.starts_at != "each":
        starts = starts[:1] if rule.starts_at == "first" else starts[-1:]
    done = happened(view, rule.meets)
    found = []
    for start in starts:
        begins = start.occurred or 0
        zone = zone_for(rule.authority, start.entry.place, view)
        if not rule.holds_on(day_of(begins, zone)) or rule.mode not in ("", view.mode):
            continue
        # What may be done in advance meets the first period; a later call is only met by what follows it.
        met = next(iter(done), None) if rule.starts_at == "first" else first_from(done, begins)
        found.append(by_rule(rule, begins, met, zone=zone, entry=start.entry, container=start.subject))
    return found


def _told_by_code(view: View) -> list[DeadlineView]:
    """The last days that US customs tells by how many are left; of a kind the last word counts."""
    latest: dict[str, Occurrence] = {}
    for occurrence in view.occurrences:
        entry = occurrence.entry
        if entry.code not in _LEFT or entry.authority != us.AUTHORITY or occurrence.occurred is None:
            continue
        kind = _LEFT[entry.code][0]
        if kind not in latest or (occurrence.occurred, entry.id) > (latest[kind].occurred, latest[kind].entry.id):
            latest[kind] = occurrence
    found = []
    for kind, occurrence in latest.items():
        told, entry = occurrence.occurred or 0, occurrence.entry
        responsible, next_action, meets = _STATED[kind]
        zone = zone_for(entry.authority, entry.place, view)
        found.append(
            DeadlineView(
                kind=kind,
                due_at=end_of(day_of(told, zone) + timedelta(days=_LEFT[entry.code][1]), zone),
                basis="days_left_by_customs",
                met_at=first_from(happened(view, meets), told),
                source=f"CAMIR appendix D, {entry.code}",
                authority=entry.authority,
                responsible=responsible,
                next_action=next_action,
                stated_by=entry.source,
                zone=zone,
            )
        )
    return found


def _in_country(place: str, country: str) -> bool:
    """Whether a place may be there: codes of facilities and airports say nothing about it."""
    return not (len(place) == 5 and place.isalpha()) or place.startswith(country)


def _stated(view: View) -> list[DeadlineView]:
    """The days that sources state: of each kind, declaration and container the earliest of their latest words."""
    latest: dict[tuple[str, ...], Occurrence] = {}
    for occurrence in view.occurrences:
        entry = occurrence.entry
        kind = entry.deadline_kind
        if not kind or not entry.deadline or entry.classifier != ACTUAL or kind in FREE_TIME:
            continue
        if entry.authority == AUTHORITY and kind in KINDS:
            continue
        about = (kind, entry.authority, entry.declaration, occurrence.subject, str(entry.source))
        if about not in latest or _said(entry) > _said(latest[about].entry):
            latest[about] = occurrence
    holds = {hold.entry.id: hold for hold in view.clearance.holds}
    found: dict[tuple[str, ...], list[DeadlineView]] = {}
    for by_source, occurrence in latest.items():
        found.setdefault(by_source[:-1], []).append(_stated_by(view, occurrence, holds.get(occurrence.entry.id)))
    return [earliest(said) for said in found.values()]


def _stated_by(view: View, occurrence: Occurrence, hold: Hold | None) -> DeadlineView:
    entry = occurrence.entry
    responsible, next_action, meets = _STATED.get(entry.deadline_kind, _OTHERWISE)
    zone = zone_for(entry.authority, entry.place, view)
    met = first_from(happened(view, meets), occurrence.occurred or entry.reported or 0)
    if hold is not None and hold.cleared_at is not None:
        # What a hold asked for is settled when the hold is, whatever was said of it before.
        met = hold.cleared_at if met is None else min(met, hold.cleared_at)
    return DeadlineView(
        kind=entry.deadline_kind,
        due_at=last_second(entry.deadline, zone),
        basis="stated",
        met_at=met,
        source=entry.authority,
        text=notice(entry),
        authority=entry.authority,
        responsible=responsible,
        next_action=next_action,
        container=occurrence.subject,
        stated_by=entry.source,
        zone=zone,
    )


def _said(entry: Entry) -> tuple[int, str]:
    return (entry.reported or entry.occurred or 0, entry.id)
