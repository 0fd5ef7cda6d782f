"""1,000,000 shipments with seven stages each, of 100 organizations: what the lead-time queries take.

``python -m tests.bench lead-times`` prints p50 and p95 of each question for one organization and for the operator,
what a refresh takes and how large things are. Rows are made in bulk and by chance (fixed seed): two years of imports
by sea and air in the order of their arrival, so that one organization's rows lie scattered as they do in life. Each
uses 40 of 1,500 warehouses, 10 of 400 brokers, 25 carriers, 7 ports and airports.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import time_machine
from django.db import connection
from django.utils import timezone

from cargo.domain.statistics import percentile
from cargo.models import Party, Shipment, StageTime, StageTimeColumn, TargetTime, bulk
from cargo.models.stage_refresh import refresh
from cargo.selectors import lead_times
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

SHIPMENTS = 1_000_000
ORGANIZATIONS = 100
PORTION = 100_000
ROUNDS = 20
# When the last of them arrive, and when the questions are asked.
NOW = datetime(2026, 3, 20, 3, 0, tzinfo=UTC)
ONE_P95_MS, ALL_P95_MS = 150.0, 2000.0
CLEAR = "import_declared__customs_released"
# How long each stage takes (the median in hours, the spread of its logarithm), in the order they follow each other.
STAGES = (
    ("departed__arrived", 330.0, 0.35),
    ("arrived__discharge_approved", 5.0, 0.6),
    ("discharge_approved__bonded_storage_in", 9.0, 0.7),
    ("bonded_storage_in__import_declared", 20.0, 1.1),
    ("import_declared__customs_released", 3.0, 1.3),
    ("customs_released__gate_out", 30.0, 0.9),
)
TOTAL = "arrived__gate_out"
_TIMES, _SHIPMENTS, _PARTIES = (model._meta.db_table for model in (StageTime, Shipment, Party))

# A number between 0 and 1 that depends on the shipment and on what it is for, and nothing else.
_CHANCE = "((hashint8extended(i, {seed}) & 1048575)::float8 + 0.5) / 1048576"
_CHANCES = ", ".join(f"{_CHANCE.format(seed=seed)} AS {name}" for seed, name in enumerate("uvwxyz", 1))
_LENGTHS = ", ".join(
    f"floor({hours * 3600} * exp({spread} * sqrt(-2 * ln({_CHANCE.format(seed=100 + number)})) "
    f"* cos(2 * pi() * {_CHANCE.format(seed=200 + number)})))::bigint AS t{number}"
    for number, (_stage, hours, spread) in enumerate(STAGES)
)
# Stage, seconds from the arrival to its begin, and its length.
_ROWS = ", ".join(
    f"('{stage}', {'-t0' if number == 0 else '+'.join(['0', *(f't{n}' for n in range(1, number))])}, t{number})"
    for number, (stage, _hours, _spread) in enumerate(STAGES)
)
_INSERT = f"""
INSERT INTO {_TIMES} (container, stage, number, started_at, ended_at, seconds, working_seconds, organization_id,
  shipment_id, mode, port, port_of_loading, port_of_discharge, customs_office, warehouse, broker, carrier, channel,
  declared, agency, month)
SELECT '', stage, 0, begun, CASE WHEN over THEN ended END, CASE WHEN over THEN took END,
  CASE WHEN over THEN took * 9 / 24 END, ids[1 + i %% {ORGANIZATIONS}], i, mode, port, loading, port, office,
  office || lpad(((i %% {ORGANIZATIONS} * 37 + floor(v * 8)::int) %% 300)::text, 5, '0'),
  'Broker ' || (i %% {ORGANIZATIONS} * 7 + floor(w * 10)::int) %% 400, 'CARR' || floor(x * 25)::int,
  CASE WHEN y < 0.06 THEN 'inspected' ELSE 'not_inspected' END, declared, agency,
  CASE WHEN over THEN to_char(ended AT TIME ZONE 'Asia/Seoul', 'YYYY-MM') ELSE '' END
FROM (SELECT %s::timestamptz AS now, %s::bigint[] AS ids) k, generate_series(%s::bigint, %s::bigint) i,
  LATERAL (SELECT {_CHANCES}, {_LENGTHS}) c,
  LATERAL (SELECT CASE WHEN u < 0.8 THEN 'sea' ELSE 'air' END AS mode,
    CASE WHEN u < 0.42 THEN 'KRPUS' WHEN u < 0.62 THEN 'KRINC' WHEN u < 0.72 THEN 'KRPTK' WHEN u < 0.77 THEN 'KRKAN'
      WHEN u < 0.80 THEN 'KRUSN' WHEN u < 0.98 THEN 'KRICN' ELSE 'KRGMP' END AS port,
    (ARRAY['CNSHA','CNNGB','JPTYO','JPOSA','SGSIN','VNSGN','USLAX','NLRTM'])[1 + floor(v * 8)::int] AS loading,
    (ARRAY['030','020','016','120','040'])[1 + floor(u * 5)::int] AS office,
    (ARRAY['before_departure','before_arrival','before_entry','after_entry'])[1 + floor(z * 4)::int] AS declared,
    CASE WHEN w < 0.08 THEN (ARRAY['MFDS','APQA','NIFS','KATS'])[1 + floor(y * 4)::int] ELSE 'none' END AS agency,
    date_trunc('second', now - ({SHIPMENTS} - i) * 730.0 / {SHIPMENTS} * interval '1 day') AS arrived) d,
  LATERAL (VALUES {_ROWS}, ('{TOTAL}', 0, t1 + t2 + t3 + t4 + t5)) s(stage, later, took),
  LATERAL (SELECT arrived + later * interval '1 second' AS begun,
    arrived + (later + took) * interval '1 second' AS ended) b,
  LATERAL (SELECT ended <= now AS over) e
WHERE begun <= now
"""


def run() -> bool:
    """Prints the figures; False if a question took longer than it may."""
    begun = perf_counter()
    fill()
    print(f"  made in {perf_counter() - begun:.0f} s")
    with time_machine.travel(NOW, tick=True):
        return measure()


def measure() -> bool:
    """One organization's questions (another organization each time), the refresh, the operator's questions."""
    owners = list(Organization.objects.filter(slug__startswith="bench-lead-").order_by("pk"))
    # As after a night: what no question needs is not in the cache, what each needs is after the first.
    _ask("warm", [_member(owners[1])], {})
    print(f"  one organization, {SHIPMENTS // ORGANIZATIONS:,} shipments of its own")
    slowest = max(_ask(name, viewers, params) for name, viewers, params in _questions(owners))
    begun = perf_counter()
    months = refresh(timezone.now())
    print(f"  first refresh: {perf_counter() - begun:.1f} s, {len(months or ()):,} months")
    begun = perf_counter()
    refresh(timezone.now())
    print(f"  refresh without a change: {perf_counter() - begun:.2f} s")
    StageTime.objects.filter(shipment_id__gt=SHIPMENTS - 500).update(reported_seconds=1)
    begun = perf_counter()
    months = refresh(timezone.now())
    print(f"  refresh after 500 shipments changed: {perf_counter() - begun:.1f} s, {len(months or ()):,} months")
    print("  one organization, with a benchmark")
    sea = {"mode": ["sea"], "port": "KRPUS", "benchmark": True}
    slowest = max(slowest, _ask("all stages, others' cargo beside them", [_member(row) for row in owners], sea))
    print("  the operator, everybody's cargo")
    staff = [Viewer(user_id=1, is_staff=True)]
    asked = [_ask(name, staff, params, 5) for name, params in _everything()]
    print(f"  sizes: {_sizes()}")
    print(
        f"  slowest p95: {slowest:.0f} ms of {ONE_P95_MS:.0f} for one, {max(asked):.0f} ms of {ALL_P95_MS:.0f} for all"
    )
    return slowest <= ONE_P95_MS and max(asked) <= ALL_P95_MS


def _member(organization: Organization) -> Viewer:
    return Viewer(user_id=1, organization_id=organization.pk, role="member")


def _questions(owners: list[Organization]) -> list[tuple[str, list[Viewer], dict[str, Any]]]:
    """Name, who asks, what. Only the first organization has targets."""
    others, first = [_member(row) for row in owners[1:]], [_member(owners[0])]
    period = {"ended_after": NOW - timedelta(days=90), "ended_before": NOW}
    grouped = [(f"all stages by {name}", others, {"group_by": name}) for name in lead_times.GROUPS]
    return [
        ("one stage", others, {"stage": [CLEAR]}),
        ("all stages", others, {}),
        ("all stages, working hours", others, {"hours": "working"}),
        ("all stages, one quarter", others, period),
        ("all stages, by sea to one port", others, {"mode": ["sea"], "port": "KRPUS"}),
        ("all stages, inspected, one carrier", others, {"channel": "inspected", "carrier": "CARR3"}),
        ("all stages, declared before arrival", others, {"pre_arrival": True}),
        *grouped,
        ("all stages, with targets", first, {}),
        ("all stages by warehouse, with targets", first, {"group_by": "warehouse"}),
    ]


def _everything() -> list[tuple[str, dict[str, Any]]]:
    period = {"ended_after": NOW - timedelta(days=90), "ended_before": NOW}
    return [
        ("all stages", {}),
        ("one stage", {"stage": [CLEAR]}),
        ("all stages, working hours", {"hours": "working"}),
        ("all stages, one quarter", period),
        ("all stages, inspected, one carrier", {"channel": "inspected", "carrier": "CARR3"}),
        *((f"all stages by {name}", {"group_by": name}) for name in lead_times.GROUPS),
    ]


def _ask(name: str, viewers: list[Viewer], params: dict[str, Any], rounds: int = ROUNDS) -> float:
    """Prints p50 and p95 and gives the latter, in milliseconds; each round another of the viewers asks."""
    taken = []
    for number in range(rounds):
        viewer = viewers[number % len(viewers)]
        begun = perf_counter()
        rows = lead_times.answer(viewer, params).rows
        taken.append((perf_counter() - begun) * 1000)
    taken.sort()
    p95 = percentile(taken, 0.95)
    print(f"    {name:42} p50 {percentile(taken, 0.5):7.0f} ms  p95 {p95:7.0f} ms  {len(rows):6,} rows", flush=True)
    return p95


def _sizes() -> str:
    found = bulk.execute(
        "SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE relname IN (%s, %s, %s)",
        [_TIMES, "stage_time_client", StageTimeColumn._meta.db_table],
    )
    return ", ".join(f"{name} {size}" for name, size in sorted(found))


def fill() -> None:
    """The rows, and statistics as a running system has them."""
    owners = Organization.objects.bulk_create(
        Organization(name=f"Bench {number}", slug=f"bench-lead-{number}") for number in range(ORGANIZATIONS)
    )
    ids = [row.pk for row in owners]
    for first in range(1, SHIPMENTS + 1, PORTION):
        _portion(ids, first, min(first + PORTION, SHIPMENTS + 1) - 1)
    for number, stage in enumerate(stage for stage, _hours, _spread in STAGES):
        TargetTime.objects.create(organization=owners[0], stage=stage, seconds=86_400)
        TargetTime.objects.create(organization=owners[0], stage=stage, port="KRPUS", seconds=43_200 + number)
        TargetTime.objects.create(organization=owners[0], stage=stage, mode="air", seconds=20_000, clock="working")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _portion(ids: list[int], first: int, last: int) -> None:
    """These shipments with their parties (a twentieth has a second one) and stages."""
    series, owner = "generate_series(%s::bigint, %s::bigint) i", f"(%s::bigint[])[1 + (i + {{}}) %% {ORGANIZATIONS}]"
    bulk.execute(
        f"INSERT INTO {_SHIPMENTS} (id, organization_id, own_reference, mode, load, port_of_loading, "
        f"port_of_discharge, created_at) SELECT i, {owner.format(0)}, '', '', '', '', '', now() FROM {series}",
        [ids, first, last],
    )
    for role, later, condition in (("registrant", 0, "true"), ("forwarder", 31, "i %% 20 = 7")):
        bulk.execute(
            f"INSERT INTO {_PARTIES} (shipment_id, organization_id, role, created_at) "
            f"SELECT i, {owner.format(later)}, '{role}', now() FROM {series} WHERE {condition}",
            [ids, first, last],
        )
    bulk.execute(_INSERT, [NOW, ids, first, last])
