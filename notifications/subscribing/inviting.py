"""Invitations: somebody outside is asked by mail whether he wants to follow a shipment, and says yes by its link.

Somebody of an organization that is party to the shipment asks; only the address's own yes makes a channel of it. A link
is good for seven days and once; after that it leads to what its yes made, or says that it has expired.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cargo.models import Party
from clis.accounts.models import Membership, Organization
from clis.accounts.scoping import Viewer
from notifications import render
from notifications.models import (
    INVITATION,
    Channel,
    Subscription,
    Suppression,
    Verification,
    mailbox_of,
    recipient_of,
)
from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    SubscribingError,
    TooManyError,
    organization_of,
    shipment,
)
from notifications.subscribing.addresses import normalize
from notifications.subscribing.channels import CHANNELS_OF_ORGANIZATION
from notifications.subscribing.following import numbers_of
from notifications.transports import transport_for
from notifications.transports.base import TransportError, UnknownOutcomeError

EMAIL = Channel.Kind.EMAIL
INVITATION_LIFE = timedelta(days=7)
# While it is open, the same is not asked again so soon: somebody pressed twice.
AGAIN_AFTER = timedelta(minutes=10)
PER_HOUR_TO_ADDRESS = 3
PER_HOUR_OF_MEMBER = 20
PER_HOUR_OF_ORGANIZATION = 100
_SALT = "notifications.invitation"


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
class PastInvitation:
    """A link that asks no more. ``follower`` is the channel of its yes, while it is there; ``answered`` is False where
    no yes came in time."""

    organization_name: str
    language: str
    answered: bool
    follower: Channel | None


class _Asked(NamedTuple):
    """What is signed."""

    organization: int
    shipment: int
    address: str
    language: str
    verification: int


def invite_follower(viewer: Viewer, shipment_id: int, address: str, language: str) -> Subscription | None:
    """Asks an address by mail; nothing else is sent there before its yes. One that is told of the shipment already is
    not asked again: its subscription is given back. At most 3 an hour to an address, codes counted in, 20 of one who
    asks and 100 of an organization. Raises ``SubscribingError`` in words."""
    organization = organization_of(viewer)
    about = shipment(viewer, shipment_id)
    if not viewer.may_write:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."), field="language")
    clean = normalize(EMAIL, address)
    if Suppression.objects.filter(kind=EMAIL, recipient=recipient_of(EMAIL, clean, 0), lifted_at__isnull=True).exists():
        raise SubscribingError(_("This address wants no mails from here."), "suppressed", "address")
    if Membership.objects.filter(organization=organization, user__email__iexact=clean, user__is_active=True).exists():
        text = _("This person has an account in your organization and switches notices on by the bell of a shipment.")
        raise SubscribingError(text, "member", "address")
    if found := _follows(organization, about.pk, clean):
        return found
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise FullError(_("Your organization has too many channels."))
    asked = _count(viewer, organization, about.pk, clean)
    token = signing.dumps([organization, about.pk, clean, language, asked.pk], salt=_SALT)
    Verification.objects.filter(pk=asked.pk).update(digest=asked.digest + _digest(token))
    _send(asked, token)
    return None


def invitation(token: str) -> Invitation | None:
    """What a link asks, or None: not ours, too old, used, or the organization may not see the shipment any more."""
    asked, row = _read(token)
    if asked is None or row is None or row.used_at is not None or row.expires_at <= timezone.now():
        return None
    named = {"shipment": asked.shipment, "organization": asked.organization}
    party = Party.objects.filter(**named).select_related("organization").first()
    if party is None:
        return None
    number = numbers_of([asked.shipment])[asked.shipment]
    rest = (asked.address, asked.language, asked.verification)
    return Invitation(asked.organization, party.organization.name, asked.shipment, number, *rest)


def past_invitation(token: str) -> PastInvitation | None:
    """What a link led to that was answered, or was not in time. None for one that is not ours or still asks."""
    asked, row = _read(token)
    if asked is None or row is None or (row.used_at is None and row.expires_at > timezone.now()):
        return None
    named = Organization.objects.filter(pk=asked.organization).values_list("name", flat=True).first()
    made = Channel.objects.filter(organization=asked.organization, kind=EMAIL, address=asked.address, follower=True)
    answered = row.used_at is not None
    return PastInvitation(named or "", asked.language, answered, made.first() if answered else None)


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


def _send(asked: Verification, token: str) -> None:
    """The mail. One that could not be sent is open no more, so that it may be tried again at once."""
    asks = invitation(token)
    transport = transport_for(EMAIL)
    assert asks is not None and transport is not None
    message = render.invitation(asks.address, asks.language, asks.organization_name, asks.number, token)
    try:
        with transport.open() as sender:
            sender.send(message)
    except UnknownOutcomeError:
        pass  # It may well have arrived.
    except TransportError as error:
        Verification.objects.filter(pk=asked.pk).update(expires_at=timezone.now())
        raise SubscribingError(_("The mail could not be sent. Check the address and try again.")) from error


def _count(viewer: Viewer, organization: int, shipment_id: int, address: str) -> Verification:
    """Writes down that an address is about to be asked, before it is; raises ``TooManyError``.

    The row's digest names the shipment and who asked, a member or a key: ``invitation:345:m17:``.
    """
    now = timezone.now()
    mailbox = mailbox_of(EMAIL, address)
    of_address = Verification.objects.filter(kind=EMAIL, address=mailbox)
    hour = now - timedelta(hours=1)
    ours = Verification.objects.invitations().filter(organization_id=organization, created_at__gt=hour)
    about = f"{INVITATION}{shipment_id}:"
    asker = f"m{viewer.user_id}" if viewer.key_id is None else f"k{viewer.key_id}"
    still_open = {"used_at__isnull": True, "expires_at__gt": now, "created_at__gt": now - AGAIN_AFTER}
    if ours.filter(address=mailbox, digest__startswith=about, **still_open).exists():
        raise TooManyError(_("This address was asked less than ten minutes ago. Wait for its answer."))
    if of_address.filter(created_at__gt=hour).count() >= PER_HOUR_TO_ADDRESS:
        raise TooManyError(_("This address got three such mails within an hour. Wait a little."))
    if ours.filter(digest__contains=f":{asker}:").count() >= PER_HOUR_OF_MEMBER:
        raise TooManyError(_("You sent 20 invitations within an hour. Wait a little."))
    if ours.count() >= PER_HOUR_OF_ORGANIZATION:
        raise TooManyError(_("Your organization sent 100 invitations within an hour. Wait a little."))
    try:
        with transaction.atomic():
            return Verification.objects.create(
                organization_id=organization,
                kind=EMAIL,
                address=mailbox,
                sequence=of_address.following(),
                digest=f"{about}{asker}:",
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
    except IntegrityError as error:  # Another request at the same moment took this sequence number.
        raise TooManyError(_("This address was asked less than ten minutes ago. Wait for its answer.")) from error


def _read(token: str) -> tuple[_Asked | None, Verification | None]:
    """What a link of ours names, and the row that was written for it."""
    try:
        asked = _Asked(*signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None, None
    return asked, Verification.objects.filter(pk=asked.verification, digest__endswith=_digest(token)).first()


def _follows(organization: int, shipment_id: int, address: str) -> Subscription | None:
    """By which such an address, however it is spelled, is told of the shipment. One whose mails came back is asked
    again: his yes switches his channel on."""
    live = Subscription.objects.filter(shipment=shipment_id, ended_at__isnull=True, channel__kind=EMAIL)
    on = {"channel__follower": True, "channel__verified_at__isnull": False, "channel__disabled_at__isnull": True}
    return live.filter(channel__organization=organization, channel__address__iexact=address, **on).first()


def _chosen(channel: Channel) -> dict[str, Any]:
    """What a follower chose last: it holds for all that he follows."""
    last = Subscription.objects.filter(channel=channel).order_by("-pk").values("matrix", "eta_hours").first()
    return dict(last or {})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
