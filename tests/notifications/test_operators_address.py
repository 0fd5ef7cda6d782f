"""The operator's own address: every link of a message begins with it, at the time of sending; no other is let in."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from cargo.models import ShipmentDeadline
from clis.public_address import operators_address, public_address
from clis.sealing import seal
from notifications import render
from notifications.deliver import deliver, health
from notifications.deliver.letters import drain_letters
from notifications.models import Branding, Delivery, Letter, Subscription
from notifications.render import branding
from notifications.transports.email import message_id
from tests.factories import a_registered_shipment
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    due,
    everything_stands,
)
from tests.people import Person, a_staff_member

OURS, OWN = "https://clis.example", "https://track.example.com"
_LINK = re.compile(r"https?://[^/\s\"'<>]+")


@pytest.fixture(autouse=True)
def installation(settings: Any) -> None:
    settings.BASE_URL, settings.DEBUG = OURS, False
    settings.ALLOWED_HOSTS = ["clis.example", "track.example.com", ".hanbit.example", "testserver"]


def set_to(address: str, **fields: Any) -> None:
    Branding.objects.update_or_create(pk=1, defaults={"address": address, **fields})
    branding.forget()


def hosts(text: str) -> set[str]:
    """Where the links in a text lead."""
    return {link for link in _LINK.findall(text) if "w3.org" not in link}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://track.example.com", OWN),
        ("https://track.example.com/", OWN),
        ("HTTPS://Track.Example.com", OWN),
        ("https://track.example.com:8443", "https://track.example.com:8443"),
        ("https://a.b.hanbit.example", "https://a.b.hanbit.example"),
        ("", ""),
    ],
)
def test_an_address_and_its_one_form(written: str, kept: str) -> None:
    row = Branding(address=written)
    row.clean()
    assert row.address == kept


NO_ADDRESS, NO_HTTPS, NOT_ALLOWED = "Write the address as", "begin with https", "CLIS_ALLOWED_HOSTS does not name"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("http://track.example.com", NO_HTTPS),
        ("https://other.example.com", f"{NOT_ALLOWED} other.example.com"),
        ("https://track.example.com.evil.example", NOT_ALLOWED),
        ("https://nothanbit.example", NOT_ALLOWED),
        ("track.example.com", NO_ADDRESS),
        ("ftp://track.example.com", NO_ADDRESS),
        ("javascript://track.example.com", NO_ADDRESS),
        ("https://", NO_ADDRESS),
        ("https:///notices/", NO_ADDRESS),
        ("https://track.example.com/clis", NO_ADDRESS),
        ("https://track.example.com//", NO_ADDRESS),
        ("https://track.example.com?a=b", NO_ADDRESS),
        ("https://track.example.com/?", NO_ADDRESS),
        ("https://track.example.com#a", NO_ADDRESS),
        ("https://user@track.example.com", NO_ADDRESS),
        ("https://user:secret@track.example.com", NO_ADDRESS),
        ("https://evil.example\\@track.example.com", NO_ADDRESS),
        ("https://track.example.com:0", NO_ADDRESS),
        ("https://track.example.com:65536", NO_ADDRESS),
        ("https://track.example.com:x", NO_ADDRESS),
        ("https://track.example.com.", NO_ADDRESS),
        ("https://track..example.com", NO_ADDRESS),
        ("https://-track.example.com", NO_ADDRESS),
        ("https://träck.example.com", NO_ADDRESS),
        ("https://track.example.com\r\nBcc: b@example.com", NO_ADDRESS),
        ("https://track.example.com\n", NO_ADDRESS),
        ("https://track .example.com", NO_ADDRESS),
        ('https://track.example.com"><script>', NO_ADDRESS),
        ("https://[::1", NO_ADDRESS),
    ],
)
def test_what_is_no_address_for_links(written: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Branding(address=written).clean()
    assert list(caught.value.message_dict) == ["address"]
    assert words in caught.value.message_dict["address"][0]


def test_http_is_for_debugging_alone(settings: Any) -> None:
    settings.DEBUG = True
    row = Branding(address="http://track.example.com:8000/")
    row.clean()
    assert row.address == "http://track.example.com:8000"


def test_staff_sets_it_in_the_admin(db: None) -> None:
    staff = a_staff_member("Dana").client()
    page = staff.get("/admin/notifications/branding/add/").content.decode()
    assert "Where the links in messages begin" in page and "at most 11." in page
    page = staff.post("/admin/notifications/branding/add/", {"address": "http://track.example.com"}).content.decode()
    assert "Links in messages begin with https." in page and not Branding.objects.exists()
    page = staff.post("/admin/notifications/branding/add/", {"short_name": "Hanbit Lines"}).content.decode()
    assert "at most 11 characters" in page and not Branding.objects.exists()
    given = {"address": f" {OWN}/ ", "short_name": "Hanbit"}
    assert staff.post("/admin/notifications/branding/add/", given).status_code == 302
    assert Branding.objects.values_list("address", "short_name").get() == (OWN, "Hanbit")
    assert public_address() == OWN
    assert staff.post("/admin/notifications/branding/1/change/", {"address": ""}).status_code == 302
    assert (operators_address(), public_address()) == ("", OURS)


def test_one_that_is_allowed_no_more_is_not_used(db: None, settings: Any) -> None:
    set_to(OWN)
    assert public_address() == OWN
    settings.ALLOWED_HOSTS = ["clis.example"]
    branding.forget()
    assert public_address() == OURS


@pytest.mark.parametrize(("address", "expected"), [("", OURS), (OWN, OWN)])
@pytest.mark.parametrize("kind", ["email", "sms", "chat", "push"])
def test_every_link_begins_with_it(shipper: Person, kind: str, address: str, expected: str) -> None:
    set_to(address)
    where = {"email": "alice@example.com", "sms": "+821012345678"}.get(kind, "")
    channel = a_channel(shipper, kind, where, sealed="" if where else seal("anywhere"))
    update = an_update(a_shipment(shipper.organization))
    message = render.message(a_delivery(update, channel, subscription=a_subscription(channel)), all_shipments=False)
    said = [message.text, message.html, *message.headers.values()]
    assert hosts(" ".join(said)) == {expected}
    if kind == "email":
        assert message.headers["List-Unsubscribe"].startswith(f"<{expected}/notices/unsubscribe/")
        owed = Delivery(pk=99, channel=channel, kind=kind, notice="digest")
        digest = render.digest(owed, [Delivery(pk=98, update=update, channel=channel, kind=kind)])
        assert hosts(" ".join([digest.text, digest.html, *digest.headers.values()])) == {expected}
    if kind == "push":
        assert json.loads(message.text)["url"] == f"{expected}/shipments/{update.shipment_id}/"
    invitation = render.invitation("bob@outside.example", "en", "Alice Imports", "HBL 1", "token")
    assert hosts(invitation.text) == {expected}


def test_a_mail_that_waits_takes_the_address_of_its_sending_and_keeps_its_message_id(
    shipper: Person, mail_server: MailServer
) -> None:
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    mail_server.data_answer = "451 4.3.0 later"
    assert deliver(everything_stands) == 1
    set_to(OWN, sender="Track <notices@track.example.com>")
    mail_server.data_answer = "250 2.0.0 taken"
    due(delivery)
    assert deliver(everything_stands) == 1
    (mail,) = mail_server.mails
    text = mail.get_body(("plain",)).get_content()
    assert hosts(text) == hosts(str(mail["List-Unsubscribe"])) == {OWN}
    assert mail["Message-ID"] == message_id(render.reference_of(delivery))
    assert str(mail["Message-ID"]).endswith("@clis.example>")


def test_one_click_there_unsubscribes(shipper: Person, mail_server: MailServer, client: Client) -> None:
    set_to(OWN)
    channel = a_channel(shipper)
    shipment = a_shipment(shipper.organization)
    subscription = a_subscription(channel, shipment)
    a_delivery(an_update(shipment), channel, subscription=subscription)
    deliver(everything_stands)
    (mail,) = mail_server.mails
    path = str(mail["List-Unsubscribe"]).replace("\n", "").replace(" ", "").strip("<>").removeprefix(OWN)
    answer = client.post(path, {"List-Unsubscribe": "One-Click"}, headers={"host": "track.example.com"}, secure=True)
    assert answer.status_code == 200
    assert Subscription.objects.get(pk=subscription.pk).ended_at is not None
    stranger = client.post(path, {"List-Unsubscribe": "One-Click"}, headers={"host": "other.example.com"}, secure=True)
    assert stranger.status_code == 400


def test_a_letter_that_waits_takes_the_address_of_its_sending(shipper: Person, mail_server: MailServer) -> None:
    hook = a_channel(shipper, "webhook", "https://hooks.example.com/clis", user=None)
    assert health.switch_off({hook.pk: "HTTP 410"}, timezone.now()) == {hook.pk}
    letter = Letter.objects.get()
    assert (letter.page, hosts(letter.text)) == ("/notices/", set())
    set_to(OWN)
    assert drain_letters(timezone.now()) == 1
    (mail,) = mail_server.mails
    assert mail.get_content().splitlines()[-1] == f"{OWN}/notices/"
    assert hosts(mail.get_content()) == {OWN}
    assert mail["Message-ID"] == message_id(letter.reference)


def test_the_calendar_leads_there_too(shipper: Person, shipper_client: Client, client: Client) -> None:
    shipment = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603001"))
    soon = timezone.now() + timedelta(days=3)
    ShipmentDeadline.objects.create(
        shipment=shipment, kind="removal", due_at=soon, due_on=soon.date(), time_zone="Asia/Seoul",
        responsible="importer", next_action="collect", updated_at=timezone.now(),
    )  # fmt: skip
    shipper_client.post("/deadlines/feed/", {"whose": "person", "step": "new"})
    for address, expected in (("", "http://testserver"), (OWN, OWN)):
        set_to(address)
        (feed,) = [one for one in shipper_client.get("/deadlines/").context["feeds"] if one["whose"] == "person"]
        assert feed["url"].startswith(f"{expected}/deadlines.ics?token=")
        answer = client.get(feed["url"].removeprefix(expected))
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert str(event["URL"]) == f"{expected}/shipments/{shipment.pk}/"
        assert str(event["UID"]).endswith("@testserver")
