"""Wake-ups for workers. The tables say what is owed, so one that is lost or doubled changes nothing but the delay.

Of many wake-ups of one task only the first is put into the queue until a worker begins it: a task begins by looking at
the tables, so it sees what was committed before every one of them. Else a worker that is pushed 500 messages a second
would spend its time on wake-ups for which nothing is left to do, and other tasks would wait behind them.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

logger = logging.getLogger(__name__)

# After so many seconds a wake-up that nobody began is taken for lost.
WAITS = 2


def wake(name: str, *arguments: object) -> None:
    """Wakes a worker after commit. A broker that is down only costs time: the sweeps find what is owed."""
    if connection.in_atomic_block:
        transaction.on_commit(lambda: _send(name, arguments))
    else:
        _send(name, arguments)


def begun(name: str) -> None:
    """Called before a task of this name begins: who wakes it from now on is not sure to be seen by it."""
    if settings.REDIS_URL:
        try:
            cache.delete(_flag(name))
        except Exception as error:
            logger.warning("the cache could not be reached: %s", error)


def _send(name: str, arguments: tuple[object, ...]) -> None:
    from clis.celery import app

    alone = not arguments and _is_first(name)
    if not (alone or arguments):
        return
    try:
        app.send_task(name, args=arguments, ignore_result=True, retry=False)
    except Exception as error:
        if alone:
            begun(name)
        logger.warning("the broker could not be reached, the sweep will do it: %s", error)


def _is_first(name: str) -> bool:
    """Whether no such wake-up waits in the queue. Without Redis nobody knows."""
    if not settings.REDIS_URL:
        return True
    try:
        return bool(cache.add(_flag(name), 1, WAITS))
    except Exception as error:
        logger.warning("the cache could not be reached: %s", error)
        return True


def _flag(name: str) -> str:
    return f"wake:{name}"
