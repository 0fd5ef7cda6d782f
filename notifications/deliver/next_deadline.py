"""What ends next of the cargo that a mail is about, where its news names no time by which to act."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from notifications import kinds
from notifications.models import Channel, Delivery


class _Due(NamedTuple):
    """An open deadline."""

    shipment: int
    kind: str
    container: str
    due_at: datetime
    time_zone: str
    responsible: str


def note_next_deadlines(deliveries: Sequence[Delivery], now: datetime) -> None:
    """Puts into the mails among these what ends next, as ``next_deadline``. One statement.

    Of what is about a container its own deadlines come first, and those of the whole shipment.
    """
    asking = [(delivery, told) for delivery in deliveries if (told := _told(delivery)) is not None]
    if not asking:
        return
    open_by_shipment = _open({delivery.update.shipment_id for delivery, _ in asking if delivery.update}, now)
    for delivery, told in asking:
        assert delivery.update is not None
        due = _first(open_by_shipment.get(delivery.update.shipment_id, ()), told.get("container"))
        if due is not None:
            delivery.data = {**delivery.data, "next_deadline": _as_data(due)}


def _told(delivery: Delivery) -> dict[str, Any] | None:
    """What a mail tells, if that may want a time; the kinds of the other groups have their own."""
    update = delivery.update
    if update is None or delivery.kind != Channel.Kind.EMAIL:
        return None
    news = kinds.NEWS.get(delivery.notice or update.kind)
    if news is None or news.group not in (kinds.CUSTOMS, kinds.MOVEMENT):
        return None
    try:
        told = json.loads(update.data)
    except ValueError:  # It ends where its words are made, and holds up no other.
        return None
    return None if not isinstance(told, dict) or told.get("until") or told.get("due_at") else told


def _open(shipments: set[int], now: datetime) -> dict[int, list[_Due]]:
    """The first deadline of each container and of the whole that is in reach, the earliest first.

    Of a shipment whose inspection is owed none: what is told just now may have met them.
    """
    shipment: Any = Delivery._meta.get_field("update").related_model._meta.get_field("shipment").related_model
    deadlines = shipment._meta.get_field("deadlines").related_model._default_manager
    reached = deadlines.filter(shipment__among=shipments, is_open=True, due_at__gte=now)
    settled = reached.exclude(shipment__inspection_due__inspect_at__lte=now)
    place = Window(RowNumber(), partition_by=[F("shipment"), F("container")], order_by=[F("due_at"), F("pk")])
    first = settled.annotate(place=place).filter(place=1).order_by("due_at", "pk")
    found: dict[int, list[_Due]] = defaultdict(list)
    for row in first.values_list("shipment_id", "kind", "container", "due_at", "time_zone", "responsible"):
        found[row[0]].append(_Due(*row))
    return found


def _first(due: Sequence[_Due], container: object) -> _Due | None:
    own = [row for row in due if row.container in ("", container)] if container else []
    return next(iter(own or due), None)


def _as_data(due: _Due) -> dict[str, Any]:
    """As an update of a deadline has it."""
    return {
        "deadline": due.kind,
        "container": due.container,
        "due_at": due.due_at.isoformat(),
        "time_zone": due.time_zone,
        "responsible": due.responsible,
    }
