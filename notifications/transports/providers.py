"""What the errors of django-anymail's providers mean. It is loaded only where the operator's settings name one."""

from __future__ import annotations

import sys
from typing import Any

from django.core.mail import EmailMultiAlternatives

from notifications.transports.base import (
    AddressRefusedError,
    PermanentError,
    TemporaryError,
    TransportError,
    UnreachableError,
)


def verdict(error: Exception) -> TransportError | None:
    """Of the recipient, of the mail, or of our account and the provider itself; None for another's error."""
    anymail: Any = sys.modules.get("anymail.exceptions")
    if anymail is None or not isinstance(error, anymail.AnymailError | anymail.AnymailConfigurationError):
        return None
    text = str(error)[:500]
    if isinstance(error, anymail.AnymailConfigurationError):
        return UnreachableError(text)
    if isinstance(error, anymail.AnymailRecipientsRefused):
        return AddressRefusedError(text)
    if not isinstance(error, anymail.AnymailAPIError):
        # What this provider cannot express: the next try would end the same.
        return PermanentError(text)
    if error.status_code in (401, 403):
        return UnreachableError(text)
    if error.status_code is None or error.status_code == 429 or error.status_code >= 500:
        return TemporaryError(text)
    return PermanentError(text)


def number_of(mail: EmailMultiAlternatives) -> str:
    """By which the provider names it later: its own number, or by SMTP the Message-ID."""
    status = getattr(mail, "anymail_status", None)
    return str(getattr(status, "message_id", None) or mail.extra_headers["Message-ID"])
