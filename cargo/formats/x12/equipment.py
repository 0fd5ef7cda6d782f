"""Boxes and other equipment, as N7, W2, MS2, VID and X4 name them.

Source: ASC X12 releases 004010 to 006020, data elements 40 (equipment description), 206, 207 and 761.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from cargo.domain.event import Reference
from cargo.formats.x12 import parts, times

# Element 40. A unit of any other kind is a container if its number looks like one.
_CONTAINERS = frozenset({"CC", "CL", "CN", "CU", "CZ", "20", "40", "2B", "4B"})
_CHASSIS = frozenset({"CB", "CH", "GS"})
_CONTAINER_NUMBER = re.compile(r"[A-Z]{3}[UJZ][0-9]{6,7}\Z")


class Equipment(msgspec.Struct):
    """One unit. ``cargo`` is whether it can hold cargo of its own (a chassis cannot); ``laden`` where that is told.

    ``segment`` is where in the transaction it is named (``N7@3``), for those that name several.
    """

    number: str
    container: bool
    cargo: bool
    size: str = ""
    laden: bool | None = None
    segment: str = ""
    seals: list[Reference] = []
    dates: list[tuple[int, str, times.Moment]] = []

    @property
    def references(self) -> tuple[Reference, ...]:
        """The container's number; that of a trailer or a rail car is one more reference of the sender's."""
        if not self.number:
            return ()
        return (Reference("container" if self.container else "own_reference", self.number),)

    @property
    def facts(self) -> dict[str, Any]:
        """The size type, where it is told."""
        return {"iso": self.size} if self.size and self.container else {}


def named(initial: str, number: str, check_digit: str, description: str, size: str) -> Equipment:
    """A unit by its owner's letters, number and check digit, its kind (element 40) and size type (element 24)."""
    value = parts.container(initial, number, check_digit).upper()
    kind = description.strip().upper()
    container = kind not in _CHASSIS and (kind in _CONTAINERS or _CONTAINER_NUMBER.match(value) is not None)
    return Equipment(value, container, kind not in _CHASSIS and bool(value), size.strip()[: parts.CODE_LENGTH])
