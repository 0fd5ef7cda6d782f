"""A real mail server, a real HTTP gateway, and the rows that notices are about."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from cargo.models import FeedHead, Party, Shipment, TrackingUpdate
from clis.accounts.models import Organization
from notifications.deliver import journal
from notifications.models import Channel, Delivery, Subscription
from tests.people import Person

RELEASED = {
    "references": [
        {"type": "house_bill", "value": "KOSHA2603001"},
        {"type": "master_bill", "value": "HDMUPUSR1234567"},
        {"type": "container", "value": "HDMU6546583"},
    ],
    "milestone": "customs_released",
    "authority": "KR-KCS",
    "declaration": "4291826000123M",
    "occurred_at": "2026-03-24T00:30:00+00:00",
    "time_zone": "Asia/Seoul",
    "place": {"code": "KRPUS", "name": "Busan"},
    "text": "수입신고수리",
}


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the senders' notes, the test's own: what one leaves behind is for no other to find."""
    monkeypatch.setattr(journal, "folder", lambda: tmp_path)
    return tmp_path


class MailServer:
    """What was accepted, and what to say to whom."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.connections = 0
        self.refused: dict[str, str] = {}
        self.data_answer = "250 2.0.0 taken"
        self.takes_groups = False

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], *["250-PIPELINING"] * self.takes_groups, responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.data_answer


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A mail server on a free port, to which Django's mail goes."""
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "CLIS <notices@clis.example>"
    yield handler
    controller.stop()


Answer = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


class Gateway:
    """An HTTP server that remembers what it was asked, and answers by ``answer(request)``.

    ``hang``: reads the request and never answers. ``delay``: seconds before each answer.
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answer: Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]] = lambda _: (
            201,
            {},
            b'{"id": "p1"}',
        )
        self.hang = False
        self.delay = 0.0
        self.url = ""
        self.released = threading.Event()

    def texts(self) -> list[str]:
        return [json.loads(request["body"])["text"] for request in self.requests]


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = {"path": self.path, "headers": dict(self.headers.items()), "body": body}
            gateway.requests.append(request)
            if gateway.hang:
                gateway.released.wait(10)
                self.close_connection = True
                return
            time.sleep(gateway.delay)
            status, headers, content = gateway.answer(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """An SMS gateway on a free port, to which the generic provider's texts go."""
    found = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    settings.SMS_PROVIDER, settings.SMS_URL = "generic", f"{found.url}/sms"
    settings.SMS_TOKEN, settings.SMS_FROM = "secret-token", "CLIS"
    settings.SMS_TIMEOUT = 1.0
    settings.SMS_COUNTRIES, settings.SMS_REGION = ["KR"], "KR"
    yield found
    found.released.set()
    server.shutdown()
    server.server_close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_shipment(organization: Organization | None, *others: Organization | None, **fields: Any) -> Shipment:
    """A shipment that the first registered and the others are parties to."""
    shipment = Shipment.objects.create(organization=organization, **fields)
    for party in (organization, *others):
        Party.objects.create(shipment=shipment, organization=party)
    return shipment


def an_update(shipment: Shipment, kind: str = "customs.released", **fields: Any) -> TrackingUpdate:
    """An update that happened just now, unless said otherwise; ``data`` is laid over a release's."""
    data = {**RELEASED, **fields.pop("data", {})}
    now = timezone.now()
    key = fields.pop("key", f"{TrackingUpdate.objects.count()}")
    fields = {"occurred_at": now, "reported_at": now, **fields}
    return TrackingUpdate.objects.create(shipment=shipment, kind=kind, key=key, data=json.dumps(data), **fields)


def a_channel(person: Person, kind: str = "email", address: str = "", **fields: Any) -> Channel:
    """A verified channel of that person."""
    address = address or (person.user.email if kind == "email" else f"+8210{90000000 + person.user.pk}")
    fields = {"verified_at": timezone.now(), "user": person.user, **fields}
    return Channel.objects.create(organization=person.organization, kind=kind, address=address, **fields)


def a_subscription(channel: Channel, shipment: Shipment | None = None, **fields: Any) -> Subscription:
    """A subscription that began an hour ago."""
    fields = {"created_at": timezone.now() - timedelta(hours=1), **fields}
    return Subscription.objects.create(channel=channel, shipment=shipment, **fields)


def a_delivery(update: TrackingUpdate, channel: Channel, **fields: Any) -> Delivery:
    """A delivery that is owed now; its channel is subscribed to the shipment if it is not yet."""
    Subscription.objects.get_or_create(channel=channel, shipment=update.shipment, ended_at=None)
    fields = {"kind": channel.kind, "recipient": f"{channel.kind}:{channel.pk}", **fields}
    return Delivery.objects.create(update=update, channel=channel, **fields)


@pytest.fixture(autouse=True)
def feed_head(request: pytest.FixtureRequest) -> None:
    """The sequencer's row, which a migration makes and a flushed test database lacks."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        FeedHead.objects.get_or_create(id=1)


def everything_stands(update_ids: Any) -> set[int]:
    """A ``still_true`` of a world in which nothing is taken back."""
    return set(update_ids)


def due(delivery: Delivery, at: datetime | None = None) -> None:
    """Makes the next try due."""
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=at or timezone.now())
