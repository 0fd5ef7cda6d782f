"""One try, before and after: what is written down, and when the next one is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from notifications.models import Attempt, Channel, Delivery
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
)

# The wait before the first try, the second, and so on; after the last one the delivery has failed.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120, 300, 600))
LEASE = timedelta(minutes=5)
OUT_OF_REACH = timedelta(minutes=1)


@dataclass
class Job:
    """A claimed delivery with its message, and its open try once that has begun."""

    delivery: Delivery
    message: Message
    attempt: Attempt | None = None


def begin(job: Job) -> bool:
    """Commits the try before it is made. False if the lease has passed to another worker."""
    now = timezone.now()
    with transaction.atomic():
        ours = _ours(job.delivery).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
        if not ours:
            return False
        job.attempt = Attempt.objects.create(delivery=job.delivery, started_at=now)
    job.delivery.attempts += 1
    return True


def accepted(job: Job, receipt: Receipt) -> None:
    _finish(job, Attempt.Outcome.SENT, Delivery.State.SENT, receipt.detail, receipt.provider_id)


def refused(job: Job, error: TransportError, may_repeat: bool) -> None:
    detail = str(error)
    if isinstance(error, PermanentError):
        _finish(job, Attempt.Outcome.PERMANENT, Delivery.State.FAILED, detail)
        if isinstance(error, AddressRefusedError):
            Channel.objects.filter(pk=job.delivery.channel_id, disabled_at__isnull=True).update(
                disabled_at=timezone.now(), disabled_reason=detail[:200]
            )
    elif isinstance(error, UnknownOutcomeError) and not may_repeat:
        _finish(job, Attempt.Outcome.UNKNOWN, Delivery.State.UNKNOWN, detail)
    elif job.delivery.attempts >= len(BACK_OFF):
        _finish(job, Attempt.Outcome.TEMPORARY, Delivery.State.FAILED, detail)
    else:
        wait_for = BACK_OFF[job.delivery.attempts]
        if isinstance(error, TemporaryError) and error.retry_after:
            wait_for = max(wait_for, timedelta(seconds=error.retry_after))
        _finish(job, Attempt.Outcome.TEMPORARY, Delivery.State.PENDING, detail, again_at=timezone.now() + wait_for)


def _finish(
    job: Job,
    outcome: Attempt.Outcome,
    state: Delivery.State,
    detail: str,
    provider_id: str = "",
    again_at: datetime | None = None,
) -> None:
    """The try and the delivery in one transaction. The delivery changes only while the lease is ours."""
    now = timezone.now()
    detail = detail.replace("\x00", "")
    attempt = job.attempt
    assert attempt is not None
    with transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(
            finished_at=now, outcome=outcome, detail=detail[:500], provider_id=provider_id[:200]
        )
        _ours(job.delivery).update(
            state=state,
            lease_token="",
            next_attempt_at=again_at,
            finished_at=None if again_at else now,
            reason="" if state == Delivery.State.SENT else detail[:200],
        )


def end(delivery: Delivery, state: Delivery.State, reason: str) -> None:
    _ours(delivery).update(state=state, lease_token="", next_attempt_at=None, finished_at=timezone.now(), reason=reason)


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=Delivery.State.SENDING)


def give_back(held: Sequence[Delivery]) -> None:
    """What was claimed and not begun waits a minute; it has cost no try."""
    if held:
        Delivery.objects.filter(
            pk__in=[delivery.pk for delivery in held],
            lease_token__in={delivery.lease_token for delivery in held},
            state=Delivery.State.SENDING,
        ).update(state=Delivery.State.PENDING, lease_token="", next_attempt_at=timezone.now() + OUT_OF_REACH)
