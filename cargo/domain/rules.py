"""What is wrong with a shipment now, who must act, and when to look again. Pure: the clock is an argument.

A finding is a fact about a shipment at one instant; ``cargo.pipeline.inspection`` keeps the record of when findings
came and went. Kinds: ``held``, ``release_revoked``, ``late``, ``overdue``, ``deadline_near``, ``deadline_exceeded``,
``not_collected``. Instants are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cargo.domain.customs.deadlines import WITHOUT_CONSEQUENCE, DeadlineView
from cargo.domain.readiness import remedies, whole_release
from cargo.domain.view import Release, View

KINDS = (
    "held",
    "release_revoked",
    "late",
    "overdue",
    "deadline_near",
    "deadline_exceeded",
    "not_collected",
)
HOUR = 3600
DAY = 24 * HOUR
LATE_FROM = 24 * HOUR
OVERDUE_AFTER = 12 * HOUR
DEADLINE_NEAR = 3 * DAY
COLLECT_WITHIN = 5 * DAY
SUBJECT_LENGTH = 120

_UNDER_WAY = frozenset({"booked", "at_origin", "in_transit", "at_transshipment"})
_FINISHED = frozenset({"delivered_out", "delivered", "completed", "cancelled"})
_IMPORT_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
# A deadline's kind -> who must do what before it.
_DUTIES = {
    "import_declaration": ("broker", "declare_import"),
    "removal": ("importer", "collect"),
    "storage_limit": ("importer", "collect"),
    "entry_limit": ("carrier", "enter_storage"),
    "loading": ("exporter", "load_cargo"),
}


class Finding(NamedTuple):
    """Something wrong. ``subject`` tells several of one kind apart; ``since``: when it began."""

    kind: str
    subject: str
    since: int | None
    responsible: str
    next_action: str


class Rule(NamedTuple):
    """A finding with the instants from which and, if it ends by itself, up to which it is true."""

    finding: Finding
    begins: int | None = None
    ends: int | None = None


def inspect(view: View, deadlines: Iterable[DeadlineView], now: int) -> tuple[set[Finding], int | None]:
    """What is wrong at ``now``, and the next instant at which the clock alone would change that."""
    found: set[Finding] = set()
    turns: list[int] = []
    for rules in (_held(view), _revoked(view), _arrival(view), _deadlines(view, deadlines), _not_collected(view)):
        for rule in rules:
            begun = rule.begins is None or rule.begins <= now
            if begun and (rule.ends is None or now < rule.ends):
                found.add(rule.finding)
            turns += [turn for turn in (rule.begins, rule.ends) if turn is not None and turn > now]
    return found, min(turns, default=None)


def _held(view: View) -> Iterator[Rule]:
    """Each hold that stands; two of one kind, agency, declaration and container are one finding."""
    first: dict[str, Finding] = {}
    for hold, responsible, next_action in remedies(view):
        entry = hold.entry
        subject = _subject(hold.milestone, hold.agency, entry.declaration or entry.cargo, entry.subject)
        finding = Finding("held", subject, hold.placed_at, responsible, next_action)
        known = first.get(subject)
        if known is None or _age(finding) < _age(known):
            first[subject] = finding
    yield from map(Rule, first.values())


def _revoked(view: View) -> Iterator[Rule]:
    """A release was taken back and no other stands on the same declaration."""
    clearance = view.clearance
    if clearance.state not in ("revoked", "held"):
        return
    latest: dict[str, Release] = {}
    for release in sorted(clearance.releases, key=lambda row: (row.released_at or 0, row.entry.id)):
        entry = release.entry
        latest[_subject(entry.authority, entry.declaration or entry.cargo, entry.subject)] = release
    for subject, release in latest.items():
        by = release.revoked_by
        if release.revoked_at is not None and not (by is not None and by.milestone == "declaration_cancelled"):
            yield Rule(Finding("release_revoked", subject, release.revoked_at, "broker", "answer_customs"))


def _arrival(view: View) -> Iterator[Rule]:
    """Expected much later than first told; or expected some time ago and not heard of."""
    eta = view.eta
    if eta is None or eta.occurred is None or view.arrived_at is not None:
        return
    if view.status not in _UNDER_WAY and view.status != "expected":
        return
    if view.eta_first is not None and eta.occurred - view.eta_first >= LATE_FROM:
        yield Rule(Finding("late", "", eta.reported, "carrier", "wait_for_arrival"))
    overdue = Finding("overdue", "", eta.occurred, "carrier", "wait_for_arrival")
    yield Rule(overdue, begins=eta.occurred + OVERDUE_AFTER)


def _deadlines(view: View, deadlines: Iterable[DeadlineView]) -> Iterator[Rule]:
    """Of each kind the unmet deadline that is due first: near, then exceeded; not what costs nothing if missed."""
    if view.status in _FINISHED:
        return
    first: dict[str, int] = {}
    for deadline in deadlines:
        if deadline.met_at is None and deadline.basis not in WITHOUT_CONSEQUENCE:
            first[deadline.kind] = min(deadline.due_at, first.get(deadline.kind, deadline.due_at))
    for kind, due in first.items():
        duty = _DUTIES.get(kind, ("importer", "collect"))
        # The last second of the day is still in time.
        exceeded = due + 1
        near = due - DEADLINE_NEAR
        yield Rule(Finding("deadline_near", kind, near, *duty), begins=near, ends=exceeded)
        yield Rule(Finding("deadline_exceeded", kind, exceeded, *duty), begins=exceeded)


def _not_collected(view: View) -> Iterator[Rule]:
    """Released and here, and nobody comes for it. Cargo released before it arrives waits from its arrival."""
    release = whole_release(view)
    if release is None or release.released_at is None or release.entry.milestone not in _IMPORT_RELEASES:
        return
    if view.gated_out_at is not None or view.status in _FINISHED or view.status in _UNDER_WAY:
        return
    since = max(release.released_at, view.arrived_at or 0)
    yield Rule(Finding("not_collected", "", since, "importer", "collect"), begins=since + COLLECT_WITHIN)


def _age(finding: Finding) -> tuple[int, str, str]:
    return (finding.since or 0, finding.responsible, finding.next_action)


def _subject(*parts: str) -> str:
    return "|".join(parts)[:SUBJECT_LENGTH]
