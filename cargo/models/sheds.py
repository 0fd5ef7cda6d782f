"""What is known of bonded warehouses: kept a batch at a time, looked up by code, and whom a change concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.customs.deadlines import AUTHORITY, ENTRIES, Shed
from cargo.domain.event import Warehouse as Told
from cargo.models import bulk, findings, projection
from cargo.models.event import Event, ShipmentEvent
from cargo.models.warehouse import Warehouse

WAREHOUSES = Warehouse._meta.db_table
EVENTS = Event._meta.db_table
LINKS = ShipmentEvent._meta.db_table
_TEXTS = ("customs_office", "name", "address", "phone")
_FLAGS = ("late_removal_fine", "late_declaration_surcharge", "unloading_place")
_COLUMNS = {
    "authority": "text",
    "code": "text",
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(_FLAGS, "bool"),
    "as_of": "time",
    "message_id": "int",
}
# What a source leaves out stays as it was said before.
_MERGED = ", ".join(
    [f"{name} = coalesce(nullif(excluded.{name}, ''), {WAREHOUSES}.{name})" for name in _TEXTS]
    + [f"{name} = coalesce(excluded.{name}, {WAREHOUSES}.{name})" for name in _FLAGS]
    + ["as_of = excluded.as_of", "message_id = excluded.message_id"]
)


def record(told: Iterable[tuple[Told, datetime, int]], beside: Collection[int]) -> None:
    """Keeps what messages say of warehouses (with when they were received, and their ids); six statements at most.

    Shipments that lie where the flags changed get a new version, since their deadlines may be others now, and are
    inspected. Their status rows are locked in one order with those of ``beside``, which the caller will lock next.
    """
    told = list(told)
    rows = _latest(told)
    before = flags_of({warehouse.code for warehouse, _, _ in told if warehouse.authority == AUTHORITY})
    kept = bulk.insert(
        WAREHOUSES,
        _COLUMNS,
        rows,
        conflict=(
            f"ON CONFLICT (code, authority) DO UPDATE SET {_MERGED} WHERE (excluded.as_of, excluded.message_id) "
            f">= ({WAREHOUSES}.as_of, coalesce({WAREHOUSES}.message_id, 0))"
        ),
        returning="authority, code, late_removal_fine, late_declaration_surcharge",
    )
    changed = {
        code for authority, code, *flags in kept if authority == AUTHORITY and _shed(flags) != before.get(code, Shed())
    }
    concerned = _stored_in(changed)
    if not concerned:
        return
    projection.lock(concerned | set(beside))
    now = identity.epoch(timezone.now())
    columns = {"changed_at": "time"}
    bulk.update(
        projection.STATUS,
        {"shipment_id": "int"},
        columns,
        [(shipment, now) for shipment in sorted(concerned)],
        also="version = version + 1",
    )
    findings.mark_again(concerned)


def flags_of(codes: Collection[str]) -> dict[str, Shed]:
    """What is known of these Korean warehouses, by code; no statement if there are none."""
    if not codes:
        return {}
    source, parameters, (code,) = bulk.rows_source({"code": "text"}, [(code,) for code in sorted(codes)])
    rows = bulk.send(
        f"SELECT w.code, w.late_removal_fine, w.late_declaration_surcharge FROM {source} "
        f"JOIN {WAREHOUSES} w ON w.code = {code} AND w.authority = %s",
        [*parameters, AUTHORITY],
        rows=True,
    )
    return {name: _shed(flags) for name, *flags in rows}


def _latest(told: Iterable[tuple[Told, datetime, int]]) -> list[tuple[object, ...]]:
    """A row for each warehouse, sorted; of several messages the last one's word, beside what only others say."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for warehouse, received, message in sorted(told, key=lambda item: (item[1], item[2], item[0].position)):
        row = rows.setdefault((warehouse.authority, warehouse.code), {})
        row |= {name: text for name in _TEXTS if (text := getattr(warehouse, name))}
        row |= {name: flag for name in _FLAGS if (flag := getattr(warehouse, name)) is not None}
        row |= {"as_of": identity.epoch(received), "message_id": message}
    return [
        (*key, *(row.get(name, "") for name in _TEXTS), *(row.get(name) for name in (*_FLAGS, "as_of", "message_id")))
        for key, row in sorted(rows.items())
    ]


def _stored_in(codes: Collection[str]) -> set[int]:
    """The shipments that entered one of these warehouses and have not left for good."""
    if not codes:
        return set()
    source, parameters, (code,) = bulk.rows_source({"code": "text"}, [(code,) for code in sorted(codes)])
    place = "e.content::json #>> '{place,code}'" if bulk.is_postgres() else "json_extract(e.content, '$.place.code')"
    entries = ", ".join(f"'{name}'" for name in sorted(ENTRIES))
    rows = bulk.send(
        f"SELECT DISTINCT l.shipment_id FROM {projection.STATUS} s JOIN {LINKS} l ON l.shipment_id = s.shipment_id "
        f"JOIN {EVENTS} e ON e.id = l.event_id, {source} "
        f"WHERE s.gated_out_at IS NULL AND e.milestone IN ({entries}) AND {place} = {code}",
        parameters,
        rows=True,
    )
    return {row[0] for row in rows}


def _shed(flags: Iterable[object]) -> Shed:
    """SQLite has no booleans."""
    return Shed(*(None if flag is None else bool(flag) for flag in flags))
