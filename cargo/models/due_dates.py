"""Deadlines of shipments, read and rewritten a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from cargo.domain import identity
from cargo.domain.notices import Kept, canonical
from cargo.models import bulk
from cargo.models.calendar import ShipmentDeadline
from cargo.models.linking import aware

DEADLINES = ShipmentDeadline._meta.db_table
_KEYS = {"kind": "text", "container": "text", "number": "int"}
_OTHERS = {
    "rule": "text",
    "basis": "text",
    "authority": "text",
    "source": "text",
    "stated_by": "text",
    "text": "text",
    "due_at": "time",
    "due_on": "date",
    "time_zone": "text",
    "met_at": "time",
    "is_open": "bool",
    "responsible": "text",
    "next_action": "text",
    "money": "json",
    "others": "json",
    "stage": "text",
    "sequence": "int",
    "updated_at": "time",
}
_COLUMNS = _KEYS | _OTHERS


def kept(shipments: Collection[int]) -> dict[int, list[Kept]]:
    """The deadlines of these shipments as they stand; one statement."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT shipment_id, {', '.join(_COLUMNS)} FROM {DEADLINES} WHERE shipment_id {right} "
        "ORDER BY shipment_id, kind, container, number",
        [value],
    )
    found: dict[int, list[Kept]] = {}
    for shipment, *values in rows:
        read = (_read(kind, item) for kind, item in zip(_COLUMNS.values(), values, strict=True))
        found.setdefault(shipment, []).append(Kept(*read))
    return found


def write(before: Mapping[int, Sequence[Kept]], after: Mapping[int, Sequence[Kept]]) -> None:
    """Makes the rows of these shipments those of ``after``; two statements at most, none where nothing changed."""
    bulk.rewrite(DEADLINES, _KEYS, _OTHERS, before, after)


def _read(kind: str, value: Any) -> Any:
    """A column as ``Kept`` has it, from either database."""
    if value is None:
        return None
    if kind == "time":
        return identity.epoch(aware(value))
    if kind == "date":
        return value.isoformat() if isinstance(value, date | datetime) else value
    if kind == "bool":
        return bool(value)
    if kind == "json":
        return canonical(msgspec.json.decode(value) if isinstance(value, str) else value)
    return value
