"""Icons, identifiers, times and words for templates. ``{% load clis %}``."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cargo.dashboard import dates, looks, reasons, terms, wording
from clis.accounts.scoping import memberships_of, viewer_of

register = template.Library()
_TABLES: dict[str, dict[str, terms.Pair]] = {
    "statuses": terms.STATUSES,
    "customs_states": terms.CUSTOMS_STATES,
    "lights": terms.LIGHTS,
    "light_states": terms.LIGHT_STATES,
    "responsible": terms.RESPONSIBLE,
    "next_actions": terms.NEXT_ACTIONS,
    "hold_kinds": terms.HOLD_KINDS,
    "cleared_by": terms.CLEARED_BY,
    "deadlines": terms.DEADLINES,
    "deadline_bases": terms.DEADLINE_BASES,
    "reference_types": terms.REFERENCE_TYPES,
    "levels": terms.LEVELS,
    "classifiers": terms.CLASSIFIERS,
    "time_bases": terms.TIME_BASES,
    "authorities": terms.AUTHORITIES,
    "modes": terms.MODES,
}


def language() -> str:
    """``ko`` or ``en``."""
    return "ko" if (get_language() or "en").startswith("ko") else "en"


@lru_cache(maxsize=256)
def _svg(name: str, css: str, size: int | None) -> str:
    sized = {} if size is None else {"width": size, "height": size}
    text: str = lucide._render_icon(
        name, None, **{"class": f"icon {css}".strip(), "aria-hidden": "true", "focusable": "false", **sized}
    )
    return text


@register.simple_tag
def icon(name: str, css: str = "", size: int | None = None) -> SafeString:
    """A lucide icon, decorative: the words beside it say what it means."""
    return mark_safe(_svg(str(name), str(css), size))


@register.simple_tag
def identifier(value: str | None, kind: str | None = None, copy: bool = True) -> str:
    """A number in groups as people read it, copied whole by selection and by its button."""
    if not value:
        return ""
    parts = format_html_join("", "<span>{}</span>", ((part,) for part in looks.groups(str(value), kind)))
    text = format_html('<data class="ident-text" value="{}">{}</data>', value, parts)
    if not copy:
        return text
    button = format_html(
        '<button class="copy needs-script" type="button" data-copy="{}" aria-label="{}" title="{}">{}</button>',
        value,
        _("Copy %(number)s") % {"number": value},
        _("Copy"),
        icon("copy"),
    )
    return format_html('<span class="ident above">{}{}</span>', text, button)


@register.filter
def term(code: str | None, table: str) -> str:
    """The word for a code: ``{{ row.status|term:"statuses" }}``."""
    return terms.word(_TABLES[table], code, language())


@register.filter
def milestone(code: str | None, mode: str | None = None) -> str:
    """The label of a milestone; with the mode the Korean air terms."""
    return terms.milestone(code, language(), mode)


@register.filter
def hold_word(hold: dict[str, Any]) -> str:
    """What kind of hold: by its milestone's label if it has one, else by its kind."""
    label = terms.milestone(hold.get("milestone"), language()) if hold.get("milestone") else ""
    return label or terms.word(terms.HOLD_KINDS, hold.get("kind"), language())


@register.filter
def agency_word(hold: dict[str, Any]) -> str:
    """Who holds: the agency's name in the reader's language, else as the source named it."""
    code = hold.get("agency")
    return (
        terms.word(terms.AUTHORITIES, code, language()) if code in terms.AUTHORITIES else hold.get("name") or code or ""
    )


@register.simple_tag
def place(code: str | None, name: str | None = None) -> str:
    """A place in the reader's language: its Korean name if it is well known, else its name, else its code."""
    return terms.place(code, name, language())


@register.simple_tag
def moment(value: str | datetime | None, zone: str | None = None, clock_only: bool = False) -> str:
    """A machine-readable time, local to the place, with the zone's name: ``24 Mar, 09:30 Korean time``."""
    at = dates.instant(value)
    if at is None:
        return day(value) if value else ""
    local = at.astimezone(dates.zone_info(zone))
    words = dates.clock(at, zone)
    if not clock_only:
        joint = " " if language() == "ko" else ", "
        words = dates.day(local.date(), language(), dates.local_day(timezone.now(), zone)) + joint + words
    return format_html(
        '<span class="moment"><time datetime="{}" title="{}">{}</time> <span class="zone">{}</span></span>',
        local.isoformat(),
        _("%(time)s UTC") % {"time": at.astimezone(dates.zone_info("UTC")).strftime("%Y-%m-%d %H:%M")},
        words,
        dates.zone_words(at, zone, language()),
    )


@register.simple_tag
def day(value: str | date | datetime | None, zone: str | None = None) -> str:
    """A machine-readable day."""
    found = dates.local_day(value, zone)
    if found is None:
        return ""
    words = dates.day(found, language(), dates.local_day(timezone.now(), zone))
    return format_html('<time class="nowrap" datetime="{}">{}</time>', found.isoformat(), words)


@register.simple_tag(takes_context=True)
def age(context: dict[str, Any], value: str | datetime | None) -> str:
    """How long ago, machine-readable: ``3 h ago``; on a page of the past, then."""
    at = dates.instant(value)
    if at is None:
        return ""
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        _("%(time)s UTC") % {"time": at.astimezone(dates.zone_info("UTC")).strftime("%Y-%m-%d %H:%M")},
        dates.ago(at, context.get("past_at") or timezone.now(), language()),
    )


@register.simple_tag(takes_context=True)
def left(context: dict[str, Any], value: str | date | datetime | None, zone: str | None = None) -> str:
    """Days left with their tone: over and the last day need you, three days and less warn; in the past, of then."""
    due = dates.local_day(value, zone)
    if due is None:
        return ""
    today = dates.local_day(context.get("past_at") or timezone.now(), zone) or due
    days = (due - today).days
    tone = "bad" if days <= 0 else "warn" if days <= 3 else "still"
    return format_html('<span class="left" data-tone="{}">{}</span>', tone, dates.days_left(due, today, language()))


@register.simple_tag
def drift(first: datetime | str | None, latest: datetime | str | None) -> str:
    """How far an estimate moved from the first one; nothing under half a day."""
    before, after = dates.instant(first), dates.instant(latest)
    words = dates.drift(before, after, language()) if before and after else ""
    if not words or before is None or after is None:
        return ""
    return format_html('<span class="drift-{}">{}</span>', "late" if after > before else "early", words)


@register.simple_tag
def chip(status: str | None, customs_state: str | None = None, open_holds: int = 0) -> str:
    """The one chip of a shipment: icon and words; only what is wrong is filled."""
    table, code, tone, name = looks.status_look(status, customs_state, open_holds)
    bare = "" if tone in ("bad", "warn") or code in looks.FREE else " chip-bare"
    return format_html(
        '<span class="chip{}" data-tone="{}">{}{}</span>',
        bare,
        tone,
        icon(name),
        terms.word(_TABLES[table], code, language()),
    )


@register.simple_tag
def track(status: str | None, customs_state: str | None = None, open_holds: int = 0) -> str:
    """The journey in small: solid is behind, outlined lies ahead. The chip beside it says the same in words."""
    at = looks.stage(status, customs_state)
    tone = looks.status_look(status, customs_state, open_holds)[2]
    ways, dots = [], []
    for index in range(len(looks.STAGES)):
        x = 6 + index * 21
        if index:
            ways.append(
                format_html('<path class="{}" d="M{} 7H{}"/>', "way" if index <= at else "way-ahead", x - 21, x)
            )
        kind = "done" if index < at else "here" if index == at else "ahead"
        radius = "5" if kind == "here" else "3.25"
        dots.append(format_html('<circle class="{}" cx="{}" cy="7" r="{}"/>', kind, x, radius))
    return format_html(
        '<svg class="track" data-tone="{}" width="96" height="14" viewBox="0 0 96 14" aria-hidden="true">{}</svg>',
        tone,
        format_html_join("", "{}", ((part,) for part in ways + dots)),
    )


@register.simple_tag(takes_context=True)
def move_words(context: dict[str, Any], item: dict[str, Any]) -> dict[str, str]:
    """Who must do what, as the reader says it, with the tone of whose move it is."""
    who, what = wording.move(item, language(), role_of(context.get("request")))
    tone = "bad" if wording.yours(item) else "warn" if item.get("state") == "blocked" else "info"
    return {"who": who, "what": what, "tone": tone}


def role_of(request: HttpRequest | None) -> str | None:
    """The kind of the organization that the reader acts for."""
    membership = _acting(request)
    return membership.organization.kind if membership else None


def _acting(request: HttpRequest | None) -> Any:
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return None
    wanted = viewer_of(request).organization_id
    return next((row for row in memberships_of(request) if row.organization_id == wanted), None)


@register.filter
def reason(text: str | None) -> str:
    """Why something could not be read, in the reader's language where that is known."""
    return reasons.reason(str(text or ""))


@register.filter
def position(text: str | None) -> str:
    """Where in a table something stands, in the reader's language."""
    return reasons.position(str(text or ""))


@register.filter
def get(mapping: dict[str, Any] | None, key: str) -> Any:
    """A value by a key that the template holds in a variable."""
    return (mapping or {}).get(key)
