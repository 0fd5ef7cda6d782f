"""Customs status worked out from events: holds by agency, releases, what was taken back.

One engine for every authority; what its words do to each other is said by the authority's ``Regime``. Where that says
nothing, a release ends that authority's *own, earlier* holds on the same declaration; later ones block; other
agencies' holds are never ended by customs; after a revocation nothing reopens, the state is ``revoked``.
Source: the binding decisions 15 to 17 of the design and the milestones table (``closes``, ``reverts``).
"""

from __future__ import annotations

from cargo.domain.codes import MILESTONES
from cargo.domain.customs.outcome import RELEASED, manifested, roll_up, withhold
from cargo.domain.customs.regime import (
    AGENCY_HOLDS,
    Regime,
    about_the_declaration,
    keeps_release,
    same_bill,
    same_cargo,
)
from cargo.domain.customs.regimes import regime_of
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Case, Clearance, Hold, Release

HOLD_KINDS = {
    "customs_hold": "customs",
    "inspection_ordered": "inspection",
    "documents_requested": "documents",
    "payment_required": "payment",
    "agency_hold": "agency",
    "agency_refused": "refused",
    "security_filing_hold": "security_filing",
    "do_not_load": "do_not_load",
    "seized": "seized",
    "export_hold": "customs",
    "export_inspection_ordered": "inspection",
}
_EXPORT_AS_IMPORT = {
    "export_declared": "import_declared",
    "export_review": "customs_review",
    "export_cleared": "customs_released",
    "export_clearance_cancelled": "customs_release_cancelled",
    "export_declaration_rejected": "declaration_rejected",
}
_EXPORT_HOLDS = frozenset({"export_hold", "export_inspection_ordered"})
_STEPS = {
    "import_declared": "declared",
    "customs_review": "under_review",
    "customs_review_completed": "under_review",
    "inspection_in_progress": "under_review",
}
_REVERTS = {
    "customs_release_cancelled": "revoked",
    "declaration_rejected": "rejected",
    "declaration_cancelled": "cancelled",
}
_ENDED = frozenset({"declaration_rejected", "declaration_cancelled"})
_RELEASES = frozenset({"customs_released", "customs_released_provisional"})
_TRANSIT = frozenset(code for code, row in MILESTONES.items() if row.group == "transit customs")
_CUSTOMS_GROUPS = frozenset({"import customs", "export customs", "bonded movement", "transit customs"})
CONCERNED = frozenset(code for code, row in MILESTONES.items() if row.group in _CUSTOMS_GROUPS)
# Within one second: first what is lodged, then holds, what ends them, releases, and last what takes a release back.
_TURN = {"advance": 0, "info": 0, "hold_open": 1, "hold_close": 2, "release": 3, "revert": 4}
_ORDER = {code: _TURN[row.effect] for code, row in MILESTONES.items()}


def clear(entries: list[Entry]) -> Clearance:
    """Holds, releases and the state of INTERFACES (``customs.state``) from the actual entries of a shipment."""
    concerned = [entry for entry in entries if entry.classifier == ACTUAL and entry.milestone in CONCERNED]
    return clear_concerned(concerned) if concerned else Clearance()


def clear_concerned(concerned: list[Entry]) -> Clearance:
    """The same for those of the entries that are actual and concern customs, at least one."""
    result = Clearance(known=True)
    concerned = sorted(concerned, key=lambda entry: (entry.occurred or 0, _ORDER[entry.milestone], entry.id))
    importing = any(MILESTONES[entry.milestone].group == "import customs" for entry in concerned)
    for entry in concerned:
        milestone = entry.milestone
        if milestone in _EXPORT_AS_IMPORT:
            if importing:
                if milestone == "export_cleared":
                    _end_export_holds(result, entry)
                continue
            milestone = _EXPORT_AS_IMPORT[milestone]
        _apply(result, milestone, entry, concerned)
    withhold(result)
    result.state = roll_up(result, concerned)
    return result


def _apply(result: Clearance, milestone: str, entry: Entry, concerned: list[Entry]) -> None:
    regime = regime_of(entry.authority)
    kind = HOLD_KINDS.get(entry.milestone)
    if regime.reopens is not keeps_release and result.releases:
        _reopen(result, entry, regime)
    if kind is not None:
        for hold in _open(result, entry):
            if regime.replaces(entry, hold):
                _clear_hold(hold, entry, entry.milestone)
        if regime.lodges(entry):
            _step(result, _case(result, entry, regime), "import_declared", entry)
        agency = entry.agency or entry.authority
        result.holds.append(Hold(agency, kind, entry.milestone, entry.occurred, entry))
        return
    if milestone in _REVERTS and not _concerns(entry, regime, concerned):
        return
    if result.holds:
        _end_holds(result, milestone, entry, regime)
    if milestone in _STEPS:
        _step(result, _case(result, entry, regime), milestone, entry)
    elif regime.transit and milestone in _TRANSIT:
        _turn(_case(result, entry, regime), "", entry)
    elif milestone in _RELEASES:
        _release(result, milestone, entry, regime, concerned)
    elif milestone in _REVERTS:
        _revert(result, milestone, entry, regime)


def _concerns(entry: Entry, regime: Regime, concerned: list[Entry]) -> bool:
    """Whether what is rejected or cancelled is the declaration: asked with the authority's earlier words on it."""
    if regime.concerns is about_the_declaration:
        return True
    earlier = concerned[: next(i for i, other in enumerate(concerned) if other is entry)]
    own = [other for other in earlier if other.authority == entry.authority and same_cargo(other, entry)]
    return regime.concerns(entry, own)


def _reopen(result: Clearance, entry: Entry, regime: Regime) -> None:
    """Takes back the releases that a word of another kind than a revocation puts in question."""
    for row in _standing(result, entry):
        if regime.reopens(entry, row):
            row.revoked_at, row.revoked_by = entry.occurred, entry
            _turn(_case(result, entry, regime), "revoked", entry)


def _open(result: Clearance, entry: Entry) -> list[Hold]:
    """The open holds of the entry's authority on its cargo."""
    held = [hold for hold in result.holds if hold.cleared_at is None]
    authority = entry.authority if held else ""
    return [hold for hold in held if hold.entry.authority == authority and same_cargo(hold.entry, entry)]


def _clear_hold(hold: Hold, entry: Entry, by: str) -> None:
    hold.cleared_at, hold.cleared_by, hold.ended_by = entry.occurred, by, entry


def _end_export_holds(result: Clearance, entry: Entry) -> None:
    for hold in _open(result, entry):
        if hold.milestone in _EXPORT_HOLDS and (not entry.agency or not hold.agency or entry.agency == hold.agency):
            _clear_hold(hold, entry, "release")


def _end_holds(result: Clearance, milestone: str, entry: Entry, regime: Regime) -> None:
    """What a word ends: by the authority's rules, and by a release or the end of a declaration."""
    release = milestone in _RELEASES
    for hold in _open(result, entry):
        own = regime.release_ends_holds and hold.milestone not in AGENCY_HOLDS
        # What was asked or held on a declaration that is no more is asked of nobody.
        ended = milestone in _ENDED and hold.entry.declaration == entry.declaration != ""
        if (own and (release or ended)) or regime.ends(entry, hold):
            _clear_hold(hold, entry, "release" if release else entry.milestone)
    if release and regime.release_ends_also:
        for hold in result.holds:
            apart = entry.subject and hold.entry.subject and entry.subject != hold.entry.subject
            if hold.cleared_at is None and hold.entry.authority in regime.release_ends_also and not apart:
                _clear_hold(hold, entry, "release")


def _case(result: Clearance, entry: Entry, regime: Regime) -> Case:
    """The case an event belongs to. One without a number joins the only case there is, and a number joins such one."""
    name, bill, for_all = entry.declaration, entry.bill, regime.speaks_for_all(entry)
    authority, own, found = entry.authority, [], None
    for case in result.cases:
        if case.authority != authority or case.for_all != for_all:
            continue
        if not bill or not case.bill or same_bill(bill, case.bill):
            if case.declaration == name:
                found = case
                break
            own.append(case)
    if found is None and len(own) == 1 and (not name or not own[0].declaration):
        found = own[0]
    if found is None:
        found = Case(authority, name, bill, for_all)
        result.cases.append(found)
    found.declaration = found.declaration or name
    found.bill = found.bill or bill
    return found


def _step(result: Clearance, case: Case, milestone: str, entry: Entry) -> None:
    state = _STEPS[milestone]
    if milestone == "import_declared" and result.declared_at is None:
        result.declared_at = entry.occurred
    if case.state in RELEASED:
        return
    if case.state in ("revoked", "rejected", "cancelled") and milestone != "import_declared":
        return
    if case.state == "under_review" and state == "declared":
        return
    _turn(case, state, entry)


def _turn(case: Case, state: str, entry: Entry) -> None:
    case.state = state
    case.changed = entry.occurred or 0
    if case.opened is None:
        case.opened = case.changed


def _release(result: Clearance, milestone: str, entry: Entry, regime: Regime, concerned: list[Entry]) -> None:
    provisional = milestone == "customs_released_provisional"
    for_all = regime.speaks_for_all(entry)
    standing = [row for row in _standing(result, entry) if regime.speaks_for_all(row.entry) == for_all]
    if standing and regime.counts_quantity and entry.packages:
        repeated = _adds_nothing(standing, entry, concerned)
    else:
        repeated = bool(standing) and (provisional or not all(row.provisional for row in standing))
    if repeated:
        return  # told twice: the release that stands is not a second one
    result.releases.append(Release(entry.occurred, entry, provisional))
    _turn(_case(result, entry, regime), "released_provisionally" if provisional else "released", entry)


def _standing(result: Clearance, entry: Entry) -> list[Release]:
    """The releases of the entry's authority on its cargo that stand."""
    return [
        row
        for row in result.releases
        if row.revoked_at is None and row.entry.authority == entry.authority and same_cargo(row.entry, entry)
    ]


def _adds_nothing(standing: list[Release], entry: Entry, concerned: list[Entry]) -> bool:
    """Whether a release of a quantity is one that stands, told again: all is released, or the same quantity is."""
    counts = [row.packages for row in standing]
    if None in counts:
        return True
    goal = manifested(concerned, entry.bill)
    if goal is None:
        return entry.packages in counts
    return sum(count for count in counts if count is not None) >= goal


def _revert(result: Clearance, milestone: str, entry: Entry, regime: Regime) -> None:
    targets = [row for row in _standing(result, entry) if regime.takes_back(entry, row)]
    if regime.counts_quantity and entry.packages:
        _take_quantity(targets, entry, entry.packages)
    else:
        for row in targets:
            row.revoked_at, row.revoked_by = entry.occurred, entry
    if milestone not in _ENDED and not targets and not regime.revokes(entry):
        return
    case = _case(result, entry, regime)
    if any(row.revoked_at is None for row in targets):
        case.changed = entry.occurred or 0
        return
    revoked = bool(targets) and (regime.cancelling_revokes or milestone != "declaration_cancelled")
    case.state = "revoked" if revoked else _REVERTS[milestone]
    case.changed = entry.occurred or 0


def _take_quantity(targets: list[Release], entry: Entry, packages: int) -> None:
    """Takes packages out of the releases that stand, the latest first; one that says no quantity goes as a whole."""
    for row in reversed(targets):
        if packages <= 0:
            return
        left = row.packages
        if left is None or left <= packages:
            row.revoked_at, row.revoked_by = entry.occurred, entry
            packages -= left or 0
        else:
            row.taken_back, row.reduced_by = row.taken_back + packages, entry
            packages = 0
