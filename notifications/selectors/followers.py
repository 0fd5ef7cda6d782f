"""Who outside is told of single shipments by the viewer's organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from clis.accounts.scoping import Viewer, visible_to
from notifications.models import Subscription


@dataclass(frozen=True)
class FollowerRow:
    """Somebody outside who is told of a shipment since he said yes. ``id`` is his subscription's; the address is shown
    in full to who may write."""

    id: int
    shipment_id: int
    channel_id: int
    address: str
    language: str
    since: datetime


def followers(viewer: Viewer, shipment_id: int) -> list[FollowerRow]:
    """Those of one shipment, the first first; one statement."""
    return _described(viewer, _seen(viewer).filter(shipment=shipment_id).order_by("pk"))


def every_follower(viewer: Viewer, shipment_id: int | None, cursor: int | None, limit: int) -> list[FollowerRow]:
    """Those of all shipments or of one, newest first, below the number ``cursor``; one statement."""
    found = _seen(viewer)
    if shipment_id is not None:
        found = found.filter(shipment=shipment_id)
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    return _described(viewer, found.order_by("-pk")[:limit])


def follower(viewer: Viewer, subscription_id: int) -> FollowerRow | None:
    """One of them."""
    return next(iter(_described(viewer, _seen(viewer).filter(pk=subscription_id))), None)


def _seen(viewer: Viewer) -> QuerySet[Subscription]:
    live = Subscription.objects.filter(shipment__isnull=False, channel__follower=True, ended_at__isnull=True)
    return visible_to(live, viewer).filter(channel__organization=viewer.organization_id)


def _described(viewer: Viewer, rows: QuerySet[Subscription]) -> list[FollowerRow]:
    return [
        FollowerRow(
            id=row.pk,
            shipment_id=row.shipment_id,  # type: ignore[arg-type]  # ``_seen`` reads those of one shipment
            channel_id=row.channel_id,
            address=row.channel.shown_to(viewer),
            language=row.channel.language,
            since=row.created_at,
        )
        for row in rows.select_related("channel")
    ]
