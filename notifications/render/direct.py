"""A delivery for a chat and for a browser: the sentences of the mail, without its frame.

A chat is told in its last line why it gets this, and where that is stopped. A browser shows a few lines only: who wants
to stop that does so in his settings.

Where it goes is sealed in the channel; it is opened here and nowhere else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from clis.sealing import unseal
from notifications.models import Channel, Delivery
from notifications.render.facts import Facts, facts_of, language_of
from notifications.render.links import log_link, reference_of, unsubscribe_link
from notifications.render.mail import counted, digest_subject, line, ranked
from notifications.render.text import unlinked
from notifications.render.words import LABELS, filled
from notifications.transports.base import Message

# How many shipments a digest names: a chat takes some 1,900 characters, and a notification is read at a glance.
NAMED, NAMED_TO_BROWSERS = 8, 3
# So long may the reader's organization be called there, that the last line is whole whatever stands before it.
ORGANIZATION = 80


def message(delivery: Delivery, facts: Facts, subject: str) -> Message:
    """The message of a delivery whose channel is loaded. Raises ``SealError`` if its address cannot be opened."""
    answer, duty = (line(f"email/{facts.kind}/{part}", facts) for part in ("answer", "next"))
    title = f"{subject} — {facts.about}"
    lines = (answer,) if delivery.kind == Channel.Kind.PUSH else (answer, duty)
    stop = ("stop", facts.stop_link) if facts.stop_link else ("unsubscribe", facts.unsubscribe_link)
    return Message(
        to=target(delivery.channel),
        text=_text(delivery, title, lines, facts.link, _foot(facts.language, facts.why, *stop)),
        reference=reference_of(delivery),
        subject=subject,
        language=facts.language,
        notice=facts.kind,
    )


def digest(
    delivery: Delivery, members: Sequence[Delivery], counts: Mapping[str, int], shipments: int, trial: str = ""
) -> Message:
    """The message of a digest: how much news of how many shipments, the first of these by name, and the page that lists
    all of it. Raises ``SealError`` like ``message``."""
    language = language_of(delivery.channel)
    of_shipments: dict[int, list[Delivery]] = {}
    for member in ranked(members):
        assert member.update is not None
        of_shipments.setdefault(member.update.shipment_id, []).append(member)
    most = NAMED_TO_BROWSERS if delivery.kind == Channel.Kind.PUSH else NAMED
    named = list(of_shipments.values())[:most]
    lines = [f"{facts_of(rows[0]).number}: {counted(_kinds_of(rows), language)}" for rows in named]
    more = sum(counts.values()) - sum(len(rows) for rows in named)
    if more:
        lines.append(filled(LABELS[language]["more"], number=more))
    subject = digest_subject(counts, shipments, language)
    if trial:
        foot = LABELS[language][f"why_{trial}"]
    else:
        organization = unlinked(delivery.channel.organization.name, ORGANIZATION)
        why = filled(LABELS[language]["why_digest"], organization=organization)
        foot = _foot(language, why, "unsubscribe", unsubscribe_link(delivery))
    return Message(
        to=target(delivery.channel),
        text=_text(delivery, subject, lines, log_link(delivery.channel), foot),
        reference=reference_of(delivery),
        subject=subject,
        language=language,
    )


def target(channel: Channel) -> str:
    """Where a chat or a browser is reached, as ``transports.chat`` and ``transports.push`` write it."""
    return unseal(channel.sealed)


def _foot(language: str, why: str, label: str, link: str) -> str:
    """``You get this because … Stop these notices: https://…``; a test has no link."""
    return f"{why} {LABELS[language][label]}: {link}" if link else why


def _text(delivery: Delivery, title: str, lines: Sequence[str], link: str, foot: str) -> str:
    """For a browser as its worker reads it; for a chat a line each, and the foot."""
    if delivery.kind != Channel.Kind.PUSH:
        return "\n".join(filter(None, (title, *lines, link, foot)))
    told = {"title": title, "body": "\n".join(lines), "url": link, "tag": reference_of(delivery)}
    return json.dumps(told, ensure_ascii=False)


def _kinds_of(members: Sequence[Delivery]) -> Counter[str]:
    return Counter(member.notice or member.update.kind for member in members if member.update)
