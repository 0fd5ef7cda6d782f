"""Which deliveries are sent next: claimed, checked against what holds now, and put into words."""

from __future__ import annotations

import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from notifications import render
from notifications.deliver import by_endpoint
from notifications.deliver.outcome import LEASE, Job, back_off, end, give_back
from notifications.deliver.settling import leave_out, settle_members
from notifications.deliver.validity import StillTrue, Validity, quiet_until, suppressed
from notifications.models import Attempt, Channel, Delivery
from notifications.render import webhook
from notifications.transports import TRANSPORTS
from notifications.transports.base import Message

logger = logging.getLogger(__name__)

CLAIM = 100
# What waits longer than this between the claim and its try is asked about again: a release may have been taken back.
FRESH = timedelta(seconds=2)
_WITH = ("update__shipment", "channel__organization", "channel__user", "subscription")


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
        return _loaded(token, "channel__endpoint") if by_endpoint.claim(token, now, now + LEASE, busy) else []
    owed = Delivery.objects.filter(
        kind=kind, state__in=(Delivery.State.PENDING, Delivery.State.SENDING), next_attempt_at__lte=now
    )
    if channel is not None:
        owed = owed.filter(channel=channel)
    oldest = owed.order_by("next_attempt_at").values("pk")[:CLAIM]
    # The conditions stand twice: another worker may have taken a row between the choice and the update.
    if not owed.filter(pk__in=oldest).update(
        state=Delivery.State.SENDING, lease_token=token, next_attempt_at=now + LEASE
    ):
        return []
    return _loaded(token)


def open_in(kind: str, busy: Collection[int] = ()) -> float | None:
    """Seconds until an endpoint may be called to which something is owed now; None if there is none."""
    return by_endpoint.open_in(timezone.now(), busy) if kind == Channel.Kind.WEBHOOK else None


def _loaded(token: str, *also: str) -> list[Delivery]:
    return list(Delivery.objects.filter(lease_token=token).select_related(*_WITH, *also).order_by("pk"))


def prepared(claimed: list[Delivery], still_true: StillTrue, switched_on: bool) -> list[Job]:
    """The claimed deliveries that may be sent, with their messages; the others end here with the reason, or wait."""
    members = _members(claimed)
    validity = Validity([*claimed, *(member for rows in members.values() for member in rows)], still_true)
    unwanted = suppressed(claimed)
    webhooks = [delivery for delivery in claimed if delivery.kind == Channel.Kind.WEBHOOK]
    standings = webhook.standings(webhooks) if webhooks else {}
    now = timezone.now()
    jobs = []
    for delivery in claimed:
        if delivery.attempts >= len(back_off(delivery.kind)):
            end(delivery, Delivery.State.FAILED, "interrupted")
        elif reason := _refusal(delivery, validity, unwanted):
            end(delivery, Delivery.State.SKIPPED, reason)
        elif not switched_on:
            end(delivery, Delivery.State.SKIPPED, "transport_off")
        elif quiet := quiet_until(delivery, now):
            give_back([delivery], quiet - now)
        elif message := _written(delivery, validity, members.get(delivery.pk, []), standings):
            jobs.append(Job(delivery, message, prepared_at=now))
    return jobs


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


def _members(claimed: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    """What waits for each claimed digest, in the order in which it was owed; one statement."""
    digests = [delivery.pk for delivery in claimed if delivery.update_id is None]
    members: dict[int, list[Delivery]] = defaultdict(list)
    if digests:
        waiting = Delivery.objects.filter(gathered_in__in=digests, state=Delivery.State.GATHERED)
        for row in waiting.select_related(*_WITH).order_by("pk"):
            members[row.gathered_in_id or 0].append(row)
    return members


def _refusal(delivery: Delivery, validity: Validity, unwanted: set[str]) -> str:
    if delivery.update_id is not None and (reason := validity.reason(delivery)):
        return reason
    if not delivery.channel.usable:
        return "channel_off"
    return "suppressed" if delivery.recipient in unwanted else ""


def _written(
    delivery: Delivery,
    validity: Validity,
    members: Sequence[Delivery],
    standings: Mapping[int, webhook.Standing],
) -> Message | None:
    try:
        if delivery.kind == Channel.Kind.WEBHOOK and delivery.update_id is not None:
            return webhook.message(delivery, render.reference_of(delivery), standings[delivery.update_id])
        if delivery.update_id is not None:
            return render.message(delivery, validity.all_shipments(delivery))
        told = leave_out({row: validity.reason(row) for row in members})
        if told:
            return render.digest(delivery, told)
    except Exception:
        # One update that cannot be put into words must not hold the others; it is kept, with its reason.
        logger.exception("delivery %s cannot be written", delivery.pk)
        end(delivery, Delivery.State.FAILED, "unreadable")
        return None
    end(delivery, Delivery.State.SKIPPED, "empty")
    return None
