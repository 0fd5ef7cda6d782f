"""The ISA segment: who sends, and which characters separate what follows.

Source: ASC X12.5 (interchange control structures), releases 00401 and 00501. ISA has a fixed width in the standard and
not in practice, so its separators are found by counting elements: the element separator follows ``ISA``, the component
separator is element 16, and the character after it ends every segment. ISA11 is the repetition separator from
release 00402 on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cargo.domain.event import FormatError

ELEMENTS = 16
# ISA has 105 characters in the standard; what is longer than this is something else.
LONGEST = 2000
_FIRST_REPEATING_RELEASE = "00402"
_PADDING = re.compile(rb"[\xef\xbb\xbf \t\r\n\x00\x0b\x0c\x1a]+")
_LINE_ENDS = b"\r\n"


class Header(NamedTuple):
    """What ISA says. The separators are one character each; ``component`` and ``repetition`` may be missing.

    ``length`` counts the bytes up to and with the segment terminator. ``elements`` are ISA01 to ISA15, stripped.
    """

    element: str
    component: str | None
    repetition: str | None
    segment: str
    length: int
    elements: tuple[str, ...]

    @property
    def control(self) -> str:
        """ISA13, the interchange control number."""
        return self.elements[12]


def padding(data: bytes, at: int = 0) -> int:
    """How many bytes from ``at`` on say nothing: white space, a byte order mark, an end-of-file character."""
    found = _PADDING.match(data, at)
    return len(found[0]) if found else 0


def is_interchange(data: bytes) -> bool:
    """Whether these bytes (their beginning is enough) look like an X12 interchange."""
    head = data[: LONGEST + 100]
    try:
        read_header(head[padding(head) :])
    except FormatError:
        return False
    return True


def read_header(data: bytes) -> Header:
    """Read ISA at the very beginning of ``data``. Raises ``FormatError`` where it is none."""
    if data[:3] != b"ISA":
        raise FormatError("not an X12 interchange: there is no ISA segment", "ISA")
    separator = data[3:4]
    if not _separates(separator):
        raise FormatError("the element separator is missing, or a letter, digit or space", "ISA")
    at = 3
    for number in range(1, ELEMENTS):
        at = data.find(separator, at + 1, LONGEST)
        if at < 0:
            raise FormatError(f"the segment ends before element {number + 1} of {ELEMENTS}", "ISA")
    given = data[4:at].split(separator)
    component, segment, length = _ending(data, at + 1)
    if segment == separator:
        raise FormatError("the segment terminator is also the element separator", "ISA")
    elements = tuple("".join(filter(str.isprintable, part.decode("latin-1"))).strip() for part in given)
    return Header(
        element=separator.decode("latin-1"),
        component=component.decode("latin-1") if component and component != separator else None,
        repetition=_repetition(elements),
        segment=segment.decode("latin-1"),
        length=length,
        elements=elements,
    )


def _ending(data: bytes, at: int) -> tuple[bytes | None, bytes, int]:
    """Component separator, segment terminator and where the next segment begins; ISA16 stands at ``at``."""
    component, terminator = data[at : at + 1], data[at + 1 : at + 2]
    if not _separates(component, line_ends=True):
        raise FormatError("the component separator is missing, or a letter, digit or space", "ISA16")
    # ISA16 left out: what stands in its place ends the segment.
    if component in _LINE_ENDS or not terminator or terminator.isalnum() or terminator == b" ":
        return None, component, at + 1
    if terminator in _LINE_ENDS and _line_ends_with(data, at + 2, component):
        return None, component, at + 1
    return component, terminator, at + 2


def _line_ends_with(data: bytes, at: int, character: bytes) -> bool:
    """Whether the line after ISA ends with this character, which then ends segments and separates no components."""
    line = data[at : at + LONGEST].lstrip(_LINE_ENDS).splitlines()[:1]
    return bool(line) and line[0].rstrip().endswith(character)


def _repetition(elements: tuple[str, ...]) -> str | None:
    character, release = elements[10], elements[11]
    if release >= _FIRST_REPEATING_RELEASE and len(character) == 1 and not character.isalnum():
        return character
    return None


def _separates(character: bytes, *, line_ends: bool = False) -> bool:
    if not character or character.isalnum() or character == b" ":
        return False
    return line_ends or character not in _LINE_ENDS
