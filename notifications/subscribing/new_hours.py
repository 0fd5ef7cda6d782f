"""What waits already when a channel begins to be told at other hours."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from django.conf import settings
from django.db.models import F

from notifications import kinds, schedule
from notifications.models import Channel, Delivery

_HOURS_OF_DIGEST = frozenset({"zone", "digest_at", "digest_days"})
_QUIET_HOURS = frozenset({"zone", "quiet_from", "quiet_until", "bypass_quiet"})


def wait_anew(channel: Channel, changed: Set[str], now: datetime) -> None:
    """Works out anew when is told what waits for the digest or for the end of quiet hours; three statements at most.

    ``changed``: which settings were, in this transaction and before this call. Whoever owes a digest holds the
    channel's row, so that what he gathered is seen here; what is being sent stays as it is.
    """
    waiting = Delivery.objects.filter(channel=channel)
    if changed & _HOURS_OF_DIGEST and channel.kind in kinds.WITH_DIGEST:
        persons = channel.user.time_zone if channel.user else ""
        zone = schedule.zone_of(channel.zone, persons, settings.OPERATOR_TIME_ZONE)
        ungathered = waiting.filter(state=Delivery.State.GATHERED, gathered_in__isnull=True)
        # The rest of a storm was to be told at once: it keeps its hour.
        ungathered.exclude(digest_at=F("created_at") + schedule.STORM_DIGEST).update(
            digest_at=schedule.next_digest(now, channel.digest_at, channel.digest_days, zone)
        )
    if changed & _QUIET_HOURS:
        # The sender asks for quiet hours again, and lets wait until their new end what lies in them.
        untried = waiting.filter(state=Delivery.State.PENDING, attempts=0, next_attempt_at__gt=now)
        untried.update(next_attempt_at=now)
