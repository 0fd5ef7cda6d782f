"""What was believed of a shipment at an earlier time: the same rules as today's, over what had been said by then.

One rule for ``GET /api/v1/shipments/{id}/?as_of=``, its page and ``manage.py explain --as-of``. A row of the log counts

* from when its message had been received (``explain`` is given the messages that had been, and knows no more of that),
* and from when the source says that it reported it; without a report time from when it happened, and a plan or an
  estimate without one at once, since what it tells of lies ahead.

``REPORTED`` asks what sources had reported, whenever it reached CLIS: for history that was loaded later. What CLIS
itself worked out by comparing snapshots was never reported by anybody and counts from when it was received.

Rows are read with today's understanding: a code that was mapped since, or a message that was replayed since, is read
as it is now. Numbers are learned anew from what counts, so that an event does not belong to a shipment before anything
named the two together. What people decided (whose an event is, whose cargo it is, the plan) holds for all times.
Instants are whole seconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from cargo.domain.contribution import contribution
from cargo.domain.event import Event, Retraction
from cargo.domain.matching import NONE, STRONG, WEAK, Known, concerns, learn
from cargo.domain.snapshots import is_version
from cargo.domain.state import Entry, Report, merge, merge_into, standing

RECEIVED, REPORTED = "received", "reported"
BASES = (RECEIVED, REPORTED)


class Said(msgspec.Struct, kw_only=True):
    """A row of the log. ``received``: ``None`` where only the messages are known (``explain``).

    ``verdict``: whom it concerns if that was decided otherwise than by its numbers (``matching``'s words).
    """

    id: str
    lineage: str
    version: str
    event: Event | Retraction
    source: int
    rank: int
    occurred: int | None
    reported: int | None
    revision: int = 0
    received: int | None = None
    verdict: int | None = None

    @property
    def told(self) -> Event | None:
        """The event, or ``None`` for a retraction."""
        return self.event if isinstance(self.event, Event) else None

    def said_at(self) -> int | None:
        """When its source said it, as far as it tells; ``None``: it does not."""
        if is_version(self.version):
            return None
        if self.reported is not None or isinstance(self.event, Retraction):
            return self.reported
        return self.occurred if self.event.classifier == "actual" else None

    def counts_from(self, by: str = RECEIVED) -> int | None:
        """From when it counts; ``None``: always."""
        times = [at for at in (self.said_at(),) if at is not None]
        if self.received is not None and (by == RECEIVED or not times):
            times.append(self.received)
        return max(times, default=None)

    def report(self) -> Report:
        """What supersession needs of it."""
        taken_back = isinstance(self.event, Retraction)
        return Report(self.id, self.lineage, self.version, self.revision, self.reported, taken_back)


def counting(rows: Iterable[Said], until: int | None, by: str = RECEIVED) -> list[Said]:
    """The rows that counted at a time; ``None``: all of them."""
    if until is None:
        return list(rows)
    return [row for row in rows if (at := row.counts_from(by)) is None or at <= until]


def judge(row: Said, known: Known) -> int:
    """Whether it concerns the shipment of these numbers: ``STRONG``, ``WEAK`` or ``NONE``. A retraction never does."""
    if row.verdict is not None:
        return row.verdict
    return concerns(row.event, row.occurred, known) if isinstance(row.event, Event) else NONE


def close(known: Known, rows: Collection[Said]) -> bool:
    """Adds the numbers that a shipment learns from these rows, until nothing is added; whether anything was.

    What is taken back or corrected was said: the numbers that it named together stay known together.
    """
    grown = False
    growing = True
    while growing:
        growing = False
        for row in rows:
            if row.told is None or judge(row, known) != STRONG:
                continue
            for reference in learn(row.told, known):
                known.learned.setdefault(reference.type, set()).add(reference.value)
                growing = grown = True
    return grown


def entry_of(row: Said, weak: bool) -> Entry:
    """What an event contributes to the state."""
    assert row.told is not None
    return contribution(row.told, row.id, row.source, row.rank, row.occurred, row.reported, weak, row.version)


@dataclass(slots=True)
class Belief:
    """What was believed of a shipment. ``concerning``: the events that it was about, superseded ones too;
    ``stands``: the ids that no later version had replaced or taken back, whomever they concern.
    """

    known: Known
    entries: list[Entry] = field(default_factory=list)
    concerning: dict[str, Said] = field(default_factory=dict)
    stands: set[str] = field(default_factory=set)


def unlearned(known: Known) -> Known:
    """The same shipment with nothing but its own numbers."""
    own = {kind: set(values) for kind, values in known.own.items()}
    return Known(known.shipment, known.organization, known.registered, own, {})


def believed(rows: Sequence[Said], shipment: Known, until: int | None, by: str = RECEIVED) -> Belief:
    """What these rows made CLIS believe of a shipment at a time (``None``: all of them). Pure; any order of rows.

    ``shipment``: of its numbers only its own are taken.
    """
    counted = sorted(counting(rows, until, by), key=lambda row: row.id)
    known = unlearned(shipment)
    close(known, counted)
    belief = Belief(known, stands=standing(row.report() for row in counted))
    entries = []
    for row in counted:
        verdict = judge(row, known)
        if verdict == NONE or row.told is None:
            continue
        belief.concerning[row.id] = row
        if row.id in belief.stands:
            entries.append(entry_of(row, verdict == WEAK))
    belief.entries = merge((), entries)
    return belief


def beliefs(
    rows: Sequence[Said], shipment: Known, by: str = RECEIVED, *, every: int = 1
) -> Iterator[tuple[int | None, list[Entry]]]:
    """The entries that were believed after each instant at which they changed, oldest first; ``believed`` in one pass.

    Only what is new is looked at; everything again only when a number was learned or a report was replaced. The first
    instant is ``None`` if rows count always. ``every``: only as they were at the last such instant of each period of so
    many seconds.
    """
    folding = _Folding(unlearned(shipment))
    for at, fresh in _by_period(rows, by, every):
        if folding.add(fresh):
            yield at, folding.entries


def _by_period(rows: Iterable[Said], by: str, every: int) -> Iterator[tuple[int | None, list[Said]]]:
    groups: dict[int | None, list[tuple[int | None, Said]]] = {}
    for row in rows:
        at = row.counts_from(by)
        groups.setdefault(None if at is None else at // every, []).append((at, row))
    for period in sorted(groups, key=lambda period: (period is not None, period or 0)):
        told = groups[period]
        last = None if period is None else max(at for at, _ in told if at is not None)
        yield last, sorted((row for _, row in told), key=lambda row: row.id)


class _Folding:
    """A belief that rows are added to in the order in which they count."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.entries: list[Entry] = []
        self._rows: list[Said] = []
        self._lineages: dict[str, list[Said]] = {}
        self._stands: dict[str, set[str]] = {}
        self._parts: dict[str, Entry] = {}

    def add(self, fresh: list[Said]) -> bool:
        """Whether the entries are others now."""
        self._rows += fresh
        # Older rows may concern the shipment only since a number of them was learned.
        again = close(self.known, fresh)
        if again:
            close(self.known, self._rows)
        touched = {row.lineage for row in fresh}
        for row in fresh:
            self._lineages.setdefault(row.lineage, []).append(row)
        replaced = False
        for lineage in touched:
            stands = standing(row.report() for row in self._lineages[lineage])
            replaced = replaced or not self._stands.get(lineage, set()) <= stands
            self._stands[lineage] = stands
        if again or replaced:
            parts = self._worked_out(self._rows)
            changed = parts != self._parts
            self._parts = parts
            if changed:
                self.entries = merge((), parts.values())
            return changed
        parts = self._worked_out(row for lineage in touched for row in self._lineages[lineage])
        new = [entry for name, entry in parts.items() if name not in self._parts]
        self._parts |= parts
        before = self.entries
        self.entries = merge_into(before, new)
        return self.entries != before

    def _worked_out(self, rows: Iterable[Said]) -> dict[str, Entry]:
        found = {}
        for row in rows:
            if row.told is None or row.id not in self._stands[row.lineage]:
                continue
            verdict = judge(row, self.known)
            if verdict == NONE:
                continue
            weak = verdict == WEAK
            held = self._parts.get(row.id)
            found[row.id] = held if held is not None and held.weak == weak else entry_of(row, weak)
        return found
