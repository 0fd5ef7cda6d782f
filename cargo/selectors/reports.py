"""Who may report what happened to a shipment, and what they reported: read for pages and API alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from cargo.domain.event import Event, Retraction, as_interface
from cargo.domain.identity import identify_retraction
from cargo.formats import manual
from cargo.formats.manual import Statement
from cargo.models import Event as EventRow
from cargo.models import Party, ShipmentEvent, ShipmentReference, Source
from cargo.models.history import read_content, standing_of
from cargo.selectors import NotFound
from cargo.selectors.shipments import version
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer

# Those who handle the cargo, and whoever registered it. A consignee or a notify party waits for it.
REPORTING_ROLES = frozenset({"registrant", "forwarder", "broker", "carrier", "warehouse"})


class Right(NamedTuple):
    """``allowed``: whether the viewer may report; ``shared``: into the operator's own source, as its staff;
    ``customs``: also in the words of a customs authority, which count as its own."""

    allowed: bool
    shared: bool
    customs: bool = False


def right_of(viewer: Viewer, roles: Collection[str], kind: str = "") -> Right:
    """What the viewer may, whose organization is of that kind and has these roles in the shipment.

    Members of a party in a role that handles the cargo may; the operator's staff always. What customs said is told by
    those whom customs answers: the broker, and a broker who registered the cargo itself.
    """
    as_party = viewer.may_write and not REPORTING_ROLES.isdisjoint(roles)
    staff = viewer.is_staff and viewer.user_id is not None
    declares = "broker" in roles or ("registrant" in roles and kind == Organization.Kind.BROKER)
    return Right(as_party or staff, staff and not as_party, staff or (as_party and declares))


def right(viewer: Viewer, shipment_id: int) -> Right:
    """The same, looked up. Raises ``NotFound`` for a stranger's shipment. Two statements."""
    version(viewer, shipment_id)
    rows = Party.objects.filter(shipment_id=shipment_id, organization_id=viewer.organization_id or 0)
    found = list(rows.values_list("role", "organization__kind"))
    return right_of(viewer, {role for role, _kind in found}, found[0][1] if found else "")


def containers(shipment_id: int) -> list[str]:
    """The containers by which the shipment is known; its right was checked before."""
    rows = ShipmentReference.objects.filter(shipment_id=shipment_id, kind="container")
    return list(rows.order_by("value").values_list("value", flat=True))


def own_sources(viewer: Viewer) -> set[str]:
    """The short names of the sources whose reports the viewer may correct."""
    rows = Source.objects.filter(kind=Source.Kind.MANUAL)
    staff = viewer.is_staff and viewer.user_id is not None
    mine = rows.filter(organization_id=viewer.organization_id) if viewer.organization_id else rows.none()
    shared = rows.filter(organization=None) if staff else rows.none()
    return set((mine | shared).values_list("slug", flat=True))


def statement(viewer: Viewer, shipment_id: int, event_id: UUID) -> Statement:
    """What the viewer's own source reported, as it stands in the log with the highest version of its lineage.

    Raises ``NotFound`` for another's report, another format's event, or one that does not stand anymore.
    """
    linked = ShipmentEvent.objects.filter(shipment_id=shipment_id, event_id=event_id).exists()
    row = EventRow.objects.select_related("source").filter(pk=event_id).first() if linked else None
    if row is None or row.retraction or row.source.slug not in own_sources(viewer):
        raise NotFound
    if row.pk.hex not in standing_of({row.lineage.hex}):
        raise NotFound
    event = read_content(row.content, False)
    assert isinstance(event, Event)
    said = manual.said_of(as_interface(event))
    if said is None:
        raise NotFound
    return said


def last_version(source_id: int, own_id: str) -> int:
    """The highest version that a source reported under an id of its own; 0 if none is in the log. One statement."""
    lineage = identify_retraction(source_id, Retraction(source_event_id=own_id)).lineage
    versions = EventRow.objects.filter(lineage=lineage).values_list("version", flat=True)
    return max((int(version) for version in versions if version.isdecimal()), default=0)
