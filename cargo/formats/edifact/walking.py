"""Going through a message's segments: each to the function that reads its kind, and what is no segment at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from cargo.domain.event import Problem
from cargo.formats.edifact.envelope import Message
from cargo.formats.edifact.telling import problem

State = TypeVar("State")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(?:[+:]|\Z)")
_SHOWN = 12
# Beginnings of segments that were looked at and are well formed; there are few in any directory.
_known: set[str] = set()
_KNOWN_LIMIT = 2000


def walk(message: Message, handlers: Mapping[str, Callable[[State, str, int], None]], state: State) -> Problem | None:
    """Gives each segment to its handler with its index. Stops at what is no segment and returns the problem."""
    find = handlers.get
    for index, segment in enumerate(message.segments):
        handler = find(segment[:3])
        if handler is not None:
            handler(state, segment, index)
        elif segment[:4] not in _known and segment:
            if _SEGMENT.match(segment) is None:
                return problem(message, index, f"{segment[:_SHOWN]!r} is not a segment")
            if len(_known) < _KNOWN_LIMIT:
                _known.add(segment[:4])
    return None
