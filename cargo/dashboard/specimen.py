"""A made-up shipment for the style page, with every component in it and times near now."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

_SEOUL = "Asia/Seoul"
_FIRST = [{"type": "container", "value": "HDMU6546583"}]
_SECOND = [{"type": "container", "value": "TCNU4885210"}]


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
        "deadlines": _deadlines(now),
        "milestones": _milestones(now),
        "containers": _containers(now),
        "quantity": {"manifested": 420, "released": 210, "removed": 0, "unit": "CT"},
        "freshness": _freshness(now),
        "timeline": _timeline(now),
    }


def _deadlines(now: datetime) -> list[dict[str, Any]]:
    return [
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
    ]


def _milestones(now: datetime) -> list[dict[str, Any]]:
    return [
        {"milestone": "departed", "classifier": "actual", "occurred_at": at(now, days=11)},
        {"milestone": "arrived", "classifier": "actual", "occurred_at": at(now, days=8)},
        {"milestone": "import_declared", "classifier": "actual", "occurred_at": at(now, days=6)},
    ]


def _containers(now: datetime) -> list[dict[str, Any]]:
    return [
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
    ]


def _freshness(now: datetime) -> list[dict[str, Any]]:
    return [
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
    ]


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
    """Newest first."""
    expected = _event(
        now, 1, "gate_out", ago={"days": -3}, classifier="estimated", references=_FIRST + _SECOND, source="HMM"
    )
    return [expected, *_of_customs(now), *_of_the_carrier(now)]


def _of_customs(now: datetime) -> list[dict[str, Any]]:
    declaration = partial(_event, now, level="declaration")
    return [
        declaration(
            2, "documents_requested", ago={"hours": 50}, effect="hold_open", source_text="보완요구", references=_SECOND
        ),
        declaration(3, "customs_release_cancelled", ago={"days": 3}, effect="revert", source_text="수입신고수리 취소"),
        declaration(4, "customs_released", ago={"days": 4}, effect="release", source_text="수입신고수리"),
        declaration(5, "import_declared", ago={"days": 6}, source_text="수입신고"),
    ]


def _of_the_carrier(now: datetime) -> list[dict[str, Any]]:
    vessel = {"mode": "vessel", "vessel_name": "HMM ALGECIRAS", "imo": "9863297", "voyage": "014E"}
    shanghai = {"code": "CNSHA", "scheme": "unlocode", "facility": None, "role": "loading", "name": "Shanghai"}
    of_carrier = partial(_event, now, transport=vessel, source="HMM")
    conveyance = partial(of_carrier, level="conveyance")
    return [
        of_carrier(
            6, "discharged", ago={"days": 7}, level="container", references=_FIRST + _SECOND, source_code="DISC"
        ),
        conveyance(7, "arrived", ago={"days": 8}, source_code="ARRI", warnings=["reported_late"]),
        conveyance(8, "arrived", ago={"days": 9}, classifier="estimated", superseded=True),
        conveyance(9, "departed", ago={"days": 11}, place=shanghai, time_zone="Asia/Shanghai", source_code="DEPA"),
    ]
