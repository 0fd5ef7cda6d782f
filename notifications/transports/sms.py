"""SMS by a provider's HTTP interface: a generic gateway, or Twilio.

The generic gateway. CLIS sends ``POST CLIS_SMS_URL`` with ``Content-Type: application/json``,
``Authorization: Bearer CLIS_SMS_TOKEN`` (if set) and the body::

    {"to": "+821012345678", "from": "CLIS", "text": "...", "reference": "d-41-..."}

``reference`` is the same at every try of one message; a gateway that has seen it answers as it did the first time.
Any 2xx means accepted; ``{"id": "..."}`` in the answer is kept. 408, 425, 429 and 503 mean later (``Retry-After`` is
kept). 401, 403, 404, 405 and redirects mean that address or account are set wrong: the messages wait until the
operator has mended it. Any other 4xx refuses this message for good.
Any other 5xx, and no answer at all, leave the outcome open, and CLIS never sends such a message again by itself:
somebody looks it up by ``reference`` first.

Twilio: Messages resource of the REST API, 2010-04-01; error codes from the API's error dictionary.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import urlencode

import phonenumbers
from django.conf import settings

from clis.egress import AmbiguousError, Client, NotSentError, RefusedError, Response
from notifications.transports.base import (
    AddressRefusedError,
    Message,
    PermanentError,
    Receipt,
    Sender,
    TemporaryError,
    UnknownOutcomeError,
    UnreachableError,
)

_LATER = (408, 425, 429, 503)
_SETTINGS = (401, 403, 404, 405)
# Twilio's error dictionary: not a number, not a mobile one, no route to it, told us STOP.
_TWILIO_ADDRESS = (21211, 21214, 21217, 21610, 21614)
# The rate or the queue is full, the service is short of breath.
_TWILIO_LATER = (14107, 20429, 20503, 21611, 30001)
# Wrong sign-in, account closed, our own sender's number not usable.
_TWILIO_ACCOUNT = (20003, 20005, 21212, 21603, 21606)


class NumberError(ValueError):
    """Not a mobile number that may be texted from here."""


def normalize_number(text: str) -> str:
    """A number as people write it, in E.164. Bare ones are read as of ``SMS_REGION``. Raises ``NumberError``.

    Numbers of countries outside ``SMS_COUNTRIES``, and ones that can only be a landline or cost extra, are refused.
    """
    try:
        number = phonenumbers.parse(text, settings.SMS_REGION)
    except phonenumbers.NumberParseException as error:
        raise NumberError("not a telephone number") from error
    if not phonenumbers.is_valid_number(number):
        raise NumberError("not a telephone number")
    if phonenumbers.region_code_for_number(number) not in settings.SMS_COUNTRIES:
        raise NumberError("not a country that is texted from here")
    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if phonenumbers.number_type(number) not in mobile:
        raise NumberError("not a mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class SmsTransport:
    """Texts of a batch go out a few at a time, so one that hangs does not hold the rest."""

    concurrency = 4
    may_repeat = False

    @contextmanager
    def open(self) -> Iterator[Sender]:
        sender: type[GatewaySender | TwilioSender]
        sender = TwilioSender if settings.SMS_PROVIDER == "twilio" else GatewaySender
        with Client(operator=True, timeout=settings.SMS_TIMEOUT) as client:
            yield sender(client)


class GatewaySender:
    """The generic HTTP gateway described above."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        headers = {"content-type": "application/json"}
        if settings.SMS_TOKEN:
            headers["authorization"] = f"Bearer {settings.SMS_TOKEN}"
        body = {"to": message.to, "from": settings.SMS_FROM, "text": message.text, "reference": message.reference}
        answer = _post(self._client, settings.SMS_URL, headers, json.dumps(body, ensure_ascii=False).encode())
        if 200 <= answer.status < 300:
            said = answer.json()
            return Receipt(str(said.get("id") or "")[:200] if isinstance(said, dict) else "")
        _refuse(answer, _excerpt(answer))


class TwilioSender:
    """``POST /2010-04-01/Accounts/{sid}/Messages.json`` with the account's SID and token."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        sid = settings.TWILIO_ACCOUNT_SID
        secret = base64.b64encode(f"{sid}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {secret}"}
        # A messaging service is named by its SID, a sender by its number or name.
        sender = "MessagingServiceSid" if settings.SMS_FROM.startswith("MG") else "From"
        form = urlencode({"To": message.to, sender: settings.SMS_FROM, "Body": message.text})
        url = f"{settings.TWILIO_BASE_URL}/2010-04-01/Accounts/{sid}/Messages.json"
        answer = _post(self._client, url, headers, form.encode())
        said = answer.json()
        said = said if isinstance(said, dict) else {}
        if 200 <= answer.status < 300:
            return Receipt(str(said.get("sid", ""))[:200], str(said.get("status", ""))[:100])
        code = said.get("code")
        detail = f"{code}: {said.get('message', '')}"[:300] if code else _excerpt(answer)
        if code in _TWILIO_ADDRESS:
            raise AddressRefusedError(detail)
        if code in _TWILIO_ACCOUNT:
            raise UnreachableError(detail)
        if code in _TWILIO_LATER:
            raise TemporaryError(detail, _retry_after(answer))
        _refuse(answer, detail)


def _post(client: Client, url: str, headers: Mapping[str, str], content: bytes) -> Response:
    try:
        return client.request("POST", url, headers=headers, content=content)
    except (NotSentError, RefusedError) as error:
        raise UnreachableError(str(error)) from error
    except AmbiguousError as error:
        raise UnknownOutcomeError(str(error)) from error


def _refuse(answer: Response, detail: str) -> NoReturn:
    """What any answer but an acceptance means, by its status."""
    if answer.status in _SETTINGS or answer.status < 400:
        raise UnreachableError(detail)
    if answer.status in _LATER:
        raise TemporaryError(detail, _retry_after(answer))
    if answer.status >= 500:
        raise UnknownOutcomeError(detail)
    raise PermanentError(detail)


def _retry_after(answer: Response) -> int | None:
    text = answer.headers.get("retry-after", "")
    return min(int(text), 86_400) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _excerpt(answer: Response) -> str:
    text = answer.body[:200].decode(errors="replace")
    return f"HTTP {answer.status} {' '.join(text.split())}".strip()
