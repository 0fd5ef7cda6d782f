"""``POST /callbacks/sms/<provider>/``: where providers of texts report and pass answers on.

204 once it is written down, also when it was told before; 401 for whoever does not show that he is the provider, and
nothing changes; 400 for what cannot be read; 503 for what may be of a text that is still being sent, and is to be told
again in a minute.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications import text_callbacks
from notifications.transports.sms import reports

logger = logging.getLogger(__name__)

BODY_LIMIT = 256 * 1024


@csrf_exempt
@require_POST
def sms_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """One call of a provider. The address signed by Twilio is the public one, whatever a proxy made of it."""
    if provider not in reports.PROVIDERS:
        return HttpResponse(status=401)
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        return HttpResponse(status=413)
    try:
        body = request.body
    except (OSError, RawPostDataException):
        return HttpResponse(status=400)
    if len(body) > BODY_LIMIT:
        return HttpResponse(status=413)
    try:
        told = reports.read(provider, settings.BASE_URL + request.get_full_path(), request.headers, body)
    except reports.ForgedError:
        logger.warning("a call of %s was not signed by it", provider)
        return HttpResponse(status=401)
    except reports.UnreadableError as error:
        logger.warning("a call of %s cannot be read: %s", provider, error)
        return HttpResponse(status=400)
    try:
        text_callbacks.take(provider, told, timezone.now())
    except text_callbacks.EarlyError:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return HttpResponse(status=204)
