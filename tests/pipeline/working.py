"""Putting messages in and reading off what became of them, for tests of the whole way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from unittest import mock

from cargo import tasks
from cargo.domain import identity
from cargo.models import (
    Event,
    InboundMessage,
    Shipment,
    ShipmentEvent,
    ShipmentState,
    ShipmentStatus,
    Source,
    TrackingUpdate,
    projection,
)
from cargo.pipeline.receive import Received, receive, receive_many


def work_off() -> None:
    """Works off all that is owed, in this process; nobody is woken."""
    with mock.patch.object(tasks, "wake"):
        tasks.process_everything()


def take_in(source: Source, *bodies: bytes, silent: bool = False) -> list[Received]:
    """Receives messages and works them off."""
    received = [receive(source.pk, body, silent=silent) for body in bodies]
    work_off()
    return received


def take_batch(source: Source, bodies: Sequence[bytes]) -> None:
    """Receives messages together, so that one batch holds them all, and works them off."""
    receive_many(source.pk, [("", body) for body in bodies])
    work_off()


def state_of(shipment: Shipment) -> bytes:
    """The packed state."""
    return bytes(ShipmentState.objects.get(pk=shipment.pk).packed)


def status_of(shipment: Shipment) -> ShipmentStatus:
    """The status row."""
    return ShipmentStatus.objects.get(pk=shipment.pk)


def links_of(shipments: Iterable[Shipment]) -> set[tuple[int, str, bool]]:
    """(shipment, event, weak)."""
    rows = ShipmentEvent.objects.filter(shipment__in=list(shipments)).values_list("shipment_id", "event_id", "weak")
    return {(shipment, event.hex, weak) for shipment, event, weak in rows}


def milestones_of(shipment: Shipment) -> list[str]:
    """What the log says of it, in the order in which it happened."""
    rows = Event.objects.filter(links__shipment=shipment).order_by("occurred_at", "milestone")
    return list(rows.values_list("milestone", flat=True))


def standing(shipments: Sequence[Shipment]) -> dict[str, Any]:
    """Everything that any order of messages must leave the same."""
    ids = [shipment.pk for shipment in shipments]
    return {
        "packed": projection.states_of(ids),
        "columns": projection.status_rows(ids),
        "links": links_of(shipments),
        "events": {pk.hex for pk in Event.objects.values_list("pk", flat=True)},
    }


def news_of(shipment: Shipment, *kinds: str) -> list[tuple[str, bool]]:
    """(kind, silent) of its updates, those for people unless kinds are given, in the order of writing."""
    wanted = kinds or (
        "customs.held", "customs.hold_cleared", "customs.released", "customs.release_revoked", "gate_out",
    )  # fmt: skip
    rows = TrackingUpdate.objects.filter(shipment=shipment, kind__in=wanted).order_by("pk")
    return list(rows.values_list("kind", "silent"))


def messages_by_state() -> dict[str, int]:
    """How many messages there are in each state."""
    counts: dict[str, int] = {}
    for state in InboundMessage.objects.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


def seconds(moment: Any) -> int | None:
    """Whole seconds since 1970 of an instant."""
    return identity.epoch(moment)
