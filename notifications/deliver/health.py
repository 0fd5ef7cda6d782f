"""Endpoints that fail: paused after four failures in a row, switched off after five days or when they say so (410).

Nothing is lost by either: what a paused endpoint is owed waits, what one that is off was owed has failed and can be
delivered again. Who administers its organization is told once (``letters``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, override

from clis.accounts.models import Membership, User
from notifications.models import Channel, Delivery, Endpoint, Letter
from notifications.render import LANGUAGES
from notifications.render.text import clean
from notifications.transports.base import Receipt, TemporaryError, TransportError

PAUSED_AFTER = 4
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=24)
OFF_AFTER = timedelta(days=5)
OFF = "endpoint_off"


def note(results: Sequence[tuple[int, Receipt | TransportError]], now: datetime) -> set[int]:
    """What the tries of a batch say of their endpoints, in order; gives those that are paused or off from now on.

    Two statements while all is well. Call it inside a transaction.
    """
    if not results:
        return set()
    failed: dict[int, list[TransportError]] = {}
    well: set[int] = set()
    for channel, result in results:
        if isinstance(result, Receipt):
            failed.pop(channel, None)
            well.add(channel)
        else:
            failed.setdefault(channel, []).append(result)
    ailing = Q(failures__gt=0) | Q(paused_until__isnull=False)
    Endpoint.objects.filter(ailing, pk__in=well).update(failures=0, failing_since=None, paused_until=None)
    if not failed:
        return set()
    stopped, off = set(), {}
    for endpoint in Endpoint.objects.select_for_update().filter(pk__in=failed).order_by("pk"):
        errors = failed[endpoint.pk]
        _count(endpoint, errors, now)
        if endpoint.paused_until and endpoint.paused_until > now:
            stopped.add(endpoint.pk)
        if endpoint.failing_since and now - endpoint.failing_since >= OFF_AFTER:
            off[endpoint.pk] = f"failing for {OFF_AFTER.days} days: {errors[-1]}"
    return stopped | switch_off(off, now)


def note_pace(quick: Mapping[int, bool]) -> None:
    """Of endpoints whether they are quick, by channel, where that is new; at most two statements. The next process
    need not find it out anew."""
    for value in (True, False):
        if channels := [channel for channel, found in quick.items() if found is value]:
            Endpoint.objects.filter(pk__among=channels).update(quick=value)


def _count(endpoint: Endpoint, errors: Sequence[TransportError], now: datetime) -> None:
    endpoint.failures += len(errors)
    endpoint.failing_since = endpoint.failing_since or now
    until = endpoint.paused_until or now
    if endpoint.failures >= PAUSED_AFTER:
        doublings = min(endpoint.failures - PAUSED_AFTER, 20)
        until = max(until, now + min(PAUSE * 2**doublings, LONGEST_PAUSE))
    asked = [error.retry_after for error in errors if isinstance(error, TemporaryError) and error.retry_after]
    if asked:
        until = max(until, now + timedelta(seconds=max(asked)))
    if until > now:
        endpoint.paused_until = until
    endpoint.save(update_fields=["failures", "failing_since", "paused_until"])


def switch_off(reasons: Mapping[int, str], now: datetime) -> set[int]:
    """Switches channels off for what their other side said; gives those that were on.

    What a webhook's channel was still owed has failed. Its organization's admins are owed a letter from then on. Call
    it inside a transaction.
    """
    off = set()
    for channel, reason in sorted(reasons.items()):
        on = Channel.objects.filter(pk=channel, disabled_at__isnull=True)
        if not on.update(disabled_at=now, disabled_reason=reason[:200]):
            continue
        off.add(channel)
        if not Channel.objects.filter(pk=channel, kind=Channel.Kind.WEBHOOK).exists():
            continue
        # What is in hand somewhere as well: a claim without its token is not sent.
        owed = Delivery.objects.filter(channel=channel, state__in=(Delivery.State.PENDING, Delivery.State.SENDING))
        owed.update(state=Delivery.State.FAILED, lease_token="", next_attempt_at=None, finished_at=now, reason=OFF)
        _owe_letters(channel)
    return off


def _owe_letters(channel_id: int) -> None:
    """To the admins of a channel's organization, that its endpoint is off. Call it in the transaction of that."""
    channel = Channel.objects.select_related("organization").get(pk=channel_id)
    admins = Membership.objects.filter(
        organization=channel.organization_id, role=Membership.Role.ADMIN, user__is_active=True
    ).select_related("user")
    letters = [_letter(channel, admin.user) for admin in admins.order_by("pk")]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def _letter(channel: Channel, user: User) -> Letter:
    language = user.language if user.language in LANGUAGES else LANGUAGES[0]
    with override(language):
        facts = {
            "host": urlsplit(channel.address).hostname,
            "organization": channel.organization.name,
            "reason": channel.disabled_reason,
            "link": settings.BASE_URL + reverse("notifications:settings"),
        }
        text = render_to_string(f"notifications/endpoint/off.{language}.txt", facts)
        subject = clean(gettext("Webhook switched off: %(host)s") % facts)
    stamp = f"{channel.disabled_at:%Y%m%d%H%M%S}"
    return Letter(
        reference=f"e-{channel.pk}-{stamp}-{user.pk}",
        user=user,
        address=user.email,
        language=language,
        subject=subject,
        text=text,
    )
