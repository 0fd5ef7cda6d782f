"""An EPCIS event's fields, read from JSON without trusting any."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

_UNSAFE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])\Z")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LONGEST = 500


def text(value: Any) -> str:
    """A short text without control characters; empty for anything else."""
    return _UNSAFE.sub("\ufffd", value[:_LONGEST]).strip() if isinstance(value, str) else ""


def texts(value: Any) -> Iterator[str]:
    """The texts of a list."""
    for item in value if isinstance(value, list) else ():
        found = text(item)
        if found:
            yield found


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list, or the one that stands where a list should."""
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, dict):
            yield item


def number(value: Any) -> float | int | None:
    """A finite number, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def kind_of(event: dict[str, Any]) -> str:
    """The event's type without its namespace; drafts of 2.0 called it ``isA``, JSON-LD ``@type``."""
    said = text(event.get("type") or event.get("isA") or event.get("@type"))
    return re.split(r"[/:#]", said)[-1]


def moment(value: Any) -> datetime | None:
    """A time of RFC 3339, with its offset if it has one; ``None`` for what is none or cannot be."""
    said = text(value)
    try:
        found = datetime.fromisoformat(said) if len(said) > 10 else None
    except ValueError:
        return None
    return found if found is not None and _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def offset(value: Any) -> timezone | None:
    """``eventTimeZoneOffset``: hours and minutes from UTC at the place of the event."""
    found = _OFFSET.match(text(value))
    if found is None:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-away if found[1] == "-" else away)
