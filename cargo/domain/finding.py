"""What an inspection finds, and from when to when it is true. Instants are whole seconds since 1970 (UTC)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from cargo.domain.state import ACTUAL
from cargo.domain.view import Occurrence, View

HOUR = 3600
DAY = 24 * HOUR
SUBJECT_LENGTH = 120
UNDER_WAY = frozenset({"booked", "at_origin", "in_transit", "at_transshipment"})
FINISHED = frozenset({"delivered_out", "delivered", "completed", "cancelled"})


class Finding(NamedTuple):
    """Something wrong. ``subject`` tells several of one kind apart; ``since``: when it began; ``due``: by when to act.

    ``reason``: why one keeps an eye on it, where nobody owes anything definite; empty where somebody must act.
    ``told``: the facts behind it as pairs of a name and a code, a number or an instant (names that end in ``_at``).
    """

    kind: str
    subject: str
    since: int | None
    responsible: str
    next_action: str
    due: int | None = None
    reason: str = ""
    told: tuple[tuple[str, str | int], ...] = ()


# The news of one.
OPENED, CLOSED = "exception.opened", "exception.closed"
EXCEPTIONS = (OPENED, CLOSED)


def exception_key(found: Finding, opened: int) -> str:
    """Names one exception among the news: it carries when it was opened, so what comes back is told again."""
    return f"{found.kind}|{opened}|{found.subject}"[:120]


class Rule(NamedTuple):
    """A finding with the instants from which and, if it ends by itself, up to which it is true."""

    finding: Finding
    begins: int | None = None
    ends: int | None = None


class Heard(NamedTuple):
    """A source that has told of the cargo: when it last did, and at what pace it should (seconds), if that is known.

    ``name`` is what people call it, ``slug`` its short name; ``kind``: carrier, customs, terminal, manual, other.
    """

    source: int
    name: str
    kind: str
    at: int
    slug: str = ""
    every: int | None = None


def subject_of(*parts: str) -> str:
    """Parts that tell a finding apart, as one text that fits its column."""
    return "|".join(parts)[:SUBJECT_LENGTH]


def facts(**named: str | int | None) -> tuple[tuple[str, str | int], ...]:
    """The facts of a finding in one order; what is not known is left out."""
    return tuple(sorted((name, value) for name, value in named.items() if value is not None and value != ""))


def as_text(told: Mapping[str, str | int]) -> dict[str, str | int]:
    """The same for people and programs: instants as ISO 8601 text in UTC."""
    return {
        name: datetime.fromtimestamp(int(value), UTC).isoformat().replace("+00:00", "Z")
        if name.endswith("_at")
        else value
        for name, value in told.items()
    }


def happened(view: View) -> Iterable[tuple[int, Occurrence]]:
    """What surely happened to this cargo, with its instant: no plans, no odd times, nothing known by a box alone."""
    for occurrence in view.occurrences:
        entry, at = occurrence.entry, occurrence.occurred
        if entry.classifier == ACTUAL and at is not None and not entry.implausible and not entry.weak:
            yield at, occurrence
