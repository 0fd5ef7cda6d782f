"""What is true of each cargo, and what was told of it by *now*: the answers to check a reading against."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cargo.management.generator.message import source_of
from cargo.management.generator.places import SHEDS
from cargo.management.generator.story import Cargo, Fact

_HOLDS = {
    "inspection_ordered": "inspection",
    "documents_requested": "documents",
    "customs_hold": "customs",
    "agency_refused": "refused",
}
_ENDS = {"inspection_completed": "inspection", "agency_hold_removed": "refused"}
_STEPS = {
    "import_declared": "declared",
    "customs_review": "under_review",
    "customs_review_completed": "under_review",
    "inspection_in_progress": "under_review",
    "customs_released": "released",
    "customs_release_cancelled": "revoked",
    "declaration_cancelled": "cancelled",
    "declaration_rejected": "rejected",
}
# The furthest of these that was told decides the status, later rows winning.
_STATUSES = (
    ("booking_confirmed", "booked"),
    ("empty_picked_up", "at_origin"),
    ("cargo_received", "at_origin"),
    ("stuffed", "at_origin"),
    ("picked_up", "at_origin"),
    ("export_cleared", "at_origin"),
    ("gate_in", "at_origin"),
    ("vgm_submitted", "at_origin"),
    ("loaded", "at_origin"),
    ("departed", "in_transit"),
    ("exported", "in_transit"),
    ("transshipment_arrived", "at_transshipment"),
    ("transshipment_departed", "in_transit"),
    ("arrived", "arrived"),
    ("bonded_storage_in", "in_bond"),
    ("gate_out", "delivered_out"),
    ("gate_out_before_release", "delivered_out"),
    ("delivered", "delivered"),
    ("empty_returned", "completed"),
)


def iso(at: int) -> str:
    """A time as the truth writes it: UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def of(cargo: Cargo, now: int) -> dict[str, Any]:
    """Milestones with their true times, estimates, and customs state, holds, releases and status as told by ``now``.

    A milestone with ``superseded`` was a wrong report, corrected by the next one of the same milestone and container;
    ``told_at`` is when the first message with it was sent, ``null`` if none ever is; ``told_by`` says it for each
    source, ``source`` whose fact it is.
    """
    facts = sorted([*cargo.box.facts, *cargo.facts], key=lambda fact: (fact.at, fact.known))
    known = [fact for fact in facts if fact.classifier == "actual" and 0 < fact.told <= now]
    return {
        "scene": cargo.scene._asdict(),
        "references": [{"type": kind, "value": value} for kind, value in cargo.references],
        "packages": cargo.packages,
        "weight_kg": cargo.weight,
        "containers": cargo.box.containers,
        "declarations": cargo.declarations,
        "milestones": [_milestone(cargo, fact) for fact in facts if fact.classifier == "actual"],
        "expected": [_milestone(cargo, fact) for fact in facts if fact.classifier != "actual"],
        "status": _status(cargo, known),
        "customs": customs(known),
        "removed_packages": sum(
            fact.packages for fact in known if fact.phrase.startswith("exit") and fact.phrase != "exit_bonded"
        ),
    }


def warehouses() -> dict[str, dict[str, Any]]:
    """By code what customs says of each bonded warehouse: whether lateness there costs anything."""
    return {
        shed.code: {
            "name": shed.name,
            "late_removal_fine": shed.fined,
            "late_declaration_surcharge": shed.surcharged,
            "unloading_place": shed.at_quay,
        }
        for shed in SHEDS
    }


def _milestone(cargo: Cargo, fact: Fact) -> dict[str, Any]:
    row: dict[str, Any] = {
        "milestone": fact.milestone,
        "occurred_at": iso(fact.at),
        "source": source_of(fact, cargo.box),
        "told_at": iso(fact.told) if fact.told else None,
        "told_by": {source: iso(at) for source, at in sorted(fact.told_by.items())},
    }
    if fact.classifier != "actual":
        row["classifier"] = fact.classifier
    if fact.container:
        row["container"] = fact.container
    if fact.place:
        row["place"] = fact.place
    if fact.delay_reason:
        row["delay_reason"] = fact.delay_reason
    if fact.superseded:
        row["superseded"] = True
    return row


def customs(known: list[Fact]) -> dict[str, Any]:
    """Releases with what took them back, holds with what ended them, and the state, from facts in their order.

    A release ends that authority's own earlier holds; another agency's hold ends only by its own word. An export's
    clearance counts until customs of the destination is heard of.
    """
    state, releases, holds = "none", [], []
    if any(fact.milestone == "export_cleared" for fact in known):
        abroad = any(fact.milestone in _STEPS or fact.milestone in _HOLDS for fact in known)
        known = [_as_import(fact) for fact in known if not (abroad and fact.milestone == "export_cleared")]
    for fact in sorted(known, key=lambda fact: (fact.at, fact.milestone == "customs_released")):
        kind = _HOLDS.get(fact.milestone)
        if kind:
            holds.append({"kind": kind, "placed_at": iso(fact.at), "cleared_at": None, "cleared_by": None})
        ended = _ENDS.get(fact.milestone)
        for hold in holds:
            own = fact.milestone == "customs_released" and hold["kind"] != "refused"
            if hold["cleared_at"] is None and (hold["kind"] == ended or own):
                hold["cleared_at"], hold["cleared_by"] = iso(fact.at), "release" if own else fact.milestone
        if fact.milestone == "customs_released":
            releases.append({"released_at": iso(fact.at), "revoked_at": None})
        if fact.milestone == "customs_release_cancelled" and releases:
            releases[-1]["revoked_at"] = iso(fact.at)
        if not (
            state == "revoked" and fact.milestone in ("import_declared", "customs_review", "customs_review_completed")
        ):
            state = _STEPS.get(fact.milestone, state)
    if any(hold["cleared_at"] is None for hold in holds):
        state = "held"
    return {"state": state, "releases": releases, "holds": holds}


def _as_import(fact: Fact) -> Fact:
    return replace(fact, milestone="customs_released") if fact.milestone == "export_cleared" else fact


def _status(cargo: Cargo, known: list[Fact]) -> str:
    """A coarse one, from the furthest milestone: boxes and packages count once all of them are through."""
    korean = bool(cargo.cargo_number)
    told = {fact.milestone for fact in known}
    boxes = {fact.container for fact in known if fact.milestone == "empty_returned"}
    if len(boxes) < len(cargo.box.containers) or cargo.box.warehouse is not None:
        told.discard("empty_returned")
    if korean:
        # Customs tells of the removal; the terminal's gate says nothing of what was in a shared box.
        out = sum(fact.packages for fact in known if fact.phrase in ("exit", "exit_listed"))
        left = out >= cargo.packages
    else:
        left = len({fact.container for fact in known if fact.milestone == "gate_out"}) == len(cargo.box.containers)
    if not left:
        told.discard("gate_out")
    status = "expected"
    for milestone, name in _STATUSES:
        if milestone in told:
            status = name
    return status
