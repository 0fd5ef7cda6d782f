"""Outcomes as plain data, the form in which the samples' meanings are written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cargo import formats
from cargo.domain.event import Event, Outcome, Parked, Problem, Warehouse, as_interface
from cargo.pipeline.normalize import normalize

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
RECEIVED_AT = datetime(2026, 7, 1, tzinfo=UTC)


def plain(outcome: Outcome) -> dict[str, Any]:
    """One outcome: an event with its position and context, or what else it is, where and why."""
    if isinstance(outcome, Event):
        return {**as_interface(outcome), "position": outcome.position, "context": outcome.context}
    if isinstance(outcome, Parked):
        return {"parked": outcome.reason, "position": outcome.position}
    if isinstance(outcome, Problem):
        return {"problem": outcome.reason, "position": outcome.position}
    if isinstance(outcome, Warehouse):
        return {"warehouse": {name: getattr(outcome, name) for name in outcome.__struct_fields__}}
    return {
        "retracted": outcome.source_event_id,
        "version": outcome.source_event_version,
        "position": outcome.position,
    }


def meaning_of(data: bytes) -> list[dict[str, Any]]:
    """What a message says, decoded and normalized as received at ``RECEIVED_AT``."""
    _, outcomes = formats.decode(data, received_at=RECEIVED_AT)
    return [plain(outcome) for outcome in normalize(outcomes, RECEIVED_AT)]


def events_of(data: bytes) -> list[Event]:
    """The events of a message, as decoded and before they are normalized."""
    _, outcomes = formats.decode(data, received_at=RECEIVED_AT)
    return [outcome for outcome in outcomes if isinstance(outcome, Event)]


def kinds(outcomes: Iterable[Outcome]) -> list[str]:
    """The names of the outcomes' types."""
    return [type(outcome).__name__ for outcome in outcomes]
