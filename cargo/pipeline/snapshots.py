"""Answers that CLIS asked for, held against the ones before and after them: what is not said anymore, and what again.

``compare`` runs in the batch's transaction before anything is recorded, ``keep`` once it is known whose batch it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from cargo.models import snapshots
from cargo.models.journal import Line
from cargo.models.snapshots import Told
from cargo.pipeline.batch import Prepared


def compare(prepared: Sequence[Prepared]) -> Sequence[Prepared]:
    """The same messages with the lines that only the order of asking tells; no statement if none was asked for."""
    told = _told(prepared)
    if not told:
        return prepared
    extra = snapshots.compare(told)
    return [item._replace(lines=item.lines + extra.get(item.decoded.message.id, [])) for item in prepared]


def keep(prepared: Sequence[Prepared]) -> None:
    """Keeps what these answers said, for those that are worked off after them."""
    told = _told(prepared)
    if told:
        snapshots.keep(told.values())


def replayed(prepared: Sequence[Prepared]) -> list[Line]:
    """The same for messages that were read again: also what a former reading had made of the order of asking."""
    told = _told(prepared)
    return snapshots.replayed(told) if told else []


def _told(prepared: Sequence[Prepared]) -> dict[int, Told]:
    return {
        item.decoded.message.id: Told(
            item.decoded.message, item.lines, whole=not item.decoded.problem and not item.decoded.parts
        )
        for item in prepared
        if item.decoded.message.occasion
    }
