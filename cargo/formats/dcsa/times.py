"""Times in more shapes than RFC 3339."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_SECONDS_60 = re.compile(r"(T\d{2}:\d{2}):60")
_HOUR_24 = re.compile(r"T24:00(:00(\.0+)?)?")
_LONGEST = 64


def moment(text: str) -> datetime | None:
    """The time, with its offset if it has one (leap seconds and 24 o'clock moved on), or ``None`` if it is none."""
    value, extra = text[:_LONGEST].strip(), timedelta()
    if _SECONDS_60.search(value):
        value, extra = _SECONDS_60.sub(r"\1:59", value), timedelta(seconds=1)
    elif _HOUR_24.search(value):
        value, extra = _HOUR_24.sub("T00:00:00", value), timedelta(days=1)
    try:
        return datetime.fromisoformat(value) + extra
    except (ValueError, OverflowError):
        return None
