"""What people decided of events that the machine could not place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping

from django.utils import timezone

from cargo.models import bulk
from cargo.models.event import UnresolvedEvent
from cargo.models.journal import hexadecimal

UNRESOLVED = UnresolvedEvent._meta.db_table


def decide(unresolved_id: int, shipment_id: int | None) -> bool:
    """Notes that this shipment is meant, or none of the candidates; ``False`` if it was decided before."""
    mine = UnresolvedEvent.objects.filter(pk=unresolved_id, resolved_at__isnull=True)
    return bool(mine.update(chosen_id=shipment_id, resolved_at=timezone.now()))


def respect(
    wanted: MutableMapping[tuple[int, str], bool], organizations: Mapping[int, int], events: Iterable[str]
) -> None:
    """Brings links (shipment, event: weak) in line with what people decided, whatever was learned since.

    ``organizations``: whose each shipment is. A link by a person is no weak one: the journey's window does not judge
    it again.
    """
    right, value = bulk.key_list(events)
    rows = bulk.execute(
        f"SELECT event_id, organization_id, chosen_id FROM {UNRESOLVED} "
        f"WHERE resolved_at IS NOT NULL AND event_id {right}",
        [value],
    )
    decided = {(hexadecimal(event), organization): chosen for event, organization, chosen in rows}
    if not decided:
        return
    for shipment, event in list(wanted):
        if (event, organizations.get(shipment)) in decided:
            del wanted[shipment, event]
    for (event, _organization), chosen in decided.items():
        if chosen is not None:
            wanted[chosen, event] = False
