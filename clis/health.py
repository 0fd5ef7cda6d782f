"""Is the process up, and is the work getting done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Stage -> since when its oldest unfinished item is owed, or None if nothing is.
STAGES: dict[str, Callable[[], datetime | None]] = {}


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. Touches nothing: a slow database must not get the web restarted."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """``{"database": "ok", "stages": {name: {"oldest_seconds": number or null}}}``; 503 without the database.

    A backlog is told and is no reason for 503: taking the web away would not shorten it.
    """
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        since = {stage: oldest() for stage, oldest in STAGES.items()}
    except DatabaseError:
        return JsonResponse({"database": "unreachable", "stages": {}}, status=503)
    ages = {stage: {"oldest_seconds": _seconds(at, now)} for stage, at in since.items()}
    return JsonResponse({"database": "ok", "stages": ages})


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round(max(0.0, (now - since).total_seconds()), 1)
