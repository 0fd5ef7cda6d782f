"""The follower's own page: what the mails tell, how and when, for all that he follows."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cargo.models import Party, Shipment, ShipmentReference
from notifications import render, subscribing
from notifications.models import Channel, Delivery, Subscription
from tests.notifications.conftest import MailServer, a_delivery, a_shipment, an_update
from tests.notifications.test_following import ADDRESS, follow, link_in
from tests.people import Person

# As the page sends it when nothing was changed.
USUAL: dict[str, Any] = {
    "matrix": "1",
    "eta_hours": "24",
    "language": "en",
    "zone": "",
    "quiet_from": "",
    "quiet_until": "",
    "digest_at": "08:00",
    "digest_days": ["0", "1", "2", "3", "4"],
}
OF_CHANNEL = {name: value for name, value in USUAL.items() if name not in ("matrix", "eta_hours")}


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
    given = USUAL | {"language": "ko", "kind:departed": "now", "kind:arrived": "off", "kind:customs.held": ""}
    answer = Client().post(page, given)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}?saved=1")
    subscription = Subscription.objects.get()
    assert (subscription.matrix, Channel.objects.get().language) == ({"departed": "now", "arrived": "off"}, "ko")
    assert 'name="kind:arrived" value="off" checked' in Client().get(page).content.decode()


def test_the_follower_chooses_how_and_when(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    page = f"/notices/following/{render.following_token(channel.pk)}/"
    text = Client().get(page).content.decode()
    for label, name in (
        ("eta-hours", "eta_hours"),
        ("set-language", "language"),
        ("set-zone", "zone"),
        ("set-quiet_from", "quiet_from"),
        ("set-quiet_until", "quiet_until"),
        ("set-digest_at", "digest_at"),
    ):
        assert f'<label for="{label}">' in text and f'name="{name}"' in text
    assert 'value="24"' in text and "as usual (Asia/Seoul)" in text
    assert "as in my profile" not in text and 'name="name"' not in text and "<script" not in text.split("<main")[1]
    waiting = a_delivery(an_update(shipment), channel, state="gathered", next_attempt_at=None, digest_at=timezone.now())
    hours = {"zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_until": "07:30", "bypass_quiet": "on"}
    digest = {"digest_at": "18:15", "digest_days": ["0", "6"], "eta_hours": "48"}
    assert Client().post(page, USUAL | hours | digest).status_code == 302
    channel.refresh_from_db()
    assert (channel.zone, channel.quiet_from, channel.quiet_until) == ("Europe/Berlin", time(22), time(7, 30))
    assert (channel.bypass_quiet, channel.digest_at, channel.digest_days) == (True, time(18, 15), 0b1000001)
    assert (channel.name, Subscription.objects.get().eta_hours) == ("", 48)
    # What waits already goes by it.
    assert Delivery.objects.get().digest_at != waiting.digest_at
    text = Client().get(page).content.decode()
    assert '<option value="Europe/Berlin" selected>' in text and 'value="18:15"' in text and 'value="48"' in text


def test_the_page_speaks_korean(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    page = f"/notices/following/{render.following_token(follow(shipper, shipment, mail_server).pk)}/"
    Channel.objects.update(language="ko")
    text = Client().get(page).content.decode()
    for words in ("시간대", "기본값 (Asia/Seoul)", "방해 금지 시작", "모음 알림 시각"):
        assert words in text
    answer = Client().post(page, USUAL | {"eta_hours": "0"})
    assert "도착 변경 기준은 1~720시간입니다." in answer.content.decode()


def test_the_defaults_are_those_of_who_asked_him(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    Party.objects.update(role="carrier")
    text = Client().get(f"/notices/following/{render.following_token(channel.pk)}/").content.decode()
    assert 'aria-label="Arrived: as usual, not"' in text


def test_what_was_chosen_holds_for_what_he_follows_later(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    token = render.following_token(follow(shipper, shipment, mail_server).pk)
    Client().post(f"/notices/following/{token}/", USUAL | {"kind:gate_out": "off", "eta_hours": "6"})
    another = a_shipment(shipper.organization)
    follow(shipper, another, mail_server)
    later = Subscription.objects.get(shipment=another)
    assert (later.matrix, later.eta_hours) == ({"gate_out": "off"}, 6)
    # The channel's part alone, as the form of one who follows nothing sends it, leaves the kinds alone.
    Client().post(f"/notices/following/{token}/", OF_CHANNEL | {"language": "ko"})
    assert [(row.matrix, row.eta_hours) for row in Subscription.objects.all()] == [({"gate_out": "off"}, 6)] * 2
    assert Channel.objects.get().language == "ko"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"eta_hours": "0"}, "A changed arrival is told from 1 to 720 hours."),
    ({"eta_hours": "721"}, "A changed arrival is told from 1 to 720 hours."),
    ({"eta_hours": "soon"}, "A changed arrival is told from 1 to 720 hours."),
    ({"quiet_from": "22:00"}, "Quiet hours have a beginning and an end."),
    ({"quiet_from": "25:00", "quiet_until": "07:00"}, "Enter a valid time."),
    ({"digest_at": ""}, "This field is required."),
    ({"digest_days": []}, "This field is required."),
    ({"digest_days": ["7"]}, "Select a valid choice."),
    ({"zone": "Mars/Base"}, "Select a valid choice."),
    ({"language": "xx"}, "Select a valid choice."),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_a_wrong_choice_of_a_follower_is_told_and_changes_nothing(
    shipper: Person, shipment: Shipment, mail_server: MailServer, wrong: dict[str, Any], words: str
) -> None:
    page = f"/notices/following/{render.following_token(follow(shipper, shipment, mail_server).pk)}/"
    before = [list(model.objects.values()) for model in (Channel, Subscription)]
    answer = Client().post(page, USUAL | {"kind:gate_out": "off", "bypass_quiet": "on"} | wrong)
    text = answer.content.decode()
    assert (answer.status_code, words in text, 'role="alert"' in text) == (400, True, True)
    # What was chosen besides is still there to be saved.
    assert 'name="kind:gate_out" value="off" checked' in text
    assert [list(model.objects.values()) for model in (Channel, Subscription)] == before


def test_what_no_page_offers_is_refused(shipper: Person, shipment: Shipment, mail_server: MailServer) -> None:
    channel = follow(shipper, shipment, mail_server)
    page = f"/notices/following/{render.following_token(channel.pk)}/"
    before = [list(model.objects.values()) for model in (Channel, Subscription)]
    assert Client().post(page, USUAL | {"kind:gate_out": "loud"}).status_code == 404
    assert Client().post(page, {}).status_code == 400
    assert Client().post("/notices/following/nonsense/", USUAL | {"kind:gate_out": "off"}).status_code == 404
    # What the organization calls him is not his to say.
    assert Client().post(page, USUAL | {"name": "Boss"}).status_code == 302
    assert [list(model.objects.values()) for model in (Channel, Subscription)] == before


def test_who_follows_nothing_has_no_kinds_to_choose(
    shipper: Person, shipment: Shipment, mail_server: MailServer
) -> None:
    token = render.following_token(follow(shipper, shipment, mail_server).pk)
    Client().post(f"/notices/following/{token}/", {"stop": "all"})
    text = Client().get(f"/notices/following/{token}/").content.decode()
    assert "You follow no shipment." in text and "kind:" not in text and "eta_hours" not in text
    assert 'name="language"' in text
    assert Client().post(f"/notices/following/{token}/", OF_CHANNEL | {"zone": "Asia/Tokyo"}).status_code == 302
    assert Channel.objects.get().zone == "Asia/Tokyo"
