"""Addresses as people type them: which can exist, and their one spelling."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from clis.accounts.models import User
from notifications import subscribing
from notifications.models import Channel, Verification
from notifications.subscribing import SubscribingError
from tests.notifications.conftest import Gateway
from tests.people import Person

# The longest there can be: 64 before the @, and 254 in all.
LOCAL = "a" * 64
DOMAIN = f"{'b' * 63}.{'c' * 63}.{'d' * 58}.kr"
NO_DOMAIN = "An e-mail address ends in a domain name, as in name@example.com."
TOO_LONG = "An e-mail address has at most 64 characters before the @, and 254 in all."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Desk@EXAMPLE.com ", "Desk@example.com"),
        (f"{LOCAL}@example.com", f"{LOCAL}@example.com"),
        (f"{LOCAL}@{DOMAIN}", f"{LOCAL}@{DOMAIN}"),
    ],
)
def test_one_spelling(typed: str, kept: str) -> None:
    assert subscribing.normalize("email", typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("nonsense", "This is not an e-mail address."),
        ("x@localhost", NO_DOMAIN),
        ("x@[127.0.0.1]", NO_DOMAIN),
        (f"{LOCAL}a@example.com", TOO_LONG),
        (f"{LOCAL}@d.{DOMAIN}", TOO_LONG),
        # Short as it is read, too long as it is sent: 부산 is xn--289av95b.
        (f"{LOCAL}@{'부산.' * 22}com", TOO_LONG),
    ],
)
def test_what_cannot_exist_is_refused(shipper_client: Client, gateway: Gateway, typed: str, why: str) -> None:
    answer = shipper_client.post("/notices/channels/", {"kind": "email", "address": typed, "language": "en"})
    assert answer.status_code == 400 and why in answer.content.decode()
    told = {"kind": "email", "address": typed}
    answer = shipper_client.post("/api/v1/channels/", told, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"]) == (
        400, [{"field": "address", "message": why, "code": "invalid"}]
    )  # fmt: skip
    assert (Channel.objects.count(), Verification.objects.count(), gateway.requests) == (0, 0, [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "sms", "address": "02-312-3456"}, "address"),
        ({"kind": "chat", "address": "https://example.com/hook"}, "address"),
    ],
)
def test_numbers_and_chats_are_named_as_well(
    shipper_client: Client, gateway: Gateway, given: dict[str, Any], field: str
) -> None:
    answer = shipper_client.post("/api/v1/channels/", given, content_type="application/json")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert Channel.objects.count() == 0


def test_who_signs_in_by_an_address_in_no_domain_adds_others(shipper: Person) -> None:
    User.objects.filter(pk=shipper.user.pk).update(email="root@localhost")
    added = subscribing.add_channel(shipper.viewer, "email", "desk@example.com", "en")
    assert (added.address, added.verified_at) == ("desk@example.com", None)
    with pytest.raises(SubscribingError, match="ends in a domain name"):
        subscribing.own_email_channel(shipper.viewer)
    assert list(Channel.objects.all()) == [added]
