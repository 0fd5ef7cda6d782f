"""100,000 shipments under way and 200,000 that ended: how long learning takes, and forecasting all that is under way.

Rows are made in bulk, since only their number and spread matter: sixty organizations, twelve ports, eight carriers. A
quarter of the cargo under way is at sea with a schedule and an estimate, the rest somewhere between arrival and gate.
``python -m tests.bench forecast`` prints.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from time import perf_counter, process_time
from unittest import mock

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cargo import tasks
from cargo.domain.state import ESTIMATED, PLANNED, Entry, merge, pack
from cargo.models import (
    ArrivalEstimate,
    Forecast,
    ForecastTurn,
    Shipment,
    ShipmentState,
    ShipmentStatus,
    StageTime,
    bulk,
    forecasts,
)
from cargo.pipeline import forecasting, learning
from clis.accounts.models import Organization

SHIPMENTS, ENDED = 100_000, 200_000
PORTION = 2_000
ORGANIZATIONS = 60
PORTS = ("KRPUS", "KRINC", "KRKAN", "USLAX", "USNYC", "DEHAM", "NLRTM", "JPTYO", "GBFXT", "KRICN", "SGSIN", "FRLEH")
# All that is under way must be told of by then.
LIMIT_SECONDS = 60.0
# The way of a cargo: its stages, and how many hours they last in the middle.
STAGES = (
    ("departed__arrived", 400),
    ("arrived__discharge_approved", 6),
    ("discharge_approved__bonded_storage_in", 20),
    ("bonded_storage_in__import_declared", 40),
    ("import_declared__customs_released", 15),
    ("customs_released__gate_out", 30),
)
TOTALS = (("arrived__customs_released", 1, 4), ("arrived__gate_out", 1, 5))
# Ends, in hours since the departure, of all six stages: each about its middle, from a fifth to five times of it.
_LENGTHS = ", ".join(f"{middle} * exp(3.2 * (random() - 0.5)) AS h{at}" for at, (_, middle) in enumerate(STAGES))


def run() -> bool:
    """Prints what it took; False if the forecasts took more than ``LIMIT_SECONDS``."""
    with mock.patch.object(tasks, "wake"):
        _fill()
        begun = perf_counter()
        model = learning.learn()
        print(f"  chosen and learned from {model.stages:,} stages and {model.arrivals:,} estimates of arrivals"
              f" in {perf_counter() - begun:.1f} s") if model else print("  nothing was learned")  # fmt: skip
        learning.forget()
        begun = perf_counter()
        learning.current()
        print(f"  learned again with the chosen settings, as each process does: {perf_counter() - begun:.1f} s")
        statements = [_statements(count) for count in (8, 200)]
        print(f"  statements for 8 shipments {statements[0]}, for 200 {statements[1]}")
        forecasts.make_all_due(datetime.now(UTC))
        before = Forecast.objects.count()
        begun, worked = perf_counter(), process_time()
        told = tasks.drain_forecasts()
        seconds, worked = perf_counter() - begun, process_time() - worked
    rows = Forecast.objects.count() - before
    print(f"  {told:,} shipments under way forecast in {seconds:.1f} s, {told / seconds:,.0f}/s, {rows:,} rows")
    print(f"  of that {worked:.1f} s are this process's own; the rest is the database's and other work on the machine")
    again = ForecastTurn.objects.filter(due_at__gt=datetime.now(UTC)).count()
    print(f"  due again within a day: {again:,}")
    return told == SHIPMENTS and seconds <= LIMIT_SECONDS and statements[0] == statements[1]


def _statements(count: int) -> int:
    learned = learning.current()
    assert learned is not None
    taken = forecasting.take_due(count)
    with transaction.atomic(), CaptureQueriesContext(connection) as found:
        forecasting.forecast_due(taken, learned, taken.shipments)
    return len(found)


def _fill() -> None:
    """The rows, and statistics as a running system has them."""
    owners = Organization.objects.bulk_create(
        Organization(name=f"Bench {number}", slug=f"bench-{number}") for number in range(ORGANIZATIONS)
    )
    ids = [owner.pk for owner in owners]
    ended = _shipments(ENDED, ids)
    under_way = _shipments(SHIPMENTS, ids)
    bulk.execute("SELECT setseed(0.5)")
    _stage_rows(ended, "now() - interval '45 days' - random() * interval '330 days'", "99")
    # From none to five stages have ended; the one after them is under way.
    done = "CASE WHEN id %% 4 = 0 THEN 0 ELSE 1 + id %% 5 END"
    _stage_rows(under_way, "now()", done)
    _estimates(ended)
    _at_sea(under_way)
    ForecastTurn.objects.bulk_create(
        [ForecastTurn(shipment_id=pk, due_at=datetime.now(UTC)) for pk in range(under_way[0], under_way[1] + 1)], 5_000
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _shipments(count: int, owners: list[int]) -> tuple[int, int]:
    """The first and the last of so many new ones, with their status rows."""
    rows = Shipment.objects.bulk_create(
        (
            Shipment(
                organization_id=owners[number % len(owners)],
                port_of_loading="CNSHA",
                port_of_discharge=PORTS[number % 7 * number % len(PORTS)],
                mode="sea",
            )
            for number in range(count)
        ),
        batch_size=5_000,
    )
    first, last = rows[0].pk, rows[-1].pk
    bulk.execute(
        f"INSERT INTO {ShipmentStatus._meta.db_table} (shipment_id, version, status, milestone, customs_state, "
        "open_holds, hold_agencies, mode, carrier, port_of_loading, port_of_discharge, containers, container_count, "
        "released_count, changed_at, arrived_at) SELECT id, 1, 'in_transit', '', 'none', 0, '', 'vessel', "
        "'CAR' || (id %% 8), port_of_loading, port_of_discharge, '', 0, 0, now(), "
        f"CASE WHEN id %% 4 = 0 THEN NULL ELSE now() END FROM {Shipment._meta.db_table} WHERE id BETWEEN %s AND %s",
        [first, last],
    )
    return first, last


def _stage_rows(between: tuple[int, int], departed: str, done: str) -> None:
    """The stages of these shipments, of which the first ``done`` have ended. What is under way began lately."""
    ends = [" + ".join(f"h{at}" for at in range(upto + 1)) for upto in range(len(STAGES))]
    rows = [f"('{name}', {at}, {at}, {at})" for at, (name, _) in enumerate(STAGES)]
    rows += [f"('{name}', {first}, {last}, {first})" for name, first, last in TOTALS]
    reached = ", ".join(f"({end}) * interval '1 hour'" for end in ends)
    bulk.execute(
        f"INSERT INTO {StageTime._meta.db_table} "
        "(shipment_id, container, stage, number, started_at, ended_at, seconds, working_seconds, organization_id, "
        "mode, port, port_of_loading, port_of_discharge, customs_office, warehouse, broker, carrier, channel, "
        "declared, agency, inspection_at, month) "
        f"WITH drawn AS MATERIALIZED (SELECT id, organization_id, port_of_discharge AS port, {departed} AS departed, "
        f"{done} AS done, random() AS part, random() AS chance, {_LENGTHS} FROM {Shipment._meta.db_table} "
        "WHERE id BETWEEN %s AND %s), "
        f"reached AS (SELECT *, ARRAY[interval '0', {reached}] AS r FROM drawn), "
        # Under way: moved back so that the stage under way began a part of its length ago.
        "placed AS (SELECT *, CASE WHEN done < 99 THEN departed - r[done + 1] - part * (r[done + 2] - r[done + 1]) "
        "ELSE departed END AS since FROM reached), "
        "told AS (SELECT p.*, s.stage, since + r[s.first + 1] AS begun, "
        "CASE WHEN s.last < done THEN since + r[s.last + 2] END AS ended "
        f"FROM placed p CROSS JOIN (VALUES {', '.join(rows)}) AS s (stage, first, last, after) WHERE s.after <= done) "
        "SELECT id, '', stage, 0, begun, ended, extract(epoch FROM ended - begun)::bigint, "
        "extract(epoch FROM ended - begun)::bigint, organization_id, 'sea', port, 'CNSHA', port, '', '', '', "
        "'CAR' || (id %% 8), '', CASE WHEN chance < 0.3 THEN 'before_arrival' ELSE 'after_entry' END, '', "
        "CASE WHEN chance > 0.9 AND stage = 'import_declared__customs_released' THEN begun + interval '1 hour' END, "
        "coalesce(to_char(ended, 'YYYY-MM'), '') FROM told",
        list(between),
    )


def _estimates(between: tuple[int, int]) -> None:
    """Three estimates of each of 40,000 arrivals."""
    bulk.execute(
        f"INSERT INTO {ArrivalEstimate._meta.db_table} (shipment_id, asked_at, planned_at, estimated_at, arrived_at, "
        "mode, carrier, port) SELECT t.shipment_id, t.ended_at - n * interval '4 days', "
        "t.ended_at + (random() - 0.7) * interval '5 days', t.ended_at + (random() - 0.6) * n * interval '1 day', "
        f"t.ended_at, 'sea', t.carrier, t.port FROM {StageTime._meta.db_table} t, generate_series(1, 3) n "
        "WHERE t.stage = 'departed__arrived' AND t.ended_at IS NOT NULL AND t.shipment_id BETWEEN %s AND %s",
        [between[0], between[0] + 39_999],
    )


def _at_sea(between: tuple[int, int]) -> None:
    """The states of what has not arrived: a schedule and an estimate of the arrival."""
    now = datetime.now(UTC).replace(microsecond=0)
    rows = Shipment.objects.filter(pk__range=between).extra(where=["id %% 4 = 0"])
    at_sea = rows.values_list("pk", "port_of_discharge")
    states = [
        ShipmentState(shipment_id=pk, packed=_packed(port, now + timedelta(hours=6 * (pk % 80)))) for pk, port in at_sea
    ]
    ShipmentState.objects.bulk_create(states, batch_size=PORTION)


_ready: dict[tuple[str, datetime], bytes] = {}


def _packed(port: str, at: datetime) -> bytes:
    if (port, at) not in _ready:
        planned = _entry(PLANNED, port, at - timedelta(days=1), at - timedelta(days=25))
        _ready[port, at] = pack(merge((), [planned, _entry(ESTIMATED, port, at, at - timedelta(days=20))]))
    return _ready[port, at]


def _entry(classifier: int, port: str, at: datetime, reported: datetime) -> Entry:
    name = blake2b(f"{classifier}{port}{at}".encode(), digest_size=16).hexdigest()
    return Entry("arrived", classifier, int(at.timestamp()), int(reported.timestamp()), 50, name, place=port, source=1)
