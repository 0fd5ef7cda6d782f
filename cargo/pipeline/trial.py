"""bytes -> what they would say and whom it would concern, if they were received now. Reads, and writes nothing at all.

For previews: the web may call it (DECISIONS 26). It goes the way of a message as far as its events, with the same
formats, the same normalizing and the same matching, and stops there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from cargo import formats
from cargo.domain.event import Event, FormatError, Outcome, Parked, Problem, Retraction
from cargo.models import Event as EventRow
from cargo.models import bulk
from cargo.models.journal import Message, SourceFacts, hexadecimal, line_of
from cargo.models.linking import Unresolved, candidates_of, verdicts
from cargo.pipeline.batch import sources_of
from cargo.pipeline.normalize import normalize
from cargo.pipeline.translate import translate

logger = logging.getLogger(__name__)
EVENTS = EventRow._meta.db_table
# So many parts are tried; a person looks at fewer.
MOST = 2_000


class Tried(NamedTuple):
    """One part of the message. ``event`` or ``reason`` says what it is; ``shipments``: (id, by the box's number alone).

    ``ambiguous``: several shipments of one organization could be meant, a person would have to choose. ``known``: the
    log has exactly this report already.
    """

    position: str
    event: Event | Retraction | None
    reason: str
    is_problem: bool
    shipments: Sequence[tuple[int, bool]] = ()
    ambiguous: bool = False
    known: bool = False


class Trial(NamedTuple):
    """What became of it. ``problem``: the whole could not be read. ``complete``: all of it was tried."""

    format: str
    problem: str
    parts: list[Tried]
    complete: bool

    @property
    def events(self) -> int:
        """How many events would be recorded or are known."""
        return sum(part.event is not None for part in self.parts)

    @property
    def problems(self) -> int:
        """How many parts cannot be read."""
        return sum(part.is_problem for part in self.parts)

    @property
    def matched(self) -> int:
        """How many events would concern a shipment."""
        return sum(bool(part.shipments) for part in self.parts)


def attempt(source_id: int, body: bytes, now: datetime, *, name: str = "", reading: str | None = None) -> Trial:
    """Tries a message of a source. ``reading``: instead of what the source is known to mean (JSON, as there)."""
    source = sources_of({source_id})[source_id]
    if reading is not None:
        source = source._replace(reading=reading)
    form, outcomes, problem = _decoded(source, body, now, name)
    complete = len(outcomes) <= MOST
    return Trial(form, problem, _matched(source, now, outcomes[:MOST]), complete)


def _decoded(source: SourceFacts, body: bytes, now: datetime, name: str) -> tuple[str, list[Outcome], str]:
    form = source.format
    try:
        form, outcomes = formats.decode(
            body, format=source.format or None, received_at=now, request=name, reading=source.reading
        )
        told = list(islice(outcomes, MOST + 1))
        translate([outcome for outcome in told if isinstance(outcome, Event | Retraction)], source.reading)
        return form, list(normalize(told, now, source.time_zone)), ""
    except FormatError as error:
        return form, [], str(error)
    except Exception as error:
        # A defect of ours: the page says so, and the message may still be kept for when it is mended.
        logger.exception("a trial could not be decoded")
        return form, [], f"our decoder failed: {type(error).__name__}"


def _matched(source: SourceFacts, now: datetime, outcomes: Sequence[Outcome]) -> list[Tried]:
    message = Message(0, source, now, True, 0, "", b"")
    lines = {
        index: line_of(message, outcome)
        for index, outcome in enumerate(outcomes)
        if isinstance(outcome, Event | Retraction)
    }
    unresolved: Unresolved = []
    found = {
        line.id: [(known.shipment, weak) for known, weak in concerned]
        for line, concerned in verdicts(lines.values(), candidates_of(lines.values()), unresolved)
    }
    ambiguous = {row[0] for row in unresolved}
    known = _known([line.id for line in lines.values()])
    out = []
    for index, outcome in enumerate(outcomes):
        line = lines.get(index)
        if line is not None:
            told = (found.get(line.id, ()), line.id in ambiguous, line.id in known)
            out.append(Tried(line.event.position, line.event, "", False, *told))
        elif isinstance(outcome, Parked | Problem):
            out.append(Tried(outcome.position, None, outcome.reason, isinstance(outcome, Problem)))
    return out


def _known(ids: Sequence[str]) -> set[str]:
    if not ids:
        return set()
    right, value = bulk.key_list(ids)
    rows = bulk.execute(f"SELECT e.id FROM {EVENTS} e WHERE e.id {right}", [value])
    return {hexadecimal(row[0]) for row in rows}
