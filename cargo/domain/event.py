"""What every format yields: events, retractions, parked parts, problems, and what is known of warehouses.

The words of an event are those of ``INTERFACES`` (the JSON that ``manage.py decode`` prints and the
API gives). Times follow three rules: ``occurred_local`` is what the source said (naive),
``occurred_at`` is the instant (aware) or ``None`` while the zone is unknown, and ``time_basis``
says how the instant was found.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec


class Reference(msgspec.Struct, frozen=True):
    """One number by which cargo is known. ``type`` is one of ``REFERENCE_TYPES`` in ``codes``."""

    type: str
    value: str


class Place(msgspec.Struct, frozen=True):
    """Where. ``scheme``: ``unlocode``, ``iata``, ``facility`` or ``text``."""

    code: str | None = None
    scheme: str | None = None
    facility: str | None = None
    role: str | None = None


class Transport(msgspec.Struct, frozen=True):
    """The means of transport. ``mode``: ``vessel``, ``air``, ``rail``, ``truck``, ``barge``."""

    mode: str | None = None
    vessel_name: str | None = None
    imo: str | None = None
    voyage: str | None = None


class Quantity(msgspec.Struct, frozen=True):
    """How much this event speaks of. Weight in kilograms."""

    packages: int | None = None
    package_unit: str | None = None
    weight_kg: float | None = None


class Deadline(msgspec.Struct, frozen=True):
    """A last day that the source itself states; ``date`` is local to the place, inclusive."""

    kind: str
    date: date


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One thing that a source said happened, was estimated or was planned.

    Fields after ``warnings`` never leave the house: ``position`` is where in the message the event
    stands (a JSON pointer such as ``/3``, or ``cargCsclPrgsInfoDtlQryVo[4]``), ``meaning`` is the
    text that identifies the event within its source when the source gives no id, ``context`` holds
    small facts that the state needs and the interface does not name.
    """

    milestone: str
    classifier: str = "actual"
    level: str = "house"
    effect: str = "info"
    occurred_local: datetime | None = None
    occurred_at: datetime | None = None
    time_zone: str | None = None
    time_basis: str | None = None
    reported_at: datetime | None = None
    references: tuple[Reference, ...] = ()
    place: Place | None = None
    transport: Transport | None = None
    laden: bool | None = None
    quantity: Quantity | None = None
    authority: str | None = None
    agency: str | None = None
    deadline: Deadline | None = None
    delay_reason: str | None = None
    part: str | None = None
    source_event_id: str | None = None
    source_event_version: str | None = None
    retracts: str | None = None
    plan: dict[str, str] | None = None
    format: str = ""
    source_code: str | None = None
    source_text: str | None = None
    warnings: tuple[str, ...] = ()
    position: str = ""
    meaning: str = ""
    context: dict[str, Any] | None = None

    def reference(self, kind: str) -> str | None:
        """The first reference of that type, or ``None``."""
        for reference in self.references:
            if reference.type == kind:
                return reference.value
        return None


class Retraction(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The source takes back what it said under an id. Nothing is deleted: this is one more fact."""

    source_event_id: str
    source_event_version: str | None = None
    reported_at: datetime | None = None
    references: tuple[Reference, ...] = ()
    format: str = ""
    position: str = ""


class Parked(msgspec.Struct, kw_only=True):
    """A part that was read but says nothing about cargo yet; kept and named, never lost."""

    position: str
    reason: str
    format: str = ""


class Problem(msgspec.Struct, kw_only=True):
    """A part that could not be read: one line that names the place and says why."""

    position: str
    reason: str
    format: str = ""


class Warehouse(msgspec.Struct, kw_only=True, frozen=True):
    """What an authority says of a bonded warehouse: reference data that rules read, no event of any cargo.

    ``code`` is the warehouse's with that authority, as a ``Place`` of scheme ``facility`` names it.
    The flags are ``None`` where the source does not say: whether a fine follows when released goods are removed late,
    whether a surcharge follows when goods are declared late, and whether ships and aircraft unload there.
    """

    authority: str
    code: str
    customs_office: str = ""
    name: str = ""
    address: str = ""
    phone: str = ""
    late_removal_fine: bool | None = None
    late_declaration_surcharge: bool | None = None
    unloading_place: bool | None = None
    format: str = ""
    position: str = ""


class FormatError(ValueError):
    """The whole message could not be read. ``position`` names the place, ``reason`` says why."""

    def __init__(self, reason: str, position: str = "") -> None:
        super().__init__(f"{position}: {reason}" if position else reason)
        self.reason = reason
        self.position = position


Outcome = Event | Retraction | Parked | Problem | Warehouse

_PRIVATE = frozenset({"position", "meaning", "context"})


def as_interface(event: Event) -> dict[str, Any]:
    """The event as the interface prints it: every key present, absent facts ``None``.

    Times are ISO 8601 strings; ``occurred_at`` and ``reported_at`` carry the offset they came with.
    """
    out: dict[str, Any] = {}
    for name in event.__struct_fields__:
        if name in _PRIVATE:
            continue
        value = getattr(event, name)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, msgspec.Struct):
            value = {
                field: (item.isoformat() if isinstance(item, date) else item)
                for field in value.__struct_fields__
                for item in (getattr(value, field),)
            }
        elif name == "references":
            value = [{"type": item.type, "value": item.value} for item in value]
        elif isinstance(value, tuple):
            value = list(value)
        out[name] = value
    return out
