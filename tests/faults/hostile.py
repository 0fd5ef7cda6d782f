"""Webhooks to good endpoints among many that do what they can to hold the sender up, or to lead it elsewhere.

The good ones must get theirs, the canary behind the redirects must hear nothing, and the sender must be after it what
it was before: its memory, its threads and its open files.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Max
from django.test.utils import override_settings
from django.utils import timezone

from cargo.models import FeedHead, Party, Shipment, TrackingUpdate
from clis.accounts.models import Organization
from clis.sealing import seal
from notifications.models import Attempt, Channel, Delivery, Endpoint, Subscription
from notifications.render import reference_of
from notifications.tasks import drain_deliveries
from notifications.transports.webhook import new_secret
from tests.faults.notices import DATA, STANDING
from tests.faults.sinks import Sink

# RELIABILITY W4: what the sender may grow by, in megabytes.
GROWTH = 50
_PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass
class Withstood:
    """What came of it. Seconds from owed to accepted; memory in megabytes, beyond what it was before the hostile ones
    came: at the most, and afterwards."""

    name: str
    deliveries: int = 0
    tries: int = 0
    seconds: float = 0.0
    good_told: int = 0
    lost: int = 0
    sent_again: int = 0
    canary: int = 0
    p95_alone: float = 0.0
    p95_among: float = 0.0
    longest_try: float = 0.0
    most_memory: float = 0.0
    memory_kept: float = 0.0
    most_threads: int = 0
    threads_kept: int = 0
    files_kept: int = 0

    @property
    def clean(self) -> bool:
        """All good ones were told once, nobody was led astray, and nothing stays behind."""
        kept = max(0, self.threads_kept) + max(0, self.files_kept)
        return not (self.lost or self.sent_again or self.canary or kept) and self.most_memory < GROWTH

    def row(self) -> dict[str, Any]:
        """For the table and the JSON."""
        return {**asdict(self), "clean": self.clean}


@dataclass
class Hostile:
    """``calls`` to each of ``good`` and ``hostile`` endpoints; a try may take ``timeout`` seconds."""

    name: str
    calls: int
    good: int = 50
    hostile: int = 200
    timeout: float = 5.0
    patience: float = 120.0
    updates: list[TrackingUpdate] = field(default_factory=list)

    def run(self) -> Withstood:
        """The good ones alone, then all together."""
        folder = Path(os.environ["CLIS_VAR"])
        limits = {"WEBHOOK_OWN_HOSTS": ["127.0.0.1"], "WEBHOOK_RATE": 1000.0, "WEBHOOK_TIMEOUT": self.timeout}
        canary = folder / "canary.ledger"
        with Sink("hooks", folder) as sink, _hostile_sinks(canary) as ports, override_settings(**limits):
            firm = Organization.objects.create(name="Firm", slug="faults-hostile")
            self.updates = _updates(firm, 2 * self.calls)
            good = [_endpoint(firm, f"http://127.0.0.1:{sink.port}/{number}") for number in range(self.good)]
            bad = [_endpoint(firm, url) for url in _urls(ports, self.hostile)]
            alone, among = self.updates[: self.calls], self.updates[self.calls :]
            told = self._measured(good, bad, alone, among)
            told.canary = len(canary.read_text("ascii").splitlines())
            accepted = sink.accepted()
        rows = Delivery.objects.filter(channel__in=good).order_by("pk")
        told.good_told = sum(row.state == "sent" and reference_of(row) in accepted for row in rows)
        told.lost = 2 * self.calls * self.good - told.good_told
        told.sent_again = accepted.total() - len(accepted)
        return told

    def _measured(
        self, good: Sequence[Channel], bad: Sequence[Channel], alone: list[TrackingUpdate], among: list[TrackingUpdate]
    ) -> Withstood:
        told = Withstood(self.name)
        # Everything is written before the first measurement: what that takes is not the sender's.
        far = timezone.now() + timedelta(days=1)
        _owe(alone[:1], good, timezone.now())
        _owe(alone[1:], good, far)
        _owe(among, [*good, *bad], far)
        drain_deliveries()
        _due(alone, [*good])
        self._until_told(good, alone)
        told.p95_alone = _p95(good, alone[1:])
        gc.collect()
        threads, files = threading.active_count(), _open_files()
        began = time.monotonic()
        tries = Attempt.objects.count()
        with _Watched() as watched:
            _due(among, [*good, *bad])
            self._until_told(good, among)
        told.seconds = round(time.monotonic() - began, 1)
        told.deliveries = len(among) * (len(good) + len(bad))
        told.tries = Attempt.objects.count() - tries
        told.p95_among = _p95(good, among)
        told.longest_try = _longest(bad)
        told.most_threads = watched.threads - threads
        told.most_memory = round(watched.memory - watched.before, 1)
        gc.collect()
        told.memory_kept = round(_memory() - watched.before, 1)
        told.threads_kept, told.files_kept = threading.active_count() - threads, _open_files() - files
        return told

    def _until_told(self, good: Sequence[Channel], updates: Sequence[TrackingUpdate]) -> None:
        """What the sweep does, until nothing is owed to the good ones."""
        waiting = Delivery.objects.filter(channel__in=good, update__in=updates, state__in=("pending", "sending"))
        deadline = time.monotonic() + self.patience
        while waiting.exists() and time.monotonic() < deadline:
            drain_deliveries()


class _Watched:
    """The most memory and threads of this process; use it in ``with``."""

    def __init__(self) -> None:
        self.before = self.memory = _memory()
        self.threads = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watched:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.memory = max(self.memory, _memory())
            self.threads = max(self.threads, threading.active_count() - 1)


@contextmanager
def _hostile_sinks(canary: Path) -> Iterator[dict[str, int]]:
    command = [sys.executable, "-m", "tests.faults.hostile_sinks", str(canary)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


def _urls(ports: dict[str, int], number: int) -> list[str]:
    kinds = sorted(ports)
    return [f"http://127.0.0.1:{ports[kind]}/{kind}/{n}" for n in range(number) for kind in [kinds[n % len(kinds)]]]


def _updates(firm: Organization, number: int) -> list[TrackingUpdate]:
    FeedHead.objects.get_or_create(id=1)
    shipment = Shipment.objects.create(organization=firm)
    Party.objects.create(shipment=shipment, organization=firm)
    now = timezone.now()
    rows = [
        TrackingUpdate(
            shipment=shipment,
            kind=STANDING,
            key=f"withdrawn|KR-KCS|{n}",
            occurred_at=now,
            data=DATA,
            feed_no=n + 1,
            fanned_out_at=now,
        )
        for n in range(number)
    ]
    return TrackingUpdate.objects.bulk_create(rows)


def _endpoint(firm: Organization, url: str) -> Channel:
    began = timezone.now() - timedelta(hours=1)
    channel = Channel.objects.create(organization=firm, kind="webhook", address=url, verified_at=began)
    Endpoint.objects.create(channel=channel, sealed=seal(new_secret()))
    Subscription.objects.create(channel=channel, created_at=began)
    return channel


def _owe(updates: Sequence[TrackingUpdate], channels: Sequence[Channel], at: datetime) -> None:
    rows = [
        Delivery(
            update=update,
            channel=channel,
            kind=channel.kind,
            notice=update.kind,
            recipient=channel.recipient,
            next_attempt_at=at,
        )
        for update in updates
        for channel in channels
    ]
    Delivery.objects.bulk_create(rows, batch_size=500)


def _due(updates: Sequence[TrackingUpdate], channels: Sequence[Channel]) -> None:
    now = timezone.now()
    owed = Delivery.objects.filter(update__in=updates, channel__in=channels, state="pending")
    owed.update(next_attempt_at=now, created_at=now)


def _p95(channels: Sequence[Channel], updates: Sequence[TrackingUpdate]) -> float:
    """Seconds from when a delivery was owed to when its endpoint had accepted it."""
    rows = Delivery.objects.filter(channel__in=channels, update__in=updates, state="sent")
    waits = sorted((end - start).total_seconds() for start, end in rows.values_list("created_at", "finished_at") if end)
    return round(waits[int(len(waits) * 0.95)], 2) if waits else 0.0


def _longest(channels: Sequence[Channel]) -> float:
    tries = Attempt.objects.filter(delivery__channel__in=channels, finished_at__isnull=False)
    longest = tries.aggregate(longest=Max(F("finished_at") - F("started_at")))["longest"]
    return round(longest.total_seconds(), 1) if longest else 0.0


def _memory() -> float:
    """Resident, in megabytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
