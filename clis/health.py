"""Is the process up, and is the work getting done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cargo.models import InboundMessage, InspectionDue, Intake, ProjectionDue, Source, TrackingUpdate, bulk
from cargo.models.linking import aware
from notifications.models import Delivery


def _oldest(sql: str, *parameters: object) -> datetime | None:
    """The instant that a statement gives. States stand in its text: a partial index serves no parameter on SQLite."""
    rows = bulk.execute(sql, parameters)
    return aware(rows[0][0]) if rows and rows[0][0] else None


def _inbox() -> datetime | None:
    return _oldest(
        f"SELECT received_at FROM {InboundMessage._meta.db_table} WHERE state = 'received' ORDER BY id LIMIT 1"
    )


def _intakes() -> datetime | None:
    now = bulk.moment(timezone.now())
    return _oldest(
        f"SELECT MIN(i.next_at) FROM {Intake._meta.db_table} i JOIN {Source._meta.db_table} s ON s.id = i.source_id "
        "WHERE i.active AND s.active AND i.next_at <= %s AND (i.leased_until IS NULL OR i.leased_until < %s)",
        now,
        now,
    )


def _projections() -> datetime | None:
    return _oldest(f"SELECT MIN(since) FROM {ProjectionDue._meta.db_table}")


def _inspections() -> datetime | None:
    now = bulk.moment(timezone.now())
    return _oldest(f"SELECT MIN(inspect_at) FROM {InspectionDue._meta.db_table} WHERE inspect_at <= %s", now)


def _updates() -> datetime | None:
    table = TrackingUpdate._meta.db_table
    return _oldest(f"SELECT recorded_at FROM {table} WHERE fanned_out_at IS NULL ORDER BY id LIMIT 1")


def _deliveries() -> datetime | None:
    return _oldest(f"SELECT MIN(created_at) FROM {Delivery._meta.db_table} WHERE state IN ('pending', 'sending')")


# Stage -> since when its oldest unfinished item is owed, or None if nothing is; one statement each.
STAGES: dict[str, Callable[[], datetime | None]] = {
    "intakes": _intakes,
    "inbox": _inbox,
    "projections": _projections,
    "inspections": _inspections,
    "updates": _updates,
    "deliveries": _deliveries,
}


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
    except (DatabaseError, InterfaceError):
        return JsonResponse({"database": "unreachable", "stages": {}}, status=503)
    ages = {stage: {"oldest_seconds": _seconds(at, now)} for stage, at in since.items()}
    return JsonResponse({"database": "ok", "stages": ages})


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round(max(0.0, (now - since).total_seconds()), 1)
