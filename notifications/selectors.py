"""What people read of channels, subscriptions and deliveries. The viewer comes first, everywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer, visible_to
from notifications.models import KINDS, Channel, Delivery, Subscription

KIND_CODES = tuple(KINDS)
STATES = tuple(Delivery.State.values)
PAGE = 50
PAGE_MAX = 200


@dataclass(frozen=True)
class ChannelRow:
    """A channel as its page and the API show it.

    ``to_all`` and ``to_one``: its subscription to all shipments and to the one that was asked about.
    """

    id: int
    kind: str
    address: str
    language: str
    shared: bool
    verified: bool
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    created_at: datetime
    changeable: bool
    to_all: int | None
    kinds: Sequence[str]
    to_one: int | None
    single_shipments: int

    @property
    def usable(self) -> bool:
        """Verified and switched on."""
        return self.verified and self.disabled_at is None


@dataclass(frozen=True)
class Telling:
    """Whether one of the viewer's channels hears of a shipment, and by which subscription."""

    channel: ChannelRow
    subscription_id: int | None
    by_all: bool


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery as history shows it. ``address`` is masked where it is a colleague's."""

    id: int
    shipment_id: int
    update_id: int
    kind: str
    kind_text: str
    channel_id: int
    channel_kind: str
    address: str
    state: str
    state_text: str
    reason: str
    reason_text: str
    attempts: int
    occurred_at: datetime | None
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None
    time_zone: str | None


@dataclass(frozen=True)
class SubscriptionRow:
    """A live subscription; without a shipment it is to all of the organization's."""

    id: int
    channel_id: int
    shipment_id: int | None
    kinds: Sequence[str]
    created_at: datetime


def kinds() -> list[tuple[str, str]]:
    """What one can be told, with its words."""
    return [(kind, str(words)) for kind, words in KINDS.items()]


def channels(viewer: Viewer, shipment_id: int | None = None) -> list[ChannelRow]:
    """The viewer's channels and the shared ones. Three statements."""
    changeable = set(Channel.objects.changeable_by(viewer).values_list("pk", flat=True))
    about = Q(shipment__isnull=True) if shipment_id is None else Q(shipment__isnull=True) | Q(shipment=shipment_id)
    live = Prefetch("subscriptions", Subscription.objects.filter(about, ended_at__isnull=True), to_attr="live")
    single = Q(subscriptions__ended_at__isnull=True, subscriptions__shipment__isnull=False)
    rows = Channel.objects.seen_by(viewer).annotate(single=Count("subscriptions", filter=single))
    return [_channel_row(row, changeable) for row in rows.prefetch_related(live)]


def channel(viewer: Viewer, channel_id: int) -> ChannelRow | None:
    """One of them."""
    return next((row for row in channels(viewer) if row.id == channel_id), None)


def telling(viewer: Viewer, shipment_id: int) -> list[Telling]:
    """The viewer's own usable channels, and whether each hears of this shipment."""
    return [
        Telling(row, row.to_one, row.to_all is not None)
        for row in channels(viewer, shipment_id)
        if row.changeable and row.usable
    ]


def subscriptions(
    viewer: Viewer, shipment_id: int | None = None, cursor: int | None = None, limit: int = PAGE
) -> list[SubscriptionRow]:
    """Live subscriptions, newest first; below the number ``cursor``."""
    rows = visible_to(Subscription.objects.filter(ended_at__isnull=True), viewer).filter(
        channel__in=Channel.objects.seen_by(viewer)
    )
    if shipment_id is not None:
        rows = rows.filter(shipment=shipment_id)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    return [
        SubscriptionRow(row.pk, row.channel_id, row.shipment_id, row.kinds, row.created_at)
        for row in rows.order_by("-pk")[:limit]
    ]


def deliveries(
    viewer: Viewer,
    shipment_id: int | None = None,
    state: str | None = None,
    cursor: int | None = None,
    limit: int = PAGE,
) -> list[DeliveryRow]:
    """Who of the viewer's organization was told what, newest first; below the number ``cursor``. One statement
    and one for whose address is shown in full."""
    rows = visible_to(Delivery.objects.all(), viewer)
    if shipment_id is not None:
        rows = rows.filter(update__shipment=shipment_id)
    if state is not None:
        rows = rows.filter(state=state)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    seen = set(Channel.objects.seen_by(viewer).values_list("pk", flat=True))
    found = rows.select_related("update", "channel").order_by("-pk")[:limit]
    return [_delivery_row(delivery, delivery.channel_id in seen) for delivery in found]


def reason_text(reason: str) -> str:
    """Why a delivery ended as it did, in the reader's language; a provider's own words stay as they are."""
    words = {
        "superseded": _("It was no longer true when it was to be sent."),
        "channel_off": _("The channel was off."),
        "no_access": _("The organization was no longer party to the shipment, or the person no longer a member."),
        "unsubscribed": _("Unsubscribed before it was sent."),
        "transport_off": _("SMS is not set up here."),
        "daily_limit": _("The day's limit of texts was reached."),
        "interrupted": _("The try was interrupted; whether it arrived is not known."),
        "unreadable": _("The update could not be put into words."),
    }
    return words.get(reason, reason)


def _channel_row(channel: Channel, changeable: set[int]) -> ChannelRow:
    live: list[Subscription] = channel.live  # type: ignore[attr-defined]
    to_all = next((subscription for subscription in live if subscription.shipment_id is None), None)
    return ChannelRow(
        id=channel.pk,
        kind=channel.kind,
        address=channel.address,
        language=channel.language,
        shared=channel.user_id is None,
        verified=channel.verified_at is not None,
        verified_at=channel.verified_at,
        disabled_at=channel.disabled_at,
        disabled_reason=channel.disabled_reason,
        created_at=channel.created_at,
        changeable=channel.pk in changeable,
        to_all=to_all.pk if to_all else None,
        kinds=to_all.kinds if to_all else (),
        to_one=next((row.pk for row in live if row.shipment_id is not None), None),
        single_shipments=channel.single,  # type: ignore[attr-defined]
    )


def _delivery_row(delivery: Delivery, in_full: bool) -> DeliveryRow:
    update = delivery.update
    return DeliveryRow(
        id=delivery.pk,
        shipment_id=update.shipment_id,
        update_id=update.pk,
        kind=update.kind,
        kind_text=str(KINDS.get(update.kind, update.kind)),
        channel_id=delivery.channel_id,
        channel_kind=delivery.kind,
        address=delivery.channel.address if in_full else delivery.channel.masked,
        state=delivery.state,
        state_text=str(Delivery.State(delivery.state).label),
        reason=delivery.reason,
        reason_text=reason_text(delivery.reason),
        attempts=delivery.attempts,
        occurred_at=update.occurred_at,
        created_at=delivery.created_at,
        next_attempt_at=delivery.next_attempt_at,
        finished_at=delivery.finished_at,
        time_zone=json.loads(update.data).get("time_zone"),
    )
