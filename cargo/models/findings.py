"""What inspection reads and writes, a batch at a time: which shipments are due, and the exceptions that are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.rules import Finding
from cargo.models import bulk
from cargo.models.exception import InspectionDue, ShipmentException
from cargo.models.linking import aware

DUE = InspectionDue._meta.db_table
EXCEPTIONS = ShipmentException._meta.db_table
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 20


class Opened(NamedTuple):
    """An exception that is open; instants are whole seconds since 1970 (UTC)."""

    id: int
    shipment: int
    opened_at: int
    finding: Finding


def mark(shipments: Iterable[int], silent: Collection[int]) -> None:
    """Says that these shipments changed and must be inspected; one statement, under the locks of their status rows.

    A row that is owed already is left as it lies, so that a shipment that changes often costs little.
    """
    now = identity.epoch(timezone.now())
    bulk.insert(
        DUE,
        {"shipment_id": "int", "inspect_at": "time", "silent": "bool", "attempts": "int"},
        [(shipment, now, shipment in silent, 0) for shipment in sorted(shipments)],
        conflict=(
            "ON CONFLICT (shipment_id) DO UPDATE SET inspect_at = excluded.inspect_at, silent = excluded.silent, "
            f"attempts = 0 WHERE {DUE}.inspect_at IS NULL OR {DUE}.inspect_at > excluded.inspect_at "
            f"OR {DUE}.attempts > 0 OR ({DUE}.silent AND NOT excluded.silent)"
        ),
    )


def take(now: datetime, limit: int) -> list[int]:
    """Takes the shipments that have been due longest, for ``LEASE``; one statement. Gives their ids in order."""
    lock = " FOR UPDATE SKIP LOCKED" if bulk.is_postgres() else ""
    rows = bulk.execute(
        f"UPDATE {DUE} SET leased_until = %s, attempts = attempts + 1 WHERE shipment_id IN "
        f"(SELECT shipment_id FROM {DUE} WHERE inspect_at <= %s AND (leased_until IS NULL OR leased_until < %s) "
        f"AND attempts < %s ORDER BY inspect_at, shipment_id LIMIT %s{lock}) RETURNING shipment_id",
        [bulk.moment(now + LEASE), bulk.moment(now), bulk.moment(now), MAX_ATTEMPTS, limit],
    )
    return sorted(row[0] for row in rows)


def still_due(shipments: Collection[int], now: datetime) -> dict[int, bool]:
    """Of these shipments those that nobody inspected meanwhile, and whether what is found tells nobody."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT shipment_id, silent FROM {DUE} WHERE shipment_id {right} AND inspect_at <= %s ORDER BY shipment_id",
        [value, bulk.moment(now)],
    )
    return {shipment: bool(silent) for shipment, silent in rows}


def opened(shipments: Collection[int]) -> list[Opened]:
    """The exceptions of these shipments that are open."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT id, shipment_id, opened_at, kind, subject, since, responsible, next_action FROM {EXCEPTIONS} "
        f"WHERE closed_at IS NULL AND shipment_id {right} ORDER BY id",
        [value],
    )
    return [
        Opened(pk, shipment, _seconds(at) or 0, Finding(kind, subject, _seconds(since), responsible, action))
        for pk, shipment, at, kind, subject, since, responsible, action in rows
    ]


def write(
    opening: Sequence[tuple[int, Finding]],
    closing: Sequence[Opened],
    changing: Sequence[tuple[Opened, Finding]],
    now: int,
) -> None:
    """Opens, closes, and brings up to date what stays open; three statements at most."""
    bulk.insert(
        EXCEPTIONS,
        {
            "shipment_id": "int",
            "kind": "text",
            "subject": "text",
            "since": "time",
            "opened_at": "time",
            "responsible": "text",
            "next_action": "text",
        },
        [(shipment, f.kind, f.subject, f.since, now, f.responsible, f.next_action) for shipment, f in opening],
        conflict="ON CONFLICT DO NOTHING",
    )
    bulk.update(EXCEPTIONS, {"id": "int"}, {"closed_at": "time"}, [(row.id, now) for row in closing])
    bulk.update(
        EXCEPTIONS,
        {"id": "int"},
        {"since": "time", "responsible": "text", "next_action": "text"},
        [(row.id, f.since, f.responsible, f.next_action) for row, f in changing],
    )


def schedule(looks: Sequence[tuple[int, int | None]]) -> None:
    """Says when to look again: (shipment, instant or never); the lease ends."""
    bulk.update(
        DUE,
        {"shipment_id": "int"},
        {"inspect_at": "time"},
        looks,
        also="leased_until = NULL, attempts = 0, silent = false",
    )


def _seconds(value: datetime | str | None) -> int | None:
    return identity.epoch(aware(value)) if value else None
