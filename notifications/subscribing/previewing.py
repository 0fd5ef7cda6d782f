"""Every template with real data, for the operator's staff and organizations' admins; and one mail of it to oneself."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from django.core.cache import cache
from django.utils.translation import gettext as _

from cargo.models import Shipment, TrackingUpdate
from clis.accounts.models import Membership, Organization
from clis.accounts.scoping import Viewer, visible_to
from notifications import kinds, render
from notifications.models import KINDS, Channel, Delivery, Suppression
from notifications.render.words import LABELS
from notifications.subscribing.access import ForbiddenError, SubscribingError, TooManyError, channel_of
from notifications.subscribing.specimens import specimen
from notifications.transports import transport_for
from notifications.transports.base import Message, TransportError, UnknownOutcomeError
from notifications.transports.sms.segments import size

DIGEST = "digest"
# The newest shipments that are looked through for an update of a kind; and what a digest is made of.
SHIPMENTS, MEMBERS = 200, 60
TESTS_PER_HOUR = 10
_READER = "you@example.com"


@dataclass(frozen=True)
class Preview:
    """One template filled in. ``html`` shows its pictures without fetching any; ``sms`` is empty where a kind has none.
    ``is_real``: of the viewer's latest update of the kind, and not of an example."""

    kind: str
    language: str
    is_real: bool
    subject: str
    text: str
    html: str
    sms: str
    sms_segments: int
    sms_alphabet: str


@dataclass(frozen=True)
class Previewable:
    """What may be looked at, and where a test may go."""

    kinds: Sequence[tuple[str, str]]
    channels: Sequence[Channel]


def previewable(viewer: Viewer) -> Previewable:
    """Raises ``ForbiddenError`` for others than the operator's staff and admins. One statement."""
    _permit(viewer)
    named = [(kind, str(words)) for kind, words in KINDS.items()]
    own = Channel.objects.changeable_by(viewer).filter(kind=Channel.Kind.EMAIL, user=viewer.user_id)
    usable = own.filter(verified_at__isnull=False, disabled_at__isnull=True)
    return Previewable([*named, (DIGEST, _("Digest"))], list(usable))


def preview(viewer: Viewer, kind: str, language: str) -> Preview:
    """A kind of news, or the digest, in a language. Raises ``ForbiddenError``, and ``SubscribingError`` for others."""
    _permit(viewer)
    mail, is_real, delivery = _written(viewer, kind, language)
    html = mail.html
    for image in mail.images:
        data = base64.b64encode(image.data).decode()
        html = html.replace(f"cid:{image.name}", f"data:{image.media_type};base64,{data}")
    text = _text_of(delivery) if kind != DIGEST else ""
    measured = size(text)
    return Preview(
        kind,
        language,
        is_real,
        mail.subject,
        mail.text,
        html,
        text,
        measured.segments if text else 0,
        measured.alphabet if text else "",
    )


def send_test(viewer: Viewer, channel_id: int, kind: str, language: str) -> Channel:
    """Sends a preview to one of the viewer's own verified addresses, marked as a test: ten an hour at most."""
    _permit(viewer)
    channel = channel_of(viewer, channel_id)
    if channel.kind != Channel.Kind.EMAIL or channel.user_id != viewer.user_id or not channel.usable:
        raise SubscribingError(_("A test goes to a confirmed e-mail address of your own."))
    if Suppression.objects.filter(kind=channel.kind, recipient=channel.recipient, lifted_at__isnull=True).exists():
        raise SubscribingError(_("This address wants no mails from here."), "suppressed")
    _count(viewer)
    mail, _is_real, _delivery = _written(viewer, kind, language)
    test = replace(
        mail,
        to=channel.address,
        subject=f"{LABELS[language]['test']} {mail.subject}",
        reference=f"t-{secrets.token_hex(16)}",
        thread="",
        headers={},
    )
    transport = transport_for(Channel.Kind.EMAIL)
    assert transport is not None
    try:
        with transport.open() as sender:
            sender.send(test)
    except UnknownOutcomeError:
        pass  # It may well have arrived: the person sees whether it has.
    except TransportError as error:
        raise SubscribingError(_("The mail could not be sent. Check the address and try again.")) from error
    return channel


def _permit(viewer: Viewer) -> None:
    if viewer.user_id is None or not (viewer.is_staff or viewer.role == Membership.Role.ADMIN):
        raise ForbiddenError


def _count(viewer: Viewer) -> None:
    """Raises ``TooManyError``. The counter begins with the first test and ends an hour later."""
    name = f"notices.tests:{viewer.user_id}"
    cache.add(name, 0, 3600)
    try:
        sent = cache.incr(name)
    except ValueError:  # It ended between the two.
        cache.set(name, 1, 3600)
        sent = 1
    if sent > TESTS_PER_HOUR:
        raise TooManyError(_("Ten tests were sent within an hour. Wait a little."))


def _written(viewer: Viewer, kind: str, language: str) -> tuple[Message, bool, Delivery]:
    if language not in render.LANGUAGES or kind not in (*KINDS, DIGEST):
        raise SubscribingError(_("There is no such template."), "not_found")
    own = Organization.objects.filter(pk=viewer.organization_id).first() if viewer.organization_id else None
    organization = own or Organization(name="CLIS")
    wanted = tuple(KINDS) if kind == DIGEST else (kind,)
    found = _latest(viewer, wanted)
    if kind == DIGEST:
        members = [_delivery(update, news, organization, language, pk) for pk, (news, update) in enumerate(found)]
        if not members:
            members = [
                _delivery(specimen(news, organization), news, organization, language, pk)
                for pk, news in enumerate(KINDS)
            ]
        whole = Delivery(channel=_channel(organization, language), kind=Channel.Kind.EMAIL, notice=DIGEST)
        return render.digest(whole, members), bool(found), members[0]
    update = found[-1][1] if found else specimen(kind, organization)
    delivery = _delivery(update, kind, organization, language, None)
    return render.message(delivery, all_shipments=True), bool(found), delivery


def _latest(viewer: Viewer, wanted: Sequence[str]) -> list[tuple[str, TrackingUpdate]]:
    """Updates of the viewer's newest shipments that are such news, oldest first; two statements."""
    shipments = list(
        visible_to(Shipment.objects.all(), viewer).order_by("-pk").values_list("pk", flat=True)[:SHIPMENTS]
    )
    feed = {"milestone", "estimate"} | set(wanted)
    rows = TrackingUpdate.objects.filter(shipment__in=shipments, kind__in=feed).select_related("shipment")
    found = []
    for update in rows.order_by("-pk")[: SHIPMENTS * 5]:
        news = kinds.of_update(update.kind, msgspec.json.decode(update.data))
        if news is not None and news in wanted:
            found.append((news, update))
        if len(found) == (MEMBERS if len(wanted) > 1 else 1):
            break
    return found[::-1]


def _delivery(update: TrackingUpdate, kind: str, organization: Organization, language: str, pk: int | None) -> Delivery:
    """As it would be owed; in no table."""
    channel = _channel(organization, language)
    return Delivery(pk=pk, update=update, channel=channel, kind=channel.kind, notice=kind)


def _channel(organization: Organization, language: str) -> Channel:
    return Channel(organization=organization, kind=Channel.Kind.EMAIL, address=_READER, language=language)


def _text_of(delivery: Delivery) -> str:
    channel = Channel(
        organization=delivery.channel.organization,
        kind=Channel.Kind.SMS,
        address="+821012345678",
        language=delivery.channel.language,
    )
    text = Delivery(update=delivery.update, channel=channel, kind=Channel.Kind.SMS, notice=delivery.notice)
    return render.message(text, all_shipments=True).text
