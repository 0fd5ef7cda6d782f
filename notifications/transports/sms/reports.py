"""What providers call us with: reports of what became of a text, and what people answer to one.

Each shows in its own way that it is itself, and what does not is ``ForgedError``:

- Twilio signs: ``X-Twilio-Signature`` is base64 of HMAC-SHA-1 by the account's token over the URL as it was called and
  the names and values of the form, sorted by name, joined without anything between ("Validating requests", Twilio's
  webhook security page). Reports: ``MessageSid``, ``MessageStatus``, ``ErrorCode``, and in the URL's query our own
  ``reference``. Answers: ``From``, ``Body``, and ``OptOutType`` where Twilio itself understood STOP, START or HELP.
- Solapi signs nothing: ``X-Solapi-Secret`` carries the SHA-1, in hexadecimal, of the secret that was typed when the
  webhook was made. Its own page could not be read; several public receivers compare just so. It proves who called only
  as long as TLS keeps the header, so its reports may end or confirm a delivery and nothing else. Body: an array of
  reports with ``messageId``, ``statusCode`` (4000: arrived; 2000 and 3000: under way), ``customFields``, bare or below
  ``data`` (the vendor's Python SDK, ``model/webhook/single_report.py``). It tells of no answers: whoever dials the
  080 number is refused by Solapi with 1061 from then on, which switches the channel off.
- The generic gateway signs by Standard Webhooks 1.0.0 with ``CLIS_SMS_CALLBACK_SECRET``, within five minutes. Body:
  ``{"id", "reference", "state": "delivered" | "failed" | "accepted", "detail"}`` or ``{"id", "from", "text"}``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from notifications.transports.webhook import signed

PROVIDERS = ("twilio", "solapi", "generic")
FRESH_SECONDS = 300
_TWILIO_STATES = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}
_SOLAPI_UNDER_WAY = ("2000", "3000")
_SOLAPI_ARRIVED = "4000"


class ForgedError(Exception):
    """Not the provider, or not now."""


class UnreadableError(Exception):
    """It is the provider, and what it says cannot be read."""


@dataclass(frozen=True)
class Report:
    """What became of a text: ``state`` is ``delivered``, ``failed`` or ``accepted``.

    It is known by the provider's number or by our reference. ``name`` is the same when it is told again.
    """

    name: str
    state: str
    provider_id: str = ""
    reference: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Answer:
    """What somebody wrote to us, from a number as the provider has it. ``name`` as in ``Report``."""

    name: str
    number: str
    text: str


def read(provider: str, url: str, headers: Mapping[str, str], body: bytes) -> Sequence[Report | Answer]:
    """The reports and answers of one call. ``url``: as the provider called it; ``headers`` by any case.

    Raises ``ForgedError`` and ``UnreadableError``.
    """
    return {"twilio": _twilio, "solapi": _solapi, "generic": _generic}[provider](url, headers, body)


def _twilio(url: str, headers: Mapping[str, str], body: bytes) -> list[Report | Answer]:
    try:
        form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise ForgedError from error
    content = url + "".join(name + value for name, value in sorted(form))
    made = hmac.new(settings.TWILIO_AUTH_TOKEN.encode(), content.encode(), hashlib.sha1).digest()
    given = headers.get("X-Twilio-Signature", "")
    if not settings.TWILIO_AUTH_TOKEN or not _same(base64.b64encode(made).decode(), given):
        raise ForgedError
    fields = dict(form)
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    if not sid:
        raise UnreadableError("no MessageSid")
    if status:
        code = fields.get("ErrorCode", "")
        detail = " ".join(filter(None, (status, code)))
        reference = dict(parse_qsl(urlsplit(url).query)).get("reference", "")
        return [Report(f"{sid} {status}", _TWILIO_STATES.get(status, "accepted"), sid, reference, detail)]
    if "From" in fields:
        return [Answer(sid, fields["From"], fields.get("OptOutType") or fields.get("Body", ""))]
    return []


def _solapi(url: str, headers: Mapping[str, str], body: bytes) -> list[Report | Answer]:
    secret = settings.SOLAPI_WEBHOOK_SECRET
    made = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
    if not secret or not _same(made, headers.get("X-Solapi-Secret", "").lower()):
        raise ForgedError
    found: list[Report | Answer] = []
    for row in _json(body, list):
        told = row.get("data", row) if isinstance(row, dict) else None
        if not isinstance(told, dict) or not told.get("messageId"):
            continue
        code, number = str(told.get("statusCode") or ""), str(told["messageId"])
        if not code:  # no news of it
            continue
        state = "delivered" if code == _SOLAPI_ARRIVED else "accepted" if code in _SOLAPI_UNDER_WAY else "failed"
        fields = told.get("customFields")
        reference = str(fields.get("reference") or "") if isinstance(fields, dict) else ""
        detail = f"{code}: {told.get('statusMessage') or ''}"[:300]
        found.append(Report(f"{number} {code}", state, number, reference, detail))
    return found


def _generic(url: str, headers: Mapping[str, str], body: bytes) -> list[Report | Answer]:
    reference, stamp = headers.get("Webhook-Id", ""), headers.get("Webhook-Timestamp", "")
    fresh = stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp[:12])) <= FRESH_SECONDS
    if not settings.SMS_CALLBACK_SECRET or not reference or not fresh:
        raise ForgedError
    made = signed(reference, int(stamp), body, [settings.SMS_CALLBACK_SECRET])["webhook-signature"]
    if not any(_same(made, given) for given in headers.get("Webhook-Signature", "").split(" ")):
        raise ForgedError
    told = _json(body, dict)
    if "from" in told:
        return [Answer(reference, str(told["from"]), str(told.get("text") or ""))]
    state = str(told.get("state") or "")
    if state not in ("delivered", "failed", "accepted"):
        raise UnreadableError("no state")
    detail = str(told.get("detail") or "")[:300]
    return [Report(reference, state, str(told.get("id") or ""), str(told.get("reference") or ""), detail)]


def _json(body: bytes, kind: type) -> Any:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise UnreadableError("not JSON") from error
    if not isinstance(found, kind):
        raise UnreadableError(f"not a JSON {kind.__name__}")
    return found


def _same(made: str, given: str) -> bool:
    return hmac.compare_digest(made.encode(), given.encode())
