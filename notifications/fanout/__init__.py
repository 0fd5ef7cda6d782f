"""From tracking updates to what is owed: one delivery per update and channel whose owner may still see the shipment.

One transaction and a constant number of statements for a batch, however many updates and channels: taking the
updates and owing their deliveries commit together or not at all, so no update is lost between the two. History,
replays and rebuilds made their updates silent, and what is silent is owed to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from cargo.models import FeedHead
from cargo.pipeline import announce
from cargo.pipeline.open_deadlines import open_deadlines
from cargo.pipeline.place_names import place_names
from notifications.fanout.cycles import free_topics
from notifications.fanout.matching import wanted
from notifications.fanout.owing import owe

__all__ = ["fan_out", "open_deadlines", "place_names", "stand_still", "still_true"]


def fan_out(limit: int = 500) -> int:
    """Takes up to ``limit`` updates and owes what they mean to people and programs; returns how many it took.

    Two at once wait for each other at the head of the feed, so what one of them reads of earlier deliveries is whole.
    """
    with transaction.atomic():
        taken = announce.take(limit)
        told = [update for update in taken if not update.silent and update.organizations]
        if told:
            now = timezone.now()
            rows = wanted(told, now)
            owe(free_topics(rows, told, now), now)
    return len(taken)


def stand_still() -> None:
    """Nobody fans out from now to the end of the transaction, and what was being owed is there: whoever changes by what
    fan-out goes misses nothing that is owed at the same moment."""
    FeedHead.objects.select_for_update().filter(pk=1).first()


def still_true(update_ids: Iterable[int]) -> set[int]:
    """Which of these updates still stand now: asked when a delivery is about to be sent."""
    return announce.still_true(list(update_ids))
