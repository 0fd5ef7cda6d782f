"""What the importer owes Korean customs: to declare, to pay, and to remove what was released."""

from __future__ import annotations

import re
from dataclasses import replace

from cargo.domain.customs.counting import by_rule, last_second
from cargo.domain.customs.korea_deadlines.case import (
    IMPORT_RELEASES,
    Case,
    in_order,
    same_declaration,
    standing,
    time_of,
    unmet_first,
)
from cargo.domain.customs.kr import TIME_ZONE
from cargo.domain.deadline import DeadlineView
from cargo.domain.deadline_rules import Rule

_ENDED = frozenset({"declaration_rejected", "declaration_cancelled"})
# Declarations are numbered from the broker's five digits on. Lists of express goods (AE…, SE…) bear no duty.
_NUMBERED = re.compile(r"[0-9]{5}")


def import_declaration(case: Case) -> list[DeadlineView]:
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


def _declared(case: Case, rule: Rule) -> int | None:
    """When a declaration was lodged that was neither rejected nor withdrawn; a release speaks for one as well."""
    lodged = [entry for entry in case.korean if entry.milestone in rule.meets and entry.occurred is not None]
    ended = [entry for entry in case.korean if entry.milestone in _ENDED]
    standing = [
        entry.occurred or 0
        for entry in lodged
        if not any(same_declaration(entry, end) and (end.occurred or 0) >= (entry.occurred or 0) for end in ended)
    ]
    if not lodged:
        releases = (row for row in case.view.clearance.releases if row.entry.milestone in IMPORT_RELEASES)
        standing = [row.released_at for row in releases if row.released_at is not None]
    return min(standing, default=None)


def removal(case: Case) -> list[DeadlineView]:
    """Of several declarations the one that is due first; none while no release stands or nothing was stored."""
    if not case.stored:
        return []
    place = case.stored[-1].place
    shed, met = case.shed(place), case.view.gated_out_at
    found = []
    for release in standing(case, IMPORT_RELEASES):
        begins = release.released_at or 0
        own = [other for other in case.korean if same_declaration(other, release.entry)]
        extension = max(
            (other for other in own if other.deadline_kind == "removal" and other.deadline),
            key=lambda other: (other.deadline, other.id),
            default=None,
        )
        notice = max(
            (other for other in own if other.facts and "removal_days" in other.facts), key=time_of, default=None
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


def payment(case: Case) -> list[DeadlineView]:
    """Of several declarations the one that is due first among those that nobody says was paid."""
    found = []
    paid = in_order(case.korean, "duty_paid")
    for release in standing(case, IMPORT_RELEASES):
        begins = release.released_at or 0
        rule = case.rule("payment", begins)
        if rule is None or not _NUMBERED.match(release.entry.declaration):
            continue
        met = next((other.occurred for other in paid if same_declaration(other, release.entry)), None)
        found.append(by_rule(rule, begins, met, zone=TIME_ZONE))
    return sorted(found, key=unmet_first)[:1]
