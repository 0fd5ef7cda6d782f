"""Where people are told, in what state each address is, and which of one's own hear of a shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer
from notifications import kinds
from notifications.models import Channel, Subscription, Suppression


@dataclass(frozen=True)
class Suppressed:
    """Why and since when nothing is sent to an address, whoever entered it, and how that ends."""

    reason: str
    text: str
    lift: str
    since: datetime


@dataclass(frozen=True)
class ChannelRow:
    """A channel as its page and the API show it.

    ``to_all`` and ``to_one``: its subscription to all shipments and to the one that was asked about, which is
    ``muted`` if it tells nothing; ``choices``: how many of its subscriptions are by a filter or a role; ``kinds`` are
    what ``to_all`` says to tell at once. ``digest_days`` has bit 0 for Monday. Of a follower's ``address`` who only
    reads sees enough to know it again.
    """

    id: int
    kind: str
    kind_text: str
    address: str
    name: str
    language: str
    shared: bool
    follower: bool
    owner: str
    zone: str
    quiet_from: time | None
    quiet_until: time | None
    bypass_quiet: bool
    digest_at: time
    digest_days: int
    verified: bool
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    suppressed: Suppressed | None
    created_at: datetime
    changeable: bool
    to_all: int | None
    kinds: Sequence[str]
    to_one: int | None
    muted: bool
    choices: int
    single_shipments: int

    @property
    def usable(self) -> bool:
        """Verified and switched on."""
        return self.verified and self.disabled_at is None

    @property
    def state(self) -> str:
        """``unverified``, ``suppressed``, ``off`` or ``on``."""
        if not self.verified:
            return "unverified"
        if self.suppressed:
            return "suppressed"
        return "off" if self.disabled_at else "on"

    @property
    def shown(self) -> str:
        """Its name where it has one, else its address."""
        return self.name or self.address

    @property
    def has_digest(self) -> bool:
        """Whether a channel of this kind gathers news."""
        return self.kind in kinds.WITH_DIGEST

    @property
    def takes_code(self) -> bool:
        """Whether a code switches it on: a browser is connected again instead, by whoever sits in front of it."""
        return self.kind in kinds.BY_CODE


@dataclass(frozen=True)
class Telling:
    """One of the viewer's channels, and its subscription to the one shipment, which may be a mute."""

    channel: ChannelRow
    subscription_id: int | None
    muted: bool


def channels(viewer: Viewer, shipment_id: int | None = None) -> list[ChannelRow]:
    """The viewer's channels and the shared ones; every organization's for staff who act for none. Four statements."""
    rows = Channel.objects.seen_by(viewer)
    if viewer.organization_id is not None:
        rows = rows.filter(organization=viewer.organization_id)
    return _described(viewer, rows, shipment_id)


def channel(viewer: Viewer, channel_id: int) -> ChannelRow | None:
    """One of them."""
    return next(iter(_described(viewer, Channel.objects.seen_by(viewer).filter(pk=channel_id), None)), None)


def tellable(viewer: Viewer, shipment_id: int | None = None) -> list[ChannelRow]:
    """The usable channels that the viewer may subscribe: nobody outside is one of them. Four statements."""
    usable = Channel.objects.changeable_by(viewer).filter(
        verified_at__isnull=False, disabled_at__isnull=True, follower=False
    )
    return _described(viewer, usable, shipment_id)


def telling(viewer: Viewer, shipment_id: int) -> list[Telling]:
    """The same, and what each has of its own for this shipment."""
    return [Telling(row, row.to_one, row.muted) for row in tellable(viewer, shipment_id)]


def suppressed_text(reason: str) -> tuple[str, str]:
    """Why nothing is sent to an address, and what lifts it."""
    anew = _("Ask for a code and enter it: that lifts it.")
    words = {
        "bounce": (_("Mails to it came back."), anew),
        "soft_bounces": (_("Mails to it came back again and again."), anew),
        "complaint": (_("A mail to it was reported as unwanted."), anew),
        "unsubscribed": (_("It unsubscribed with its provider."), anew),
        "stop": (_("It answered STOP."), _("Send START from this number.")),
    }
    return words.get(reason, (reason, anew))


def _described(viewer: Viewer, rows: QuerySet[Channel], shipment_id: int | None) -> list[ChannelRow]:
    about = Q(shipment__isnull=True) if shipment_id is None else Q(shipment__isnull=True) | Q(shipment=shipment_id)
    live = Prefetch("subscriptions", Subscription.objects.filter(about, ended_at__isnull=True), to_attr="live")
    single = Q(subscriptions__ended_at__isnull=True, subscriptions__shipment__isnull=False)
    counted = rows.select_related("user").annotate(single=Count("subscriptions", filter=single))
    counted = counted.order_by("kind", "address", "id")
    found = list(counted.prefetch_related(live))
    changeable = set(Channel.objects.filter(pk__among=found).changeable_by(viewer).values_list("pk", flat=True))
    silent = {
        (row.kind, row.recipient): _suppressed(row)
        for row in Suppression.objects.filter(
            recipient__among=[channel.recipient for channel in found], lifted_at__isnull=True
        )
    }
    return [_row(viewer, one, one.pk in changeable, silent.get((one.kind, one.recipient))) for one in found]


def _suppressed(row: Suppression) -> Suppressed:
    text, lift = suppressed_text(row.reason)
    return Suppressed(row.reason, text, lift, row.created_at)


def _row(viewer: Viewer, channel: Channel, changeable: bool, suppressed: Suppressed | None) -> ChannelRow:
    live: list[Subscription] = channel.live  # type: ignore[attr-defined]
    general = [one for one in live if one.shipment_id is None]
    to_all = next((one for one in general if not one.label), None)
    to_one = next((one for one in live if one.shipment_id is not None), None)
    matrix = to_all.matrix if to_all else {}
    return ChannelRow(
        id=channel.pk,
        kind=channel.kind,
        kind_text=str(Channel.Kind(channel.kind).label),
        address=channel.shown_to(viewer),
        name=channel.name,
        language=channel.language,
        shared=channel.user_id is None,
        follower=channel.follower,
        owner=str(channel.user) if channel.user else "",
        zone=channel.zone,
        quiet_from=channel.quiet_from,
        quiet_until=channel.quiet_until,
        bypass_quiet=channel.bypass_quiet,
        digest_at=channel.digest_at,
        digest_days=channel.digest_days,
        verified=channel.verified_at is not None,
        verified_at=channel.verified_at,
        disabled_at=channel.disabled_at,
        disabled_reason=channel.disabled_reason.replace(channel.address, channel.shown_to(viewer)),
        suppressed=suppressed,
        created_at=channel.created_at,
        changeable=changeable,
        to_all=to_all.pk if to_all else None,
        kinds=[kind for kind in kinds.of_channel(channel.kind) if matrix.get(kind) == kinds.NOW],
        to_one=to_one.pk if to_one else None,
        muted=to_one is not None and kinds.is_mute(channel.kind, to_one.matrix),
        choices=sum(bool(one.label) for one in general),
        single_shipments=channel.single,  # type: ignore[attr-defined]
    )
