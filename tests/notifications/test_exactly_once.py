"""N1: three sources tell the same, two replays read it again, history is loaded, and what is owed is the table's."""

from __future__ import annotations

import pytest
import time_machine

from cargo import booking, tasks
from cargo.models import Source, TrackingUpdate
from cargo.pipeline import project
from cargo.pipeline.receive import receive_many
from notifications.models import Delivery, Subscription
from tests.notifications import telling_world as world
from tests.people import Person

AT = "2026-03-17T12:00:00+09:00"
CARGOES = 12


@pytest.fixture
def sources(db: None) -> list[Source]:
    """Customs and two who repeat it."""
    return [
        Source.objects.create(slug=f"customs-{n}", name=f"Customs {n}", kind="customs", rank=10 + n) for n in range(3)
    ]


def test_three_sources_and_two_replays_owe_what_the_table_says(shipper: Person, sources: list[Source]) -> None:
    assert shipper.organization
    numbers = range(CARGOES)
    with time_machine.travel(AT) as clock:
        shipments = world.register(shipper.organization, numbers)
        made = world.channels(shipper.organization, shipments[0])
        for length in world.LENGTHS:
            world.tell(sources, numbers, length, clock)
        assert world.counted(made) == world.expected(CARGOES)
        for _ in range(2):
            world.replay()
        assert world.counted(made) == world.expected(CARGOES)
    assert (world.updates(), world.doubled()) == (8 * CARGOES, 0)


def test_a_rebuild_and_another_working_out_owe_nothing(shipper: Person, sources: list[Source]) -> None:
    assert shipper.organization
    with time_machine.travel(AT) as clock:
        shipments = world.register(shipper.organization, range(2))
        world.channels(shipper.organization, shipments[0])
        world.tell(sources, range(2), 3, clock)
        before = Delivery.objects.count()
        project.rebuild([shipment.pk for shipment in shipments])
        world.work()
    assert before > 0
    assert Delivery.objects.count() == before


def test_a_registration_after_the_fact_and_a_loaded_history_owe_nothing(
    shipper: Person, sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a first match brings from before, and what was received in silence."""
    assert shipper.organization
    monkeypatch.setattr(tasks, "wake", lambda name: None)
    with time_machine.travel(AT):
        receive_many(sources[0].pk, [("", world.body(0, 3))], media_type="application/xml")
        world.work()
        late = booking.register(shipper.organization.pk, [("house_bill", world.house(0))])
        made = world.channels(shipper.organization, late)
        world.work()
        world.register(shipper.organization, range(1, 3))
        loaded = [("", world.body(number, 4)) for number in range(1, 3)]
        receive_many(sources[1].pk, loaded, media_type="application/xml", silent=True)
        world.work()
    assert TrackingUpdate.objects.filter(fanned_out_at__isnull=True).count() == 0
    assert TrackingUpdate.objects.filter(kind="customs.released").count() > 0
    assert {name: dict(rows) for name, rows in world.counted(made).items()} == {name: {} for name in made}
    assert Subscription.objects.count() == 5
