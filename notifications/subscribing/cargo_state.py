"""Where a followed shipment stands, for somebody outside who has no account: to be read alone, one shipment at a time,
and no more than the organization that asked him sees itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from cargo.dashboard import dates, presenting, reading, wording
from cargo.selectors import NotFound
from cargo.selectors import shipments as shipping
from clis.accounts.scoping import Viewer
from notifications.schedule import zone_of
from notifications.subscribing.following import Followed, Following

EVENTS = 3


@dataclass(frozen=True)
class CargoEvent:
    """What happened last. ``text``: the source's own words, where its code has no meaning here."""

    milestone: str
    text: str
    at: datetime
    place_code: str | None
    place_name: str | None


@dataclass(frozen=True)
class CargoState:
    """One shipment in codes and aware instants, with the page's headline; ``zone`` (IANA) is the follower's.

    ``deadline`` and ``due_at`` are of what ends next; ``eta`` is None once it has arrived.
    """

    shipment: int
    number: str
    zone: str
    headline: str
    tone: str
    icon: str
    mode: str | None
    status: str
    customs_state: str
    eta: datetime | None
    arrived_at: datetime | None
    deadline: str
    due_at: datetime | None
    events: Sequence[CargoEvent]


def cargo_state(found: Following, shipment_id: int | None, language: str) -> CargoState | None:
    """Of that shipment, or of the one that is followed since last. None for one that is not followed any more, or that
    the organization does not see any more. One statement while the document is fresh."""
    followed = next((one for one in found.shipments if shipment_id in (None, one.shipment)), None)
    if followed is None:
        return None
    try:
        _version, document = shipping.document(Viewer(organization_id=found.channel.organization_id), followed.shipment)
    except NotFound:
        return None
    zone = zone_of(found.channel.zone, settings.OPERATOR_TIME_ZONE).key
    return _state(followed, document, zone, language)


def _state(followed: Followed, document: dict[str, Any], zone: str, language: str) -> CargoState:
    now = timezone.now()
    answer = wording.answer(document, language, now)
    owed, _day = reading.next_deadline(document, reading.zone_of(document))
    arrived_at = dates.instant(document.get("arrived_at"))
    eta = dates.instant((document.get("eta") or {}).get("at"))
    return CargoState(
        shipment=followed.shipment,
        number=followed.number,
        zone=zone,
        headline=answer.headline,
        tone=answer.tone,
        icon=answer.icon,
        mode=document.get("mode"),
        status=str(document.get("status") or ""),
        customs_state=str((document.get("customs") or {}).get("state") or ""),
        eta=None if arrived_at else eta,
        arrived_at=arrived_at,
        deadline=str(owed["kind"]) if owed else "",
        due_at=dates.instant(owed["due_at"]) if owed else None,
        events=_events(document, now),
    )


def _events(document: dict[str, Any], now: datetime) -> list[CargoEvent]:
    """The last, newest first; what several sources say of one place counts once."""
    found: dict[tuple[str, str | None], CargoEvent] = {}
    for row in presenting.timeline(document, now)["behind"]:
        at, place = dates.instant(row.get("occurred_at")), row.get("place") or {}
        if at is None or row.get("classifier") != "actual":
            continue
        milestone = str(row["milestone"])
        text = str(row.get("source_text") or "") if milestone == "unknown" else ""
        event = CargoEvent(milestone, text, at, place.get("code"), place.get("name"))
        found.setdefault((milestone + text, event.place_code), event)
    return list(found.values())[:EVENTS]
