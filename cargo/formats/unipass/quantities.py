"""Packages and weights as UNI-PASS writes them."""

from __future__ import annotations

import math
from functools import lru_cache

from cargo.domain.event import Quantity

_KILOGRAMS = {"KG": 1.0, "KGM": 1.0, "G": 0.001, "GRM": 0.001, "T": 1000.0, "TON": 1000.0, "TNE": 1000.0, "MT": 1000.0}
_LIMIT = 1e12
_TOO_LONG = 40


def quantity(
    packages: str | None, unit: str | None, weight: str | None, weight_unit: str | None
) -> tuple[Quantity | None, tuple[str, ...]]:
    """The quantity and warnings. Nothing, or 0 packages without a weight, is no quantity."""
    return _quantity(
        (packages or "")[:_TOO_LONG], (unit or "")[:10], (weight or "")[:_TOO_LONG], (weight_unit or "")[:10]
    )


# A cargo's steps repeat its quantities.
@lru_cache(maxsize=4096)
def _quantity(packages: str, unit: str, weight: str, weight_unit: str) -> tuple[Quantity | None, tuple[str, ...]]:
    warnings: list[str] = []
    count = _number(packages, "packages", warnings)
    mass = _number(weight, "weight", warnings)
    factor = _KILOGRAMS.get((weight_unit or "KG").upper())
    if mass is not None and factor is None:
        warnings.append(f"weight_unit: {weight_unit} is not known")
        mass = None
    if not count and not mass:
        return None, tuple(warnings)
    amount = Quantity(
        packages=int(count) if count is not None else None,
        package_unit=unit or None,
        weight_kg=round(mass * (factor or 1.0), 3) if mass is not None else None,
    )
    return amount, tuple(warnings)


def _number(text: str, name: str, warnings: list[str]) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "")) if text.isascii() and len(text) < _TOO_LONG else math.nan
    except ValueError:
        value = math.nan
    if not 0 <= value < _LIMIT:
        warnings.append(f"{name}: {text[:20]!r} is not a number")
        return None
    return value
