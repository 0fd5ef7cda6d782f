"""100,000 open shipments: how long it takes until what comes due at one instant is found, written and told.

Rows are made in bulk, since only their number matters: a cargo that came by sea, was stored and released in Korea, with
twenty entries each; a tenth of them must be removed by one midnight. ``python -m tests.bench inspection`` prints.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import perf_counter
from unittest import mock
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.db.models import F

from cargo import tasks
from cargo.domain import identity
from cargo.domain.state import ACTUAL, Entry, Rare, merge, pack
from cargo.models import (
    FeedHead,
    InboundMessage,
    InspectionDue,
    Party,
    Shipment,
    ShipmentDeadline,
    ShipmentException,
    ShipmentState,
    ShipmentStatus,
    Source,
    TrackingUpdate,
    bulk,
    findings,
)
from cargo.models.event import Event, ShipmentEvent
from cargo.selectors import exceptions
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer
from tests.bench.world import PORTS

SHIPMENTS = 100_000
PORTION = 1000
DUE_AT_ONCE = SHIPMENTS // 10
EVENTS = 6
# What must be written by then.
LIMIT_SECONDS = 60.0
KOREA = ZoneInfo("Asia/Seoul")
MIDNIGHT = datetime(2026, 3, 27, 0, 0, 0, tzinfo=KOREA)


def run() -> bool:
    """Prints what it took; False if it was more than ``LIMIT_SECONDS``, or an index was not used."""
    with time_machine.travel(MIDNIGHT - timedelta(days=2), tick=True), mock.patch.object(tasks, "wake"):
        _fill()
        _say("all inspected for the first time", *_drain())
    with time_machine.travel(MIDNIGHT + timedelta(seconds=1), tick=True), mock.patch.object(tasks, "wake"):
        plan = _plan_of_taking()
        found, seconds = _drain()
        _say("due at one midnight", found, seconds)
        opened = ShipmentException.objects.filter(kind="deadline_exceeded", closed_at=None).count()
        told = TrackingUpdate.objects.filter(kind="deadline.exceeded").count()
        print(f"  exceptions opened {opened:,}, notices written {told:,}, deadlines kept {_deadlines():,}")
        board = _board()
    print(f"  the board's three columns: {board * 1000:.0f} ms")
    print(f"  taking what is due: {plan}")
    by_index = "Seq Scan" not in plan and "inspection_due_at" in plan
    return found >= DUE_AT_ONCE and opened >= DUE_AT_ONCE and seconds <= LIMIT_SECONDS and by_index


def _say(what: str, count: int, seconds: float) -> None:
    print(f"  {what}: {count:,} shipments in {seconds:.1f} s, {count / max(seconds, 0.001):,.0f}/s, one process")


def _drain() -> tuple[int, float]:
    begun = perf_counter()
    return tasks.drain_inspections(), perf_counter() - begun


def _deadlines() -> int:
    return ShipmentDeadline.objects.filter(is_open=True).count()


def _board() -> float:
    viewer = Viewer(user_id=1, organization_id=Organization.objects.get(slug="bench-inspection").pk, role="member")
    begun = perf_counter()
    for name in exceptions.COLUMNS:
        exceptions.column(viewer, name, "importer", {}, None, 25)
    return perf_counter() - begun


def _plan_of_taking() -> str:
    rows = bulk.execute(
        f"EXPLAIN SELECT shipment_id FROM {findings.DUE} WHERE inspect_at <= now() AND (leased_until IS NULL OR "
        "leased_until < now()) AND attempts < 20 ORDER BY inspect_at, shipment_id LIMIT 200 FOR UPDATE SKIP LOCKED"
    )
    return " / ".join(str(row[0]).strip() for row in rows if "Scan" in str(row[0]))


def _fill() -> None:
    """The rows, and statistics as a running system has them."""
    FeedHead.objects.get_or_create(id=1)
    owner = Organization.objects.create(name="Bench inspection", slug="bench-inspection")
    source = Source.objects.create(slug="bench-inspection", name="Bench", kind=Source.Kind.CARRIER)
    for start in range(0, SHIPMENTS, PORTION):
        made = Shipment.objects.bulk_create(
            Shipment(organization=owner, port_of_loading=PORTS[0], port_of_discharge="KRPUS") for _ in range(PORTION)
        )
        Party.objects.bulk_create(Party(shipment=row, organization=owner) for row in made)
        ShipmentStatus.objects.bulk_create(ShipmentStatus(shipment=row, status="in_bond") for row in made)
        ShipmentState.objects.bulk_create(
            ShipmentState(shipment=row, packed=_packed(start + number)) for number, row in enumerate(made)
        )
    _fill_log(source)
    findings.mark(Shipment.objects.filter(organization=owner).values_list("pk", flat=True), ())
    InspectionDue.objects.update(attempts=F("attempts"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill_log(source: Source) -> None:
    """Events and their links, which say who was last heard; their contents are never looked at here."""
    message = InboundMessage.objects.create(source=source, digest="bench", state=InboundMessage.State.PROCESSED)
    digits = "lpad(to_hex(s.id), 16, '0') || lpad(to_hex(n), 16, '0')"
    bulk.execute(
        f"INSERT INTO {Event._meta.db_table} (id, lineage, version, revision, retraction, source_id, message_id, "
        "position, reference_set, milestone, classifier, level, effect, occurred_at, reported_at, received_at, "
        f"recorded_at, content) SELECT ({digits})::uuid, ({digits})::uuid, '', 0, false, %s, %s, '', ({digits})::uuid, "
        "'discharged', 'actual', 'house', 'advance', now(), now(), now() - n * interval '1 hour', now(), '{}' "
        f"FROM {Shipment._meta.db_table} s, generate_series(1, {EVENTS}) n",
        [source.pk, message.pk],
    )
    bulk.execute(
        f"INSERT INTO {ShipmentEvent._meta.db_table} (shipment_id, event_id, weak) "
        f"SELECT s.id, ({digits})::uuid, false FROM {Shipment._meta.db_table} s, generate_series(1, {EVENTS}) n"
    )


_ready: dict[int, bytes] = {}


def _packed(number: int) -> bytes:
    """A tenth must be removed by ``MIDNIGHT``, the others on one of the nine days after it."""
    late = number % 10
    if late not in _ready:
        _ready[late] = pack(_entries(MIDNIGHT - timedelta(days=16 - late, hours=9)))
    return _ready[late]


def _entries(released: datetime) -> list[Entry]:
    """Twenty entries: a voyage with two transshipments, storage, declaration and release."""
    steps = [("gate_in", PORTS[0], 40), ("loaded", PORTS[0], 38), ("departed", PORTS[0], 37)]
    for port, days in ((PORTS[1], 30), (PORTS[2], 20)):
        steps += [("arrived", port, days), ("discharged", port, days - 1), ("loaded", port, days - 4)]
        steps += [("departed", port, days - 5), ("gate_in", port, days - 2), ("gate_out", port, days - 3)]
    steps += [("arrived", "KRPUS", 4), ("discharged", "KRPUS", 3)]
    entries = [_entry(code, place, released - timedelta(days=days), "") for code, place, days in steps]
    for code, hours in (("bonded_storage_in", 48), ("import_declared", 8), ("customs_released", 0)):
        place = "02012018" if code == "bonded_storage_in" else ""
        entries.append(_entry(code, place, released - timedelta(hours=hours), "KR-KCS"))
    return merge((), entries)


def _entry(milestone: str, place: str, at: datetime, authority: str) -> Entry:
    when = identity.epoch(at.astimezone(UTC))
    rare = Rare(authority=authority, agency=authority, declaration="4291826000123M") if authority else None
    name = blake2b(f"{milestone}{place}{when}".encode(), digest_size=16).hexdigest()
    subject = "" if authority or milestone in ("arrived", "departed") else "BNCU0000016"
    return Entry(milestone, ACTUAL, when, when, 50, name, subject=subject, place=place, source=1, rare=rare)
