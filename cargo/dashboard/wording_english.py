"""English sentences for what was read from a shipment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cargo.dashboard import dates, terms
from cargo.dashboard.reading import Facts

_ACTORS = {
    "importer": "the importer",
    "consignee": "the consignee",
    "exporter": "the exporter",
    "shipper": "the shipper",
    "forwarder": "the forwarder",
    "broker": "the customs broker",
    "customs": "customs",
    "agency": "the agency",
    "carrier": "the carrier",
    "terminal": "the terminal",
    "warehouse": "the warehouse",
}
_HOLD_TEXTS = {
    "inspection": "The goods were selected for inspection",
    "documents": "Documents were requested",
    "payment": "Payment was required",
    "seized": "The goods were seized",
    "security_filing": "The security filing was put on hold",
    "do_not_load": "Loading was forbidden",
    "refused": "The goods were refused",
}

_WAITS = {
    "wait_for_customs": "Customs is still to decide",
    "wait_for_agency": "The agency is still to finish its inspection",
    "wait_for_discharge": "The cargo is still to be unloaded",
    "wait_for_arrival": "The cargo is still to arrive",
}


def who(responsible: str | None, role: str | None = None) -> str:
    """``You``, ``Your broker``, ``Customs``."""
    if not responsible:
        return "Nobody named"
    if role and responsible == role:
        return "You"
    if role == "importer" and responsible in ("broker", "forwarder"):
        return f"Your {responsible}"
    words = _ACTORS.get(responsible, f"the {responsible.replace('_', ' ')}")
    return words.removeprefix("the ").capitalize()


def what(action: str | None) -> str:
    """``Submit the documents that customs asked for``."""
    words = terms.word(terms.NEXT_ACTIONS, action, "en")
    return words[:1].upper() + words[1:]


def headline(facts: Facts) -> str:
    """The first line."""
    return {
        "cancelled": lambda: f"Cancelled{_on(facts)}.",
        "delivered": lambda: f"Delivered{_on(facts)}.",
        "completed": lambda: "Completed.",
        "collected": lambda: f"Collected{_on(facts)}.",
        "revoked": lambda: f"Release taken back{_on(facts)}.",
        "rejected": lambda: f"Declaration rejected{_on(facts)}.",
        "held": lambda: f"Held by {_holder(facts)}{_since(facts)}.",
        "ready": lambda: "Ready to collect.",
        "released_blocked": lambda: f"Released by customs{_on(facts)}, not yet free to collect.",
        "released_unknown": lambda: f"Released by customs{_on(facts)}.",
        "withdrawn": lambda: f"Declaration withdrawn{_on(facts)}.",
        "declared": lambda: f"Declared to customs{_on(facts)}.",
        "under_review": lambda: f"Under customs review{_since(facts)}.",
        "landed": lambda: f"Arrived{_at(facts.destination)}{_on(facts)}, not declared yet.",
        "under_way": lambda: _under_way(facts),
        "at_origin": lambda: f"At origin{_at(facts.origin, ', ')}.",
        "expected": lambda: "Expected; not loaded yet.",
        "silent": lambda: "Waiting for the first news.",
    }[facts.case]()


def sentences(facts: Facts) -> Iterator[str]:
    """What follows the headline: why, whose move, by when, and how sure."""
    yield from _why(facts)
    yield from _likely(facts)
    for move in facts.told_moves:
        yield _move_sentence(move, facts)
    yield from _deadline(facts)
    yield from _parts(facts)


def _why(facts: Facts) -> Iterator[str]:
    if facts.case == "held" and facts.hold and facts.since:
        kind = facts.hold.get("kind") or ""
        text = _HOLD_TEXTS.get(kind, "The hold was placed")
        yield f"{text} on {_moment(facts.since, facts)}."
        if facts.more_holds:
            yield f"{facts.more_holds} more {'hold is' if facts.more_holds == 1 else 'holds are'} open."
    elif facts.case == "revoked":
        when = f" on {_moment(facts.since, facts)}" if facts.since else ""
        yield f"Customs withdrew its release{when}; the cargo must not leave until it is released again."
    elif facts.case == "rejected":
        yield "The declaration has to be corrected and lodged again before customs can release the goods."
    elif facts.case == "released_unknown" and facts.unknown_lights:
        names = _join([f"the {terms.word(terms.LIGHTS, light, 'en').lower()}" for light in facts.unknown_lights])
        yield f"Whether it can be collected is not known: nothing is heard of {names}."
    elif facts.case == "ready" and facts.since:
        yield f"Customs released it on {_moment(facts.since, facts)}."
    elif facts.case in ("under_way", "at_origin", "expected") and facts.eta:
        yield from _arrival(facts)
    elif facts.case == "silent":
        yield "The number is registered; nothing has been received about it so far. It appears here as soon as it is."


def _arrival(facts: Facts) -> Iterator[str]:
    assert facts.eta is not None
    place = _at(facts.destination)
    if facts.eta < facts.now:
        yield f"It was due{place} on {_moment(facts.eta, facts)}; its arrival has not been confirmed."
        return
    moved = ""
    if facts.eta_first and abs(facts.eta - facts.eta_first) >= timedelta(hours=1):
        change = dates.long_span(abs(facts.eta - facts.eta_first).total_seconds(), "en")
        moved = f", {change} {'later' if facts.eta > facts.eta_first else 'earlier'} than first estimated"
    yield f"Arrival{place} is estimated for {_moment(facts.eta, facts)}{moved}."


def _likely(facts: Facts) -> Iterator[str]:
    if facts.likely is None:
        return
    low, high = (dates.local_day(at, facts.zone) or facts.today for at in (facts.likely.low, facts.likely.high))
    what = "free to collect" if facts.likely.free else "collected"
    if low < facts.today:
        yield f"Likely {what} by {dates.day(high, 'en', facts.today)}."
    elif low == high:
        yield f"Likely {what} {dates.on_day(low, 'en', facts.today)}."
    else:
        yield f"Likely {what} {dates.day(low, 'en', facts.today)} to {dates.day(high, 'en', facts.today)}."


def _move_sentence(move: dict[str, object], facts: Facts) -> str:
    code = str(move.get("next_action") or "")
    if code in _WAITS:
        return f"{_WAITS[code]}."
    actor = who(str(move.get("responsible") or "") or None, facts.role)
    if actor not in ("You", "Customs", "Nobody named") and not actor.startswith("Your "):
        actor = f"The {actor[:1].lower()}{actor[1:]}"
    action = terms.word(terms.NEXT_ACTIONS, code, "en")
    due = dates.local_day(str(move.get("deadline") or ""), facts.zone)
    by = f" by {dates.day(due, 'en', facts.today)}" if due else ""
    if actor == "Nobody named":
        return f"Next: {action}{by}."
    return f"{actor} must {action}{by}."


def _deadline(facts: Facts) -> Iterator[str]:
    if not facts.deadline or not facts.due or facts.case in ("collected", "delivered", "completed", "cancelled"):
        return
    if any(dates.local_day(str(move.get("deadline") or ""), facts.zone) == facts.due for move in facts.told_moves):
        return
    label = terms.word(terms.DEADLINES, facts.deadline.get("kind"), "en")
    left = dates.days_left(facts.due, facts.today, "en")
    yield f"{label}: {dates.day(facts.due, 'en', facts.today)} ({left})."


def _parts(facts: Facts) -> Iterator[str]:
    if 0 < facts.released < facts.containers:
        yield f"{facts.released} of {facts.containers} containers are released."


def _under_way(facts: Facts) -> str:
    code, name = facts.destination
    to = terms.place(code, name, "en")
    return f"On the way to {to}." if to else "On the way."


def _holder(facts: Facts) -> str:
    agency = (facts.hold or {}).get("agency")
    kind = (facts.hold or {}).get("kind")
    if kind == "carrier":
        return "the carrier"
    if kind == "terminal":
        return "the terminal"
    if kind in ("agency", "refused") and agency:
        name = (facts.hold or {}).get("authority_name") or terms.word(terms.AUTHORITIES, agency, "en")
        return f"the {name}" if name[:1].isupper() and " " in name else name
    return "customs"


def _at(place: tuple[str | None, str | None], joint: str = " in ") -> str:
    words = terms.place(place[0], place[1], "en")
    return f"{joint}{words}" if words else ""


def _on(facts: Facts) -> str:
    since = dates.local_day(facts.since, facts.zone)
    return f" {dates.on_day(since, 'en', facts.today)}" if since else ""


def _since(facts: Facts) -> str:
    since = dates.local_day(facts.since, facts.zone)
    return f" since {dates.near_day(since, 'en', facts.today)}" if since else ""


def _moment(value: datetime, facts: Facts) -> str:
    return dates.moment(value, facts.zone, "en", facts.now)


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
