"""Writes what is owed: at once, after quiet hours, or in a digest; a storm is folded into one. What an endpoint that is
off is owed has failed already: its people may have it sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from cargo.domain import identity
from cargo.models import bulk
from notifications import kinds, schedule
from notifications.fanout.candidates import Address
from notifications.fanout.matching import Wanted
from notifications.models import Delivery, recipient_of
from notifications.models.endpoint import OFF

# What a person reads within an hour before he reads none of it. Past it only what is critical is told by itself.
STORM = 20
STORM_WINDOW = timedelta(hours=1)
# Rows in one statement, so that a batch for very many channels does not become one parameter without a limit.
ROWS = 20_000

DELIVERIES = Delivery._meta.db_table
_COLUMNS = {
    "update_id": "int",
    "channel_id": "int",
    "organization_id": "int",
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
    "finished_at": "time",
    "reason": "text",
}
_encode = msgspec.json.Encoder().encode


def owe(wanted: Sequence[Wanted], now: datetime) -> None:
    """Two statements at most for 20,000 rows; the constraints drop what is owed already."""
    if not wanted:
        return
    told = _told_lately({row.channel.id for row in wanted if _may_storm(row)}, now)
    hours = _Hours(now)
    recipients: dict[int, str] = {}
    rows = []
    for row in wanted:
        channel = row.channel
        if channel.id not in recipients:
            recipients[channel.id] = recipient_of(channel.kind, channel.address, channel.id)
        state, digest_at, next_attempt_at = _when(row, told, hours)
        rows.append(
            (
                row.update,
                channel.id,
                channel.organization,
                row.subscription,
                row.notice,
                row.topic,
                channel.kind,
                recipients[channel.id],
                state,
                digest_at,
                next_attempt_at,
                _encode(row.data).decode() if row.data else "{}",
                0,
                hours.now,
                "",
                hours.now if channel.off_since else None,
                OFF if channel.off_since else "",
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
    right, value = bulk.id_list(channels)
    rows = bulk.execute(
        f"SELECT channel_id, count(*) FROM {DELIVERIES} WHERE channel_id {right} AND created_at > %s "
        f"AND digest_at IS NULL AND update_id IS NOT NULL GROUP BY channel_id",
        [value, bulk.moment(now - STORM_WINDOW)],
    )
    return Counter(dict(rows))


class _Hours:
    """When a channel may be told, worked out once for each of a batch, in seconds since 1970."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._digests: dict[int, int] = {}
        self._ends_of_quiet: dict[int, int] = {}
        self.now = identity.epoch(now) or 0
        self.end_of_storm = identity.epoch(now + schedule.STORM_DIGEST) or 0

    def digest(self, channel: Address) -> int:
        """Its next digest."""
        if channel.id not in self._digests:
            due = schedule.next_digest(self._now, channel.digest_at, channel.digest_days, _zone(channel))
            self._digests[channel.id] = identity.epoch(due) or 0
        return self._digests[channel.id]

    def awake(self, channel: Address) -> int:
        """Now, or when its quiet hours end."""
        if channel.id not in self._ends_of_quiet:
            quiet = schedule.end_of_quiet(self._now, channel.quiet_from, channel.quiet_until, _zone(channel))
            self._ends_of_quiet[channel.id] = identity.epoch(quiet or self._now) or 0
        return self._ends_of_quiet[channel.id]

    def storm(self, channel: Address) -> int:
        """When the rest of a storm is told: in an hour, or with a digest that goes out before."""
        return min(self.end_of_storm, self.digest(channel)) if channel.kind in kinds.WITH_DIGEST else self.end_of_storm


def _when(row: Wanted, told: Counter[int], hours: _Hours) -> tuple[str, int | None, int | None]:
    """State, digest and next try of one delivery."""
    channel, critical = row.channel, row.notice in kinds.CRITICAL
    if channel.off_since:
        return "failed", None, None
    if row.mode == kinds.DIGEST:
        return "gathered", hours.digest(channel), None
    if _may_storm(row):
        if told[channel.id] >= STORM and not critical:
            return "gathered", hours.storm(channel), None
        told[channel.id] += 1
    if critical and channel.bypass_quiet:
        return "pending", None, hours.now
    return "pending", None, hours.awake(channel)


def _zone(channel: Address) -> ZoneInfo:
    return schedule.zone_of(channel.zone, channel.persons_zone or "", settings.OPERATOR_TIME_ZONE)
