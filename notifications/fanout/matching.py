"""Which channel is told which update, how, and because of which subscription. No clock but the one that is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from notifications import kinds
from notifications.fanout.arrivals import Arrivals, arrivals
from notifications.fanout.candidates import Address, Candidate, Candidates, candidates
from notifications.fanout.news import Taken, news_of, news_to


class Wanted(NamedTuple):
    """One update for one channel. ``data`` is laid over the update's own; ``topic`` as in ``Delivery``."""

    update: int
    channel: Address
    subscription: int
    notice: str
    mode: str
    topic: str
    data: dict[str, Any]


def wanted(updates: Sequence[Taken], now: datetime) -> list[Wanted]:
    """Everything that these updates owe, in their order; of one update what is told at once first."""
    found = candidates(updates, now)
    expected = arrivals(updates, found)
    rows: list[Wanted] = []
    for update in updates:
        rows += sorted(_of(update, found, expected, now), key=lambda row: (row.mode != kinds.NOW, row.channel.id))
    expected.keep()
    return rows


def _of(update: Taken, found: Candidates, expected: Arrivals, now: datetime) -> Iterator[Wanted]:
    happened = news_of(update, now)
    if happened is None:
        return
    to_people = kinds.of_update(update.kind, update.data)
    topic = _topic(update, to_people)
    best: dict[int, tuple[str, Candidate]] = {}
    for organization, party_roles in update.organizations.items():
        for row in found.of(organization, update.shipment_id):
            notice = update.kind if row.channel.kind == "webhook" else to_people
            latest = news_to(update, happened, row.channel.kind)
            if notice is None or not found.counts(row, update.shipment_id, notice, party_roles, latest):
                continue
            mode = row.mode(notice, party_roles)
            held = best.get(row.channel.id)
            if mode == kinds.OFF or (held is not None and not kinds.stronger(mode, held[0])):
                continue
            if latest < row.since or not row.covers(update.shipment_id, notice, party_roles):
                continue
            if notice == kinds.ETA and not expected.moved(update, row):
                continue
            best[row.channel.id] = (mode, row)
    for mode, row in best.values():
        if row.channel.kind == "webhook":
            yield Wanted(update.id, row.channel, row.id, update.kind, mode, "", {})
            continue
        data = expected.words_for(update, row.channel.id) if to_people == kinds.ETA else {}
        yield Wanted(update.id, row.channel, row.id, str(to_people), mode, topic, data)


def _topic(update: Taken, notice: str | None) -> str:
    """Several sources put one departure at several times: the shipment, the move, the box and the place are one.

    Only to people: a program is told each.
    """
    if update.kind != "milestone" or notice is None:
        return ""
    place = update.data.get("place") or {}
    return f"{update.shipment_id}|{notice}|{update.data.get('container', '')}|{place.get('code', '')}"[:120]
