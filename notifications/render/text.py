"""Makes text and times from elsewhere safe and plain to read in a mail."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Bidirectional controls can make a line read as another one; the rest hides or breaks words.
_DROPPED = ("Cf", "Cs", "Co", "Cn")
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):/+")
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


def clean(value: Any, limit: int = 200) -> str:
    """One line without control, format or bidirectional characters, at most ``limit`` long; "" for None."""
    if value is None:
        return ""
    text = str(value)
    # What is printable has none of them, and is nearly everything.
    text = " ".join((text if text.isprintable() else _visible(text)).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(text: str) -> str:
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(character)
    return "".join(kept)


def unlinked(value: Any, limit: int = 200) -> str:
    """``clean``, and nothing in it that a mail program would turn into a link: other people wrote it."""
    text = _SCHEME.sub(r"\1 ", clean(value, limit))
    return _DOMAIN_DOT.sub(". ", text).replace("@", " at ")


class Moment(NamedTuple):
    """One instant in words: with its zone, short, and inside a sentence; all empty where there is none."""

    full: str = ""
    short: str = ""
    inside: str = ""


def moment(value: Any, zone_name: Any, language: str) -> Moment:
    """An instant in the local time of the place, a bare date as a date.

    ``value`` is a datetime or ISO 8601 text; a zone that nobody knows is UTC, and says so.
    """
    if not value or not isinstance(value, str | date):
        return Moment()
    return _moment(value, str(zone_name or "UTC"), language)


# One instant is told to several readers, and one day ends many deadlines.
@lru_cache(maxsize=1024)
def _moment(value: str | date, zone_name: str, language: str) -> Moment:
    parsed = instant(value)
    if parsed is None:
        return Moment()
    if not isinstance(parsed, datetime):
        day = _day(parsed, language, short=False)
        return Moment(day, _day(parsed, language, short=True), day)
    try:
        local = parsed.astimezone(_zone(zone_name)) if parsed.tzinfo else parsed
    except OverflowError:  # the last day of the year 9999, by which some say that there is no end
        local = parsed
    zones = _zone_words(local, language)
    time = f"{'' if language == 'ko' else ','} {local.hour:02}:{local.minute:02}"
    day, short = (_day(local.date(), language, short) for short in (False, True))
    return Moment(day + time + zones.full, short + time + zones.short, day + time + zones.inside)


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


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _zone_words(local: datetime, language: str) -> Moment:
    """What follows the time: `` KST (UTC+09:00)``, `` KST`` and `` KST`` or ``(KST)``; nothing where it has no zone."""
    name, offset = local.tzname() or "", f"{local:%z}"
    if not offset:
        return Moment()
    shift = f"UTC{offset[:3]}:{offset[3:5]}"
    named = name if name.isalpha() else shift
    full = f" {named}" if named in (shift, "UTC") else f" {named} ({shift})"
    return Moment(full, f" {named}", f"({named})" if language == "ko" else f" {named}")


def _day(day: date, language: str, short: bool) -> str:
    if language == "ko":
        return f"{day.month}/{day.day}" if short else f"{day.year}년 {day.month}월 {day.day}일"
    return f"{day.day} {_MONTHS[day.month - 1]}" + ("" if short else f" {day.year}")


# Not strftime: that asks the server's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
