"""From an update's commit to its hand-over, while messages pour in: ``python -m tests.bench latency``.

Everything runs as in operation: worker, sender and beat as ``manage.py run --only NAME`` starts them (on SQLite worker
and beat), a mail server, an SMS gateway and webhooks' endpoints in processes of their own, which note when what came
(``noting_sinks``). This process is the front door: it keeps ``CLIS_BENCH_RATE`` messages a second (500; on SQLite 20),
``PUSHED`` together, and wakes a worker after each push. Each message changes its shipment's state; a tenth of them are
told: of 50 a second 25 are mails, 20 posts and 5 texts. It goes on for ``CLIS_BENCH_SECONDS`` (60).

Committed is when the transaction was (``commits``; on SQLite, when the row was written); handed over is when the other
side had the whole of it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils import timezone

from cargo import tasks
from cargo.models import InboundMessage, Source, TrackingUpdate
from cargo.pipeline.receive import receive_many
from notifications.models import Delivery
from tests.bench import commits, world
from tests.bench.latency_world import Flow, subscribe
from tests.bench.programs import Programs
from tests.bench.timing import Figure

EMBEDDED_RATE = 20
SECONDS = int(os.environ.get("CLIS_BENCH_SECONDS", "60"))
SHIPMENTS = int(os.environ.get("CLIS_BENCH_SHIPMENTS", "2000"))
PUSHED = 10
LIMIT = 2.0
PATIENCE = 120.0
KINDS = {"email": "mails", "webhook": "webhooks", "sms": "texts"}


def run() -> list[Figure]:
    """Prints the waits of each kind, stage by stage; gives the 95th percentiles in milliseconds with their limit."""
    rate = int(os.environ.get("CLIS_BENCH_RATE", "500" if connection.vendor == "postgresql" else str(EMBEDDED_RATE)))
    source, shipments = world.build(SHIPMENTS, "latency")
    flow = Flow(subscribe(shipments, rate, SECONDS), len(shipments))
    _history(source, len(shipments))
    with tempfile.TemporaryDirectory() as folder, Programs(Path(folder)) as programs:
        # Until the programs are up and have each done their work once.
        receive_many(source.pk, [("", body) for body in flow.first_messages()])
        if not programs.wait_until_nothing_is_owed(PATIENCE):
            raise SystemExit("the programs do not work off what is owed")
        commits.note()
        first, owed_before = _last(InboundMessage), _last(Delivery)
        before, own = programs.processor_seconds(), time.process_time()
        fed = _feed(source, flow, rate)
        own = time.process_time() - own
        programs.wait_until_nothing_is_owed(PATIENCE)
        noted = programs.noted()
        used = {"the door": own}
        used |= {name: at - before.get(name, 0.0) for name, at in programs.processor_seconds().items()}
    print(f"{rate} messages/s for {SECONDS} s asked, {fed.messages / fed.seconds:,.0f}/s kept; {fed}")
    print("processor seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in used.items()))
    _stages("messages", {"kept -> worked off": _worked_off(first)})
    return _told(owed_before, noted)


def _last(model: type[InboundMessage] | type[Delivery]) -> int:
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


@dataclass
class _Fed:
    """What went in, and how far behind the workers were meanwhile: messages not worked off, each second."""

    messages: int = 0
    seconds: float = 0.0
    behind: tuple[int, ...] = ()

    def __str__(self) -> str:
        held = sorted(self.behind) or [0]
        return f"not worked off yet: {held[len(held) // 2]} (median), {held[-1]} (most), {self.behind[-1]} (at the end)"


def _history(source: Source, shipments: int) -> None:
    """What each shipment has behind it, worked off here and told to nobody."""
    for start in range(0, shipments, 100):
        numbers = range(start, min(start + 100, shipments))
        receive_many(source.pk, [("", world.encode(world.history(n))) for n in numbers], silent=True)
    tasks.process_everything()
    TrackingUpdate.objects.filter(fanned_out_at__isnull=True).update(fanned_out_at=timezone.now(), feed_no=None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _feed(source: Source, flow: Flow, rate: int) -> _Fed:
    """Pushes at an even pace; whoever is late goes on at once, so that the rate holds."""
    fed = _Fed()
    behind = []
    pause = PUSHED / rate
    began = time.monotonic()
    looked = began
    while (now := time.monotonic()) - began < SECONDS:
        due = began + fed.messages / PUSHED * pause
        if now < due:
            time.sleep(due - now)
        receive_many(source.pk, [("", flow.next_message()) for _ in range(PUSHED)])
        tasks.wake_inbox()
        fed.messages += PUSHED
        if now - looked > 1:
            behind.append(InboundMessage.objects.filter(state="received").count())
            looked = now
    fed.seconds = time.monotonic() - began
    fed.behind = tuple(behind)
    return fed


def _worked_off(first: int) -> list[float]:
    came, done = commits.noted(commits.RECEIVED), commits.noted(commits.WORKED_OFF)
    return [done[pk] - at for pk, at in came.items() if pk > first and pk in done]


def _told(owed_before: int, noted: dict[str, float]) -> list[Figure]:
    """Of deliveries since then. ``noted``: reference -> when it was handed over, seconds since 1970."""
    handed = {int(reference.split("-")[1]): at for reference, at in noted.items()}
    rows: dict[str, list[tuple[float, ...]]] = {kind: [] for kind in KINDS}
    told, fanned_out = commits.noted(commits.TOLD), commits.noted(commits.OWED)
    owed = Delivery.objects.filter(pk__gt=owed_before)
    for delivery in owed.filter(pk__in=list(handed)).prefetch_related("tries"):
        begun = min(one.started_at for one in delivery.tries.all()).timestamp()
        steps = (told[delivery.update_id or 0], fanned_out[delivery.pk], begun, handed[delivery.pk])
        rows[delivery.kind].append(steps)
    left = Counter(owed.exclude(pk__in=list(handed)).values_list("state", "reason"))
    print(f"handed over: {sum(len(found) for found in rows.values())}; owed and not handed over: {dict(left) or 0}")
    figures = []
    for kind, name in KINDS.items():
        waits = sorted(row[3] - row[0] for row in rows[kind])
        _stages(
            f"{len(waits)} {name}",
            {
                "committed -> fanned out": [row[1] - row[0] for row in rows[kind]],
                "fanned out -> try begun": [row[2] - row[1] for row in rows[kind]],
                "try begun -> handed over": [row[3] - row[2] for row in rows[kind]],
                "committed -> handed over": waits,
            },
        )
        if waits:
            p95 = _at(waits, 0.95)
            what = f"{name}: p95 from commit to hand-over, of {LIMIT:.0f} s"
            figures.append(Figure(what, p95 * 1000, LIMIT * 1000, p95 / LIMIT, 0, "ms", 1.0))
    return figures


def _stages(title: str, stages: dict[str, list[float]]) -> None:
    print(f"{title:32} {'p50':>8} {'p95':>8} {'max':>8}")
    for name, seconds in stages.items():
        waits = sorted(seconds) or [0.0]
        print(f"  {name:30} {_at(waits, 0.5):7.2f}s {_at(waits, 0.95):7.2f}s {waits[-1]:7.2f}s")


def _at(waits: Sequence[float], share: float) -> float:
    return waits[int(len(waits) * share)]
