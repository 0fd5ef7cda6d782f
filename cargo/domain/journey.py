"""Which of a shipment's entries belong to its journey: boxes are used again, and shared boxes are shared in part."""

from __future__ import annotations

from operator import attrgetter

from cargo.domain.state import ACTUAL, Entry
from cargo.domain.view import Plan

DAY = 86_400
BEFORE = 7 * DAY
AFTER = 3 * DAY
_BEGINNINGS = frozenset({"booking_requested", "booking_confirmed", "empty_picked_up"})
_EMPTY_MOVES = frozenset({"empty_picked_up", "empty_returned"})

_is_weak = attrgetter("weak")


def belonging(entries: list[Entry], plan: Plan) -> list[Entry]:
    """The entries that count, in the given order.

    An event matched by the container's number alone (``weak``) counts inside the journey's window: from booking or
    empty pick-up less 7 days to empty return plus 3 days. Of a box that a less-than-container load shares, only what
    happened between stuffing and stripping counts, and its empty moves never do.
    """
    if any(map(_is_weak, entries)):
        start, end = _window(entries, plan)
        entries = [
            entry for entry in entries if not entry.weak or entry.occurred is None or start <= entry.occurred <= end
        ]
    if plan.load == "lcl":
        entries = _shared(entries)
    return entries


def _window(entries: list[Entry], plan: Plan) -> tuple[float, float]:
    strong = [entry for entry in entries if not entry.weak and entry.occurred is not None]
    begun = [e.occurred for e in strong if e.milestone in _BEGINNINGS and e.classifier == ACTUAL and e.occurred]
    anchor = min((e.occurred for e in strong if e.occurred), default=plan.registered_at)
    returns = sorted(
        e.occurred for e in entries if e.milestone == "empty_returned" and e.classifier == ACTUAL and e.occurred
    )
    latest = max((e.occurred for e in entries if e.occurred), default=anchor)
    earlier = [at for at in returns if at + AFTER < anchor]
    later = [at for at in returns if at + AFTER >= anchor]
    if not strong and not later and earlier and latest <= earlier[-1] + AFTER:
        # Registered after the box came back: the journey meant is the one that just ended.
        later = [earlier.pop()]
    start: float = min(begun) - BEFORE if begun else (earlier[-1] + 1 if earlier else float("-inf"))
    return start, (later[0] + AFTER if later else float("inf"))


def _shared(entries: list[Entry]) -> list[Entry]:
    stuffed: dict[str, int] = {}
    stripped: dict[str, int] = {}
    for entry in entries:
        if entry.subject and entry.classifier == ACTUAL and entry.occurred is not None:
            if entry.milestone == "stuffed":
                stuffed[entry.subject] = min(stuffed.get(entry.subject, entry.occurred), entry.occurred)
            elif entry.milestone == "stripped":
                stripped[entry.subject] = max(stripped.get(entry.subject, entry.occurred), entry.occurred)

    def counts(entry: Entry) -> bool:
        if not entry.subject:
            return True
        if entry.milestone in _EMPTY_MOVES:
            return False
        if entry.occurred is None:
            return True
        begin, end = stuffed.get(entry.subject), stripped.get(entry.subject)
        return (begin is None or entry.occurred >= begin) and (end is None or entry.occurred <= end)

    return [entry for entry in entries if counts(entry)]
