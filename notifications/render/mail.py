"""The mail of one update, and of a digest: subject, text and HTML of the same words, in the operator's look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import css_inline
from django.template.loader import render_to_string

from notifications import kinds
from notifications.models import Delivery
from notifications.render.branding import LOGO_ID, Brand, brand
from notifications.render.facts import Facts, facts_of, language_of
from notifications.render.links import reference_of, settings_link, thread_of, unsubscribe_link
from notifications.render.text import clean, unlinked
from notifications.render.words import KIND_NAMES, LABELS, TONES, filled
from notifications.transports.base import Image, Message

# What a digest says in full; the page has the rest.
DIGEST_ITEMS = 40
# Kinds of news that the subject of a digest counts by name.
SUBJECT_KINDS = 3


def message(delivery: Delivery, all_shipments: bool) -> Message:
    """The mail of a delivery whose update, shipment, channel, subscription and organization are loaded."""
    facts = facts_of(delivery, all_shipments)
    subject = line(f"email/{facts.kind}/subject", facts)
    look = brand()
    context = _frame(facts.language, look, TONES.get(facts.kind, TONES[""])) | {
        "facts": facts,
        "subject": subject,
        "answer": line(f"email/{facts.kind}/answer", facts),
        "next": line(f"email/{facts.kind}/next", facts),
        "rows": _rows(facts),
    }
    return _message(
        delivery,
        look,
        subject=clean(f"{subject} — {facts.number}"),
        text=tidy(render_to_string("notifications/email/_body.txt", context)),
        html=styled(render_to_string("notifications/email/_body.html", context)),
        about=facts.kind,
        unsubscribe=facts.unsubscribe_link,
        thread=thread_of(delivery),
    )


def digest(delivery: Delivery, members: Sequence[Delivery]) -> Message:
    """The mail of a digest: its members by shipment, what is critical first, then the newest, forty in full."""
    language = language_of(delivery.channel)
    look = brand()
    told = sorted(members, key=_rank)
    organization = unlinked(delivery.channel.organization.name)
    context = _frame(language, look, "info") | {
        "shipments": _by_shipment(told[:DIGEST_ITEMS], language),
        "more": filled(LABELS[language]["more"], number=len(told) - DIGEST_ITEMS) if len(told) > DIGEST_ITEMS else "",
        "counts": _counts(told, language),
        "number_of_shipments": len({member.update.shipment_id for member in told if member.update}),
        "why": filled(LABELS[language]["why_digest"], organization=organization),
        "settings_link": settings_link(delivery.channel),
        "unsubscribe_link": unsubscribe_link(delivery),
    }
    subject = clean(render_to_string(f"notifications/email/digest/subject.{language}.txt", context))
    context["subject"] = subject
    return _message(
        delivery,
        look,
        subject=subject,
        text=tidy(render_to_string("notifications/email/digest/body.txt", context)),
        html=styled(render_to_string("notifications/email/digest/body.html", context)),
        about="digest",
        unsubscribe=context["unsubscribe_link"],
    )


def line(name: str, facts: Facts, subject: str = "") -> str:
    """A template of plain text as one line."""
    text = render_to_string(f"notifications/{name}.{facts.language}.txt", {"facts": facts, "subject": subject})
    return " ".join(text.split())


def tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def styled(html: str) -> str:
    """A page with its rules written into its elements, since mail programs drop sheets; what depends on the reader's
    screen stays in the head, for those that read it there."""
    return _inliner().inline(html)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, remove_inlined_selectors=True)


def _frame(language: str, look: Brand, tone: str) -> dict[str, Any]:
    return {
        "language": language,
        "labels": LABELS[language],
        "tone": tone,
        "brand": look,
        "logo": f"cid:{LOGO_ID}" if look.logo else "",
    }


def _message(
    delivery: Delivery,
    look: Brand,
    *,
    subject: str,
    text: str,
    html: str,
    about: str,
    unsubscribe: str,
    thread: str = "",
) -> Message:
    return Message(
        to=delivery.channel.address,
        subject=subject,
        text=text,
        html=html,
        reference=reference_of(delivery),
        thread=thread,
        language=language_of(delivery.channel),
        sender=look.sender,
        reply_to=look.reply_to,
        images=(Image(LOGO_ID, look.logo, f"image/{look.logo_type}"),) if look.logo else (),
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            # By kind and organization, so that a mailbox provider's complaints can be told apart.
            "Feedback-ID": f"{about}:{delivery.channel.organization_id}:notice:clis",
        },
    )


def _rows(facts: Facts) -> list[dict[str, Any]]:
    """Under the answer: what is known, label by label; the same in text and HTML."""
    labels = LABELS[facts.language]
    known: list[tuple[str, str, bool]] = [
        (labels["own_reference"], facts.own_reference, False),
        *((label, value, False) for label, value in facts.other_numbers),
        (labels["when"], facts.when, True),
        (labels["place"], facts.place, False),
        (labels["agency"], facts.agency, False),
        (labels["declaration"], facts.declaration, False),
        (labels["responsible"], facts.responsible, False),
        (labels["until"], facts.until, True),
        (labels["said"], facts.said, False),
    ]
    return [{"label": label, "value": value, "strong": strong} for label, value, strong in known if value]


def _rank(member: Delivery) -> tuple[bool, int]:
    return member.notice not in kinds.CRITICAL, -member.pk


def _by_shipment(told: Sequence[Delivery], language: str) -> list[dict[str, Any]]:
    """In the order in which each shipment's first comes."""
    found: dict[int, dict[str, Any]] = {}
    for member in told:
        assert member.update is not None
        facts = facts_of(member)
        about = found.setdefault(
            member.update.shipment_id,
            {"link": facts.link, "number": facts.number, "own_reference": facts.own_reference, "lines": []},
        )
        about["lines"].append(
            {
                "name": KIND_NAMES.get(facts.kind, KIND_NAMES[""])[language],
                "tone": TONES.get(facts.kind, TONES[""]),
                "answer": line(f"email/{facts.kind}/answer", facts),
                "when": facts.until or facts.when,
                "critical": facts.kind in kinds.CRITICAL,
            }
        )
    return list(found.values())


def _counts(told: Sequence[Delivery], language: str) -> str:
    """``Held by customs 2, Arrived 5, …``: the first kinds of news with their numbers."""
    counted: Mapping[str, int] = Counter(member.notice or _kind(member) for member in told)
    order = sorted(counted, key=lambda kind: (kind not in kinds.CRITICAL, -counted[kind], kind))
    named = [f"{KIND_NAMES.get(kind, KIND_NAMES[''])[language]} {counted[kind]}" for kind in order[:SUBJECT_KINDS]]
    return ", ".join(named) + (", …" if len(order) > SUBJECT_KINDS else "")


def _kind(member: Delivery) -> str:
    assert member.update is not None
    return member.update.kind
