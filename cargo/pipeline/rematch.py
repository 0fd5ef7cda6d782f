"""Closes the gap between an ingest that saw no shipment and a registration that saw no event, both committing.

Neither transaction sees the other's rows, so nothing links them. Recent events that share a number with a shipment
they are not linked to are found here, and the shipment is marked to be worked out again. The same holds for versions
of one report, a retraction among them, that two workers record at once and that name other shipments, or none.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cargo.domain.matching import MATCHED
from cargo.models import Event, EventReference, ShipmentEvent, ShipmentReference, bulk
from cargo.models.linking import mark_due

EVENTS = Event._meta.db_table
SETS = EventReference._meta.db_table
LINKS = ShipmentEvent._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
# Longer than any transaction of ours may live.
WINDOW = timedelta(minutes=10)


def match_again(window: timedelta = WINDOW) -> set[int]:
    """Marks shipments with a recently added number that a recent event, not linked to them, carries; and shipments of
    an event that has a recent other version which is not linked to them.
    """
    since = bulk.moment(timezone.now() - window)
    kinds = ", ".join(repr(kind) for kind in sorted(MATCHED))
    rows = bulk.execute(
        f"SELECT DISTINCT r.shipment_id FROM {REFERENCES} r JOIN {SETS} q ON q.value = r.value AND q.kind = r.kind "
        f"JOIN {EVENTS} e ON e.reference_set = q.reference_set "
        f"WHERE r.added_at >= %s AND e.recorded_at >= %s AND r.kind IN ({kinds}) AND NOT EXISTS "
        f"(SELECT 1 FROM {LINKS} l WHERE l.event_id = e.id AND l.shipment_id = r.shipment_id)",
        [since, since],
    )
    rows += bulk.execute(
        f"SELECT DISTINCT k.shipment_id FROM {EVENTS} e JOIN {EVENTS} o ON o.lineage = e.lineage AND o.id <> e.id "
        f"JOIN {LINKS} k ON k.event_id = o.id WHERE e.recorded_at >= %s AND NOT EXISTS "
        f"(SELECT 1 FROM {LINKS} l WHERE l.event_id = e.id AND l.shipment_id = k.shipment_id)",
        [since],
    )
    found = {row[0] for row in rows}
    mark_due(found, "matched again")
    return found
