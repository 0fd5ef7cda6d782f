"""N1: three sources tell the same, two replays read it again, history is loaded, and what is owed is the table's."""

from __future__ import annotations

import pytest
import time_machine

from cargo import booking, tasks
from cargo.models import Source, TrackingUpdate
from cargo.pipeline import project
from cargo.pipeline.receive import receive, receive_many
from notifications import fanout, kinds
from notifications.deliver import deliver
from notifications.models import Delivery, EstimateTold, Subscription
from tests.messages import MASTER, dcsa, retraction, transport
from tests.notifications import telling_world as world
from tests.notifications.conftest import MailServer, a_channel, a_subscription
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


@pytest.fixture
def carriers(shipper: Person, db: None) -> list[Source]:
    """A carrier and a slower one that repeats it, of cargo of whose moves Alice is told by mail at once."""
    assert shipper.organization
    with time_machine.travel("2026-03-01T00:00:00Z"):
        booking.register(shipper.organization.pk, [("master_bill", MASTER)])
        world.work()
        told = kinds.only(["eta.changed"])
        a_subscription(a_channel(shipper), matrix=told)
    return [Source.objects.create(slug=f"carrier-{n}", name=f"Carrier {n}", kind="carrier", rank=n) for n in (20, 30)]


def hear(at: str, source: Source, *bodies: bytes) -> list[tuple[str, str]]:
    """What a source says at a time, worked off, fanned out and sent; gives all deliveries so far."""
    with time_machine.travel(at):
        for body in bodies:
            receive(source.pk, body)
        world.work()
        deliver(fanout.still_true)
    return list(Delivery.objects.order_by("pk").values_list("notice", "state"))


def expects(day: int, created: int, **words: str) -> bytes:
    """A carrier says at noon of one day that the ship will arrive on another."""
    return dcsa(
        transport("ARRI", f"2026-03-{day} 08:00", classifier="EST", created=f"2026-03-{created:02} 12:00", **words)
    )


def test_an_arrival_that_goes_back_is_told_once(carriers: list[Source], mail_server: MailServer) -> None:
    one, other = carriers
    assert hear("2026-03-02T12:00+09:00", one, expects(20, 2)) == []
    told = [("eta.changed", "sent")]
    assert hear("2026-03-03T12:00+09:00", one, expects(25, 3)) == told
    assert hear("2026-03-04T12:00+09:00", one, expects(20, 4)) == told * 2
    assert hear("2026-03-05T12:00+09:00", one, expects(20, 5)) == told * 2
    assert hear("2026-03-05T13:00+09:00", other, expects(25, 5)) == told * 2
    with time_machine.travel("2026-03-05T14:00+09:00"):
        world.replay()
        deliver(fanout.still_true)
    assert Delivery.objects.count() == len(mail_server.mails) == 2
    assert EstimateTold.objects.get().arrival_at.isoformat() == "2026-03-19T23:00:00+00:00"
    # There and back before anybody is told: the reader knows the 20th, and hears nothing.
    assert [state for _, state in hear("2026-03-06T12:00+09:00", one, expects(25, 6), expects(20, 7))] == ["sent"] * 2


def test_the_next_arrival_is_told_when_the_better_one_is_retracted(
    carriers: list[Source], mail_server: MailServer
) -> None:
    better, other = carriers
    assert hear("2026-03-02T12:00+09:00", other, expects(25, 2, id="a")) == []
    told = [("eta.changed", "sent")]
    assert hear("2026-03-03T12:00+09:00", better, expects(20, 3, id="b")) == told
    gone = dcsa(retraction("b", "2026-03-04 12:00", bill=MASTER))
    assert hear("2026-03-04T12:00+09:00", better, gone, gone) == told * 2
    assert EstimateTold.objects.get().arrival_at.isoformat() == "2026-03-24T23:00:00+00:00"
