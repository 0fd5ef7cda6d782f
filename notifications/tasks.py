"""Celery: two wake-ups. The tables say what is owed, so a lost or doubled wake-up changes nothing but the delay."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from notifications import deliver, digests, fanout, spending
from notifications.deliver.look_up import look_up

logger = logging.getLogger(__name__)


@shared_task
def drain_updates() -> None:
    """Fans out until no update is owed, then wakes the senders."""
    taken = 0
    while number := fanout.fan_out():
        taken += number
    if taken:
        _wake_the_senders()


@shared_task
def drain_deliveries() -> None:
    """Owes the digests whose time has come, asks about texts without an answer, and sends until nothing is owed now."""
    while digests.owe_digests():
        pass
    spending.forget(timezone.now())
    look_up(timezone.now())
    deliver.deliver(fanout.still_true)


def _wake_the_senders() -> None:
    try:
        drain_deliveries.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("no broker, the sweep will send: %s", error)
