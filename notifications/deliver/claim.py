"""Which deliveries are sent next: claimed, checked against what holds now, and put into words."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from notifications import render
from notifications.deliver import by_endpoint
from notifications.deliver.gathering import Gathered, gather
from notifications.deliver.next_deadline import OpenDeadlines, none_known, note_next_deadlines
from notifications.deliver.outcome import LEASE, Job, back_off, end, give_back
from notifications.deliver.settling import settle_members
from notifications.deliver.validity import StillTrue, Validity, quiet_until, suppressed
from notifications.models import Attempt, Channel, Delivery, Subscription
from notifications.models.handing_on import OF_THE_CHANNEL, hand_on
from notifications.render import webhook
from notifications.render.place_names import PlaceNames, none_named, note_place_names
from notifications.transports import TRANSPORTS
from notifications.transports.base import Message
from notifications.transports.sms import country_is_on

logger = logging.getLogger(__name__)

# The more at once the less each costs; few enough that those of a claim begin while they are fresh.
CLAIM = 100
# What waits longer than this between the claim and its try is asked about again: a release may have been taken back.
FRESH = timedelta(seconds=1)
# The conditions stand twice: another worker may have taken a row between the choice and the update. PostgreSQL might
# choose anew for each row that it updates, past the limit, were the choice not an array.
_OWED = "kind = %(kind)s AND state IN ('pending', 'sending') AND next_attempt_at <= %(now)s"
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
# How a delivery ends without a try.
_End = tuple[Delivery.State, str]
_SKIPPED, _FAILED = Delivery.State.SKIPPED, Delivery.State.FAILED


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


def claim(kind: str, busy: Collection[int] = ()) -> list[Delivery]:
    """The oldest owed deliveries of a kind, now ours until the lease ends.

    A lapsed lease is owed like any other. Of webhooks a few of each endpoint are claimed, and none of those that are
    ``busy`` or may not be called now.
    """
    now = timezone.now()
    token = secrets.token_hex(16)
    if kind == Channel.Kind.WEBHOOK:
        return loaded(by_endpoint.claim(token, now, now + LEASE, busy))
    return loaded(_taken(kind, token, now))


def _taken(kind: str, token: str, now: datetime) -> list[int]:
    """Puts the token on the oldest; gives them. One statement."""
    adapt = connection.ops.adapt_datetimefield_value
    values = {"kind": kind, "token": token, "now": adapt(now), "until": adapt(now + LEASE)}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE[connection.vendor], values)
        return [row[0] for row in cursor.fetchall()]


def open_in(kind: str, busy: Collection[int] = ()) -> float | None:
    """Seconds until an endpoint may be called to which something is owed now; None if there is none."""
    return by_endpoint.open_in(timezone.now(), busy) if kind == Channel.Kind.WEBHOOK else None


def loaded(ids: Collection[int]) -> list[Delivery]:
    """With all that their words need, in the order in which they were owed; three statements.

    Many have one channel, and some one subscription: these are read once. What has lost its channel meanwhile is gone.
    """
    if not ids:
        return []
    rows = list(Delivery.objects.filter(pk__among=ids).select_related("update__shipment").order_by("pk"))
    rows = _with_channels(rows)
    named = {row.subscription_id for row in rows} - {None}
    subscriptions = {row.pk: row for row in Subscription.objects.filter(pk__among=named)}
    for row in rows:
        if row.subscription_id is not None:
            _SUBSCRIPTION.set_cached_value(row, subscriptions.get(row.subscription_id))
    return rows


def _with_channels(rows: Sequence[Delivery]) -> list[Delivery]:
    """Those whose channel is there, with it as it is now. One statement."""
    found = Channel.objects.filter(pk__among={row.channel_id for row in rows})
    channels = {row.pk: row for row in found.select_related("organization", "user", "endpoint")}
    there = [row for row in rows if row.channel_id in channels]
    for row in there:
        _CHANNEL.set_cached_value(row, channels[row.channel_id])
    return there


def prepared(
    claimed: list[Delivery],
    still_true: StillTrue,
    switched_on: bool,
    open_deadlines: OpenDeadlines = none_known,
    place_names: PlaceNames = none_named,
) -> list[Job]:
    """The claimed deliveries that may be sent, with their messages; the others end here with the reason, or wait."""
    validity = Validity(claimed, still_true)
    unwanted = suppressed(claimed)
    now = timezone.now()
    ended: dict[Delivery, _End] = {}
    for delivery in claimed:
        if delivery.attempts >= len(back_off(delivery.kind)):
            ended[delivery] = _FAILED, "interrupted"
        elif reason := _refusal(delivery, validity, unwanted):
            ended[delivery] = _SKIPPED, reason
        elif not switched_on:
            ended[delivery] = _SKIPPED, "transport_off"
    ready = _not_quiet([delivery for delivery in claimed if delivery not in ended], now)
    note_next_deadlines(ready, open_deadlines, now)
    digests = gather([delivery for delivery in ready if delivery.update_id is None], still_true)
    note_place_names([*ready, *_shown(digests)], place_names)
    jobs = []
    for delivery, written in _written(ready, validity, digests):
        if isinstance(written, Message):
            jobs.append(Job(delivery, written, prepared_at=now, gathered=digests.get(delivery.pk)))
        else:
            ended[delivery] = written
    _end(ended)
    return jobs


def _shown(digests: Mapping[int, Gathered]) -> list[Delivery]:
    return [member for gathered in digests.values() for member in gathered.shown]


def still_so(jobs: Sequence[Job], still_true: StillTrue, place_names: PlaceNames = none_named) -> list[Job]:
    """Of jobs whose tries are about to begin those that still stand; the others end here, or wait.

    Asked of what was prepared a while ago. A digest of which something was taken back meanwhile is written anew.
    """
    now = timezone.now()
    were = {job.delivery: job for job in jobs if now - job.prepared_at > FRESH}
    if not were:
        return list(jobs)
    old = _with_channels(list(were))
    validity = Validity(old, still_true)
    unwanted = suppressed(old)
    ended = {delivery: (_SKIPPED, reason) for delivery in old if (reason := _refusal(delivery, validity, unwanted))}
    waits = _not_quiet([delivery for delivery in old if delivery not in ended], now)
    anew = [were[delivery] for delivery in waits if delivery.update_id is None]
    ended |= _gathered_anew(anew, still_true, place_names)
    _end(ended)
    left = {*were} - {delivery for delivery in waits if delivery not in ended}
    return [job for job in jobs if job.delivery not in left]


def _gathered_anew(jobs: Sequence[Job], still_true: StillTrue, place_names: PlaceNames) -> dict[Delivery, _End]:
    """Puts digests into the words of now; gives how those end of which nothing is left to tell."""
    digests = gather([job.delivery for job in jobs], still_true)
    note_place_names(_shown(digests), place_names)
    ended: dict[Delivery, _End] = {}
    for job in jobs:
        found = digests.get(job.delivery.pk)
        if found is None:
            ended[job.delivery] = _SKIPPED, "empty"
        elif found != job.gathered:
            try:
                job.message = render.digest(job.delivery, found.shown, found.counts, found.shipments)
                job.gathered = found
            except Exception:
                logger.exception("delivery %s cannot be written", job.delivery.pk)
                ended[job.delivery] = _FAILED, "unreadable"
    return ended


def _not_quiet(deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those whose reader may be told now; the others wait for the end of his quiet hours."""
    quiet: dict[datetime, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if until := quiet_until(delivery, now):
            quiet[until].append(delivery)
    for until, waiting in sorted(quiet.items()):
        give_back(waiting, until - now)
    waiting_all = {delivery for waiting in quiet.values() for delivery in waiting}
    return [delivery for delivery in deliveries if delivery not in waiting_all]


def _end(ended: Mapping[Delivery, _End]) -> None:
    """One transaction for each way to end."""
    alike: dict[_End, list[Delivery]] = defaultdict(list)
    for delivery, how in ended.items():
        alike[how].append(delivery)
    for (state, reason), deliveries in sorted(alike.items()):
        with transaction.atomic():
            end(deliveries, state, reason)
            if reason in OF_THE_CHANNEL:
                told = Q(pk__among=deliveries) | Q(gathered_in__among=deliveries)
                skipped = Delivery.objects.filter(told, state=_SKIPPED, reason=reason, update__isnull=False)
                hand_on(list(skipped.values_list("pk", flat=True)))


def _refusal(delivery: Delivery, validity: Validity, unwanted: set[str]) -> str:
    if delivery.update_id is not None and (reason := validity.reason(delivery)):
        return reason
    if not delivery.channel.usable:
        return "channel_off"
    if delivery.kind == Channel.Kind.SMS and not country_is_on(delivery.channel.address):
        return "country_off"
    return "suppressed" if delivery.recipient in unwanted else ""


def _written(
    ready: Sequence[Delivery], validity: Validity, digests: Mapping[int, Gathered]
) -> Iterator[tuple[Delivery, Message | _End]]:
    """Each with its message, or how it ends without one."""
    webhooks = [delivery for delivery in ready if delivery.kind == Channel.Kind.WEBHOOK]
    standings = webhook.standings(webhooks) if webhooks else {}
    for delivery in ready:
        try:
            yield delivery, _message(delivery, validity, digests.get(delivery.pk), standings) or (_SKIPPED, "empty")
        except Exception:
            # One update that cannot be put into words must not hold the others; it is kept, with its reason.
            logger.exception("delivery %s cannot be written", delivery.pk)
            yield delivery, (_FAILED, "unreadable")


def _message(
    delivery: Delivery, validity: Validity, gathered: Gathered | None, standings: Mapping[int, webhook.Standing]
) -> Message | None:
    if delivery.kind == Channel.Kind.WEBHOOK and delivery.update_id is not None:
        return webhook.message(delivery, render.reference_of(delivery), standings[delivery.update_id])
    if delivery.update_id is not None:
        return render.message(delivery, validity.all_shipments(delivery))
    if gathered is not None:
        return render.digest(delivery, gathered.shown, gathered.counts, gathered.shipments)
    return None
