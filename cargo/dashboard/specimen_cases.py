"""Made-up shipments for the style page: one for every case that the answer tells apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cargo.dashboard.specimen import at, held


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


def _blocked(light: str, responsible: str, next_action: str) -> dict[str, Any]:
    return {
        "light": light,
        "state": "blocked",
        "responsible": responsible,
        "next_action": next_action,
        "since": None,
        "deadline": None,
    }


def cases(now: datetime) -> list[dict[str, Any]]:
    """A document for every case that the answer tells apart."""
    released = [{"released_at": at(now, days=1), "revoked_at": None}]
    revoked = [{"released_at": at(now, days=4), "revoked_at": at(now, hours=20)}]
    inspection = [
        {"agency": "KR-QIA", "name": None, "kind": "agency", "placed_at": at(now, days=9), "cleared_at": None}
    ]
    dark = {
        "ready": None,
        "lights": [{"light": "carrier", "state": "unknown"}, {"light": "terminal", "state": "unknown"}],
        "blocking": [],
    }
    charges = [_blocked("carrier", "importer", "settle_charges")]
    waits = [_blocked("agencies", "agency", "wait_for_agency")]
    eta = {"at": at(now, days=-3), "classifier": "estimated", "first_at": at(now, days=-1), "source": "HMM"}
    late = {"at": at(now, days=2), "classifier": "estimated", "first_at": None, "source": "HMM"}

    def happened(milestone: str, **ago: float) -> list[dict[str, Any]]:
        return [{"milestone": milestone, "classifier": "actual", "occurred_at": at(now, **ago)}]

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
