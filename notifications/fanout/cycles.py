"""What was told of a movement, taken back and really happened later is told again: its topic is free then.

A topic keeps what several sources say of one departure from being told more than once. It is held by the delivery that
told it as long as any report of the departure stood; what only corrects another, or agrees with it, is not told again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from cargo.domain import identity
from cargo.models.interruptions import Twice, interrupted
from notifications.fanout.candidates import Address
from notifications.fanout.matching import Wanted
from notifications.fanout.news import Taken
from notifications.models import Delivery, recipient_of


class _Holder(NamedTuple):
    """A delivery that holds a topic."""

    pk: int
    topic: str
    occurred_at: datetime | None
    channel: int
    recipient: str


def free_topics(wanted: Sequence[Wanted], updates: Sequence[Taken], now: datetime) -> list[Wanted]:
    """Frees the topics of these that were told before, and taken back meanwhile; one statement where none is held.

    What was not sent yet is skipped, since another is told in its place. Gives those of ``wanted`` that may be owed
    then: of the channels of one address the one that told of a topic, or is the first to, goes on telling of it.
    """
    by_id = {update.id: update for update in updates}
    about: dict[str, dict[int, Taken]] = {}
    for row in wanted:
        if row.topic:
            about.setdefault(row.topic, {})[row.update] = by_id[row.update]
    if not about:
        return list(wanted)
    channels = {row.channel.id for row in wanted if row.topic}
    held = Delivery.objects.filter(channel__among=channels, topic__among=about)
    held = held.exclude(topic="").exclude(state=Delivery.State.SKIPPED).order_by()
    holders = [
        _Holder(*row) for row in held.values_list("pk", "topic", "update__occurred_at", "channel_id", "recipient")
    ]
    asked = {
        (holder.pk, twice)
        for holder in holders
        for update in about[holder.topic].values()
        if (twice := _twice(holder, update))
    }
    again = interrupted({twice for _, twice in asked})
    over = {pk for pk, twice in asked if twice in again}
    if over:
        _free(over, now)
    tellers = {(holder.recipient, holder.topic): holder.channel for holder in holders if holder.pk not in over}
    return [row for row in wanted if not row.topic or _tells(row.channel, row.topic, tellers)]


def _tells(channel: Address, topic: str, tellers: dict[tuple[str, str], int]) -> bool:
    """Whether this channel tells its address of the topic; if none does so far, it does from now on."""
    return (
        tellers.setdefault((recipient_of(channel.kind, channel.address, channel.id), topic), channel.id) == channel.id
    )


def _free(over: Collection[int], now: datetime) -> None:
    waiting = (Delivery.State.PENDING, Delivery.State.GATHERED)
    # One that goes out in a digest at this moment is being sent.
    Delivery.objects.filter(pk__among=over, state__in=waiting, gathered_in__isnull=True).update(
        state=Delivery.State.SKIPPED, reason="superseded", finished_at=now, next_attempt_at=None
    )
    Delivery.objects.filter(pk__among=over).exclude(state=Delivery.State.SKIPPED).update(topic="")


def _twice(holder: _Holder, update: Taken) -> Twice | None:
    told, reported = identity.epoch(holder.occurred_at), identity.epoch(update.occurred_at)
    if told is None or reported is None:
        return None
    place = (update.data.get("place") or {}).get("code", "")
    container = str(update.data.get("container", ""))
    return Twice(update.shipment_id, str(update.data["milestone"]), container, place, told, reported)
