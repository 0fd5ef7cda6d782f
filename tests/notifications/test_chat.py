"""Chats: which addresses are theirs, what is posted, what the answers mean, and how one is connected and proved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from clis.egress import Client, NotSentError, RefusedError, Response
from clis.sealing import seal
from notifications import fanout, render, schedule, subscribing
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.fanout.owing import STORM
from notifications.models import Channel, Delivery, Subscription, Verification
from notifications.subscribing import SubscribingError
from notifications.transports import chat, transport_for
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
)
from notifications.transports.chat import ChatTransport, TargetError, label_of, request_of, service_of
from tests.notifications.conftest import (
    a_channel,
    a_delivery,
    a_shipment,
    a_subscription,
    an_update,
    everything_stands,
)
from tests.people import Person

SLACK = "https://hooks.slack.com/services/T0001/B0001/abcDEF123"
TEAMS = (
    "https://default1.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/abc/triggers/manual/"
    "paths/invoke?api-version=1&sig=xyz"
)
DISCORD = "https://discord.com/api/webhooks/123/abc_DEF-1"
TELEGRAM = "telegram:123456789:AAabcdefghijklmnopqrstuvwxyz0123456:-1001234567890"

OURS = [
    (SLACK, "slack"),
    ("https://hooks.slack.com:443/triggers/T1/2/abc", "slack"),
    (TEAMS, "teams"),
    ("https://prod-01.westus.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=x", "teams"),
    (DISCORD, "discord"),
    ("https://discordapp.com/api/webhooks/1/x", "discord"),
    (TELEGRAM, "telegram"),
    ("telegram:123456789:AAabcdefghijklmnopqrstuvwxyz0123456:@cargo_news", "telegram"),
]
NOT_OURS = [
    "",
    "http://hooks.slack.com/services/T/B/x",
    "https://hooks.slack.com.evil.example/services/T/B/x",
    "https://evil.example/services/T/B/x",
    "https://evil.example#hooks.slack.com/services/",
    "https://hooks.slack.com@evil.example/services/T/B/x",
    "https://user:pass@hooks.slack.com/services/T/B/x",
    "https://hooks.slack.com:8443/services/T/B/x",
    "https://hooks.slack.com/api/chat.postMessage",
    "https://hooks.slack.com/services/../api/x",
    "https://hooks.slack.com/services/%2e%2e/api/x",
    "https://hooks.slack.com\\@evil.example/services/x",
    "https://hooks.slack.com\n.evil.example/services/x",
    "https://hоoks.slack.com/services/T/B/x",  # a Cyrillic letter
    "https://logic.azure.com/workflows/x",
    "https://evillogic.azure.com.evil.example/workflows/x",
    "https://azure.com/workflows/x",
    "https://discord.com/api/users/@me",
    "https://127.0.0.1/services/x",
    "https://[::1]/services/x",
    "json://localhost/x",
    "mailto://user:pass@gmail.com",
    "telegram:123:short:1",
    "telegram:123456789:AAabcdefghijklmnopqrstuvwxyz0123456/../x:1",
    "telegram:123456789:AAabcdefghijklmnopqrstuvwxyz0123456:1\n",
    "https://api.telegram.org/bot1:x/sendMessage",
]


@pytest.mark.parametrize(("target", "service"), OURS)
def test_addresses_of_chats(target: str, service: str) -> None:
    assert service_of(target) == service


@pytest.mark.parametrize("target", NOT_OURS)
def test_anything_else_is_no_chat(target: str) -> None:
    with pytest.raises(TargetError):
        service_of(target)


def test_a_service_that_the_operator_switched_off(settings: Any) -> None:
    settings.CHAT_SERVICES = ["slack"]
    assert service_of(SLACK) == "slack"
    with pytest.raises(TargetError):
        service_of(TELEGRAM)
    settings.CHAT_SERVICES = []
    assert transport_for("chat") is None


def test_a_label_tells_two_apart_and_nothing_else() -> None:
    assert re.fullmatch(r"Slack [0-9a-f]{8}", label_of(SLACK))
    assert label_of(SLACK) != label_of(SLACK + "x")
    assert re.fullmatch(r"Telegram [0-9a-f]{8}", label_of(TELEGRAM))


def test_what_each_service_gets() -> None:
    assert request_of(SLACK, "A <!channel> & B") == ("slack", SLACK, {"text": "A &lt;!channel&gt; &amp; B"})
    assert request_of(DISCORD, "@everyone") == (
        "discord",
        DISCORD,
        {"content": "@everyone", "allowed_mentions": {"parse": []}},
    )
    assert request_of(TELEGRAM, "hello") == (
        "telegram",
        "https://api.telegram.org/bot123456789:AAabcdefghijklmnopqrstuvwxyz0123456/sendMessage",
        {"chat_id": "-1001234567890", "text": "hello", "disable_web_page_preview": True},
    )
    _service, url, card = request_of(TEAMS, "one\ntwo")
    assert url == TEAMS
    assert [block["text"] for block in card["attachments"][0]["content"]["body"]] == ["one", "two"]
    assert len(request_of(DISCORD, "x" * 5_000)[2]["content"]) == 1_900


Answering = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """``answering(response or error)``: what the far side says; the names of the services are theirs, so no socket of
    ours can stand in for them."""

    def set_up(*results: Response | Exception) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []
        left = list(results)

        def request(self: Client, method: str, url: str, **more: Any) -> Response:
            calls.append({"method": method, "url": url, **more})
            result = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(Client, "request", request)
        return calls

    return set_up


def send(target: str = SLACK) -> Receipt:
    with ChatTransport().open() as sender:
        return sender.send(Message(target, "hello", "d-1-a"))


def test_an_accepted_message(answering: Answering) -> None:
    calls = answering(Response(200, {}, b"ok"))
    assert send() == Receipt(detail="HTTP 200")
    assert [(call["method"], call["url"], call["content"]) for call in calls] == [("POST", SLACK, b'{"text": "hello"}')]


ANSWERS: list[tuple[Response | Exception, type[TransportError], int | None]] = [
    (Response(404, {}, b"no_service"), AddressRefusedError, None),
    (Response(410, {}, b"channel_is_archived"), AddressRefusedError, None),
    (Response(403, {}, b"action_prohibited"), PermanentError, None),
    (Response(401, {}, b""), PermanentError, None),
    (Response(400, {}, b"invalid_payload"), PermanentError, None),
    (Response(302, {"location": "http://127.0.0.1/"}), PermanentError, None),
    (Response(429, {"retry-after": "30"}), TemporaryError, 30),
    (Response(429, {}, b'{"parameters": {"retry_after": 7}}'), TemporaryError, 7),
    (Response(500, {}), TemporaryError, None),
    (NotSentError("no route"), TemporaryError, None),
    (RefusedError("a private address"), PermanentError, None),
]


@pytest.mark.parametrize(("answer", "error", "wait"), ANSWERS)
def test_what_answers_mean(
    answering: Answering, answer: Response | Exception, error: type[TransportError], wait: int | None
) -> None:
    calls = answering(answer)
    with pytest.raises(error) as caught:
        send()
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after", None) == wait
    assert len(calls) == 1


GONE = {SLACK: {404, 410}, TEAMS: {404, 410}, DISCORD: {401, 404}, TELEGRAM: {401, 403, 404}}


@pytest.mark.parametrize("target", GONE)
def test_what_ends_a_chat_is_each_services_own(answering: Answering, target: str) -> None:
    ended = set()
    for status in (400, 401, 403, 404, 410):
        answering(Response(status, {}, b"no"))
        with pytest.raises(PermanentError) as caught:
            send(target)
        if isinstance(caught.value, AddressRefusedError):
            ended.add(status)
    assert ended == GONE[target]


def test_a_chat_is_connected_proved_told_and_switched_off(shipper: Person, answering: Answering) -> None:
    calls = answering(Response(200, {}, b"ok"))
    channel = subscribing.connect_chat(shipper.viewer, f" {SLACK} ", "en", name="Imports")
    assert (channel.kind, channel.address, channel.name) == ("chat", label_of(SLACK), "Imports")
    assert SLACK not in channel.sealed and channel.verified_at is None
    assert subscribing.connect_chat(shipper.viewer, SLACK, "en").pk == channel.pk
    subscribing.send_code(shipper.viewer, channel.pk)
    code = re.search(rb"CLIS: (\d{6}) is the code", calls[0]["content"])
    assert code is not None and calls[0]["url"] == SLACK
    subscribing.verify(shipper.viewer, channel.pk, code[1].decode())
    channel.refresh_from_db()
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    assert deliver(everything_stands) == 1
    text = calls[1]["content"].decode()
    assert "Released by customs — HBL KOSHA2603001" in text and "/shipments/" in text
    row.refresh_from_db()
    assert row.state == "sent"

    answering(Response(404, {}, b"no_service"))
    a_delivery(an_update(a_shipment(shipper.organization), key="2"), channel, notice="customs.released")
    deliver(everything_stands)
    channel.refresh_from_db()
    assert (channel.usable, channel.disabled_reason) == (False, "slack: HTTP 404 no_service")


def test_who_may_connect_one(shipper: Person, forwarder: Person, answering: Answering) -> None:
    calls = answering(Response(200, {}, b"ok"))
    shared = subscribing.connect_chat(shipper.viewer, SLACK, "ko", shared=True)
    assert shared.user_id is None
    with pytest.raises(subscribing.ForbiddenError):
        subscribing.connect_chat(forwarder.viewer, SLACK, "ko", shared=True)
    with pytest.raises(SubscribingError):
        subscribing.connect_chat(shipper.viewer, "https://evil.example/services/x", "en")
    assert Channel.objects.count() == 1
    assert (calls, Verification.objects.count()) == ([], 0)


def test_every_services_hosts_are_spelt_out() -> None:
    assert {name: service.hosts for name, service in chat.SERVICES.items()} == {
        "slack": ("hooks.slack.com",),
        "teams": (".logic.azure.com", ".environment.api.powerplatform.com"),
        "discord": ("discord.com", "discordapp.com"),
    }


def test_the_rest_of_a_storm_is_one_short_text(shipper: Person, answering: Answering, settings: Any) -> None:
    """Of an hour's news twenty pieces are told by themselves, the others by one text that names shipments."""
    settings.BASE_URL = "https://clis.example"
    calls = answering(Response(200, {}, b"ok"))
    with time_machine.travel("2026-03-24T02:00:00Z", tick=False) as clock:
        channel = a_channel(shipper, "chat", label_of(SLACK), sealed=seal(SLACK))
        a_subscription(channel, matrix={"gate_out": "now"})
        data = {"milestone": "gate_out", "references": [{"type": "house_bill", "value": "CALM"}]}
        for _ in range(STORM):
            an_update(a_shipment(shipper.organization), "gate_out", recorded_at=timezone.now(), data=data)
        for number in range(10):
            shipment = a_shipment(shipper.organization)
            data["references"] = [{"type": "house_bill", "value": f"STORM{number}"}]
            for _ in range(2 if number == 9 else 1):
                an_update(shipment, "gate_out", recorded_at=timezone.now(), data=data)
        fanout.fan_out()
        assert deliver(everything_stands) == len(calls) == STORM
        clock.shift(schedule.STORM_DIGEST)
        assert owe_digests() == 1
        assert deliver(everything_stands) == 1
    channel.refresh_from_db()
    assert (channel.usable, set(Delivery.objects.values_list("state", flat=True))) == (True, {"sent"})
    assert calls[-1]["url"] == SLACK
    *lines, last = json.loads(calls[-1]["content"])["text"].splitlines()
    assert lines == [
        "Gated out 11 — 10 shipments",
        "HBL STORM9: Gated out 2",
        *(f"HBL STORM{number}: Gated out 1" for number in range(8, 1, -1)),
        "… and 2 more",
        f"https://clis.example/notices/log/?channel={channel.pk}",
    ]
    why = "You get this digest because this address is subscribed to cargo of Alice Imports. "
    assert last.startswith(f"{why}Unsubscribe from everything: https://clis.example/notices/unsubscribe/")
    assert render.read_unsubscribe_token(last.split("/")[-2]) == (channel.pk, None, None)


@pytest.mark.parametrize(
    ("language", "last"),
    [
        (
            "en",
            "You get this because this address is subscribed to all shipments of Alice Imports. Stop these notices: ",
        ),
        ("ko", "이 주소는 Alice Imports의 모든 화물 알림을 받도록 등록되어 있습니다. 이 알림 그만 받기: "),
    ],
)
def test_the_last_line_says_why_and_how_to_stop(shipper: Person, language: str, last: str) -> None:
    channel = a_channel(shipper, "chat", label_of(SLACK), sealed=seal(SLACK), language=language)
    update = an_update(a_shipment(shipper.organization))
    delivery = a_delivery(update, channel, subscription=a_subscription(channel), notice="customs.released")
    why, _, page = render.message(delivery, True).text.splitlines()[-1].partition("http://localhost:8000")
    assert (why, page.rpartition("/")[2]) == (last, "?only=subscription")
    assert Browser().get(page).status_code == 200
    assert subscribed(channel) == 2  # A chat that looks at the link to show what it is ends nothing.
    Browser().post(page, {"only": "subscription"})
    assert subscribed(channel) == 1


def test_it_is_whole_however_long_the_names_are(shipper: Person, settings: Any) -> None:
    settings.BASE_URL = "https://notices.long-name-of-an-operator.example"
    assert shipper.organization
    shipper.organization.name = "A" * 200
    shipper.organization.save()
    channel = a_channel(shipper, "chat", label_of(SLACK), sealed=seal(SLACK))
    data = {"references": [{"type": "cargo_control_number", "value": "N" * 64}]}
    told = ("customs.release_revoked", "customs.held", "eta.changed", "available")
    shipments = [a_shipment(shipper.organization) for _ in range(9)]
    members = [
        a_delivery(an_update(shipment, kind, data=data), channel, notice=kind)
        for shipment in shipments
        for kind in told
    ]
    digest = Delivery.objects.create(channel=channel, kind="chat", recipient="r", notice="digest")
    text = render.digest(digest, members).text
    assert len(text) <= chat.LENGTH
    assert render.read_unsubscribe_token(text.split("/")[-2]) == (channel.pk, None, None)


def subscribed(channel: Channel) -> int:
    return Subscription.objects.filter(channel=channel, ended_at__isnull=True).count()
