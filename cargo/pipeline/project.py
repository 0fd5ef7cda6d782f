"""The log -> the projections. Merging is quick and joins what is new; working out again starts from the log.

Both give the same state: ``rebuild --check`` proves it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.derive import derive
from cargo.domain.matching import Known
from cargo.domain.news import Change, changes
from cargo.domain.state import Entry, known_entries, merge_into, pack, remember, unpack
from cargo.domain.state import merge as join
from cargo.domain.view import Plan, View
from cargo.models import ProjectionDue, bulk, findings, projection
from cargo.models.history import (
    HISTORY,
    NOTHING,
    Replayed,
    ended_aloud,
    entries_from_log,
    look_up,
    received_of,
    replayed_of,
)
from cargo.models.journal import Line, conflicting, shipments_of_lineages
from cargo.models.linking import REPLAYED, Concerned, aware, mark_due
from cargo.pipeline.announce import announce

DUE = ProjectionDue._meta.db_table
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 20


class Due(NamedTuple):
    """A shipment owed a new look at the log.

    ``silent_until``: what was received by then (seconds since 1970) is history, of which nobody is told.
    ``replayed_since``: so is what a replay wrote from then on.
    """

    shipment: int
    token: str
    silent_until: int | None
    replayed_since: int | None


def project(concerned: Concerned, lines: Sequence[Line], meanwhile: Callable[[], object] = lambda: None) -> None:
    """Merges new entries into the states of their shipments, in the batch's transaction.

    1. Lock the status rows, then 2. look for other versions of the same reports, and 3. read plans and states. The
    shipments of other versions, the ones a retraction names, and the ones that learned a number, now or since they were
    matched, are not merged but marked to be worked out again. 4. Join and derive, 5. write states and status rows,
    6. mark the changed shipments for inspection, 7. write updates. ``meanwhile`` is called whenever the server works
    on these; it must not use the database.
    """
    projection.lock(concerned.entries)
    others = conflicting(lines)
    shipments = sorted(concerned.entries)
    # In two halves, where a server works beside us: it writes the first while the second is worked out.
    halves = [shipments[::2], shipments[1::2]] if bulk.is_postgres() else [shipments]
    asked_halves = [(half, projection.ask(half)) for half in halves if half]
    meanwhile()
    concerned.learn()
    again = concerned.again | shipments_of_lineages([row[0] for row in others])
    for half, asked in asked_halves:
        found = asked.found()
        again |= _matched_too_early(half, concerned, found)
        _merge([shipment for shipment in half if shipment not in again], concerned, found)
    mark_due(again, "versions", silent=concerned.silent)
    meanwhile()


def _merge(shipments: Sequence[int], concerned: Concerned, found: Mapping[int, projection.Standing]) -> None:
    silent = concerned.silent
    written: list[tuple[int, bytes, View]] = []
    news: list[tuple[int, Known, Change, bool]] = []
    for shipment in shipments:
        entries = concerned.entries[shipment]
        plan, stored, _ = found[shipment]
        before = known_entries(stored)
        after = merge_into(before, entries)
        packed = pack(after)
        if packed == stored:
            continue
        remember(packed, after)
        view = derive(after, plan)
        written.append((shipment, packed, view))
        known = concerned.known[shipment]
        if concerned.history and shipment in concerned.live:
            past = join(before, [entry for entry in entries if entry.id in concerned.history])
            news += [(shipment, known, change, True) for change in changes(before, past, derive(past, plan), plan)]
            before = past
        news += [(shipment, known, change, shipment in silent) for change in changes(before, after, view, plan)]
    projection.write(written)
    findings.mark([shipment for shipment, _, _ in written], silent)
    announce(news)


def _matched_too_early(
    shipments: Sequence[int], concerned: Concerned, found: Mapping[int, projection.Standing]
) -> set[int]:
    """Shipments that have more numbers now, under the lock, than when the lines were matched with them.

    SQLite has one writer at a time, who reads the numbers when it already writes.
    """
    if not bulk.is_postgres():
        return set()
    return {
        shipment
        for shipment in shipments
        if shipment not in concerned.again and found[shipment].numbers != concerned.known[shipment].count()
    }


def take_due(limit: int = 200) -> list[Due]:
    """Takes shipments that are owed a new look, under a lease; one statement."""
    token = secrets.token_hex(16)
    now = timezone.now()
    lock = " FOR UPDATE SKIP LOCKED" if bulk.is_postgres() else ""
    rows = bulk.execute(
        f"UPDATE {DUE} SET lease_token = %s, leased_until = %s, attempts = attempts + 1 WHERE shipment_id IN "
        f"(SELECT shipment_id FROM {DUE} WHERE (leased_until IS NULL OR leased_until < %s) AND attempts < %s "
        f"ORDER BY shipment_id LIMIT %s{lock}) RETURNING shipment_id, silent, since, reason",
        [token, bulk.moment(now + LEASE), bulk.moment(now), MAX_ATTEMPTS, limit],
    )
    due = []
    for shipment, silent, since, reason in sorted(rows):
        begun = identity.epoch(aware(since))
        due.append(
            Due(shipment, token, begun if silent else None, begun if reason == REPLAYED and not silent else None)
        )
    return due


def work_out_again(due: Sequence[Due]) -> None:
    """Finds the events of these shipments anew, works their states out from the log, and clears what was owed.

    Learned numbers may bring more events: the shipment then stays owed and is taken again.
    """
    shipments = {item.shipment for item in due}
    silent = {item.shipment: item.silent_until for item in due if item.silent_until is not None}
    projection.lock(shipments)
    known = look_up(shipments, silent=len(silent) == len(shipments))
    worked = _from_log(shipments)
    states = projection.states_of(shipments)
    written: list[tuple[int, bytes, View]] = []
    news: list[tuple[int, Known, Change, bool]] = []
    received = received_of(shipments)
    replayed = replayed_of({item.shipment: item.replayed_since for item in due if item.replayed_since is not None})
    changed = {
        shipment: (unpack(states.get(shipment, b"")), unpack(packed))
        for shipment, (packed, _, _) in worked.items()
        if not packed or packed != states.get(shipment)
    }
    ended = {shipment: _ended(*both) for shipment, both in changed.items()}
    aloud = ended_aloud({row.id: silent.get(of, HISTORY) for of, entries in ended.items() for row in entries})
    for shipment, (before, after) in changed.items():
        packed, view, plan = worked[shipment]
        written.append((shipment, packed, view))
        if shipment not in known:
            continue
        by_replay = replayed.get(shipment, NOTHING)
        still = [row for row in ended[shipment] if row.id in aloud and row.id not in by_replay.changed]
        past = join(_past(before, after, received, silent.get(shipment, HISTORY), by_replay), still)
        if shipment in silent or shipment in replayed or not {row.id for row in past} <= {row.id for row in before}:
            quiet = changes(before, past, derive(past, plan), plan)
            news += [(shipment, known[shipment], change, True) for change in quiet]
            before = past
        news += [(shipment, known[shipment], change, False) for change in changes(before, after, view, plan)]
    projection.write(written)
    findings.mark([shipment for shipment, _, _ in written], silent)
    announce(news)
    # A shipment that learned a number was marked due again, under no token: its row stays.
    bulk.delete(DUE, {"shipment_id": "int", "lease_token": "text"}, [(item.shipment, item.token) for item in due])


def _past(
    before: Sequence[Entry], after: Sequence[Entry], received: Mapping[str, int], until: int, by_replay: Replayed
) -> list[Entry]:
    """What of ``after`` is no news: it stood before, was received by then, or a replay brought it."""
    stood = {row.id for row in before} | {*by_replay.added}
    return [row for row in after if row.id in stood or received.get(row.id, HISTORY) <= until]


def _ended(before: Sequence[Entry], after: Sequence[Entry]) -> list[Entry]:
    """What stands no more."""
    stays = {entry.id for entry in after}
    return [entry for entry in before if entry.id not in stays]


def _from_log(shipments: Collection[int]) -> dict[int, tuple[bytes, View, Plan]]:
    plans = projection.plans_of(shipments)
    found = entries_from_log(shipments)
    out = {}
    for shipment, plan in plans.items():
        entries = join((), found.get(shipment, ()))
        out[shipment] = (pack(entries), derive(entries, plan), plan)
    return out


def differences(shipments: Collection[int]) -> list[tuple[int, str]]:
    """Where the stored projection is not what the log gives: (shipment, what differs)."""
    states = projection.states_of(shipments)
    rows = projection.status_rows(shipments)
    out: list[tuple[int, str]] = []
    for shipment, (packed, view, _) in sorted(_from_log(shipments).items()):
        if states.get(shipment, b"") != packed and (states.get(shipment) or unpack(packed)):
            out.append((shipment, "state"))
        wanted = projection.status_values(view)
        for name, have, want in zip(projection.STATUS_COLUMNS, rows.get(shipment, ()), wanted, strict=False):
            if have != want:
                out.append((shipment, f"{name}: {have!r} is stored, the log gives {want!r}"))
    return out


def rebuild(shipments: Collection[int]) -> int:
    """Works these projections out again from the log and tells nobody; gives how many changed."""
    projection.lock(shipments)
    look_up(shipments, silent=True)
    states = projection.states_of(shipments)
    rows = projection.status_rows(shipments)
    changed = [
        (shipment, packed, view)
        for shipment, (packed, view, _) in _from_log(shipments).items()
        if states.get(shipment, b"") != packed or rows.get(shipment) != projection.status_values(view)
    ]
    projection.write(changed)
    # Exceptions are worked out again, too, by the next inspection; it tells nobody.
    findings.mark(shipments, shipments)
    return len(changed)
