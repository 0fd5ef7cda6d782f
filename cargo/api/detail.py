"""The quick door to one shipment, for programs that poll it.

The stored document is served as it lies: one statement for the key and the document, and none of the middleware that
pages need (sessions, languages, messages). Measured, those and the REST framework cost twice what the look-up does.
Whatever is unusual (a session instead of a key, parameters, a refusal, a stranger) goes on to the view, which says so
in the API's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cargo.api.conditional import conditional_document_for_key
from cargo.selectors import NotFound
from clis.accounts.authentication import claim_from_header

SCOPE = "shipments:read"
_ADDRESS = re.compile(r"/api/v1/shipments/([0-9]{1,18})/\Z")


class QuickDoor:
    """Middleware: answers ``GET /api/v1/shipments/{id}/`` with a live key; lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The document with its ETag, 304, or what the rest of the stack says."""
        if request.method == "GET" and not request.META.get("QUERY_STRING") and _takes_json(request):
            found = _ADDRESS.match(request.path_info)
            if found is not None:
                answer = _served(request, int(found[1]))
                if answer is not None:
                    return answer
        return self.get_response(request)


def _takes_json(request: HttpRequest) -> bool:
    accept = request.META.get("HTTP_ACCEPT", "*/*")
    return "*/*" in accept or "application/json" in accept


def _served(request: HttpRequest, shipment_id: int) -> HttpResponseBase | None:
    claim = claim_from_header(request.META.get("HTTP_AUTHORIZATION", ""))
    if claim is None:
        return None
    try:
        response = conditional_document_for_key(request, claim, SCOPE, shipment_id)
    except (NotFound, DatabaseError):
        return None
    if response.status_code == 200:
        response["Content-Length"] = str(len(response.content))
    return response
