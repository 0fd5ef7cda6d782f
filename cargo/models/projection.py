"""The projections' own reading and writing, a batch at a time: locked status rows, states, what lists show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.view import Plan, View
from cargo.models import bulk
from cargo.models.shipment import Shipment, ShipmentReference
from cargo.models.status import ShipmentState, ShipmentStatus

STATUS = ShipmentStatus._meta.db_table
STATES = ShipmentState._meta.db_table
SHIPMENTS = Shipment._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
STATUS_COLUMNS = {
    "status": "text",
    "milestone": "text",
    "customs_state": "text",
    "ready": "bool",
    "open_holds": "int",
    "hold_agencies": "text",
    "mode": "text",
    "carrier": "text",
    "port_of_loading": "text",
    "port_of_discharge": "text",
    "eta": "time",
    "eta_first": "time",
    "arrived_at": "time",
    "released_at": "time",
    "gated_out_at": "time",
    "last_free_day": "date",
    "containers": "text",
    "container_count": "int",
    "released_count": "int",
    "last_event_at": "time",
}


def lock(shipments: Collection[int]) -> None:
    """Locks the status rows, in order of id: a shipment is merged by one worker at a time.

    An earlier statement than the reading of the states, so that those are read as the last worker left them
    (READ COMMITTED). SQLite has one writer at a time and needs none.
    """
    if bulk.is_postgres() and shipments:
        right, value = bulk.id_list(shipments)
        # Counted, so that nothing but one number comes back.
        bulk.send(
            f"SELECT count(*) FROM (SELECT shipment_id FROM {STATUS} WHERE shipment_id {right} "
            "ORDER BY shipment_id FOR NO KEY UPDATE) AS locked",
            [value],
            rows=False,
        )


class Standing(NamedTuple):
    """How a shipment stands before a merge; ``numbers``: by how many it is known (PostgreSQL only)."""

    plan: Plan
    packed: bytes
    numbers: int


@dataclass(slots=True, frozen=True)
class Asked:
    """What was asked for; ``found`` waits for it."""

    rows: bulk.Later

    def found(self) -> dict[int, Standing]:
        """By shipment."""
        return {
            pk: Standing(Plan(loading, discharge, mode, load, created, organization), bytes(packed or b""), numbers)
            for pk, loading, discharge, mode, load, created, organization, packed, numbers in self.rows
        }


def ask(shipments: Collection[int]) -> Asked:
    """Asks for the plans and states of these shipments, and by how many numbers each is known now; one statement."""
    if not shipments:
        return Asked(bulk.NOTHING)
    right, value = bulk.id_list(shipments)
    known = f"(SELECT count(*) FROM {REFERENCES} r WHERE r.shipment_id = s.id)" if bulk.is_postgres() else "0"
    return Asked(
        bulk.send(
            f"SELECT s.id, s.port_of_loading, s.port_of_discharge, s.mode, s.load, "
            f"{bulk.seconds_of('s.created_at')}, s.organization_id, t.packed, {known} "
            f"FROM {SHIPMENTS} s LEFT JOIN {STATES} t ON t.shipment_id = s.id WHERE s.id {right}",
            [value],
            rows=True,
        )
    )


def plans_of(shipments: Collection[int]) -> dict[int, Plan]:
    """What people said of each journey."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT id, port_of_loading, port_of_discharge, mode, load, {bulk.seconds_of('created_at')}, organization_id "
        f"FROM {SHIPMENTS} WHERE id {right}",
        [value],
    )
    return {pk: Plan(*told) for pk, *told in rows}


def states_of(shipments: Collection[int]) -> dict[int, bytes]:
    """The packed states."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(f"SELECT shipment_id, packed FROM {STATES} WHERE shipment_id {right}", [value])
    return {shipment: bytes(packed) for shipment, packed in rows}


def status_values(view: View) -> tuple[object, ...]:
    """The columns that lists show, in the order of ``STATUS_COLUMNS``."""
    clearance = view.clearance
    holds = clearance.open_holds
    standing = clearance.standing_release
    return (
        view.status,
        view.milestone,
        clearance.state,
        view.ready,
        len(holds),
        " ".join(sorted({hold.agency for hold in holds}))[:120],
        view.mode,
        view.carrier[:40],
        view.port_of_loading[:5],
        view.port_of_discharge[:5],
        view.eta.occurred if view.eta else None,
        view.eta_first,
        view.arrived_at,
        standing.released_at if standing else None,
        view.gated_out_at,
        view.last_free_day,
        " ".join(container.number for container in view.containers),
        len(view.containers),
        sum(container.released for container in view.containers),
        view.last_event_at,
    )


def write(changed: Sequence[tuple[int, bytes, View]]) -> None:
    """Writes states and status rows, sorted by shipment; two statements."""
    rows = sorted(changed, key=lambda item: item[0])
    bulk.update(STATES, {"shipment_id": "int"}, {"packed": "bytes"}, [(pk, packed) for pk, packed, _ in rows])
    now = identity.epoch(timezone.now())
    bulk.update(
        STATUS,
        {"shipment_id": "int"},
        STATUS_COLUMNS | {"changed_at": "time"},
        [(pk, *status_values(view), now) for pk, _, view in rows],
        also="version = version + 1",
    )


def status_rows(shipments: Iterable[int]) -> dict[int, tuple[object, ...]]:
    """The status columns as they stand, instants as whole seconds, for comparing with ``status_values``."""
    names = list(STATUS_COLUMNS)
    out = {}
    for row in ShipmentStatus.objects.filter(pk__in=list(shipments)).values_list("pk", *names):
        values = []
        for kind, value in zip(STATUS_COLUMNS.values(), row[1:], strict=True):
            if kind == "time":
                value = identity.epoch(value)
            elif kind == "date" and value is not None:
                value = value.isoformat()
            values.append(value)
        out[row[0]] = tuple(values)
    return out
