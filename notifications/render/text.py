"""Makes text and times from elsewhere safe and plain to read in a mail."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Bidirectional controls can make a line read as another one; the rest hides or breaks words.
_DROPPED = ("Cf", "Cs", "Co", "Cn")
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):/+")
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


def clean(value: Any, limit: int = 200) -> str:
    """One line without control, format or bidirectional characters, at most ``limit`` long; "" for None."""
    if value is None:
        return ""
    kept = []
    for character in str(value):
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(character)
    text = " ".join("".join(kept).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def unlinked(value: Any, limit: int = 200) -> str:
    """``clean``, and nothing in it that a mail program would turn into a link: other people wrote it."""
    text = _SCHEME.sub(r"\1 ", clean(value, limit))
    return _DOMAIN_DOT.sub(". ", text).replace("@", " at ")


def moment(value: Any, zone_name: Any, language: str, short: bool = False) -> str:
    """An instant in the local time of the place, with its zone; a bare date as a date; "" when there is none.

    ``value`` is a datetime or ISO 8601 text; a zone that nobody knows is UTC, and says so.
    """
    parsed = instant(value)
    if parsed is None:
        return ""
    if not isinstance(parsed, datetime):
        return _day(parsed, language, short)
    local = parsed.astimezone(_zone(zone_name)) if parsed.tzinfo else parsed
    return (
        f"{_day(local.date(), language, short)}{'' if language == 'ko' else ','} {local:%H:%M}{_suffix(local, short)}"
    )


def sentence_moment(value: Any, zone_name: Any, language: str) -> str:
    """The same inside a sentence: ``24 Mar 2026, 09:30 KST``, ``2026년 3월 24일 09:30(KST)``; without a second zone."""
    parsed = instant(value)
    if parsed is None:
        return ""
    if not isinstance(parsed, datetime):
        return _day(parsed, language, short=False)
    local = parsed.astimezone(_zone(zone_name)) if parsed.tzinfo else parsed
    zone = _suffix(local, short=True).strip()
    if language == "ko":
        return f"{_day(local.date(), language, False)} {local:%H:%M}{f'({zone})' if zone else ''}"
    return f"{_day(local.date(), language, False)}, {local:%H:%M} {zone}".rstrip()


def instant(value: Any) -> date | datetime | None:
    """A datetime, a date, or their ISO 8601 text; None for anything else."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not value:
        return None
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return None


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _suffix(local: datetime, short: bool) -> str:
    name, offset = local.tzname() or "", f"{local:%z}"
    if not offset:
        return ""
    shift = f"UTC{offset[:3]}:{offset[3:5]}"
    named = name if name.isalpha() else shift
    return f" {named}" if short or named in (shift, "UTC") else f" {named} ({shift})"


def _day(day: date, language: str, short: bool) -> str:
    if language == "ko":
        return f"{day.month}/{day.day}" if short else f"{day.year}년 {day.month}월 {day.day}일"
    return f"{day.day} {_MONTHS[day.month - 1]}" + ("" if short else f" {day.year}")


# Not strftime: that asks the server's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
