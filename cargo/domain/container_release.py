"""Can this container be collected? The six lights of one box: its own holds and its bill's, its release, its way out.

Read off a shipment's view when a document is built, not for every message.
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.domain.customs.clearance import CONCERNED, clear_concerned
from cargo.domain.readiness import lights, ready
from cargo.domain.state import ACTUAL
from cargo.domain.view import Clearance, ContainerView, Light, Occurrence, View

_GONE = frozenset({"gate_out", "gate_out_before_release"})
_LAST_FREE_DAY = "last_free_day"


class ContainerRelease(NamedTuple):
    """One box, in the words of the shipment's own ``lights`` and ``ready``; ``last_free_day`` is an ISO date."""

    lights: list[Light]
    ready: bool | None
    last_free_day: str | None


def container_releases(view: View) -> dict[str, ContainerRelease]:
    """For each container of the shipment, by number. What names no container is said of all of them. Pure."""
    common: list[Occurrence] = []
    own: dict[str, list[Occurrence]] = {container.number: [] for container in view.containers}
    for occurrence in view.occurrences:
        (own.get(occurrence.subject, common) if occurrence.subject else common).append(occurrence)
    apart = _told_apart(view.clearance)
    return {
        container.number: _of_one(view, container, common, own[container.number], apart)
        for container in view.containers
    }


def _told_apart(clearance: Clearance) -> bool:
    """Whether customs says something of one container alone."""
    words = [row.entry for row in clearance.releases] + [hold.entry for hold in clearance.holds]
    words += [row.revoked_by for row in clearance.releases if row.revoked_by is not None]
    words += [hold.ended_by for hold in clearance.holds if hold.ended_by is not None]
    return any(entry.subject for entry in words)


def _of_one(
    view: View, container: ContainerView, common: list[Occurrence], own: list[Occurrence], apart: bool
) -> ContainerRelease:
    occurrences = common + own
    box = View(
        occurrences=occurrences,
        clearance=_clearance(view, occurrences) if apart else view.clearance,
        containers=[container],
        arrived_at=view.arrived_at,
        gated_out_at=_gone_at(view, own),
        last_free_day=_last_free_day(occurrences),
    )
    found = lights(box)
    return ContainerRelease(found, ready(found), box.last_free_day)


def _clearance(view: View, occurrences: list[Occurrence]) -> Clearance:
    entries = [occurrence.entry for occurrence in occurrences]
    concerned = [entry for entry in entries if entry.classifier == ACTUAL and entry.milestone in CONCERNED]
    # What customs says of other containers shows that it will speak of this one.
    return clear_concerned(concerned) if concerned else Clearance(known=view.clearance.known)


def _gone_at(view: View, own: list[Occurrence]) -> int | None:
    """When this box left for good: by its own gate-out, or with all of the cargo."""
    left = [
        occurrence.occurred or 0
        for occurrence in own
        if occurrence.milestone in _GONE and occurrence.entry.classifier == ACTUAL
    ]
    return min(left) if left else view.gated_out_at


def _last_free_day(occurrences: list[Occurrence]) -> str | None:
    days = [each.entry.deadline for each in occurrences if each.entry.deadline_kind == _LAST_FREE_DAY]
    return min(filter(None, days), default=None)
