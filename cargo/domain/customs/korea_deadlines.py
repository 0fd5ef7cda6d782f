"""What Korean customs sets a time for: declare, enter the unloading place, move under bond, pay, remove, leave storage,
load for export.

How long, from what and with what consequence are data (``cargo.domain.deadline_rules``); here is how the words of
UNI-PASS move a period. A day counts in Korean time and ends at 23:59:59; the first day is excluded (Customs Act art.
8(2), Civil Act art. 157). The last day of a period that the law counts moves off Saturdays, Sundays and public holidays
(Customs Act art. 8(3)); a day that customs or a warehouse states itself is not moved. Surcharges and fines apply only
in warehouses that customs has listed (``Shed``): while a warehouse's flags are unknown the basis says ``…_if_listed``.
Where none follows, the time for declaring is still told (``…_no_surcharge``) and alerts nobody, but a time for removing
there is not: that duty itself is one of listed warehouses. Where a period may count from several instants the earliest
is taken. Goods that were sold, forfeited or destroyed have nothing due any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from cargo.domain.customs.counting import by_rule, day_of, first_from, happened, last_second
from cargo.domain.customs.kr import AUTHORITY, TIME_ZONE
from cargo.domain.deadline import DeadlineView
from cargo.domain.deadline_rules import Rule, RuleBook
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Release, View

ENTRIES = frozenset({"bonded_storage_in", "bonded_transport_arrived"})
# Worked out here; other kinds of rules follow the general way.
KINDS = frozenset(
    {"import_declaration", "removal", "storage_limit", "entry_limit", "bonded_transport", "payment", "loading"}
)
_OVER = frozenset({"sold_by_customs", "forfeited", "destroyed"})
_ENTERED = ENTRIES | {"bonded_transport_departed", "gate_out"}
_LEAVING = frozenset({"bonded_transport_departed", "bonded_storage_out"})
_IMPORT_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
_ENDED = frozenset({"declaration_rejected", "declaration_cancelled"})
# Declarations are numbered from the broker's five digits on. Lists of express goods (AE…, SE…) bear no duty.
_NUMBERED = re.compile(r"[0-9]{5}")
_OFFICE = 3


class Shed(NamedTuple):
    """What customs says of a bonded warehouse (``None``: it is not known).

    ``late_removal_fine``: whether a fine follows when released goods stay; ``late_declaration_surcharge``: whether a
    surcharge follows when goods are declared late.
    """

    late_removal_fine: bool | None = None
    late_declaration_surcharge: bool | None = None


# By the code of the warehouse. What is not in it is not known.
Sheds = Mapping[str, Shed]
NO_SHEDS: Sheds = {}
_UNKNOWN = Shed()


def _stated(kind: str, responsible: str, next_action: str, law: str) -> dict[str, Any]:
    words = {"kind": kind, "basis": "", "starts": (), "meets": (), "law": law}
    return {**words, "responsible": responsible, "next_action": next_action}


@dataclass(slots=True)
class _Case:
    """One shipment: what customs said of it, and the entries into warehouses by time."""

    view: View
    korean: list[Entry]
    rules: RuleBook
    sheds: Sheds
    stored: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        stored = (entry for entry in self.korean if entry.milestone in ENTRIES and entry.occurred is not None)
        self.stored = sorted(stored, key=_time_of)

    def shed(self, place: str) -> Shed:
        return self.sheds.get(place, _UNKNOWN)

    def rule(self, kind: str, begins: int, *, load: str = "", place: str = "") -> Rule | None:
        day = day_of(begins, TIME_ZONE)
        return self.rules.choose(AUTHORITY, kind, day, mode=self.view.mode, load=load, office=place[:_OFFICE])

    def for_stated(self, kind: str, begins: int, *, load: str = "", place: str = "") -> Rule:
        """For a day that customs states itself: it stands, and alerts, even where staff switched the rule off."""
        rule = self.rule(kind, begins, load=load, place=place) or Rule(code="", authority=AUTHORITY, **_STATED[kind])
        return rule._replace(alerts=True)


_STATED: dict[str, dict[str, Any]] = {
    "removal": _stated("removal", "importer", "collect", "Customs Act (KR) art. 157-2"),
    "storage_limit": _stated("storage_limit", "importer", "collect", "Customs Act (KR) art. 170 and 177"),
    "entry_limit": _stated("entry_limit", "carrier", "enter_storage", "KCS notice on unloading"),
    "loading": _stated("loading", "exporter", "load_cargo", "Customs Act (KR) art. 251(1)"),
}


def sheds_of(entries: Iterable[Entry]) -> set[str]:
    """The codes of the bonded warehouses that the goods entered: what the flags should be looked up of."""
    return {entry.place for entry in entries if entry.milestone in ENTRIES and entry.place and is_korean(entry)}


def is_korean(entry: Entry) -> bool:
    """Whether Korean customs says that it happened."""
    return entry.authority == AUTHORITY and entry.classifier == ACTUAL


def korean_deadlines(view: View, entries: Iterable[Entry], rules: RuleBook, sheds: Sheds) -> list[DeadlineView]:
    """The deadlines of a shipment that Korean customs speaks of; empty for any other. Pure."""
    korean = [entry for entry in entries if is_korean(entry)]
    if not korean:
        return []
    case = _Case(view, korean, rules, sheds)
    found = [
        *_import_declaration(case),
        *_entry_limit(case),
        *_bonded_transport(case),
        *_removal(case),
        *_payment(case),
        *_storage(case),
        *_loading(case),
    ]
    if any(entry.milestone in _OVER for entry in korean):
        found = [deadline for deadline in found if deadline.met_at is not None]
    return found


def _import_declaration(case: _Case) -> list[DeadlineView]:
    """Counted from the first entry into a warehouse where a surcharge follows, or may."""
    if not case.stored:
        return []
    told = [(entry, case.shed(entry.place).late_declaration_surcharge) for entry in case.stored]
    entry, surcharge = next((pair for pair in told if pair[1] is not False), told[0])
    begins = entry.occurred or 0
    rule = case.rule("import_declaration", begins, place=entry.place)
    if rule is None:
        return []
    basis = rule.basis
    if rule.listing and surcharge is None:
        basis += "_if_listed"
    found = by_rule(rule, begins, _declared(case, rule), zone=TIME_ZONE, basis=basis)
    if rule.listing and surcharge is False:
        found = replace(found, basis=rule.basis + "_no_surcharge", money=None, alerts=False)
    return [found]


def _declared(case: _Case, rule: Rule) -> int | None:
    """When a declaration was lodged that was neither rejected nor withdrawn; a release speaks for one as well."""
    lodged = [entry for entry in case.korean if entry.milestone in rule.meets and entry.occurred is not None]
    ended = [entry for entry in case.korean if entry.milestone in _ENDED]
    standing = [
        entry.occurred or 0
        for entry in lodged
        if not any(_same_declaration(entry, end) and (end.occurred or 0) >= (entry.occurred or 0) for end in ended)
    ]
    if not lodged:
        releases = (row for row in case.view.clearance.releases if row.entry.milestone in _IMPORT_RELEASES)
        standing = [row.released_at for row in releases if row.released_at is not None]
    return min(standing, default=None)


def _entry_limit(case: _Case) -> list[DeadlineView]:
    """The limit for entering the unloading place: the latest extension, else by how the cargo came.

    Answers of customs name containers; sea cargo without any is taken for bulk. Goods that leave without having been
    stored (under bond, or released before they came) need no place any more.
    """
    arrived = _sorted(case.korean, "arrived")
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


def _bonded_transport(case: _Case) -> list[DeadlineView]:
    """One for each movement under bond that was approved; ended by the arrival, void once it is cancelled.

    Of several the first arrival belongs to the first approval. Customs may add days that it tells nobody of.
    """
    approved = _sorted(case.korean, "bonded_transport_approved")
    void = _sorted(case.korean, "bonded_transport_cancelled")
    arrivals = _sorted(case.korean, "bonded_transport_arrived")
    found = []
    for entry in approved:
        begins = entry.occurred or 0
        if any(_same_declaration(entry, other) and (other.occurred or 0) >= begins for other in void):
            continue
        arrival = next((other for other in arrivals if _same_declaration(entry, other)), None)
        if arrival is not None:
            arrivals.remove(arrival)
        rule = case.rule("bonded_transport", begins, place=entry.place)
        if rule is not None:
            met = arrival.occurred if arrival is not None else case.view.gated_out_at
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return found


def _removal(case: _Case) -> list[DeadlineView]:
    """Of several declarations the one that is due first; none while no release stands or nothing was stored."""
    if not case.stored:
        return []
    place = case.stored[-1].place
    shed, met = case.shed(place), case.view.gated_out_at
    found = []
    for release in _standing(case, _IMPORT_RELEASES):
        begins = release.released_at or 0
        own = [other for other in case.korean if _same_declaration(other, release.entry)]
        extension = max(
            (other for other in own if other.deadline_kind == "removal" and other.deadline),
            key=lambda other: (other.deadline, other.id),
            default=None,
        )
        notice = max(
            (other for other in own if other.facts and "removal_days" in other.facts), key=_time_of, default=None
        )
        rule = case.rule("removal", begins, place=place)
        if extension is not None:
            stated, due = case.for_stated("removal", begins, place=place), last_second(extension.deadline, TIME_ZONE)
            basis = "removal_extended"
            found.append(by_rule(stated, begins, met, zone=TIME_ZONE, basis=basis, due_at=due, entry=extension))
        elif rule is None:
            continue
        elif notice is not None and notice.facts:
            noticed = rule._replace(days=int(notice.facts["removal_days"]), months=None, working_days=False)
            found.append(by_rule(noticed, begins, met, zone=TIME_ZONE, basis="removal_days_by_notice", entry=notice))
        elif not rule.listing or shed.late_removal_fine:
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
        elif shed.late_removal_fine is None:
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE, basis=rule.basis + "_if_listed"))
    return sorted(found, key=lambda deadline: (deadline.due_at, deadline.basis))[:1]


def _payment(case: _Case) -> list[DeadlineView]:
    """Of several declarations the one that is due first among those that nobody says was paid."""
    found = []
    paid = _sorted(case.korean, "duty_paid")
    for release in _standing(case, _IMPORT_RELEASES):
        begins = release.released_at or 0
        rule = case.rule("payment", begins)
        if rule is None or not _NUMBERED.match(release.entry.declaration):
            continue
        met = next((other.occurred for other in paid if _same_declaration(other, release.entry)), None)
        found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return sorted(found, key=_unmet_first)[:1]


def _loading(case: _Case) -> list[DeadlineView]:
    """The last day to load what was cleared for export, as customs states it or counted from the acceptance.

    Of several declarations the one that is due first among those not loaded completely. A part load does not meet it;
    where only the carrier tells, the vessel's departure does.
    """
    found = []
    exported = [entry for entry in case.korean if entry.milestone == "exported"]
    departures = case.view.actual("departed")
    sailed = [occurrence.occurred for occurrence in departures if occurrence.entry.authority != AUTHORITY]
    for release in _standing(case, frozenset({"export_cleared"})):
        entry, begins = release.entry, release.released_at or 0
        loaded = [other.occurred for other in exported if _same_declaration(other, entry)]
        met = min((at for at in loaded or sailed if at is not None), default=None)
        if loaded and met is None:
            continue  # loaded, and nobody says when
        rule = case.rule("loading", begins)
        if entry.deadline_kind == "loading" and entry.deadline:
            rule, due = case.for_stated("loading", begins), last_second(entry.deadline, TIME_ZONE)
            basis = "loading_by_customs"
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE, basis=basis, due_at=due, entry=entry))
        elif rule is not None:
            found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return sorted(found, key=_unmet_first)[:1]


def _storage(case: _Case) -> list[DeadlineView]:
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


def _stated_storage(
    case: _Case, entry: Entry, met: int | None, basis: str, beside: Entry | None = None
) -> DeadlineView:
    """As a notice or an extension says; an extension without words of its own has the warehouse's ``beside`` it."""
    rule = case.for_stated("storage_limit", entry.occurred or 0, place=entry.place)
    due = last_second(entry.deadline, TIME_ZONE)
    found = by_rule(rule, entry.occurred or 0, met, zone=TIME_ZONE, basis=basis, due_at=due, entry=entry)
    if found.text is None and beside is not None and beside.facts:
        found.text = str(beside.facts["notice"]) if beside.facts.get("notice") else None
    return found


def _standing(case: _Case, milestones: frozenset[str]) -> list[Release]:
    """The releases by Korean customs that stand and whose time is known."""
    return [
        release
        for release in case.view.clearance.releases
        if release.revoked_at is None
        and release.released_at is not None
        and release.entry.authority == AUTHORITY
        and release.entry.milestone in milestones
    ]


def _same_declaration(one: Entry, other: Entry) -> bool:
    return not one.declaration or not other.declaration or one.declaration == other.declaration


def _sorted(entries: Iterable[Entry], milestone: str) -> list[Entry]:
    return sorted(
        (entry for entry in entries if entry.milestone == milestone and entry.occurred is not None), key=_time_of
    )


def _time_of(entry: Entry) -> tuple[int, str]:
    return (entry.occurred or 0, entry.id)


def _unmet_first(deadline: DeadlineView) -> tuple[bool, int, str]:
    return (deadline.met_at is not None, deadline.due_at, deadline.basis)
