"""What changed between two states of a shipment, in a way that somebody may want to know.

Kinds for people: ``customs.held``, ``customs.hold_cleared``, ``customs.released``, ``customs.release_revoked``,
``gate_out``. For feeds: ``milestone`` (something happened) and ``estimate`` (something is expected anew).
A key names the happening, so that the same news is never told twice; it carries the cycle, so that a second release
after a revocation is told. A release that its source no longer states, without a word of taking it back, is news as
well (``customs.release_revoked`` with ``"withdrawn": true``); stated again, it is a release again. An arrival that is
expected for a time at which it was expected before (the 20th, the 25th, the 20th) is told again, unless its source has
said so all along: two sources that contradict each other are an exception, and not news each time that one repeats
itself. What was taken back, so that nothing was left of it, and is reported anew is told again, even for the same time;
so is a gate-out of all that was not all any more, and a release that stands again, or is taken back again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from cargo.domain.customs.clearance import CONCERNED, clear
from cargo.domain.customs.regime import case_named, same_cargo
from cargo.domain.derive import belief, derive
from cargo.domain.journey import belonging
from cargo.domain.state import ACTUAL, CLASSIFIER_NAMES, Entry
from cargo.domain.view import Clearance, Hold, Occurrence, Plan, Release, View

_KEY_LENGTH = 120
_WITHDRAWN = "withdrawn"
_COMPLETE = "complete"
# A bar, and the report that began a later cycle.
_CYCLE_LENGTH = 33
_TOLD_APART = frozenset({"gate_out", "gate_out_before_release"})


class Change(NamedTuple):
    """One piece of news. Instants are whole seconds since 1970 (UTC); ``data`` is neutral: codes, no words.

    ``again``: the key of a later cycle, for what was told before under ``key``.
    """

    kind: str
    key: str
    occurred: int | None
    reported: int | None
    data: dict[str, Any]
    again: str = ""


def changes(before: list[Entry], after: list[Entry], view: View, plan: Plan) -> list[Change]:
    """The news of a merge, oldest first. ``view`` is the view of ``after``."""
    known = {entry.id for entry in before}
    stated = {entry.id for entry in after}
    removed = [entry for entry in before if entry.id not in stated]
    anew = _expected_anew(before, view, plan, known, removed)
    out: list[Change] = [] if anew is None or anew[0].entry.id not in known else [_expected(*anew)]
    stood = {(entry.milestone, entry.subject, entry.place) for entry in before if entry.classifier == ACTUAL}
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
            out.append(_happened(occurrence, stood))
        else:
            out.append(_expected(*anew) if anew and entry.id == anew[0].entry.id else _expected(occurrence))
    if customs or gone or removed:
        old = clear(belonging(before, plan))
        out += _customs(old, view.clearance)
        out += _gate_out(before, view, plan, known)
    out.sort(key=lambda change: (change.occurred or 0, change.kind, change.key))
    return out


def _happened(occurrence: Occurrence, stood: set[tuple[str, str, str]]) -> Change:
    """``stood``: (milestone, container, place) of what had happened before."""
    entry = occurrence.entry
    key = f"{occurrence.milestone}|{entry.subject}|{entry.place}|{entry.declaration}|{entry.occurred}"
    # Where another report of it stood, this one is a correction or another source's; if told before, it was told.
    anew = (entry.milestone, entry.subject, entry.place) not in stood
    again = _later(key, entry.id) if anew else ""
    data = _data(entry, occurrence.milestone)
    return Change("milestone", key[:_KEY_LENGTH], entry.occurred, entry.reported, data, again)


def _later(key: str, because: str) -> str:
    """The key of a later cycle, which the report named here began."""
    return f"{key[: _KEY_LENGTH - len(because) - 1]}|{because}"


def _expected(occurrence: Occurrence, because: str = "") -> Change:
    """``because``: the report by which this is expected now while something else was before."""
    entry = occurrence.entry
    key = f"{occurrence.milestone}|{entry.subject}|{entry.place}|{entry.classifier}|{entry.occurred}"
    data = _data(entry, occurrence.milestone)
    data["classifier"] = CLASSIFIER_NAMES[entry.classifier]
    again = _later(key, because) if because else ""
    return Change("estimate", key[:_KEY_LENGTH], entry.occurred, entry.reported, data, again)


def _expected_anew(
    before: list[Entry], view: View, plan: Plan, known: set[str], removed: list[Entry]
) -> tuple[Occurrence, str] | None:
    """The arrival that is expected now, if it was not before, and the report that brought this about: its own, or the
    one that was believed until it was taken back.
    """
    eta = view.eta
    if eta is None or (eta.id in known and not removed):
        return None
    arriving = {occurrence.entry.place for occurrence in view.occurrences if occurrence.milestone == "arrived"}
    if all(entry.place in arriving for entry in removed if entry.milestone == "arrived"):
        # What is reported of these places is an arrival: quicker than working out the whole.
        held = [entry for entry in belonging(before, plan) if _expects(entry) and entry.place in arriving]
        old = max(held, key=belief, default=None)
    else:
        old = derive(before, plan).eta
    if old is not None and old.occurred == eta.occurred:
        return None
    because = eta.id
    if eta.id not in known and _repeats(eta, before):
        because = ""
    elif eta.id in known and old is not None:
        because = old.id
    return next((occurrence, because) for occurrence in view.occurrences if occurrence.entry is eta)


def _repeats(eta: Entry, before: list[Entry]) -> bool:
    """Whether its source said the same the last time."""
    told = [entry for entry in before if _expects(entry) and entry.source == eta.source and entry.place == eta.place]
    last = max(told, key=belief, default=None)
    return last is not None and last.occurred == eta.occurred


def _expects(entry: Entry) -> bool:
    return entry.milestone == "arrived" and entry.classifier != ACTUAL and entry.occurred is not None


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
        keys.add(("gate_out", _COMPLETE))
    return keys


def first_key(key: str) -> str:
    """The key under which this was told first, if it is of a later cycle; "" if it cannot be.

    A better report of the same happening may have taken the place of the one that the end of the key names.
    """
    return key[:-_CYCLE_LENGTH] if key[-_CYCLE_LENGTH : -_CYCLE_LENGTH + 1] == "|" else ""


def stands_again(kind: str, key: str, standing: Collection[tuple[str, str]]) -> bool:
    """Whether this is of a later cycle of something that is so. ``standing``: as ``standing_keys`` gives it."""
    first = first_key(key)
    return bool(first) and any(of == kind and known[: _KEY_LENGTH - _CYCLE_LENGTH] == first for of, known in standing)


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
            again = _released_anew(release, earlier, old)
            yield Change("customs.released", key, release.released_at, release.entry.reported, data, again)
        if release.revoked_at is not None and (earlier is None or earlier.revoked_at is None):
            by = release.revoked_by or release.entry
            data = _data(by, by.milestone) | {"released_at": release.released_at}
            key = revocation_key(release)
            # Of one that never stood here nobody has to be told again.
            again = _later(key, by.id) if earlier is not None else ""
            yield Change("customs.release_revoked", key, release.revoked_at, by.reported, data, again)
        elif release.taken_back > (earlier.taken_back if earlier is not None else 0):
            by = release.reduced_by or release.entry
            data = _data(by, by.milestone) | {"released_at": release.released_at, "packages": release.taken_back}
            yield Change("customs.release_revoked", reduction_key(release), by.occurred, by.reported, data)
    yield from _withdrawn(old, new, released)


def _released_anew(release: Release, earlier: Release | None, old: Clearance) -> str:
    """The key of a later cycle, if none of its authority's releases of this cargo stood before: it was told of, and
    taken back or no longer stated. ``earlier``: the same release as it was."""
    entry = release.entry
    for row in old.releases:
        if row.revoked_at is None and row.entry.authority == entry.authority and same_cargo(row.entry, entry):
            return ""
    because = earlier.revoked_by if earlier is not None and earlier.revoked_by is not None else entry
    return _later(release_key(release), because.id)


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
        key = withdrawal_key(release)
        yield Change("customs.release_revoked", key, None, None, data, _later(key, entry.id))


def _gate_out(before: list[Entry], view: View, plan: Plan, known: set[str]) -> Iterable[Change]:
    if view.gated_out_at is None:
        return
    # Most that leave the terminal have not left it before, and that is told without working out the whole.
    if any(entry.milestone in _TOLD_APART for entry in before) and derive(before, plan).gated_out_at is not None:
        return
    out = [o for o in view.occurrences if o.milestone in _TOLD_APART and o.entry.classifier == ACTUAL]
    last = max(out, key=lambda o: (o.occurred or 0, o.entry.id))
    # Without a new one nothing left again: a release came back, or a box that had not left is none of these.
    because = max((o.entry.id for o in out if o.entry.id not in known), default="")
    again = _later(_COMPLETE, because) if because else ""
    data = _data(last.entry, last.milestone)
    yield Change("gate_out", _COMPLETE, view.gated_out_at, last.entry.reported, data, again)
