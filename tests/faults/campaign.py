"""Workers started, killed and started again while messages come in; then what is left is held against the ledger."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import close_old_connections
from django.db.models import Count

from cargo import tasks
from cargo.models import Event, InboundMessage, ProjectionDue, TrackingUpdate
from cargo.pipeline import project
from cargo.pipeline.receive import receive
from notifications.models import Attempt, Delivery
from tests.faults.world import World, build

SWEEPS = (
    "cargo.tasks.drain_inbox",
    "cargo.tasks.match_again",
    "cargo.tasks.drain_projections",
    "notifications.tasks.drain_updates",
    "notifications.tasks.drain_deliveries",
)
FOR_PEOPLE = ("customs.released", "gate_out")


@dataclass
class Outcome:
    """What a campaign cost. ``lost``: acknowledged and not worked off, or an event missing from the log."""

    name: str
    messages: int = 0
    kills: int = 0
    flushes: int = 0
    seconds: float = 0.0
    retried: int = 0
    lost: int = 0
    double_events: int = 0
    wrong_states: int = 0
    wrong_updates: int = 0
    wrong_deliveries: int = 0
    second_sends: int = 0
    quarantined: int = 0

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing double. A mail that was sent again after a kill is told of, and is no failure."""
        return not (
            self.lost
            or self.double_events
            or self.wrong_states
            or self.wrong_updates
            or self.wrong_deliveries
            or self.quarantined
        )

    def row(self) -> dict[str, Any]:
        """For the table and the JSON."""
        return {**asdict(self), "clean": self.clean}


@dataclass
class Campaign:
    """``messages`` received while a worker is killed ``kills`` times; ``disturb`` does something else to it."""

    name: str
    messages: int
    kills: int
    repeats: float = 0.2
    seed: int = 1
    disturb: Callable[[], None] | None = None
    disturbances: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = 120.0
    worker: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None

    def run(self) -> Outcome:
        """The whole of it, with the reconciler at the end."""
        begun = time.monotonic()
        world = build(self.messages, self.repeats, self.seed)
        try:
            acknowledged = self._suffer(world)
            self._finish()
        finally:
            self._kill()
        outcome = reconcile(self.name, world, acknowledged)
        outcome.kills, outcome.flushes = self.kills, self.disturbances
        outcome.seconds = round(time.monotonic() - begun, 1)
        return outcome

    def _suffer(self, world: World) -> list[int]:
        chance = random.Random(self.seed)
        rounds = max(1, self.kills, self.disturbances)
        acknowledged: list[int] = []
        size = -(-len(world.bodies) // rounds)
        self._start()
        for step in range(rounds):
            for body in world.bodies[step * size : (step + 1) * size]:
                acknowledged.append(receive(world.carrier.pk, body).id)
                if len(acknowledged) % 50 == 0:
                    tasks.wake_inbox()
            tasks.wake_inbox()
            self._until_it_moves()
            time.sleep(chance.uniform(0.0, 0.15))
            if self.disturb is not None and step < self.disturbances:
                self.disturb()
                kick()
            if step < self.kills:
                self._kill()
                self._start()
        return acknowledged

    def _finish(self) -> None:
        """What beat does, once a second, until nothing is owed."""
        deadline = time.monotonic() + self.patience
        while owed() and time.monotonic() < deadline:
            kick()
            time.sleep(1.0)

    def _start(self) -> None:
        folder = Path(os.environ["CLIS_VAR"])
        self.log = (folder / "faults-worker.log").open("ab")
        threads = "sqlite" in os.environ.get("CLIS_DATABASE_URL", "sqlite")
        pool = ["--pool", "threads" if threads else "prefork", "--concurrency", "2", "--loglevel", "WARNING"]
        self.worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", *pool],
            env={**os.environ, **self.environment},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def _kill(self) -> None:
        """The whole group at once, as the machine would."""
        if self.worker is not None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None
        if self.log is not None:
            self.log.close()
            self.log = None

    def _until_it_moves(self) -> None:
        """The kill must come while the worker works, and not while it starts."""
        before = InboundMessage.objects.filter(state="received").count()
        deadline = time.monotonic() + 15
        while before and time.monotonic() < deadline:
            if InboundMessage.objects.filter(state="received").count() < before:
                return
            time.sleep(0.02)


def kick() -> None:
    """Wakes every sweep, as beat does."""
    for name in SWEEPS:
        tasks.wake(name)


def owed() -> int:
    """How much some table still says is owed."""
    close_old_connections()
    return (
        InboundMessage.objects.filter(state="received").count()
        + ProjectionDue.objects.count()
        + TrackingUpdate.objects.filter(fanned_out_at__isnull=True).count()
        + Delivery.objects.filter(state__in=("pending", "sending")).count()
    )


def reconcile(name: str, world: World, acknowledged: list[int]) -> Outcome:
    """The ledger against the tables: each message, event, state, update and delivery."""
    outcome = Outcome(name, messages=len(acknowledged))
    states = dict(InboundMessage.objects.filter(source=world.carrier).values_list("pk", "state"))
    outcome.lost = sum(states.get(pk) not in ("processed", "ignored", "quarantined") for pk in set(acknowledged))
    outcome.quarantined = sum(state == "quarantined" for state in states.values())
    outcome.retried = InboundMessage.objects.filter(source=world.carrier, attempts__gt=1).count()
    log = [pk.hex for pk in Event.objects.filter(source=world.carrier).values_list("pk", flat=True)]
    outcome.lost += len(world.events - set(log))
    outcome.double_events = len(log) - len(world.events & set(log))
    for start in range(0, len(world.shipments), 200):
        outcome.wrong_states += len({pk for pk, _ in project.differences(world.shipments[start : start + 200])})
    updates = TrackingUpdate.objects.filter(shipment__in=world.shipments)
    told = updates.filter(kind__in=FOR_PEOPLE).values_list("shipment", "kind").annotate(count=Count("pk"))
    counts = {(shipment, kind): count for shipment, kind, count in told}
    wanted = {(event.shipment_id, kind) for kind in FOR_PEOPLE for event in _reached(world, kind)}
    outcome.wrong_updates = sum(counts.get(key, 0) != 1 for key in wanted | counts.keys())
    numbers = list(TrackingUpdate.objects.order_by("feed_no").values_list("feed_no", flat=True))
    outcome.wrong_updates += numbers != list(range(1, len(numbers) + 1))
    deliveries = Delivery.objects.filter(update__shipment__in=world.shipments)
    outcome.wrong_deliveries = abs(deliveries.filter(update__kind__in=FOR_PEOPLE).count() - len(wanted))
    # A hold that a release had ended before its mail went out is not sent, which is right.
    # What waits for its digest waits until a later day.
    outcome.wrong_deliveries += deliveries.exclude(state__in=("sent", "skipped", "gathered")).count()
    attempts = Attempt.objects.filter(delivery__in=deliveries.filter(state="sent")).values_list("delivery", flat=True)
    outcome.second_sends = len(attempts) - len(set(attempts))
    return outcome


def _reached(world: World, kind: str) -> Any:
    column = {"customs.released": "released_at", "gate_out": "gated_out_at"}[kind]
    from cargo.models import ShipmentStatus

    return ShipmentStatus.objects.filter(pk__in=world.shipments, **{f"{column}__isnull": False})
