"""Chats and browsers: channels whose address is a secret, sealed, and shown by a label alone."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer
from clis.sealing import SealError, seal, unseal
from notifications import render
from notifications.models import Channel
from notifications.subscribing.access import (
    ForbiddenError,
    FullError,
    NotFoundError,
    SubscribingError,
    organization_of,
)
from notifications.subscribing.channels import CHANNELS_OF_ORGANIZATION, erase
from notifications.subscribing.refusals import in_words
from notifications.transports import chat, push, transport_for

_KEYS = ("p256dh", "auth")  # of a browser's subscription


def connect_chat(viewer: Viewer, target: str, language: str, name: str = "", shared: bool = False) -> Channel:
    """``find_or_connect_chat``, whether it is new or not."""
    return find_or_connect_chat(viewer, target, language, name, shared)[0]


def find_or_connect_chat(
    viewer: Viewer, target: str, language: str, name: str = "", shared: bool = False
) -> tuple[Channel, bool]:
    """A chat of the viewer or (``shared``, or asked by a key) of the whole organization, and whether it is a new
    one; an old one is given back.

    ``target``: the address that Slack, Teams or Discord gave for an incoming webhook, or for Telegram
    ``telegram:<bot token>:<chat>``. Nothing is sent to it but a code, before that is given back (``send_code``,
    ``verify``). Raises ``SubscribingError`` in words.
    """
    if transport_for(Channel.Kind.CHAT) is None:
        raise SubscribingError(_("Chats are not set up here."), field="kind")
    try:
        label = chat.label_of(target.strip())
    except chat.TargetError as error:
        raise SubscribingError(
            _("This is not the address of a chat at Slack, Teams, Telegram or Discord: %(why)s.")
            % {"why": in_words(str(error))},
            field="address",
        ) from error
    owner = None if shared or viewer.key_id is not None else viewer.user_id
    return _connected(viewer, owner, Channel.Kind.CHAT, label, target.strip(), language, name)


def connect_browser(
    viewer: Viewer, subscription: dict[str, Any], language: str = "", name: str = ""
) -> tuple[Channel, bool]:
    """The viewer's own browser, by the subscription that it gave its page, and whether it is a new one. It is verified,
    as he sits in front of it; one that is known keeps its language and name where none are given.

    Whoever else had connected the same browser is told nothing there from now on: it is his screen no more.
    """
    if transport_for(Channel.Kind.PUSH) is None:
        raise SubscribingError(_("Browser notifications are not set up here."))
    owner, text = _person(viewer), _told(subscription)
    with transaction.atomic():
        channel, is_new = _connected(viewer, owner, Channel.Kind.PUSH, _label(text), text, language or "en", name)
        # The browser gave new keys, or comes back: it is on again.
        given = {field: value for field, value in (("language", language), ("name", name.strip()[:80])) if value}
        Channel.objects.filter(pk=channel.pk).update(
            sealed=seal(text), verified_at=timezone.now(), disabled_at=None, disabled_reason="", **given
        )
        _end_others(channel, owner, push.read_target(text).endpoint)
    channel.refresh_from_db()
    return channel, is_new


def _told(subscription: Any) -> str:
    """Of what a page gave, what is kept: where, and the keys."""
    try:
        keys = subscription["keys"]
        return json.dumps({"endpoint": subscription["endpoint"], "keys": {name: keys[name] for name in _KEYS}})
    except (TypeError, KeyError, RecursionError) as error:
        text = _("The browser gave no subscription. Its script did not run.")
        raise SubscribingError(text, field="subscription") from error


def _end_others(channel: Channel, owner: int, endpoint: str) -> None:
    """Switches the browser off for everybody else. A label is of a short hash: the endpoint itself is compared."""
    alike = Channel.objects.filter(kind=Channel.Kind.PUSH, address=channel.address, disabled_at__isnull=True)
    for other in alike.exclude(user=owner).order_by("pk"):
        if _is_at(other, endpoint):
            with override(other.language):
                reason = _("Somebody else uses this browser now.")
            Channel.objects.filter(pk=other.pk).update(disabled_at=timezone.now(), disabled_reason=reason)


def _is_at(channel: Channel, endpoint: str) -> bool:
    """Whether that is where it is told; what cannot be opened is told nowhere."""
    try:
        return push.read_target(unseal(channel.sealed)).endpoint == endpoint
    except (SealError, push.TargetError):
        return False


def disconnect_browser(viewer: Viewer, subscription: dict[str, Any]) -> None:
    """Forgets that browser of the viewer, with what it is told of. Raises ``NotFoundError`` if it is not connected."""
    own = Channel.objects.filter(organization=organization_of(viewer), user=_person(viewer), kind=Channel.Kind.PUSH)
    found = own.filter(address=_label(_told(subscription))).first()
    if found is None:
        raise NotFoundError
    erase(found)


def _person(viewer: Viewer) -> int:
    """Only whoever sits in front of a browser connects it: a key never does."""
    if viewer.key_id is not None or viewer.user_id is None:
        raise ForbiddenError
    return viewer.user_id


def _label(text: str) -> str:
    try:
        return push.label_of(push.read_target(text))
    except push.TargetError as error:
        text = _("This browser cannot be notified: %(why)s.") % {"why": in_words(str(error))}
        raise SubscribingError(text, field="subscription") from error


def _connected(
    viewer: Viewer, owner: int | None, kind: str, label: str, target: str, language: str, name: str
) -> tuple[Channel, bool]:
    """The channel, and whether it is a new one."""
    organization = organization_of(viewer)
    if owner is None and viewer.key_id is None and viewer.role != Membership.Role.ADMIN:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."), field="language")
    same = Channel.objects.filter(organization=organization, user=owner, kind=kind, address=label)
    if found := same.first():
        return found, False
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise FullError(_("Your organization has too many channels."))
    try:
        with transaction.atomic():
            made = Channel.objects.create(
                organization_id=organization,
                user_id=owner,
                kind=kind,
                address=label,
                name=name.strip()[:80],
                sealed=seal(target),
                language=language,
            )
            return made, True
    except IntegrityError:
        return same.get(), False
