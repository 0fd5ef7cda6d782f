"""What deadlines rest on: rules, warehouses and tariffs as they hold now; how staff change them, and for whom.

The packaged rules with staff's changes, and all tariffs, are kept in the process. Every batch asks which change was the
last (one statement) and reads them again (two) only if there was one since, so that nobody works by old rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import models, transaction
from django.utils import timezone

from cargo.domain import deadline_rules, identity
from cargo.domain.customs.deadlines import Grounds, sheds_of
from cargo.domain.deadline_rules import BY_RULE, Rule, RuleBook, read_rates
from cargo.domain.finding import FINISHED
from cargo.domain.state import Entry
from cargo.domain.tariffs import Tariff as TariffRow
from cargo.domain.tariffs import Tariffs, read_tiers
from cargo.models import bulk, findings, projection, sheds
from cargo.models.deadline_rule import DeadlineRule, RuleChange
from cargo.models.event import Event, ShipmentEvent
from cargo.models.shipment import Shipment
from cargo.models.tariff import Tariff

EVENTS = Event._meta.db_table
LINKS = ShipmentEvent._meta.db_table
SHIPMENTS = Shipment._meta.db_table
CHANGES = RuleChange._meta.db_table
# Shipments marked in one transaction.
PORTION = 500
# An empty container may still be on its way back when the goods have long been delivered.
_ENDED = ("completed", "cancelled")


class _Known(NamedTuple):
    """Rules and tariffs, and the edition of the change after which they were read; empty: nobody changed any."""

    edition: str
    rules: RuleBook
    tariffs: Tariffs


_known = _Known("", deadline_rules.PACKAGED, Tariffs())


def load_grounds(entries: Iterable[Entry]) -> Grounds:
    """What the deadlines of these entries' shipments rest on: two statements, four after a change."""
    known = _current()
    return Grounds(sheds.flags_of(sheds_of(entries)), known.rules, known.tariffs)


def _current() -> _Known:
    global _known
    rows = bulk.execute(f"SELECT edition FROM {CHANGES} ORDER BY id DESC LIMIT 1")
    edition = str(rows[0][0]) if rows else ""
    if edition != _known.edition:
        _known = _read(edition) if edition else _Known("", deadline_rules.PACKAGED, Tariffs())
    return _known


def _read(edition: str) -> _Known:
    rules = list(DeadlineRule.objects.all())
    book = deadline_rules.PACKAGED.with_changes(
        [rule_of(row) for row in rules if row.active], {row.code for row in rules if not row.active}
    )
    return _Known(edition, book, Tariffs(map(tariff_of, Tariff.objects.filter(active=True))))


def rule_of(row: DeadlineRule) -> Rule:
    """The rule that a row makes. Where it is as long as the packaged one it keeps that one's words for why."""
    packaged = deadline_rules.PACKAGED.named(row.code)
    length = (row.days, row.months, row.working_days)
    as_long = packaged is not None and length == (packaged.days, packaged.months, packaged.working_days)
    return Rule(
        code=row.code,
        authority=row.authority,
        kind=row.kind,
        basis=packaged.basis if packaged is not None and as_long else BY_RULE,
        starts=tuple(row.starts.split()),
        meets=tuple(row.meets.split()),
        days=row.days,
        months=row.months,
        working_days=row.working_days,
        starts_at=row.starts_at,
        mode=row.mode,
        load=row.load,
        offices=tuple(row.offices.split()),
        listing=row.listing,
        moves_off=row.moves_off,
        alerts=row.alerts,
        responsible=row.responsible,
        next_action=row.next_action,
        money=row.money,
        currency=row.currency,
        rates=read_rates(row.steps),
        maximum=None if row.maximum is None else Decimal(row.maximum),
        money_basis=row.money_basis,
        law=row.law,
        certainty=row.certainty,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        note=row.note,
    )


def tariff_of(row: Tariff) -> TariffRow:
    """The tariff that a row makes."""
    return TariffRow(
        code=row.code,
        charge=row.charge,
        starts=row.starts,
        free_days=row.free_days,
        tiers=read_tiers(row.tiers),
        currency=row.currency,
        direction=row.direction,
        carrier=row.carrier,
        place=row.place,
        equipment=tuple(row.equipment.split()),
        working_days=row.working_days,
        first_day_counts=row.first_day_counts,
        organization=row.organization_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def keep(rows: Sequence[DeadlineRule | Tariff]) -> None:
    """Saves what staff said; it holds for the next inspection, and open shipments that it concerns are looked at."""
    _change(rows, lambda row: row.save())


def drop(rows: Sequence[DeadlineRule | Tariff]) -> None:
    """Takes it back: the packaged rule, or none, holds again."""
    _change(rows, lambda row: row.delete())


def _change(rows: Sequence[DeadlineRule | Tariff], act: Callable[[DeadlineRule | Tariff], object]) -> None:
    """What it was before concerns shipments as well as what it is now."""
    with transaction.atomic():
        if bulk.is_postgres():
            # One at a time, so that the order of the ids is that in which changes become visible.
            bulk.execute(f"LOCK TABLE {CHANGES} IN SHARE ROW EXCLUSIVE MODE")
        rules = [row for row in rows if isinstance(row, DeadlineRule)]
        tariffs = [row for row in rows if isinstance(row, Tariff)]
        starts = _starts(rules)
        owners = {row.organization_id for row in tariffs} | set(_values(Tariff, tariffs, "organization_id"))
        for row in rows:
            act(row)
        if rules:
            RuleChange.objects.create(milestones=" ".join(sorted(starts)))
        if None in owners:
            RuleChange.objects.create()
        elif owners:
            RuleChange.objects.bulk_create(RuleChange(organization_id=owner) for owner in sorted(owners, key=str))


def _starts(rules: Sequence[DeadlineRule]) -> set[str]:
    texts = [row.starts for row in rules] + _values(DeadlineRule, rules, "starts")
    packaged = [deadline_rules.PACKAGED.named(row.code) for row in rules]
    found = {milestone for text in texts for milestone in text.split()}
    return found | {milestone for rule in packaged if rule is not None for milestone in rule.starts}


def _values(model: type[models.Model], rows: Sequence[models.Model], name: str) -> list[str]:
    """What the table has now of rows that may be changed."""
    known = [row.pk for row in rows if row.pk]
    return list(model._base_manager.filter(pk__in=known).values_list(name, flat=True)) if known else []


def apply_changes() -> int | None:
    """Marks the next portion of the open shipments that the oldest change concerns; six statements at most.

    They get a new version, so that their documents are built again, and are inspected. Gives how many were marked;
    ``None`` if nothing is owed or somebody else is at it.
    """
    with transaction.atomic():
        owed = RuleChange.objects.filter(done_at=None).order_by("id")
        change = (owed.select_for_update(skip_locked=True) if bulk.is_postgres() else owed).first()
        if change is None:
            return None
        marked = _concerned(change)
        if marked:
            projection.lock(marked)
            now = identity.epoch(timezone.now())
            rows = [(shipment, now) for shipment in marked]
            also = "version = version + 1"
            bulk.update(projection.STATUS, {"shipment_id": "int"}, {"changed_at": "time"}, rows, also=also)
            findings.mark_again(marked)
            change.reached = marked[-1]
        if len(marked) < PORTION:
            change.done_at = timezone.now()
        change.save(update_fields=["reached", "done_at"])
        return len(marked)


def _concerned(change: RuleChange) -> list[int]:
    """The next open shipments, by id: with one of the milestones, or registered by the organization, or all."""
    conditions = ["s.shipment_id > %s"]
    parameters: list[object] = [change.reached]
    # Rules end with the delivery, free time with the empty container's return.
    ended = FINISHED if change.milestones else _ENDED
    conditions.append(f"s.status NOT IN ({', '.join(['%s'] * len(ended))})")
    parameters += sorted(ended)
    if change.organization_id is not None:
        conditions.append(f"EXISTS (SELECT 1 FROM {SHIPMENTS} p WHERE p.id = s.shipment_id AND p.organization_id = %s)")
        parameters.append(change.organization_id)
    if change.milestones:
        milestones = change.milestones.split()
        conditions.append(
            f"EXISTS (SELECT 1 FROM {LINKS} l JOIN {EVENTS} e ON e.id = l.event_id WHERE l.shipment_id = s.shipment_id "
            f"AND e.milestone IN ({', '.join(['%s'] * len(milestones))}))"
        )
        parameters += milestones
    rows = bulk.execute(
        f"SELECT s.shipment_id FROM {projection.STATUS} s WHERE {' AND '.join(conditions)} "
        f"ORDER BY s.shipment_id LIMIT {PORTION}",
        parameters,
    )
    return [row[0] for row in rows]
