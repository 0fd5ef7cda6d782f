"""What a place is called of which an update has but the code."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from notifications.models import Channel, Delivery
from notifications.render.codes import is_known_place

# By shipment and code the name, where there is one.
PlaceNames = Callable[[Collection[tuple[int, str]]], Mapping[tuple[int, str], str]]


def none_named(places: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], str]:
    """Where nobody says what places are called."""
    return {}


def note_place_names(deliveries: Sequence[Delivery], place_names: PlaceNames) -> None:
    """Puts the names into what people are told, as ``place``. Asks once for all of them, if at all; a program is told
    the code that the feed has."""
    asking = [
        (delivery, place)
        for delivery in deliveries
        if delivery.kind != Channel.Kind.WEBHOOK and (place := _unnamed(delivery)) is not None
    ]
    if not asking:
        return
    names = place_names({place for _, place in asking})
    for delivery, (shipment, code) in asking:
        if name := names.get((shipment, code)):
            delivery.data = {**delivery.data, "place": {"code": code, "name": name}}


def _unnamed(delivery: Delivery) -> tuple[int, str] | None:
    """The shipment and the code of a place that no table of ours knows."""
    update = delivery.update
    # To look for the word costs less than to read what most updates say of no such place.
    if update is None or '"place"' not in update.data:
        return None
    try:
        told = json.loads(update.data)
    except ValueError:  # It ends where its words are made, and holds up no other.
        return None
    place: Any = told.get("place") if isinstance(told, dict) else None
    code = place.get("code") if isinstance(place, dict) and not place.get("name") else None
    return (update.shipment_id, code) if isinstance(code, str) and code and not is_known_place(code) else None
