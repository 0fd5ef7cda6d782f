"""Webhooks as pages: the secret shown once, the challenge, rotation, pause, test, last deliveries, a range again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from clis.sealing import unseal
from notifications.models import Channel, Delivery, Endpoint
from tests.notifications.conftest import a_channel, a_shipment, a_subscription, an_update
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person, a_person

LIST = "/notices/webhooks/"
STEPS = ("challenge", "rotate", "pause", "resume", "test", "again", "remove")


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    """The receivers are the operator's own hosts."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_HTTP = True
    cache.clear()


@pytest.fixture
def there() -> Iterator[Receiver]:
    """An endpoint that gives every challenge back."""
    receiver = Receiver(_echo)
    yield receiver
    receiver.close()


def _echo(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    data = json.loads(request["body"])["data"]
    return 200, {}, json.dumps({"challenge": data.get("challenge")}).encode()


def test_from_the_form_to_the_test_event(shipper_client: Client, there: Receiver) -> None:
    made = shipper_client.post(LIST, {"url": there.url, "name": "TMS\x00"})
    page = made.content.decode()
    endpoint = Endpoint.objects.get()
    secret = unseal(endpoint.sealed)
    assert made.status_code == 200 and secret in page and "no-store" in made["Cache-Control"]
    path = f"{LIST}{endpoint.pk}/"
    again = shipper_client.get(path).content.decode()
    assert secret not in again and "not challenged yet" in again and "Challenge it" in again
    proved = shipper_client.post(f"{path}challenge/", follow=True).content.decode()
    assert "It gave the word back." in proved and "Nothing is sent to it yet" in proved and 'href="#of-title"' in proved
    assert "It took the test event." in shipper_client.post(f"{path}test/", follow=True).content.decode()
    assert [body["type"] for body in there.bodies()] == ["endpoint.challenge", "endpoint.test"]
    assert "TMS" in shipper_client.get("/notices/").content.decode()


def test_a_new_secret_is_shown_once_too(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, old = an_endpoint(shipper, there.url)
    path = f"{LIST}{endpoint.pk}/"
    page = shipper_client.post(f"{path}rotate/").content.decode()
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    endpoint.refresh_from_db()
    assert found and found[0] == unseal(endpoint.sealed) != old
    again = shipper_client.get(path).content.decode()
    assert "whsec_" not in again and "old secret signs until" in again.lower()


def test_paused_and_resumed(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url, failures=7, failing_since=timezone.now())
    path = f"{LIST}{endpoint.pk}/"
    assert "paused by hand" in shipper_client.post(f"{path}pause/", follow=True).content.decode()
    page = shipper_client.post(f"{path}resume/", follow=True).content.decode()
    endpoint.refresh_from_db()
    assert "paused by hand" not in page and (endpoint.held_at, endpoint.failures) == (None, 0)


def test_one_that_fails_is_tried_now_before_its_time(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    path = f"{LIST}{endpoint.pk}/"
    assert "Try now" not in shipper_client.get(path).content.decode()
    Endpoint.objects.update(failures=2, failing_since=timezone.now())
    later = timezone.now() + timedelta(hours=5)
    waiting = a_call(an_update(a_shipment(shipper.organization)), endpoint, attempts=2, next_attempt_at=later)
    page = shipper_client.get(path).content.decode()
    assert "on, but it fails" in page and f'action="{path}resume/"' in page
    assert "Try now" in page and "Pause" in page and "Resume" not in page
    page = shipper_client.post(f"{path}resume/", follow=True).content.decode()
    waiting.refresh_from_db()
    assert waiting.next_attempt_at and waiting.next_attempt_at <= timezone.now()
    assert "Try now" not in page and "on, but it fails" not in page


def test_one_that_is_off_says_until_when_it_is_kept_for(shipper: Person, shipper_client: Client) -> None:
    endpoint, _secret = an_endpoint(shipper, "https://hooks.example.com/")
    path = f"{LIST}{endpoint.pk}/"
    assert "is kept until" not in shipper_client.get(path).content.decode()
    Channel.objects.update(disabled_at=datetime(2026, 3, 1, 3, tzinfo=UTC))
    page = shipper_client.get(path).content.decode()
    assert "what it misses is kept until" in page and "2026-03-31" in page


def test_a_range_goes_out_again(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    shipment = a_shipment(shipper.organization)
    rows = [a_call(an_update(shipment), endpoint, state="failed", next_attempt_at=None) for _number in range(3)]
    path = f"{LIST}{endpoint.pk}/"
    assert shipper_client.get(path).content.decode().count("/notices/log/") == 4
    said = shipper_client.post(f"{path}again/", {"first": rows[1].pk}, follow=True).content.decode()
    assert "2 deliveries are owed again." in said
    assert [row.state for row in Delivery.objects.order_by("pk")] == ["failed", "pending", "pending"]
    for given in ({}, {"since": "never"}, {"since": "0001-01-01T00:00"}, {"until": "9999-12-31T23:59"}):
        assert shipper_client.post(f"{path}again/", given).status_code == 400
    assert Delivery.objects.filter(state="pending").count() == 2


def test_told_of_all_and_removed(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    path = f"{LIST}{endpoint.pk}/"
    assert shipper_client.get(f"/notices/channels/{endpoint.pk}/")["Location"] == path
    answer = shipper_client.post(f"/notices/channels/{endpoint.pk}/subscribe/", follow=True)
    assert "All shipments" in answer.content.decode() or "all shipments" in answer.content.decode()
    assert "Nothing is sent to it yet" not in answer.content.decode()
    assert shipper_client.post(f"{path}remove/")["Location"] == LIST
    assert Channel.objects.count() == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://x.example", "only http and https URLs with a host are called"),
        ("", "only http and https URLs with a host are called"),
        ("https://[::1", "not a URL: Invalid port: &#x27;:1&#x27;"),
        ("https://a.example:99999/", "port 99999 is not called, only 80, 443"),
        ("https://2130706433/", "2130706433 is not a public address"),
        ("https://tms/hook", "tms is not a full host name"),
        ("https://a.example:b/", "not a URL: Invalid port: &#x27;b&#x27;"),
    ],
)
def test_a_wrong_address_is_said_beside_the_field(shipper_client: Client, url: str, said: str) -> None:
    answer = shipper_client.post(LIST, {"url": url})
    assert answer.status_code == 400 and f"This address cannot be called: {said}" in answer.content.decode()
    assert (Channel.objects.count(), Endpoint.objects.count()) == (0, 0)


def test_what_fails_is_said(shipper: Person, shipper_client: Client) -> None:
    receiver = Receiver(lambda _request: (500, {}, b"no"))
    endpoint, _secret = an_endpoint(shipper, receiver.url)
    page = shipper_client.post(f"{LIST}{endpoint.pk}/test/", follow=True).content.decode()
    receiver.close()
    assert "It did not work" in page and "It answered with status 500, and not with one of 2xx." in page
    assert "<small>HTTP 500</small>" in page


def test_a_connection_refused_is_said_in_words(shipper: Person, shipper_client: Client) -> None:
    receiver = Receiver()
    receiver.close()
    endpoint, _secret = an_endpoint(shipper, receiver.url)
    page = shipper_client.post(f"{LIST}{endpoint.pk}/challenge/", follow=True).content.decode()
    assert "Connection refused: nothing listens at this address and port." in page and page.count("Errno 111") == 1
    assert "<small>[Errno 111] Connection refused</small>" in page


def test_a_range_that_ends_before_it_begins_is_said_beside_its_end(
    shipper: Person, shipper_client: Client, there: Receiver
) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    row = a_call(an_update(a_shipment(shipper.organization)), endpoint, state="failed", next_attempt_at=None)
    for given, place in (
        ({"first": row.pk + 1, "last": row.pk}, "again-last_error"),
        ({"since": "2026-03-24T09:00", "until": "2026-03-23T09:00"}, "again-until_error"),
    ):
        answer = shipper_client.post(f"{LIST}{endpoint.pk}/again/", given)
        page = answer.content.decode()
        assert answer.status_code == 400 and f'id="{place}"' in page and "owed again" not in page
    assert Delivery.objects.get().state == "failed"


@pytest.mark.parametrize("step", STEPS)
def test_who_comes_back_to_a_step_is_shown_the_webhook(
    step: str, shipper: Person, shipper_client: Client, there: Receiver
) -> None:
    endpoint, secret = an_endpoint(shipper, there.url)
    answer = shipper_client.get(f"{LIST}{endpoint.pk}/{step}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{endpoint.pk}/")
    assert shipper_client.put(f"{LIST}{endpoint.pk}/{step}/").status_code == 405
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed) == secret and endpoint.held_at is None and there.requests == []


def test_a_member_looks_and_changes_nothing(shipper: Person, there: Receiver) -> None:
    assert shipper.organization
    eve = a_person("Eve", shipper.organization).client()
    endpoint, secret = an_endpoint(shipper, there.url)
    a_subscription(endpoint.channel)
    page = eve.get(f"{LIST}{endpoint.pk}/").content.decode()
    assert there.url in page and "New secret" not in page and secret not in page
    assert "Add a webhook" not in eve.get(LIST).content.decode()
    assert eve.post(LIST, {"url": "https://other.example.com/"}).status_code == 403
    for step in STEPS:
        assert eve.post(f"{LIST}{endpoint.pk}/{step}/", {"first": "1"}).status_code == 403, step
    assert list(Endpoint.objects.all()) == [endpoint] and there.bodies() == []


def test_a_stranger_gets_404(shipper: Person, stranger_client: Client, there: Receiver) -> None:
    endpoint, secret = an_endpoint(shipper, there.url)
    assert stranger_client.get(f"{LIST}{endpoint.pk}/").status_code == 404
    for step in STEPS:
        assert stranger_client.post(f"{LIST}{endpoint.pk}/{step}/", {"first": "1"}).status_code == 404, step
        assert stranger_client.get(f"{LIST}{endpoint.pk}/{step}/").status_code == 404, step
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed) == secret and endpoint.held_at is None and there.bodies() == []


def test_it_is_named_on_its_page(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    path = f"{LIST}{endpoint.pk}/"
    answer = shipper_client.post(path, {"name": " TMS\x00 of Busan "})
    assert (answer.status_code, answer["Location"]) == (302, path)
    assert Channel.objects.get().name == "TMS of Busan"
    assert 'value="TMS of Busan"' in shipper_client.get(path).content.decode()


def test_nobody_else_names_it_and_nothing_else_is_named_there(
    shipper: Person, shipper_client: Client, stranger_client: Client, there: Receiver
) -> None:
    assert shipper.organization
    endpoint, _secret = an_endpoint(shipper, there.url)
    mail = a_channel(shipper)
    eve = a_person("Eve", shipper.organization).client()
    assert stranger_client.post(f"{LIST}{endpoint.pk}/", {"name": "x"}).status_code == 404
    assert eve.post(f"{LIST}{endpoint.pk}/", {"name": "x"}).status_code == 403
    assert shipper_client.post(f"{LIST}{mail.pk}/", {"name": "x"}).status_code == 404
    assert set(Channel.objects.values_list("name", flat=True)) == {""}


def test_what_it_is_told_of_is_changed_from_its_page(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    told = a_subscription(endpoint.channel)
    path = f"/notices/subscriptions/{told.pk}/"
    assert f'href="{path}"' in shipper_client.get(f"{LIST}{endpoint.pk}/").content.decode()
    shipper_client.post(path, {"kind:milestone": "off"})
    shipper_client.post(f"{path}cargo/", {"label": "Busan", "filter:port_of_discharge": "KRPUS"})
    told.refresh_from_db()
    assert (told.matrix, told.label, told.filter) == ({"milestone": "off"}, "Busan", {"port_of_discharge": "KRPUS"})


def test_an_error_is_what_its_field_is_described_by(shipper: Person, shipper_client: Client, there: Receiver) -> None:
    endpoint, _secret = an_endpoint(shipper, there.url)
    page = shipper_client.post(f"{LIST}{endpoint.pk}/again/", {"since": "never"}).content.decode()
    assert 'aria-describedby="again-since_error"' in page and page.count('id="again-since_error"') == 1
