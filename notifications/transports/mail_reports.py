"""What a provider of django-anymail calls us with, checked and read by anymail's own views.

Only the provider that the settings send by may call, and only with the secret of ``ANYMAIL["WEBHOOK_SECRET"]``: without
one everybody could say that an address bounced.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest

_BACKEND = re.compile(r"anymail\.backends\.([a-z_]+)\.EmailBackend")
# Provider -> its view for what becomes of mails (django-anymail 15.2, ``anymail.webhooks``).
VIEWS = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
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
# An enhanced status (RFC 3463) in the words of the mail server that refused.
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# What providers call a bounce that may pass, where anymail does not say it: SES, Postmark, SparkPost, Brevo, Mandrill.
_SOFT = re.compile(r"(?i)\bsoft|transient|temporary|blocked")
_PLAIN = {"delivered": "delivered", "complained": "complaint", "unsubscribed": "unsubscribed", "deferred": "deferred"}
_OF_REJECTED = {"bounced": "hard_bounce", "invalid": "hard_bounce", "spam": "complaint", "unsubscribed": "unsubscribed"}


class ForgedError(Exception):
    """Whoever calls does not show that he is the provider."""


class UnreadableError(Exception):
    """What the provider sent cannot be read."""


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
    """The events of a call. Raises ``ForgedError`` and ``UnreadableError``."""
    # Loaded only where a provider calls: it brings an HTTP library with it.
    anymail: Any = import_module("anymail.exceptions")
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise ForgedError("ANYMAIL has no WEBHOOK_SECRET")
    name = provider()
    view = getattr(import_module(f"anymail.webhooks.{name}"), VIEWS[name])()
    view.setup(request)
    try:
        view.run_validators(request)
    except (anymail.AnymailWebhookValidationFailure, anymail.AnymailConfigurationError) as error:
        raise ForgedError(str(error)) from error
    try:
        return [_told(event) for event in view.parse_events(request)]
    except (anymail.AnymailConfigurationError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error


def _told(event: Any) -> Told:
    said = said_of(event)
    named = event.event_id or f"{event.message_id} {event.recipient} {said} {event.timestamp}"
    return Told(
        name=hashlib.sha256(f"{named} {event.recipient} {said}".encode()).hexdigest(),
        said=said,
        message_id=str(event.message_id or ""),
        address=str(event.recipient or ""),
        detail=str(event.mta_response or event.description or event.reject_reason or ""),
    )


def said_of(event: Any) -> str:
    """What an event of anymail's means, as ``mail_callbacks.SAID`` names it."""
    kind = str(event.event_type)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in ("rejected", "failed"):
        return _OF_REJECTED.get(str(event.reject_reason), "rejected")
    if kind != "bounced":
        return "other"
    return "soft_bounce" if _is_soft(event) else "hard_bounce"


def _is_soft(event: Any) -> bool:
    """By the mail server's own status; a full mailbox and the receiver's systems may be mended (RFC 3463, 3.3, 3.4),
    as may its policy (3.8). Else by what the provider calls it."""
    status = _STATUS.search(str(event.mta_response or ""))
    if status:
        return status[1] == "4" or (status[2] in ("2", "3", "4", "7") and status[3] != "1")
    if event.reject_reason in ("timed_out", "blocked", "spam", "other"):
        return True
    return bool(_SOFT.search(_flat(event.esp_event)))


def _flat(event: Any) -> str:
    """The provider's own words for the kind of bounce, and not what the mail server said."""
    if not isinstance(event, dict):
        return ""
    inner = event.get("bounce")
    bounce = inner if isinstance(inner, dict) else {}
    names = ("Type", "bounceType", "event", "type", "bounce_class", "severity", "bounce_type")
    return " ".join(str(part.get(name)) for part in (event, bounce) for name in names if part.get(name))
