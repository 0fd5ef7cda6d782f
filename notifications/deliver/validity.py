"""Whether a claimed delivery may still be told: true, wanted, to somebody who may know it, at an address that wants it.

Asked right before it is sent, for a whole claim and the members of its digests in a constant number of statements.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Q, When

from clis.accounts.models import Membership
from notifications import kinds, schedule
from notifications.models import Delivery, EstimateTold, Subscription, Suppression

StillTrue = Callable[[Iterable[int]], set[int]]
# What a program is told as the feed has it, whatever became of it since.
_RECORDS = frozenset(kinds.FEED_ONLY)


class _Live(NamedTuple):
    """A live subscription: to one shipment, or to all, or (``chosen``) to some of them."""

    id: int
    shipment: int | None
    chosen: bool
    matrix: dict[str, str]
    eta_hours: int


class Validity:
    """What holds now of these deliveries. Those of one claim, or the members of its digests."""

    def __init__(self, deliveries: Sequence[Delivery], still_true: StillTrue) -> None:
        told = [delivery for delivery in deliveries if delivery.update_id is not None]
        self._standing = still_true(
            {delivery.update_id for delivery in told if delivery.update_id and delivery.notice not in _RECORDS}
        )
        self._entitled = _entitled(told)
        self._released = _releases_told(told)
        self._subscribed = _subscribed(told, self._released)
        self._known = _known_arrivals(told)
        self._mark_amendments(told)

    def reason(self, delivery: Delivery) -> str:
        """Why it must not be told; empty if it may. In an expected arrival it puts what the reader knows by now."""
        if delivery.notice not in _RECORDS and delivery.update_id not in self._standing:
            return "superseded"
        if not delivery.channel.usable:
            return "channel_off"
        if delivery.pk not in self._entitled:
            return "no_access"
        if delivery.pk not in self._subscribed:
            return "unsubscribed"
        if delivery.notice == kinds.ETA and not self._has_moved(delivery):
            return "superseded"
        return ""

    def all_shipments(self, delivery: Delivery) -> bool:
        """Whether it is told because of a subscription to more than its one shipment."""
        return any(row.shipment is None for row in self._subscribed[delivery.pk])

    def _has_moved(self, delivery: Delivery) -> bool:
        """The reader may have been told of another change since this one was owed."""
        update = delivery.update
        assert update is not None
        was = self._known.get((delivery.channel_id, update.shipment_id))
        if was is None or update.occurred_at is None:
            return True
        own = [row for row in self._subscribed[delivery.pk] if row.shipment and kinds.names(row.matrix, kinds.ETA)]
        hours = own[0].eta_hours if own else delivery.subscription.eta_hours if delivery.subscription else 0
        delivery.data = {**delivery.data, "was_arrival_at": was.isoformat()}
        return schedule.has_moved(was, update.occurred_at, hours)

    def _mark_amendments(self, told: Sequence[Delivery]) -> None:
        """A release taken back says so if the same reader was told of a release, or may have been."""
        for delivery in told:
            if delivery.update is None or delivery.update.kind != kinds.REVOKED:
                continue
            release = self._released.get((delivery.channel_id, delivery.update.shipment_id))
            if release is not None:
                delivery.data = {**delivery.data, "amends": release}


def _releases_told(told: Sequence[Delivery]) -> dict[tuple[int, int], dict[str, Any]]:
    """Of releases taken back: by channel and shipment, of which release its reader was told or may have been, and when;
    the latest one, if there were several."""
    revoked = [delivery for delivery in told if delivery.update and delivery.update.kind == kinds.REVOKED]
    if not revoked:
        return {}
    sent = Q(state__in=(Delivery.State.SENT, Delivery.State.UNKNOWN))
    rows = Delivery.objects.filter(
        # One that is delivered again was told, whatever comes of that.
        sent | Q(delivered_at__isnull=False),
        channel__among={delivery.channel_id for delivery in revoked},
        update__kind=kinds.RELEASED,
        update__shipment__among={delivery.update.shipment_id for delivery in revoked if delivery.update},
    ).order_by("pk")
    before: dict[tuple[int, int], dict[str, Any]] = {}
    for channel, shipment, data, told_at in rows.values_list(
        "channel_id",
        "update__shipment_id",
        "update__data",
        Case(When(sent, then="finished_at"), default="delivered_at"),
    ):
        before[channel, shipment] = _release(data, told_at)
    return before


def _release(data: str | None, told_at: datetime | None) -> dict[str, Any]:
    told = json.loads(data or "{}")
    return {"milestone": told.get("milestone"), "at": told_at.isoformat() if told_at else None}


def suppressed(deliveries: Collection[Delivery]) -> set[str]:
    """Of their recipients those that want nothing from us."""
    return set(
        Suppression.objects.filter(
            kind__in={delivery.kind for delivery in deliveries},
            recipient__among={delivery.recipient for delivery in deliveries},
            lifted_at__isnull=True,
        ).values_list("recipient", flat=True)
    )


def quiet_until(delivery: Delivery, now: datetime) -> datetime | None:
    """The end of the quiet hours in which this delivery must wait, or None."""
    channel = delivery.channel
    if channel.bypass_quiet and delivery.notice in kinds.CRITICAL:
        return None
    persons = channel.user.time_zone if channel.user else ""
    zone = schedule.zone_of(channel.zone, persons, settings.OPERATOR_TIME_ZONE)
    return schedule.end_of_quiet(now, channel.quiet_from, channel.quiet_until, zone)


def _entitled(told: Sequence[Delivery]) -> set[int]:
    """Whose organization is still party to the shipment, and who is still a member of it.

    Two questions, each by the keys that are known: one that joins them all is planned from the side of the
    organization wherever the statistics are old, and then reads all its shipments for each of its channels.
    """
    if not told:
        return set()
    updates = Delivery._meta.get_field("update").related_model._default_manager.order_by()
    about = updates.filter(pk__among={delivery.update_id for delivery in told})
    parties = set(about.values_list("pk", "shipment__parties__organization_id"))
    people = {delivery.channel.user_id for delivery in told} - {None}
    members: set[tuple[int, int]] = set()
    if people:
        organizations = {delivery.channel.organization_id for delivery in told}
        rows = Membership.objects.filter(user__among=people, organization__among=organizations, user__is_active=True)
        members = set(rows.values_list("user_id", "organization_id"))
    return {
        delivery.pk
        for delivery in told
        if (delivery.update_id, (channel := delivery.channel).organization_id) in parties
        and (channel.user_id is None or (channel.user_id, channel.organization_id) in members)
    }


def _subscribed(told: Sequence[Delivery], released: Collection[tuple[int, int]]) -> dict[int, list[_Live]]:
    """Deliveries whose channel still wants them, and by which subscriptions.

    The subscription that owed it counts as it chose then, since a filter may let go of a shipment by what is told. One
    that was ended is replaced by another that surely covers the shipment. ``released``: (channel, shipment) that were
    told of a release.
    """
    if not told:
        return {}
    about = {row.update.shipment_id for row in told if row.update}
    rows = Subscription.objects.filter(
        Q(shipment__isnull=True) | Q(shipment__among=about),
        channel__among={row.channel_id for row in told},
        ended_at__isnull=True,
    )
    live: dict[int, list[_Live]] = defaultdict(list)
    for channel, pk, shipment, chosen, roles, matrix, eta_hours in rows.values_list(
        "channel_id", "pk", "shipment_id", "filter", "roles", "matrix", "eta_hours"
    ):
        live[channel].append(_Live(pk, shipment, bool(chosen or roles), matrix, eta_hours))
    found = {}
    for delivery in told:
        wants = [
            row
            for row in _asked(delivery, live[delivery.channel_id], released)
            if not _refuses(row, delivery) and not (delivery.channel.follower and row.shipment is None)
        ]
        if wants:
            found[delivery.pk] = wants
    return found


def _asked(delivery: Delivery, live: Sequence[_Live], released: Collection[tuple[int, int]]) -> Sequence[_Live]:
    """Which of its channel's subscriptions have a say: the one to its shipment alone, if that names the news.

    But a release taken back is told to who was told of the release, even if he wanted no more since.
    """
    assert delivery.update is not None
    shipment = delivery.update.shipment_id
    own = next((row for row in live if row.shipment == shipment), None)
    if own is not None and kinds.names(own.matrix, delivery.notice):
        was_told = delivery.notice == kinds.REVOKED and (delivery.channel_id, shipment) in released
        if not (was_told and _refuses(own, delivery)):
            return [own]
    return [
        row
        for row in live
        if row.id == delivery.subscription_id or (not row.chosen and row.shipment in (None, shipment))
    ]


def _refuses(row: _Live, delivery: Delivery) -> bool:
    """Whether it says off meanwhile. What it does not name was worked out when it was owed."""
    notice = delivery.notice
    return kinds.said(row.matrix, notice) == kinds.OFF and kinds.mode(notice, delivery.kind, row.matrix) == kinds.OFF


def _known_arrivals(told: Sequence[Delivery]) -> dict[tuple[int, int], datetime]:
    changed = [delivery for delivery in told if delivery.notice == kinds.ETA]
    if not changed:
        return {}
    rows = EstimateTold.objects.filter(
        channel__among={delivery.channel_id for delivery in changed},
        shipment__among={delivery.update.shipment_id for delivery in changed if delivery.update},
    )
    return {row[:2]: row[2] for row in rows.values_list("channel_id", "shipment_id", "arrival_at")}
