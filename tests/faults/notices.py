"""Notices by mail, webhook and SMS while the worker that sends them is killed again and again.

Every other side is a real one in a process of its own that writes down what it accepted. At the end its ledger is held
against the tables: what was never told, what was told twice, and what was told although it was no longer so.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from cargo import tasks
from cargo.models import FeedHead, Party, Shipment, TrackingUpdate
from clis.accounts.models import Organization
from clis.sealing import seal
from notifications import kinds
from notifications.models import Attempt, Channel, Delivery, Endpoint, Subscription
from notifications.render import reference_of
from notifications.transports.webhook import new_secret
from tests.faults.campaign import Campaign, owed
from tests.faults.sinks import Sink

SINKS = {"email": "mail", "webhook": "hooks", "sms": "gateway"}
SWEEPS = (
    "notifications.tasks.drain_updates",
    "notifications.tasks.drain_deliveries",
    "notifications.tasks.ask_about_texts",
)
ORGANIZATIONS, SHIPMENTS = 20, 10
# When nothing has moved for so long, in which a worker has started, whoever had something in hand is dead.
IDLE_SECONDS = 60.0
# A gateway is asked a minute after a text's try, at the soonest.
ASKED_AFTER = timedelta(minutes=2)
# Of so many updates one is no longer so when its turn comes, as a hold that was lifted: it must not be told.
STALE_EVERY = 10
STANDING, STALE = kinds.REVOKED, "customs.held"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DATA = (
    '{"milestone": "customs_release_cancelled", "authority": "KR-KCS", "container": "HDMU6546583", '
    '"references": [{"type": "house_bill", "value": "KOSHA2603001"}]}'
)


@dataclass
class Told:
    """What a campaign cost. ``midway``: kills that left deliveries in hand; ``*_again``: transmissions beyond distinct;
    ``texts_unknown``: of which nobody knew whether they went out, until the gateway was asked for ``texts_looked_up``
    of them; ``stale_told``: although it was no longer so."""

    name: str
    updates: int = 0
    notices: int = 0
    kills: int = 0
    midway: int = 0
    seconds: float = 0.0
    lost: int = 0
    double_rows: int = 0
    mails_again: int = 0
    webhooks_again: int = 0
    texts_again: int = 0
    texts_unknown: int = 0
    texts_looked_up: int = 0
    stale_told: int = 0

    @property
    def clean(self) -> bool:
        """Nothing lost, no row doubled, no text sent twice, nothing told that was not so; and of mails and webhooks, of
        which one may be doubled by a death, no more than there were deaths."""
        again = self.mails_again + self.webhooks_again
        return again <= self.kills and not (self.lost or self.double_rows or self.texts_again or self.stale_told)

    def row(self) -> dict[str, Any]:
        """For the table and the JSON."""
        return {**asdict(self), "clean": self.clean}


@dataclass
class Notices(Campaign):
    """``messages`` updates, each told three ways, in as many portions as there are kills."""

    patience: float = 180.0
    midway: int = 0
    sinks: dict[str, Sink] = field(default_factory=dict)

    def run(self) -> Told:  # type: ignore[override]  # other things are counted
        """The whole of it, with the ledgers read at the end."""
        begun = time.monotonic()
        with ExitStack() as stack:
            folder = Path(os.environ["CLIS_VAR"])
            self.sinks = {kind: stack.enter_context(Sink(what, folder)) for kind, what in SINKS.items()}
            self.environment = _environment(self.sinks)
            try:
                self._tell()
                self._finish()
            finally:
                self._kill()
            told = self._reconcile()
        told.seconds = round(time.monotonic() - begun, 1)
        return told

    def _tell(self) -> None:
        shipments = _shipments(readers(self.sinks["webhook"].port, ORGANIZATIONS))
        chance = random.Random(self.seed)
        rounds = max(1, self.kills)
        size = -(-self.messages // rounds)
        self._start()
        for step in range(rounds):
            numbers = range(step * size, min(self.messages, (step + 1) * size))
            TrackingUpdate.objects.bulk_create([_update(shipments, number) for number in numbers])
            kick()
            if step < self.kills:
                kind = chance.choice(list(SINKS))
                self._until_it_sends(kind, chance.randint(1, max(1, len(numbers) // 2)))
                time.sleep(chance.uniform(0.0, 0.05))
                self._kill()
                self.midway += Delivery.objects.filter(state="sending").exists()
                self._start()

    def _until_it_sends(self, kind: str, number: int) -> None:
        """A kill must come while the worker sends: so many more have been accepted by one of the other sides."""
        sink = self.sinks[kind]
        wanted, waited = sink.count() + number, time.monotonic() + 180
        kicked = 0.0
        while sink.count() < wanted:
            now = time.monotonic()
            if now > waited:
                raise RuntimeError(f"no {kind} was accepted within three minutes; see faults-worker.log")
            if now - kicked > 1.0:
                kick()
                kicked = now
            time.sleep(0.005)

    def _finish(self) -> None:
        """What beat does until nothing is owed; nobody waits for a next try. Then the gateway is asked about the texts
        that nobody knows of."""
        self._until_none_of(owed)
        unknown = Delivery.objects.filter(kind="sms", state="unknown")
        unknown.update(finished_at=timezone.now() - ASKED_AFTER)
        self._until_none_of(lambda: unknown.count() + owed())

    def _until_none_of(self, number: Callable[[], int]) -> None:
        """``patience`` is how long it may stand still."""
        last, moved = 0, time.monotonic()
        while (left := number()) and time.monotonic() < moved + self.patience:
            if left != last:
                last, moved = left, time.monotonic()
            # Leases end once nobody does anything any more.
            waiting = ("pending", "sending") if time.monotonic() > moved + IDLE_SECONDS else ("pending",)
            now = timezone.now()
            Delivery.objects.filter(state__in=waiting, next_attempt_at__gt=now).update(next_attempt_at=now)
            kick()
            time.sleep(1.0)

    def _reconcile(self) -> Told:
        close_old_connections()
        told = Told(self.name, updates=self.messages, kills=self.kills, midway=self.midway)
        rows = list(Delivery.objects.select_related("update").order_by("pk"))
        expected = _expected()
        had = Counter((row.update_id, row.channel_id) for row in rows)
        told.double_rows = sum((had - expected).values())
        told.lost = sum((expected - had).values())
        numbers = list(TrackingUpdate.objects.order_by("feed_no").values_list("feed_no", flat=True))
        told.double_rows += numbers != list(range(1, self.messages + 1))
        accepted = {kind: sink.accepted() for kind, sink in self.sinks.items()}
        again = {kind: ledger.total() - len(ledger) for kind, ledger in accepted.items()}
        told.mails_again, told.webhooks_again, told.texts_again = (again[kind] for kind in SINKS)
        for row in rows:
            went_out = reference_of(row) in accepted[row.kind]
            if row.update is not None and row.update.kind == STALE:
                told.stale_told += went_out or row.state != "skipped"
                continue
            told.notices += 1
            told.lost += not (row.state == "sent" and went_out)
        unknown = Attempt.objects.filter(delivery__kind="sms", outcome="unknown").values_list("delivery", flat=True)
        told.texts_unknown = unknown.distinct().count()
        told.texts_looked_up = unknown.filter(delivery__state="sent").distinct().count()
        return told


def kick() -> None:
    """Wakes the two sweeps, as beat does."""
    for name in SWEEPS:
        tasks.wake(name)


def _environment(sinks: Mapping[str, Sink]) -> dict[str, str]:
    """Where the worker sends to, without the limits that are meant for people."""
    return {
        # Longer than a worker needs to start: what a dead one had in hand is given back by its notes, not by time.
        "CLIS_FAULTS_LEASE": "300",
        "CLIS_EMAIL_URL": f"smtp://127.0.0.1:{sinks['email'].port}",
        "CLIS_SMS_PROVIDER": "generic",
        "CLIS_SMS_URL": f"http://127.0.0.1:{sinks['sms'].port}/sms",
        "CLIS_SMS_LOOK_UP": "1",
        "CLIS_SMS_DAILY_LIMIT": "0",
        "CLIS_SMS_NUMBER_LIMIT": "0",
        "CLIS_SMS_RANGE_LIMIT": "0",
        "CLIS_SMS_COUNTRY_LIMIT": "0",
        "CLIS_WEBHOOK_OWN_HOSTS": "127.0.0.1",
        "CLIS_WEBHOOK_RATE": "10000",
    }


def readers(port: int, number: int) -> list[Organization]:
    """Organizations with a mailbox, an endpoint at this port and a telephone each, of old."""
    FeedHead.objects.get_or_create(id=1)
    firms = [Organization.objects.create(name=f"Firm {n}", slug=f"faults-notices-{n}") for n in range(number)]
    for n, firm in enumerate(firms):
        addresses = {
            "email": f"firm{n}@example.com",
            "webhook": f"http://127.0.0.1:{port}/{n}",
            "sms": f"+82109000{n:04}",
        }
        for kind, address in addresses.items():
            channel = Channel.objects.create(organization=firm, kind=kind, address=address, verified_at=SINCE)
            matrix = kinds.only((STANDING, STALE, kinds.RELEASED), kind)
            Subscription.objects.create(channel=channel, created_at=SINCE, matrix=matrix)
            if kind == "webhook":
                Endpoint.objects.create(channel=channel, sealed=seal(new_secret()))
    return firms


def _shipments(firms: Sequence[Organization]) -> list[Shipment]:
    rows = Shipment.objects.bulk_create([Shipment(organization=firm) for firm in firms for _ in range(SHIPMENTS)])
    Party.objects.bulk_create([Party(shipment=one, organization_id=one.organization_id) for one in rows])
    return rows


def _update(shipments: Sequence[Shipment], number: int) -> TrackingUpdate:
    """A release that is no longer stated, which holds of a shipment without any; or a hold, which does not."""
    kind = STALE if number % STALE_EVERY == 3 else STANDING
    now = timezone.now()
    return TrackingUpdate(
        shipment=shipments[number % len(shipments)],
        kind=kind,
        key=f"withdrawn|KR-KCS|{number}",
        occurred_at=now,
        reported_at=now,
        data=DATA,
    )


def _expected() -> Counter[tuple[int | None, int]]:
    """Each update once to each channel of its shipment's organization."""
    channels: dict[int, list[int]] = {}
    for channel, organization in Channel.objects.values_list("pk", "organization"):
        channels.setdefault(organization, []).append(channel)
    updates = TrackingUpdate.objects.values_list("pk", "shipment__organization")
    return Counter((update, channel) for update, firm in updates for channel in channels[firm or 0])
