"""What was known of an arrival before it happened, of a shipment that has arrived: errors of estimates are learned so.

A state keeps of the estimates of one arrival the first, and the best of each source. Those between are read from the
log (``cargo.models.arrival_estimates``) and come as entries, too: one that a later one replaced was known until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cargo.domain.derive import MODES as JOURNEY_OF
from cargo.domain.journey import belonging
from cargo.domain.roles import by_phase, effective
from cargo.domain.sea_distance import planned_arrival
from cargo.domain.state import ACTUAL, ESTIMATED, PLANNED, Entry
from cargo.domain.view import Plan, View

DAY = 86_400
# Whole days after the departure at which it is asked what was known.
LANDMARKS = (0, 1, 2, 4, 8, 16, 32)
MOST = 40


class ArrivalRow(NamedTuple):
    """What was known at ``asked_at``. Instants: whole seconds since 1970, UTC.

    ``planned_at``: the first planned schedule, else the first estimate, else departure and distance
    (``cargo.domain.sea_distance``). ``estimated_at``: the carrier's estimate that stood, ``None`` when none was told.
    """

    asked_at: int
    planned_at: int
    estimated_at: int | None
    arrived_at: int
    mode: str
    carrier: str
    port: str

    @property
    def key(self) -> tuple[int]:
        """What it is of its shipment."""
        return (self.asked_at,)


def estimates(view: View, entries: Sequence[Entry], told: Iterable[Entry], plan: Plan) -> list[ArrivalRow]:
    """By ``asked_at``; nothing while the arrival has not happened. Pure; the order of entries does not matter.

    ``told``: planned and estimated arrivals that were said at any time, whether or not they are among the entries. It
    is asked whenever one was reported and at the ``LANDMARKS``; of more than ``MOST`` reports some are left out evenly.
    """
    if view.arrived_at is None:
        return []
    expected = expectations(view, entries, told, plan)
    departed = _departed(view)
    mode = JOURNEY_OF.get(view.mode, view.mode)
    found = []
    for asked_at in _asked(expected, departed, view.arrived_at):
        planned_at, estimated_at = known_at(expected, asked_at)
        if planned_at is None and departed is not None and departed <= asked_at:
            likely = planned_arrival(view.port_of_loading, view.port_of_discharge, departed, mode)
            planned_at = likely[0] if likely else None
        if planned_at is not None:
            found.append(
                ArrivalRow(
                    asked_at, planned_at, estimated_at, view.arrived_at, mode[:8], view.carrier[:40],
                    view.port_of_discharge[:5],
                )
            )  # fmt: skip
    return found


def expectations(view: View, entries: Sequence[Entry], told: Iterable[Entry], plan: Plan) -> list[Entry]:
    """The planned and estimated arrivals at the port of discharge that belong to this journey, by report."""
    everything = {entry.id: entry for entry in (*entries, *told)}
    counted = belonging([everything[name] for name in sorted(everything)], plan)
    found = [
        entry
        for entry in counted
        if entry.milestone == "arrived"
        and entry.classifier != ACTUAL
        and entry.occurred is not None
        and entry.reported is not None
        and not entry.implausible
        and _means_arrival(view, entry, plan)
    ]
    return sorted(found, key=lambda entry: (entry.reported or 0, entry.id))


def known_at(expected: Sequence[Entry], asked_at: int) -> tuple[int | None, int | None]:
    """The plan and the estimate that stood at an instant: the first planned schedule (else the first estimate), and
    the estimate of the source that is believed most, its latest one.
    """
    said = [entry for entry in expected if entry.reported is not None and entry.reported <= asked_at]
    plans = [entry.occurred for entry in said if entry.classifier == PLANNED]
    told = [entry for entry in said if entry.classifier == ESTIMATED]
    first = plans[0] if plans else told[0].occurred if told else None
    best = max(told, key=lambda entry: (-entry.rank, entry.reported or 0, entry.id), default=None)
    return first, best.occurred if best else None


def _means_arrival(view: View, entry: Entry, plan: Plan) -> bool:
    """As ``derive`` reads it: a call at a transshipment port is no arrival of this cargo."""
    planned = bool(plan.port_of_loading and plan.port_of_discharge)
    phase = None if planned or entry.facts is None else entry.facts.get("phase")
    if phase is not None:
        return by_phase(entry, str(phase)) == "arrived"
    return effective(entry, view.port_of_loading, view.port_of_discharge, {}) == "arrived"


def _departed(view: View) -> int | None:
    """The last departure, as the stage counts it."""
    found = [row.occurred for row in view.actual("departed") if row.occurred is not None and not row.entry.implausible]
    return max(found, default=None)


def _asked(expected: Iterable[Entry], departed: int | None, arrived: int) -> list[int]:
    marks = set() if departed is None else {departed + days * DAY for days in LANDMARKS}
    marks = {at for at in marks if at < arrived}
    reports = sorted({entry.reported for entry in expected if entry.reported is not None} - marks)
    reports = [at for at in reports if at < arrived]
    room = MOST - len(marks)
    if len(reports) > room:
        reports = [reports[number * (len(reports) - 1) // (room - 1)] for number in range(room)]
    return sorted({*marks, *reports})
