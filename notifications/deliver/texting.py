"""Texts cost money: each is counted before its try, within the try's transaction, and given back if it was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from notifications import kinds, spending
from notifications.models import Attempt, Channel
from notifications.transports.base import PermanentError, TemporaryError
from notifications.transports.sms import measure

if TYPE_CHECKING:
    from notifications.deliver.outcome import Ended, Job


def count(jobs: Sequence[Job], now: datetime) -> dict[int, str]:
    """Counts the texts among jobs whose tries are about to begin; gives why not for those that no cap lets through,
    by delivery. No statement where there is no text."""
    texts = _texts(jobs)
    for job in texts:
        job.measure = measure(job.message)
    reasons = spending.reserve([_text(job) for job in texts], now) if texts else []
    return {job.delivery.pk: reason for job, reason in zip(texts, reasons, strict=True) if reason}


def settle(ended: Sequence[Ended]) -> None:
    """Gives back what was definitely not accepted. Call it inside a transaction."""
    refused = [one.job for one in ended if isinstance(one.result, TemporaryError | PermanentError)]
    texts = _texts(refused)
    if texts:
        Attempt.objects.filter(pk__in=[job.attempt.pk for job in texts if job.attempt]).update(cost=0, segments=0)
        take_back(texts)


def take_back(jobs: Sequence[Job]) -> None:
    """Counts no more the texts among jobs whose tries began and came to nothing."""
    by_day: dict[date, list[spending.Text]] = defaultdict(list)
    for job in _texts(jobs):
        if job.attempt is not None:
            by_day[spending.day_of(job.attempt.started_at)].append(_text(job))
    for day, texts in sorted(by_day.items()):
        spending.give_back(texts, day)


def _texts(jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if job.delivery.kind == Channel.Kind.SMS]


def _text(job: Job) -> spending.Text:
    assert job.measure is not None
    critical = job.delivery.notice in kinds.CRITICAL
    return spending.Text(job.delivery.channel.organization_id, job.message.to, job.measure, critical)
