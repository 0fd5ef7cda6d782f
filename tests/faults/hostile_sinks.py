"""Endpoints that do what they can to hold a sender up, each kind on a port of its own, in one process.

``python -m tests.faults.hostile_sinks CANARY_LEDGER`` prints ``{"kind": port, …}``. The canary is where the redirects
lead to; a line is written into its ledger for every connection that reaches it.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import struct
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle
from pathlib import Path

DRIP_SECONDS = 0.1
BOMB_BYTES = 100_000_000
_OK = b"HTTP/1.1 200 OK\r\n"
_BLOCK = b"x" * 65_536
_BANNERS = cycle(
    [
        b"220 mail.example ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x03\x00\x02\x02\x28",  # a TLS alert
        b"\x00" * 512,
        b"HTTP/9.9 abc nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nContent-Length: 99\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
    ]
)
_WAITS = cycle(
    [
        b"1" + b"0" * 300,
        b"-5",
        b"soon",
        b"Fri, 31 Dec 9999 23:59:59 GMT",
        b"Fri, 99 Abc 99999999 99:99:99 XYZ",
        b"9" * 20_000,
        "٣".encode(),
    ]
)

Script = Callable[[StreamReader, StreamWriter], Awaitable[None]]


async def slow_headers(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    await _drip(writer, _OK + b"X-A: " + b"b" * 100_000)


async def slow_body(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    writer.write(_OK + b"Content-Length: 100000\r\n\r\n")
    await _drip(writer, b"b" * 100_000)


async def endless_headers(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    writer.write(_OK)
    while True:
        writer.write(b"X-A: " + b"b" * 8_000 + b"\r\n")
        await writer.drain()


async def endless_body(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    writer.write(_OK + b"Content-Length: 10000000000\r\n\r\n")
    while True:
        writer.write(_BLOCK)
        await writer.drain()


async def bomb(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    head = f"Content-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {len(_bomb)}\r\n\r\n"
    writer.write(_OK + head.encode() + _bomb)
    await writer.drain()


async def silence(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    await asyncio.sleep(3600)


async def reset(reader: StreamReader, writer: StreamWriter) -> None:
    """Reads the request and breaks the connection without a word."""
    await _asked(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def wrong_protocol(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(next(_BANNERS))
    await _asked(reader)


async def error(reader: StreamReader, writer: StreamWriter) -> None:
    await _asked(reader)
    said = b"Traceback (most recent call last):\n" * 1_000
    status = random.choice([400, 401, 404, 418, 500, 502, 504])
    writer.write(b"HTTP/1.1 %d Sorry\r\nContent-Length: %d\r\n\r\n" % (status, len(said)) + said)
    await writer.drain()


async def later(reader: StreamReader, writer: StreamWriter) -> None:
    """For an age, in words that are no number, and in numbers that are no time."""
    await _asked(reader)
    status = random.choice([429, 503])
    writer.write(b"HTTP/1.1 %d Later\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n" % (status, next(_WAITS)))
    await writer.drain()


def redirect_to(port: int) -> Script:
    """To the canary, by every status that a client might follow."""
    places = cycle([f"http://127.0.0.1:{port}/", f"//127.0.0.1:{port}/", f"http://[::1]:{port}/"])

    async def redirect(reader: StreamReader, writer: StreamWriter) -> None:
        await _asked(reader)
        status = random.choice([300, 301, 302, 303, 305, 307, 308])
        more = f"Location: {next(places)}\r\nRefresh: 0; url=http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
        writer.write(f"HTTP/1.1 {status} Elsewhere\r\n{more}".encode())
        await writer.drain()

    return redirect


async def _asked(reader: StreamReader) -> None:
    """Until the request has come, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
    await reader.readexactly(int(length or 0))


async def _drip(writer: StreamWriter, data: bytes) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def _listen(script: Script, host: str = "127.0.0.1", port: int = 0) -> int:
    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await script(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, host, port, backlog=1024)
    return int(server.sockets[0].getsockname()[1])


async def _serve(ledger: Path) -> None:
    ledger.touch()

    async def canary(reader: StreamReader, writer: StreamWriter) -> None:
        with ledger.open("a", encoding="ascii") as file:
            file.write(f"{writer.get_extra_info('peername')}\n")

    lure = await _listen(canary)
    with suppress(OSError):  # a machine without IPv6
        await _listen(canary, "::1", lure)
    ports = {script.__name__: await _listen(script) for script in (*SCRIPTS, redirect_to(lure))}
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


SCRIPTS: tuple[Script, ...] = (
    slow_headers,
    slow_body,
    endless_headers,
    endless_body,
    bomb,
    silence,
    reset,
    wrong_protocol,
    error,
    later,
)
_bomb = gzip.compress(b"\0" * BOMB_BYTES, 1)

if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
