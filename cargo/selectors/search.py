"""Finding by any number: spaces and dashes forgiven, beginnings of numbers too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cargo.domain import identifiers
from cargo.domain.identifiers import Candidate
from cargo.models import Shipment, ShipmentReference
from cargo.selectors import listing
from cargo.selectors.listing import Row
from clis.accounts.scoping import Viewer, visible_to

MOST = 20
SHORTEST_BEGINNING = 4


class Suggestion(NamedTuple):
    """The number with its right check digit."""

    type: str
    value: str


class Group(NamedTuple):
    """Hits of one kind of number."""

    kind: str
    rows: list[Row]


class Found(NamedTuple):
    """``exact``: shipments of exactly that number; ``groups``: whose number begins so; ``readings``: what it may be."""

    exact: list[Row]
    groups: list[Group]
    readings: list[Candidate]
    suggestions: list[Suggestion]


def find(viewer: Viewer, text: str) -> Found:
    """What the viewer has under that number; four statements at most."""
    readings = identifiers.read(text)
    if not readings:
        return Found([], [], [], [])
    values = {reading.value for reading in readings} | {"".join(text.upper().replace("-", " ").split())[:64]}
    mine = visible_to(ShipmentReference.objects.all(), viewer)
    exact = set(mine.filter(value__in=values).values_list("shipment_id", flat=True)[: MOST * 2])
    own = visible_to(Shipment.objects.all(), viewer).filter(own_reference__iexact=text.strip()[:64])
    if not viewer.is_staff and viewer.organization_id is not None:
        own = own.filter(organization_id=viewer.organization_id)
    exact |= set(own.values_list("pk", flat=True)[:MOST])
    begun: dict[str, list[int]] = {}
    plain = min(values, key=len)
    if not exact and len(plain) >= SHORTEST_BEGINNING:
        # A range instead of LIKE: the same index on both databases, whatever the collation.
        rows = mine.filter(value__startswith=plain).order_by("value").values_list("kind", "shipment_id")[: MOST * 3]
        for kind, shipment in rows:
            if shipment not in begun.setdefault(kind, []):
                begun[kind].append(shipment)
    wanted = exact | {shipment for ids in begun.values() for shipment in ids}
    found = listing.by_id(viewer, wanted)
    return Found(
        [found[pk] for pk in sorted(exact, reverse=True) if pk in found],
        [Group(kind, [found[pk] for pk in ids if pk in found][:MOST]) for kind, ids in sorted(begun.items())],
        readings,
        _suggestions(readings),
    )


def known(viewer: Viewer, numbers: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Which of these (type, number) the viewer's organization has registered itself, each with its latest shipment."""
    rows = ShipmentReference.objects.filter(
        shipment__organization=viewer.organization_id, value__in={value for _kind, value in numbers}, learned=False
    )
    found = {(kind, value): pk for kind, value, pk in rows.order_by("shipment_id").values_list(*_NUMBER)}
    return {number: found[number] for number in numbers if number in found}


_NUMBER = ("kind", "value", "shipment_id")


def _suggestions(readings: list[Candidate]) -> list[Suggestion]:
    """The right check digit of what looks like a container's number but is not one."""
    out = []
    for reading in readings:
        prefix = reading.value[:10]
        if reading.type == "container" and reading.warning and len(prefix) == 10:
            out.append(Suggestion("container", f"{prefix}{identifiers.container_check_digit(prefix)}"))
    return out
