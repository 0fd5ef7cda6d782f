"""Fan-out: 10,000 updates in batches of 500 past 1,000 subscriptions; and 20,000 updates of three sources, exactly.

The first part makes rows in bulk: 20 organizations with 100 shipments each; 700 bells, 200 subscriptions to all and
100 saved filters. ``python -m tests.bench fanout`` prints both; it fails if a row is missing, doubled or too many.
On SQLite the second part is a tenth.
"""

from __future__ import annotations

import json
from datetime import timedelta
from time import perf_counter, process_time

import time_machine
from django.db import connection
from django.utils import timezone

from cargo.models import FeedHead, Party, Shipment, ShipmentStatus, Source, TrackingUpdate
from clis.accounts.models import Organization
from notifications import fanout
from notifications.models import Channel, Delivery, Subscription
from tests.notifications import telling_world as world

ORGANIZATIONS, SHIPMENTS, UPDATES, BATCH = 20, 100, 10_000, 500
CARGOES = 2_500
AT = "2026-03-17T12:00:00+09:00"
# Of ten updates.
MIX = (
    ("customs.released", "customs_released"),
    ("customs.released", "customs_released"),
    *[("milestone", "departed")] * 3,
    *[("milestone", "loaded")] * 3,
    *[("estimate", "arrived")] * 2,
)


def run() -> bool:
    """Prints what it took; False if the rows are not those of the table."""
    FeedHead.objects.get_or_create(id=1)
    _fill()
    taken, began, own = 0, perf_counter(), process_time()
    while number := fanout.fan_out(BATCH):
        taken += number
    seconds, own = perf_counter() - began, process_time() - own
    owed = Delivery.objects.count()
    print(
        f"  {taken:,} updates, 1,000 subscriptions: {taken / seconds:,.0f} updates/s, {owed:,} deliveries "
        f"({owed / seconds:,.0f}/s), {1000 * seconds * BATCH / taken:.0f} ms a batch, of which "
        f"{1000 * own * BATCH / taken:.0f} ms of this process"
    )
    Delivery.objects.all().delete()
    Subscription.objects.all().delete()
    return _exactly()


def _fill() -> None:
    firms = Organization.objects.bulk_create(
        Organization(name=f"Firm {n}", slug=f"fanout-{n}") for n in range(ORGANIZATIONS)
    )
    shipments = Shipment.objects.bulk_create(Shipment(organization=firm) for firm in firms for _ in range(SHIPMENTS))
    Party.objects.bulk_create(Party(shipment=one, organization_id=one.organization_id) for one in shipments)
    eta = timezone.now().replace(microsecond=0) + timedelta(days=9)
    ShipmentStatus.objects.bulk_create(
        ShipmentStatus(shipment=one, mode="sea" if n % 2 else "air", eta=eta) for n, one in enumerate(shipments)
    )
    _subscribe(firms, shipments)
    now = timezone.now()
    TrackingUpdate.objects.bulk_create(
        [
            TrackingUpdate(
                shipment=shipments[n * 7 % len(shipments)],
                kind=MIX[n % 10][0],
                key=f"{MIX[n % 10][1]}|{n}",
                occurred_at=eta if MIX[n % 10][0] == "estimate" else now,
                reported_at=now,
                data=json.dumps({"milestone": MIX[n % 10][1], "place": {"code": "KRPUS"}, "source": 1}),
            )
            for n in range(UPDATES)
        ],
        batch_size=1000,
    )


def _subscribe(firms: list[Organization], shipments: list[Shipment]) -> None:
    began = timezone.now() - timedelta(days=1)
    channels = Channel.objects.bulk_create(
        Channel(organization=firm, kind="email", address=f"{n}@{firm.slug}.example", verified_at=began)
        for firm in firms
        for n in range(50)
    )
    rows = []
    for n, channel in enumerate(channels):
        place = n % 50
        fields = {"channel": channel, "created_at": began}
        if place < 35:
            about = shipments[(n // 50) * SHIPMENTS + place]
            rows.append(Subscription(shipment=about, **fields))
        elif place < 45:
            rows.append(Subscription(**fields))
        else:
            chosen = {"mode": "sea", "eta_after": f"2026-01-{place - 34:02}"}
            rows.append(Subscription(label="Sea", filter=chosen, **fields))
    Subscription.objects.bulk_create(rows)


def _exactly() -> bool:
    firm = Organization.objects.create(name="Firm", slug="fanout-exactly")
    sources = [
        Source.objects.create(slug=f"fanout-{n}", name=f"Customs {n}", kind="customs", rank=10 + n) for n in range(3)
    ]
    already = world.updates()
    cargoes = CARGOES if connection.vendor == "postgresql" else CARGOES // 10
    began = perf_counter()
    with time_machine.travel(AT) as clock:
        numbers = range(cargoes)
        made = world.channels(firm, world.register(firm, numbers)[0])
        for length in world.LENGTHS:
            world.tell(sources, numbers, length, clock)
        first = world.counted(made)
        print(f"  told by three sources: {perf_counter() - began:.0f} s", flush=True)
        for _ in range(2):
            world.replay()
        second = world.counted(made)
    wanted, doubled = world.expected(cargoes), world.doubled()
    print(
        f"  {world.updates() - already:,} updates of {len(sources) * len(world.LENGTHS) * cargoes:,} messages, "
        f"two replays, {perf_counter() - began:.0f} s: {Delivery.objects.count():,} deliveries, {doubled} doubled, "
        f"{'exactly' if first == second == wanted else 'NOT'} those of the table"
    )
    return first == second == wanted and doubled == 0
