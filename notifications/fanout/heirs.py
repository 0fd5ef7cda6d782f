"""One address that is a channel of two organizations is told by one of them; by the other, where that one may not.

Of the channels of one address the first is owed what several want to hear (``Delivery.recipient``). If it is off by the
time of sending, its person left, or it wants to hear of that no more, the address is owed the same by the next one that
wanted it. What was skipped keeps its place in the log of its organization, and stands for its address no longer.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from cargo.pipeline import announce
from notifications.fanout.matching import Wanted, wanted
from notifications.fanout.owing import owe
from notifications.models import Channel, Delivery, apart, recipient_of
from notifications.models.handing_on import SHARED

logger = logging.getLogger(__name__)


def hand_on(deliveries: Collection[int]) -> None:
    """Owes what these deliveries, skipped for reasons of their channels, would have told to others of their addresses.

    Two statements where no address has another channel. What cannot be handed on is noted and holds up nobody.
    """
    try:
        with transaction.atomic():
            _hand_on(deliveries)
    except Exception:
        logger.exception("deliveries %s could not be handed on", sorted(deliveries)[:10])


def _hand_on(deliveries: Collection[int]) -> None:
    skipped = Delivery.objects.filter(
        pk__among=deliveries, state=Delivery.State.SKIPPED, kind__in=SHARED, update__isnull=False
    ).select_related("channel")
    lost = {(row.update_id or 0, row.recipient): row for row in skipped if row.recipient == row.channel.recipient}
    if not _have_others(list(lost.values())):
        return
    updates = [update for update in announce.told({update for update, _ in lost}) if update.organizations]
    # What was news when it was owed is news still, though it waited for a digest.
    heirs: dict[tuple[int, str], Wanted] = {}
    for found in wanted(updates, min(row.created_at for row in lost.values())):
        key = (found.update, recipient_of(found.channel.kind, found.channel.address, found.channel.id))
        if key in lost and lost[key].channel_id != found.channel.id:
            heirs.setdefault(key, found)
    freed: dict[int, list[int]] = defaultdict(list)
    for key in heirs:
        freed[lost[key].channel_id].append(lost[key].pk)
    for channel, rows in sorted(freed.items()):
        Delivery.objects.filter(pk__among=rows).update(recipient=apart(channel))
    owe(list(heirs.values()), timezone.now())


def _have_others(rows: Collection[Delivery]) -> bool:
    """Whether one of their addresses has another channel that may be told; one statement."""
    if not rows:
        return False
    usable = Channel.objects.filter(kind__in=SHARED, verified_at__isnull=False, disabled_at__isnull=True)
    spelled = usable.annotate(spelled=Lower("address")).filter(
        spelled__among={row.channel.address.lower() for row in rows}
    )
    others: dict[str, set[int]] = defaultdict(set)
    for channel in spelled:
        others[channel.recipient].add(channel.pk)
    return any(others[row.recipient] - {row.channel_id} for row in rows)
