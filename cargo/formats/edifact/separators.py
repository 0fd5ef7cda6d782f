"""The six service characters of an interchange (UNA), and text brought to the standard ones.

Source: ISO 9735 (versions 1 to 4), service string advice. Whatever characters a sender chose, the readers see one
form: ``+`` between elements, ``:`` between components, ``'`` after a segment. A character that was released (``?+``)
and one that only looks like a standard separator become a mark (one of ``\\x01`` to ``\\x03``) until ``plain`` gives
the value back. Control characters and line ends are not data of EDIFACT and are left out, so that it does not matter
where a sender breaks his lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_MARKS = {"+": "\x01", ":": "\x02", "'": "\x03"}
# A value is one line: what UTF-8 can say besides of ends of lines is a space.
_PLAIN = str.maketrans({mark: character for character, mark in _MARKS.items()} | {"\u2028": " ", "\u2029": " "})
# Marks for a sender's own separators while the standard ones are put in their place.
_OWN_MARKS = "\x04\x05\x06\x07"
_RESERVED = frozenset("\x00\x01\x02\x03\x04\x05\x06\x07")
_CONTROLS = bytes(range(0x20)) + b"\x7f"
_SPACES_AFTER_SEGMENT = re.compile("' +")


class Separators(NamedTuple):
    """The service characters; ``release`` is a space where there is none."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"


STANDARD = Separators()


def advised(advice: str) -> Separators:
    """The characters that the six after ``UNA`` name.

    Raises ``ValueError`` with the reason where they cannot separate anything: letters and digits, characters that are
    not ASCII, two that are the same.
    """
    # The fifth is reserved, or repeats elements in version 4: nothing that is read here repeats.
    found = Separators(advice[0], advice[1], advice[2], advice[3], advice[5])
    decimal = found.decimal
    for name, character in zip(("component", "element", "release", "segment"), _used(found), strict=True):
        if name == "release" and character == " ":
            continue
        if character.isalnum() or character == " " or not character.isascii() or character in _RESERVED:
            raise ValueError(f"{character!r} cannot be the {name} separator")
    distinct = [character for character in (*_used(found), decimal) if character != " "]
    if len(set(distinct)) != len(distinct):
        raise ValueError(f"two separators are the same character in {advice!r}")
    return found


def _used(separators: Separators) -> tuple[str, str, str, str]:
    return separators.component, separators.element, separators.release, separators.terminator


class Form(NamedTuple):
    """How bytes written with some separators are brought to the standard ones, and how they are written again."""

    left_out: bytes
    released: re.Pattern[str] | None
    marks: dict[str, str]
    standard: dict[int, str] | None
    own: dict[int, str]
    written: dict[int, str]


@lru_cache(maxsize=256)
def form(separators: Separators) -> Form:
    """The tables for these separators."""
    release = separators.release if separators.release != " " else ""
    marks, own = dict(_MARKS), {}
    for character, mark in zip(_used(separators), _OWN_MARKS, strict=True):
        if character not in marks:
            marks[character] = mark
            own[ord(mark)] = character if character.isprintable() else ""
    standard: dict[int, str] | None = None
    if separators[:2] + separators[4:] != STANDARD[:2] + STANDARD[4:]:
        standard = {ord(character): mark for character, mark in _MARKS.items()}
        standard |= {
            ord(separators.element): "+",
            ord(separators.component): ":",
            ord(separators.terminator): "'",
        }
    written = {ord(mark): character for character, mark in _MARKS.items()}
    if release:
        reserved = set(_used(separators))
        written |= {ord(character): release + character for character in reserved - set("+:'")}
        written |= {ord(_MARKS[character]): release + character for character in reserved & set("+:'")}
    written |= {ord("+"): separators.element, ord(":"): separators.component, ord("'"): separators.terminator}
    kept = "".join(_used(separators)).encode("latin-1")
    return Form(
        left_out=bytes(byte for byte in _CONTROLS if byte not in kept),
        released=re.compile(re.escape(release) + "(.)", re.DOTALL) if release else None,
        marks=marks,
        standard=standard,
        own=own,
        written=written,
    )


def standard_text(raw: bytes, separators: Separators) -> str:
    """The bytes as text with the standard separators, one character a byte (the charset comes later)."""
    tables = form(separators)
    text = raw.translate(None, tables.left_out).decode("latin-1")
    releases = tables.released is not None and separators.release in text
    if tables.released is not None and releases:
        marks = tables.marks
        text = tables.released.sub(lambda found: marks.get(found[1], found[1]), text)
    if tables.standard is not None:
        text = text.translate(tables.standard)
    if releases:
        text = text.translate(tables.own)
    if "' " in text:
        text = _SPACES_AFTER_SEGMENT.sub("'", text)
    return text


def written_again(segment: str, separators: Separators) -> str:
    """A segment as its sender's separators write it, with the terminator."""
    return segment.translate(form(separators).written) + separators.terminator


def plain(value: str) -> str:
    """A value as it is meant, on one line: marks back to the characters that were released."""
    return value if value.isprintable() else value.translate(_PLAIN)
