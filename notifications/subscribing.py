"""What people write: add and verify a channel, subscribe, unsubscribe.

Every function takes the viewer first and answers ``NotFoundError`` for what that viewer may not see, so that a
stranger's number looks like one that does not exist. A channel belongs to a person or, without one, to the
organization; only its person, an organization admin or a key of the organization changes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cargo.models import Shipment
from clis.accounts.models import Membership, User
from clis.accounts.scoping import Viewer, visible_to
from notifications import render
from notifications.models import KINDS, Channel, Delivery, Subscription, Verification
from notifications.transports import transport_for
from notifications.transports.base import TransportError, UnknownOutcomeError
from notifications.transports.sms import NumberError, normalize_number

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODES_PER_HOUR = 3
CODES_PER_HOUR_OF_ORGANIZATION = 20
CHANNELS_OF_ORGANIZATION = 500


class SubscribingError(Exception):
    """Something that was asked cannot be done; the text is for the person who asked."""

    def __init__(self, text: str, code: str = "invalid") -> None:
        super().__init__(text)
        self.code = code


class NotFoundError(SubscribingError):
    """Not there, or not this viewer's to see."""

    def __init__(self) -> None:
        super().__init__(_("Not found."), "not_found")


class ForbiddenError(SubscribingError):
    """Seen, but not this viewer's to change."""

    def __init__(self) -> None:
        super().__init__(_("You may not change this."), "forbidden")


class TooManyError(SubscribingError):
    """A limit is reached."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "too_many")


def add_channel(viewer: Viewer, kind: str, address: str, language: str, shared: bool = False) -> Channel:
    """A channel of the viewer, or (``shared``, or asked by a key) of the whole organization; an old one is given back.

    A person's own account address is verified as it is: she signs in with it. Anything else needs a code.
    """
    organization = _organization(viewer)
    owner = None if shared or viewer.key_id is not None else viewer.user_id
    if owner is None and viewer.key_id is None and viewer.role != Membership.Role.ADMIN:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."))
    clean = normalize(kind, address)
    same = Channel.objects.filter(
        Q(user=owner) if owner is not None else Q(user__isnull=True),
        organization=organization,
        kind=kind,
        address=clean,
    )
    if found := same.first():
        return found
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise TooManyError(_("Your organization has too many channels."))
    own = kind == Channel.Kind.EMAIL and owner is not None and _own_address(owner) == clean
    try:
        with transaction.atomic():
            return Channel.objects.create(
                organization_id=organization,
                user_id=owner,
                kind=kind,
                address=clean,
                language=language,
                verified_at=timezone.now() if own else None,
            )
    except IntegrityError:
        return same.get()


def own_email_channel(viewer: Viewer) -> Channel:
    """The channel to the viewer's own account address, made if it is not there yet."""
    if viewer.user_id is None:
        raise ForbiddenError
    user = User.objects.get(pk=viewer.user_id)
    return add_channel(viewer, Channel.Kind.EMAIL, user.email, user.language)


def normalize(kind: str, address: str) -> str:
    """The one spelling of an address. Raises ``SubscribingError`` in words for the person who typed it."""
    text = address.strip()
    if kind == Channel.Kind.EMAIL:
        try:
            validate_email(text)
        except ValidationError as error:
            raise SubscribingError(_("This is not an e-mail address.")) from error
        local, _at, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"
    if kind == Channel.Kind.SMS:
        if transport_for(kind) is None:
            raise SubscribingError(_("SMS is not set up here."))
        try:
            return normalize_number(text)
        except NumberError as error:
            raise SubscribingError(
                _("This is not a mobile number that can be texted from here. Write it as +82 10 1234 5678.")
            ) from error
    raise SubscribingError(_("A channel is e-mail or SMS."))


def send_code(viewer: Viewer, channel_id: int) -> Verification:
    """Sends a new code to the channel's address: at most 3 an hour to an address, 20 an hour for an organization."""
    channel = _channel(viewer, channel_id)
    code = f"{secrets.randbelow(1_000_000):06d}"
    verification = _new_code(channel, code)
    transport = transport_for(channel.kind)
    if transport is None:
        raise SubscribingError(_("SMS is not set up here."))
    message = render.code_message(channel, code, f"c-{verification.pk}-{secrets.token_hex(8)}")
    try:
        with transport.open() as sender:
            sender.send(message)
    except UnknownOutcomeError:
        return verification  # It may well have arrived: the person sees whether it has.
    except TransportError as error:
        raise SubscribingError(_("The code could not be sent. Check the address and try again.")) from error
    return verification


def _new_code(channel: Channel, code: str) -> Verification:
    now = timezone.now()
    hour = Verification.objects.filter(created_at__gt=now - timedelta(hours=1))
    of_address = Verification.objects.filter(kind=channel.kind, address=channel.address)
    if hour.filter(kind=channel.kind, address=channel.address).count() >= CODES_PER_HOUR:
        raise TooManyError(_("Three codes were sent to this address within an hour. Wait a little."))
    if hour.filter(organization_id=channel.organization_id).count() >= CODES_PER_HOUR_OF_ORGANIZATION:
        raise TooManyError(_("Your organization asked for too many codes. Wait an hour."))
    try:
        with transaction.atomic():
            return Verification.objects.create(
                organization_id=channel.organization_id,
                channel=channel,
                kind=channel.kind,
                address=channel.address,
                sequence=of_address.count() + 1,
                digest=make_password(code),
                created_at=now,
                expires_at=now + CODE_LIFE,
            )
    except IntegrityError as error:  # Another request at the same moment took this sequence number.
        raise TooManyError(_("A code was sent just now.")) from error


def verify(viewer: Viewer, channel_id: int, code: str) -> Channel:
    """Proves the address by the code that was sent last: valid 10 minutes, 5 tries. Switches the channel on again."""
    channel = _channel(viewer, channel_id)
    now = timezone.now()
    last = channel.verifications.filter(address=channel.address).order_by("-id").first()
    if last is None or last.used_at is not None or last.expires_at <= now:
        raise SubscribingError(_("There is no valid code. Ask for a new one."), "expired")
    # Counted and committed before the comparison, so that many guesses at once count one by one.
    if not Verification.objects.filter(pk=last.pk, attempts__lt=CODE_TRIES).update(attempts=F("attempts") + 1):
        raise TooManyError(_("Five wrong codes. Ask for a new one."))
    if not check_password("".join(code.split()), last.digest):
        raise SubscribingError(_("This is not the code."), "wrong_code")
    with transaction.atomic():
        if not Verification.objects.filter(pk=last.pk, used_at__isnull=True).update(used_at=now):
            raise SubscribingError(_("There is no valid code. Ask for a new one."), "expired")
        Channel.objects.filter(pk=channel.pk).update(verified_at=now, disabled_at=None, disabled_reason="")
    channel.refresh_from_db()
    return channel


def remove_channel(viewer: Viewer, channel_id: int) -> None:
    """Deletes a channel with its subscriptions and its history of deliveries."""
    _channel(viewer, channel_id).delete()


def subscribe(
    viewer: Viewer, channel_id: int, shipment_id: int | None = None, kinds: Sequence[str] = ()
) -> Subscription:
    """From now on, for one shipment or (None) for all that the organization is party to; an old one is given back."""
    channel = _channel(viewer, channel_id)
    if channel.verified_at is None:
        raise SubscribingError(_("Confirm the address with its code first."), "not_verified")
    for kind in kinds:
        if kind not in KINDS:
            raise SubscribingError(_("Unknown kind of notice: %(kind)s") % {"kind": kind[:40]})
    if shipment_id is not None:
        shipment(viewer, shipment_id)
    about = Q(shipment__isnull=True) if shipment_id is None else Q(shipment=shipment_id)
    live = Subscription.objects.filter(about, channel=channel, ended_at__isnull=True)
    wanted = sorted(set(kinds))
    found = live.first()
    if found is None:
        try:
            with transaction.atomic():
                return Subscription.objects.create(channel=channel, shipment_id=shipment_id, kinds=wanted)
        except IntegrityError:
            return live.get()
    if found.kinds != wanted:
        live.update(kinds=wanted)
        found.kinds = wanted
    return found


def unsubscribe(viewer: Viewer, subscription_id: int) -> None:
    """Ends a subscription; the row stays, since it says who was told why."""
    ended = Subscription.objects.filter(
        pk=subscription_id, channel__in=Channel.objects.changeable_by(viewer), ended_at__isnull=True
    ).update(ended_at=timezone.now())
    if not ended:
        seen = visible_to(Subscription.objects.filter(pk=subscription_id, ended_at__isnull=True), viewer).exists()
        raise ForbiddenError if seen and not viewer.is_staff else NotFoundError


def unsubscribe_by_token(token: str, only_shipment: bool = False) -> Channel | None:
    """What the link in a mail does when it is posted: ends all subscriptions of its channel, or the one shipment's.

    Needs no viewer: the signature says that the address got it. None if it is not one of ours.
    """
    found = channel_of_token(token)
    if found is None:
        return None
    channel, shipment_id = found
    live = Subscription.objects.filter(channel=channel, ended_at__isnull=True)
    if only_shipment:
        live = live.filter(shipment_id=shipment_id)
    live.update(ended_at=timezone.now())
    return channel


def channel_of_token(token: str) -> tuple[Channel, int] | None:
    """The channel and the shipment that an unsubscribe link names."""
    named = render.read_unsubscribe_token(token)
    if named is None:
        return None
    channel = Channel.objects.filter(pk=named[0]).first()
    return (channel, named[1]) if channel else None


def redeliver(viewer: Viewer, delivery_id: int) -> None:
    """Owes a delivery again that failed, was skipped, or whose outcome nobody knows: a person has looked into it.

    It is sent only if it is still true and still wanted, like any other.
    """
    again = Delivery.objects.filter(
        pk=delivery_id,
        channel__in=Channel.objects.changeable_by(viewer),
        state__in=(Delivery.State.FAILED, Delivery.State.SKIPPED, Delivery.State.UNKNOWN),
    )
    now = timezone.now()
    if again.update(state=Delivery.State.PENDING, attempts=0, next_attempt_at=now, finished_at=None, reason=""):
        return
    if Delivery.objects.filter(pk=delivery_id, channel__in=Channel.objects.changeable_by(viewer)).exists():
        raise SubscribingError(_("It was sent, or is about to be."), "not_ended")
    seen = visible_to(Delivery.objects.filter(pk=delivery_id), viewer).exists()
    raise ForbiddenError if seen and not viewer.is_staff else NotFoundError


def shipment(viewer: Viewer, shipment_id: int) -> Shipment:
    """The shipment, if the viewer's organization is party to it. Staff who are party to nothing are told nothing."""
    if viewer.organization_id is None:
        raise NotFoundError
    found = Shipment.objects.filter(pk=shipment_id, parties__organization=viewer.organization_id).first()
    if found is None:
        raise NotFoundError
    return found


def _organization(viewer: Viewer) -> int:
    if viewer.organization_id is None or (viewer.user_id is None and viewer.key_id is None):
        raise ForbiddenError
    return viewer.organization_id


def _channel(viewer: Viewer, channel_id: int) -> Channel:
    found = Channel.objects.changeable_by(viewer).filter(pk=channel_id).first()
    if found is None:
        seen = visible_to(Channel.objects.filter(pk=channel_id), viewer).exists()
        raise ForbiddenError if seen and not viewer.is_staff else NotFoundError
    return found


def _own_address(user_id: int) -> str:
    return normalize(Channel.Kind.EMAIL, User.objects.get(pk=user_id).email)
