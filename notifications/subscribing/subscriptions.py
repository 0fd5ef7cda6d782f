"""Subscriptions: to one shipment, to all, to a choice; many at once; and their end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cargo.models import Party
from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds, render
from notifications.models import Channel, Subscription
from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    NotFoundError,
    SubscribingError,
    channel_of,
    shipment,
)
from notifications.subscribing.wishes import ETA_HOURS, check_single, checked_wishes, kept_filter

_USUAL: dict[str, Any] = {"matrix": {}, "eta_hours": ETA_HOURS}
AT_ONCE = 500
FILTERS_OF_CHANNEL = 20


class Many(NamedTuple):
    """What became of many at once: the shipments that are subscribed now, and those that are not the viewer's."""

    subscribed: list[int]
    unknown: list[int]


class Named(NamedTuple):
    """What the link in a message names: a channel, and of its shipment and its subscription what could be ended alone.

    A digest's names a channel and nothing else.
    """

    channel: Channel
    shipment: int | None
    subscription: int | None


def subscribe(
    viewer: Viewer,
    channel_id: int,
    shipment_id: int | None = None,
    *,
    matrix: Mapping[str, str] | None = None,
    label: str = "",
    filter: Mapping[str, Any] | None = None,
    roles: Sequence[str] = (),
    eta_hours: int | None = None,
) -> Subscription:
    """From now on, for one shipment or (None) for those that the organization is party to.

    Of one that is there already ``matrix`` and ``eta_hours`` are changed where they are given, and a mute ends. Raises
    ``SubscribingError`` for another choice of a name that is used.

    ``filter`` (the parameters of the shipments list) and ``roles`` (what the organization is to a shipment) choose
    among all of them under the name ``label``; without them it is all. ``matrix``: kind of news -> ``now``,
    ``digest`` or ``off``; what it does not name goes by the defaults (``kinds``).
    """
    channel = _verified(viewer, channel_id)
    given = _given(matrix, eta_hours)
    wanted = checked_wishes(channel, **{**_USUAL, **given}, label=label, filter=kept_filter(filter or {}), roles=roles)
    if shipment_id is not None:
        check_single(wanted)
        shipment(viewer, shipment_id)
    about = Q(shipment=shipment_id) if shipment_id is not None else Q(shipment__isnull=True, label=wanted["label"])
    live = Subscription.objects.filter(about, channel=channel, ended_at__isnull=True).select_related("channel")
    if found := live.first():
        return _again(found, wanted, given)
    if wanted["label"]:
        _count_filters(channel)
    try:
        with transaction.atomic():
            return Subscription.objects.create(channel=channel, shipment_id=shipment_id, **wanted)
    except IntegrityError:
        return _again(live.get(), wanted, given)


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
    if "filter" in wishes:
        given["filter"] = kept_filter(wishes["filter"])
    wanted = checked_wishes(found.channel, **given)
    if found.shipment_id is not None:
        check_single(wanted)
    if wanted["label"] and not found.label:
        _count_filters(found.channel)
    try:
        with transaction.atomic():
            return _changed(found, wanted)
    except IntegrityError as error:
        if not wanted["label"]:
            raise SubscribingError(_("This channel is told of all shipments already.")) from error
        raise SubscribingError(_("There is a filter of this name already."), "not_unique", "label") from error


def subscribe_many(
    viewer: Viewer,
    channel_id: int,
    shipment_ids: Collection[int],
    *,
    matrix: Mapping[str, str] | None = None,
    eta_hours: int | None = None,
) -> Many:
    """The same for up to 500 shipments in a constant number of statements; what is not the viewer's is left out."""
    check_number(shipment_ids)
    channel = _verified(viewer, channel_id)
    given = _given(matrix, eta_hours)
    wanted = checked_wishes(channel, **{**_USUAL, **given}, label="", filter={}, roles=())
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
        if matrix is None:
            rows = live.values_list("pk", "matrix")
            muted = [pk for pk, told in rows if kinds.is_mute(channel.kind, told)]
            Subscription.objects.filter(pk__in=muted).update(**_loud(now))
        if given:
            live.update(**{name: wanted[name] for name in given})
    return Many(ours, sorted(set(shipment_ids) - set(ours)))


def unsubscribe(viewer: Viewer, subscription_id: int) -> None:
    """Ends a subscription; the row stays, since it says who was told why."""
    ended = Subscription.objects.filter(
        pk=subscription_id, channel__in=Channel.objects.changeable_by(viewer), ended_at__isnull=True
    ).update(ended_at=timezone.now())
    if not ended:
        raise _refusal(viewer, subscription_id)


def unsubscribe_many(viewer: Viewer, channel_id: int, shipment_ids: Collection[int]) -> int:
    """Ends the channel's own subscriptions to these shipments, mutes among them; gives how many there were."""
    check_number(shipment_ids)
    channel = channel_of(viewer, channel_id)
    return Subscription.objects.filter(channel=channel, shipment__in=set(shipment_ids), ended_at__isnull=True).update(
        ended_at=timezone.now()
    )


def unsubscribe_by_token(token: str, only: str = "") -> Channel | None:
    """What the link in a message does when it is posted: ends all subscriptions of its channel.

    ``only``: ``shipment`` ends the one to the shipment of the message, ``subscription`` the one that caused it; neither
    ends a mute, by which more would be told. Needs no viewer: the signature says that the address got it. None if it is
    not one of ours, or names nothing that ``only`` could end; nothing is ended then.
    """
    named = render.read_unsubscribe_token(token)
    channel = Channel.objects.filter(pk=named[0]).first() if named else None
    if named is None or channel is None:
        return None
    _channel, shipment_id, subscription_id = named
    key = {"shipment": shipment_id, "subscription": subscription_id}.get(only, 0)
    if key is None:
        return None
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    if only in ("shipment", "subscription"):
        named_ones = live.filter(**{"shipment_id" if only == "shipment" else "pk": key})
        live = live.filter(pk__in=[row.pk for row in named_ones if not _mutes(channel, row)])
    live.update(ended_at=timezone.now())
    return channel


def channel_of_token(token: str) -> Named | None:
    """What an unsubscribe link names; None if it is not one of ours. Two statements."""
    named = render.read_unsubscribe_token(token)
    channel = Channel.objects.filter(pk=named[0]).first() if named else None
    if named is None or channel is None:
        return None
    _channel, shipment_id, subscription_id = named
    about = Q(shipment_id=shipment_id) if shipment_id is not None else Q(pk__in=())
    live = Subscription.objects.filter(about | Q(pk=subscription_id), channel=channel, ended_at__isnull=True)
    rows = [(row.pk, row.shipment_id) for row in live if not _mutes(channel, row)]
    return Named(
        channel,
        next((shipment for _pk, shipment in rows if shipment == shipment_id), None),
        next((pk for pk, _shipment in rows if pk == subscription_id), None),
    )


def is_told(channel: Channel) -> bool:
    """Whether anything is subscribed for it that is no mute; one statement."""
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    return any(not _mutes(channel, row) for row in live.only("shipment_id", "matrix").iterator())


def check_number(shipment_ids: Collection[int]) -> None:
    """Raises ``FullError`` for more than can be asked for at once."""
    if len(shipment_ids) > AT_ONCE:
        raise FullError(_("At most %(number)s shipments at once.") % {"number": AT_ONCE})


def _given(matrix: Mapping[str, str] | None, eta_hours: int | None) -> dict[str, Any]:
    """What was said of how it is told; the rest stays as it is, or is as usual."""
    said = {"matrix": matrix, "eta_hours": eta_hours}
    return {name: value for name, value in said.items() if value is not None}


def _again(found: Subscription, wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Subscription:
    """One that is there already."""
    if (found.filter, found.roles) != (wanted["filter"], wanted["roles"]):
        raise SubscribingError(_("There is a filter of this name already."), "not_unique", "label")
    if "matrix" not in given and _mutes(found.channel, found):
        return _changed(found, {name: wanted[name] for name in given} | _loud(timezone.now()))
    return _changed(found, {name: wanted[name] for name in given})


def _changed(found: Subscription, wanted: Mapping[str, Any]) -> Subscription:
    if any(getattr(found, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(found, name, value)
        found.save(update_fields=list(wanted))
    return found


def _mutes(channel: Channel, row: Subscription) -> bool:
    """Whether it keeps one shipment out of what wider ones tell; somebody outside has no wider ones."""
    return row.shipment_id is not None and not channel.follower and kinds.is_mute(channel.kind, row.matrix)


def _loud(now: datetime) -> dict[str, Any]:
    """What makes a mute a subscription as usual: from now on."""
    return {"matrix": {}, "created_at": now}


def _count_filters(channel: Channel) -> None:
    saved = Subscription.objects.filter(channel=channel, shipment__isnull=True, ended_at__isnull=True).exclude(label="")
    if saved.count() >= FILTERS_OF_CHANNEL:
        raise FullError(_("This channel has too many saved filters."))


def _verified(viewer: Viewer, channel_id: int) -> Channel:
    channel = channel_of(viewer, channel_id)
    if channel.follower:
        text = _("Somebody outside is told only of what he agreed to. Invite this address instead.")
        raise SubscribingError(text, "follower", "channel")
    if channel.verified_at is None:
        by_code = channel.kind in kinds.BY_CODE
        text = _("Confirm the address with its code first.") if by_code else _("It has to answer its challenge first.")
        raise SubscribingError(text, "not_verified", "channel")
    return channel


def _refusal(viewer: Viewer, subscription_id: int) -> SubscribingError:
    seen = visible_to(Subscription.objects.filter(pk=subscription_id, ended_at__isnull=True), viewer).exists()
    return ForbiddenError() if seen and not viewer.is_staff else NotFoundError()
