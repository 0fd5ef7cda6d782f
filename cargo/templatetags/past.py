"""From when a report counted, for links to what was known then. ``{% load past %}``."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import template

from cargo.dashboard import dates

register = template.Library()


@register.filter
def counted_from(event: dict[str, Any]) -> str:
    """The first instant at which a report of the timeline counted (``cargo.domain.hindsight``), in UTC."""
    received, said = dates.instant(event.get("received_at")), _said_at(event)
    at = max((moment for moment in (received, said) if moment), default=None)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


@register.filter
def reported_from(event: dict[str, Any]) -> str:
    """The first instant at which its source had reported it, in UTC; empty if it does not say when."""
    at = _said_at(event)
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _said_at(event: dict[str, Any]) -> Any:
    if event.get("reported_at"):
        return dates.instant(event["reported_at"])
    return dates.instant(event.get("occurred_at")) if event.get("classifier") == "actual" else None
