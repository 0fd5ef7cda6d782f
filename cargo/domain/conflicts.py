"""Where sources disagree: about a call, about the arrival to come, about whether customs holds the cargo.

Sources round, so what they tell of one happening may differ by some hours. Instants are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cargo.domain.customs.clearance import AGENCY_HOLDS
from cargo.domain.finding import DAY, FINISHED, HOUR, Finding, Heard, Rule, facts, happened, subject_of
from cargo.domain.state import Entry, better, has_first
from cargo.domain.view import View

# Sources disagree about one happening if they are further apart than this; estimates only if as fresh as this.
CONFLICT_FROM = 48 * HOUR
AS_FRESH = 5 * DAY
_CALLS = frozenset({"departed", "arrived", "discharged"})


def conflicts(view: View, entries: Iterable[Entry], heard: Sequence[Heard]) -> Iterator[Rule]:
    """Each disagreement. ``entries``: those of the view; ``heard``: who has told of the cargo."""
    names = {source.source: source.name for source in heard}
    yield from _calls(view, names)
    yield from _estimates(view, entries, names)
    yield from _customs(view, names)


def _calls(view: View, names: dict[int, str]) -> Iterator[Rule]:
    """Two sources tell one actual call at instants that are too far apart; of each source its last word counts."""
    if view.status in FINISHED:
        return
    said: dict[tuple[str, str, str], dict[int, Entry]] = {}
    for _at, occurrence in happened(view):
        entry = occurrence.entry
        if occurrence.milestone in _CALLS:
            by_source = said.setdefault((occurrence.milestone, occurrence.subject, entry.place), {})
            held = by_source.get(entry.source)
            by_source[entry.source] = entry if held is None else better(held, entry)
    for (milestone, box, place), by_source in sorted(said.items()):
        yield from _apart(subject_of(milestone, box, place), milestone, by_source.values(), names)


def _estimates(view: View, entries: Iterable[Entry], names: dict[int, str]) -> Iterator[Rule]:
    """Two estimates of the arrival by sources of one rank, told at about the same time."""
    if view.eta is None or view.arrived_at is not None or view.status in FINISHED:
        return
    eta = view.eta
    rivals: dict[int, Entry] = {}
    for entry in entries:
        if not has_first(entry) or (entry.milestone, entry.place) != (eta.milestone, eta.place):
            continue
        if (entry.classifier, entry.rank) != (eta.classifier, eta.rank) or entry.occurred is None:
            continue
        held = rivals.get(entry.source)
        rivals[entry.source] = entry if held is None else better(held, entry)
    newest = max((entry.reported or 0 for entry in rivals.values()), default=0)
    fresh = [entry for entry in rivals.values() if newest - (entry.reported or 0) <= AS_FRESH]
    yield from _apart(subject_of("eta", "", eta.place), "eta", fresh, names)


def _customs(view: View, names: dict[int, str]) -> Iterator[Rule]:
    """One source says released, another that customs holds the same cargo."""
    if view.status in FINISHED:
        return
    standing = [release for release in view.clearance.releases if release.revoked_at is None]
    for hold in view.clearance.open_holds:
        entry = hold.entry
        if hold.milestone in AGENCY_HOLDS:
            continue
        for release in standing:
            by = release.entry
            apart = by.declaration and entry.declaration and by.declaration != entry.declaration
            other_box = by.subject and entry.subject and by.subject != entry.subject
            if by.source == entry.source or apart or other_box:
                continue
            known = facts(
                what="release",
                one=names.get(by.source),
                one_at=release.released_at,
                other=names.get(entry.source),
                other_at=hold.placed_at,
            )
            since = max(release.released_at or 0, hold.placed_at or 0) or None
            subject = subject_of("release", entry.declaration or by.declaration, entry.subject)
            finding = Finding(
                "conflicting", subject, since, "operator", "check_sources", None, "sources_disagree", known
            )
            yield Rule(finding)
            return


def _apart(subject: str, what: str, said: Iterable[Entry], names: dict[int, str]) -> Iterator[Rule]:
    told = sorted(said, key=lambda entry: (entry.occurred or 0, entry.id))
    if len(told) < 2:
        return
    early, late = told[0], told[-1]
    if (late.occurred or 0) - (early.occurred or 0) <= CONFLICT_FROM:
        return
    known = facts(
        what=what,
        place=late.place,
        one=names.get(early.source),
        one_at=early.occurred,
        other=names.get(late.source),
        other_at=late.occurred,
    )
    since = max(early.reported or 0, late.reported or 0) or None
    yield Rule(Finding("conflicting", subject, since, "operator", "check_sources", None, "sources_disagree", known))
