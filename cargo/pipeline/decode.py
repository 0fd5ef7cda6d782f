"""InboundMessage -> what it says, in the words of the house; or why it could not be read. No database."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from cargo import formats
from cargo.domain.event import Event, FormatError, Parked, Problem, Retraction
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
    name = message.source.format or ""
    try:
        name, outcomes = formats.decode(message.body, format=name or None, received_at=message.received_at)
        for outcome in outcomes:
            if isinstance(outcome, Event | Retraction):
                events.append(outcome)
            else:
                parts.append(outcome)
    except FormatError as error:
        return Decoded(message, name, [], [], str(error))
    except Exception as error:
        # A defect of ours, not of the message: it is kept, shown, and decoded again once mended.
        logger.exception("message %s could not be decoded", message.id)
        return Decoded(message, name, [], [], f"our decoder failed: {type(error).__name__}")
    return Decoded(message, name, events, parts, "")
