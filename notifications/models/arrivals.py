"""Which expected arrivals channels know: what each was told last (``EstimateTold``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from notifications import kinds
from notifications.models.delivery import Delivery
from notifications.models.subscription import EstimateTold


def know(arrivals: Mapping[tuple[int, int], datetime]) -> None:
    """By channel and shipment: what they know from now on. One statement."""
    EstimateTold.objects.bulk_create(
        [
            EstimateTold(channel_id=channel, shipment_id=shipment, arrival_at=at)
            for (channel, shipment), at in sorted(arrivals.items())
        ],
        update_conflicts=True,
        unique_fields=["channel", "shipment"],
        update_fields=["arrival_at"],
    )


def recall(delivery: int) -> None:
    """For a delivery, or a digest's members, that was told after all or is owed again, in the transaction of that.

    What the channel knows is what was sent there last; where nothing was, what it knew when this one was owed. One
    statement where it tells of no arrival, else three.
    """
    of_it = Delivery.objects.filter(Q(pk=delivery) | Q(gathered_in=delivery), notice=kinds.ETA)
    before = {
        (channel, shipment): datetime.fromisoformat(data["was_arrival_at"])
        for channel, shipment, data in of_it.order_by("-pk").values_list("channel_id", "update__shipment_id", "data")
        if "was_arrival_at" in data
    }
    if not before:
        return
    sent = Delivery.objects.filter(
        channel__among={channel for channel, _ in before},
        update__shipment__among={shipment for _, shipment in before},
        notice=kinds.ETA,
        state=Delivery.State.SENT,
        update__occurred_at__isnull=False,
    )
    last = sent.order_by("finished_at", "pk").values_list("channel_id", "update__shipment_id", "update__occurred_at")
    know(before | {(channel, shipment): at for channel, shipment, at in last if at is not None})
