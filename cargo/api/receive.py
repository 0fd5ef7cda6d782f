"""The door for pushed messages: raw bytes in, 202 once they are committed.

A plain Django view: the body is kept exactly as it came, whatever its media type, and nothing parses it here.
Who sends and into which source is settled before the first byte of the body is read.
"""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from cargo.api.problems import Text, problem_response, server_fault
from cargo.api.rendering import encode
from cargo.pipeline.receive import receive
from cargo.selectors.sources import push_source
from cargo.tasks import wake_inbox
from clis.accounts.authentication import CHALLENGE, key_from_header
from clis.accounts.models import ApiKey

SCOPE = "messages:write"
_CHUNK = 64 * 1024


class Refused(Exception):
    """The push is refused; the answer is a problem."""

    def __init__(self, status: int, detail: Text, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(detail))
        self.response = problem_response(status, detail, headers=headers)


@csrf_exempt
def push(request: HttpRequest) -> HttpResponse:
    """``POST /api/v1/messages/``: 202 ``{"id", "state", "duplicate"}`` after the commit; a repeat is a duplicate.

    401 without a live key, 403 for a key that has no source or not the scope, 400 for an empty or cut body,
    411 when the length cannot be known, 413 past 20 MB, 415 for a compressed body, 503 while the database is away.
    """
    try:
        if request.method != "POST":
            raise Refused(405, _("Messages are pushed with POST."), {"Allow": "POST"})
        source_id = _source(_key(request))
        body = _body(request)
        received = receive(source_id, body, media_type=request.content_type or "")
        if not received.duplicate:
            wake_inbox()
    except Refused as refusal:
        return refusal.response
    except Exception as error:
        return server_fault(error, request)
    answer = {"id": received.id, "state": received.state, "duplicate": received.duplicate}
    return HttpResponse(
        encode(answer), status=202, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _key(request: HttpRequest) -> ApiKey:
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


def _body(request: HttpRequest) -> bytes:
    limit: int = settings.MESSAGE_MAX_BYTES
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Refused(415, _("Send the body uncompressed."), {"Accept-Encoding": "identity"})
    body = _chunked(request, limit) if _is_chunked(request) else _measured(request, limit)
    if not body:
        raise Refused(400, _("The body is empty: nothing was stored."))
    return body


def _is_chunked(request: HttpRequest) -> bool:
    return "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()


def _chunked(request: HttpRequest, limit: int) -> bytes:
    """Without a Content-Length Django reads nothing; the server's own stream ends where the last chunk ends."""
    stream = request.META.get("wsgi.input")
    if stream is None or not request.META.get("wsgi.input_terminated"):
        raise Refused(411, _("Send a Content-Length: this server cannot take a body in chunks."))
    parts, size = [], 0
    while part := _part(stream):
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _part(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_CHUNK)
    except Exception:
        # The sender went away, or a chunk is not what it says: each server has exceptions of its own for it.
        raise _cut() from None


def _measured(request: HttpRequest, limit: int) -> bytes:
    given = request.META.get("CONTENT_LENGTH") or "0"
    if not (given.isascii() and given.isdigit()):
        raise Refused(400, _("Content-Length is not a number."))
    length = int(given[:20])
    if length > limit:
        raise _too_large(limit)
    try:
        body = request.read(length)
    except UnreadablePostError:
        raise _cut() from None
    if len(body) != length:
        raise _cut()
    return body


def _cut() -> Refused:
    return Refused(400, _("The body ended before it was complete: nothing was stored."))


def _too_large(limit: int) -> Refused:
    detail = _("A message over HTTP has %(limit)d bytes at most; larger files enter by folder or by ingest.")
    return Refused(413, detail % {"limit": limit})
