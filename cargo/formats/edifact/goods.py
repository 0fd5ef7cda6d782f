"""How much a status or a box speaks of: packages and weight from GID, CNT, QTY and MEA.

Source: UN/EDIFACT code lists 6069 (CNT), 6063 (QTY), 6313 (MEA). Only the weight of goods counts: that of a box with
its tare (EGW, VGM, AET) is not how much cargo there is.
"""

from __future__ import annotations

from cargo.domain.event import Quantity
from cargo.formats.edifact.values import components, kilograms, number

_PACKAGES = frozenset({"8", "11"})
_WEIGHTS = frozenset({"7"})
_GOODS_WEIGHTS = frozenset({"AAB", "AAD", "G", "AAL", "ACE"})
_WEIGHT_KINDS = frozenset({"AAE", "AAI", "AAX", "WT"})
_UNIT_LENGTH = 10
_MOST = 10**9


class Goods:
    """Packages and weight as they are found; sums of the goods items, unless a total is given."""

    __slots__ = ("packages", "total", "total_weight", "unit", "weight")

    def __init__(self) -> None:
        self.packages: float | None = None
        self.weight: float | None = None
        self.total: float | None = None
        self.total_weight: float | None = None
        self.unit: str | None = None

    def read(self, segment: str) -> None:
        """A GID, CNT, QTY or MEA segment."""
        tag = segment[:3]
        if tag == "GID":
            count, unit = (components(segment, 2) + [""])[:2]
            found = number(count)
            if found is not None:
                self.packages = (self.packages or 0) + found
                self.unit = self.unit or unit[:_UNIT_LENGTH] or None
        elif tag == "MEA":
            kind, measured = components(segment, 1)[0], components(segment, 2)[0]
            found = kilograms(segment, 3) if kind in _WEIGHT_KINDS and measured in _GOODS_WEIGHTS else None
            if found is not None:
                self.weight = round((self.weight or 0) + found, 3)
        else:
            what, count, unit = (components(segment, 1) + ["", ""])[:3]
            found = number(count)
            if found is None:
                return
            if what in _PACKAGES:
                self.total = found
                self.unit = self.unit or unit[:_UNIT_LENGTH] or None
            elif what in _WEIGHTS and unit in ("", "KGM", "TNE"):
                self.total_weight = found * 1000 if unit == "TNE" else found

    def quantity(self) -> Quantity | None:
        """What was found, ``None`` if nothing was."""
        packages = self.total if self.total is not None else self.packages
        weight = self.total_weight if self.total_weight is not None else self.weight
        if packages is None and weight is None:
            return None
        count = int(packages) if packages is not None and packages < _MOST else None
        return Quantity(count, self.unit if count is not None else None, weight)
