"""Manifests and bills of lading, as M10, M11, M13, M14 and X4 name them.

Source: ASC X12 releases 003020 to 006050, segments M10, M11, M13, M14. A bill's number and the code of who issued it
stand apart; people know it with and without that code, so both are given. Where a second bill is named, it is the
master of the first.
"""

from __future__ import annotations

from typing import NamedTuple

from cargo.domain.event import Reference, Transport
from cargo.formats.x12 import codes, parts


class Bill(NamedTuple):
    """A bill's numbers; ``house`` is whether its master is named beside it."""

    references: tuple[Reference, ...]
    house: bool


class Manifest(NamedTuple):
    """What M10 says; ``kind`` is element 256, ``known`` whether there was an M10."""

    carrier: str = ""
    kind: str = ""
    vessel: Transport | None = None
    references: tuple[Reference, ...] = ()
    known: bool = False

    @classmethod
    def read(cls, given: list[str]) -> Manifest:
        """M10: carrier, mode, country, vessel code, vessel, voyage, number, quantity, kind, what the code is."""
        mode = codes.MODES.get(given[2].strip().upper())
        vessel = parts.vessel(given[4], given[10], given[5], given[6], mode)
        number = given[7].strip()[: parts.NUMBER_LENGTH]
        return cls(
            carrier=given[1].strip()[: parts.CODE_LENGTH],
            kind=given[9].strip().upper(),
            vessel=vessel or (Transport(mode) if mode else None),
            references=(Reference("manifest", number),) if number else (),
            known=True,
        )


def bill_of(number: str, issuer: str, master: str, master_issuer: str) -> Bill:
    """The bill with that number and issuer; if ``master`` is given, it is a house bill under that."""
    own, above = _numbers(number, issuer), _numbers(master, master_issuer)
    house = bool(above)
    kind = "house_bill" if house else "master_bill"
    references = [Reference(kind, value) for value in own]
    references += [Reference("master_bill", value) for value in above]
    return Bill(tuple(references), house)


def numbered(given: list[str]) -> Bill | None:
    """The bill of an M11, M13 or M14; ``None`` for another segment."""
    if given[0] == "M11":
        return bill_of(given[1], given[12], given[11], given[13])
    if given[0] == "M13":
        return bill_of(given[4], given[9] or given[1], given[8], given[10])
    if given[0] == "M14":
        return bill_of(given[1], given[7], given[6], given[8])
    return None


def _numbers(number: str, issuer: str) -> list[str]:
    number, issuer = number.strip()[: parts.NUMBER_LENGTH], issuer.strip().upper()[: parts.CODE_LENGTH]
    if not number:
        return []
    if not issuer or number.upper().startswith(issuer):
        return [number]
    return [f"{issuer}{number}", number]
