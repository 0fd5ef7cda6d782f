"""What must happen by when, over all of the viewer's shipments: by day, by month, and as a list for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from cargo.domain.matching import HOUSE, MASTER
from cargo.models import ShipmentDeadline, bulk
from cargo.models.linking import aware
from cargo.selectors import keyset, listing
from cargo.selectors.conditions import SHIPMENTS, STATUS, Conditions, conditions
from clis.accounts.scoping import Viewer

DEADLINES = ShipmentDeadline._meta.db_table
_ORDER = "due"
_PICKED = (
    "d.id, d.shipment_id, d.kind, d.container, d.rule, d.basis, d.authority, d.source, d.stated_by, d.due_at, "
    "d.due_on, d.time_zone, d.met_at, d.is_open, d.responsible, d.next_action, d.money, d.others, d.sequence, "
    "d.updated_at, s.organization_id, s.own_reference, "
    f"{listing.lowest(HOUSE, 'house_bill')}, {listing.lowest(MASTER, 'master_bill')}, t.containers"
)


class Row(msgspec.Struct):
    """A deadline with what names its shipment. Instants are aware (UTC); ``own_reference`` only for its owner.

    ``money`` and ``others`` as in a shipment's document.
    """

    id: int
    shipment: int
    kind: str
    container: str
    rule: str
    basis: str
    authority: str
    source: str
    stated_by: str
    due_at: datetime
    due_on: date
    time_zone: str
    met_at: datetime | None
    is_open: bool
    responsible: str
    next_action: str
    money: dict[str, Any] | None
    others: list[dict[str, Any]]
    sequence: int
    updated_at: datetime
    own_reference: str
    house_bill: str | None
    master_bill: str | None
    containers: list[str]


class Page(NamedTuple):
    """One page, and where the next begins."""

    rows: list[Row]
    next_cursor: str | None


class Day(NamedTuple):
    """How many deadlines fall on a day."""

    day: date
    number: int


def page(viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int) -> Page:
    """The earliest first, so that what is overdue comes first; one statement. Raises ``BadCursor``."""
    where = _conditions(viewer, params)
    if cursor:
        where.add("(d.due_at, d.id) > (%s, %s)", *keyset.open_(cursor, _ORDER))
    found = bulk.execute(
        f"SELECT {_PICKED}, CAST(d.due_at AS TEXT) FROM {DEADLINES} d JOIN {SHIPMENTS} s ON s.id = d.shipment_id "
        f"JOIN {STATUS} t ON t.shipment_id = s.id WHERE {' AND '.join(where.sql) or 'true'} "
        "ORDER BY d.due_at, d.id LIMIT %s",
        [*where.parameters, limit + 1],
    )
    following = keyset.close(_ORDER, found[limit - 1][-1], found[limit - 1][0]) if len(found) > limit else None
    return Page([_row(viewer, values[:-1]) for values in found[:limit]], following)


def days(viewer: Viewer, first: date, last: date, params: dict[str, Any]) -> list[Day]:
    """The days from ``first`` to ``last`` on which something is due, where it is due; one statement."""
    where = _conditions(viewer, params)
    where.add("d.due_on BETWEEN %s AND %s", first.isoformat(), last.isoformat())
    rows = bulk.execute(
        f"SELECT d.due_on, COUNT(*) FROM {DEADLINES} d JOIN {SHIPMENTS} s ON s.id = d.shipment_id "
        f"JOIN {STATUS} t ON t.shipment_id = s.id WHERE {' AND '.join(where.sql)} GROUP BY d.due_on ORDER BY d.due_on",
        where.parameters,
    )
    return [Day(_date(day), count) for day, count in rows]


def _conditions(viewer: Viewer, params: dict[str, Any]) -> Conditions:
    where = conditions(viewer, {})
    if kinds := params.get("kind"):
        words = [kinds] if isinstance(kinds, str) else list(kinds)[:50]
        where.add(f"d.kind IN ({', '.join(['%s'] * len(words))})", *words)
    if params.get("shipment"):
        where.add("d.shipment_id = %s", int(params["shipment"]))
    if params.get("due_after"):
        where.add("d.due_at >= %s", keyset.instant(params["due_after"]))
    if params.get("due_before"):
        where.add("d.due_at < %s", keyset.instant(params["due_before"]))
    if params.get("day"):
        where.add("d.due_on = %s", params["day"].isoformat())
    if params.get("met"):
        where.add("d.met_at IS NOT NULL" if str(params["met"]).lower() == "true" else "d.met_at IS NULL")
    if params.get("open"):
        where.add("d.is_open")
    return where


def _row(viewer: Viewer, values: tuple[Any, ...]) -> Row:
    (pk, shipment, kind, container, rule, basis, authority, source, stated_by, due, due_on, zone, met, is_open,
     responsible, action, money, others, sequence, updated, owner, own, house, master, boxes) = values  # fmt: skip
    return Row(
        id=pk,
        shipment=shipment,
        kind=kind,
        container=container,
        rule=rule,
        basis=basis,
        authority=authority,
        source=source,
        stated_by=stated_by,
        due_at=aware(due),
        due_on=_date(due_on),
        time_zone=zone,
        met_at=aware(met) if met else None,
        is_open=bool(is_open),
        responsible=responsible,
        next_action=action,
        money=_json(money),
        others=_json(others) or [],
        sequence=sequence,
        updated_at=aware(updated),
        own_reference=own if viewer.is_staff or owner == viewer.organization_id else "",
        house_bill=house,
        master_bill=master,
        containers=boxes.split(),
    )


def _json(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
