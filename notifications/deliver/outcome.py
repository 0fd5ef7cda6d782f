"""Tries, before and after: what is written down, and when the next one is due. Always many at once.

However many tries begin or end together, the number of statements is the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from notifications.deliver import health, ledger, texting
from notifications.deliver.gathering import Gathered
from notifications.deliver.settling import settle_members, suppress_refused
from notifications.deliver.waiting import wait_for_ours
from notifications.models import Attempt, Channel, Delivery
from notifications.transports import TRANSPORTS
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from notifications.transports.sms import Measure

# The wait before the first try, the second, and so on; after the last one the delivery has failed.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 5, 30, 120, 300, 600))
# Standard Webhooks' suggestion, and the share by which each wait is shorter or longer: receivers that were down
# together are not called together.
_WEBHOOK_HOURS = (0, 5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24)
WEBHOOK_BACK_OFF = tuple(timedelta(hours=hours) for hours in _WEBHOOK_HOURS)
JITTER = 0.2
LEASE = timedelta(minutes=5)
# An endpoint that accepted its last request within this many seconds is quick.
QUICK_SECONDS = 0.1
OUT_OF_REACH, NO_WAIT = timedelta(minutes=1), timedelta()


@dataclass
class Job:
    """A claimed delivery with its message, and its open try once that is written down (``begun``, by the process's
    clock). ``seconds`` is how long it took; ``gathered``, what a digest tells."""

    delivery: Delivery
    message: Message
    attempt: Attempt | None = None
    seconds: float = 0.0
    begun: float = 0.0
    prepared_at: datetime = field(default_factory=timezone.now)
    measure: Measure | None = None
    gathered: Gathered | None = None


@dataclass(frozen=True)
class Ended:
    """A try, and what came of it."""

    job: Job
    result: Receipt | TransportError

    @property
    def quick(self) -> bool:
        """Accepted, and at once."""
        return isinstance(self.result, Receipt) and self.job.seconds < QUICK_SECONDS


@dataclass(frozen=True)
class _Verdict:
    outcome: Attempt.Outcome
    state: Delivery.State
    again_at: datetime | None = None
    counted: bool = True


def back_off(kind: str) -> tuple[timedelta, ...]:
    """The waits of a kind of channel; as many as there are tries."""
    return WEBHOOK_BACK_OFF if kind == Channel.Kind.WEBHOOK else BACK_OFF


def begin(jobs: Sequence[Job]) -> list[Job]:
    """Commits the tries before they are made; gives those whose lease has not passed to another worker."""
    if not jobs:
        return []
    now = timezone.now()
    with transaction.atomic():
        _need_not_be_flushed(jobs)
        ours = set(_held([job.delivery for job in jobs]).select_for_update().values_list("pk", flat=True))
        begun = _affordable([job for job in jobs if job.delivery.pk in ours], now)
        if begun:
            ours = {job.delivery.pk for job in begun}
            Delivery.objects.filter(pk__among=ours).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
            _open_tries(begun, now)
    return begun


def _affordable(jobs: list[Job], now: datetime) -> list[Job]:
    """Those that no limit of texts stops; the others end here."""
    stopped = texting.count(jobs, now)
    for reason in sorted(set(stopped.values())):
        end([job.delivery for job in jobs if stopped.get(job.delivery.pk) == reason], Delivery.State.SKIPPED, reason)
    return [job for job in jobs if job.delivery.pk not in stopped]


def _open_tries(begun: Sequence[Job], now: datetime) -> None:
    """One statement."""
    rows = [
        {
            "delivery": job.delivery.pk,
            "segments": job.measure.segments if job.measure else 0,
            "cost": str(job.measure.cost) if job.measure else "0",
        }
        for job in begun
    ]
    numbers = ledger.open_tries(rows, now)
    for job in begun:
        job.attempt = Attempt(
            pk=numbers[job.delivery.pk],
            delivery=job.delivery,
            started_at=now,
            segments=job.measure.segments if job.measure else 0,
            cost=job.measure.cost if job.measure else Decimal(0),
        )
        job.delivery.attempts += 1


def settle(ended: Sequence[Ended]) -> set[int]:
    """The tries and their deliveries in one transaction; a delivery changes only while its lease is ours.

    Gives the channels that are not to be tried for now: their endpoint is paused, or the channel was switched off.
    """
    if not ended:
        return set()
    now = timezone.now()
    tries, deliveries = [], []
    for one in sorted(ended, key=lambda one: one.job.delivery.pk):
        verdict = _verdict(one, now)
        tries.append(_try_row(one, verdict, now))
        deliveries.append(_delivery_row(one, verdict, now))
    with transaction.atomic():
        _need_not_be_flushed([one.job for one in ended])
        ledger.end_tries(tries, deliveries)
        settle_members(_final(deliveries, ended), now)
        texting.settle(ended)
        refused = {
            one.job.delivery.channel_id: str(one.result) for one in ended if isinstance(one.result, AddressRefusedError)
        }
        calls = [one for one in ended if one.job.delivery.kind == Channel.Kind.WEBHOOK]
        # An endpoint is locked before its channel, as by those who resume it.
        stopped = health.note([(one.job.delivery.channel_id, one.result) for one in calls], now)
        stopped |= health.switch_off(refused, now)
        health.note_pace(_new_paces(ended))
        # After the channel's own note of what the server said, which stays.
        suppress_refused(
            [(one.job.delivery, str(one.result)) for one in ended if isinstance(one.result, AddressRefusedError)], now
        )
    return stopped | set(refused)


def _new_paces(ended: Sequence[Ended]) -> dict[int, bool]:
    """Endpoints that are quick and were not known to be, or were and are not."""
    found = {}
    for one in ended:
        if one.job.delivery.kind == Channel.Kind.WEBHOOK and one.job.delivery.channel.endpoint.quick != one.quick:
            one.job.delivery.channel.endpoint.quick = found[one.job.delivery.channel_id] = one.quick
    return found


def _final(rows: Sequence[dict[str, Any]], ended: Sequence[Ended]) -> list[tuple[Delivery, str, str]]:
    """The deliveries that end by this, as ``settle_members`` takes them."""
    by_id = {one.job.delivery.pk: one.job.delivery for one in ended}
    return [(by_id[row["id"]], row["state"], row["reason"]) for row in rows if row["next_attempt_at"] is None]


def _need_not_be_flushed(jobs: Sequence[Job]) -> None:
    """What may be sent again is written down without waiting for the disk. A worker's death loses nothing by it; the
    database server's own loses less than a second of notes, and then those few go out once more, with the same id.
    """
    if connection.vendor == "postgresql" and all(TRANSPORTS[job.delivery.kind].may_repeat for job in jobs):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")


def _verdict(ended: Ended, now: datetime) -> _Verdict:
    delivery, result = ended.job.delivery, ended.result
    if isinstance(result, Receipt):
        return _Verdict(Attempt.Outcome.SENT, Delivery.State.SENT)
    if isinstance(result, PermanentError):
        return _Verdict(Attempt.Outcome.PERMANENT, Delivery.State.FAILED)
    if isinstance(result, UnknownOutcomeError) and not TRANSPORTS[delivery.kind].may_repeat:
        return _Verdict(Attempt.Outcome.UNKNOWN, Delivery.State.UNKNOWN)
    if isinstance(result, UnreachableError) and (wait_for := wait_for_ours(delivery.created_at, now)):
        return _Verdict(Attempt.Outcome.TEMPORARY, Delivery.State.PENDING, now + wait_for, counted=False)
    waits = back_off(delivery.kind)
    if delivery.attempts >= len(waits):
        return _Verdict(Attempt.Outcome.TEMPORARY, Delivery.State.FAILED)
    wait_for = waits[delivery.attempts]
    if delivery.kind == Channel.Kind.WEBHOOK:
        wait_for *= random.uniform(1 - JITTER, 1 + JITTER)
    if isinstance(result, TemporaryError) and result.retry_after:
        wait_for = max(wait_for, timedelta(seconds=result.retry_after))
    return _Verdict(Attempt.Outcome.TEMPORARY, Delivery.State.PENDING, now + wait_for)


def _said(result: Receipt | TransportError) -> str:
    return _plain(result.detail if isinstance(result, Receipt) else str(result))


def _plain(text: str) -> str:
    """The other side may say anything, and PostgreSQL takes no NUL."""
    return text.replace("\x00", "")


def _try_row(ended: Ended, verdict: _Verdict, now: datetime) -> dict[str, Any]:
    assert ended.job.attempt is not None
    exchange = ended.result.exchange
    return {
        "id": ended.job.attempt.pk,
        "finished_at": ledger.moment(now),
        "outcome": verdict.outcome.value,
        "detail": _said(ended.result)[:500],
        "provider_id": _plain(ended.result.provider_id)[:200] if isinstance(ended.result, Receipt) else "",
        "status": exchange.status,
        "request": _plain(exchange.request),
        "answer": _plain(exchange.answer),
    }


def _delivery_row(ended: Ended, verdict: _Verdict, now: datetime) -> dict[str, Any]:
    sent = verdict.state == Delivery.State.SENT
    return {
        "id": ended.job.delivery.pk,
        "lease_token": ended.job.delivery.lease_token,
        "state": verdict.state.value,
        "next_attempt_at": ledger.moment(verdict.again_at),
        "finished_at": None if verdict.again_at else ledger.moment(now),
        "reason": "" if sent else _said(ended.result)[:200],
        "uncounted": 0 if verdict.counted else 1,
    }


def end(deliveries: Sequence[Delivery], state: Delivery.State, reason: str) -> None:
    """Ends claimed deliveries without a try. One that arrived before it was owed again is sent, as it was."""
    now = timezone.now()
    with transaction.atomic():
        ours = set(_held(deliveries).select_for_update().values_list("pk", flat=True))
        ended = [delivery for delivery in deliveries if delivery.pk in ours]
        arrived = [one for one in ended if one.delivered_at is not None and state == Delivery.State.SKIPPED]
        if arrived:
            free = {"lease_token": "", "next_attempt_at": None}
            before = Delivery.objects.filter(pk__among=arrived)
            before.update(state=Delivery.State.SENT, finished_at=F("delivered_at"), reason="", **free)
            ended = [one for one in ended if one not in arrived]
        rows = Delivery.objects.filter(pk__among=ended)
        rows.update(state=state, lease_token="", next_attempt_at=None, finished_at=now, reason=reason)
        settle_members([(delivery, state, reason) for delivery in ended], now)


def give_back(held: Sequence[Delivery], wait_for: timedelta = OUT_OF_REACH) -> None:
    """What was claimed and not begun waits; it has cost no try."""
    if held:
        _held(held).update(state=Delivery.State.PENDING, lease_token="", next_attempt_at=timezone.now() + wait_for)


def retract(jobs: Sequence[Job]) -> None:
    """Takes back tries that were begun and not made; the leases stay."""
    if not jobs:
        return
    with transaction.atomic():
        texting.take_back(jobs)
        Attempt.objects.filter(pk__among=[job.attempt.pk for job in jobs if job.attempt]).delete()
        _held([job.delivery for job in jobs]).update(attempts=F("attempts") - 1)
    for job in jobs:
        job.attempt = None
        job.delivery.attempts -= 1


def _held(deliveries: Sequence[Delivery]) -> QuerySet[Delivery]:
    """Those of them whose lease is still ours; a token is of one claim of one worker."""
    return Delivery.objects.filter(
        pk__among=[delivery.pk for delivery in deliveries],
        lease_token__in={delivery.lease_token for delivery in deliveries},
        state=Delivery.State.SENDING,
    )
