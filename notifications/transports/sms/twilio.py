"""Twilio: Messages resource of the REST API, 2010-04-01; error codes from the API's error dictionary.

Twilio keeps no reference of ours: its list of messages is searched by number and day alone, and two notices to one
number may have the same words. So a try without an answer is looked up by nobody but a person; but its reports come to
an address that carries our reference, and settle it.
"""

from __future__ import annotations

import base64
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from clis.egress import Client
from notifications.transports.base import (
    AddressRefusedError,
    Found,
    Message,
    Receipt,
    TemporaryError,
    UnreachableError,
)
from notifications.transports.retry_after import retry_after
from notifications.transports.sms.answers import excerpt, post, refuse, said

# Not a number, not a mobile one, no route to it, told us STOP.
_ADDRESS = (21211, 21214, 21217, 21610, 21614)
# The rate or the queue is full, the service is short of breath.
_LATER = (14107, 20429, 20503, 21611, 30001)
# Wrong sign-in, account closed, our own sender's number not usable.
_ACCOUNT = (20003, 20005, 21212, 21603, 21606)


class TwilioSender:
    """``POST /2010-04-01/Accounts/{sid}/Messages.json`` with the account's SID and token."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        """One try."""
        sid = settings.TWILIO_ACCOUNT_SID
        secret = base64.b64encode(f"{sid}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {secret}"}
        # A messaging service is named by its SID, a sender by its number or name.
        own = settings.TWILIO_FROM or settings.SMS_FROM
        form = {"To": message.to, "MessagingServiceSid" if own.startswith("MG") else "From": own, "Body": message.text}
        if settings.SECURE:  # Twilio calls no address that only this machine knows.
            query = urlencode({"reference": message.reference})
            form["StatusCallback"] = f"{settings.BASE_URL}{reverse('sms_callback', args=['twilio'])}?{query}"
        url = f"{settings.TWILIO_BASE_URL}/2010-04-01/Accounts/{sid}/Messages.json"
        answer = post(self._client, url, headers, urlencode(form).encode())
        told = said(answer)
        if 200 <= answer.status < 300:
            return Receipt(str(told.get("sid", ""))[:200], str(told.get("status", ""))[:100])
        code = told.get("code")
        detail = f"{code}: {told.get('message', '')}"[:300] if code else excerpt(answer)
        if code in _ADDRESS:
            raise AddressRefusedError(detail)
        if code in _ACCOUNT:
            raise UnreachableError(detail)
        if code in _LATER:
            raise TemporaryError(detail, retry_after(answer))
        refuse(answer, detail)

    def look_up(self, reference: str, to: str) -> Found:
        """Twilio cannot say."""
        return Found()
