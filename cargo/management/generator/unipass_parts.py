"""What the answers of UNI-PASS share: the element around rows, and rows of named fields in Korean time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.sax.saxutils import escape

from cargo.management.generator.places import sheds_of

MEDIA_TYPE = "application/xml"
EXTENSION = "xml"
KST = timezone(timedelta(hours=9), "KST")
_OFFICE_DIGITS = 3


def answer(root: str, rows: list[tuple[str, dict[str, str]]]) -> bytes:
    """An answer of these rows, each with the name of its element; empty fields stand as empty elements."""
    parts = [
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{root}>\n<ntceInfo/>\n<tCnt>{len(rows)}</tCnt>\n'
    ]
    parts += [element(name, fields) for name, fields in rows]
    parts.append(f"</{root}>\n")
    return "".join(parts).encode()


def element(name: str, fields: dict[str, str]) -> str:
    """One row."""
    body = "".join(f"<{key}>{escape(value)}</{key}>\n" if value else f"<{key}/>\n" for key, value in fields.items())
    return f"<{name}>\n{body}</{name}>\n"


def local(at: int) -> datetime:
    """The Korean wall time."""
    return datetime.fromtimestamp(at, UTC).astimezone(KST)


def digits(at: int) -> str:
    """A time as the services write it: fourteen digits."""
    return local(at).strftime("%Y%m%d%H%M%S")


def day(at: int) -> str:
    """A day: eight digits."""
    return local(at).strftime("%Y%m%d")


def number(value: float) -> str:
    """A weight without needless zeros."""
    return f"{value:g}" if value < 1e5 else f"{value:.1f}".removesuffix(".0")


def office(port: str) -> str:
    """The three digits of the customs office at a Korean port or airport: its warehouses' codes begin with them."""
    return sheds_of(port, "terminal")[0].code[:_OFFICE_DIGITS]
