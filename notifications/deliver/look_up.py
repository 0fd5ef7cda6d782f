"""Texts whose outcome nobody knows: the provider is asked by our reference where it can be. None is sent blindly.

Asked from a minute after the try on, every ten minutes, for a day; then a person decides (``subscribing.redeliver``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from notifications import kinds, render, spending
from notifications.models import Attempt, Channel, Delivery
from notifications.models.arrivals import recall
from notifications.transports.base import Found
from notifications.transports.sms import Measure, SmsTransport

AT_ONCE = 20
ASKED_AFTER, ASKED_AGAIN, ASKED_FOR = timedelta(minutes=1), timedelta(minutes=10), timedelta(days=1)


def look_up(now: datetime) -> int:
    """Asks about those that were never asked about, then those asked longest ago; returns about how many."""
    if not _may_ask():
        return 0
    due = Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)
    rows = list(
        Delivery.objects.filter(
            due,
            kind=Channel.Kind.SMS,
            state=Delivery.State.UNKNOWN,
            finished_at__range=(now - ASKED_FOR, now - ASKED_AFTER),
        )
        .select_related("channel")
        .order_by(F("next_attempt_at").asc(nulls_first=True), "finished_at")[:AT_ONCE]
    )
    if not rows:
        return 0
    with SmsTransport().open() as sender:
        for row in rows:
            _settle(row, sender.look_up(render.reference_of(row), row.channel.address), now)
    return len(rows)


def _may_ask() -> bool:
    asked = {"solapi", "folder"} | ({"generic"} if settings.SMS_LOOK_UP else set())
    return bool(asked & {settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER})


def _settle(delivery: Delivery, found: Found, now: datetime) -> None:
    """A person who was quicker is right."""
    same = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.UNKNOWN, finished_at=delivery.finished_at)
    attempt = delivery.tries.order_by("-pk").first()
    with transaction.atomic():
        if found.accepted is None:
            same.update(next_attempt_at=now + ASKED_AGAIN)
        elif found.accepted:
            if same.update(state=Delivery.State.SENT, next_attempt_at=None, reason=""):
                recall(delivery.pk)
                if attempt is not None:
                    Attempt.objects.filter(pk=attempt.pk).update(provider_id=found.receipt.provider_id)
        elif same.update(state=Delivery.State.PENDING, next_attempt_at=now, finished_at=None, reason="") and attempt:
            _pay_back(delivery, attempt)


def _pay_back(delivery: Delivery, attempt: Attempt) -> None:
    channel, critical = delivery.channel, delivery.notice in kinds.CRITICAL
    text = spending.Text(channel.organization_id, channel.address, Measure(attempt.segments, attempt.cost), critical)
    spending.give_back([text], spending.day_of(attempt.started_at))
    Attempt.objects.filter(pk=attempt.pk).update(
        cost=0, segments=0, outcome=Attempt.Outcome.TEMPORARY, detail="looked up: not accepted"
    )
