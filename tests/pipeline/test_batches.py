"""A batch under a lease: what it costs, what happens to the bad one, and who may finish it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo import tasks, working
from cargo.domain.identifiers import container_check_digit
from cargo.models import Event, InboundMessage, MessagePart, Shipment, Source, TrackingUpdate
from cargo.models.journal import Message
from cargo.pipeline import batch, project
from cargo.pipeline.receive import receive, receive_many
from tests.factories import OrganizationFactory, a_registered_shipment
from tests.messages import dcsa, declared, entered, equipment, released, transport, unipass
from tests.pipeline.working import messages_by_state, milestones_of, status_of, work_off

# Statements that a batch of any size makes, with PostgreSQL's lock and its look at what was learned meanwhile.
CLAIM = {"postgresql": 5, "sqlite": 5}
QUIET = {"postgresql": 7, "sqlite": 7}
CHANGING = {"postgresql": 19, "sqlite": 13}
CORRECTING = {"postgresql": 13, "sqlite": 11}
LEARNING = {"postgresql": (13, 19), "sqlite": (11, 18)}


def box(number: int) -> str:
    prefix = f"CLSU{number:06d}"
    return f"{prefix}{container_check_digit(prefix)}"


def bill(number: int) -> str:
    return f"CLSUBL{number:06d}"


def discharge(number: int, **words: Any) -> bytes:
    return dcsa(equipment("DISC", "2026-03-14 09:00", box=box(number), bill=bill(number), **words))


def held() -> list[Message]:
    return batch.claim()


def expire() -> None:
    """Time passes: every lease is over."""
    InboundMessage.objects.update(leased_until=timezone.now() - timedelta(seconds=1))


@pytest.fixture(autouse=True)
def nobody_is_woken() -> Any:
    with mock.patch.object(tasks, "wake"):
        yield


# --- Leases -----------------------------------------------------------------------------------------


def test_a_claim_takes_the_oldest_and_counts_the_try(carrier: Source) -> None:
    ids = [receive(carrier.pk, discharge(number)).id for number in range(3)]
    claimed = batch.claim(2)
    assert [message.id for message in claimed] == ids[:2]
    assert [(message.attempts, message.body) for message in claimed] == [(1, discharge(0)), (1, discharge(1))]
    assert len({message.token for message in claimed}) == 1 and len(claimed[0].token) == 32
    rows = InboundMessage.objects.order_by("pk").values_list("attempts", "lease_token")
    assert list(rows) == [(1, claimed[0].token), (1, claimed[0].token), (0, "")]


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(carrier: Source) -> None:
    receive(carrier.pk, discharge(1))
    (first,) = held()
    assert held() == []
    expire()
    (second,) = held()
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.token != first.token


def test_a_claim_of_some_leaves_the_others(carrier: Source) -> None:
    ids = [receive(carrier.pk, discharge(number)).id for number in range(3)]
    assert [message.id for message in batch.claim(only=[ids[2], ids[0]])] == [ids[0], ids[2]]
    assert [message.id for message in held()] == [ids[1]]


def test_a_stale_owners_work_is_refused_whole(carrier: Source) -> None:
    shipment = a_registered_shipment(None, ("master_bill", bill(1)))
    bad = equipment("DISC", "2026-03-14 09:00") | {"eventDateTime": "yesterday"}
    receive(carrier.pk, dcsa(equipment("DISC", "2026-03-14 09:00", bill=bill(1)), bad))
    stale = held()
    expire()
    fresh = held()
    tasks.process(stale)
    assert not Event.objects.exists() and not MessagePart.objects.exists() and not TrackingUpdate.objects.exists()
    assert InboundMessage.objects.get().state == "received"
    tasks.process(fresh)
    assert (Event.objects.count(), MessagePart.objects.count()) == (1, 1)
    tasks.process(stale)
    assert (Event.objects.count(), MessagePart.objects.count()) == (1, 1)
    assert milestones_of(shipment) == ["discharged"]


def test_a_stale_owner_does_not_stop_its_neighbors(carrier: Source) -> None:
    ids = [receive(carrier.pk, discharge(number)).id for number in range(3)]
    stale = held()
    InboundMessage.objects.filter(pk=ids[1]).update(lease_token="somebody else")
    tasks.process(stale)
    states = dict(InboundMessage.objects.values_list("pk", "state"))
    assert states == {ids[0]: "processed", ids[1]: "received", ids[2]: "processed"}
    assert Event.objects.count() == 2


def test_the_try_is_committed_before_the_work(carrier: Source) -> None:
    receive(carrier.pk, discharge(1))
    claimed = held()
    with mock.patch.object(working, "decode", side_effect=SystemExit), pytest.raises(SystemExit):
        tasks.process(claimed)
    message = InboundMessage.objects.get()
    assert (message.state, message.attempts) == ("received", 1)


def test_after_five_tries_alone_a_message_is_given_up_with_its_reason(carrier: Source) -> None:
    receive(carrier.pk, discharge(1))
    for _ in range(8):
        assert len(held()) == 1
        expire()
    work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.reason) == ("quarantined", "given up after five tries alone: it stops the worker")
    assert not Event.objects.exists()


def test_one_that_stops_its_worker_does_not_use_up_its_neighbors(carrier: Source) -> None:
    """A worker that dies on one message, again and again: the batches that hold it shrink until it is alone."""
    receive_many(carrier.pk, [("", discharge(number)) for number in range(300)])
    poison = InboundMessage.objects.order_by("pk")[123].pk
    deaths = 0
    for _ in range(60):
        expire()
        claimed = held()
        if not claimed:
            break
        if any(message.id == poison and message.attempts <= batch.MAX_ATTEMPTS for message in claimed):
            deaths += 1
            continue
        tasks.process(claimed)
    assert deaths == batch.MAX_ATTEMPTS
    assert messages_by_state() == {"processed": 299, "quarantined": 1}
    assert InboundMessage.objects.get(state="quarantined").pk == poison


def test_what_was_tried_before_is_never_taken_ahead(carrier: Source) -> None:
    """Lying by while another batch is worked on is no try of its own."""
    receive_many(carrier.pk, [("", discharge(number)) for number in range(3)])
    assert [message.attempts for message in batch.claim(2)] == [1, 1]
    expire()
    assert batch.claim(ahead=True) == []
    work_off()
    assert InboundMessage.objects.filter(attempts=1).count() == 1
    assert messages_by_state() == {"processed": 3}


# --- What a batch costs -----------------------------------------------------------------------------


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


def counted(source: Source, bodies: Sequence[bytes]) -> tuple[int, int, int]:
    """Statements of the claim, of the batch, and of working out again what it left due."""
    receive_many(source.pk, [("", body) for body in bodies])
    claimed: list[Message] = []
    claim = statements(lambda: claimed.extend(batch.claim()))
    work = statements(lambda: tasks.process(claimed))
    again = statements(tasks.drain_projections)
    assert messages_by_state().get("quarantined") is None
    return claim, work, again


@pytest.mark.parametrize("size", [2, 200, 500])
def test_statements_for_messages_that_concern_nobody(carrier: Source, size: int) -> None:
    claim, work, _ = counted(carrier, [discharge(number) for number in range(size)])
    assert (claim, work) == (CLAIM[connection.vendor], QUIET[connection.vendor])
    assert Event.objects.count() == size


@pytest.mark.parametrize("size", [2, 200, 500])
def test_statements_for_messages_that_change_as_many_shipments(carrier: Source, size: int) -> None:
    owner = OrganizationFactory.create()
    for number in range(size):
        a_registered_shipment(owner, ("master_bill", bill(number)), ("container", box(number)))
    tasks.drain_projections()
    _, first, _ = counted(carrier, [discharge(number, id=f"D{number}") for number in range(size)])
    assert Shipment.objects.filter(status_row__milestone="discharged").count() == size
    arrivals = [dcsa(transport("ARRI", "2026-03-14 06:00", bill=bill(n), id=f"A{n}")) for n in range(size)]
    _, following, _ = counted(carrier, arrivals)
    corrected = [discharge(n, id=f"D{n}", created="2026-03-15 09:00") for n in range(size)]
    _, correcting, _ = counted(carrier, corrected)
    changing = CHANGING[connection.vendor]
    assert (first, following, correcting) == (changing, changing, CORRECTING[connection.vendor])


@pytest.mark.parametrize("size", [2, 60])
def test_statements_for_whole_cargoes_of_customs(customs: Source, size: int) -> None:
    owner = OrganizationFactory.create()
    steps = [entered("2026-03-14 12:00"), declared("2026-03-15 09:00"), released("2026-03-16 10:00")]
    bodies = []
    for number in range(size):
        house = f"KOSHA26{number:05d}"
        a_registered_shipment(owner, ("house_bill", house))
        bodies.append(unipass(steps, house=house, cargo=f"26HDMU0123I{number:04d}0031", bill=bill(number)))
    tasks.drain_projections()
    _, work, again = counted(customs, bodies)
    assert (work, again) == LEARNING[connection.vendor]
    assert Shipment.objects.filter(status_row__customs_state="released").count() == size


# --- The bad one ------------------------------------------------------------------------------------


def poisoned(number: str) -> Any:
    """A database that refuses any transaction in which this number came into the log."""
    work = project.project

    def refuse(*args: Any) -> None:
        work(*args)
        if Event.objects.filter(content__contains=number).exists():
            raise DatabaseError(f"the database refuses {number}")

    return mock.patch.object(project, "project", refuse)


def test_a_failing_batch_is_split_until_the_bad_one_is_alone(carrier: Source) -> None:
    shipments = [
        a_registered_shipment(None, ("master_bill", bill(number)), ("container", box(number))) for number in range(20)
    ]
    work_off()
    receive_many(carrier.pk, [("", discharge(number)) for number in range(20)])
    with poisoned(bill(13)):
        work_off()
    assert messages_by_state() == {"processed": 19, "quarantined": 1}
    bad = InboundMessage.objects.get(state="quarantined")
    assert bad.reason == f"it could not be recorded: the database refuses {bill(13)}"
    assert [milestones_of(shipment) for shipment in shipments] == [
        [] if number == 13 else ["discharged"] for number in range(20)
    ]
    assert status_of(shipments[13]).status == "expected"
    assert TrackingUpdate.objects.filter(kind="milestone").count() == 19


def test_two_bad_ones_among_many(carrier: Source) -> None:
    receive_many(carrier.pk, [("", discharge(number)) for number in range(9)])
    with poisoned(bill(3)), poisoned(bill(4)):
        work_off()
    assert messages_by_state() == {"processed": 7, "quarantined": 2}


@pytest.mark.parametrize(
    "event",
    [
        equipment("DISC", "2026-03-14 09:00", bill="NUL\x00BILL"),
        equipment("DISC", "2026-03-14 09:00", box="NUL\x00BOX", bill="B" * 90),
        equipment("DISC", "2026-03-14 09:00", id="\ud800"),
        equipment("DISC", "2026-03-14 09:00", eventUpdatedDateTime="v" * 60, id="V"),
        equipment("DISC", "2026-03-14 09:00", changeRemark="x" * 10_000 + "\x00"),
        equipment("X" * 300, "2026-03-14 09:00", ISOEquipmentCode="\x00"),
        equipment("DISC", "1901-01-01 00:00"),
        equipment("DISC", "2199-12-31 23:59"),
    ],
)
def test_odd_content_costs_no_other_message_anything(carrier: Source, event: dict[str, Any]) -> None:
    shipment = a_registered_shipment(None, ("master_bill", bill(1)))
    odd = receive(carrier.pk, dcsa(event)).id
    receive(carrier.pk, discharge(1))
    work_off()
    message = InboundMessage.objects.get(pk=odd)
    assert message.state in ("processed", "quarantined")
    assert "\n" not in message.reason and (message.state == "processed" or message.reason)
    assert milestones_of(shipment) == ["discharged"]


def test_a_defect_of_ours_is_kept_and_named(carrier: Source) -> None:
    receive(carrier.pk, discharge(1))
    with mock.patch.object(working, "normalize", side_effect=KeyError("zone")):
        work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.reason) == ("quarantined", "it could not be prepared: KeyError: 'zone'")


class _Cause(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def failing(times: int, sqlstate: str) -> Any:
    """The database gives up the first ``times`` transactions."""
    tries = itertools.count()
    work = project.project

    def once(*args: Any) -> None:
        work(*args)
        if next(tries) < times:
            raise OperationalError("given up by the database") from _Cause(sqlstate)

    return mock.patch.object(project, "project", once)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_transaction_that_the_database_gave_up_is_tried_again(carrier: Source, sqlstate: str) -> None:
    shipment = a_registered_shipment(None, ("master_bill", bill(1)))
    work_off()
    receive(carrier.pk, discharge(1))
    with failing(3, sqlstate):
        work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.attempts) == ("processed", 1)
    assert milestones_of(shipment) == ["discharged"]


def test_a_database_that_keeps_giving_up_quarantines_nothing(carrier: Source) -> None:
    receive(carrier.pk, discharge(1))
    with failing(10_000, "40P01"), pytest.raises(OperationalError):
        work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.attempts) == ("received", 1)
    assert not Event.objects.exists()
    expire()
    work_off()
    assert messages_by_state() == {"processed": 1}


# --- What becomes of messages -----------------------------------------------------------------------


def test_a_message_that_says_nothing_is_ignored_with_its_reason(customs: Source) -> None:
    receive(customs.pk, unipass([]))
    work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.format) == ("ignored", "unipass.api001")
    assert message.reason == "the cargo is known, nothing has happened yet"


def test_one_bad_event_of_many_is_named_and_the_others_are_kept(carrier: Source) -> None:
    good = equipment("DISC", "2026-03-14 09:00")
    receive(carrier.pk, dcsa(good, good | {"eventDateTime": "soon"}, good | {"equipmentReference": "TCLU1234568"}))
    work_off()
    message = InboundMessage.objects.get()
    assert (message.state, message.events, message.reason) == ("processed", 2, "1 of its parts could not be read")
    part = MessagePart.objects.get()
    assert (part.kind, part.position) == ("problem", "/1/eventDateTime")


def test_the_same_event_twice_in_one_message_and_in_another_is_one_row(carrier: Source) -> None:
    event = equipment("DISC", "2026-03-14 09:00")
    receive(carrier.pk, dcsa(event, event))
    receive(carrier.pk, dcsa(event))
    work_off()
    assert Event.objects.count() == 1
    assert messages_by_state() == {"processed": 2}
