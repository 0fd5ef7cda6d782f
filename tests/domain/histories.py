"""Histories for the tests of the domain: short words for entries, and the way from a message's bytes to its view."""

from __future__ import annotations

import itertools
from datetime import datetime
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from cargo.domain import contribution, identity
from cargo.domain.derive import derive
from cargo.domain.event import Event
from cargo.domain.state import ACTUAL, Entry, Rare, merge, rare_or_none
from cargo.domain.view import Plan, View

KST = ZoneInfo("Asia/Seoul")
CUSTOMS = "KR-KCS"
_numbers = itertools.count(1)


def kst(text: str) -> int:
    """``2026-03-14 09:00`` or with seconds, Korean wall time, as seconds since 1970."""
    return int(datetime.fromisoformat(text).replace(tzinfo=KST).timestamp())


def customs(milestone: str, at: str, **words: Any) -> Entry:
    """What Korean customs says happened; holds, releases and withdrawals are its own acts."""
    return entry(milestone, at, authority=CUSTOMS, **{"agency": CUSTOMS, **words})


def entry(milestone: str, at: str, **words: Any) -> Entry:
    """An actual happening at a Korean wall time. ``code`` and ``bill`` are customs' own, as they reach the state."""
    own = {name: words.pop(name) for name in ("code", "bill") if name in words}
    if own:
        words["facts"] = {**(words.get("facts") or {}), **own}
    rare = Rare(**{name: words.pop(name) for name in Rare.__struct_fields__ if name in words})
    return Entry(
        milestone=milestone,
        occurred=kst(at),
        reported=words.pop("reported", kst(at)),
        id=words.pop("id", f"{next(_numbers):032x}"),
        **{"classifier": ACTUAL, "rank": 1, "source": 1, "level": "house", **words},
        rare=rare_or_none(rare),
    )


def view_of(*entries: Entry, **plan: Any) -> View:
    """The view that ``derive`` makes of these entries, whatever their order."""
    return derive(merge([], entries), Plan(**plan))


def entries_of(format_module: ModuleType, data: bytes) -> list[Entry]:
    """The entries of one message's events, in canonical order."""
    found = []
    for outcome in format_module.decode(data):
        if not isinstance(outcome, Event):
            continue
        occurred, reported = identity.epoch(outcome.occurred_at), identity.epoch(outcome.reported_at)
        name = identity.identify(1, outcome, occurred).id
        found.append(contribution.contribution(outcome, name, 1, 1, occurred, reported))
    return merge([], found)


def lights_of(view: View) -> dict[str, str]:
    """Each light's state by its name."""
    return {light.light: light.state for light in view.lights}
