"""Celery: wake-ups. The tables say what is owed, so a lost or doubled one changes nothing but the delay.

Telling has a queue and a worker of its own (``clis.celery``): fan-out waits for no inbox, and nobody waits for a slow
endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock

from celery import shared_task, signals
from django.utils import timezone

from clis.waking import wake
from notifications import deliver, digests, fanout, retention, spending
from notifications.deliver import letters
from notifications.deliver.look_up import look_up


class _Turns:
    """Work that a process does once at a time. Whoever wants it meanwhile has it done once more, and does not wait."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._busy, self._wanted = Lock(), Event()

    def take(self) -> None:
        self._wanted.set()
        while self._wanted.is_set() and self._busy.acquire(blocking=False):
            try:
                self._wanted.clear()
                self._work()
            finally:
                self._busy.release()


def _owe() -> None:
    # Both each time: as long as updates keep coming in, digests go out at their hours all the same.
    while fanout.fan_out() + digests.owe_digests():
        wake("notifications.tasks.drain_deliveries")


def _send() -> None:
    deliver.deliver(fanout.still_true, fanout.open_deadlines, fanout.place_names)


def _write() -> None:
    letters.drain_letters(timezone.now())


def _ask() -> None:
    spending.forget(timezone.now())
    look_up(timezone.now())


def _forget() -> None:
    retention.forget(timezone.now())


_owing, _sending, _writing = _Turns(_owe), _Turns(_send), _Turns(_write)
_asking, _forgetting = _Turns(_ask), _Turns(_forget)


@shared_task
def drain_updates() -> None:
    """Fans out until no update is owed, and owes the digests whose time has come; wakes the senders for every batch."""
    _owing.take()


@shared_task
def drain_deliveries() -> None:
    """Sends until nothing is owed now."""
    _sending.take()


@shared_task
def drain_letters() -> None:
    """Sends the letters that are owed; in a turn of its own, so that no delivery waits for a slow mail server."""
    _writing.take()


@shared_task
def ask_about_texts() -> None:
    """Asks what became of texts without an answer, and forgets what was spent long ago."""
    _asking.take()


@shared_task
def forget_old() -> None:
    """Removes what notices keep for a while only; what a sweep leaves is the next one's."""
    _forgetting.take()


@signals.worker_shutting_down.connect
def _stop(**about: object) -> None:
    deliver.stop()
