"""Asking somebody outside: what a link leads to once it asks no more, whom nobody asks, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from cargo.models import Party, Shipment
from notifications import render, subscribing
from notifications.models import Channel, Subscription, Verification
from notifications.subscribing import SubscribingError, TooManyError
from tests.notifications.conftest import MailServer, a_channel, a_shipment
from tests.notifications.test_following import ADDRESS, follow, link_in, token_in
from tests.people import Person, a_person


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    return a_shipment(shipper.organization)


def invite(person: Person, shipment: Shipment, address: str = ADDRESS, language: str = "en") -> None:
    subscribing.invite_follower(person.viewer, shipment.pk, address, language)


def test_a_link_that_was_used_leads_to_what_is_followed(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    channel = follow(shipper, shipment, mail_server)
    before = list(Subscription.objects.values())
    for days, method in ((0, "get"), (0, "post"), (30, "get")):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            answer = getattr(Client(), method)(link_in(mail_server))
        page, token = answer.headers["Location"].rstrip("/").rsplit("/", 1)
        assert (answer.status_code, page) == (302, "/notices/following")
        assert render.read_following_token(token) == channel.pk
    assert list(Subscription.objects.values()) == before


def test_a_link_that_was_used_and_leads_nowhere_says_so(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    follow(shipper, shipment, mail_server)
    subscribing.erase(Channel.objects.get())
    answer = Client().get(link_in(mail_server))
    text = answer.content.decode()
    assert answer.status_code == 410 and "This invitation was answered already" in text
    assert "ask Alice Imports for a new invitation" in text and ADDRESS not in text
    assert Client().post(link_in(mail_server)).status_code == 410
    assert Channel.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"), [("en", "ask Alice Imports for a new invitation"), ("ko", '<html lang="ko"')]
)
def test_a_link_that_is_too_old_says_so_and_whom_to_ask(
    shipper: Person, shipment: Shipment, mail_server: MailServer, language: str, words: str
) -> None:
    invite(shipper, shipment, language=language)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        for answer in (Client().get(link_in(mail_server)), Client().post(link_in(mail_server))):
            text = answer.content.decode()
            assert answer.status_code == 410 and words in text and "<form" not in text.split("<main")[1]
    assert (Channel.objects.count(), Verification.objects.get().used_at) == (0, None)


def test_a_forged_link_is_not_there(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    invite(shipper, shipment)
    link = link_in(mail_server)
    for forged in (link[:-3] + "xx/", "/notices/follow/nonsense/"):
        assert Client().get(forged).status_code == 404
        assert Client().post(forged).status_code == 404
    Party.objects.all().delete()
    assert Client().get(link).status_code == 404
    assert Channel.objects.count() == 0


def test_pressed_twice_one_mail_is_sent(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    invite(shipper, shipment)
    with pytest.raises(TooManyError, match="less than ten minutes ago"):
        invite(shipper, shipment, "BOB@outside.example")
    assert len(mail_server.mails) == 1
    invite(shipper, a_shipment(shipper.organization))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        invite(shipper, shipment)
    assert len(mail_server.mails) == 3


def test_who_said_yes_and_was_removed_may_be_asked_at_once(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    follow(shipper, shipment, mail_server)
    subscribing.end_follower(shipper.viewer, Subscription.objects.get().pk)
    follow(shipper, shipment, mail_server)
    assert len(mail_server.mails) == 2


def test_what_could_not_be_sent_is_tried_again_at_once(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    mail_server.refused[ADDRESS] = "550 5.1.1 unknown"
    with pytest.raises(SubscribingError, match="could not be sent"):
        invite(shipper, shipment)
    mail_server.refused.clear()
    invite(shipper, shipment)
    assert len(mail_server.mails) == 1


def test_three_an_hour_to_an_address(shipper: Person, mail_server: MailServer) -> None:
    for _ in range(3):
        invite(shipper, a_shipment(shipper.organization))
    with pytest.raises(TooManyError, match="three such mails within an hour"):
        invite(shipper, a_shipment(shipper.organization))
    assert len(mail_server.mails) == 3


def test_who_asked_twenty_keeps_nobody_else_from_asking(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    assert shipper.organization
    colleague = a_person("Colleague", shipper.organization)
    for number in range(20):
        invite(shipper, shipment, f"p{number}@outside.example")
    with pytest.raises(TooManyError, match="You sent 20 invitations"):
        invite(shipper, shipment)
    invite(colleague, shipment)
    assert len(mail_server.mails) == 21
    # Nor from asking for a code.
    channel = a_channel(shipper, address="desk@example.com", verified_at=None)
    subscribing.send_code(shipper.viewer, channel.pk)
    assert mail_server.recipients[-1] == ["desk@example.com"]


def test_a_hundred_an_hour_of_an_organization(
    shipper: Person, stranger: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    row = {"organization": shipper.organization, "kind": "email", "sequence": 1, "expires_at": timezone.now()}
    Verification.objects.bulk_create(
        Verification(**row, address=f"p{number}@outside.example", digest=f"invitation:1:k{number}:")
        for number in range(100)
    )
    with pytest.raises(TooManyError, match="Your organization sent 100 invitations"):
        invite(shipper, shipment)
    assert mail_server.mails == []
    invite(stranger, a_shipment(stranger.organization))
    assert len(mail_server.mails) == 1


def test_a_member_is_no_follower(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    with pytest.raises(SubscribingError, match="has an account in your organization") as refused:
        invite(shipper, shipment, "Alice@Example.com")
    assert refused.value.code == "member"
    assert (mail_server.mails, Verification.objects.count()) == ([], 0)


def test_who_was_a_member_may_be_one(
    shipper: Person, stranger: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    """And one with an account elsewhere is outside as anybody."""
    assert shipper.organization
    former = a_person("Former", shipper.organization)
    former.user.is_active = False
    former.user.save()
    invite(shipper, shipment, former.user.email)
    invite(shipper, shipment, stranger.user.email)
    assert len(mail_server.mails) == 2


def test_the_form_asks_in_the_readers_language(
    shipper: Person, shipper_client: Client, shipment: Shipment, mail_server: MailServer
) -> None:
    path = f"/notices/shipments/{shipment.pk}/"
    assert '<option value="en" selected>' in shipper_client.get(path).content.decode()
    shipper.user.language = "ko"
    shipper.user.save()
    assert '<option value="ko" selected>' in shipper_client.get(path).content.decode()
    wrong = shipper_client.post(path, {"invite": "nobody", "language": "en"}).content.decode()
    assert '<option value="en" selected>' in wrong
    shipper_client.post(path, {"invite": ADDRESS})
    found = subscribing.invitation(token_in(mail_server))
    assert found is not None and found.language == "ko"
