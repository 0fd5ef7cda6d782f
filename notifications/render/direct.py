"""A delivery for a chat and for a browser: the sentences of the mail, without its frame.

Where it goes is sealed in the channel; it is opened here and nowhere else.
"""

from __future__ import annotations

import json

from clis.sealing import unseal
from notifications.models import Channel, Delivery
from notifications.render.facts import Facts
from notifications.render.links import reference_of
from notifications.render.mail import line
from notifications.transports.base import Message


def message(delivery: Delivery, facts: Facts, subject: str) -> Message:
    """The message of a delivery whose channel is loaded. Raises ``SealError`` if its address cannot be opened."""
    answer, duty = (line(f"email/{facts.kind}/{part}", facts) for part in ("answer", "next"))
    if delivery.kind == Channel.Kind.PUSH:
        told = {
            "title": f"{subject} — {facts.number}",
            "body": answer,
            "url": facts.link,
            "tag": reference_of(delivery),
        }
        text = json.dumps(told, ensure_ascii=False)
    else:
        text = "\n".join(filter(None, (f"{subject} — {facts.number}", answer, duty, facts.link)))
    return Message(
        to=target(delivery.channel),
        text=text,
        reference=reference_of(delivery),
        subject=subject,
        language=facts.language,
        notice=facts.kind,
    )


def target(channel: Channel) -> str:
    """Where a chat or a browser is reached, as ``transports.chat`` and ``transports.push`` write it."""
    return unseal(channel.sealed)
