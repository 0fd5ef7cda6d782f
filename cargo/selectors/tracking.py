"""Tracking requests, and what is the reader's own about a shipment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q

from cargo.domain.identifiers import compact
from cargo.models import Party, Shipment, TrackingRequest
from cargo.selectors import NotFound
from clis.accounts.scoping import Viewer, visible_to

# A request waits until the first event of its shipment is known; nothing has to remember to say so.
_HEARD = Q(state=TrackingRequest.State.WAITING, shipment__status_row__last_event_at__isnull=False)
_FIELDS = (
    "id",
    "reference",
    "kind",
    "carrier",
    "state",
    "shipment_id",
    "code",
    "message",
    "created_at",
    "shipment__status_row__last_event_at",
)


class Page(NamedTuple):
    """Rows, newest first, and the number after which the next page begins (None after the last)."""

    rows: list[dict[str, Any]]
    next: int | None


def page(viewer: Viewer, params: dict[str, Any], before: int | None, limit: int) -> Page:
    """Tracking requests of the viewer's organization. ``params``: ``state``, ``type`` (lists) and ``reference``.

    ``before``: rows older than that id. One statement.
    """
    requests = visible_to(TrackingRequest.objects.all(), viewer)
    if states := params.get("state"):
        requests = requests.filter(_in_state(states))
    if kinds := params.get("type"):
        requests = requests.filter(kind__in=kinds)
    if reference := params.get("reference"):
        requests = requests.filter(reference__in={reference, compact(reference)})
    if before is not None:
        requests = requests.filter(pk__lt=before)
    rows = [_row(values) for values in requests.order_by("-pk").values(*_FIELDS)[: limit + 1]]
    return Page(rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None)


def one(viewer: Viewer, request_id: int) -> dict[str, Any]:
    """One tracking request with its lifecycle. Raises ``NotFound``. One statement."""
    values = visible_to(TrackingRequest.objects.all(), viewer).filter(pk=request_id).values(*_FIELDS).first()
    if values is None:
        raise NotFound
    return _row(values)


def some(viewer: Viewer, request_ids: Sequence[int]) -> list[dict[str, Any]]:
    """These tracking requests, in that order, as far as they are the viewer's. One statement."""
    rows = visible_to(TrackingRequest.objects.all(), viewer).filter(pk__in=request_ids).values(*_FIELDS)
    found = {values["id"]: _row(values) for values in rows}
    return [found[pk] for pk in request_ids if pk in found]


def mine(viewer: Viewer, shipment_id: int) -> dict[str, Any]:
    """What only the viewer's organization has about a shipment. Raises ``NotFound``. Three statements."""
    shipment = (
        visible_to(Shipment.objects.all(), viewer)
        .filter(pk=shipment_id)
        .values("organization_id", "own_reference")
        .first()
    )
    if shipment is None:
        raise NotFound
    own = {"organization_id": viewer.organization_id, "shipment_id": shipment_id}
    registered = shipment["organization_id"] == viewer.organization_id
    return {
        # It is the registering organization's; the other parties never see it.
        "own_reference": shipment["own_reference"] if registered else "",
        "registered": registered,
        "roles": list(Party.objects.filter(**own).order_by("role").values_list("role", flat=True)),
        "tracking_requests": list(TrackingRequest.objects.filter(**own).order_by("pk").values_list("pk", flat=True)),
    }


def _in_state(states: list[str]) -> Q:
    wanted = Q(state__in=[state for state in states if state != TrackingRequest.State.WAITING])
    if TrackingRequest.State.TRACKING in states:
        wanted |= _HEARD
    if TrackingRequest.State.WAITING in states:
        wanted |= Q(state=TrackingRequest.State.WAITING, shipment__status_row__last_event_at__isnull=True)
    return wanted


def _row(values: dict[str, Any]) -> dict[str, Any]:
    state = values["state"]
    heard = values["shipment__status_row__last_event_at"]
    if state == TrackingRequest.State.WAITING and heard is not None:
        state = TrackingRequest.State.TRACKING.value
    return {
        "id": values["id"],
        "reference": values["reference"],
        "type": values["kind"] or None,
        "carrier": values["carrier"] or None,
        "state": state,
        "shipment": values["shipment_id"],
        "created_at": values["created_at"],
        "last_event_at": heard,
        "error": {"code": values["code"], "message": values["message"]} if values["code"] else None,
    }
