"""What was cleared for export in Korea is loaded by a day."""

from __future__ import annotations

from cargo.domain.customs.counting import by_rule, last_second
from cargo.domain.customs.korea_deadlines.case import Case, same_declaration, standing, unmet_first
from cargo.domain.customs.kr import AUTHORITY, TIME_ZONE
from cargo.domain.deadline import DeadlineView


def loading(case: Case) -> list[DeadlineView]:
    """The last day to load what was cleared for export, as customs states it or counted from the acceptance.

    Of several declarations the one that is due first among those not loaded completely. A part load does not meet it;
    where only the carrier tells, the vessel's departure does.
    """
    found = []
    exported = [entry for entry in case.korean if entry.milestone == "exported"]
    departures = case.view.actual("departed")
    sailed = [occurrence.occurred for occurrence in departures if occurrence.entry.authority != AUTHORITY]
    for release in standing(case, frozenset({"export_cleared"})):
        entry, begins = release.entry, release.released_at or 0
        loaded = [other.occurred for other in exported if same_declaration(other, entry)]
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
    return sorted(found, key=unmet_first)[:1]
