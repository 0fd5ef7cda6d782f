"""What a series of snapshots of one subject says in the order in which they were asked for (DECISIONS 7).

A snapshot is the whole truth about its subject at the time of asking: what an earlier one said and it does not was
taken back, and what comes back after that is said anew (A, B, A are three states). Both show where two neighbors in
the order of asking differ. Each such change is one more version of the report, numbered by when the last snapshot was
asked for that said otherwise, so that its number is the same whichever of the following ones is met first.

What stands of a report is then the reading of the last snapshot, in whatever order they are worked off: a number that
was given while some of them were missing lies before the last change, or names a reading equal to the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

# By lineage the ids of the events that a snapshot holds of it; none: it does not say it.
Said = Mapping[str, tuple[str, ...]]

_NUMBER = re.compile(r"@[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z\Z")


class Asked(NamedTuple):
    """One snapshot: the message that it came as, when it was asked for (aware), and what it says."""

    message: int
    at: datetime
    said: Said


class Turn(NamedTuple):
    """From ``earlier`` on another reading of a lineage: ``ids``, said by ``later``; none: it was taken back."""

    lineage: str
    version: str
    ids: tuple[str, ...]
    earlier: Asked
    later: Asked


def version_of(at: datetime) -> str:
    """The number of a version that follows the snapshot asked for at that time (aware). Sorts by time, after none."""
    return f"@{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def is_version(text: str) -> bool:
    """Whether a version was numbered here and not by a source."""
    return text[:1] == "@" and _NUMBER.match(text) is not None


def asked_before(text: str) -> int | None:
    """When the snapshot was asked for that a version numbered here follows (seconds since 1970); none for others."""
    return int(datetime.fromisoformat(text[1:]).timestamp()) if is_version(text) else None


def in_order(series: Sequence[Asked]) -> list[Asked]:
    """The series in the order of asking."""
    return sorted(series, key=lambda asked: (asked.at, asked.message))


def differing(series: Sequence[Asked]) -> set[str]:
    """The lineages that two neighbors of a series in order read differently."""
    found: set[str] = set()
    for earlier, later in pairwise(series):
        for lineage in earlier.said.keys() | later.said.keys():
            if earlier.said.get(lineage) != later.said.get(lineage):
                found.add(lineage)
    return found


def turns(series: Sequence[Asked], said_before: Callable[[str, str], bool] = lambda *_: False) -> Iterator[Turn]:
    """Every change of reading in a series in order. What is said for the first time is none: it needs no number.

    The series may begin late: ``said_before(lineage, version)`` tells whether a snapshot had said it that was asked
    for before the one of that version.
    """
    known: set[str] = set(series[0].said) if series else set()
    for earlier, later in pairwise(series):
        version = version_of(earlier.at)
        for lineage in sorted(earlier.said.keys() | later.said.keys()):
            one, other = earlier.said.get(lineage, ()), later.said.get(lineage, ())
            if one == other:
                continue
            if one or lineage in known or said_before(lineage, version):
                yield Turn(lineage, version, other, earlier, later)
        known |= later.said.keys()
