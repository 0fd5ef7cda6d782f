"""Chats: Slack, Microsoft Teams, Telegram and Discord, by their incoming webhooks or a bot's token.

Written on ``clis.egress`` rather than on a library of a hundred services: such a library opens its own connections, to
hosts that whoever types an address may choose, follows redirects and minds the environment's proxies. Here a chat is
one POST to a host out of a fixed list, resolved, checked and connected like any other address that a client typed, and
a redirect is an answer. The four adapters are a few lines each.

A target is what is sealed in its channel: the incoming webhook's URL, or ``telegram:<bot token>:<chat>``. Bodies and
hosts by the makers' pages as of 2026: Slack incoming webhooks (``{"text"}``, 200 ``ok``; 404 ``no_service`` and 410
``channel_is_archived`` for good, 429 with ``Retry-After``); Teams Workflows (an adaptive card as attachment of a
message, 202; 404: the workflow was deleted; the older connectors at webhook.office.com were retired); Telegram Bot API
``sendMessage`` (401: the token was revoked; 403: the bot was thrown out; 404: there is no such bot; 429 with
``parameters.retry_after``); Discord webhooks (``{"content"}``, 204; 404: deleted, 401: its token is no more).

A chat that was told twice is a nuisance and no cost, so what may have arrived is tried again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from clis.egress import AmbiguousError, Client, NotSentError, RefusedError, Response
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    TemporaryError,
)
from notifications.transports.retry_after import LONGEST_WAIT, retry_after

LENGTH = 1_900  # Discord takes 2,000, the others more.
_TELEGRAM_HOST = "api.telegram.org"
_TELEGRAM = re.compile(r"telegram:([0-9]{3,20}:[A-Za-z0-9_-]{20,80}):(-?[0-9]{1,20}|@[A-Za-z0-9_]{3,40})")
# By which each says that a chat is not there any more; of a text alone any other refusal is.
_GONE = {"slack": (404, 410), "teams": (404, 410), "telegram": (401, 403, 404), "discord": (401, 404)}
_LATER = (408, 425, 429)


class TargetError(ValueError):
    """Not an address of a chat that may be connected here."""


class _Service(NamedTuple):
    """A maker: its hosts (with a dot in front: and all below), how a path begins, and its name for people."""

    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    title: str


SERVICES: dict[str, _Service] = {
    "slack": _Service(("hooks.slack.com",), ("/services/", "/triggers/", "/workflows/"), "Slack"),
    "teams": _Service(
        (".logic.azure.com", ".environment.api.powerplatform.com"),
        ("/workflows/", "/powerautomate/automations/direct/workflows/"),
        "Teams",
    ),
    "discord": _Service(("discord.com", "discordapp.com"), ("/api/webhooks/",), "Discord"),
}


class ChatTransport:
    """A few at a time."""

    concurrency = 4
    may_repeat = True

    @contextmanager
    def open(self) -> Iterator[ChatSender]:
        """Through the egress proxy where there is one, like everything that a client typed."""
        with Client(timeout=settings.WEBHOOK_TIMEOUT) as client:
            yield ChatSender(client)


class ChatSender:
    """Posts to the services."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        """One try. Raises ``TemporaryError``, ``PermanentError`` or ``AddressRefusedError``."""
        try:
            service, url, body = request_of(message.to, message.text)
        except TargetError as error:
            raise AddressRefusedError(str(error)) from error
        content = json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = self._client.request("POST", url, headers={"content-type": "application/json"}, content=content)
        except (NotSentError, AmbiguousError) as error:
            raise TemporaryError(str(error)) from error
        except RefusedError as error:
            raise PermanentError(str(error)) from error
        if 200 <= answer.status < 300:
            return Receipt(detail=f"HTTP {answer.status}")
        raise _refusal(service, answer)


def service_of(target: str) -> str:
    """Which service a target belongs to. Raises ``TargetError`` for any host, port, path or spelling but theirs."""
    found = "telegram" if _TELEGRAM.fullmatch(target) else _service_of_url(target)
    if found not in settings.CHAT_SERVICES:
        raise TargetError("this service is switched off here")
    return found


def label_of(target: str) -> str:
    """What people see of it: the service, and enough of a hash to tell two apart."""
    service = service_of(target)
    title = SERVICES[service].title if service in SERVICES else "Telegram"
    return f"{title} {hashlib.sha256(target.encode()).hexdigest()[:8]}"


def request_of(target: str, text: str) -> tuple[str, str, dict[str, Any]]:
    """Service, URL and body of one message. Raises ``TargetError``."""
    service = service_of(target)
    text = text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
    if service == "slack":
        # Only these three are escaped, and a bare word is no mention (Slack, "Formatting text").
        plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return service, target, {"text": plain}
    if service == "teams":
        return service, target, _card(text)
    if service == "discord":
        return service, target, {"content": text, "allowed_mentions": {"parse": []}}
    found = _TELEGRAM.fullmatch(target)
    assert found is not None
    url = f"https://{_TELEGRAM_HOST}/bot{found[1]}/sendMessage"
    return service, url, {"chat_id": found[2], "text": text, "disable_web_page_preview": True}


def _service_of_url(target: str) -> str:
    if not target.isascii() or any(character.isspace() or ord(character) < 0x21 for character in target):
        raise TargetError("not an address of a chat")
    try:
        parts = urlsplit(target)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise TargetError("not an address of a chat") from error
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or "\\" in target or parts.fragment:
        raise TargetError("a chat's address begins with https:// and its service's host")
    for name, service in SERVICES.items():
        known = any(host == at or (at.startswith(".") and host.endswith(at)) for at in service.hosts)
        if known and parts.path.startswith(service.paths) and "/.." not in parts.path and "%" not in parts.path:
            return name
    raise TargetError("only Slack, Teams, Telegram and Discord are connected")


def _card(text: str) -> dict[str, Any]:
    blocks = [{"type": "TextBlock", "text": part, "wrap": True} for part in text.split("\n")]
    blocks[0]["weight"] = "Bolder"
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _refusal(service: str, answer: Response) -> Exception:
    said = f"{service}: HTTP {answer.status} {answer.body[:120].decode(errors='replace')}".strip()
    if answer.status in _GONE[service]:
        return AddressRefusedError(said)
    if answer.status in _LATER or answer.status >= 500:
        return TemporaryError(said, _wait(answer))
    return PermanentError(said)


def _wait(answer: Response) -> int | None:
    found = answer.json()
    parameters = found.get("parameters") if isinstance(found, dict) else None
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(asked, LONGEST_WAIT) if type(asked) is int and asked >= 0 else retry_after(answer)
