"""Endpoints on free ports of this machine, and the rows that make them some organization's webhooks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone
from standardwebhooks import Webhook

from cargo.models import TrackingUpdate
from clis.sealing import seal
from notifications.models import Channel, Delivery, Endpoint
from notifications.transports.webhook import new_secret
from tests.notifications.conftest import a_delivery
from tests.people import Person

Answer = tuple[int, dict[str, str], bytes]


class Receiver:
    """An HTTP endpoint that remembers what it was sent, and answers by ``answer(request)`` after ``delay`` seconds."""

    def __init__(self, answer: Callable[[dict[str, Any]], Answer] | None = None, delay: float = 0.0) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer = answer or (lambda request: (204, {}, b""))
        self.delay = delay
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ids(self) -> list[str]:
        """``webhook-id`` of each request, in the order in which they came."""
        return [request["headers"]["webhook-id"] for request in self.requests]

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request["body"]) for request in self.requests]

    def verify(self, secret: str) -> int:
        """How many requests the reference library accepts; it raises at the first that it does not."""
        for request in self.requests:
            Webhook(secret).verify(request["body"], request["headers"])
        return len(self.requests)

    def take(self, request: dict[str, Any]) -> Answer:
        with self._lock:
            self.requests.append(request)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        answer = self.answer(request)
        with self._lock:
            self.at_once -= 1
        return answer


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, content = receiver.take({"path": self.path, "headers": headers, "body": body})
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class Hostile:
    """A listening socket that plays a script to each connection once its request has begun."""

    def __init__(self, script: Callable[[socket.socket], None]) -> None:
        self.connections = 0
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/hook"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

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
            try:
                connection.recv(65_536)
                self._script(connection)
            except OSError:
                pass


def an_endpoint(person: Person, url: str, **fields: Any) -> tuple[Endpoint, str]:
    """A proved endpoint of that person's organization, and its secret."""
    secret = new_secret()
    channel = Channel.objects.create(
        organization=person.organization, kind=Channel.Kind.WEBHOOK, address=url, verified_at=timezone.now()
    )
    return Endpoint.objects.create(channel=channel, sealed=seal(secret), **fields), secret


def a_call(update: TrackingUpdate, endpoint: Endpoint, **fields: Any) -> Delivery:
    """A delivery that is owed to that endpoint now."""
    return a_delivery(update, endpoint.channel, notice=update.kind, **fields)
