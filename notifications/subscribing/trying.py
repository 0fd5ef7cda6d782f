"""A notice sent as a test: by mail to oneself, to a chat, or to one's own browser; ten an hour at most."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer
from clis.sealing import SealError
from notifications.models import Channel, Suppression
from notifications.render.words import LABELS
from notifications.subscribing.access import ForbiddenError, SubscribingError, TooManyError, channel_of
from notifications.subscribing.previewing import filling_of, written
from notifications.transports import transport_for
from notifications.transports.base import Message, TransportError, UnknownOutcomeError

TESTS_PER_HOUR = 10
_WHERE = {
    Channel.Kind.EMAIL: gettext_lazy("A test goes to a confirmed e-mail address of your own."),
    Channel.Kind.CHAT: gettext_lazy("A test goes to a confirmed chat."),
    Channel.Kind.PUSH: gettext_lazy("A test goes to a browser of your own that is on."),
    Channel.Kind.SMS: gettext_lazy("No tests are sent as text messages: each one costs money. The preview shows it."),
    Channel.Kind.WEBHOOK: gettext_lazy("A webhook has a test of its own."),
}


def may_test(viewer: Viewer) -> bool:
    """Staff, an organization's admin, and its keys, which act as he does."""
    return viewer.key_id is not None or viewer.is_staff or viewer.role == Membership.Role.ADMIN


def testable(viewer: Viewer) -> QuerySet[Channel]:
    """Where the viewer may send a test: to mail addresses and browsers of his own, and to chats that he may change.

    Raises ``ForbiddenError`` for who may send none. A key has no mail address and no browser.
    """
    if not may_test(viewer):
        raise ForbiddenError
    where = Q(kind=Channel.Kind.CHAT)
    if viewer.user_id is not None:
        where |= Q(kind__in=(Channel.Kind.EMAIL, Channel.Kind.PUSH), user=viewer.user_id)
    usable = Q(verified_at__isnull=False, disabled_at__isnull=True, follower=False)
    return Channel.objects.changeable_by(viewer).filter(where, usable)


def send_test(viewer: Viewer, channel_id: int, kind: str, language: str) -> Channel:
    """Sends a preview there, marked as a test. Raises ``ForbiddenError``, ``NotFoundError``, ``TooManyError``, and
    ``SubscribingError`` in words."""
    possible = testable(viewer)
    channel = channel_of(viewer, channel_id)
    if not possible.filter(pk=channel.pk).exists():
        raise SubscribingError(str(_WHERE[Channel.Kind(channel.kind)]))
    if Suppression.objects.filter(kind=channel.kind, recipient=channel.recipient, lifted_at__isnull=True).exists():
        raise SubscribingError(_("This address wants no mails from here."), "suppressed")
    transport = transport_for(channel.kind)
    if transport is None:
        raise SubscribingError(_("Notices of this kind are switched off here."))
    filling = filling_of(viewer, kind, language)
    _count(viewer)
    try:
        test = _marked(written(filling, channel.kind, "test", channel.sealed), channel, language)
        with transport.open() as sender:
            sender.send(test)
    except UnknownOutcomeError:
        pass  # It may well have arrived: the person sees whether it has.
    except (TransportError, SealError) as error:
        raise SubscribingError(_not_sent(channel)) from error
    return channel


def _count(viewer: Viewer) -> None:
    """Raises ``TooManyError``. The counter begins with the first test and ends an hour later."""
    who = viewer.user_id if viewer.key_id is None else f"key-{viewer.key_id}"
    name = f"notices.tests:{who}"
    cache.add(name, 0, 3600)
    try:
        sent = cache.incr(name)
    except ValueError:  # It ended between the two.
        cache.set(name, 1, 3600)
        sent = 1
    if sent > TESTS_PER_HOUR:
        raise TooManyError(_("Ten tests were sent within an hour. Wait a little."))


def _marked(message: Message, channel: Channel, language: str) -> Message:
    """A test says that it is one, belongs to no conversation and ends no subscription."""
    mark, reference = LABELS[language]["test"], f"t-{secrets.token_hex(16)}"
    if channel.kind == Channel.Kind.EMAIL:
        subject = f"{mark} {message.subject}"
        return replace(message, to=channel.address, subject=subject, reference=reference, thread="", headers={})
    if channel.kind == Channel.Kind.PUSH:
        shown = json.loads(message.text)
        shown |= {"title": f"{mark} {shown['title']}", "tag": reference}
        return replace(message, text=json.dumps(shown, ensure_ascii=False), reference=reference)
    return replace(message, text=f"{mark} {message.text}", reference=reference)


def _not_sent(channel: Channel) -> str:
    if channel.kind == Channel.Kind.EMAIL:
        return _("The mail could not be sent. Check the address and try again.")
    return _("The test could not be sent. Try again later, or connect it anew.")
