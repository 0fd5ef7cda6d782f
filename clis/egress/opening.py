"""Opening a connection: the name is resolved once, every answer checked, and the socket opened to a checked address."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from functools import cache

import httpx

from clis.egress.addresses import refusal
from clis.egress.errors import NotSentError, RefusedError
from clis.egress.resolving import OPERATORS, TYPED
from clis.egress.wire import Wire, seconds_left


@cache
def certificates() -> ssl.SSLContext:
    """Read once a process: it takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


def connect(
    url: httpx.URL, port: int, *, operator: bool, proxy: httpx.URL | None, deadline: float, patience: float
) -> Wire:
    """A connection to the host of ``url``, with TLS if its scheme says so. ``patience``: seconds for
    looking its name up, and for each address.

    With a ``proxy`` the connection is made by it (CONNECT, RFC 9110, 9.3.6) to the address that was checked here, and
    never without it. Raises ``NotSentError`` or ``RefusedError``.
    """
    addresses = _addresses(url.host, port, operator, deadline, patience)
    if proxy is not None:
        wire = _through(proxy, addresses, port, deadline, patience)
    else:
        wire = _direct(url.host, addresses, port, operator, deadline, patience)
    if url.scheme != "https":
        return wire
    try:
        # A socket with a time limit spends it on the whole handshake, not on each of its reads.
        wire.socket.settimeout(min(patience, wire.left()))
        wire.socket = certificates().wrap_socket(wire.socket, server_hostname=url.host.rstrip("."))
    except (OSError, ValueError) as error:
        wire.close()
        raise NotSentError(f"no TLS: {error}") from error
    return wire


def _addresses(host: str, port: int, operator: bool, deadline: float, patience: float) -> list[str]:
    resolver = OPERATORS if operator else TYPED
    addresses = resolver.addresses(host, port, deadline=deadline, patience=patience)
    if not operator:
        for address in addresses:
            if reason := refusal(address):
                raise RefusedError(reason)
    return addresses


def _direct(host: str, addresses: list[str], port: int, operator: bool, deadline: float, patience: float) -> Wire:
    try:
        wire = _first(host, addresses, port, deadline, patience)
    except OSError as error:
        raise NotSentError(str(error) or type(error).__name__) from error
    if not operator:
        _check_peer(wire)
    return wire


def _first(host: str, addresses: list[str], port: int, deadline: float, patience: float) -> Wire:
    """To the first address that answers. Raises the ``OSError`` of the last."""
    error: OSError = OSError(f"{host} has no address")
    for address in addresses:
        try:
            return _open(address, port, deadline, patience)
        except OSError as failed:
            error = failed
    raise error


def _open(address: str, port: int, deadline: float, patience: float) -> Wire:
    connected = socket.create_connection((address, port), min(patience, seconds_left(deadline)))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(connected, deadline)


def _check_peer(wire: Wire) -> None:
    """The connected socket has the last word: neither a refused address nor this very machine."""
    peer, own = wire.socket.getpeername()[0], wire.socket.getsockname()[0]
    if reason := refusal(peer) or ("it is this machine" if peer == own else None):
        wire.close()
        raise RefusedError(f"{peer}: {reason}")


def _through(proxy: httpx.URL, addresses: list[str], port: int, deadline: float, patience: float) -> Wire:
    """To the first of the addresses to which the proxy connects."""
    why, gate = "the host has no address", proxy.port or 3128
    try:
        own = OPERATORS.addresses(proxy.host, gate, deadline=deadline, patience=patience)
    except NotSentError as error:
        raise NotSentError(f"the egress proxy cannot be reached: {error}") from error
    for address in addresses:
        try:
            wire = _first(proxy.host, own, gate, deadline, patience)
        except OSError as error:
            raise NotSentError(f"the egress proxy cannot be reached: {error}") from error
        try:
            wire.begin(min(deadline, time.monotonic() + patience))
            status = _asked(wire, proxy, address, port)
        except (OSError, http.client.HTTPException) as error:
            wire.close()
            why = str(error)
            continue
        if status == 200:
            wire.begin(deadline)
            return wire
        wire.close()
        why = f"it said {status}"
    raise NotSentError(f"the egress proxy did not connect: {why}")


def _asked(wire: Wire, proxy: httpx.URL, address: str, port: int) -> int:
    to = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    lines = [f"CONNECT {to} HTTP/1.1", f"Host: {to}", "User-Agent: CLIS"]
    if proxy.userinfo:
        secret = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {secret}")
    wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
    answer = http.client.HTTPResponse(wire, method="CONNECT")  # type: ignore[arg-type]  # all it asks for is makefile
    answer.begin()
    return answer.status
