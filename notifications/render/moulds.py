"""Templates that are rendered once for everything of one shape, and then only filled.

A mould is a rendered text with a mark in place of each value. What a template chooses by is the shape: codes as they
are, and of every other value whether there is one. Nothing of a value is ever in a mould, so none can get into
another reader's message.

What the loader holds anew, because a developer edited it, is rendered anew: moulds are kept by template object.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import NamedTuple

from django.template import Context
from django.template.backends.django import Template as Loaded
from django.template.base import Template
from django.template.loader import get_template

from notifications.render.facts import Facts

# Codes that sentences are chosen by; every other text of ``Facts`` is only put in.
CODES = ("kind", "language", "milestone", "hold_kind", "amends", "by_air", "follower")
_TEXTS = {field.name for field in fields(Facts)} - {*CODES, "other_numbers"}
_MARK = re.compile("\ue000([0-9]+)\ue001")
# All that a sentence of ours does. One that does more is rendered each time.
_PUT = re.compile(r'\{\{ facts\.(\w+)(?:\|default:"[^"{}]*")? \}\}')
_TEST = r'facts\.\w+(?: == "\w*")?'
_CHOICE = re.compile(rf"\{{% (?:if|elif) {_TEST}(?: (?:and|or) {_TEST})* %\}}")
_ELSE = re.compile(r"\{% (?:else|endif) %\}")
_WHOLE = re.compile(r"\{% autoescape off %\}(.*)\{% endautoescape %\}\s*", re.DOTALL)
_TAG = re.compile(r"\{[{%#]")
_NAME = re.compile(r"\bfacts\.(\w+)( ==)?")


class Mould(NamedTuple):
    """What stands around the values, and which value stands where: one more of the former than of the latter."""

    around: tuple[str, ...]
    order: tuple[int, ...]

    def filled(self, values: Sequence[str]) -> str:
        """The text with these in it, as they are."""
        parts = [""] * (len(self.around) + len(self.order))
        parts[::2] = self.around
        parts[1::2] = [values[number] for number in self.order]
        return "".join(parts)


def mark(number: int) -> str:
    """What stands for a value while a mould is made."""
    return f"\ue000{number}\ue001"


def mould_of(text: str) -> Mould:
    """The mould of a text with marks in it."""
    parts = _MARK.split(text)
    return Mould(tuple(parts[::2]), tuple(map(int, parts[1::2])))


def loaded(name: str) -> Template:
    """A template, compiled once."""
    found = get_template(f"notifications/{name}")
    assert isinstance(found, Loaded)
    return found.template


def sentence(name: str, facts: Facts) -> str:
    """A template of plain text that may say ``facts.``, filled in."""
    template = loaded(name)
    names = names_in(template)
    if names is None:
        return str(template.render(Context({"facts": facts})))
    codes, texts = names
    values = [getattr(facts, name) for name in texts]
    shape = (tuple([getattr(facts, name) for name in codes]), tuple([value != "" for value in values]))
    return _mould(template, codes, texts, *shape).filled(values)


@lru_cache(maxsize=2048)
def _mould(
    template: Template,
    names: tuple[str, ...],
    texts: tuple[str, ...],
    codes: tuple[object, ...],
    there: tuple[bool, ...],
) -> Mould:
    facts: dict[str, object] = dict(zip(names, codes, strict=True))
    facts |= {name: mark(number) if there[number] else "" for number, name in enumerate(texts)}
    return mould_of(template.render(Context({"facts": facts})))


@lru_cache(maxsize=512)
def names_in(template: Template) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The codes and the texts that a template names; None if it does more than choose by codes, by whether there is
    a text, and put texts in."""
    whole = _WHOLE.fullmatch(str(template.source))
    if whole is None or _TAG.search(_ELSE.sub("", _CHOICE.sub("", _PUT.sub("", whole[1])))):
        return None
    found = _NAME.findall(whole[1])
    named = {name for name, _ in found}
    compared = {name for name, compares in found if compares}
    if not named <= _TEXTS | set(CODES) or not compared <= set(CODES):
        return None
    return tuple(sorted(named & set(CODES))), tuple(sorted(named & _TEXTS))
