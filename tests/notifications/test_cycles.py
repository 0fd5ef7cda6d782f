"""What was told of a movement, taken back and really happened later is told again, once; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cargo.models import Shipment, Source
from notifications import deliver as delivering
from notifications import fanout
from notifications.deliver import deliver
from notifications.models import Delivery
from tests.factories import SourceFactory, a_registered_shipment
from tests.messages import MASTER, dcsa, retraction, transport
from tests.notifications.conftest import MailServer, a_channel, a_subscription
from tests.people import Person
from tests.pipeline.working import take_in, work_off

MATRIX = {"departed": "now", "arrived": "now"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    with time_machine.travel("2026-03-10T06:00:00Z"):
        yield


@pytest.fixture
def carrier(db: None) -> Source:
    return SourceFactory.create(slug="hmm", kind=Source.Kind.CARRIER)


@pytest.fixture
def agent(db: None) -> Source:
    return SourceFactory.create(slug="agent", kind=Source.Kind.CARRIER)


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    """Alice's, told by mail of its movements."""
    found = a_registered_shipment(shipper.organization, ("master_bill", MASTER))
    work_off()
    a_subscription(a_channel(shipper), matrix=MATRIX)
    return found


def departed(at: str, id: str, created: str = "") -> bytes:
    return dcsa(transport("DEPA", f"2026-03-10 {at}", "CNSHA", id=id, created=f"2026-03-10 {created or at}"))


def back(id: str, at: str) -> bytes:
    return dcsa(retraction(id, f"2026-03-10 {at}", bill=MASTER))


def tell(source: Source, *bodies: bytes) -> None:
    """Each message by itself, the whole way to what is owed."""
    for body in bodies:
        take_in(source, body)
        fanout.fan_out()


def owed() -> list[tuple[str, str]]:
    """(state, time in Korea) of what was owed."""
    rows = Delivery.objects.order_by("pk").values_list("state", "update__occurred_at")
    return [(state, f"{at.hour + 9:02d}:{at.minute:02d}") for state, at in rows]


def send_all() -> None:
    deliver(fanout.still_true)


@pytest.mark.parametrize("time", ["14:40", "14:10"])
def test_a_departure_that_was_told_and_taken_back_is_told_when_it_happens(
    carrier: Source, shipment: Shipment, mail_server: MailServer, time: str
) -> None:
    tell(carrier, departed("14:10", "a"))
    send_all()
    tell(carrier, back("a", "14:20"))
    assert owed() == [("sent", "14:10")]
    tell(carrier, departed(time, "b", "14:41"))
    send_all()
    assert owed() == [("sent", "14:10"), ("sent", time)]
    assert len(mail_server.mails) == 2
    # And of the second one, too, several sources are heard once.
    tell(SourceFactory.create(slug="agent"), departed("14:45", "o", "14:50"))
    assert len(owed()) == 2
    tell(carrier, back("b", "14:55"))
    tell(carrier, departed("14:58", "c"))
    assert len(owed()) == 2  # the agent's stood all along


def test_an_arrival_likewise_and_a_third_time(carrier: Source, shipment: Shipment, mail_server: MailServer) -> None:
    for number, time in enumerate(("14:10", "14:30", "14:50")):
        tell(carrier, dcsa(transport("ARRI", f"2026-03-10 {time}", id=f"a{number}", created=f"2026-03-10 {time}")))
        send_all()
        tell(carrier, back(f"a{number}", f"{time[:2]}:{int(time[3:]) + 5:02d}"))
    assert owed() == [("sent", "14:10"), ("sent", "14:30"), ("sent", "14:50")]


def test_what_several_sources_say_is_told_once_whoever_takes_it_back(
    carrier: Source, agent: Source, shipment: Shipment, mail_server: MailServer
) -> None:
    tell(carrier, departed("14:10", "a"))
    send_all()
    tell(agent, departed("14:15", "o", "14:16"))
    tell(carrier, back("a", "14:20"), departed("14:30", "b"))
    assert owed() == [("sent", "14:10")]
    # None stands any more.
    tell(carrier, back("b", "14:40"))
    tell(agent, back("o", "14:41"))
    tell(agent, departed("14:50", "p"))
    assert owed() == [("sent", "14:10"), ("pending", "14:50")]


def test_a_corrected_time_is_not_told_again(carrier: Source, shipment: Shipment, mail_server: MailServer) -> None:
    tell(carrier, departed("14:10", "a"))
    send_all()
    tell(carrier, departed("14:20", "a", "14:25"), departed("14:10", "a", "14:30"), departed("14:35", "b"))
    tell(carrier, back("b", "14:36"))
    assert owed() == [("sent", "14:10")]


def test_what_waits_is_replaced_by_what_really_happened(
    carrier: Source, shipment: Shipment, mail_server: MailServer
) -> None:
    tell(carrier, departed("14:10", "a"), back("a", "14:20"), departed("14:40", "b"))
    assert owed() == [("skipped", "14:10"), ("pending", "14:40")]
    assert Delivery.objects.get(state="skipped").reason == "superseded"
    send_all()
    assert owed() == [("skipped", "14:10"), ("sent", "14:40")]
    assert len(mail_server.mails) == 1


def test_the_number_of_statements_does_not_grow(carrier: Source, shipper: Person) -> None:
    a_subscription(a_channel(shipper), matrix=MATRIX)
    counts = []
    for number in (1, 6):
        bills = [f"CYCLE{number}{position}" for position in range(number)]
        for bill in bills:
            a_registered_shipment(shipper.organization, ("master_bill", bill))
        work_off()

        def said(id: str, at: str, bills: list[str] = bills) -> bytes:
            return dcsa(*(transport("DEPA", f"2026-03-10 {at}", "CNSHA", id=id + bill, bill=bill) for bill in bills))

        tell(carrier, said("a", "14:10"))
        Delivery.objects.update(state="sent")
        tell(carrier, dcsa(*(retraction("a" + bill, "2026-03-10 14:20", bill=bill) for bill in bills)))
        take_in(carrier, said("b", "14:40"))
        with CaptureQueriesContext(connection) as captured:
            assert fanout.fan_out() == number
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert Delivery.objects.count() == 14
    assert counts[0] == counts[1], counts
