"""Every template with real data, for the operator's staff and for whoever acts for an organization."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cargo.pipeline.place_names import place_names
from clis.accounts.models import Organization
from clis.accounts.scoping import Viewer
from clis.sealing import seal
from notifications import render
from notifications.models import KINDS, Channel, Delivery
from notifications.render.place_names import note_place_names
from notifications.subscribing.access import ForbiddenError, NotFoundError, SubscribingError
from notifications.subscribing.latest import Latest, latest
from notifications.subscribing.specimens import specimen
from notifications.transports.base import Message
from notifications.transports.sms.segments import size

DIGEST = "digest"
TEMPLATES = (*KINDS, DIGEST)
# A webhook is told updates as they are, in no words.
CHANNEL_KINDS = (Channel.Kind.EMAIL, Channel.Kind.SMS, Channel.Kind.CHAT, Channel.Kind.PUSH)
# What a digest is made of.
MEMBERS = 60
_READER = {Channel.Kind.EMAIL: "you@example.com", Channel.Kind.SMS: "+821012345678"}


@dataclass(frozen=True)
class Preview:
    """One template filled in for one kind of channel. ``html`` is a mail's and shows its pictures without fetching
    any; ``segments`` and ``alphabet`` are a text message's. ``is_real``: of the viewer's latest update of the kind,
    and not of an example."""

    kind: str
    language: str
    channel_kind: str
    is_real: bool
    subject: str
    text: str
    html: str
    segments: int = 0
    alphabet: str = ""


@dataclass(frozen=True)
class Filling:
    """What a template is filled with: one update, or a digest's, oldest first."""

    kind: str
    language: str
    organization: Organization
    told: Sequence[Latest]
    is_real: bool


def permit(viewer: Viewer) -> None:
    """Raises ``ForbiddenError`` for others than staff and an organization's people and keys: it shows them no more than
    what they see of their cargo anyway."""
    if viewer.organization_id is None and not viewer.is_staff:
        raise ForbiddenError


def named_templates() -> list[tuple[str, str]]:
    """Every template with its name, in the order in which people read them."""
    return [*((kind, str(words)) for kind, words in KINDS.items()), (DIGEST, _("Digest"))]


def previews(viewer: Viewer, kind: str, language: str, channel_kinds: Sequence[str]) -> list[Preview]:
    """A kind of news, or the digest, in a language, as channels of these kinds get it.

    Raises ``ForbiddenError``, ``NotFoundError`` for what is no template, and ``SubscribingError`` in words.
    """
    permit(viewer)
    filling = filling_of(viewer, kind, language)
    return [_preview(filling, channel_kind) for channel_kind in channel_kinds]


def filling_of(viewer: Viewer, kind: str, language: str) -> Filling:
    """The latest news of the kind that the viewer may see, or an example. Raises ``NotFoundError``."""
    if language not in render.LANGUAGES or kind not in TEMPLATES:
        raise NotFoundError
    own = Organization.objects.filter(pk=viewer.organization_id).first() if viewer.organization_id else None
    organization = own or Organization(name=render.brand().name)
    wanted = tuple(KINDS) if kind == DIGEST else (kind,)
    told = latest(viewer, wanted, MEMBERS if kind == DIGEST else 1)
    examples = [] if told else [Latest(news, specimen(news, organization), {}) for news in wanted]
    return Filling(kind, language, organization, told or examples, is_real=bool(told))


def written(filling: Filling, channel_kind: str, trial: str, sealed: str = "") -> Message:
    """As a channel of this kind would get it, but that it says that it is a ``test`` or a ``preview``.

    ``sealed``: where a chat or a browser is reached.
    """
    channel = Channel(
        organization=filling.organization,
        kind=channel_kind,
        address=_READER.get(Channel.Kind(channel_kind), ""),
        sealed=sealed or seal(""),
        language=filling.language,
    )
    # As they would be owed; in no table.
    owed = [
        Delivery(pk=pk, update=one.update, channel=channel, kind=channel_kind, notice=one.news, data=one.data)
        for pk, one in enumerate(filling.told)
    ]
    note_place_names(owed, place_names)
    if filling.kind != DIGEST:
        owed[-1].pk = None
        return render.message(owed[-1], all_shipments=True, trial=trial)
    if channel_kind == Channel.Kind.SMS:
        raise SubscribingError(_("A digest is not sent as a text message."), field="channel_kind")
    return render.digest(Delivery(channel=channel, kind=channel_kind, notice=DIGEST), owed, trial=trial)


def _preview(filling: Filling, channel_kind: str) -> Preview:
    message = written(filling, channel_kind, "preview")
    about = (filling.kind, filling.language, channel_kind, filling.is_real)
    if channel_kind == Channel.Kind.SMS:
        measured = size(message.text)
        return Preview(*about, message.subject, message.text, "", measured.segments, measured.alphabet)
    if channel_kind == Channel.Kind.PUSH:
        shown = json.loads(message.text)  # as the browser's worker reads it
        return Preview(*about, shown["title"], shown["body"], "")
    return Preview(*about, message.subject, message.text, _with_pictures(message))


def _with_pictures(message: Message) -> str:
    html = message.html
    for image in message.images:
        data = base64.b64encode(image.data).decode()
        html = html.replace(f"cid:{image.name}", f"data:{image.media_type};base64,{data}")
    return html
