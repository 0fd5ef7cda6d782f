"""Which shipments a list shows: the viewer's own, and of these what the filters ask for; as SQL on ``s`` and ``t``.

``s`` is a shipment, ``t`` its status.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from cargo.models import Party, Shipment, ShipmentReference, ShipmentStatus, bulk
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

SHIPMENTS = Shipment._meta.db_table
STATUS = ShipmentStatus._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
PARTIES = Party._meta.db_table
ORGANIZATIONS = Organization._meta.db_table
COLLECTED = "('delivered_out', 'delivered', 'completed', 'cancelled')"


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
    """The beginning of a number, or one's own reference in capitals or small letters; another organization's own
    reference is never looked at."""
    number = "".join(text.upper().replace("-", " ").split())
    where.add(
        f"(s.id IN (SELECT n.shipment_id FROM {REFERENCES} n WHERE n.value >= %s AND n.value < %s) "
        f"OR (UPPER(s.own_reference) = UPPER(%s) AND s.organization_id = %s))",
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
