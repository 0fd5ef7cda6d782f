"""The door for messages pushed with a key: raw bytes in, 202 once they are committed.

A plain Django view: the body is kept exactly as it came, whatever its media type, and nothing parses it here.
Who sends and into which source is settled before the first byte of the body is read.
"""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from cargo.api.bodies import Refused, answered, body_of
from cargo.api.limits import seconds_to_wait
from cargo.api.rendering import encode
from cargo.pipeline.receive import Received, receive
from cargo.selectors.sources import push_source
from cargo.tasks import wake_inbox
from clis.accounts.authentication import CHALLENGE, key_from_header
from clis.accounts.models import ApiKey

SCOPE = "messages:write"


@csrf_exempt
def push(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/messages/``: 202 ``{"id", "state", "duplicate"}`` after the commit; a repeat is a duplicate.

    401 without a live key, 403 for a key that has no source or not the scope, 429 for a source that pushes too much,
    400 for an empty or cut body, 411 when the length cannot be known, 413 past 20 MB, 415 for a compressed body,
    503 while the database is away.
    """
    return answered(request, lambda: _push(request))


def _push(request: HttpRequest) -> HttpResponse:
    only_post(request)
    source_id = _source(pushing_key(request))
    within_limit(source_id)
    return accepted(keep(source_id, body_of(request), request))


def only_post(request: HttpRequest) -> None:
    """Refuses what is not a push."""
    if request.method != "POST":
        raise Refused(405, _("Messages are pushed with POST."), {"Allow": "POST"})


def pushing_key(request: HttpRequest) -> ApiKey:
    """The live key of the request that may push; refused 401 without one, 403 without the scope."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    key = key_from_header(header) if header else None
    if key is None:
        detail = (
            _("This API key is unknown, expired or revoked.") if header else _("Send a key: Authorization: Bearer …")
        )
        raise Refused(401, detail, {"WWW-Authenticate": CHALLENGE})
    if not key.viewer.may(SCOPE, writes=True):
        raise Refused(403, _("This key may not push messages: it lacks the scope messages:write."))
    return key


def _source(key: ApiKey) -> int:
    source_id = push_source(key.pk)
    if source_id is None:
        raise Refused(403, _("This key does not belong to an active source."))
    return source_id


def within_limit(source_id: int) -> None:
    """Refuses with 429 what is more than one source may push; nothing of it was stored."""
    wait = seconds_to_wait(source_id)
    if wait > 0:
        detail = _("This source pushes more than it may; nothing was stored. Send it again later.")
        raise Refused(429, detail, {"Retry-After": str(max(1, math.ceil(wait)))})


def keep(source_id: int, body: bytes, request: HttpRequest) -> Received:
    """Commits the bytes and wakes a worker for them."""
    received = receive(source_id, body, media_type=request.content_type or "")
    if not received.duplicate:
        wake_inbox()
    return received


def accepted(received: Received) -> HttpResponse:
    """202, after the commit."""
    answer = {"id": received.id, "state": received.state, "duplicate": received.duplicate}
    return HttpResponse(
        encode(answer), status=202, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
