"""Subscriptions: to one shipment, to all, to a choice; many at once; and their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cargo.models import Party
from cargo.selectors import saved_filters
from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds, render
from notifications.models import Channel, Subscription
from notifications.subscribing.access import (
    ForbiddenError,
    NotFoundError,
    SubscribingError,
    TooManyError,
    channel_of,
    shipment,
)

ETA_HOURS = 24
LONGEST_ETA_HOURS = 30 * 24
AT_ONCE = 500
FILTERS_OF_CHANNEL = 20


class Many(NamedTuple):
    """What became of many at once: the shipments that are subscribed now, and those that are not the viewer's."""

    subscribed: list[int]
    unknown: list[int]


def subscribe(
    viewer: Viewer,
    channel_id: int,
    shipment_id: int | None = None,
    *,
    matrix: Mapping[str, str] | None = None,
    label: str = "",
    filter: Mapping[str, Any] | None = None,
    roles: Sequence[str] = (),
    eta_hours: int = ETA_HOURS,
) -> Subscription:
    """From now on, for one shipment or (None) for those that the organization is party to; an old one is changed.

    ``filter`` (the parameters of the shipments list) and ``roles`` (what the organization is to a shipment) choose
    among all of them under the name ``label``; without them it is all. ``matrix``: kind of news -> ``now``,
    ``digest`` or ``off``; what it does not name goes by the defaults (``kinds``).
    """
    channel = _verified(viewer, channel_id)
    wanted = _checked(channel, matrix or {}, label, filter or {}, roles, eta_hours)
    if shipment_id is not None:
        if wanted["filter"] or wanted["roles"]:
            raise SubscribingError(_("One shipment is not chosen by a filter."))
        shipment(viewer, shipment_id)
    elif channel.follower:
        raise SubscribingError(_("A follower hears of single shipments only."))
    about = Q(shipment=shipment_id) if shipment_id is not None else Q(shipment__isnull=True, label=wanted["label"])
    live = Subscription.objects.filter(about, channel=channel, ended_at__isnull=True)
    if found := live.first():
        return _changed(found, wanted)
    if wanted["label"]:
        _count_filters(channel)
    try:
        with transaction.atomic():
            return Subscription.objects.create(channel=channel, shipment_id=shipment_id, **wanted)
    except IntegrityError:
        return _changed(live.get(), wanted)


def change_subscription(viewer: Viewer, subscription_id: int, **wishes: Any) -> Subscription:
    """Changes what is given of ``matrix``, ``label``, ``filter``, ``roles`` and ``eta_hours``; the rest stays."""
    found = (
        Subscription.objects.select_related("channel")
        .filter(pk=subscription_id, channel__in=Channel.objects.changeable_by(viewer), ended_at__isnull=True)
        .first()
    )
    if found is None:
        raise _refusal(viewer, subscription_id)
    names = ("matrix", "label", "filter", "roles", "eta_hours")
    given = {name: wishes.get(name, getattr(found, name)) for name in names}
    wanted = _checked(found.channel, **given)
    if found.shipment_id is not None and (wanted["filter"] or wanted["roles"]):
        raise SubscribingError(_("One shipment is not chosen by a filter."))
    if wanted["label"] and not found.label:
        _count_filters(found.channel)
    try:
        with transaction.atomic():
            return _changed(found, wanted)
    except IntegrityError as error:
        if not wanted["label"]:
            raise SubscribingError(_("This channel is told of all shipments already.")) from error
        raise SubscribingError(_("There is a filter of this name already.")) from error


def subscribe_many(
    viewer: Viewer,
    channel_id: int,
    shipment_ids: Collection[int],
    *,
    matrix: Mapping[str, str] | None = None,
    eta_hours: int = ETA_HOURS,
) -> Many:
    """The same for up to 500 shipments in a constant number of statements; what is not the viewer's is left out."""
    if len(shipment_ids) > AT_ONCE:
        raise TooManyError(_("At most %(number)s shipments at once.") % {"number": AT_ONCE})
    channel = _verified(viewer, channel_id)
    wanted = _checked(channel, matrix or {}, "", {}, (), eta_hours)
    if viewer.organization_id is None:
        raise NotFoundError
    ours = sorted(
        set(
            Party.objects.filter(shipment__in=set(shipment_ids), organization=viewer.organization_id).values_list(
                "shipment_id", flat=True
            )
        )
    )
    now = timezone.now()
    with transaction.atomic():
        Subscription.objects.bulk_create(
            [Subscription(channel=channel, shipment_id=one, created_at=now, **wanted) for one in ours],
            ignore_conflicts=True,
        )
        live = Subscription.objects.filter(channel=channel, shipment__in=ours, ended_at__isnull=True)
        live.update(matrix=wanted["matrix"], eta_hours=eta_hours)
    return Many(ours, sorted(set(shipment_ids) - set(ours)))


def unsubscribe(viewer: Viewer, subscription_id: int) -> None:
    """Ends a subscription; the row stays, since it says who was told why."""
    ended = Subscription.objects.filter(
        pk=subscription_id, channel__in=Channel.objects.changeable_by(viewer), ended_at__isnull=True
    ).update(ended_at=timezone.now())
    if not ended:
        raise _refusal(viewer, subscription_id)


def unsubscribe_many(viewer: Viewer, channel_id: int, shipment_ids: Collection[int]) -> int:
    """Ends the channel's own subscriptions to these shipments; gives how many there were."""
    if len(shipment_ids) > AT_ONCE:
        raise TooManyError(_("At most %(number)s shipments at once.") % {"number": AT_ONCE})
    channel = channel_of(viewer, channel_id)
    return Subscription.objects.filter(channel=channel, shipment__in=set(shipment_ids), ended_at__isnull=True).update(
        ended_at=timezone.now()
    )


def unsubscribe_by_token(token: str, only: str = "") -> Channel | None:
    """What the link in a message does when it is posted: ends all subscriptions of its channel.

    ``only``: ``shipment`` ends the one to the shipment of the message, ``subscription`` the one that caused it. Needs
    no viewer: the signature says that the address got it. None if it is not one of ours, or names no such thing.
    """
    named = render.read_unsubscribe_token(token)
    channel = Channel.objects.filter(pk=named[0]).first() if named else None
    if named is None or channel is None:
        return None
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    if only == "shipment":
        live = live.filter(shipment_id=named[1]) if named[1] is not None else live.none()
    elif only == "subscription":
        live = live.filter(pk=named[2]) if named[2] is not None else live.none()
    live.update(ended_at=timezone.now())
    return channel


def channel_of_token(token: str) -> tuple[Channel, int | None] | None:
    """The channel and the shipment that an unsubscribe link names; a digest's names no shipment."""
    named = render.read_unsubscribe_token(token)
    if named is None:
        return None
    channel = Channel.objects.filter(pk=named[0]).first()
    return (channel, named[1]) if channel else None


def check_matrix(channel_kind: str, matrix: Mapping[str, str]) -> dict[str, str]:
    """A matrix that such a channel can have. Raises ``SubscribingError`` in words."""
    for kind, mode in matrix.items():
        if kind not in kinds.of_channel(channel_kind):
            raise SubscribingError(_("Unknown kind of notice: %(kind)s") % {"kind": str(kind)[:40]})
        if mode not in kinds.modes_of(channel_kind):
            raise SubscribingError(_("This channel cannot be told so: %(mode)s") % {"mode": str(mode)[:20]})
    return dict(matrix)


def _checked(
    channel: Channel,
    matrix: Mapping[str, str],
    label: str,
    filter: Mapping[str, Any],
    roles: Sequence[str],
    eta_hours: int,
) -> dict[str, Any]:
    for role in roles:
        if role not in Party.Role.values:
            raise SubscribingError(_("Unknown role: %(role)s") % {"role": str(role)[:20]})
    try:
        saved_filters.check(filter)
    except ValueError as error:
        raise SubscribingError(_("The list has no such filter: %(name)s") % {"name": str(error)[:60]}) from error
    if (filter or roles) and not label.strip():
        raise SubscribingError(_("Give the filter a name."))
    if not 1 <= eta_hours <= LONGEST_ETA_HOURS:
        raise SubscribingError(_("A changed arrival is told from 1 to 720 hours."))
    return {
        "matrix": check_matrix(channel.kind, matrix),
        # What chooses nothing is all, and that is there once.
        "label": label.strip()[:80] if filter or roles else "",
        "filter": dict(filter),
        "roles": sorted(set(roles)),
        "eta_hours": eta_hours,
    }


def _changed(found: Subscription, wanted: Mapping[str, Any]) -> Subscription:
    if any(getattr(found, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(found, name, value)
        found.save(update_fields=list(wanted))
    return found


def _count_filters(channel: Channel) -> None:
    saved = Subscription.objects.filter(channel=channel, shipment__isnull=True, ended_at__isnull=True).exclude(label="")
    if saved.count() >= FILTERS_OF_CHANNEL:
        raise TooManyError(_("This channel has too many saved filters."))


def _verified(viewer: Viewer, channel_id: int) -> Channel:
    channel = channel_of(viewer, channel_id)
    if channel.verified_at is None:
        raise SubscribingError(_("Confirm the address with its code first."), "not_verified")
    return channel


def _refusal(viewer: Viewer, subscription_id: int) -> SubscribingError:
    seen = visible_to(Subscription.objects.filter(pk=subscription_id, ended_at__isnull=True), viewer).exists()
    return ForbiddenError() if seen and not viewer.is_staff else NotFoundError()
