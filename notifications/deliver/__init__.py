"""Sends what is owed, until nothing is.

A delivery is claimed by a conditional UPDATE with a token and a lease (``claim``); each try is written down and
committed before it begins, and what came of it after (``outcome``), many at a time. What happens between is noted in a
file that outlives the process (``journal``), so a worker may die anywhere: who sends next on this machine writes down
what it had sent and gives back the rest at once (``recovery``). Only a try that was under way has no answer. It is made
again with the same Message-ID or webhook-id; a text becomes ``unknown`` and is not sent again.

Every kind of channel has a lane of its own, with its own threads and its own claims (``lanes``), and in the lane of the
webhooks every endpoint has a line of its own (``queues``): whoever is slow holds up nobody else. Threads only talk to
providers; the database is touched by the calling thread alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from threading import Event

from notifications.deliver.claim import StillTrue
from notifications.deliver.journal import noting
from notifications.deliver.lanes import Came, Lane
from notifications.deliver.next_deadline import OpenDeadlines, none_known
from notifications.deliver.recovery import recover
from notifications.render.place_names import PlaceNames, none_named
from notifications.transports import TRANSPORTS

# A lane with nothing in hand looks again so soon, while others send.
IDLE_SECONDS = 0.25
# What has ended is written down after so many seconds, with what ends meanwhile; at once if nothing else is under way.
SETTLED_WITHIN = 0.05
# After so long a killed neighbour's notes are looked for again.
RECOVER_SECONDS = 30.0
# A thread that hears from a server waits so long for the one that computes: Python's own five milliseconds are as long
# as a mail takes. What a server has accepted and nobody has noted yet goes out again if the process dies just then.
SWITCH_SECONDS = 0.0001

_stopping = Event()


def stop() -> None:
    """The process is about to end: drains begin nothing more, and give back what they have in hand."""
    _stopping.set()


def deliver(
    still_true: StillTrue, open_deadlines: OpenDeadlines = none_known, place_names: PlaceNames = none_named
) -> int:
    """Sends until nothing is owed now; returns the number of tries.

    ``still_true`` says which updates still stand, ``open_deadlines`` what is still to be done of their cargo,
    ``place_names`` what places are called.
    """
    came: SimpleQueue[Came] = SimpleQueue()
    recover_at = 0.0
    with ExitStack() as stack:
        stack.enter_context(_switching())
        notes = stack.enter_context(noting())
        asked = (still_true, open_deadlines, place_names)
        lanes = {kind: Lane(kind, *asked, stack, notes, came, IDLE_SECONDS) for kind in TRANSPORTS}
        while True:
            if (now := time.monotonic()) >= recover_at:
                recover()
                recover_at = now + RECOVER_SECONDS
            for lane in lanes.values():
                lane.halt() if _stopping.is_set() else lane.fill()
            if not any(lane.under_way for lane in lanes.values()):
                waits = [wait for lane in lanes.values() if (wait := lane.next_in()) is not None]
                if not waits:
                    return sum(lane.tries for lane in lanes.values())
                time.sleep(min(waits))
                continue
            for lane in lanes.values():
                lane.rest()
            for kind, found in _collected(came, lanes).items():
                lanes[kind].settle(found)


@contextmanager
def _switching() -> Iterator[None]:
    """Threads take turns more often meanwhile."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _collected(came: SimpleQueue[Came], lanes: dict[str, Lane]) -> dict[str, list[Came]]:
    """What came back by now, some of it at least if anything does before a lane can go on by itself."""
    found: dict[str, list[Came]] = {}
    waits = [wait for lane in lanes.values() if (wait := lane.wakes_in()) is not None]
    try:
        one = came.get(timeout=min([IDLE_SECONDS, *waits]))
        if any(lane.may_bring(1 if kind == one.kind else 0) for kind, lane in lanes.items()):
            time.sleep(SETTLED_WITHIN)  # and not until the next one: to be woken for each costs what sending it does
        while True:
            found.setdefault(one.kind, []).append(one)
            one = came.get_nowait()
    except Empty:
        return found
