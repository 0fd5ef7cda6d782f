"""Words of an authority by its own code, as they reach the state: for the tables of histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cargo.domain.customs import meanings
from cargo.domain.customs.deadlines import deadlines
from cargo.domain.customs.regimes import regime_of
from cargo.domain.state import Entry
from cargo.domain.view import View
from tests.domain.histories import entry


def sign(authority: str, code: str, at: str, **words: Any) -> Entry:
    """What ``code`` of ``authority`` says, at a wall time; ``limit`` is the last day that the message states."""
    found = meanings.meaning(authority, code)
    assert found is not None, (authority, code)
    if regime_of(found.authority).keeps_code:
        words["code"] = found.code
    limit = words.pop("limit", "")
    if limit:
        words |= {"deadline_kind": meanings.limit_of(found, found.milestone), "deadline": limit}
    return entry(found.milestone, at, authority=found.authority, agency=found.agency or "", **words)


def due(view: View, entries: Sequence[Entry]) -> dict[str, str]:
    """By kind the day by which something is due where it is due, or ``met``; one of each kind."""
    found: dict[str, str] = {}
    for deadline in deadlines(view, entries):
        assert deadline.kind not in found
        day = datetime.fromtimestamp(deadline.due_at, ZoneInfo(deadline.zone)).date()
        found[deadline.kind] = "met" if deadline.met_at is not None else day.isoformat()
    return found
