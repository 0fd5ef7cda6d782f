"""The preview: every template filled in, for staff and admins; and a test to oneself."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from notifications.models import KINDS, Branding, Suppression
from notifications.render import branding
from notifications.subscribing.previewing import TESTS_PER_HOUR
from tests.notifications.conftest import MailServer, a_channel, a_shipment, an_update
from tests.people import Person, a_person, a_staff_member


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
    an_update(shipment, "milestone", data={**held, "milestone": "departed"})
    page = page_of(shipper_client, "customs.held")
    assert "With the latest news of this kind" in page
    assert "Documents requested by customs — HBL REALBILL0001" in page
    assert "REALBILL0001" in page_of(shipper_client, "departed")
    assert "With an example" in page_of(shipper_client, "arrived")
    assert "REALBILL0001" in page_of(shipper_client, "digest")
    other = a_person("Olga", "Others", "admin").client()
    assert "REALBILL0001" not in page_of(other, "customs.held")


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


def test_others_may_not(shipper: Person, db: None, mail_server: MailServer) -> None:
    assert shipper.organization
    member = a_person("Mia", shipper.organization)
    viewer = a_person("Vera", shipper.organization, "viewer")
    channel = a_channel(member)
    given = {"channel": channel.pk, "kind": "customs.held", "language": "en"}
    for client in (member.client(), viewer.client()):
        assert client.get("/notices/preview/").status_code == 403
        assert client.get("/notices/preview/html/").status_code == 403
        assert client.post("/notices/preview/send/", given).status_code == 403
    assert Client().get("/notices/preview/").status_code == 302
    assert a_staff_member("Dana").client().get("/notices/preview/").status_code == 200
    assert mail_server.mails == []


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
