"""Workers as threads with connections of their own, stopped at a chosen place and let go again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest import mock

from django.db import connection

# Longer than any of these tests may take; reached only if one hangs.
PATIENCE = 20


class Worker(threading.Thread):
    """Runs ``work`` in a thread; ``end`` waits for it and raises what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def end(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive(), "the worker hangs"
        if self.error is not None:
            raise self.error
        return self.result


class Stop:
    """A place where the first thread that comes by waits. ``reached``: it is there; ``go`` lets it on."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._go = threading.Event()
        self._first = threading.Lock()

    def go(self) -> None:
        self._go.set()

    def pass_by(self) -> None:
        if self._first.acquire(blocking=False):
            self.reached.set()
            assert self._go.wait(PATIENCE), "nobody let the worker go"


@contextmanager
def stopped(module: ModuleType, name: str, *, after: bool = False) -> Iterator[Stop]:
    """The first thread that calls ``module.name`` stops before it, or after it."""
    stop, function = Stop(), getattr(module, name)

    def called(*args: Any, **kwargs: Any) -> Any:
        if not after:
            stop.pass_by()
        result = function(*args, **kwargs)
        if after:
            stop.pass_by()
        return result

    with mock.patch.object(module, name, called):
        try:
            yield stop
        finally:
            stop.go()


def waits_for_a_lock(seconds: float = 0.05, tries: int = 200) -> bool:
    """Whether some other connection of this database waits for a lock now, or soon does (PostgreSQL)."""
    for _ in range(tries):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return True
        threading.Event().wait(seconds)
    return False
