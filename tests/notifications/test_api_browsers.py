"""Browser notifications over REST: the key, connecting one's own browser, forgetting it; and never by an API key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clis.sealing import unseal
from notifications.models import Channel, Subscription
from notifications.transports.push import public_key
from tests.notifications.conftest import a_subscription
from tests.notifications.test_push import ENDPOINT, SENDER, a_subscription_of
from tests.people import Person, a_person

PATH = "/api/v1/channels/browser/"
OTHER = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    """The server's key."""
    settings.PUSH_KEY, settings.PUSH_CONTACT = SENDER, "mailto:operator@clis.example"


def send(client: Client, method: str, body: Any) -> Any:
    return getattr(client, method)(PATH, body, content_type="application/json")


def test_a_browser_is_connected_and_forgotten(shipper: Person, shipper_client: Client) -> None:
    assert shipper_client.get(PATH).json() == {"key": public_key()}
    made = send(shipper_client, "post", {"subscription": a_subscription_of(), "language": "ko", "name": "Desk"})
    channel = Channel.objects.get()
    assert (made.status_code, made.json()["id"], made.json()["kind"], made.json()["state"]) == (
        201, channel.pk, "push", "on",
    )  # fmt: skip
    assert (channel.user, channel.language, channel.name) == (shipper.user, "ko", "Desk")
    assert ENDPOINT in unseal(channel.sealed) and ENDPOINT not in made.content.decode()
    again = send(shipper_client, "post", {"subscription": a_subscription_of()})
    assert (again.status_code, again.json()["id"]) == (200, channel.pk)
    assert (again.json()["language"], again.json()["name"]) == ("ko", "Desk")
    again = send(shipper_client, "post", {"subscription": a_subscription_of(), "language": "en", "name": "Lap"})
    assert (again.status_code, again.json()["language"], again.json()["name"]) == (200, "en", "Lap")
    a_subscription(channel)
    assert send(shipper_client, "delete", {"subscription": a_subscription_of()}).status_code == 204
    assert (Channel.objects.count(), Subscription.objects.count()) == (0, 0)
    assert send(shipper_client, "delete", {"subscription": a_subscription_of()}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"subscription": {}},
        {"subscription": a_subscription_of("https://evil.example/x")},
        {"subscription": a_subscription_of(), "language": "xx"},
        {"subscription": a_subscription_of(), "user": 1},
    ],
)
def test_what_is_no_subscription_is_400_and_stores_nothing(shipper_client: Client, body: Any) -> None:
    assert send(shipper_client, "post", body).status_code == 400
    assert Channel.objects.count() == 0


def test_a_key_connects_and_forgets_no_browser(
    shipper: Person, shipper_client: Client, key_for: Any, api_client: Callable[..., Client]
) -> None:
    send(shipper_client, "post", {"subscription": a_subscription_of()})
    program = api_client(key_for(shipper.organization, "subscriptions:write"))
    assert send(program, "post", {"subscription": a_subscription_of(OTHER)}).status_code == 403
    assert send(program, "delete", {"subscription": a_subscription_of()}).status_code == 403
    assert Channel.objects.count() == 1


def test_everybody_forgets_only_his_own(shipper: Person, shipper_client: Client, stranger_client: Client) -> None:
    assert shipper.organization
    send(shipper_client, "post", {"subscription": a_subscription_of()})
    for client in (stranger_client, a_person("Eve", shipper.organization).client()):
        assert send(client, "delete", {"subscription": a_subscription_of()}).status_code == 404
    vera = a_person("Vera", shipper.organization, "viewer").client()
    assert send(vera, "post", {"subscription": a_subscription_of(OTHER)}).status_code == 403
    assert Channel.objects.get().user == shipper.user


def test_without_the_operators_key_there_is_none(shipper_client: Client, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert shipper_client.get(PATH).status_code == 404
    assert send(shipper_client, "post", {"subscription": a_subscription_of()}).status_code == 400
    assert Channel.objects.count() == 0
