"""The ways to tell people, by channel kind. A new way: one file here and one line in ``TRANSPORTS``."""

from __future__ import annotations

from django.conf import settings

from notifications.transports.base import Transport
from notifications.transports.chat import ChatTransport
from notifications.transports.email import EmailTransport
from notifications.transports.push import PushTransport
from notifications.transports.sms import SmsTransport
from notifications.transports.webhook import WebhookTransport

TRANSPORTS: dict[str, type[Transport]] = {
    "email": EmailTransport,
    "sms": SmsTransport,
    "webhook": WebhookTransport,
    "chat": ChatTransport,
    "push": PushTransport,
}


def transport_for(kind: str) -> Transport | None:
    """The transport of a channel kind, or None while the operator has it switched off."""
    switched_on = {"sms": settings.SMS_PROVIDER, "chat": settings.CHAT_SERVICES, "push": settings.PUSH_KEY}
    if not switched_on.get(kind, True):
        return None
    return TRANSPORTS[kind]()
