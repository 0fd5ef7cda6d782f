"""What has left: under bond or for good, in part or all of it.

A gate-out while no release stands, or while a bonded transport is open, is *left under bond*. That needs somebody
who tells of customs: where only carriers report, there is no clearance to wait for and a gate-out is what it says.
Gate-out is complete when the removed quantity reaches the manifested one, or every box has gone.
"""

from __future__ import annotations

from cargo.domain.parts import in_parts, whole_at
from cargo.domain.state import ACTUAL
from cargo.domain.view import Occurrence, View

# The sources' clocks differ by a little, and removal is often reported in the second of the release.
TOLERANCE = 3600


def removal(view: View) -> None:
    """Sets ``gated_out_at``, ``under_bond_at`` and ``removed_packages``; re-reads gate-outs under bond."""
    out = [
        occurrence
        for occurrence in view.occurrences
        if occurrence.milestone in ("gate_out", "gate_out_before_release") and occurrence.entry.classifier == ACTUAL
    ]
    if not out:
        return
    gone = [occurrence for occurrence in out if not _under_bond(view, occurrence)]
    for occurrence in out:
        if occurrence not in gone:
            occurrence.milestone = "bonded_transport_departed"
            at = occurrence.occurred
            if at is not None and (view.under_bond_at is None or at > view.under_bond_at):
                view.under_bond_at = at
    if gone:
        view.gated_out_at = _complete(view, gone)


def _under_bond(view: View, occurrence: Occurrence) -> bool:
    if occurrence.milestone == "gate_out_before_release" or not view.clearance.known:
        return False
    at = occurrence.occurred
    if at is None:
        return view.clearance.standing_release is None
    stands = any(
        row.released_at is not None
        and row.released_at <= at + TOLERANCE
        and (row.revoked_at is None or row.revoked_at > at)
        for row in view.clearance.releases
    )
    return not stands or _bonded_transport_open(view, at)


def _bonded_transport_open(view: View, at: int) -> bool:
    left = [o.occurred for o in view.actual("bonded_transport_departed") if o.occurred is not None and o.occurred < at]
    if not left:
        return False
    entered = [o.occurred for o in view.actual("bonded_transport_arrived") if o.occurred is not None]
    return not any(max(left) <= arrived <= at + TOLERANCE for arrived in entered)


def _complete(view: View, gone: list[Occurrence]) -> int | None:
    """The instant at which all of it had left, or ``None`` while some remains."""
    boxes = {o.subject for o in view.occurrences if o.subject}
    left: dict[str, int] = {}
    bulk: list[Occurrence] = []
    for occurrence in gone:
        if occurrence.subject:
            at = occurrence.occurred or 0
            left[occurrence.subject] = min(left.get(occurrence.subject, at), at)
        else:
            bulk.append(occurrence)
    moments = []
    if left and len(left) == len(boxes):
        moments.append(max(left.values()))
    if bulk:
        by_quantity = _by_parts(view, bulk) if in_parts(bulk) else _by_quantity(view, bulk)
        if by_quantity is not None:
            moments.append(by_quantity)
    return min(moments) if moments else None


def _by_parts(view: View, bulk: list[Occurrence]) -> int | None:
    """By air the waybill's own total is the goal, told with each part."""
    told: dict[int, int] = {}
    for occurrence in bulk:
        told[occurrence.entry.source] = told.get(occurrence.entry.source, 0) + (occurrence.entry.packages or 0)
    view.removed_packages = max(told.values())
    return whole_at(bulk)


def _by_quantity(view: View, bulk: list[Occurrence]) -> int | None:
    bulk.sort(key=lambda o: (o.occurred or 0, o.entry.id))
    view.removed_packages = sum(o.entry.packages or 0 for o in bulk)
    packages, unit, weight = view.manifested or (None, "", None)
    same_unit = all(not o.entry.unit or not unit or o.entry.unit == unit for o in bulk)
    goal: float | None = packages if packages and (same_unit or not weight) else weight
    if not goal or all(o.entry.packages is None and o.entry.weight is None for o in bulk):
        return bulk[-1].occurred
    total = 0.0
    for occurrence in bulk:
        entry = occurrence.entry
        amount = entry.packages if goal == packages else entry.weight
        total += amount or 0
        if total >= goal * 0.999:
            return occurrence.occurred
    return None
