"""Bytes in the inbox to event log, projection and outbox committed: the pipeline against the per-message ORM way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from unittest import mock

from django.db import connection

from cargo import tasks
from cargo.models import InboundMessage, Source, TrackingUpdate, bulk
from cargo.pipeline.receive import receive_many
from tests.bench import baseline, world
from tests.bench.timing import Figure, clock, compare

MESSAGES = 1000


def prepare() -> None:
    """Shipments with their histories, in CLIS's tables and in the baseline's."""
    source, _ = world.build(MESSAGES)
    drain()
    for start in range(0, MESSAGES, 100):
        bodies = [("", world.encode(world.history(number))) for number in range(start, start + 100)]
        receive_many(source.pk, bodies, silent=True)
    drain()
    baseline.connect()
    baseline.drop_tables()
    baseline.create_tables()
    shipments = baseline.NaiveShipment.objects.bulk_create(
        [baseline.NaiveShipment(master_bill=f"BNCHBL{number:08d}") for number in range(MESSAGES)]
    )
    boxes = baseline.NaiveContainer.objects.bulk_create(
        [baseline.NaiveContainer(shipment=row, number=world.container(i)) for i, row in enumerate(shipments)]
    )
    baseline.NaiveEvent.objects.bulk_create(
        [
            baseline.NaiveEvent(
                shipment=row,
                container=boxes[number],
                source_event_id=event["eventID"],
                milestone="loaded",
                classifier=event["eventClassifierCode"],
                occurred_at=event["eventDateTime"],
                place=event["transportCall"]["UNLocationCode"],
                content=event,
            )
            for number, row in enumerate(shipments)
            for event in world.history(number)
        ],
        batch_size=500,
    )
    tidy()


def tidy() -> None:
    """Statistics and hint bits as a running system has them."""
    if bulk.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def drain() -> int:
    """Works off the inbox in this process; gives the number of messages."""
    with mock.patch.object(tasks, "wake"):
        done = tasks.work_off_inbox()
        tasks.drain_projections()
    return done


def candidate(source: Source, step: int) -> tuple[float, float]:
    """One round of the pipeline: rate and CPU microseconds a message."""
    receive_many(source.pk, [("", world.encode(world.measured(number, step))) for number in range(MESSAGES)])
    before = TrackingUpdate.objects.count()
    measured = clock(drain)
    owed = InboundMessage.objects.filter(state="received").count()
    told = TrackingUpdate.objects.count() - before
    if owed or told < MESSAGES:
        raise SystemExit(f"the mix is not busy: {owed} messages left, {told} updates for {MESSAGES}")
    return measured


def naive(step: int, count: int = MESSAGES) -> tuple[float, float]:
    """One round of the baseline over as many messages."""
    rows = baseline.NaiveInbox.objects.bulk_create(
        [baseline.NaiveInbox(body=world.encode(world.measured(number, step))) for number in range(count)]
    )

    def work() -> int:
        for row in rows:
            baseline.handle(row.pk)
        return len(rows)

    return clock(work)


def run(floor: float) -> list[Figure]:
    """Rounds interleaved: pipeline, baseline, pipeline, …; the first of each is for warming up."""
    source = Source.objects.get(slug="bench")
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    for step in range(world.STEPS):
        ours.append(candidate(source, step))
        theirs.append(naive(step))
    figures = [
        compare("ingest, one process", [rate for rate, _ in ours[1:]], [rate for rate, _ in theirs[1:]], floor),
        compare(
            "ingest, CPU of the process (1/us)",
            [1e6 / cpu for _, cpu in ours[1:]],
            [1e6 / cpu for _, cpu in theirs[1:]],
            0,
            "1/s",
        ),
    ]
    if bulk.is_postgres():
        gained = cores()
        figures += [gained, workers(gained.ratio)]
    return figures


def cores(rounds: int = 3) -> Figure:
    """What two processes of bare Python gain over one: the cores of a virtual machine may be halves of one core."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for count, measured in rates.items():
            begun = time.perf_counter()
            busy = [subprocess.Popen([sys.executable, "-c", _SPIN]) for _ in range(count)]
            for process in busy:
                process.wait()
            measured.append(count * 1e3 / (time.perf_counter() - begun))
    return compare("this machine, two processes against one", rates[2], rates[1], 0, "1/s")


_SPIN = "held = {}\nfor i in range(8_000_000):\n    held[i & 1023] = str(i)"


def workers(gained: float, messages: int = 6000, rounds: int = 3) -> Figure:
    """Two worker processes against one, over the same kind of messages: new estimates for every shipment.

    The floor is 1.5 of two whole cores; where the machine has less (``gained``), as much of what it has.
    """
    source = Source.objects.get(slug="bench")
    one: list[float] = []
    two: list[float] = []
    serial = 0
    for _ in range(rounds):
        for count, rates in ((1, one), (2, two)):
            serial += 1
            rates.append(_drained_by(count, source, messages, serial))
    return compare("ingest, two workers against one", two, one, 1.5 * min(gained, 2.0) / 2)


def _drained_by(count: int, source: Source, messages: int, serial: int) -> float:
    for part in range(messages // MESSAGES):
        events = []
        for number in range(MESSAGES):
            event = world.measured(number, 0)
            event["eventID"] += f"-{serial}-{part}"
            event["eventDateTime"] = f"2026-11-{1 + part:02d}T{serial:02d}:00:00Z"
            event["eventCreatedDateTime"] = f"2026-10-{10 + serial:02d}T{part:02d}:00:00Z"
            events.append(("", world.encode(event)))
        receive_many(source.pk, events)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
        )
        for _ in range(count)
    ]
    for process in started:
        if process.stdout is not None:
            process.stdout.readline()
    begun = time.perf_counter()
    for process in started:
        if process.stdin is not None:
            process.stdin.write(b"go\n")
            process.stdin.flush()
    for process in started:
        process.wait()
    return messages / (time.perf_counter() - begun)
