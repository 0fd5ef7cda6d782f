"""The other sides of notices, each in a process of its own: takes everything and forgets it.

``python -m tests.bench.sinks mail|hooks|slow|gateway [ledger]`` prints its port. With a ledger it writes down what it
accepts before it says so, a line each: seconds since 1970, and the reference that every try of one delivery shares (of
the Message-ID, ``webhook-id``, or the gateway's ``reference``). Then the gateway also answers whether it accepted one.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW_SECONDS = 0.5
_YES = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id":"p1"}'
_NO = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)
_WEBHOOK_ID = re.compile(rb"^webhook-id:\s*(\S+)", re.MULTILINE)
_LOOK_UP = re.compile(rb"get \S+[?&]reference=(\S+)")


class _Ledger:
    """What was accepted. Every line is handed to the system at once."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115  # as long as the process lives
        self.known: set[bytes] = set()

    def note(self, reference: bytes) -> None:
        self.known.add(reference)
        self._file.write(b"%.6f %s\n" % (time.time(), reference))


class _Http(asyncio.Protocol):
    """Answers 200 to every request, after ``wait`` seconds."""

    def __init__(self, wait: float, ledger: _Ledger | None) -> None:
        self._wait = wait
        self._ledger = ledger
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            _, found, rest = head.partition(b"content-length:")
            length = int(rest.split(b"\r\n", 1)[0]) if found else 0
            if len(self._data) < end + 4 + length:
                return
            answer = self._answer(head, self._data[end + 4 : end + 4 + length])
            self._data = self._data[end + 4 + length :]
            if self._wait:
                asyncio.get_running_loop().call_later(self._wait, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, head: bytes, body: bytes) -> bytes:
        if self._ledger is None:
            return _YES
        if asked := _LOOK_UP.match(head):
            return _YES if asked[1] in self._ledger.known else _NO
        self._ledger.note(_named(head, body))
        return _YES


def _named(head: bytes, body: bytes) -> bytes:
    if found := _WEBHOOK_ID.search(head):
        return found[1]
    return str(json.loads(body)["reference"]).encode()


class _Mailbox:
    """Takes every mail and forgets it."""

    def __init__(self, ledger: _Ledger | None) -> None:
        self._ledger = ledger

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Takes commands in groups, as mail servers do."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._ledger:
            assert isinstance(envelope.content, bytes)
            found = _MESSAGE_ID.search(envelope.content)
            assert found
            self._ledger.note(found[1])
        return "250 taken"


async def _serve(what: str, path: str | None) -> None:
    loop = asyncio.get_running_loop()
    wait = SLOW_SECONDS if what == "slow" else 0.0
    ledger = _Ledger(path) if path else None
    one = (lambda: SMTP(_Mailbox(ledger))) if what == "mail" else (lambda: _Http(wait, ledger))
    server = await loop.create_server(one, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
