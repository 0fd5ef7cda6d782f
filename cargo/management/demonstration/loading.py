"""Puts the demo's cargo and messages through the front door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cargo import booking
from cargo.management.generator import output, pushing
from cargo.management.generator.message import DIALECTS, Message, file_name
from cargo.management.generator.story import Cargo
from cargo.management.generator.world import World
from cargo.models import Shipment, Source
from cargo.pipeline.receive import receive_many
from clis.accounts.models import Organization

_BATCH = 500


def register(world: World, organizations: dict[str, Organization]) -> int:
    """Registers each cargo for the client that tracks it, with its parties. Returns how many."""
    for cargo in world.cargoes:
        row = output.registration(cargo)
        booking.register(
            organizations[cargo.registrant].pk,
            cargo.references,
            own_reference=row["own_reference"],
            mode=row["mode"],
            load=row["load"],
            port_of_loading=_sea_port(row["port_of_loading"]),
            port_of_discharge=_sea_port(row["port_of_discharge"]),
            parties=[(organizations[slug].pk, role) for slug, role in output.parties(cargo)],
            registered_at=_registered_at(cargo, world.now),
        )
    return len(world.cargoes)


def _registered_at(cargo: Cargo, now: int) -> datetime:
    """When its story began: a client follows its cargo from the booking on."""
    begun = min(fact.known for fact in (*cargo.box.facts, *cargo.facts))
    return datetime.fromtimestamp(min(begun, now), UTC)


def _sea_port(code: str) -> str:
    """Plans are in UN/LOCODE; airports are known by their IATA code here, and left to the messages."""
    return code if len(code) == 5 else ""


def registered(organizations: dict[str, Organization]) -> int:
    """How many shipments the demo's organizations have."""
    return Shipment.objects.filter(organization__in=organizations.values()).count()


def hand_in(messages: Sequence[Message], sources: dict[str, Source]) -> tuple[int, int]:
    """Gives messages to ``receive`` as history, in their order. Returns how many came, and how many of them twice."""
    by_source: dict[str, list[tuple[str, bytes]]] = {}
    for number, message in enumerate(messages):
        by_source.setdefault(message.source, []).append((file_name(message, number), message.body()))
    received = duplicates = 0
    for slug, items in by_source.items():
        media_type = DIALECTS[slug.partition("-")[0]].MEDIA_TYPE
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            answers = receive_many(sources[slug].pk, batch, media_type=media_type, silent=True)
            received += len(answers)
            duplicates += sum(answer.duplicate for answer in answers)
    return received, duplicates


def example(world: World, organization: str) -> Cargo | None:
    """A cargo whose file can be pushed and that the organization sees; one whose release is taken back, if there is."""
    seen = [cargo for cargo in pushing.waiting(world) if any(slug == organization for slug, _ in output.parties(cargo))]
    return next((cargo for cargo in seen if cargo.scene.outcome == "revoked"), seen[0] if seen else None)


def write_pushes(world: World, at: int, folder: Path) -> int:
    """Files to push by hand, their news happening from ``at`` on. Returns how many."""
    return output.write_pushes(world, at, folder)
