"""Releases that are taken back while they are told: ``python -m tests.bench races``, on PostgreSQL.

Customs says of one cargo after the other, twenty at a time, that it is released, and a moment later (up to
``UP_TO`` seconds, by chance) that it is not. Beside it two workers fan out and send mails to a server in a process of
its own, which writes down when it accepted which. ``CLIS_BENCH_RACES`` says how many cargoes (default 1,000).

Every cargo's revocation must be told once. Its release is told before customs took it back, or never: what was looked
at shortly before may still be in the air, but not for longer than a worker takes before it looks again.
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from cargo import tasks
from cargo.models import FeedHead, Shipment, Source
from cargo.pipeline.receive import receive_many
from clis.accounts.models import Organization
from notifications import fanout, kinds
from notifications.deliver import deliver
from notifications.deliver.claim import FRESH
from notifications.deliver.lanes import AHEAD_SECONDS
from notifications.models import Channel, Delivery, Subscription
from notifications.render import reference_of
from tests.bench import commits
from tests.faults.sinks import Sink
from tests.notifications import telling_world as world

RACES = int(os.environ.get("CLIS_BENCH_RACES", "1000"))
TOGETHER, WORKERS, UP_TO, SEED = 20, 2, 2.0, 11
# Numbers that no other part of a run has.
FIRST = 1_000_000
# What a worker may hold in hand before it looks again.
IN_THE_AIR = FRESH.total_seconds() + AHEAD_SECONDS


def run() -> bool:
    """Prints what became of the releases; false if one was told too late or anything not once."""
    with tempfile.TemporaryDirectory() as folder, Sink("mail", Path(folder)) as sink:
        settings: dict[str, Any] = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": sink.port,
            "EMAIL_USE_TLS": False,
            "EMAIL_USE_SSL": False,
            "EMAIL_HOST_USER": "",
            "EMAIL_HOST_PASSWORD": "",
        }
        with override_settings(**settings), mock.patch.object(tasks, "wake"):
            source = _cargoes()
            if "bench_commit" not in connection.introspection.table_names():
                commits.note()
            began = time.perf_counter()
            with _workers():
                _race(source)
            _work()
            seconds = time.perf_counter() - began
        return _judged(sink, seconds)


def _cargoes() -> Source:
    """Cargoes with a declaration lodged; each has a mailbox of its own, so that none is in a storm."""
    FeedHead.objects.get_or_create(id=1)
    Delivery.objects.all().delete()
    firm = Organization.objects.create(name="Firm", slug="races")
    source = Source.objects.create(slug="races", name="Customs", kind="customs", rank=10)
    shipments = world.register(firm, range(FIRST, FIRST + RACES))
    _follow(firm, shipments)
    _tell(source, range(FIRST, FIRST + RACES), 2)
    return source


def _follow(firm: Organization, shipments: Sequence[Shipment]) -> None:
    now = timezone.now()
    channels = Channel.objects.bulk_create(
        Channel(organization=firm, kind="email", address=f"desk{number}@example.com", verified_at=now)
        for number in range(len(shipments))
    )
    Subscription.objects.bulk_create(
        Subscription(channel=channel, shipment=shipment, matrix=kinds.only([kinds.RELEASED]), created_at=world.SINCE)
        for channel, shipment in zip(channels, shipments, strict=True)
    )


def _tell(source: Source, numbers: Sequence[int], length: int) -> None:
    bodies = [("", world.body(number, length)) for number in numbers]
    receive_many(source.pk, bodies, media_type="application/xml")
    tasks.work_off_inbox()


def _race(source: Source) -> None:
    chance = random.Random(SEED)
    for start in range(FIRST, FIRST + RACES, TOGETHER):
        numbers = range(start, min(start + TOGETHER, FIRST + RACES))
        _tell(source, numbers, 3)
        time.sleep(chance.uniform(0.0, UP_TO))
        _tell(source, numbers, 4)


def _work() -> int:
    taken = 0
    while number := fanout.fan_out():
        taken += number
    return taken + deliver(fanout.still_true)


@contextmanager
def _workers() -> Any:
    """Two that fan out and send, as long as the races last."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.is_set():
                if not _work():
                    time.sleep(0.01)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]


def _judged(sink: Sink, seconds: float) -> bool:
    accepted, accepted_at = sink.accepted(), sink.accepted_at()
    known = commits.noted(commits.TOLD)
    rows = Delivery.objects.filter(notice__in=(kinds.RELEASED, kinds.REVOKED), update__isnull=False)
    sent: dict[str, dict[int, float]] = {kinds.RELEASED: {}, kinds.REVOKED: {}}
    revoked: dict[int, float] = {}
    owed = 0
    for row in rows.select_related("update"):
        assert row.update
        owed += 1
        if row.notice == kinds.REVOKED:
            revoked[row.update.shipment_id] = known[row.update.pk]
        if (reference := reference_of(row)) in accepted_at:
            sent[row.notice][row.update.shipment_id] = accepted_at[reference]
    after = [at - revoked[shipment] for shipment, at in sent[kinds.RELEASED].items() if at > revoked[shipment]]
    late = [wait for wait in after if wait > IN_THE_AIR]
    twice = sum(number - 1 for number in accepted.values())
    releases, revocations = len(sent[kinds.RELEASED]), len(sent[kinds.REVOKED])
    print(
        f"  {RACES:,} races in {seconds:.0f} s: {releases - len(after):,} releases told before they were taken back, "
        f"{RACES - releases:,} never, {len(after):,} in the air meanwhile (the longest "
        f"{1000 * max(after, default=0):.0f} ms); {len(late)} told later; {revocations:,} revocations told, "
        f"{twice} mails twice"
    )
    return not late and not twice and revocations == RACES and owed == 2 * RACES
