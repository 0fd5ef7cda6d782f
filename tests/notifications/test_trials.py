"""A preview and a test say what they are, and none of their links is dead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from cargo.tasks import process_everything
from clis.accounts.models import ApiKey
from clis.egress import Client as Caller
from clis.egress import Response
from clis.sealing import seal
from notifications.deliver import deliver
from notifications.models import KINDS
from tests.factories import a_registered_shipment
from tests.notifications.conftest import (
    MailServer,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
)
from tests.notifications.test_chat import SLACK
from tests.people import Person

TEST = {
    "en": "This is a test. A real notice says here why it was sent and how to stop it.",
    "ko": "시험 발송입니다. 실제 알림에는 이 자리에 발송 사유와 수신 거부 방법이 표시됩니다.",
}
PREVIEW = {
    "en": "This is a preview. A real notice says here why it was sent and how to stop it.",
    "ko": "미리보기입니다. 실제 알림에는 이 자리에 발송 사유와 수신 거부 방법이 표시됩니다.",
}
WAYS_OUT = ("unsubscribe", "subscribed to", "Change what you are told", "수신 거부:", "알림 설정 변경")
HOST = "http://localhost:8000"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> None:
    """The counters of tests lie in the cache, which other tests share."""
    cache.clear()


def links_in(text: str, html: str) -> set[str]:
    return set(re.findall(r"https?://\S+", text)) | {unescape(link) for link in re.findall(r'href="([^"]*)"', html)}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("real", [False, True])
def test_every_link_of_a_preview_leads_somewhere(
    shipper: Person, shipper_client: Client, language: str, real: bool
) -> None:
    if real:
        shipment = a_registered_shipment(shipper.organization, ("house_bill", "KOSHA2603001"))
        process_everything()
        an_update(shipment, "customs.released")
    for kind in (*KINDS, "digest"):
        found = shipper_client.get(f"/api/v1/notice-previews/{kind}/", {"language": language}).json()
        assert PREVIEW[language] in found["text"] and PREVIEW[language] in found["html"]
        assert not [way for way in WAYS_OUT if way in found["text"] or way in found["html"]]
        links = links_in(found["text"], found["html"])
        assert links
        for link in links:
            assert link.startswith(f"{HOST}/shipments/") and "None" not in link
            assert shipper_client.get(link.removeprefix(HOST)).status_code == 200, link


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", ["customs.released", "digest"])
def test_a_test_mail_says_that_it_is_one(
    shipper: Person, shipper_client: Client, mail_server: MailServer, kind: str, language: str
) -> None:
    channel = a_channel(shipper)
    given = {"kind": kind, "language": language}
    path = f"/api/v1/channels/{channel.pk}/test/"
    assert shipper_client.post(path, given, content_type="application/json").status_code == 204
    (mail,) = mail_server.mails
    text, html = (mail.get_body((part,)).get_content() for part in ("plain", "html"))  # type: ignore[union-attr]
    assert TEST[language] in text and TEST[language] in html
    assert not [way for way in WAYS_OUT if way in text or way in html]
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize("kind", ["customs.released", "digest"])
def test_a_test_to_a_chat_too(
    shipper: Person,
    key_for: Any,
    api_client: Callable[[ApiKey], Client],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    told: list[str] = []

    def request(self: Caller, method: str, url: str, **more: Any) -> Response:
        told.append(json.loads(more["content"])["text"])
        return Response(201, {}, b"ok")

    monkeypatch.setattr(Caller, "request", request)
    chat = a_channel(shipper, "chat", "Slack 1a2b3c4d", sealed=seal(SLACK), user=None)
    program = api_client(key_for(shipper.organization, "subscriptions:write"))
    path = f"/api/v1/channels/{chat.pk}/test/"
    assert program.post(path, {"kind": kind, "language": "en"}, content_type="application/json").status_code == 204
    (text,) = told
    assert text.endswith(TEST["en"])
    assert not [way for way in WAYS_OUT if way in text] and "None" not in text


def test_a_real_mail_has_its_ways_out(shipper: Person, mail_server: MailServer) -> None:
    a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    assert deliver(everything_stands) == 1
    text = mail_server.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Unsubscribe from everything: " in text and TEST["en"] not in text and PREVIEW["en"] not in text
