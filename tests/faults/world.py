"""Cargo with somebody who wants to know, the messages about it, and what must be left when all is done."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from cargo import booking, formats, tasks
from cargo.domain import identity
from cargo.domain.event import Event, Retraction
from cargo.domain.identifiers import container_check_digit
from cargo.models import Source
from cargo.pipeline.normalize import normalize
from clis.accounts.models import Membership, Organization
from notifications.models import Channel, Subscription
from tests import messages
from tests.factories import MembershipFactory, SourceFactory

# Events that one cargo's story has, each a message of its own.
STORY = 10


@dataclass
class World:
    """``bodies``: messages in the order of sending, repeats among them; ``events``: the ids that the log must hold."""

    carrier: Source
    shipments: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    events: set[str] = field(default_factory=set)


def build(count: int, repeats: float, seed: int) -> World:
    """``count`` messages, of which a share of ``repeats`` says again what another said, in other bytes or the same."""
    told = MembershipFactory.create(role=Membership.Role.ADMIN)
    channel = Channel.objects.create(
        organization=told.organization,
        user=told.user,
        kind="email",
        address=f"{seed}@example.com",
        verified_at=timezone.now(),
    )
    Subscription.objects.create(channel=channel, created_at=timezone.now() - timedelta(days=30))
    world = World(SourceFactory.create(slug=f"faults-{seed}"))
    fresh = int(count * (1 - repeats))
    begun = timezone.now() - timedelta(hours=40)
    bodies: list[bytes] = []
    for number in range(-(-fresh // STORY)):
        bodies += _story(world, told.organization, seed * 10_000 + number, begun)
    chosen = random.Random(seed)
    bodies = bodies[:fresh]
    world.events = {name for body in bodies for name in _ids(world.carrier.pk, body)}
    again = [chosen.choice(bodies) for _ in range(count - fresh)]
    # Half of the repeats are the same event in other bytes: a new message, and no new event.
    bodies += [b"[ " + body + b"]" if number % 2 else body for number, body in enumerate(again)]
    chosen.shuffle(bodies)
    world.bodies = bodies
    # What comes in the second of its registration is history, of which nobody is told.
    tasks.drain_projections()
    return world


def _story(world: World, owner: Organization, number: int, begun: datetime) -> list[bytes]:
    prefix = f"FLTU{number % 1_000_000:06d}"
    box, bill = f"{prefix}{container_check_digit(prefix)}", f"FLTBL{number:08d}"
    numbers = [("master_bill", bill)] + ([("container", box)] if number % 2 else [])
    world.shipments.append(booking.register(owner.pk, numbers).pk)

    def at(hours: float) -> str:
        return (begun + timedelta(hours=hours + 9, seconds=number % 3000)).strftime("%Y-%m-%d %H:%M:%S")

    words = {"bill": bill, "box": box}
    told = [
        messages.transport("ARRI", at(8), classifier="EST", id=f"{number}-eta", created=at(-9), **words),
        messages.transport("ARRI", at(9), classifier="EST", id=f"{number}-eta", created=at(-8), **words),
        messages.transport("ARRI", at(7), id=f"{number}-arrival", **words),
        messages.equipment("DISC", at(9), id=f"{number}-discharge", **words),
        messages.document("HOLD", at(10), id=f"{number}-hold", **words),
        messages.document("RELS", at(12), id=f"{number}-release", **words),
        messages.equipment("AVPU", at(13), id=f"{number}-mistake", **words),
        messages.retraction(f"{number}-mistake", at(14)),
        messages.equipment("GTOT", at(20), id=f"{number}-out", **words),
        messages.equipment("GTIN", at(30), empty=True, **words),
    ]
    return [messages.dcsa(event) for event in told]


def _ids(source: int, body: bytes) -> list[str]:
    _, outcomes = formats.decode(body)
    found = []
    for event in normalize(outcomes):
        if isinstance(event, Retraction):
            found.append(identity.identify_retraction(source, event).id)
        elif isinstance(event, Event):
            found.append(identity.identify(source, event, identity.epoch(event.occurred_at)).id)
    return found
