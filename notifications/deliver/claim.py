"""Which deliveries are sent next: claimed, checked against what holds now, and put into words."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from clis.accounts.models import Membership
from notifications import render
from notifications.deliver.outcome import BACK_OFF, LEASE, Job, end
from notifications.models import Attempt, Channel, Delivery, Subscription
from notifications.transports import TRANSPORTS
from notifications.transports.base import Message

logger = logging.getLogger(__name__)

CLAIM = 20

StillTrue = Callable[[Iterable[int]], set[int]]


def give_up_on_the_dead(kind: str) -> None:
    """A text whose worker died in a try may have gone out: nobody but a person sends it again."""
    if TRANSPORTS[kind].may_repeat:
        return
    now = timezone.now()
    begun = Exists(Attempt.objects.filter(delivery=OuterRef("pk"), finished_at__isnull=True))
    lapsed = Delivery.objects.filter(begun, kind=kind, state=Delivery.State.SENDING, next_attempt_at__lte=now)
    with transaction.atomic():
        dead = list(lapsed.values_list("pk", flat=True))
        if dead:
            lapsed.filter(pk__in=dead).update(
                state=Delivery.State.UNKNOWN,
                lease_token="",
                next_attempt_at=None,
                finished_at=now,
                reason="interrupted",
            )
            Attempt.objects.filter(delivery__in=dead, finished_at__isnull=True).update(
                finished_at=now, outcome=Attempt.Outcome.UNKNOWN, detail="interrupted"
            )


def claim(kind: str) -> list[Delivery]:
    """The oldest owed deliveries, now ours until the lease ends. A lapsed lease is owed like any other."""
    now = timezone.now()
    owed = Delivery.objects.filter(
        kind=kind, state__in=(Delivery.State.PENDING, Delivery.State.SENDING), next_attempt_at__lte=now
    )
    token = secrets.token_hex(16)
    oldest = owed.order_by("next_attempt_at").values("pk")[:CLAIM]
    # The conditions stand twice: another worker may have taken a row between the choice and the update.
    if not owed.filter(pk__in=oldest).update(
        state=Delivery.State.SENDING, lease_token=token, next_attempt_at=now + LEASE
    ):
        return []
    return list(
        Delivery.objects.filter(lease_token=token)
        .select_related("update__shipment", "channel__organization")
        .order_by("pk")
    )


def prepared(claimed: list[Delivery], still_true: StillTrue, switched_on: bool) -> list[Job]:
    """The claimed deliveries that may be sent, with their messages; the others end here with the reason."""
    standing = still_true({delivery.update_id for delivery in claimed})
    entitled = _entitled(claimed)
    subscribed = _subscribed(claimed)
    budget = _budget(claimed)
    jobs = []
    for delivery in claimed:
        organization = delivery.channel.organization_id
        if delivery.attempts >= len(BACK_OFF):
            end(delivery, Delivery.State.FAILED, "interrupted")
        elif delivery.update_id not in standing:
            end(delivery, Delivery.State.SKIPPED, "superseded")
        elif not delivery.channel.usable:
            end(delivery, Delivery.State.SKIPPED, "channel_off")
        elif delivery.pk not in entitled:
            end(delivery, Delivery.State.SKIPPED, "no_access")
        elif delivery.pk not in subscribed:
            end(delivery, Delivery.State.SKIPPED, "unsubscribed")
        elif not switched_on:
            end(delivery, Delivery.State.SKIPPED, "transport_off")
        elif budget.get(organization, 1) <= 0:
            end(delivery, Delivery.State.SKIPPED, "daily_limit")
        elif message := _written(delivery, subscribed[delivery.pk]):
            budget[organization] = budget.get(organization, CLAIM + 1) - 1
            jobs.append(Job(delivery, message))
    return jobs


def _written(delivery: Delivery, all_shipments: bool) -> Message | None:
    try:
        return render.message(delivery, all_shipments)
    except Exception:
        # One update that cannot be put into words must not hold the others; it is kept, with its reason.
        logger.exception("delivery %s cannot be written", delivery.pk)
        end(delivery, Delivery.State.FAILED, "unreadable")
        return None


def _entitled(claimed: list[Delivery]) -> set[int]:
    """Whose organization is still party to the shipment, and who is still a member of it."""
    member = Membership.objects.filter(
        user_id=OuterRef("channel__user_id"), organization_id=OuterRef("channel__organization_id"), user__is_active=True
    )
    return set(
        Delivery.objects.filter(
            Q(channel__user__isnull=True) | Exists(member),
            pk__in=[delivery.pk for delivery in claimed],
            update__shipment__parties__organization=F("channel__organization"),
        ).values_list("pk", flat=True)
    )


def _subscribed(claimed: list[Delivery]) -> dict[int, bool]:
    """Deliveries whose channel still wants them, and whether by a subscription to all shipments."""
    live = Subscription.objects.filter(channel__in={delivery.channel_id for delivery in claimed}, ended_at__isnull=True)
    wanted: set[tuple[int, int | None]] = set(live.values_list("channel_id", "shipment_id"))
    found = {}
    for delivery in claimed:
        if (delivery.channel_id, None) in wanted:
            found[delivery.pk] = True
        elif (delivery.channel_id, delivery.update.shipment_id) in wanted:
            found[delivery.pk] = False
    return found


def _budget(claimed: list[Delivery]) -> dict[int, int]:
    """How many texts each organization may still send today; mails are not counted."""
    organizations = {delivery.channel.organization_id for delivery in claimed if delivery.kind == Channel.Kind.SMS}
    if not organizations:
        return {}
    spent = dict(
        Attempt.objects.filter(
            started_at__gte=timezone.now() - timedelta(days=1),
            delivery__kind=Channel.Kind.SMS,
            delivery__channel__organization__in=organizations,
        )
        .values_list("delivery__channel__organization")
        .annotate(Count("pk"))
        .order_by()
    )
    return {organization: settings.SMS_DAILY_LIMIT - spent.get(organization, 0) for organization in organizations}
