"""The SMS providers against a local gateway: what is sent, and what each answer means."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from notifications.transports.sms import NumberError, SmsTransport, normalize_number
from tests.notifications.conftest import Gateway, free_port

MESSAGE = Message(to="+821012345678", text="[CLIS] 수입신고 수리 HBL KOSHA2603001", reference="d-1-abc")


def send() -> Receipt:
    with SmsTransport().open() as sender:
        return sender.send(MESSAGE)


@pytest.fixture
def twilio(gateway: Gateway, settings: Any) -> Gateway:
    """A local Twilio."""
    settings.SMS_PROVIDER, settings.TWILIO_BASE_URL = "twilio", gateway.url
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC123", "token"
    settings.SMS_FROM = "+821000000000"
    return gateway


def test_the_generic_gateway_gets_what_is_documented(gateway: Gateway) -> None:
    assert send() == Receipt("p1")
    request = gateway.requests[0]
    assert request["path"] == "/sms"
    assert request["headers"]["authorization"] == "Bearer secret-token"
    assert request["headers"]["content-type"] == "application/json"
    assert json.loads(request["body"]) == {
        "to": "+821012345678",
        "from": "CLIS",
        "text": "[CLIS] 수입신고 수리 HBL KOSHA2603001",
        "reference": "d-1-abc",
    }


ANSWERS: list[tuple[int, type[TransportError]]] = [
    (302, UnreachableError),
    (400, PermanentError),
    (401, UnreachableError),
    (402, UnreachableError),
    (403, UnreachableError),
    (404, UnreachableError),
    (408, TemporaryError),
    (422, PermanentError),
    (429, TemporaryError),
    (500, UnknownOutcomeError),
    (502, UnknownOutcomeError),
    (503, TemporaryError),
    (504, UnknownOutcomeError),
]


@pytest.mark.parametrize(("status", "error"), ANSWERS)
def test_what_the_generic_gateways_answers_mean(gateway: Gateway, status: int, error: type[TransportError]) -> None:
    gateway.answer = lambda request: (status, {"Retry-After": "120"}, b"no such luck")
    with pytest.raises(error, match="no such luck") as caught:
        send()
    assert type(caught.value) is error
    if error is TemporaryError:
        assert caught.value.retry_after == 120  # type: ignore[attr-defined]
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("body", [b"", b"ok", b"[1]", b'{"id": null}', b"{"])
def test_an_acceptance_needs_no_json(gateway: Gateway, body: bytes) -> None:
    gateway.answer = lambda request: (200, {}, body)
    assert send() == Receipt()


def test_no_answer_is_unknown(gateway: Gateway) -> None:
    gateway.hang = True
    with pytest.raises(UnknownOutcomeError):
        send()


def test_nobody_there_is_unreachable(gateway: Gateway, settings: Any) -> None:
    settings.SMS_URL = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(UnreachableError):
        send()
    settings.SMS_URL = "not a url"
    with pytest.raises(UnreachableError):
        send()
    assert gateway.requests == []


def test_twilio_gets_a_form_with_the_accounts_secret(twilio: Gateway) -> None:
    twilio.answer = lambda request: (201, {}, b'{"sid": "SM1", "status": "queued"}')
    assert send() == Receipt("SM1", "queued")
    request = twilio.requests[0]
    assert request["path"] == "/2010-04-01/Accounts/AC123/Messages.json"
    assert request["headers"]["authorization"] == "Basic " + base64.b64encode(b"AC123:token").decode()
    assert parse_qs(request["body"].decode()) == {
        "To": ["+821012345678"],
        "From": ["+821000000000"],
        "Body": [MESSAGE.text],
    }


def test_twilio_reports_to_an_address_with_our_reference(twilio: Gateway, settings: Any) -> None:
    settings.SECURE, settings.BASE_URL = True, "https://clis.example"
    send()
    form = parse_qs(twilio.requests[0]["body"].decode())
    assert form["StatusCallback"] == ["https://clis.example/callbacks/sms/twilio/?reference=d-1-abc"]


def test_twilio_by_messaging_service(twilio: Gateway, settings: Any) -> None:
    settings.SMS_FROM = "MG123"
    send()
    form = parse_qs(twilio.requests[0]["body"].decode())
    assert (form["MessagingServiceSid"], "From" in form) == (["MG123"], False)


TWILIO = [
    (400, 21211, AddressRefusedError),
    (400, 21610, AddressRefusedError),
    (400, 21614, AddressRefusedError),
    (400, 21408, PermanentError),
    (400, 21617, PermanentError),
    (401, 20003, UnreachableError),
    (400, 21606, UnreachableError),
    (429, 20429, TemporaryError),
    (400, 21611, TemporaryError),
    (503, 20503, TemporaryError),
    (500, 20500, UnknownOutcomeError),
    (404, 20404, UnreachableError),
]


@pytest.mark.parametrize(("status", "code", "error"), TWILIO)
def test_what_twilios_codes_mean(twilio: Gateway, status: int, code: int, error: type[TransportError]) -> None:
    body = json.dumps({"code": code, "message": "Twilio's words", "status": status}).encode()
    twilio.answer = lambda request: (status, {}, body)
    with pytest.raises(error, match=f"{code}: Twilio's words") as caught:
        send()
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "written",
    ["010-1234-5678", "01012345678", "+82 10 1234 5678", "+82-10-1234-5678", " 010 1234 5678 ", "+82 (0)10 1234 5678"],
)
def test_one_spelling_of_a_number(gateway: Gateway, written: str) -> None:
    assert normalize_number(written) == "+821012345678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hello",
        "112",
        "02-312-3456",  # a landline in Seoul
        "1588-1234",
        "060-700-1234",  # costs the called one
        "+1 202 555 0143",  # a country that is not texted
        "+44 7911 123456",
        "010-12",
        "+82101234567890123",
        "\x00",
    ],
)
def test_what_is_not_texted(gateway: Gateway, written: str) -> None:
    with pytest.raises(NumberError):
        normalize_number(written)
