"""Can the cargo be collected? Six lights, and for each that is not green who must do what.

A light is ``ok``, ``blocked``, ``pending``, ``unknown`` or ``not_applicable``. No data is not "nothing happened": what
no source speaks of is ``unknown``, so a customs feed alone never makes cargo ready before it has left.
Responsible parties: ``importer``, ``broker``, ``carrier``, ``terminal``, ``customs``, ``agency``.
"""

from __future__ import annotations

from collections.abc import Iterable

from cargo.domain.customs.regime import AGENCY_HOLDS
from cargo.domain.state import ACTUAL
from cargo.domain.view import Hold, Light, Release, View

LIGHTS = ("customs", "agencies", "carrier", "terminal", "documents", "payment")
LIGHT_STATES = ("ok", "blocked", "pending", "unknown", "not_applicable")

# A hold's milestone -> who must move, and how.
_AGENCY_REMEDIES = {"agency_hold": ("agency", "wait_for_agency"), "agency_refused": ("broker", "answer_agency")}
_CUSTOMS_REMEDIES = {
    "inspection_ordered": ("broker", "present_for_inspection"),
    "documents_requested": ("broker", "submit_documents"),
    "payment_required": ("importer", "pay_duty"),
    "customs_hold": ("broker", "answer_customs"),
    "security_filing_hold": ("carrier", "correct_security_filing"),
    "do_not_load": ("carrier", "correct_security_filing"),
    "seized": ("importer", "answer_customs"),
}
_ANSWERS = {"documents_requested": "documents_submitted", "inspection_ordered": "inspection_in_progress"}
_ON_THE_GROUND = ("discharged", "bonded_storage_in", "bonded_transport_arrived")
# Which light's standing a milestone moves, and whether it withholds (True) or lets go (False).
_SWITCHES = {
    "freight_hold": ("carrier", True),
    "freight_released": ("carrier", False),
    "terminal_hold": ("terminal", True),
    "terminal_hold_removed": ("terminal", False),
}
_NOTED = frozenset(
    {
        "documents_submitted",
        "inspection_in_progress",
        "customs_review_completed",
        "duty_paid",
        "agency_hold_removed",
        "agency_inspection_requested",
        "available_for_pickup",
        *_ON_THE_GROUND,
    }
)

# instant, withheld, source: of two at one instant the withholding one is believed
_Standing = tuple[int, bool, int]
_Standings = dict[str, _Standing]


class _Facts:
    """What one pass over the occurrences finds: the latest of each noted milestone and, by container, who withholds."""

    __slots__ = ("available", "carrier", "latest", "terminal")

    def __init__(self, view: View) -> None:
        self.latest: dict[str, tuple[int, int]] = {}
        self.carrier: _Standings = {}
        self.terminal: _Standings = {}
        self.available: set[str] = set()
        for occurrence in view.occurrences:
            milestone = occurrence.milestone
            switch = _SWITCHES.get(milestone)
            if switch is None and milestone not in _NOTED:
                continue
            entry = occurrence.entry
            if entry.classifier != ACTUAL or entry.implausible:
                continue
            at = occurrence.occurred or entry.reported or 0
            if switch is not None:
                standings = self.carrier if switch[0] == "carrier" else self.terminal
                standing = (at, switch[1], entry.source)
                if standing > standings.get(occurrence.subject, (-1, False, 0)):
                    standings[occurrence.subject] = standing
                continue
            if milestone == "available_for_pickup":
                self.available.add(occurrence.subject)
            if (at, entry.source) > self.latest.get(milestone, (-1, 0)):
                self.latest[milestone] = (at, entry.source)


def lights(view: View) -> list[Light]:
    """The six lights of a view whose occurrences, clearance, containers and gate-out are worked out, in fixed order.

    ``since`` is in whole seconds since 1970 (UTC), ``deadline`` an ISO date that the source itself stated.
    Pure; the order of the occurrences does not matter.
    """
    facts = _Facts(view)
    own, others, release = _withholding(view)
    return [
        _customs(view, own, release, facts),
        _agencies(view, others, facts),
        _carrier(view, facts),
        _terminal(view, facts),
        _documents(own, release, facts, view),
        _payment(own, release, facts),
    ]


def _withholding(view: View) -> tuple[list[Hold], list[Hold], Release | None]:
    """The holds of customs and those of other agencies that stand, and the release of the whole cargo."""
    own: list[Hold] = []
    others: list[Hold] = []
    for hold in view.clearance.holds:
        if hold.cleared_at is None:
            (others if hold.milestone in AGENCY_HOLDS else own).append(hold)
    release = whole_release(view)
    gone = view.gated_out_at if release is not None else None
    if gone is not None:
        # What withheld before the goods left with a release standing no longer withholds anything.
        own = [hold for hold in own if (hold.placed_at or 0) > gone]
        others = [hold for hold in others if (hold.placed_at or 0) > gone]
    return own, others, release


def remedies(view: View) -> list[tuple[Hold, str, str]]:
    """Each hold that withholds the cargo, with who must do what about it."""
    own, others, _release = _withholding(view)
    if not own and not others:
        return []
    facts = _Facts(view)
    found = [(hold, *_remedy(hold, facts)) for hold in own]
    return found + [(hold, *_AGENCY_REMEDIES[hold.milestone]) for hold in others]


def whole_release(view: View) -> Release | None:
    """The release that stands for all of the cargo: ``None`` while one declaration or one container still waits."""
    clearance = view.clearance
    if not clearance.releases or clearance.state in ("declared", "under_review"):
        return None
    if any(not container.released for container in view.containers):
        return None
    release = clearance.standing_release
    return None if release is None or _left_behind(release, view) else release


def _left_behind(release: Release, view: View) -> bool:
    """Whether it is the clearance of the export, which says nothing once the goods are in another country."""
    return release.entry.milestone == "export_cleared" and view.arrived_at is not None


def ready(lights: Iterable[Light]) -> bool | None:
    """True if every light that applies is ok, False if one is blocked or pending, None if neither can be said."""
    applies = unknown = False
    for light in lights:
        state = light.state
        if state in ("blocked", "pending"):
            return False
        if state == "unknown":
            unknown = True
        elif state == "ok":
            applies = True
    return None if unknown or not applies else True


def blocking(lights: Iterable[Light]) -> list[Light]:
    """The lights that somebody must still do something about, in the lights' order."""
    return [light for light in lights if light.state in ("blocked", "pending")]


def _blocked(name: str, hold: Hold, remedy: tuple[str, str]) -> Light:
    deadline = hold.entry.deadline or None
    return Light(name, "blocked", hold.placed_at, hold.entry.source, remedy[0], remedy[1], deadline)


def _earliest(holds: list[Hold]) -> Hold:
    return min(holds, key=lambda hold: (hold.placed_at or 0, hold.milestone, hold.entry.id))


def _customs(view: View, own: list[Hold], release: Release | None, facts: _Facts) -> Light:
    clearance = view.clearance
    state = clearance.state
    if state == "revoked":
        if not clearance.releases:
            # Customs took back a release that nobody has told of yet.
            return Light("customs", "blocked", None, None, "broker", "answer_customs")
        last = max(clearance.releases, key=lambda row: (row.revoked_at or 0, row.entry.id))
        source = last.revoked_by.source if last.revoked_by is not None else last.entry.source
        return Light("customs", "blocked", last.revoked_at, source, "broker", "answer_customs")
    if own:
        hold = _earliest(own)
        return _blocked("customs", hold, _remedy(hold, facts))
    if release is not None:
        return Light("customs", "ok", release.released_at, release.entry.source)
    if state == "rejected":
        return Light("customs", "blocked", None, None, "broker", "declare_import")
    standing = clearance.standing_release
    if standing is not None and _left_behind(standing, view):
        return Light("customs", "unknown")
    if state in ("declared", "under_review") or standing is not None:
        return Light("customs", "pending", clearance.declared_at, None, "customs", "wait_for_customs")
    if state == "cancelled":
        return Light("customs", "pending", None, None, "broker", "declare_import")
    if not clearance.known:
        return Light("customs", "unknown")
    if view.arrived_at is None and not any(code in facts.latest for code in _ON_THE_GROUND):
        return Light("customs", "pending", None, None, "carrier", "wait_for_arrival")
    return Light("customs", "pending", view.arrived_at, None, "broker", "declare_import")


def _remedy(hold: Hold, facts: _Facts) -> tuple[str, str]:
    """Who must move next: papers handed in or an inspection begun after the hold leave the move to customs."""
    answer = facts.latest.get(_ANSWERS.get(hold.milestone, ""))
    if answer is not None and answer[0] >= (hold.placed_at or 0):
        return ("customs", "wait_for_customs")
    return _CUSTOMS_REMEDIES.get(hold.milestone, ("broker", "answer_customs"))


def _agencies(view: View, others: list[Hold], facts: _Facts) -> Light:
    if others:
        hold = _earliest(others)
        return _blocked("agencies", hold, _AGENCY_REMEDIES[hold.milestone])
    passed = facts.latest.get("agency_hold_removed")
    asked = facts.latest.get("agency_inspection_requested")
    if asked is not None and (passed is None or passed < asked) and view.clearance.state not in _FREED:
        return Light("agencies", "pending", asked[0] or None, asked[1], "agency", "wait_for_agency")
    if passed is not None:
        return Light("agencies", "ok", passed[0] or None, passed[1])
    return Light("agencies", "not_applicable")


_FREED = ("released", "released_provisionally")


def _carrier(view: View, facts: _Facts) -> Light:
    if view.gated_out_at is not None:
        return Light("carrier", "ok", view.gated_out_at)
    standings = facts.carrier
    held = _withheld(standings)
    if held is not None:
        return Light("carrier", "blocked", held[0] or None, held[2], "importer", "settle_charges")
    if standings and _covers(set(standings), view):
        last = max(standings.values())
        return Light("carrier", "ok", last[0] or None, last[2])
    return Light("carrier", "unknown", None, None, "importer", "request_delivery_order")


def _terminal(view: View, facts: _Facts) -> Light:
    if view.gated_out_at is not None:
        return Light("terminal", "ok", view.gated_out_at)
    held = _withheld(facts.terminal)
    deadline = view.last_free_day
    if held is not None:
        return Light("terminal", "blocked", held[0] or None, held[2], "importer", "clear_terminal_hold", deadline)
    if facts.available and _covers(facts.available, view):
        at, source = facts.latest["available_for_pickup"]
        return Light("terminal", "ok", at or None, source, None, None, deadline)
    if facts.available or any(code in facts.latest for code in _ON_THE_GROUND):
        return Light("terminal", "unknown", None, None, "terminal", "ask_terminal", deadline)
    if not view.occurrences:
        return Light("terminal", "unknown")
    if view.arrived_at is not None:
        return Light("terminal", "pending", view.arrived_at, None, "terminal", "wait_for_discharge", deadline)
    return Light("terminal", "pending", None, None, "carrier", "wait_for_arrival", deadline)


def _withheld(standings: _Standings) -> _Standing | None:
    """The earliest hold that stands: a later word on the whole bill also settles its containers, and one of a
    container settles that container alone."""
    if not standings:
        return None
    bill = standings.get("")
    held = [
        standing
        for subject, standing in standings.items()
        if standing[1] and not (subject and bill is not None and not bill[1] and bill[0] > standing[0])
    ]
    return min(held) if held else None


def _covers(subjects: set[str], view: View) -> bool:
    """Whether what is said of these subjects is said of all the cargo ("" is the whole bill)."""
    return "" in subjects or all(container.number in subjects for container in view.containers)


def _documents(own: list[Hold], release: Release | None, facts: _Facts, view: View) -> Light:
    wanted = [hold for hold in own if hold.milestone == "documents_requested"]
    if wanted:
        hold = _earliest(wanted)
        remedy = _remedy(hold, facts)
        light = _blocked("documents", hold, remedy)
        if remedy[0] == "customs":
            light.state = "pending"
            light.since, light.source = facts.latest["documents_submitted"]
        return light
    lifted = [h for h in view.clearance.holds if h.milestone == "documents_requested" and h.cleared_at is not None]
    if lifted:
        last = max(lifted, key=lambda hold: (hold.cleared_at or 0, hold.entry.id))
        return Light("documents", "ok", last.cleared_at, last.entry.source)
    return Light("documents", "unknown" if release is None else "not_applicable")


def _payment(own: list[Hold], release: Release | None, facts: _Facts) -> Light:
    wanted = [hold for hold in own if hold.milestone == "payment_required"]
    if wanted:
        return _blocked("payment", _earliest(wanted), _CUSTOMS_REMEDIES["payment_required"])
    if release is not None:
        return Light("payment", "ok", release.released_at, release.entry.source)
    paid = facts.latest.get("duty_paid")
    if paid is not None:
        return Light("payment", "ok", paid[0] or None, paid[1])
    decided = facts.latest.get("customs_review_completed")
    if decided is not None:
        return Light("payment", "pending", decided[0] or None, decided[1], "importer", "pay_duty")
    return Light("payment", "unknown")
