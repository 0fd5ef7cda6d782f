"""Webhooks as their people keep them: added, proved, signed anew, paused, tried, delivered to again, over REST."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cargo.models import TrackingUpdate
from clis.sealing import unseal
from notifications import deliver as delivering
from notifications import endpoints
from notifications.api.endpoints import SpanSerializer
from notifications.deliver import deliver, validity
from notifications.endpoints import Span
from notifications.models import Attempt, Channel, Delivery, Endpoint, EstimateTold, Subscription, Verification
from notifications.render import reference_of
from notifications.subscribing import ForbiddenError, NotFoundError, SubscribingError, TooManyError
from tests.notifications.conftest import a_shipment, an_update, everything_stands
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person, a_person

URL = "https://hooks.example.com/clis?for=alice"


@pytest.fixture(autouse=True)
def inside(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receivers are the operator's own hosts."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_RATE = 1000.0
    settings.WEBHOOK_HTTP = True
    monkeypatch.setattr(delivering, "IDLE_SECONDS", 0.05)
    cache.clear()


@pytest.fixture
def there() -> Iterator[Receiver]:
    """An endpoint that gives every challenge back."""
    receiver = Receiver(_echo)
    yield receiver
    receiver.close()


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Any) -> Client:
    """A program of Alice's organization."""
    return api_client(key_for(shipper.organization, "subscriptions:write"))


def _echo(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    data = json.loads(request["body"])["data"]
    return 200, {}, json.dumps({"challenge": data.get("challenge")}).encode()


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def test_from_the_first_word_to_the_first_event(program: Client, shipper: Person, there: Receiver) -> None:
    made = post(program, "endpoints/", {"url": there.url, "name": "TMS"})
    assert made.status_code == 201
    body = made.json()
    assert (body["url"], body["name"], body["state"], body["verified_at"]) == (there.url, "TMS", "unproved", None)
    secret, number = body["secret"], body["id"]
    assert secret.startswith("whsec_") and len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert "secret" not in program.get(f"/api/v1/endpoints/{number}/").json()
    early = post(program, f"endpoints/{number}/test/")
    assert (early.status_code, early.json()["errors"][0]["code"]) == (400, "not_verified")
    assert there.requests == []
    proved = post(program, f"endpoints/{number}/challenge/")
    assert (proved.status_code, proved.json()["ok"], proved.json()["status"]) == (200, True, 200)
    assert there.verify(secret) == 1
    assert there.bodies()[0]["type"] == "endpoint.challenge"
    listed = program.get("/api/v1/endpoints/").json()["results"]
    assert [(row["id"], row["state"]) for row in listed] == [(number, "on")]
    tried = post(program, f"endpoints/{number}/test/").json()
    assert (tried["ok"], tried["status"]) == (True, 200)
    assert there.bodies()[1]["type"] == "endpoint.test"
    renewed = post(program, f"endpoints/{number}/rotate/")
    assert renewed.status_code == 201 and renewed.json()["rotating_until"]
    assert renewed.json()["secret"] not in ("", secret)
    assert post(program, f"endpoints/{number}/pause/").json()["state"] == "held"
    assert post(program, f"endpoints/{number}/resume/").json()["state"] == "on"
    assert program.delete(f"/api/v1/endpoints/{number}/").status_code == 204
    assert Channel.objects.count() == Endpoint.objects.count() == 0


def test_the_secret_lies_sealed(shipper: Person) -> None:
    number, secret = endpoints.add(shipper.viewer, URL)
    endpoint = Endpoint.objects.get(pk=number)
    assert secret not in endpoint.sealed and unseal(endpoint.sealed) == secret
    assert endpoint.channel.address == URL and endpoint.channel.user is None


def test_nothing_but_challenges_goes_to_an_unproved_endpoint(shipper: Person, there: Receiver) -> None:
    """W10: an endpoint that does not give the word back gets ten posts a day, and no event."""
    there.answer = lambda request: (200, {}, b'{"challenge": "something else"}')
    number, _secret = endpoints.add(shipper.viewer, there.url)
    endpoint = Endpoint.objects.get(pk=number)
    shipment = a_shipment(shipper.organization)
    delivery = a_call(an_update(shipment), endpoint)
    for _ in range(10):
        tried = endpoints.challenge(shipper.viewer, number)
        assert (tried.ok, tried.status) == (False, 200)
    with pytest.raises(TooManyError):
        endpoints.challenge(shipper.viewer, number)
    assert deliver(everything_stands) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("skipped", "channel_off")
    assert {body["type"] for body in there.bodies()} == {"endpoint.challenge"} and len(there.requests) == 10
    endpoints.remove(shipper.viewer, number)
    number, _secret = endpoints.add(shipper.viewer, there.url)
    with pytest.raises(TooManyError):  # the limit stays when the channel goes
        endpoints.challenge(shipper.viewer, number)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert endpoints.challenge(shipper.viewer, number).status == 200


def test_the_word_may_be_the_whole_answer(shipper: Person, there: Receiver) -> None:
    there.answer = lambda request: (202, {}, json.loads(request["body"])["data"]["challenge"].encode() + b"\n")
    number, _secret = endpoints.add(shipper.viewer, there.url)
    assert endpoints.challenge(shipper.viewer, number).ok
    assert endpoints.row(shipper.viewer, number).state == "on"
    assert Verification.objects.get().used_at is not None


def test_a_refused_challenge_proves_nothing(shipper: Person, there: Receiver) -> None:
    there.answer = lambda request: (403, {}, _echo(request)[2])
    number, _secret = endpoints.add(shipper.viewer, there.url)
    tried = endpoints.challenge(shipper.viewer, number)
    assert (tried.detail, tried.technical) == ("It answered with status 403, and not with one of 2xx.", "HTTP 403")
    assert endpoints.row(shipper.viewer, number).verified_at is None


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/x",
        "https://tms/",
        "ftp://hooks.example.com/",
        "https://xn--/",
        "hooks.example.com",
        "",
        "https://hooks.example.com/" + "x" * 500,
    ],
)
def test_addresses_that_are_not_taken(url: str, shipper: Person, settings: Any) -> None:
    settings.WEBHOOK_HTTP = False
    with pytest.raises(SubscribingError):
        endpoints.add(shipper.viewer, url)
    assert Channel.objects.count() == 0


@pytest.mark.parametrize("url", ["https://[::1", "https://a.example:99999/", "https://a.example:b/"])
def test_a_mistyped_address_is_said_to_be_one(url: str, program: Client) -> None:
    answer = post(program, "endpoints/", {"url": url})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, "url")
    assert error["message"].startswith("This address cannot be called: ")
    assert (Channel.objects.count(), Endpoint.objects.count()) == (0, 0)


def test_one_form_of_a_url(shipper: Person) -> None:
    number, _secret = endpoints.add(shipper.viewer, " HTTPS://Bücher.Example.com:443/a b ")
    assert Channel.objects.get(pk=number).address == "https://xn--bcher-kva.example.com/a%20b"
    with pytest.raises(SubscribingError, match="already"):
        endpoints.add(shipper.viewer, "https://xn--bcher-kva.example.com/a%20b")


def test_an_organization_has_so_many(shipper: Person, settings: Any) -> None:
    settings.WEBHOOK_ENDPOINTS = 2
    endpoints.add(shipper.viewer, URL)
    endpoints.add(shipper.viewer, URL + "2")
    with pytest.raises(TooManyError):
        endpoints.add(shipper.viewer, URL + "3")
    assert Endpoint.objects.count() == 2


def test_only_admins_and_keys_write(shipper: Person, forwarder: Person, stranger: Person, staff: Person) -> None:
    number, _secret = endpoints.add(shipper.viewer, URL)
    colleague = a_person("Mia", shipper.organization, "member")  # type: ignore[arg-type]
    assert endpoints.row(colleague.viewer, number).changeable is False
    acts: list[Any] = [endpoints.rotate, endpoints.pause, endpoints.resume, endpoints.test, endpoints.remove]
    for person, error in ((colleague, ForbiddenError), (stranger, NotFoundError), (staff, NotFoundError)):
        for act in acts:
            with pytest.raises(error):
                act(person.viewer, number)
        with pytest.raises(error):
            endpoints.redeliver(person.viewer, number, Span(first=1))
    with pytest.raises(ForbiddenError):
        endpoints.add(colleague.viewer, URL + "2")
    with pytest.raises(NotFoundError):
        endpoints.row(stranger.viewer, number)
    assert endpoints.rows(stranger.viewer) == [] and [row.id for row in endpoints.rows(staff.viewer)] == [number]
    assert Endpoint.objects.get().held_at is None


def test_a_held_endpoint_is_owed_and_not_sent(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    endpoints.pause(shipper.viewer, endpoint.pk)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint)
    assert deliver(everything_stands) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, there.requests) == ("pending", 0, [])
    endpoints.resume(shipper.viewer, endpoint.pk)
    assert deliver(everything_stands) == 1
    assert len(there.requests) == 1


def test_what_was_not_delivered_goes_out_once_more_with_its_id(
    shipper: Person, there: Receiver, program: Client
) -> None:
    """W6: a range by numbers, all since a time, one, and everything by force."""
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    rows = [a_call(an_update(shipment, key=str(number)), endpoint) for number in range(10)]
    ids = [reference_of(row) for row in rows]
    ended = {"next_attempt_at": None, "finished_at": timezone.now(), "attempts": 10}
    Delivery.objects.filter(pk__in=[row.pk for row in rows[:6]]).update(state="failed", **ended)
    Delivery.objects.filter(pk__in=[row.pk for row in rows[6:]]).update(state="sent", **ended)
    Delivery.objects.filter(pk=rows[0].pk).update(created_at=timezone.now() - timedelta(days=9))
    path = f"endpoints/{endpoint.pk}/redeliver/"
    nothing = post(program, path)
    assert nothing.status_code == 400
    assert deliver(everything_stands) == 0
    one = post(program, path, {"first": rows[1].pk, "last": rows[1].pk})
    assert (one.status_code, one.json()) == (202, {"deliveries": 1})
    assert deliver(everything_stands) == 1
    assert there.ids() == [ids[1]]
    since = {"since": (timezone.now() - timedelta(days=1)).isoformat()}
    assert post(program, path, since).json() == {"deliveries": 4}
    assert post(program, path, since).json() == {"deliveries": 0}  # owed already
    assert deliver(everything_stands) == 4
    assert sorted(there.ids()) == sorted(ids[1:6])
    assert post(program, path, {"first": rows[0].pk}).json() == {"deliveries": 1}
    assert deliver(everything_stands) == 1
    there.requests.clear()
    assert post(program, path, {"first": rows[7].pk, "force": True}).json() == {"deliveries": 3}
    assert deliver(everything_stands) == 3
    assert sorted(there.ids()) == sorted(ids[7:])
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_the_operators_own_host_may_be_a_bare_name(shipper: Person, settings: Any) -> None:
    settings.WEBHOOK_OWN_HOSTS = ["tms", "localhost:8080"]
    for url in ("http://tms/hook", "http://localhost:8080/hook"):
        endpoints.add(shipper.viewer, url)
    with pytest.raises(SubscribingError, match="localhost is not a public address"):
        endpoints.add(shipper.viewer, "http://localhost/hook")
    assert Channel.objects.count() == 2


def test_one_that_is_not_proved_must_answer_its_challenge_first(shipper: Person, program: Client) -> None:
    endpoint, _secret = an_endpoint(shipper, URL)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint, state="failed", next_attempt_at=None)
    Channel.objects.update(verified_at=None)
    answer = post(program, f"endpoints/{endpoint.pk}/redeliver/", {"first": delivery.pk})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (400, "not_verified")
    assert error["message"] == "The endpoint must answer its challenge first."
    delivery.refresh_from_db()
    assert delivery.state == "failed"


@pytest.mark.parametrize(
    ("span", "field", "said"),
    [
        ({"first": 9, "last": 8}, "last", "The last number is below the first."),
        (
            {"since": "2026-03-24T09:00:00Z", "until": "2026-03-24T08:59:59Z"},
            "until",
            "The end is before the beginning.",
        ),
    ],
)
def test_a_range_that_ends_before_it_begins(
    span: dict[str, Any], field: str, said: str, shipper: Person, program: Client
) -> None:
    endpoint, _secret = an_endpoint(shipper, URL)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint, state="failed", next_attempt_at=None)
    answer = post(program, f"endpoints/{endpoint.pk}/redeliver/", span)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["message"]) == (400, field, said)
    with pytest.raises(SubscribingError, match=said):
        endpoints.redeliver(shipper.viewer, endpoint.pk, Span(**SpanSerializer().to_internal_value(span)))
    delivery.refresh_from_db()
    assert delivery.state == "failed"


def test_nothing_is_delivered_again_to_who_is_off(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(an_update(a_shipment(shipper.organization)), endpoint, state="failed", next_attempt_at=None)
    Channel.objects.update(disabled_at=timezone.now())
    with pytest.raises(SubscribingError, match="off"):
        endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == "failed"


# More than a statement of PostgreSQL takes parameters.
MANY = 65_600


def multiplied(row: Any, number: int, **different: str) -> None:
    """The row that many times more, in one statement; ``different``: SQL of ``n``, from 1, for columns not the same."""
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(different.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < {number}) "
            f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) "
            f"SELECT {values} FROM {row._meta.db_table} CROSS JOIN more WHERE id = {row.pk}"
        )


def test_who_missed_most_gets_all_of_it_and_can_be_removed(shipper: Person) -> None:
    endpoint, _secret = an_endpoint(shipper, URL)
    shipment = a_shipment(shipper.organization)
    first = a_call(an_update(shipment), endpoint, state="failed", next_attempt_at=None)
    tried = Attempt.objects.create(delivery=first, outcome="temporary")
    update = TrackingUpdate.objects.get()
    multiplied(update, MANY, key="'more ' || n", **({"feed_no": "NULL"} if hasattr(update, "feed_no") else {}))
    low = TrackingUpdate.objects.order_by("pk")[1].pk - 1
    multiplied(first, MANY, update_id=f"{low} + n", recipient="'more ' || n")
    low = Delivery.objects.order_by("pk")[1].pk - 1
    multiplied(tried, MANY, delivery_id=f"{low} + n")
    with CaptureQueriesContext(connection) as statements:
        assert endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=1)) == MANY + 1
    asked = [query["sql"].split(" ", 1)[0] for query in statements if '"notifications_delivery"' in query["sql"]]
    assert asked == ["UPDATE"]
    assert Delivery.objects.filter(state="pending").count() == MANY + 1
    small, _secret = an_endpoint(shipper, URL + "small")
    counts = []
    for number in (small.pk, endpoint.pk):
        with CaptureQueriesContext(connection) as statements:
            endpoints.remove(shipper.viewer, number)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    left = (Channel, Endpoint, Subscription, Delivery, Attempt)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0, 0]


def test_removing_takes_all_of_one_and_nothing_of_others(shipper: Person) -> None:
    shipment = a_shipment(shipper.organization)
    other, _secret = an_endpoint(shipper, URL + "other")
    kept = a_call(an_update(shipment), other)
    Attempt.objects.create(delivery=kept)
    endpoint, _secret = an_endpoint(shipper, URL)
    Attempt.objects.create(delivery=a_call(an_update(shipment), endpoint))
    EstimateTold.objects.create(channel=endpoint.channel, shipment=shipment, arrival_at=timezone.now())
    endpoints.remove(shipper.viewer, endpoint.pk)
    assert (list(Delivery.objects.all()), EstimateTold.objects.count(), Channel.objects.count()) == ([kept], 0, 1)
    assert Attempt.objects.get().delivery == kept and Subscription.objects.get().channel == other.channel


def test_what_had_arrived_stays_sent_when_it_may_not_go_out_again(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    arrived = timezone.now() - timedelta(hours=2)
    delivery = a_call(
        an_update(a_shipment(shipper.organization)), endpoint, state="sent", finished_at=arrived, next_attempt_at=None
    )
    assert endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=delivery.pk, force=True)) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.delivered_at) == ("pending", arrived)
    assert deliver(lambda _updates: set()) == 0
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.finished_at, delivery.delivered_at) == (
        "sent", "", arrived, arrived,
    )  # fmt: skip
    assert there.requests == []


def test_what_had_arrived_is_not_taken_for_missed(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    delivery = a_call(
        an_update(a_shipment(shipper.organization)),
        endpoint,
        state="failed",
        delivered_at=timezone.now(),
        next_attempt_at=None,
    )
    assert endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=delivery.pk)) == 0
    assert deliver(everything_stands) == 0 and there.requests == []
    assert endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=delivery.pk, force=True)) == 1


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_a_release_that_goes_out_again_was_told(shipper: Person, there: Receiver, state: str) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment, arrived = a_shipment(shipper.organization), timezone.now() - timedelta(hours=2)
    release = a_call(an_update(shipment), endpoint, state="sent", finished_at=arrived, next_attempt_at=None)
    endpoints.redeliver(shipper.viewer, endpoint.pk, Span(first=release.pk, force=True))
    Delivery.objects.update(state=state, finished_at=timezone.now() if state == "failed" else None)
    revoked = a_call(an_update(shipment, "customs.release_revoked"), endpoint)
    validity.Validity([revoked], everything_stands)
    assert revoked.data["amends"] == {"milestone": "customs_released", "at": arrived.isoformat()}


def test_what_waits_for_its_next_try_waits_no_longer_once_resumed(shipper: Person, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url, failures=7)
    later = timezone.now() + timedelta(hours=20)
    shipment = a_shipment(shipper.organization)
    waiting = a_call(an_update(shipment), endpoint, attempts=7, next_attempt_at=later)
    begun = a_call(an_update(shipment), endpoint, state="sending", next_attempt_at=later)
    elsewhere = a_call(an_update(shipment), an_endpoint(shipper, URL)[0], next_attempt_at=later)
    endpoints.resume(shipper.viewer, endpoint.pk)
    for row in (waiting, begun, elsewhere):
        row.refresh_from_db()
    assert waiting.next_attempt_at and waiting.next_attempt_at <= timezone.now() and waiting.attempts == 7
    assert (begun.next_attempt_at, elsewhere.next_attempt_at) == (later, later)
    assert deliver(everything_stands) == 1 and there.ids() == [reference_of(waiting)]


def test_a_challenge_is_numbered_after_the_last_whatever_is_gone(shipper: Person, there: Receiver) -> None:
    number, _secret = endpoints.add(shipper.viewer, there.url)
    for _ in range(2):
        endpoints.challenge(shipper.viewer, number)
    Verification.objects.earliest("pk").delete()
    assert endpoints.challenge(shipper.viewer, number).ok
    assert list(Verification.objects.order_by("pk").values_list("sequence", flat=True)) == [2, 3]


def test_staff_who_act_for_an_organization_list_its_own(shipper: Person, stranger: Person) -> None:
    ours, _secret = an_endpoint(shipper, URL)
    an_endpoint(stranger, URL)
    viewer = replace(shipper.viewer, is_staff=True)
    assert [row.id for row in endpoints.rows(viewer)] == [ours.pk]
