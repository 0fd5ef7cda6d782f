"""Packages and weights as UNI-PASS writes them."""

from __future__ import annotations

import math

from cargo.domain.event import Quantity

_KILOGRAMS = {"KG": 1.0, "KGM": 1.0, "G": 0.001, "GRM": 0.001, "T": 1000.0, "TON": 1000.0, "TNE": 1000.0, "MT": 1000.0}
_LIMIT = 1e12


def quantity(
    packages: str | None, unit: str | None, weight: str | None, weight_unit: str | None
) -> tuple[Quantity | None, list[str]]:
    """The quantity and warnings. Nothing, or 0 packages without a weight, is no quantity."""
    warnings: list[str] = []
    count = _number(packages, "packages", warnings)
    mass = _number(weight, "weight", warnings)
    factor = _KILOGRAMS.get((weight_unit or "KG").upper())
    if mass is not None and factor is None:
        warnings.append(f"weight_unit: {(weight_unit or '')[:10]} is not known")
        mass = None
    if not count and not mass:
        return None, warnings
    return (
        Quantity(
            packages=int(count) if count is not None else None,
            package_unit=(unit or "")[:10] or None,
            weight_kg=round(mass * (factor or 1.0), 3) if mass is not None else None,
        ),
        warnings,
    )


def _number(text: str | None, name: str, warnings: list[str]) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "")) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not 0 <= value < _LIMIT:
        warnings.append(f"{name}: {text[:20]!r} is not a number")
        return None
    return value
