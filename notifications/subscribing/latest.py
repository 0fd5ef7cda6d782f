"""The latest updates of a viewer's cargo that are such news, with the data that fan-out adds to a delivery of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db.models import Q

from cargo.domain.places import place as known_place
from cargo.models import Shipment, ShipmentReference, TrackingUpdate
from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds

# The newest shipments that are looked through.
SHIPMENTS = 200
# An estimate that may be told: of the arrival, for a time. Keys begin with the milestone.
_ARRIVAL = Q(kind="estimate", key__startswith="arrived|", occurred_at__isnull=False)


class Latest(NamedTuple):
    """An update, the kind of news that it is, and ``Delivery.data`` of it."""

    news: str
    update: TrackingUpdate
    data: dict[str, Any]


class _Estimate(NamedTuple):
    pk: int
    at: datetime
    source: Any


def latest(viewer: Viewer, wanted: Sequence[str], most: int) -> list[Latest]:
    """So many updates of the viewer's newest shipments that are such news, oldest first; four statements at most."""
    shipments = visible_to(Shipment.objects.all(), viewer).order_by("-pk").values_list("pk", flat=True)[:SHIPMENTS]
    rows = TrackingUpdate.objects.filter(_which(wanted), shipment__among=list(shipments))
    found = []
    for update in rows.select_related("shipment").order_by("-pk")[:most]:
        news = kinds.of_update(update.kind, msgspec.json.decode(update.data))
        if news in wanted:
            found.append((str(news), update))
    added = _arrivals([update for news, update in found if news == kinds.ETA])
    return [Latest(news, update, added.get(update.pk, {})) for news, update in reversed(found)]


def _which(wanted: Sequence[str]) -> Q:
    """The updates that are such news, and no others: among many of another kind a limit would hide them."""
    told_apart = Q()
    for exception in kinds.TOLD_APART:
        told_apart |= Q(kind__startswith="exception.", key__startswith=f"{exception}|")
    which = Q(kind__in=set(wanted) - set(kinds.MOVEMENTS.values()) - {kinds.ETA}) & ~told_apart
    for milestone, news in kinds.MOVEMENTS.items():
        if news in wanted:
            which |= Q(kind="milestone", key__startswith=f"{milestone}|")
    return which | _ARRIVAL if kinds.ETA in wanted else which


def _arrivals(updates: Sequence[TrackingUpdate]) -> dict[int, dict[str, Any]]:
    """By update, what an estimate's own data lacks: numbers, the place with its zone, from when to when.

    As ``fanout.arrivals`` has it, but that nobody was told anything yet: what counts is the estimate before.
    """
    if not updates:
        return {}
    shipments = {update.shipment_id for update in updates}
    numbers: dict[int, list[dict[str, str]]] = defaultdict(list)
    references = ShipmentReference.objects.filter(shipment__among=shipments, learned=False).order_by("kind", "value")
    for shipment, kind, value in references.values_list("shipment_id", "kind", "value"):
        numbers[shipment].append({"type": kind, "value": value})
    estimates: dict[int, list[_Estimate]] = defaultdict(list)
    told = TrackingUpdate.objects.filter(_ARRIVAL, shipment__among=shipments).order_by("pk")
    for pk, shipment, at, text in told.values_list("pk", "shipment_id", "occurred_at", "data"):
        assert at is not None
        estimates[shipment].append(_Estimate(pk, at, msgspec.json.decode(text).get("source")))
    return {update.pk: _words(update, numbers[update.shipment_id], estimates[update.shipment_id]) for update in updates}


def _words(update: TrackingUpdate, numbers: list[dict[str, str]], estimates: Iterable[_Estimate]) -> dict[str, Any]:
    told = msgspec.json.decode(update.data)
    assert update.occurred_at is not None
    data: dict[str, Any] = {"references": numbers, "occurred_at": update.occurred_at.isoformat()}
    code = str((told.get("place") or {}).get("code", ""))
    info = known_place(code, "unlocode") if len(code) == 5 else None
    if info is not None:
        data |= {"place": {"code": code, "name": info.name}, "time_zone": info.zone}
    before = [one for one in estimates if one.pk < update.pk and one.at != update.occurred_at]
    # By the same source if it spoke: another one's may have been believed by nobody.
    same = [one for one in before if one.source == told.get("source")]
    if before:
        data["was_arrival_at"] = (same or before)[-1].at.isoformat()
    return data
