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
from cargo.models.linking import aware
from notifications import kinds, schedule
from notifications.fanout.candidates import Candidate, Candidates
from notifications.fanout.news import Taken
from notifications.models import Delivery, EstimateTold

TOLD = EstimateTold._meta.db_table
UPDATES = TrackingUpdate._meta.db_table
DELIVERIES = Delivery._meta.db_table
REFERENCES = ShipmentReference._meta.db_table
STATUS = ShipmentStatus._meta.db_table
_UNSENT = "'pending', 'sending', 'gathered'"


class Arrivals:
    """The arrivals that a batch changed. ``known``: (channel, shipment) -> the arrival that the channel knows."""

    def __init__(self, current: Mapping[int, Taken]) -> None:
        self._current = current
        self._fresh: list[tuple[int, int, datetime]] = []
        self._waiting: set[tuple[int, int]] = set()
        self.known: dict[tuple[int, int], datetime] = {}

    def learn(self, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Reads what these (channel, shipment) know and what waits to be told; gives those that know nothing yet."""
        mine, channels = bulk.id_list({channel for channel, _ in pairs})
        about, shipments = bulk.id_list({shipment for _, shipment in pairs})
        rows = bulk.execute(
            f"SELECT channel_id, shipment_id, arrival_at FROM {TOLD} WHERE channel_id {mine} AND shipment_id {about}",
            [channels, shipments],
        )
        self.known = {(channel, shipment): aware(at) for channel, shipment, at in rows}
        self._waiting = self._waiting_for(mine, channels)
        return pairs - self.known.keys()

    def _waiting_for(self, mine: str, channels: object) -> set[tuple[int, int]]:
        """The (channel, shipment) that the arrival which counts now is owed to and not sent. By way of its updates:
        the deliveries of these channels may be many.
        """
        counting = [(shipment, identity.epoch(update.occurred_at)) for shipment, update in self._current.items()]
        if not counting:
            return set()
        source, parameters, (shipment, at) = bulk.rows_source({"shipment_id": "int", "at": "int"}, counting, 2)
        rows = bulk.execute(
            f"SELECT d.channel_id, u.shipment_id FROM {source} JOIN {UPDATES} u ON u.shipment_id = {shipment} "
            f"AND u.kind = 'estimate' AND {bulk.seconds_of('u.occurred_at')} = {at} "
            f"JOIN {DELIVERIES} d ON d.update_id = u.id WHERE d.channel_id {mine} AND d.notice = '{kinds.ETA}' "
            f"AND d.state IN ({_UNSENT})",
            [*parameters, channels],
        )
        return set(rows)

    def take_as_known(self, pairs: Iterable[tuple[int, int]], first: Mapping[int, datetime]) -> None:
        """These know the arrival of the shipment that is given."""
        for channel, shipment in sorted(pairs):
            self.known[channel, shipment] = first[shipment]
            self._fresh.append((channel, shipment, first[shipment]))

    def moved(self, update: Taken, row: Candidate) -> bool:
        """Whether this update is the arrival that counts now, and so far from what the channel knows that it is told.

        One that already waits to be told is not owed again.
        """
        if self._current.get(update.shipment_id) is not update or update.occurred_at is None:
            return False
        channel, shipment = row.channel.id, update.shipment_id
        if (channel, shipment) in self._waiting:
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
        right, shipments = bulk.id_list(self._current)
        for shipment, kind, number in bulk.execute(
            f"SELECT shipment_id, kind, value FROM {REFERENCES} WHERE shipment_id {right} AND NOT learned "
            f"ORDER BY kind, value",
            [shipments],
        ):
            found[shipment].append({"type": kind, "value": number})
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
    right, value = bulk.id_list(triggers)
    rows = bulk.execute(
        f"SELECT shipment_id, eta FROM {STATUS} WHERE shipment_id {right} AND arrived_at IS NULL AND eta IS NOT NULL",
        [value],
    )
    standing = {shipment: aware(eta) for shipment, eta in rows}
    current = {
        shipment: next(update for update in reversed(told) if update.occurred_at == standing.get(shipment))
        for shipment, told in triggers.items()
        if any(update.occurred_at == standing.get(shipment) for update in told)
    }
    expected = Arrivals(current)
    strangers = expected.learn(pairs)
    if strangers:
        new = {shipment: triggers[shipment] for _, shipment in strangers}
        expected.take_as_known(strangers, _first(new, current, standing))
    return expected


def _pairs(triggers: Mapping[int, Sequence[Taken]], found: Candidates) -> Iterable[tuple[int, int]]:
    for shipment, told in triggers.items():
        for organization, party_roles in told[0].organizations.items():
            for row in found.of(organization, shipment):
                if row.channel.kind == "webhook" or row.mode(kinds.ETA, party_roles) == kinds.OFF:
                    continue
                if not found.counts(row, shipment, kinds.ETA, party_roles, told[0].recorded_at):
                    continue
                if row.covers(shipment, kinds.ETA, party_roles):
                    yield row.channel.id, shipment


def _first(
    triggers: Mapping[int, Sequence[Taken]], current: Mapping[int, Taken], standing: Mapping[int, datetime]
) -> dict[int, datetime]:
    """What a channel without a row knows of each shipment: what was expected before, by the same source if it spoke.

    Without anything before, what is expected now: the first estimate is no change.
    """
    before: dict[int, list[tuple[int, datetime, Any]]] = defaultdict(list)
    right, value = bulk.id_list(triggers.keys() & current.keys())
    rows = bulk.execute(
        f"SELECT id, shipment_id, occurred_at, data FROM {UPDATES} WHERE shipment_id {right} AND kind = 'estimate' "
        f"AND key LIKE 'arrived|%%' AND occurred_at IS NOT NULL ORDER BY id",
        [value],
    )
    for pk, shipment, at, data in rows:
        if pk < current[shipment].id:
            before[shipment].append((pk, aware(at), msgspec.json.decode(data).get("source")))
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
