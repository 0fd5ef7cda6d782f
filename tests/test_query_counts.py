"""What each list costs in statements: the same with 2 rows and with 200, and the number that is written down.

``UPDATE_QUERY_COUNTS=1`` writes the numbers of ``query_counts.json`` anew; its diff is then part of the review.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import booking, tasks
from cargo.models import (
    Acknowledgment,
    Event,
    Forecast,
    ForecastTally,
    ForecastTurn,
    InboundMessage,
    Inquiry,
    Intake,
    Shipment,
    ShipmentDeadline,
    ShipmentDocument,
    ShipmentException,
    Source,
    SourceSecret,
    StageTime,
    TargetTime,
    TrackingUpdate,
    UnresolvedEvent,
)
from cargo.pipeline.receive import receive, receive_many
from cargo.selectors import shipments as selected
from cargo.tasks import process_everything
from clis.accounts.models import ApiKey
from notifications import render
from notifications.fanout import fan_out
from notifications.models import Channel, Delivery, Endpoint, Subscription
from tests.messages import dcsa, equipment
from tests.people import Person

RECORDED = Path(__file__).with_name("query_counts.json")
FEW, MANY = 2, 200
BILL = "HDMUPUSR1234567"

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """Alice's cargo, which grows; the first shipment grows, too."""

    alice: Person
    source: Source
    shipments: list[Shipment] = field(default_factory=list)
    size: int = 0

    def grow(self, size: int) -> None:
        """Up to ``size`` of everything that a list shows."""
        numbers = range(self.size, size)
        assert self.alice.organization
        owner = self.alice.organization.pk
        for number in numbers:
            bill = ("master_bill", BILL if number == 0 else f"HDMUBSN{number:07d}")
            self.shipments.append(booking.register(owner, [bill, ("container", _box(number))]))
        booking.track(
            self.alice.viewer, [{"reference": f"KOSHA{number:07d}", "type": "house_bill"} for number in numbers]
        )
        process_everything()
        told = [equipment("DISC", f"2026-03-14 {n % 24:02d}:{n // 24:02d}", box=_box(n), bill=BILL) for n in numbers]
        told += [
            equipment("DISC", "2026-03-14 09:00", box=_box(n), bill=f"HDMUBSN{n:07d}", id=f"own-{n}")
            for n in numbers
            if n
        ]
        receive(self.source.pk, dcsa(*told))
        own, _made = Source.objects.get_or_create(
            slug="alice-data", defaults={"kind": Source.Kind.MANUAL, "organization": self.alice.organization}
        )
        for source in (self.source, own):
            receive_many(source.pk, [(f"{number}.txt", f"no message {number}".encode()) for number in numbers])
        process_everything()
        while fan_out():
            pass
        self._tell(numbers)
        self._puzzle(numbers)
        self._fetch(numbers)
        self._find_wrong(numbers)
        self._measure(numbers)
        self._forecast(numbers)
        self.size = size

    def _puzzle(self, numbers: range) -> None:
        events = Event.objects.order_by("pk").values_list("pk", flat=True)[numbers.start : numbers.stop]
        row = {"organization": self.alice.organization, "candidates": [], "created_at": timezone.now()}
        UnresolvedEvent.objects.bulk_create(
            (UnresolvedEvent(event_id=pk, **row) for pk in events), ignore_conflicts=True
        )

    def _fetch(self, numbers: range) -> None:
        """An intake with an inquiry, a signing secret and an acknowledgment each."""
        row = {"source": self.source, "way": "folder"}
        intakes = Intake.objects.bulk_create(Intake(**row, profile=str(number)) for number in numbers)
        Inquiry.objects.bulk_create(
            Inquiry(intake=intake, subject=intake.profile, shipment=self.shipments[number])
            for number, intake in zip(numbers, intakes, strict=True)
        )
        SourceSecret.objects.bulk_create(SourceSecret(source=self.source, label=str(number)) for number in numbers)
        waiting = InboundMessage.objects.filter(acknowledgment=None).values_list("pk", flat=True)[: len(numbers)]
        Acknowledgment.objects.bulk_create(
            Acknowledgment(message_id=pk, source=self.source, kind="997", content=b"ISA") for pk in waiting
        )

    def _find_wrong(self, numbers: range) -> None:
        """An exception and a deadline for each."""
        now = timezone.now()
        rows = [{"shipment": self.shipments[number], "responsible": "importer"} for number in numbers]
        ShipmentException.objects.bulk_create(
            ShipmentException(**row, kind="not_collected", next_action="collect", opened_at=now) for row in rows
        )
        ShipmentDeadline.objects.bulk_create(
            ShipmentDeadline(**row, kind="removal", next_action="collect", due_at=now, due_on=now.date())
            for row in rows
        )

    def _measure(self, numbers: range) -> None:
        """A stage that ended at a port of its own and one that is open, and a target for each."""
        now = timezone.now()
        row = {"organization": self.alice.organization, "started_at": now, "mode": "sea"}
        ended = {"stage": "import_declared__customs_released", "ended_at": now, "seconds": 60, "working_seconds": 60}
        opened = {"stage": "gate_in__loaded"}
        StageTime.objects.bulk_create(
            StageTime(shipment=self.shipments[number], port=f"K{number:04d}", **row, **stage)
            for number in numbers
            for stage in (ended, opened)
        )
        TargetTime.objects.bulk_create(
            TargetTime(organization=self.alice.organization, stage=ended["stage"], port=f"K{number:04d}", seconds=60)
            for number in numbers
        )

    def _forecast(self, numbers: range) -> None:
        """What is to come of each, made a moment ago."""
        now = timezone.now()
        row = {"made_at": now, "p10": now, "p50": now, "p90": now + timedelta(days=2), "reasons": [{"code": "thin"}]}
        shipments = [self.shipments[number] for number in numbers]
        stages = ("departed__arrived", "arrived__customs_released", "arrived__gate_out")
        Forecast.objects.bulk_create(
            Forecast(shipment=shipment, stage=stage, **row) for shipment in shipments for stage in stages
        )
        ForecastTurn.objects.bulk_create(
            (ForecastTurn(shipment=shipment, made_at=now) for shipment in shipments),
            update_conflicts=True,
            update_fields=["made_at"],
            unique_fields=["shipment"],
        )
        ForecastTally.objects.bulk_create(
            ForecastTally(
                organization=self.alice.organization,
                month=f"{2000 + number // 12}-{number % 12 + 1:02d}",
                stage=stage,
                ahead="1d",
                rival=rival,
                count=1,
            )
            for number in numbers
            for stage in stages
            for rival in ("", "port_mean")
        )

    def _tell(self, numbers: range) -> None:
        channels = Channel.objects.bulk_create(
            Channel(
                organization=self.alice.organization,
                kind=Channel.Kind.EMAIL,
                address=f"alice{number}@example.com",
                verified_at=timezone.now(),
            )
            for number in numbers
        )
        hooks = Channel.objects.bulk_create(
            Channel(
                organization=self.alice.organization, kind=Channel.Kind.WEBHOOK, address=f"https://{number}.example/"
            )
            for number in numbers
        )
        Endpoint.objects.bulk_create(Endpoint(channel=hook) for hook in hooks)
        pairs = [(self.shipments[number], channel) for number, channel in zip(numbers, channels, strict=True)]
        Subscription.objects.bulk_create(Subscription(channel=channel, shipment=row) for row, channel in pairs)
        outside = Channel.objects.bulk_create(
            Channel(
                organization=self.alice.organization,
                kind=Channel.Kind.EMAIL,
                address=f"bob{number}@outside.example",
                follower=True,
                verified_at=timezone.now(),
            )
            for number in numbers
        )
        Subscription.objects.bulk_create(
            Subscription(channel=channel, shipment=self.shipments[0]) for channel in outside
        )
        update = TrackingUpdate.objects.order_by("pk").first()
        Delivery.objects.bulk_create(
            Delivery(
                update=update,
                channel=channel,
                kind=channel.kind,
                recipient=str(channel.pk),
                state=Delivery.State.SENT,
                next_attempt_at=None,
            )
            for _row, channel in pairs
        )


def _box(number: int) -> str:
    return f"HDMU{number:07d}"


@pytest.fixture
def world(shipper: Person) -> Iterator[World]:
    """Two of everything."""
    cache.clear()
    with mock.patch.object(tasks, "wake"):
        made = World(shipper, Source.objects.create(slug="hmm", name="HMM"))
        made.grow(FEW)
        yield made


@pytest.fixture
def program(shipper: Person, key_for: Callable[..., ApiKey], api_client: Callable[[ApiKey], Client]) -> Client:
    """Alice's program. Its key was used a moment ago, so no use is noted."""
    return api_client(key_for(shipper.organization, last_used_at=timezone.now()))


# Who asks for which addresses; ``{first}`` is the first shipment, which has a report and a container for each row, and
# ``{follower}`` the token of one who follows it.
PAGES = {
    "browser": [
        "/shipments/",
        "/shipments/?status=arrived",
        "/shipments/{first}/",
        "/shipments/{first}/live/",
        "/shipments/{first}/?as_of=2026-03-15T00:00:00Z&by=reported",
        "/shipments/{first}/evidence.pdf",
        "/shipments/{first}/events/new/",
        "/exceptions/",
        "/deadlines/",
        "/deadlines/?month=2026-03",
        "/lead-times/",
        "/lead-times/?group_by=port",
        "/lead-times.csv?group_by=client",
        "/lead-times/diagnosis/",
        "/lead-times/diagnosis.csv?table=shipments",
        "/lead-times/report/",
        "/lead-times/report.pdf?language=ko",
        "/lead-times/report.xlsx",
        "/forecasts/",
        "/forecasts/?group_by=month",
        "/forecasts.csv?group_by=month",
        "/lead-times/?mode=sea&port=KRPUS",
        "/lead-times/shipments/?stage=import_declared__customs_released",
        "/lead-times/shipments/?stage=import_declared__customs_released&only=outliers",
        "/lead-times/shipments/?stage=gate_in__loaded&only=overdue",
        "/lead-times/shipments.csv?stage=import_declared__customs_released&only=met",
        "/lead-times/targets/",
        "/data/",
        "/search/?q=HDMU",
        "/notices/",
        "/notices/shipments/{first}/",
        "/notices/log/",
        "/notices/log/?number=HDMU",
        "/notices/log/?address=alice",
        "/notices/log.csv",
        "/notices/following/{follower}/",
        "/notices/choose/?shipment={first}",
        "/notices/webhooks/",
        "/notices/preview/?kind=digest&language=en",
    ],
    "program": [
        "/api/v1/shipments/?limit=200",
        "/api/v1/shipments/{first}/",
        "/api/v1/shipments/{first}/events/?limit=200",
        "/api/v1/shipments/{first}/mine/",
        "/api/v1/shipments/{first}/forecast/",
        "/api/v1/shipments/{first}/stages/",
        "/api/v1/forecasts/?limit=200",
        "/api/v1/forecast-scores/?group_by=month",
        "/api/v1/shipments/{first}/?as_of=2026-03-15T00:00:00Z&by=reported",
        "/api/v1/shipments/{first}/evidence/",
        "/api/v1/containers/?limit=200",
        "/api/v1/containers/HDMU0000001/",
        "/api/v1/tracking-requests/?limit=200",
        "/api/v1/exceptions/?limit=200",
        "/api/v1/deadlines/?limit=200",
        "/api/v1/lead-times/?group_by=port",
        "/api/v1/lead-times/?group_by=client&benchmark=true&mode=sea&port=KRPUS",
        "/api/v1/lead-times/shipments/?stage=import_declared__customs_released&limit=200",
        "/api/v1/lead-times/diagnosis/",
        "/api/v1/targets/",
        "/api/v1/events/?limit=200",
        "/api/v1/subscriptions/?limit=200",
        "/api/v1/deliveries/?limit=200",
        "/api/v1/deliveries/?limit=200&reference=HDMU",
        "/api/v1/channels/",
        "/api/v1/followers/?limit=200",
        "/api/v1/followers/?limit=200&shipment={first}",
        "/api/v1/notice-previews/discharged/",
        "/api/v1/notice-previews/digest/?channel_kind=chat",
        "/api/v1/endpoints/",
    ],
    "staff": [
        "/admin/cargo/inboundmessage/",
        "/admin/cargo/inboundmessage/?q=txt&state__exact=quarantined",
        "/admin/cargo/quarantinedmessage/",
        "/admin/cargo/event/",
        "/admin/cargo/shipment/",
        "/admin/cargo/source/",
        "/admin/cargo/unresolvedevent/",
        "/admin/cargo/intake/",
        "/admin/cargo/inquiry/",
        "/admin/cargo/sourcesecret/",
        "/admin/cargo/acknowledgment/",
        "/api/v1/sources/hmm/acknowledgments/?limit=200",
        "/lead-times/targets/",
        "/shipments/",
    ],
}


def asked(client: Client, page: str, first: int, *, cold: bool = False) -> list[str]:
    """The statements of one request after another that warmed everything up; ``cold``: but for the document."""
    follower = Channel.objects.filter(follower=True).earliest("pk")
    address = page.format(first=first, follower=render.following_token(follower.pk))
    client.get(address)
    if cold:
        ShipmentDocument.objects.filter(pk=first).delete()
    with CaptureQueriesContext(connection) as statements:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return [statement["sql"] for statement in statements]


def costs(world: World, clients: dict[str, Client]) -> dict[str, list[str]]:
    """The statements of every page, by who asks and what."""
    first = world.shipments[0].pk
    found = {}
    for who, addresses in PAGES.items():
        for page in addresses:
            found[f"{who} {page}"] = asked(clients[who], page, first)
            if page in ("/shipments/{first}/", "/api/v1/shipments/{first}/"):
                found[f"{who} {page} (changed since)"] = asked(clients[who], page, first, cold=True)
    return found


def test_what_lists_cost_does_not_grow_with_their_rows_and_is_what_was_recorded(
    world: World, shipper_client: Client, program: Client, staff_client: Client
) -> None:
    clients = {"browser": shipper_client, "program": program, "staff": staff_client}
    few = costs(world, clients)
    world.grow(MANY)
    many = costs(world, clients)
    counts = {name: len(statements) for name, statements in many.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        RECORDED.write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    wrong = []
    for name, statements in many.items():
        if len(statements) != len(few[name]) or len(statements) != recorded.get(name):
            small, large, known = len(few[name]), len(statements), recorded.get(name)
            told = f"{name}: {small} statements with {FEW} rows, {large} with {MANY}, {known} recorded"
            wrong.append("\n  ".join([told, *statements]))
    assert not wrong, "\n".join(wrong)
    assert recorded.keys() == counts.keys()


def test_the_pages_had_that_many_rows(world: World, program: Client, staff_client: Client) -> None:
    """Else equal counts would mean nothing."""
    world.grow(60)
    first = world.shipments[0].pk
    sizes = {
        "shipments": len(program.get("/api/v1/shipments/?limit=50").json()["results"]),
        "events": len(program.get(f"/api/v1/shipments/{first}/events/?limit=50").json()["results"]),
        "containers": len(program.get("/api/v1/containers/?limit=50").json()["results"]),
        "tracking": len(program.get("/api/v1/tracking-requests/?limit=50").json()["results"]),
        "feed": len(program.get("/api/v1/events/?limit=50").json()["updates"]),
        "subscriptions": len(program.get("/api/v1/subscriptions/?limit=50").json()["results"]),
        "followers": len(program.get(f"/api/v1/followers/?limit=50&shipment={first}").json()["results"]),
        "exceptions": len(program.get("/api/v1/exceptions/?limit=50").json()["results"]),
        "deadlines": len(program.get("/api/v1/deadlines/?limit=50").json()["results"]),
        "forecasts": len(program.get("/api/v1/forecasts/?limit=50").json()["results"]),
        "deliveries": len(program.get("/api/v1/deliveries/?limit=50").json()["results"]),
        "inbox": len(staff_client.get("/admin/cargo/inboundmessage/").context["cl"].result_list),
        "unresolved": len(staff_client.get("/admin/cargo/unresolvedevent/").context["cl"].result_list),
        "intakes": len(staff_client.get("/admin/cargo/intake/").context["cl"].result_list[:50]),
        "inquiries": len(staff_client.get("/admin/cargo/inquiry/").context["cl"].result_list),
        "acknowledgments": len(staff_client.get("/admin/cargo/acknowledgment/").context["cl"].result_list),
        "log": len(staff_client.get("/admin/cargo/event/").context["cl"].result_list),
    }
    assert sizes == dict.fromkeys(sizes, 50)


def test_a_warm_document_is_one_statement(world: World) -> None:
    first = world.shipments[0].pk
    selected.document_bytes(world.alice.viewer, first, accept_gzip=False)
    for gzipped in (False, True):
        with CaptureQueriesContext(connection) as statements:
            selected.document_bytes(world.alice.viewer, first, accept_gzip=gzipped)
        assert len(statements) == 1
