"""What is news, to whom from when on (decision 21)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

# Told however late they are reported: what customs did is true until customs says otherwise, and time runs on.
ALWAYS_NEWS = frozenset(
    {
        "customs.held", "customs.hold_cleared", "customs.released", "customs.release_revoked",
        "deadline.near", "deadline.exceeded", "deadline.set", "deadline.changed",
    }
)  # fmt: skip
NEWS_FOR = timedelta(hours=72)
# Reports of these come hours after the act: who subscribed meanwhile, because the page said that nothing had happened
# yet, is told as well. What is older is where the cargo stood when he subscribed.
LATE = timedelta(hours=24)


class Taken(Protocol):
    """An update as ``announce.take`` hands it out."""

    @property
    def id(self) -> int: ...
    @property
    def shipment_id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def occurred_at(self) -> datetime | None: ...
    @property
    def reported_at(self) -> datetime | None: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def organizations(self) -> Mapping[int, frozenset[str]]: ...


def news_of(update: Taken, now: datetime) -> datetime | None:
    """When what an update tells happened. None: it is news to nobody.

    Customs' acts and deadlines always are, anything else if it happened or was reported within 72 hours. An update
    without a time of its own happened when it was reported or recorded; so did an estimate, whose time lies ahead.
    """
    reported = update.reported_at or update.recorded_at
    happened = reported if update.kind == "estimate" else update.occurred_at or reported
    told = update.kind in ALWAYS_NEWS or max(happened, reported) >= now - NEWS_FOR
    return happened if told else None


def news_to(update: Taken, happened: datetime, channel: str) -> datetime:
    """It is news to the subscriptions of this kind of channel that began no later: as a rule than it happened.

    Customs' acts and deadlines may have happened up to a day before, if nobody here knew of them. A program is told
    everything that is found out from its beginning on.
    """
    if channel == "webhook":
        return max(happened, update.recorded_at)
    if update.kind in ALWAYS_NEWS:
        return max(happened, min(update.recorded_at, happened + LATE))
    return happened
