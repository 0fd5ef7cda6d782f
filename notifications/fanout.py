"""From tracking updates to what is owed: one delivery per update and channel whose owner may still see the shipment.

One transaction and a constant number of statements for a batch, however many updates and channels: taking the
updates and owing their deliveries commit together or not at all, so no update is lost between the two.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cargo.pipeline import announce
from clis.accounts.models import Membership
from notifications.models import KINDS, Delivery, Subscription

# Told however late they are reported: what customs did is true until customs says otherwise, and time runs on.
ALWAYS_NEWS = frozenset(
    {
        "customs.held", "customs.hold_cleared", "customs.released", "customs.release_revoked",
        "deadline.near", "deadline.exceeded",
    }
)  # fmt: skip
NEWS_FOR = timedelta(hours=72)

_INSERT = {
    "postgresql": """
        INSERT INTO notifications_delivery (update_id, channel_id, kind, recipient, state, attempts, created_at,
                                            next_attempt_at, lease_token, reason)
        SELECT owed.update_id, owed.channel_id, owed.kind, owed.recipient, 'pending', 0, %s, %s, '', ''
        FROM jsonb_to_recordset(%s::jsonb) AS owed(update_id bigint, channel_id bigint, kind text, recipient text)
        ON CONFLICT DO NOTHING""",
    "sqlite": """
        INSERT INTO notifications_delivery (update_id, channel_id, kind, recipient, state, attempts, created_at,
                                            next_attempt_at, lease_token, reason)
        SELECT owed.value ->> 'update_id', owed.value ->> 'channel_id', owed.value ->> 'kind',
               owed.value ->> 'recipient', 'pending', 0, %s, %s, '', ''
        FROM json_each(%s) AS owed
        WHERE true
        ON CONFLICT DO NOTHING""",
}


class Taken(Protocol):
    """An update as ``announce.take`` hands it out."""

    @property
    def id(self) -> int: ...
    @property
    def shipment_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def occurred_at(self) -> datetime | None: ...
    @property
    def reported_at(self) -> datetime | None: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def silent(self) -> bool: ...
    @property
    def organizations(self) -> Sequence[int]: ...


def fan_out(limit: int = 500) -> int:
    """Takes up to ``limit`` updates and owes what they mean to people; returns how many it took."""
    with transaction.atomic():
        taken = announce.take(limit)
        told = [update for update in taken if update.kind in KINDS and not update.silent]
        if told:
            _owe(list(_owed(told, _candidates(told), timezone.now())))
    return len(taken)


def still_true(update_ids: Iterable[int]) -> set[int]:
    """Which of these updates still stand now: asked when a delivery is about to be sent."""
    return announce.still_true(list(update_ids))


def is_news(update: Taken, since: datetime, now: datetime) -> bool:
    """Whether an update is news to a subscription that began at ``since`` (decision 21).

    What happened before that is not. After it: customs' acts always, anything else if it happened or was
    reported within 72 hours. An update without a time of its own happened when it was reported or recorded.
    """
    happened = update.occurred_at or update.reported_at or update.recorded_at
    if happened < since:
        return False
    reported = update.reported_at or update.recorded_at
    return update.kind in ALWAYS_NEWS or max(happened, reported) >= now - NEWS_FOR


def recipient_of(kind: str, address: str) -> str:
    """What makes two channels the same recipient: an address is told once, whoever entered it."""
    return hashlib.sha256(f"{kind}:{address.casefold()}".encode()).hexdigest()


def _candidates(updates: Sequence[Taken]) -> dict[int, list[Subscription]]:
    """Live subscriptions by organization, of people who are still its members."""
    organizations = {organization for update in updates for organization in update.organizations}
    member = Membership.objects.filter(
        user_id=OuterRef("channel__user_id"), organization_id=OuterRef("channel__organization_id"), user__is_active=True
    )
    found = (
        Subscription.objects.filter(
            Q(shipment__isnull=True) | Q(shipment__in={update.shipment_id for update in updates}),
            Q(channel__user__isnull=True) | Exists(member),
            ended_at__isnull=True,
            channel__organization__in=organizations,
            channel__verified_at__isnull=False,
            channel__disabled_at__isnull=True,
        )
        .select_related("channel")
        .order_by("channel_id", "id")
    )
    by_organization: dict[int, list[Subscription]] = defaultdict(list)
    for subscription in found:
        by_organization[subscription.channel.organization_id].append(subscription)
    return by_organization


def _owed(
    updates: Sequence[Taken], candidates: dict[int, list[Subscription]], now: datetime
) -> Iterable[dict[str, Any]]:
    for update in updates:
        seen: set[int] = set()
        for organization in sorted(set(update.organizations)):
            for subscription in candidates.get(organization, ()):
                if subscription.channel_id in seen or not _wants(subscription, update, now):
                    continue
                seen.add(subscription.channel_id)
                channel = subscription.channel
                yield {
                    "update_id": update.id,
                    "channel_id": channel.pk,
                    "kind": channel.kind,
                    "recipient": recipient_of(channel.kind, channel.address),
                }


def _wants(subscription: Subscription, update: Taken, now: datetime) -> bool:
    if subscription.shipment_id is not None and subscription.shipment_id != update.shipment_id:
        return False
    if subscription.kinds and update.kind not in subscription.kinds:
        return False
    return is_news(update, subscription.created_at, now)


def _owe(rows: list[dict[str, Any]]) -> None:
    """One statement with one parameter for the rows; the constraints drop what is owed already."""
    if not rows:
        return
    now = Delivery._meta.get_field("created_at").get_db_prep_value(timezone.now(), connection)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT[connection.vendor], [now, now, json.dumps(rows)])
