"""What a provider of django-anymail calls us with, checked and read by anymail's own views.

Only the provider that the settings send by may call, and only with the secret of ``ANYMAIL["WEBHOOK_SECRET"]``: without
one everybody could say that an address bounced.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

_BACKEND = re.compile(r"anymail\.backends\.([a-z_]+)\.EmailBackend")
# Provider -> its view for what becomes of mails (django-anymail 15.2, ``anymail.webhooks``).
VIEWS = {
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}
# Who asks by GET whether the address is there before he uses it.
ASK_BY_GET = ("unisender_go",)
# An enhanced status (RFC 3463) in the words of the mail server that refused.
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
# Those that are of the recipient's address alone (as in ``settling``), and of a mailbox that is switched off.
_GONE = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
# Provider -> where in its event it says what kind of bounce it was, and what it calls one for good. Postal never does.
# (The pages on webhooks of each, as anymail's views name them; SparkPost: "Bounce Classification Codes".)
_FOR_GOOD: dict[str, tuple[str, tuple[str, ...]]] = {
    "brevo": ("event", ("hard_bounce", "invalid_email")),
    "mailersend": ("data.type", ("hard_bounced",)),
    "mailgun": ("event-data.severity", ("permanent",)),
    "mailjet": ("hard_bounce", ("true",)),
    "mailtrap": ("event", ("bounce",)),
    "mandrill": ("event", ("hard_bounce",)),
    "postmark": ("Type", ("hardbounce", "bademailaddress")),
    "resend": ("data.bounce.type", ("permanent",)),
    "sendgrid": ("type", ("bounce",)),
    "sparkpost": ("msys.*.bounce_class", ("10", "30", "90")),
    "unisender_go": ("delivery_info.delivery_status", ("err_user_unknown", "err_user_inactive")),
}
# Why Mailjet does not send to an address, which anymail calls "bounced" though it may pass.
_MAY_PASS = ("quota exceeded", "relay/access denied")
_PLAIN = {"delivered": "delivered", "complained": "complaint", "unsubscribed": "unsubscribed", "deferred": "deferred"}
_OF_REJECTED = {"bounced": "hard_bounce", "invalid": "hard_bounce", "spam": "complaint", "unsubscribed": "unsubscribed"}


class ForgedError(Exception):
    """Whoever calls does not show that he is the provider."""


class UnreadableError(Exception):
    """What the provider sent cannot be read."""


class UnfinishedError(Exception):
    """The settings lack what the provider's calls are checked by."""


@dataclass(frozen=True)
class Told:
    """One event, as ``mail_callbacks.Report`` takes it."""

    name: str
    said: str
    message_id: str
    address: str
    detail: str


def provider() -> str:
    """The provider that mails are sent by; "" for SMTP."""
    found = _BACKEND.fullmatch(settings.EMAIL_BACKEND)
    return found[1] if found and found[1] in VIEWS else ""


def read(request: HttpRequest) -> Sequence[Told]:
    """The events of a call. Raises ``ForgedError``, ``UnreadableError`` and ``UnfinishedError``."""
    # Loaded only where a provider calls: it brings an HTTP library with it.
    anymail: Any = import_module("anymail.exceptions")
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise ForgedError("ANYMAIL has no WEBHOOK_SECRET")
    name = provider()
    # What a view trips over in what anybody may send it.
    tripped = (anymail.AnymailError, ValueError, TypeError, AttributeError, LookupError) + (
        (ArithmeticError, AssertionError, RecursionError, OSError)
    )
    try:
        view = getattr(import_module(f"anymail.webhooks.{name}"), VIEWS[name])()
        view.setup(request)
        view.run_validators(request)
    except ImproperlyConfigured as error:
        raise UnfinishedError(str(error)) from error
    except anymail.AnymailWebhookValidationFailure as error:
        raise ForgedError(str(error)) from error
    except tripped as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error
    try:
        return [_told(name, event) for event in view.parse_events(request)]
    except (ImproperlyConfigured, *tripped) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error


def _told(provider: str, event: Any) -> Told:
    said = said_of(provider, event)
    named = event.event_id or f"{event.message_id} {event.recipient} {said} {event.timestamp}"
    return Told(
        name=hashlib.sha256(f"{named} {event.recipient} {said}".encode()).hexdigest(),
        said=said,
        message_id=str(event.message_id or ""),
        address=str(event.recipient or ""),
        detail=str(event.mta_response or event.description or event.reject_reason or ""),
    )


def said_of(provider: str, event: Any) -> str:
    """What an event of anymail's means, as ``mail_callbacks.SAID`` names it."""
    kind = str(event.event_type)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in ("rejected", "failed"):
        may_pass = any(word in _MAY_PASS for word in _words(event.esp_event, ["error"]))
        return "rejected" if may_pass else _OF_REJECTED.get(str(event.reject_reason), "rejected")
    if kind != "bounced":
        return "other"
    return "hard_bounce" if _is_hard(provider, event) else "soft_bounce"


def _is_hard(provider: str, event: Any) -> bool:
    """By the mail server's own status: whatever is not of the address itself may be mended, a full mailbox, the
    receiver's systems, its policy towards us (RFC 3463, 3.3 to 3.8). Else by what the provider calls it. Soft if in
    doubt: five of those suppress an address as well, and one block of ours would suppress them all."""
    status = _STATUS.search(str(event.mta_response or ""))
    if status:
        return status[0] in _GONE
    if event.reject_reason in ("timed_out", "blocked", "spam", "other") or provider not in _FOR_GOOD:
        return False
    path, called = _FOR_GOOD[provider]
    return any(word in called for word in _words(event.esp_event, path.split(".")))


def _words(part: Any, path: Sequence[str]) -> Iterator[str]:
    """What stands at a path of an event, in lower case; ``*`` is any name."""
    if not path:
        yield str(part).lower()
    elif isinstance(part, Mapping):
        for name in part if path[0] == "*" else (path[0],):
            if name in part:
                yield from _words(part[name], path[1:])
