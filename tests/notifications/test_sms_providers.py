"""Solapi, the folder, two providers in a row, and look-ups: against local servers with real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from notifications.transports.base import (
    AddressRefusedError,
    Found,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from notifications.transports.sms import SmsTransport
from tests.notifications.conftest import Gateway, free_port
from tests.notifications.receivers import Hostile

KOREAN = "[CLIS] 수입신고 수리 HBL KOSHA2603001"
MESSAGE = Message(
    "+821012345678",
    KOREAN,
    "d-1-abc",
    language="ko",
    notice="customs.released",
    facts={"number": "HBL KOSHA2603001", "place": ""},
)
TAKEN = {"failedMessageList": [], "messageList": [{"messageId": "M4V1", "statusCode": "2000", "statusMessage": "정상"}]}


def send(message: Message = MESSAGE) -> Receipt:
    with SmsTransport().open() as sender:
        return sender.send(message)


def asked(reference: str = "d-1-abc") -> Found:
    with SmsTransport().open() as sender:
        return sender.look_up(reference, "+821012345678")


def body_of(gateway: Gateway, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gateway.requests[number]["body"])
    return found


@pytest.fixture
def solapi(gateway: Gateway, settings: Any) -> Gateway:
    """A local Solapi."""
    settings.SMS_PROVIDER, settings.SOLAPI_BASE_URL = "solapi", gateway.url
    settings.SOLAPI_API_KEY, settings.SOLAPI_API_SECRET, settings.SOLAPI_FROM = "KEY", "SECRET", "0212345678"
    gateway.answer = lambda request: (200, {}, json.dumps(TAKEN).encode())
    return gateway


def test_solapi_gets_one_message_and_a_signature_of_date_and_salt(solapi: Gateway) -> None:
    assert send() == Receipt("M4V1", "정상")
    request = solapi.requests[0]
    assert request["path"] == "/messages/v4/send-many/detail"
    found = re.fullmatch(
        r"HMAC-SHA256 apiKey=KEY, date=(\S+Z), salt=([0-9a-f]{32}), signature=([0-9a-f]{64})",
        request["headers"]["authorization"],
    )
    assert found is not None
    assert hmac.new(b"SECRET", (found[1] + found[2]).encode(), hashlib.sha256).hexdigest() == found[3]
    assert body_of(solapi) == {
        "messages": [
            {
                "to": "01012345678",
                "from": "0212345678",
                "country": "82",
                "customFields": {"reference": "d-1-abc"},
                "type": "SMS",
                "text": KOREAN,
            }
        ],
        "allowDuplicates": False,
        "showMessageList": True,
    }


def test_solapi_lms_by_bytes_and_only_what_euc_kr_has(solapi: Gateway) -> None:
    send(Message("+821012345678", "가" * 45 + "!", "d-2-abc"))
    send(Message("+12025550143", "😀 ok", "d-3-abc"))
    first, second = (body_of(solapi, number)["messages"][0] for number in (0, 1))
    assert (first["type"], first["text"]) == ("LMS", "가" * 45 + "!")
    assert (second["type"], second["text"], second["country"], second["to"]) == ("SMS", "? ok", "1", "2025550143")


def test_alimtalk_where_the_operator_has_a_template(solapi: Gateway, settings: Any) -> None:
    settings.SOLAPI_PF_ID, settings.SOLAPI_TEMPLATES = "PF1", {"customs.released.ko": "KA01"}
    send()
    send(Message("+821012345678", "x", "d-2-abc", language="en", notice="customs.released"))
    first, second = (body_of(solapi, number)["messages"][0] for number in (0, 1))
    assert (first["type"], "text" in first) == ("ATA", False)
    assert first["kakaoOptions"] == {
        "pfId": "PF1",
        "templateId": "KA01",
        "disableSms": False,
        "variables": {"#{number}": "HBL KOSHA2603001", "#{place}": "-"},
    }
    assert (second["type"], "kakaoOptions" in second) == ("SMS", False)


def test_a_template_that_is_refused_goes_out_as_text(solapi: Gateway, settings: Any) -> None:
    settings.SOLAPI_PF_ID, settings.SOLAPI_TEMPLATES = "PF1", {"customs.released.ko": "KA01"}
    refused = {"failedMessageList": [{"statusCode": "1042", "statusMessage": "템플릿"}]}
    answers = [refused, TAKEN]
    solapi.answer = lambda request: (200, {}, json.dumps(answers.pop(0)).encode())
    assert send() == Receipt("M4V1", "정상")
    assert [body_of(solapi, number)["messages"][0]["type"] for number in (0, 1)] == ["ATA", "SMS"]


SOLAPI = [
    (200, {"failedMessageList": [{"statusCode": "1061", "statusMessage": "수신거부"}]}, AddressRefusedError),
    (200, {"failedMessageList": [{"statusCode": "1030", "statusMessage": "잔액"}]}, UnreachableError),
    (200, {"failedMessageList": [{"statusCode": "1062", "statusMessage": "발신번호"}]}, UnreachableError),
    (200, {"failedMessageList": [{"statusCode": "1024", "statusMessage": "서버"}]}, UnknownOutcomeError),
    (200, {"failedMessageList": [{"statusCode": "1026", "statusMessage": "중복"}]}, PermanentError),
    (400, {"errorCode": "ValidationError", "errorMessage": "no"}, PermanentError),
    (400, {"errorCode": "1030", "errorMessage": "no"}, UnreachableError),
    (401, {"errorCode": "InvalidAPIKey", "errorMessage": "no"}, UnreachableError),
    (402, {"errorCode": "NotEnoughBalance", "errorMessage": "no"}, UnreachableError),
    (403, {"errorCode": "Forbidden", "errorMessage": "no"}, UnreachableError),
    (429, {"errorCode": "TooManyRequests", "errorMessage": "no"}, TemporaryError),
    (500, {"errorCode": "InternalError", "errorMessage": "no"}, UnknownOutcomeError),
    (502, {}, UnknownOutcomeError),
]


@pytest.mark.parametrize(("status", "answer", "error"), SOLAPI)
def test_what_solapis_answers_mean(
    solapi: Gateway, status: int, answer: dict[str, Any], error: type[TransportError]
) -> None:
    solapi.answer = lambda request: (status, {}, json.dumps(answer).encode())
    with pytest.raises(error) as caught:
        send()
    assert type(caught.value) is error
    assert len(solapi.requests) == 1


CUT = json.dumps(TAKEN).encode()[:-20]


@pytest.mark.parametrize(
    "body", [b"", b"<html>ok</html>", b"{}", b"[]", CUT, b'{"failedMessageList": [], "messageList": []}']
)
def test_an_answer_of_solapi_that_names_no_message_says_nothing(solapi: Gateway, settings: Any, body: bytes) -> None:
    settings.SOLAPI_PF_ID, settings.SOLAPI_TEMPLATES = "PF1", {"customs.released.ko": "KA01"}
    solapi.answer = lambda request: (200, {}, body)
    with pytest.raises(UnknownOutcomeError):
        send()
    assert len(solapi.requests) == 1


def test_solapi_is_asked_by_our_reference(solapi: Gateway) -> None:
    rows = {
        "M1": {"messageId": "M1", "customFields": {"reference": "d-9-xyz"}},
        "M2": {"messageId": "M2", "customFields": {"reference": "d-1-abc"}},
        "M3": {"messageId": "M3", "customFields": None},
    }
    solapi.answer = lambda request: (200, {}, json.dumps({"messageList": rows}).encode())
    assert asked() == Found(True, Receipt("M2"))
    assert solapi.requests[0]["path"].startswith("/messages/v4/list?to=01012345678&dateType=CREATED&startDate=")
    del rows["M2"]
    assert asked() == Found()
    solapi.answer = lambda request: (500, {}, b"")
    assert asked() == Found()


def test_a_text_in_the_folder(settings: Any, tmp_path: Path) -> None:
    settings.SMS_PROVIDER, settings.SMS_FOLDER, settings.SMS_FROM = "folder", str(tmp_path), "CLIS"
    assert send() == Receipt("d-1-abc")
    (file,) = tmp_path.iterdir()
    assert file.name == "d-1-abc.json"
    text = file.read_text(encoding="utf-8")
    assert text.endswith("}\n") and text.count("\n") == 1
    told = json.loads(text)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told.pop("written_at"))
    assert told == {"to": "+821012345678", "from": "CLIS", "text": KOREAN, "reference": "d-1-abc"}
    assert asked() == Found(True, Receipt("d-1-abc"))
    file.unlink()
    assert asked() == Found()


def test_no_folder_is_no_text(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.SMS_PROVIDER, settings.SMS_FOLDER = "folder", str(tmp_path / "file" / "texts")
    with pytest.raises(UnreachableError):
        send()
    settings.SMS_FOLDER = str(tmp_path)
    with pytest.raises(PermanentError):
        send(Message("+821012345678", "x", "../../etc/passwd"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_folder_is_made_by_the_first_text(settings: Any, tmp_path: Path) -> None:
    settings.SMS_PROVIDER, settings.SMS_FOLDER = "folder", str(tmp_path / "var" / "texts")
    assert send() == Receipt("d-1-abc")
    assert [path.name for path in (tmp_path / "var" / "texts").iterdir()] == ["d-1-abc.json"]


def test_the_gateway_is_asked_only_if_it_can_be(gateway: Gateway, settings: Any) -> None:
    assert asked() == Found()
    assert gateway.requests == []
    settings.SMS_LOOK_UP = True
    gateway.answer = lambda request: (200, {}, b'{"id": "p7"}')
    assert asked() == Found(True, Receipt("p7"))
    assert gateway.requests[-1]["path"] == "/sms?reference=d-1-abc"
    gateway.answer = lambda request: (404, {}, b"")
    assert asked() == Found(False)
    gateway.answer = lambda request: (503, {}, b"")
    assert asked() == Found()


# Two providers: what the first does, how often each is asked, and what comes of it. The second accepts.
OUTCOMES: list[tuple[str, int, type[TransportError] | None]] = [
    ("accepts", 0, None),
    ("out of reach", 1, None),
    ("refuses the account", 1, None),
    ("later", 1, None),
    ("out of breath", 1, None),
    ("refuses the text", 1, None),
    ("number said stop", 0, AddressRefusedError),
    ("fails after taking it", 0, UnknownOutcomeError),
    ("hangs", 0, UnknownOutcomeError),
    ("resets", 0, UnknownOutcomeError),
]
STATUS = {"refuses the account": 401, "later": 429, "out of breath": 503, "refuses the text": 400}


@contextmanager
def first_provider(name: str, gateway: Gateway, settings: Any) -> Iterator[Callable[[], int]]:
    """A Twilio that does so; gives how many texts it may have taken."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "token"
    taken = lambda: len(gateway.requests)  # noqa: E731
    settings.TWILIO_BASE_URL = gateway.url
    resets = None
    if name == "out of reach":
        settings.TWILIO_BASE_URL = f"http://127.0.0.1:{free_port()}"
    elif name == "resets":
        resets = Hostile(_reset)
        settings.TWILIO_BASE_URL = resets.url.removesuffix("/hook")
        taken = lambda: resets.connections  # type: ignore[union-attr]  # noqa: E731
    elif name == "hangs":
        gateway.hang = True
    elif name == "fails after taking it":
        gateway.answer = lambda request: (500, {}, b"")
    elif name == "number said stop":
        gateway.answer = lambda request: (400, {}, b'{"code": 21610, "message": "stop"}')
    elif name in STATUS:
        gateway.answer = lambda request: (STATUS[name], {}, b"{}")
    yield taken
    if resets:
        resets.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(("name", "second", "error"), OUTCOMES)
def test_a_second_provider_is_asked_only_after_a_definite_no(
    gateway: Gateway, settings: Any, tmp_path: Path, name: str, second: int, error: type[TransportError] | None
) -> None:
    settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER = "twilio", "folder"
    settings.SMS_FOLDER, settings.SMS_TIMEOUT = str(tmp_path), 0.5
    with first_provider(name, gateway, settings) as taken:
        if error is None:
            send()
        else:
            with pytest.raises(error):
                send()
        accepted_by_first = taken() if name in ("accepts", "fails after taking it", "hangs", "resets") else 0
    assert len(list(tmp_path.iterdir())) == second
    assert accepted_by_first + second <= 1


# And where the second refuses as well: what the two together mean.
BOTH: list[tuple[str, str, type[TransportError]]] = [
    ("out of reach", "out of reach", UnreachableError),
    ("refuses the account", "out of reach", UnreachableError),
    ("refuses the text", "refuses the text", PermanentError),
    ("refuses the text", "out of reach", TemporaryError),
    ("refuses the text", "later", TemporaryError),
    ("later", "refuses the text", TemporaryError),
    ("out of reach", "refuses the text", TemporaryError),
    ("later", "fails after taking it", UnknownOutcomeError),
    ("out of reach", "hangs", UnknownOutcomeError),
    ("later", "number said stop", AddressRefusedError),
]


@pytest.mark.parametrize(("name", "then", "error"), BOTH)
def test_what_two_refusals_mean(
    gateway: Gateway, solapi: Gateway, settings: Any, name: str, then: str, error: type[TransportError]
) -> None:
    settings.SMS_PROVIDER, settings.SMS_SECOND_PROVIDER, settings.SMS_TIMEOUT = "solapi", "twilio", 0.5
    first = {"refuses the text": 400, "refuses the account": 401, "later": 429}.get(name)
    if first is None:
        settings.SOLAPI_BASE_URL = f"http://127.0.0.1:{free_port()}"
    with first_provider(then, gateway, settings):
        of_second = gateway.answer

        def answer(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
            if request["path"].startswith("/messages/"):
                assert first is not None
                return first, {}, b"{}"
            return of_second(request)

        gateway.answer = answer
        with pytest.raises(error) as caught:
            send()
    assert type(caught.value) is error
