"""Browser notifications: encryption by the RFC's own example, the key, the known push services, the answers."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client as Browser
from django.utils import timezone

from clis.egress import Client, Response
from clis.sealing import unseal
from notifications import fanout, schedule, subscribing
from notifications.deliver import deliver
from notifications.digests import owe_digests
from notifications.fanout.owing import STORM
from notifications.models import Channel, Delivery
from notifications.render import reference_of
from notifications.subscribing import SubscribingError
from notifications.transports import push, transport_for
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    TemporaryError,
    TransportError,
)
from notifications.transports.push import (
    PushTransport,
    Target,
    TargetError,
    authorization,
    encrypted,
    public_key,
    read_target,
)
from tests.notifications.conftest import a_delivery, a_shipment, a_subscription, an_update, everything_stands
from tests.people import Person

# RFC 8291, appendix A.
PLAINTEXT = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
ENDPOINT = "https://fcm.googleapis.com/wp/abc:def"


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def a_subscription_of(endpoint: str = ENDPOINT, **keys: str) -> dict[str, Any]:
    return {"endpoint": endpoint, "expirationTime": None, "keys": {"p256dh": RECEIVER, "auth": AUTH, **keys}}


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    """The server's key."""
    settings.PUSH_KEY, settings.PUSH_CONTACT = SENDER, "mailto:operator@clis.example"


def test_the_example_of_rfc_8291() -> None:
    sender = ec.derive_private_key(int.from_bytes(unpacked(SENDER), "big"), ec.SECP256R1())
    target = Target(ENDPOINT, unpacked(RECEIVER), unpacked(AUTH))
    assert encrypted(PLAINTEXT, target, key=sender, salt=unpacked(SALT)) == unpacked(BODY)


def test_two_messages_share_neither_key_nor_salt() -> None:
    target = read_target(json.dumps(a_subscription_of()))
    first, second = encrypted(PLAINTEXT, target), encrypted(PLAINTEXT, target)
    assert first[:16] != second[:16] and first[21:86] != second[21:86]


def test_the_server_shows_who_it_is() -> None:
    scheme, told = authorization(ENDPOINT, 1_000_000).split(" ", 1)
    fields = dict(part.strip().split("=", 1) for part in told.split(","))
    head, claims, signature = fields["t"].split(".")
    assert (scheme, fields["k"]) == ("vapid", public_key())
    assert json.loads(unpacked(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(unpacked(claims)) == {
        "aud": "https://fcm.googleapis.com",
        "exp": 1_043_200,
        "sub": "mailto:operator@clis.example",
    }
    raw = unpacked(signature)
    of = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpacked(public_key()))
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    of.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/QOabc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
    ],
)
def test_push_services(endpoint: str) -> None:
    assert read_target(json.dumps(a_subscription_of(endpoint))).endpoint == endpoint


@pytest.mark.parametrize(
    "subscription",
    [
        {},
        [],
        "x",
        {"endpoint": ENDPOINT},
        a_subscription_of("http://fcm.googleapis.com/wp/x"),
        a_subscription_of("https://fcm.googleapis.com.evil.example/x"),
        a_subscription_of("https://evil.example/?fcm.googleapis.com"),
        a_subscription_of("https://evilfcm.googleapis.com/x"),
        a_subscription_of("https://fcm.googleapis.com@evil.example/x"),
        a_subscription_of("https://fcm.googleapis.com:8443/x"),
        a_subscription_of("https://127.0.0.1/x"),
        a_subscription_of("https://notify.windows.com.evil.example/"),
        a_subscription_of(ENDPOINT + "x" * 1_000),
        a_subscription_of(p256dh="AAAA"),
        a_subscription_of(p256dh=RECEIVER[:-4] + "AAAA"),
        a_subscription_of(auth="AAAA"),
        a_subscription_of(auth="é"),
        {**a_subscription_of(), "endpoint": None},
        {**a_subscription_of(), "endpoint": [ENDPOINT]},
        {**a_subscription_of(), "endpoint": ENDPOINT + "é"},
    ],
)
def test_anything_else_is_no_subscription(subscription: Any) -> None:
    with pytest.raises(TargetError):
        read_target(json.dumps(subscription))


def answers(monkeypatch: pytest.MonkeyPatch, answer: Response) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []

    def request(self: Client, method: str, url: str, **more: Any) -> Response:
        calls.append({"method": method, "url": url, **more})
        return answer

    monkeypatch.setattr(Client, "request", request)
    return calls


ANSWERS: list[tuple[int, type[TransportError]]] = [
    (404, AddressRefusedError),
    (410, AddressRefusedError),
    (429, TemporaryError),
    (500, TemporaryError),
    (400, PermanentError),
    (403, AddressRefusedError),
    (301, PermanentError),
]


@pytest.mark.parametrize(("status", "error"), ANSWERS)
def test_what_answers_mean(monkeypatch: pytest.MonkeyPatch, status: int, error: type[TransportError]) -> None:
    answers(monkeypatch, Response(status, {"retry-after": "60"}))
    message = Message(json.dumps(a_subscription_of()), "{}", "d-1-a")
    with PushTransport().open() as sender, pytest.raises(error) as caught:
        sender.send(message)
    assert type(caught.value) is error


OF_APPLE: list[tuple[int, bytes, type[TransportError]]] = [
    (403, b'{"reason": "BadJwtToken"}', PermanentError),
    (403, b'{"reason": "ExpiredJwtToken"}', PermanentError),
    (400, b'{"reason": "VapidPkHashMismatch"}', AddressRefusedError),
    (400, b'{"reason": "BadWebPushTopic"}', PermanentError),
]


@pytest.mark.parametrize(("status", "body", "error"), OF_APPLE)
def test_what_apples_answers_mean(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, error: type[TransportError]
) -> None:
    answers(monkeypatch, Response(status, {}, body))
    message = Message(json.dumps(a_subscription_of("https://web.push.apple.com/QOabc")), "{}", "d-1-a")
    with PushTransport().open() as sender, pytest.raises(error) as caught:
        sender.send(message)
    assert type(caught.value) is error


def test_a_browser_is_connected_told_and_forgotten(shipper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = answers(monkeypatch, Response(201, {"location": "https://fcm.googleapis.com/m/1"}))
    channel, is_new = subscribing.connect_browser(shipper.viewer, a_subscription_of(), "ko")
    assert is_new
    assert (channel.kind, channel.address[:7], channel.usable) == ("push", "Chrome ", True)
    assert "fcm" not in channel.sealed
    row = a_delivery(an_update(a_shipment(shipper.organization)), channel, notice="customs.released")
    assert deliver(everything_stands) == 1
    row.refresh_from_db()
    assert (row.state, row.tries.get().provider_id) == ("sent", "https://fcm.googleapis.com/m/1")
    assert (calls[0]["url"], calls[0]["headers"]["content-encoding"]) == (ENDPOINT, "aes128gcm")
    assert len(calls[0]["content"]) < 4_096

    answers(monkeypatch, Response(410))
    a_delivery(an_update(a_shipment(shipper.organization), key="2"), channel, notice="customs.released")
    deliver(everything_stands)
    channel.refresh_from_db()
    assert not channel.usable
    again, is_new = subscribing.connect_browser(shipper.viewer, a_subscription_of())
    assert (again.pk, again.usable, again.language, is_new) == (channel.pk, True, "ko", False)


def test_a_browser_shows_the_notices_of_who_connected_it_last(
    shipper: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are of another organization; a browser that only has the same label stays."""
    theirs, _ = subscribing.connect_browser(shipper.viewer, a_subscription_of(), "ko")
    other, _ = subscribing.connect_browser(shipper.viewer, a_subscription_of(ENDPOINT + "x"), "ko")
    Channel.objects.filter(pk=other.pk).update(address=theirs.address, organization=stranger.organization)
    row = a_delivery(an_update(a_shipment(shipper.organization)), theirs, notice="customs.released")
    ours, _ = subscribing.connect_browser(stranger.viewer, a_subscription_of(), "en")
    calls = answers(monkeypatch, Response(201))
    deliver(everything_stands)
    for channel in (theirs, other, ours):
        channel.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.reason, calls) == ("skipped", "channel_off", [])
    assert [theirs.usable, other.usable, ours.usable] == [False, True, True]
    assert theirs.disabled_reason
    subscribing.connect_browser(shipper.viewer, a_subscription_of())
    assert set(Channel.objects.filter(disabled_at__isnull=False)) == {ours}


def test_without_a_key_there_are_none(shipper: Person, settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert transport_for("push") is None
    with pytest.raises(SubscribingError):
        subscribing.connect_browser(shipper.viewer, a_subscription_of(), "en")


def test_the_page_offers_it_and_takes_the_subscription(shipper: Person, stranger: Person, settings: Any) -> None:
    client = shipper.client()
    page = client.get("/notices/").content.decode()
    assert f'data-push="{public_key()}"' in page and 'data-worker="/push-worker.js"' in page
    answer = client.post("/notices/browser/", {"subscription": json.dumps(a_subscription_of())})
    assert (answer.status_code, answer["location"]) == (302, "/notices/")
    channel = Channel.objects.get(kind="push")
    assert (channel.user, channel.usable) == (shipper.user, True)
    assert json.loads(unseal(channel.sealed)) == {"endpoint": ENDPOINT, "keys": {"p256dh": RECEIVER, "auth": AUTH}}
    no_endpoint = json.dumps({**a_subscription_of(), "endpoint": None})
    deep = '{"endpoint": ' + "[" * 100_000
    for wrong in ("", "{}", "[]", json.dumps(a_subscription_of("https://evil.example/x")), no_endpoint, deep):
        assert client.post("/notices/browser/", {"subscription": wrong}).status_code == 302
    assert Channel.objects.count() == 1
    settings.PUSH_KEY = ""
    assert "data-push" not in client.get("/notices/").content.decode()


def test_the_worker_is_a_script_at_the_root(db: None) -> None:
    answer = Browser().get("/push-worker.js")
    assert (answer.status_code, answer["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert b"showNotification" in answer.content


def test_the_rest_of_a_storm_is_one_notification(
    shipper: Person, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.BASE_URL = "https://clis.example"
    calls = answers(monkeypatch, Response(201))
    monkeypatch.setattr(push, "encrypted", lambda content, target: content)
    with time_machine.travel("2026-03-24T02:00:00Z", tick=False) as clock:
        channel, _ = subscribing.connect_browser(shipper.viewer, a_subscription_of(), "ko")
        a_subscription(channel, matrix={"gate_out": "now"})
        data = {"milestone": "gate_out"}
        for _ in range(STORM + 5):
            an_update(a_shipment(shipper.organization), "gate_out", recorded_at=timezone.now(), data=data)
        fanout.fan_out()
        assert deliver(everything_stands) == len(calls) == STORM
        clock.shift(schedule.STORM_DIGEST)
        assert owe_digests() == 1
        assert deliver(everything_stands) == 1
    channel.refresh_from_db()
    assert (channel.usable, set(Delivery.objects.values_list("state", flat=True))) == (True, {"sent"})
    assert json.loads(calls[-1]["content"]) == {
        "title": "반출 5 — 화물 5건",
        "body": "\n".join([*["HBL KOSHA2603001: 반출 1"] * 3, "… 외 2건"]),
        "url": f"https://clis.example/notices/log/?channel={channel.pk}",
        "tag": reference_of(Delivery.objects.get(notice="digest")),
    }
