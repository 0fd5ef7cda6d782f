"""``POST /callbacks/mail/`` and ``/callbacks/mail/<provider>/``: where it is told what became of mails.

204 once it is written down, also when it was told before; 401 for whoever does not show that he is the provider, and
nothing changes; 400 for what cannot be read; 404 while the settings name no such provider or no secret; 503 for what
may be of a mail that is still being sent, which is to be told again, and while the settings lack what it is checked by.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from cargo.domain.signing import claim_of, keys_of
from notifications import mail_callbacks
from notifications.transports import mail_reports

logger = logging.getLogger(__name__)

BODY_LIMIT = 1024 * 1024
EVENTS_LIMIT = 1_000


class Event(msgspec.Struct):
    """One event of a gateway of the operator's own. ``id`` is unique; ``event`` one of ``mail_callbacks.SAID``;
    ``message_id`` is the mail's Message-ID, ``recipient`` its address: one of them at least."""

    id: str
    event: str
    message_id: str = ""
    recipient: str = ""
    detail: str = ""


class Events(msgspec.Struct):
    """The body: ``{"events": […]}``."""

    events: list[Event]


_read = msgspec.json.Decoder(Events).decode


@csrf_exempt
@require_POST
def mail_callback(request: HttpRequest) -> HttpResponse:
    """A gateway of the operator's own, which signs as sources do (``cargo.domain.signing``) by one of the secrets of
    ``CLIS_MAIL_CALLBACK_SECRETS``, within five minutes."""
    if not settings.MAIL_CALLBACK_SECRETS:
        raise Http404
    body = _body(request)
    if isinstance(body, HttpResponse):
        return body
    claim = claim_of(request.headers)
    keys = [key for secret in settings.MAIL_CALLBACK_SECRETS for key in keys_of(secret)]
    if claim is None or not claim.is_fresh(time.time()) or not any(claim.is_signed_with(key, body) for key in keys):
        logger.warning("a call about mails was not signed by a gateway of ours")
        return HttpResponse(status=401)
    try:
        events = _read(body).events
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _unreadable(str(error))
    if len(events) > EVENTS_LIMIT:
        return _unreadable("more than a thousand events")
    if any(event.event not in mail_callbacks.SAID or not event.id for event in events):
        return _unreadable("an event without an id, or of a kind that there is not")
    return _taken(
        "gateway",
        [
            mail_callbacks.Report(
                event.id, event.event, _number(event.message_id), _address(event.recipient), event.detail
            )
            for event in events
        ],
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def providers_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """A provider of django-anymail: the one that mails are sent by, and no other."""
    if not mail_reports.provider() or provider != mail_reports.provider():
        raise Http404
    if request.method == "GET" and provider not in mail_reports.ASK_BY_GET:
        return HttpResponseNotAllowed(["HEAD", "POST"])
    if request.method != "POST":  # Some ask whether the address is there before they use it.
        return HttpResponse(status=200)
    body = _body(request)
    if isinstance(body, HttpResponse):
        return body
    try:
        told = mail_reports.read(request)
    except mail_reports.ForgedError:
        logger.warning("a call of %s was not made by it", provider)
        return HttpResponse(status=401)
    except mail_reports.UnfinishedError as error:
        logger.error("calls of %s cannot be checked: %s", provider, error)
        return HttpResponse(status=503)
    except mail_reports.UnreadableError as error:
        return _unreadable(str(error))
    reports = [
        mail_callbacks.Report(one.name, one.said, _number(one.message_id), _address(one.address), one.detail)
        for one in told
    ]
    return _taken(provider, reports)


def _taken(provider: str, reports: Sequence[mail_callbacks.Report]) -> HttpResponse:
    try:
        mail_callbacks.take(provider, reports, timezone.now())
    except mail_callbacks.EarlyError:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes | HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        return HttpResponse(status=413)
    try:
        body = request.body
    except (OSError, RawPostDataException):
        return HttpResponse(status=400)
    return HttpResponse(status=413) if len(body) > BODY_LIMIT else body


def _unreadable(why: str) -> HttpResponse:
    logger.warning("a call about mails cannot be read: %s", why)
    return HttpResponse(status=400)


def _address(text: str) -> str:
    """An address as it may be kept; "" for what is none."""
    found = text.strip()
    return found if 3 <= len(found) <= 254 and "@" in found and found.isprintable() else ""


def _number(text: str) -> str:
    """By which a mail is named; "" for what can name none."""
    return text if len(text) <= 200 and text.isprintable() else ""
