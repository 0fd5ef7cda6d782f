"""Releases that customs takes back while their notices are on the way: who was not told yet is not told any more.

A notice is asked about right before it goes out, and again if it had to wait since (``notifications.deliver``). So it
may cross with the retraction for as long as that answer counts as fresh, and never later; who was told hears that the
release was taken back.
"""

from __future__ import annotations

import random
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from unittest import mock

from django.db import close_old_connections

from cargo import booking, tasks
from cargo.models import Source
from cargo.pipeline.receive import receive_many
from notifications import kinds
from notifications.models import Delivery
from notifications.render import reference_of
from tests.faults.notices import Notices, kick, readers
from tests.notifications import telling_world

# Cargoes of one organization: with more of them its mails were a storm, and would wait for a digest.
OF_ONE = 8
RELEASED_TOGETHER, REVOKED_TOGETHER = 200, 10
# What was asked so long ago is asked again, and a second for the way.
CROSSING_SECONDS = 2.0 + 1.0


@dataclass
class Crossed:
    """Notices of releases: ``told`` before the release was taken back, ``crossed`` with that, ``late`` after it,
    ``not_told``; ``latest`` in seconds after it. ``not_amended``: told, and nobody said that it is no longer so."""

    name: str
    releases: int = 0
    notices: int = 0
    seconds: float = 0.0
    told: int = 0
    crossed: int = 0
    late: int = 0
    not_told: int = 0
    latest: float = 0.0
    lost: int = 0
    not_amended: int = 0

    @property
    def clean(self) -> bool:
        """Nobody was told of a release that was known to be taken back, and whoever was told earlier knows by now."""
        return not (self.late or self.lost or self.not_amended)

    def row(self) -> dict[str, Any]:
        """For the table and the JSON."""
        return {**asdict(self), "clean": self.clean}


@dataclass
class Retracted(Notices):
    """``messages`` releases in portions, each portion's retractions following its releases after a random while."""

    known_at: dict[int, float] = field(default_factory=dict)

    def _tell(self) -> None:
        chance = random.Random(self.seed)
        customs = Source.objects.create(slug="faults-customs", name="Customs", kind="customs", rank=10)
        firms = readers(self.sinks["webhook"].port, -(-self.messages // OF_ONE))
        cargoes = list(range(self.messages))
        shipments = {}
        for number in cargoes:
            shipments[number] = booking.register(
                firms[number // OF_ONE].pk, [("house_bill", telling_world.house(number))]
            ).pk
        tasks.drain_projections()
        time.sleep(1.1)  # what comes in the second of a registration is history
        for length in (1, 2):
            _receive(customs, cargoes, length)
        self._start()
        for start in range(0, self.messages, RELEASED_TOGETHER):
            portion = cargoes[start : start + RELEASED_TOGETHER]
            _receive(customs, portion, 3)
            self._until_it_sends(chance.choice(list(self.sinks)), chance.randint(1, 10))
            chance.shuffle(portion)
            for first in range(0, len(portion), REVOKED_TOGETHER):
                time.sleep(chance.uniform(0.0, 0.1))
                revoked = portion[first : first + REVOKED_TOGETHER]
                _receive(customs, revoked, 4)
                self.known_at |= dict.fromkeys((shipments[number] for number in revoked), time.time())
            kick()

    def _reconcile(self) -> Crossed:  # type: ignore[override]  # other things are counted
        close_old_connections()
        found = Crossed(self.name, releases=self.messages)
        accepted = {kind: sink.accepted_at() for kind, sink in self.sinks.items()}
        amended = {
            (row.channel_id, row.update.shipment_id)
            for row in Delivery.objects.filter(notice=kinds.REVOKED, state="sent").select_related("update")
            if row.update and reference_of(row) in accepted[row.kind]
        }
        for row in Delivery.objects.filter(notice=kinds.RELEASED).select_related("update"):
            assert row.update is not None
            found.notices += 1
            told_at = accepted[row.kind].get(reference_of(row))
            found.lost += row.state != ("skipped" if told_at is None else "sent")
            if told_at is None:
                found.not_told += 1
                continue
            after = told_at - self.known_at[row.update.shipment_id]
            found.latest = max(found.latest, round(after, 2))
            found.told += after <= 0
            found.crossed += 0 < after <= CROSSING_SECONDS
            found.late += after > CROSSING_SECONDS
            found.not_amended += (row.channel_id, row.update.shipment_id) not in amended
        found.lost += abs(found.notices - len(self.sinks) * self.messages)
        return found


def _receive(customs: Source, cargoes: list[int], length: int) -> None:
    """What customs says of these after so many steps, worked off in this process."""
    bodies = [("", telling_world.body(number, length)) for number in cargoes]
    receive_many(customs.pk, bodies, media_type="application/xml")
    with mock.patch.object(tasks, "wake"):
        tasks.work_off_inbox()
        tasks.drain_projections()
