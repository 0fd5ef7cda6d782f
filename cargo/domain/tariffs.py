"""Free time and what follows it, for each container: until it leaves the terminal, and until the empty is back.

What a terminal or a carrier states is taken with what the tariff tables say, and the earliest day counts and is named;
the others are kept beside it. A tariff is the operator's or one organization's own, which then stands in the place of
the operator's; of several the one that asks for most. Days are those of the place. What is charged are calendar days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import NamedTuple

from cargo.domain.customs.counting import day_of, end_of, first_from, last_second, notice, zone_for
from cargo.domain.deadline import DeadlineView, Money, Step, earliest
from cargo.domain.state import ACTUAL
from cargo.domain.view import ContainerView, Occurrence, View
from cargo.domain.working_days import is_working, working_days_after

CHARGES = ("demurrage", "storage", "detention")
DIRECTIONS = ("import", "export")
# Of each charge and direction: from which milestones it may count, and what ends it.
STARTS = {
    ("terminal", "import"): ("discharged", "available_for_pickup", "bonded_storage_in", "arrived"),
    ("terminal", "export"): ("gate_in",),
    ("detention", "import"): ("gate_out",),
    ("detention", "export"): ("empty_picked_up",),
}
_ENDS = {
    ("terminal", "import"): ("gate_out", "gate_out_before_release", "bonded_transport_departed"),
    ("terminal", "export"): ("loaded",),
    ("detention", "import"): ("empty_returned",),
    ("detention", "export"): ("gate_in",),
}
# The kinds of deadlines; sources also call the second one so.
FREE_TIME = {"last_free_day": "last_free_day", "detention": "detention", "empty_return": "detention"}
_ACTIONS = {"last_free_day": "collect", "detention": "return_empty"}
_LOCODE = 5


class Tier(NamedTuple):
    """From which day after the free time (the first is 1), and how much for each day."""

    from_day: int
    amount: Decimal


class Tariff(NamedTuple):
    """One row of a tariff table.

    ``organization``: whose own it is, ``None``: the operator's. Empty conditions hold for all: ``carrier`` by its code,
    ``place`` a port's UN/LOCODE or a terminal's code, ``equipment`` patterns of ISO 6346 size and type codes
    (``22G?``, ``4``). ``working_days``: only those count as free. ``first_day_counts``: the day from which it counts is
    the first free one, else the day after. Dates are the first and last day on which a period under it begins.
    """

    code: str
    charge: str
    starts: str
    free_days: int
    tiers: tuple[Tier, ...] = ()
    currency: str = ""
    direction: str = "import"
    carrier: str = ""
    place: str = ""
    equipment: tuple[str, ...] = ()
    working_days: bool = False
    first_day_counts: bool = False
    organization: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def side(self) -> tuple[str, str]:
        """Terminal or detention, and the direction."""
        return ("detention" if self.charge == "detention" else "terminal", self.direction)

    @property
    def kind(self) -> str:
        """Of the deadline that it makes."""
        return "detention" if self.charge == "detention" else "last_free_day"

    def last_day(self, first: date, country: str) -> date:
        """The last free day of a period that begins on that day."""
        days = self.free_days
        if self.first_day_counts and (not self.working_days or is_working(first, country)):
            days -= 1
        if days < 0:
            return first - timedelta(days=1)
        if self.working_days:
            return working_days_after(first, days, country)
        return first + timedelta(days=days)


class Tariffs:
    """Tariff tables by whose they are and by carrier. Immutable."""

    def __init__(self, tariffs: Iterable[Tariff] = ()) -> None:
        self._tables: dict[tuple[int | None, str], list[Tariff]] = {}
        for tariff in sorted(tariffs, key=lambda tariff: tariff.code):
            self._tables.setdefault((tariff.organization, tariff.carrier.casefold()), []).append(tariff)

    def of(self, organization: int, carrier: str) -> list[Tariff]:
        """What may apply to a shipment that an organization registered: its own and the operator's, nobody else's."""
        carriers = {"", carrier.casefold()}
        return [
            row for owner in (None, organization) for name in carriers for row in self._tables.get((owner, name), ())
        ]


NO_TARIFFS = Tariffs()


def read_tiers(text: str) -> tuple[Tier, ...]:
    """``1:30000 6:50000``: from which day after the free time, and how much a day; ``ValueError`` for anything else."""
    tiers = []
    for part in text.split():
        day, colon, amount = part.partition(":")
        try:
            tier = Tier(int(day), Decimal(amount))
        except InvalidOperation:
            raise ValueError(part) from None
        if not colon or not tier.amount.is_finite() or tier.amount < 0:
            raise ValueError(part)
        tiers.append(tier)
    days = [tier.from_day for tier in tiers]
    if tiers and (days[0] != 1 or days != sorted(set(days))):
        raise ValueError(text)
    return tuple(tiers)


def free_time(view: View, tariffs: Tariffs) -> list[DeadlineView]:
    """The last free day and the day to return the empty, of each container for which anybody says or sets one.

    Of a box that a less-than-container load shares nothing is due but what a source states.
    """
    stated, own = _stated(view), tariffs.of(view.organization, view.carrier)
    if not own and not stated:
        return []
    found = []
    containers = view.containers or [ContainerView("")]
    for container in containers:
        for kind in ("last_free_day", "detention"):
            said = [_by_source(view, container, kind, occurrence) for occurrence in _of(stated, kind, container.number)]
            if container.number and view.load != "lcl":
                said += _by_tables(view, container, kind, own)
            if said:
                found.append(_with_money(earliest(said), said))
    return found


_Stated = dict[tuple[str, str, int], Occurrence]


def _stated(view: View) -> _Stated:
    """The latest word of each source on each box ("" is the whole bill) and kind."""
    latest: _Stated = {}
    for occurrence in view.occurrences:
        entry = occurrence.entry
        if not entry.deadline_kind or not entry.deadline:
            continue
        kind = FREE_TIME.get(entry.deadline_kind)
        if kind is None:
            continue
        box = occurrence.subject or str((entry.facts or {}).get("box", ""))
        known = latest.get((kind, box, entry.source))
        if known is None or _said(occurrence) > _said(known):
            latest[kind, box, entry.source] = occurrence
    return latest


def _of(stated: _Stated, kind: str, container: str) -> list[Occurrence]:
    """What is said of a box: by each source on the box itself, else on the whole bill."""
    by_source: dict[int, Occurrence] = {}
    for (of_kind, box, source), occurrence in stated.items():
        if of_kind == kind and (box == container or (not box and source not in by_source)):
            by_source[source] = occurrence
    return [by_source[source] for source in sorted(by_source)]


def _by_source(view: View, container: ContainerView, kind: str, occurrence: Occurrence) -> DeadlineView:
    entry = occurrence.entry
    zone = zone_for(entry.authority, entry.place, view)
    return DeadlineView(
        kind=kind,
        due_at=last_second(entry.deadline, zone),
        basis=f"{kind}_stated",
        met_at=_ended(view, container.number, ("detention" if kind == "detention" else "terminal", "import"), None),
        source="",
        text=notice(entry),
        authority=entry.authority,
        responsible="importer",
        next_action=_ACTIONS[kind],
        container=container.number,
        stated_by=entry.source,
        zone=zone,
    )


def _by_tables(view: View, container: ContainerView, kind: str, tariffs: list[Tariff]) -> list[DeadlineView]:
    """Of each charge and direction by the tariff that fits best."""
    best: dict[tuple[str, str], tuple[tuple[int, ...], Tariff, Occurrence]] = {}
    for tariff in tariffs:
        if tariff.kind != kind or not _fits(tariff, container):
            continue
        start = _start(view, container.number, tariff)
        if start is None or not _holds(tariff, view, start):
            continue
        known = best.get((tariff.charge, tariff.direction))
        demands = _demands(tariff)
        if known is None or (demands, tariff.code) > (known[0], known[1].code):
            best[tariff.charge, tariff.direction] = (demands, tariff, start)
    return [_by_tariff(view, container, tariff, start) for _, tariff, start in best.values()]


def _fits(tariff: Tariff, container: ContainerView) -> bool:
    code = container.iso_code
    return not tariff.equipment or any(code and fnmatchcase(code, f"{shape}*") for shape in tariff.equipment)


def _holds(tariff: Tariff, view: View, start: Occurrence) -> bool:
    port = view.port_of_discharge if tariff.direction == "import" else view.port_of_loading
    if tariff.place and tariff.place not in (start.entry.place, port):
        return False
    day = day_of(start.occurred or 0, zone_for("", start.entry.place or port, view))
    return (tariff.valid_from is None or tariff.valid_from <= day) and (
        tariff.valid_to is None or day <= tariff.valid_to
    )


def _demands(tariff: Tariff) -> tuple[int, ...]:
    """The more, the better it fits: one's own, a terminal's before a port's, a carrier's, of that equipment."""
    place = 2 if tariff.place and len(tariff.place) != _LOCODE else int(bool(tariff.place))
    own = int(tariff.organization is not None)
    return (own, place, int(bool(tariff.carrier)), max(map(len, tariff.equipment), default=0))


def _start(view: View, container: str, tariff: Tariff) -> Occurrence | None:
    """The first time that it happened to the box, or to the whole bill."""
    found = [
        occurrence
        for occurrence in view.actual(tariff.starts)
        if occurrence.occurred is not None and occurrence.subject in (container, "")
    ]
    own = [occurrence for occurrence in found if occurrence.subject]
    return min(own or found, key=lambda occurrence: (occurrence.occurred or 0, occurrence.entry.id), default=None)


def _ended(view: View, container: str, side: tuple[str, str], begins: int | None) -> int | None:
    """When the box left, or was back; where only the whole bill is told of, when the whole had gone."""
    ends = _ENDS[side]
    instants = sorted(
        occurrence.occurred
        for occurrence in view.occurrences
        if occurrence.milestone in ends
        and occurrence.entry.classifier == ACTUAL
        and occurrence.occurred is not None
        and (occurrence.subject == container or (not occurrence.subject and occurrence.milestone != "gate_out"))
    )
    if "gate_out" in ends and view.gated_out_at is not None:
        instants = sorted([*instants, view.gated_out_at])
    return first_from(instants, begins or 0)


def _by_tariff(view: View, container: ContainerView, tariff: Tariff, start: Occurrence) -> DeadlineView:
    begins = start.occurred or 0
    port = view.port_of_discharge if tariff.direction == "import" else view.port_of_loading
    place = start.entry.place or port
    zone = zone_for("", place, view)
    country = next((code[:2] for code in (place, port) if len(code) == _LOCODE and code.isalpha()), "")
    last = tariff.last_day(day_of(begins, zone), country)
    steps = tuple(
        Step(end_of(last + timedelta(days=tier.from_day - 1), zone) + 1, per_day=tier.amount) for tier in tariff.tiers
    )
    return DeadlineView(
        kind=tariff.kind,
        due_at=end_of(last, zone),
        basis="free_time_by_tariff",
        met_at=_ended(view, container.number, tariff.side, begins),
        source="",
        responsible="exporter" if tariff.direction == "export" else "importer",
        next_action=_action(tariff),
        container=container.number,
        rule=tariff.code,
        money=Money(tariff.charge, tariff.currency, "container", steps) if steps else None,
        zone=zone,
    )


def _action(tariff: Tariff) -> str:
    if tariff.direction == "export":
        return "load_cargo" if tariff.kind == "last_free_day" else "deliver_to_terminal"
    return _ACTIONS[tariff.kind]


def _with_money(first: DeadlineView, said: list[DeadlineView]) -> DeadlineView:
    """A day that a source states costs what the tariff says, from the day after it."""
    if first.money is not None:
        return first
    priced = next((deadline for deadline in said if deadline.money is not None), None)
    if priced is not None and priced.money is not None:
        moved = first.due_at - priced.due_at
        steps = tuple(step._replace(begins=step.begins + moved) for step in priced.money.steps)
        first.money, first.rule = priced.money._replace(steps=steps), priced.rule
    return first


def _said(occurrence: Occurrence) -> tuple[int, str]:
    entry = occurrence.entry
    return (entry.reported or entry.occurred or 0, entry.id)
