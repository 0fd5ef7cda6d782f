"""What is wrong with the viewer's shipments: the board's columns and the API's list, one statement a page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cargo.domain.matching import HOUSE, MASTER
from cargo.models import ShipmentException, bulk
from cargo.models.linking import aware
from cargo.selectors import keyset, listing
from cargo.selectors.conditions import SHIPMENTS, STATUS, Conditions, conditions
from clis.accounts.scoping import Viewer

EXCEPTIONS = ShipmentException._meta.db_table
COLUMNS = ("needs_you", "needs_others", "watch")
# By the kind of the reader's organization: the responsible parties that are the reader.
ACTS_AS: dict[str, tuple[str, ...]] = {
    "importer": ("importer", "consignee", "exporter", "shipper"),
    "forwarder": ("forwarder",),
    "broker": ("broker",),
    "carrier": ("carrier",),
    "warehouse": ("warehouse", "terminal"),
    "operator": ("operator",),
}
_URGENT = f"COALESCE(x.due_at, '{keyset.FAR}')"
_ORDERS = {"urgent": (_URGENT, ">", "ASC"), "new": ("x.opened_at", "<", "DESC")}
_PICKED = (
    "x.id, x.shipment_id, x.kind, x.subject, x.since, x.opened_at, x.closed_at, x.responsible, x.next_action, "
    "x.due_at, x.reason, x.told, s.organization_id, s.own_reference, "
    f"{listing.lowest(HOUSE, 'house_bill')}, {listing.lowest(MASTER, 'master_bill')}, "
    "t.containers, t.status, t.mode, t.port_of_loading, t.port_of_discharge, t.hold_agencies"
)


class Row(msgspec.Struct):
    """An exception with what names its shipment. Instants are aware (UTC); ``own_reference`` only for its owner."""

    id: int
    shipment: int
    kind: str
    subject: str
    since: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    responsible: str
    next_action: str
    due_at: datetime | None
    reason: str
    told: dict[str, Any]
    own_reference: str
    house_bill: str | None
    master_bill: str | None
    containers: list[str]
    status: str
    mode: str
    port_of_loading: str
    port_of_discharge: str
    hold_agencies: list[str]


class Page(NamedTuple):
    """One page, and where the next begins."""

    rows: list[Row]
    next_cursor: str | None


def column(viewer: Viewer, name: str, role: str | None, params: dict[str, Any], cursor: str | None, limit: int) -> Page:
    """A column of the board: what is open, the nearest due time first.

    ``needs_you``: the reader must act (``role``: the kind of the reader's organization); ``watch``: nobody owes
    anything definite, but it may come to something; ``needs_others``: the rest.
    """
    mine = ACTS_AS.get(role or ("operator" if viewer.is_staff else ""), ())
    where = _conditions(viewer, params | {"open": "true"})
    own = f"x.responsible IN ({', '.join(['%s'] * len(mine))})" if mine else "false"
    if name == "needs_you":
        where.add(own, *mine)
    else:
        where.add(f"NOT ({own})", *mine)
        where.add("x.reason <> ''" if name == "watch" else "x.reason = ''")
    return _read(viewer, where, "urgent", cursor, limit)


def page(viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int) -> Page:
    """All exceptions, open and closed, the last opened first."""
    return _read(viewer, _conditions(viewer, params), "new", cursor, limit)


def _conditions(viewer: Viewer, params: dict[str, Any]) -> Conditions:
    where = conditions(viewer, {name: params[name] for name in ("mode", "hold") if name in params})
    if params.get("kind"):
        _words(where, "x.kind", params["kind"])
    if params.get("responsible"):
        _words(where, "x.responsible", params["responsible"])
    if params.get("shipment"):
        where.add("x.shipment_id = %s", int(params["shipment"]))
    if params.get("port"):
        where.add("%s IN (t.port_of_loading, t.port_of_discharge)", str(params["port"]))
    if params.get("open"):
        where.add("x.closed_at IS NULL" if str(params["open"]).lower() == "true" else "x.closed_at IS NOT NULL")
    return where


def _words(where: Conditions, name: str, value: Collection[str] | str) -> None:
    words = [value] if isinstance(value, str) else list(value)[:50]
    where.add(f"{name} IN ({', '.join(['%s'] * len(words))})", *words)


def _read(viewer: Viewer, where: Conditions, order: str, cursor: str | None, limit: int) -> Page:
    expression, sign, direction = _ORDERS[order]
    if cursor:
        where.add(f"({expression}, x.id) {sign} (%s, %s)", *keyset.open_(cursor, order))
    found = bulk.execute(
        # The place as text: SQLite compares instants as the text that lies there.
        f"SELECT {_PICKED}, CAST({expression} AS TEXT) FROM {EXCEPTIONS} x JOIN {SHIPMENTS} s ON s.id = x.shipment_id "
        f"JOIN {STATUS} t ON t.shipment_id = s.id WHERE {' AND '.join(where.sql) or 'true'} "
        f"ORDER BY {expression} {direction}, x.id {direction} LIMIT %s",
        [*where.parameters, limit + 1],
    )
    following = keyset.close(order, found[limit - 1][-1], found[limit - 1][0]) if len(found) > limit else None
    return Page([_row(viewer, values[:-1]) for values in found[:limit]], following)


def _row(viewer: Viewer, values: tuple[Any, ...]) -> Row:
    (pk, shipment, kind, subject, since, opened, closed, responsible, action, due, reason, told, owner, own, house,
     master, boxes, status, mode, loading, discharge, agencies) = values  # fmt: skip
    return Row(
        id=pk,
        shipment=shipment,
        kind=kind,
        subject=subject,
        since=aware(since) if since else None,
        opened_at=aware(opened),
        closed_at=aware(closed) if closed else None,
        responsible=responsible,
        next_action=action,
        due_at=aware(due) if due else None,
        reason=reason,
        told=msgspec.json.decode(told) if isinstance(told, str) else told,
        own_reference=own if viewer.is_staff or owner == viewer.organization_id else "",
        house_bill=house,
        master_bill=master,
        containers=boxes.split(),
        status=status,
        mode=mode,
        port_of_loading=loading,
        port_of_discharge=discharge,
        hold_agencies=agencies.split(),
    )
