"""The HTTP client: what it sends, what it refuses, and what an error says about what may have happened."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clis.egress import BODY_LIMIT, AmbiguousError, Client, NotSentError, RefusedError, refusal

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "168.63.129.15",
    "168.63.129.17",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
]
REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff05::2",
    "not an address",
    "",
    "1.2.3",
]
# Spellings that resolve to this machine or its network without naming it plainly.
HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0.0.0.0",
    "0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "169.254.169.254",
    "10.0.0.1",
]

Script = Callable[[socket.socket], None]


class Peer:
    """A listening socket that plays a script to each connection."""

    def __init__(self, script: Script) -> None:
        self.connections = 0
        self.received = b""
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                while not self._whole():
                    self.received += connection.recv(65536)
                self._script(connection)
            except OSError:
                pass

    def _whole(self) -> bool:
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return b"\r\n\r\n" in self.received and len(body) >= (int(length[1]) if length else 0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def peer() -> Iterator[Callable[[Script], Peer]]:
    made: list[Peer] = []

    def make(script: Script) -> Peer:
        made.append(Peer(script))
        return made[-1]

    yield make
    for one in made:
        one.close()


def says(content: bytes) -> Script:
    return lambda connection: connection.sendall(content)


def answer(body: bytes, head: str = "HTTP/1.1 200 OK") -> bytes:
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_a_request_and_its_answer(peer: Callable[[Script], Peer]) -> None:
    server = peer(says(answer(b'{"id": "p1"}', "HTTP/1.1 201 Created\r\nX-Kept: yes")))
    with Client(operator=True) as client:
        got = client.request("POST", server.url, headers={"content-type": "application/json"}, content=b"{}")
    assert (got.status, got.json(), got.headers["x-kept"], got.truncated) == (201, {"id": "p1"}, "yes", False)
    assert server.received.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"accept-encoding: identity\r\n" in server.received.lower()
    assert server.received.endswith(b"{}")


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("host", HOSTS)
def test_no_spelling_of_this_machine_is_called_for_a_client(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Port 80 of the host is asked for; a connection attempt of any kind would be seen. Not every resolver knows
    every spelling."""
    attempts: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: attempts.append(args))
    with Client() as client, pytest.raises((RefusedError, NotSentError)):
        client.request("POST", f"http://{host}/", content=b"x")
    assert attempts == []


def test_a_listener_here_is_never_reached_for_a_client(peer: Callable[[Script], Peer]) -> None:
    server = peer(says(answer(b"")))
    with Client() as client, pytest.raises(RefusedError, match="port"):
        client.request("POST", server.url)
    assert server.connections == 0


def test_a_name_that_changes_its_mind_gains_nothing(
    peer: Callable[[Script], Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when asked first, 127.0.0.1 ever after. The connection goes to the checked address."""
    asked: list[str] = []
    connected: list[Any] = []

    def rebinding(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def refuse(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with Client() as client:
        with pytest.raises(NotSentError):
            client.request("POST", "http://rebinding.example/")
        with pytest.raises(RefusedError):
            client.request("POST", "http://rebinding.example/")
    assert asked == ["rebinding.example", "rebinding.example"]
    assert connected == [("93.184.216.34", 80)]


def test_one_private_answer_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    attempts: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: attempts.append(args))
    with Client() as client, pytest.raises(RefusedError, match="10.0.0.1"):
        client.request("GET", "http://mixed.example/")
    assert attempts == []


def test_the_connected_socket_has_the_last_word(
    peer: Callable[[Script], Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the address passed the check, a socket that ended up here is closed before a byte is sent."""
    server = peer(says(answer(b"")))
    real = socket.create_connection
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *args, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))],
    )

    def diverted(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        monkeypatch.undo()
        return real(("127.0.0.1", server.port))

    monkeypatch.setattr(socket, "create_connection", diverted)
    with Client() as client, pytest.raises(RefusedError, match="127.0.0.1"):
        client.request("GET", "http://diverted.example/")
    assert server.received == b""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http:///path",
        "http://user:pass@example.com/",
        "http://user@example.com/",
        "http://example.com:22/",
        "http://example.com:6379/",
        "https://example.com:8443/",
        "example.com",
        "",
        "http://[::1",
        "http://example.com\r\nX: y/",
    ],
)
def test_urls_that_are_not_called(url: str) -> None:
    with Client() as client, pytest.raises(RefusedError):
        client.request("GET", url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_an_order(status: int, peer: Callable[[Script], Peer]) -> None:
    canary = peer(says(answer(b"")))
    server = peer(says(answer(b"", f"HTTP/1.1 {status} Elsewhere\r\nLocation: {canary.url}")))
    with Client(operator=True) as client:
        assert client.request("POST", server.url).status == status
    assert canary.connections == 0


def test_a_long_answer_is_cut(peer: Callable[[Script], Peer]) -> None:
    server = peer(says(answer(b"x" * (BODY_LIMIT * 8))))
    with Client(operator=True) as client:
        got = client.request("GET", server.url)
    assert (got.status, len(got.body), got.truncated) == (200, BODY_LIMIT, True)


def test_a_client_may_be_made_for_longer_answers(peer: Callable[[Script], Peer]) -> None:
    size = BODY_LIMIT * 8
    for limit, expected in ((size, (size, False)), (size - 1, (size - 1, True))):
        server = peer(says(answer(b"x" * size)))
        with Client(operator=True, body_limit=limit) as client:
            got = client.request("GET", server.url)
        assert (len(got.body), got.truncated) == expected


def test_nothing_is_unpacked(peer: Callable[[Script], Peer]) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    server = peer(says(answer(bomb, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip")))
    with Client(operator=True) as client:
        got = client.request("GET", server.url)
    assert got.body == bomb


def test_nobody_listens_is_not_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Client(operator=True) as client, pytest.raises(NotSentError):
        client.request("POST", f"http://127.0.0.1:{port}/")


def test_a_name_without_an_address_is_not_sent() -> None:
    with Client(operator=True) as client, pytest.raises(NotSentError, match="resolved"):
        client.request("POST", "http://nowhere.invalid/")


def test_silence_after_the_request_is_ambiguous(peer: Callable[[Script], Peer]) -> None:
    server = peer(lambda connection: time.sleep(3))
    with Client(operator=True, timeout=0.3) as client, pytest.raises(AmbiguousError):
        client.request("POST", server.url, content=b"x")


def test_a_broken_connection_after_the_request_is_ambiguous(peer: Callable[[Script], Peer]) -> None:
    server = peer(lambda connection: connection.close())
    with Client(operator=True) as client, pytest.raises(AmbiguousError):
        client.request("POST", server.url, content=b"x")


def test_a_trickle_ends_with_the_deadline(peer: Callable[[Script], Peer]) -> None:
    """A header a tenth of a second would keep every single read happy for an hour."""

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            connection.sendall(f"X-{number}: y\r\n".encode())
            time.sleep(0.1)

    server = peer(trickle)
    with Client(operator=True, timeout=0.5) as client, pytest.raises(AmbiguousError, match="time"):
        client.request("GET", server.url)


def test_a_status_without_its_whole_body_is_an_answer(peer: Callable[[Script], Peer]) -> None:
    server = peer(says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\nhalf"))
    with Client(operator=True) as client:
        got = client.request("POST", server.url)
    assert (got.status, got.body, got.truncated) == (202, b"half", True)


@pytest.mark.parametrize("head", ["HTTP/1.0 201 Created", "HTTP/1.1 201 Created\r\nConnection: close"])
@pytest.mark.parametrize("length", ["", "\r\nContent-Length: 4"])
def test_a_last_answer_is_read_to_its_end(head: str, length: str, peer: Callable[[Script], Peer]) -> None:
    """Its body may come after its head, and the connection ends with it."""

    def in_two(connection: socket.socket) -> None:
        connection.sendall(f"{head}{length}\r\n\r\n".encode())
        time.sleep(0.2)
        connection.sendall(b"late")
        connection.close()

    server = peer(in_two)
    with Client(operator=True) as client:
        got = client.request("GET", server.url)
    assert (got.status, got.body, got.truncated) == (201, b"late", False)


def test_the_environments_proxies_are_not_used(peer: Callable[[Script], Peer], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = peer(says(answer(b"")))
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    server = peer(says(answer(b"direct")))
    with Client(operator=True) as client:
        assert client.request("GET", server.url).body == b"direct"
    assert proxy.connections == 0


def test_endless_headers_are_cut(peer: Callable[[Script], Peer]) -> None:
    """Their bytes are counted before they are kept; nothing of the answer is believed."""
    sent: list[int] = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            sent.append(connection.send(b"X-A: " + b"b" * 1000 + b"\r\n"))
            if number > 1000:
                time.sleep(0.001)

    server = peer(endless)
    with Client(operator=True) as client, pytest.raises(AmbiguousError, match="headers of the answer are too long"):
        client.request("GET", server.url)


def test_too_many_headers_are_cut(peer: Callable[[Script], Peer]) -> None:
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"X-{number}: y\r\n" for number in range(101)) + "\r\n"
    server = peer(says(head.encode()))
    with Client(operator=True) as client, pytest.raises(AmbiguousError, match="100 headers"):
        client.request("GET", server.url)


def test_headers_up_to_the_limit_are_read(peer: Callable[[Script], Peer]) -> None:
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"X-{number}: {'y' * 200}\r\n" for number in range(98))
    server = peer(says((head + "Content-Length: 2\r\n\r\nok").encode()))
    with Client(operator=True) as client:
        got = client.request("GET", server.url)
    assert (got.body, len(got.headers), got.headers["x-97"]) == (b"ok", 99, "y" * 200)


def test_a_header_that_would_be_two_is_not_sent(peer: Callable[[Script], Peer]) -> None:
    server = peer(says(answer(b"")))
    with Client(operator=True) as client:
        for headers in ({"x": "a\r\nHost: b"}, {"x: y": "a"}, {"": "a"}):
            with pytest.raises(RefusedError):
                client.request("GET", server.url, headers=headers)
    assert server.connections == 0


class Proxy(Peer):
    """An HTTP proxy that connects nobody: it plays the destination itself after its 200."""

    def __init__(self, status: int = 200) -> None:
        def play(connection: socket.socket) -> None:
            connection.sendall(f"HTTP/1.1 {status} Done\r\n\r\n".encode())
            if status == 200:
                self.told = connection.recv(65536)
                connection.sendall(answer(b"through"))

        self.told = b""
        super().__init__(play)


def test_what_a_client_typed_goes_through_the_proxy(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By CONNECT to the checked address; the name goes into Host alone."""
    proxy = Proxy()
    settings.EGRESS_PROXY = f"http://us:pass@127.0.0.1:{proxy.port}"
    _public(monkeypatch, "93.184.216.34")
    with Client() as client:
        assert client.request("POST", "http://public.example/hook", content=b"x").body == b"through"
    assert proxy.received.startswith(b"CONNECT 93.184.216.34:80 HTTP/1.1\r\nHost: 93.184.216.34:80\r\n")
    assert b"Proxy-Authorization: Basic dXM6cGFzcw==\r\n" in proxy.received
    assert proxy.told.startswith(b"POST /hook HTTP/1.1\r\nHost: public.example\r\n") and proxy.told.endswith(b"x")
    proxy.close()


def test_through_the_proxy_each_address_is_tried_in_turn(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answers nothing, the second is refused, the third is there: a connection to the proxy for each."""
    asked: list[bytes] = []

    def play(connection: socket.socket) -> None:
        to = proxy.received.rpartition(b"CONNECT ")[2].partition(b" ")[0]
        proxy.received = b""
        asked.append(to)
        if to == b"93.184.216.35:80":
            connection.sendall(b"HTTP/1.1 502 No Route\r\n\r\n")
        elif to == b"93.184.216.36:80":
            connection.sendall(b"HTTP/1.1 200 Done\r\n\r\n")
            connection.recv(65536)
            connection.sendall(answer(b"through"))

    proxy = Peer(play)
    settings.EGRESS_PROXY = f"http://127.0.0.1:{proxy.port}"
    _public(monkeypatch, "93.184.216.34", "93.184.216.35", "93.184.216.36")
    with Client() as client:
        assert client.request("POST", "http://public.example/hook").body == b"through"
    assert asked == [b"93.184.216.34:80", b"93.184.216.35:80", b"93.184.216.36:80"]
    _public(monkeypatch, "93.184.216.34", "10.0.0.1")
    with Client() as client, pytest.raises(RefusedError):
        client.request("POST", "http://public.example/hook")
    assert len(asked) == 3
    proxy.close()


def test_what_may_not_be_called_may_not_be_called_through_the_proxy(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy()
    settings.EGRESS_PROXY = f"http://127.0.0.1:{proxy.port}"
    _public(monkeypatch, "10.0.0.1")
    with Client() as client, pytest.raises(RefusedError):
        client.request("POST", "http://private.example/")
    assert proxy.connections == 0
    proxy.close()


@pytest.mark.parametrize("status", [None, 403, 407, 502])
def test_without_the_proxy_nothing_leaves(
    status: int | None, peer: Callable[[Script], Peer], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W11: out of reach or unwilling, no connection is made without it."""
    server = peer(says(answer(b"direct")))
    if status is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    else:
        port = Proxy(status).port
    settings.EGRESS_PROXY = f"http://127.0.0.1:{port}"
    settings.EGRESS_PORTS = frozenset({server.port})
    _public(monkeypatch, "93.184.216.34")
    tried: list[Any] = []
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *rest: (tried.append(address), real(address, *rest))[1]
    )
    with Client() as client, pytest.raises(NotSentError, match="proxy"):
        client.request("POST", f"http://public.example:{server.port}/")
    assert tried == [("127.0.0.1", port)]
    assert server.connections == 0


def test_the_operators_own_hosts_need_no_proxy(peer: Callable[[Script], Peer], settings: Any) -> None:
    settings.EGRESS_PROXY = "http://127.0.0.1:9"
    server = peer(says(answer(b"direct")))
    with Client(operator=True) as client:
        assert client.request("GET", server.url).body == b"direct"


def _public(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name of the examples leads there."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host.endswith(".example"):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_kept_connections_are_used_again_and_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads at once leave at most four connections to one host; an answer's rest is never taken for the next one."""
    listening = socket.create_server(("127.0.0.1", 0))
    made: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            made.append(connection)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        while data := connection.recv(65536):
            if b"\r\n\r\n" in data:
                time.sleep(0.05)
                connection.sendall(answer(data.split(b" ")[1]))

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with Client(operator=True) as client:
        bodies: list[bytes] = []
        threads = [
            threading.Thread(target=lambda n=n: bodies.append(client.request("GET", f"{url}/{n}").body))  # type: ignore[misc]
            for n in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(bodies) == sorted(f"/{n}".encode() for n in range(12))
        before = len(made)
        for n in range(20):
            assert client.request("GET", f"{url}/again{n}").body == f"/again{n}".encode()
        assert len(made) == before
        assert sum(map(len, client._idle._by_key.values())) <= 4
    listening.close()
