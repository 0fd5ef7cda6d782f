"""Empirical distributions with back-off: the same client and port, then port and mode, then mode, then everything.

A ladder is a list of levels, each naming a few more dimensions than the one before. Every group of a level keeps the
weighted shares of its own values in fixed bins, shrunk towards its parent: ``(n * own + k * parent) / (n + k)`` with
``n`` the group's weight and ``k`` the strength (a Dirichlet prior centred on the parent). So a group that was
never seen is its parent, and one that was seen a thousand times is itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Axis:
    """Equal bins between two positions of a monotone scale; what lies outside counts in the outermost bin."""

    lowest: float
    highest: float
    bins: int

    @property
    def width(self) -> float:
        """The width of one bin."""
        return (self.highest - self.lowest) / self.bins

    def bin_of(self, positions: Floats) -> Codes:
        """The bin of each position."""
        found = np.floor((positions - self.lowest) / self.width).astype(np.int64)
        return np.clip(found, 0, self.bins - 1)


class Ladder:
    """The distributions of one list of levels. ``levels``: for each level the columns it adds to the one before."""

    def __init__(self, axis: Axis, levels: Sequence[Sequence[int]], strength: float) -> None:
        self.axis = axis
        self._levels = levels
        self._strength = strength
        self._keys: list[Codes] = []
        self._shares: list[Floats] = []

    def learn(self, codes: Codes, positions: Floats, weights: Floats) -> None:
        """Learn from values at ``positions`` of the axis. ``codes``: one row a value, one column a dimension, >= 0."""
        bins = self.axis.bins
        at = self.axis.bin_of(positions)
        # The root is shrunk towards one value spread over all bins, so that no bin is ever impossible.
        own = np.bincount(at, weights, bins) + 1.0 / bins
        parents = (own / own.sum())[None, :]
        parent_of = np.zeros(len(at), dtype=np.int64)
        self._keys, self._shares = [], [parents]
        for columns in self._levels:
            keys, group = np.unique(_key(parent_of, codes, columns), return_inverse=True)
            counts = np.bincount(group * bins + at, weights, len(keys) * bins).reshape(len(keys), bins)
            first = np.zeros(len(keys), dtype=np.int64)
            first[group] = parent_of
            total = counts.sum(axis=1, keepdims=True)
            shares = (counts + self._strength * parents[first]) / (total + self._strength)
            self._keys.append(keys)
            self._shares.append(shares)
            parents, parent_of = shares, group.astype(np.int64)

    def shares(self, codes: Codes) -> Floats:
        """The shares of the bins for each row, by the deepest group that was seen. Rows sum to 1."""
        group = np.zeros(len(codes), dtype=np.int64)
        found = np.repeat(self._shares[0], len(codes), axis=0)
        alive = np.arange(len(codes))
        for columns, keys, shares in zip(self._levels, self._keys, self._shares[1:], strict=True):
            wanted = _key(group, codes[alive], columns)
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            seen = keys[place] == wanted
            alive, group = alive[seen], place[seen]
            found[alive] = shares[group]
        return found


def quantiles(axis: Axis, shares: Floats, beyond: Floats, levels: Floats) -> Floats:
    """Positions below which the shares ``levels`` of what lies beyond ``beyond`` lie: one row a row, rising.

    ``beyond``: positions already passed (minus infinity: none), so only what lies beyond them counts.
    ``levels``: between 0 and 1, for all rows, or for each its own.
    """
    rows, bins = shares.shape
    reached = np.concatenate([np.zeros((rows, 1)), np.cumsum(shares, axis=1)], axis=1)
    reached /= reached[:, -1:]
    place = np.clip((beyond - axis.lowest) / axis.width, 0.0, float(bins))
    whole = np.minimum(place.astype(np.int64), bins - 1)
    row = np.arange(rows)
    below = reached[row, whole]
    passed = below + (place - whole) * (reached[row, whole + 1] - below)
    wanted = passed[:, None] + np.broadcast_to(levels, (rows, np.shape(levels)[-1])) * (1 - passed)[:, None]
    # One search for all rows: each row's shares are lifted by its number, so that the rows follow each other.
    lifted = (reached[:, 1:] + row[:, None]).ravel()
    at = np.searchsorted(lifted, (wanted + row[:, None]).ravel()).reshape(wanted.shape) - row[:, None] * bins
    at = np.clip(at, 0, bins - 1)
    start, end = np.take_along_axis(reached, at, axis=1), np.take_along_axis(reached, at + 1, axis=1)
    inside = np.clip((wanted - start) / np.maximum(end - start, 1e-12), 0.0, 1.0)
    found = axis.lowest + (at + inside) * axis.width
    return np.maximum.accumulate(np.maximum(found, np.minimum(beyond, axis.highest)[:, None]), axis=1)


def _key(group: Codes, codes: Codes, columns: Sequence[int]) -> Codes:
    key = group
    for column in columns:
        # A dimension holds fewer than 2**20 names, a level adds at most two, and there are fewer than 2**22 groups.
        key = key * 1_048_576 + codes[:, column]
    return key
