"""The feed: every update that the viewer may see, in an order that never skips one."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cargo.models import TrackingUpdate
from cargo.models.update import entry
from cargo.selectors import BadCursor
from clis.accounts.scoping import Viewer, visible_to


def updates(viewer: Viewer, after: str | None, limit: int) -> dict[str, Any]:
    """``{"cursor", "updates": […]}`` after the cursor, oldest first; one statement.

    The order is that of the feed number, which is given under a lock when an update is taken for fan-out: an update
    whose transaction commits late gets a later number and is never skipped.
    """
    last = _open(after) if after else 0
    rows = (
        visible_to(TrackingUpdate.objects.all(), viewer)
        .filter(feed_no__gt=last)
        .order_by("feed_no")
        .values_list("feed_no", "pk", "kind", "occurred_at", "recorded_at", "shipment_id", "data")[:limit]
    )
    out = []
    for number, pk, kind, occurred, recorded, shipment, data in rows:
        last = number or last
        out.append(entry(pk, kind, occurred, recorded, shipment, data))
    return {"cursor": urlsafe_b64encode(f"f{last}".encode()).decode().rstrip("="), "updates": out}


def _open(cursor: str) -> int:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise BadCursor from error
    if not text.startswith("f") or not text[1:].isdigit() or len(text) > 19:
        raise BadCursor
    return int(text[1:])
