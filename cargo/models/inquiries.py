"""What an intake should ask about: the numbers of live cargo, and the inquiries brought in line with them.

A constant number of statements, however much cargo there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.utils import timezone

from cargo.domain import identity
from cargo.models import bulk
from cargo.models.intake import Inquiry, Intake
from cargo.models.shipment import Party, Shipment, ShipmentReference, TrackingRequest
from cargo.models.status import ShipmentStatus

INQUIRIES = Inquiry._meta.db_table
_encode = msgspec.json.Encoder(order="deterministic").encode
_SUBJECT_LENGTH = 120


class Cargo(NamedTuple):
    """One live shipment: what it is, who carries it as far as somebody said, and its numbers by type, each sorted.

    ``numbers`` are those that people gave; ``all_numbers`` have those beside them that messages named. Who asks by what
    people gave, as long as that will do, does not ask anew whenever something is learned.
    """

    shipment: int
    mode: str
    load: str
    port_of_loading: str
    port_of_discharge: str
    carriers: frozenset[str]
    numbers: dict[str, tuple[str, ...]]
    all_numbers: dict[str, tuple[str, ...]]


class Wanted(NamedTuple):
    """One thing to ask about. ``request``: its parts by name; ``refused``: why it cannot be asked."""

    request: Mapping[str, Any]
    shipment: int
    refused: str = ""


class Settled(NamedTuple):
    """How many inquiries were opened (for the first time or again) and closed."""

    opened: int
    closed: int


def live_cargo(
    intake: Intake, kinds: Iterable[str], finished: Mapping[str, timedelta], give_up: timedelta
) -> list[Cargo]:
    """The shipments to ask about, oldest first, with their numbers of these types; one statement.

    ``finished``: by status how long after its last event a shipment is left alone; ``give_up``: after how long without
    any event. A private source asks only about what its organization is party to.
    """
    now = timezone.now()
    last = "coalesce(t.last_event_at, s.created_at)"
    over = " OR ".join(f"(t.status = %s AND {last} < %s)" for _ in finished) or "false"
    parameters: list[Any] = []
    for status, grace in finished.items():
        parameters += [status, bulk.moment(now - grace)]
    latest = "greatest" if bulk.is_postgres() else "max"
    quiet = f"{latest}({last}, s.created_at) < %s"
    parameters.append(bulk.moment(now - give_up))
    names = sorted(kinds)
    parameters += names
    private = ""
    if intake.source.organization_id is not None:
        private = (
            f"AND EXISTS (SELECT 1 FROM {Party._meta.db_table} p WHERE p.shipment_id = s.id AND p.organization_id = %s)"
        )
        parameters.append(intake.source.organization_id)
    joined, character, flag = (
        ("string_agg", "chr", "int") if bulk.is_postgres() else ("group_concat", "char", "integer")
    )
    unit = f"{character}(31)"
    rows = bulk.execute(
        f"SELECT s.id, coalesce(nullif(t.mode, ''), s.mode), s.load, "
        f"coalesce(nullif(t.port_of_loading, ''), s.port_of_loading), "
        f"coalesce(nullif(t.port_of_discharge, ''), s.port_of_discharge), t.carrier, "
        f"(SELECT {joined}(q.carrier, ' ') FROM {TrackingRequest._meta.db_table} q WHERE q.shipment_id = s.id), "
        f"{joined}(r.kind || {unit} || CAST(r.learned AS {flag}) || {unit} || r.value, {character}(30)) "
        f"FROM {Shipment._meta.db_table} s JOIN {ShipmentStatus._meta.db_table} t ON t.shipment_id = s.id "
        f"JOIN {ShipmentReference._meta.db_table} r ON r.shipment_id = s.id "
        f"WHERE NOT ({over}) AND NOT ({quiet}) AND r.kind IN ({', '.join(['%s'] * len(names))}) {private} "
        f"GROUP BY s.id, t.shipment_id ORDER BY s.id",
        parameters,
    )
    return [
        Cargo(pk, mode, load, loading, discharge, _carriers(carrier, asked), *_numbers(numbers))
        for pk, mode, load, loading, discharge, carrier, asked, numbers in rows
    ]


def _carriers(known: str, asked: str | None) -> frozenset[str]:
    return frozenset(code for code in (known, *(asked or "").split()) if code)


def _numbers(text: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Those that people gave, and all."""
    own: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for item in text.split("\x1e"):
        kind, learned, value = item.split("\x1f", 2)
        found.setdefault(kind, set()).add(value)
        if learned == "0":
            own.setdefault(kind, set()).add(value)
    return _sorted(own), _sorted(found)


def _sorted(numbers: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(sorted(values)) for kind, values in numbers.items()}


def settle(intake: Intake, wanted: Mapping[str, Wanted], *, beside: tuple[str, ...] = ()) -> Settled:
    """Opens what is wanted (by subject) and not asked about, and closes what is not wanted anymore; three statements.

    What the other side refused stays refused while it is wanted. ``beside``: subjects that begin so are the way's own
    affair.
    """
    wanted = {subject[:_SUBJECT_LENGTH]: item for subject, item in wanted.items()}
    rows = Inquiry.objects.filter(intake=intake).exclude(state=Inquiry.State.DONE).values_list("subject", "pk")
    have = {subject: pk for subject, pk in rows if not (beside and subject.startswith(beside))}
    opened = _open(intake, {subject: item for subject, item in wanted.items() if subject not in have})
    over = [pk for subject, pk in have.items() if subject not in wanted]
    if over:
        right, value = bulk.id_list(over)
        bulk.execute(f"UPDATE {INQUIRIES} SET state = %s WHERE id {right}", [Inquiry.State.DONE.value, value])
    return Settled(opened, len(over))


def _open(intake: Intake, wanted: Mapping[str, Wanted]) -> int:
    now = identity.epoch(timezone.now())
    rows = [
        (
            intake.pk,
            subject,
            _encode(item.request).decode(),
            item.shipment or None,
            (Inquiry.State.REFUSED if item.refused else Inquiry.State.ACTIVE).value,
            now,
            "",
            "",
            0,
            item.refused[:500],
        )
        for subject, item in sorted(wanted.items())
    ]
    columns = {
        "intake_id": "int",
        "subject": "text",
        "request": "json",
        "shipment_id": "int",
        "state": "text",
        "next_at": "time",
        "cursor": "text",
        "digest": "text",
        "failures": "int",
        "reason": "text",
    }
    again = ", ".join(
        f"{name} = excluded.{name}" for name in ("request", "shipment_id", "state", "next_at", "failures", "reason")
    )
    conflict = (
        f"ON CONFLICT (intake_id, subject) DO UPDATE SET {again} WHERE {INQUIRIES}.state = '{Inquiry.State.DONE.value}'"
    )
    return len(list(bulk.insert(INQUIRIES, columns, rows, conflict=conflict, returning="id")))


def open_one(intake: Intake, subject: str, request: Mapping[str, Any], shipment: int | None, at: datetime) -> None:
    """Adds one inquiry that the way itself found out about; one that is there is left as it is."""
    Inquiry.objects.get_or_create(
        intake=intake,
        subject=subject[:_SUBJECT_LENGTH],
        defaults={"request": dict(request), "shipment_id": shipment, "next_at": at},
    )
