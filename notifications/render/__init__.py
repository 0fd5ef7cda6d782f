"""A delivery in words: subject, text, HTML or one line of SMS, in the channel's language.

The sentences are template files, ``templates/notifications/email/<kind>/{subject,answer,next}.<language>.txt`` and
``sms/<kind>.<language>.txt``, one set for each kind of ``notifications.kinds`` and each language. Operators set the
look (``Branding``), nobody writes templates: no text from outside is ever one, it is only put in as an escaped value.

Every mail says in this order: what it is (``subject``, with the first number), what changed and since when
(``answer``), what is known, who must act and by when (``next``), the link, and why the reader gets it.

A template may say ``facts.`` and one of these; a text is one clean line, and empty where nothing is known:

- ``kind``, ``language``, ``number`` (the first number with its kind), ``other_numbers`` (label and value, five at
  most), ``own_reference`` (of the registrant's own people alone), ``organization`` (of the reader);
- ``box``: the container that it is about, of several the first and how many more, ``HDMU6546583 +3``; ``boxes``: ten of
  them; both empty where it is about the whole, and ``box`` where ``number`` is it already;
- ``milestone``, ``hold_kind``, ``by_air`` (it goes by an air waybill), ``follower`` (the reader is outside and has no
  page of the shipment): to choose a sentence by;
- ``when``: when it happened, in the zone of the place: ``24 Mar 2026, 09:30 KST (UTC+09:00)``; ``at``: the same inside
  a sentence, ``24 Mar 2026, 09:30 KST``; ``when_short``: in a text, ``24 Mar, 09:30 KST``;
- ``place``: as the pages call it in the reader's language, and its code: ``Busan (KRPUS)``, ``부산(KRPUS)``,
  ``bonded warehouse 03041027``; ``agency``, ``declaration``, ``said`` (the source's own words, without links);
- ``was``: what was expected or due before; ``shift``: how much that moved, ``3 days later``;
- ``amends``: the reader was told of the release that is taken back; ``told``, ``told_at``: of what, and when;
  ``packages``: how many it is taken back for, where the rest stays released, ``20 packages``;
- ``until``, ``until_at``, ``until_short``: by when to act; ``deadline``, ``duty`` (what to do), ``cost`` (of being
  late, as a sentence ends); ``trouble``: what is wrong; ``responsible``: who must act, of a deadline or an exception;
  ``actor``: the same as a sentence begins, ``The importer``, ``수입자가``;
- ``next_deadline``: of what bears no such time itself, what ends next of its shipment, when, and who must act; in mails
  that go out by themselves alone: ``Removal from the bonded area: 28 Mar 2026, 23:59 KST. The consignee must act.``;
- ``why``: why the reader gets it; ``link`` (the shipment's page; a follower's own), ``settings_link``,
  ``unsubscribe_link`` (all of the channel's), ``stop_link`` (the one subscription; empty where it is not known). In a
  test and in a preview ``why`` says what it is, and but ``link`` they are empty.

Texts (SMS) get ``subject``, the mail's, beside, and whether there is room for ``box``, ``reference`` and ``link``;
``name`` is the operator's short name, empty where there is none or no room for it. Codes (``code/``) get ``code`` and
``name``, the operator's; letters (``endpoint/``, ``alert/``) ``brand``, of which ``brand.name`` is that. The frame
``email/_frame.html`` gets ``brand``, ``labels``, ``tone`` (``bad``, ``warn``, ``good``, ``info``) and ``logo`` too; a
digest ``shipments``, ``more``, ``why``, its subject ``counts`` and ``number_of_shipments``. Every link begins with the
operator's own address where one is set, at the time of sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from clis.public_address import public_address
from notifications.models import Channel, Delivery
from notifications.render import direct, mail, texts
from notifications.render.branding import Brand, brand
from notifications.render.facts import Facts, facts_of, language_of
from notifications.render.links import (
    following_token,
    read_following_token,
    read_unsubscribe_token,
    reference_of,
    settings_link,
    unsubscribe_link,
    unsubscribe_token,
)
from notifications.render.mail import line, tidy
from notifications.render.text import clean, unlinked
from notifications.render.words import LABELS, LANGUAGES, filled
from notifications.transports.base import Message
from notifications.transports.sms import is_single

__all__ = [
    "LANGUAGES",
    "Brand",
    "Facts",
    "brand",
    "code_message",
    "digest",
    "facts_of",
    "following_token",
    "invitation",
    "language_of",
    "message",
    "read_following_token",
    "read_unsubscribe_token",
    "reference_of",
    "settings_link",
    "unsubscribe_link",
    "unsubscribe_token",
]


def message(delivery: Delivery, all_shipments: bool, trial: str = "") -> Message:
    """The message of a delivery whose update, shipment, channel, subscription and organization are loaded.

    ``all_shipments``: it comes of a subscription to all of the organization's, not to this one. ``trial``: ``test`` or
    ``preview``; it says so in place of why it was sent, and has no way out of what nobody is subscribed to.
    """
    if delivery.kind == Channel.Kind.EMAIL:
        return mail.message(delivery, all_shipments, trial)
    facts = facts_of(delivery, all_shipments, trial)
    subject = line(f"email/{facts.kind}/subject", facts)
    return (texts if delivery.kind == Channel.Kind.SMS else direct).message(delivery, facts, subject)


def digest(
    delivery: Delivery,
    members: Sequence[Delivery],
    counts: Mapping[str, int] | None = None,
    shipments: int | None = None,
    trial: str = "",
) -> Message:
    """The message of a digest whose members are loaded as those of ``message`` are; ``trial`` as there.

    ``counts`` (by kind of news) and ``shipments``: of everything that it tells, where that is more than ``members``.
    """
    told = [(member, member.update) for member in members if member.update]
    counts = counts or Counter(member.notice or update.kind for member, update in told)
    shipments = shipments or len({update.shipment_id for _, update in told})
    write = mail.digest if delivery.kind == Channel.Kind.EMAIL else direct.digest
    return write(delivery, members, counts, shipments, trial)


def invitation(address: str, language: str, inviter: str, number: str, token: str) -> Message:
    """The mail that asks somebody outside whether he wants to follow a shipment; ``token`` is what he confirms by."""
    context = {
        "inviter": unlinked(inviter),
        "number": unlinked(number),
        "link": public_address() + reverse("notifications:follow", args=[token]),
    }
    text = tidy(render_to_string(f"notifications/code/invitation.{language}.txt", context))
    subject = filled(LABELS[language]["invitation_subject"], inviter=clean(inviter, 80))
    reference = f"f-{salted_hmac('notifications.invitation', token).hexdigest()[:24]}"
    look = brand()
    return Message(
        to=address,
        text=text,
        reference=reference,
        subject=subject,
        language=language,
        sender=look.sender,
        reply_to=look.reply_to,
    )


def code_message(channel: Channel, code: str, reference: str) -> Message:
    """The message that carries a verification code."""
    language, look = language_of(channel), brand()
    subject = clean(filled(LABELS[language]["code_subject"], code=code, name=look.name))
    return Message(
        to=direct.target(channel) if channel.sealed else channel.address,
        text=_code_text(channel.kind, language, code, look),
        reference=reference,
        subject=subject,
        language=language,
        sender=look.sender,
        reply_to=look.reply_to,
    )


def _code_text(kind: str, language: str, code: str, look: Brand) -> str:
    """With the operator's name; in a text with the longest that keeps it a single one, or without."""

    def written(name: str) -> str:
        context = {"code": code, "name": name}
        return render_to_string(f"notifications/code/{kind}.{language}.txt", context).strip()

    if kind != Channel.Kind.SMS:
        return written(look.name)
    texts = [written(name) for name in (look.name_in_texts(language), look.name) if name]
    return next(filter(is_single, texts), written(""))
