"""Whose rules apply: the regimes of all authorities in one table."""

from __future__ import annotations

from cargo.domain.customs import asycuda, eu, gb, generic, us
from cargo.domain.customs.regime import DEFAULT, Regime

REGIMES: dict[str, Regime] = {
    regime.authority: regime for regime in (*us.REGIMES, *gb.REGIMES, *eu.REGIMES, *asycuda.REGIMES, *generic.REGIMES)
}


def regime_of(authority: str) -> Regime:
    """The rules of an authority; the default of one that has none of its own."""
    return REGIMES.get(authority, DEFAULT)
