"""The follower's own page: which kinds of news the mails tell, in which language, for all that he follows."""

from __future__ import annotations

import pytest
from django.test import Client

from cargo.models import Party, Shipment, ShipmentReference
from notifications import render, subscribing
from notifications.models import Channel, Subscription
from tests.notifications.conftest import MailServer, a_shipment
from tests.notifications.test_following import ADDRESS, follow, link_in
from tests.people import Person


@pytest.fixture
def shipment(shipper: Person) -> Shipment:
    found = a_shipment(shipper.organization)
    ShipmentReference.objects.create(shipment=found, kind="house_bill", value="KOSHA2603001")
    return found


def test_the_follower_chooses_what_the_mails_tell(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    subscribing.invite_follower(shipper.viewer, shipment.pk, ADDRESS, "en")
    page = Client().post(link_in(mail_server)).headers["Location"]
    text = Client().get(page).content.decode()
    assert 'name="kind:customs.held" value="" checked aria-label="Held by customs: as usual, at once"' in text
    assert "eta_hours" not in text
    given = {"matrix": "1", "language": "ko", "kind:departed": "now", "kind:arrived": "off", "kind:customs.held": ""}
    answer = Client().post(page, given)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}?saved=1")
    subscription = Subscription.objects.get()
    assert (subscription.matrix, Channel.objects.get().language) == ({"departed": "now", "arrived": "off"}, "ko")
    assert 'name="kind:arrived" value="off" checked' in Client().get(page).content.decode()


def test_the_defaults_are_those_of_who_asked_him(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    Party.objects.update(role="carrier")
    text = Client().get(f"/notices/following/{render.following_token(channel.pk)}/").content.decode()
    assert 'aria-label="Arrived: as usual, not"' in text


def test_what_was_chosen_holds_for_what_he_follows_later(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    token = render.following_token(follow(shipper, shipment, mail_server).pk)
    Client().post(f"/notices/following/{token}/", {"matrix": "1", "language": "en", "kind:gate_out": "off"})
    another = a_shipment(shipper.organization)
    follow(shipper, another, mail_server)
    assert Subscription.objects.get(shipment=another).matrix == {"gate_out": "off"}
    # The language alone, as the form of one who follows nothing sends it, leaves the kinds alone.
    Client().post(f"/notices/following/{token}/", {"language": "ko"})
    assert [row.matrix for row in Subscription.objects.all()] == [{"gate_out": "off"}] * 2


def test_a_wrong_choice_of_a_follower_changes_nothing(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    page = f"/notices/following/{render.following_token(follow(shipper, shipment, mail_server).pk)}/"
    for given in (
        {"matrix": "1", "language": "en", "kind:gate_out": "loud"},
        {"matrix": "1", "kind:gate_out": "off"},
        {"matrix": "1", "language": "xx", "kind:gate_out": "off"},
        {},
    ):
        assert Client().post(page, given).status_code == 404
    forged = {"matrix": "1", "language": "en", "kind:gate_out": "off"}
    assert Client().post("/notices/following/nonsense/", forged).status_code == 404
    assert (Subscription.objects.get().matrix, Channel.objects.get().language) == ({}, "en")


def test_who_follows_nothing_has_no_kinds_to_choose(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    token = render.following_token(follow(shipper, shipment, mail_server).pk)
    Client().post(f"/notices/following/{token}/", {"stop": "all"})
    text = Client().get(f"/notices/following/{token}/").content.decode()
    assert "You follow no shipment." in text and "kind:" not in text and 'name="language"' in text
