"""Detail and list by the API, against a plain ModelViewSet with nested serializers over the same rows.

Both run through the whole of Django in this process with a real key; the network is left out of both.
"""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from cargo.models import Shipment, Source
from cargo.pipeline.receive import receive_many
from clis.accounts.models import ApiKey, Organization
from clis.urls import urlpatterns as project
from tests.bench import baseline, ingest, world
from tests.bench.timing import Figure, clock, compare

ROUNDS = 5
DETAILS = 150
LISTS = 30


class EventSerializer(serializers.ModelSerializer[baseline.NaiveEvent]):
    """Every column."""

    class Meta:
        model = baseline.NaiveEvent
        exclude = ("content",)


class ContainerSerializer(serializers.ModelSerializer[baseline.NaiveContainer]):
    """A container with its events."""

    events = EventSerializer(many=True, read_only=True)

    class Meta:
        model = baseline.NaiveContainer
        fields = "__all__"


class ShipmentSerializer(serializers.ModelSerializer[baseline.NaiveShipment]):
    """A shipment with its containers and their events."""

    containers = ContainerSerializer(many=True, read_only=True)

    class Meta:
        model = baseline.NaiveShipment
        fields = "__all__"


class ShipmentViewSet(viewsets.ModelViewSet[baseline.NaiveShipment]):
    """As the tutorial has it, with the prefetch that a careful developer adds."""

    queryset = baseline.NaiveShipment.objects.prefetch_related("containers__events").order_by("-id")
    serializer_class = ShipmentSerializer
    required_scopes = "shipments:read"

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The list is cut at fifty, as ours is."""
        if kwargs.get("many"):
            args = (args[0][:50], *args[1:])
        return super().get_serializer(*args, **kwargs)


router = routers.SimpleRouter()
router.register("naive", ShipmentViewSet)
urlpatterns = [*project, path("bench/", include(router.urls))]


def _more_boxes(shipments: list[int], rows: list[int]) -> None:
    """Two further containers with twenty events each, on both sides: three boxes of twenty events a shipment."""
    source = Source.objects.get(slug="bench")
    bodies = [("", world.encode(world.boxed(n, box))) for n in range(len(shipments)) for box in (1, 2)]
    receive_many(source.pk, bodies, silent=True)
    ingest.drain()
    boxes = baseline.NaiveContainer.objects.bulk_create(
        [
            baseline.NaiveContainer(shipment_id=pk, number=world.container(n + 100_000 * box))
            for n, pk in enumerate(rows)
            for box in (1, 2)
        ]
    )
    baseline.NaiveEvent.objects.bulk_create(
        [
            baseline.NaiveEvent(
                shipment_id=box.shipment_id,
                container=box,
                source_event_id=event["eventID"],
                milestone="loaded",
                classifier=event["eventClassifierCode"],
                occurred_at=event["eventDateTime"],
                place=event["transportCall"]["UNLocationCode"],
                content=event,
            )
            for i, box in enumerate(boxes)
            for event in world.boxed(i // 2, 1 + i % 2)
        ],
        batch_size=500,
    )


def run() -> list[Figure]:
    """Warm, interleaved, medians of five rounds."""
    organization = Organization.objects.get(slug="bench")
    _, text = ApiKey.issue(organization, "bench", ["shipments:read"])
    shipments = list(Shipment.objects.order_by("pk").values_list("pk", flat=True)[:DETAILS])
    rows = list(baseline.NaiveShipment.objects.order_by("pk").values_list("pk", flat=True)[:DETAILS])
    _more_boxes(shipments, rows)
    client = Client(headers={"authorization": f"Bearer {text}", "accept-encoding": "gzip", "host": "localhost"})

    def asked(addresses: list[str], client: Client = client) -> int:
        for address in addresses:
            response = client.get(address)
            if response.status_code != 200:
                raise SystemExit(f"{address}: {response.status_code}")
        return len(addresses)

    ours = [f"/api/v1/shipments/{pk}/" for pk in shipments]
    theirs = [f"/bench/naive/{pk}/" for pk in rows]
    lists = (["/api/v1/shipments/?limit=50"] * LISTS, ["/bench/naive/"] * (LISTS // 5))
    figures = []
    with override_settings(ROOT_URLCONF=__name__):
        asked(ours), asked(theirs)
        rates: tuple[list[float], list[float]] = ([], [])
        pages: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for side, addresses in enumerate((ours, theirs)):
                rates[side].append(clock(lambda a=addresses: asked(a))[0])  # type: ignore[misc]
                pages[side].append(clock(lambda a=lists[side]: asked(a))[0])  # type: ignore[misc]
    figures.append(compare("detail by the API, warm", rates[0], rates[1], 15, "req/s"))
    figures.append(compare("list of 50 by the API", pages[0], pages[1], 4, "req/s"))
    return figures
