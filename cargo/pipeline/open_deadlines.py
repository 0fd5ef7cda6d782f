"""What is still to be done of cargo, by when: as its inspection wrote it down, or worked out where that is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from cargo.domain import identity, notices
from cargo.domain.customs.deadlines import deadlines
from cargo.domain.derive import derive
from cargo.domain.state import unpack
from cargo.domain.view import Plan
from cargo.models import InspectionDue, ShipmentDeadline, projection
from cargo.models.grounds import load_grounds


class OpenDeadline(NamedTuple):
    """What must happen by ``due_at`` (aware), whose days are those of the zone (IANA); of one container, or of all."""

    kind: str
    container: str
    due_at: datetime
    time_zone: str
    responsible: str


def open_deadlines(shipments: Collection[int], now: datetime) -> dict[int, list[OpenDeadline]]:
    """By shipment the first one of each container and of the whole that is not over, the earliest first.

    Two statements, and five more if one of these shipments changed and its inspection is owed still: what was written
    down before may have been met just now, and what a release begins is not written down yet.
    """
    changed = set(
        InspectionDue.objects.filter(shipment__among=shipments, inspect_at__lte=now).values_list("shipment", flat=True)
    )
    found = _kept(set(shipments) - changed, now)
    if changed:
        found |= _worked_out(changed, now)
    return found


def _kept(shipments: Collection[int], now: datetime) -> dict[int, list[OpenDeadline]]:
    place = Window(RowNumber(), partition_by=[F("shipment"), F("container")], order_by=[F("due_at"), F("pk")])
    reached = ShipmentDeadline.objects.filter(shipment__among=shipments, is_open=True, due_at__gte=now)
    first = reached.annotate(place=place).filter(place=1).order_by("due_at", "pk")
    found: dict[int, list[OpenDeadline]] = defaultdict(list)
    for shipment, *row in first.values_list("shipment_id", *OpenDeadline._fields):
        found[shipment].append(OpenDeadline(*row))
    return dict(found)


def _worked_out(shipments: Collection[int], now: datetime) -> dict[int, list[OpenDeadline]]:
    states = {shipment: unpack(packed) for shipment, packed in projection.states_of(shipments).items()}
    plans = projection.plans_of(shipments)
    grounds = load_grounds(chain.from_iterable(states.values()))
    moment = identity.epoch(now) or 0
    found = {}
    for shipment, entries in states.items():
        view = derive(entries, plans.get(shipment, Plan()))
        rows = notices.kept(view, deadlines(view, entries, grounds), {}, moment)
        found[shipment] = list(_first_of_each(row for row in rows if row.is_open and row.due_at >= moment))
    return found


def _first_of_each(rows: Iterable[notices.Kept]) -> Iterable[OpenDeadline]:
    """Of each container and of the whole the first; ``rows`` by due time."""
    seen = set()
    for row in rows:
        if row.container not in seen:
            seen.add(row.container)
            due_at = identity.moment_of(row.due_at)
            yield OpenDeadline(row.kind, row.container, due_at, row.time_zone, row.responsible)
