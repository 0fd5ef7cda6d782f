"""When the expected arrival at the port of discharge is news: it moved far enough since the channel was told last.

A shipment's arrival is expected when its status says so: the best estimate, whichever of its sources speaks last. The
first one is what a channel is taken to know, in silence; so is the one before, where a channel hears of a shipment for
the first time. What a channel was told is written down when it was sent (``deliver``), so that of several changes that
wait only the last one is told, and from what the reader knew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from cargo.domain import identity
from cargo.domain.places import place as known_place
from cargo.models import ShipmentReference, ShipmentStatus, TrackingUpdate, bulk
from notifications import kinds, schedule
from notifications.fanout.candidates import Candidate, Candidates
from notifications.fanout.news import Taken
from notifications.models import Delivery, EstimateTold

TOLD = EstimateTold._meta.db_table
_UNSENT = (Delivery.State.PENDING, Delivery.State.SENDING, Delivery.State.GATHERED)


class Arrivals:
    """The arrivals that a batch changed. ``known``: (channel, shipment) -> the arrival that the channel knows."""

    def __init__(self, current: Mapping[int, Taken]) -> None:
        self._current = current
        self._fresh: list[tuple[int, int, datetime]] = []
        self._waiting: set[tuple[int, int, datetime | None]] = set()
        self.known: dict[tuple[int, int], datetime] = {}

    def learn(self, pairs: set[tuple[int, int]], first: Mapping[int, datetime]) -> None:
        """Reads what these (channel, shipment) know and what waits to be told; the others know ``first``."""
        channels, shipments = {channel for channel, _ in pairs}, {shipment for _, shipment in pairs}
        rows = EstimateTold.objects.filter(channel__in=channels, shipment__in=shipments)
        self.known = {row[:2]: row[2] for row in rows.values_list("channel_id", "shipment_id", "arrival_at")}
        for channel, shipment in sorted(pairs - self.known.keys()):
            self.known[channel, shipment] = first[shipment]
            self._fresh.append((channel, shipment, first[shipment]))
        self._waiting = set(
            Delivery.objects.filter(
                notice=kinds.ETA, state__in=_UNSENT, channel__in=channels, update__shipment__in=shipments
            ).values_list("channel_id", "update__shipment_id", "update__occurred_at")
        )

    def moved(self, update: Taken, row: Candidate) -> bool:
        """Whether this update is the arrival that counts now, and so far from what the channel knows that it is told.

        One that already waits to be told is not owed again.
        """
        if self._current.get(update.shipment_id) is not update or update.occurred_at is None:
            return False
        channel, shipment = row.channel.id, update.shipment_id
        if (channel, shipment, update.occurred_at) in self._waiting:
            return False
        return schedule.has_moved(self.known[channel, shipment], update.occurred_at, row.eta_hours)

    def words_for(self, update: Taken, channel: int) -> dict[str, Any]:
        """What an estimate's own data lacks: numbers, the place with its zone, from when to when."""
        assert update.occurred_at is not None
        code = str((update.data.get("place") or {}).get("code", ""))
        info = known_place(code, "unlocode") if len(code) == 5 else None
        data: dict[str, Any] = {
            "references": self._references.get(update.shipment_id, []),
            "was_arrival_at": self.known[channel, update.shipment_id].isoformat(),
            "occurred_at": update.occurred_at.isoformat(),
        }
        if info is not None:
            data |= {"place": {"code": code, "name": info.name}, "time_zone": info.zone}
        return data

    @cached_property
    def _references(self) -> dict[int, list[dict[str, str]]]:
        found: dict[int, list[dict[str, str]]] = defaultdict(list)
        rows = ShipmentReference.objects.filter(shipment__in=self._current, learned=False).order_by("kind", "value")
        for shipment, kind, value in rows.values_list("shipment_id", "kind", "value"):
            found[shipment].append({"type": kind, "value": value})
        return found

    def keep(self) -> None:
        """Writes down what channels know that nobody had written down; one statement."""
        bulk.insert(
            TOLD,
            {"channel_id": "int", "shipment_id": "int", "arrival_at": "time"},
            [(channel, shipment, identity.epoch(at)) for channel, shipment, at in self._fresh],
            conflict="ON CONFLICT DO NOTHING",
        )


def arrivals(updates: Sequence[Taken], found: Candidates) -> Arrivals:
    """The arrivals that these updates tell of, and what those who would be told know; four statements at most."""
    triggers: dict[int, list[Taken]] = defaultdict(list)
    for update in updates:
        if kinds.of_update(update.kind, update.data) == kinds.ETA and update.occurred_at is not None:
            triggers[update.shipment_id].append(update)
    pairs = set(_pairs(triggers, found))
    if not pairs:
        return Arrivals({})
    rows = ShipmentStatus.objects.filter(shipment__in=triggers).values_list("shipment_id", "eta", "arrived_at")
    standing = {shipment: eta for shipment, eta, arrived in rows if arrived is None}
    current = {
        shipment: next(update for update in reversed(told) if update.occurred_at == standing.get(shipment))
        for shipment, told in triggers.items()
        if any(update.occurred_at == standing.get(shipment) for update in told)
    }
    expected = Arrivals(current)
    expected.learn(pairs, _first(triggers, current, standing))
    return expected


def _pairs(triggers: Mapping[int, Sequence[Taken]], found: Candidates) -> Iterable[tuple[int, int]]:
    for shipment, told in triggers.items():
        for organization, party_roles in told[0].organizations.items():
            for row in found.of(organization, shipment):
                if row.channel.kind == "webhook" or row.mode(kinds.ETA, party_roles) == kinds.OFF:
                    continue
                if row.covers(shipment, kinds.ETA, party_roles):
                    yield row.channel.id, shipment


def _first(
    triggers: Mapping[int, Sequence[Taken]], current: Mapping[int, Taken], standing: Mapping[int, datetime | None]
) -> dict[int, datetime]:
    """What a channel without a row knows of each shipment: what was expected before, by the same source if it spoke.

    Without anything before, what is expected now: the first estimate is no change.
    """
    before: dict[int, list[tuple[int, datetime, Any]]] = defaultdict(list)
    rows = TrackingUpdate.objects.filter(
        shipment__in=current, kind="estimate", key__startswith="arrived|", occurred_at__isnull=False
    ).order_by("id")
    for pk, shipment, at, data in rows.values_list("id", "shipment_id", "occurred_at", "data"):
        if at is not None and pk < current[shipment].id:
            before[shipment].append((pk, at, msgspec.json.decode(data).get("source")))
    first: dict[int, datetime] = {}
    for shipment, told in triggers.items():
        update = current.get(shipment)
        if update is None:
            first[shipment] = standing.get(shipment) or told[-1].occurred_at  # type: ignore[assignment]
            continue
        source = update.data.get("source")
        same = [at for _, at, of in before[shipment] if of == source]
        others = [at for _, at, _ in before[shipment]]
        first[shipment] = [update.occurred_at or update.recorded_at, *others, *same][-1]
    return first
