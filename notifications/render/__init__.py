"""A delivery in words: subject, text, HTML or one line of SMS, in the channel's language.

The sentences are template files, ``templates/notifications/email/<kind>/{subject,answer,next}.<language>.txt`` and
``sms/<kind>.<language>.txt``; no text from outside is ever a template, it is only put in as an escaped value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from notifications.models import Channel, Delivery
from notifications.render.text import clean, moment, unlinked
from notifications.render.words import (
    AGENCIES,
    DEADLINES,
    DUTIES,
    LABELS,
    LANGUAGES,
    REFERENCES,
    TONES,
    cost,
    named,
)
from notifications.transports.base import Message

UNSUBSCRIBE_SALT = "notifications.unsubscribe"


@dataclass(frozen=True)
class Facts:
    """What a template may say; every text is one clean line, empty where nothing is known."""

    kind: str
    language: str
    number: str
    milestone: str = ""
    hold_kind: str = ""
    own_reference: str = ""
    other_numbers: list[tuple[str, str]] = field(default_factory=list)
    when: str = ""
    when_short: str = ""
    place: str = ""
    agency: str = ""
    declaration: str = ""
    until: str = ""
    until_short: str = ""
    deadline: str = ""
    duty: str = ""
    cost: str = ""
    said: str = ""
    organization: str = ""
    all_shipments: bool = False
    link: str = ""
    settings_link: str = ""
    unsubscribe_link: str = ""


def message(delivery: Delivery, all_shipments: bool) -> Message:
    """The message of a delivery whose update, shipment, channel and organization are loaded.

    ``all_shipments``: it comes of a subscription to all of the organization's, not to this one.
    """
    facts = facts_of(delivery, all_shipments)
    subject = _line(f"email/{facts.kind}/subject", facts)
    if delivery.kind == Channel.Kind.SMS:
        return Message(
            to=delivery.channel.address,
            text=_line(f"sms/{facts.kind}", facts, subject),
            reference=reference_of(delivery),
            language=facts.language,
        )
    context = {
        "facts": facts,
        "labels": LABELS[facts.language],
        "tone": TONES[facts.kind],
        "subject": subject,
        "answer": _line(f"email/{facts.kind}/answer", facts),
        "next": _line(f"email/{facts.kind}/next", facts),
    }
    return Message(
        to=delivery.channel.address,
        subject=clean(f"{subject} — {facts.number}"),
        text=_tidy(render_to_string("notifications/email/_body.txt", context)),
        html=render_to_string("notifications/email/_body.html", context),
        reference=reference_of(delivery),
        language=facts.language,
        headers={
            "List-Unsubscribe": f"<{facts.unsubscribe_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def code_message(channel: Channel, code: str, reference: str) -> Message:
    """The message that carries a verification code."""
    language = _language(channel)
    text = render_to_string(f"notifications/code/{channel.kind}.{language}.txt", {"code": code}).strip()
    subject = LABELS[language]["code_subject"].format(code=code)
    return Message(to=channel.address, text=text, reference=reference, subject=subject, language=language)


def facts_of(delivery: Delivery, all_shipments: bool = False) -> Facts:
    """The update's frozen data in the words of one reader, with what only that reader's organization may see."""
    update, channel = delivery.update, delivery.channel
    data: dict[str, Any] = json.loads(update.data)
    language = _language(channel)
    numbers = _numbers(data, language)
    zone, occurred = data.get("time_zone"), data.get("occurred_at") or update.occurred_at
    if "deadline" in data:
        occurred = None  # When it became near says nothing beside when it ends.
    own = update.shipment.own_reference if update.shipment.organization_id == channel.organization_id else ""
    return Facts(
        kind=update.kind,
        language=language,
        number=" ".join(numbers[0]) if numbers else f"CLIS {update.shipment_id}",
        other_numbers=numbers[1:6],
        milestone=clean(data.get("milestone"), 40),
        hold_kind=clean(data.get("hold_kind"), 40),
        own_reference=clean(own, 64),
        when=moment(occurred, zone, language),
        when_short=moment(occurred, zone, language, short=True),
        place=_place(data.get("place")),
        agency=_agency(data, language),
        declaration=clean(data.get("declaration"), 64),
        until=moment(data.get("until"), zone, language),
        until_short=moment(data.get("until"), zone, language, short=True),
        deadline=named(DEADLINES, data.get("deadline"), language) if "deadline" in data else "",
        duty=named(DUTIES, data.get("next_action"), language) if "deadline" in data else "",
        cost=cost(data.get("money"), language),
        said=unlinked(data.get("text")),
        organization=unlinked(channel.organization.name),
        all_shipments=all_shipments,
        link=f"{settings.BASE_URL}/shipments/{update.shipment_id}/",
        settings_link=settings.BASE_URL + reverse("notifications:settings"),
        unsubscribe_link=settings.BASE_URL + reverse("notifications:unsubscribe", args=[unsubscribe_token(delivery)]),
    )


def unsubscribe_token(delivery: Delivery) -> str:
    """Signed, without an end: the link of an old mail must still work. Names the channel and the shipment."""
    return signing.dumps([delivery.channel_id, delivery.update.shipment_id], salt=UNSUBSCRIBE_SALT)


def read_unsubscribe_token(token: str) -> tuple[int, int] | None:
    """Channel and shipment of a token, or None if we did not sign it."""
    try:
        channel_id, shipment_id = signing.loads(token, salt=UNSUBSCRIBE_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(channel_id), int(shipment_id)


def reference_of(delivery: Delivery) -> str:
    """The same at every try, different for every delivery, and not to be guessed from its number."""
    return f"d-{delivery.pk}-{salted_hmac('notifications.reference', str(delivery.pk)).hexdigest()[:16]}"


def _language(channel: Channel) -> str:
    return channel.language if channel.language in LANGUAGES else "en"


def _numbers(data: dict[str, Any], language: str) -> list[tuple[str, str]]:
    known: list[tuple[str, str]] = []
    given = [reference for reference in data.get("references") or () if isinstance(reference, dict)]
    for kind, labels in REFERENCES.items():
        values = [clean(reference.get("value"), 64) for reference in given if reference.get("type") == kind]
        known += [(labels[language], value) for value in values if value]
    return known


def _place(place: Any) -> str:
    if not isinstance(place, dict):
        return ""
    name, code = unlinked(place.get("name"), 80), clean(place.get("code"), 12)
    return f"{name} ({code})" if name and code and name != code else name or code


def _agency(data: dict[str, Any], language: str) -> str:
    code = clean(data.get("agency") or data.get("authority"), 40)
    return AGENCIES[code][language] if code in AGENCIES else code


def _line(name: str, facts: Facts, subject: str = "") -> str:
    """A template of plain text as one line."""
    text = render_to_string(f"notifications/{name}.{facts.language}.txt", {"facts": facts, "subject": subject})
    return " ".join(text.split())


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
