"""Made-up shipments for the style page: every state that a component can be in, with times near now."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

_SEOUL = "Asia/Seoul"


def _at(now: datetime, **ago: float) -> str:
    return (now - timedelta(**ago)).isoformat()


def held(now: datetime) -> dict[str, Any]:
    """A document with everything in it: a release taken back, open and closed holds, a deadline, two containers."""
    releases = [{"released_at": _at(now, days=4), "revoked_at": _at(now, days=3), "declaration": "4307126001234M"}]
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
        "eta": {"at": _at(now, days=8), "classifier": "actual", "first_at": _at(now, days=10), "source": "HMM"},
        "deadlines": [
            {
                "kind": "documents",
                "due_at": _at(now, days=-3),
                "basis": "KR-KCS notice",
                "met_at": None,
                "source": "unipass",
                "text": "",
            },
            {
                "kind": "last_free_day",
                "due_at": _at(now, days=-1)[:10],
                "basis": "earliest of carrier and terminal",
                "met_at": None,
                "source": "HMM",
                "text": "",
            },
            {
                "kind": "storage_limit",
                "due_at": _at(now, days=-120)[:10],
                "basis": "",
                "met_at": None,
                "source": "unipass",
                "text": "장치기간은 최대 6 개월",
            },
            {
                "kind": "entry_limit",
                "due_at": _at(now, days=6),
                "basis": "",
                "met_at": _at(now, days=7),
                "source": "unipass",
                "text": "",
            },
        ],
        "milestones": [
            {"milestone": "departed", "classifier": "actual", "occurred_at": _at(now, days=11)},
            {"milestone": "arrived", "classifier": "actual", "occurred_at": _at(now, days=8)},
            {"milestone": "import_declared", "classifier": "actual", "occurred_at": _at(now, days=6)},
        ],
        "containers": [
            {
                "number": "HDMU6546583",
                "iso_code": "45G1",
                "milestone": "discharged",
                "status": "in_bond",
                "released": True,
                "last_event_at": _at(now, days=7),
            },
            {
                "number": "TCNU4885210",
                "iso_code": "22G1",
                "milestone": "documents_requested",
                "status": "in_bond",
                "released": False,
                "last_event_at": _at(now, hours=5),
            },
        ],
        "quantity": {"manifested": 420, "released": 210, "removed": 0, "unit": "CT"},
        "freshness": [
            {
                "source": "unipass",
                "name": "UNI-PASS",
                "last_received_at": _at(now, minutes=12),
                "last_occurred_at": _at(now, hours=5),
            },
            {
                "source": "hmm",
                "name": "HMM",
                "last_received_at": _at(now, days=2),
                "last_occurred_at": _at(now, days=7),
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
            "placed_at": _at(now, days=6),
            "cleared_at": _at(now, days=5),
            "cleared_by": "release",
            "declaration": "4307126001234M",
            "level": "declaration",
            "text": "검사대상 선별",
        },
        {
            "agency": "KR-KCS",
            "name": "Korea Customs Service",
            "kind": "documents",
            "placed_at": _at(now, hours=50),
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
            "since": _at(now, hours=50 - 7 * index) if state != "unknown" else None,
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
            "since": _at(now, hours=50),
            "deadline": _at(now, days=-3),
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
        "occurred_at": _at(now, **ago),
        "occurred_local": None,
        "time_zone": _SEOUL,
        "time_basis": "place",
        "reported_at": _at(now, **ago),
        "received_at": _at(now, **ago),
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


def rows(now: datetime) -> list[SimpleNamespace]:
    """List rows in every state that the one chip can show."""
    made = []
    states = [
        ("in_bond", "held", 1, ["KR-KCS"], False),
        ("in_bond", "revoked", 0, [], False),
        ("arrived", "under_review", 0, [], None),
        ("in_transit", "none", 0, [], None),
        ("in_bond", "released", 0, [], None),
        ("available", "released", 0, [], True),
        ("delivered_out", "released", 0, [], True),
        ("expected", "none", 0, [], None),
        ("cancelled", "none", 0, [], None),
    ]
    for number, (status, customs_state, holds, agencies, ready) in enumerate(states):
        made.append(
            SimpleNamespace(
                id=4711 + number,
                own_reference=f"PO-88{41 + number}",
                house_bill=f"KOSHA26030{number:02d}",
                master_bill="HDMUPUSR1234567",
                containers=["HDMU6546583"],
                container_count=(1, 9, 2, 1, 3, 1, 1, 0, 0)[number],
                released_count=(0, 7, 0, 0, 3, 1, 1, 0, 0)[number],
                status=status,
                milestone="documents_requested" if number == 0 else "arrived",
                customs_state=customs_state,
                ready=ready,
                open_holds=holds,
                hold_agencies=agencies,
                mode="air" if number == 3 else "vessel",
                carrier="HMM",
                port_of_loading="CNSHA",
                port_of_discharge="KRPUS",
                eta=now + timedelta(days=3 - number),
                eta_first=now + timedelta(days=1 - number),
                arrived_at=now - timedelta(days=2) if number in (0, 1, 2, 4, 5, 6) else None,
                last_free_day=(now + timedelta(days=4 - number)).date() if number < 6 else None,
                last_event_at=now - timedelta(hours=3 * number + 1) if number != 7 else None,
                changed_at=now,
            )
        )
    return made


def case(now: datetime, status: str, state: str = "none", **parts: Any) -> dict[str, Any]:
    """A small document in one state."""
    document: dict[str, Any] = {
        "id": 1,
        "references": [{"type": "house_bill", "value": "KOSHA2603001"}],
        "status": status,
        "milestone": status,
        "mode": "vessel",
        "plan": {"port_of_loading": "CNSHA", "port_of_discharge": "KRPUS"},
        "customs": {"state": state, "holds": parts.pop("holds", []), "releases": parts.pop("releases", [])},
        "release": parts.pop("release", {"ready": None, "lights": [], "blocking": []}),
        "eta": None,
        "deadlines": [],
        "milestones": [],
        "containers": [],
        "freshness": [],
        "timeline": [],
    }
    return document | parts


def cases(now: datetime) -> list[dict[str, Any]]:
    """A document for every case that the answer tells apart."""
    released = [{"released_at": _at(now, days=1), "revoked_at": None}]
    revoked = [{"released_at": _at(now, days=4), "revoked_at": _at(now, hours=20)}]
    inspection = [
        {"agency": "KR-QIA", "name": None, "kind": "agency", "placed_at": _at(now, days=9), "cleared_at": None}
    ]
    dark = {
        "ready": None,
        "lights": [{"light": "carrier", "state": "unknown"}, {"light": "terminal", "state": "unknown"}],
        "blocking": [],
    }
    charges = [
        {
            "light": "carrier",
            "state": "blocked",
            "responsible": "importer",
            "next_action": "settle_charges",
            "since": None,
            "deadline": None,
        }
    ]
    waits = [
        {
            "light": "agencies",
            "state": "blocked",
            "responsible": "agency",
            "next_action": "wait_for_agency",
            "since": None,
            "deadline": None,
        }
    ]
    eta = {"at": _at(now, days=-3), "classifier": "estimated", "first_at": _at(now, days=-1), "source": "HMM"}
    late = {"at": _at(now, days=2), "classifier": "estimated", "first_at": None, "source": "HMM"}

    def happened(milestone: str, **ago: float) -> list[dict[str, Any]]:
        return [{"milestone": milestone, "classifier": "actual", "occurred_at": _at(now, **ago)}]

    return [
        held(now),
        case(now, "in_bond", "held", holds=inspection, release={"ready": False, "lights": [], "blocking": waits}),
        case(now, "in_bond", "revoked", releases=revoked),
        case(now, "in_bond", "rejected", milestones=happened("declaration_rejected", days=1)),
        case(now, "available", "released", releases=released, release={"ready": True, "lights": [], "blocking": []}),
        case(
            now, "in_bond", "released", releases=released, release={"ready": False, "lights": [], "blocking": charges}
        ),
        case(now, "in_bond", "released", releases=released, release=dark),
        case(now, "in_bond", "under_review", milestones=happened("customs_review", days=1)),
        case(now, "arrived", milestones=happened("arrived", days=2)),
        case(now, "in_transit", eta=eta),
        case(now, "in_transit", eta=late),
        case(now, "at_origin"),
        case(now, "expected", milestone=""),
        case(now, "delivered_out", "released", releases=released, milestones=happened("gate_out", hours=3)),
        case(now, "cancelled"),
    ]
