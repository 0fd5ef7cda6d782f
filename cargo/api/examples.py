"""The examples in the API description: one shipment through Korean import, told in every shape."""

from __future__ import annotations

from typing import Any

_PLACE = {"code": "KRPUS", "scheme": "unlocode"}

SHIPMENT: dict[str, Any] = {
    "id": 12,
    "references": [{"type": "house_bill", "value": "KOSHA2603001"}],
    "status": "delivered_out",
    "milestone": "gate_out",
    "customs": {
        "state": "released",
        "releases": [{"released_at": "2026-03-17T05:12:00Z", "revoked_at": None}],
        "holds": [
            {
                "agency": "KR-KCS",
                "kind": "inspection",
                "placed_at": "2026-03-16T01:30:00Z",
                "cleared_at": "2026-03-17T05:12:00Z",
                "cleared_by": "release",
            }
        ],
    },
    "release": {
        "ready": True,
        "lights": [{"light": "customs", "state": "ok", "since": "2026-03-17T05:12:00Z", "source": "unipass"}],
        "blocking": [],
    },
    "stages": [
        {
            "stage": "customs_released__gate_out",
            "started_at": "2026-03-17T05:12:00Z",
            "ended_at": "2026-03-17T07:40:00Z",
            "seconds": 8880,
        }
    ],
    "deadlines": [{"kind": "removal", "due_at": "2026-04-01", "basis": "notice", "met_at": "2026-03-17T07:40:00Z"}],
    "milestones": [
        {"milestone": "arrived", "classifier": "actual", "occurred_at": "2026-03-13T23:55:00Z", "place": _PLACE}
    ],
    "containers": [{"number": "HDMU6546583", "milestone": "gate_out"}],
}

EVENT_PAGE: dict[str, Any] = {
    "results": [
        {
            "id": "019cea10-6b40-7d7e-8c3b-0242ac120002",
            "milestone": "discharged",
            "classifier": "actual",
            "level": "container",
            "effect": "advance",
            "occurred_local": "2026-03-14T08:55:00",
            "occurred_at": "2026-03-14T08:55:00+09:00",
            "time_zone": "Asia/Seoul",
            "time_basis": "place",
            "reported_at": "2026-03-14T09:12:00+09:00",
            "received_at": "2026-03-14T00:12:31Z",
            "references": [{"type": "container", "value": "HDMU6546583"}],
            "place": {**_PLACE, "facility": None, "role": "discharge"},
            "transport": {"mode": "vessel", "vessel_name": "HMM ALGECIRAS", "imo": "9863297", "voyage": "014E"},
            "source": "HMM",
            "format": "dcsa",
            "source_code": "DISC",
            "source_text": None,
            "warnings": [],
        }
    ],
    "next": None,
    "cursor": None,
}

TRACK_ONE: dict[str, Any] = {"reference": "KOSHA2603001", "type": "house_bill"}
TRACK_MANY: dict[str, Any] = {
    "items": [TRACK_ONE, {"reference": "HDMU6546584", "type": "container", "carrier": "HDMU"}]
}
TRACKING_REQUEST: dict[str, Any] = {
    "id": 31,
    "reference": "KOSHA2603001",
    "type": "house_bill",
    "carrier": None,
    "state": "waiting",
    "shipment": 12,
    "created_at": "2026-03-10T02:00:00Z",
    "last_event_at": None,
    "error": None,
}
VERDICTS: dict[str, Any] = {
    "accepted": [TRACKING_REQUEST],
    "rejected": [
        {
            "reference": "HDMU6546584",
            "type": "container",
            "carrier": "HDMU",
            "error": {
                "code": "bad_check_digit",
                "message": "HDMU6546584 should end in 3.",
                "suggestion": "HDMU6546583",
            },
        }
    ],
}

SHIPMENT_PAGE: dict[str, Any] = {"results": [], "next": None, "cursor": None}
CONTAINER_PAGE: dict[str, Any] = {"results": [], "next": None, "cursor": None}
CONTAINER: dict[str, Any] = {"number": "HDMU6546583"}
FEED: dict[str, Any] = {"cursor": "0", "updates": []}
