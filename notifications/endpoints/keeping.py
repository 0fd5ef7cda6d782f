"""Endpoints added, signed anew, paused, resumed and removed."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer
from clis.egress import RefusedError, one_form
from clis.sealing import seal
from notifications import fanout
from notifications.endpoints.access import changeable
from notifications.models import Channel, Delivery, Endpoint
from notifications.models.signing import replaced, secrets_before
from notifications.subscribing import ForbiddenError, FullError, SubscribingError, erase, in_words
from notifications.transports.webhook import is_own_host, new_secret

ROTATION = timedelta(hours=24)
# Each is one signature more in the header of every post, and one more that whoever has found it can use.
SECRETS_BEFORE = 3


def add(viewer: Viewer, url: str, name: str = "") -> tuple[int, str]:
    """A new endpoint of the viewer's organization: its number, and its secret, which is never shown again."""
    organization = viewer.organization_id
    if organization is None or (viewer.key_id is None and viewer.role != Membership.Role.ADMIN):
        raise ForbiddenError
    clean = normalize(url)
    if Endpoint.objects.filter(channel__organization=organization).count() >= settings.WEBHOOK_ENDPOINTS:
        raise FullError(_("Your organization has too many webhooks."))
    secret = new_secret()
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                organization_id=organization, kind=Channel.Kind.WEBHOOK, address=clean, name=name
            )
            Endpoint.objects.create(channel=channel, sealed=seal(secret))
    except IntegrityError as error:
        raise SubscribingError(_("Your organization has this webhook already."), "not_unique", "url") from error
    return channel.pk, secret


def normalize(url: str) -> str:
    """The one form of a URL that may be called. Raises ``SubscribingError`` in words for the person who typed it.

    Its name is looked up when it is called, every time anew, and what it then says decides: not what it says now.
    """
    try:
        clean = one_form(url.strip(), operator=is_own_host(url.strip()))
    except RefusedError as error:
        why = _("This address cannot be called: %(why)s") % {"why": in_words(str(error))}
        raise SubscribingError(why, field="url") from error
    if len(clean) > 500:
        raise SubscribingError(_("The address is too long."), field="url")
    if not settings.WEBHOOK_HTTP and not clean.startswith("https://"):
        raise SubscribingError(_("The address begins with https://."), field="url")
    return clean


def rotate(viewer: Viewer, endpoint_id: int) -> str:
    """A new secret, shown this once. The one before it signs as well for 24 hours, and so do those before that until
    theirs are over: whoever has any of them is not cut off. Refused while there are ``SECRETS_BEFORE`` of them."""
    changeable(viewer, endpoint_id)
    secret, now = new_secret(), timezone.now()
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
        if len(secrets_before(endpoint, now)) >= SECRETS_BEFORE:
            raise SubscribingError(
                _("Three older secrets still sign. Make a new one when the first of them has ended."), "rotating"
            )
        Endpoint.objects.filter(pk=endpoint_id).update(**replaced(endpoint, secret, now + ROTATION, now))
    return secret


def pause(viewer: Viewer, endpoint_id: int) -> None:
    """Nothing is sent until it is resumed; what is owed meanwhile waits."""
    endpoint = changeable(viewer, endpoint_id)
    Endpoint.objects.filter(pk=endpoint.pk, held_at__isnull=True).update(held_at=timezone.now())


def resume(viewer: Viewer, endpoint_id: int) -> None:
    """On again, whoever or whatever paused it or switched it off; what failed or came up meanwhile is not sent by
    itself, and what waits for its next try waits no longer."""
    endpoint, now = changeable(viewer, endpoint_id), timezone.now()
    with transaction.atomic():
        # Else what is just being owed to one that is off would come after whoever asks for all that it missed.
        fanout.stand_still()
        Endpoint.objects.filter(pk=endpoint.pk).update(
            held_at=None, paused_until=None, failures=0, failing_since=None, open_at=0
        )
        Channel.objects.filter(pk=endpoint.pk).update(disabled_at=None, disabled_reason="")
        Delivery.objects.filter(channel=endpoint.pk, state=Delivery.State.PENDING, next_attempt_at__gt=now).update(
            next_attempt_at=now
        )


def remove(viewer: Viewer, endpoint_id: int) -> None:
    """With its subscriptions and its log."""
    erase(changeable(viewer, endpoint_id).channel)
