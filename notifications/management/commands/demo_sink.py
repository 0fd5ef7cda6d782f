"""``manage.py demo_sink``: the demo's mail server and SMS gateway, in one process, on this machine only.

Each mail and text is written as one JSON file under ``DEMO_OUTBOX/{mail,sms}``, first beside it and then by a rename,
so that the pages never read half of one. SIGTERM and SIGINT end it cleanly.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import secrets
import signal
import socket
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

HOST = "127.0.0.1"
BODY_LIMIT = 64 * 1024
MAIL_LIMIT = 5 * 1024 * 1024


class Outbox:
    """The folder of files; names sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: str, content: dict[str, Any]) -> str:
        """Writes one message whole or not at all; returns its name."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{now.microsecond:06d}-{secrets.token_hex(4)}"
        folder = self._folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{name}.part"
        with part.open("w", encoding="utf-8") as file:
            json.dump({"received_at": now.isoformat(), **content}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / f"{name}.json")
        return name


class MailHandler:
    """Takes a mail as aiosmtpd hands it over."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self._outbox.write("mail", {"recipients": list(envelope.rcpt_tos), **_mail(mail)})
        return "250 2.0.0 written down"


def _mail(mail: EmailMessage) -> dict[str, Any]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return {
        "from": str(mail["From"] or ""),
        "to": str(mail["To"] or ""),
        "subject": str(mail["Subject"] or ""),
        "headers": [[name, str(value)] for name, value in mail.items()],
        "text": text.get_content() if text else "",
        "html": html.get_content() if html else "",
    }


def gateway(outbox: Outbox) -> type[BaseHTTPRequestHandler]:
    """The generic SMS gateway: ``POST`` of ``{"to", "from", "text", "reference"}``, answered with an id."""

    class Gateway(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or ""
            if not re.fullmatch(r"\d{1,6}", length) or int(length) > BODY_LIMIT:
                return self._answer(413, {"error": "a body of 64 KB at most, with its length"})
            try:
                given = json.loads(self.rfile.read(int(length)))
                text = {name: str(given[name]) for name in ("to", "from", "text", "reference")}
            except (ValueError, KeyError, TypeError):
                return self._answer(400, {"error": "JSON with to, from, text and reference"})
            return self._answer(201, {"id": outbox.write("sms", text)})

        def _answer(self, status: int, content: dict[str, str]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: the files say what came."""

    return Gateway


class Command(BaseCommand):
    """Runs both until it is told to stop."""

    help = "The demo's mail server and SMS gateway: writes what it gets as files, which the demo's pages show."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail-port", type=int, default=settings.DEMO_MAIL_PORT)
        parser.add_argument("--sms-port", type=int, default=settings.DEMO_SMS_PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        outbox = Outbox(Path(settings.DEMO_OUTBOX))
        mail = Controller(
            MailHandler(outbox), hostname=HOST, port=options["mail_port"], data_size_limit=MAIL_LIMIT, ready_timeout=15
        )
        try:
            # Its own server would wait out its patience first.
            socket.create_server((HOST, options["mail_port"])).close()
            mail.start()
        except (OSError, RuntimeError) as error:
            raise CommandError(f"the mail server cannot listen on {HOST}:{options['mail_port']}: {error}") from error
        try:
            texts = ThreadingHTTPServer((HOST, options["sms_port"]), gateway(outbox))
        except OSError as error:
            mail.stop()
            raise CommandError(f"the SMS gateway cannot listen on {HOST}:{options['sms_port']}: {error}") from error
        # It looks whether it is to stop between two polls of so many seconds.
        threading.Thread(target=texts.serve_forever, args=(0.1,), daemon=True).start()
        self.stdout.write(
            f"mail on {HOST}:{options['mail_port']}, SMS on http://{HOST}:{texts.server_port}/, files in "
            f"{settings.DEMO_OUTBOX}"
        )
        self.stdout.flush()
        stop.wait()
        texts.shutdown()
        texts.server_close()
        mail.stop()
