"""The ways to tell people, by channel kind. A new way: one file here and one line in ``TRANSPORTS``."""

from __future__ import annotations

from django.conf import settings

from notifications.transports.base import Transport
from notifications.transports.email import EmailTransport
from notifications.transports.sms import SmsTransport

TRANSPORTS: dict[str, type[Transport]] = {"email": EmailTransport, "sms": SmsTransport}


def transport_for(kind: str) -> Transport | None:
    """The transport of a channel kind, or None while the operator has it switched off."""
    if kind == "sms" and not settings.SMS_PROVIDER:
        return None
    return TRANSPORTS[kind]()
