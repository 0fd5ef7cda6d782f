"""How long a server asks us to wait, and that every transport keeps to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine

from clis.egress import Client, Response
from notifications.transports.base import Message, TemporaryError
from notifications.transports.chat import ChatTransport
from notifications.transports.push import PushTransport
from notifications.transports.retry_after import retry_after
from notifications.transports.sms import SmsTransport
from tests.notifications.test_chat import SLACK
from tests.notifications.test_push import SENDER, a_subscription_of

SAID = [
    ("900", 900),
    (" 0 ", 0),
    ("1.337", 1),
    ("999999", 86_400),
    ("9" * 5_000, 86_400),
    ("Tue, 24 Mar 2026 02:00:00 GMT", 7_200),
    ("Tue, 24 Mar 2026 02:00:00 -0000", 7_200),
    ("Mon, 23 Mar 2026 02:00:00 GMT", 0),
    ("Fri, 24 Apr 2026 02:00:00 GMT", 86_400),
    ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ("soon", None),
    ("-5", None),
    ("٣", None),
    ("", None),
]


@pytest.mark.parametrize(("said", "seconds"), SAID)
def test_a_number_or_a_date(said: str, seconds: int | None) -> None:
    with time_machine.travel("2026-03-24T00:00:00Z", tick=False):
        assert retry_after(Response(429, {"retry-after": said})) == seconds


def test_nothing_said() -> None:
    assert retry_after(Response(429, {})) is None


@pytest.mark.parametrize("kind", ["generic", "twilio", "chat", "push"])
def test_every_transport_understands_a_date(kind: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    answer = Response(429, {"retry-after": "Tue, 24 Mar 2026 02:00:00 GMT"}, b'{"code": 20429}')
    monkeypatch.setattr(Client, "request", lambda *args, **options: answer)
    transport: Any = {"chat": ChatTransport, "push": PushTransport}.get(kind, SmsTransport)()
    address = {"chat": SLACK, "push": json.dumps(a_subscription_of())}.get(kind, "+821012345678")
    settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER = kind, ""
    settings.PUSH_KEY, settings.PUSH_CONTACT = SENDER, "mailto:operator@example.com"
    with (
        time_machine.travel("2026-03-24T00:00:00Z", tick=False),
        transport.open() as sender,
        pytest.raises(TemporaryError) as caught,
    ):
        sender.send(Message(address, "{}", "d-1-a"))
    assert caught.value.retry_after == 7_200
