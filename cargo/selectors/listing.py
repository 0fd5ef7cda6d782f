"""The list of shipments: one statement a page, whatever its size, by keyset and without a count."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import msgspec

from cargo.domain.matching import HOUSE, MASTER
from cargo.models import Party, Shipment, ShipmentReference, ShipmentStatus, bulk
from cargo.models.linking import aware
from cargo.selectors import BadCursor
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

SHIPMENTS = Shipment._meta.db_table
STATUS = ShipmentStatus._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
PARTIES = Party._meta.db_table
ORGANIZATIONS = Organization._meta.db_table
COLLECTED = "('delivered_out', 'delivered', 'completed', 'cancelled')"


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


class Conditions(NamedTuple):
    """SQL conditions with their parameters."""

    sql: list[str]
    parameters: list[Any]

    def add(self, sql: str, *parameters: Any) -> None:
        """One more condition."""
        self.sql.append(sql)
        self.parameters.extend(parameters)


def conditions(viewer: Viewer, params: dict[str, Any], *, without: Sequence[str] = ()) -> Conditions:
    """The viewer's scope first, then the filters that were asked for."""
    where = Conditions([], [])
    if not (viewer.is_staff and viewer.user_id is not None):
        where.add(
            f"s.id IN (SELECT p.shipment_id FROM {PARTIES} p WHERE p.organization_id = %s)", viewer.organization_id
        )
    for name, value in params.items():
        make = _FILTERS.get(name)
        if make is not None and name not in without and value not in (None, "", []):
            make(where, value)
    if params.get("search"):
        _search(where, viewer, str(params["search"]))
    return where


def _words(column: str) -> Callable[[Conditions, Any], None]:
    def apply(where: Conditions, value: Any) -> None:
        words = [str(word) for word in (value if isinstance(value, list | tuple) else str(value).split(","))][:50]
        where.add(f"{column} IN ({', '.join(['%s'] * len(words))})", *words)

    return apply


# A journey goes by sea, air, rail or road (``derive.MODES``); people also name the means of transport.
_JOURNEYS = {"vessel": "sea", "truck": "road"}
_MEANS = {journey: means for means, journey in _JOURNEYS.items()}


def _mode(where: Conditions, value: Any) -> None:
    words = [str(word) for word in (value if isinstance(value, list | tuple) else str(value).split(","))][:50]
    wanted = {name for word in words for name in (word, _JOURNEYS.get(word), _MEANS.get(word)) if name}
    _words("t.mode")(where, sorted(wanted))


def _equal(column: str) -> Callable[[Conditions, Any], None]:
    return lambda where, value: where.add(f"{column} = %s", str(value))


def _instant(column: str, comparison: str) -> Callable[[Conditions, Any], None]:
    def apply(where: Conditions, value: Any) -> None:
        if not isinstance(value, datetime):
            day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
            value = datetime.combine(day, time.min, UTC)
        where.add(f"{column} {comparison} %s", bulk.moment(value))

    return apply


def _flag(yes: str, no: str) -> Callable[[Conditions, Any], None]:
    return lambda where, value: where.add(yes if str(value).lower() == "true" else no)


def _hold(where: Conditions, value: Any) -> None:
    text = str(value)
    if text.lower() in ("true", "false"):
        where.add("t.open_holds > 0" if text.lower() == "true" else "t.open_holds = 0")
    else:
        where.add("(' ' || t.hold_agencies || ' ') LIKE %s", f"% {_literal(text)} %")


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _ready(where: Conditions, value: Any) -> None:
    if str(value) == "unknown":
        where.add("t.ready IS NULL")
    else:
        where.add("t.ready = %s", str(value).lower() == "true")


def _party(where: Conditions, value: Any) -> None:
    where.add(
        f"s.id IN (SELECT p.shipment_id FROM {PARTIES} p JOIN {ORGANIZATIONS} o ON o.id = p.organization_id "
        f"WHERE o.slug = %s)",
        str(value),
    )


def _reference(where: Conditions, value: Any) -> None:
    number = "".join(str(value).upper().split())
    where.add(f"s.id IN (SELECT n.shipment_id FROM {REFERENCES} n WHERE n.value = %s)", number)


def _search(where: Conditions, viewer: Viewer, text: str) -> None:
    """The beginning of a number, or one's own reference; another organization's own reference is never looked at."""
    number = "".join(text.upper().replace("-", " ").split())
    where.add(
        f"(s.id IN (SELECT n.shipment_id FROM {REFERENCES} n WHERE n.value >= %s AND n.value < %s) "
        f"OR (s.own_reference = %s AND s.organization_id = %s))",
        number,
        number + "\U0010ffff",
        text.strip(),
        viewer.organization_id,
    )


_FILTERS: dict[str, Callable[[Conditions, Any], None]] = {
    "status": _words("t.status"),
    "milestone": _words("t.milestone"),
    "customs_state": _words("t.customs_state"),
    "mode": _mode,
    "carrier": _equal("t.carrier"),
    "port_of_loading": _equal("t.port_of_loading"),
    "port_of_discharge": _equal("t.port_of_discharge"),
    "eta_after": _instant("t.eta", ">="),
    "eta_before": _instant("t.eta", "<"),
    "updated_since": _instant("t.changed_at", ">="),
    "hold": _hold,
    "ready": _ready,
    "party": _party,
    "reference": _reference,
    "arrived": _flag("t.arrived_at IS NOT NULL", "t.arrived_at IS NULL"),
    "released": _flag("t.released_at IS NOT NULL", "t.released_at IS NULL"),
    "collected": _flag(f"t.status IN {COLLECTED}", f"t.status NOT IN {COLLECTED}"),
    "needs": lambda where, value: where.add(
        f"(t.open_holds > 0 OR t.customs_state IN ('revoked', 'rejected')) AND t.status NOT IN {COLLECTED}"
    ),
}


# What a saved filter may say, as the list's parameters say it.
FILTER_NAMES = frozenset(_FILTERS) | {"search"}


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
