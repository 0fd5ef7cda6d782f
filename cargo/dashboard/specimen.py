"""A made-up shipment for the style page, with every component in it and times near now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

_SEOUL = "Asia/Seoul"


def at(now: datetime, **ago: float) -> str:
    """So long ago, as a document writes it; a negative span lies ahead."""
    return (now - timedelta(**ago)).isoformat()


def held(now: datetime) -> dict[str, Any]:
    """A document with everything in it: a release taken back, open and closed holds, a deadline, two containers."""
    releases = [{"released_at": at(now, days=4), "revoked_at": at(now, days=3), "declaration": "4307126001234M"}]
    return {
        "id": 4711,
        "references": [
            {"type": "purchase_order", "value": "PO-8841-B"},
            {"type": "house_bill", "value": "KOSHA2603001"},
            {"type": "master_bill", "value": "HDMUPUSR1234567"},
            {"type": "cargo_control_number", "value": "26HDMU0123I00450007"},
        ],
        "status": "in_bond",
        "milestone": "documents_requested",
        "mode": "vessel",
        "plan": {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"},
        "customs": {"state": "held", "releases": releases, "holds": _holds(now)},
        "release": {"ready": False, "lights": _lights(now), "blocking": _blocking(now)},
        "eta": {"at": at(now, days=8), "classifier": "actual", "first_at": at(now, days=10), "source": "HMM"},
        "deadlines": [
            {
                "kind": "documents",
                "due_at": at(now, days=-3),
                "basis": "KR-KCS notice",
                "met_at": None,
                "source": "unipass",
                "text": "",
            },
            {
                "kind": "last_free_day",
                "due_at": at(now, days=-1)[:10],
                "basis": "earliest of carrier and terminal",
                "met_at": None,
                "source": "HMM",
                "text": "",
            },
            {
                "kind": "storage_limit",
                "due_at": at(now, days=-120)[:10],
                "basis": "",
                "met_at": None,
                "source": "unipass",
                "text": "장치기간은 최대 6 개월",
            },
            {
                "kind": "entry_limit",
                "due_at": at(now, days=6),
                "basis": "",
                "met_at": at(now, days=7),
                "source": "unipass",
                "text": "",
            },
        ],
        "milestones": [
            {"milestone": "departed", "classifier": "actual", "occurred_at": at(now, days=11)},
            {"milestone": "arrived", "classifier": "actual", "occurred_at": at(now, days=8)},
            {"milestone": "import_declared", "classifier": "actual", "occurred_at": at(now, days=6)},
        ],
        "containers": [
            {
                "number": "HDMU6546583",
                "iso_code": "45G1",
                "milestone": "discharged",
                "status": "in_bond",
                "released": True,
                "last_event_at": at(now, days=7),
            },
            {
                "number": "TCNU4885210",
                "iso_code": "22G1",
                "milestone": "documents_requested",
                "status": "in_bond",
                "released": False,
                "last_event_at": at(now, hours=5),
            },
        ],
        "quantity": {"manifested": 420, "released": 210, "removed": 0, "unit": "CT"},
        "freshness": [
            {
                "source": "unipass",
                "name": "UNI-PASS",
                "last_received_at": at(now, minutes=12),
                "last_occurred_at": at(now, hours=5),
            },
            {
                "source": "hmm",
                "name": "HMM",
                "last_received_at": at(now, days=2),
                "last_occurred_at": at(now, days=7),
            },
        ],
        "timeline": _timeline(now),
    }


def _holds(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "agency": "KR-KCS",
            "name": "Korea Customs Service",
            "kind": "inspection",
            "placed_at": at(now, days=6),
            "cleared_at": at(now, days=5),
            "cleared_by": "release",
            "declaration": "4307126001234M",
            "level": "declaration",
            "text": "검사대상 선별",
        },
        {
            "agency": "KR-KCS",
            "name": "Korea Customs Service",
            "kind": "documents",
            "placed_at": at(now, hours=50),
            "cleared_at": None,
            "cleared_by": None,
            "declaration": "4307126001234M",
            "level": "declaration",
            "text": "보완요구",
        },
    ]


def _lights(now: datetime) -> list[dict[str, Any]]:
    states = ("blocked", "not_applicable", "pending", "ok", "blocked", "unknown")
    names = ("customs", "agencies", "carrier", "terminal", "documents", "payment")
    return [
        {
            "light": name,
            "state": state,
            "since": at(now, hours=50 - 7 * index) if state != "unknown" else None,
            "source": "unipass",
        }
        for index, (name, state) in enumerate(zip(names, states, strict=True))
    ]


def _blocking(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "light": "customs",
            "state": "blocked",
            "responsible": "broker",
            "next_action": "submit_documents",
            "since": at(now, hours=50),
            "deadline": at(now, days=-3),
        },
        {
            "light": "carrier",
            "state": "pending",
            "responsible": "importer",
            "next_action": "request_delivery_order",
            "since": None,
            "deadline": None,
        },
    ]


def _event(now: datetime, number: int, milestone: str, **facts: Any) -> dict[str, Any]:
    ago = facts.pop("ago")
    event: dict[str, Any] = {
        "id": f"01923f00-0000-7000-8000-{number:012d}",
        "milestone": milestone,
        "milestone_reported": milestone,
        "classifier": "actual",
        "level": "house",
        "effect": "advance",
        "occurred_at": at(now, **ago),
        "occurred_local": None,
        "time_zone": _SEOUL,
        "time_basis": "place",
        "reported_at": at(now, **ago),
        "received_at": at(now, **ago),
        "place": {"code": "KRPUS", "scheme": "unlocode", "facility": None, "role": "discharge", "name": "Busan"},
        "transport": None,
        "source": "UNI-PASS",
        "source_code": None,
        "source_text": None,
        "references": [],
        "quantity": None,
        "deadline": None,
        "delay_reason": None,
        "warnings": [],
        "superseded": False,
    }
    return event | facts


def _timeline(now: datetime) -> list[dict[str, Any]]:
    vessel = {"mode": "vessel", "vessel_name": "HMM ALGECIRAS", "imo": "9863297", "voyage": "014E"}
    shanghai = {"code": "CNSHA", "scheme": "unlocode", "facility": None, "role": "loading", "name": "Shanghai"}
    first = [{"type": "container", "value": "HDMU6546583"}]
    second = [{"type": "container", "value": "TCNU4885210"}]
    boxes = first + second
    return [
        _event(now, 1, "gate_out", ago={"days": -3}, classifier="estimated", references=boxes, source="HMM"),
        _event(
            now,
            2,
            "documents_requested",
            ago={"hours": 50},
            effect="hold_open",
            source_text="보완요구",
            level="declaration",
            references=second,
        ),
        _event(
            now,
            3,
            "customs_release_cancelled",
            ago={"days": 3},
            effect="revert",
            source_text="수입신고수리 취소",
            level="declaration",
        ),
        _event(
            now,
            4,
            "customs_released",
            ago={"days": 4},
            effect="release",
            source_text="수입신고수리",
            level="declaration",
        ),
        _event(now, 5, "import_declared", ago={"days": 6}, level="declaration", source_text="수입신고"),
        _event(
            now,
            6,
            "discharged",
            ago={"days": 7},
            level="container",
            references=boxes,
            transport=vessel,
            source="HMM",
            source_code="DISC",
        ),
        _event(
            now,
            7,
            "arrived",
            ago={"days": 8},
            level="conveyance",
            transport=vessel,
            source="HMM",
            source_code="ARRI",
            warnings=["reported_late"],
        ),
        _event(
            now,
            8,
            "arrived",
            ago={"days": 9},
            classifier="estimated",
            level="conveyance",
            transport=vessel,
            source="HMM",
            superseded=True,
        ),
        _event(
            now,
            9,
            "departed",
            ago={"days": 11},
            level="conveyance",
            transport=vessel,
            place=shanghai,
            time_zone="Asia/Shanghai",
            source="HMM",
            source_code="DEPA",
        ),
    ]
