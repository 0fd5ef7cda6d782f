"""Which version an element is of: told by its content, whatever the source is said to send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from cargo.domain.event import Outcome
from cargo.formats.dcsa import beta1, version3
from cargo.formats.dcsa.beta1 import WireEventBeta1
from cargo.formats.dcsa.events import FLAT, outcome
from cargo.formats.dcsa.wire import WireEvent
from cargo.formats.dcsa.wire3 import WireEvent3


class Version(NamedTuple):
    """How one version is read: its form on the wire, a decoder for it, and the way to an outcome.

    ``once``: keys that decide what an event means; each stands once in an event, or it is read with more care.
    ``sure``: whether what was decoded is of this version indeed.
    """

    name: str
    title: str
    wire: type[Any]
    decoder: msgspec.json.Decoder[Any]
    read: Callable[[Any, str], Outcome]
    once: tuple[bytes, ...]
    sure: Callable[[Any], bool]


_CLASSIFIED = (
    b'"eventDateTime"',
    b'EventTypeCode"',
    b'"equipmentReference"',
    b'"emptyIndicatorCode"',
)
TWO = Version(
    FLAT.name,
    "DCSA Track & Trace 2.2",
    WireEvent,
    msgspec.json.Decoder(WireEvent),
    outcome,
    (*_CLASSIFIED, b'"eventClassifierCode"', b'"documentID"'),
    lambda wire: wire.eventType is not None,
)
BETA1 = Version(
    beta1.NAME,
    "DCSA Track & Trace 3.0.0-Beta-1",
    WireEventBeta1,
    msgspec.json.Decoder(WireEventBeta1),
    beta1.read,
    (*_CLASSIFIED, b'"eventClassifierCode"', b'"metadata"', b'"payload"', b'"documentReference"'),
    lambda wire: wire.metadata is not None and wire.eventType is None,
)
THREE = Version(
    version3.NAME,
    "DCSA Track & Trace 3.0",
    WireEvent3,
    msgspec.json.Decoder(WireEvent3),
    version3.read,
    (
        b'"eventDateTime"',
        b'"eventUpdatedDateTime"',
        b'"eventID"',
        b'"isRetracted"',
        b'"eventClassification"',
        b'"equipmentReference"',
        b'"emptyIndicator"',
        b'"emptyIndicatorCode"',
        b'"documentReference"',
    ),
    lambda wire: (wire.eventClassification is not None or bool(wire.isRetracted)) and wire.eventType is None,
)
VERSIONS = (TWO, THREE, BETA1)


def version_of(item: dict[str, Any]) -> Version:
    """The version of an element; one that shows none is read as 2.2, which says what it lacks."""
    return _shown(item) or TWO


def is_event(item: dict[str, Any]) -> bool:
    """Whether an element shows itself as an event, so that ``events`` in it are no others."""
    return _shown(item) is not None


def _shown(item: dict[str, Any]) -> Version | None:
    if item.get("eventType") is not None:
        return TWO
    if item.get("eventClassification") is not None:
        return THREE
    if item.get("metadata") is not None:
        return BETA1
    # Taken back in 3.0, an event needs nothing beside its id.
    return THREE if item.get("isRetracted") is True else None


def likely(data: bytes) -> Version:
    """The same by marks in the bytes of an element or of a message's beginning: a guess to be held against ``sure``."""
    if b'"eventClassification"' in data:
        return THREE
    if b'"metadata"' in data and (b'"payload"' in data or b'"retractedEventID"' in data):
        return BETA1
    if b'"isRetracted"' in data and b'"eventType"' not in data:
        return THREE
    return TWO
