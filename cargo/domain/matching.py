"""Which shipments an event concerns: by references, level and time, since boxes are used again.

Bills and bookings decide first; a container's number alone is a weak match that the journey's window confirms.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cargo.domain.codes import MILESTONES
from cargo.domain.event import Event, Reference

HOUSE = frozenset({"house_bill", "house_air_waybill"})
MASTER = frozenset({"master_bill", "air_waybill"})
# A number of one house; and of one shipment, which goes before it.
NAMES_HOUSE = HOUSE | {"cargo_control_number"}
NAMES_ONE = NAMES_HOUSE | {"shipment_id"}
# A weak match reaches this far before and after the day of registration, in seconds.
WEAK_BEFORE = 180 * 86_400
WEAK_AFTER = 400 * 86_400
# Numbers that are matched by. A seal, an order number or a manifest of a whole ship says too little. The number of a
# shipment in CLIS itself is one of its own from the first time that a person reports an event of it.
MATCHED = HOUSE | MASTER | {"booking", "cargo_control_number", "container", "declaration", "shipment_id"}
# What a shipment learns from a message that names it beside one of its own numbers.
_LEARNED = frozenset({"cargo_control_number", "container", "house_bill", "house_air_waybill"}) | MASTER
_MOVEMENT = frozenset({"booking", "origin", "transit", "inland", "destination", "exception"})


class Known(msgspec.Struct):
    """The numbers of one shipment: those that people registered and those learned from messages."""

    shipment: int
    organization: int
    registered: int
    own: dict[str, set[str]]
    learned: dict[str, set[str]]

    def count(self) -> int:
        """How many numbers it has."""
        return sum(map(len, self.own.values())) + sum(map(len, self.learned.values()))

    def has(self, reference: Reference) -> bool:
        """Whether the number is one of the shipment's."""
        kind, value = reference.type, reference.value
        return value in self.own.get(kind, ()) or value in self.learned.get(kind, ())


NONE, WEAK, STRONG = 0, 1, 2


def concerns(event: Event, occurred: int | None, known: Known) -> int:
    """``STRONG``, ``WEAK`` (by the container's number alone) or ``NONE``.

    An event that names a shipment of ours concerns that one and no other, whatever else it names.
    """
    named = [r for r in event.references if r.type == "shipment_id"]
    if named:
        return STRONG if any(known.has(r) for r in named) else NONE
    houses = [r for r in event.references if r.type in NAMES_HOUSE]
    hit_house = any(known.has(r) for r in houses)
    if houses and not hit_house and has_house(known):
        # It speaks of another house of the same master, or of the same shared box.
        return NONE
    if not _own_container(event, known):
        return NONE
    if hit_house:
        return STRONG
    for reference in event.references:
        kind = reference.type
        if kind in MASTER and known.has(reference):
            # Movement is inherited from master to house; holds and releases are not.
            inherited = not _has_any(known, HOUSE) or MILESTONES[event.milestone].group in _MOVEMENT
            return STRONG if inherited else NONE
        if kind in ("booking", "declaration") and known.has(reference):
            return STRONG
    for reference in event.references:
        if reference.type == "container" and known.has(reference):
            near = occurred is None or -WEAK_BEFORE <= occurred - known.registered <= WEAK_AFTER
            return WEAK if near else NONE
    return NONE


def has_house(known: Known) -> bool:
    """Whether it is one house's: what is said of another does not concern it."""
    return _has_any(known, HOUSE) or bool(known.own.get("cargo_control_number"))


def _own_container(event: Event, known: Known) -> bool:
    """A shipment registered by its boxes alone is those boxes, not the rest of their bill."""
    mine = known.own.get("container")
    if not mine or _has_any_own(known, HOUSE | MASTER | {"booking", "cargo_control_number"}):
        return True
    named = [r.value for r in event.references if r.type == "container"]
    return not named or any(value in mine for value in named)


def _has_any(known: Known, kinds: Iterable[str]) -> bool:
    return any(known.own.get(kind) or known.learned.get(kind) for kind in kinds)


def _has_any_own(known: Known, kinds: Iterable[str]) -> bool:
    return any(known.own.get(kind) for kind in kinds)


def learn(event: Event, known: Known) -> list[Reference]:
    """Numbers that join the shipment because one message names them beside one of its own (never from a weak match).

    Upwards a shipment registered by its boxes learns the bill, so that news of the bill reaches it; downwards a bill
    learns its boxes, and a house its master. A shipment with a house bill never learns another house.
    """
    fresh: list[Reference] = []
    has_house = _has_any(known, HOUSE)
    for reference in event.references:
        kind = reference.type
        if kind not in _LEARNED or known.has(reference):
            continue
        if kind in HOUSE and (has_house or not known.own.get("cargo_control_number")):
            continue
        if kind == "cargo_control_number" and not _names_house(event, known):
            continue
        if kind == "container" and not _bill_named(event, known):
            continue
        fresh.append(reference)
    return fresh


def _names_house(event: Event, known: Known) -> bool:
    """A cargo control number is one house's: it joins a shipment of that house, or of a master that has no house."""
    houses = [r for r in event.references if r.type in HOUSE]
    return any(known.has(r) for r in houses) or not houses


def _bill_named(event: Event, known: Known) -> bool:
    return any(
        reference.type not in ("container", "shipment_id") and reference.type in MATCHED and known.has(reference)
        for reference in event.references
    )
