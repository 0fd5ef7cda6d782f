"""The neutral detail document of a shipment: codes and absolute times, no words, nothing of the viewer's.

``build`` gives the whole document that the API and the pages read; ``explain`` the part of it that messages alone can
fill. Every instant is ISO 8601 text with the offset of its place (Korea's for what Korean customs says), ``Z`` while
the zone is unknown. There is no clock in it: what is late or left is worked out by whoever reads it, so equal states
give equal bytes and the document can be kept until the state changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cargo.domain.codes import MILESTONES
from cargo.domain.container_release import container_releases
from cargo.domain.customs.deadlines import PACKAGED, DeadlineView, Grounds, deadlines
from cargo.domain.customs.rollup import rolled_up
from cargo.domain.document.writer import SourceInfo, Sources, Writer
from cargo.domain.event import Reference
from cargo.domain.places import zone_info
from cargo.domain.stages import measure
from cargo.domain.state import Entry
from cargo.domain.view import Hold, Occurrence, Release, View

__all__ = ["SourceInfo", "Sources", "build", "explain"]

_EFFECT_TURN = {"advance": 0, "info": 1, "hold_open": 2, "hold_close": 3, "release": 4, "revert": 5}
_TURN = {code: (_EFFECT_TURN[row.effect], row.rank) for code, row in MILESTONES.items()}
_NEVER = 1 << 60


def build(
    view: View,
    entries: Iterable[Entry],
    *,
    shipment_id: str | int,
    references: Iterable[Reference],
    sources: Sources,
    freshness: Iterable[SourceInfo] = (),
    grounds: Grounds = PACKAGED,
) -> dict[str, Any]:
    """The whole document of one shipment, ready for a JSON encoder; lists are in one fixed order.

    ``grounds``: the rules of deadlines, what is known of the bonded warehouses that the goods entered, and tariffs.
    """
    writer = Writer(view, sources)
    document = {"id": shipment_id, **_core(writer, entries, references, grounds)}
    document["mode"] = view.mode or None
    document["carrier"] = view.carrier or None
    document["plan"] = {
        "port_of_loading": view.port_of_loading or None,
        "port_of_discharge": view.port_of_discharge or None,
    }
    document["eta"] = writer.eta()
    document["arrived_at"] = writer.at_discharge(view.arrived_at)
    document["quantity"] = _quantity(view)
    document["last_event_at"] = writer.at_discharge(view.last_event_at)
    document["freshness"] = [
        {
            "source": info.slug,
            "name": info.name or None,
            "last_received_at": writer.text(info.last_received_at, UTC),
            "last_occurred_at": writer.at_discharge(info.last_occurred_at),
        }
        for info in sorted(freshness, key=lambda info: info.slug)
    ]
    return document


def explain(
    view: View,
    entries: Iterable[Entry],
    *,
    references: Iterable[Reference],
    sources: Sources,
    grounds: Grounds = PACKAGED,
) -> dict[str, Any]:
    """What messages alone make CLIS believe of a shipment (``manage.py explain``)."""
    return _core(Writer(view, sources), entries, references, grounds)


def _core(
    writer: Writer, entries: Iterable[Entry], references: Iterable[Reference], grounds: Grounds
) -> dict[str, Any]:
    view = writer.view
    due = deadlines(view, entries, grounds)
    return {
        "references": [
            {"type": reference.type, "value": reference.value}
            for reference in sorted(set(references), key=lambda reference: (reference.type, reference.value))
        ],
        "status": view.status,
        "milestone": view.milestone or None,
        "customs": _customs(writer),
        "release": writer.readiness(view.ready, view.lights, due),
        "stages": [
            {
                "stage": stage.stage,
                "started_at": writer.at_stage(stage.stage, stage.started_at),
                "ended_at": writer.at_stage(stage.stage, stage.ended_at),
                "seconds": stage.seconds,
            }
            for stage in measure(view)
        ],
        "deadlines": [writer.deadline(deadline) for deadline in due],
        "milestones": [writer.milestone(occurrence) for occurrence in sorted(view.occurrences, key=_occurrence_order)],
        "containers": _containers(writer, due),
    }


def _customs(writer: Writer) -> dict[str, Any]:
    clearance, rollup = writer.view.clearance, rolled_up(writer.view)
    return {
        "state": clearance.state,
        "rollup": rollup._asdict() if rollup is not None else None,
        "releases": [writer.release(release) for release in sorted(clearance.releases, key=_release_order)],
        "holds": [writer.hold(hold) for hold in sorted(clearance.holds, key=_hold_order)],
    }


def _containers(writer: Writer, due: list[DeadlineView]) -> list[dict[str, Any]]:
    view = writer.view
    free_days = {
        deadline.container: datetime.fromtimestamp(deadline.due_at, zone_info(deadline.zone)).date().isoformat()
        for deadline in due
        if deadline.kind == "last_free_day" and deadline.responsible == "importer"
    }
    boxes = container_releases(view)
    return [
        {
            "number": container.number,
            "iso_code": container.iso_code or None,
            "milestone": container.milestone or None,
            "released": container.released,
            "last_event_at": writer.at_discharge(container.last_at),
            "last_free_day": free_days.get(container.number),
            "release": writer.readiness(
                boxes[container.number].ready,
                boxes[container.number].lights,
                [deadline for deadline in due if deadline.container in ("", container.number)],
            ),
        }
        for container in sorted(view.containers, key=lambda container: container.number)
    ]


def _quantity(view: View) -> dict[str, Any]:
    """Packages, in the unit of the manifest: said to come, released by releases that stand, gone."""
    packages, unit, _weight = view.manifested or (None, "", None)
    packages = packages or view.clearance.manifested
    released = [release.packages for release in view.clearance.releases if release.revoked_at is None]
    known = [count for count in released if count is not None]
    return {
        "manifested": packages,
        "released": sum(known) if known else None if released else 0,
        "removed": view.removed_packages,
        "unit": unit or None,
    }


def _occurrence_order(occurrence: Occurrence) -> tuple[int, tuple[int, int], str, str]:
    at = occurrence.occurred
    turn = _TURN.get(occurrence.milestone, (1, 0))
    return (_NEVER if at is None else at, turn, occurrence.subject, occurrence.entry.id)


def _release_order(release: Release) -> tuple[int, str]:
    return (release.released_at or 0, release.entry.id)


def _hold_order(hold: Hold) -> tuple[int, str, str, str]:
    return (hold.placed_at or 0, hold.milestone, hold.entry.code, hold.entry.id)
