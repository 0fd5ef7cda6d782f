"""The preview: every template filled in, for staff and admins; and a test to oneself."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from cargo.models import Shipment, ShipmentReference, TrackingUpdate
from clis.accounts.models import User
from notifications.models import KINDS, Branding, Suppression
from notifications.render import branding
from notifications.subscribing.trying import TESTS_PER_HOUR
from tests.notifications.conftest import MailServer, a_channel, a_shipment, an_update
from tests.people import Person, a_person, a_staff_member

REAL = {"hold_kind": "documents", "references": [{"type": "house_bill", "value": "REALBILL0001"}]}


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> None:
    """The counters of tests lie in the cache, which other tests share."""
    cache.clear()


def page_of(client: Client, kind: str, language: str = "en") -> str:
    answer = client.get("/notices/preview/", {"kind": kind, "language": language})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_template_has_a_preview(shipper: Person, shipper_client: Client, language: str) -> None:
    for kind in (*KINDS, "digest"):
        page = page_of(shipper_client, kind, language)
        assert "With an example" in page
        assert "KOSHA2603001" in page
        assert ("As a text message" in page) == (kind != "digest")
        html = shipper_client.get("/notices/preview/html/", {"kind": kind, "language": language}).content.decode()
        assert f'<html lang="{language}"' in html and "KOSHA2603001" in html


def test_it_takes_the_latest_of_ones_own_cargo(shipper: Person, shipper_client: Client, forwarder: Person) -> None:
    shipment = a_shipment(shipper.organization)
    held = {"hold_kind": "documents", "references": [{"type": "house_bill", "value": "REALBILL0001"}]}
    an_update(shipment, "customs.held", data=held)
    an_update(shipment, "milestone", key="departed||CNSHA||1", data={**held, "milestone": "departed"})
    page = page_of(shipper_client, "customs.held")
    assert "With the latest news of this kind" in page
    assert "Documents requested by customs — HBL REALBILL0001" in page
    assert "REALBILL0001" in page_of(shipper_client, "departed")
    assert "With an example" in page_of(shipper_client, "arrived")
    assert "REALBILL0001" in page_of(shipper_client, "digest")
    other = a_person("Olga", "Others", "admin").client()
    assert "REALBILL0001" not in page_of(other, "customs.held")


def an_estimate(shipment: Shipment, day: int, source: int = 1) -> TrackingUpdate:
    """An arrival at Busan that is expected at 06:00 of that day of April, as the pipeline writes it."""
    at = datetime.fromisoformat(f"2026-04-{day:02d}T06:00:00+09:00")
    data = {"milestone": "arrived", "source": source, "place": {"code": "KRPUS"}}
    bare = dict.fromkeys(("references", "occurred_at", "time_zone", "text", "authority", "declaration"))
    key = f"arrived||KRPUS|1|{at.timestamp():.0f}|{source}"
    return an_update(shipment, "estimate", key=key, occurred_at=at, data={**bare, **data})


def test_an_arrival_that_changed_reads_as_it_is_told(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    ShipmentReference.objects.create(shipment=shipment, kind="house_bill", value="REALBILL0001")
    ShipmentReference.objects.create(shipment=shipment, kind="container", value="HDMU6546583", learned=True)
    an_estimate(shipment, 10)
    page = page_of(shipper_client, "eta.changed")
    assert "The cargo is now expected on 10 Apr 2026, 06:00 KST.\n" in page
    an_estimate(shipment, 17, source=2)
    an_estimate(shipment, 12)
    page = page_of(shipper_client, "eta.changed")
    assert "With the latest news of this kind" in page
    assert '<p lang="en">Expected arrival changed — HBL REALBILL0001</p>' in page
    assert "The cargo is now expected on 12 Apr 2026, 06:00 KST, not on 10 Apr 2026, 06:00 KST: 2 days later.\n" in page
    assert "Where: Busan (KRPUS)\n" in page
    assert "HDMU6546583" not in page
    korean = page_of(shipper_client, "eta.changed", "ko")
    assert "도착 예정 변경 — HBL REALBILL0001" in korean
    digest = page_of(shipper_client, "digest")
    assert "not on 10 Apr 2026, 06:00 KST: 2 days later." in digest


def test_much_news_of_other_kinds_hides_nothing(shipper: Person, shipper_client: Client) -> None:
    shipment = a_shipment(shipper.organization)
    real = {"references": [{"type": "house_bill", "value": "REALBILL0001"}]}
    an_update(shipment, "milestone", key="departed||CNSHA||1", data={**real, "milestone": "departed"})
    an_update(shipment, "exception.opened", key="silent|1|", data={**real, "exception": "silent"})
    others = [
        ("milestone", "gate_in", '{"milestone": "gate_in"}'),
        ("estimate", "departed", '{"milestone": "departed"}'),
        ("exception.opened", "held", '{"exception": "held"}'),
    ]
    TrackingUpdate.objects.bulk_create(
        TrackingUpdate(shipment=shipment, kind=kind, key=f"{code}||{number}", data=data)
        for kind, code, data in others
        for number in range(1_100)
    )
    assert "REALBILL0001" in page_of(shipper_client, "departed")
    assert "REALBILL0001" in page_of(shipper_client, "exception.opened")
    assert "With an example" in page_of(shipper_client, "eta.changed")


def test_the_segments_of_the_text_are_said(shipper_client: Client) -> None:
    assert re.search(r"1 segment \(gsm7\)", page_of(shipper_client, "customs.held"))
    assert re.search(r"[12] segments? \(ucs2\)", page_of(shipper_client, "customs.held", "ko"))


def test_the_frame_has_no_rights(shipper_client: Client) -> None:
    answer = shipper_client.get("/notices/preview/html/", {"kind": "customs.held", "language": "en"})
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'none'" in policy and "img-src data:" in policy
    assert "sandbox allow-popups" in policy and "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = page_of(shipper_client, "customs.held")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


def test_the_logo_is_shown_without_fetching_it(shipper_client: Client) -> None:
    Branding.objects.create(logo=b"\x89PNG\r\n\x1a\nxx")
    branding.forget()
    html = shipper_client.get("/notices/preview/html/", {"kind": "customs.held", "language": "en"}).content.decode()
    assert 'src="data:image/png;base64,iVBORw0KGgp4eA=="' in html and "cid:" not in html


def test_others_look_and_send_nothing(shipper: Person, stranger: Person, mail_server: MailServer) -> None:
    assert shipper.organization
    an_update(a_shipment(shipper.organization), "customs.held", data=REAL)
    member = a_person("Mia", shipper.organization)
    viewer = a_person("Vera", shipper.organization, "viewer")
    channel = a_channel(member)
    given = {"channel": channel.pk, "kind": "customs.held", "language": "en"}
    for client in (member.client(), viewer.client()):
        page = page_of(client, "customs.held")
        assert "REALBILL0001" in page and "An administrator of your organization sends tests." in page
        assert 'name="channel"' not in page
        html = client.get("/notices/preview/html/", {"kind": "customs.held", "language": "en"})
        assert "REALBILL0001" in html.content.decode()
        assert client.post("/notices/preview/send/", given).status_code == 403
    assert "REALBILL0001" not in page_of(stranger.client(), "customs.held")
    nobodys = a_staff_member("Norman")
    User.objects.filter(pk=nobodys.user.pk).update(is_staff=False)
    assert nobodys.client().get("/notices/preview/").status_code == 403
    assert Client().get("/notices/preview/").status_code == 302
    assert a_staff_member("Dana").client().get("/notices/preview/").status_code == 200
    assert mail_server.mails == []


def test_who_comes_back_to_where_a_test_is_sent_sees_the_preview(shipper_client: Client) -> None:
    answer = shipper_client.get("/notices/preview/send/")
    assert (answer.status_code, answer["Location"]) == (302, "/notices/preview/")


@pytest.mark.parametrize("given", [{"kind": "../x"}, {"language": "fr"}, {"kind": ""}])
def test_what_there_is_not(shipper_client: Client, given: dict[str, str]) -> None:
    for path in ("/notices/preview/", "/notices/preview/html/"):
        assert shipper_client.get(path, given).status_code == 404


def test_a_test_goes_to_oneself_ten_times_an_hour(
    shipper: Person, shipper_client: Client, mail_server: MailServer
) -> None:
    given = {"channel": a_channel(shipper).pk, "kind": "customs.released", "language": "ko"}
    for _ in range(TESTS_PER_HOUR + 3):
        answer = shipper_client.post("/notices/preview/send/", given, follow=True)
    assert len(mail_server.mails) == TESTS_PER_HOUR
    assert "Ten tests were sent within an hour." in answer.content.decode()
    mail = mail_server.mails[0]
    assert str(mail["Subject"]).strip() == "[시험] 수입신고 수리 — HBL KOSHA2603001"
    assert (mail["To"], mail["List-Unsubscribe"], mail["References"]) == ("alice@example.com", None, None)


def test_a_test_goes_nowhere_else(
    shipper: Person, shipper_client: Client, forwarder: Person, mail_server: MailServer
) -> None:
    assert shipper.organization
    colleague = a_person("Mia", shipper.organization)
    others = [
        (a_channel(forwarder), 404),
        (a_channel(colleague), 302),
        (a_channel(shipper, "sms"), 302),
        (a_channel(shipper, "email", "new@example.com", verified_at=None), 302),
        (a_channel(shipper, "email", "team@example.com", user=None), 302),
    ]
    gone = a_channel(shipper, "email", "gone@example.com")
    Suppression.objects.create(kind="email", recipient=gone.recipient, address=gone.address, reason="bounce")
    for channel, status in [*others, (gone, 302)]:
        given = {"channel": channel.pk, "kind": "customs.released", "language": "en"}
        answer: Any = shipper_client.post("/notices/preview/send/", given)
        assert answer.status_code in (status, 403), channel
    assert shipper_client.post("/notices/preview/send/", {"channel": "x"}).status_code == 404
    assert mail_server.mails == []
