"""What one partner means by a code, where that is not what the standard's table says: a person said it, by source.

Decoders know standards, not partners; so this goes over what they gave. No table is read: a source's mappings come
with its row (``Source.reading``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from cargo.domain.codes import CLASSIFIERS, MILESTONES
from cargo.domain.event import Event, Retraction

_NOTHING = ("", "{}", "null")


class Meant(NamedTuple):
    """What a code means. ``classifier`` is empty where the message's own stands."""

    milestone: str
    classifier: str


def translate(events: list[Event | Retraction], reading: str) -> None:
    """Gives events the milestone that people said their source means; ``reading`` is JSON of ``Source.reading``.

    Events are changed in place. What the source said stays in ``source_code`` and ``source_text``; the milestone of the
    standard's table goes into the context as ``standard_milestone``.
    """
    if reading in _NOTHING:
        return
    codes = _codes(reading)
    if not codes:
        return
    for event in events:
        if isinstance(event, Event) and event.source_code:
            meant = _meant(codes, event.format, event.source_code)
            if meant is not None:
                _apply(event, meant)


def _apply(event: Event, meant: Meant) -> None:
    milestone = MILESTONES[meant.milestone]
    event.context = {**(event.context or {}), "standard_milestone": event.milestone}
    if event.level == MILESTONES[event.milestone].level:
        # The standard's default and not what the message itself shows.
        event.level = milestone.level
    event.milestone = meant.milestone
    event.effect = milestone.effect
    if meant.classifier:
        event.classifier = meant.classifier


def _meant(codes: Mapping[tuple[str, str], Meant], form: str, code: str) -> Meant | None:
    """By the kind of message, else by the standard as a whole."""
    return codes.get((form, code)) or codes.get((form.partition(".")[0], code))


@lru_cache(maxsize=256)
def _codes(reading: str) -> dict[tuple[str, str], Meant]:
    """``{"codes": {"format|code": [milestone, classifier]}}``; what names no milestone of ours is left out."""
    try:
        given = msgspec.json.decode(reading).get("codes", {})
    except (msgspec.DecodeError, AttributeError):
        return {}
    found: dict[tuple[str, str], Meant] = {}
    for key, (milestone, classifier) in given.items():
        form, _, code = key.partition("|")
        if milestone in MILESTONES and classifier in ("", *CLASSIFIERS):
            found[form, code] = Meant(milestone, classifier)
    return found
