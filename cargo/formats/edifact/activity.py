"""Where the activity of a status took place: as it says, else at that end of its journey where such a thing happens."""

from __future__ import annotations

from cargo.domain.event import Place
from cargo.formats.edifact import qualifiers as q
from cargo.formats.edifact import telling
from cargo.formats.edifact.journey import Journey

_RECEIPT = frozenset({"empty_picked_up", "picked_up", "cargo_received", "stuffed"})
_LOADING = frozenset({"gate_in", "manifested", "loaded", "departed", "export_cleared", "rolled", "inland_departed"})
_DELIVERY = frozenset({"delivered", "delivery_failed", "out_for_delivery", "inland_arrived", "stripped"})


def place_of(journey: Journey, milestone: str, plan: dict[str, str] | None) -> Place | None:
    """The place of the activity; where none is named, that end of the journey at which such a thing happens."""
    places = journey.places
    for function in q.ACTIVITY:
        place = places.get(function)
        if place is not None:
            return telling.placed(place, _role(place, places, plan))
    functions: tuple[str, ...]
    if milestone in _RECEIPT:
        functions = (*q.RECEIPT, *q.LOADING)
    elif milestone in _LOADING:
        functions = (*q.LOADING, *q.RECEIPT)
    elif milestone in _DELIVERY:
        functions = (*q.DELIVERY, *q.DISCHARGE)
    else:
        functions = (*q.DISCHARGE, *q.DELIVERY)
    for function in functions:
        if function in places:
            return telling.placed(places[function], q.ROLES.get(function))
    if len(places) == 1:
        ((function, place),) = places.items()
        return telling.placed(place, q.ROLES.get(function))
    return None


def _role(place: Place, places: dict[str, Place], plan: dict[str, str] | None) -> str | None:
    """The part that a place has in the journey, by its code."""
    code = place.code
    if code is None or len(places) == 1:
        return None
    if plan is not None and code == plan.get("port_of_loading"):
        return "loading"
    if plan is not None and code == plan.get("port_of_discharge"):
        return "discharge"
    for function, role in q.ROLES.items():
        known = places.get(function)
        if known is not None and known.code == code:
            return role
    return None
