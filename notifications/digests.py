"""Owes the digests: to each channel with something gathered whose time has come one delivery that holds it all.

A digest is a delivery without an update. Each member is in one digest at most, and whoever owes one holds the lock of
its channel, so that a second sweep, or a worker that dies between two, changes nothing. Members keep waiting until
their digest is sent (``deliver``), where they are looked at once more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from notifications.models import Channel, Delivery

BATCH = 200
# What is due so soon after goes out with it: one message instead of two within the hour.
ALONG = timedelta(hours=1)


def owe_digests(limit: int = BATCH) -> int:
    """Owes digests to up to ``limit`` channels; gives how many. One statement while nothing is due, else five."""
    now = timezone.now()
    due = set(_due(now).values_list("channel", flat=True).distinct()[:limit])
    return _owe(due, now) if due else 0


def _due(until: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state=Delivery.State.GATHERED, gathered_in__isnull=True, digest_at__lte=until
    ).order_by()


@transaction.atomic
def _owe(channels: Collection[int], now: datetime) -> int:
    locked = Channel.objects.filter(pk__in=channels).order_by("pk").select_for_update(no_key=True)
    addresses = {channel.pk: channel for channel in locked}
    # Another worker may have owed it while we waited for the lock; this statement sees that.
    due = sorted(set(_due(now).filter(channel__in=addresses).values_list("channel", flat=True)))
    made = Delivery.objects.bulk_create(
        [
            Delivery(
                channel_id=pk,
                organization_id=addresses[pk].organization_id,
                kind=addresses[pk].kind,
                recipient=addresses[pk].recipient,
                notice="digest",
                digest_at=now,
                created_at=now,
                next_attempt_at=now,
            )
            for pk in due
        ]
    )
    if made:
        its = Delivery.objects.filter(pk__in=[delivery.pk for delivery in made], channel=OuterRef("channel"))
        _due(now + ALONG).filter(channel__in=due).update(gathered_in=Subquery(its.values("pk")[:1]))
    return len(made)
