"""What CLIS asked for itself: the lines that only the order of asking tells (DECISIONS 7, ``cargo.domain.snapshots``).

Every line of a snapshot goes into the log as if somebody had pushed it, under the same id, so that copies share it.
Beside these, ``compare`` gives a retraction for what a snapshot does not say anymore, and a numbered line for what it
says anew. What each snapshot says is kept with it (``Snapshot.said``), so that one which is worked off late finds its
neighbors. A snapshot that could not be read whole, or holds nothing, only adds: what is missing in it may be unread.
So do lines that the source itself numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from cargo.domain import identity
from cargo.domain.event import Event, Retraction
from cargo.domain.snapshots import Asked, Said, Turn, differing, in_order, is_version, turns
from cargo.models import bulk
from cargo.models.history import read_content
from cargo.models.intake import Snapshot
from cargo.models.journal import EVENTS, Line, Message, hexadecimal, line_of
from cargo.models.linking import aware

SNAPSHOTS = Snapshot._meta.db_table
# Hexadecimal digits of a lineage or an id.
_DIGITS = 32
_Subject = tuple[int, str]


class Told(NamedTuple):
    """A snapshot that was read; ``whole``: nothing in it was left unread."""

    message: Message
    lines: Sequence[Line]
    whole: bool

    @property
    def said(self) -> Said | None:
        """By lineage the ids of its lines; ``None`` if what it does not say proves nothing."""
        if not self.whole or not self.lines:
            return None
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if not line.retraction and not line.version:
                found.setdefault(line.lineage, []).append(line.id)
        return {lineage: tuple(sorted(ids)) for lineage, ids in found.items()}


class _Row(NamedTuple):
    """One row of the log."""

    id: str
    version: str
    revision: int
    retraction: bool
    reported: int | None
    source: int
    message: int
    content: str

    @property
    def gone(self) -> bool:
        """Whether it says that its version is not said anymore (``state.standing``)."""
        return self.retraction and self.revision > 0


_Rows = dict[str, list[_Row]]


def compare(told: Mapping[int, Told]) -> dict[int, list[Line]]:
    """The lines to write beside those of these snapshots, by message; inside the batch's transaction.

    Snapshots of one subject are compared by one worker at a time. Two statements, and one more if anything changed.
    """
    _lock(told)
    extra: dict[int, list[Line]] = {}
    series = [in_order(found) for found in _series(told).values()]
    log = _Log(_rows({lineage for found in series for lineage in differing(found)}), told.values())
    for found in series:
        mine = [asked.message for asked in found if asked.message in told]
        for turn in turns(found, log.said_before) if mine else ():
            shown = next((pk for pk in (turn.later.message, turn.earlier.message) if pk in told), mine[0])
            extra.setdefault(shown, []).extend(log.lacks(turn, told[shown].message))
    return extra


def keep(told: Iterable[Told]) -> None:
    """Keeps what these snapshots say; one statement."""
    rows = [(item.message.id, _packed(said)) for item in told if (said := item.said) is not None]
    bulk.update(SNAPSHOTS, {"message_id": "int"}, {"said": "bytes"}, rows)


def replayed(told: Mapping[int, Told]) -> list[Line]:
    """The lines that bring the log in line with what these snapshots are understood to say now; keeps that, too."""
    _lock(told)
    before = _series(told, whole=True, known={})
    right, value = bulk.id_list(told)
    bulk.execute(f"UPDATE {SNAPSHOTS} SET said = NULL WHERE message_id {right}", [value])
    keep(told.values())
    now = _series(told, whole=True)
    series = [*before.values(), *now.values()]
    log = _Log(_rows({lineage for found in series for asked in found for lineage in asked.said}), told.values())
    messages = {item.message.source.id: item.message for item in told.values()}
    changes = [(turn, messages[source]) for (source, _), found in now.items() for turn in turns(in_order(found))]
    out = log.voids([turn for turn, _ in changes], messages)
    for turn, message in changes:
        out += log.lacks(turn, message)
    return out


class _Log:
    """What the log holds of some reports, and the lines that it lacks."""

    def __init__(self, rows: _Rows, told: Iterable[Told]) -> None:
        self._rows = rows
        self._lines = {line.id: line for item in told for line in item.lines}

    def said_before(self, lineage: str, version: str) -> bool:
        """Whether a snapshot had said it before that version's: then one has already taken it back."""
        return any(is_version(row.version) and row.version < version for row in self._rows.get(lineage, ()))

    def lacks(self, turn: Turn, message: Message) -> Iterator[Line]:
        """What a change adds; ``message``: one of the same source."""
        rows = [row for row in self._rows.get(turn.lineage, ()) if row.version == turn.version]
        if not turn.ids:
            yield from self._taken_back(turn, rows, message)
        for name in turn.ids:
            line = self._line(name, turn.lineage, message)
            if line is None:
                continue
            revision = _revision(name, [row for row in rows if row.reported == line.reported])
            if revision is not None:
                line.id = identity.said_anew(name, turn.version, revision)
                line.version, line.revision = turn.version, revision
                yield line

    def voids(self, changes: Iterable[Turn], messages: Mapping[int, Message]) -> list[Line]:
        """Takes back the numbered rows that no change explains; from then on they are seen as gone.

        ``messages``: one of each source.
        """
        wanted = {(turn.lineage, turn.version): turn.ids or ("",) for turn in changes}
        out = []
        for lineage, rows in self._rows.items():
            readings: dict[tuple[str, int | None], _Row] = {}
            for row in sorted(rows, key=lambda row: (row.revision, row.id)):
                if is_version(row.version):
                    readings[row.version, row.reported] = row
            for row in readings.values():
                if not row.gone and not _explains(wanted.get((lineage, row.version), ()), row):
                    out.append(_void(lineage, row, messages[row.source]))
                    rows.append(row._replace(id=out[-1].id, revision=row.revision + 1, retraction=True))
        return out

    def _line(self, name: str, lineage: str, message: Message) -> Line | None:
        """A copy of the line of that id: as this batch reads it, else as the log holds it."""
        line = self._lines.get(name)
        if line is not None:
            return msgspec.structs.replace(line)
        # After a replay the row of the same report may be a later revision.
        rows = [row for row in self._rows.get(lineage, ()) if not row.retraction]
        row = next((row for row in rows if row.id == name), max(rows, key=lambda row: row.revision, default=None))
        if row is None:
            return None
        line = line_of(message._replace(id=row.message), read_content(row.content, False))
        line.lineage, line.content = lineage, row.content.encode()
        return line

    def _taken_back(self, turn: Turn, rows: list[_Row], message: Message) -> Iterator[Line]:
        """A retraction under the change's number; one that a replay had made void is written anew, a second later."""
        made = [row for row in rows if row.retraction and not row.revision]
        void = {row.reported for row in rows if row.gone}
        if any(row.reported not in void for row in made):
            return
        gone = next(
            (line for name in turn.earlier.said[turn.lineage] if (line := self._line(name, turn.lineage, message))),
            None,
        )
        if gone is not None:
            line = _retraction(gone.event, turn.lineage, turn.version, message._replace(id=turn.later.message))
            line.id = identity.not_said(turn.lineage, turn.version, len(made))
            line.reported = len(made) or None
            yield line


def _revision(name: str, rows: Sequence[_Row]) -> int | None:
    """Under which revision an event is to be said anew, by the rows of its version; ``None``: it stands there."""
    past = max((row.revision for row in rows if row.gone), default=-1)
    if any(row.revision > past and _explains((name,), row) for row in rows):
        return None
    return 1 + max(row.revision for row in rows) if past >= 0 else 0


def _explains(names: Collection[str], row: _Row) -> bool:
    """Whether a change to these ids (or to none: an empty one) is what made the row."""
    if row.retraction:
        return "" in names
    return any(name and row.id == identity.said_anew(name, row.version, row.revision) for name in names)


def _void(lineage: str, row: _Row, message: Message) -> Line:
    event = read_content(row.content, row.retraction)
    line = _retraction(event, lineage, row.version, message._replace(id=row.message))
    line.id = identity.withdraw(row.id, lineage, row.revision + 1)
    line.revision, line.reported = row.revision + 1, row.reported
    return line


def _retraction(event: Event | Retraction, lineage: str, version: str, message: Message) -> Line:
    gone = Retraction(
        source_event_id=event.source_event_id or lineage, references=event.references, format=event.format
    )
    line = line_of(message, gone)
    line.lineage, line.version = lineage, version
    return line


def _lock(ids: Iterable[int]) -> None:
    """One worker at a time for each subject; always before a row of the log is written. SQLite has one writer."""
    if bulk.is_postgres():
        right, value = bulk.id_list(ids)
        bulk.send(
            f"SELECT count(pg_advisory_xact_lock(key)) FROM (SELECT DISTINCT hashtextextended(subject, source_id) "
            f"AS key FROM {SNAPSHOTS} WHERE message_id {right} ORDER BY key) AS subjects",
            [value],
            rows=False,
        )


def _series(
    told: Mapping[int, Told], *, whole: bool = False, known: Mapping[int, Told] | None = None
) -> dict[_Subject, list[Asked]]:
    """By subject these snapshots with the last one before them and all that follow; or the ``whole`` series.

    ``known``: those of which the lines are given, instead of ``told``.
    """
    right, value = bulk.id_list(told)
    begin = (
        f"coalesce((SELECT max(p.asked_at) FROM {SNAPSHOTS} p WHERE p.source_id = m.source_id "
        "AND p.subject = m.subject AND p.said IS NOT NULL AND p.asked_at < m.first), m.first)"
    )
    rows = bulk.send(
        f"SELECT s.source_id, s.subject, s.message_id, s.asked_at, s.said FROM (SELECT source_id, subject, "
        f"min(asked_at) AS first FROM {SNAPSHOTS} WHERE message_id {right} GROUP BY source_id, subject) m "
        f"JOIN {SNAPSHOTS} s ON s.source_id = m.source_id AND s.subject = m.subject "
        f"WHERE {'true' if whole else f's.asked_at >= {begin}'}",
        [value],
        rows=True,
    )
    lines = told if known is None else known
    found: dict[_Subject, list[Asked]] = {}
    for source, subject, message, at, packed in rows:
        said = lines[message].said if message in lines else _unpacked(packed)
        if said is not None:
            found.setdefault((source, subject), []).append(Asked(message, aware(at), said))
    return found


def _rows(lineages: Collection[str]) -> _Rows:
    """All rows of these lineages."""
    if not lineages:
        return {}
    right, value = bulk.key_list(lineages)
    rows = bulk.send(
        f"SELECT lineage, id, version, revision, retraction, reported_at, source_id, message_id, content FROM {EVENTS} "
        f"WHERE lineage {right}",
        [value],
        rows=True,
    )
    found: _Rows = {}
    for lineage, pk, version, revision, retraction, reported, source, message, content in rows:
        at = identity.epoch(aware(reported)) if reported else None
        row = _Row(hexadecimal(pk), version, revision, bool(retraction), at, source, message, content)
        found.setdefault(hexadecimal(lineage), []).append(row)
    return found


def _packed(said: Said) -> bytes:
    return b"".join(bytes.fromhex(lineage + name) for lineage in sorted(said) for name in said[lineage])


def _unpacked(packed: object) -> Said | None:
    if packed is None:
        return None
    pairs = bytes(packed).hex()  # type: ignore[call-overload]
    found: dict[str, tuple[str, ...]] = {}
    for at in range(0, len(pairs), 2 * _DIGITS):
        lineage = pairs[at : at + _DIGITS]
        found[lineage] = (*found.get(lineage, ()), pairs[at + _DIGITS : at + 2 * _DIGITS])
    return found
