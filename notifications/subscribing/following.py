"""Followers: people outside, without an account, who are told of single shipments and manage that by signed links.

Somebody of an organization that is party to the shipment asks them by mail; only their own yes makes a channel of the
address. A link that confirms is good for seven days and once; one that manages has no end, like that of an old mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cargo.models import Party, ShipmentReference
from clis.accounts.scoping import Viewer
from notifications import kinds, render
from notifications.models import Channel, Subscription, Suppression, Verification, recipient_of
from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    NotFoundError,
    SubscribingError,
    organization_of,
    shipment,
)
from notifications.subscribing.channels import CHANNELS_OF_ORGANIZATION, apply_settings, count_code, normalize
from notifications.subscribing.subscriptions import ETA_HOURS, check_eta_hours, check_matrix
from notifications.transports import transport_for
from notifications.transports.base import TransportError, UnknownOutcomeError

EMAIL = Channel.Kind.EMAIL
INVITATION_LIFE = timedelta(days=7)
_SALT = "notifications.invitation"
# What a shipment is called to somebody who may not see the page: the first of these numbers.
_NUMBERS = ("house_bill", "house_air_waybill", "master_bill", "air_waybill", "container", "booking")


@dataclass(frozen=True)
class Invitation:
    """What a link asks: whether this address wants to be told of this shipment by that organization."""

    organization: int
    organization_name: str
    shipment: int
    number: str
    address: str
    language: str
    verification: int


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


def invite_follower(viewer: Viewer, shipment_id: int, address: str, language: str) -> None:
    """Asks an address by mail; nothing else is sent there before its yes. At most 3 an hour to an address, 20 for an
    organization, codes counted in. Raises ``SubscribingError`` in words."""
    organization = organization_of(viewer)
    about = shipment(viewer, shipment_id)
    if not viewer.may_write:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."))
    clean = normalize(EMAIL, address)
    if Suppression.objects.filter(kind=EMAIL, recipient=recipient_of(EMAIL, clean, 0), lifted_at__isnull=True).exists():
        raise SubscribingError(_("This address wants no mails from here."), "suppressed")
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise FullError(_("Your organization has too many channels."))
    asked = count_code(organization, EMAIL, clean, "", INVITATION_LIFE)
    token = signing.dumps([organization, about.pk, clean, language, asked.pk], salt=_SALT)
    Verification.objects.filter(pk=asked.pk).update(digest=_digest(token))
    found = invitation(token)
    transport = transport_for(EMAIL)
    assert found is not None and transport is not None
    message = render.invitation(clean, language, found.organization_name, found.number, token)
    try:
        with transport.open() as sender:
            sender.send(message)
    except UnknownOutcomeError:
        return  # It may well have arrived.
    except TransportError as error:
        raise SubscribingError(_("The mail could not be sent. Check the address and try again.")) from error


def invitation(token: str) -> Invitation | None:
    """What a link asks, or None: not ours, too old, used, or the organization may not see the shipment any more."""
    try:
        organization, shipment_id, address, language, asked = signing.loads(token, salt=_SALT, max_age=INVITATION_LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    live = Verification.objects.filter(
        pk=asked, digest=_digest(token), used_at__isnull=True, expires_at__gt=timezone.now()
    )
    party = Party.objects.filter(shipment=shipment_id, organization=organization).select_related("organization").first()
    if party is None or not live.exists():
        return None
    number = _numbers([shipment_id])[shipment_id]
    return Invitation(organization, party.organization.name, shipment_id, number, address, language, asked)


def confirm_following(token: str) -> Channel | None:
    """The follower's yes, which makes the channel and its subscription from now on. None as for ``invitation``."""
    asked = invitation(token)
    if asked is None:
        return None
    now = timezone.now()
    with transaction.atomic():
        # Counted first: of two yeses at once the second finds it used.
        if not Verification.objects.filter(pk=asked.verification, used_at__isnull=True).update(used_at=now):
            return None
        channel, _new = Channel.objects.get_or_create(
            organization_id=asked.organization,
            kind=EMAIL,
            address=asked.address,
            user=None,
            defaults={"follower": True, "language": asked.language},
        )
        Channel.objects.filter(pk=channel.pk).update(verified_at=now, disabled_at=None, disabled_reason="")
        try:
            with transaction.atomic():
                Subscription.objects.create(
                    channel=channel, shipment_id=asked.shipment, **(_chosen(channel) if channel.follower else {})
                )
        except IntegrityError:
            pass  # It follows this shipment already.
    channel.refresh_from_db()
    return channel


def following(token: str) -> Following | None:
    """What the link in a follower's mails manages. None if it is not one of ours."""
    channel = _follower(token)
    if channel is None:
        return None
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True, shipment__isnull=False)
    rows = list(live.order_by("-pk").values_list("pk", "shipment_id", "matrix", "eta_hours"))
    numbers = _numbers([row[1] for row in rows])
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


def _chosen(channel: Channel) -> dict[str, Any]:
    """What a follower chose last: it holds for all that he follows."""
    last = Subscription.objects.filter(channel=channel).order_by("-pk").values("matrix", "eta_hours").first()
    return dict(last or {})


def _numbers(shipments: Sequence[int]) -> dict[int, str]:
    """What each shipment is called; two statements."""
    found: dict[int, tuple[int, str]] = {}
    rows = ShipmentReference.objects.filter(shipment__in=shipments, kind__in=_NUMBERS).order_by("learned", "value")
    for pk, kind, value in rows.values_list("shipment_id", "kind", "value"):
        place = _NUMBERS.index(kind)
        if pk not in found or place < found[pk][0]:
            found[pk] = (place, value)
    return {pk: found[pk][1] if pk in found else f"CLIS {pk}" for pk in shipments}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
