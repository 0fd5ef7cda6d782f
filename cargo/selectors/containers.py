"""Containers, read off the shipments that they belong to."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cargo.models import ShipmentReference, ShipmentStatus
from cargo.selectors import BadCursor, NotFound
from clis.accounts.scoping import Viewer, visible_to

_STATUS = ("status", "milestone", "customs_state", "ready", "eta", "arrived_at", "released_at", "gated_out_at")


def page(
    viewer: Viewer, params: dict[str, Any], cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Containers by number, each once a shipment; two statements."""
    rows = visible_to(ShipmentReference.objects.all(), viewer).filter(kind="container")
    if number := params.get("number"):
        rows = rows.filter(value="".join(str(number).upper().split()))
    if shipment := params.get("shipment"):
        rows = rows.filter(shipment_id=shipment)
    if cursor:
        value, pk = _open(cursor)
        rows = rows.filter(value__gte=value).exclude(value=value, pk__lte=pk)
    found = list(rows.order_by("value", "pk").values_list("value", "pk", "shipment_id")[: limit + 1])
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = urlsafe_b64encode(f"{found[-1][0]}|{found[-1][1]}".encode()).decode().rstrip("=")
    states = _states({shipment for _, _, shipment in found})
    rows_out = [{"number": value, "shipment": shipment, **states[shipment]} for value, _, shipment in found]
    return rows_out, following


def one(viewer: Viewer, number: str) -> dict[str, Any]:
    """A container with the shipments that it is known in. Raises ``NotFound``."""
    value = "".join(str(number).upper().split())[:64]
    shipments = list(
        visible_to(ShipmentReference.objects.all(), viewer)
        .filter(kind="container", value=value)
        .order_by("-shipment_id")
        .values_list("shipment_id", flat=True)[:200]
    )
    if not shipments:
        raise NotFound
    states = _states(set(shipments))
    return {"number": value, "shipments": [{"shipment": pk, **states[pk]} for pk in shipments]}


def _states(shipments: set[int]) -> dict[int, dict[str, Any]]:
    rows = ShipmentStatus.objects.filter(pk__in=shipments).values("shipment_id", *_STATUS)
    return {
        row.pop("shipment_id"): {
            name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()
        }
        for row in rows
    }


def _open(cursor: str) -> tuple[str, int]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        value, pk = text.rsplit("|", 1)
        if not value.isprintable() or not 0 < int(pk) < 2**63:
            raise BadCursor
        return value, int(pk)
    except (ValueError, UnicodeError) as error:
        raise BadCursor from error
