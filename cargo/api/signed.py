"""The doors for senders that sign: partners by HMAC over time and body, carriers by DCSA's Notification-Signature.

The signature covers the bytes as they came, so they are read first and parsed never. A source that does not exist, one
that is switched off and a signature that does not fit give the same answer after the same work: nobody learns here
which sources there are.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from cargo.api.bodies import Refused, answered, body_of
from cargo.api.receive import SCOPE, accepted, keep, only_post, within_limit
from cargo.api.rendering import encode
from cargo.domain.signing import Claim, claim_of, keys_of
from cargo.formats.dcsa.signature import verify
from cargo.selectors.sources import Signing, keys_source, live_secrets, signature_headers
from clis.accounts.authentication import key_from_header
from clis.sealing import SealError, seal, unseal

logger = logging.getLogger("clis.api")

_CHALLENGE = {"WWW-Authenticate": 'Signature realm="CLIS"'}
# The standard's name of the header (DCSA Track & Trace 2.2, callbacks), and what carriers call it.
_NOTIFICATION_SIGNATURES = ("Notification-Signature", "X-Maersk-Signature-256")
# DCSA Track & Trace 3.0: POST /events with {"events": […]}, answered 200; 2.2 sends an array and wants 204.
_VERSION_2, _VERSION_3 = "2.2.0", "3.0.0"
_IS_VERSION_3 = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"events"\s*:')


@csrf_exempt
def push_signed(request: HttpRequest, slug: str) -> HttpResponse:
    """``POST /api/v1/sources/{slug}/messages/``: as ``push``, for a sender that signs; see ``cargo.domain.signing``.

    401 without a signature that fits the bytes, was made within five minutes, and by a secret that is still good.
    """
    return answered(request, lambda: _push_signed(request, slug))


def _push_signed(request: HttpRequest, slug: str) -> HttpResponse:
    only_post(request)
    claim = _claim(request)
    body = body_of(request)
    source_id = _signer(slug, "hmac", lambda row, key: claim.is_signed_with(key, body))
    if source_id is None:
        raise _refused()
    within_limit(source_id)
    return accepted(keep(source_id, body, request))


def _claim(request: HttpRequest) -> Claim:
    claim = claim_of(request.headers)
    if claim is None:
        detail = _("Sign the message: webhook-id, webhook-timestamp and webhook-signature, or X-CLIS-Signature.")
        raise Refused(401, detail, _CHALLENGE)
    if not claim.is_fresh(time.time()):
        raise Refused(401, _("The time stamp is more than five minutes from the time here."), _CHALLENGE)
    return claim


def _refused() -> Refused:
    return Refused(401, _("The signature is not one of this source over exactly these bytes."), _CHALLENGE)


def _signer(slug: str, scheme: str, fits: Callable[[Signing, bytes], bool]) -> int | None:
    """The source one of whose live secrets fits."""
    rows = live_secrets(slug, scheme, timezone.now())
    if not rows:
        # The same work for a source that there is not, under a secret that nobody knows.
        fits(Signing(0, "", ""), keys_of(unseal(seal(secrets.token_urlsafe(32))))[0])
    return next((row.source_id for row in rows if any(fits(row, key) for key in _keys(row))), None)


def _keys(row: Signing) -> Iterable[bytes]:
    try:
        return keys_of(unseal(row.sealed))
    except SealError as error:
        logger.error("a signing secret of source %s cannot be opened: %s", row.source_id, error)
        return ()


@csrf_exempt
def dcsa_callback(request: HttpRequest, slug: str) -> HttpResponse:
    """``POST /callbacks/dcsa/{slug}``: 204 for DCSA Track & Trace 2.2, 200 for 3.0, once the bytes are committed.

    ``HEAD`` is answered 204 for any address: some publishers ask before they subscribe.
    """
    return answered(request, lambda: _callback(request, slug, None))


@csrf_exempt
def dcsa_events(request: HttpRequest, slug: str) -> HttpResponse:
    """``POST /callbacks/dcsa/{slug}/events``: the address of DCSA Track & Trace 3.0, which adds ``/events`` itself."""
    return answered(request, lambda: _callback(request, slug, _VERSION_3))


def _callback(request: HttpRequest, slug: str, version: str | None) -> HttpResponse:
    if request.method == "HEAD":
        return HttpResponse(status=204)
    if request.method != "POST":
        raise Refused(405, _("Events are pushed with POST."), {"Allow": "HEAD, POST"})
    source_id, body = _notified(request, slug)
    within_limit(source_id)
    keep(source_id, body, request)
    if (version or _version(request, body)) == _VERSION_2:
        return HttpResponse(status=204, headers={"API-Version": _VERSION_2})
    answer = encode({"feedbackElements": []})
    return HttpResponse(answer, content_type="application/json", headers={"API-Version": _VERSION_3})


def _notified(request: HttpRequest, slug: str) -> tuple[int, bytes]:
    """Whose notification it is, and its bytes.

    3.0 leaves open how a producer shows who it is: a push key of the source will do in place of a signature.
    """
    if bearer := request.META.get("HTTP_AUTHORIZATION"):
        key = key_from_header(bearer)
        source_id = keys_source(key.pk, slug) if key is not None and key.viewer.may(SCOPE, writes=True) else None
        if source_id is not None:
            return source_id, body_of(request)
    body = body_of(request)
    header = _signature(request, slug)
    subscription = request.headers.get("Subscription-ID", "").strip()

    def fits(row: Signing, key: bytes) -> bool:
        return verify(key, body, header) and row.subscription in ("", subscription)

    signer = _signer(slug, "dcsa", fits)
    if signer is None:
        raise _refused()
    return signer, body


def _signature(request: HttpRequest, slug: str) -> str:
    """The one signature; of none and of several none can fit."""
    names = dict.fromkeys(name.title() for name in (*_NOTIFICATION_SIGNATURES, *signature_headers(slug)))
    given = [value for name in names if (value := request.headers.get(name)) is not None]
    return given[0] if len(given) == 1 else ""


def _version(request: HttpRequest, body: bytes) -> str:
    """By the header that both versions ask for, else by how the body begins."""
    said = request.headers.get("API-Version", "").strip()
    if said:
        return _VERSION_3 if said.split(".")[0] == "3" else _VERSION_2
    return _VERSION_3 if _IS_VERSION_3.match(body) else _VERSION_2
