"""The list's tabs, state bar and rows, made from what the selector gives and what the address says. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cargo.dashboard import looks, shipment_forecast, terms
from cargo.domain import places

# Saved views, as filters of the same address; ``needs`` are the parameters that each one sets.
TABS: tuple[str, ...] = ("all", "held", "needs_you", "arriving", "uncollected")
_FILTERS = ("status", "mode", "customs_state", "port_of_discharge", "search", "carrier", "port_of_loading")
_STATES: tuple[tuple[str, str, int], ...] = (
    ("expected", "still", 3), ("booked", "still", 2), ("at_origin", "still", 1), ("in_transit", "info", 3),
    ("at_transshipment", "info", 2), ("arrived", "info", 2), ("in_bond", "info", 1), ("available", "good", 1),
    ("delivered_out", "good", 3), ("delivered", "still", 2), ("completed", "still", 3), ("cancelled", "still", 3),
)  # fmt: skip
_DEPTHS = {key: depth for key, _tone, depth in _STATES}


def view_filters(view: str, today: date) -> dict[str, str]:
    """The filters that a saved view stands for."""
    if view == "held":
        return {"hold": "true"}
    if view == "needs_you":
        return {"needs": "client"}
    if view == "arriving":
        return {
            "eta_after": today.isoformat(),
            "eta_before": (today + timedelta(days=7)).isoformat(),
            "arrived": "false",
        }
    if view == "uncollected":
        return {"released": "true", "collected": "false"}
    return {}


def chosen(query: dict[str, str]) -> dict[str, str]:
    """The filters of the address that are set; anything else is left out."""
    found = {key: value.strip() for key, value in query.items() if key in _FILTERS and value.strip()}
    return {key: value.upper() if key.startswith("port_") else value for key, value in found.items()}


def address(view: str, filters: dict[str, str], cursor: str = "") -> str:
    """The list's address for a view and filters."""
    kept = {key: value for key, value in filters.items() if value}
    query = {**({"view": view} if view != "all" else {}), **kept, **({"cursor": cursor} if cursor else {})}
    return f"?{urlencode(query)}" if query else "?"


def segments(counts: dict[str, int], view: str, filters: dict[str, str], language: str) -> list[dict[str, Any]]:
    """The state bar's parts with their filter addresses."""
    current = filters.get("status", "")
    parts = looks.bar([(key, counts.get(key, 0), tone, looks.STATUS_LOOKS[key][1]) for key, tone, _depth in _STATES])
    return [
        {
            "part": part,
            "depth": _DEPTHS[part.key],
            "label": terms.word(terms.STATUSES, part.key, language),
            "url": address(view, {**filters, "status": part.key}),
            "current": current == part.key,
            "dim": bool(current) and current != part.key,
        }
        for part in parts
    ]


class Dressed:
    """A row with what its template shows beside the selector's own attributes; ``likely``: its release."""

    likely: shipment_forecast.Listed | None = None

    def __init__(self, row: Any) -> None:
        self._row = row
        self.label, self.label_kind = _label(row)
        self.mode_icon = looks.MODE_ICONS.get(row.mode or "", "ship")
        self.counts_down = row.status not in ("delivered_out", "delivered", "completed", "cancelled")
        port = row.port_of_discharge
        self.zone = places.zone_of(port) or places.zone_of(port, "iata")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)

    def __repr__(self) -> str:
        return f"{self._row!r} {self.likely!r}"


def dressed(found: Sequence[Any], told: Iterable[Any], language: str, now: datetime) -> list[Dressed]:
    """The rows of a page, each with its likely release; ``told``: the forecasts of the release that stand."""
    by_shipment = {row.shipment: row for row in told}
    rows = [Dressed(row) for row in found]
    for row in rows:
        row.likely = shipment_forecast.listed(row, by_shipment.get(row.id), row.zone, language, now)
    return rows


def _label(row: Any) -> tuple[str, str]:
    air = row.mode == "air"
    for name, kind in (("house_bill", "house_air_waybill"), ("master_bill", "air_waybill")):
        value = getattr(row, name, None)
        if value:
            return str(value), kind if air else name
    if row.containers:
        return str(row.containers[0]), "container"
    return "" if row.own_reference else f"#{row.id}", ""


def hits(found: Any, language: str, exact_label: str) -> dict[str, Any]:
    """What a search found, by kind: several exact ones first."""
    sections = []
    if found.exact:
        sections.append({"label": exact_label, "rows": [Dressed(row) for row in found.exact]})
    for group in found.groups:
        label = terms.word(terms.REFERENCE_TYPES, group.kind, language)
        sections.append({"label": label, "rows": [Dressed(row) for row in group.rows]})
    return {"groups": sections, "readings": found.readings, "suggestions": found.suggestions}
