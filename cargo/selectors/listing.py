"""The list of shipments: one statement a page, whatever its size, by keyset and without a count."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Any

import msgspec

from cargo.domain.matching import HOUSE, MASTER
from cargo.models import bulk
from cargo.models.linking import aware
from cargo.selectors import BadCursor
from cargo.selectors.conditions import REFERENCES, SHIPMENTS, STATUS, conditions
from clis.accounts.scoping import Viewer


def _kinds(kinds: frozenset[str]) -> str:
    return ", ".join(repr(kind) for kind in sorted(kinds))


def lowest(kinds: frozenset[str], name: str) -> str:
    """SQL: one number of these kinds of the shipment ``s``, those that people gave first."""
    return (
        f"(SELECT n.value FROM {REFERENCES} n WHERE n.shipment_id = s.id AND n.kind IN ({_kinds(kinds)}) "
        f"ORDER BY n.learned, n.value LIMIT 1) AS {name}"
    )


_INSTANTS = ("eta", "eta_first", "arrived_at", "released_at", "gated_out_at", "last_event_at", "changed_at")
_PLAIN = (
    "status",
    "milestone",
    "customs_state",
    "ready",
    "open_holds",
    "hold_agencies",
    "mode",
    "carrier",
    "port_of_loading",
    "port_of_discharge",
    "last_free_day",
    "containers",
    "container_count",
    "released_count",
    "version",
)
COLUMNS = ("id", "organization_id", "own_reference", "house_bill", "master_bill", *_PLAIN, *_INSTANTS)
_SELECT = ", ".join(
    (
        "s.id",
        "s.organization_id",
        "s.own_reference",
        lowest(HOUSE, "house_bill"),
        lowest(MASTER, "master_bill"),
        *(f"t.{name}" for name in (*_PLAIN, *_INSTANTS)),
    )
)
# What each order sorts by: the expression (never null) and whether it descends. The id breaks ties.
_LATE, _EARLY = "'9999-12-31'", "'0001-01-01'"
ORDERINGS: dict[str, tuple[str, bool]] = {
    "-id": ("s.id", True),
    "id": ("s.id", False),
    "eta": (f"COALESCE(t.eta, {_LATE})", False),
    "-eta": (f"COALESCE(t.eta, {_EARLY})", True),
    "updated": ("t.changed_at", False),
    "-updated": ("t.changed_at", True),
}


class Row(msgspec.Struct):
    """A shipment in a list. Instants are aware (UTC); ``own_reference`` only for the organization that gave it."""

    id: int
    own_reference: str
    house_bill: str | None
    master_bill: str | None
    status: str
    milestone: str
    customs_state: str
    ready: bool | None
    open_holds: int
    hold_agencies: list[str]
    mode: str
    carrier: str
    port_of_loading: str
    port_of_discharge: str
    last_free_day: date | None
    containers: list[str]
    container_count: int
    released_count: int
    version: int
    eta: datetime | None
    eta_first: datetime | None
    arrived_at: datetime | None
    released_at: datetime | None
    gated_out_at: datetime | None
    last_event_at: datetime | None
    changed_at: datetime | None


def read(
    viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Raw rows of one page in the order of ``COLUMNS``, and the next cursor; one statement.

    Raises ``BadCursor`` for a cursor of another order or none of ours.
    """
    ordering = str(params.get("ordering") or "-id")
    expression, descends = ORDERINGS.get(ordering, ORDERINGS["-id"])
    where = conditions(viewer, params)
    if cursor:
        value, pk = _open(cursor, ordering)
        sign = "<" if descends else ">"
        if expression == "s.id":
            where.add(f"s.id {sign} %s", pk)
        else:
            where.add(f"({expression}, s.id) {sign} (%s, %s)", value, pk)
    direction = "DESC" if descends else "ASC"
    sql = (
        # As text: SQLite compares instants as the text that lies there, to the last digit.
        f"SELECT {_SELECT}, CAST({expression} AS TEXT) AS place "
        f"FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id "
        f"WHERE {' AND '.join(where.sql) or 'true'} ORDER BY {expression} {direction}, s.id {direction} LIMIT %s"
    )
    rows = bulk.execute(sql, [*where.parameters, limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = _close(ordering, rows[-1][-1], rows[-1][0])
    return [row[:-1] for row in rows], following


def _close(ordering: str, value: Any, pk: int) -> str:
    return urlsafe_b64encode(f"{ordering}|{value}|{pk}".encode()).decode().rstrip("=")


def _open(cursor: str, ordering: str) -> tuple[Any, int]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        name, place, pk = text.split("|")
        if name != ordering or not 0 < int(pk) < 2**63:
            raise BadCursor
        if "id" not in name:
            instant = datetime.fromisoformat(place)
            return bulk.moment(instant) if bulk.is_postgres() else place, int(pk)
        return int(pk), int(pk)
    except (ValueError, UnicodeError) as error:
        raise BadCursor from error


def row_of(viewer: Viewer, values: tuple[Any, ...]) -> Row:
    """A raw row as a ``Row``; another organization's own reference is left out."""
    named = dict(zip(COLUMNS, values, strict=True))
    mine = named.pop("organization_id") == viewer.organization_id or viewer.is_staff
    if not mine:
        named["own_reference"] = ""
    for name in _INSTANTS:
        if named[name] is not None:
            named[name] = aware(named[name])
    if isinstance(named["last_free_day"], str):
        named["last_free_day"] = date.fromisoformat(named["last_free_day"])
    if named["ready"] is not None:
        named["ready"] = bool(named["ready"])
    named["hold_agencies"] = named["hold_agencies"].split()
    named["containers"] = named["containers"].split()
    return Row(**named)


def count_by_status(viewer: Viewer, params: dict[str, Any]) -> dict[str, int]:
    """How many shipments stand where, under the other filters; for the bar of states."""
    where = conditions(viewer, params, without=("status",))
    rows = bulk.execute(
        f"SELECT t.status, COUNT(*) FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id "
        f"WHERE {' AND '.join(where.sql) or 'true'} GROUP BY t.status",
        where.parameters,
    )
    return dict(rows)


def by_id(viewer: Viewer, ids: set[int]) -> dict[int, Row]:
    """Rows of these shipments, as far as they are the viewer's; one statement."""
    if not ids:
        return {}
    where = conditions(viewer, {})
    right, value = bulk.id_list(ids)
    where.add(f"s.id {right}", value)
    rows = bulk.execute(
        f"SELECT {_SELECT} FROM {SHIPMENTS} s JOIN {STATUS} t ON t.shipment_id = s.id WHERE {' AND '.join(where.sql)}",
        where.parameters,
    )
    return {row[0]: row_of(viewer, row) for row in rows}
