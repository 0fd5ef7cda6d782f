"""Endpoints that fail: paused after four failures in a row, switched off after five days or when they say so (410).

Nothing is lost by either: what a paused endpoint is owed waits; what one that is off was owed, and what comes up for 30
days (``fanout``), has failed and can be delivered again. Who administers its organization is told once (``letters``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, override

from clis.accounts.models import Membership
from clis.waking import wake
from notifications.models import Channel, Delivery, Endpoint, Letter, recipient_of
from notifications.models.endpoint import OFF, OWED_WHILE_OFF
from notifications.render import LANGUAGES, brand
from notifications.render.text import clean
from notifications.render.words import off_because
from notifications.spending import operators
from notifications.transports.base import Receipt, TemporaryError, TransportError

PAUSED_AFTER = 4
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=24)
OFF_AFTER = timedelta(days=5)
# As ``render.words.off_because`` knows it.
FAILING = f"failing for {OFF_AFTER.days} days"


def note(results: Sequence[tuple[int, Receipt | TransportError]], now: datetime) -> set[int]:
    """What the tries of a batch say of their endpoints, in order; gives those that are paused or off from now on.

    One statement while all is well, else two and one for each that fails: what changes is locked first, in one order,
    since two senders whose batches have endpoints in common would wait for each other. Call it inside a transaction.
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
    changing = Endpoint.objects.filter(Q(pk__in=failed) | Q(ailing, pk__in=well)).order_by("pk").select_for_update()
    endpoints = {endpoint.pk: endpoint for endpoint in changing}
    if mended := well & endpoints.keys():
        Endpoint.objects.filter(pk__in=mended).update(failures=0, failing_since=None, paused_until=None)
    stopped, off = set(), {}
    for endpoint in (endpoints[pk] for pk in endpoints if pk in failed):
        errors = failed[endpoint.pk]
        _count(endpoint, errors, now)
        if endpoint.paused_until and endpoint.paused_until > now:
            stopped.add(endpoint.pk)
        if endpoint.failing_since and now - endpoint.failing_since >= OFF_AFTER:
            off[endpoint.pk] = f"{FAILING}: {errors[-1]}"
    return stopped | switch_off(off, now)


def note_pace(quick: Mapping[int, bool]) -> None:
    """Of endpoints whether they are quick, by channel, where that is new; at most two statements. The next process
    need not find it out anew. Whom another sender has locked is left out: to wait for it now could be for ever."""
    for value in (True, False):
        if channels := [channel for channel, found in quick.items() if found is value]:
            free = Endpoint.objects.select_for_update(skip_locked=True).filter(pk__among=channels)
            Endpoint.objects.filter(pk__in=free.values("pk")).update(quick=value)


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

    What a webhook's channel was still owed has failed. Those who can see to it are owed a letter from then on. Call it
    inside a transaction.
    """
    off = set()
    for channel, reason in sorted(reasons.items()):
        on = Channel.objects.filter(pk=channel, disabled_at__isnull=True)
        if not on.update(disabled_at=now, disabled_reason=clean(reason)):
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
    """To whom it concerns, that a channel's endpoint is off. Call it in the transaction of that."""
    channel = Channel.objects.select_related("organization").get(pk=channel_id)
    letters = [_letter(channel, *reader) for reader in _readers(channel.organization_id)]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    wake("notifications.tasks.drain_letters")


def _readers(organization: int) -> list[tuple[int | None, str, str]]:
    """Users, addresses and languages: the organization's admins, without any all its members, without those the
    operator. An endpoint that goes silent is somebody's business, whoever is left."""
    members = Membership.objects.filter(organization=organization, user__is_active=True).exclude(user__email="")
    rows = members.order_by("pk").values_list("role", "user_id", "user__email", "user__language")
    people: list[tuple[str, tuple[int | None, str, str]]]
    people = [(role, (user, address, language)) for role, user, address, language in rows]
    admins = [reader for role, reader in people if role == Membership.Role.ADMIN]
    return admins or [reader for _, reader in people] or operators()


def _letter(channel: Channel, user: int | None, address: str, language: str) -> Letter:
    language = language if language in LANGUAGES else LANGUAGES[0]
    with override(language):
        facts = {
            "host": urlsplit(channel.address).hostname,
            "organization": channel.organization.name,
            "reason": off_because(channel.disabled_reason, language),
            "days": OWED_WHILE_OFF.days,
            "brand": brand(),
        }
        text = render_to_string(f"notifications/endpoint/off.{language}.txt", facts)
        subject = clean(gettext("Webhook switched off: %(host)s") % facts)
    stamp = f"{channel.disabled_at:%Y%m%d%H%M%S}"
    # One of the operator's addresses is no user's.
    to = user if user is not None else recipient_of(Channel.Kind.EMAIL, address, 0)[:16]
    return Letter(
        reference=f"e-{channel.pk}-{stamp}-{to}",
        user_id=user,
        address=address,
        language=language,
        subject=subject,
        text=text,
        page=reverse("notifications:settings"),
    )
