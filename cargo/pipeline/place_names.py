"""What people call a place of which an update has but the code: a bonded warehouse, a yard, a terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cargo.models import Warehouse, bulk
from cargo.models.event import Event, ShipmentEvent

EVENTS = Event._meta.db_table
LINKS = ShipmentEvent._meta.db_table


def place_names(places: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """By shipment and code the name, where there is one: as the last report of that shipment has it, which its page
    shows; else as the authority lists its warehouses. Two statements at most, none if nothing is asked."""
    found = _reported(sorted(places)) if places else {}
    codes = {code for shipment, code in places if (shipment, code) not in found}
    if not codes:
        return found
    rows = Warehouse.objects.filter(code__among=codes).exclude(name="").order_by("authority")
    listed = dict(rows.values_list("code", "name"))
    return {place: listed[place[1]] for place in places if place[1] in listed} | found


def _reported(places: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
    source, parameters, (shipment, code) = bulk.rows_source({"shipment": "int", "code": "text"}, places, keys=2)
    told, name = map(_of_place, ("code", "facility"))
    # Most reports do not have the code at all, and to look for it costs less than to read one.
    rows = bulk.send(
        f"SELECT l.shipment_id, {told}, {name} FROM {source} JOIN {LINKS} l ON l.shipment_id = {shipment} "
        f"JOIN {EVENTS} e ON e.id = l.event_id WHERE e.content LIKE '%%' || {code} || '%%' AND {told} = {code} "
        f"AND {name} <> '' ORDER BY e.received_at, e.id",
        parameters,
        rows=True,
    )
    return {(about, place): called for about, place, called in rows}


def _of_place(part: str) -> str:
    if bulk.is_postgres():
        return f"e.content::json #>> '{{place,{part}}}'"
    return f"json_extract(e.content, '$.place.{part}')"
