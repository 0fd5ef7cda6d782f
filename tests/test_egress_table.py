"""Nobody reaches this machine through us: a table of forms, names that change their minds, and redirects.

Canaries listen on 127.0.0.1, on ::1 and on another address of this machine, and must not be touched.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from clis.egress import Client, EgressError, NotSentError, RefusedError, one_form
from tests.egress_table import FORMS

PUBLIC = "93.184.216.34"


class Canary:
    """Sockets that count who comes."""

    def __init__(self) -> None:
        self.hits = 0
        first = socket.create_server(("127.0.0.1", 0))
        self.port = int(first.getsockname()[1])
        self._sockets = [first, socket.create_server(("127.0.0.2", self.port))]
        if socket.has_ipv6:
            self._sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for one in self._sockets:
            threading.Thread(target=self._count, args=(one,), daemon=True).start()

    def _count(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        for one in self._sockets:
            one.close()


@pytest.fixture
def canary(settings: Any) -> Iterator[Canary]:
    """Even its port is one that may be called: the address alone must be enough."""
    found = Canary()
    settings.EGRESS_PORTS = frozenset({80, 443, found.port})
    yield found
    found.close()


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """``canary.example`` is here, whatever is numeric or local is as the system says, and nothing else is looked up."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        name = str(host).rstrip(".").lower()
        if name == "canary.example":
            host = "127.0.0.1"
        elif name.endswith(".example") or not name.isascii():
            raise socket.gaierror("no such name")
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Connections that were tried, by address; none is made but to this machine."""
    tried: list[Any] = []
    real = socket.create_connection

    def connect(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        tried.append(address)
        if address[0] == PUBLIC:
            raise ConnectionRefusedError("nobody there")
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def test_the_table_is_long_enough() -> None:
    assert len(FORMS) == len(set(FORMS)) >= 60


@pytest.mark.parametrize("form", FORMS)
def test_no_form_reaches_the_canary(form: str, canary: Canary, attempts: list[Any]) -> None:
    """W1: with no connection even tried; whether as GET or as POST."""
    url = form.replace("{port}", str(canary.port))
    with Client(timeout=2) as client:
        for method in ("GET", "POST"):
            with pytest.raises((RefusedError, NotSentError)):
                client.request(method, url, content=b"x")
    assert (attempts, canary.hits) == ([], 0)


def test_a_name_that_changes_its_mind_two_hundred_times(
    canary: Canary, attempts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """W2: every other answer is this machine. Each request looks once, and goes to what it has checked."""
    asked: list[str] = []

    def rebinding(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        address = PUBLIC if len(asked) % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    errors: list[str] = []
    with Client(timeout=2) as client:
        for _ in range(200):
            with pytest.raises(EgressError) as raised:
                client.request("POST", f"http://rebinding.example:{canary.port}/")
            errors.append(type(raised.value).__name__)
    assert errors == ["NotSentError", "RefusedError"] * 100
    assert len(asked) == 200
    assert attempts == [(PUBLIC, canary.port)] * 100
    assert canary.hits == 0


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "http://[::1]/", "http://[fe80::1%25lo]/", "http://0.0.0.0/"])
def test_a_literal_is_refused_before_it_is_called(url: str) -> None:
    with pytest.raises(RefusedError):
        one_form(url)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "017700000001", "0x7f.1", "127.1", "127.0.0.1.", "0", "3232235777",
        "127。0。0。1", "[::ffff:10.0.0.1]", "localhost", "LOCALHOST.", "tms.localhost", "intranet", "intranet.",
    ],
)  # fmt: skip
def test_what_says_itself_that_it_is_inside_is_refused_as_it_is_written(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    known = socket.getaddrinfo

    def watched(*args: Any, **options: Any) -> Any:
        if not options.get("flags", 0) & socket.AI_NUMERICHOST:
            looked_up.append(args)
        return known(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    with pytest.raises(RefusedError):
        one_form(f"https://{host}/")
    assert one_form(f"https://{host}/", operator=True)
    assert looked_up == []


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "134744072", "[2606:4700::1111]", "hooks.example.com", "hooks.example.com."]
)
def test_what_may_be_public_is_asked_when_it_is_called(host: str) -> None:
    assert one_form(f"https://{host}/") == f"https://{host}/"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("HTTPS://Example.COM:443/A b?c=d#e", "https://example.com/A%20b?c=d#e"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://example.com", "http://example.com"),
    ],
)
def test_the_one_form_of_a_url(url: str, form: str) -> None:
    assert one_form(url) == form
