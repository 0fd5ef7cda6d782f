"""Lengths of time, months and shares as the lead-time pages write them. ``{% load lead_times %}``."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

from cargo.dashboard import lead_time_words
from cargo.templatetags.clis import language

register = template.Library()
_HOUR = 3600


@register.filter
def hours(seconds: float) -> str:
    """Hours to a tenth, grouped by thousands."""
    return number_format(seconds / _HOUR, 1, use_l10n=True, force_grouping=True)


@register.filter
def length(seconds: float, clock: str = "elapsed") -> str:
    """In its two largest units: ``2 d 4 h``. A working day is no 24 hours, so working time is never told in days."""
    return lead_time_words.length(seconds, language(), days=clock != "working")


@register.filter
def whole(number: int) -> str:
    """A count, grouped by thousands."""
    return number_format(number, 0, use_l10n=True, force_grouping=True)


@register.filter
def share(value: float) -> str:
    """A share of one in percent, to a whole number."""
    return f"{value * 100:.0f} %"


@register.filter
def stage_word(code: str) -> str:
    """What a stage is called."""
    return lead_time_words.stage(code, language())


@register.filter
def dimension_word(value: str, name: str) -> str:
    """A value of a dimension: ``{{ row.channel|dimension_word:"channel" }}``; nothing where it is not known."""
    return lead_time_words.value(name, value, language()) if value else ""


@register.simple_tag
def month_word(month: str, short: bool = False) -> str:
    """``2026-03`` as ``Mar 2026``; short without the year."""
    return lead_time_words.month(month, language(), short=bool(short))
