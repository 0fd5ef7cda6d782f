"""What a provider says later of a delivery: that it was accepted, that it arrived, or that it failed after all.

A report is of one try. That one arrived is the end of its delivery; that one was accepted or failed says nothing of a
later one, which may be under way. Tries that have one name in common, our own reference or a Message-ID, are taken to
be accepted and to fail in the order in which they were made, each once, and once the next has its answer.

A report may be quicker than the answer to the try that it is of. The delivery then ends by the report, and that answer,
whose lease is gone, changes the try alone. Members of a digest go with it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from notifications import kinds, render
from notifications.deliver.settling import settle_members
from notifications.models import Attempt, Delivery
from notifications.models.arrivals import recall

_REFERENCE = re.compile(r"<?(d-([0-9]{1,18})-[0-9a-f]{16})(?:@.*>?)?")
_FAILED, _SENT, _UNKNOWN = Delivery.State.FAILED, Delivery.State.SENT, Delivery.State.UNKNOWN
_OPEN, _REFUSED = Attempt.Outcome.OPEN, Attempt.Outcome.PERMANENT
# What may have been accepted, and of what it is not known whether it was.
_MAY_BE_TAKEN = (_OPEN, Attempt.Outcome.SENT, Attempt.Outcome.UNKNOWN)
_NOT_KNOWN = (_OPEN, Attempt.Outcome.UNKNOWN)


class Named(NamedTuple):
    """A delivery as a report names it: with the provider's number of the try, if it gives one."""

    delivery: int
    number: str = ""


def named_by(reference: str) -> int | None:
    """The delivery that one of our own references, or the Message-ID made of it, is of; None if we did not make it."""
    found = _REFERENCE.fullmatch(reference)
    if found and constant_time_compare(render.reference_of(Delivery(pk=int(found[2]))), found[1]):
        return int(found[2])
    return None


@transaction.atomic
def accepted(reports: Collection[Named], now: datetime) -> None:
    """No news, but of those whose outcome was not known."""
    last = _of_last_tries(reports, _NOT_KNOWN, Attempt.Outcome.SENT, "")
    _end(last, _SENT, "", now)
    _change(last, (_UNKNOWN,), state=_SENT, reason="")


@transaction.atomic
def arrived(deliveries: Collection[int], now: datetime) -> None:
    """They reached their readers, whatever was said of them before, and by whichever try."""
    _end(deliveries, _SENT, "", now)
    _change(deliveries, (_SENT, _UNKNOWN, _FAILED), state=_SENT, reason="", delivered_at=now)


@transaction.atomic
def failed(reports: Collection[Named], reason: str, now: datetime) -> None:
    """They reached nobody, unless they had arrived, or a later try of theirs may reach somebody yet."""
    last = _of_last_tries(reports, _MAY_BE_TAKEN, _REFUSED, reason)
    _end(last, _FAILED, reason, now)
    _change(last, (_SENT, _UNKNOWN), state=_FAILED, reason=reason)


def _of_last_tries(
    reports: Collection[Named], before: Collection[Attempt.Outcome], outcome: Attempt.Outcome, said: str
) -> set[int]:
    """Writes down what became of the tries that these reports are of, as far as it was one of ``before``; gives the
    deliveries whose last try is among them. Four statements, and one for each number that is learned by this.

    Tries are locked before deliveries, as by those who settle them. One that began meanwhile is none of these.
    """
    whose = {report.delivery for report in reports}
    made = Attempt.objects.filter(delivery__among=whose).order_by("pk")
    locked = set(made.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = Delivery.objects.filter(pk__among=whose).order_by("pk").select_for_update(no_key=True)
    states = dict(rows.values_list("pk", "state"))
    tries: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in made.only("delivery_id", "outcome", "provider_id", "finished_at"):
        tries[attempt.delivery_id].append(attempt)
    of, last = set(), set()
    for report in reports:
        its = tries[report.delivery]
        found = _meant([one for one in _tries_of(report, its) if one.pk in locked], before)
        if found is None:
            continue
        of.add(found.pk)
        found.outcome = outcome
        if report.number and not found.provider_id:
            Attempt.objects.filter(pk=found.pk).update(provider_id=report.number)
        # What is claimed and not begun is about to have a later one.
        begun = states[report.delivery] != Delivery.State.SENDING or found.finished_at is None
        if found is its[-1] and begun:
            last.add(report.delivery)
    Attempt.objects.filter(pk__among=of).update(outcome=outcome, **({"detail": said[:500]} if said else {}))
    return last


def _meant(tries: Sequence[Attempt], before: Collection[Attempt.Outcome]) -> Attempt | None:
    """The first of these whose outcome is one of ``before``; but where one was taken already, what is said while the
    next is under way is more likely said of that one, once more."""
    found = next((one for one in tries if one.outcome in before), None)
    if found is not None and found.finished_at is None:
        earlier = tries[: tries.index(found)]
        return None if any(one.outcome != Attempt.Outcome.TEMPORARY for one in earlier) else found
    return found


def _tries_of(report: Named, tries: Sequence[Attempt]) -> Sequence[Attempt]:
    """Those of a delivery that a report may be of: with its number, or where none has it, without any."""
    if not report.number:
        return tries
    same = [one for one in tries if one.provider_id == report.number]
    return same or [one for one in tries if not one.provider_id] or tries


@transaction.atomic
def _change(deliveries: Collection[int], states: Collection[Delivery.State], **fields: Any) -> None:
    """These and their members, as far as they have not arrived. Two statements, and some for each arrival that was told
    after all."""
    whole = Q(pk__among=deliveries) | Q(gathered_in__among=deliveries)
    rows = Delivery.objects.filter(whole, state__in=states, delivered_at__isnull=True)
    told_after_all: list[int] = []
    if fields["state"] == _SENT:
        untold = rows.filter(pk__among=deliveries, state__in=(_UNKNOWN, _FAILED))
        of_arrivals = Q(notice=kinds.ETA) | Q(update__isnull=True)
        told_after_all = list(untold.filter(of_arrivals).order_by("pk").values_list("pk", flat=True))
    rows.update(**fields)
    for delivery in told_after_all:
        recall(delivery)


@transaction.atomic
def _end(deliveries: Collection[int], state: Delivery.State, reason: str, now: datetime) -> None:
    """Those that are being sent end here. One statement where there are none."""
    sending = Delivery.objects.filter(pk__among=deliveries, state=Delivery.State.SENDING)
    rows = list(sending.order_by("pk").select_for_update(no_key=True))
    if rows:
        sending.filter(pk__among=rows).update(
            state=state, lease_token="", next_attempt_at=None, finished_at=now, reason=reason
        )
        settle_members([(row, state, reason) for row in rows], now)
