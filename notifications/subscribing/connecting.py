"""Chats and browsers: channels whose address is a secret, sealed, and shown by a label alone."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.models import Membership
from clis.accounts.scoping import Viewer
from clis.sealing import seal
from notifications import render
from notifications.models import Channel
from notifications.subscribing.access import (
    ForbiddenError,
    NotFoundError,
    SubscribingError,
    TooManyError,
    organization_of,
)
from notifications.subscribing.channels import CHANNELS_OF_ORGANIZATION
from notifications.transports import chat, push, transport_for


def connect_chat(viewer: Viewer, target: str, language: str, name: str = "", shared: bool = False) -> Channel:
    """A chat of the viewer or (``shared``, or asked by a key) of the whole organization; an old one is given back.

    ``target``: the address that Slack, Teams or Discord gave for an incoming webhook, or for Telegram
    ``telegram:<bot token>:<chat>``. Nothing is sent to it but a code, before that is given back (``send_code``,
    ``verify``). Raises ``SubscribingError`` in words.
    """
    if transport_for(Channel.Kind.CHAT) is None:
        raise SubscribingError(_("Chats are not set up here."))
    try:
        label = chat.label_of(target.strip())
    except chat.TargetError as error:
        raise SubscribingError(
            _("This is not the address of a chat at Slack, Teams, Telegram or Discord: %(why)s.") % {"why": error}
        ) from error
    owner = None if shared or viewer.key_id is not None else viewer.user_id
    return _connected(viewer, owner, Channel.Kind.CHAT, label, target.strip(), language, name)


def connect_browser(viewer: Viewer, subscription: dict[str, Any], language: str, name: str = "") -> Channel:
    """The viewer's own browser, by the subscription that it gave its page; verified, as it sits in front of it."""
    if transport_for(Channel.Kind.PUSH) is None:
        raise SubscribingError(_("Browser notifications are not set up here."))
    owner, text = _person(viewer), json.dumps(subscription)
    channel = _connected(viewer, owner, Channel.Kind.PUSH, _label(text), text, language, name)
    # The browser gave new keys, or comes back: it is on again.
    Channel.objects.filter(pk=channel.pk).update(
        sealed=seal(text), verified_at=timezone.now(), disabled_at=None, disabled_reason=""
    )
    channel.refresh_from_db()
    return channel


def disconnect_browser(viewer: Viewer, subscription: dict[str, Any]) -> None:
    """Forgets that browser of the viewer, with what it is told of. Raises ``NotFoundError`` if it is not connected."""
    own = Channel.objects.filter(organization=organization_of(viewer), user=_person(viewer), kind=Channel.Kind.PUSH)
    found = own.filter(address=_label(json.dumps(subscription))).first()
    if found is None:
        raise NotFoundError
    found.delete()


def _person(viewer: Viewer) -> int:
    """Only whoever sits in front of a browser connects it: a key never does."""
    if viewer.key_id is not None or viewer.user_id is None:
        raise ForbiddenError
    return viewer.user_id


def _label(text: str) -> str:
    try:
        return push.label_of(push.read_target(text))
    except push.TargetError as error:
        raise SubscribingError(_("This browser cannot be notified: %(why)s.") % {"why": error}) from error


def _connected(
    viewer: Viewer, owner: int | None, kind: str, label: str, target: str, language: str, name: str
) -> Channel:
    organization = organization_of(viewer)
    if owner is None and viewer.key_id is None and viewer.role != Membership.Role.ADMIN:
        raise ForbiddenError
    if language not in render.LANGUAGES:
        raise SubscribingError(_("The language is en or ko."))
    same = Channel.objects.filter(organization=organization, user=owner, kind=kind, address=label)
    if found := same.first():
        return found
    if Channel.objects.filter(organization=organization).count() >= CHANNELS_OF_ORGANIZATION:
        raise TooManyError(_("Your organization has too many channels."))
    try:
        with transaction.atomic():
            return Channel.objects.create(
                organization_id=organization,
                user_id=owner,
                kind=kind,
                address=label,
                name=name.strip()[:80],
                sealed=seal(target),
                language=language,
            )
    except IntegrityError:
        return same.get()
