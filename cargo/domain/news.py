"""What changed between two states of a shipment, in a way that somebody may want to know.

Kinds for people: ``customs.held``, ``customs.hold_cleared``, ``customs.released``, ``customs.release_revoked``,
``gate_out``. For feeds: ``milestone`` (something happened) and ``estimate`` (something is expected anew).
A key names the happening, so that the same news is never told twice; it carries the cycle, so that a second release
after a revocation is told. A release that its source no longer states, without a word of taking it back, is news as
well (``customs.release_revoked`` with ``"withdrawn": true``); stated again, it is a release again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cargo.domain.customs.clearance import CONCERNED, clear
from cargo.domain.customs.regime import case_named, same_cargo
from cargo.domain.derive import derive
from cargo.domain.journey import belonging
from cargo.domain.state import ACTUAL, CLASSIFIER_NAMES, Entry
from cargo.domain.view import Clearance, Hold, Occurrence, Plan, Release, View

_KEY_LENGTH = 120
_WITHDRAWN = "withdrawn"
_TOLD_APART = frozenset({"gate_out", "gate_out_before_release"})


class Change(NamedTuple):
    """One piece of news. Instants are whole seconds since 1970 (UTC); ``data`` is neutral: codes, no words."""

    kind: str
    key: str
    occurred: int | None
    reported: int | None
    data: dict[str, Any]


def changes(before: list[Entry], after: list[Entry], view: View, plan: Plan) -> list[Change]:
    """The news of a merge, oldest first. ``view`` is the view of ``after``."""
    known = {entry.id for entry in before}
    out: list[Change] = []
    customs = False
    gone = False
    for occurrence in view.occurrences:
        entry = occurrence.entry
        if entry.id in known:
            continue
        if entry.milestone in CONCERNED:
            customs = True
        if entry.milestone in _TOLD_APART:
            gone = True
        if entry.classifier == ACTUAL:
            out.append(_happened(occurrence))
        else:
            out.append(_expected(occurrence))
    removed = len(known - {entry.id for entry in after}) > 0
    if customs or gone or removed:
        old = clear(belonging(before, plan))
        out += _customs(old, view.clearance)
        out += _gate_out(before, view, plan)
    out.sort(key=lambda change: (change.occurred or 0, change.kind, change.key))
    return out


def _happened(occurrence: Occurrence) -> Change:
    entry = occurrence.entry
    key = f"{occurrence.milestone}|{entry.subject}|{entry.place}|{entry.declaration}|{entry.occurred}"
    return Change("milestone", key[:120], entry.occurred, entry.reported, _data(entry, occurrence.milestone))


def _expected(occurrence: Occurrence) -> Change:
    entry = occurrence.entry
    key = f"{occurrence.milestone}|{entry.subject}|{entry.place}|{entry.classifier}|{entry.occurred}"
    data = _data(entry, occurrence.milestone)
    data["classifier"] = CLASSIFIER_NAMES[entry.classifier]
    return Change("estimate", key[:120], entry.occurred, entry.reported, data)


def _data(entry: Entry, milestone: str) -> dict[str, Any]:
    data: dict[str, Any] = {"milestone": milestone, "level": entry.level, "source": entry.source}
    if entry.subject:
        data["container"] = entry.subject
    if entry.place:
        data["place"] = {"code": entry.place}
    if entry.declaration:
        data["declaration"] = entry.declaration
    if entry.authority:
        data["authority"] = entry.authority
    if entry.agency:
        data["agency"] = entry.agency
    return data


def hold_key(hold: Hold) -> str:
    """Names one hold of one cycle."""
    entry = hold.entry
    whose = _case(entry)
    return f"{hold.milestone}|{hold.agency}|{whose}|{entry.subject}|{hold.placed_at}{_cycle(entry)}"[:_KEY_LENGTH]


def _case(entry: Entry) -> str:
    """What the word is about and, where customs goes by codes, which one it is: what tells two words apart."""
    return "+".join(filter(None, (case_named(entry), entry.code)))


def _cycle(entry: Entry) -> str:
    """Marks what a snapshot says anew after one that did not say it."""
    anew = entry.facts.get("anew") if entry.facts else None
    return f"|{anew}" if anew else ""


def release_key(release: Release) -> str:
    """Names one release of one cycle."""
    entry = release.entry
    return f"{entry.authority}|{_case(entry)}|{entry.subject}|{release.released_at}{_cycle(entry)}"[:_KEY_LENGTH]


def revocation_key(release: Release) -> str:
    """Names the taking back of one release."""
    entry = release.entry
    return f"{entry.authority}|{_case(entry)}|{entry.subject}|{release.revoked_at}"[:_KEY_LENGTH]


def reduction_key(release: Release) -> str:
    """Names the taking back of a part of one release: how many packages are gone by then."""
    entry = release.entry
    taken = f"{release.released_at}|-{release.taken_back}"
    return f"{entry.authority}|{_case(entry)}|{entry.subject}|{taken}"[:_KEY_LENGTH]


def withdrawal_key(release: Release) -> str:
    """Names that a release is no longer stated; it begins with whose release that was (``_withdrawn_from``)."""
    return f"{_withdrawn_from(release.entry)}{release.released_at}{_cycle(release.entry)}"[:_KEY_LENGTH]


def _withdrawn_from(entry: Entry) -> str:
    return f"{_WITHDRAWN}|{entry.authority}|{case_named(entry)}|{entry.subject}|"


def standing_keys(view: View) -> set[tuple[str, str]]:
    """(kind, key) of everything for people that is true of this view; for what it cannot show, ``still_withdrawn``."""
    clearance = view.clearance
    keys = {("customs.held", hold_key(hold)) for hold in clearance.holds if hold.cleared_at is None}
    keys |= {("customs.hold_cleared", hold_key(hold)) for hold in clearance.holds if hold.cleared_at is not None}
    for release in clearance.releases:
        if release.revoked_at is None:
            if not release.withheld:
                keys.add(("customs.released", release_key(release)))
            if release.taken_back:
                keys.add(("customs.release_revoked", reduction_key(release)))
        elif clearance.standing_release is None:
            keys.add(("customs.release_revoked", revocation_key(release)))
    if view.gated_out_at is not None:
        keys.add(("gate_out", "complete"))
    return keys


def still_withdrawn(kind: str, key: str, view: View) -> bool:
    """Whether this is news of a release that is no longer stated, and none stands in its place in this view.

    It leaves no trace in a state, so that ``standing_keys`` cannot name it.
    """
    if kind != "customs.release_revoked" or not key.startswith(f"{_WITHDRAWN}|"):
        return False
    return not any(
        release.revoked_at is None and key.startswith(_withdrawn_from(release.entry)[:_KEY_LENGTH])
        for release in view.clearance.releases
    )


def _customs(old: Clearance, new: Clearance) -> Iterable[Change]:
    held = {hold_key(hold): hold for hold in old.holds}
    released = {release_key(release): release for release in old.releases}
    for hold in new.holds:
        key = hold_key(hold)
        before = held.get(key)
        data = _data(hold.entry, hold.milestone) | {"hold_kind": hold.kind, "agency": hold.agency}
        if before is None and hold.cleared_at is None:
            yield Change("customs.held", key, hold.placed_at, hold.entry.reported, data)
        ended = hold.cleared_at is not None and hold.cleared_by != "release"
        if ended and before is not None and before.cleared_at is None:
            told = (hold.ended_by or hold.entry).reported
            yield Change("customs.hold_cleared", key, hold.cleared_at, told, data)
    for release in new.releases:
        key = release_key(release)
        earlier = released.get(key)
        data = _data(release.entry, release.entry.milestone) | {"provisional": release.provisional}
        lets_go = release.revoked_at is None and not release.withheld
        if lets_go and (earlier is None or earlier.revoked_at is not None or earlier.withheld):
            yield Change("customs.released", key, release.released_at, release.entry.reported, data)
        if release.revoked_at is not None and (earlier is None or earlier.revoked_at is None):
            by = release.revoked_by or release.entry
            data = _data(by, by.milestone) | {"released_at": release.released_at}
            yield Change("customs.release_revoked", revocation_key(release), release.revoked_at, by.reported, data)
        elif release.taken_back > (earlier.taken_back if earlier is not None else 0):
            by = release.reduced_by or release.entry
            data = _data(by, by.milestone) | {"released_at": release.released_at, "packages": release.taken_back}
            yield Change("customs.release_revoked", reduction_key(release), by.occurred, by.reported, data)
    yield from _withdrawn(old, new, released)


def _withdrawn(old: Clearance, new: Clearance, before: dict[str, Release]) -> Iterable[Change]:
    """Releases that stood and are no longer stated, without another in their place or a word that takes them back."""
    stated = {release_key(release) for release in new.releases}
    for key, release in before.items():
        if release.revoked_at is not None or key in stated:
            continue
        entry = release.entry
        if any(
            row.entry.authority == entry.authority
            and same_cargo(row.entry, entry)
            and (row.revoked_at is None or release_key(row) not in before)
            for row in new.releases
        ):
            continue
        data = _data(entry, entry.milestone) | {"released_at": release.released_at, "withdrawn": True}
        yield Change("customs.release_revoked", withdrawal_key(release), None, None, data)


def _gate_out(before: list[Entry], view: View, plan: Plan) -> Iterable[Change]:
    if view.gated_out_at is None:
        return
    # Most that leave the terminal have not left it before, and that is told without working out the whole.
    if any(entry.milestone in _TOLD_APART for entry in before) and derive(before, plan).gated_out_at is not None:
        return
    last = max(
        (o for o in view.occurrences if o.milestone in _TOLD_APART and o.entry.classifier == ACTUAL),
        key=lambda o: (o.occurred or 0, o.entry.id),
    )
    yield Change("gate_out", "complete", view.gated_out_at, last.entry.reported, _data(last.entry, last.milestone))
