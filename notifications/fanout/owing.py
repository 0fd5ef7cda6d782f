"""Writes what is owed: at once, after quiet hours, or in a digest; a storm is folded into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db.models import Count

from cargo.domain import identity
from cargo.models import bulk
from notifications import kinds, schedule
from notifications.fanout.candidates import Address
from notifications.fanout.matching import Wanted
from notifications.models import Delivery, recipient_of

# What a person reads within an hour before he reads none of it. Past it only what is critical is told by itself.
STORM = 20
STORM_WINDOW = timedelta(hours=1)
# The rest of a storm is not news any more by tomorrow's digest.
STORM_DIGEST = timedelta(hours=1)
# Rows in one statement, so that a batch for very many channels does not become one parameter without a limit.
ROWS = 20_000

DELIVERIES = Delivery._meta.db_table
_COLUMNS = {
    "update_id": "int",
    "channel_id": "int",
    "subscription_id": "int",
    "notice": "text",
    "topic": "text",
    "kind": "text",
    "recipient": "text",
    "state": "text",
    "digest_at": "time",
    "next_attempt_at": "time",
    "data": "json",
    "attempts": "int",
    "created_at": "time",
    "lease_token": "text",
    "reason": "text",
}
_encode = msgspec.json.Encoder().encode


def owe(wanted: Sequence[Wanted], now: datetime) -> None:
    """Two statements at most for 20,000 rows; the constraints drop what is owed already."""
    if not wanted:
        return
    told = _told_lately({row.channel.id for row in wanted if _may_storm(row)}, now)
    recipients: dict[int, str] = {}
    rows = []
    for row in wanted:
        channel = row.channel
        if channel.id not in recipients:
            recipients[channel.id] = recipient_of(channel.kind, channel.address, channel.id)
        state, digest_at, next_attempt_at = _when(row, told, now)
        rows.append(
            (
                row.update,
                channel.id,
                row.subscription,
                row.notice,
                row.topic,
                channel.kind,
                recipients[channel.id],
                state,
                identity.epoch(digest_at),
                identity.epoch(next_attempt_at),
                _encode(row.data).decode(),
                0,
                identity.epoch(now),
                "",
                "",
            )
        )
    for start in range(0, len(rows), ROWS):
        bulk.insert(DELIVERIES, _COLUMNS, rows[start : start + ROWS], conflict="ON CONFLICT DO NOTHING")


def _may_storm(row: Wanted) -> bool:
    return row.mode == kinds.NOW and row.channel.kind in kinds.WITH_STORMS


def _told_lately(channels: Collection[int], now: datetime) -> Counter[int]:
    """How many deliveries of their own each channel was owed within the hour; those of digests have a digest's time."""
    if not channels:
        return Counter()
    return Counter(
        dict(
            Delivery.objects.filter(
                channel__in=channels,
                created_at__gt=now - STORM_WINDOW,
                digest_at__isnull=True,
                update__isnull=False,
            )
            .order_by()
            .values_list("channel")
            .annotate(Count("pk"))
        )
    )


def _when(row: Wanted, told: Counter[int], now: datetime) -> tuple[str, datetime | None, datetime | None]:
    """State, digest and next try of one delivery."""
    channel, critical = row.channel, row.notice in kinds.CRITICAL
    if row.mode == kinds.DIGEST:
        return "gathered", _next_digest(channel, now), None
    if _may_storm(row):
        if told[channel.id] >= STORM and not critical:
            due = now + STORM_DIGEST
            return "gathered", min(due, _next_digest(channel, now)) if channel.kind in kinds.WITH_DIGEST else due, None
        told[channel.id] += 1
    if critical and channel.bypass_quiet:
        return "pending", None, now
    quiet = schedule.end_of_quiet(now, channel.quiet_from, channel.quiet_until, _zone(channel))
    return "pending", None, quiet or now


def _next_digest(channel: Address, now: datetime) -> datetime:
    return schedule.next_digest(now, channel.digest_at, channel.digest_days, _zone(channel))


def _zone(channel: Address) -> ZoneInfo:
    return schedule.zone_of(channel.zone, channel.persons_zone or "", settings.OPERATOR_TIME_ZONE)
