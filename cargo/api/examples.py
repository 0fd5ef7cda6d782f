"""The examples in the API description: one shipment through Korean import, told in every shape."""

from __future__ import annotations

from typing import Any

_PLACE = {"code": "KRPUS", "scheme": "unlocode"}

_RELEASED, _COLLECTED = "2026-03-17T14:12:00+09:00", "2026-03-17T16:40:00+09:00"

EVENT: dict[str, Any] = {
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
    "laden": True,
    "quantity": None,
    "authority": None,
    "agency": None,
    "deadline": None,
    "delay_reason": None,
    "part": None,
    "source_event_id": "3910eb91-8791-4699-8029-8bba8cedb6f5",
    "source_event_version": None,
    "retracts": None,
    "plan": None,
    "source": "hmm",
    "format": "dcsa",
    "source_code": "DISC",
    "source_text": None,
    "warnings": [],
}
EVENT_PAGE: dict[str, Any] = {"results": [EVENT], "next": None, "cursor": None}

SHIPMENT: dict[str, Any] = {
    "id": 12,
    "references": [{"type": "house_bill", "value": "KOSHA2603001"}],
    "status": "delivered_out",
    "milestone": "gate_out",
    "customs": {
        "state": "released",
        "rollup": {"by": "container", "released": 1, "of": 1, "unit": None},
        "releases": [
            {
                "released_at": _RELEASED,
                "revoked_at": None,
                "authority": "KR-KCS",
                "declaration": "1234526123456M",
                "provisional": False,
                "level": "declaration",
                "container": None,
                "packages": 420,
                "source": "unipass",
                "code": None,
                "revoked_by": None,
            }
        ],
        "holds": [
            {
                "agency": "KR-KCS",
                "name": "Korea Customs Service",
                "kind": "inspection",
                "placed_at": "2026-03-16T10:30:00+09:00",
                "cleared_at": _RELEASED,
                "cleared_by": "release",
                "declaration": "1234526123456M",
                "level": "declaration",
                "text": None,
                "authority": "KR-KCS",
                "container": None,
                "source": "unipass",
                "code": None,
            }
        ],
    },
    "release": {
        "ready": True,
        "lights": [{"light": "customs", "state": "ok", "since": _RELEASED, "source": "unipass"}],
        "blocking": [],
    },
    "stages": [
        {
            "stage": "customs_released__gate_out",
            "started_at": _RELEASED,
            "ended_at": _COLLECTED,
            "seconds": 8880,
        }
    ],
    "deadlines": [
        {
            "kind": "removal",
            "due_at": "2026-04-01T23:59:59+09:00",
            "basis": "removal_15_days",
            "met_at": _COLLECTED,
            "authority": "KR-KCS",
            "responsible": "importer",
            "next_action": "collect",
            "container": None,
            "rule": "kr_removal",
            "stated_by": None,
            "others": [],
            "money": {
                "kind": "fine",
                "currency": "KRW",
                "amount_per_day": None,
                "steps": None,
                "maximum": 1000000,
                "basis": "offence",
            },
            "alerts": True,
            "source": "Customs Act (KR) art. 157-2",
            "text": None,
        }
    ],
    "milestones": [
        {
            "milestone": "arrived",
            "milestone_reported": "arrived",
            "classifier": "actual",
            "occurred_at": "2026-03-14T08:55:00+09:00",
            "place": _PLACE,
            "level": "conveyance",
            "subject": None,
            "declaration": None,
            "source": "hmm",
        }
    ],
    "containers": [
        {
            "number": "HDMU6546583",
            "iso_code": "45G1",
            "milestone": "gate_out",
            "released": True,
            "last_event_at": _COLLECTED,
            "last_free_day": "2026-03-21",
            "release": {
                "ready": True,
                "lights": [{"light": "customs", "state": "ok", "since": _RELEASED, "source": "unipass"}],
                "blocking": [],
            },
        }
    ],
    "mode": "vessel",
    "carrier": "HDMU",
    "plan": {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"},
    "eta": None,
    "arrived_at": "2026-03-14T08:55:00+09:00",
    "quantity": {"manifested": 420, "released": 420, "removed": 420, "unit": "CT"},
    "last_event_at": _COLLECTED,
    "freshness": [
        {
            "source": "unipass",
            "name": "UNI-PASS",
            "last_received_at": "2026-03-17T07:41:12Z",
            "last_occurred_at": _COLLECTED,
        }
    ],
    "timeline": [
        {
            **EVENT,
            "id": "019cea106b407d7e8c3b0242ac120002",
            "milestone_reported": "discharged",
            "superseded": False,
            "place": {**_PLACE, "facility": None, "role": "discharge", "name": "Busan"},
        }
    ],
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

SHIPMENT_ROW: dict[str, Any] = {
    "id": 12,
    "own_reference": "PO-77",
    "house_bill": "KOSHA2603001",
    "master_bill": None,
    "status": "delivered_out",
    "milestone": "gate_out",
    "customs_state": "released",
    "ready": True,
    "open_holds": 0,
    "hold_agencies": [],
    "mode": "vessel",
    "carrier": "HDMU",
    "port_of_loading": "CNSHA",
    "port_of_discharge": "KRPUS",
    "last_free_day": None,
    "containers": ["HDMU6546583"],
    "container_count": 1,
    "released_count": 1,
    "version": 9,
    "eta": None,
    "eta_first": "2026-03-13T21:00:00Z",
    "arrived_at": "2026-03-13T23:55:00Z",
    "released_at": "2026-03-17T05:12:00Z",
    "gated_out_at": "2026-03-17T07:40:00Z",
    "last_event_at": "2026-03-17T07:40:00Z",
    "changed_at": "2026-03-17T07:41:12Z",
}
SHIPMENT_PAGE: dict[str, Any] = {"results": [SHIPMENT_ROW], "next": None, "cursor": None}

_CONTAINER_STATE = {
    "shipment": 12,
    "status": "delivered_out",
    "milestone": "gate_out",
    "customs_state": "released",
    "ready": True,
    "eta": None,
    "arrived_at": "2026-03-13T23:55:00Z",
    "released_at": "2026-03-17T05:12:00Z",
    "gated_out_at": "2026-03-17T07:40:00Z",
}
CONTAINER: dict[str, Any] = {"number": "HDMU6546583", "shipments": [_CONTAINER_STATE]}
CONTAINER_PAGE: dict[str, Any] = {
    "results": [{"number": "HDMU6546583", **_CONTAINER_STATE}],
    "next": None,
    "cursor": None,
}

FEED: dict[str, Any] = {
    "cursor": "ZjkwMQ",
    "updates": [
        {
            "id": "4711",
            "type": "customs.released",
            "occurred_at": "2026-03-17T05:12:00Z",
            "recorded_at": "2026-03-17T05:14:07Z",
            "shipment": 12,
            "subject": None,
            "data": {"references": [{"type": "house_bill", "value": "KOSHA2603001"}]},
            "changes": {},
        }
    ],
}

EVENT_REPORT = {
    "milestone": "gate_out",
    "occurred_at": "2026-03-19T14:20",
    "place": "KRPUS",
    "containers": ["HDMU6546583"],
    "remark": "On our own truck.",
}
EVENT_RECEIPT = {
    "message": 4712,
    "state": "received",
    "events": [{"id": "0d0c5d0e-8b5c-4d5b-9a47-3f6f6f0f7c11", "version": 1}],
}
