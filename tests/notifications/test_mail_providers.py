"""Mails through a provider of django-anymail, a local server here: what it gets, and what each answer means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notifications.deliver import deliver
from notifications.models import Attempt
from notifications.transports.base import (
    AddressRefusedError,
    Image,
    Message,
    PermanentError,
    TemporaryError,
    TransportError,
    UnreachableError,
)
from notifications.transports.email import EmailTransport
from tests.notifications.conftest import (
    Gateway,
    a_channel,
    a_delivery,
    a_shipment,
    an_update,
    everything_stands,
    free_port,
)
from tests.people import Person

NUMBER = "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"
MESSAGE = Message(
    to="alice@example.com",
    subject="수입신고 수리",
    text="수리되었습니다.\n",
    html='<p><img src="cid:logo" alt="x">수리되었습니다.</p>',
    reference="d-1-abc",
    thread="s-7-abc",
    headers={"List-Unsubscribe": "<https://clis.example/u/>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    images=(Image("logo", b"\x89PNG\r\n\x1a\nxx", "image/png"),),
)


@pytest.fixture
def postmark(gateway: Gateway, settings: Any) -> Gateway:
    """Mails go out by Postmark's API, at the gateway."""
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "x",
        "POSTMARK_API_URL": gateway.url,
        "REQUESTS_TIMEOUT": (1, 1),
    }
    settings.DEFAULT_FROM_EMAIL = "CLIS <notices@clis.example>"
    gateway.answer = answering(200, {"ErrorCode": 0, "Message": "OK", "MessageID": NUMBER, "To": "alice@example.com"})
    return gateway


def answering(status: int, body: Any) -> Any:
    return lambda _request: (status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def test_the_provider_gets_the_whole_mail(postmark: Gateway) -> None:
    with EmailTransport().open() as sender:
        receipt = sender.send(MESSAGE)
    assert receipt.provider_id == NUMBER
    (request,) = postmark.requests
    sent = json.loads(request["body"])
    headers = {row["Name"]: row["Value"] for row in sent["Headers"]}
    assert (sent["To"], sent["Subject"]) == ("alice@example.com", "수입신고 수리")
    assert headers["Message-ID"] == "<d-1-abc@clis.example>"
    assert headers["References"] == headers["In-Reply-To"] == "<s-7-abc@clis.example>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    (picture,) = sent["Attachments"]
    assert (picture["ContentID"], picture["ContentType"]) == ("cid:logo", "image/png")


def test_its_number_is_kept_for_its_callbacks(postmark: Gateway, shipper: Person) -> None:
    a_delivery(an_update(a_shipment(shipper.organization)), a_channel(shipper))
    assert deliver(everything_stands) == 1
    assert Attempt.objects.values_list("outcome", "provider_id").get() == ("sent", NUMBER)


ANSWERS: list[tuple[int, Any, type[TransportError]]] = [
    (401, {"ErrorCode": 10, "Message": "Bad token"}, UnreachableError),
    (403, {"ErrorCode": 10, "Message": "no"}, UnreachableError),
    (422, {"ErrorCode": 406, "Message": "You tried to send to a recipient that has been marked as inactive. "
           "Found inactive addresses: alice@example.com.\nInactive recipients bounced."}, AddressRefusedError),
    (422, {"ErrorCode": 300, "Message": "Invalid email request"}, PermanentError),
    (413, {"ErrorCode": 0, "Message": "too big"}, PermanentError),
    (429, {"ErrorCode": 429, "Message": "slow down"}, TemporaryError),
    (500, {"ErrorCode": 100, "Message": "maintenance"}, TemporaryError),
    (503, {}, TemporaryError),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "error"), ANSWERS)
def test_what_each_answer_means(postmark: Gateway, status: int, body: Any, error: type[TransportError]) -> None:
    postmark.answer = answering(status, body)
    with EmailTransport().open() as sender, pytest.raises(TransportError) as caught:
        sender.send(MESSAGE)
    assert type(caught.value) is error
    assert len(postmark.requests) == 1


def test_no_answer_and_nobody_there(postmark: Gateway, settings: Any) -> None:
    postmark.hang = True
    with EmailTransport().open() as sender, pytest.raises(TemporaryError):
        sender.send(MESSAGE)
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}"}
    with EmailTransport().open() as sender, pytest.raises(TemporaryError):
        sender.send(MESSAGE)


def test_without_its_settings_it_is_the_operators_to_mend(postmark: Gateway, settings: Any) -> None:
    settings.ANYMAIL = {}
    with pytest.raises(UnreachableError), EmailTransport().open() as sender:
        sender.send(MESSAGE)
    assert postmark.requests == []
