"""The shipments of a selection in the list: by their numbers, or those that its filters choose now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cargo.domain import codes
from cargo.selectors import listing
from cargo.selectors.saved_filters import DATES
from clis.accounts.scoping import Viewer
from notifications.subscribing.access import organization_of
from notifications.subscribing.subscriptions import AT_ONCE
from notifications.subscribing.wishes import check_filter

# What may be chosen of the filters that go by a code.
CODES = {"status": codes.STATUSES, "customs_state": codes.CUSTOMS_STATES, "mode": codes.JOURNEY_MODES}


def named(viewer: Viewer, shipment_ids: Collection[int]) -> dict[int, str]:
    """What each of these shipments is called, as far as they are the viewer's; one statement."""
    organization_of(viewer)
    found = listing.by_id(viewer, set(shipment_ids))
    return {pk: _name(row) for pk, row in sorted(found.items(), reverse=True)}


def in_list(viewer: Viewer, params: Mapping[str, Any]) -> tuple[list[int], bool]:
    """The newest 500 that the list's filters choose now, and whether there are more; one statement."""
    organization_of(viewer)
    rows, more = listing.read(viewer, checked(params), None, AT_ONCE)
    return [row[0] for row in rows], more is not None


def numbered(viewer: Viewer, text: str) -> list[int]:
    """The newest 500 shipments of a number, or of its beginning, or of the organization's own reference, as the list's
    box finds them; one statement."""
    return [row[0] for row in listing.read(viewer, {"search": text}, None, AT_ONCE)[0]]


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """The filters as the list has them; raises ``SubscribingError`` for one that it does not have."""
    return check_filter(params)


def lasts(params: Mapping[str, Any]) -> bool:
    """Whether a filter can be kept: it chooses, and by nothing that is only true today."""
    return bool(params) and not DATES & set(params)


def _name(row: listing.Row) -> str:
    number = row.house_bill or row.master_bill or next(iter(row.containers), "")
    return " · ".join(part for part in (row.own_reference, number) if part) or f"CLIS {row.id}"
