"""The other sides of the latency benchmark: take everything, and note when what was handed over.

``python -m tests.bench.noting_sinks mail|hooks|gateway FILE`` prints its port, then writes a line each into the file:
the time (seconds since 1970) and the delivery's reference, which Message-ID, webhook-id and the gateway's body bear.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import TextIO

from aiosmtpd.smtp import SMTP, Envelope, Session

_YES = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id":"p1"}'
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)
_WEBHOOK_ID = re.compile(rb"^webhook-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


class _Notes:
    """What came, line by line: whoever reads the file while it is written sees whole ones."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def note(self, reference: str) -> None:
        self._file.write(f"{time.time():.6f} {reference}\n")
        self._file.flush()


class _Http(asyncio.Protocol):
    """Answers 200 to every request, at once."""

    def __init__(self, notes: _Notes) -> None:
        self._notes = notes
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[: end + 2]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._data) < whole:
                return
            self._notes.note(_reference(head, self._data[end + 4 : whole]))
            self._data = self._data[whole:]
            self._transport.write(_YES)


def _reference(head: bytes, body: bytes) -> str:
    named = _WEBHOOK_ID.search(head)
    return named[1].decode() if named else str(json.loads(body)["reference"])


class _Mailbox:
    """Takes every mail."""

    def __init__(self, notes: _Notes) -> None:
        self._notes = notes

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        named = _MESSAGE_ID.search(envelope.content)
        self._notes.note(named[1].decode() if named else "?")
        return "250 taken"


async def _serve(what: str, notes: _Notes) -> None:
    loop = asyncio.get_running_loop()
    one = (lambda: SMTP(_Mailbox(notes))) if what == "mail" else (lambda: _Http(notes))
    server = await loop.create_server(one, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serves until it is ended."""
    with open(sys.argv[2], "w", encoding="ascii") as file:
        asyncio.run(_serve(sys.argv[1], _Notes(file)))


if __name__ == "__main__":
    main()
