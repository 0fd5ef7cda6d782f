"""The mail of one update, and of a digest: subject, text and HTML of the same words, in the operator's look."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string

from notifications import kinds
from notifications.models import Delivery
from notifications.render.bodies import Look, Row, Said, body, open_label, styled
from notifications.render.branding import LOGO_ID, Brand, brand
from notifications.render.codes import KIND_NAMES, KIND_NAMES_BY_AIR, REFERENCES, named
from notifications.render.facts import Facts, facts_of, language_of
from notifications.render.links import log_link, reference_of, settings_link, thread_of, unsubscribe_link
from notifications.render.moulds import sentence
from notifications.render.text import clean, unlinked
from notifications.render.words import LABELS, TONES, filled
from notifications.transports.base import Image, Message

# What a digest says in full; the page has the rest.
DIGEST_ITEMS = 40
# Kinds of news that the subject of a digest counts by name.
SUBJECT_KINDS = 3


def message(delivery: Delivery, all_shipments: bool, trial: str = "") -> Message:
    """The mail of a delivery whose update, shipment, channel, subscription and organization are loaded."""
    facts = facts_of(delivery, all_shipments, trial)
    subject = line(f"email/{facts.kind}/subject", facts)
    operator = brand()
    look = Look(
        language=facts.language,
        tone=TONES.get(facts.kind, TONES[""]),
        colour=operator.colour,
        night_colour=operator.night_colour,
        logo=_logo(operator),
        follower=facts.follower,
    )
    said = Said(
        subject=subject,
        answer=line(f"email/{facts.kind}/answer", facts),
        next=line(f"email/{facts.kind}/next", facts),
        number=facts.about,
        why=facts.why,
        link=facts.link,
        stop_link=facts.stop_link,
        settings_link=facts.settings_link,
        unsubscribe_link=facts.unsubscribe_link,
        name=operator.name,
        foot=operator.foot,
    )
    text, html = body(look, said, _rows(facts))
    return _message(
        delivery,
        operator,
        subject=clean(f"{subject} — {facts.about}"),
        text=tidy(text),
        html=html,
        about=facts.kind,
        unsubscribe=facts.unsubscribe_link,
        thread=thread_of(delivery),
    )


def digest(
    delivery: Delivery, members: Sequence[Delivery], counts: Mapping[str, int], shipments: int, trial: str = ""
) -> Message:
    """The mail of a digest: its members by shipment, forty of them in full, and how many there are beside."""
    language = language_of(delivery.channel)
    look = brand()
    told = ranked(members)[:DIGEST_ITEMS]
    more = sum(counts.values()) - len(told)
    labels = LABELS[language]
    organization = unlinked(delivery.channel.organization.name)
    context = _frame(language, look, "info") | {
        "shipments": _by_shipment(told, language),
        "more": filled(labels["more"], number=more) if more else "",
        "open": open_label(language, delivery.channel.follower),
        "log_link": log_link(delivery.channel),
        "why": labels[f"why_{trial}"] if trial else filled(labels["why_digest"], organization=organization),
        "settings_link": "" if trial else settings_link(delivery.channel),
        "unsubscribe_link": "" if trial else unsubscribe_link(delivery),
    }
    context["subject"] = subject = digest_subject(counts, shipments, language)
    return _message(
        delivery,
        look,
        subject=subject,
        text=tidy(render_to_string("notifications/email/digest/body.txt", context)),
        html=styled(render_to_string("notifications/email/digest/body.html", context)),
        about="digest",
        unsubscribe=context["unsubscribe_link"],
    )


def digest_subject(counts: Mapping[str, int], shipments: int, language: str) -> str:
    """``Held by customs 2, Arrived 5 — 3 shipments``."""
    context = {"counts": counted(counts, language), "number_of_shipments": shipments}
    return clean(render_to_string(f"notifications/email/digest/subject.{language}.txt", context))


def ranked(members: Sequence[Delivery]) -> list[Delivery]:
    """What is critical first, then the newest."""
    return sorted(members, key=lambda member: (member.notice not in kinds.CRITICAL, -member.pk))


def counted(counts: Mapping[str, int], language: str) -> str:
    """``Held by customs 2, Arrived 5, …``: the first kinds of news with their numbers."""
    order = sorted(counts, key=lambda kind: (kind not in kinds.CRITICAL, -counts[kind], kind))
    words = [f"{named(KIND_NAMES, kind, language)} {counts[kind]}" for kind in order[:SUBJECT_KINDS]]
    return ", ".join(words) + (", …" if len(order) > SUBJECT_KINDS else "")


def line(name: str, facts: Facts) -> str:
    """A template of plain text as one line."""
    return " ".join(sentence(f"{name}.{facts.language}.txt", facts).split())


def tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _frame(language: str, look: Brand, tone: str) -> dict[str, Any]:
    return {
        "language": language,
        "labels": LABELS[language],
        "tone": tone,
        "brand": look,
        "logo": _logo(look),
    }


def _logo(look: Brand) -> str:
    """How the page names the picture that goes with it."""
    return f"cid:{LOGO_ID}" if look.logo else ""


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
    headers = {}
    if unsubscribe:
        headers = {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    # By kind and organization, so that a mailbox provider's complaints can be told apart.
    headers["Feedback-ID"] = f"{about}:{delivery.channel.organization_id}:notice:clis"
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
        headers=headers,
    )


def _rows(facts: Facts) -> list[Row]:
    """Under the answer: what is known, label by label; the same in text and HTML."""
    labels = LABELS[facts.language]
    known = (
        (REFERENCES["container"][facts.language], facts.boxes, True),
        (labels["own_reference"], facts.own_reference, False),
        *((label, value, False) for label, value in facts.other_numbers),
        (labels["expected" if facts.kind == kinds.ETA else "when"], facts.when, True),
        (labels["place"], facts.place, False),
        (labels["agency"], facts.agency, False),
        (labels["declaration"], facts.declaration, False),
        (labels["responsible"], facts.responsible, False),
        (labels["until"], facts.until, True),
        (labels["next_deadline"], facts.next_deadline, True),
        (labels["said"], facts.said, False),
    )
    return [Row(label, value, strong) for label, value, strong in known if value]


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
                "name": named(KIND_NAMES_BY_AIR if facts.by_air else KIND_NAMES, facts.kind, language),
                "box": facts.box,
                "tone": TONES.get(facts.kind, TONES[""]),
                "answer": line(f"email/{facts.kind}/answer", facts),
                "next": line(f"email/{facts.kind}/next", facts),
            }
        )
    return list(found.values())
