"""Numbers that check: containers, vessels, air waybills, declarations and bills.

``Numbers`` deals them out in an order fixed by the seed and never twice. They depend on the seed and not
on the clock, so the same seed names the same cargo tomorrow.
"""

from __future__ import annotations

import random

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# From 10 on, without the multiples of 11.
_LETTER_VALUES = dict(zip(_ALPHABET, (value for value in range(10, 39) if value % 11), strict=True))


def container_number(owner: str, serial: int) -> str:
    """``owner`` is four letters ending in U, ``serial`` below 1,000,000; ISO 6346:2022, section 4.2 and annex A."""
    text = f"{owner}{serial:06d}"
    total = sum((_LETTER_VALUES.get(char) or int(char)) << place for place, char in enumerate(text))
    return f"{text}{total % 11 % 10}"


def imo_number(base: int) -> str:
    """Six digits and the check digit of the IMO ship identification number scheme (resolution A.1117(30))."""
    digits = f"{base:06d}"
    return f"{digits}{sum(int(digit) * weight for digit, weight in zip(digits, range(7, 1, -1), strict=True)) % 10}"


def air_waybill(prefix: str, serial: int) -> str:
    """Eleven digits: airline prefix, seven digits, remainder by seven (IATA Resolution 600a)."""
    return f"{prefix}{serial:07d}{serial % 7}"


class Numbers:
    """Deals out numbers. Each kind walks its range in steps that share no factor with it: nothing comes twice."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"{seed}/numbers")
        self._start = {kind: rng.randrange(1_000_000) for kind in _STEPS}
        self._dealt = dict.fromkeys(_STEPS, 0)

    def next(self, kind: str) -> int:
        """The next serial of that kind, 0 to 999,999."""
        count = self._dealt[kind]
        self._dealt[kind] = count + 1
        return (self._start[kind] + count * _STEPS[kind]) % 1_000_000

    def container(self, owner: str) -> str:
        """A container of that owner."""
        return container_number(owner, self.next("container"))

    def booking(self, scac: str) -> str:
        """A carrier's booking reference."""
        return f"{scac[:3]}{self.next('booking'):06d}{self._dealt['booking'] % 10}"

    def master_bill(self, scac: str, port: str) -> str:
        """A carrier's bill: SCAC, loading port, seven digits."""
        return f"{scac}{port[2:]}{self.next('master'):06d}{self._dealt['master'] % 10}"

    def house_bill(self, forwarder: str, port: str) -> str:
        """A forwarder's bill: its code, loading port, six digits."""
        return f"{forwarder}{port[2:]}{self.next('house'):06d}"

    def air_waybill(self, prefix: str) -> str:
        """A master air waybill."""
        return air_waybill(prefix, 1_000_000 + self.next("waybill"))

    def parcel(self) -> str:
        """An express parcel's house waybill: twelve digits."""
        return f"6810{self.next('parcel'):06d}{self._dealt['parcel'] % 90 + 10}"

    def manifest_serial(self, air: bool) -> str:
        """The middle of a manifest number: four characters at sea, six by air."""
        serial = self.next("manifest")
        return f"{serial:06d}" if air else f"{'ABCDEFGHJK'[serial % 10]}{serial // 10 % 1000:03d}"

    def declaration(self, broker: str, year: int) -> str:
        """An import declaration: broker's five digits, year, six digits, M."""
        return f"{broker}{year:02d}{self.next('declaration'):06d}M"

    def export_declaration(self, broker: str, year: int) -> str:
        """An export declaration: the same with X."""
        return f"{broker}{year:02d}{self.next('export'):06d}X"


_STEPS = {
    "container": 7919,
    "booking": 6367,
    "master": 5003,
    "house": 4099,
    "waybill": 8191,
    "parcel": 3331,
    "manifest": 2741,
    "declaration": 9973,
    "export": 7103,
}
