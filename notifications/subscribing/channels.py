"""Channels: added, proved by a code, set, removed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import time, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.models import Membership, User, time_zone_names
from clis.accounts.scoping import Viewer
from notifications import kinds, render, schedule, spending
from notifications.models import (
    Attempt,
    Channel,
    Delivery,
    EstimateTold,
    Subscription,
    Suppression,
    Verification,
    mailbox_of,
)
from notifications.models.handing_on import SHARED, hand_on
from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    SubscribingError,
    TooManyError,
    channel_of,
    organization_of,
)
from notifications.subscribing.addresses import normalize, one_spelling
from notifications.subscribing.new_hours import wait_anew
from notifications.transports import transport_for
from notifications.transports.base import Message, TransportError, UnknownOutcomeError
from notifications.transports.sms import country_is_on, measure

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODES_PER_HOUR = 3
CODES_PER_HOUR_OF_ORGANIZATION = 20
CHANNELS_OF_ORGANIZATION = 500


def add_channel(viewer: Viewer, kind: str, address: str, language: str, shared: bool = False) -> Channel:
    """A channel of the viewer, or (``shared``, or asked by a key) of the whole organization; an old one is given back.

    A person's own account address is verified as it is: she signs in with it. Anything else needs a code.
    """
    return find_or_add_channel(viewer, kind, address, language, shared)[0]


def find_or_add_channel(
    viewer: Viewer, kind: str, address: str, language: str, shared: bool = False
) -> tuple[Channel, bool]:
    """The same, and whether it is a new one."""
    organization = organization_of(viewer)
    owner = None if shared or viewer.key_id is not None else viewer.user_id
    if owner is None and viewer.key_id is None and viewer.role != Membership.Role.ADMIN:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."), field="language")
    clean = normalize(kind, address)
    same = Channel.objects.filter(
        Q(user=owner) if owner is not None else Q(user__isnull=True),
        organization=organization,
        kind=kind,
        address=clean,
    )
    if found := same.first():
        if found.follower:
            text = _("This address follows shipments as an outsider. End that first.")
            raise SubscribingError(text, "follower", "address")
        return found, False
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise FullError(_("Your organization has too many channels."))
    own = kind == Channel.Kind.EMAIL and owner is not None and _own_address(owner) == clean
    try:
        with transaction.atomic():
            made = Channel.objects.create(
                organization_id=organization,
                user_id=owner,
                kind=kind,
                address=clean,
                language=language,
                verified_at=timezone.now() if own else None,
            )
            return made, True
    except IntegrityError:
        return same.get(), False


def own_email_channel(viewer: Viewer) -> Channel:
    """The channel to the viewer's own account address, made if it is not there yet."""
    if viewer.user_id is None:
        raise ForbiddenError
    user = User.objects.get(pk=viewer.user_id)
    return add_channel(viewer, Channel.Kind.EMAIL, user.email, user.language)


def send_code(viewer: Viewer, channel_id: int) -> Verification:
    """Sends a new code to the channel's address: at most 3 an hour to an address, 20 an hour for an organization."""
    channel = _proved_by_code(viewer, channel_id)
    code = f"{secrets.randbelow(1_000_000):06d}"
    transport = transport_for(channel.kind)
    if transport is None:
        raise SubscribingError(_("This kind of channel is not set up here."))
    if channel.kind == Channel.Kind.SMS and not country_is_on(channel.address):
        raise SubscribingError(_("Numbers of this country are not texted from here."), "country_off")
    stopped = Suppression.objects.filter(kind=channel.kind, recipient=channel.recipient, lifted_at__isnull=True)
    if channel.kind == Channel.Kind.SMS and stopped.exists():
        raise SubscribingError(_("This number asked for no more texts. Send START from it first."), "suppressed")
    verification = _new_code(channel, code)
    message = render.code_message(channel, code, f"c-{verification.pk}-{secrets.token_hex(8)}")
    text = _pay(channel, message)
    try:
        with transport.open() as sender:
            sender.send(message)
    except UnknownOutcomeError:
        return verification  # It may well have arrived: the person sees whether it has.
    except TransportError as error:
        if text is not None:
            spending.give_back([text], spending.day_of(verification.created_at))
        raise SubscribingError(_("The code could not be sent. Check the address and try again.")) from error
    return verification


def _proved_by_code(viewer: Viewer, channel_id: int) -> Channel:
    channel = channel_of(viewer, channel_id)
    if channel.kind not in kinds.BY_CODE:
        raise SubscribingError(_("This kind of channel is not confirmed by a code."), "no_code")
    return channel


def _pay(channel: Channel, message: Message) -> spending.Text | None:
    """A code by text costs money like any other. Raises ``TooManyError`` where the day's limit is reached."""
    if channel.kind != Channel.Kind.SMS:
        return None
    text = spending.Text(channel.organization_id, channel.address, measure(message))
    if spending.reserve([text], timezone.now())[0]:
        raise TooManyError(_("No more texts are sent to this number today."))
    return text


def _new_code(channel: Channel, code: str) -> Verification:
    return count_code(channel.organization_id, channel.kind, channel.address, make_password(code), CODE_LIFE, channel)


def count_code(
    organization: int, kind: str, address: str, digest: str, life: timedelta, channel: Channel | None = None
) -> Verification:
    """Writes down something that is about to be sent to an address that did not ask; raises ``TooManyError``.

    Three an hour to an address however it is spelled, invitations counted in; twenty for an organization.
    """
    now = timezone.now()
    hour = Verification.objects.filter(created_at__gt=now - timedelta(hours=1))
    mailbox = mailbox_of(kind, address)
    of_address = Verification.objects.filter(kind=kind, address=mailbox)
    if hour.filter(kind=kind, address=mailbox).count() >= CODES_PER_HOUR:
        raise TooManyError(_("Three codes were sent to this address within an hour. Wait a little."))
    if hour.codes().filter(organization_id=organization).count() >= CODES_PER_HOUR_OF_ORGANIZATION:
        raise TooManyError(_("Your organization asked for too many codes. Wait an hour."))
    try:
        with transaction.atomic():
            return Verification.objects.create(
                organization_id=organization,
                channel=channel,
                kind=kind,
                address=mailbox,
                sequence=of_address.following(),
                digest=digest,
                created_at=now,
                expires_at=now + life,
            )
    except IntegrityError as error:  # Another request at the same moment took this sequence number.
        raise TooManyError(_("A code was sent just now.")) from error


def verify(viewer: Viewer, channel_id: int, code: str) -> Channel:
    """Proves the address by the code that was sent last: valid 10 minutes, 5 tries. Switches the channel on again."""
    channel = _proved_by_code(viewer, channel_id)
    now = timezone.now()
    last = channel.verifications.filter(address=mailbox_of(channel.kind, channel.address)).order_by("-id").first()
    if last is None or last.used_at is not None or last.expires_at <= now:
        raise SubscribingError(_("There is no valid code. Ask for a new one."), "expired")
    # Counted and committed before the comparison, so that many guesses at once count one by one.
    if not Verification.objects.filter(pk=last.pk, attempts__lt=CODE_TRIES).update(attempts=F("attempts") + 1):
        raise TooManyError(_("Five wrong codes. Ask for a new one."))
    if not check_password("".join(code.split()), last.digest):
        raise SubscribingError(_("This is not the code."), "wrong_code", "code")
    with transaction.atomic():
        if not Verification.objects.filter(pk=last.pk, used_at__isnull=True).update(used_at=now):
            raise SubscribingError(_("There is no valid code. Ask for a new one."), "expired")
        Channel.objects.filter(pk=channel.pk).update(verified_at=now, disabled_at=None, disabled_reason="")
        # Who proves the address anew gets something there, and wants it.
        Suppression.objects.filter(kind=channel.kind, recipient=channel.recipient, lifted_at__isnull=True).update(
            lifted_at=now
        )
    channel.refresh_from_db()
    return channel


def remove_channel(viewer: Viewer, channel_id: int) -> None:
    """Deletes a channel with its subscriptions and its history of deliveries."""
    erase(channel_of(viewer, channel_id))


_UNTOLD = (Delivery.State.PENDING, Delivery.State.GATHERED)


def erase(channel: Channel) -> None:
    """Deletes a channel with all that is its own, in the same statements however much that is.

    Django would name every delivery in a statement, and PostgreSQL takes 65,535 parameters in one. What it was not told
    yet is told by another channel of its address, if there is one that wants it.
    """
    with transaction.atomic():
        if channel.kind in SHARED:
            untold = Delivery.objects.filter(channel=channel, update__isnull=False, state__in=_UNTOLD)
            waiting = list(untold.values_list("pk", flat=True))
            untold.update(state=Delivery.State.SKIPPED, reason="channel_off")
            hand_on(waiting)
        for own in (
            Attempt.objects.filter(delivery__in=Delivery.objects.filter(channel=channel)),
            Delivery.objects.filter(channel=channel),
            EstimateTold.objects.filter(channel=channel),
            Subscription.objects.filter(channel=channel),
        ):
            own._raw_delete(own.db)
        channel.delete()


def set_channel(viewer: Viewer, channel_id: int, **settings: Any) -> Channel:
    """Sets what is given of ``SETTINGS``; the rest stays. Raises ``SubscribingError`` in words.

    ``quiet_from``, ``quiet_until`` and ``digest_at`` are wall times in ``zone`` (IANA name, or empty for the person's
    own); ``digest_days`` has bit 0 for Monday, and at least one day.
    """
    return apply_settings(channel_of(viewer, channel_id), settings)


SETTINGS = (
    "name", "language", "zone", "quiet_from", "quiet_until", "bypass_quiet", "digest_at", "digest_days"
)  # fmt: skip


def apply_settings(channel: Channel, settings: dict[str, Any]) -> Channel:
    """Checks and writes the settings of a channel that may be changed; what waits already goes by them."""
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise TypeError(f"not a setting of a channel: {', '.join(unknown)}")
    after = {name: settings.get(name, getattr(channel, name)) for name in SETTINGS}
    _check_settings(after, settings)
    changed = {name for name, value in after.items() if getattr(channel, name) != value}
    for name, value in after.items():
        setattr(channel, name, value)
    channel.name = str(channel.name).strip()[:80]
    with transaction.atomic():
        channel.save(update_fields=SETTINGS)
        wait_anew([channel], changed, timezone.now())
    return channel


def _check_settings(after: Mapping[str, Any], given: Collection[str]) -> None:
    """Of what was ``given`` and of all that would be set. Raises ``SubscribingError`` in words."""
    if after["language"] not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."), field="language")
    if after["zone"] and after["zone"] not in time_zone_names():
        text = _("%(name)s is not a time zone.") % {"name": str(after["zone"])[:64]}
        raise SubscribingError(text, field="zone")
    begin, end = after["quiet_from"], after["quiet_until"]
    if (begin is None) != (end is None):
        missing = "quiet_from" if begin is None else "quiet_until"
        raise SubscribingError(_("Quiet hours have a beginning and an end."), field=missing)
    # One that has the same hour twice from before is quiet never; its name may still be changed.
    if begin is not None and begin == end and {"quiet_from", "quiet_until"} & set(given):
        raise SubscribingError(_("Quiet hours begin and end at different times."), field="quiet_until")
    if not isinstance(after["digest_at"], time):
        raise SubscribingError(_("The digest has an hour."), field="digest_at")
    if not 0 < after["digest_days"] <= schedule.EVERY_DAY:
        raise SubscribingError(_("The digest has at least one day of the week."), field="digest_days")


def _own_address(user_id: int) -> str:
    return one_spelling(User.objects.get(pk=user_id).email)
