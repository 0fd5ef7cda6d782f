"""How messages reach us when nobody pushes them: one file a way, and each ends in ``receive``.

An intake is owed when its time has come. Whoever works it off takes a lease by a conditional UPDATE, so that two
workers never fetch at once; should a lease lapse while its holder is only slow, nothing is lost or doubled, since
``receive`` knows every message by its digest. A run that fails is tried again later and later, with the reason on the
row. To add a way: its file, a line in ``WAYS``, its name in ``Intake.Way``.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from cargo.models import Intake
from cargo.sources import base, dcsa_api, folder, imap, sftp, unipass_api
from cargo.sources.base import SLICE, IntakeError, LeaseLostError, Result, Run, Way

__all__ = ["WAYS", "IntakeError", "LeaseLostError", "Outcome", "Result", "Run", "Way", "try_now", "work_off_owed"]

logger = logging.getLogger(__name__)

WAYS: dict[str, Way] = {
    "folder": folder.WAY,
    "sftp": sftp.WAY,
    "imap": imap.WAY,
    "dcsa": dcsa_api.WAY,
    "unipass": unipass_api.WAY,
}

# After the n-th failure in a row the intake waits 2**(n-1) times its rhythm, a day's quarter at most.
LONGEST_PAUSE = timedelta(hours=6)
SHORTEST_RHYTHM = timedelta(seconds=5)


class Outcome(NamedTuple):
    """What became of a run: its result, or why it failed. ``ran`` is false if another worker holds the intake."""

    ran: bool
    result: Result
    error: str = ""


def work_off_owed() -> int:
    """Runs the intakes whose time has come, one after the other; gives the number of messages that were new."""
    received = 0
    while intake := _claim(timezone.now()):
        received += _run(intake, SLICE).result.received
    return received


def try_now(intake_id: int, slice: timedelta) -> Outcome:
    """Runs one intake at once, whenever it would be its turn and even if it is switched off; for staff."""
    intake = _claim(timezone.now(), only=intake_id)
    return _run(intake, slice) if intake else Outcome(False, Result())


def _claim(now: datetime, only: int | None = None) -> Intake | None:
    """The intake that is owed the longest, under a new lease; None if there is none, or if enough are running."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    if only is not None:
        rows = Intake.objects.filter(free, pk=only, way__in=WAYS)
    else:
        rows = Intake.objects.filter(free, active=True, source__active=True, next_at__lte=now, way__in=WAYS)
        if Intake.objects.filter(leased_until__gte=now).count() >= settings.INTAKES_AT_ONCE:
            return None
    for pk in rows.order_by("next_at", "pk").values_list("pk", flat=True)[:10]:
        token = secrets.token_hex(16)
        taken = Intake.objects.filter(free, pk=pk).update(lease_token=token, leased_until=now + base.LEASE)
        if taken:
            return Intake.objects.select_related("source").get(pk=pk)
    return None


def _run(intake: Intake, slice: timedelta) -> Outcome:
    way = WAYS[intake.way]
    try:
        result = way.fetch(Run(intake, way.settings, slice=slice))
    except LeaseLostError:
        logger.warning("intake %s: another worker has taken it over", intake.pk)
        return Outcome(True, Result(), "another worker has taken it over")
    except Exception as error:
        # Without a database this raises, too: the lease then lapses by itself, and the intake is owed as before.
        return _failed(intake, error)
    _release(
        intake,
        next_at=_next(intake, result),
        succeeded_at=timezone.now(),
        failures=0,
        error="; ".join(result.notes)[:500],
    )
    return Outcome(True, result)


def _next(intake: Intake, result: Result) -> datetime:
    rhythm = max(intake.every, SHORTEST_RHYTHM)
    return timezone.now() + (min(rhythm, result.again_in) if result.again_in is not None else rhythm)


def _failed(intake: Intake, error: Exception) -> Outcome:
    wish = error.retry_after if isinstance(error, IntakeError) else None
    if isinstance(error, IntakeError):
        reason = str(error)
        logger.warning("intake %s failed: %s", intake.pk, reason)
    else:
        reason = f"our own defect, see the log: {type(error).__name__}"
        logger.exception("intake %s failed", intake.pk)
    pause = pause_after(intake.failures + 1, intake.every)
    next_at = timezone.now() + (max(pause, wish) if wish is not None else pause)
    _release(intake, next_at=next_at, failures=F("failures") + 1, error=reason[:500])
    return Outcome(True, Result(), reason)


def pause_after(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failures in a row."""
    rhythm = max(every, SHORTEST_RHYTHM)
    return min(rhythm * 2 ** min(failures - 1, 20), max(rhythm, LONGEST_PAUSE))


def _release(intake: Intake, **fields: object) -> None:
    ours = Intake.objects.filter(pk=intake.pk, lease_token=intake.lease_token)
    ours.update(leased_until=None, lease_token="", **fields)
