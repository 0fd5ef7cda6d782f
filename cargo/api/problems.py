"""Every error of the API as RFC 9457 problem details (``application/problem+json``).

``{"type": "about:blank", "title", "status", "code", "detail", "errors": [{"field", "message", "code"}]}``.
``code`` is stable and for programs; ``title``, ``detail`` and ``message`` are for people, in their language.
``field`` is the path inside the body (``items.3.reference``), the query parameter's name, or null for the whole.
A row that does not exist and a row of somebody else give the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from cargo.api.rendering import encode

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
Text = str | Promise

logger = logging.getLogger("clis.api")

_TITLES: dict[int, Text] = {
    400: _("The request is not valid"),
    401: _("A key or a session is needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("No such representation"),
    411: _("Length required"),
    413: _("Too large"),
    415: _("Media type not supported"),
    429: _("Too many requests"),
    500: _("Something went wrong here"),
    503: _("Not available for the moment"),
}
_DETAILS: dict[int, Text] = {
    404: _("There is nothing here that you may see."),
    500: _("The error was logged. Nothing that was acknowledged is lost."),
    503: _("The database does not answer. Nothing was stored; send it again."),
}
_CODES: dict[int, str] = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
    500: "internal",
    503: "unavailable",
}


def problem(
    status: int, detail: Text | None = None, *, code: str = "", errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The body of one problem. Without ``errors`` the list is empty, never absent."""
    return {
        "type": "about:blank",
        "title": str(_TITLES.get(status) or HTTPStatus(status).phrase),
        "status": status,
        "code": code or _CODES.get(status, "error"),
        "detail": str(detail or _DETAILS.get(status) or _TITLES.get(status) or HTTPStatus(status).phrase),
        "errors": errors or [],
    }


def problem_response(
    status: int,
    detail: Text | None = None,
    *,
    code: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """A problem outside Django REST framework: the push view, unknown addresses, errors of the server."""
    body = encode(problem(status, detail, code=code, errors=errors))
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    if status == 503:
        all_headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=all_headers)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Django REST framework's exception handler: every exception of a view becomes a problem."""
    exc = _translated(exc)
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if isinstance(exc, exceptions.ValidationError):
        body = problem(400, _("Some values are not valid; see the errors."), errors=list(flatten(exc.detail)))
    elif isinstance(exc, exceptions.NotFound):
        body = problem(404)
    elif isinstance(exc, exceptions.APIException):
        code = exc.get_codes()
        body = problem(exc.status_code, str(exc.detail), code=_code(exc.status_code, code))
        if getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
        if getattr(exc, "wait", None):
            headers["Retry-After"] = str(max(1, int(exc.wait)))  # type: ignore[attr-defined]
    else:
        body = _server_fault(exc, context.get("request"))
        if body["status"] == 503:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def server_fault(exc: Exception, request: HttpRequest) -> HttpResponse:
    """The answer to an exception outside Django REST framework: 503 without a database, else 500; logged."""
    body = _server_fault(exc, request)
    return problem_response(body["status"])


def flatten(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Django REST framework's nested error detail as a flat list of ``{"field", "message", "code"}``."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            name = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            yield from flatten(value, name)
    elif isinstance(detail, list):
        nested = any(isinstance(item, dict | list) for item in detail)
        for position, item in enumerate(detail):
            if nested and not item:
                continue
            yield from flatten(item, f"{path}.{position}" if nested and path else str(position) if nested else path)
    else:
        yield {"field": path or None, "message": str(detail), "code": getattr(detail, "code", None) or "invalid"}


def _translated(exc: Exception) -> Exception:
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return TooLarge()
    if isinstance(exc, UnreadablePostError):
        return exceptions.ParseError(str(_("The body ended before it was complete.")))
    return exc


def _code(status: int, code: Any) -> str:
    generic = {"error", "permission_denied", "authentication_failed", "parse_error", "not_authenticated"}
    return code if isinstance(code, str) and code not in generic else _CODES.get(status, "error")


def _server_fault(exc: Exception, request: Any) -> dict[str, Any]:
    path = getattr(request, "path", "?")
    if isinstance(exc, OperationalError | InterfaceError):
        logger.error("%s: the database does not answer: %s", path, exc)
        return problem(503)
    logger.exception("%s: %s", path, exc, exc_info=exc)
    # Django's own signal: error reporters and the test client listen to it.
    got_request_exception.send(sender=None, request=request)
    return problem(500)


class TooLarge(exceptions.APIException):
    """The body is larger than this address takes."""

    status_code = 413
    default_detail = _("The body is too large.")
    default_code = "too_large"
