"""Endpoints asked whether they want to be called, and tried.

The ownership challenge: CLIS posts, signed like everything else, ``{"type": "endpoint.challenge", "data": {"challenge":
"…"}}``. An endpoint that wants to be called answers with any 2xx and gives the word back, as its whole body or as
``{"challenge": "…"}``. Before that it gets nothing else, and ten challenges in a day at most.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clis.accounts.scoping import Viewer
from clis.egress import Response
from notifications.endpoints import failing
from notifications.endpoints.access import changeable
from notifications.models import Channel, Endpoint, Verification
from notifications.models.signing import signing_secrets
from notifications.subscribing import SubscribingError, TooManyError
from notifications.transports.base import Exchange, Message, TransportError
from notifications.transports.webhook import WebhookTransport

logger = logging.getLogger(__name__)

CHALLENGES_A_DAY = 10
CHALLENGES_PER_HOUR_OF_ORGANIZATION = 20
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True)
class Tried:
    """What came of a challenge or a test: the endpoint's status and answer (cut), or why there is none.

    ``detail`` is why it did not work, in the reader's words; ``technical`` what the system or the endpoint said of it.
    """

    ok: bool
    status: int | None
    answer: str
    detail: str
    milliseconds: int
    technical: str = ""


def challenge(viewer: Viewer, endpoint_id: int) -> Tried:
    """Asks the endpoint whether it wants to be called; if it does, it is told whatever its subscriptions say, and
    nothing while it has none. Ten times a day at most."""
    endpoint = changeable(viewer, endpoint_id)
    word = secrets.token_urlsafe(24)
    verification = _new_challenge(endpoint.channel, word)
    tried, answer = _post(endpoint, f"ch-{verification.pk}", "endpoint.challenge", {"challenge": word})
    if not tried.ok or answer is None or not _gives_back(answer, word):
        detail = tried.detail if not tried.ok else _("It answered, but did not give the word back.")
        return replace(tried, ok=False, detail=detail)
    now = timezone.now()
    with transaction.atomic():
        Verification.objects.filter(pk=verification.pk).update(used_at=now)
        Channel.objects.filter(pk=endpoint.pk).update(verified_at=now)
    return tried


def test(viewer: Viewer, endpoint_id: int) -> Tried:
    """Posts an event of type ``endpoint.test``, signed like any other, now and once."""
    endpoint = changeable(viewer, endpoint_id)
    if endpoint.channel.verified_at is None:
        raise SubscribingError(_("The endpoint has not shown that it wants to be called."), "not_verified")
    tried, _answer = _post(endpoint, f"t-{secrets.token_hex(12)}", "endpoint.test", {"endpoint": endpoint.pk})
    return tried


def _new_challenge(channel: Channel, word: str) -> Verification:
    """Counted and committed before it is sent, so that nobody is flooded by way of us."""
    now = timezone.now()
    of_address = Verification.objects.filter(kind=channel.kind, address=channel.address)
    if of_address.filter(created_at__gt=now - _DAY).count() >= CHALLENGES_A_DAY:
        raise TooManyError(_("This address was asked ten times today. Wait until tomorrow."))
    hour = Verification.objects.codes().filter(created_at__gt=now - _HOUR, organization=channel.organization_id)
    if hour.count() >= CHALLENGES_PER_HOUR_OF_ORGANIZATION:
        raise TooManyError(_("Your organization asked for too many codes. Wait an hour."))
    try:
        with transaction.atomic():
            return Verification.objects.create(
                organization_id=channel.organization_id,
                channel=channel,
                kind=channel.kind,
                address=channel.address,
                sequence=of_address.following(),
                digest=hashlib.sha256(word.encode()).hexdigest(),
                created_at=now,
                expires_at=now + _HOUR,
            )
    except IntegrityError as error:  # Another request at the same moment took this sequence number.
        raise TooManyError(_("It was asked just now.")) from error


def _post(endpoint: Endpoint, reference: str, kind: str, data: dict[str, Any]) -> tuple[Tried, Response | None]:
    began_at = timezone.now()
    now = began_at.isoformat()
    body = {
        "id": reference,
        "type": kind,
        "occurred_at": now,
        "received_at": now,
        "source": None,
        "first_of_type": False,
        "data": data,
        "changes": {},
    }
    message = Message(
        endpoint.channel.address, json.dumps(body), reference, secrets=signing_secrets(endpoint, began_at)
    )
    began = time.monotonic()
    answer, exchange, detail, technical = None, Exchange(), "", ""
    try:
        with WebhookTransport().open() as sender:
            answer, exchange = sender.post(message)
    except TransportError as error:
        detail, technical = failing.unanswered(error), str(error)
    milliseconds = round((time.monotonic() - began) * 1000)
    ok = answer is not None and 200 <= answer.status < 300
    if answer is not None and not ok:
        detail, technical = failing.unwanted(answer.status), f"HTTP {answer.status}"
    if technical:
        logger.info("endpoint %s, %s: %s", endpoint.pk, kind, technical)
    return Tried(ok, exchange.status, exchange.answer, detail, milliseconds, technical), answer


def _gives_back(answer: Response, word: str) -> bool:
    said = answer.json()
    given = said.get("challenge") if isinstance(said, dict) else answer.body.decode(errors="replace").strip().strip('"')
    return isinstance(given, str) and hmac.compare_digest(given.encode(), word.encode())
