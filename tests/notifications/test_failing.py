"""Why a challenge came to nothing, in words; what the system said of it stands apart."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from notifications import endpoints
from notifications.endpoints import Tried
from notifications.models import Channel
from tests.notifications.receivers import Answer, Hostile, Receiver, an_endpoint
from tests.people import Person


@pytest.fixture(autouse=True)
def inside(db: None, settings: Any) -> None:
    """The receivers are the operator's own hosts."""
    settings.WEBHOOK_OWN_HOSTS = ["127.0.0.1", "hooks.invalid"]
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_TIMEOUT = 0.5


@pytest.fixture
def challenged(shipper: Person) -> Callable[[str], Tried]:
    """What comes of challenging that URL, which proves nothing."""

    def ask(url: str) -> Tried:
        endpoint, _secret = an_endpoint(shipper, url)
        Channel.objects.update(verified_at=None)
        tried = endpoints.challenge(shipper.viewer, endpoint.pk)
        assert not tried.ok and Channel.objects.get().verified_at is None
        return tried

    return ask


def said(tried: Tried) -> tuple[str, str]:
    return tried.detail, tried.technical


@pytest.mark.parametrize(
    ("answer", "detail", "technical"),
    [
        ((404, {}, b""), "It answered with status 404, and not with one of 2xx.", "HTTP 404"),
        (
            (302, {"Location": "https://hooks.example.com/"}, b""),
            "It answered with status 302: redirects are not followed.",
            "HTTP 302",
        ),
        ((200, {}, b"ok"), "It answered, but did not give the word back.", ""),
    ],
)
def test_an_answer_that_is_not_the_word(
    answer: Answer, detail: str, technical: str, challenged: Callable[[str], Tried]
) -> None:
    there = Receiver(lambda _request: answer)
    assert said(challenged(there.url)) == (detail, technical)
    there.close()


def test_nobody_listens(challenged: Callable[[str], Tried]) -> None:
    there = Receiver()
    there.close()
    assert said(challenged(there.url)) == (
        "Connection refused: nothing listens at this address and port.",
        "[Errno 111] Connection refused",
    )


def test_no_answer_in_time(challenged: Callable[[str], Tried]) -> None:
    there = Hostile(lambda _connection: time.sleep(5))
    assert challenged(there.url).detail == "No answer in time."
    there.close()


def test_the_connection_breaks(challenged: Callable[[str], Tried]) -> None:
    there = Hostile(lambda connection: connection.shutdown(socket.SHUT_RDWR))
    assert challenged(there.url).detail == "The connection broke before there was an answer."
    there.close()


def test_no_tls(challenged: Callable[[str], Tried]) -> None:
    there = Hostile(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    tried = challenged(there.url.replace("http://", "https://"))
    assert tried.detail == "No secure connection (TLS): the server's certificate or encryption is not accepted."
    assert tried.technical.startswith("no TLS: ")
    there.close()


def test_a_name_that_is_not_there(challenged: Callable[[str], Tried], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert said(challenged("https://hooks.invalid/")) == (
        "The host name was not found.",
        "hooks.invalid cannot be resolved",
    )


def test_an_address_that_is_not_called(challenged: Callable[[str], Tried]) -> None:
    assert said(challenged("https://10.0.0.1/")) == (
        "This address cannot be called: 10.0.0.1 is not a public address",
        "10.0.0.1 is not a public address",
    )


def test_the_way_out_is_broken(challenged: Callable[[str], Tried], settings: Any) -> None:
    there = Receiver()
    there.close()
    settings.EGRESS_PROXY = there.url
    assert challenged("https://8.8.8.8/").detail == "CLIS could not get out to the internet. Try again later."
