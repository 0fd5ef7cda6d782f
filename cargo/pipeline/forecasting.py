"""Stages under way -> Forecast rows: when each of them, each to come, release, gate-out and arrival will end.

A turn is due because a stage or the expected arrival changed (inspection marks it) or because a day has passed. Turns
are taken under a lease; the answers are worked out without any lock. What changed meanwhile is not written but told
anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from cargo.domain import identity
from cargo.domain.arrival_estimates import expectations, known_at
from cargo.domain.derive import derive
from cargo.domain.forecast.cargo import ARRIVAL, Awaited, is_under_way
from cargo.domain.sea_distance import planned_arrival
from cargo.domain.state import unpack
from cargo.domain.view import Plan
from cargo.models import forecasts, projection
from cargo.models.forecasts import Known, Made, Taken

if TYPE_CHECKING:
    from cargo.domain.forecast.learned import Learned

# A batch: about ten thousand rows.
SIZE = 2_000
# What nothing else makes due is told anew after a day.
AGAIN = 86_400
# Of a cargo that is not on its way nothing is expected.
_NOT_COMING = ("cancelled",)


def take_due(limit: int = SIZE) -> Taken:
    """Takes the shipments whose forecast is due, under a lease; one statement."""
    return forecasts.take(timezone.now(), limit)


def forecast_due(taken: Taken, learned: Learned, shipments: Sequence[int]) -> None:
    """Forecasts these of the shipments taken, and says when the next turn is.

    Seven statements at most, in the caller's transaction. Where too little history is known there are no rows.
    """
    from cargo.domain.forecast.under_way import forecast

    now = identity.epoch(timezone.now()) or 0
    known = forecasts.cargo_of(shipments)
    awaited = _awaited([shipment for shipment, row in known.items() if not row.has_arrived], known, now)
    cargoes = [row.cargo._replace(awaited=awaited.get(shipment)) for shipment, row in known.items()]
    made = {}
    for shipment, cargo, told in zip(known, cargoes, forecast(cargoes, learned, now), strict=True):
        made[shipment] = Made(cargo, told, now + AGAIN if is_under_way(cargo, now) else None)
    forecasts.write(taken, made, now)


def _awaited(shipments: Collection[int], known: dict[int, Known], now: int) -> dict[int, Awaited]:
    """What is known of the arrivals to come, from the states."""
    if not shipments:
        return {}
    plans, states = projection.plans_of(shipments), projection.states_of(shipments)
    found = {}
    for shipment in shipments:
        entries, plan = unpack(states.get(shipment, b"")), plans.get(shipment, Plan())
        view = derive(entries, plan)
        if view.arrived_at is not None or view.status in _NOT_COMING:
            continue
        planned_at, estimated_at = known_at(expectations(view, entries, (), plan), now)
        if planned_at is not None:
            found[shipment] = Awaited(planned_at, estimated_at)
        elif (likely := _by_distance(known[shipment])) is not None:
            found[shipment] = likely
    return found


def _by_distance(known: Known) -> Awaited | None:
    cargo = known.cargo
    for row in cargo.stages:
        if row.stage == ARRIVAL and row.ended_at is None:
            likely = planned_arrival(known.origin, cargo.port, row.started_at, cargo.mode)
            return Awaited(likely[0], None, likely[1]) if likely is not None else None
    return None
