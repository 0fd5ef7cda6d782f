"""What the words about one cargo come to: the state of the whole, from its cases, holds and releases."""

from __future__ import annotations

from collections.abc import Iterable

from cargo.domain.customs.regime import same_bill, same_cargo
from cargo.domain.customs.regimes import regime_of
from cargo.domain.state import Entry
from cargo.domain.view import Case, Clearance

# In whose words carriers and airlines repeat what customs said.
REPEATING = frozenset({"DCSA", "X12", "UN-EDIFACT", "IATA"})
RELEASED = frozenset({"released", "released_provisionally"})
_OVER = ("rejected", "cancelled")
# Least first: of several declarations the one that is least far decides.
_LEAST_FIRST = ("declared", "under_review", "released_provisionally", "released")
# A hold at these levels withholds every bill below.
_ABOVE = frozenset({"conveyance", "master"})


def roll_up(result: Clearance, concerned: list[Entry]) -> str:
    """The state of the whole; sets ``live``, ``whole`` and ``manifested``. ``concerned``: all that customs said."""
    cases = _deciding(result.cases)
    revoked = [case.changed for case in cases if case.state == "revoked"]
    latest = max(revoked) if revoked else None
    live = [case for case in cases if case.state and case.state not in _OVER]
    if any(case.authority not in REPEATING for case in live):
        # A carrier repeats what customs said; customs' own word decides.
        live = [case for case in live if case.authority not in REPEATING]
    result.live = live
    if live and len({case.bill for case in live}) == 1 and regime_of(live[0].authority).counts_quantity:
        result.manifested = manifested(concerned, live[0].bill)
    states = {"declared" if _in_part(result, case, concerned) else case.state for case in live}
    result.whole = latest is None and bool(states) and states <= RELEASED
    for hold in result.holds:
        if hold.cleared_at is None and (latest is None or (hold.placed_at or 0) >= latest):
            return "held"
    if latest is not None:
        return "revoked"
    if not live:
        told = [case for case in cases if case.state]
        return max(told, key=lambda case: case.changed).state if told else "none"
    return next((state for state in _LEAST_FIRST if state in states), "none")


def _deciding(cases: list[Case]) -> list[Case]:
    """The cases without those whose place another one took.

    A declaration that was lodged after another one's release was taken back stands in its place; and what was said of
    a master bill for all its house bills stands for whatever was said of one of them before.
    """
    if len(cases) < 2:
        return cases
    kept = []
    for case in cases:
        others = [other for other in cases if other is not case and other.authority == case.authority]
        replaced = case.state == "revoked" and any(
            other.for_all == case.for_all
            and (not case.bill or not other.bill or same_bill(case.bill, other.bill))
            and other.opened is not None
            and other.opened >= case.changed
            and other.state not in ("", "revoked", *_OVER)
            for other in others
        )
        covered = not case.for_all and any(
            other.for_all and other.state in RELEASED and other.changed >= case.changed for other in others
        )
        if regime_of(case.authority).transit and case.state in _OVER:
            # A transit that was refused is forgotten once another one lives.
            replaced = any(other.state == "" and other.opened is not None for other in others)
        if not replaced and not covered:
            kept.append(case)
    return kept


def _in_part(result: Clearance, case: Case, concerned: list[Entry]) -> bool:
    """Whether the releases that stand on the case's bill make up less than was manifested on it."""
    if case.state not in RELEASED or not regime_of(case.authority).counts_quantity:
        return False
    counts = [
        row.packages
        for row in result.releases
        if row.revoked_at is None
        and row.entry.authority == case.authority
        and (not case.bill or not row.entry.bill or same_bill(case.bill, row.entry.bill))
    ]
    if not counts or None in counts:
        return False
    goal = manifested(concerned, case.bill)
    return goal is not None and sum(count for count in counts if count is not None) < goal


def withhold(result: Clearance) -> None:
    """Marks the releases that let nothing go while a hold stands."""
    held = [hold.entry for hold in result.holds if hold.cleared_at is None]
    if not held:
        return
    for row in result.releases:
        regime = regime_of(row.entry.authority)
        if regime.additive and row.revoked_at is None:
            for_all = regime.speaks_for_all(row.entry)
            row.withheld = any(
                hold.authority == row.entry.authority
                and (for_all or hold.level in _ABOVE or same_cargo(hold, row.entry))
                for hold in held
            )


def manifested(concerned: Iterable[Entry], bill: str) -> int | None:
    """How many packages were manifested on a bill: the last that was told of it, or ``None``."""
    last: tuple[int, str, int] | None = None
    for entry in concerned:
        if entry.bill and bill and not same_bill(entry.bill, bill):
            continue
        told = entry.facts.get("manifested_packages") if entry.facts else None
        if told is None and regime_of(entry.authority).manifests(entry):
            told = entry.packages
        if told is not None and (last is None or (entry.reported or 0, entry.id) > last[:2]):
            last = (entry.reported or 0, entry.id, int(told))
    return last[2] if last is not None and last[2] > 0 else None
