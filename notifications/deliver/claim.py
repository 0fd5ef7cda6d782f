"""Which deliveries are sent next: claimed, checked against what holds now, and put into words."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from notifications import render
from notifications.deliver import by_endpoint
from notifications.deliver.gathering import Gathered, gather
from notifications.deliver.outcome import LEASE, Job, back_off, end, give_back
from notifications.deliver.settling import settle_members
from notifications.deliver.validity import StillTrue, Validity, quiet_until, suppressed
from notifications.models import Attempt, Channel, Delivery, Subscription
from notifications.render import webhook
from notifications.transports import TRANSPORTS
from notifications.transports.base import Message

logger = logging.getLogger(__name__)

CLAIM = 50
# What waits longer than this between the claim and its try is asked about again: a release may have been taken back.
FRESH = timedelta(seconds=1)
# The conditions stand twice: another worker may have taken a row between the choice and the update. PostgreSQL might
# choose anew for each row that it updates, past the limit, were the choice not an array.
_OWED = "kind = %(kind)s AND state IN ('pending', 'sending') AND next_attempt_at <= %(now)s {channel}"
_OLDEST = f"SELECT id FROM notifications_delivery WHERE {_OWED} ORDER BY next_attempt_at LIMIT {CLAIM}"
_TAKE = {
    vendor: f"""
        UPDATE notifications_delivery SET state = 'sending', lease_token = %(token)s, next_attempt_at = %(until)s
        WHERE id {chosen} AND {_OWED} RETURNING id"""
    for vendor, chosen in (
        ("postgresql", f"= ANY(ARRAY({_OLDEST} FOR UPDATE SKIP LOCKED))"),
        ("sqlite", f"IN ({_OLDEST})"),
    )
}
_CHANNEL, _SUBSCRIPTION = Delivery._meta.get_field("channel"), Delivery._meta.get_field("subscription")


def give_up_on_the_dead(kind: str) -> None:
    """A text whose worker died in a try may have gone out: nobody but a person sends it again."""
    if TRANSPORTS[kind].may_repeat:
        return
    now = timezone.now()
    begun = Exists(Attempt.objects.filter(delivery=OuterRef("pk"), finished_at__isnull=True))
    lapsed = Delivery.objects.filter(begun, kind=kind, state=Delivery.State.SENDING, next_attempt_at__lte=now)
    with transaction.atomic():
        rows = list(lapsed)
        dead = [row.pk for row in rows]
        if dead:
            lapsed.filter(pk__in=dead).update(
                state=Delivery.State.UNKNOWN,
                lease_token="",
                next_attempt_at=None,
                finished_at=now,
                reason="interrupted",
            )
            settle_members([(row, Delivery.State.UNKNOWN, "interrupted") for row in rows], now)
            Attempt.objects.filter(delivery__in=dead, finished_at__isnull=True).update(
                finished_at=now, outcome=Attempt.Outcome.UNKNOWN, detail="interrupted"
            )


def claim(kind: str, channel: int | None = None, busy: Collection[int] = ()) -> list[Delivery]:
    """The oldest owed deliveries of a kind (or of one channel), now ours until the lease ends.

    A lapsed lease is owed like any other. Of webhooks a few of each endpoint are claimed, and none of those that are
    ``busy`` or may not be called now.
    """
    now = timezone.now()
    token = secrets.token_hex(16)
    if kind == Channel.Kind.WEBHOOK and channel is None:
        return loaded(by_endpoint.claim(token, now, now + LEASE, busy))
    return loaded(_taken(kind, channel, token, now))


def _taken(kind: str, channel: int | None, token: str, now: datetime) -> list[int]:
    """Puts the token on the oldest; gives them. One statement."""
    adapt = connection.ops.adapt_datetimefield_value
    values = {"kind": kind, "channel": channel, "token": token, "now": adapt(now), "until": adapt(now + LEASE)}
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE[connection.vendor].format(channel="AND channel_id = %(channel)s" if channel else ""), values
        )
        return [row[0] for row in cursor.fetchall()]


def open_in(kind: str, busy: Collection[int] = ()) -> float | None:
    """Seconds until an endpoint may be called to which something is owed now; None if there is none."""
    return by_endpoint.open_in(timezone.now(), busy) if kind == Channel.Kind.WEBHOOK else None


def loaded(ids: Collection[int]) -> list[Delivery]:
    """With all that their words need, in the order in which they were owed; three statements.

    Many have one channel, and some one subscription: these are read once.
    """
    if not ids:
        return []
    rows = list(Delivery.objects.filter(pk__among=ids).select_related("update__shipment").order_by("pk"))
    channels = {
        row.pk: row
        for row in Channel.objects.filter(pk__among={row.channel_id for row in rows}).select_related(
            "organization", "user", "endpoint"
        )
    }
    named = {row.subscription_id for row in rows} - {None}
    subscriptions = {row.pk: row for row in Subscription.objects.filter(pk__among=named)}
    for row in rows:
        _CHANNEL.set_cached_value(row, channels[row.channel_id])
        if row.subscription_id is not None:
            _SUBSCRIPTION.set_cached_value(row, subscriptions.get(row.subscription_id))
    return rows


def prepared(claimed: list[Delivery], still_true: StillTrue, switched_on: bool) -> list[Job]:
    """The claimed deliveries that may be sent, with their messages; the others end here with the reason, or wait."""
    validity = Validity(claimed, still_true)
    unwanted = suppressed(claimed)
    webhooks = [delivery for delivery in claimed if delivery.kind == Channel.Kind.WEBHOOK]
    standings = webhook.standings(webhooks) if webhooks else {}
    now = timezone.now()
    ready = []
    for delivery in claimed:
        if delivery.attempts >= len(back_off(delivery.kind)):
            end(delivery, Delivery.State.FAILED, "interrupted")
        elif reason := _refusal(delivery, validity, unwanted):
            end(delivery, Delivery.State.SKIPPED, reason)
        elif not switched_on:
            end(delivery, Delivery.State.SKIPPED, "transport_off")
        elif quiet := quiet_until(delivery, now):
            give_back([delivery], quiet - now)
        else:
            ready.append(delivery)
    digests = gather([delivery for delivery in ready if delivery.update_id is None], still_true)
    written = ((delivery, _written(delivery, validity, digests.get(delivery.pk), standings)) for delivery in ready)
    return [Job(delivery, message, prepared_at=now) for delivery, message in written if message]


def still_so(jobs: Sequence[Job], still_true: StillTrue) -> list[Job]:
    """Of jobs whose tries are about to begin those that still stand; the others end here.

    Asked of what was prepared a while ago. A digest is as of its preparation.
    """
    now = timezone.now()
    old = [job.delivery for job in jobs if job.delivery.update_id is not None and now - job.prepared_at > FRESH]
    if not old:
        return list(jobs)
    validity = Validity(old, still_true)
    gone = {delivery.pk: reason for delivery in old if (reason := validity.reason(delivery))}
    for job in jobs:
        if job.delivery.pk in gone:
            end(job.delivery, Delivery.State.SKIPPED, gone[job.delivery.pk])
    return [job for job in jobs if job.delivery.pk not in gone]


def _refusal(delivery: Delivery, validity: Validity, unwanted: set[str]) -> str:
    if delivery.update_id is not None and (reason := validity.reason(delivery)):
        return reason
    if not delivery.channel.usable:
        return "channel_off"
    return "suppressed" if delivery.recipient in unwanted else ""


def _written(
    delivery: Delivery,
    validity: Validity,
    gathered: Gathered | None,
    standings: Mapping[int, webhook.Standing],
) -> Message | None:
    try:
        if delivery.kind == Channel.Kind.WEBHOOK and delivery.update_id is not None:
            return webhook.message(delivery, render.reference_of(delivery), standings[delivery.update_id])
        if delivery.update_id is not None:
            return render.message(delivery, validity.all_shipments(delivery))
        if gathered is not None:
            return render.digest(delivery, gathered.shown, gathered.counts, gathered.shipments)
    except Exception:
        # One update that cannot be put into words must not hold the others; it is kept, with its reason.
        logger.exception("delivery %s cannot be written", delivery.pk)
        end(delivery, Delivery.State.FAILED, "unreadable")
        return None
    end(delivery, Delivery.State.SKIPPED, "empty")
    return None
