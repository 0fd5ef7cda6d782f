"""A delivery as a text, as short as its segments ask: a second segment is a second price.

A text has the kind of news, the first number and the time; what is pleasant beside is left out until it fits: first our
own reference, then the link instead, then both, then the operator's name, and last the container. In Korean (70
characters in one segment, or 90 bytes with Solapi) there is seldom room for a link; in English (160) there nearly
always is.
"""

from __future__ import annotations

from dataclasses import asdict

from django.template.loader import render_to_string

from notifications.models import Delivery
from notifications.render.branding import brand
from notifications.render.facts import Facts
from notifications.render.links import reference_of
from notifications.transports.base import Message
from notifications.transports.sms import is_single

# What is said beside, from the fullest form on.
_FORMS = (
    ("name", "box", "link", "reference"),
    ("name", "box", "link"),
    ("name", "box", "reference"),
    ("name", "box"),
    ("box",),
    ("name",),
    (),
)
# What a provider's own template may name: texts, all of them.
_VARIABLES = (
    "number", "box", "own_reference", "when_short", "until_short", "place", "agency", "deadline", "duty", "link",
)  # fmt: skip


def message(delivery: Delivery, facts: Facts, subject: str) -> Message:
    """The text of a delivery whose channel is loaded."""
    known = asdict(facts)
    return Message(
        to=delivery.channel.address,
        text=text(facts, subject),
        reference=reference_of(delivery),
        language=facts.language,
        notice=facts.kind,
        facts={"subject": subject, **{name: known[name] for name in _VARIABLES}},
    )


def text(facts: Facts, subject: str) -> str:
    """The fullest form that is a single message everywhere it may be sent; else the shortest."""
    forms = [_form(facts, subject, beside) for beside in _FORMS]
    return next((form for form in forms if is_single(form)), forms[-1])


def _form(facts: Facts, subject: str, beside: tuple[str, ...]) -> str:
    name = brand().name_in_texts(facts.language) if "name" in beside else ""
    context = {"facts": facts, "subject": subject, **dict.fromkeys(beside, True), "name": name}
    return " ".join(render_to_string(f"notifications/sms/{facts.kind}.{facts.language}.txt", context).split())
