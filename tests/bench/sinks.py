"""The other sides of the notices' benchmark, each in a process of its own: takes everything and forgets it."""

from __future__ import annotations

import asyncio
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW_SECONDS = 0.5
_YES = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"id":"p1"}'


class _Http(asyncio.Protocol):
    """Answers 200 to every request, after ``wait`` seconds."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
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
            self._data = self._data[end + 4 + length :]
            if self._wait:
                asyncio.get_running_loop().call_later(self._wait, self._transport.write, _YES)
            else:
                self._transport.write(_YES)


class _Mailbox:
    """Takes every mail and forgets it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 taken"


async def _serve(what: str) -> None:
    loop = asyncio.get_running_loop()
    wait = SLOW_SECONDS if what == "slow" else 0.0
    one = (lambda: SMTP(_Mailbox())) if what == "mail" else (lambda: _Http(wait))
    server = await loop.create_server(one, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
