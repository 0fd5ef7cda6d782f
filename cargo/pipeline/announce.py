"""A change -> TrackingUpdate, in the transaction of the change; and giving updates out to whoever delivers.

The update row is feed, API answer and outbox in one. ``take`` gives feed numbers under a lock; readers of the feed go
by that number, since row ids are handed out before commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain import finding, identity
from cargo.domain.customs.deadlines import DeadlineView, deadlines
from cargo.domain.derive import derive
from cargo.domain.matching import Known
from cargo.domain.news import Change, first_key, standing_keys, stands_again, still_withdrawn
from cargo.domain.notices import NOTICES, stands
from cargo.domain.places import place as known_place
from cargo.domain.rules import current
from cargo.domain.state import Entry, unpack
from cargo.domain.view import View
from cargo.models import FeedHead, Party, TrackingUpdate, bulk, findings
from cargo.models.event import Event, ShipmentEvent
from cargo.models.grounds import load_grounds
from cargo.models.linking import aware
from cargo.models.projection import plans_of, states_of

UPDATES = TrackingUpdate._meta.db_table
HEAD = FeedHead._meta.db_table
EVENTS = Event._meta.db_table
LINKS = ShipmentEvent._meta.db_table
_COLUMNS = {
    "shipment_id": "int",
    "kind": "text",
    "key": "text",
    "occurred_at": "time",
    "reported_at": "time",
    "recorded_at": "time",
    "silent": "bool",
    "data": "text",
}
# What is told again in a later cycle, for the same time.
_IN_CYCLES = frozenset({"gate_out", "customs.released", "customs.release_revoked"})
_TAKEN = "id, shipment_id, kind, key, occurred_at, reported_at, recorded_at, silent, data"
_encode = msgspec.json.Encoder().encode


class Taken(NamedTuple):
    """An update handed to fan-out. ``organizations``: the parties that may see its shipment now, with their roles."""

    id: int
    shipment_id: int
    kind: str
    key: str
    occurred_at: datetime | None
    reported_at: datetime | None
    recorded_at: datetime
    silent: bool
    data: dict[str, Any]
    organizations: dict[int, frozenset[str]]


def announce(items: Sequence[tuple[int, Known, Change, bool]]) -> None:
    """Writes updates, sorted; one that was written before is left as it is.

    One of a later cycle is written under the key of that; but a silent one, which is news to nobody, only where it is
    what later estimates are measured from.
    """
    now = identity.epoch(timezone.now())
    rows = []
    for shipment, known, change, silent in items:
        data = change.data
        if change.kind != "estimate":
            data = data | _context(known, change)
        rows.append(
            (
                shipment,
                change.kind,
                change.key,
                change.occurred,
                change.reported,
                now,
                silent,
                _encode(data).decode(),
                "" if silent and change.kind != "estimate" else change.again,
            )
        )
    _write(sorted(rows, key=lambda row: row[:3]))


def _write(rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement. The last column is the key of a later cycle, taken if the plain one was written before."""
    if not rows:
        return
    source, parameters, (*values, again) = bulk.rows_source(_COLUMNS | {"again": "text"}, rows)
    shipment, kind, key = values[:3]
    told = f"SELECT 1 FROM {UPDATES} u WHERE u.shipment_id = {shipment} AND u.kind = {kind} AND u.key = {key}"
    # All is gone once more where more of it became known; told again is only what was told and then taken back.
    taken_back = (
        f"SELECT 1 FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {EVENTS} v ON v.lineage = e.lineage "
        f"WHERE l.shipment_id = {shipment} AND e.milestone IN ('gate_out', 'gate_out_before_release') AND v.retraction"
    )
    values[2] = (
        f"CASE WHEN {again} <> '' AND EXISTS ({told}) AND ({kind} <> 'gate_out' OR EXISTS ({taken_back})) "
        f"THEN {again} ELSE {key} END"
    )
    bulk.send(
        f"INSERT INTO {UPDATES} ({', '.join(_COLUMNS)}) SELECT {', '.join(values)} FROM {source} "
        f"WHERE true ON CONFLICT (shipment_id, kind, key) DO NOTHING",
        parameters,
        rows=False,
    )


def _context(known: Known, change: Change) -> dict[str, Any]:
    """What a reader far from the database needs: the numbers, and the place with its zone."""
    out: dict[str, Any] = {
        "references": [
            {"type": kind, "value": value} for kind in sorted(known.own) for value in sorted(known.own[kind])
        ]
    }
    code = change.data.get("place", {}).get("code")
    info = known_place(code, "unlocode") if code and len(code) == 5 else None
    if info is not None:
        out["place"] = {"code": code, "name": info.name}
        out["time_zone"] = info.zone
    elif str(change.data.get("authority", "")).startswith("KR-"):
        out["time_zone"] = "Asia/Seoul"
    if change.occurred is not None:
        moment = identity.instant(change.occurred)
        out["occurred_at"] = moment.isoformat() if moment else None
    return out


def take(limit: int = 500) -> list[Taken]:
    """Takes owed updates in order, gives them feed numbers, and marks them fanned out; five statements.

    Call it inside a transaction: the lock on the head row makes the numbers follow the order of commit.
    """
    lock = " FOR UPDATE" if bulk.is_postgres() else ""
    bulk.execute(f"SELECT last FROM {HEAD} WHERE id = 1{lock}")
    rows = bulk.execute(
        f"SELECT {_TAKEN} FROM {UPDATES} WHERE fanned_out_at IS NULL ORDER BY id LIMIT %s",
        [limit],
    )
    if not rows:
        return []
    reserved = bulk.execute(f"UPDATE {HEAD} SET last = last + %s WHERE id = 1 RETURNING last", [len(rows)])[0][0]
    first = reserved - len(rows) + 1
    now = identity.epoch(timezone.now())
    bulk.update(
        UPDATES,
        {"id": "int"},
        {"feed_no": "int", "fanned_out_at": "time"},
        [(row[0], first + i, now) for i, row in enumerate(rows)],
    )
    return _as_taken(rows)


def told(update_ids: Collection[int]) -> list[Taken]:
    """Updates that were given out before, with the parties of now; none that is silent. Two statements."""
    right, value = bulk.id_list(update_ids)
    return _as_taken(
        bulk.execute(f"SELECT {_TAKEN} FROM {UPDATES} WHERE id {right} AND NOT silent ORDER BY id", [value])
    )


def _as_taken(rows: Sequence[tuple[Any, ...]]) -> list[Taken]:
    """Rows of the columns of ``_TAKEN``; one statement."""
    parties = _parties({row[1] for row in rows})
    return [
        Taken(
            pk,
            shipment,
            kind,
            key,
            aware(occurred) if occurred else None,
            aware(reported) if reported else None,
            aware(recorded),
            bool(silent),
            msgspec.json.decode(data),
            parties.get(shipment, {}),
        )
        for pk, shipment, kind, key, occurred, reported, recorded, silent, data in rows
    ]


def _parties(shipments: set[int]) -> dict[int, dict[int, frozenset[str]]]:
    """Organizations and their roles by shipment; one statement."""
    right, value = bulk.id_list(shipments)
    found: dict[int, dict[int, frozenset[str]]] = {}
    for shipment, organization, role in bulk.execute(
        f"SELECT shipment_id, organization_id, role FROM {Party._meta.db_table} WHERE shipment_id {right} "
        f"ORDER BY organization_id",
        [value],
    ):
        roles = found.setdefault(shipment, {})
        roles[organization] = roles.get(organization, frozenset()) | {role}
    return found


def still_true(update_ids: Iterable[int]) -> set[int]:
    """Of these updates those whose fact still stands; asked right before it is told. Six statements."""
    asked = TrackingUpdate.objects.filter(pk__among=update_ids)
    rows = asked.values_list("pk", "shipment_id", "kind", "key", "data", "occurred_at")
    updates = _of_last_cycle([_Told(*row) for row in rows])
    shipments = {update.shipment for update in updates}
    plans = plans_of(shipments)
    entries = {shipment: unpack(packed) for shipment, packed in states_of(shipments).items()}
    views = {shipment: derive(entries.get(shipment, []), plan) for shipment, plan in plans.items()}
    standing = {shipment: standing_keys(view) for shipment, view in views.items()}
    owing = {update.shipment for update in updates if update.kind in NOTICES and update.shipment in views}
    due = _due({shipment: views[shipment] for shipment in owing}, entries)
    in_trouble = {update.shipment for update in updates if update.kind in finding.EXCEPTIONS}
    troubles = findings.opened(in_trouble) if in_trouble else []
    now = identity.epoch(timezone.now()) or 0
    return {
        update.pk
        for update in updates
        if (update.kind, update.key) in standing.get(update.shipment, set())
        or stands_again(update.kind, update.key, standing.get(update.shipment, ()))
        or (update.shipment in views and _stands(update, views[update.shipment]))
        or (update.kind in finding.EXCEPTIONS and _is_so(update, troubles))
        or (
            update.shipment in due
            and update.kind in NOTICES
            and stands(update.kind, msgspec.json.decode(update.data), due[update.shipment], now)
        )
    }


class _Told(NamedTuple):
    pk: int
    shipment: int
    kind: str
    key: str
    data: str
    occurred: datetime | None


def _of_last_cycle(updates: Sequence[_Told]) -> list[_Told]:
    """Without those that a later cycle tells of: what was taken back before it was told stands no more beside what took
    its place. One statement, where there are such."""
    about = {update.shipment for update in updates if update.kind in _IN_CYCLES}
    if not about:
        return list(updates)
    written = TrackingUpdate.objects.filter(shipment__among=about, kind__in=_IN_CYCLES).order_by("pk")
    last: dict[tuple[int, str, str], int] = {}
    first: dict[int, tuple[int, str, str]] = {}
    for pk, shipment, kind, key in written.values_list("pk", "shipment_id", "kind", "key"):
        named = (shipment, kind, first_key(key))
        # Where nothing was told under that key, it only looks like one of a later cycle.
        first[pk] = named if named in last else (shipment, kind, key)
        last[first[pk]] = pk
    return [update for update in updates if update.pk not in first or last[first[update.pk]] == update.pk]


def _stands(update: _Told, view: View) -> bool:
    """What standing keys do not name: a release no longer stated, a milestone, an expected arrival.

    A milestone stands though another source puts it at another time; an estimate does while no better one is known.
    """
    if update.kind == "milestone":
        data = msgspec.json.decode(update.data)
        subject, place = data.get("container", ""), (data.get("place") or {}).get("code", "")
        declaration = data.get("declaration", "")
        return any(
            occurrence.subject == subject
            and place in ("", occurrence.entry.place)
            and declaration in ("", occurrence.entry.declaration)
            for occurrence in view.actual(data["milestone"])
        )
    if update.kind == "estimate":
        if not update.key.startswith("arrived|"):
            return True
        return view.arrived_at is None and view.eta is not None and view.eta.occurred == identity.epoch(update.occurred)
    return still_withdrawn(update.kind, update.key, view)


def _is_so(update: _Told, troubles: Sequence[findings.Opened]) -> bool:
    """An exception that was opened is open yet; one that was closed is not open again."""
    data = msgspec.json.decode(update.data)
    open_now = {
        finding.exception_key(row.finding, row.opened_at)
        for row in troubles
        if (row.shipment, row.finding.kind, row.finding.subject) == (update.shipment, data["exception"], data["detail"])
    }
    return update.key in open_now if update.kind == finding.OPENED else not open_now


def _due(views: dict[int, View], entries: dict[int, list[Entry]]) -> dict[int, dict[tuple[str, str], DeadlineView]]:
    """The deadlines of these shipments that count now."""
    if not views:
        return {}
    grounds = load_grounds(entry for shipment in views for entry in entries.get(shipment, ()))
    return {
        shipment: current(view, deadlines(view, entries.get(shipment, []), grounds)) for shipment, view in views.items()
    }
