"""The body of a pushed message, exactly as it came: every door for messages reads it here, and refuses alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from cargo.api.problems import Text, problem_response, server_fault

_CHUNK = 64 * 1024


class Refused(Exception):
    """The push is refused; the answer is a problem."""

    def __init__(self, status: int, detail: Text, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(detail))
        self.status, self.detail = status, detail
        self.response = problem_response(status, detail, headers=headers)


def answered(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``work``, or the problem that it met: nothing leaves a door as a page of HTML."""
    try:
        return work()
    except Refused as refusal:
        return refusal.response
    except Exception as error:
        return server_fault(error, request)


def body_of(request: HttpRequest) -> bytes:
    """The bytes. Refused: 400 for an empty or cut body, 411 when the length cannot be known, 413 past
    ``MESSAGE_MAX_BYTES``, 415 for a compressed body.
    """
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
