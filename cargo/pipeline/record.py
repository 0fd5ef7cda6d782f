"""Events -> rows in the log, once each; and which shipments they concern.

``prepare`` does the work that needs no database; ``record`` runs inside the batch's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from django.utils import timezone

from cargo.domain import identity
from cargo.models import MessagePart, bulk, sheds, unknown
from cargo.models.journal import line_of, write_events, write_references
from cargo.models.linking import Asked, Concerned, Unresolved, ask_candidates, attach_judged, verdicts
from cargo.pipeline.batch import Decoded, Finished, Prepared


def prepare(decoded: Sequence[Decoded]) -> list[Prepared]:
    """Identities, instants and contents of all events; no database."""
    out = []
    for item in decoded:
        seen: set[str] = set()
        lines = []
        for event in item.events:
            line = line_of(item.message, event)
            if line.id not in seen:
                seen.add(line.id)
                lines.append(line)
        out.append(Prepared(item, lines))
    return out


def look_for(prepared: Sequence[Prepared]) -> Asked:
    """Asks for the shipments that the lines may concern; the answer is for ``record``."""
    return ask_candidates(line for item in prepared for line in item.lines)


def record(prepared: Sequence[Prepared], asked: Asked, meanwhile: Callable[[], object] = lambda: None) -> Concerned:
    """Writes the lines into the log and finds the shipments that they concern; eight statements at most, and six for
    what is said of warehouses.

    The status rows of those shipments are locked by ``project`` before ``conflicting`` looks for other versions.
    ``meanwhile`` is called while the server writes; it must not use the database.
    """
    lines = sorted((line for item in prepared for line in item.lines), key=lambda line: line.id)
    result = Concerned()
    record_parts(prepared)
    if not lines:
        record_warehouses(prepared)
        return result
    candidates = asked.found()
    written = write_events(lines)
    # Judged while the server writes; of the lines that it knew before nothing is kept.
    unresolved: Unresolved = []
    judged = list(verdicts(lines, candidates, unresolved))
    meanwhile()
    fresh = {row[0] for row in written}
    new = [line for line in lines if line.id in fresh]
    write_references(new)
    unknown.count(new)
    attach_judged(
        [verdict for verdict in judged if verdict[0].id in fresh],
        [row for row in unresolved if row[0] in fresh],
        result,
    )
    record_warehouses(prepared, result.entries)
    return result


def record_warehouses(prepared: Sequence[Prepared], beside: Collection[int] = ()) -> None:
    """Keeps what is said of warehouses. ``beside``: the shipments whose status rows will be locked next."""
    told = [
        (warehouse, item.decoded.message.received_at, item.decoded.message.id)
        for item in prepared
        for warehouse in item.decoded.warehouses
    ]
    if told:
        sheds.record(told, beside)


def record_parts(prepared: Sequence[Prepared]) -> None:
    """Keeps the parts that made no event, with their place and reason."""
    now = identity.epoch(timezone.now())
    rows = []
    for item in prepared:
        for part in item.decoded.parts:
            kind = "problem" if type(part).__name__ == "Problem" else "parked"
            rows.append((item.decoded.message.id, kind, part.position[:200], part.reason[:500], now))
    bulk.insert(
        MessagePart._meta.db_table,
        {"message_id": "int", "kind": "text", "position": "text", "reason": "text", "created_at": "time"},
        rows,
    )


def outcome(item: Prepared) -> Finished:
    """What becomes of a message: processed, ignored (nothing about cargo in it) or quarantined with its reason."""
    decoded = item.decoded
    problems = [part for part in decoded.parts if type(part).__name__ == "Problem"]
    if decoded.problem:
        return Finished(decoded.message, "quarantined", decoded.format, 0, decoded.problem)
    if problems and not item.lines and not decoded.warehouses:
        first = problems[0]
        reason = f"{first.position}: {first.reason}" if first.position else first.reason
        return Finished(decoded.message, "quarantined", decoded.format, 0, reason)
    if problems:
        reason = f"{len(problems)} of its parts could not be read"
        return Finished(decoded.message, "processed", decoded.format, len(item.lines), reason)
    if not item.lines and not decoded.warehouses:
        reason = decoded.parts[0].reason if decoded.parts else "it says nothing about cargo"
        return Finished(decoded.message, "ignored", decoded.format, 0, reason)
    return Finished(decoded.message, "processed", decoded.format, len(item.lines), "")
