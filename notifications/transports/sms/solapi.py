"""Solapi: SMS, LMS and AlimTalk (알림톡) in Korea.

Sources, as read in November 2026: the vendor's Python SDK (github.com/solapi/solapi-python, b77fdd9, July 2025:
``lib/authenticator.py``, ``services/message_service.py``, models) for ``POST /messages/v4/send-many/detail``, its body,
its answer and the header; the vendor's documents (github.com/solapi/documents, c203145, 2022:
``api-reference/messages``, ``message-status-codes.md``, ``authentication``) for the fields, the four-digit codes and
``GET /messages/v4/list``. Not verified against the live service: the names of ``errorCode`` in answers of 4xx (its
status decides), and whether a list answers a number and a time right after the send.

- ``Authorization: HMAC-SHA256 apiKey=…, date=…, salt=…, signature=…``: hexadecimal HMAC-SHA-256 of date and salt,
  joined, by the secret; date is ISO 8601, within 15 minutes; a salt is used once.
- ``type`` SMS up to 90 bytes of EUC-KR, LMS up to 2,000; what EUC-KR does not have is replaced before.
- AlimTalk: a message of a kind that ``SOLAPI_TEMPLATES`` has a template for goes to KakaoTalk, with its facts as the
  template's variables; ``disableSms`` false, so that Solapi texts whoever has no KakaoTalk. A template that Solapi
  refuses (1041 to 1049) refuses the AlimTalk definitely: the text goes out as SMS in the same try.
- ``customFields.reference`` comes back in reports and lists; by it a try without an answer is looked up.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from clis.egress import Client, EgressError, Response
from notifications.transports.base import (
    AddressRefusedError,
    Found,
    Message,
    PermanentError,
    Receipt,
    TransportError,
    UnknownOutcomeError,
    UnreachableError,
)
from notifications.transports.sms.answers import excerpt, post, refuse, said
from notifications.transports.sms.numbers import national
from notifications.transports.sms.segments import LMS_BYTES, euc_kr, korean_form

# Blocked by the recipient: 080 opt-out, at the platform.
_STOPPED = ("1061", "2061")
# Account, balance, our own sender's number.
_ACCOUNT = ("1020", "1030", "1062", "2062", "2063", "2230")
# A fault of theirs, of which it is not said when it happened.
_FAULT = ("1024", "2024")
_TEMPLATE = tuple(str(code) for code in range(1041, 1050))


class _TemplateError(PermanentError):
    """The AlimTalk was refused, whoever it was for."""


class SolapiSender:
    """``POST /messages/v4/send-many/detail`` with one message."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Message) -> Receipt:
        """One try: as AlimTalk where there is a template, else as text."""
        if template := template_of(message):
            try:
                return self._send(_alimtalk(message, template), message)
            except _TemplateError:
                pass
        return self._send(_text(message), message)

    def look_up(self, reference: str, to: str) -> Found:
        """By the reference among the last day's messages to the number; that it is not there proves nothing."""
        since = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
        query = {"to": national(to)[1], "dateType": "CREATED", "startDate": since, "limit": 100}
        url = f"{settings.SOLAPI_BASE_URL}/messages/v4/list?{urlencode(query)}"
        try:
            answer = self._client.request("GET", url, headers={"authorization": authorization()})
        except EgressError:
            return Found()
        listed = said(answer).get("messageList") if answer.status == 200 else None
        for row in listed.values() if isinstance(listed, dict) else ():
            fields = row.get("customFields") if isinstance(row, dict) else None
            if isinstance(fields, dict) and fields.get("reference") == reference:
                return Found(accepted=True, receipt=Receipt(str(row.get("messageId", ""))[:200]))
        return Found()

    def _send(self, fields: dict[str, Any], message: Message) -> Receipt:
        country, number = national(message.to)
        sent = {
            "to": number,
            "from": settings.SOLAPI_FROM or settings.SMS_FROM,
            "country": country,
            "customFields": {"reference": message.reference},
            **fields,
        }
        body = {"messages": [sent], "allowDuplicates": False, "showMessageList": True}
        headers = {"content-type": "application/json", "authorization": authorization()}
        url = f"{settings.SOLAPI_BASE_URL}/messages/v4/send-many/detail"
        answer = post(self._client, url, headers, json.dumps(body, ensure_ascii=False).encode())
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        told = said(answer)
        if failed := _first(told.get("failedMessageList")):
            raise _failure(str(failed.get("statusCode", "")), str(failed.get("statusMessage", "")))
        accepted = _first(told.get("messageList"))
        if not accepted:  # Cut off, or a proxy's page: neither list is there to say what became of it.
            raise UnknownOutcomeError(excerpt(answer))
        return Receipt(str(accepted.get("messageId", ""))[:200], str(accepted.get("statusMessage", ""))[:100])


def authorization(now: datetime | None = None, salt: str = "") -> str:
    """The header of one request."""
    date = (now or datetime.now(UTC)).isoformat(timespec="seconds").replace("+00:00", "Z")
    salt = salt or secrets.token_hex(16)
    signature = hmac.new(settings.SOLAPI_API_SECRET.encode(), f"{date}{salt}".encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={settings.SOLAPI_API_KEY}, date={date}, salt={salt}, signature={signature}"


def template_of(message: Message) -> str:
    """The operator's AlimTalk template for this kind and language; "" if there is none."""
    if not settings.SOLAPI_PF_ID or not message.notice:
        return ""
    return str(settings.SOLAPI_TEMPLATES.get(f"{message.notice}.{message.language}", ""))


def _alimtalk(message: Message, template: str) -> dict[str, Any]:
    variables = {f"#{{{name}}}": value or "-" for name, value in message.facts.items()}
    options = {
        "pfId": settings.SOLAPI_PF_ID,
        "templateId": template,
        "disableSms": False,
        "variables": variables,
    }
    return {"type": "ATA", "kakaoOptions": options}


def _text(message: Message) -> dict[str, Any]:
    data = euc_kr(message.text)
    text = data[:LMS_BYTES].decode("euc_kr", "ignore")
    return {"type": korean_form(text).upper(), "text": text}


def _refusal(answer: Response) -> TransportError:
    """What an answer of 4xx or 5xx means."""
    told = said(answer)
    code, detail = str(told.get("errorCode", "")), str(told.get("errorMessage", ""))
    if answer.status < 500 and code.isdigit():
        return _failure(code, detail)
    try:
        refuse(answer, f"{code}: {detail}"[:300] if code else excerpt(answer))
    except TransportError as error:
        return error


def _failure(code: str, text: str) -> TransportError:
    """What a four-digit code means."""
    detail = f"{code}: {text}"[:300]
    if code in _STOPPED:
        return AddressRefusedError(detail)
    if code in _ACCOUNT:
        return UnreachableError(detail)
    if code in _TEMPLATE:
        return _TemplateError(detail)
    if code in _FAULT:
        return UnknownOutcomeError(detail)
    return PermanentError(detail)


def _first(rows: object) -> dict[str, Any]:
    row = rows[0] if isinstance(rows, list) and rows else None
    return row if isinstance(row, dict) else {}
