"""Reading the log back: the events that concern shipments, found by number, and the entries that they give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from cargo.domain import identity
from cargo.domain.contribution import contribution
from cargo.domain.event import Event, Retraction
from cargo.domain.matching import MATCHED, Known, learn
from cargo.domain.state import Entry, Report, standing
from cargo.models import bulk
from cargo.models.decisions import respect
from cargo.models.event import Event as EventRow
from cargo.models.event import EventReference, ShipmentEvent
from cargo.models.inbound import InboundMessage, Source
from cargo.models.journal import Line, Message, SourceFacts
from cargo.models.linking import (
    REFERENCES,
    candidates_of,
    mark_due,
    verdicts,
    write_learned,
    write_links,
    write_unresolved,
)
from cargo.models.maintenance import restored_at, was_told

EVENTS = EventRow._meta.db_table
SETS = EventReference._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
MESSAGES = InboundMessage._meta.db_table
_event = msgspec.json.Decoder(Event).decode
_retraction = msgspec.json.Decoder(Retraction).decode
_EPOCH = datetime.fromtimestamp(0, UTC)


def read_content(content: str, retraction: bool) -> Event | Retraction:
    """The event or retraction that a stored content is."""
    return _retraction(content) if retraction else _event(content)


def look_up(shipments: Collection[int], *, silent: bool = False) -> dict[int, Known]:
    """Finds by number the events of these shipments and brings their links in line with what is known now.

    Whom an event concerns depends on numbers that may have been learned after it was linked, and on what other
    shipments of an organization are known by; so every link is judged anew, and the order of messages cannot matter.
    Gives the numbers of all shipments that share an event. One that learns a number, or whose links must change
    because of these, is marked due (``silent``: to tell nobody).
    """
    lines = _lines_sharing_numbers(shipments)
    candidates = candidates_of(lines)
    wanted: dict[tuple[int, str], bool] = {}
    learned: set[tuple[int, str, str]] = set()
    unresolved: list[tuple[str, int, str, int]] = []
    for line, found in verdicts(lines, candidates, unresolved):
        for known, weak in found:
            wanted[known.shipment, line.id] = weak
            if known.shipment in shipments and not weak and isinstance(line.event, Event):
                learned |= {(known.shipment, r.type, r.value) for r in learn(line.event, known)}
    respect(wanted, {known.shipment: known.organization for known, _ in candidates}, [line.id for line in lines])
    others = _settle(shipments, wanted, _links_of(line.id for line in lines))
    write_unresolved(unresolved)
    mark_due(others | {row[0] for row in write_learned(learned)}, "numbers", silent=silent)
    return {known.shipment: known for known, _ in candidates}


def _lines_sharing_numbers(shipments: Collection[int]) -> list[Line]:
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT {bulk.digits_of('e.id')}, {bulk.digits_of('e.lineage')}, e.version, e.revision, "
        f"e.retraction, {bulk.seconds_of('e.occurred_at')}, {bulk.seconds_of('e.reported_at')}, "
        f"e.content, s.id, s.organization_id, s.rank, s.format, s.time_zone "
        f"FROM {EVENTS} e JOIN {SOURCES} s ON s.id = e.source_id WHERE e.reference_set IN "
        f"(SELECT q.reference_set FROM {REFERENCES} r JOIN {SETS} q ON q.value = r.value AND q.kind = r.kind "
        f"WHERE r.shipment_id {right} AND r.kind IN ({', '.join(repr(kind) for kind in sorted(MATCHED))}))",
        [value],
    )
    return sorted((_line(row) for row in rows), key=lambda line: line.id)


def _links_of(events: Iterable[str]) -> dict[tuple[int, str], bool]:
    right, value = bulk.key_list(events)
    event = bulk.digits_of("event_id")
    rows = bulk.execute(f"SELECT shipment_id, {event}, weak FROM {LINKS} WHERE event_id {right}", [value])
    return {(shipment, name): bool(weak) for shipment, name, weak in rows}


def _settle(
    shipments: Collection[int], wanted: dict[tuple[int, str], bool], have: dict[tuple[int, str], bool]
) -> set[int]:
    """Writes the links of these shipments as they are wanted; gives the other shipments whose links differ."""
    write_links(
        ((*key, weak) for key, weak in wanted.items() if key[0] in shipments and have.get(key) is not weak), again=True
    )
    stale = [key for key in have if key[0] in shipments and key not in wanted]
    bulk.delete(LINKS, {"shipment_id": "int", "event_id": "uuid"}, stale)
    keys = wanted.keys() | have.keys()
    return {key[0] for key in keys if key[0] not in shipments and wanted.get(key) is not have.get(key)}


def _line(row: tuple[object, ...]) -> Line:
    pk, lineage, version, revision, retraction, occurred, reported, content, *source = row
    event = read_content(str(content), bool(retraction))
    message = Message(0, SourceFacts(*source), _EPOCH, True, 0, "", b"")  # type: ignore[arg-type]
    return Line(
        message=message,
        event=event,
        id=str(pk),
        lineage=str(lineage),
        version=str(version),
        occurred=occurred,  # type: ignore[arg-type]
        reported=reported,  # type: ignore[arg-type]
        references=identity.reference_set(event.references),
        content=b"",
        revision=int(revision),  # type: ignore[call-overload]
        retraction=bool(retraction),
    )


def entries_from_log(shipments: Collection[int]) -> dict[int, list[Entry]]:
    """For each shipment the entries of the reports that stand among all versions of its events; two statements."""
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT l.shipment_id, l.weak, {bulk.digits_of('e.id')}, {bulk.digits_of('e.lineage')}, "
        f"{bulk.seconds_of('e.occurred_at')}, {bulk.seconds_of('e.reported_at')}, e.content, e.source_id, s.rank, "
        f"e.version FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id JOIN {SOURCES} s ON s.id = e.source_id "
        f"WHERE l.shipment_id {right} AND NOT e.retraction",
        [value],
    )
    stands = standing_of({row[3] for row in rows})
    out: dict[int, list[Entry]] = {}
    for shipment, weak, name, _, occurred, reported, content, source, rank, version in rows:
        if name in stands:
            entry = contribution(_event(content), name, source, rank, occurred, reported, bool(weak), version)
            out.setdefault(shipment, []).append(entry)
    return out


# When what a silent message says was received, as far as telling people goes: before anything.
HISTORY = 0


def received_of(shipments: Collection[int]) -> dict[str, int]:
    """When each event of these shipments was received, in seconds since 1970, or ``HISTORY``; one statement.

    What the system that a backup replaced has told is history, too.
    """
    if not shipments:
        return {}
    right, value = bulk.id_list(shipments)
    rows = bulk.execute(
        f"SELECT {bulk.digits_of('e.id')}, "
        f"CASE WHEN m.silent THEN {HISTORY} ELSE {bulk.seconds_of('e.received_at')} END, {restored_at()}, e.version, "
        f"{bulk.seconds_of('e.reported_at')}, {bulk.seconds_of('e.occurred_at')} "
        f"FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id LEFT JOIN {MESSAGES} m ON m.id = e.message_id "
        f"WHERE l.shipment_id {right}",
        [value],
    )
    return {
        name: HISTORY if was_told(restored, version, reported, occurred, received) else received
        for name, received, restored, version, reported, occurred in rows
    }


def ended_aloud(events: Mapping[str, int]) -> set[str]:
    """Of these events, which stand no more, those that something replaced or took back that is no history.

    By event the instant before which what was received is history (seconds since 1970). One statement, or none.
    """
    if not events:
        return set()
    right, value = bulk.key_list(events)
    columns = ", ".join(
        f"{bulk.digits_of(f'{of}.id')}, {of}.version, {bulk.seconds_of(f'{of}.reported_at')}, {of}.revision"
        for of in ("e", "o")
    )
    rows = bulk.execute(
        f"SELECT {columns}, m.silent, {restored_at()}, {bulk.seconds_of('o.occurred_at')}, "
        f"{bulk.seconds_of('o.received_at')} FROM {EVENTS} e JOIN {EVENTS} o ON o.lineage = e.lineage "
        f"LEFT JOIN {MESSAGES} m ON m.id = o.message_id WHERE e.id {right}",
        [value],
    )
    found = set()
    for name, version, reported, revision, other, later, retold, revised, silent, restored, occurred, received in rows:
        by_it = (later, retold or 0, revised, other) > (version, reported or 0, revision, name)
        history = silent or received < events[name] or was_told(restored, later, retold, occurred, received)
        if by_it and not history:
            found.add(name)
    return found


class Replayed(NamedTuple):
    """What replays made of a shipment: the events that they added, and those of which they changed what they say."""

    added: Collection[str]
    changed: Collection[str]


NOTHING = Replayed((), ())
# So long after a message was worked off nothing of it is written but by a replay: no transaction of ours lasts longer.
_SETTLED = 60


def replayed_of(since: Mapping[int, int]) -> dict[int, Replayed]:
    """What replays that began at ``since`` (by shipment, in seconds since 1970) made; two statements, or none.

    An event is theirs if it was written after its message had long been worked off, or is a revision.
    """
    if not since:
        return {}
    right, value = bulk.id_list(since)
    name, lineage = bulk.digits_of("e.id"), bulk.digits_of("e.lineage")
    rows = bulk.execute(
        f"SELECT l.shipment_id, {name}, {lineage}, e.revision, {bulk.seconds_of('e.recorded_at')}, "
        f"{bulk.seconds_of('m.processed_at')} FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id "
        f"LEFT JOIN {MESSAGES} m ON m.id = e.message_id WHERE l.shipment_id {right}",
        [value],
    )
    right, value = bulk.key_list({row[2] for row in rows})
    revised: dict[str, int] = {}
    for changed, recorded in bulk.execute(
        f"SELECT {lineage}, {bulk.seconds_of('e.recorded_at')} FROM {EVENTS} e "
        f"WHERE e.lineage {right} AND e.revision > 0",
        [value],
    ):
        revised[changed] = max(recorded, revised.get(changed, 0))
    added: dict[int, set[str]] = {shipment: set() for shipment in since}
    altered: dict[int, set[str]] = {shipment: set() for shipment in since}
    for shipment, event, of, revision, recorded, worked_off in rows:
        begun = since[shipment]
        long_ago = worked_off is not None and worked_off < begun - _SETTLED
        if recorded >= begun and (revision or long_ago):
            added[shipment].add(event)
        elif revised.get(of, -1) >= begun:
            altered[shipment].add(event)
    return {shipment: Replayed(added[shipment], altered[shipment]) for shipment in since}


def standing_of(lineages: Collection[str]) -> set[str]:
    """The ids that stand among all versions of these lineages, whomever they concern."""
    if not lineages:
        return set()
    right, value = bulk.key_list(lineages)
    rows = bulk.execute(
        f"SELECT {bulk.digits_of('id')}, {bulk.digits_of('lineage')}, version, revision, "
        f"{bulk.seconds_of('reported_at')}, retraction FROM {EVENTS} WHERE lineage {right}",
        [value],
    )
    return standing(
        Report(pk, lineage, version, revision, reported, bool(retraction))
        for pk, lineage, version, revision, reported, retraction in rows
    )
