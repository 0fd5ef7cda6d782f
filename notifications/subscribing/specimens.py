"""One example of every kind of news, for the preview where nothing of that kind has happened yet."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from cargo.models import Shipment, TrackingUpdate
from clis.accounts.models import Organization
from notifications import kinds

_AT = datetime(2026, 3, 24, 0, 30, tzinfo=UTC)
_CARGO: dict[str, Any] = {
    "references": [
        {"type": "house_bill", "value": "KOSHA2603001"},
        {"type": "master_bill", "value": "HDMUPUSR1234567"},
        {"type": "container", "value": "HDMU6546583"},
    ],
    "place": {"code": "KRPUS", "name": "Busan"},
    "time_zone": "Asia/Seoul",
    "occurred_at": _AT.isoformat(),
}
_CUSTOMS = {"authority": "KR-KCS", "declaration": "4291826000123M"}
_DUE = {
    "deadline": "removal",
    "responsible": "importer",
    "next_action": "collect",
    "until": "2026-04-08",
    "money": {"kind": "fine", "currency": "KRW", "maximum": "5000000"},
}
_TROUBLE = {"exception": "not_collected", "responsible": "importer", "next_action": "collect", "due_at": None}

DATA: dict[str, dict[str, Any]] = {
    "customs.held": {**_CUSTOMS, "milestone": "customs_inspection", "hold_kind": "inspection", "agency": "KR-KCS"},
    "customs.hold_cleared": {**_CUSTOMS, "hold_kind": "inspection", "agency": "KR-KCS"},
    "customs.released": {**_CUSTOMS, "milestone": "customs_released", "text": "수입신고수리"},
    "customs.release_revoked": {
        **_CUSTOMS,
        "milestone": "customs_release_cancelled",
        "amends": {"milestone": "customs_released", "at": "2026-03-23T06:12:00+00:00"},
    },
    "deadline.near": _DUE,
    "deadline.exceeded": _DUE,
    "deadline.set": _DUE,
    "deadline.changed": {**_DUE, "was_due_at": "2026-04-05"},
    "departed": {"milestone": "departed", "place": {"code": "CNSHA", "name": "Shanghai"}},
    "eta.changed": {"milestone": "arrived", "was_arrival_at": "2026-03-22T00:00:00+00:00"},
    "arrived": {"milestone": "arrived"},
    "discharged": {"milestone": "discharged"},
    "available": {"milestone": "available_for_pickup"},
    "gate_out": {"milestone": "gate_out"},
    "empty_returned": {"milestone": "empty_returned"},
    "exception.opened": _TROUBLE,
    "exception.closed": _TROUBLE,
}


def specimen(kind: str, organization: Organization) -> TrackingUpdate:
    """An update that is in no table, of a shipment that is in none."""
    shipment = Shipment(pk=0, organization=organization, own_reference="PO-2026-17")
    data = {**_CARGO, **DATA[kind]}
    return TrackingUpdate(pk=0, shipment=shipment, kind=_feed_kind(kind), occurred_at=_AT, data=json.dumps(data))


def _feed_kind(kind: str) -> str:
    if kind == kinds.ETA:
        return "estimate"
    return "milestone" if kind in kinds.MOVEMENTS.values() else kind
