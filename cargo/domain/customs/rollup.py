"""How much of the cargo customs lets go: by container for full loads, by quantity for the rest, else by declaration.

Source: decision 17 of the design. What counts as released is free of open holds, too: of nine containers with a release
of the whole bill and one of them held, eight are released.
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.domain.customs.outcome import RELEASED
from cargo.domain.customs.regime import same_cargo
from cargo.domain.view import Hold, View

ROLLED_UP_BY = ("container", "declaration", "quantity")


class Rollup(NamedTuple):
    """``by``: ``container``, ``quantity`` or ``declaration``; ``unit``: the packages' unit, if it is told."""

    by: str
    released: int
    of: int
    unit: str | None = None


def rolled_up(view: View) -> Rollup | None:
    """What is released of how much; ``None`` where customs says nothing or there is nothing to count. Pure."""
    clearance = view.clearance
    if not clearance.known:
        return None
    holds = clearance.open_holds
    quantity = _by_quantity(view, holds)
    boxes = len(view.containers)
    # A bill released in part says how many packages and not in which of the boxes they are.
    in_part = quantity is not None and 0 < quantity.released < quantity.of
    if boxes and view.load != "lcl" and not in_part:
        return _by_container(view, holds)
    return quantity or _by_declaration(view, holds) or (_by_container(view, holds) if boxes else None)


def _by_container(view: View, holds: list[Hold]) -> Rollup:
    held = {hold.entry.subject for hold in holds}
    named = {row.entry.subject for row in view.clearance.releases if row.revoked_at is None}
    free = [
        container
        for container in view.containers
        if container.released
        and "" not in held
        and container.number not in held
        # A release of the bill that is not of all of it lets no box go.
        and (view.clearance.whole or container.number in named)
    ]
    return Rollup("container", len(free), len(view.containers))


def _by_quantity(view: View, holds: list[Hold]) -> Rollup | None:
    packages, unit, _weight = view.manifested or (None, "", None)
    packages = packages or view.clearance.manifested
    standing = [row for row in view.clearance.releases if row.revoked_at is None]
    standing = [row for row in standing if not any(same_cargo(hold.entry, row.entry) for hold in holds)]
    if not packages or any(row.entry.unit and unit and row.entry.unit != unit for row in standing):
        return None
    counts = [row.packages for row in standing]
    if None in counts:
        # A release that says no quantity is of the whole.
        released = packages if view.clearance.whole else 0
    else:
        released = min(packages, sum(count for count in counts if count is not None))
    return Rollup("quantity", released, packages, unit or None)


def _by_declaration(view: View, holds: list[Hold]) -> Rollup | None:
    cases = [case for case in view.clearance.live if case.declaration or case.bill]
    if not cases:
        return None
    held = {hold.entry.declaration for hold in holds}
    free = [case for case in cases if case.state in RELEASED and "" not in held and case.declaration not in held]
    return Rollup("declaration", len(free), len(cases))
