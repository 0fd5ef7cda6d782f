"""InboundMessage -> what it says, in the words of the house; or why it could not be read. No database."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Retraction, Warehouse
from cargo.models import bodies
from cargo.models.journal import Message
from cargo.pipeline.batch import Decoded

logger = logging.getLogger(__name__)


def decode(messages: Sequence[Message]) -> list[Decoded]:
    """Reads each message by its source's format or, where none is set, by its content."""
    return [decode_one(message) for message in messages]


def decode_one(message: Message) -> Decoded:
    """Reads one message; a broken one becomes a ``problem`` and never an exception."""
    events: list[Event | Retraction] = []
    parts: list[Parked | Problem] = []
    warehouses: list[Warehouse] = []
    name = message.source.format or ""
    try:
        name, outcomes = formats.decode(
            message.body,
            format=name or None,
            received_at=message.received_at,
            request=message.name,
            reading=message.source.reading,
        )
        for outcome in outcomes:
            if isinstance(outcome, Event | Retraction):
                events.append(outcome)
            elif isinstance(outcome, Warehouse):
                warehouses.append(outcome)
            else:
                parts.append(outcome)
    except FormatError as error:
        return Decoded(message, name, [], [], str(error))
    except Exception as error:
        # A defect of ours, not of the message: it is kept, shown, and decoded again once mended.
        logger.exception("message %s could not be decoded", message.id)
        return Decoded(message, name, [], [], f"our decoder failed: {type(error).__name__}")
    if warehouses and message.source.organization is not None:
        # What a private source says concerns its organization's cargo, and a warehouse is everybody's.
        reason = "what is said of warehouses is taken from shared sources only"
        parts.append(Parked(position=warehouses[0].position, reason=reason, format=name))
        warehouses = []
    return Decoded(message, name, events, parts, "", warehouses)


def stream(message: Message) -> tuple[str, Iterator[Outcome]]:
    """The format of a message whose bytes lie in a file, and what it says, read as it is asked for.

    Raises ``FormatError`` (also while reading) if it is of no known format, or of one that is only read whole.
    """
    file = bodies.opened(message.stored)
    try:
        start = file.read(formats.SNIFFED)
        file.seek(0)
        name, outcomes = formats.stream(
            file, start, format=message.source.format or None, received_at=message.received_at,
            reading=message.source.reading,
        )  # fmt: skip
    except BaseException:
        file.close()
        raise
    return name, _closing(file, outcomes)


def _closing(file: BinaryIO, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    with file:
        yield from outcomes
