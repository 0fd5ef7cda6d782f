"""A synchronous HTTP client that cannot be turned against the network it runs in.

The name is resolved once, every answer is checked, and the socket is opened to the checked address, so a name
server that changes its mind between the check and the connection gains nothing. Redirects are answers, not orders.
Nothing is decompressed, at most ``BODY_LIMIT`` bytes of an answer are read unless the client was made for more, its
headers are at most 100 lines of ``HEAD_LIMIT`` bytes together, and one deadline covers the whole exchange, a name
server that does not answer and a byte a minute included.

An error says what the caller needs to know before it tries again: ``NotSentError`` (the request did not reach the
peer), ``AmbiguousError`` (it may have), ``RefusedError`` (it never will).
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import httpx
from django.conf import settings

from clis.egress.addresses import refusal_as_written
from clis.egress.errors import AmbiguousError, RefusedError
from clis.egress.opening import connect
from clis.egress.wire import Connection

BODY_LIMIT = 64 * 1024
STANDARD_PORTS = {"http": 80, "https": 443}
# Connections kept between requests, to all hosts and to one, and for how many seconds.
KEPT, KEPT_TO_ONE, KEPT_FOR = 256, 4, 5.0
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Response:
    """An answer: status, headers by lower-case name, and the body as it came, up to the client's limit."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    truncated: bool = False

    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Client:
    """Keeps connections between requests; close it, or use it in ``with``. Safe to share between threads.

    ``operator=True`` is for hosts that the operator set (an SMS gateway in the same network): their addresses and
    ports are not restricted, and they are called without the egress proxy. Never pass it for a URL that a client typed:
    those go through ``EGRESS_PROXY`` where one is set, and nowhere while it is out of reach. Times are seconds;
    ``body_limit`` is how many bytes of an answer are read, for hosts that send whole messages.
    """

    def __init__(
        self,
        *,
        operator: bool = False,
        timeout: float = 15.0,
        connect_timeout: float = 5.0,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._operator = operator
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._body_limit = body_limit
        self._proxy = None if operator or not settings.EGRESS_PROXY else httpx.URL(settings.EGRESS_PROXY)
        self._idle = _Idle()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the kept connections."""
        self._idle.close()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Response:
        """One exchange. Raises ``RefusedError``, ``NotSentError`` or ``AmbiguousError``; any status is an answer."""
        target, port = _checked(url, self._operator)
        sent = _sent(headers or {})
        deadline = time.monotonic() + self._timeout
        key = (target.scheme, target.host, port)
        connection = self._idle.take(key) or self._open(target, port, deadline)
        connection.wire.begin(deadline)
        try:
            path = target.raw_path.decode("ascii")
            got = Response(*connection.exchange(method, path, sent, content, self._body_limit))
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise AmbiguousError(str(error) or type(error).__name__) from error
        if connection.kept:
            self._idle.put(key, connection)
        else:
            connection.close()
        return got

    def _open(self, target: httpx.URL, port: int, deadline: float) -> Connection:
        wire = connect(
            target,
            port,
            operator=self._operator,
            proxy=self._proxy,
            deadline=deadline,
            patience=self._connect_timeout,
        )
        return Connection(target.host, port, STANDARD_PORTS[target.scheme], wire)


class _Idle:
    """Connections between two requests: a bounded number, the longest unused goes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Connection, tuple[str, str, int]] = OrderedDict()
        self._by_key: dict[tuple[str, str, int], list[Connection]] = {}

    def take(self, key: tuple[str, str, int]) -> Connection | None:
        while True:
            with self._lock:
                waiting = self._by_key.get(key)
                if not waiting:
                    return None
                connection = waiting.pop()
                del self._kept[connection]
                if not waiting:
                    del self._by_key[key]
            if time.monotonic() - connection.wire.idle_since < KEPT_FOR and connection.wire.is_quiet():
                return connection
            connection.close()

    def put(self, key: tuple[str, str, int], connection: Connection) -> None:
        connection.wire.idle_since = time.monotonic()
        with self._lock:
            waiting = self._by_key.setdefault(key, [])
            waiting.append(connection)
            self._kept[connection] = key
            old = waiting[0] if len(waiting) > KEPT_TO_ONE else None
            if old is None and len(self._kept) > KEPT:
                old = next(iter(self._kept))
            if old is not None:
                self._drop(old)
        if old is not None:
            old.close()

    def close(self) -> None:
        with self._lock:
            kept = list(self._kept)
            self._kept.clear()
            self._by_key.clear()
        for connection in kept:
            connection.close()

    def _drop(self, connection: Connection) -> None:
        key = self._kept.pop(connection)
        self._by_key[key].remove(connection)
        if not self._by_key[key]:
            del self._by_key[key]


def one_form(url: str, *, operator: bool = False) -> str:
    """A URL as it is called: host in lower case and IDNA's ASCII, path and query quoted. Raises ``RefusedError`` for
    one that never is, as far as it says so itself; where its name leads is asked when it is called.
    """
    target, _port = _checked(url, operator)
    if not operator and (reason := refusal_as_written(target.host)):
        raise RefusedError(reason)
    return str(target)


def _checked(url: str, operator: bool) -> tuple[httpx.URL, int]:
    target, port = _target(url)
    if not operator and port not in settings.EGRESS_PORTS:
        called = ", ".join(str(number) for number in sorted(settings.EGRESS_PORTS))
        raise RefusedError(f"port {port} is not called, only {called}")
    return target, port


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[httpx.URL, int]:
    """The URL in its one form (host in IDNA's ASCII, path quoted) and its port. Raises ``RefusedError``."""
    try:
        target = httpx.URL(url)
        host = target.host
    except (httpx.InvalidURL, TypeError, UnicodeError) as error:  # The last is IDNA's, when a name is read back.
        raise RefusedError(f"not a URL: {error}") from error
    if target.scheme not in STANDARD_PORTS or not host:
        raise RefusedError("only http and https URLs with a host are called")
    if target.userinfo:
        raise RefusedError("a URL with a user name or password is not called")
    target = target.copy_with(host=target.raw_host.decode("ascii"))
    return target, target.port or STANDARD_PORTS[target.scheme]


def _sent(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or "\r" in value or "\n" in value or "\0" in value:
            raise RefusedError(f"the header {name!r} cannot be sent")
    named = {name.lower() for name in headers}
    agent = {} if "user-agent" in named else {"user-agent": "CLIS"}
    kept = {name: value for name, value in headers.items() if name.lower() != "accept-encoding"}
    return {**agent, **kept, "accept-encoding": "identity"}
