"""Where in a message's bytes a place is that a decoder named, so that a person sees what it could not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cargo import formats

_SEGMENT = re.compile(r"(message \d+, segment \d+) \S+\Z")
_LINE = re.compile(r"line (\d{1,9})\Z")
_SHORTEST = 4


def marked(form: str, body: bytes, positions: Iterable[str]) -> list[tuple[int, int]]:
    """Begin and end of these places, in order and apart from each other; what cannot be found is left out."""
    found = (_found(form, body, position) for position in positions)
    apart: list[tuple[int, int]] = []
    for begin, end in sorted(place for place in found if place is not None):
        if not apart or begin >= apart[-1][1]:
            apart.append((begin, end))
    return apart


def _found(form: str, body: bytes, position: str) -> tuple[int, int] | None:
    line = _LINE.match(position)
    if line is not None:
        return _line(body, int(line.group(1)))
    for place in _ever_wider(position):
        try:
            piece = formats.slice(form, body, place)
        except formats.FormatError:
            continue
        lines = piece.splitlines()
        # A slice may begin with a header from elsewhere, as a table's does.
        for text in (piece, lines[-1] if lines else b""):
            at = body.find(text) if len(text) >= _SHORTEST and len(text) < len(body) else -1
            if at >= 0:
                return at, at + len(text)
    return None


def _ever_wider(position: str) -> Iterator[str]:
    """The place itself, then what it is in: decoders name a field, and slices are of whole elements."""
    yield position
    segment = _SEGMENT.match(position)
    if segment is not None:
        yield segment.group(1)
    while "/" in position[1:]:
        position = position.rpartition("/")[0]
        yield position


def _line(body: bytes, number: int) -> tuple[int, int] | None:
    begin = 0
    for count, text in enumerate(body.splitlines(keepends=True), start=1):
        if count == number:
            return begin, begin + len(text.rstrip(b"\r\n"))
        begin += len(text)
    return None
