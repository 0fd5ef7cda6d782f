"""Documents with validators: ETag, 304, and the stored compressed form where it is taken."""

from __future__ import annotations

import re
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from cargo.selectors import shipments
from clis.accounts.authentication import Claim
from clis.accounts.scoping import Viewer

# A version as it is written in a tag, not any way of writing that number.
_TAG_VERSION = re.compile(r'(?:W/)?"v([1-9][0-9]{0,17})(?:\.gz)?"')
_NOT_WANTED = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*\Z", re.IGNORECASE)


def conditional_document(request: HttpRequest | Request, viewer: Viewer, shipment_id: int) -> HttpResponse:
    """The stored document with its validators, or 304. Raises ``NotFound``."""
    return _answer(shipments.document_bytes(viewer, shipment_id, _takes_gzip(request), _known(request)))


def conditional_document_for_key(request: HttpRequest, claim: Claim, needed: str, shipment_id: int) -> HttpResponse:
    """The same for the key that a header claims. Raises ``NotFound``, also for a key that is refused."""
    return _answer(shipments.document_for_key(claim, needed, shipment_id, _takes_gzip(request), _known(request)))


def conditional_body(request: HttpRequest | Request, body: bytes) -> HttpResponse:
    """JSON with the hash of its bytes as ETag: the reader saves the transfer."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return with_validators(HttpResponse(status=304), tag)
    return with_validators(HttpResponse(body, content_type="application/json"), tag)


def _answer(document: shipments.Document) -> HttpResponse:
    if document.unchanged:
        return with_validators(HttpResponse(status=304), f'"v{document.version}"')
    response = HttpResponse(document.body, content_type="application/json")
    if document.gzipped:
        response["Content-Encoding"] = "gzip"
    return with_validators(response, f'"v{document.version}{".gz" if document.gzipped else ""}"')


def _known(request: HttpRequest | Request) -> list[int] | None:
    """The versions that If-None-Match names; ``None``: whichever there is."""
    tags = request.META.get("HTTP_IF_NONE_MATCH", "")
    if tags.strip() == "*":
        return None
    return [int(version) for version in _TAG_VERSION.findall(tags)]


def _takes_gzip(request: HttpRequest | Request) -> bool:
    """Accept-Encoding names gzip and does not give it the weight 0 (RFC 9110 section 12.5.3)."""
    for coding in request.META.get("HTTP_ACCEPT_ENCODING", "").split(","):
        if coding.partition(";")[0].strip().lower() == "gzip":
            return _NOT_WANTED.search(coding) is None
    return False


def with_validators(response: HttpResponse, tag: str) -> HttpResponse:
    """What lets a reader ask again cheaply, and keeps shared caches from answering for us."""
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Accept-Encoding", "Authorization", "Cookie"))
    return response
