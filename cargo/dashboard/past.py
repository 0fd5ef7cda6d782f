"""The page of a shipment as of an earlier time: what was asked for, and how it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cargo.dashboard import dates
from cargo.domain.hindsight import BASES, RECEIVED

# How a form's date and time are written (HTML, "local date and time string").
_FORM = "%Y-%m-%dT%H:%M"


class Asked(NamedTuple):
    """As of when (aware; ``None``: now), by receipt or by report, and what was wrong with the asking."""

    at: datetime | None = None
    by: str = RECEIVED
    error: str = ""


NOW = Asked()


def asked(query: QueryDict) -> Asked:
    """What the address asks for. A time without an offset, as a form sends it, is in the reader's own zone."""
    text = query.get("as_of", "").strip()
    by = query.get("by", RECEIVED)
    by = by if by in BASES else RECEIVED
    if not text:
        return Asked(None, by)
    # In a query string an unescaped plus sign arrives as a space.
    try:
        at = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        at = at.replace(tzinfo=timezone.get_current_timezone()) if at and at.tzinfo is None else at
        # Years at the edge have no instant in every zone.
        found = at.astimezone(timezone.get_current_timezone()) if at else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        return Asked(None, by, _("Give a date and a time."))
    # What has not passed is now.
    return Asked(found if found < timezone.now() else None, by)


def context(wanted: Asked, document: dict[str, Any]) -> dict[str, Any]:
    """What the banner and the form show; a page of the past does not change by itself."""
    now = timezone.localtime()
    shown = wanted.at or now
    registered = dates.instant((document.get("as_of") or {}).get("registered_at"))
    return {
        "live": wanted.at is None,
        "past": wanted.at is not None,
        "past_at": wanted.at,
        "past_by": wanted.by,
        "past_error": wanted.error,
        "past_query": urlencode({"as_of": wanted.at.isoformat(), "by": wanted.by}) if wanted.at else "",
        "past_value": f"{shown.replace(tzinfo=None).isoformat(timespec='seconds')}",
        "past_latest": now.strftime(_FORM),
        "past_zone": timezone.get_current_timezone_name(),
        "past_unregistered": registered is not None and wanted.at is not None and wanted.at < registered,
    }
