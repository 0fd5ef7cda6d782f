"""Webhooks as they go out: signed by Standard Webhooks 1.0.0, tried again by its schedule, each in its own line."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cargo.selectors import feed
from notifications import deliver as delivering
from notifications import endpoints
from notifications.deliver import deliver, outcome, queues
from notifications.models import Attempt, Delivery, Endpoint
from notifications.render import reference_of
from tests.notifications.conftest import a_shipment, an_update, due, everything_stands, free_port
from tests.notifications.receivers import Hostile, Receiver, a_call, an_endpoint
from tests.people import Person

Make = Callable[..., Receiver]


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.fixture(autouse=True)
def inside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receivers are the operator's own hosts; nobody is slow on purpose."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_RATE = 1000.0
    settings.WEBHOOK_TIMEOUT = 5.0
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)


@pytest.fixture
def receiver() -> Iterator[Make]:
    made: list[Receiver] = []

    def make(*args: Any, **fields: Any) -> Receiver:
        made.append(Receiver(*args, **fields))
        return made[-1]

    yield make
    for one in made:
        one.close()


def says(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    return lambda request: (status, headers or {}, body)


def state_of(delivery: Delivery) -> tuple[str, int, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.attempts, delivery.reason


def test_an_update_is_posted_signed_and_written_down(shipper: Person, receiver: Make) -> None:
    there = receiver(says(200, {"X-Seen": "1"}, b"thank you"))
    endpoint, secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    first = an_update(shipment, "gate_out", feed_no=1)
    update = an_update(shipment, feed_no=2, data={"source": "kcs", "container": "HDMU6546583"})
    delivery = a_call(update, endpoint)
    assert deliver(everything_stands) == 1
    assert state_of(delivery) == ("sent", 1, "")
    assert there.verify(secret) == 1
    sent = there.requests[0]
    assert sent["headers"]["webhook-id"] == reference_of(delivery)
    assert sent["headers"]["content-type"] == "application/json"
    told = feed.updates(shipper.viewer, None, 10)["updates"][1]
    assert there.bodies() == [
        {
            "id": str(update.pk),
            "type": "customs.released",
            "occurred_at": told["occurred_at"],
            "received_at": told["recorded_at"],
            "source": "kcs",
            "first_of_type": True,
            "shipment": shipment.pk,
            "subject": "HDMU6546583",
            "sequence": 2,
            "data": told["data"],
            "changes": {},
        }
    ]
    attempt = delivery.tries.get()
    assert (attempt.outcome, attempt.status, attempt.answer, attempt.detail) == ("sent", 200, "thank you", "HTTP 200")
    assert attempt.request.startswith(f"POST {there.url}\ncontent-type: application/json\nwebhook-id: d-{delivery.pk}-")
    assert secret not in attempt.request and secret.removeprefix("whsec_") not in attempt.request
    assert first.pk != update.pk and len(there.requests) == 1


def test_the_sequence_of_a_shipment_has_no_gap(shipper: Person, receiver: Make) -> None:
    """W8: counted over all its updates in the feed's order, whatever order they arrive in."""
    there = receiver()
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    kinds = ["customs.held", "customs.released", "customs.held", "gate_out", "customs.released"]
    updates = [an_update(shipment, kind, key=str(n), feed_no=10 * n) for n, kind in enumerate(kinds, start=1)]
    for update in updates:
        a_call(update, endpoint)
    assert deliver(everything_stands) == 5
    told = {body["id"]: body for body in there.bodies()}
    assert [told[str(update.pk)]["sequence"] for update in updates] == [1, 2, 3, 4, 5]
    assert [told[str(update.pk)]["first_of_type"] for update in updates] == [True, True, False, True, False]


def test_a_milestone_is_first_of_its_own_kind(shipper: Person, receiver: Make) -> None:
    there = receiver()
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    keys = ["loaded|A|", "discharged|A|", "loaded|B|"]
    for number, key in enumerate(keys, start=1):
        a_call(an_update(shipment, "milestone", key=key, feed_no=number), endpoint)
    deliver(everything_stands)
    told = sorted(there.bodies(), key=lambda body: body["sequence"])
    assert [body["first_of_type"] for body in told] == [True, True, False]


def test_the_reference_library_accepts_everything_through_a_rotation(shipper: Person, receiver: Make) -> None:
    """W9: 1,000 deliveries, the secret changed half way: who has the old one or the new one verifies all of them."""
    there = receiver()
    endpoint, old = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    for number in range(500):
        a_call(an_update(shipment, key=f"a{number}", feed_no=number + 1), endpoint)
    assert deliver(everything_stands) == 500
    assert there.verify(old) == 500
    new = endpoints.rotate(shipper.viewer, endpoint.pk)
    for number in range(500):
        a_call(an_update(shipment, key=f"b{number}", feed_no=number + 501), endpoint)
    assert deliver(everything_stands) == 500
    assert there.verify(old) == 1000
    there.requests = there.requests[500:]
    assert there.verify(new) == 500
    assert {len(request["headers"]["webhook-signature"].split()) for request in there.requests} == {2}
    Endpoint.objects.update(before_until=timezone.now())
    there.requests.clear()
    a_call(an_update(shipment, key="c", feed_no=2000), endpoint)
    deliver(everything_stands)
    assert there.verify(new) == 1
    assert len(there.requests[0]["headers"]["webhook-signature"].split()) == 1


def test_the_schedule_by_the_clock(shipper: Person, receiver: Make) -> None:
    """W5: ten tries at the stated times, a fifth more or less, and then it has failed; each with its own time stamp."""
    there = receiver(says(500))
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    waits = []
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False) as clock:
        due(delivery)
        for _ in range(10):
            assert deliver(everything_stands) == 1
            assert deliver(everything_stands) == 0
            delivery.refresh_from_db()
            if delivery.next_attempt_at is None:
                break
            waits.append((delivery.next_attempt_at - timezone.now()).total_seconds())
            clock.move_to(delivery.next_attempt_at)
    stated = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert len(waits) == 9
    assert all(0.8 * wait <= got <= 1.2 * wait for got, wait in zip(waits, stated, strict=True))
    assert any(got != wait for got, wait in zip(waits, stated, strict=True))
    assert state_of(delivery) == ("failed", 10, "HTTP 500")
    assert len(set(there.ids())) == 1
    assert len({request["headers"]["webhook-timestamp"] for request in there.requests}) == 10


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 408, 422, 429, 500, 503])
def test_what_is_not_accepted_is_tried_again(status: int, shipper: Person, receiver: Make) -> None:
    canary = receiver()
    there = receiver(says(status, {"Location": canary.url}))
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    assert deliver(everything_stands) == 1
    assert state_of(delivery)[:2] == ("pending", 1)
    attempt = delivery.tries.get()
    assert (attempt.outcome, attempt.status) == ("temporary", status)
    assert canary.requests == []


@pytest.mark.parametrize(
    ("said", "seconds"), [("900", 900), ("999999", 86_400), ("Tue, 24 Mar 2026 02:00:00 GMT", 7200), ("soon", None),
     ("Mon, 01 Jan 99999999999 00:00:00 GMT", None)]
)  # fmt: skip
def test_a_retry_after_is_kept_up_to_a_day(said: str, seconds: int | None, shipper: Person, receiver: Make) -> None:
    there = receiver(says(429, {"Retry-After": said}))
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False):
        delivery = a_call(an_update(shipment, key="1"), endpoint)
        other = a_call(an_update(shipment, key="2"), endpoint)
        deliver(everything_stands)
        delivery.refresh_from_db()
        assert delivery.next_attempt_at is not None
        wait = (delivery.next_attempt_at - timezone.now()).total_seconds()
        endpoint.refresh_from_db()
        if seconds is None:
            assert 4 <= wait <= 6 and endpoint.paused_until is None
        else:
            assert wait == seconds
            assert endpoint.paused_until == timezone.now() + timedelta(seconds=seconds)
            assert state_of(other)[:2] == ("pending", 0)  # whoever asks for patience gets it for everything


def test_a_private_address_is_never_called(shipper: Person, receiver: Make, settings: Any) -> None:
    """Without the operator's word the very same endpoint gets nothing."""
    settings.WEBHOOK_OWN_HOSTS = []
    there = receiver()
    settings.EGRESS_PORTS = frozenset({int(there.url.split(":")[2].split("/")[0])})
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    assert deliver(everything_stands) == 1
    assert state_of(delivery)[:2] == ("pending", 1)
    assert "not a public address" in delivery.reason
    assert there.requests == []


def test_a_death_after_the_answer_sends_it_again_with_the_same_id(
    shipper: Person, receiver: Make, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W7: killed between the endpoint's yes and our note, and the machine lost."""
    there = receiver()
    endpoint, secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    with monkeypatch.context() as patch:
        patch.setattr(outcome, "settle", _die)
        with pytest.raises(Killed):
            deliver(everything_stands)
    assert state_of(delivery) == ("sending", 1, "")
    for path in notes.glob("*.notes"):
        path.unlink()
    assert deliver(everything_stands) == 0  # the lease still runs
    with time_machine.travel(timezone.now() + outcome.LEASE + timedelta(seconds=1)):
        assert deliver(everything_stands) == 1
    assert state_of(delivery) == ("sent", 2, "")
    assert len(there.ids()) == 2 and len(set(there.ids())) == 1
    assert len({request["headers"]["webhook-timestamp"] for request in there.requests}) == 2
    there.requests.pop()  # the library refuses stamps that far ahead of its clock
    assert there.verify(secret) == 1


def test_a_slow_endpoint_holds_nobody_up(shipper: Person, receiver: Make, settings: Any) -> None:
    """The slow one does not answer before everything of the good one has arrived, which it does."""
    settings.WEBHOOK_TIMEOUT = 60.0
    slow, good = receiver(), receiver()
    shipment = a_shipment(shipper.organization)
    lame, _ = an_endpoint(shipper, slow.url)
    quick, _ = an_endpoint(shipper, good.url)
    for number in range(3):
        a_call(an_update(shipment, key=f"s{number}", feed_no=number + 1), lame, recipient=f"s{number}")
    for number in range(60):
        a_call(an_update(shipment, key=f"g{number}", feed_no=number + 4), quick, recipient=f"g{number}")
    arrived: list[int] = []

    def patient(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        until = time.monotonic() + 50
        while len(good.requests) < 60 and time.monotonic() < until:
            time.sleep(0.05)
        arrived.append(len(good.requests))
        return 204, {}, b""

    slow.answer = patient
    assert deliver(everything_stands) == 63
    assert arrived[0] == 60
    assert Delivery.objects.filter(state="sent").count() == 63
    assert slow.most_at_once <= queues.AT_ONE and good.most_at_once <= queues.AT_ONE


def test_hostile_endpoints_cost_nothing_but_their_own_time(shipper: Person, receiver: Make, settings: Any) -> None:
    """W4: slowloris, endless headers, endless body, a gzip bomb, silence: each ends by itself, cut short."""
    settings.WEBHOOK_TIMEOUT = 2.0
    good = receiver()
    hostile = [Hostile(script) for script in (_slowloris, _endless_headers, _endless_body, _bomb, _silence)]
    shipment = a_shipment(shipper.organization)
    calls = [a_call(an_update(shipment, key=f"h{n}"), an_endpoint(shipper, h.url)[0]) for n, h in enumerate(hostile)]
    mine, _ = an_endpoint(shipper, good.url)
    fine = [a_call(an_update(shipment, key=f"g{n}"), mine) for n in range(20)]
    try:
        assert deliver(everything_stands) == 25
    finally:
        for one in hostile:
            one.close()
    assert {state_of(delivery)[0] for delivery in fine} == {"sent"}
    # Who answered 200 has accepted, whatever it went on to say; the others are tried again.
    assert [state_of(delivery)[0] for delivery in calls] == ["pending", "pending", "sent", "sent", "pending"]
    details = [delivery.tries.get().detail for delivery in calls]
    assert details[1] == "the headers of the answer are too long"
    assert "time" in details[0] and "time" in details[4]
    assert max(Attempt.objects.values_list("answer", flat=True), key=len) != "" and all(
        len(answer) <= 1000 for answer in Attempt.objects.values_list("answer", flat=True)
    )


def test_the_rate_of_one_endpoint_is_kept(shipper: Person, receiver: Make, settings: Any) -> None:
    settings.WEBHOOK_RATE = 20.0
    there = receiver()
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    for number in range(21):
        a_call(an_update(shipment, key=str(number)), endpoint)
    began = time.monotonic()
    assert deliver(everything_stands) == 21
    assert time.monotonic() - began >= 1.0  # twenty gaps of a twentieth of a second
    assert len(set(there.ids())) == 21


def test_a_dead_endpoint_is_refused_at_once(shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, f"http://127.0.0.1:{free_port()}/hook")
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    assert deliver(everything_stands) == 1
    assert state_of(delivery)[:2] == ("pending", 1)
    attempt = delivery.tries.get()
    assert (attempt.outcome, attempt.status) == ("temporary", None)


def _die(*args: object, **kwargs: object) -> None:
    raise Killed


def _slowloris(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-A: b\r\n")
        time.sleep(0.1)


def _endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-A: " + b"b" * 8000 + b"\r\n")


def _endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def _bomb(connection: socket.socket) -> None:
    import gzip

    body = gzip.compress(b"\0" * 10_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def _silence(connection: socket.socket) -> None:
    time.sleep(5)


def test_what_is_written_is_what_was_sent(shipper: Person, receiver: Make) -> None:
    """The body in the log is the body that was signed, cut at 2,000 characters with its headers."""
    there = receiver()
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization), data={"text": "가" * 3000}), endpoint)
    deliver(everything_stands)
    attempt = delivery.tries.get()
    assert len(attempt.request) == 2000
    head, _, excerpt = attempt.request.partition("\n\n")
    assert there.requests[0]["body"].decode().startswith(excerpt)
    assert "webhook-signature: v1," in head
    assert json.loads(there.requests[0]["body"])["data"]["text"] == "가" * 3000
