"""The body of the mail of one update, as text and as HTML with its styles in its elements.

To render the page and to write its styles into its elements costs a hundred times what filling a mould does
(``notifications.render.moulds``), so both are done once for each shape: language, tone, the operator's colours, the
labels of the rows, and which texts there are.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import css_inline
from django.template import Context
from django.template.base import Template

from notifications.render.moulds import Mould, loaded, mark, mould_of
from notifications.render.words import LABELS

TEXT, PAGE = "email/_body.txt", "email/_body.html"


class Look(NamedTuple):
    """What the page is made by, beside what it says. ``logo``: its address, or nothing; ``follower``: the reader has
    no account, and of the shipment its standing alone."""

    language: str
    tone: str
    colour: str
    night_colour: str
    logo: str
    follower: bool = False


class Said(NamedTuple):
    """Every text of a mail but its rows. ``name`` and ``foot`` are the operator's."""

    subject: str
    answer: str
    next: str
    number: str
    why: str
    link: str
    stop_link: str
    settings_link: str
    unsubscribe_link: str
    name: str
    foot: str


class Row(NamedTuple):
    """One line of what is known."""

    label: str
    value: str
    strong: bool


class Body(NamedTuple):
    """The same twice."""

    text: str
    html: str


def body(look: Look, said: Said, rows: Sequence[Row]) -> Body:
    """What ``rendered`` gives, as any reader of HTML takes it, by a mould."""
    values = [*said, *[row.value for row in rows]]
    text, page = _moulds(
        loaded(TEXT),
        loaded(PAGE),
        look,
        tuple([value != "" for value in values]),
        tuple([(row.label, row.strong) for row in rows]),
    )
    # In a mould, values stand between tags and inside of quotes: what Django's templates write there is this.
    return Body(text.filled(values), page.filled([html.escape(value) for value in values]))


def rendered(text: Template, page: Template, look: Look, said: Said, rows: Sequence[Row]) -> Body:
    """Both templates with these values, and the page with its styles in its elements."""
    context = {
        "language": look.language,
        "labels": LABELS[look.language],
        "open": open_label(look.language, look.follower),
        "tone": look.tone,
        "logo": look.logo,
        "brand": {"name": said.name, "foot": said.foot, "colour": look.colour, "night_colour": look.night_colour},
        "facts": said._asdict(),
        "subject": said.subject,
        "answer": said.answer,
        "next": said.next,
        "rows": [row._asdict() for row in rows],
    }
    return Body(text.render(Context(context)), styled(page.render(Context(context))))


def open_label(language: str, follower: bool) -> str:
    """What the link to the cargo is called."""
    return LABELS[language]["open_following" if follower else "open"]


def styled(page: str) -> str:
    """A page with its rules written into its elements, since mail programs drop sheets; what depends on the reader's
    screen stays in the head, for those that read it there."""
    return _inliner().inline(page)


@lru_cache(maxsize=512)
def _moulds(
    text: Template, page: Template, look: Look, there: tuple[bool, ...], labels: tuple[tuple[str, bool], ...]
) -> tuple[Mould, Mould]:
    marks = [mark(number) if is_there else "" for number, is_there in enumerate(there)]
    said, values = marks[: len(Said._fields)], marks[len(Said._fields) :]
    rows = [Row(label, value, strong) for (label, strong), value in zip(labels, values, strict=True)]
    made = rendered(text, page, look, Said(*said), rows)
    return mould_of(made.text), mould_of(made.html)


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, remove_inlined_selectors=True)
