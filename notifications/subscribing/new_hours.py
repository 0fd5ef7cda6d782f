"""What waits already when a channel begins to be told at other hours: by its own settings, or by its person's clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from clis.accounts.models import User
from notifications import kinds, schedule
from notifications.models import Channel, Delivery

_HOURS_OF_DIGEST = frozenset({"zone", "digest_at", "digest_days"})
_QUIET_HOURS = frozenset({"zone", "quiet_from", "quiet_until", "bypass_quiet"})


def wait_anew(channels: Sequence[Channel], changed: Set[str], now: datetime) -> None:
    """Works out anew when is told what waits for the digest or for the end of quiet hours; two statements at most, and
    one for the person of each channel that is not read with him.

    ``changed``: which settings were, in this transaction and before this call. Whoever owes a digest holds the
    channel's row, so that what he gathered is seen here; what is being sent stays as it is.
    """
    with_digest = [channel for channel in channels if channel.kind in kinds.WITH_DIGEST]
    if changed & _HOURS_OF_DIGEST and with_digest:
        ungathered = Delivery.objects.filter(
            channel__among=with_digest, state=Delivery.State.GATHERED, gathered_in__isnull=True
        )
        # The rest of a storm was to be told at once: it keeps its hour.
        ungathered.exclude(digest_at=F("created_at") + schedule.STORM_DIGEST).update(
            digest_at=_next_digests(with_digest, now)
        )
    if changed & _QUIET_HOURS:
        # The sender asks for quiet hours again, and lets wait until their new end what lies in them.
        untried = Delivery.objects.filter(channel__among=channels, state=Delivery.State.PENDING, attempts=0)
        untried.filter(next_attempt_at__gt=now).update(next_attempt_at=now)


def go_by_person(person: User) -> None:
    """The person's zone was changed: the channels that have none of their own, in every organization, go by the new
    one. Three statements at most."""
    with transaction.atomic():
        channels = list(Channel.objects.filter(user=person, zone="").order_by("pk").select_for_update(no_key=True))
        for channel in channels:
            channel.user = person
        if channels:
            wait_anew(channels, {"zone"}, timezone.now())


def _next_digests(channels: Sequence[Channel], now: datetime) -> Case:
    """The next digest of each."""
    due: dict[datetime, list[Channel]] = defaultdict(list)
    for channel in channels:
        persons = channel.user.time_zone if channel.user else ""
        zone = schedule.zone_of(channel.zone, persons, settings.OPERATOR_TIME_ZONE)
        due[schedule.next_digest(now, channel.digest_at, channel.digest_days, zone)].append(channel)
    return Case(*(When(channel__among=its, then=Value(at)) for at, its in due.items()))
