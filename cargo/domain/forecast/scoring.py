"""How good a forecast was: pinball loss and coverage. Both are averages over forecasts whose outcome is known."""

from __future__ import annotations

import numpy as np

from cargo.domain.forecast.backoff import Floats

# The quantiles that are told, and the share of outcomes that the range between the outer two should hold.
LEVELS = (0.1, 0.5, 0.9)


def pinball(told: Floats, happened: Floats) -> Floats:
    """The mean pinball loss of each of ``LEVELS``, in the unit of ``happened`` (Koenker and Bassett, 1978).

    ``told``: one row a forecast, one column a level. Less is better; only the true quantiles make it least.
    """
    short = happened[:, None] - told
    levels = np.array(LEVELS)
    return np.asarray(np.maximum(levels * short, (levels - 1) * short).mean(axis=0))


def coverage(told: Floats, happened: Floats) -> float:
    """The share of outcomes that lie between the first and the last level, both included."""
    return float(((told[:, 0] <= happened) & (happened <= told[:, -1])).mean())
