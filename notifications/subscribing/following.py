"""Followers: people outside, without an account, who are told of single shipments and manage that by signed links.

How they are asked is ``inviting``'s. A link that manages has no end, like that of an old mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from cargo.models import Party, ShipmentReference
from clis.accounts.scoping import Viewer
from notifications import kinds, render
from notifications.models import Channel, Subscription
from notifications.subscribing.access import ForbiddenError, NotFoundError, organization_of
from notifications.subscribing.channels import apply_settings
from notifications.subscribing.wishes import ETA_HOURS, check_eta_hours, check_matrix

# What a shipment is called to somebody who may not see the page: the first of these numbers.
_NUMBERS = ("house_bill", "house_air_waybill", "master_bill", "air_waybill", "container", "booking")


@dataclass(frozen=True)
class Followed:
    """A shipment that a follower is told of."""

    subscription: int
    shipment: int
    number: str
    matrix: Mapping[str, str]


@dataclass(frozen=True)
class Following:
    """What a follower's own page shows. ``matrix``, ``eta_hours`` and ``standing`` (what the organization is to the
    shipment, as defaults go by it) are those of the shipment that he follows since last."""

    channel: Channel
    organization_name: str
    shipments: Sequence[Followed]
    matrix: Mapping[str, str]
    eta_hours: int
    standing: frozenset[str]


def following(token: str) -> Following | None:
    """What the link in a follower's mails manages. None if it is not one of ours."""
    channel = _follower(token)
    if channel is None:
        return None
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True, shipment__isnull=False)
    rows = list(live.order_by("-pk").values_list("pk", "shipment_id", "matrix", "eta_hours"))
    numbers = numbers_of([row[1] for row in rows])
    shipments = [Followed(pk, about, numbers[about], matrix) for pk, about, matrix, _hours in rows]
    _pk, last, matrix, eta_hours = rows[0] if rows else (None, None, {}, ETA_HOURS)
    roles = Party.objects.filter(shipment=last, organization=channel.organization_id).values_list("role", flat=True)
    standing = kinds.roles_of(roles, channel.organization.kind) if rows else frozenset()
    return Following(channel, channel.organization.name, shipments, matrix, eta_hours, standing)


def stop_following(token: str, subscription_id: int | None = None) -> bool:
    """Ends one of a follower's subscriptions, or all. False if the link is not one of ours."""
    channel = _follower(token)
    if channel is None:
        return False
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    if subscription_id is not None:
        live = live.filter(pk=subscription_id)
    live.update(ended_at=timezone.now())
    return True


def set_following(
    token: str, matrix: Mapping[str, str] | None = None, eta_hours: int | None = None, **settings: Any
) -> bool:
    """Sets a follower's channel (as ``set_channel``) and, where they are given, what he is told of all he follows and
    from how many hours on a changed arrival. False if the link is not one of ours."""
    channel = _follower(token)
    if channel is None:
        return False
    wishes: dict[str, Any] = {}
    if matrix is not None:
        wishes["matrix"] = check_matrix(channel.kind, matrix)
    if eta_hours is not None:
        wishes["eta_hours"] = check_eta_hours(eta_hours)
    with transaction.atomic():
        if wishes:
            Subscription.objects.filter(channel=channel, ended_at__isnull=True).update(**wishes)
        apply_settings(channel, settings)
    return True


def end_follower(viewer: Viewer, subscription_id: int) -> None:
    """Whoever may invite may also end it, for the organization's own followers."""
    organization = organization_of(viewer)
    theirs = Subscription.objects.filter(
        pk=subscription_id, channel__follower=True, channel__organization=organization, ended_at__isnull=True
    )
    if not theirs.exists():
        raise NotFoundError
    if not viewer.may_write:
        raise ForbiddenError
    theirs.update(ended_at=timezone.now())


def _follower(token: str) -> Channel | None:
    named = render.read_following_token(token)
    if named is None:
        return None
    return Channel.objects.select_related("organization").filter(pk=named, follower=True).first()


def numbers_of(shipments: Sequence[int]) -> dict[int, str]:
    """What each shipment is called; one statement."""
    found: dict[int, tuple[int, str]] = {}
    rows = ShipmentReference.objects.filter(shipment__in=shipments, kind__in=_NUMBERS).order_by("learned", "value")
    for pk, kind, value in rows.values_list("shipment_id", "kind", "value"):
        place = _NUMBERS.index(kind)
        if pk not in found or place < found[pk][0]:
            found[pk] = (place, value)
    return {pk: found[pk][1] if pk in found else f"CLIS {pk}" for pk in shipments}
