"""Customs status worked out from events: holds by agency, releases, what was taken back.

The rule of the authorities that CLIS reads today (Korea, DCSA; also the United Kingdom, the EU, Japan, X12, IATA):
a release ends that authority's *own, earlier* holds on the same declaration; later ones block; other
agencies' holds are never ended by customs; after a revocation nothing reopens, the state is ``revoked``.
Source: the binding decisions 15 to 17 of the design and the milestones table (``closes``, ``reverts``).
"""

from __future__ import annotations

from cargo.domain.codes import MILESTONES
from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Clearance, Hold, Release

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
AGENCY_HOLDS = frozenset({"agency_hold", "agency_refused"})
_EXPORT_AS_IMPORT = {
    "export_declared": "import_declared",
    "export_review": "customs_review",
    "export_cleared": "customs_released",
    "export_clearance_cancelled": "customs_release_cancelled",
    "export_declaration_rejected": "declaration_rejected",
}
_EXPORT_HOLDS = frozenset({"export_hold", "export_inspection_ordered"})
# In whose words carriers and airlines repeat what customs said.
REPEATING = frozenset({"DCSA", "X12", "UN-EDIFACT", "IATA"})
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
_CUSTOMS_GROUPS = frozenset({"import customs", "export customs", "bonded movement", "transit customs"})
CONCERNED = frozenset(code for code, row in MILESTONES.items() if row.group in _CUSTOMS_GROUPS)
_CLOSES = {code: frozenset(row.closes) for code, row in MILESTONES.items() if row.closes}
# Within one second: first what is lodged, then holds, what ends them, releases, and last what takes a release back.
_TURN = {"advance": 0, "info": 0, "hold_open": 1, "hold_close": 2, "release": 3, "revert": 4}
_ORDER = {code: _TURN[row.effect] for code, row in MILESTONES.items()}


class _Case:
    """One declaration before one authority."""

    __slots__ = ("authority", "changed", "declaration", "opened", "state")

    def __init__(self, authority: str, declaration: str) -> None:
        self.authority = authority
        self.declaration = declaration
        self.state = ""
        self.changed = 0
        self.opened: int | None = None


def clear(entries: list[Entry]) -> Clearance:
    """Holds, releases and the state of INTERFACES (``customs.state``) from the actual entries of a shipment."""
    concerned = [entry for entry in entries if entry.classifier == ACTUAL and entry.milestone in CONCERNED]
    return clear_concerned(concerned) if concerned else Clearance()


def clear_concerned(concerned: list[Entry]) -> Clearance:
    """The same for those of the entries that are actual and concern customs, at least one."""
    result = Clearance(known=True)
    concerned = sorted(concerned, key=lambda entry: (entry.occurred or 0, _ORDER[entry.milestone], entry.id))
    importing = any(MILESTONES[entry.milestone].group == "import customs" for entry in concerned)
    cases: dict[tuple[str, str], _Case] = {}
    for entry in concerned:
        milestone = entry.milestone
        if milestone in _EXPORT_AS_IMPORT:
            if importing:
                if milestone == "export_cleared":
                    _close(result, _EXPORT_HOLDS, entry, "release")
                continue
            milestone = _EXPORT_AS_IMPORT[milestone]
        _apply(result, cases, milestone, entry)
    result.state = _roll_up(result, list(cases.values()))
    return result


def _apply(result: Clearance, cases: dict[tuple[str, str], _Case], milestone: str, entry: Entry) -> None:
    kind = HOLD_KINDS.get(entry.milestone)
    if kind is not None:
        agency = entry.agency or entry.authority
        result.holds.append(Hold(agency, kind, entry.milestone, entry.occurred, entry))
        return
    if milestone in _CLOSES:
        _close(result, _CLOSES[milestone], entry, entry.milestone)
    if milestone in _STEPS:
        _step(result, _case(cases, entry), milestone, entry)
    elif milestone in _RELEASES:
        _release(result, _case(cases, entry), milestone, entry)
    elif milestone in _REVERTS:
        _revert(result, _case(cases, entry), milestone, entry)


def _case(cases: dict[tuple[str, str], _Case], entry: Entry) -> _Case:
    """The case an event belongs to; one without a number joins the only case there is."""
    name = entry.declaration
    if not name:
        own = [case for case in cases.values() if case.authority == entry.authority]
        if len(own) == 1:
            return own[0]
    found = cases.get((entry.authority, name))
    if found is None:
        found = cases[(entry.authority, name)] = _Case(entry.authority, name)
    return found


def _step(result: Clearance, case: _Case, milestone: str, entry: Entry) -> None:
    state = _STEPS[milestone]
    if milestone == "import_declared" and result.declared_at is None:
        result.declared_at = entry.occurred
    if case.state in ("released", "released_provisionally"):
        return
    if case.state in ("revoked", "rejected", "cancelled") and milestone != "import_declared":
        return
    if case.state == "under_review" and state == "declared":
        return
    case.state = state
    case.changed = entry.occurred or 0
    if case.opened is None:
        case.opened = case.changed


def _release(result: Clearance, case: _Case, milestone: str, entry: Entry) -> None:
    provisional = milestone == "customs_released_provisional"
    state = "released_provisionally" if provisional else "released"
    for hold in result.holds:
        own = hold.milestone not in AGENCY_HOLDS and hold.entry.authority == entry.authority
        if hold.cleared_at is None and own and _same_cargo(hold.entry, entry):
            hold.cleared_at, hold.cleared_by = entry.occurred, "release"
    standing = [
        row
        for row in result.releases
        if row.revoked_at is None and row.entry.authority == entry.authority and _same_cargo(row.entry, entry)
    ]
    if standing and (provisional or not all(row.provisional for row in standing)):
        return  # told twice: the release that stands is not a second one
    result.releases.append(Release(entry.occurred, entry, provisional))
    case.state = state
    case.changed = entry.occurred or 0
    if case.opened is None:
        case.opened = case.changed


def _revert(result: Clearance, case: _Case, milestone: str, entry: Entry) -> None:
    took_back = False
    for row in result.releases:
        same = row.entry.authority == entry.authority and _same_cargo(row.entry, entry)
        if row.revoked_at is None and same:
            row.revoked_at, row.revoked_by = entry.occurred, entry
            took_back = True
    if milestone in _ENDED:
        # What was asked or held on a declaration that is no more is asked of nobody.
        for hold in result.holds:
            own = hold.entry.authority == entry.authority and hold.milestone not in AGENCY_HOLDS
            if hold.cleared_at is None and own and hold.entry.declaration == entry.declaration != "":
                hold.cleared_at, hold.cleared_by = entry.occurred, entry.milestone
    case.state = "revoked" if took_back and milestone != "declaration_cancelled" else _REVERTS[milestone]
    case.changed = entry.occurred or 0


def _close(result: Clearance, milestones: frozenset[str], entry: Entry, by: str) -> None:
    for hold in result.holds:
        same_agency = not entry.agency or not hold.agency or entry.agency == hold.agency
        if (
            hold.cleared_at is None
            and hold.milestone in milestones
            and hold.entry.authority == entry.authority
            and same_agency
            and _same_cargo(hold.entry, entry)
        ):
            hold.cleared_at, hold.cleared_by = entry.occurred, by


def _same_cargo(one: Entry, other: Entry) -> bool:
    """The same declaration and box, as far as both are named."""
    if one.declaration and other.declaration and one.declaration != other.declaration:
        return False
    if one.cargo and other.cargo and one.cargo != other.cargo:
        return False
    return not (one.subject and other.subject and one.subject != other.subject)


def _roll_up(result: Clearance, cases: list[_Case]) -> str:
    # A declaration that was lodged after another one's release was taken back stands in its place.
    cases = [
        case
        for case in cases
        if case.state != "revoked"
        or not any(
            other.authority == case.authority and other.opened is not None and other.opened >= case.changed
            for other in cases
            if other is not case and other.state not in ("", "revoked", "rejected", "cancelled")
        )
    ]
    revoked = [case.changed for case in cases if case.state == "revoked"]
    latest = max(revoked) if revoked else None
    for hold in result.holds:
        if hold.cleared_at is None and (latest is None or (hold.placed_at or 0) >= latest):
            return "held"
    if latest is not None:
        return "revoked"
    cases = [case for case in cases if case.state]
    live = [case for case in cases if case.state not in ("rejected", "cancelled")]
    if not live:
        return max(cases, key=lambda case: case.changed).state if cases else "none"
    if any(case.authority not in REPEATING for case in live):
        # A carrier repeats what customs said; customs' own word decides.
        live = [case for case in live if case.authority not in REPEATING]
    states = {case.state for case in live}
    for state in ("declared", "under_review", "released_provisionally", "released"):
        if state in states:
            return state
    return "none"
