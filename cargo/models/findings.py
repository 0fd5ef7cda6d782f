"""What inspection reads and writes, a batch at a time: which shipments are due, and the exceptions that are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.finding import Finding, Heard
from cargo.models import bulk
from cargo.models.event import Event, ShipmentEvent
from cargo.models.exception import InspectionDue, ShipmentException
from cargo.models.inbound import Source
from cargo.models.linking import aware

DUE = InspectionDue._meta.db_table
EXCEPTIONS = ShipmentException._meta.db_table
EVENTS = Event._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 20
# What may change while an exception stays open.
_MOVING = {
    "since": "time",
    "responsible": "text",
    "next_action": "text",
    "due_at": "time",
    "reason": "text",
    "told": "json",
}
_encode = msgspec.json.Encoder().encode


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


def mark_again(shipments: Collection[int]) -> None:
    """Says that what these shipments are measured by changed: rules, tariffs, what is known of a warehouse.

    One statement, under the locks of their status rows. What is owed already keeps its silence: cargo of the past that
    waits for its first inspection is no news because a rule is new, too. What has no row yet gets one with its state.
    """
    now = bulk.moment(timezone.now())
    right, value = bulk.id_list(shipments)
    bulk.execute(
        f"UPDATE {DUE} SET inspect_at = %s, attempts = 0 WHERE shipment_id {right} "
        "AND (inspect_at IS NULL OR inspect_at > %s OR attempts > 0)",
        [now, value, now],
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
        f"SELECT id, shipment_id, opened_at, kind, subject, since, responsible, next_action, due_at, reason, told "
        f"FROM {EXCEPTIONS} "
        f"WHERE closed_at IS NULL AND shipment_id {right} ORDER BY id",
        [value],
    )
    return [
        Opened(
            pk,
            shipment,
            _seconds(at) or 0,
            Finding(kind, subject, _seconds(since), responsible, action, _seconds(due), reason, _told(told)),
        )
        for pk, shipment, at, kind, subject, since, responsible, action, due, reason, told in rows
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
        {"shipment_id": "int", "kind": "text", "subject": "text", "opened_at": "time", **_MOVING},
        [(shipment, finding.kind, finding.subject, now, *_moving(finding)) for shipment, finding in opening],
        conflict="ON CONFLICT DO NOTHING",
    )
    bulk.update(EXCEPTIONS, {"id": "int"}, {"closed_at": "time"}, [(row.id, now) for row in closing])
    bulk.update(
        EXCEPTIONS,
        {"id": "int"},
        _MOVING,
        [(row.id, *_moving(finding)) for row, finding in changing],
    )


def heard(shipments: Collection[int]) -> dict[int, list[Heard]]:
    """For each shipment who has told of it, and when last; one statement over the links of these shipments."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT h.shipment_id, s.id, s.name, s.kind, h.at, s.slug, s.expected_every FROM ("
        f"SELECT l.shipment_id, e.source_id, max({bulk.seconds_of('e.received_at')}) AS at FROM {LINKS} l "
        f"JOIN {EVENTS} e ON e.id = l.event_id WHERE l.shipment_id {right} GROUP BY l.shipment_id, e.source_id"
        f") h JOIN {SOURCES} s ON s.id = h.source_id ORDER BY h.shipment_id, s.id",
        [value],
    )
    found: dict[int, list[Heard]] = {}
    for shipment, source, name, kind, at, slug, every in rows:
        found.setdefault(shipment, []).append(Heard(source, name, kind, at, slug, _pace(every)))
    return found


def _pace(every: timedelta | int | None) -> int | None:
    """SQLite keeps a duration as microseconds."""
    if every is None:
        return None
    return int(every.total_seconds() if isinstance(every, timedelta) else every // 1_000_000)


def _moving(finding: Finding) -> tuple[object, ...]:
    told = _encode(dict(finding.told)).decode()
    return (finding.since, finding.responsible, finding.next_action, finding.due, finding.reason, told)


def _told(value: str | dict[str, str | int]) -> tuple[tuple[str, str | int], ...]:
    """As ``finding.facts`` makes it; raw SQL gives JSON as an object or as text."""
    known: dict[str, str | int] = msgspec.json.decode(value) if isinstance(value, str) else value
    return tuple(sorted(known.items()))


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
