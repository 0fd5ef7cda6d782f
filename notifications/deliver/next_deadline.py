"""What ends next of the cargo that a mail is about, where its news names no time by which to act."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from notifications import kinds
from notifications.models import Channel, Delivery


class OpenDeadline(Protocol):
    """What must happen by ``due_at`` (aware), whose days are those of the zone (IANA); of one container, or of all."""

    @property
    def kind(self) -> str: ...
    @property
    def container(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def responsible(self) -> str: ...


# By shipment what is open at an instant: of each container and of the whole the first, the earliest first.
OpenDeadlines = Callable[[Collection[int], datetime], Mapping[int, Sequence[OpenDeadline]]]


def none_known(shipments: Collection[int], now: datetime) -> Mapping[int, Sequence[OpenDeadline]]:
    """Where nobody says what is open."""
    return {}


def note_next_deadlines(deliveries: Sequence[Delivery], open_deadlines: OpenDeadlines, now: datetime) -> None:
    """Puts into the mails among these what ends next, as ``next_deadline``. Asks once what is open, if at all.

    Of what is about a container its own deadlines come first, and those of the whole shipment.
    """
    asking = [(delivery, told) for delivery in deliveries if (told := _told(delivery)) is not None]
    if not asking:
        return
    open_by_shipment = open_deadlines({delivery.update.shipment_id for delivery, _ in asking if delivery.update}, now)
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


def _first(due: Sequence[OpenDeadline], container: object) -> OpenDeadline | None:
    own = [row for row in due if row.container in ("", container)] if container else []
    return next(iter(own or due), None)


def _as_data(due: OpenDeadline) -> dict[str, Any]:
    """As an update of a deadline has it."""
    return {
        "deadline": due.kind,
        "container": due.container,
        "due_at": due.due_at.isoformat(),
        "time_zone": due.time_zone,
        "responsible": due.responsible,
    }
