"""A synchronous HTTP client that cannot be turned against the network it runs in.

The name is resolved once, every answer is checked, and the socket is opened to the checked address, so a name
server that changes its mind between the check and the connection gains nothing. Redirects are answers, not orders.
Nothing is decompressed, at most ``BODY_LIMIT`` bytes of an answer are read unless the client was made for more, and one
deadline covers the whole exchange, a byte a minute included.

An error says what the caller needs to know before it tries again: ``NotSentError`` (the request did not reach the
peer), ``AmbiguousError`` (it may have), ``RefusedError`` (it never will).
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpcore
import httpx

from clis.egress.addresses import refusal

BODY_LIMIT = 64 * 1024
PORTS = (80, 443)

_deadline: ContextVar[float | None] = ContextVar("clis_egress_deadline", default=None)


class EgressError(Exception):
    """A request that brought no answer."""


class RefusedError(EgressError):
    """The address or the URL is not one that we call. Trying again changes nothing."""


class NotSentError(EgressError):
    """No connection: the peer has seen nothing of the request."""


class AmbiguousError(EgressError):
    """The connection broke or the time was up after the request had begun: the peer may have acted on it."""


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


def _seconds_left(limit: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    """The shorter of one step's limit and what the whole exchange has left; raises ``late`` if nothing is left."""
    deadline = _deadline.get()
    if deadline is None:
        return limit
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("the time for the whole exchange is up")
    return left if limit is None else min(limit, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every read and write also keeps the deadline of the exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _seconds_left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _seconds_left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens sockets to addresses that were checked, and to no others."""

    def __init__(self, operator: bool) -> None:
        self._operator = operator
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            left = _seconds_left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
                continue
            self._check_peer(stream)
            return _Stream(stream)
        raise error

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        if not self._operator:
            for address in addresses:
                if reason := refusal(address):
                    raise RefusedError(reason)
        return addresses

    def _check_peer(self, stream: httpcore.NetworkStream) -> None:
        """The connected socket has the last word: neither a refused address nor this very machine."""
        if self._operator:
            return
        peer, own = stream.get_extra_info("server_addr")[0], stream.get_extra_info("client_addr")[0]
        if reason := refusal(peer) or ("it is this machine" if peer == own else None):
            stream.close()
            raise RefusedError(f"{peer}: {reason}")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise RefusedError("only TCP leaves the building")


@cache
def _certificates() -> ssl.SSLContext:
    """Read once a process: it takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over a pool that opens sockets through ``_Backend``."""

    def __init__(self, operator: bool) -> None:
        super().__init__(verify=_certificates(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=5,
            network_backend=_Backend(operator),
        )


class Client:
    """Keeps connections between requests; close it, or use it in ``with``. Safe to share between threads.

    ``operator=True`` is for hosts that the operator set (an SMS gateway in the same network): their addresses and
    ports are not restricted. Never pass it for a URL that a client typed. Times are seconds; ``body_limit`` is how many
    bytes of an answer are read, for hosts that send whole messages.
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
        self._body_limit = body_limit
        self._client = httpx.Client(
            transport=_Transport(operator),
            timeout=httpx.Timeout(timeout, connect=connect_timeout),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the kept connections."""
        self._client.close()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Response:
        """One exchange. Raises ``RefusedError``, ``NotSentError`` or ``AmbiguousError``; any status is an answer."""
        target = self._checked(url)
        token = _deadline.set(time.monotonic() + self._timeout)
        try:
            sent = {"user-agent": "CLIS", **(headers or {}), "accept-encoding": "identity"}
            with self._client.stream(method, target, headers=sent, content=content) as answer:
                body, truncated = _read(answer, self._body_limit)
                return Response(answer.status_code, dict(answer.headers), body, truncated)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSentError(str(error) or type(error).__name__) from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise RefusedError(str(error)) from error
        except httpx.HTTPError as error:
            raise AmbiguousError(str(error) or type(error).__name__) from error
        finally:
            _deadline.reset(token)

    def _checked(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise RefusedError(f"not a URL: {error}") from error
        if target.scheme not in ("http", "https") or not target.host:
            raise RefusedError("only http and https URLs with a host are called")
        if target.userinfo:
            raise RefusedError("a URL with a user name or password is not called")
        if not self._operator and (target.port or (443 if target.scheme == "https" else 80)) not in PORTS:
            raise RefusedError(f"port {target.port} is not called")
        return target


def _read(answer: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The first ``limit`` bytes as they came, and whether there was more. A status without its whole body
    is still an answer, so a break or the deadline while reading ends the body and not the exchange."""
    body = bytearray()
    try:
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > limit:
                return bytes(body[:limit]), True
    except httpx.HTTPError:
        return bytes(body), True
    return bytes(body), False
