"""Looking names up within a time. The system's resolver keeps no deadline, so each look-up has a thread of its own, and
who waits for it goes when the time is up; the thread ends with the look-up.

A name server that never answers costs a thread for as long as the system asks it, so threads are limited, in all and
below one registered name. There is only one look-up of a host at a time, for all who ask meanwhile, and none joins one
that hangs: that has lasted longer than the patience of who asks. Hosts that were quick the last time have more room
than new ones, and those more than slow ones: many that hang leave the others theirs. Nothing is kept of the answers.
"""

from __future__ import annotations

import os
import socket
import time
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Any

from clis.egress.addresses import is_literal
from clis.egress.errors import NotSentError

# How a host did so far; a look-up that takes QUICK_SECONDS takes it one down, a quicker one makes it quick.
SLOW, NEW, QUICK = range(3)
QUICK_SECONDS = 1.0
REMEMBERED = 4096
# Look-ups under way with which one more may begin, by how its host did: in all, and below one registered name.
IN_ALL, BELOW_ONE = (16, 48, 96), (2, 8, 16)
# Below which names are registered in countries' domains: example.co.kr is one's own, not all of co.kr.
_REGISTRIES = frozenset(
    ["ac", "co", "com", "edu", "go", "gob", "gov", "info", "mil", "ne", "net", "nom", "or", "org", "pe", "re"]
)

_CROWDED = "{} could not be resolved in time: too many names are being looked up"


class _Lookup:
    def __init__(self, host: str) -> None:
        self.parent = registered(host)
        self.began = time.monotonic()
        self.answers: Future[list[Any]] = Future()


class Resolver:
    """Safe to share between threads. It makes them when they are needed, as daemons: none holds up a process's end."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing was looked up and nothing is under way, as is true of a process that was just forked: it has none of
        the threads."""
        self._changed = Condition()
        self._under_way: dict[str, _Lookup] = {}
        self._standings: OrderedDict[str, int] = OrderedDict()

    def addresses(self, host: str, port: int, *, deadline: float, patience: float) -> list[str]:
        """What the system answers now. ``deadline`` is of ``time.monotonic``, ``patience`` are seconds for a look-up,
        and for coming to one. Raises ``NotSentError``.
        """
        try:
            if is_literal(host):
                answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            else:
                answers = self._answers(host, port, deadline, patience)
        except (OSError, UnicodeError) as error:
            raise NotSentError(f"{host} cannot be resolved") from error
        return list(dict.fromkeys(str(answer[4][0]) for answer in answers))

    def _answers(self, host: str, port: int, deadline: float, patience: float) -> list[Any]:
        lookup = self._joined(host, port, deadline, patience)
        left = min(deadline, lookup.began + patience) - time.monotonic()
        try:
            return lookup.answers.result(max(0.0, left))
        except TimeoutError as error:
            raise NotSentError(f"{host} could not be resolved in time") from error

    def _joined(self, host: str, port: int, deadline: float, patience: float) -> _Lookup:
        """The look-up of the host that is under way, or one that begins as soon as there is room."""
        until = min(deadline, time.monotonic() + patience)
        with self._changed:
            while host not in self._under_way and not self._has_room(host, patience):
                if not self._changed.wait(until - time.monotonic()):
                    raise NotSentError(_CROWDED.format(host))
            if lookup := self._under_way.get(host):
                return lookup
            lookup = self._under_way[host] = _Lookup(host)
        thread = Thread(target=self._look_up, args=(lookup, host, port), name=f"looking up {host}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # The system has no more threads.
            self._end(lookup, host)
            lookup.answers.set_exception(OSError(str(error)))
        return lookup

    def _has_room(self, host: str, patience: float) -> bool:
        """Whether a look-up may begin now. Raises ``NotSentError`` if those hang that would have to end first."""
        standing, parent, since = self._standings.get(host, NEW), registered(host), time.monotonic() - patience
        every = self._under_way.values()
        below = [lookup for lookup in every if lookup.parent == parent]
        rooms: tuple[tuple[Collection[_Lookup], int], ...] = ((every, IN_ALL[standing]), (below, BELOW_ONE[standing]))
        for lookups, room in rooms:
            if sum(lookup.began <= since for lookup in lookups) >= room:
                raise NotSentError(_CROWDED.format(host))
        return all(len(lookups) < room for lookups, room in rooms)

    def _look_up(self, lookup: _Lookup, host: str, port: int) -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except BaseException as error:
            self._end(lookup, host)
            lookup.answers.set_exception(error)
        else:
            # In this order: who has an answer and asks again asks anew.
            self._end(lookup, host)
            lookup.answers.set_result(answers)

    def _end(self, lookup: _Lookup, host: str) -> None:
        quick = time.monotonic() - lookup.began < QUICK_SECONDS
        with self._changed:
            del self._under_way[host]
            before = self._standings.pop(host, NEW)
            self._standings[host] = QUICK if quick else max(SLOW, before - 1)
            if len(self._standings) > REMEMBERED:
                self._standings.popitem(last=False)
            self._changed.notify_all()


def registered(host: str) -> str:
    """The name below which whoever registered it makes as many as they like, as far as its form tells."""
    labels = host.rstrip(".").lower().split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3 if deep else -2 :])


# Hosts that a client typed, and those that the operator set: the former leave the latter all their room.
TYPED, OPERATORS = Resolver(), Resolver()
for _resolver in (TYPED, OPERATORS):
    os.register_at_fork(after_in_child=_resolver.forget)
