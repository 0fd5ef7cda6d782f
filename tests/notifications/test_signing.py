"""A webhook's secrets: all that have not ended sign, page and API say until when, and all are resealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from clis.sealing import seal, unseal
from notifications import endpoints
from notifications.deliver import deliver
from notifications.models import Channel, Endpoint
from notifications.models.signing import secrets_before, signing_secrets
from notifications.subscribing import SubscribingError
from notifications.transports.webhook import new_secret
from tests.notifications.conftest import a_shipment, an_update, everything_stands
from tests.notifications.receivers import Receiver, a_call, an_endpoint
from tests.people import Person

NOW = datetime(2026, 3, 24, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLD, NEW = "the-old-key-" + "0" * 40, "the-new-key-" + "1" * 40


@pytest.fixture(autouse=True)
def inside(db: None, settings: Any) -> None:
    """The receivers are the operator's own hosts."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1"]
    settings.WEBHOOK_HTTP = True


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Callable[..., Client]) -> Client:
    return api_client(key_for(shipper.organization, "subscriptions:write"))


def test_who_has_the_first_secret_is_not_cut_off_by_a_second_rotation(shipper: Person) -> None:
    there = Receiver()
    endpoint, first = an_endpoint(shipper, there.url)
    second = endpoints.rotate(shipper.viewer, endpoint.pk)
    third = endpoints.rotate(shipper.viewer, endpoint.pk)
    a_call(an_update(a_shipment(shipper.organization)), endpoint)
    assert deliver(everything_stands) == 1
    assert [there.verify(secret) for secret in (first, second, third)] == [1, 1, 1]
    assert len(there.requests[0]["headers"]["webhook-signature"].split(" ")) == 3
    there.close()


def test_each_ends_by_itself(shipper: Person, clock: Any) -> None:
    endpoint, first = an_endpoint(shipper, "https://hooks.example.com/")
    second = endpoints.rotate(shipper.viewer, endpoint.pk)
    clock.move_to(NOW + 10 * HOUR)
    third = endpoints.rotate(shipper.viewer, endpoint.pk)
    endpoint.refresh_from_db()
    assert signing_secrets(endpoint, NOW + 24 * HOUR - timedelta(seconds=1)) == (third, second, first)
    assert signing_secrets(endpoint, NOW + 24 * HOUR) == (third, second)
    assert signing_secrets(endpoint, NOW + 34 * HOUR) == (third,)


def test_page_and_api_say_until_when_each_signs(
    shipper: Person, shipper_client: Client, program: Client, clock: Any
) -> None:
    endpoint, _first = an_endpoint(shipper, "https://hooks.example.com/")
    path = f"/api/v1/endpoints/{endpoint.pk}/"
    assert program.get(path).json()["old_secrets_until"] == []
    program.post(f"{path}rotate/")
    clock.move_to(NOW + HOUR)
    shipper_client.force_login(shipper.user)
    page = shipper_client.post(f"/notices/webhooks/{endpoint.pk}/rotate/").content.decode()
    assert page.count("old secret signs until") == 2
    assert 'title="2026-03-25 09:00 UTC"' in page and 'title="2026-03-25 10:00 UTC"' in page
    said = program.get(path).json()
    assert said["old_secrets_until"] == ["2026-03-25T09:00:00Z", "2026-03-25T10:00:00Z"]
    assert said["rotating_until"] == "2026-03-25T10:00:00Z"


def test_a_fourth_within_a_day_is_refused(shipper: Person, shipper_client: Client, program: Client, clock: Any) -> None:
    endpoint, _first = an_endpoint(shipper, "https://hooks.example.com/")
    for _number in range(3):
        latest = endpoints.rotate(shipper.viewer, endpoint.pk)
        clock.shift(HOUR)
    with pytest.raises(SubscribingError, match="Three older secrets still sign"):
        endpoints.rotate(shipper.viewer, endpoint.pk)
    refused = program.post(f"/api/v1/endpoints/{endpoint.pk}/rotate/")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "rotating")
    shipper_client.force_login(shipper.user)
    page = shipper_client.post(f"/notices/webhooks/{endpoint.pk}/rotate/", follow=True).content.decode()
    assert "Three older secrets still sign. Make a new one when the first of them has ended." in page
    assert "whsec_" not in page
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed) == latest
    clock.move_to(NOW + 24 * HOUR)
    newest = endpoints.rotate(shipper.viewer, endpoint.pk)
    endpoint.refresh_from_db()
    assert unseal(endpoint.sealed) == newest and len(signing_secrets(endpoint, NOW + 24 * HOUR)) == 4


def test_one_that_was_kept_before_there_were_several(shipper: Person, clock: Any) -> None:
    old = new_secret()
    endpoint, first = an_endpoint(
        shipper, "https://hooks.example.com/", sealed_before=seal(old), before_until=NOW + 5 * HOUR
    )
    assert secrets_before(endpoint, NOW) == [(NOW + 5 * HOUR, old)]
    second = endpoints.rotate(shipper.viewer, endpoint.pk)
    endpoint.refresh_from_db()
    assert signing_secrets(endpoint, NOW) == (second, first, old)
    assert signing_secrets(endpoint, NOW + 5 * HOUR) == (second, first)


def test_all_of_them_are_resealed(shipper: Person, settings: Any, clock: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    endpoint, first = an_endpoint(shipper, "https://hooks.example.com/")
    second = endpoints.rotate(shipper.viewer, endpoint.pk)
    third = endpoints.rotate(shipper.viewer, endpoint.pk)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    call_command("reseal")
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    assert signing_secrets(endpoint, NOW) == (third, second, first)


def test_a_new_secret_is_the_way_out_of_a_lost_key(shipper: Person, settings: Any, clock: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    endpoint, _first = an_endpoint(shipper, "https://hooks.example.com/")
    endpoints.rotate(shipper.viewer, endpoint.pk)
    settings.SECRET_KEY = NEW
    assert endpoints.row(shipper.viewer, endpoint.pk).old_secrets_until == []
    secret = endpoints.rotate(shipper.viewer, endpoint.pk)
    endpoint.refresh_from_db()
    assert signing_secrets(endpoint, NOW) == (secret,)
    assert (Endpoint.objects.get().before_until, Channel.objects.count()) == (None, 1)
