"""What was known of arrivals: every estimate in the log, and the rows that are learned from, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cargo.domain.arrival_estimates import ArrivalRow
from cargo.domain.contribution import contribution
from cargo.domain.event import Event
from cargo.domain.state import Entry
from cargo.models import bulk
from cargo.models.event import Event as EventRow
from cargo.models.event import ShipmentEvent
from cargo.models.forecast import ArrivalEstimate
from cargo.models.history import read_content
from cargo.models.inbound import Source
from cargo.models.status import ShipmentStatus

ESTIMATES = ArrivalEstimate._meta.db_table
EVENTS = EventRow._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
STATUS = ShipmentStatus._meta.db_table
_KEYS = {"asked_at": "time"}
_OTHERS = {
    "planned_at": "time",
    "estimated_at": "time",
    "arrived_at": "time",
    "mode": "text",
    "carrier": "text",
    "port": "text",
}
_COLUMNS = _KEYS | _OTHERS
# Taken back by its source, or read otherwise by a replay. A later version leaves it: until then it was known.
_WITHDRAWN = f"""SELECT 1 FROM {EVENTS} v WHERE v.lineage = e.lineage AND ((v.retraction AND v.revision = 0)
  OR (v.revision > e.revision AND v.version = e.version
    AND (v.reported_at = e.reported_at OR (v.reported_at IS NULL AND e.reported_at IS NULL))))"""


def told(shipments: Collection[int]) -> dict[int, list[Entry]]:
    """Of those of these shipments that have arrived, every planned and estimated arrival ever told; one statement.

    Replaced ones are among them. One that its source gives no time of is known from when it was received.
    """
    right, value = bulk.id_list(shipments)
    reported = bulk.seconds_of("coalesce(e.reported_at, e.received_at)")
    rows = bulk.execute(
        f"SELECT l.shipment_id, l.weak, {bulk.digits_of('e.id')}, {bulk.seconds_of('e.occurred_at')}, {reported}, "
        f"e.content, e.source_id, s.rank, e.version FROM {LINKS} l "
        f"JOIN {STATUS} t ON t.shipment_id = l.shipment_id AND t.arrived_at IS NOT NULL "
        f"JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE l.shipment_id {right} AND e.milestone = 'arrived' AND e.classifier <> 'actual' AND NOT e.retraction "
        f"AND NOT EXISTS ({_WITHDRAWN})",
        [value],
    )
    found: dict[int, list[Entry]] = {}
    for shipment, weak, name, occurred, at, content, source, rank, version in rows:
        event = read_content(content, retraction=False)
        if isinstance(event, Event):
            entry = contribution(event, name, source, rank, occurred, at, bool(weak), version)
            found.setdefault(shipment, []).append(entry)
    return found


def kept(shipments: Collection[int]) -> dict[int, list[ArrivalRow]]:
    """The rows of these shipments as they stand; one statement."""
    right, value = bulk.id_list(shipments)
    read = ", ".join(bulk.seconds_of(name) if kind == "time" else name for name, kind in _COLUMNS.items())
    rows = bulk.execute(f"SELECT shipment_id, {read} FROM {ESTIMATES} WHERE shipment_id {right}", [value])
    found: dict[int, list[ArrivalRow]] = {}
    for shipment, *values in rows:
        found.setdefault(shipment, []).append(ArrivalRow(*values))
    return found


def write(before: Mapping[int, Sequence[ArrivalRow]], after: Mapping[int, Sequence[ArrivalRow]]) -> None:
    """Makes the rows of these shipments those of ``after``; two statements at most, none where nothing changed."""
    bulk.rewrite(ESTIMATES, _KEYS, _OTHERS, before, after)
