"""Two workers at once: forced interleavings on real connections, since random load does not find a lost update."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from cargo import booking, tasks, working
from cargo.models import Event, InboundMessage, Shipment, Source, bulk, projection
from cargo.models.linking import Asked
from cargo.pipeline import batch, project, rematch
from cargo.pipeline.receive import receive, receive_many
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import BOX, HOUSE, MASTER, SECOND_BOX, dcsa, entered, equipment, retraction, transport, unipass
from tests.pipeline.threads import Worker, stopped, waits_for_a_lock
from tests.pipeline.working import links_of, milestones_of, news_of, state_of, status_of, work_off

pytestmark = pytest.mark.django_db(transaction=True)
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
OWN = (("master_bill", MASTER), ("container", BOX))
ARRIVAL = dcsa(transport("ARRI", "2026-03-14 06:00", id="A1"))
DISCHARGE = dcsa(equipment("DISC", "2026-03-14 09:00", id="D1"))


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Iterator[None]:
    with mock.patch.object(tasks, "wake"):
        yield


@pytest.fixture
def shipment(transactional_db: None) -> Shipment:
    found = a_registered_shipment(None, *OWN)
    work_off()
    return found


def worker_on(received: int) -> Worker:
    """A worker that claims this one message and works it off."""
    return Worker(lambda: tasks.process(batch.claim(only=[received])))


def statuses(*shipments: Shipment) -> list[tuple[int, str]]:
    return project.differences([shipment.pk for shipment in shipments])


# --- Claims -----------------------------------------------------------------------------------------


def test_two_workers_never_get_the_same_message(carrier: Source) -> None:
    ids = {item.id for item in receive_many(carrier.pk, [("", str(number).encode()) for number in range(400)])}

    def claims() -> list[int]:
        mine: list[int] = []
        while claimed := batch.claim(7):
            mine += [message.id for message in claimed]
        return mine

    taken = [worker.end() for worker in [Worker(claims) for _ in range(4)]]
    assert sorted(pk for mine in taken for pk in mine) == sorted(ids)
    assert set(InboundMessage.objects.values_list("attempts", flat=True)) == {1}


def test_the_same_message_worked_off_by_two_workers_is_recorded_once(carrier: Source, shipment: Shipment) -> None:
    """The first lease ran out while its worker was still at it."""
    received = receive(carrier.pk, DISCHARGE).id
    with stopped(working, "decode") as reading:
        slow = worker_on(received)
        assert reading.reached.wait(20)
        InboundMessage.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        quick = worker_on(received)
        quick.end()
        reading.go()
        slow.end()
    message = InboundMessage.objects.get()
    assert (message.state, message.attempts) == ("processed", 2)
    assert milestones_of(shipment) == ["discharged"]
    assert Event.objects.count() == 1


# --- The lost update --------------------------------------------------------------------------------


def _interleaved(carrier: Source) -> None:
    """Both workers have read the state of the shipment, if they can, before one of them writes it."""
    one, other = receive(carrier.pk, ARRIVAL).id, receive(carrier.pk, DISCHARGE).id
    with stopped(projection, "write") as writing:
        first = worker_on(one)
        assert writing.reached.wait(20)
        second = worker_on(other)
        if not waits_for_a_lock(tries=40):
            second.end()
        writing.go()
        first.end()
        second.end()


@postgresql
def test_two_workers_on_one_shipment_lose_nothing(carrier: Source, shipment: Shipment) -> None:
    _interleaved(carrier)
    assert statuses(shipment) == []
    assert {entry.milestone for entry in project.unpack(state_of(shipment))} == {"arrived", "discharged"}


@postgresql
def test_without_the_lock_the_same_interleaving_loses_an_event(carrier: Source, shipment: Shipment) -> None:
    """Proves that the test above forces what the lock is there for."""
    with mock.patch.object(projection, "lock", lambda shipments: None):
        _interleaved(carrier)
    assert statuses(shipment) != []


@postgresql
def test_a_projection_worked_out_again_waits_for_a_merge(carrier: Source, shipment: Shipment) -> None:
    one = receive(carrier.pk, ARRIVAL).id
    with stopped(projection, "write") as writing:
        first = worker_on(one)
        assert writing.reached.wait(20)
        project.mark_due([shipment.pk], "test")
        second = Worker(tasks.drain_projections)
        assert waits_for_a_lock()
        writing.go()
        first.end()
        second.end()
    assert statuses(shipment) == []
    assert status_of(shipment).milestone == "arrived"


@postgresql
def test_versions_of_one_report_by_two_workers(carrier: Source, shipment: Shipment) -> None:
    """Neither sees the other's version while it records; the lock orders them, and the second looks again."""
    early = transport("ARRI", "2026-03-15 08:00", classifier="EST", id="E1", created="2026-03-10 08:00")
    late = transport("ARRI", "2026-03-16 08:00", classifier="EST", id="E1", created="2026-03-12 08:00")
    one, other = receive(carrier.pk, dcsa(late)).id, receive(carrier.pk, dcsa(early)).id
    with stopped(projection, "write") as writing:
        first = worker_on(one)
        assert writing.reached.wait(20)
        second = worker_on(other)
        assert waits_for_a_lock()
        writing.go()
        first.end()
        second.end()
    tasks.drain_projections()
    assert statuses(shipment) == []
    assert status_of(shipment).eta.isoformat() == "2026-03-15T23:00:00+00:00"


# --- What neither transaction can see ---------------------------------------------------------------


@postgresql
def test_a_registration_and_an_event_that_do_not_see_each_other(carrier: Source) -> None:
    owner = OrganizationFactory.create()
    received = receive(carrier.pk, DISCHARGE).id
    with stopped(project, "project") as ingesting:
        worker = worker_on(received)
        assert ingesting.reached.wait(20)
        # The event is recorded and not committed: the booking finds nothing, and the ingest saw no shipment.
        shipment = booking.register(owner.pk, OWN)
        tasks.drain_projections()
        ingesting.go()
        worker.end()
    assert milestones_of(shipment) == []
    assert rematch.match_again() == {shipment.pk}
    tasks.drain_projections()
    assert milestones_of(shipment) == ["discharged"]
    assert statuses(shipment) == []
    assert rematch.match_again() == set()


def test_the_sweep_links_what_a_race_left_unlinked(carrier: Source, shipment: Shipment) -> None:
    receive(carrier.pk, DISCHARGE)
    with mock.patch("cargo.pipeline.record.ask_candidates", return_value=Asked(bulk.NOTHING, private=False)):
        tasks.process(batch.claim())
    assert milestones_of(shipment) == []
    tasks.match_again()
    assert milestones_of(shipment) == ["discharged"]
    assert status_of(shipment).milestone == "discharged"


@postgresql
def test_a_number_learned_while_an_event_is_matched(carrier: Source, customs: Source) -> None:
    """The event was matched by its box alone, while another worker learned the bill that it names too."""
    house = a_registered_shipment(None, ("house_bill", HOUSE), ("container", BOX))
    work_off()
    receive(customs.pk, unipass([entered("2026-03-14 12:00")]))
    received = receive(carrier.pk, DISCHARGE).id
    with stopped(projection, "lock") as locking:
        worker = worker_on(received)
        assert locking.reached.wait(20)
        tasks.process(batch.claim())
        tasks.drain_projections()
        assert ("master_bill", MASTER) in set(house.references.values_list("kind", "value"))
        locking.go()
        worker.end()
    tasks.drain_projections()
    assert {weak for _, _, weak in links_of([house])} == {False}
    assert statuses(house) == []


@postgresql
@pytest.mark.parametrize("target_first", [True, False])
def test_a_retraction_that_names_nothing_beside_its_target(
    carrier: Source, shipment: Shipment, target_first: bool
) -> None:
    received = [receive(carrier.pk, body).id for body in (DISCHARGE, dcsa(retraction("D1", "2026-03-15 08:00")))]
    first, second = received if target_first else reversed(received)
    with stopped(project, "project", after=True) as done:
        worker = worker_on(first)
        assert done.reached.wait(20)
        worker_on(second).end()
        done.go()
        worker.end()
    tasks.match_again()
    tasks.drain_projections()
    assert statuses(shipment) == []
    assert project.unpack(state_of(shipment)) == []


@postgresql
def test_a_correction_that_moves_an_event_to_another_shipment(carrier: Source, shipment: Shipment) -> None:
    other = a_registered_shipment(None, ("master_bill", "OTHERBILL1"), ("container", SECOND_BOX))
    work_off()
    moved: dict[str, Any] = {"bill": "OTHERBILL1", "box": SECOND_BOX, "created": "2026-03-15 08:00"}
    one = receive(carrier.pk, DISCHARGE).id
    two = receive(carrier.pk, dcsa(equipment("DISC", "2026-03-14 09:00", id="D1", **moved))).id
    with stopped(project, "project", after=True) as done:
        worker = worker_on(one)
        assert done.reached.wait(20)
        worker_on(two).end()
        done.go()
        worker.end()
    tasks.match_again()
    tasks.drain_projections()
    assert statuses(shipment, other) == []
    assert project.unpack(state_of(shipment)) == []
    assert [entry.milestone for entry in project.unpack(state_of(other))] == ["discharged"]


@postgresql
def test_equal_batches_in_any_order_do_not_lock_each_other_out(carrier: Source, shipment: Shipment) -> None:
    events = [equipment("DISC", f"2026-03-14 09:{minute:02d}", id=f"D{minute}") for minute in range(30)]
    receive_many(carrier.pk, [("", dcsa(*events[:step], *events[step:][::-1])) for step in range(30)])

    def work() -> None:
        while claimed := batch.claim(3):
            tasks.process(claimed)

    for worker in [Worker(work) for _ in range(4)]:
        worker.end()
    tasks.drain_projections()
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"processed"}
    assert Event.objects.count() == 30
    assert statuses(shipment) == []
    assert news_of(shipment, "gate_out") == []
