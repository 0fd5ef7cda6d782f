"""Which shipments the lines of the log concern: candidates by number, links, learned numbers, what is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.domain.contribution import contribution
from cargo.domain.event import Event, Retraction
from cargo.domain.matching import MATCHED, NAMES_HOUSE, NAMES_ONE, NONE, WEAK, Known, concerns, has_house, learn
from cargo.domain.state import Entry
from cargo.models import bulk
from cargo.models.event import ShipmentEvent, UnresolvedEvent
from cargo.models.journal import Line
from cargo.models.shipment import Party, Shipment, ShipmentReference
from cargo.models.status import ProjectionDue

REFERENCES = ShipmentReference._meta.db_table
DUE = ProjectionDue._meta.db_table
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Concerned:
    """Whom new lines concern: by shipment the new entries, and which shipments must be worked out again.

    ``history``: the ids of lines that tell nobody; ``live``: the shipments that others concern.
    """

    entries: dict[int, list[Entry]] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)
    known: dict[int, Known] = field(default_factory=dict)
    history: set[str] = field(default_factory=set)
    live: set[int] = field(default_factory=set)
    learning: bulk.Later = bulk.NOTHING

    def learn(self) -> None:
        """Waits for what was learned: those shipments must be worked out again."""
        self.again |= {row[0] for row in self.learning}

    @property
    def silent(self) -> set[int]:
        """The shipments of which only history was told."""
        return self.known.keys() - self.live


def aware(value: datetime | str) -> datetime:
    """A stored instant as raw SQL gives it (SQLite: text in UTC)."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def candidates_of(lines: Iterable[Line]) -> list[tuple[Known, set[int]]]:
    """Every shipment that shares a number with the lines, with all its numbers and its parties."""
    return ask_candidates(lines).found()


@dataclass(slots=True, frozen=True)
class Asked:
    """Candidates that were asked for; ``found`` waits for them. Parties are looked up only if a private source asks."""

    rows: bulk.Later
    private: bool

    def found(self) -> list[tuple[Known, set[int]]]:
        """The shipments, with their numbers and parties."""
        known: dict[int, Known] = {}
        for shipment, organization, registered, numbers in self.rows:
            item = known[shipment] = Known(shipment, organization, registered, {}, {})
            for text in numbers.split("\x1e"):
                kind, learned, value = text.split("\x1f", 2)
                (item.own if learned == "0" else item.learned).setdefault(kind, set()).add(value)
        parties: dict[int, set[int]] = {}
        if self.private and known:
            right, value = bulk.id_list(known)
            for shipment, organization in bulk.send(
                f"SELECT shipment_id, organization_id FROM {Party._meta.db_table} WHERE shipment_id {right}",
                [value],
                rows=True,
            ):
                parties.setdefault(shipment, set()).add(organization)
        return [(item, parties.get(item.shipment, set())) for item in known.values()]


def ask_candidates(lines: Iterable[Line]) -> Asked:
    """Asks for every shipment that shares a number with the lines."""
    lines = list(lines)
    wanted = sorted(
        {(item.type, item.value) for line in lines for item in line.event.references if item.type in MATCHED}
    )
    if not wanted:
        return Asked(bulk.NOTHING, False)
    source, parameters, (kind, value) = bulk.rows_source({"kind": "text", "value": "text"}, wanted)
    return known_shipments(
        f"SELECT r2.shipment_id FROM {source} JOIN {REFERENCES} r2 ON r2.value = {value} AND r2.kind = {kind}",
        parameters,
        private=any(line.message.source.organization is not None for line in lines),
    )


def known_shipments(selected: str, parameters: Sequence[object], *, private: bool) -> Asked:
    """The numbers of the selected shipments; their parties too if a private source asks."""
    flag, character, joined = (
        ("int", "chr", "string_agg") if bulk.is_postgres() else ("integer", "char", "group_concat")
    )
    number = f"r.kind || {character}(31) || CAST(r.learned AS {flag}) || {character}(31) || r.value"
    rows = bulk.send(
        f"SELECT s.id, s.organization_id, {bulk.seconds_of('s.created_at')}, {joined}({number}, {character}(30)) "
        f"FROM {REFERENCES} r JOIN {Shipment._meta.db_table} s ON s.id = r.shipment_id "
        f"WHERE r.shipment_id IN ({selected}) GROUP BY s.id",
        parameters,
        rows=True,
    )
    return Asked(rows, private)


# By kind and value of a number: the shipments that have it, with their parties.
Sharing = dict[tuple[str, str], list[tuple[Known, set[int]]]]
# A line, and the shipments that it concerns: each with whether by a box's number alone.
Verdict = tuple[Line, list[tuple[Known, bool]]]
# Events that concern two shipments of one organization: event, organization, candidates (JSON), when.
Unresolved = list[tuple[str, int, str, int]]


def attach(lines: Sequence[Line], candidates: Sequence[tuple[Known, set[int]]], result: Concerned) -> None:
    """Links lines to the shipments that they concern, learns numbers, and collects the entries by shipment.

    A shipment that learns a number must be worked out again: earlier events may carry it, or be read otherwise now.
    """
    unresolved: Unresolved = []
    attach_judged(list(verdicts(lines, candidates, unresolved)), unresolved, result)
    result.learn()


def attach_judged(judged: Iterable[Verdict], unresolved: Unresolved, result: Concerned) -> None:
    """The same for lines that were judged before; what was learned is in ``result.learning`` until ``learn``."""
    links: set[tuple[int, str, bool]] = set()
    learned: set[tuple[int, str, str]] = set()
    for line, found in judged:
        for known, weak in found:
            links.add((known.shipment, line.id, weak))
            result.known[known.shipment] = known
            if line.silent:
                result.history.add(line.id)
            else:
                result.live.add(known.shipment)
            if isinstance(line.event, Retraction):
                result.again.add(known.shipment)
                continue
            if not weak:
                learned |= {(known.shipment, r.type, r.value) for r in learn(line.event, known)}
            source = line.message.source
            result.entries.setdefault(known.shipment, []).append(
                contribution(
                    line.event, line.id, source.id, source.rank, line.occurred, line.reported, weak, line.version
                )
            )
    write_links(links)
    write_unresolved(unresolved)
    result.learning = write_learned(learned)


def verdicts(
    lines: Iterable[Line], candidates: Iterable[tuple[Known, set[int]]], unresolved: Unresolved
) -> Iterator[Verdict]:
    """For each line the shipments that it concerns, and whether by a box's number alone; what is ambiguous is added."""
    by_number: Sharing = {}
    without_house: Sharing = {}
    for candidate in candidates:
        known = candidate[0]
        for numbers in (known.own, known.learned):
            for kind, values in numbers.items():
                for value in values:
                    by_number.setdefault((kind, value), []).append(candidate)
                    if not has_house(known):
                        without_house.setdefault((kind, value), []).append(candidate)
    for line in lines:
        yield line, _shipments_of(line, by_number, without_house, unresolved)


def write_links(links: Iterable[tuple[int, str, bool]], *, again: bool = False) -> None:
    """Adds links (shipment, event, weak). ``again``: one that stands is brought in line."""
    known_better = "DO UPDATE SET weak = excluded.weak" if again else "DO NOTHING"
    bulk.insert(
        ShipmentEvent._meta.db_table,
        {"shipment_id": "int", "event_id": "uuid", "weak": "bool"},
        sorted(links),
        conflict=f"ON CONFLICT (shipment_id, event_id) {known_better}",
    )


def _shipments_of(
    line: Line, by_number: Sharing, without_house: Sharing, unresolved: Unresolved
) -> list[tuple[Known, bool]]:
    event = line.event
    # Of a master bill with a thousand houses, what is said of one house is not held against all the others.
    of_a_house = isinstance(event, Event) and any(reference.type in NAMES_HOUSE for reference in event.references)
    sharing: dict[int, tuple[Known, set[int]]] = {}
    for reference in event.references:
        among = without_house if of_a_house and reference.type not in NAMES_ONE else by_number
        for candidate in among.get((reference.type, reference.value), ()):
            sharing[candidate[0].shipment] = candidate
    if not sharing:
        return []
    private = line.message.source.organization
    strong: list[tuple[Known, bool]] = []
    weak: dict[int, list[Known]] = {}
    for known, parties in sharing.values():
        if private is not None and private not in parties:
            continue
        if isinstance(event, Retraction):
            strong.append((known, False))
            continue
        verdict = concerns(event, line.occurred, known)
        if verdict == WEAK:
            weak.setdefault(known.organization, []).append(known)
        elif verdict != NONE:
            strong.append((known, False))
    for organization, several in weak.items():
        if len(several) == 1:
            strong.append((several[0], True))
        elif not any(known.organization == organization for known, _ in strong):
            ids = sorted(known.shipment for known in several)
            unresolved.append((line.id, organization, _encode(ids).decode(), identity.epoch(timezone.now()) or 0))
    return strong


def write_unresolved(rows: Unresolved) -> None:
    bulk.insert(
        UnresolvedEvent._meta.db_table,
        {"event_id": "uuid", "organization_id": "int", "candidates": "json", "created_at": "time"},
        sorted(rows),
        conflict="ON CONFLICT DO NOTHING",
    )


def write_learned(learned: set[tuple[int, str, str]]) -> bulk.Later:
    """Adds learned numbers; gives the shipments for which one was new, a row each."""
    now = identity.epoch(timezone.now())
    return bulk.insert(
        REFERENCES,
        {"shipment_id": "int", "kind": "text", "value": "text", "learned": "bool", "added_at": "time"},
        [(*row, True, now) for row in sorted(learned)],
        conflict="ON CONFLICT DO NOTHING",
        returning="shipment_id",
    )


# Why a shipment is owed a new look whose messages were read again.
REPLAYED = "replayed"


def mark_replayed(shipments: Iterable[int], since: int) -> None:
    """Says the same after a replay that began at ``since`` (seconds since 1970): what it brought is history.

    One that is owed a look of which people are told is still: its row names from when on what a replay wrote is not
    (``history.replayed_of``).
    """
    quiet = f"{DUE}.silent OR {DUE}.reason = '{REPLAYED}'"
    _mark(
        [(shipment, since, REPLAYED, True, 0, "") for shipment in sorted(shipments)],
        f", since = CASE WHEN {quiet} THEN {DUE}.since ELSE excluded.since END, "
        f"reason = CASE WHEN {quiet} THEN {DUE}.reason ELSE excluded.reason END",
    )


def mark_due(shipments: Iterable[int], reason: str, *, silent: bool | Collection[int] = False) -> None:
    """Says that the events of these shipments must be looked up again and their state worked out from the log.

    ``silent``: what this brings is history, for all of them or for those.
    """
    quiet = silent if isinstance(silent, Collection) else None
    now = identity.epoch(timezone.now())
    _mark(
        [
            (shipment, now, reason, silent if quiet is None else shipment in quiet, 0, "")
            for shipment in sorted(shipments)
        ]
    )


def _mark(rows: Sequence[tuple[object, ...]], beside: str = "") -> None:
    bulk.insert(
        DUE,
        {
            "shipment_id": "int",
            "since": "time",
            "reason": "text",
            "silent": "bool",
            "attempts": "int",
            "lease_token": "text",
        },
        rows,
        # A new reason while a worker is at it: its token is cleared, so that its finish leaves the row standing.
        conflict=f"ON CONFLICT (shipment_id) DO UPDATE SET lease_token = '', leased_until = NULL, attempts = 0{beside}",
    )
