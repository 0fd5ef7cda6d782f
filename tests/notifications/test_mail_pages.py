"""The pages that mails lead to: in the language of the mail, and without a question where there is nothing to ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cargo.models import Shipment
from notifications import kinds, render, subscribing
from notifications.models import Channel, Subscription
from tests.notifications.conftest import MailServer, a_channel, a_delivery, a_shipment, a_subscription, an_update
from tests.notifications.test_following import ADDRESS, link_in
from tests.notifications.test_following_page import USUAL
from tests.people import Person

ENGLISH: dict[str, Any] = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


def is_korean(answer: Any) -> bool:
    text = answer.content.decode()
    assert ('<html lang="ko"' in text) == ('<body lang="ko"' in text) == (answer.headers["Content-Language"] == "ko")
    return '<html lang="ko"' in text


def test_an_invitation_in_korean_leads_to_korean_pages(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    client = Client(**ENGLISH)
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "ko")
    asked = client.get(link_in(mail_server))
    assert is_korean(asked) and "예, 메일을 받겠습니다" in asked.content.decode()
    page = client.post(link_in(mail_server)).headers["Location"]
    assert is_korean(client.get(page))
    wrong = client.post(page, USUAL | {"language": "ko", "digest_at": ""})
    assert wrong.status_code == 400 and is_korean(wrong) and "필수 항목입니다." in wrong.content.decode()
    # What he chooses is what the next page speaks.
    assert client.post(page, USUAL | {"language": "en"}).status_code == 302
    assert not is_korean(Client(HTTP_ACCEPT_LANGUAGE="ko").get(page))


def test_a_mail_in_korean_is_unsubscribed_from_in_korean(shipper: Person, shipment: Shipment) -> None:
    delivery = a_delivery(an_update(shipment), a_channel(shipper, language="ko"))
    page = f"/notices/unsubscribe/{render.unsubscribe_token(delivery)}/"
    assert is_korean(Client(**ENGLISH).get(page)) and is_korean(Client(**ENGLISH).post(page))
    assert Subscription.objects.get().ended_at is not None
    Channel.objects.update(language="en")
    assert not is_korean(Client(HTTP_ACCEPT_LANGUAGE="ko").get(page))


def test_who_is_told_of_nothing_is_asked_nothing(shipper: Person, shipment: Shipment) -> None:
    channel = a_channel(shipper)
    page = f"/notices/unsubscribe/{render.unsubscribe_token(a_delivery(an_update(shipment), channel))}/"
    assert "Stop the notices to a…@example.com?" in Client().get(page).content.decode()
    assert Client().post(page).status_code == 200
    for mutes in (False, True):
        if mutes:
            a_subscription(channel, shipment, matrix=kinds.mute("email"))
        text = Client().get(page).content.decode().split("<main")[1]
        assert "Nothing is sent" in text and "a…@example.com is subscribed to nothing" in text and "<form" not in text
    a_subscription(channel)
    assert "<form" in Client().get(page).content.decode().split("<main")[1]
