"""What is not kept for ever, removed so many rows at a time.

What providers called back (``Callback``, kept so that nothing is noted twice) and letters that have ended go after
``KEEP_CALLBACKS_DAYS``. Of tries what was sent and answered goes after ``KEEP_ANSWERS_DAYS``; the try itself stays, as
the record of what people were told. What a channel was told of an arrival goes so long after that arrival: should it
change later still, the channel knows as much of it as one that hears of the shipment for the first time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from notifications.models import Attempt, Callback, EstimateTold, Letter, RetentionMark

BATCH, BATCHES = 1_000, 20
_ANSWERS = "answers"


def forget(now: datetime) -> int:
    """Removes what has been kept long enough, at most ``BATCHES`` batches of each; returns how many rows it removed
    or, of tries, looked at.

    Each batch is a transaction of one statement, or of tries three. What is left is the next sweep's.
    """
    callbacks = now - timedelta(days=settings.KEEP_CALLBACKS_DAYS)
    answers = now - timedelta(days=settings.KEEP_ANSWERS_DAYS)
    return (
        _remove(Callback.objects.filter(received_at__lt=callbacks).order_by("received_at"))
        + _remove(Letter.objects.filter(created_at__lt=callbacks, next_attempt_at__isnull=True).order_by("created_at"))
        + _remove(EstimateTold.objects.filter(arrival_at__lt=answers).order_by("arrival_at"))
        + _empty_answers(answers)
    )


def _remove(rows: QuerySet[Any]) -> int:
    """The first of these, batch by batch."""
    removed = 0
    for _ in range(BATCHES):
        number, _by_model = rows.model._default_manager.filter(pk__in=rows.values("pk")[:BATCH]).delete()
        removed += number
        if number < BATCH:
            break
    return removed


def _empty_answers(before: datetime) -> int:
    """Of tries that began before. Their numbers rise with time, so a mark says how far this has come, and no index on
    which texts are there has to be kept while they are written."""
    RetentionMark.objects.get_or_create(name=_ANSWERS)
    seen = 0
    for _ in range(BATCHES):
        number = _empty_next(before)
        seen += number
        if number < BATCH:
            break
    return seen


@transaction.atomic
def _empty_next(before: datetime) -> int:
    mark = RetentionMark.objects.select_for_update().get(name=_ANSWERS)
    following = Attempt.objects.filter(pk__gt=mark.number).order_by("pk").values_list("pk", "started_at")[:BATCH]
    old = []
    for pk, started_at in following:
        if started_at >= before:
            break
        old.append(pk)
    if old:
        Attempt.objects.filter(pk__gt=mark.number, pk__lte=old[-1]).exclude(request="", answer="").update(
            request="", answer=""
        )
        mark.number = old[-1]
        mark.save(update_fields=["number"])
    return len(old)
