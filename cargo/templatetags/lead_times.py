"""Lengths of time and shares as the lead-time page writes them. ``{% load lead_times %}``."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()
_HOUR = 3600


@register.filter
def hours(seconds: float) -> str:
    """Hours to a tenth, grouped by thousands."""
    return number_format(seconds / _HOUR, 1, use_l10n=True, force_grouping=True)


@register.filter
def share(value: float) -> str:
    """A share of one in percent, to a whole number."""
    return f"{value * 100:.0f} %"
