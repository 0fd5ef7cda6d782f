"""Stage times of shipments, read and rewritten a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cargo.domain.lead_times import StageRow
from cargo.models import bulk
from cargo.models.leadtime import StageTime

TIMES = StageTime._meta.db_table
_KEYS = {"container": "text", "stage": "text", "number": "int"}
_OTHERS = {
    "started_at": "time",
    "ended_at": "time",
    "seconds": "int",
    "working_seconds": "int",
    "reported_seconds": "int",
    "organization_id": "int",
    "mode": "text",
    "port": "text",
    "port_of_loading": "text",
    "port_of_discharge": "text",
    "customs_office": "text",
    "warehouse": "text",
    "broker": "text",
    "carrier": "text",
    "channel": "text",
    "declared": "text",
    "agency": "text",
    "inspection_at": "time",
    "hold_from": "time",
    "hold_until": "time",
    "month": "text",
}
_COLUMNS = _KEYS | _OTHERS


def kept(shipments: Collection[int]) -> dict[int, list[StageRow]]:
    """The stage times of these shipments as they stand; one statement."""
    right, value = bulk.id_list(shipments)
    read = ", ".join(bulk.seconds_of(name) if kind == "time" else name for name, kind in _COLUMNS.items())
    rows = bulk.execute(f"SELECT shipment_id, {read} FROM {TIMES} WHERE shipment_id {right}", [value])
    found: dict[int, list[StageRow]] = {}
    for shipment, *values in rows:
        found.setdefault(shipment, []).append(StageRow(*values))
    return found


def write(before: Mapping[int, Sequence[StageRow]], after: Mapping[int, Sequence[StageRow]]) -> None:
    """Makes the rows of these shipments those of ``after``; two statements at most, none where nothing changed."""
    bulk.rewrite(TIMES, _KEYS, _OTHERS, before, after)


def changed(before: Mapping[int, Sequence[StageRow]], after: Mapping[int, Sequence[StageRow]]) -> list[int]:
    """The shipments whose rows are others than they were."""
    return [shipment for shipment, rows in after.items() if set(rows) != set(before.get(shipment, ()))]
