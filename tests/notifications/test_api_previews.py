"""Previews and tests of notices over REST: what each kind of channel gets, to whom, and what is not sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from clis.accounts.models import ApiKey
from clis.egress import Client as Caller
from clis.egress import Response
from clis.sealing import seal
from notifications.models import KINDS, Channel, Suppression
from notifications.subscribing.trying import TESTS_PER_HOUR
from notifications.transports import push
from tests.notifications.conftest import Gateway, MailServer, a_channel, a_shipment, an_update
from tests.notifications.test_chat import SLACK
from tests.notifications.test_push import SENDER, a_subscription_of
from tests.people import Person, a_person, a_staff_member

PATH = "/api/v1/notice-previews/"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> None:
    """The counters of tests lie in the cache, which other tests share."""
    cache.clear()


@pytest.fixture
def program(shipper: Person, key_for: Any, api_client: Callable[[ApiKey], Client]) -> Client:
    """A program of Alice's organization."""
    return api_client(key_for(shipper.organization, "subscriptions:write"))


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What chats and push services were posted; they take everything, and what a browser gets is not encrypted."""
    calls: list[dict[str, Any]] = []

    def request(self: Caller, method: str, url: str, **more: Any) -> Response:
        calls.append({"url": url, **more})
        return Response(201, {}, b"ok")

    monkeypatch.setattr(Caller, "request", request)
    monkeypatch.setattr(push, "encrypted", lambda content, target: content)
    return calls


def send(client: Client, channel: Channel, kind: str = "customs.held", language: str = "en") -> Any:
    given = {"kind": kind, "language": language}
    return client.post(f"/api/v1/channels/{channel.pk}/test/", given, content_type="application/json")


def a_chat(person: Person, **fields: Any) -> Channel:
    return a_channel(person, "chat", "Slack 1a2b3c4d", sealed=seal(SLACK), **fields)


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["message"]


def test_a_preview_of_an_example(shipper_client: Client) -> None:
    found = shipper_client.get(f"{PATH}customs.held/").json()
    assert found["html"].startswith("<!DOCTYPE html>") and 'lang="en"' in found["html"]
    assert "HBL KOSHA2603001" in found["text"]
    del found["html"], found["text"]
    assert found == {
        "kind": "customs.held",
        "language": "en",
        "channel_kind": "email",
        "real": False,
        "subject": "Selected for customs inspection — HBL KOSHA2603001",
    }


def test_a_preview_of_the_latest_news(shipper: Person, program: Client) -> None:
    held = {"hold_kind": "documents", "references": [{"type": "house_bill", "value": "REALBILL0001"}]}
    an_update(a_shipment(shipper.organization), "customs.held", data=held)
    found = program.get(f"{PATH}customs.held/", {"language": "ko", "channel_kind": "sms"}).json()
    assert (found["real"], found["language"], found["channel_kind"], found["html"]) == (True, "ko", "sms", "")
    assert "REALBILL0001" in found["text"]
    other = a_person("Olga", "Others", "admin").client().get(f"{PATH}customs.held/").json()
    assert other["real"] is False and "REALBILL0001" not in json.dumps(other)


@pytest.mark.parametrize("channel_kind", ["email", "sms", "chat", "push"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_template_for_every_channel(program: Client, channel_kind: str, language: str) -> None:
    for kind in (*KINDS, "digest"):
        answer = program.get(f"{PATH}{kind}/", {"language": language, "channel_kind": channel_kind})
        if (kind, channel_kind) == ("digest", "sms"):
            assert problem(answer) == (400, "A digest is not sent as a text message.")
            continue
        found = answer.json()
        assert "KOSHA2603001" in found["text"] + found["subject"]
        assert bool(found["html"]) == (channel_kind == "email")


def test_what_there_is_not(program: Client) -> None:
    assert program.get(f"{PATH}weather/").status_code == 404
    for query in ({"language": "fr"}, {"channel_kind": "webhook"}, {"color": "red"}):
        assert program.get(f"{PATH}customs.held/", query).status_code == 400


def test_others_may_not(
    shipper: Person, key_for: Any, api_client: Callable[[ApiKey], Client], mail_server: MailServer
) -> None:
    assert shipper.organization
    member = a_person("Mia", shipper.organization)
    viewer = a_person("Vera", shipper.organization, "viewer")
    reader = api_client(key_for(shipper.organization, "shipments:read"))
    channel = a_channel(member)
    for client, sees in ((member.client(), 200), (viewer.client(), 200), (reader, 403)):
        assert client.get(f"{PATH}customs.held/").status_code == sees
        assert send(client, channel).status_code == 403
    assert Client().get(f"{PATH}customs.held/").status_code == 401
    assert a_staff_member("Dana").client().get(f"{PATH}customs.held/").status_code == 200
    assert mail_server.mails == []


def test_a_test_goes_to_oneself_ten_times_an_hour(
    shipper: Person, shipper_client: Client, mail_server: MailServer
) -> None:
    channel = a_channel(shipper)
    answers = [send(shipper_client, channel, "customs.released", "ko") for _ in range(TESTS_PER_HOUR + 1)]
    assert [answer.status_code for answer in answers] == [204] * TESTS_PER_HOUR + [429]
    assert len(mail_server.mails) == TESTS_PER_HOUR
    assert str(mail_server.mails[0]["Subject"]).strip() == "[시험] 수입신고 수리 — HBL KOSHA2603001"


def test_a_test_goes_to_a_chat(
    shipper: Person, shipper_client: Client, program: Client, posted: list[dict[str, Any]]
) -> None:
    assert send(shipper_client, a_chat(shipper)).status_code == 204
    ours = a_chat(shipper, user=None)
    for client in (shipper_client, program):
        assert send(client, ours, "digest").status_code == 204
    assert [call["url"] for call in posted] == [SLACK] * 3
    told, digest, _again = (json.loads(call["content"])["text"] for call in posted)
    assert told.startswith("[Test] Selected for customs inspection — HBL KOSHA2603001\n")
    assert digest.startswith("[Test] ")


def test_a_test_goes_to_ones_own_browser(
    shipper: Person, shipper_client: Client, posted: list[dict[str, Any]], settings: Any
) -> None:
    settings.PUSH_KEY, settings.PUSH_CONTACT = SENDER, "mailto:operator@clis.example"
    target = a_subscription_of()
    channel = a_channel(shipper, "push", "Chrome 1a2b3c4d", sealed=seal(json.dumps(target)))
    assert send(shipper_client, channel, language="ko").status_code == 204
    (call,) = posted
    shown = json.loads(call["content"])
    assert call["url"] == target["endpoint"]
    assert shown["title"].startswith("[시험] ") and "KOSHA2603001" in shown["title"]
    settings.PUSH_KEY = ""
    assert problem(send(shipper_client, channel)) == (400, "Notices of this kind are switched off here.")
    assert len(posted) == 1


def test_a_test_goes_nowhere_else(
    shipper: Person,
    shipper_client: Client,
    program: Client,
    forwarder: Person,
    mail_server: MailServer,
    gateway: Gateway,
    posted: list[dict[str, Any]],
) -> None:
    team = a_channel(shipper, "email", "team@example.com", user=None)
    gone = a_channel(shipper, "email", "gone@example.com")
    Suppression.objects.create(kind="email", recipient=gone.recipient, address=gone.address, reason="bounce")
    own = "A test goes to a confirmed e-mail address of your own."
    text = "No tests are sent as text messages: each one costs money. The preview shows it."
    refused = [
        (team, own),
        (a_channel(shipper, "email", "new@example.com", verified_at=None), own),
        (a_channel(shipper, "email", "outside@example.com", user=None, follower=True), own),
        (a_channel(shipper, "sms"), text),
        (a_chat(shipper, verified_at=None), "A test goes to a confirmed chat."),
        (a_channel(shipper, "webhook", "https://hook.example/", user=None), "A webhook has a test of its own."),
        (gone, "This address wants no mails from here."),
    ]
    for channel, why in refused:
        assert problem(send(shipper_client, channel)) == (400, why)
    for client in (shipper_client, program):
        assert send(client, a_channel(forwarder, address=f"{id(client)}@example.com")).status_code == 404
    assert problem(send(program, team)) == (400, own)
    assert send(shipper_client, gone, "weather").status_code == 400
    assert (mail_server.mails, gateway.requests, posted) == ([], [], [])


def test_one_that_does_not_arrive_is_said(
    shipper: Person, shipper_client: Client, posted: list[dict[str, Any]]
) -> None:
    unsealed = a_channel(shipper, "chat", "Slack 00000000", sealed="rubbish")
    said = "The test could not be sent. Try again later, or connect it anew."
    assert problem(send(shipper_client, unsealed)) == (400, said)
    assert posted == []
