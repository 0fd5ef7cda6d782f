"""Made-up list rows for the style page: every state that the one chip can show."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace


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
                released_at=now if customs_state == "released" else None,
                gated_out_at=now if status == "delivered_out" else None,
                arrived_at=now - timedelta(days=2) if number in (0, 1, 2, 4, 5, 6) else None,
                last_free_day=(now + timedelta(days=4 - number)).date() if number < 6 else None,
                last_event_at=now - timedelta(hours=3 * number + 1) if number != 7 else None,
                changed_at=now,
            )
        )
    return made
