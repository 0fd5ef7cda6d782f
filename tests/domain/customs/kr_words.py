"""Korean histories, worked out by hand on the calendar of 2026: state, holds, lights and deadlines at every step.

Most cargo here arrives on Monday 9 March and is stored on Tuesday the 10th. From there: declare by Thursday 9 April
(30 days), enter the unloading place by Monday 16 March (5 days end on a Saturday), leave storage without a notice by
Monday 11 May in Incheon (2 months end on a Sunday). Released on Thursday 12 March it must leave by Friday the 27th.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cargo.domain.customs.deadlines import Grounds, Shed, deadlines
from cargo.domain.places import zone_info
from cargo.domain.state import Entry
from cargo.domain.view import Plan, View
from tests.domain.histories import customs

INCHEON, CFS, BUSAN = "02012018", "02006116", "03012240"
# Customs lists this warehouse for both consequences, that one for neither; of the others nothing is known.
LISTED, UNLISTED = "16010001", "16010002"
GROUNDS = Grounds(sheds={LISTED: Shed(True, True), UNLISTED: Shed(False, False)})
FIRST, SECOND = "4291826000123M", "4291826000124M"
LIST = "AE02312000001167"
BOX = {"box": "HDMU6546583"}
SEA, AIR = Plan(mode="sea"), Plan(mode="air")

ENTER = {"entry_limit": "2026-03-16"}
ENTERED = {"entry_limit": "met"}
STORED = {"import_declaration": "2026-04-09", "storage_limit": "2026-05-11"}
DECLARED = {"import_declaration": "met", "storage_limit": "2026-05-11"}
RELEASED = {**DECLARED, "removal": "2026-03-27", "payment": "2026-03-27"}
GONE = {"import_declaration": "met", "storage_limit": "met", "removal": "met", "payment": "2026-03-27"}
WAITING = {"customs": "pending"}
BLOCKED = {"customs": "blocked"}
CLEAR = {"customs": "ok"}


def said(milestone: str, at: str, **words: Any) -> Entry:
    """What customs says happened in March 2026: ``10 15:00``, or at a whole date."""
    return customs(milestone, at if len(at) > 8 else f"2026-03-{at}", **words)


def arrived(at: str = "09 08:00", **words: Any) -> Entry:
    return said("arrived", at, level="conveyance", **{"facts": BOX, **words})


def stored(at: str = "10 15:00", place: str = INCHEON, **words: Any) -> Entry:
    return said("bonded_storage_in", at, place=place, **words)


def with_notice(at: str, day: str, place: str, months: int = 6, milestone: str = "bonded_storage_in") -> Entry:
    facts = {"storage_months": months, "notice": f"장치기간은 최대 {months} 개월 입니다."}
    return said(milestone, at, place=place, deadline_kind="storage_limit", deadline=day, facts=facts)


def declared(at: str = "11 09:00", number: str = FIRST, **words: Any) -> Entry:
    return said("import_declared", at, declaration=number, **words)


def released(at: str = "12 14:00", number: str = FIRST, **words: Any) -> Entry:
    return said("customs_released", at, declaration=number, **words)


def gone(at: str = "13 08:00", **words: Any) -> Entry:
    return said("gate_out", at, **{"declaration": FIRST, **words})


def on(milestone: str, at: str, number: str = FIRST, **words: Any) -> Entry:
    return said(milestone, at, declaration=number, **words)


def due(view: View, entries: list[Entry]) -> dict[str, str]:
    """By kind the Korean day on which it is due, or ``met``; of several in order of time, with a space between."""
    found: dict[str, list[str]] = {}
    for deadline in deadlines(view, entries, GROUNDS):
        day = datetime.fromtimestamp(deadline.due_at, zone_info("Asia/Seoul")).date().isoformat()
        found.setdefault(deadline.kind, []).append("met" if deadline.met_at is not None else day)
    return {kind: " ".join(days) for kind, days in found.items()}
