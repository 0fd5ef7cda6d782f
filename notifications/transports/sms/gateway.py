"""The generic HTTP gateway. CLIS sends ``POST CLIS_SMS_URL`` with ``Content-Type: application/json``,
``Authorization: Bearer CLIS_SMS_TOKEN`` (if set) and the body::

    {"to": "+821012345678", "from": "CLIS", "text": "...", "reference": "d-41-..."}

``reference`` is the same at every try of one message; a gateway that has seen it answers as it did the first time.
Any 2xx means accepted; ``{"id": "..."}`` in the answer is kept. 408, 425, 429 and 503 mean later (``Retry-After`` is
kept). 401, 402, 403, 404, 405 and redirects mean that address or account are set wrong or the account is empty: the
messages wait until the operator has mended it, and for five days that costs none of their tries. Any other 4xx refuses
this message for good. Any other 5xx, and no answer at all, leave the outcome open, and CLIS never sends such a message
again by itself.

With ``CLIS_SMS_LOOK_UP=1`` it asks instead: ``GET CLIS_SMS_URL?reference=d-41-...``. 200 means accepted (``{"id"}`` is
kept), 404 that the gateway never accepted it and will not, so it may be sent. Anything else says nothing: it is asked
again, and after a day somebody decides.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.conf import settings

from clis.egress import Client, EgressError, Response
from notifications.transports.base import Found, Message, Receipt
from notifications.transports.sms.answers import excerpt, post, refuse, said


class GatewaySender:
    """Posts to the operator's gateway."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        """One try."""
        headers = {"content-type": "application/json", **_authorization()}
        body = {"to": message.to, "from": settings.SMS_FROM, "text": message.text, "reference": message.reference}
        answer = post(self._client, settings.SMS_URL, headers, json.dumps(body, ensure_ascii=False).encode())
        if 200 <= answer.status < 300:
            return _receipt(answer)
        refuse(answer, excerpt(answer))

    def look_up(self, reference: str, to: str) -> Found:
        """What became of a try that had no answer."""
        if not settings.SMS_LOOK_UP:
            return Found()
        query = ("&" if "?" in settings.SMS_URL else "?") + urlencode({"reference": reference})
        try:
            answer = self._client.request("GET", settings.SMS_URL + query, headers=_authorization())
        except EgressError:
            return Found()
        if answer.status == 404:
            return Found(accepted=False)
        return Found(accepted=True, receipt=_receipt(answer)) if answer.status == 200 else Found()


def _receipt(answer: Response) -> Receipt:
    return Receipt(str(said(answer).get("id") or "")[:200])


def _authorization() -> dict[str, str]:
    return {"authorization": f"Bearer {settings.SMS_TOKEN}"} if settings.SMS_TOKEN else {}
