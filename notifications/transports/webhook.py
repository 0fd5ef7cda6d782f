"""Webhooks: Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks, symmetric signatures).

A try is ``POST`` with ``Content-Type: application/json`` and

- ``webhook-id``: the same at every try and every redelivery of one delivery; the receiver drops what it has seen;
- ``webhook-timestamp``: seconds since 1970 of this try;
- ``webhook-signature``: ``v1,`` and base64 of HMAC-SHA-256 over ``id.timestamp.body`` with the bytes that follow
  ``whsec_`` in base64; while a secret is being changed one of the new and one of the old, with a space between.

Any 2xx is success. 410 means that the receiver wants no more. Everything else, redirects included, is tried again;
``Retry-After`` of 429 and 503 is kept, up to a day. It is told at least once: whoever may have got it gets it again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from django.conf import settings

from clis.egress import Client, EgressError, Response
from notifications.transports.base import (
    AddressRefusedError,
    Exchange,
    Message,
    Receipt,
    TemporaryError,
    TransportError,
)
from notifications.transports.retry_after import retry_after

PREFIX = "whsec_"
SECRET_BYTES = 32  # The standard allows 24 to 64.
REQUEST_KEPT, ANSWER_KEPT = 2_000, 1_000
_GONE = 410
_LATER = (429, 503)


class WebhookTransport:
    """Many at once: each endpoint answers at its own pace, and threads that wait cost next to nothing."""

    concurrency = 256
    may_repeat = True

    @contextmanager
    def open(self) -> Iterator[WebhookSender]:
        with ExitStack() as stack:
            outside = stack.enter_context(Client(timeout=settings.WEBHOOK_TIMEOUT))
            inside = stack.enter_context(Client(operator=True, timeout=settings.WEBHOOK_TIMEOUT))
            yield WebhookSender(outside, inside)


class WebhookSender:
    """Signs and posts. ``inside`` calls the hosts of the operator's own network that the settings name."""

    def __init__(self, outside: Client, inside: Client) -> None:
        self._outside = outside
        self._inside = inside

    def send(self, message: Message) -> Receipt:
        """One try. Raises ``TemporaryError``, or ``AddressRefusedError`` for 410; both with their ``exchange``."""
        answer, exchange = self.post(message)
        if 200 <= answer.status < 300:
            return Receipt(detail=f"HTTP {answer.status}", exchange=exchange)
        raise _with(_refusal(answer), exchange)

    def post(self, message: Message) -> tuple[Response, Exchange]:
        """Whatever the endpoint answers. Raises ``TemporaryError`` if it does not."""
        body = message.text.encode()
        headers = signed(message.reference, int(time.time()), body, message.secrets)
        client = self._inside if is_own_host(message.to) else self._outside
        request = _request_line(message.to, headers, message.text)
        try:
            answer = client.request("POST", message.to, headers=headers, content=body)
        except EgressError as error:
            raise _with(TemporaryError(str(error)), Exchange(None, request, "")) from error
        return answer, Exchange(answer.status, request, _excerpt(answer))


def new_secret() -> str:
    """``whsec_`` and base64 of random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed(reference: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers of one try. ``keys``: secrets as ``new_secret`` writes them, the present one first."""
    content = f"{reference}.{timestamp}.".encode() + body
    return {
        "content-type": "application/json",
        "webhook-id": reference,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(key, content)}" for key in keys),
    }


def is_own_host(url: str) -> bool:
    """Whether the settings name the URL's host (or host:port) as one of the operator's own network."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:  # A bracket that is left open, a port that is none.
        return False
    return host in settings.WEBHOOK_OWN_HOSTS or f"{host}:{port}" in settings.WEBHOOK_OWN_HOSTS


def _signature(key: str, content: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode("ascii")


def _refusal(answer: Response) -> TransportError:
    said = f"HTTP {answer.status}"
    if answer.status == _GONE:
        return AddressRefusedError(f"{said}: the endpoint wants no more")
    return TemporaryError(said, retry_after(answer) if answer.status in _LATER else None)


def _with(error: TransportError, exchange: Exchange) -> TransportError:
    error.exchange = exchange
    return error


def _request_line(url: str, headers: dict[str, str], body: str) -> str:
    """A signature is no secret, and the URL's query may be one: it is left out."""
    head = "\n".join(f"{name}: {value}" for name, value in headers.items())
    return f"POST {url.partition('?')[0]}\n{head}\n\n{body}"[:REQUEST_KEPT]


def _excerpt(answer: Response) -> str:
    return answer.body[: ANSWER_KEPT * 4].decode(errors="replace").replace("\x00", "")[:ANSWER_KEPT]
