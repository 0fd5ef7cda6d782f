"""Makes good on what a killed process had in hand, by the notes that it left."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from notifications.deliver import outcome
from notifications.deliver.claim import loaded
from notifications.deliver.journal import Notes, left_behind
from notifications.deliver.outcome import Ended, Job
from notifications.models import Attempt, Delivery
from notifications.transports import TRANSPORTS
from notifications.transports.base import Message, UnknownOutcomeError
from notifications.transports.sms import Measure

logger = logging.getLogger(__name__)

INTERRUPTED = "interrupted"
# Deliveries that are looked at together.
_AT_ONCE = 500


def recover() -> int:
    """Settles what has ended, tries again or leaves unknown what was in the middle, and gives back the rest.

    Returns for how many deliveries. Whatever is no longer under the dead one's lease is left alone. Notes that cannot
    be made good hold up nobody: what they name is owed again when its lease ends.
    """
    number = 0
    for notes in left_behind():
        ids = sorted(notes.claims)
        for start in range(0, len(ids), _AT_ONCE):
            try:
                number += _of_these(ids[start : start + _AT_ONCE], notes)
            except (OperationalError, InterfaceError):
                raise  # The database is out of reach: the notes stay.
            except Exception:
                logger.exception("what a sender left cannot be made good; its leases end by themselves")
    return number


def _of_these(ids: list[int], notes: Notes) -> int:
    held = [row for row in loaded(ids) if row.lease_token == notes.claims[row.pk]]
    held = [row for row in held if row.state == Delivery.State.SENDING]
    _make_good(held, notes)
    return len(held)


def _make_good(held: list[Delivery], notes: Notes) -> None:
    tries = {
        attempt.delivery_id: attempt
        for attempt in Attempt.objects.filter(delivery__among=held, finished_at__isnull=True).order_by("pk")
    }
    ended: list[Ended] = []
    cut: list[Job] = []
    unmade: list[Job] = []
    unbegun = [delivery for delivery in held if delivery.pk not in tries]
    for delivery in held:
        if attempt := tries.get(delivery.pk):
            job = _job(delivery, attempt)
            may_repeat = TRANSPORTS[delivery.kind].may_repeat
            if attempt.pk in notes.ended:
                result, job.seconds = notes.ended[attempt.pk]
                ended.append(Ended(job, result))
            elif attempt.pk not in notes.began and (may_repeat or notes.whole):
                unmade.append(job)
            elif may_repeat:
                cut.append(job)
            else:
                ended.append(Ended(job, UnknownOutcomeError(INTERRUPTED)))
    outcome.settle(ended)
    outcome.retract(unmade)
    _close(cut)
    outcome.give_back([*unbegun, *(job.delivery for job in [*unmade, *cut])], outcome.NO_WAIT)


def _close(cut: list[Job]) -> None:
    """What was under way is made again at once: it was no fault of the other side's."""
    Attempt.objects.filter(pk__among=[job.attempt for job in cut]).update(
        finished_at=timezone.now(), outcome=Attempt.Outcome.TEMPORARY, detail=INTERRUPTED
    )


def _job(delivery: Delivery, attempt: Attempt) -> Job:
    """As it was when it began, but for its words: these are needed no more."""
    to = Message(to=delivery.channel.address, text="", reference="")
    return Job(delivery, to, attempt=attempt, measure=Measure(attempt.segments, attempt.cost))
