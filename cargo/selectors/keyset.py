"""Where a page of an ordered list begins: an instant (or none) and a row's id, closed into a cursor."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from cargo.models import bulk
from cargo.selectors import BadCursor

FAR = "9999-12-31 00:00:00"


def instant(value: datetime) -> Any:
    """An instant as a parameter; SQLite compares it as text, and whole seconds lie there without a fraction."""
    if bulk.is_postgres():
        return value
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S" + (".%f" if value.microsecond else ""))


def close(order: str, place: Any, pk: int) -> str:
    """``place`` as text, as the database writes it; ``order`` names the list."""
    return urlsafe_b64encode(f"{order}|{place}|{pk}".encode()).decode().rstrip("=")


def open_(cursor: str, order: str) -> tuple[Any, int]:
    """The place as a parameter of raw SQL, and the id. Raises ``BadCursor`` for one that was not given out here."""
    place, number = _opened(cursor, order)
    try:
        instant = datetime.fromisoformat(place)
    except ValueError as error:
        raise BadCursor from error
    return (place if not bulk.is_postgres() else instant), number


def open_whole(cursor: str, order: str) -> tuple[int, int]:
    """The same for a list whose place is a whole number from zero. Raises ``BadCursor``."""
    place, number = _opened(cursor, order)
    if not place.isdigit() or int(place) >= 2**63:
        raise BadCursor
    return int(place), number


def _opened(cursor: str, order: str) -> tuple[str, int]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        name, place, number = text.split("|")
        if name != order or not number.isdigit() or not 0 < int(number) < 2**63:
            raise BadCursor
    except (ValueError, UnicodeError) as error:
        raise BadCursor from error
    return place, int(number)
