"""What is wrong with a shipment now, who must act, and when to look again. Pure: the clock is an argument.

A finding is a fact about a shipment at one instant; ``cargo.pipeline.inspection`` keeps the record of when findings
came and went. Here: holds, releases taken back, late and overdue arrivals, deadlines, cargo nobody collects;
``anomalies`` has what does not fit: rolled, dwelling, silent, off route, conflicting, in an impossible order.
Instants are whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

from cargo.domain.anomalies import anomalies
from cargo.domain.customs.regime import case_named
from cargo.domain.deadline import DeadlineView
from cargo.domain.finding import DAY, FINISHED, HOUR, UNDER_WAY, Finding, Heard, Rule, facts, subject_of
from cargo.domain.places import zone_info, zone_of
from cargo.domain.readiness import remedies, whole_release
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Release, View

KINDS = (
    "held",
    "release_revoked",
    "late",
    "overdue",
    "deadline_near",
    "deadline_exceeded",
    "not_collected",
    "rolled",
    "dwelling",
    "silent",
    "off_route",
    "conflicting",
    "impossible_order",
)
LATE_FROM = 24 * HOUR
OVERDUE_AFTER = 12 * HOUR
DEADLINE_NEAR = 3 * DAY
COLLECT_WITHIN = 5 * DAY

_IMPORT_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
_KOREA = "Asia/Seoul"
_AFTER_COLLECTION = frozenset({"detention", "empty_return"})
_ENDED = frozenset({"completed", "cancelled"})


def inspect(
    view: View,
    deadlines: Iterable[DeadlineView],
    now: int,
    entries: Sequence[Entry] = (),
    heard: Iterable[Heard] = (),
) -> tuple[set[Finding], int | None]:
    """What is wrong at ``now``, and the next instant at which the clock alone would change that.

    ``entries``: those that the view was made of, for what it leaves out; ``heard``: who has told of the cargo.
    """
    found: set[Finding] = set()
    turns: list[int] = []
    for rules in (
        _held(view),
        _revoked(view),
        _arrival(view),
        _deadlines(view, deadlines),
        _not_collected(view),
        anomalies(view, entries, tuple(heard)),
    ):
        for rule in rules:
            begun = rule.begins is None or rule.begins <= now
            if begun and (rule.ends is None or now < rule.ends):
                found.add(rule.finding)
            turns += [turn for turn in (rule.begins, rule.ends) if turn is not None and turn > now]
    return found, min(turns, default=None)


def current(view: View, deadlines: Iterable[DeadlineView]) -> dict[tuple[str, str], DeadlineView]:
    """By kind and container the deadline that counts now: of those not met the one that is due first.

    None that is over with the journey, and none of which nobody is alerted.
    """
    first: dict[tuple[str, str], DeadlineView] = {}
    for deadline in deadlines:
        if deadline.met_at is not None or not deadline.alerts or is_over(view, deadline.kind):
            continue
        key = (deadline.kind, deadline.container)
        held = first.get(key)
        if held is None or (deadline.due_at, deadline.basis) < (held.due_at, held.basis):
            first[key] = deadline
    return first


def is_over(view: View, kind: str) -> bool:
    """Whether the journey has gone so far that nobody waits for this any more; an empty box is still to come back."""
    return view.status in (_ENDED if kind in _AFTER_COLLECTION else FINISHED)


def exceeded_from(due: int) -> int:
    """The instant from which a deadline is exceeded: the last second of the day is still in time."""
    return due + 1


def _held(view: View) -> Iterator[Rule]:
    """Each hold that stands; two of one kind, agency, declaration and container are one finding."""
    first: dict[str, Finding] = {}
    for hold, responsible, next_action in remedies(view):
        entry = hold.entry
        case = "+".join(filter(None, (case_named(entry), entry.code)))
        subject = subject_of(hold.milestone, hold.agency, case, entry.subject)
        told = facts(milestone=hold.milestone, agency=hold.agency, container=entry.subject)
        finding = Finding("held", subject, hold.placed_at, responsible, next_action, _stated(hold), "", told)
        known = first.get(subject)
        if known is None or _age(finding) < _age(known):
            first[subject] = finding
    yield from map(Rule, first.values())


def _stated(hold: Hold) -> int | None:
    """The end of the last day that the hold itself states, where it was placed."""
    entry = hold.entry
    if not entry.deadline:
        return None
    zone = _KOREA if entry.authority.startswith("KR-") else zone_of(entry.place, "unlocode") if entry.place else None
    end = datetime.combine(date.fromisoformat(entry.deadline), time(23, 59, 59), zone_info(zone or "UTC"))
    return int(end.timestamp())


def _revoked(view: View) -> Iterator[Rule]:
    """A release was taken back and no other stands on the same declaration."""
    clearance = view.clearance
    if clearance.state not in ("revoked", "held"):
        return
    latest: dict[str, Release] = {}
    for release in sorted(clearance.releases, key=lambda row: (row.released_at or 0, row.entry.id)):
        entry = release.entry
        latest[subject_of(entry.authority, case_named(entry), entry.subject)] = release
    for subject, release in latest.items():
        by = release.revoked_by
        if release.revoked_at is not None and not (by is not None and by.milestone == "declaration_cancelled"):
            told = facts(released_at=release.released_at, agency=release.entry.authority)
            yield Rule(
                Finding("release_revoked", subject, release.revoked_at, "broker", "answer_customs", None, "", told)
            )


def _arrival(view: View) -> Iterator[Rule]:
    """Expected much later than first told; or expected some time ago and not heard of."""
    eta = view.eta
    if eta is None or eta.occurred is None or view.arrived_at is not None:
        return
    if view.status not in UNDER_WAY and view.status != "expected":
        return
    if view.eta_first is not None and eta.occurred - view.eta_first >= LATE_FROM:
        told = facts(before_at=view.eta_first, now_at=eta.occurred, place=eta.place)
        reason = "later_than_first_told"
        yield Rule(Finding("late", "", eta.reported, "carrier", "wait_for_arrival", None, reason, told))
    told = facts(expected_at=eta.occurred, place=eta.place)
    overdue = Finding("overdue", "", eta.occurred, "carrier", "wait_for_arrival", None, "", told)
    yield Rule(overdue, begins=eta.occurred + OVERDUE_AFTER)


def _deadlines(view: View, deadlines: Iterable[DeadlineView]) -> Iterator[Rule]:
    """Of each kind the unmet deadline that is due first: near, then exceeded; not those that alert nobody."""
    first: dict[str, DeadlineView] = {}
    for (kind, _container), deadline in current(view, deadlines).items():
        held = first.get(kind)
        if held is None or (deadline.due_at, deadline.container) < (held.due_at, held.container):
            first[kind] = deadline
    for kind, deadline in first.items():
        due = deadline.due_at
        duty = (deadline.responsible, deadline.next_action)
        told = facts(basis=deadline.basis, container=deadline.container)
        exceeded, near = exceeded_from(due), due - DEADLINE_NEAR
        yield Rule(Finding("deadline_near", kind, near, *duty, due, "", told), begins=near, ends=exceeded)
        yield Rule(Finding("deadline_exceeded", kind, exceeded, *duty, due, "", told), begins=exceeded)


def _not_collected(view: View) -> Iterator[Rule]:
    """Released and here, and nobody comes for it. Cargo released before it arrives waits from its arrival."""
    release = whole_release(view)
    if release is None or release.released_at is None or release.entry.milestone not in _IMPORT_RELEASES:
        return
    if view.gated_out_at is not None or view.status in FINISHED or view.status in UNDER_WAY:
        return
    since = max(release.released_at, view.arrived_at or 0)
    told = facts(released_at=release.released_at)
    finding = Finding("not_collected", "", since, "importer", "collect", None, "", told)
    yield Rule(finding, begins=since + COLLECT_WITHIN)


def _age(finding: Finding) -> tuple[int, str, str]:
    return (finding.since or 0, finding.responsible, finding.next_action)
