"""The answer first: a shipment's document, a language and a clock go in, plain sentences come out.

Pure: no request, no setting, no table. The document is the neutral one that the API serves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cargo.dashboard import wording_english, wording_korean
from cargo.dashboard.reading import CLIENT_SIDE, Likely, read


@dataclass(frozen=True)
class Answer:
    """What a reader sees first. ``tone``: bad, warn, good, info, still; ``icon`` is a lucide name."""

    tone: str
    icon: str
    headline: str
    sentences: tuple[str, ...]


def answer(
    document: dict[str, Any], language: str, now: datetime, role: str | None = None, likely: Likely | None = None
) -> Answer:
    """One headline and at most five sentences in ``en`` or ``ko``; ``likely``: what a forecast says, if one stands.

    ``role`` is the kind of the reader's organization (``importer``, ``broker``, …), so that the sentence can say *you*.
    """
    facts = read(document, now, role, likely)
    speaker = wording_korean if language == "ko" else wording_english
    return Answer(facts.tone, facts.icon, speaker.headline(facts), tuple(speaker.sentences(facts)))


def move(item: dict[str, Any], language: str, role: str | None = None) -> tuple[str, str]:
    """Who must act and what they must do, for a row of the list of moves."""
    speaker = wording_korean if language == "ko" else wording_english
    return speaker.who(item.get("responsible"), role), speaker.what(item.get("next_action"))


def yours(item: dict[str, Any]) -> bool:
    """Whether the move is the client side's (importer, broker, forwarder) and not an authority's or a carrier's."""
    return item.get("responsible") in CLIENT_SIDE
