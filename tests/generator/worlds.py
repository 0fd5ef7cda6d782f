"""One world for the tests of this folder: 200 shipments at a fixed present, made once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from cargo.management.generator import telling, world
from cargo.management.generator.message import Message
from cargo.management.generator.world import World

NOW = int(datetime(2026, 11, 20, 3, 15, tzinfo=UTC).timestamp())


@cache
def a_world(shipments: int = 200, seed: int = 7, now: int = NOW, load: str = "mixed") -> tuple[World, list[Message]]:
    """The world and all the messages that it ever sends. Not to be changed: others look at it."""
    made = world.build(shipments, seed, now, load)
    return made, telling.messages(made)
