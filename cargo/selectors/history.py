"""What CLIS believed of a shipment at an earlier time, read off the log; by the rule of ``cargo.domain.hindsight``.

Not kept as history, and therefore as they are now: the plan that people gave, the numbers that they registered, whose
an ambiguous event is, the flags of warehouses, and every table that rules read. What had been received says what was
believed, whether or not the shipment was registered at that time; ``as_of.registered_at`` tells when it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils import timezone

from cargo.domain import hindsight, identity
from cargo.domain.derive import derive
from cargo.domain.event import Event, Reference
from cargo.domain.hindsight import Belief, Said
from cargo.domain.matching import MATCHED, NONE, STRONG, WEAK, Known, concerns
from cargo.domain.view import Plan
from cargo.models import Event as EventRow
from cargo.models import EventReference, InboundMessage, Party, Shipment, ShipmentEvent, ShipmentReference, Source, bulk
from cargo.models.grounds import load_grounds
from cargo.models.history import read_content
from cargo.models.journal import hexadecimal
from cargo.models.linking import aware
from cargo.models.projection import plans_of
from cargo.selectors import NotFound, documents
from cargo.selectors.shipments import version
from clis.accounts.scoping import Viewer

EVENTS = EventRow._meta.db_table
SETS = EventReference._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SOURCES = Source._meta.db_table
MESSAGES = InboundMessage._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
PARTIES = Party._meta.db_table
SHIPMENTS = Shipment._meta.db_table


class Row(NamedTuple):
    """One row of the log with its message; ``linked``: it concerns the shipment now. ``size``: of the whole message."""

    said: Said
    content: str
    linked: bool
    received_at: datetime
    recorded_at: datetime
    occurred_at: datetime | None
    source: int
    slug: str
    name: str
    position: str
    message: int
    digest: str | None
    form: str
    size: int

    @property
    def shown(self) -> documents.Row:
        """As the document's timeline reads it."""
        return (
            self.said.id,
            self.said.lineage,
            self.content,
            self.received_at,
            self.source,
            self.slug,
            self.name,
            self.occurred_at,
        )


@dataclass(frozen=True, slots=True)
class Log:
    """Everything that was ever said which may concern a shipment. ``version``: of its stored document.

    ``shipment``: its numbers as they are known now, and when it was registered.
    """

    version: int
    shipment: Known
    plan: Plan
    rows: list[Row]

    @property
    def said(self) -> list[Said]:
        """The rows as hindsight reads them."""
        return [row.said for row in self.rows]


def as_of(viewer: Viewer, shipment_id: int, at: datetime, by: str = hindsight.RECEIVED) -> dict[str, Any]:
    """The document as of a time (aware), built anew; five statements, one for goods in bonded storage, and two
    after a rule was changed.

    ``by``: of ``hindsight.BASES``. A time that has not passed gives what stands now; before the first event it is the
    empty state. ``as_of`` in it: ``{"at", "by", "registered_at", "events"}``, in UTC, the last being how many reports
    counted. Raises ``NotFound`` for a stranger's.
    """
    log = read(viewer, shipment_id)
    until = identity.epoch(at) if at < timezone.now() else None
    belief = hindsight.believed(log.said, log.shipment, until, by)
    document = document_of(log, belief)
    document["as_of"] = {
        "at": text_of(at),
        "by": by,
        "registered_at": text_of(identity.moment_of(log.shipment.registered)),
        "events": len(belief.concerning),
    }
    return document


def document_of(log: Log, belief: Belief) -> dict[str, Any]:
    """The document of what was believed; one statement for goods in bonded storage, else none."""
    entries = belief.entries
    rows = [row.shown for row in log.rows if row.said.id in belief.concerning]
    references = [
        Reference(kind, value)
        for side in (belief.known.own, belief.known.learned)
        for kind, values in side.items()
        for value in values
        if kind != "shipment_id"
    ]
    grounds = load_grounds(entries)
    view = derive(entries, log.plan)
    return documents.written(log.shipment.shipment, view, entries, rows, belief.stands, references, grounds)


def text_of(at: datetime) -> str:
    """ISO 8601 in UTC, to the second, with ``Z``."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def read(viewer: Viewer, shipment_id: int) -> Log:
    """The log of a shipment, oldest happening first; four statements. Raises ``NotFound`` for a stranger's."""
    current = version(viewer, shipment_id)
    plan = plans_of([shipment_id]).get(shipment_id)
    numbers = bulk.execute(
        f"SELECT s.organization_id, r.kind, r.value, r.learned FROM {SHIPMENTS} s "
        f"LEFT JOIN {REFERENCES} r ON r.shipment_id = s.id WHERE s.id = %s",
        [shipment_id],
    )
    if plan is None or not numbers:
        raise NotFound
    known = Known(shipment_id, numbers[0][0], plan.registered_at, {}, {})
    for _, kind, value, learned in numbers:
        if kind is not None:
            (known.learned if learned else known.own).setdefault(kind, set()).add(value)
    return Log(current, known, plan, [_row(row, known) for row in _rows(shipment_id)])


def _rows(shipment_id: int) -> list[tuple[Any, ...]]:
    """All versions of every report that names one of the shipment's numbers or was linked to it; one statement.

    Of a private source's rows only those that its organization's shipments may have (DECISIONS 3).
    """
    kinds = ", ".join(repr(kind) for kind in sorted(MATCHED))
    return bulk.execute(
        f"SELECT e.id, e.lineage, e.version, e.revision, e.retraction, {bulk.seconds_of('e.occurred_at')}, "
        f"{bulk.seconds_of('e.reported_at')}, {bulk.seconds_of('e.received_at')}, e.content, l.weak, e.received_at, "
        f"e.recorded_at, e.occurred_at, e.source_id, s.slug, s.name, s.rank, e.position, e.message_id, m.digest, "
        f"m.format, m.size "
        f"FROM {EVENTS} e JOIN {SOURCES} s ON s.id = e.source_id "
        f"LEFT JOIN {MESSAGES} m ON m.id = e.message_id "
        f"LEFT JOIN {LINKS} l ON l.event_id = e.id AND l.shipment_id = %s "
        f"WHERE e.lineage IN (SELECT c.lineage FROM {REFERENCES} r JOIN {SETS} q ON q.value = r.value "
        f"AND q.kind = r.kind JOIN {EVENTS} c ON c.reference_set = q.reference_set "
        f"WHERE r.shipment_id = %s AND r.kind IN ({kinds}) "
        f"UNION SELECT c.lineage FROM {LINKS} k JOIN {EVENTS} c ON c.id = k.event_id WHERE k.shipment_id = %s) "
        f"AND (l.weak IS NOT NULL OR s.organization_id IS NULL OR s.organization_id IN "
        f"(SELECT p.organization_id FROM {PARTIES} p WHERE p.shipment_id = %s)) "
        f"ORDER BY e.occurred_at NULLS FIRST, e.id",
        [shipment_id] * 4,
    )


def _row(row: tuple[Any, ...], known: Known) -> Row:
    pk, lineage, number, revision, retraction, occurred, reported, received, content, weak, *more = row
    received_at, recorded_at, occurred_at, source, slug, name, rank, position, message, digest, form, size = more
    event = read_content(content, bool(retraction))
    said = Said(
        id=hexadecimal(pk),
        lineage=hexadecimal(lineage),
        version=number,
        event=event,
        source=source,
        rank=rank,
        occurred=occurred,
        reported=reported,
        revision=revision,
        received=received,
        verdict=_decided(event, occurred, known, weak) if isinstance(event, Event) else None,
    )
    happened = aware(occurred_at) if occurred_at else None
    return Row(
        said,
        content,
        weak is not None,
        aware(received_at),
        aware(recorded_at),
        happened,
        source,
        slug,
        name,
        position,
        message,
        digest,
        form or "",
        size or 0,
    )


def _decided(event: Event, occurred: int | None, known: Known, weak: object) -> int | None:
    """Where an event belongs if its numbers alone do not say so; ``None``: they do.

    By its numbers it is one of the shipment's and yet is not linked: another shipment of the organization was meant,
    or it is not decided which. It is linked more firmly than its numbers can: a person said so.
    """
    verdict = concerns(event, occurred, known)
    if weak is None:
        return NONE if verdict != NONE else None
    return STRONG if not weak and verdict in (NONE, WEAK) else None
